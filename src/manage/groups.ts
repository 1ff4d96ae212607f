/**
 * Groups: the entries that share a note, and those without one. How they are found, and what editing one does to the
 * lines of the list: which stay, which go, which are new.
 */

import { tryNormalize } from '../address/prefix.ts';
import { type LineEdit, timesIn, withEntry, withNote, withTimes } from '../list/lines.ts';
import type { Entry, EntryTable } from '../list/table.ts';
import { keyOfEntry, keyOfTimes } from '../list/times.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { type GivenAddresses, lineOf, readNote } from './given.ts';
import { describeMissingGroup } from './words.ts';

/** Entries that share a note, or the entries without one. Plain frozen data. */
export interface EntryGroup {
  /** The note that the entries share; `undefined` for those without one. */
  readonly note: string | undefined;
  /** The entries in line order. At least one. */
  readonly entries: readonly Entry[];
}

/** Groups entries by their notes, in order of appearance. */
export function groupEntries(entries: readonly Entry[]): readonly EntryGroup[] {
  const byNote = new Map<string | undefined, Entry[]>();
  for (const entry of entries) {
    const group = byNote.get(entry.note);
    if (group === undefined) byNote.set(entry.note, [entry]);
    else group.push(entry);
  }
  return Object.freeze(
    Array.from(byNote, ([note, group]) => Object.freeze({ note, entries: Object.freeze(group) })),
  );
}

/** A group, as the indices of its entries. */
interface FoundGroup {
  readonly note: string | undefined;
  readonly indices: readonly number[];
  readonly problems: readonly Problem[];
}

/** Finds the entries with a note, or those without one. If there are none, that is a problem. */
export function findGroup(table: EntryTable, given: unknown): FoundGroup {
  const { note, errors } = readNote(given, 'group');
  if (errors.length > 0) return { note, indices: [], problems: errors };
  const indices = findEntries(table, (index) => table.note(index) === note);
  if (indices.length > 0) return { note, indices, problems: [] };
  const message = describeMissingGroup(table, note);
  return { note, indices, problems: [problemOf({ source: 'group', text: note }, 'no-such-group', message)] };
}

/** The indices of the entries that a test selects, in order. */
export function findEntries(table: EntryTable, isMeant: (index: number) => boolean): number[] {
  const indices: number[] = [];
  for (let index = 0; index < table.size; index++) if (isMeant(index)) indices.push(index);
  return indices;
}

/** The edit of a group, line by line. */
interface GroupPlan {
  readonly edits: ReadonlyMap<number, LineEdit>;
  /** The given entries that the group does not have yet. */
  readonly added: readonly Entry[];
  /** How many entries of the group are removed. */
  readonly removed: number;
}

/**
 * Plans the edit of a group. An entry that is both given and present keeps its line and takes the given spelling; it
 * keeps its times, too, unless others are given with it.
 * Repetitions count: as many lines stay as are given.
 *
 * @param indices - the indices of the group's entries
 * @param given - the addresses that the group should have; `undefined` to keep its own
 * @param note - the note that the group should have
 */
export function planGroupEdit(
  table: EntryTable,
  indices: readonly number[],
  given: GivenAddresses | undefined,
  note: string | undefined,
): GroupPlan {
  const spellings = new Map<number, Kept>();
  const { kept, added } = given === undefined ? keepAll(table, indices) : matchEntries(table, indices, given);
  for (const entry of kept) spellings.set(entry.index, entry);
  const edits = new Map<number, LineEdit>();
  for (const index of indices) {
    const entry = spellings.get(index);
    const isRespelled = entry?.text !== table.text(index);
    const isRenoted = note !== table.note(index);
    if (entry === undefined) {
      edits.set(table.line(index), () => []);
    } else if (isRespelled || isRenoted || entry.times !== '') {
      edits.set(table.line(index), (line) => {
        const respelled = isRespelled ? withEntry(line, entry.text) : line;
        const timed = entry.times === '' ? respelled : withTimes(respelled, entry.times);
        return [isRenoted ? withNote(timed, note) : timed];
      });
    }
  }
  if (given !== undefined && added.length > 0) {
    // New lines follow the last line of the group, even if that one is removed.
    const last = table.line(indices.at(-1) as number);
    const edit = edits.get(last);
    const known = timesByText(table, indices);
    const lines = added.map((entry) => {
      const line = lineOf(given, entry, note);
      const times = known.get(entry.canonical) ?? '';
      // One more of an entry that ends must not be one without an end.
      return times === '' || keyOfEntry(entry) !== '' ? line : withTimes(line, times);
    });
    edits.set(last, (line) => [...(edit === undefined ? [line] : edit(line)), ...lines]);
  }
  return { edits, added, removed: indices.length - spellings.size };
}

/** The times of the entries of a group by their canonical text; none where one of those counts at all times. */
function timesByText(table: EntryTable, indices: readonly number[]): Map<string, string> {
  const times = new Map<string, string>();
  for (const index of indices) {
    const text = tryNormalize(table.text(index)) as string;
    const own = timesIn(table.lineText(index));
    if (own === '' || !times.has(text)) times.set(text, own);
  }
  return times;
}

/** An entry of the group that stays, with its new text, and its new times where there are any. */
interface Kept {
  readonly index: number;
  readonly text: string;
  readonly times: string;
}

function keepAll(table: EntryTable, indices: readonly number[]): { kept: Kept[]; added: Entry[] } {
  return { kept: indices.map((index) => ({ index, text: table.text(index), times: '' })), added: [] };
}

/** Pairs each given entry with at most one of the group: by spelling and times, then by spelling, then by canonical text. */
function matchEntries(
  table: EntryTable,
  indices: readonly number[],
  given: GivenAddresses,
): { kept: Kept[]; added: Entry[] } {
  const kept: Kept[] = [];
  const pair = (
    wanted: readonly Entry[],
    present: readonly number[],
    keyOf: (text: string, times: string) => string,
  ): { wanted: Entry[]; present: number[] } => {
    const waiting = new Map<string, number[]>();
    // In reverse, so that pop() takes the first one first.
    for (const index of [...present].reverse()) {
      const key = keyOf(table.text(index), keyOfTimes(table.times(index)));
      const queue = waiting.get(key);
      if (queue === undefined) waiting.set(key, [index]);
      else queue.push(index);
    }
    const unmatched = wanted.filter((entry) => {
      const { text, line } = entry;
      const index = waiting.get(keyOf(text, keyOfEntry(entry)))?.pop();
      if (index !== undefined) kept.push({ index, text, times: timesIn(given.lines[line - 1] as string) });
      return index === undefined;
    });
    return { wanted: unmatched, present: [...waiting.values()].flat().sort((left, right) => left - right) };
  };
  const exact = pair(given.entries, indices, (text, times) => `${text} ${times}`);
  const bySpelling = pair(exact.wanted, exact.present, (text) => text);
  const { wanted } = pair(bySpelling.wanted, bySpelling.present, (text) => tryNormalize(text) as string);
  return { kept, added: wanted };
}
