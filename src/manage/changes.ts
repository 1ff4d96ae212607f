/**
 * The changes of a list, each as the lines that it edits or adds. What was given is read first, so a change is refused
 * before anything of it is made.
 */

import { tryNormalize } from '../address/prefix.ts';
import { type LineEdit, withEntry, withNote } from '../list/lines.ts';
import { describeExcess } from '../list/reader.ts';
import type { EntryTable } from '../list/table.ts';
import { ListError, type ProblemCode, problemOf } from '../problem/errors.ts';
import { excludeAddresses } from './exclusion.ts';
import {
  findExcess,
  findNoteConflicts,
  linesOf,
  readAddress,
  readAddresses,
  readEntryChange,
  readGroupChange,
  readNote,
  refuse,
} from './given.ts';
import { findEntries, findGroup, planGroupEdit } from './groups.ts';
import type { ListState } from './readable-list.ts';
import { describeAbsence } from './words.ts';

/** What a change does to the lines of a list. */
export interface LinePlan {
  /** By line. All other lines stay to the letter. */
  readonly edits: ReadonlyMap<number, LineEdit>;
  /** Lines for the end of the list. */
  readonly added: readonly string[];
}

/** Adds entries at the end. */
export function planAddition(state: ListState, addresses: unknown, note: unknown): LinePlan {
  const { mode, maxEntries, table } = state;
  const given = readAddresses(addresses, mode, maxEntries);
  const { note: noteForAll, errors } = readNote(note);
  refuse([...given.errors, ...errors], given.cause);
  if (noteForAll !== undefined) refuse(findNoteConflicts(given, noteForAll));
  refuse(findExcess(given, given.entries, table.size, maxEntries));
  return { edits: new Map(), added: linesOf(given, noteForAll) };
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

/** Edits an entry, on every line that has it. */
export function planEntryChange({ table }: ListState, address: unknown, change: unknown): LinePlan {
  const given = readAddress(address);
  const wanted = readEntryChange(change);
  refuse([...given.errors, ...wanted.errors]);
  const edit: LineEdit = (line) => {
    const respelled = wanted.address === undefined ? line : withEntry(line, wanted.address);
    return [wanted.hasNote ? withNote(respelled, wanted.note) : respelled];
  };
  const indices = requireEntries(table, address, given.canonical);
  return { edits: new Map(indices.map((index) => [table.line(index), edit])), added: [] };
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
