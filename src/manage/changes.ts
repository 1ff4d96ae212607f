/**
 * The changes of a list, each as the lines that it edits or adds. What was given is read first, so a change is refused
 * before anything of it is made.
 */

import { tryNormalize } from '../address/prefix.ts';
import { type LineEdit, timeIn, withEntry, withNote, withTimes, writeTimes } from '../list/lines.ts';
import { describeExcess } from '../list/reader.ts';
import type { EntryTable } from '../list/table.ts';
import { ListError, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { attempt, hasField } from '../problem/foreign.ts';
import { anything, optionProblem, readOptions } from '../problem/options.ts';
import { excludeAddresses } from './exclusion.ts';
import {
  findExcess,
  findNoteConflicts,
  linesOf,
  readAddress,
  readAddresses,
  readGroupChange,
  readNote,
  refuse,
} from './given.ts';
import { findEntries, findGroup, planGroupEdit } from './groups.ts';
import type { ListState } from './readable-list.ts';
import { findTimeConflicts, readGivenTimes, type UncheckedTimes } from './times.ts';
import { describeAbsence } from './words.ts';

/** What a change does to the lines of a list. */
export interface LinePlan {
  /** By line. All other lines stay to the letter. */
  readonly edits: ReadonlyMap<number, LineEdit>;
  /** Lines for the end of the list. */
  readonly added: readonly string[];
}

/** Adds entries at the end. */
export function planAddition(
  state: ListState,
  addresses: unknown,
  note: unknown,
  timesForAll: UncheckedTimes,
): LinePlan {
  const { mode, maxEntries, table } = state;
  const given = readAddresses(addresses, mode, maxEntries);
  const { note: noteForAll, errors } = readNote(note);
  const { times, errors: badTimes } = readGivenTimes(timesForAll, 'options');
  refuse([...given.errors, ...errors, ...badTimes], given.cause);
  if (times !== '') refuse(findTimeConflicts(given, times));
  if (noteForAll !== undefined) refuse(findNoteConflicts(given, noteForAll));
  refuse(findExcess(given, given.entries, table.size, maxEntries));
  return { edits: new Map(), added: linesOf(given, noteForAll, times) };
}

/** Edits a group. */
export function planGroupChange(state: ListState, note: unknown, change: unknown): LinePlan {
  const { mode, maxEntries, table } = state;
  const group = findGroup(table, note);
  const wanted = readGroupChange(change, mode, maxEntries);
  refuse([...group.problems, ...wanted.errors], wanted.cause);
  const newNote = wanted.hasNote ? wanted.note : group.note;
  const { given } = wanted;
  if (given !== undefined) refuse(findNoteConflicts(given, newNote));
  const { edits, added, removed } = planGroupEdit(table, group.indices, given, newNote);
  if (given !== undefined) refuse(findExcess(given, added, table.size - removed, maxEntries));
  return { edits, added: [] };
}

/** Removes a group. */
export function planGroupRemoval({ table }: ListState, note: unknown): LinePlan {
  const group = findGroup(table, note);
  refuse(group.problems);
  return removal(table, group.indices);
}

/** What an entry will become. */
interface WantedEntry {
  /** Its text; `undefined` when it stays. */
  readonly address: string | undefined;
  /** Whether its note changes; the new one may be none. */
  readonly hasNote: boolean;
  readonly note: string | undefined;
  /** Its times as text, empty for none; `undefined` for those that stay. */
  readonly from: string | undefined;
  readonly until: string | undefined;
  readonly errors: readonly Problem[];
}

/** Reads the change of an entry. A note or time of `undefined` is none, unlike one that is not there. */
export function readEntryChange(change: unknown): WantedEntry {
  const kinds = { address: anything, note: anything, from: anything, until: anything };
  const { values, problems } = readOptions(change, kinds);
  if (change === undefined || change === null) problems.push(optionProblem(ENTRY_CHANGE_SHAPE));
  const wanted = values.address === undefined ? undefined : readAddress(values.address, 'change.address');
  const { note, errors } = readNote(values.note);
  const isGiven = (name: string): boolean => attempt('options', 'the options', () => hasField(change, name));
  const from = readGivenTimes({ from: values.from, until: undefined }, 'change.from');
  const until = readGivenTimes({ from: undefined, until: values.until }, 'change.until');
  return {
    address: wanted?.text,
    hasNote: isGiven('note'),
    note,
    from: isGiven('from') ? from.times.slice('from '.length) : undefined,
    until: isGiven('until') ? until.times.slice('until '.length) : undefined,
    errors: [...problems, ...(wanted?.errors ?? []), ...errors, ...from.errors, ...until.errors],
  };
}

const ENTRY_CHANGE_SHAPE =
  'the change of an entry must be an object: write { address }, { note }, { from, until } or several of these';

/** Edits an entry, on every line that has it. */
export function planEntryChange({ table }: ListState, address: unknown, change: unknown): LinePlan {
  const given = readAddress(address);
  const wanted = readEntryChange(change);
  refuse([...given.errors, ...wanted.errors]);
  const edit: LineEdit = (line) => {
    const respelled = wanted.address === undefined ? line : withEntry(line, wanted.address);
    const times = writeTimes(wanted.from ?? timeIn(line, 'from'), wanted.until ?? timeIn(line, 'until'));
    const hasTimes = wanted.from !== undefined || wanted.until !== undefined;
    const timed = hasTimes ? withTimes(respelled, times) : respelled;
    return [wanted.hasNote ? withNote(timed, wanted.note) : timed];
  };
  const indices = requireEntries(table, address, given.canonical);
  for (const index of indices) refuse(findOrderProblem(edit(table.lineText(index))[0] as string));
  return { edits: new Map(indices.map((index) => [table.line(index), edit])), added: [] };
}

/** The problem of a changed line whose new time does not fit the one that stays. */
function findOrderProblem(line: string): Problem[] {
  const given = readAddresses([line], 'deny', 1);
  return given.errors.map(({ code, message }) => problemOf('change', code, message));
}

/** Removes an entry, with every line that has it. */
export function planRemoval({ table }: ListState, address: unknown): LinePlan {
  const given = readAddress(address);
  refuse(given.errors);
  return removal(table, requireEntries(table, address, given.canonical));
}

/** Takes addresses out of every entry that has any of them. */
export function planExclusion({ mode, maxEntries, table }: ListState, address: unknown): LinePlan {
  const { text, canonical, errors } = readAddress(address);
  refuse(errors);
  const complain = (code: ProblemCode, message: string): void =>
    refuse([problemOf({ source: 'address', text: address as string }, code, message)]);
  const { edits, size } = excludeAddresses(table, text);
  if (edits.size === 0) complain('not-in-list', `${canonical} is not in the list, nor is any part of it`);
  if (size === 0 && mode === 'allow') {
    const advice = 'add another entry first, or empty the list on purpose with edit("")';
    const reason = 'the allow list would have no entry, and an empty one lets everyone in';
    complain('open-list', `without ${canonical} ${reason}: ${advice}`);
  }
  if (size > maxEntries)
    complain('too-many-entries', `without ${canonical} the list has ${describeExcess(size, maxEntries)}`);
  return { edits, added: [] };
}

/** The indices of all entries that are the given one. There must be one. */
function requireEntries(table: EntryTable, address: unknown, canonical: string): number[] {
  const indices = findEntries(table, (index) => tryNormalize(table.text(index)) === canonical);
  if (indices.length > 0) return indices;
  const message = describeAbsence(table, canonical);
  throw new ListError([problemOf({ source: 'address', text: address as string }, 'not-in-list', message)]);
}

function removal(table: EntryTable, indices: readonly number[]): LinePlan {
  return { edits: new Map(indices.map((index) => [table.line(index), () => []])), added: [] };
}
