/**
 * Longest-prefix match in general: from an address to the values of the entries that cover it.
 */

import { clientWords } from '../address/address.ts';
import { alone } from '../address/advice.ts';
import { readEntry } from '../address/entry.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import { type Prefix, tryNormalize } from '../address/prefix.ts';
import { ListError, type Problem, type ProblemCode, problemOf, problemOfFault } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { ListIntervals } from '../space/intervals.ts';
import { decideRuns } from '../space/runs.ts';
import { Stabbing } from '../space/stabbing.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import { readPair } from './pair.ts';

/** A covering entry of a {@link Matcher}, with its value. */
export interface Match<T> {
  /** Canonical text of the entry: a bare address, a prefix, a range or `@name`. */
  readonly prefix: string;
  /** The value given with the entry. */
  readonly value: T;
}

/** Longest-prefix match: from an address to the value of the most specific entry that covers it. */
export interface Matcher<T> {
  /** Number of different entries. */
  readonly size: number;
  /** Whether any entry covers the address. Allocates nothing. */
  has(ip: string | null | undefined): boolean;
  /** The most specific entry that covers the address, or `undefined`. */
  match(ip: string | null | undefined): Match<T> | undefined;
  /** All entries that cover the address, most specific first. */
  matchAll(ip: string | null | undefined): readonly Match<T>[];
}

/**
 * A matcher is an object of functions, like a policy. The tree finds the entry that decides, the intervals all that cover
 * an address.
 */
function assemble<T>(intervals: ListIntervals, keys: readonly string[], values: readonly T[]): Matcher<T> {
  const [ipv4, ipv6] = intervals.sort();
  const labelOf = (owner: number): number => owner + 1;
  const radix = buildRadix(decideRuns(ipv4, 0, labelOf), decideRuns(ipv6, 0, labelOf));
  const stabbing4 = new Stabbing(ipv4);
  const stabbing6 = new Stabbing(ipv6);
  const matchOf = (index: number): Match<T> => ({ prefix: keys[index] as string, value: values[index] as T });
  return Object.freeze({
    size: keys.length,
    has: (ip: string | null | undefined) => findLabel(radix, ip) > 0,
    match(ip: string | null | undefined) {
      const label = findLabel(radix, ip);
      return label > 0 ? matchOf(label - 1) : undefined;
    },
    matchAll(ip: string | null | undefined) {
      const words = clientWords(ip);
      if (words === undefined) return [];
      return (words.length === 1 ? stabbing4 : stabbing6).ownersAround(words).map(matchOf);
    },
  });
}

/**
 * Compiles entries with values for longest-prefix match. A value may be a country, an AS number, a tenant, anything.
 *
 * - Entries are addresses, prefixes, ranges and named networks as in a list, but without blanks and notes, or values
 *   from `parsePrefix`. Host bits are cleared; IPv4-mapped entries are IPv4.
 * - Clients are read as a policy reads them: an IPv4-mapped client is IPv4, and a zone is ignored. Text that is not an
 *   address matches nothing.
 * - If an entry is given more than once, the last value wins, as in `new Map`.
 *
 * @param entries - pairs of entry and value; read once
 * @returns an immutable matcher
 * @throws {@link ListError} with a problem for each bad entry; `line` is its position from 1, `source` is `entries`
 * @remarks Building is linear in the entries, apart from sorting. A match takes one scan of the text and at most 5
 *   steps for IPv4, 17 for IPv6, and allocates its result.
 * @example
 * ```ts
 * import { createMatcher } from 'ipverdict';
 *
 * const tenants = createMatcher([
 *   ['10.0.0.0/8', 'shared'],
 *   ['10.20.0.0/16', 'blue'],
 * ]);
 * tenants.match('10.20.30.40'); // { prefix: '10.20.0.0/16', value: 'blue' }
 * tenants.matchAll('::ffff:10.20.30.40').length; // 2
 * tenants.match('192.0.2.1'); // undefined
 * ```
 */
export function createMatcher<T>(entries: Iterable<readonly [entry: string | Prefix, value: T]>): Matcher<T> {
  const intervals = new ListIntervals();
  // Each canonical text once, with the last value given for it.
  const indexes = new Map<string, number>();
  const values: T[] = [];
  const problems: Problem[] = [];
  let line = 0;
  const complain = (code: ProblemCode, message: string, column?: number, text?: string): void => {
    problems.push(problemOf({ source: 'entries', line, column, text }, code, message));
  };
  const add = (text: string, value: T): void => {
    const canonical = tryNormalize(text);
    if (canonical === undefined) {
      const found = entryFaultOf(text, 0, text.length, alone);
      problems.push(problemOfFault(text, found, 'entries', line));
      return;
    }
    const known = indexes.get(canonical);
    const index = known ?? indexes.size;
    values[index] = value;
    if (known !== undefined) return;
    indexes.set(canonical, index);
    readEntry(text, 0, text.length, (isPartOfName) => intervals.add(index, isPartOfName));
  };
  let cause: unknown;
  try {
    for (const pair of entries) {
      line++;
      const read = readPair(pair);
      if (typeof read === 'string') complain('not-a-string', read);
      else add(...(read as [string, T]));
    }
  } catch (thrown) {
    cause = thrown;
    line++;
    complain('unreadable', `the entries could not be read any further: ${messageOf(cause)}`);
  }
  if (problems.length > 0) throw new ListError(problems, { cause });
  try {
    return assemble(intervals, [...indexes.keys()], values);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    complain('too-many-entries', 'the entries are too large for one tree');
    throw new ListError(problems, { cause: thrown });
  }
}
