/**
 * Times that a change is given beside entries. They are read as those of an item are, and written as on its line.
 */

import { timesIn } from '../list/lines.ts';
import type { EntryItem } from '../list/table.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { type GivenAddresses, readAddresses } from './given.ts';

/** Times as they are given, not yet checked. */
export interface UncheckedTimes {
  readonly from: unknown;
  readonly until: unknown;
}

/** Times that were given beside entries. */
interface GivenTimes {
  /** As they are written on a line; empty when none are given. */
  readonly times: string;
  readonly errors: readonly Problem[];
}

/** Reads times as those of an item are read. */
export function readGivenTimes({ from, until }: UncheckedTimes, source: string): GivenTimes {
  const { lines, errors } = readAddresses([{ address: '::', from, until } as EntryItem], 'deny', 1);
  const own = errors.map(({ code, message }) => problemOf(source, code, message));
  return { times: own.length > 0 ? '' : timesIn(lines[0] as string), errors: own };
}

/** The problems of given lines that have other times than those for all of them. */
export function findTimeConflicts(given: GivenAddresses, times: string): Problem[] {
  const message =
    'this address has times of its own: leave out the options from and until, or add the address separately';
  return given.entries
    .filter(({ line }) => ![times, ''].includes(timesIn(given.lines[line - 1] as string)))
    .map(({ line, text }) => problemOf({ source: 'addresses', line, text }, 'invalid-option', message));
}
