/**
 * What a change of policy does, prefix by prefix.
 */

import { clientWords } from '../address/address.ts';
import { compareWords } from '../address/words.ts';
import type { Verdict } from '../policy/decision.ts';
import type { AddressSet } from '../set/address-set.ts';
import type { AddressChange } from './addresses.ts';

/** A prefix whose verdict changes, and its new verdict. */
export interface ChangedPrefix {
  readonly prefix: string;
  readonly verdict: Verdict;
}

/** The prefixes of both sets in one order, IPv4 before IPv6. No address is in both. */
export function* inAddressOrder({ allowed, denied }: AddressChange): Generator<ChangedPrefix> {
  const [left, right] = [new Ascending('allow', allowed), new Ascending('deny', denied)];
  for (;;) {
    const next = left.isBefore(right) ? left : right;
    const found = next.take();
    if (found === undefined) return;
    yield found;
  }
}

/** The prefixes of one set, the first of which is compared with that of the other. */
class Ascending {
  readonly #verdict: Verdict;
  readonly #prefixes: readonly string[];
  #at = 0;
  /** The first address of the next prefix; `undefined` when there is none. */
  #words: Int32Array | undefined;

  constructor(verdict: Verdict, { prefixes }: AddressSet) {
    this.#verdict = verdict;
    this.#prefixes = prefixes;
    this.#read();
  }

  #read(): void {
    const prefix = this.#prefixes[this.#at];
    const slash = prefix?.indexOf('/') ?? -1;
    this.#words = clientWords(slash < 0 ? prefix : prefix?.slice(0, slash));
  }

  /** Whether its next prefix comes before that of the other, which may have no more. */
  isBefore(other: Ascending): boolean {
    const [words, others] = [this.#words, other.#words];
    if (words === undefined || others === undefined) return words !== undefined;
    const width = words.length;
    return width === others.length ? compareWords(words, others, width) < 0 : width < others.length;
  }

  take(): ChangedPrefix | undefined {
    const prefix = this.#prefixes[this.#at++];
    this.#read();
    return prefix === undefined ? undefined : { prefix, verdict: this.#verdict };
  }
}
