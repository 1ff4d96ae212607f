/**
 * Joining: prefixes that fill a larger one, and what that one covers.
 */

import { compareAt } from '../address/words.ts';
import { Column } from './column.ts';
import { type Intervals, PART_OF_NAME } from './intervals.ts';

/** Outer prefixes that are one prefix together. */
export interface Merge {
  /** The entries, in the order of the list; all have one note. */
  readonly members: readonly number[];
  readonly family: Intervals['family'];
  /** The prefix that they are together. */
  readonly words: Int32Array;
  readonly length: number;
}

/**
 * Whether two halves of a prefix may become that prefix.
 *
 * @param left - position of the first prefix of the left half, which has passed this with all others of that half
 * @param right - the same for the right half
 * @param length - prefix length of a half
 */
export type MayJoin = (left: number, right: number, length: number) => boolean;

/** Finds prefixes that fill a larger one, halves of halves included, as a stack of what is still one node each. */
export class Merger {
  readonly #intervals: Intervals;
  readonly #mayJoin: MayJoin;
  /** Positions of the prefixes, by address; each node holds some that follow each other, `from` up to the next. */
  readonly #prefixes: Column = new Column();
  readonly #from: Column = new Column();
  readonly #lengths: Column = new Column();

  constructor(intervals: Intervals, mayJoin: MayJoin) {
    this.#intervals = intervals;
    this.#mayJoin = mayJoin;
  }

  /** Adds a prefix; all that are added are disjoint, and in order. */
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

  /** Number of nodes: joined ones, and prefixes that nothing was joined to. */
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

  /** Whether a node and the next, which are disjoint, are the two halves of a prefix. */
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

/** Calls back for each outer range that a merged prefix covers, with the members that it overlaps: two at least. */
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
    const node = nodes[next - 1];
    if (node === undefined || compareAt(lasts, node.at(-1) as number, lasts, at, width) < 0) continue;
    // Between its ends there may be many: the first and the last say enough.
    const from = locate(node, (member) => compareAt(firsts, member, firsts, at, width) <= 0);
    const to = locate(node, (member) => compareAt(firsts, member, lasts, at, width) <= 0);
    visit(at, [owners[node[from] as number] as number, owners[node[to] as number] as number]);
  }
}

/** Index of the last position for which a question is answered with yes: it is for all up to there. */
function locate(positions: Int32Array, isBefore: (position: number) => boolean): number {
  let below = 0;
  for (let above = positions.length; above - below > 1; ) {
    const middle = (below + above) >>> 1;
    if (isBefore(positions[middle] as number)) below = middle;
    else above = middle;
  }
  return below;
}
