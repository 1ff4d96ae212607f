/**
 * Runs of addresses cut into the fewest prefixes.
 */

import { span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import {
  bitsOf,
  compareWords,
  formatWords,
  increment,
  lastOf,
  NOT_A_PREFIX,
  trailingZeros,
} from '../address/words.ts';
import type { Runs } from './runs.ts';

/** What a prefix of a set is handed over as; the words are reused. */
export type PrefixVisitor = (family: Family, words: Int32Array, length: number) => void;

/**
 * Hands over the fewest prefixes of a set, in ascending order. Uses `span`.
 * @internal
 */
export function eachPrefixOf(family: Family, { count, starts, labels }: Runs, visit: PrefixVisitor): void {
  const width = wordsOf(family);
  const onPrefix = (words: Int32Array, length: number): void => visit(family, words, length);
  for (let run = 0; run < count; run++) {
    if (labels[run] === 0) continue;
    span.family = family;
    // A range, whatever it turns out to be: cutting finds out.
    span.length = -1;
    for (let word = 0; word < width; word++) span.first[word] = starts[run * width + word] as number;
    if (run + 1 === count) span.last.fill(-1);
    else setBefore(span.last, starts, (run + 1) * width, width);
    eachPrefix(onPrefix);
  }
}

/** Writes the address before another one, which is not the first of all. */
function setBefore(out: Int32Array, words: Int32Array, at: number, width: number): void {
  let borrow = 1;
  for (let word = width - 1; word >= 0; word--) {
    const value = words[at + word] as number;
    out[word] = (value - borrow) | 0;
    if (value !== 0) borrow = 0;
  }
}

/**
 * Writes a prefix as an entry is written: a single address is bare.
 * @internal
 */
export function formatNetwork(family: Family, words: Int32Array, length: number): string {
  const text = formatWords(family, words);
  return length === bitsOf(family) ? text : `${text}/${length}`;
}

/**
 * Splits `span` into the fewest prefixes, in ascending order. Each is handed to `visit` in words that are reused.
 * @internal
 */
export function eachPrefix(visit: (words: Int32Array, length: number) => void): void {
  const { family, length, first, last } = span;
  if (length !== NOT_A_PREFIX) {
    visit(first, length);
    return;
  }
  const count = wordsOf(family);
  const words = first.slice();
  const end = last.slice();
  const stop = new Int32Array(4);
  for (;;) {
    // The widest prefix that starts here: no wider than the trailing zeros allow, and not beyond the end.
    let size = bitsOf(family) - trailingZeros(words, count);
    lastOf(words, size, count, stop);
    while (compareWords(stop, end, count) > 0) lastOf(words, ++size, count, stop);
    visit(words, size);
    if (compareWords(stop, end, count) === 0) return;
    increment(stop, count);
    words.set(stop);
  }
}
