/**
 * The networks of the proxies: a list like any other, which must not cover everything.
 */

import { readList } from '../list/reader.ts';
import { changeProblem, type Problem, problemOf } from '../problem/errors.ts';
import { optionProblem } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { Coverage } from '../space/coverage.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';

/** Far more prefixes than the largest cloud has. */
const MAX_TRUSTED = 100_000;

/** The intervals of both families, sorted. */
export type Families = readonly [ipv4: Intervals, ipv6: Intervals];

interface TrustedReading {
  /** `undefined` when there are errors. */
  readonly families: Families | undefined;
  readonly errors: readonly Problem[];
  readonly cause: unknown;
}

/** Reads the networks of the proxies. Every bad line is an error, and so is trust in every address. */
export function readTrusted(source: unknown): TrustedReading {
  if (typeof source === 'boolean' || typeof source === 'number') {
    const message = `trusted must be the list of your proxies' networks, not ${describeType(source)}: trust in everyone, or in a number of hops, cannot be checked`;
    return { families: undefined, errors: [optionProblem(message)], cause: undefined };
  }
  const why = 'trusting every address lets clients write their own: name the networks of your proxies';
  const intervals = new ListIntervals();
  const reading = readList(source, { list: 'exempt', maxEntries: MAX_TRUSTED, intervals, everyone: why });
  const { table, errors, warnings, cause } = reading;
  const found: Problem[] = errors.map((problem) => {
    const isLimit = problem.code === 'too-many-entries';
    const message = isLimit
      ? `trusted may have at most ${MAX_TRUSTED} entries: write wider networks`
      : problem.message;
    return changeProblem(problem, { source: 'trusted', message });
  });
  warnings.forEach((code, index) => {
    if (code !== 'covers-everything') return;
    found.push(problemOf({ ...table.place(index), source: 'trusted' }, code, why));
  });
  // Halves, or ranges that touch, can cover everything together.
  const families = intervals.sort();
  if (found.length === 0 && families.some((family) => new Coverage(family).isEverything)) {
    const message = `together these entries cover every address: ${why}`;
    found.push(problemOf('trusted', 'covers-everything', message));
  }
  return { families: found.length > 0 ? undefined : families, errors: found, cause };
}
