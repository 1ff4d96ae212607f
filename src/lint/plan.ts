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
 * is the same to the letter. Where another note could take its place, there is a problem but no fix. An entry without a
 * note that is superfluous stands in nobody's way, as it goes itself.
 *
 * A line that silences a problem stays as far as that problem goes: it is not removed, or not merged with others.
 */

import { compareAt } from '../address/words.ts';
import { findCoverers, mirror } from '../space/coverage.ts';
import { areEqual, findRepetitions, type Intervals } from '../space/intervals.ts';
import {
  type Merge,
  Merger,
  markCoveredByMerges,
  NEVER_MERGES,
  OVERLAPS_OTHER_NOTE,
  type Siblings,
} from '../space/join.ts';

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
// Bits 2 and 5 are those of the merger.
const OUTER = 1;

const COVERED_BY_MERGE = 2;

const HAS_INTERVAL = 8;

const HAS_SAME_NOTE_BEFORE = 16;

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
 * @param notes - number of the note of each entry: equal notes have equal numbers, 0 is none
 * @param silences - for each entry, what its line is silent about
 * @internal
 */
export function makePlan(
  size: number,
  families: readonly Intervals[],
  notes: Int32Array,
  silences: Uint8Array,
): Plan {
  const repetitions = findRepetitions(families, size);
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
    markSilences(intervals, states, repetitions, silences);
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
      const state = states[entry] as number;
      if ((state & STAYS) !== 0) return false;
      if (notes[entry] === 0) return true;
      return (state & HAS_SAME_NOTE_BEFORE) !== 0 || (state & OVERLAPS_OTHER_NOTE) === 0;
    },
    merges,
    siblings,
  };
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
    // What has no note and is superfluous goes itself.
    if (note === 0 && ((states[owners[at] as number] as number) & (OUTER | STAYS)) === 0) return;
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
