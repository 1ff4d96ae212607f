/**
 * What is superfluous in a list, and the one plan that all fixes are parts of.
 *
 * A fix may be applied alone or with any others, and must never change a verdict. So no fix relies on what another may
 * take away:
 *
 * 1. An entry is superfluous when others cover it that are themselves covered by none. Those are the outer entries, and
 *    nothing deletes them.
 * 2. Outer prefixes that fill a larger prefix merge: one line is rewritten and the others go, in one fix. Their
 *    addresses are in the list before it and after it, so whatever relies on them may.
 * 3. A range that such a merged prefix covers is superfluous, too. This makes no further entry superfluous and no further
 *    prefixes merge, so the plan is complete.
 *
 * A note that somebody wrote is never lost: an entry with a note goes only when the note of what stays for its addresses
 * is the same to the letter. Where another note, or none, could take its place, there is a problem but no fix. That what
 * is in the way may itself be superfluous does not help, as its fix need not be applied: once it is gone, the list can be
 * checked again.
 */

import { Column } from './column.ts';
import { compareAt, findCoverers, type Intervals, mirror, PART_OF_NAME } from './intervals.ts';

/** Outer prefixes that are one prefix together. */
export interface Merge {
  /** The entries, in the order of the list; all have one note. */
  readonly members: readonly number[];
  readonly family: Intervals['family'];
  /** The prefix that they are together. */
  readonly words: Int32Array;
  readonly length: number;
}

/** Two entries that are one prefix together, but cannot be merged without a word lost. */
export interface Siblings {
  readonly entries: readonly [number, number];
  /** Whether their notes differ; otherwise an entry with another note overlaps them. */
  readonly hasOtherNote: boolean;
}

/** What is superfluous in a list; entries are given by their index. */
export interface Plan {
  /** For each entry that another one of the same canonical text stands before, the first of these; else −1. */
  readonly firstOfSame: Int32Array;
  /** Whether the entry is covered by others and not the first of its kind. */
  readonly isSuperfluous: (entry: number) => boolean;
  /** The outer entries that cover a superfluous one, without repetition. */
  readonly coverersOf: (entry: number) => readonly number[];
  /** Whether a superfluous entry can go without a note being lost. */
  readonly canGo: (entry: number) => boolean;
  readonly merges: readonly Merge[];
  readonly siblings: readonly Siblings[];
}

/** Bits of the state of an entry. */
const OUTER = 1;
const COVERED_BY_MERGE = 2;
const OVERLAPS_OTHER_NOTE = 4;
const HAS_INTERVAL = 8;
const HAS_SAME_NOTE_BEFORE = 16;

/**
 * Makes the plan of a list.
 *
 * @param size - number of entries
 * @param families - their intervals
 * @param notes - number of the note of each entry: equal notes have equal numbers, 0 is none
 * @param repetitions - the first entry of the same canonical text for ranges and names, or −1; prefixes are added here
 * @internal
 */
export function makePlan(
  size: number,
  families: readonly Intervals[],
  notes: Int32Array,
  repetitions: Int32Array,
): Plan {
  const states = new Uint8Array(size);
  const allCoverers = families.map(findCoverers);
  families.forEach(({ count, owners }, family) => {
    for (let at = 0; at < count; at++) {
      const isOuter = allCoverers[family]?.[at] === -1;
      states[owners[at] as number] =
        (states[owners[at] as number] as number) | HAS_INTERVAL | (isOuter ? OUTER : 0);
    }
  });
  const merges: Merge[] = [];
  const siblings: Siblings[] = [];
  // What covers an entry is one other; several only where it is a named network, or a range that merged ones cover.
  const coverers = new Int32Array(size).fill(-1);
  const furtherCoverers = new Map<number, number[]>();
  const addCoverer = (entry: number, coverer: number): void => {
    const known = coverers[entry] as number;
    const further = furtherCoverers.get(entry) ?? [];
    if (known < 0) coverers[entry] = coverer;
    else if (known !== coverer && !further.includes(coverer))
      furtherCoverers.set(entry, [...further, coverer]);
  };
  families.forEach((intervals, family) => {
    const covering = allCoverers[family] as Int32Array;
    markRepetitions(intervals, repetitions);
    markOtherNotes(intervals, states, notes);
    // A right end can only stick out to a side of its own where a range does.
    if (intervals.lengths.includes(-1)) markOtherNotes(mirror(intervals), states, notes);
    const merger = new Merger(intervals, states, notes);
    for (let at = 0; at < intervals.count; at++) {
      if (covering[at] === -1 && (intervals.lengths[at] as number) >= 0) merger.add(at);
    }
    merger.finish(merges, siblings);
    markCoveredByMerges(intervals, covering, merger.merged(), (at, members) => {
      const owner = intervals.owners[at] as number;
      states[owner] = (states[owner] as number) | COVERED_BY_MERGE;
      for (const member of members) addCoverer(owner, member);
    });
    for (let at = 0; at < intervals.count; at++) {
      const owner = intervals.owners[at] as number;
      if (((states[owner] as number) & OUTER) !== 0) continue;
      addCoverer(owner, intervals.owners[covering[at] as number] as number);
    }
  });
  markSameNotes(repetitions, notes, states);
  const isSuperfluous = (entry: number): boolean =>
    ((states[entry] as number) & (OUTER | HAS_INTERVAL)) === HAS_INTERVAL ||
    ((states[entry] as number) & COVERED_BY_MERGE) !== 0;
  return {
    firstOfSame: repetitions,
    isSuperfluous,
    coverersOf: (entry) => [coverers[entry] as number, ...(furtherCoverers.get(entry) ?? [])],
    canGo: (entry) => {
      if (notes[entry] === 0) return true;
      const state = states[entry] as number;
      return (state & HAS_SAME_NOTE_BEFORE) !== 0 || (state & OVERLAPS_OTHER_NOTE) === 0;
    },
    merges,
    siblings,
  };
}

/**
 * Notes for each plain prefix the first of the list that is the same. Equals stand one behind the other, in that order.
 * @internal
 */
export function markRepetitions(intervals: Intervals, firstOfSame: Int32Array): void {
  const { count, owners, lengths } = intervals;
  let head = -1;
  for (let at = 0; at < count; at++) {
    if ((lengths[at] as number) < 0) continue;
    const isSame = head >= 0 && areEqual(intervals, head, at);
    if (isSame) firstOfSame[owners[at] as number] = owners[head] as number;
    else head = at;
  }
}

/** Marks the entries that an earlier one of the same canonical text and the same note stands before. */
function markSameNotes(firstOfSame: Int32Array, notes: Int32Array, states: Uint8Array): void {
  // Of two numbers of at most 32 bits one is made that is exact, as there are far fewer than 2^26 of each.
  const seen = new Set<number>();
  firstOfSame.forEach((first, entry) => {
    if (first < 0) return;
    const note = notes[entry] as number;
    const key = first * 2 ** 26 + note;
    if (notes[first] === note || seen.has(key))
      states[entry] = (states[entry] as number) | HAS_SAME_NOTE_BEFORE;
    seen.add(key);
  });
}

/**
 * Marks the entries with a note whose first address is also in another entry that sticks out or is equal, and has
 * another note, or none at all. Run on the mirrored intervals, it does so for the last address.
 *
 * Of the intervals seen, those two are enough that reach farthest and have different notes.
 */
function markOtherNotes(intervals: Intervals, states: Uint8Array, notes: Int32Array): void {
  const { count, width, firsts, lasts, owners } = intervals;
  let farthest = -1;
  let farthestOther = -1;
  const noteOf = (at: number): number => notes[owners[at] as number] as number;
  const reachesBeyond = (left: number, right: number): boolean =>
    compareAt(lasts, left, lasts, right, width) > 0;
  const see = (at: number): void => {
    const note = noteOf(at);
    if (farthest < 0 || noteOf(farthest) === note) {
      if (farthest < 0 || reachesBeyond(at, farthest)) farthest = at;
    } else if (reachesBeyond(at, farthest)) {
      farthestOther = farthest;
      farthest = at;
    } else if (farthestOther < 0 || reachesBeyond(at, farthestOther)) {
      farthestOther = at;
    }
  };
  for (let start = 0, end = 0; start < count; start = end) {
    // Equal ones are seen together: whichever goes, another would come to decide.
    while (end < count && (end === start || areEqual(intervals, start, end))) see(end++);
    for (let at = start; at < end; at++) {
      const note = noteOf(at);
      if (note === 0) continue;
      const rival = farthest >= 0 && noteOf(farthest) === note ? farthestOther : farthest;
      if (rival < 0 || compareAt(lasts, rival, firsts, at, width) < 0) continue;
      states[owners[at] as number] = (states[owners[at] as number] as number) | OVERLAPS_OTHER_NOTE;
    }
  }
}

function areEqual({ width, firsts, lasts }: Intervals, left: number, right: number): boolean {
  return (
    compareAt(firsts, left, firsts, right, width) === 0 && compareAt(lasts, left, lasts, right, width) === 0
  );
}

/** Finds outer prefixes that fill a larger one, halves of halves included, as a stack of what is still one node each. */
class Merger {
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
      } else if (this.#areSiblings(node) && this.#positionsOf(node + 1).length === 1) {
        // Nodes that have merged are said to be siblings of others when the list is checked again.
        const [left, right] = [this.#ownerOf(node), this.#ownerOf(node + 1)].sort((a, b) => a - b) as [
          number,
          number,
        ];
        siblings.push({ entries: [left, right], hasOtherNote: this.#notes[left] !== this.#notes[right] });
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

  #mergesAt(node: number): boolean {
    if (node < 0 || !this.#areSiblings(node)) return false;
    const [left, right] = [this.#ownerOf(node), this.#ownerOf(node + 1)];
    if (this.#notes[left] !== this.#notes[right]) return false;
    // All members of a node have passed this, so that it is enough to ask for the first.
    return (((this.#states[left] as number) | (this.#states[right] as number)) & OVERLAPS_OTHER_NOTE) === 0;
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
function markCoveredByMerges(
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
