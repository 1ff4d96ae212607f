/**
 * Addresses as sets: what a list means, apart from how it is written, and what two lists have in common.
 *
 * A set is kept as runs of addresses. Its texts, its counts and the tree that answers `has` are made when they are first
 * asked for.
 */

import type { EntrySource } from '../list/table.ts';
import type { Policy } from '../policy/policy.ts';
import { requireLists, verdictOf, verdictRunsOf } from '../policy/verdicts.ts';
import { describeType } from '../problem/say.ts';
import type { FamilyRuns } from '../space/runs.ts';
import {
  areEqualSets,
  combineSets,
  contentsOf,
  emptySet,
  isEmptySet,
  rangesOf,
  type SetContents,
  uniteSets,
} from '../space/set.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import { readSet } from './reader.ts';

/** A set of addresses as JSON can hold it. */
export interface AddressSetJson {
  /** The same as {@link AddressSet.prefixes}. */
  readonly prefixes: readonly string[];
  /** {@link AddressSet.ipv4Count} in decimal. */
  readonly ipv4Count: string;
  /** {@link AddressSet.ipv6Count} in decimal. */
  readonly ipv6Count: string;
}

/** Only the functions in this file can make sets, so that the runs of every set are in the one form of equal sets. */
const maker: unique symbol = /* @__PURE__ */ Symbol('AddressSet');

/** The texts of so few runs are made at once: they cost less than a getter for each. */
const FEW_RUNS = 32;

/** The text of so many items would be too long for any engine: what goes on is treated as endless. */
const MAX_ITEMS = 20_000_000;

const outside = (left: number): boolean => left === 0;
const both = (left: number, right: number): boolean => left + right === 2;
const leftAlone = (left: number, right: number): boolean => left > right;

/**
 * A set of clients: of IPv4 addresses, and of IPv6 addresses outside the IPv4-mapped block `::ffff:0:0/96`, since an
 * IPv4-mapped client is the IPv4 client. Immutable: every operation gives another set, or one that is there already.
 *
 * - Equal sets have equal `prefixes`, however they came about.
 * - A set is a list: iterating it gives its prefixes, and `createPolicy({ deny: set })` takes it as it is. Say
 *   `whenEmpty: 'deny'` beside an `allow`, as an allow list that has become empty would let everyone in.
 * - Comparing, spreading, cloning and `JSON.stringify` see `prefixes`, `ipv4Count` and `ipv6Count`.
 *
 * @remarks A set keeps 8 bytes for each run of IPv4 addresses, and as much again for each gap between two, and 20 of
 *   IPv6. Operations are linear in the runs of their operands, and make no text. `prefixes` and counts of large sets,
 *   `ranges`, and the tree of `has` are made when they are first read, and kept.
 * @example
 * ```ts
 * import { AddressSet } from 'ipverdict/set';
 *
 * const offices = AddressSet.of('203.0.113.0/24 # Berlin\n198.51.100.0/25 # Lyon');
 * const feed = AddressSet.of(['203.0.113.128/25', '192.0.2.0/24']);
 * feed.intersect(offices).prefixes; // ['203.0.113.128/25']
 * feed.subtract(offices).prefixes; // ['192.0.2.0/24']
 * offices.union(feed).ipv4Count; // 640n
 * offices.covers(feed); // false
 * ```
 */
export class AddressSet implements Iterable<string> {
  /** Nobody. */
  static readonly empty: AddressSet = /* @__PURE__ */ new this(maker, emptySet);
  /** Every client, IPv4 and IPv6. */
  static readonly all: AddressSet = /* @__PURE__ */ new this(
    maker,
    /* @__PURE__ */ combineSets(emptySet, emptySet, outside),
  );

  /**
   * The fewest prefixes that hold exactly the clients of the set: disjoint, ascending, IPv4 before IPv6, each in the
   * canonical text of an entry, where a single address is bare. The IPv4-mapped block is part of a larger prefix, such as
   * `::/0`, where that gives fewer prefixes, and left out everywhere else. Frozen.
   */
  declare readonly prefixes: readonly string[];
  /** Number of IPv4 addresses, up to 2^32. */
  declare readonly ipv4Count: bigint;
  /** Number of IPv6 addresses in `prefixes`, up to 2^128, with the IPv4-mapped block where a prefix holds it. */
  declare readonly ipv6Count: bigint;
  readonly #runs: FamilyRuns;
  #contents: SetContents | undefined;
  #ranges: readonly string[] | undefined;
  #radix: Radix | undefined;

  private constructor(key: typeof maker, runs: FamilyRuns) {
    if (key !== maker)
      throw new TypeError(
        'use AddressSet.of(list), AddressSet.allowedBy(policy), AddressSet.empty or AddressSet.all',
      );
    this.#runs = runs;
    const isSmall = runs.ipv4.count + runs.ipv6.count <= FEW_RUNS;
    // Fields of their own, as others look at nothing else when they compare, copy and print.
    for (const name of ['prefixes', 'ipv4Count', 'ipv6Count'] as const) {
      const how = isSmall ? { value: this.#read()[name] } : { get: () => this.#read()[name] };
      Object.defineProperty(this, name, Object.assign(Object.create(null), { enumerable: true, ...how }));
    }
    Object.freeze(this);
  }

  /**
   * Reads entries: addresses, prefixes, ranges and named networks, with or without notes. There is no limit of entries.
   *
   * @param source - list text, or items, as for a list of `createPolicy`; another set is returned as it is
   * @throws `ListError` with a problem for every bad line, whose `source` is `entries`. An entry with a time is the
   *   error `instant-required`, as a set has no clock: make a policy of the list, and take {@link AddressSet.allowedBy}
   * @remarks Linear in the text, apart from sorting. Many more than 20,000,000 items are treated as endless.
   * @example
   * ```ts
   * import { AddressSet } from 'ipverdict/set';
   *
   * AddressSet.of('192.0.2.0/25\n192.0.2.128-192.0.2.255 # Lab').prefixes; // ['192.0.2.0/24']
   * AddressSet.of(['::ffff:192.0.2.1', '@loopback']).prefixes; // ['127.0.0.0/8', '192.0.2.1', '::1']
   * ```
   */
  static of(source: EntrySource): AddressSet {
    if (typeof source === 'object' && source !== null && #runs in source) return source;
    if (typeof source === 'string') return toAddressSet(readSet(source, Number.POSITIVE_INFINITY));
    const excess = `a set is made of up to ${MAX_ITEMS} items: give all of them as one text`;
    return toAddressSet(readSet(source, MAX_ITEMS, excess));
  }

  /**
   * Every address that a policy allows: by its list, its exemptions, or because its list is empty.
   *
   * @param policy - a policy from `createPolicy` or `createRules`
   * @throws TypeError for anything else, as its answers about all addresses cannot be known
   * @remarks Reads the entries of the policy once, in linear time apart from sorting.
   * @example
   * ```ts
   * import { createPolicy } from 'ipverdict';
   * import { AddressSet } from 'ipverdict/set';
   *
   * const policy = createPolicy({ allow: '192.0.2.0/24', exempt: '::1' });
   * AddressSet.allowedBy(policy).prefixes; // ['192.0.2.0/24', '::1']
   * AddressSet.allowedBy(createPolicy({ allow: '' })).equals(AddressSet.all); // true
   * ```
   */
  static allowedBy(policy: Policy): AddressSet {
    const verdicts = verdictRunsOf(requireLists(policy, 'policy', 'AddressSet.allowedBy'));
    const isAllowed = (label: number): boolean => verdictOf(label, verdicts) === 'allow';
    return toAddressSet(combineSets(verdicts, emptySet, isAllowed));
  }

  /**
   * The longest stretches of addresses: those of `prefixes`, joined wherever they touch. Each is in the canonical text of
   * an entry, a prefix where it is one and else `first-last`. Frozen.
   *
   * A stretch that ends with the IPv4-mapped block, and is not a prefix, is written without the block.
   */
  get ranges(): readonly string[] {
    this.#ranges ??= Object.freeze(rangesOf(this.#runs));
    return this.#ranges;
  }

  /** Whether nobody is in the set. */
  get isEmpty(): boolean {
    return isEmptySet(this.#runs);
  }

  /**
   * Whether a client is in the set. It is read as a policy reads it: an IPv4-mapped client is the IPv4 client, and a zone
   * is ignored. `false` for anything that is not an address.
   *
   * @param address - a client
   * @throws RangeError when the set has too many runs for one tree, many millions of them
   * @remarks The first call makes a tree, as for a policy. Then it is one scan of the text, at most 110 characters, and at
   *   most 5 steps for IPv4, 17 for IPv6; nothing is allocated.
   * @example
   * ```ts
   * import { AddressSet } from 'ipverdict/set';
   *
   * const set = AddressSet.of('192.0.2.0/24');
   * set.has('::ffff:192.0.2.7'); // true
   * set.has('192.0.2.0/24'); // false
   * ```
   */
  has(address: string | null | undefined): boolean {
    this.#radix ??= buildRadix(this.#runs.ipv4, this.#runs.ipv6);
    return findLabel(this.#radix, address) > 0;
  }

  /**
   * Whether every client of another set is in this one. Every set covers the empty one.
   *
   * @param other - a set
   * @throws TypeError when it is not an `AddressSet` of this package
   */
  covers(other: AddressSet): boolean {
    return isEmptySet(combineSets(this.#runsOf(other, 'covers'), this.#runs, leftAlone));
  }

  /**
   * Whether some client is in both sets.
   *
   * @param other - a set
   * @throws TypeError when it is not an `AddressSet` of this package
   */
  overlaps(other: AddressSet): boolean {
    return !isEmptySet(combineSets(this.#runs, this.#runsOf(other, 'overlaps'), both));
  }

  /**
   * Whether both sets have the same clients.
   *
   * @param other - a set
   * @throws TypeError when it is not an `AddressSet` of this package
   */
  equals(other: AddressSet): boolean {
    return areEqualSets(this.#runs, this.#runsOf(other, 'equals'));
  }

  /**
   * The clients that are in this set or in any of the others.
   *
   * @param others - sets, as many as there are
   * @throws TypeError when one of them is not an `AddressSet` of this package
   * @remarks Linear in all runs together, times the binary logarithm of the number of sets.
   * @example
   * ```ts
   * import { AddressSet } from 'ipverdict/set';
   *
   * const feeds = ['192.0.2.0/25', '192.0.2.128/25', '2001:db8::/32'].map(AddressSet.of);
   * AddressSet.empty.union(...feeds).prefixes; // ['192.0.2.0/24', '2001:db8::/32']
   * ```
   */
  union(...others: AddressSet[]): AddressSet {
    return toAddressSet(uniteSets([this.#runs, ...others.map((other) => this.#runsOf(other, 'union'))]));
  }

  /**
   * The clients that are in both sets.
   *
   * @param other - a set
   * @throws TypeError when it is not an `AddressSet` of this package
   */
  intersect(other: AddressSet): AddressSet {
    return toAddressSet(combineSets(this.#runs, this.#runsOf(other, 'intersect'), both));
  }

  /**
   * The clients that are in this set and not in the other.
   *
   * @param other - a set
   * @throws TypeError when it is not an `AddressSet` of this package
   */
  subtract(other: AddressSet): AddressSet {
    return toAddressSet(combineSets(this.#runs, this.#runsOf(other, 'subtract'), leftAlone));
  }

  /**
   * Every client that is not in the set, IPv4 and IPv6.
   *
   * @example
   * ```ts
   * import { AddressSet } from 'ipverdict/set';
   *
   * AddressSet.of('128.0.0.0/1\n::/0').complement().prefixes; // ['0.0.0.0/1']
   * ```
   */
  complement(): AddressSet {
    return toAddressSet(combineSets(this.#runs, emptySet, outside));
  }

  /** The prefixes. */
  [Symbol.iterator](): Iterator<string> {
    return this.prefixes[Symbol.iterator]();
  }

  /** For `JSON.stringify`, which refuses a BigInt: the prefixes, with the counts as decimal text. */
  toJSON(): AddressSetJson {
    const { prefixes, ipv4Count, ipv6Count } = this;
    return { prefixes, ipv4Count: `${ipv4Count}`, ipv6Count: `${ipv6Count}` };
  }

  /** The runs of an operand. No look-alike passes for a set: what it says about itself could be anything. */
  #runsOf(other: unknown, caller: string): FamilyRuns {
    if (typeof other === 'object' && other !== null && #runs in other) return (other as AddressSet).#runs;
    throw new TypeError(
      `${caller} takes sets of this package, got ${describeType(other)}: write AddressSet.of(list), or AddressSet.allowedBy(policy)`,
    );
  }

  #read(): SetContents {
    if (this.#contents === undefined) {
      this.#contents = contentsOf(this.#runs);
      Object.freeze(this.#contents.prefixes);
    }
    return this.#contents;
  }
}

/** Makes a set of its runs. The class does not refer to itself by name: a bundler would then rename it. */
export function toAddressSet(runs: FamilyRuns): AddressSet {
  type Maker = new (key: typeof maker, runs: FamilyRuns) => AddressSet;
  return new (AddressSet as unknown as Maker)(maker, runs);
}
