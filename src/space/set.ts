/**
 * Sets of clients as runs: labelled 1 inside and 0 outside, neighbours never alike.
 *
 * Runs are as long as they can be, and the IPv4-mapped block, where no client is, is in a set or not by one rule. So
 * equal sets have equal runs, and cutting each run by itself into the fewest prefixes gives the fewest prefixes of the
 * set.
 *
 * ```
 * left      ├──0──┼────1────┼──────0──────┤
 * right     ├────0────┼────1────┼────0────┤
 * and       ├────0────┼──1──┼──────0──────┤
 * ```
 *
 * No BigInt is made for an address or a run: prefixes are counted by length, and the counts are added up at the end.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { bitsOf, formatInterval, formatNetwork, isMapped, prefixLengthOf } from '../address/words.ts';
import type { Intervals } from './intervals.ts';
import { eachPrefixOf, eachRunOf, includesBlock, settleBlock } from './prefixes.ts';
import { combineRuns, coveredRuns, type FamilyRuns, type Runs } from './runs.ts';

/** What is in a set, in print. */
export interface SetContents {
  readonly prefixes: readonly string[];
  readonly ipv4Count: bigint;
  readonly ipv6Count: bigint;
}

const NOBODY = /* @__PURE__ */ Int32Array.of(0);

/** The set without clients. */
export const emptySet: FamilyRuns = {
  ipv4: { count: 1, starts: NOBODY, labels: NOBODY },
  ipv6: { count: 1, starts: /* @__PURE__ */ new Int32Array(4), labels: NOBODY },
};

/** Whether a client that has these labels on the left and on the right is in a set. */
type Picks = (left: number, right: number) => boolean;

/** The set of the clients whose labels are picked. The labels of the operands may be any numbers. */
export function combineSets(left: FamilyRuns, right: FamilyRuns, picks: Picks): FamilyRuns {
  return {
    ipv4: combineRuns(4, left.ipv4, right.ipv4, picks),
    ipv6: settleBlock(combineRuns(6, left.ipv6, right.ipv6, picks)),
  };
}

/** The set of the clients that sorted intervals cover. */
export function setOf([ipv4, ipv6]: readonly [Intervals, Intervals]): FamilyRuns {
  return { ipv4: coveredRuns(ipv4), ipv6: settleBlock(coveredRuns(ipv6)) };
}

const either: Picks = (left, right) => left + right > 0;

/** The union of one or more sets, by halves: so a run is copied as often as the number of sets can be halved. */
export function uniteSets(sets: readonly [FamilyRuns, ...FamilyRuns[]]): FamilyRuns {
  const unite = (from: number, to: number): FamilyRuns => {
    if (to - from === 1) return sets[from] as FamilyRuns;
    const middle = (from + to) >>> 1;
    return combineSets(unite(from, middle), unite(middle, to), either);
  };
  return unite(0, sets.length);
}

/** Whether nobody is in a set. */
export function isEmptySet({ ipv4, ipv6 }: FamilyRuns): boolean {
  return ipv4.labels.length + ipv6.labels.length === 2 && ipv4.labels[0] === 0 && ipv6.labels[0] === 0;
}

/** Whether two sets have the same clients. */
export function areEqualSets(left: FamilyRuns, right: FamilyRuns): boolean {
  return areEqualRuns(left.ipv4, right.ipv4) && areEqualRuns(left.ipv6, right.ipv6);
}

/** Neighbours are never alike, so the first label says all labels. */
function areEqualRuns(left: Runs, right: Runs): boolean {
  return (
    left.count === right.count &&
    left.labels[0] === right.labels[0] &&
    left.starts.every((word, at) => word === right.starts[at])
  );
}

/** Writes a set as prefixes and counts. */
export function contentsOf(set: FamilyRuns): SetContents {
  const prefixes: string[] = [];
  const [ipv4Count, ipv6Count] = countClients(set, (family, words, length) => {
    prefixes.push(formatNetwork(family, words, length));
  });
  return { prefixes, ipv4Count, ipv6Count };
}

/** How many addresses are in the prefixes of a set, and each of these. */
function countClients(
  { ipv4, ipv6 }: FamilyRuns,
  visit?: (family: Family, words: Int32Array, length: number) => void,
): readonly [ipv4: bigint, ipv6: bigint] {
  const countOf = (family: Family, runs: Runs): bigint => {
    const lengths = new Float64Array(bitsOf(family) + 1);
    eachPrefixOf(family, runs, (words, length) => {
      visit?.(family, words, length);
      lengths[length] = (lengths[length] as number) + 1;
    });
    let sum = 0n;
    lengths.forEach((count, length) => {
      if (count > 0) sum += BigInt(count) << BigInt(bitsOf(family) - length);
    });
    return sum;
  };
  return [countOf(4, ipv4), countOf(6, ipv6)];
}

/** The same without the IPv4-mapped block, where no client is: it is printed in one set and not in the other. */
function countOutside(set: FamilyRuns): readonly [ipv4: bigint, ipv6: bigint] {
  const [ipv4, ipv6] = countClients(set);
  return [ipv4, includesBlock(set.ipv6) ? ipv6 - (1n << 32n) : ipv6];
}

/** Some of the addresses of one family. */
export interface Share {
  readonly family: Family;
  readonly part: bigint;
  readonly whole: bigint;
}

/** The share that a part has of a set: the larger one of the two families. A family without addresses has none. */
export function largerShare(part: FamilyRuns, whole: FamilyRuns): Share {
  const [ipv4Part, ipv6Part] = countOutside(part);
  const [ipv4Whole, ipv6Whole] = countOutside(whole);
  return ipv4Part * ipv6Whole < ipv6Part * ipv4Whole || ipv4Whole === 0n
    ? { family: 6, part: ipv6Part, whole: ipv6Whole }
    : { family: 4, part: ipv4Part, whole: ipv4Whole };
}

/**
 * Whether a share is no larger than a number from 0 to 1, exactly. The number is taken as the decimal fraction that it
 * prints as: 3 of 10 are not more than 0.3, although the double of that name is a little less than three tenths.
 */
export function isShareWithin({ part, whole }: Share, limit: number): boolean {
  const [mantissa = '', exponent = ''] = limit.toExponential().split('e');
  const [digit = '', digits = ''] = mantissa.split('.');
  const scale = 10n ** (BigInt(digits.length) - BigInt(exponent));
  return part * scale <= BigInt(digit + digits) * whole;
}

/** The last address before the IPv4-mapped block. */
const BEFORE_BLOCK = [0, 0, 0xfffe, -1];

/** Writes a set as its runs, each a prefix where it is one, else a range. */
export function rangesOf({ ipv4, ipv6 }: FamilyRuns): string[] {
  const ranges: string[] = [];
  const addRuns = (family: Family, runs: Runs): void => {
    const width = wordsOf(family);
    eachRunOf(family, runs, (first, last) => {
      const length = prefixLengthOf(first, last, width);
      // The text of an address in the IPv4-mapped block means IPv4, so a range ends before it. None starts in it: where
      // the block is included, so is what comes before. The text of a prefix has no last address.
      if (family === 6 && isMapped(last)) last.set(BEFORE_BLOCK);
      ranges.push(formatInterval(family, first, last, length));
    });
  };
  addRuns(4, ipv4);
  addRuns(6, ipv6);
  return ranges;
}
