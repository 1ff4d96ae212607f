/**
 * Which intervals have a rival: another one with another label that overlaps them and does not lie strictly inside.
 *
 * Of two entries that cover an address the smaller one decides. What lies strictly inside an interval is smaller, and
 * decides there whatever becomes of that interval. A rival may come to decide where the interval did, once that goes or
 * grows.
 */

import { compareAt } from '../address/words.ts';
import { mirror } from './coverage.ts';
import { areEqual, type Intervals } from './intervals.ts';

/**
 * Calls back for each entry an interval of which has a rival, perhaps more than once.
 *
 * @param labels - the label of each entry
 * @param isRival - whether an entry can be a rival at all
 */
export function eachRivalled(
  intervals: Intervals,
  labels: ArrayLike<number>,
  isRival: (owner: number) => boolean,
  visit: (owner: number) => void,
): void {
  eachRivalledAtFirst(intervals, labels, isRival, visit);
  // What overlaps an interval and is not inside it holds its first address or its last one. Only a range holds the last
  // one alone.
  if (intervals.lengths.includes(-1)) eachRivalledAtFirst(mirror(intervals), labels, isRival, visit);
}

/**
 * Calls back for those whose first address a rival holds. Of the possible rivals seen so far, two are enough: those that
 * reach farthest and have different labels.
 */
function eachRivalledAtFirst(
  intervals: Intervals,
  labels: ArrayLike<number>,
  isRival: (owner: number) => boolean,
  visit: (owner: number) => void,
): void {
  const { count, width, firsts, lasts, owners } = intervals;
  const labelOf = (at: number): number => labels[owners[at] as number] as number;
  const reachesBeyond = (left: number, right: number): boolean =>
    right < 0 || compareAt(lasts, left, lasts, right, width) > 0;
  let farthest = -1;
  let farthestOther = -1;
  const see = (at: number): void => {
    const isOther = farthest >= 0 && labelOf(farthest) !== labelOf(at);
    if (reachesBeyond(at, farthest)) {
      if (isOther) farthestOther = farthest;
      farthest = at;
    } else if (isOther && reachesBeyond(at, farthestOther)) {
      farthestOther = at;
    }
  };
  for (let start = 0, end = 0; start < count; start = end) {
    // Equal ones are seen together: whichever goes, another would come to decide.
    for (; end < count && areEqual(intervals, start, end); end++) {
      if (isRival(owners[end] as number)) see(end);
    }
    for (let at = start; at < end; at++) {
      const rival = farthest >= 0 && labelOf(farthest) === labelOf(at) ? farthestOther : farthest;
      if (rival >= 0 && compareAt(lasts, rival, firsts, at, width) >= 0) visit(owners[at] as number);
    }
  }
}
