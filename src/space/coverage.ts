/**
 * What covers what, and how much of it.
 */

import { compareAt, isNextAt } from '../address/words.ts';
import { Column } from './column.ts';
import { type Intervals, noIntervals, sortIntervals } from './intervals.ts';
import { locate } from './locate.ts';

/**
 * The intervals in a mirrored address space, where a sweep from the left is one from the right: flipping all bits of an
 * address reverses the order of unsigned numbers.
 */
export function mirror({ family, width, count, firsts, lasts, owners, lengths }: Intervals): Intervals {
  const flip = (words: Int32Array): Int32Array => words.map((word) => ~word);
  return sortIntervals({
    family,
    width,
    count,
    firsts: flip(lasts),
    lasts: flip(firsts),
    owners,
    lengths,
  });
}

/** For each interval, the position of an outer one that covers it; −1 for outer ones, which nothing covers. */
export function findCoverers({ width, count, lasts }: Intervals): Int32Array {
  const coverers = new Int32Array(count).fill(-1);
  let farthest = -1;
  for (let at = 0; at < count; at++) {
    if (farthest >= 0 && compareAt(lasts, farthest, lasts, at, width) >= 0) coverers[at] = farthest;
    else farthest = at;
  }
  return coverers;
}

/** The addresses of a list, to find out how much of a run of addresses is among them. */
export class Coverage {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Coverage = /* @__PURE__ */ new Coverage(noIntervals);

  readonly #intervals: Intervals;
  /** Positions of the outer intervals, which no other covers: their first and last addresses both ascend. */
  readonly #outer: Int32Array;
  /** For each of these, where the stretch of touching intervals that it belongs to ends. */
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
        (compareAt(firsts, next, lasts, at, width) <= 0 || isNextAt(lasts, at, firsts, next, width));
      this.#stretchEnds[index] = goesOn ? (this.#stretchEnds[index + 1] as number) : at;
    }
  }

  /** Whether every address of the family is covered. */
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
    const after = this.#outer[index + 1];
    if (after === undefined || compareAt(firsts, after, last, 0, width) > 0) return -1;
    return owners[after] as number;
  }

  /** Whether all addresses from `first` to `last` are covered, by one interval or several. */
  covers(first: Int32Array, last: Int32Array): boolean {
    const { width, lasts } = this.#intervals;
    const index = this.#locate(first);
    const at = this.#outer[index];
    if (at === undefined || compareAt(lasts, at, first, 0, width) < 0) return false;
    return compareAt(lasts, this.#stretchEnds[index] as number, last, 0, width) >= 0;
  }

  /** Index of the last outer interval that starts at or before an address, or −1. */
  #locate(address: Int32Array): number {
    const { width, firsts } = this.#intervals;
    const outer = this.#outer;
    return locate(outer.length, (index) => compareAt(firsts, outer[index] as number, address, 0, width) <= 0);
  }
}
