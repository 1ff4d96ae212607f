/**
 * Entries of one note become one entry: a range with all that touches it, and prefixes that fill a larger one.
 */

import { compareAt, isMapped, isNextAt, lastOf, prefixLengthOf } from '../address/words.ts';
import { type Intervals, PART_OF_NAME, sortIntervals } from '../space/intervals.ts';
import { type MayJoin, Merger } from '../space/join.ts';
import { type Nest, nest } from '../space/nest.ts';
import { filter } from '../space/pick.ts';

/** What is known about the entries, by their place in the list. */
export interface Marks {
  /** Number of the note: equal notes have equal numbers, 0 is none. */
  readonly notes: Int32Array;
  /** Whether it has a rival with another note. */
  readonly hasRival: Uint8Array;
  /** Whether it has such a rival that is a range. */
  readonly meetsRange: Uint8Array;
  /** Number of ranges before it. */
  readonly rangesBefore: Int32Array;
}

/**
 * Joins intervals. The first entry in the list stands for all that become one.
 *
 * @param isJoined - set for each entry that stands for others now
 */
export function join(intervals: Intervals, marks: Marks, isJoined: Uint8Array): Intervals {
  const { width, count, owners } = intervals;
  const isGone = new Uint8Array(count);
  const joined: { first: Int32Array; last: Int32Array; owner: [number]; length: [number] }[] = [];
  const unite = (members: readonly number[], last: Int32Array, length: number): void => {
    const [start] = members as [number];
    const first = intervals.firsts.subarray(start * width, (start + 1) * width);
    const owner = members.reduce((least, at) => Math.min(least, owners[at] as number), Number.MAX_VALUE);
    for (const at of members) isGone[at] = 1;
    isJoined[owner] = 1;
    joined.push({ first, last, owner: [owner], length: [length] });
  };
  joinRanges(intervals, marks, unite);
  joinHalves(intervals, marks, isGone, unite);
  if (joined.length === 0) return intervals;
  const left = filter(intervals, (at) => isGone[at] === 0);
  const { firsts, lasts, lengths } = left;
  return sortIntervals({
    ...left,
    count: left.count + joined.length,
    firsts: append(
      firsts,
      width,
      joined.map(({ first }) => first),
    ),
    lasts: append(
      lasts,
      width,
      joined.map(({ last }) => last),
    ),
    owners: append(
      left.owners,
      1,
      joined.map(({ owner }) => owner),
    ),
    lengths: append(
      lengths,
      1,
      joined.map(({ length }) => length),
    ),
  });
}

function append(column: Int32Array, size: number, rows: readonly ArrayLike<number>[]): Int32Array {
  const all = new Int32Array(column.length + rows.length * size);
  all.set(column);
  rows.forEach((row, index) => {
    all.set(row, column.length + index * size);
  });
  return all;
}

/** Takes the positions of intervals that become one, its last address, and its prefix length. */
type Unite = (members: readonly number[], last: Int32Array, length: number) => void;

/** Whether an entry may become larger whatever meets it. Without a note it may, as any note may be reported for it. */
function canGrow({ owners, lengths }: Intervals, { notes, hasRival }: Marks, at: number): boolean {
  const owner = owners[at] as number;
  return lengths[at] !== PART_OF_NAME && (notes[owner] === 0 || hasRival[owner] === 0);
}

/** Joins ranges with all of their note that touches or overlaps them. */
function joinRanges(intervals: Intervals, marks: Marks, unite: Unite): void {
  const { family, width, count, firsts, lasts, owners, lengths } = intervals;
  if (!lengths.includes(-1)) return;
  const wordsAt = (words: Int32Array, at: number): Int32Array => words.subarray(at * width, (at + 1) * width);
  const finish = (run: number[]): void => {
    const first = wordsAt(firsts, run[0] as number);
    let last = wordsAt(lasts, run.at(-1) as number);
    let length = prefixLengthOf(first, last, width);
    if (family === 6 && length < 0 && isMappedEnd(last)) {
      // A range that ended with the IPv4-mapped block would be read as one of IPv4.
      run.pop();
      if (run.length === 0) return;
      last = wordsAt(lasts, run.at(-1) as number);
      length = prefixLengthOf(first, last, width);
    }
    if (run.length > 1 && run.some((at) => lengths[at] === -1)) unite(run, last, length);
  };
  const runs = new Map<number, number[]>();
  for (let at = 0; at < count; at++) {
    if (!canGrow(intervals, marks, at)) continue;
    const note = marks.notes[owners[at] as number] as number;
    const run = runs.get(note);
    if (run !== undefined && reaches(intervals, run.at(-1) as number, at)) {
      run.push(at);
    } else {
      if (run !== undefined) finish(run);
      runs.set(note, [at]);
    }
  }
  for (const run of runs.values()) finish(run);
}

/** Whether an interval overlaps or touches another one, which does not start before it. */
function reaches({ width, firsts, lasts }: Intervals, left: number, right: number): boolean {
  return compareAt(lasts, left, firsts, right, width) >= 0 || isNextAt(lasts, left, firsts, right, width);
}

/** Whether an IPv6 address is the last one of the IPv4-mapped block. */
function isMappedEnd(words: Int32Array): boolean {
  return isMapped(words) && words[3] === -1;
}

/**
 * Joins halves of a prefix, the outermost first: a prefix that has become half of another one makes room for the halves
 * that fill it.
 */
function joinHalves(intervals: Intervals, marks: Marks, isGone: Uint8Array, unite: Unite): void {
  const { width, count, firsts, lasts, lengths } = intervals;
  const wordsAt = (words: Int32Array, at: number): Int32Array => words.subarray(at * width, (at + 1) * width);
  const nested = nest(intervals);
  // Of each group, after joining.
  const joinedLengths = lengths.slice();
  for (let at = 0; at < count; at++) {
    if (lengths[at] !== PART_OF_NAME) continue;
    joinedLengths[at] = prefixLengthOf(wordsAt(firsts, at), wordsAt(lasts, at), width);
  }
  const mayJoin = ruleOf(intervals, marks, nested, joinedLengths);
  for (const level of nested.levels) {
    const merger = new Merger(intervals, mayJoin);
    for (const head of level) {
      if (lengths[head] !== PART_OF_NAME && isGone[head] === 0) merger.add(head);
    }
    for (let node = 0; node < merger.count; node++) {
      const heads = Array.from(merger.positionsOf(node));
      if (heads.length === 1) continue;
      const [start] = heads as [number];
      const length = merger.lengthOf(node);
      const last = new Int32Array(width);
      lastOf(wordsAt(firsts, start), length, width, last);
      for (const head of heads) joinedLengths[head] = length;
      const size = (nested.ends[start] as number) - start;
      for (let index = 0; index < size; index++) {
        const members = heads.map((head) => head + index);
        unite(members, last, length);
      }
    }
  }
}

/**
 * The rule for halves: they have the same notes, and either nothing is in their way whatever they become, or no prefix of
 * another note has the size of both, and no range of another note meets them.
 */
function ruleOf(
  intervals: Intervals,
  marks: Marks,
  { parents, ends }: Nest,
  joinedLengths: Int32Array,
): MayJoin {
  const { owners } = intervals;
  const { notes, meetsRange } = marks;
  const ownersOf = (head: number): Int32Array => owners.subarray(head, ends[head]);
  const haveSameNotes = (left: Int32Array, right: Int32Array): boolean =>
    left.length === right.length &&
    left.every((owner, index) => notes[owner] === notes[right[index] as number]);
  const meetsNone = (owner: number): boolean => meetsRange[owner] === 0;
  return (left, right, length) => {
    const [one, other] = [ownersOf(left), ownersOf(right)];
    if (!haveSameNotes(one, other)) return false;
    if (canGrow(intervals, marks, left) && canGrow(intervals, marks, right)) return true;
    const parent = parents[left] as number;
    const hasRoom = parent < 0 || (joinedLengths[parent] as number) < length - 1;
    return hasRoom && one.every(meetsNone) && other.every(meetsNone);
  };
}
