/**
 * Who covers whom in a list whose entries begin and end: an entry is covered only by one that counts whenever it does.
 */

import { compareAt } from '../address/words.ts';
import { keyOfTimes, lastsAsLong, type Times } from '../list/times.ts';
import { findCoverers } from '../space/coverage.ts';
import type { Intervals } from '../space/intervals.ts';
import { locate } from '../space/locate.ts';
import { pick } from '../space/pick.ts';

/** The times of entries by number; 0 is none. */
interface Durations {
  readonly numbers: Int32Array;
  readonly times: readonly (Times | undefined)[];
}

/** Numbers the times of entries: equal ones have equal numbers. */
export function numberTimes(size: number, timesOf: (entry: number) => Times | undefined): Durations {
  const known = new Map([[keyOfTimes(undefined), 0]]);
  const times: (Times | undefined)[] = [undefined];
  const numbers = Int32Array.from({ length: size }, (_, entry) => {
    const own = timesOf(entry);
    const key = keyOfTimes(own);
    const number = known.get(key) ?? times.push(own) - 1;
    known.set(key, number);
    return number;
  });
  return { numbers, times };
}

/** With more comparisons, entries are compared only with those of their own times and those without any. */
const MOST_COMPARISONS = 20_000_000;

/** As `findCoverers`, for entries with times. */
export function findTimedCoverers(intervals: Intervals, { numbers, times }: Durations): Int32Array {
  if (times.length === 1) return findCoverers(intervals);
  const { width, count, owners, firsts, lasts } = intervals;
  const byNumber: number[][] = times.map(() => []);
  for (let at = 0; at < count; at++) byNumber[numbers[owners[at] as number] as number]?.push(at);
  const coverers = new Int32Array(count).fill(-1);
  // Of each number the outer ones, whose first and last addresses both ascend.
  const outer = byNumber.map((own) => {
    const found = findCoverers(pick(intervals, own));
    found.forEach((coverer, at) => {
      if (coverer >= 0) coverers[own[at] as number] = own[coverer] as number;
    });
    return own.filter((_, at) => found[at] === -1);
  });
  // Only those that a family has: with none of a family, there is nothing to compare in it.
  const present = [...outer.keys()].filter((number) => (outer[number] as readonly number[]).length > 0);
  const compared = count * present.length > MOST_COMPARISONS ? [0] : present;
  for (const number of present) {
    const own = outer[number] as readonly number[];
    const longer = compared
      .filter((other) => other !== number && lastsAsLong(times[other], times[number]))
      .map((other) => outer[other] as readonly number[]);
    for (const at of own) {
      for (const others of longer) {
        const index = locate(others.length, (one) => {
          return compareAt(firsts, others[one] as number, firsts, at, width) <= 0;
        });
        const other = others.at(index) as number;
        if (index >= 0 && compareAt(lasts, other, lasts, at, width) >= 0) coverers[at] = other;
      }
    }
  }
  // What covers may be covered itself, by one that lasts longer.
  return coverers.map((coverer) => {
    let outermost = coverer;
    while (outermost >= 0 && coverers[outermost] !== -1) outermost = coverers[outermost] as number;
    return outermost;
  });
}

/**
 * For each entry, the first one with its canonical text and its times, or −1.
 *
 * @param firstOfSame - the first ones with the same canonical text
 */
export function heedTimes(firstOfSame: Int32Array, { numbers }: Durations): Int32Array {
  const others = new Map<string, number>();
  return firstOfSame.map((first, entry) => {
    if (first < 0 || numbers[first] === numbers[entry]) return first;
    const key = `${first} ${numbers[entry]}`;
    const other = others.get(key) ?? -1;
    if (other < 0) others.set(key, entry);
    return other;
  });
}
