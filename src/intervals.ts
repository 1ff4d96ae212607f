/**
 * The networks of a list as runs of addresses in order, and the sweeps over them that lint is made of.
 *
 * An entry is one interval, a named network several. In the order of (first address, widest first) an interval stands
 * behind all that cover it, so that one pass with the farthest end seen so far finds what is covered. Unlike prefixes,
 * ranges may overlap without nesting: here they are not cut, and cost no more than an address.
 */

import { Column } from './column.ts';
import { type Family, wordsOf } from './scanner.ts';
import { span } from './span.ts';

/** The intervals of one family in order; all columns are by position in that order. */
export interface Intervals {
  readonly family: Family;
  /** Number of words of an address. */
  readonly width: 1 | 4;
  readonly count: number;
  /** First and last addresses, `width` words each. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  /** The entry that each interval belongs to. */
  readonly owners: Int32Array;
  /** Prefix length, −1 for a range that is no prefix, −2 for a part of a named network. */
  readonly lengths: Int32Array;
}

/** The length of an interval that is part of a named network. */
export const PART_OF_NAME = -2;

/** The intervals of one family, in the order in which they were added. */
export class IntervalColumns {
  readonly family: Family;
  readonly #firsts: Column = new Column();
  readonly #lasts: Column = new Column();
  readonly #owners: Column = new Column();
  readonly #lengths: Column = new Column();

  constructor(family: Family) {
    this.family = family;
  }

  /** Adds the entry in `span`. */
  add(owner: number, isPartOfName: boolean): void {
    const width = wordsOf(this.family);
    const first = this.#firsts.extend(width);
    const last = this.#lasts.extend(width);
    for (let word = 0; word < width; word++) {
      this.#firsts.values[first + word] = span.first[word] as number;
      this.#lasts.values[last + word] = span.last[word] as number;
    }
    this.#owners.push(owner);
    this.#lengths.push(isPartOfName ? PART_OF_NAME : span.length);
  }

  sort(): Intervals {
    return sortIntervals({
      family: this.family,
      width: wordsOf(this.family),
      count: this.#owners.length,
      firsts: this.#firsts.trim(),
      lasts: this.#lasts.trim(),
      owners: this.#owners.trim(),
      lengths: this.#lengths.trim(),
    });
  }
}

/** The intervals of a list, by family. */
export class ListIntervals {
  readonly #ipv4: IntervalColumns = new IntervalColumns(4);
  readonly #ipv6: IntervalColumns = new IntervalColumns(6);

  /** Adds the entry in `span`. */
  add(owner: number, isPartOfName: boolean): void {
    (span.family === 4 ? this.#ipv4 : this.#ipv6).add(owner, isPartOfName);
  }

  sort(): readonly [ipv4: Intervals, ipv6: Intervals] {
    return [this.#ipv4.sort(), this.#ipv6.sort()];
  }
}

/** Orders addresses at two places of two columns of words, as unsigned numbers: negative, 0 or positive. */
export function compareAt(
  left: Int32Array,
  leftAt: number,
  right: Int32Array,
  rightAt: number,
  width: number,
): number {
  for (let word = 0; word < width; word++) {
    const difference =
      ((left[leftAt * width + word] as number) >>> 0) - ((right[rightAt * width + word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** By first address, then the widest, then names before plain entries, then as in the list. */
function sortIntervals(intervals: Intervals): Intervals {
  const { width, count, firsts, lasts, owners, lengths } = intervals;
  const compare = (left: number, right: number): number =>
    compareAt(firsts, left, firsts, right, width) ||
    compareAt(lasts, right, lasts, left, width) ||
    Number(lengths[right] === PART_OF_NAME) - Number(lengths[left] === PART_OF_NAME) ||
    (owners[left] as number) - (owners[right] as number);
  let isSorted = true;
  for (let at = 1; at < count && isSorted; at++) isSorted = compare(at - 1, at) < 0;
  if (isSorted) return intervals;
  const order = Int32Array.from({ length: count }, (_, at) => at).sort(compare);
  const pick = (column: Int32Array, size: number): Int32Array => {
    const picked = new Int32Array(column.length);
    for (let at = 0; at < count; at++) {
      const from = (order[at] as number) * size;
      for (let word = 0; word < size; word++) picked[at * size + word] = column[from + word] as number;
    }
    return picked;
  };
  return {
    ...intervals,
    firsts: pick(firsts, width),
    lasts: pick(lasts, width),
    owners: pick(owners, 1),
    lengths: pick(lengths, 1),
  };
}

/**
 * The intervals with the address space turned around, so that a sweep from the left is one from the right: the bits of
 * an address are flipped, which reverses the order of unsigned numbers.
 */
export function mirror(intervals: Intervals): Intervals {
  const flip = (words: Int32Array): Int32Array => words.map((word) => ~word);
  return sortIntervals({ ...intervals, firsts: flip(intervals.lasts), lasts: flip(intervals.firsts) });
}

/** For each position, that of an interval which covers it and is covered by none itself; −1 for those. */
export function findCoverers({ width, count, lasts }: Intervals): Int32Array {
  const coverers = new Int32Array(count).fill(-1);
  let farthest = -1;
  for (let at = 0; at < count; at++) {
    if (farthest >= 0 && compareAt(lasts, farthest, lasts, at, width) >= 0) coverers[at] = farthest;
    else farthest = at;
  }
  return coverers;
}

/** Whether the address behind an end is a start: the two intervals touch. The last address has none behind it. */
function isNext(lasts: Int32Array, last: number, firsts: Int32Array, first: number, width: number): boolean {
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const next = ((lasts[last * width + word] as number) + carry) | 0;
    if (next !== firsts[first * width + word]) return false;
    carry = carry === 1 && next === 0 ? 1 : 0;
  }
  return carry === 0;
}

/** The addresses of a list, for the question how much of a run of addresses is among them. */
export class Coverage {
  readonly #intervals: Intervals;
  /** Positions of the intervals that no other covers: their firsts and their lasts both ascend. */
  readonly #outer: Int32Array;
  /** For each of these, where the stretch of touching ones that it is in ends. */
  readonly #stretchEnds: Int32Array;

  constructor(intervals: Intervals, coverers: Int32Array = findCoverers(intervals)) {
    const { width, firsts, lasts } = intervals;
    this.#intervals = intervals;
    const outer = new Column();
    for (let at = 0; at < intervals.count; at++) if (coverers[at] === -1) outer.push(at);
    this.#outer = outer.trim();
    this.#stretchEnds = new Int32Array(this.#outer.length);
    for (let index = this.#outer.length - 1; index >= 0; index--) {
      const at = this.#outer[index] as number;
      const next = this.#outer[index + 1];
      const goesOn =
        next !== undefined &&
        (compareAt(firsts, next, lasts, at, width) <= 0 || isNext(lasts, at, firsts, next, width));
      this.#stretchEnds[index] = goesOn ? (this.#stretchEnds[index + 1] as number) : at;
    }
  }

  /** Whether all addresses of the family are covered. */
  get isEverything(): boolean {
    const { width, firsts, lasts } = this.#intervals;
    const [at] = this.#outer;
    if (at === undefined) return false;
    const end = this.#stretchEnds[0] as number;
    return (
      firsts.subarray(at * width, (at + 1) * width).every((word) => word === 0) &&
      lasts.subarray(end * width, (end + 1) * width).every((word) => word === -1)
    );
  }

  /** Owner of an interval that overlaps the one from `first` to `last`, or −1. */
  findOverlap(first: Int32Array, last: Int32Array): number {
    const { width, firsts, lasts, owners } = this.#intervals;
    const index = this.#locate(first);
    const before = this.#outer[index];
    if (before !== undefined && compareAt(lasts, before, first, 0, width) >= 0)
      return owners[before] as number;
    const behind = this.#outer[index + 1];
    if (behind === undefined || compareAt(firsts, behind, last, 0, width) > 0) return -1;
    return owners[behind] as number;
  }

  /** Whether all addresses from `first` to `last` are covered, by one interval or by several. */
  covers(first: Int32Array, last: Int32Array): boolean {
    const { width, lasts } = this.#intervals;
    const index = this.#locate(first);
    const at = this.#outer[index];
    if (at === undefined || compareAt(lasts, at, first, 0, width) < 0) return false;
    return compareAt(lasts, this.#stretchEnds[index] as number, last, 0, width) >= 0;
  }

  /** Index of the last outer interval that starts at an address or before it, or −1. */
  #locate(address: Int32Array): number {
    const { width, firsts } = this.#intervals;
    let below = -1;
    for (let above = this.#outer.length; above - below > 1; ) {
      const middle = (below + above) >>> 1;
      if (compareAt(firsts, this.#outer[middle] as number, address, 0, width) <= 0) below = middle;
      else above = middle;
    }
    return below;
  }
}
