/**
 * Sets of addresses: combined run by run, and written as the fewest prefixes with exact counts.
 *
 * A set is given as runs of the whole address space of each family, labelled 1 inside and 0 outside, as `nesting.ts`
 * cuts them. Runs that lie side by side always differ in their label, so that every run inside is as long as it can be,
 * and cutting each by itself into the fewest prefixes gives the fewest prefixes of the set.
 *
 * ```
 * left      ├──0──┼────1────┼──────0──────┤
 * right     ├────0────┼────1────┼────0────┤
 * and       ├────0────┼──1──┼──────0──────┤
 * ```
 *
 * No BigInt is made for an address or a run: the prefixes are counted by length, and the counts are added up at the end.
 */

import { formatWords } from './address.ts';
import type { Runs } from './nesting.ts';
import { type Family, wordsOf } from './scanner.ts';
import { bitsOf, eachPrefix, span } from './span.ts';

/** A set of addresses of both families. Plain frozen data. */
export interface AddressSet {
  /**
   * The fewest prefixes that hold exactly the addresses of the set, disjoint, IPv4 before IPv6, ascending; each in the
   * canonical text of an entry, where one address is bare. `::ffff:0.0.0.0/96` is the one that is no text of an entry:
   * see `comparePolicies`.
   */
  readonly prefixes: readonly string[];
  /** Number of IPv4 addresses, up to 2^32. */
  readonly ipv4Count: bigint;
  /** Number of IPv6 addresses, up to 2^128: the IPv4-mapped block is a part of IPv6 like any other. */
  readonly ipv6Count: bigint;
}

/** What a prefix of a set is handed over as; the words are reused. */
export type PrefixVisitor = (family: Family, words: Int32Array, length: number) => void;

/** The runs of both families. */
export interface FamilyRuns {
  readonly ipv4: Runs;
  readonly ipv6: Runs;
}

/**
 * The set of the addresses whose two labels are picked, in one sweep over the runs of both.
 * @internal
 */
export function combineRuns(
  family: Family,
  left: Runs,
  right: Runs,
  picks: (leftLabel: number, rightLabel: number) => boolean,
): Runs {
  const width = wordsOf(family);
  const starts = new Int32Array((left.count + right.count) * width);
  const labels = new Int32Array(left.count + right.count);
  let count = 0;
  let leftRun = 0;
  let rightRun = 0;
  let from: Int32Array = left.starts;
  let at = 0;
  for (;;) {
    const label = picks(left.labels[leftRun] as number, right.labels[rightRun] as number) ? 1 : 0;
    if (count === 0 || labels[count - 1] !== label) {
      for (let word = 0; word < width; word++) starts[count * width + word] = from[at + word] as number;
      labels[count++] = label;
    }
    const isLeftDone = leftRun + 1 === left.count;
    const isRightDone = rightRun + 1 === right.count;
    if (isLeftDone && isRightDone) break;
    const leftNext = (leftRun + 1) * width;
    const rightNext = (rightRun + 1) * width;
    const order = isLeftDone
      ? 1
      : isRightDone
        ? -1
        : compareAt(left.starts, leftNext, right.starts, rightNext, width);
    if (order <= 0) leftRun++;
    if (order >= 0) rightRun++;
    from = order <= 0 ? left.starts : right.starts;
    at = order <= 0 ? leftNext : rightNext;
  }
  return { count, starts: starts.slice(0, count * width), labels: labels.slice(0, count) };
}

function compareAt(
  left: Int32Array,
  leftAt: number,
  right: Int32Array,
  rightAt: number,
  width: number,
): number {
  for (let word = 0; word < width; word++) {
    const difference = ((left[leftAt + word] as number) >>> 0) - ((right[rightAt + word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Hands over the fewest prefixes of a set, in ascending order. Uses `span`.
 * @internal
 */
export function eachPrefixOf(family: Family, { count, starts, labels }: Runs, visit: PrefixVisitor): void {
  const width = wordsOf(family);
  const onPrefix = (words: Int32Array, length: number): void => visit(family, words, length);
  for (let run = 0; run < count; run++) {
    if (labels[run] === 0) continue;
    span.family = family;
    // A range, whatever it turns out to be: cutting finds out.
    span.length = -1;
    for (let word = 0; word < width; word++) span.first[word] = starts[run * width + word] as number;
    if (run + 1 === count) span.last.fill(-1);
    else setBefore(span.last, starts, (run + 1) * width, width);
    eachPrefix(onPrefix);
  }
}

/** Writes the address before another one, which is not the first of all. */
function setBefore(out: Int32Array, words: Int32Array, at: number, width: number): void {
  let borrow = 1;
  for (let word = width - 1; word >= 0; word--) {
    const value = words[at + word] as number;
    out[word] = (value - borrow) | 0;
    if (value !== 0) borrow = 0;
  }
}

/**
 * Writes a prefix as an entry is written: a single address is bare.
 * @internal
 */
export function formatNetwork(family: Family, words: Int32Array, length: number): string {
  const text = formatWords(family, words);
  return length === bitsOf(family) ? text : `${text}/${length}`;
}

/**
 * Writes a set down.
 * @internal
 */
export function toAddressSet({ ipv4, ipv6 }: FamilyRuns): AddressSet {
  const prefixes: string[] = [];
  const countOf = (family: Family, runs: Runs): bigint => {
    const lengths = new Float64Array(bitsOf(family) + 1);
    eachPrefixOf(family, runs, (_, words, length) => {
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
  return Object.freeze({ prefixes: Object.freeze(prefixes), ipv4Count, ipv6Count });
}
