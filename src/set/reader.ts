/**
 * Entries as one set of clients.
 */

import { readList } from '../list/reader.ts';
import { changeProblem, ListError, type Problem } from '../problem/errors.ts';
import { ListIntervals } from '../space/intervals.ts';
import type { FamilyRuns } from '../space/runs.ts';
import { setOf } from '../space/set.ts';

/**
 * Reads the entries of a source as one set.
 *
 * @param excess - what to say about too many entries, where no option is there to be raised
 * @throws ListError with a problem for every bad line. The list has no name here, so their source is `entries`.
 */
export function readSet(source: unknown, maxEntries: number, excess?: string): FamilyRuns {
  const intervals = new ListIntervals();
  const { errors, cause } = readList(source, { list: 'except', maxEntries, intervals });
  if (errors.length === 0) return setOf(intervals.sort());
  const toOwn = (problem: Problem): Problem => {
    const message = problem.code === 'too-many-entries' ? (excess ?? problem.message) : problem.message;
    return changeProblem(problem, { source: 'entries', message });
  };
  throw new ListError(errors.map(toOwn), { cause });
}
