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
 * is the same, or looks the same. Where another note could take its place, there is a problem but no fix. An entry without a
 * note that is superfluous stands in nobody's way, as it goes itself.
 *
 * Entries with times cover only what begins no earlier and ends no later, and merge only with entries of the same times.
 *
 * A line that silences a problem stays as far as that problem goes: it is not removed, or not merged with others.
 */

import type { Times } from '../list/times.ts';
import { findRepetitions, type Intervals } from '../space/intervals.ts';
import { type Merge, Merger, markCoveredByMerges } from '../space/join.ts';
import { pick } from '../space/pick.ts';
import { eachRivalled } from '../space/rivals.ts';
import { findTimedCoverers, heedTimes, numberTimes } from './coverers.ts';

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

/** Two entries that together are one prefix, but that cannot be merged without losing a note, or should not be. */
interface Siblings {
  readonly entries: readonly [number, number];
  /** The entries whose lines silence the advice to merge. */
  readonly silent: readonly number[];
  /** Whether their notes differ; if not, an entry with another note overlaps them. */
  readonly hasOtherNote: boolean;
}

// What is known about an entry is one byte: these are its bits.

/** No other interval covers one of its intervals. */
const OUTER = 1;

/** It is a range, and prefixes that merge cover it. */
const COVERED_BY_MERGE = 2;

/** It has a note, and another note could be reported where it goes or merges. */
const OVERLAPS_OTHER_NOTE = 4;

/** It has been read without an error. */
const HAS_INTERVAL = 8;

/** An earlier entry has its canonical text and its note. */
const HAS_SAME_NOTE_BEFORE = 16;

/** Its line silences the advice to merge. */
const NEVER_MERGES = 32;

/** Its line silences the problem whose fix would remove it. */
const STAYS = 64;

/** What the line of an entry is silent about: that it is covered, is a repetition, or could be merged. */
export const SILENT_REMOVAL = 1;
export const SILENT_REPETITION = 2;
export const SILENT_MERGING = 4;

/**
 * Makes the plan of a list.
 *
 * @param size - number of entries
 * @param families - their intervals
 * @param notes - number of the note of each entry: notes that look the same have equal numbers, 0 is none
 * @param silences - for each entry, what its line is silent about
 * @param timesOf - the times of an entry
 */
export function makePlan(
  size: number,
  families: readonly Intervals[],
  notes: Int32Array,
  silences: Uint8Array,
  timesOf: (entry: number) => Times | undefined,
): Plan {
  const durations = numberTimes(size, timesOf);
  const repetitions = heedTimes(findRepetitions(families, size), durations);
  const states = new Uint8Array(size);
  const allCoverers = families.map((intervals) => findTimedCoverers(intervals, durations));
  families.forEach((intervals, family) => {
    markOuter(intervals, allCoverers[family] as Int32Array, states);
  });
  const merges: Merge[] = [];
  const siblings: Siblings[] = [];
  const coverers = new Coverers(size);
  families.forEach((intervals, family) => {
    const covering = allCoverers[family] as Int32Array;
    markSilences(intervals, states, repetitions, silences);
    markOtherNotes(intervals, states, notes);
    // Outer entries of the same times do not overlap, apart from ranges.
    for (const part of splitByTimes(intervals, covering, durations.numbers)) {
      const merger = mergeOuter(part, states, notes);
      const nodes = gatherMerges(part.intervals, merger, merges);
      gatherSiblings(part.intervals, merger, states, notes, siblings);
      markCoveredByMerges(part.intervals, part.coverers, nodes, (at, members) => {
        const owner = part.intervals.owners[at] as number;
        states[owner] = (states[owner] as number) | COVERED_BY_MERGE;
        for (const member of members) coverers.add(owner, member);
      });
    }
    for (let at = 0; at < intervals.count; at++) {
      const owner = intervals.owners[at] as number;
      if (((states[owner] as number) & OUTER) !== 0) continue;
      coverers.add(owner, intervals.owners[covering[at] as number] as number);
    }
  });
  markSameNotes(repetitions, notes, states);
  const isSuperfluous = (entry: number): boolean =>
    ((states[entry] as number) & (OUTER | HAS_INTERVAL)) === HAS_INTERVAL ||
    ((states[entry] as number) & COVERED_BY_MERGE) !== 0;
  return {
    firstOfSame: repetitions,
    isSuperfluous,
    coverersOf: (entry) => coverers.of(entry),
    canGo: (entry) => {
      const state = states[entry] as number;
      if ((state & STAYS) !== 0) return false;
      if (notes[entry] === 0) return true;
      return (state & HAS_SAME_NOTE_BEFORE) !== 0 || (state & OVERLAPS_OTHER_NOTE) === 0;
    },
    merges,
    siblings,
  };
}

/** What covers each entry: one other entry, or several of a named network and of a range that prefixes cover as they merge. */
class Coverers {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Coverers = /* @__PURE__ */ new Coverers(0);

  readonly #first: Int32Array;
  readonly #further: Map<number, number[]> = new Map();

  constructor(size: number) {
    this.#first = new Int32Array(size).fill(-1);
  }

  add(entry: number, coverer: number): void {
    const known = this.#first[entry] as number;
    const further = this.#further.get(entry) ?? [];
    if (known < 0) this.#first[entry] = coverer;
    else if (known !== coverer && !further.includes(coverer)) this.#further.set(entry, [...further, coverer]);
  }

  /** Without repetition. */
  of(entry: number): readonly number[] {
    return [this.#first[entry] as number, ...(this.#further.get(entry) ?? [])];
  }
}

/** Marks the entries that were read, and those with an interval that no other covers. */
function markOuter({ count, owners }: Intervals, coverers: Int32Array, states: Uint8Array): void {
  for (let at = 0; at < count; at++) {
    const owner = owners[at] as number;
    states[owner] = (states[owner] as number) | HAS_INTERVAL | (coverers[at] === -1 ? OUTER : 0);
  }
}

/** Marks the entries that no fix removes, or merges, because their lines are silent about the problem. */
function markSilences(
  { count, owners }: Intervals,
  states: Uint8Array,
  repetitions: Int32Array,
  silences: Uint8Array,
): void {
  for (let at = 0; at < count; at++) {
    const owner = owners[at] as number;
    const silence = silences[owner] as number;
    const removal = (repetitions[owner] as number) < 0 ? SILENT_REMOVAL : SILENT_REPETITION;
    let state = states[owner] as number;
    if ((silence & removal) !== 0) state |= STAYS;
    if ((silence & SILENT_MERGING) !== 0) state |= NEVER_MERGES;
    states[owner] = state;
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

/** Marks the entries with a note that have a rival, so that another note or none could come to be reported for them. */
function markOtherNotes(intervals: Intervals, states: Uint8Array, notes: Int32Array): void {
  // What has no note and is superfluous goes itself.
  const isRival = (entry: number): boolean =>
    notes[entry] !== 0 || ((states[entry] as number) & (OUTER | STAYS)) !== 0;
  eachRivalled(intervals, notes, isRival, (entry) => {
    if (notes[entry] !== 0) states[entry] = (states[entry] as number) | OVERLAPS_OTHER_NOTE;
  });
}

/** Intervals of entries with the same times. */
interface Part {
  readonly intervals: Intervals;
  /** −1 for outer ones. */
  readonly coverers: Int32Array;
}

function splitByTimes(intervals: Intervals, coverers: Int32Array, numbers: Int32Array): readonly Part[] {
  if (!numbers.some((number) => number !== 0)) return [{ intervals, coverers }];
  const positions = new Map<number, number[]>();
  intervals.owners.forEach((owner, at) => {
    const number = numbers[owner] as number;
    const part = positions.get(number);
    if (part === undefined) positions.set(number, [at]);
    else part.push(at);
  });
  return [...positions.values()].map((part) => ({
    intervals: pick(intervals, part),
    coverers: Int32Array.from(part, (at) => Math.min(coverers[at] as number, 0)),
  }));
}

/** Merges the outer prefixes of one note. */
function mergeOuter({ intervals, coverers }: Part, states: Uint8Array, notes: Int32Array): Merger {
  const { count, owners, lengths } = intervals;
  const merger = new Merger(intervals, (left, right) => {
    const [one, other] = [owners[left] as number, owners[right] as number];
    const state = (states[one] as number) | (states[other] as number);
    return notes[one] === notes[other] && (state & (OVERLAPS_OTHER_NOTE | NEVER_MERGES)) === 0;
  });
  for (let at = 0; at < count; at++) {
    if (coverers[at] === -1 && (lengths[at] as number) >= 0) merger.add(at);
  }
  return merger;
}

/** Gathers what has merged, and answers the positions of each merge, by address. */
function gatherMerges(
  { family, width, firsts, owners }: Intervals,
  merger: Merger,
  merges: Merge[],
): Int32Array[] {
  const nodes: Int32Array[] = [];
  for (let node = 0; node < merger.count; node++) {
    const positions = merger.positionsOf(node);
    if (positions.length === 1) continue;
    nodes.push(positions);
    const members = Array.from(positions, (at) => owners[at] as number).sort((left, right) => left - right);
    const first = positions[0] as number;
    const words = firsts.slice(first * width, (first + 1) * width);
    merges.push({ members, family, words, length: merger.lengthOf(node) });
  }
  return nodes;
}

/** Gathers the pairs of entries that fill one prefix and have not merged. */
function gatherSiblings(
  { owners }: Intervals,
  merger: Merger,
  states: Uint8Array,
  notes: Int32Array,
  siblings: Siblings[],
): void {
  for (let node = 0; node < merger.count; node++) {
    if (!merger.areSiblings(node)) continue;
    const halves = [merger.positionsOf(node), merger.positionsOf(node + 1)] as const;
    // Merged nodes are reported as siblings of others when the list is checked again.
    const areSingle = halves[0].length === 1 && halves[1].length === 1;
    const [one, other] = halves.map(([first]) => owners[first as number] as number) as [number, number];
    // An entry that is silent about merging never merges, and so is a node by itself.
    const silent = [one, other].filter((entry) => ((states[entry] as number) & NEVER_MERGES) !== 0);
    if (!areSingle && silent.length === 0) continue;
    const entries = one < other ? ([one, other] as const) : ([other, one] as const);
    siblings.push({ entries, silent, hasOtherNote: notes[one] !== notes[other] });
  }
}
