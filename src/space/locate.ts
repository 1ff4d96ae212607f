/**
 * The one binary search: where something lies among things in order.
 */

import { compareAt, type Words } from '../address/words.ts';

/**
 * Index of the last of `count` things that comes before a place, or −1 when none does.
 *
 * @param isBefore - whether the thing at an index comes before the place: if it does, so do all that precede it
 */
export function locate(count: number, isBefore: (index: number) => boolean): number {
  let before = -1;
  for (let after = count; after - before > 1; ) {
    const middle = (before + after) >>> 1;
    if (isBefore(middle)) before = middle;
    else after = middle;
  }
  return before;
}

/**
 * Index of the last start at or before an address, or −1 when all starts come after it. Of equal starts it is the last.
 *
 * @param starts - addresses in ascending order, `width` words each
 * @param count - number of starts
 * @param words - addresses of `width` words each
 * @param at - index of the address in `words`
 */
export function lastAtOrBefore(
  starts: Int32Array,
  count: number,
  words: Words,
  at: number,
  width: number,
): number {
  return locate(count, (index) => compareAt(starts, index, words, at, width) <= 0);
}
