/**
 * From the text of a client to the entries that cover it, and the general longest-prefix match with values.
 */

import { acceptEntry } from '../address/advice.ts';
import { readEntry } from '../address/entry.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import { formatPrefix, type Prefix, tryNormalize } from '../address/prefix.ts';
import { scanClient, scanned } from '../address/scanner.ts';
import { ListError, makeProblem, type Problem, type ProblemCode } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import { type Nesting, Networks } from '../space/runs.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';

/** A name of its own: hot code loads one that is exported anew each time. */
const words = scanned;

/**
 * All entries that cover an address, not only the one that decides.
 * @internal
 */
export class CoverTree {
  readonly #radix: Radix;
  readonly #ipv4: Nesting;
  readonly #ipv6: Nesting;

  constructor(networks: Networks) {
    this.#ipv4 = networks.ipv4.nest(0);
    this.#ipv6 = networks.ipv6.nest(0);
    this.#radix = buildRadix(this.#ipv4.runs, this.#ipv6.runs);
  }

  has(client: unknown): boolean {
    return findLabel(this.#radix, client) > 0;
  }

  /** Owner of the most specific entry, or −1. */
  mostSpecific(client: unknown): number {
    const family = scanClient(client);
    if (family === 0) return -1;
    const nesting = family === 4 ? this.#ipv4 : this.#ipv6;
    const label = family === 4 ? this.#radix.find4(words[0] as number) : this.#radix.find6();
    return label === 0 ? -1 : (nesting.owners[nesting.winners[label - 1] as number] as number);
  }

  /** Owners of all entries that cover the client, most specific first, of equals the first added. */
  all(client: unknown): number[] {
    const family = scanClient(client);
    if (family === 0) return [];
    const { owners, parents, ranks } = family === 4 ? this.#ipv4 : this.#ipv6;
    const label = family === 4 ? this.#radix.find4(words[0] as number) : this.#radix.find6();
    const chain: number[] = [];
    for (let position = label - 1; position >= 0; position = parents[position] as number)
      chain.push(position);
    // The chain is in the order of the prefixes; a range is wider than the pieces it was cut into.
    const order = (left: number, right: number): number =>
      (ranks[left] as number) - (ranks[right] as number) ||
      (owners[left] as number) - (owners[right] as number);
    return chain.sort(order).map((position) => owners[position] as number);
  }
}

/** A covering entry of a {@link Matcher}, with its value. */
export interface Match<T> {
  /** Canonical text of the entry: a bare address, a prefix, a range or `@name`. */
  readonly prefix: string;
  /** The value that was given with the entry. */
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

/** A matcher is an object of functions, as a policy is. */
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
 * Compiles entries with values for longest-prefix match: a country, an AS number, a tenant, anything.
 *
 * - Entries are addresses, prefixes, ranges and named networks as in a list, but without blanks and notes; or the
 *   values of `parsePrefix`. Host bits are cleared; IPv4-mapped entries are IPv4.
 * - Clients are read as a policy reads them: IPv4-mapped is IPv4 and a zone is ignored. Text that is no address matches
 *   nothing.
 * - Of equal entries the last wins, as in `new Map`.
 *
 * @param entries - pairs of entry and value; read once
 * @returns an immutable matcher
 * @throws {@link ListError} with a problem for each bad entry; `line` is its position from 1, `source` is `entries`
 * @remarks Building is linear in the entries, but for sorting; a match takes one scan of the text and at most 5 steps
 *   for IPv4, 17 for IPv6, and allocates the result.
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

/** Entries on their way into a matcher: each canonical text once, with the value that came last. */
class KeyCollector<T> {
  readonly networks: Networks = new Networks();
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
    readEntry(text, 0, text.length, (isPartOfName) => this.networks.add(index, isPartOfName));
  }

  compile(): CoverTree {
    try {
      return new CoverTree(this.networks);
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      this.complain('too-many-entries', 'the entries are too large for one tree');
      throw new ListError(this.problems, { cause });
    }
  }

  complain(code: ProblemCode, message: string, column = 1, text = ''): void {
    this.problems.push(makeProblem('error', code, message, 'entries', this.#line, column, text));
  }

  #textOf(entry: unknown): string | undefined {
    try {
      return formatPrefix(entry as Prefix);
    } catch (cause) {
      const why = typeof entry === 'object' ? messageOf(cause) : describeType(entry);
      this.complain('not-a-string', `an entry is text or a prefix; this is none: ${why}`);
      return undefined;
    }
  }
}
