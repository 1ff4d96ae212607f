/**
 * The differences between two lists, for an audit log: plain data, and one sentence.
 *
 * Lists are compared by what they say, not by how they are written: order, spelling and repetitions do not matter. Times
 * are part of what an entry says: with other times it is another entry of the same addresses. An entry that is on several lines with different notes has all of these notes, and the first one counts. It has changed
 * when a note appears or disappears, or when another note is first.
 */

import { itemsOf, type ManagedList } from '../list/managed.ts';
import { readList } from '../list/reader.ts';
import type { Entry, Mode } from '../list/table.ts';
import { AT_ALL_TIMES, keyOfEntry, keyOfTimes } from '../list/times.ts';
import { quoteApart } from '../manage/words.ts';
import { inSource, ListError, problemOf } from '../problem/errors.ts';
import { attempt, readField } from '../problem/foreign.ts';
import { quote } from '../problem/say.ts';

/** An entry that is in both lists with different notes. Plain frozen data. */
export interface RenotedEntry {
  /** The entry with its old note, as in the list before. */
  readonly before: Entry;
  /** The entry with its new note, as in the list after. */
  readonly after: Entry;
}

/** An entry that is in both lists with different times. Plain frozen data. */
export interface RetimedEntry {
  /** The entry with its old times, as in the list before. */
  readonly before: Entry;
  /** The entry with its new times, as in the list after. */
  readonly after: Entry;
}

/** A change of the list's mode. Plain frozen data. */
export interface ModeChange {
  /** The mode of the list before. */
  readonly before: Mode;
  /** The mode of the list after. */
  readonly after: Mode;
}

/** The difference between two lists. Plain frozen data. */
export interface ListChange {
  /** The modes before and after if the list was switched, else `undefined`. */
  readonly mode: ModeChange | undefined;
  /** Entries that only the list after has, in the order of its lines. */
  readonly added: readonly Entry[];
  /** Entries that only the list before has, in the order of its lines. */
  readonly removed: readonly Entry[];
  /** Entries in both lists whose notes differ, in the order of lines in the list after. */
  readonly renoted: readonly RenotedEntry[];
  /** Entries in both lists whose times differ, in the order of lines in the list after. */
  readonly retimed: readonly RetimedEntry[];
  /**
   * One English sentence for a log. It names the first few entries, and a note where all entries that were added,
   * removed or renoted have it. Notes are quoted and shortened, so that the sentence is safe to print.
   */
  readonly message: string;
}

/**
 * Compares two lists, for an audit log.
 *
 * - Entries are the same when their canonical text is. Order, spelling, comments and repetitions do not matter.
 * - If an entry has several notes, the first counts. However the notes of an entry differ (another first note, one
 *   added, one removed), that is one change.
 * - An entry that begins or ends at another time than before is `retimed`; when its note has changed as well, it is also
 *   `renoted`. An entry may be in a list several times, with different times; what has no counterpart is added or removed.
 * - The entries are compared even when the mode was switched.
 *
 * @param before - the list as it was
 * @param after - the list as it is
 * @returns what was added and removed, and which notes changed, with lines
 * @throws `ListError` when either is not a managed list, or has an entry that cannot be read
 * @remarks Linear in both lists. This tells what was edited; to find the clients whose verdict changes, see
 *   `comparePolicies` and `impactOf`.
 * @example
 * ```ts
 * import { compareLists, RestrictionList } from 'ipverdict/list';
 *
 * const before = RestrictionList.parse('allow', '192.0.2.0/24 # Office\n198.51.100.7');
 * const after = before.edit('198.51.100.7 # Build server\n192.0.2.0-192.0.2.255 # Office\n2001:db8::/48');
 * const change = compareLists(before, after);
 * change.added.map(({ line, canonical }) => `${line} ${canonical}`); // ['3 2001:db8::/48']
 * change.renoted.map(({ after: { note } }) => note); // ['Build server']
 * change.message; // 'In the allow list, 1 entry was added (2001:db8::/48) and the note "Build server" was given to 1 entry (198.51.100.7).'
 * compareLists(after, after).message; // 'The allow list did not change.'
 * ```
 */
export function compareLists(before: ManagedList, after: ManagedList): ListChange {
  const old = readManagedList(before, 'before');
  const now = readManagedList(after, 'after');
  const added: Entry[] = [];
  const removed: Entry[] = [];
  const renoted: RenotedEntry[] = [];
  const retimed: RetimedEntry[] = [];
  let hasSeveralNotes = false;
  for (const canonical of new Set([...now.entries.keys(), ...old.entries.keys()])) {
    for (const [had, has] of pairTimes(old.entries.get(canonical), now.entries.get(canonical))) {
      if (had === undefined) added.push(...(has as Lines));
      else if (has === undefined) removed.push(...had);
      else {
        const [before, after] = [had[0] as Entry, has[0] as Entry];
        if (keyOfEntry(before) !== keyOfEntry(after)) retimed.push(Object.freeze({ before, after }));
        const pair = pairNotes(had, has);
        if (pair === undefined) continue;
        renoted.push(pair);
        if (had.length > 1 || has.length > 1) hasSeveralNotes = true;
      }
    }
  }
  const mode = old.mode === now.mode ? undefined : Object.freeze({ before: old.mode, after: now.mode });
  added.sort(byLine);
  removed.sort(byLine);
  renoted.sort((left, right) => byLine(left.after, right.after));
  retimed.sort((left, right) => byLine(left.after, right.after));
  return Object.freeze({
    mode,
    added: Object.freeze(added),
    removed: Object.freeze(removed),
    renoted: Object.freeze(renoted),
    retimed: Object.freeze(retimed),
    message: describeChange(mode, now.mode, [
      ...describeEntries(added, 'added'),
      ...describeEntries(removed, 'removed'),
      ...describeNotes(renoted, hasSeveralNotes),
      ...describeTimes(retimed),
    ]),
  });
}

function byLine(left: Entry, right: Entry): number {
  return left.line - right.line;
}

/** The lines of an entry: the first one, and the first one with each further note. */
type Lines = Entry[];

/** By times, in order of appearance. */
type Timed = Map<string, Lines>;

interface ComparedList {
  readonly mode: Mode;
  /** By canonical text, in order of appearance. */
  readonly entries: ReadonlyMap<string, Timed>;
}

/** Pairs the lines of an entry in both lists: those of the same times, and the others in their order, as far as they go. */
function pairTimes(
  had: Timed = new Map(),
  has: Timed = new Map(),
): (readonly [had: Lines | undefined, has: Lines | undefined])[] {
  const gone = [...had].filter(([times]) => !has.has(times));
  const come = [...has].filter(([times]) => !had.has(times));
  const kept = [...has].filter(([times]) => had.has(times));
  const others = Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => {
    return [gone.at(index)?.[1], come.at(index)?.[1]] as const;
  });
  return [...kept.map(([times, lines]) => [had.get(times), lines] as const), ...others];
}

/** Pairs the notes that count or, if these are the same, the first note removed and the first one added. */
function pairNotes(had: Lines, has: Lines): RenotedEntry | undefined {
  const [first, now] = [had[0] as Entry, has[0] as Entry];
  if (first.note !== now.note) return Object.freeze({ before: first, after: now });
  const gone = findOtherNote(had, has);
  const come = findOtherNote(has, had);
  if (gone === undefined && come === undefined) return undefined;
  return Object.freeze({ before: gone ?? first, after: come ?? now });
}

/** The first line whose note is on none of the other lines. */
function findOtherNote(lines: Lines, others: Lines): Entry | undefined {
  // Nearly every entry is on one line, and the first notes have already been compared.
  if (lines.length === 1) return undefined;
  const notes = new Set(others.map(({ note }) => note));
  return lines.find(({ note }) => note !== undefined && !notes.has(note));
}

/** Reads a managed list. The canonical texts that it claims for its entries are ignored. */
function readManagedList(list: unknown, source: 'before' | 'after'): ComparedList {
  const { mode, items } = attempt(source, 'the list', () => {
    const mode = readField(list, 'mode');
    const given = readField(list, 'entries');
    const isManaged = (mode === 'allow' || mode === 'deny') && Array.isArray(given);
    return isManaged ? { mode: mode as Mode, items: itemsOf(given) } : { mode: undefined, items: undefined };
  });
  if (mode === undefined) {
    const message =
      'a managed list has the mode "allow" or "deny" and an array of entries, like a RestrictionList';
    throw new ListError([problemOf(source, 'one-list-required', message)]);
  }
  const { source: given, lines } = items;
  const options = { list: mode, maxEntries: Number.POSITIVE_INFINITY, at: AT_ALL_TIMES, lines };
  const { table, errors, cause } = readList(given, options);
  if (errors.length > 0) {
    const placed = errors.map((problem) => inSource(problem, source));
    throw new ListError(placed, { cause });
  }
  const entries = new Map<string, Timed>();
  const seen = new Set<string>();
  for (let index = 0; index < table.size; index++) {
    const entry = table.entry(index);
    const { canonical, note } = entry;
    const times = keyOfTimes(table.times(index));
    const timed = entries.get(canonical) ?? new Map<string, Lines>();
    entries.set(canonical, timed);
    const lines = timed.get(times);
    const key = `${canonical} ${times}#${note ?? ''}`;
    if (lines === undefined) timed.set(times, [entry]);
    else if (note === undefined || seen.has(key)) continue;
    else lines.push(entry);
    seen.add(key);
  }
  return { mode, entries };
}

const NAMED_ENTRIES = 3;

function describeChange(mode: ModeChange | undefined, now: Mode, changes: readonly string[]): string {
  const clauses = [...changes];
  if (mode !== undefined) clauses.unshift(`the list was switched from ${mode.before} to ${mode.after}`);
  const last = clauses.pop();
  if (last === undefined) return `The ${now} list did not change.`;
  const sentence = clauses.length === 0 ? last : `${clauses.join(', ')} and ${last}`;
  return mode === undefined ? `In the ${now} list, ${sentence}.` : `T${sentence.slice(1)}.`;
}

/** What was done to entries, each counted once, however many lines and notes it has. */
function describeEntries(entries: readonly Entry[], done: 'added' | 'removed'): string[] {
  const names = [...new Set(entries.map(({ canonical }) => canonical))];
  if (names.length === 0) return [];
  const note = sharedNote(entries);
  const which = note === undefined ? '' : ` with the note ${quote(note)}`;
  return [`${count(names)}${which} ${names.length === 1 ? 'was' : 'were'} ${done} ${nameEntries(names)}`];
}

/**
 * What was done to notes: with the notes themselves, if it is the same for all entries. Of an entry with several notes
 * one pair of them does not tell it all.
 */
function describeNotes(renoted: readonly RenotedEntry[], hasSeveralNotes: boolean): string[] {
  const [first] = renoted;
  if (first === undefined) return [];
  const names = renoted.map(({ after }) => after.canonical);
  const [entries, named] = [count(names), nameEntries(names)];
  const [was, is] = [first.before.note, first.after.note];
  if (hasSeveralNotes || renoted.some(({ before, after }) => before.note !== was || after.note !== is)) {
    const notes = names.length === 1 ? 'the note of 1 entry was' : `the notes of ${entries} were`;
    return [`${notes} changed ${named}`];
  }
  if (was === undefined) return [`the note ${quote(is ?? '')} was given to ${entries} ${named}`];
  if (is === undefined) return [`the note ${quote(was)} was removed from ${entries} ${named}`];
  const [from, to] = quoteApart(was, is);
  return [`the note of ${entries} was changed from ${from} to ${to} ${named}`];
}

function describeTimes(retimed: readonly RetimedEntry[]): string[] {
  const names = [...new Set(retimed.map(({ after }) => after.canonical))];
  return names.length === 0 ? [] : [`the times of ${count(names)} were changed ${nameEntries(names)}`];
}

/** The note that all of some entries have, if there is one. */
function sharedNote(entries: readonly Entry[]): string | undefined {
  const note = entries[0]?.note;
  return entries.every((entry) => entry.note === note) ? note : undefined;
}

function count({ length }: readonly string[]): string {
  return length === 1 ? '1 entry' : `${length} entries`;
}

/** The first few, in canonical text, which contains nothing that could corrupt a log. */
function nameEntries(entries: readonly string[]): string {
  const names = entries.slice(0, NAMED_ENTRIES);
  if (entries.length > names.length) names.push(`and ${entries.length - names.length} more`);
  return `(${names.join(', ')})`;
}
