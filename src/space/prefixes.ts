/**
 * Walks runs of addresses, and cuts them into the fewest prefixes.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { compareWords, decrement, increment, lastOf, trailingZeros, type Words } from '../address/words.ts';
import type { Runs } from './runs.ts';

/** Receives a prefix; the words are reused for the next one. */
type PrefixVisitor = (words: Int32Array, length: number) => void;

/**
 * Visits the fewest prefixes that hold the addresses from `first` to `last`, in ascending order; `last` is not below
 * `first`.
 */
export function eachPrefix(first: Words, last: Words, width: number, visit: PrefixVisitor): void {
  const start = new Int32Array(width);
  for (let word = 0; word < width; word++) start[word] = first[word] as number;
  const stop = new Int32Array(width);
  for (;;) {
    // The widest prefix that starts here: as wide as its trailing zeros allow, but not past the end.
    let length = width * 32 - trailingZeros(start, width);
    lastOf(start, length, width, stop);
    while (compareWords(stop, last, width) > 0) lastOf(start, ++length, width, stop);
    visit(start, length);
    if (compareWords(stop, last, width) === 0) return;
    start.set(stop);
    increment(start, width);
  }
}

/** Visits the first and last address of all runs except those labelled 0, in ascending order. */
export function eachRunOf(
  family: Family,
  { count, starts, labels }: Runs,
  visit: (first: Int32Array, last: Int32Array) => void,
): void {
  const width = wordsOf(family);
  for (let run = 0; run < count; run++) {
    if (labels[run] === 0) continue;
    const first = starts.slice(run * width, (run + 1) * width);
    const last = new Int32Array(width).fill(-1);
    if (run + 1 < count) {
      last.set(starts.subarray((run + 1) * width, (run + 2) * width));
      decrement(last, width);
    }
    visit(first, last);
  }
}

/** Visits the fewest prefixes of all runs except those labelled 0, in ascending order. */
export function eachPrefixOf(family: Family, runs: Runs, visit: PrefixVisitor): void {
  const width = wordsOf(family);
  eachRunOf(family, runs, (first, last) => eachPrefix(first, last, width, visit));
}
