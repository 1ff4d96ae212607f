/**
 * Entries that have ended at the instant for which a list is linted, and those that have not begun.
 */

import type { EntryTable } from '../list/table.ts';
import { lastsFrom, mayCount, type Times } from '../list/times.ts';
import type { Intervals } from '../space/intervals.ts';
import { filter } from '../space/pick.ts';
import { type PlannedList, removalOf } from './fixes.ts';
import type { Report } from './rules.ts';

/** Finds entries that have ended at an instant, or have not begun, and returns those that have ended. */
export function checkTimes(
  table: EntryTable,
  at: number | undefined,
  canEdit: boolean,
  isOfRule: boolean,
  report: Report,
): (entry: number) => boolean {
  const ended = new Set<number>();
  if (at === undefined) return () => false;
  const print = (time: number): string => new Date(time).toISOString();
  for (let entry = 0; entry < table.size; entry++) {
    const { from, until } = table.times(entry) ?? NEVER;
    if (at >= until) ended.add(entry);
    if (at < from) report('not-yet', entry, `does not count before ${print(from)}`);
  }
  // When all have ended, the last one stays: an allow list without entries would let everyone in. A rule would not, but no
  // fix empties a list.
  const keeper = ended.size === table.size ? table.size - 1 : -1;
  for (const entry of ended) {
    const since = `has not counted since ${print((table.times(entry) as Times).until)}`;
    if (entry === keeper) {
      const advice = isOfRule
        ? 'so has the whole list: remove the rule, or add an entry'
        : 'keep this line or add another first, as without entries the list means the opposite';
      report('expired', entry, `${since}: ${advice}`);
    } else
      report('expired', entry, `${since}: remove this line`, canEdit ? removalOf(table, entry) : undefined);
  }
  return (entry) => ended.has(entry);
}

const NEVER = { from: Number.NaN, until: Number.NaN };

/** A list without some entries, which are as comments for rules that look at all entries together. */
export function withoutEntries(planned: PlannedList, isLeftOut: (entry: number) => boolean): PlannedList {
  const [ipv4, ipv6] = planned.families;
  const leave = (intervals: Intervals): Intervals =>
    filter(intervals, (at) => !isLeftOut(intervals.owners[at] as number));
  return { ...planned, families: [leave(ipv4), leave(ipv6)] };
}

/** Whether what a rule covers changes as time passes. */
export function isChanging(
  { table, except }: { readonly table: EntryTable; readonly except: EntryTable | undefined },
  at: number | undefined,
): boolean {
  return hasChanging(table, at) || (except !== undefined && hasChanging(except, at));
}

/** Whether an entry of a list begins or ends later. */
export function hasChanging(table: EntryTable, at: number | undefined): boolean {
  return someTimes(table, (times) => mayCount(at, times) && !lastsFrom(at, times));
}

/** Whether all entries of a list have ended. */
export function hasEnded(table: EntryTable, at: number | undefined): boolean {
  return !someTimes(table, (times) => mayCount(at, times));
}

function someTimes(table: EntryTable, test: (times: Times | undefined) => boolean): boolean {
  for (let entry = 0; entry < table.size; entry++) if (test(table.times(entry))) return true;
  return false;
}
