/**
 * The smallest list that keeps its notes.
 *
 * Addresses are taken as numbers on one line, IPv4 from 0 and IPv6 from 2^128, so that both families are done at once.
 * An entry is a stretch of that line. What may happen to it depends on what it is:
 *
 * | entry                                     | goes when it is superfluous | joins its neighbours |
 * |-------------------------------------------|-----------------------------|----------------------|
 * | prefix                                    | yes                         | yes                  |
 * | range that meets only its own note        | yes                         | yes                  |
 * | range that meets another note, or a name  | see below                   | no                   |
 * | prefix in such a range of another note    | see below                   | no                   |
 * | named network                             | yes                         | no                   |
 *
 * A range has the size of the whole range when it comes to which entry decides, not that of a piece of it. That is why
 * ranges which meet other notes are left alone: with the pieces of others it could turn round whose note is reported.
 * They go whole, when they have no note, or when a wider entry has theirs and what has another lies inside of them.
 * All else are prefixes, which nest or are disjoint, and then the innermost one decides.
 */

import {
  cut,
  eachInOrder,
  findRivalled,
  formatBlock,
  formatStretch,
  type Item,
  Meetings,
  type NotedEntry,
  readItem,
  Union,
} from './entry-stretches.ts';
import { endOf, IPV6_START, NoteGatherer, type NoteNode } from './note-tree.ts';

/** An entry of the answer. */
export interface MinimizedEntry extends NotedEntry {
  /** Place, from 0, of the first of the entries that it stands for. */
  readonly index: number;
}

/**
 * Gives fewer entries that cover the same addresses, with the notes that are reported for them.
 *
 * - For every address the note of the entry that decides stays the same. An address whose entry has no note may get the
 *   note of another entry that covers it.
 * - A note stands only where it stood before.
 * - There are never more entries than before, and doing it twice changes nothing more.
 * - When no two notes differ, and there are only addresses and prefixes, these are the prefixes of `minimize`.
 *
 * @param entries - canonical text and note of each, in the order of the list
 * @returns the entries that are left, each where the first of those stood that it stands for
 * @throws ParseError when a text is no entry
 * @remarks Linear in the entries and in the prefixes that ranges are cut into, but for sorting.
 * @internal
 */
export function minimizeEntries(entries: Iterable<NotedEntry>): MinimizedEntry[] {
  let left = [...entries].map(({ address, note }, index) => ({ address, note, index }));
  for (;;) {
    const items = left.map(readItem);
    const written = minimizeOnce(items);
    // What cannot be joined at the edge of the IPv4-mapped block can lie in a range that is read as one only now.
    const isDone = written.length === left.length || items.every(({ kind }) => kind !== 'range');
    if (isDone) return written.map((entry) => Object.freeze(entry));
    left = written;
  }
}

function minimizeOnce(entries: readonly Item[]): MinimizedEntry[] {
  const items = dropCoveredNames(dropFilledRanges(dropSuperfluous(dropUnnoted(dropRepeated(entries)))));
  const fixed = fixedRangesOf(items);
  const meetings = new Meetings(fixed);
  const gatherer = new NoteGatherer();
  const free: Item[] = [];
  for (const item of items) {
    if (item.kind !== 'range') gather(item, gatherer, meetings.meetsAnotherNote(item));
    else if (!fixed.has(item)) free.push(item);
  }
  for (const range of joinRanges(free)) {
    const saying = { note: range.note, index: range.index, isPartOfName: false };
    for (const block of cut(range)) gatherer.add(block, saying, { isOfRange: true });
  }
  const tree = gatherer.finish();
  tree.dropCovered();
  tree.dropFilled();
  tree.joinSiblings();
  const kept = items.filter((item) => item.kind === 'name' || fixed.has(item));
  const written = kept.map(({ address, note, index }) => ({ address, note, index }));
  return [...written, ...writeTree(tree.sorted())].sort((one, other) => one.index - other.index);
}

function gather({ kind, note, index, blocks }: Item, gatherer: NoteGatherer, isFixed: boolean): void {
  const saying = { note, index, isPartOfName: kind === 'name' };
  for (const block of blocks) gatherer.add(block, saying, { isFixed });
}

interface JoinedRange {
  readonly first: bigint;
  last: bigint;
  readonly note: string | undefined;
  index: number;
}

/** Ranges of one note that touch or overlap as one, at the place of the first. */
function joinRanges(ranges: readonly Item[]): JoinedRange[] {
  const joined: JoinedRange[] = [];
  const open = new Map<string | undefined, JoinedRange>();
  eachInOrder(ranges, ({ note, index }, { first, last }) => {
    const range = open.get(note);
    if (range === undefined || first > range.last + 1n) {
      const next = { first, last, note, index };
      open.set(note, next);
      joined.push(next);
      return;
    }
    if (last > range.last) range.last = last;
    range.index = Math.min(range.index, index);
  });
  return joined;
}

/** The first of entries that are the same and say the same; nothing said is less than something. */
function dropRepeated(items: readonly Item[]): Item[] {
  const notesOf = new Map<string, Set<string | undefined>>();
  for (const { address, note } of items) {
    const notes = notesOf.get(address);
    if (notes === undefined) notesOf.set(address, new Set([note]));
    else notes.add(note);
  }
  return items.filter(({ address, note }) => {
    const notes = notesOf.get(address) as Set<string | undefined>;
    return (note !== undefined || notes.size === 1) && notes.delete(note);
  });
}

/** Drops entries without a note that lie inside another entry, names first. */
function dropUnnoted(items: readonly Item[]): Item[] {
  const outside = new Set<Item>();
  eachInOrder(items, (item, { last }, _, reachedByOthers) => {
    if (item.kind === 'name' && last > reachedByOthers) outside.add(item);
  });
  const left = items.filter((item) => item.kind !== 'name' || item.note !== undefined || outside.has(item));
  const inside = new Set<Item>();
  eachInOrder(left, (item, { last }, reached) => {
    if (item.kind !== 'name' && item.note === undefined && last <= reached) inside.add(item);
  });
  return left.filter((item) => !inside.has(item));
}

/**
 * Drops entries that others cover, when all that has another note and shares addresses with them lies inside of them:
 * such an entry decides only where every wider one has its note. Those that cover are covered by none, and stay.
 */
function dropSuperfluous(items: readonly Item[]): readonly Item[] {
  if (items.every(({ kind }) => kind !== 'range')) return items;
  const outer = new Set<Item>();
  eachInOrder(items, (item, { last }, reached) => {
    if (last > reached) outer.add(item);
  });
  const rivalled = findRivalled(items);
  return items.filter((item) => {
    return outer.has(item) || item.note === undefined || rivalled.has(item.index);
  });
}

/** Drops names whose every prefix is in a wider one that says the same. */
function dropCoveredNames(items: readonly Item[]): Item[] {
  if (items.every(({ kind }) => kind !== 'name')) return [...items];
  const gatherer = new NoteGatherer();
  for (const item of items) if (item.kind !== 'range') gather(item, gatherer, false);
  const tree = gatherer.finish();
  const ranges = new Meetings(items.filter(({ kind }) => kind === 'range'));
  return items.filter((item) => {
    if (item.kind !== 'name' || item.note === undefined || ranges.meetsAnotherNote(item)) return true;
    return !item.blocks.every((block) => tree.isCovered(block));
  });
}

/** Drops ranges without a note that are left as they are, but whose addresses are all in others that are not. */
function dropFilledRanges(items: readonly Item[]): Item[] {
  const fixed = fixedRangesOf(items);
  if (fixed.size === 0) return [...items];
  const isWeak = (item: Item): boolean => item.note === undefined && fixed.has(item);
  const union = new Union(items.filter((item) => !isWeak(item)));
  return items.filter((item) => !isWeak(item) || !union.holds(item));
}

/**
 * The ranges that are left as they are: those that meet another note, those that meet a name, which would cut them in
 * pieces, those that hold the IPv4-mapped block, at whose edges no range may end, and those that touch nothing at all.
 */
function fixedRangesOf(items: readonly Item[]): ReadonlySet<Item> {
  const ranges = items.filter(({ kind }) => kind === 'range');
  if (ranges.length === 0) return new Set();
  const all = new Meetings(items);
  const names = new Meetings(items.filter(({ kind }) => kind === 'name'));
  const isFixed = (item: Item): boolean =>
    item.coversMapped || names.meets(item) || all.isAlone(item) || all.meetsAnotherNote(item);
  return new Set(ranges.filter(isFixed));
}

/**
 * Writes the prefixes that are left. Where a range was, those that touch are one range again: none of them lies in
 * another prefix, and what lies in them is narrower, so that the same entries decide.
 */
function writeTree(nodes: readonly NoteNode[]): MinimizedEntry[] {
  const written: MinimizedEntry[] = [];
  let run: NoteNode[] = [];
  const finishRun = (): void => {
    // A range that ended with the IPv4-mapped block would be read as one of IPv4.
    if (run.length > 0 && endOf(run.at(-1) as NoteNode) === MAPPED_END)
      writeNode(run.pop() as NoteNode, written);
    if (run.length > 1 && run.some(({ isOfRange }) => isOfRange)) {
      const [first] = run as [NoteNode];
      const address = formatStretch(first.first, endOf(run.at(-1) as NoteNode));
      const index = run.reduce(
        (least, { sayings }) => Math.min(least, sayings[0]?.index as number),
        Infinity,
      );
      written.push({ address, note: first.sayings[0]?.note, index });
    } else {
      for (const node of run) writeNode(node, written);
    }
    run = [];
  };
  let reached = -1n;
  for (const node of nodes) {
    if (node.first <= reached) {
      writeNode(node, written);
      continue;
    }
    const previous = run.at(-1);
    const touches = previous !== undefined && reached + 1n === node.first;
    if (!touches || !canJoin(node) || previous.label !== node.label) finishRun();
    if (canJoin(node)) run.push(node);
    else writeNode(node, written);
    reached = endOf(node);
  }
  finishRun();
  return written;
}

/** Last address of the IPv4-mapped block. */
const MAPPED_END = IPV6_START + 0xffff_ffff_ffffn;

function canJoin(node: NoteNode): boolean {
  return !node.isFixed && node.sayings.length === 1;
}

function writeNode({ first, hostBits, sayings }: NoteNode, written: MinimizedEntry[]): void {
  const saidByNames = new Set(sayings.filter(({ isPartOfName }) => isPartOfName).map(({ note }) => note));
  for (const { note, index, isPartOfName } of sayings) {
    if (isPartOfName || saidByNames.has(note)) continue;
    written.push({ address: formatBlock({ first, hostBits }), note, index });
  }
}
