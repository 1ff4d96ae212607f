/**
 * Finds the intervals that hold an address, with a balanced tree laid over their order. The middle of each part is its
 * root and knows which interval of the part reaches farthest, so a part that ends before the address is skipped.
 */

import { compareAt, compareSizes } from '../address/words.ts';
import { type Intervals, noIntervals } from './intervals.ts';

/** Finds the intervals around an address, in k log n for k of them. */
export class Stabbing {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Stabbing = /* @__PURE__ */ new Stabbing(noIntervals);

  readonly #intervals: Intervals;
  /** For the middle of each part, the position of its interval that reaches farthest. Made on first use. */
  #farthest: Int32Array | undefined;

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
  }

  /** Owners of the intervals that hold an address, the smallest first; ties go to the first owner. */
  ownersAround(address: Int32Array): number[] {
    const { width, count, firsts, lasts, owners } = this.#intervals;
    if (this.#farthest === undefined) {
      this.#farthest = new Int32Array(count);
      this.#measure(this.#farthest, 0, count);
    }
    const found: number[] = [];
    this.#collect(this.#farthest, 0, count, address, found);
    found.sort(
      (left, right) =>
        compareSizes(firsts, lasts, left, right, width) ||
        (owners[left] as number) - (owners[right] as number),
    );
    return found.map((at) => owners[at] as number);
  }

  /** The position, from `from` up to `to`, whose interval reaches farthest, or −1. */
  #measure(farthest: Int32Array, from: number, to: number): number {
    if (from === to) return -1;
    const { width, lasts } = this.#intervals;
    const middle = (from + to) >>> 1;
    let best = middle;
    for (const at of [this.#measure(farthest, from, middle), this.#measure(farthest, middle + 1, to)]) {
      if (at >= 0 && compareAt(lasts, at, lasts, best, width) > 0) best = at;
    }
    farthest[middle] = best;
    return best;
  }

  #collect(farthest: Int32Array, from: number, to: number, address: Int32Array, found: number[]): void {
    if (from === to) return;
    const { width, firsts, lasts } = this.#intervals;
    const middle = (from + to) >>> 1;
    if (compareAt(lasts, farthest[middle] as number, address, 0, width) < 0) return;
    this.#collect(farthest, from, middle, address, found);
    if (compareAt(firsts, middle, address, 0, width) > 0) return;
    if (compareAt(lasts, middle, address, 0, width) >= 0) found.push(middle);
    this.#collect(farthest, middle + 1, to, address, found);
  }
}
