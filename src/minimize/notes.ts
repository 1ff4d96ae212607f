/**
 * The smallest list that keeps its notes.
 *
 * Of the entries that cover an address the smallest one decides, and of equal sizes the first in the list. So at each
 * address the entries lie in a stack, with the one that decides on top. An entry leaves a stack, or moves down in it, only
 * where no other note is between its place and the next entry of its note. So the note on top stays what it is:
 *
 * 1. An entry without a note goes when others cover all of it.
 * 2. An entry with a note goes when at each of its addresses the next entry down has the same note.
 * 3. Entries of one note join, and move down, as they are larger then: a range with all that touches it, and two halves of
 *    a prefix. See `join.ts`.
 *
 * Where only prefixes meet, the next entry down is the next wider prefix. Ranges overlap in any way, and what meets one of
 * another note goes or joins only without a rival (see `space/rivals.ts`): then all entries below it have its note. Named
 * networks go as other entries do, and never join.
 *
 * Times are part of the note, but for step 1: there, only entries that always count cover.
 *
 * What goes may make room for more, so the steps run until they change nothing: two or three rounds for all lists that were
 * tried, those made for it included.
 */

import { readEntry } from '../address/entry.ts';
import { normalize } from '../address/prefix.ts';
import { compareAt, decrement, formatInterval, increment, NOT_A_PREFIX } from '../address/words.ts';
import { Coverage, findCoverers } from '../space/coverage.ts';
import { areEqual, type Intervals, ListIntervals, PART_OF_NAME } from '../space/intervals.ts';
import { nest } from '../space/nest.ts';
import { filter } from '../space/pick.ts';
import { eachRivalled } from '../space/rivals.ts';
import { join, type Marks } from './join.ts';

/** An entry of a list: canonical text and note. */
export interface NotedEntry {
  /** Canonical text of an address, prefix, range or named network. */
  readonly address: string;
  readonly note: string | undefined;
  /** When it counts, the same text for the same times; absent or empty for always. */
  readonly times?: string;
}

/** An entry of the answer. */
interface MinimizedEntry extends NotedEntry {
  /** Place, from 0, of the first of the entries that it stands for. */
  readonly index: number;
}

/**
 * Gives fewer entries that cover the same addresses, with the notes that are reported for them.
 *
 * - For every address the note of the entry that decides stays the same. An address whose entry has no note may get the
 *   note of another entry that covers it.
 * - A note stands only where it stood before. An entry with times joins only those of the same times and note.
 * - There are never more entries than before, and doing it twice changes nothing more.
 * - When no two notes differ, and there are only addresses and prefixes, these are the prefixes of `minimize`, except next
 *   to the IPv4-mapped block: only `minimize` uses that no client is in it.
 *
 * @param entries - canonical text and note of each, in the order of the list
 * @returns the entries that are left, each where the first of those stood that it stands for
 * @throws ParseError when a text is not an entry
 * @remarks Linear in the entries for each of two or three rounds, apart from sorting.
 */
export function minimizeEntries(entries: Iterable<NotedEntry>): MinimizedEntry[] {
  const list = [...entries];
  const intervals = new ListIntervals();
  list.forEach(({ address }, index) => {
    const isEntry = readEntry(address, 0, address.length, (isPartOfName) =>
      intervals.add(index, isPartOfName),
    );
    // Throws with what is wrong.
    if (!isEntry) normalize(address);
  });
  const notes = numberNotes(list);
  const isTimed = Uint8Array.from(list, ({ times = '' }) => (times === '' ? 0 : 1));
  const isJoined = new Uint8Array(list.length);
  let families: readonly Intervals[] = intervals.sort();
  for (let isDone = false; !isDone; ) {
    const left = minimizeOnce(families, notes, isTimed, isJoined);
    isDone = left.every(({ count }, family) => count === families[family]?.count);
    families = left;
  }
  const addresses: (string | undefined)[] = list.map(() => undefined);
  for (const family of families) {
    for (let at = 0; at < family.count; at++) {
      const index = family.owners[at] as number;
      addresses[index] = isJoined[index] === 1 ? format(family, at) : list[index]?.address;
    }
  }
  return addresses.flatMap((address, index) =>
    address === undefined ? [] : [Object.freeze({ address, note: list[index]?.note, index })],
  );
}

function numberNotes(list: readonly NotedEntry[]): Int32Array {
  const numbers = new Map([['', 0]]);
  return Int32Array.from(list, ({ note, times = '' }) => {
    const key = note === undefined ? times : `${times}#${note}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}

function minimizeOnce(
  given: readonly Intervals[],
  notes: Int32Array,
  isTimed: Uint8Array,
  isJoined: Uint8Array,
): readonly Intervals[] {
  const noted = dropUnnoted(dropRepeated(given, notes, false), notes, isTimed);
  const marks = markMeetings(noted, notes);
  const left = dropRepeated(dropCovered(noted, marks), notes, true);
  return left.map((intervals) => join(intervals, marks, isJoined));
}

/** Drops the entries of which all intervals are superfluous. */
function drop(
  families: readonly Intervals[],
  size: number,
  findSuperfluous: (intervals: Intervals) => (at: number) => boolean,
): readonly Intervals[] {
  const stays = new Uint8Array(size);
  let goes = false;
  for (const intervals of families) {
    const isSuperfluous = findSuperfluous(intervals);
    for (let at = 0; at < intervals.count; at++) {
      if (isSuperfluous(at)) goes = true;
      else stays[intervals.owners[at] as number] = 1;
    }
  }
  if (!goes) return families;
  return families.map((intervals) => filter(intervals, (at) => stays[intervals.owners[at] as number] === 1));
}

/**
 * Drops what repeats the addresses and the note of an earlier entry. Names repeat only names unless `byAny` is set: a name
 * that stays for one of its prefixes makes what is equal to another one superfluous, and so it is tried last.
 */
function dropRepeated(
  families: readonly Intervals[],
  notes: Int32Array,
  byAny: boolean,
): readonly Intervals[] {
  return drop(families, notes.length, (intervals) => {
    const { count, owners, lengths } = intervals;
    const isRepeated = new Uint8Array(count);
    for (let start = 0, end = 1; start < count; start = end++) {
      while (end < count && areEqual(intervals, start, end)) end++;
      if (end - start === 1) continue;
      // Names come first, and otherwise the order is that of the list.
      const [names, others] = [new Map<number, number>(), new Map<number, number>()];
      for (let at = start; at < end; at++) {
        const firsts = lengths[at] === PART_OF_NAME ? names : others;
        const note = notes[owners[at] as number] as number;
        if (!firsts.has(note)) firsts.set(note, owners[at] as number);
      }
      for (let at = start; at < end; at++) {
        const owner = owners[at] as number;
        const note = notes[owner] as number;
        const byName = (names.get(note) ?? owner) < owner;
        const byOther = (others.get(note) ?? owner) < owner && (byAny || lengths[at] !== PART_OF_NAME);
        isRepeated[at] = byName || byOther ? 1 : 0;
      }
    }
    return (at) => isRepeated[at] === 1;
  });
}

/** Drops entries without a note that others cover: those that one covers, then those that several do, names last. */
function dropUnnoted(
  all: readonly Intervals[],
  notes: Int32Array,
  isTimed: Uint8Array,
): readonly Intervals[] {
  if (!notes.includes(0)) return all;
  const families = all.map((family) => filter(family, (at) => isTimed[family.owners[at] as number] === 0));
  const left = drop(families, notes.length, (intervals) => {
    const coverers = findCoverers(intervals);
    return (at) => coverers[at] !== -1 && notes[intervals.owners[at] as number] === 0;
  });
  const dropFilled = (some: readonly Intervals[], areNames: boolean): readonly Intervals[] =>
    drop(some, notes.length, (intervals) => {
      const { owners, lengths } = intervals;
      const isFilled = findFilled(intervals, (at) => {
        return notes[owners[at] as number] === 0 && (lengths[at] === PART_OF_NAME) === areNames;
      });
      return (at) => isFilled[at] === 1;
    });
  const untimed = dropFilled(dropFilled(left, false), true);
  const stays = isTimed.slice();
  for (const { owners } of untimed) for (const owner of owners) stays[owner] = 1;
  return all.map((family) => filter(family, (at) => stays[family.owners[at] as number] === 1));
}

/** Marks those of the intervals in question, none of which covers another, that all intervals without a mark cover. */
function findFilled(intervals: Intervals, isInQuestion: (at: number) => boolean): Uint8Array {
  const { width, count, firsts, lasts } = intervals;
  const isFilled = new Uint8Array(count);
  const inQuestion: number[] = [];
  for (let at = 0; at < count; at++) if (isInQuestion(at)) inQuestion.push(at);
  const others = new Coverage(filter(intervals, (at) => !isInQuestion(at)));
  // The last one without a mark covers all up to its end, and the next one all from its start on.
  let before = -1;
  inQuestion.forEach((at, index) => {
    const first = firsts.slice(at * width, (at + 1) * width);
    const last = lasts.slice(at * width, (at + 1) * width);
    if (before >= 0 && compareAt(lasts, before, first, 0, width) >= 0) {
      for (let word = 0; word < width; word++) first[word] = lasts[before * width + word] as number;
      increment(first, width);
    }
    const next = inQuestion.at(index + 1);
    if (next !== undefined && compareAt(firsts, next, last, 0, width) <= 0) {
      for (let word = 0; word < width; word++) last[word] = firsts[next * width + word] as number;
      // The next one starts after the first address of all, as it does not cover this one.
      decrement(last, width);
    }
    if (compareAt(first, 0, last, 0, width) > 0 || others.covers(first, last)) isFilled[at] = 1;
    else before = at;
  });
  return isFilled;
}

/** Finds the rivals of all entries. */
function markMeetings(families: readonly Intervals[], notes: Int32Array): Marks {
  const size = notes.length;
  const isRange = new Uint8Array(size);
  const [hasRival, meetsRange] = [new Uint8Array(size), new Uint8Array(size)];
  for (const { count, owners, lengths } of families) {
    for (let at = 0; at < count; at++) if (lengths[at] === NOT_A_PREFIX) isRange[owners[at] as number] = 1;
  }
  const mark = (marks: Uint8Array, isRival: (index: number) => boolean): void => {
    for (const intervals of families) {
      eachRivalled(intervals, notes, isRival, (index) => {
        marks[index] = 1;
      });
    }
  };
  mark(hasRival, () => true);
  if (isRange.includes(1)) mark(meetsRange, (index) => isRange[index] === 1);
  const rangesBefore = new Int32Array(size);
  for (let index = 1; index < size; index++) {
    rangesBefore[index] = (rangesBefore[index - 1] as number) + (isRange[index - 1] as number);
  }
  return { notes, hasRival, meetsRange, rangesBefore };
}

/** Drops entries with a note when at each of their addresses the next entries of the stack have the same notes. */
function dropCovered(families: readonly Intervals[], marks: Marks): readonly Intervals[] {
  const { notes, hasRival, meetsRange, rangesBefore } = marks;
  return drop(families, notes.length, (intervals) => {
    const { width, count, lasts, owners } = intervals;
    const { ends, nexts } = nest(intervals);
    // Wider ones come first. What goes is passed over at once, or each round would let only one of a chain go.
    const isCovered = new Uint8Array(count);
    const nextOf = (at: number): number => findNext(intervals, isCovered, nexts, at);
    const noteOf = (at: number): number => notes[owners[at] as number] as number;
    // Of the intervals of each note so far, the one that reaches farthest.
    const farthest = new Map<number, number>();
    let groupEnd = 0;
    for (let at = 0; at < count; at++) {
      const note = noteOf(at);
      if (note === 0) continue;
      const owner = owners[at] as number;
      const reach = farthest.get(note);
      if (reach === undefined || compareAt(lasts, reach, lasts, at, width) < 0) farthest.set(note, at);
      else if (hasRival[owner] === 0) isCovered[at] = 1;
      if (ends[at] !== 0 && repeatsNexts(intervals, marks, ends, nextOf, at)) groupEnd = ends[at] as number;
      if (at < groupEnd) isCovered[at] = 1;
      const next = nextOf(at);
      if (next < 0 || noteOf(next) !== note) continue;
      // What is between two equal ones in a stack has their size, and is between them in the list.
      const isNextInList = rangesBefore[owner] === rangesBefore[owners[next] as number];
      if (meetsRange[owner] === 0 || (isNextInList && areEqual(intervals, at, next))) isCovered[at] = 1;
    }
    return (at) => isCovered[at] === 1;
  });
}

/** The next prefix of the stack that does not go. A name may stay for another of its prefixes. */
function findNext({ lengths }: Intervals, isCovered: Uint8Array, nexts: Int32Array, at: number): number {
  let next = nexts[at] as number;
  while (next >= 0 && isCovered[next] === 1 && lengths[next] !== PART_OF_NAME) next = nexts[next] as number;
  // Those on the way need not be passed over again.
  for (let passed = at; passed !== next; ) {
    const following = nexts[passed] as number;
    nexts[passed] = next;
    passed = following;
  }
  return next;
}

/** Whether a group of equal prefixes without names has the notes of the next prefixes of the stack, in their order. */
function repeatsNexts(
  { owners, lengths }: Intervals,
  { notes, meetsRange }: Marks,
  ends: Int32Array,
  nextOf: (at: number) => number,
  head: number,
): boolean {
  if (lengths[head] === PART_OF_NAME) return false;
  const end = ends[head] as number;
  let next = nextOf(end - 1);
  for (let at = head; at < end; at++) {
    const owner = owners[at] as number;
    if (next < 0 || meetsRange[owner] === 1 || notes[owner] !== notes[owners[next] as number]) return false;
    next = nextOf(next);
  }
  return true;
}

/** Canonical text of an interval. */
function format({ family, width, firsts, lasts, lengths }: Intervals, at: number): string {
  const [first, last] = [firsts, lasts].map((words) => words.subarray(at * width, (at + 1) * width));
  return formatInterval(family, first as Int32Array, last as Int32Array, lengths[at] as number);
}
