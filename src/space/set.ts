/**
 * Sets of addresses: combined run by run, and written as the fewest prefixes with exact counts.
 *
 * A set is given as runs over the whole address space of each family, labelled 1 inside and 0 outside, as `runs.ts`
 * makes them. Adjacent runs always have different labels, so every run inside is as long as it can be, and cutting each
 * by itself into the fewest prefixes gives the fewest prefixes of the set.
 *
 * ```
 * left      ├──0──┼────1────┼──────0──────┤
 * right     ├────0────┼────1────┼────0────┤
 * and       ├────0────┼──1──┼──────0──────┤
 * ```
 *
 * No BigInt is made for an address or a run: prefixes are counted by length, and the counts are added up at the end.
 */

import type { Family } from '../address/scanner.ts';
import { bitsOf, formatNetwork } from '../address/words.ts';
import { eachPrefixOf } from './prefixes.ts';
import type { FamilyRuns, Runs } from './runs.ts';

/** A set of addresses as JSON can hold it. */
export interface AddressSetJson {
  /** The same as {@link AddressSet.prefixes}. */
  readonly prefixes: readonly string[];
  /** {@link AddressSet.ipv4Count} in decimal. */
  readonly ipv4Count: string;
  /** {@link AddressSet.ipv6Count} in decimal. */
  readonly ipv6Count: string;
}

/**
 * A set of clients: IPv4 addresses, and IPv6 addresses outside the IPv4-mapped block `::ffff:0:0/96`, since an
 * IPv4-mapped client is the IPv4 client. Frozen. Equal sets have equal fields.
 */
export interface AddressSet {
  /**
   * The fewest prefixes that hold exactly the clients of the set: disjoint, ascending, IPv4 before IPv6, each in the
   * canonical text of an entry, where a single address is bare. The IPv4-mapped block is part of a larger prefix, such as
   * `::/0`, where that gives fewer prefixes, and left out everywhere else.
   */
  readonly prefixes: readonly string[];
  /** Number of IPv4 addresses, up to 2^32. */
  readonly ipv4Count: bigint;
  /** Number of IPv6 addresses in `prefixes`, up to 2^128, with the IPv4-mapped block where a prefix holds it. */
  readonly ipv6Count: bigint;
  /** For `JSON.stringify`, which refuses a BigInt: the same with the counts as decimal text. */
  toJSON(): AddressSetJson;
}

/** The method is on the prototype, so that clones and comparisons see only the data. */
class PrefixSet implements AddressSet {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: PrefixSet = /* @__PURE__ */ new PrefixSet([], 0n, 0n);

  readonly prefixes: readonly string[];
  readonly ipv4Count: bigint;
  readonly ipv6Count: bigint;

  constructor(prefixes: readonly string[], ipv4Count: bigint, ipv6Count: bigint) {
    this.prefixes = Object.freeze(prefixes);
    this.ipv4Count = ipv4Count;
    this.ipv6Count = ipv6Count;
    Object.freeze(this);
  }

  toJSON(): AddressSetJson {
    return { prefixes: this.prefixes, ipv4Count: `${this.ipv4Count}`, ipv6Count: `${this.ipv6Count}` };
  }
}

/** Writes a set as prefixes and counts. */
export function toAddressSet({ ipv4, ipv6 }: FamilyRuns): AddressSet {
  const prefixes: string[] = [];
  const countOf = (family: Family, runs: Runs): bigint => {
    const lengths = new Float64Array(bitsOf(family) + 1);
    eachPrefixOf(family, runs, (words, length) => {
      prefixes.push(formatNetwork(family, words, length));
      lengths[length] = (lengths[length] as number) + 1;
    });
    let sum = 0n;
    lengths.forEach((count, length) => {
      if (count > 0) sum += BigInt(count) << BigInt(bitsOf(family) - length);
    });
    return sum;
  };
  const ipv4Count = countOf(4, ipv4);
  const ipv6Count = countOf(6, ipv6);
  return new PrefixSet(prefixes, ipv4Count, ipv6Count);
}
