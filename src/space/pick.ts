/**
 * Some of many intervals.
 */

import { type Intervals, pickRows } from './intervals.ts';

/** The intervals for which a test holds, in the same order. */
export function filter(intervals: Intervals, isPicked: (at: number) => boolean): Intervals {
  const positions: number[] = [];
  for (let at = 0; at < intervals.count; at++) if (isPicked(at)) positions.push(at);
  return positions.length === intervals.count ? intervals : pick(intervals, positions);
}

/** The intervals at some positions. They must ascend; only equal intervals may change places. */
export function pick(intervals: Intervals, positions: readonly number[]): Intervals {
  const { width, firsts, lasts, owners, lengths } = intervals;
  return {
    ...intervals,
    count: positions.length,
    firsts: pickRows(firsts, positions, width),
    lasts: pickRows(lasts, positions, width),
    owners: pickRows(owners, positions, 1),
    lengths: pickRows(lengths, positions, 1),
  };
}
