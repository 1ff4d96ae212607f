/**
 * Reads what a list and its changes are given: texts, addresses, notes, options. Everything wrong with it is found
 * before anything changes, and reported at its place in the input, not in the text of the list.
 */

import { gatherSource, MAX_TEXT_LENGTH } from '../list/gather.ts';
import { eachLine, findNoteFault, isLineEnd, trimEnd, trimStart } from '../list/grammar.ts';
import { timesIn, trimBlanks, withNote, withTimes } from '../list/lines.ts';
import { byPosition, describeExcess, readList } from '../list/reader.ts';
import type { Entry, EntrySource, Mode } from '../list/table.ts';
import { AT_ALL_TIMES } from '../list/times.ts';
import {
  changeProblem,
  inSource,
  ListError,
  type Problem,
  type ProblemCode,
  problemOf,
} from '../problem/errors.ts';
import {
  anything,
  countOf,
  DEFAULT_MAX_ENTRIES,
  type Kind,
  optionProblem,
  readOptions,
  requireOptions,
} from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import { quoteApart } from './words.ts';

/** The options of a list. They stay with the list through every change. */
export interface RestrictionListOptions {
  /** The most entries the list may have; 1,000 when not given, `Infinity` for no limit. */
  readonly maxEntries?: number | undefined;
}

/** A list as it is stored: `RestrictionList.parse(mode, text, { maxEntries })` makes the same list again. */
export interface StoredList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The limit of the list; `Number.MAX_SAFE_INTEGER` for `Infinity`, which JSON does not know. */
  readonly maxEntries: number;
  /** The text of the list, exactly as written. */
  readonly text: string;
}

/** The change of a group. What is not given stays as it is. */
export interface GroupChange {
  /** All addresses that the group will have. */
  readonly addresses?: EntrySource | undefined;
  /** The note that the group will have; `''` for none. */
  readonly note?: string | undefined;
}

/** The change of one entry. What is not given stays as it is. */
export interface EntryChange {
  /** The entry in its place: an address, prefix, range or `@name`, without a note. */
  readonly address?: string | undefined;
  /** The note that it will have; `undefined`, `null` or blank for none. To keep the note, leave this field out. */
  readonly note?: string | null | undefined;
  /** When it will begin to count; `undefined` or `null` for ever since. To keep what there is, leave this field out. */
  readonly from?: Date | string | null | undefined;
  /** When it will end; `undefined` or `null` for never. To keep what there is, leave this field out. */
  readonly until?: Date | string | null | undefined;
}

/** The options of every change. */
export interface ChangeOptions {
  /**
   * The `revision` of the list that the change is meant for. If the list is another one by now, the change is refused
   * with `revision-conflict`. Without it there is no such check.
   */
  readonly ifRevision?: string | undefined;
}

/** The options of an addition. */
export interface AdditionOptions extends ChangeOptions {
  /** When all that is added begins to count: a `Date`, or text such as `2026-12-31T18:00Z`. */
  readonly from?: Date | string | undefined;
  /** When all that is added ends: it counts before this instant. */
  readonly until?: Date | string | undefined;
}

/** Checks the mode and the options of a list, and returns both. */
export function readListOptions(mode: unknown, options: unknown): { mode: Mode; maxEntries: number } {
  const { values, problems } = readOptions(options, { maxEntries: countOf('entries') });
  const { maxEntries = DEFAULT_MAX_ENTRIES } = values;
  if (mode === 'allow' || mode === 'deny') {
    refuse(problems);
    return { mode, maxEntries };
  }
  const got = typeof mode === 'string' ? quote(mode) : describeType(mode);
  problems.push(optionProblem(`the mode of a list must be "allow" or "deny", got ${got}`));
  throw new ListError(problems);
}

const revisionKind: Kind<string> = (value) =>
  typeof value === 'string' ? undefined : `must be text, the revision of a list, got ${describeType(value)}`;

const additionKinds = { ifRevision: revisionKind, from: anything, until: anything } as const;

/** Reads the options of an addition, and refuses one that is meant for another revision of the list. */
export function readAdditionOptions(
  options: unknown,
  list: { readonly revision: string },
): { readonly from: unknown; readonly until: unknown } {
  const { ifRevision, from, until } = requireOptions(options, additionKinds);
  compareRevision(ifRevision, list);
  return { from, until };
}

/** Refuses a change that is meant for another revision of the list. */
export function requireRevision(options: unknown, list: { readonly revision: string }): void {
  compareRevision(requireOptions(options, { ifRevision: revisionKind }).ifRevision, list);
}

function compareRevision(ifRevision: string | undefined, list: { readonly revision: string }): void {
  if (ifRevision === undefined || ifRevision === list.revision) return;
  const isLikeOne = ifRevision.length === list.revision.length;
  const message = isLikeOne
    ? `the change is for revision ${quote(ifRevision)}, and the list is at ${quote(list.revision)}: somebody else saved in between, so load the list again and make the change to that one`
    : `${quote(ifRevision)} is not the revision of a list: pass the text of list.revision, without the quotes and the W/ of an ETag`;
  throw new ListError([problemOf('options', 'revision-conflict', message)]);
}

/** Throws when there are problems. */
export function refuse(problems: readonly Problem[], cause?: unknown): void {
  if (problems.length > 0) throw new ListError(problems, { cause });
}

/** The error of a list whose text would be too long for a string. */
export function tooLong(mode: Mode): ListError {
  const message = `a list has fewer than ${MAX_TEXT_LENGTH} characters: shorten its notes`;
  return new ListError([problemOf(mode, 'list-too-long', message)]);
}

/** The problem of a list that is not given as text. */
export function readText(text: unknown, mode: Mode): Problem[] {
  if (typeof text === 'string') return [];
  const message = `expected the text of a list, which is kept exactly as written, got ${describeType(text)}`;
  return [problemOf(mode, 'not-a-string', message)];
}

/** Reads a list of any source as one text. The lines of a text stay as they are; each item is a line. */
export function readSource(source: unknown, mode: Mode, maxEntries: number): string {
  const { text, isText, errors, cause } = gatherSource(source, mode, maxEntries);
  // A list of items is read as items first: a byte order mark is skipped only where one may be, at the start of a text.
  if (!isText) {
    const isCut = errors.some(({ code }) => code === 'too-many-entries');
    const limit = isCut ? Number.POSITIVE_INFINITY : maxEntries;
    const reading = readList(text.split('\n'), { list: mode, maxEntries: limit, at: AT_ALL_TIMES });
    refuse([...errors, ...reading.errors].sort(byPosition), cause);
  }
  return text;
}

/** The addresses that were given. If there are errors, they must not be used. */
export interface GivenAddresses {
  /** Every line that was given; line n is at n − 1. */
  readonly lines: readonly string[];
  readonly entries: readonly Entry[];
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/** Reads the addresses that a change is given, one per line or item. */
export function readAddresses(source: unknown, mode: Mode, maxEntries: number): GivenAddresses {
  const { text, isText, errors, cause } = gatherSource(source, mode, maxEntries);
  const lines: string[] = [];
  if (isText) eachLine(text, (_, start, end) => void lines.push(text.slice(start, end)));
  else for (const line of text.split('\n')) lines.push(line);
  // Items stay items, so that a byte order mark is skipped only where one may be: at the start of a text.
  const reading = readList(isText ? text : lines, {
    list: mode,
    maxEntries: Number.POSITIVE_INFINITY,
    at: AT_ALL_TIMES,
  });
  const found = [...errors, ...reading.errors].sort(byPosition);
  const { table } = reading;
  if (found.length === 0 && table.size === 0) {
    found.push(problemOf(mode, 'empty', 'there is no address here'));
  }
  const entries = Array.from({ length: table.size }, (_, index) => table.entry(index));
  return { lines, entries, errors: found.map((problem) => inSource(problem, 'addresses')), cause };
}

/** A note that was given. */
interface GivenNote {
  /** Without the blanks around it; `undefined` for none. */
  readonly note: string | undefined;
  readonly errors: readonly Problem[];
}

/** Reads a note. It must contain no line break, which could add an entry, and no characters that hide text. */
export function readNote(given: unknown, source = 'note'): GivenNote {
  if (given === undefined || given === null) return { note: undefined, errors: [] };
  if (typeof given !== 'string') {
    const message = `a note must be text, got ${describeType(given)}`;
    return { note: undefined, errors: [problemOf(source, 'not-a-string', message)] };
  }
  const note = trimBlanks(given) || undefined;
  const found = findNoteFault(given, 0, given.length);
  if (found === undefined) return { note, errors: [] };
  const isBreak = isLineEnd(given.charCodeAt(found.start));
  const code: ProblemCode = isBreak ? 'line-break' : found.code;
  const message = isBreak
    ? 'a note must be one line: write a space in place of the line break'
    : found.message;
  const text = given.slice(found.start, found.end);
  return { note, errors: [problemOf({ source, column: found.start + 1, text }, code, message)] };
}

/** The problems of given lines whose own note differs from the note for all of them. */
export function findNoteConflicts(given: GivenAddresses, note: string | undefined): Problem[] {
  return given.entries
    .filter((entry) => entry.note !== undefined && entry.note !== note)
    .map((entry) => {
      const own = entry.note as string;
      const line = given.lines[entry.line - 1] as string;
      const [mine, common] = quoteApart(own, note ?? '');
      const all = note === undefined ? 'the group has none' : `the note for all is ${common}`;
      const message = `this address has the note ${mine}, but ${all}: make them agree, or add the address separately`;
      const column = trimEnd(line, 0, line.length) - own.length + 1;
      return problemOf(
        { source: 'addresses', line: entry.line, column, text: own },
        'note-conflict',
        message,
      );
    });
}

/** The problem of more entries than the limit allows, at the first given entry beyond it. */
export function findExcess(
  given: GivenAddresses,
  added: readonly Entry[],
  present: number,
  maxEntries: number,
): Problem[] {
  const count = present + added.length;
  if (count <= maxEntries) return [];
  const { line, text } = added[maxEntries - present] as Entry;
  const content = given.lines[line - 1] as string;
  const column = trimStart(content, 0, content.length) + 1;
  const message = describeExcess(count, maxEntries);
  return [problemOf({ source: 'addresses', line, column, text }, 'too-many-entries', message)];
}

/** The line that a given entry becomes in the list, with its own note and times or those for all. */
export function lineOf(given: GivenAddresses, entry: Entry, note: string | undefined, times = ''): string {
  const line = trimBlanks(given.lines[entry.line - 1] as string);
  const timed = timesIn(line) === '' ? withTimes(line, times) : line;
  return entry.note === undefined ? withNote(timed, note) : timed;
}

/** All given lines as they become lines of the list, including comments, without the empty lines at both ends. */
export function linesOf(given: GivenAddresses, note: string | undefined, times: string): string[] {
  const lines = given.lines.map(trimBlanks);
  for (const entry of given.entries) lines[entry.line - 1] = lineOf(given, entry, note, times);
  let first = 0;
  while (lines[first] === '') first++;
  let end = lines.length;
  while (lines[end - 1] === '') end--;
  return lines.slice(first, end);
}

/** What a group will become. */
interface WantedGroup {
  /** The addresses that it will have; `undefined` when they stay. */
  readonly given: GivenAddresses | undefined;
  /** Whether its note changes; the new one may be none. */
  readonly hasNote: boolean;
  readonly note: string | undefined;
  readonly errors: readonly Problem[];
  readonly cause: unknown;
}

/** Reads the change of a group. */
export function readGroupChange(change: unknown, mode: Mode, maxEntries: number): WantedGroup {
  const { values, problems } = readOptions(change, { addresses: anything, note: anything });
  if (change === undefined || change === null) problems.push(optionProblem(CHANGE_SHAPE));
  const { addresses, note } = values;
  const given = addresses === undefined ? undefined : readAddresses(addresses, mode, maxEntries);
  const wanted = readNote(note);
  return {
    given,
    hasNote: note !== undefined,
    note: wanted.note,
    errors: [...problems, ...(given?.errors ?? []), ...wanted.errors],
    cause: given?.cause,
  };
}

const CHANGE_SHAPE = 'the change of a group must be an object: write { addresses }, { note } or both';

/** One entry that was given. If there are errors, it must not be used. */
interface GivenAddress {
  /** Without the blanks around it. */
  readonly text: string;
  readonly canonical: string;
  readonly errors: readonly Problem[];
}

/** Reads one entry without a note. */
export function readAddress(given: unknown, source = 'address'): GivenAddress {
  const refusal = (errors: readonly Problem[]): GivenAddress => ({ text: '', canonical: '', errors });
  if (typeof given !== 'string') {
    return refusal([problemOf(source, 'not-a-string', `expected text, got ${describeType(given)}`)]);
  }
  const { entries, errors } = readAddresses([given], 'deny', 1);
  if (errors.length > 0) {
    const alone = 'give one entry, without a line break';
    const toChange = ({ code }: Problem) => (code === 'line-break' ? { source, message: alone } : { source });
    return refusal(errors.map((problem) => changeProblem(problem, toChange(problem))));
  }
  const hash = given.indexOf('#');
  if (hash >= 0) {
    const place = { source, column: hash + 1, text: '#' };
    return refusal([problemOf(place, 'invalid-character', 'give the address alone, without a note')]);
  }
  if (timesIn(given) !== '') {
    const place = { source, column: given.indexOf(timesIn(given)) + 1, text: timesIn(given) };
    return refusal([
      problemOf(place, 'trailing-text', 'give the address alone, and times as from and until'),
    ]);
  }
  return { text: trimBlanks(given), canonical: (entries[0] as Entry).canonical, errors: [] };
}
