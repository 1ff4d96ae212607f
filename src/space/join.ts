/**
 * Joins prefixes that together fill a larger one, and finds what that one covers.
 */

import { compareAt } from '../address/words.ts';
import { Column } from './column.ts';
import { type Intervals, noIntervals, PART_OF_NAME } from './intervals.ts';

/** Outer prefixes that together are one prefix. */
export interface Merge {
  /** The entries, in list order; all have the same note. */
  readonly members: readonly number[];
  readonly family: Intervals['family'];
  /** The prefix that they form together. */
  readonly words: Int32Array;
  readonly length: number;
}

/**
 * Whether two halves of a prefix may become that prefix.
 *
 * @param left - position of the first prefix in the left half; all prefixes of a half have passed this check together,
 *   so the first one stands for all
 * @param right - position of the first prefix in the right half
 * @param length - prefix length of a half
 */
export type MayJoin = (left: number, right: number, length: number) => boolean;

/**
 * Finds prefixes that fill a larger one, halves of halves included. A stack holds the nodes that are not merged yet.
 */
export class Merger {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Merger = /* @__PURE__ */ new Merger(noIntervals, () => false);

  readonly #intervals: Intervals;
  readonly #mayJoin: MayJoin;
  /**
   * Positions of the prefixes, by address. Each node holds consecutive ones: from its `from` up to that of the next
   * node.
   */
  readonly #prefixes: Column = new Column();
  readonly #from: Column = new Column();
  readonly #lengths: Column = new Column();

  constructor(intervals: Intervals, mayJoin: MayJoin) {
    this.#intervals = intervals;
    this.#mayJoin = mayJoin;
  }

  /** Adds a prefix. It comes after all prefixes that were added before, and overlaps none of them. */
  add(position: number): void {
    this.#from.push(this.#prefixes.length);
    this.#prefixes.push(position);
    this.#lengths.push(this.#intervals.lengths[position] as number);
    for (let left = this.#from.length - 2; left >= 0 && this.#joinsNext(left); left--) {
      this.#from.length--;
      this.#lengths.length--;
      this.#lengths.values[left] = (this.#lengths.values[left] as number) - 1;
    }
  }

  /** Number of nodes: merged prefixes, and those that have not merged. */
  get count(): number {
    return this.#from.length;
  }

  /** Positions of the prefixes of a node, by address. */
  positionsOf(node: number): Int32Array {
    const end = node + 1 < this.#from.length ? this.#from.values[node + 1] : this.#prefixes.length;
    return this.#prefixes.values.subarray(this.#from.values[node], end);
  }

  /** Prefix length of a node. */
  lengthOf(node: number): number {
    return this.#lengths.values[node] as number;
  }

  /** Whether a node and the next, which are never equal, are the two halves of one prefix. */
  areSiblings(node: number): boolean {
    const length = this.lengthOf(node);
    if (node + 1 >= this.#from.length || length === 0 || this.lengthOf(node + 1) !== length) return false;
    const { width, firsts } = this.#intervals;
    const left = this.#firstOf(node) * width;
    const right = this.#firstOf(node + 1) * width;
    for (let word = 0; word < width; word++) {
      const bit = (length - 1) >>> 5 === word ? 1 << (31 - ((length - 1) & 31)) : 0;
      const value = firsts[left + word] as number;
      if ((value | bit) !== firsts[right + word]) return false;
    }
    return true;
  }

  #joinsNext(node: number): boolean {
    return (
      this.areSiblings(node) &&
      this.#mayJoin(this.#firstOf(node), this.#firstOf(node + 1), this.lengthOf(node))
    );
  }

  #firstOf(node: number): number {
    return this.#prefixes.values[this.#from.values[node] as number] as number;
  }
}

/** Calls back for each outer range that a merged prefix covers, with two of the members that it overlaps. */
export function markCoveredByMerges(
  { width, count, firsts, lasts, owners, lengths }: Intervals,
  coverers: Int32Array,
  nodes: readonly Int32Array[],
  visit: (position: number, members: readonly number[]) => void,
): void {
  let next = 0;
  for (let at = 0; at < count; at++) {
    if (coverers[at] !== -1 || (lengths[at] as number) >= 0 || lengths[at] === PART_OF_NAME) continue;
    while (next < nodes.length && compareAt(firsts, nodes[next]?.[0] as number, firsts, at, width) <= 0)
      next++;
    // An array has no place −1, but Object.prototype might.
    const node = next === 0 ? undefined : nodes[next - 1];
    if (node === undefined || compareAt(lasts, node.at(-1) as number, lasts, at, width) < 0) continue;
    // There may be many members in between: the first and the last say enough.
    const from = locate(node, (member) => compareAt(firsts, member, firsts, at, width) <= 0);
    const to = locate(node, (member) => compareAt(firsts, member, lasts, at, width) <= 0);
    visit(at, [owners[node[from] as number] as number, owners[node[to] as number] as number]);
  }
}

/** Index of the last position for which `isBefore` holds: it holds for all positions up to that one. */
function locate(positions: Int32Array, isBefore: (position: number) => boolean): number {
  let below = 0;
  for (let above = positions.length; above - below > 1; ) {
    const middle = (below + above) >>> 1;
    if (isBefore(positions[middle] as number)) below = middle;
    else above = middle;
  }
  return below;
}
