/**
 * Some of many intervals.
 */

import type { Intervals } from './intervals.ts';

/** The intervals for which a test holds, in the same order. */
export function filter(intervals: Intervals, isPicked: (at: number) => boolean): Intervals {
  const positions: number[] = [];
  for (let at = 0; at < intervals.count; at++) if (isPicked(at)) positions.push(at);
  return positions.length === intervals.count ? intervals : pick(intervals, positions);
}

/** The intervals at some positions. They must ascend; only equal intervals may change places. */
export function pick(intervals: Intervals, positions: readonly number[]): Intervals {
  const { width } = intervals;
  const pickFrom = (column: Int32Array, size: number): Int32Array => {
    const picked = new Int32Array(positions.length * size);
    positions.forEach((at, to) => {
      for (let word = 0; word < size; word++) picked[to * size + word] = column[at * size + word] as number;
    });
    return picked;
  };
  return {
    ...intervals,
    count: positions.length,
    firsts: pickFrom(intervals.firsts, width),
    lasts: pickFrom(intervals.lasts, width),
    owners: pickFrom(intervals.owners, 1),
    lengths: pickFrom(intervals.lengths, 1),
  };
}
