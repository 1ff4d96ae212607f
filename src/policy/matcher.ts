/**
 * From a client's text to the entries that cover it, and the general longest-prefix match with values.
 */

import { clientWords } from '../address/address.ts';
import { acceptEntry } from '../address/advice.ts';
import { readEntry } from '../address/entry.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import { formatPrefix, type Prefix, tryNormalize } from '../address/prefix.ts';
import { ListError, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import { ListIntervals } from '../space/intervals.ts';
import { decideRuns } from '../space/runs.ts';
import { Stabbing } from '../space/stabbing.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';

/** The entries of a matcher: the tree finds the one that decides, the intervals all that cover an address. */
class CoverTree {
  readonly #radix: Radix;
  readonly #ipv4: Stabbing;
  readonly #ipv6: Stabbing;

  constructor(intervals: ListIntervals) {
    const [ipv4, ipv6] = intervals.sort();
    const labelOf = (owner: number): number => owner + 1;
    this.#radix = buildRadix(decideRuns(ipv4, 0, labelOf), decideRuns(ipv6, 0, labelOf));
    this.#ipv4 = new Stabbing(ipv4);
    this.#ipv6 = new Stabbing(ipv6);
  }

  has(client: unknown): boolean {
    return findLabel(this.#radix, client) > 0;
  }

  /** Owner of the most specific entry, or −1. */
  mostSpecific(client: unknown): number {
    return Math.max(findLabel(this.#radix, client), 0) - 1;
  }

  /** Owners of all entries that cover the client, most specific first; ties go to the first added. */
  all(client: unknown): number[] {
    const words = clientWords(client);
    if (words === undefined) return [];
    return (words.length === 1 ? this.#ipv4 : this.#ipv6).ownersAround(words);
  }
}

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

/** A matcher is an object of functions, like a policy. */
function assemble<T>(tree: CoverTree, keys: readonly string[], values: readonly T[]): Matcher<T> {
  const matchOf = (index: number): Match<T> => ({ prefix: keys[index] as string, value: values[index] as T });
  return Object.freeze({
    size: keys.length,
    has: (ip: string | null | undefined) => tree.has(ip),
    match(ip: string | null | undefined) {
      const index = tree.mostSpecific(ip);
      return index < 0 ? undefined : matchOf(index);
    },
    matchAll: (ip: string | null | undefined) => tree.all(ip).map(matchOf),
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
  const collector = new KeyCollector<T>();
  try {
    for (const pair of entries) collector.add(pair);
  } catch (cause) {
    collector.next();
    collector.complain('unreadable', `the entries could not be read any further: ${messageOf(cause)}`);
    throw new ListError(collector.problems, { cause });
  }
  if (collector.problems.length > 0) throw new ListError(collector.problems);
  return assemble(collector.compile(), [...collector.indexes.keys()], collector.values);
}

/** Collects the entries of a matcher: each canonical text once, with the last value given for it. */
class KeyCollector<T> {
  readonly intervals: ListIntervals = new ListIntervals();
  readonly indexes: Map<string, number> = new Map();
  readonly values: T[] = [];
  readonly problems: Problem[] = [];
  #line = 0;

  next(): void {
    this.#line++;
  }

  add(pair: readonly [entry: string | Prefix, value: T]): void {
    this.next();
    if (!Array.isArray(pair) || pair.length !== 2) {
      this.complain('not-a-string', `an item is a pair of entry and value; this is ${describeType(pair)}`);
      return;
    }
    const [entry, value] = pair as [unknown, T];
    const text = typeof entry === 'string' ? entry : this.#textOf(entry);
    if (text === undefined) return;
    const canonical = tryNormalize(text);
    if (canonical === undefined) {
      const found = entryFaultOf(text, 0, text.length, acceptEntry);
      this.complain(found.code, found.message, found.start + 1, text.slice(found.start, found.end));
      return;
    }
    const known = this.indexes.get(canonical);
    if (known !== undefined) {
      this.values[known] = value;
      return;
    }
    const index = this.values.push(value) - 1;
    this.indexes.set(canonical, index);
    readEntry(text, 0, text.length, (isPartOfName) => this.intervals.add(index, isPartOfName));
  }

  compile(): CoverTree {
    try {
      return new CoverTree(this.intervals);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      this.complain('too-many-entries', 'the entries are too large for one tree');
      throw new ListError(this.problems, { cause });
    }
  }

  complain(code: ProblemCode, message: string, column?: number, text?: string): void {
    this.problems.push(problemOf({ source: 'entries', line: this.#line, column, text }, code, message));
  }

  #textOf(entry: unknown): string | undefined {
    try {
      return formatPrefix(entry as Prefix);
    } catch (cause) {
      const why = typeof entry === 'object' ? messageOf(cause) : describeType(entry);
      this.complain('not-a-string', `an entry is text or a prefix; this is neither: ${why}`);
      return undefined;
    }
  }
}
