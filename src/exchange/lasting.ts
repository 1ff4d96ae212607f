/**
 * How long addresses stay in a list, for programs that keep a lifetime for each.
 */

import type { EntryTable } from '../list/table.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';
import { decideRuns, type FamilyRuns, outranks, type Runs } from '../space/runs.ts';

/** Whether some entry begins, or ends, after the instant of its list. */
export function hasLater(table: EntryTable, name: 'from' | 'until'): boolean {
  const { instant } = table;
  if (instant === undefined) return false;
  for (let index = 0; index < table.size; index++) {
    if ((table.times(index)?.[name] ?? Number.NaN) > instant) return true;
  }
  return false;
}

/**
 * Where which entry decides how long: exemptions, then the entry that ends last, then the most specific one. Labels are
 * those of a policy: entries numbered from 1, the exemptions first.
 */
export function lastingRunsOf(active: EntryTable, exempt: EntryTable): FamilyRuns {
  const intervals = new ListIntervals();
  const ends = new Float64Array(exempt.size + active.size).fill(Number.POSITIVE_INFINITY);
  let owner = 0;
  const add = (isPartOfName: boolean): void => intervals.add(owner, isPartOfName);
  for (let index = 0; index < exempt.size; index++, owner++) exempt.read(index, add);
  for (let index = 0; index < active.size; index++, owner++) {
    const until = active.times(index)?.until ?? Number.NaN;
    if (!Number.isNaN(until)) ends[owner] = until;
    active.read(index, add);
  }
  const [ipv4, ipv6] = intervals.sort().map((family) => decide(family, exempt.size, ends)) as [Runs, Runs];
  return { ipv4, ipv6 };
}

function decide(intervals: Intervals, exemptions: number, ends: Float64Array): Runs {
  const { owners } = intervals;
  const endOf = (at: number): number => ends[owners[at] as number] as number;
  const ranking = (left: number, right: number): boolean => {
    const isExempt = (owners[left] as number) < exemptions;
    if (isExempt !== (owners[right] as number) < exemptions) return isExempt;
    const [one, other] = [endOf(left), endOf(right)];
    return one === other ? outranks(intervals, exemptions, left, right) : one > other;
  };
  return decideRuns(intervals, ranking, (entry) => entry + 1);
}
