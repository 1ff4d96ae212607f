/**
 * Pairs of an entry and a value, as others give them.
 */

import { formatPrefix } from '../address/prefix.ts';
import { messageOf } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';

/** The text and the value of a pair, or the sentence that says what is wrong with it. */
export function readPair(pair: unknown): readonly [text: string, value: unknown] | string {
  if (!Array.isArray(pair) || pair.length !== 2)
    return `an item is a pair of entry and value; this is ${describeType(pair)}`;
  const [entry, value] = pair;
  try {
    return [typeof entry === 'string' ? entry : formatPrefix(entry), value];
  } catch (cause) {
    const why = typeof entry === 'object' ? messageOf(cause) : describeType(entry);
    return `an entry is text or a prefix; this is neither: ${why}`;
  }
}
