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
 * | range that meets another note, or a name  | only without a note         | no                   |
 * | prefix in such a range of another note    | only without a note         | no                   |
 * | named network                             | yes                         | no                   |
 *
 * A range has the size of the whole range when it comes to which entry decides, not that of a piece of it. That is why
 * ranges which meet other notes are left alone: with the pieces of others it could turn round whose note is reported.
 * All else are prefixes, which nest or are disjoint, and then the innermost one decides.
 */

import { formatNetwork } from './address-set.ts';
import { eachInOrder, type Item, Meetings, type NotedEntry, readItem, Union } from './entry-stretches.ts';
import { endOf, IPV6_START, isFree, labelOf, type NoteNode, NoteTree } from './note-tree.ts';
import { normalize } from './prefix.ts';
import { type Family, wordsOf } from './scanner.ts';
import { bitsOf } from './span.ts';

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
  const items = dropCoveredNames(dropFilledRanges(dropUnnoted(dropRepeated(entries))));
  const mixed = mixedRangesOf(items);
  const meetings = new Meetings(mixed);
  const tree = new NoteTree();
  for (const item of items) if (!mixed.has(item)) plant(item, tree, meetings.meetsAnotherNote(item));
  tree.dropCovered();
  tree.dropFilled();
  tree.joinSiblings();
  const kept = items.filter((item) => item.kind === 'name' || mixed.has(item));
  const written = kept.map(({ address, note, index }) => ({ address, note, index }));
  return [...written, ...writeTree(tree.sorted())].sort((one, other) => one.index - other.index);
}

function plant({ kind, note, index, blocks }: Item, tree: NoteTree, isFixed: boolean): void {
  const saying = { note, index, isPartOfName: kind === 'name' };
  for (const block of blocks) tree.add(block, saying, isFixed, kind === 'range');
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

/** Drops names whose every prefix is in a wider one that says the same. */
function dropCoveredNames(items: readonly Item[]): Item[] {
  const tree = new NoteTree();
  for (const item of items) if (item.kind !== 'range') plant(item, tree, false);
  const ranges = new Meetings(items.filter(({ kind }) => kind === 'range'));
  return items.filter((item) => {
    if (item.kind !== 'name' || item.note === undefined || ranges.meetsAnotherNote(item)) return true;
    return !item.blocks.every((block) => tree.isCovered(block));
  });
}

/** Drops ranges without a note that are left as they are, but whose addresses are all in others that are not. */
function dropFilledRanges(items: readonly Item[]): Item[] {
  const mixed = mixedRangesOf(items);
  if (mixed.size === 0) return [...items];
  const isWeak = (item: Item): boolean => item.note === undefined && mixed.has(item);
  const union = new Union(items.filter((item) => !isWeak(item)));
  return items.filter((item) => !isWeak(item) || !union.holds(item));
}

/**
 * The ranges that are left as they are: those that meet another note, those that meet a name, which would cut them in
 * pieces, and those that hold the IPv4-mapped block, at whose edges no range may end.
 */
function mixedRangesOf(items: readonly Item[]): ReadonlySet<Item> {
  const ranges = items.filter(({ kind }) => kind === 'range');
  if (ranges.length === 0) return new Set();
  const all = new Meetings(items);
  const names = new Meetings(items.filter(({ kind }) => kind === 'name'));
  return new Set(
    ranges.filter((item) => item.coversMapped || names.meets(item) || all.meetsAnotherNote(item)),
  );
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
      const last = endOf(run.at(-1) as NoteNode);
      const address = normalize(`${format(first.first, 0)}-${format(last, 0)}`);
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
    if (!touches || !canJoin(node) || labelOf(previous) !== labelOf(node)) finishRun();
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
  return isFree(node) && node.sayings.length === 1;
}

function writeNode({ first, hostBits, sayings }: NoteNode, written: MinimizedEntry[]): void {
  for (const { note, index, isPartOfName } of sayings) {
    const isSaidByName = sayings.some((other) => other.isPartOfName && other.note === note);
    if (!isPartOfName && !isSaidByName) written.push({ address: format(first, hostBits), note, index });
  }
}

/** Canonical text of a prefix on the line of addresses. */
function format(first: bigint, hostBits: number): string {
  const family: Family = first < IPV6_START ? 4 : 6;
  const words = new Int32Array(wordsOf(family));
  for (let word = words.length - 1, rest = first; word >= 0; word--, rest >>= 32n) {
    words[word] = Number(rest & 0xffff_ffffn);
  }
  return formatNetwork(family, words, bitsOf(family) - hostBits);
}
