/**
 * HOT. Decisions about clients in bytes, for programs that go through logs: a line never becomes a string.
 */

import { type TextOf, textOfBytes } from '../address/bytes.ts';
import { findLabelOfBytes } from '../tree/bytes.ts';
import { findLabel, NO_ADDRESS } from '../tree/find.ts';
import type { Decision } from './decision.ts';
import { decideByLabel, listsOf, type Policy, type PolicyLists } from './policy.ts';

export { NO_ADDRESS };

/**
 * What a policy says, by labels. A label is the number of the entry that decides: 0 where none does, NO_ADDRESS where the
 * client is not an address; the exemptions come first. So a program that counts needs nothing but an array.
 */
export interface ByteDecider {
  /** Labels from 1 up to this one are exemptions. */
  readonly exemptions: number;
  /** Labels from 1 up to this one allow, those above it deny. */
  readonly allowing: number;
  /** The largest label that there can be. */
  readonly last: number;
  /** The label of the client in `bytes` from `start` to `end`. Never throws, and allocates nothing for IPv4. */
  readonly label: (bytes: Uint8Array, start: number, end: number) => number;
  /** The label of a client whose text was escaped, as JSON does it. */
  readonly labelOfText: (text: string) => number;
  /** What `decide` says about the clients of a label. Makes the object of the entry each time. */
  readonly decision: (label: number) => Decision;
}

/**
 * Asks a policy about clients in bytes. A live policy stands for the version of this moment.
 *
 * @param textOf - the fastest way of the runtime from bytes to a string; each byte is the code of a character
 * @returns undefined for anything that is not a policy
 */
export function decideBytesOf(policy: Policy, textOf: TextOf = textOfBytes): ByteDecider | undefined {
  const lists: PolicyLists | undefined = listsOf(policy);
  if (lists === undefined) return undefined;
  const { radix, allowing, exempt, active } = lists;
  return {
    exemptions: exempt.size,
    allowing,
    last: exempt.size + active.size,
    label: (bytes, start, end) => findLabelOfBytes(radix, bytes, start, end, textOf),
    labelOfText: (text) => findLabel(radix, text),
    decision: (label) => {
      if (label > 0) return decideByLabel(lists, label);
      return label === 0 ? lists.unlisted : policy.decide(undefined);
    },
  };
}
