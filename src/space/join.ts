/**
 * The merging of prefixes for lint: outer prefixes of one note that fill a larger one.
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

/** Two entries that are one prefix together, but cannot be merged without a word lost, or are not to be. */
export interface Siblings {
  readonly entries: readonly [number, number];
  /** Those whose lines silence that they could be merged. */
  readonly silent: readonly number[];
  /** Whether their notes differ; otherwise an entry with another note overlaps them. */
  readonly hasOtherNote: boolean;
}

/** Bits of the state of an entry that keep it from merging; the others are those of the plan. */
export const OVERLAPS_OTHER_NOTE = 4;

export const NEVER_MERGES = 32;

/** Finds outer prefixes that fill a larger one, halves of halves included, as a stack of what is still one node each. */
export class Merger {
  readonly #intervals: Intervals;
  readonly #states: Uint8Array;
  readonly #notes: Int32Array;
  /** Positions of the prefixes, by address; each node holds some that follow each other, `from` up to the next. */
  readonly #prefixes: Column = new Column();
  readonly #from: Column = new Column();
  readonly #lengths: Column = new Column();

  constructor(intervals: Intervals, states: Uint8Array, notes: Int32Array) {
    this.#intervals = intervals;
    this.#states = states;
    this.#notes = notes;
  }

  add(position: number): void {
    const { length } = this.#prefixes;
    this.#from.push(length);
    this.#prefixes.push(position);
    this.#lengths.push(this.#intervals.lengths[position] as number);
    while (this.#mergesAt(this.#from.length - 2)) {
      this.#from.length--;
      this.#lengths.length--;
      this.#lengths.values[this.#lengths.length - 1] =
        (this.#lengths.values[this.#lengths.length - 1] as number) - 1;
    }
  }

  finish(merges: Merge[], siblings: Siblings[]): void {
    const { family, width, firsts, owners } = this.#intervals;
    for (let node = 0; node < this.#from.length; node++) {
      const positions = this.#positionsOf(node);
      if (positions.length > 1) {
        const members = Array.from(positions, (at) => owners[at] as number).sort(
          (left, right) => left - right,
        );
        const first = positions[0] as number;
        const words = firsts.slice(first * width, first * width + width);
        merges.push({ members, family, words, length: this.#lengths.values[node] as number });
      }
      if (!this.#areSiblings(node)) continue;
      const silent = this.#silentOf(node).concat(this.#silentOf(node + 1));
      // Nodes that have merged are said to be siblings of others when the list is checked again.
      const areSingle = positions.length === 1 && this.#positionsOf(node + 1).length === 1;
      if (areSingle || silent.length > 0) {
        const [left, right] = [this.#ownerOf(node), this.#ownerOf(node + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        const hasOtherNote = this.#notes[left] !== this.#notes[right];
        siblings.push({ entries: [left, right], silent, hasOtherNote });
      }
    }
  }

  /** The merged nodes by address: first and last position of each. */
  merged(): readonly Int32Array[] {
    const nodes: Int32Array[] = [];
    for (let node = 0; node < this.#from.length; node++) {
      const positions = this.#positionsOf(node);
      if (positions.length > 1) nodes.push(positions);
    }
    return nodes;
  }

  #positionsOf(node: number): Int32Array {
    const end = node + 1 < this.#from.length ? this.#from.values[node + 1] : this.#prefixes.length;
    return this.#prefixes.values.subarray(this.#from.values[node], end);
  }

  #ownerOf(node: number): number {
    return this.#intervals.owners[
      this.#prefixes.values[this.#from.values[node] as number] as number
    ] as number;
  }

  /** The entry of a node that is silent about merging, and so has never merged; or none. */
  #silentOf(node: number): number[] {
    const owner = this.#ownerOf(node);
    return ((this.#states[owner] as number) & NEVER_MERGES) === 0 ? [] : [owner];
  }

  #mergesAt(node: number): boolean {
    if (node < 0 || !this.#areSiblings(node)) return false;
    const [left, right] = [this.#ownerOf(node), this.#ownerOf(node + 1)];
    if (this.#notes[left] !== this.#notes[right]) return false;
    // All members of a node have passed this, so that it is enough to ask for the first.
    const state = (this.#states[left] as number) | (this.#states[right] as number);
    return (state & (OVERLAPS_OTHER_NOTE | NEVER_MERGES)) === 0;
  }

  /** Whether a node and the next, which are never equal, are the two halves of a prefix. */
  #areSiblings(node: number): boolean {
    const length = this.#lengths.values[node] as number;
    if (node + 1 >= this.#from.length || length === 0 || this.#lengths.values[node + 1] !== length)
      return false;
    const { width, firsts } = this.#intervals;
    const left = (this.#prefixes.values[this.#from.values[node] as number] as number) * width;
    const right = (this.#prefixes.values[this.#from.values[node + 1] as number] as number) * width;
    for (let word = 0; word < width; word++) {
      const bit = (length - 1) >>> 5 === word ? 1 << (31 - ((length - 1) & 31)) : 0;
      const value = firsts[left + word] as number;
      if ((value | bit) !== firsts[right + word]) return false;
    }
    return true;
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
