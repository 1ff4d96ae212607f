/**
 * Merges prefixes for lint: outer prefixes with the same note that together fill a larger one.
 */

import { compareAt } from '../address/words.ts';
import { Column } from './column.ts';
import { type Intervals, PART_OF_NAME } from './intervals.ts';

/** Outer prefixes that together are one prefix. */
export interface Merge {
  /** The entries, in list order; all have the same note. */
  readonly members: readonly number[];
  readonly family: Intervals['family'];
  /** The prefix that they form together. */
  readonly words: Int32Array;
  readonly length: number;
}

/** Two entries that together are one prefix, but that cannot be merged without losing a note, or should not be. */
export interface Siblings {
  readonly entries: readonly [number, number];
  /** The entries whose lines silence the advice to merge. */
  readonly silent: readonly number[];
  /** Whether their notes differ; if not, an entry with another note overlaps them. */
  readonly hasOtherNote: boolean;
}

/** Bits of an entry's state that keep it from merging; the other bits belong to the plan. */
export const OVERLAPS_OTHER_NOTE = 4;

export const NEVER_MERGES = 32;

/**
 * Finds outer prefixes that fill a larger one, halves of halves included. A stack holds the nodes that are not merged
 * yet.
 */
export class Merger {
  readonly #intervals: Intervals;
  readonly #states: Uint8Array;
  readonly #notes: Int32Array;
  /**
   * Positions of the prefixes, by address. Each node holds consecutive ones: from its `from` up to that of the next
   * node.
   */
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
      // Merged nodes are reported as siblings of others when the list is checked again.
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

  /** The positions in each merged node, by address. */
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

  /** The entry of a node if its line silences merging, in which case it has never merged; otherwise nothing. */
  #silentOf(node: number): number[] {
    const owner = this.#ownerOf(node);
    return ((this.#states[owner] as number) & NEVER_MERGES) === 0 ? [] : [owner];
  }

  #mergesAt(node: number): boolean {
    if (node < 0 || !this.#areSiblings(node)) return false;
    const [left, right] = [this.#ownerOf(node), this.#ownerOf(node + 1)];
    if (this.#notes[left] !== this.#notes[right]) return false;
    // All members of a node have passed this check, so the first one stands for all.
    const state = (this.#states[left] as number) | (this.#states[right] as number);
    return (state & (OVERLAPS_OTHER_NOTE | NEVER_MERGES)) === 0;
  }

  /** Whether a node and the next, which are never equal, are the two halves of one prefix. */
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
    const node = nodes[next - 1];
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
