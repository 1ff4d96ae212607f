/**
 * What a list and a change to it are given: texts, addresses, notes, options. Everything wrong with them is found before
 * anything is changed, and said at its place in what was given, not in the text of the list.
 */

import { gatherSource, MAX_TEXT_LENGTH } from '../list/gather.ts';
import { eachLine, findNoteFault, isLineEnd, trimEnd, trimStart } from '../list/grammar.ts';
import { trimBlanks, withNote } from '../list/lines.ts';
import { byPosition, describeExcess, readList } from '../list/reader.ts';
import type { Entry, EntrySource, Mode } from '../list/table.ts';
import { ListError, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { anything, countOf, DEFAULT_MAX_ENTRIES, optionProblem, readOptions } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';

/** What is said of a list when it is made. It stays with the list through every change. */
export interface RestrictionListOptions {
  /** The most entries the list may have, 1,000 when not given; `Infinity` for no limit. */
  readonly maxEntries?: number | undefined;
}

/** A list as it is stored: what `RestrictionList.parse(mode, text, { maxEntries })` makes the list of again. */
export interface StoredList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The limit of the list; `Number.MAX_SAFE_INTEGER` for `Infinity`, which JSON does not know. */
  readonly maxEntries: number;
  /** The text of the list, to the letter. */
  readonly text: string;
}

/** What becomes of a group; what is not given stays. */
export interface GroupChange {
  /** The addresses that the group is to have, all of them. */
  readonly addresses?: EntrySource | undefined;
  /** The note that the group is to have; `''` for none. */
  readonly note?: string | undefined;
}

/**
 * Checks type and options of a list, and answers its limit.
 * @internal
 */
export function readListOptions(mode: unknown, options: unknown): number {
  const { values, problems } = readOptions(options, { maxEntries: countOf('entries') });
  if (mode !== 'allow' && mode !== 'deny')
    problems.push(optionProblem('the type of a list is "allow" or "deny"'));
  refuse(problems);
  return values.maxEntries ?? DEFAULT_MAX_ENTRIES;
}

/**
 * Throws when there are problems.
 * @internal
 */
export function refuse(problems: readonly Problem[], cause?: unknown): void {
  if (problems.length > 0) throw new ListError(problems, { cause });
}

/**
 * The error of a list whose text no string could hold.
 * @internal
 */
export function tooLong(mode: Mode): ListError {
  const message = `a list has fewer than ${MAX_TEXT_LENGTH} characters: shorten its notes`;
  return new ListError([problemOf(mode, 'list-too-long', message)]);
}

/**
 * The problem of a list that is not given as text.
 * @internal
 */
export function readText(text: unknown, mode: Mode): Problem[] {
  if (typeof text === 'string') return [];
  const message = `a list is text here, so that it can be kept to the letter; this is ${describeType(text)}`;
  return [problemOf(mode, 'not-a-string', message)];
}

/** The addresses that were given. With errors, nothing may be made of them. */
export interface GivenAddresses {
  /** Every line that was given; line n is at n − 1. */
  readonly lines: readonly string[];
  readonly entries: readonly Entry[];
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/**
 * Reads the addresses that a change is given, one a line or an item each.
 * @internal
 */
export function readAddresses(source: unknown, mode: Mode, maxEntries: number): GivenAddresses {
  const { text, isText, errors, cause } = gatherSource(source, mode, maxEntries);
  const lines: string[] = [];
  if (isText) eachLine(text, (_, start, end) => void lines.push(text.slice(start, end)));
  else for (const line of text.split('\n')) lines.push(line);
  // Items stay items, so that a byte order mark is skipped only where it may be: at the start of a text.
  const reading = readList(isText ? text : lines, {
    list: mode,
    maxEntries: Number.POSITIVE_INFINITY,
  });
  const found = [...errors, ...reading.errors].sort(byPosition);
  const { table } = reading;
  if (found.length === 0 && table.size === 0) {
    found.push(problemOf(mode, 'empty', 'there is no address here'));
  }
  const entries = Array.from({ length: table.size }, (_, index) => table.entry(index));
  return { lines, entries, errors: found.map((problem) => inSource(problem, 'addresses')), cause };
}

/**
 * A problem as one of another input.
 * @internal
 */
export function inSource(problem: Problem, source: string): Problem {
  return Object.freeze({ ...problem, source });
}

/** A note that was given. */
export interface GivenNote {
  /** Without the blanks around it; `undefined` for none. */
  readonly note: string | undefined;
  readonly errors: readonly Problem[];
}

/**
 * Reads a note. It must not hold a line break, with which it could bring in an entry, nor what hides text.
 * @internal
 */
export function readNote(given: unknown, source = 'note'): GivenNote {
  if (given === undefined || given === null) return { note: undefined, errors: [] };
  if (typeof given !== 'string') {
    const message = `a note is text; this is ${describeType(given)}`;
    return { note: undefined, errors: [problemOf(source, 'not-a-string', message)] };
  }
  const note = trimBlanks(given) || undefined;
  const found = findNoteFault(given, 0, given.length);
  if (found === undefined) return { note, errors: [] };
  const isBreak = isLineEnd(given.charCodeAt(found.start));
  const code: ProblemCode = isBreak ? 'line-break' : found.code;
  const message = isBreak ? 'a note is one line: write a blank in place of the line break' : found.message;
  const text = given.slice(found.start, found.end);
  return { note, errors: [problemOf({ source, column: found.start + 1, text }, code, message)] };
}

/**
 * The problems of given lines that have another note of their own than the one for all of them.
 * @internal
 */
export function findNoteConflicts(given: GivenAddresses, note: string | undefined): Problem[] {
  return given.entries
    .filter((entry) => entry.note !== undefined && entry.note !== note)
    .map((entry) => {
      const own = entry.note as string;
      const line = given.lines[entry.line - 1] as string;
      const all = note === undefined ? 'the group has none' : `the note for all is ${quote(note)}`;
      const message = `this address has the note ${quote(own)}, and ${all}: take one of them out, or add the address apart`;
      const column = trimEnd(line, 0, line.length) - own.length + 1;
      return problemOf(
        { source: 'addresses', line: entry.line, column, text: own },
        'note-conflict',
        message,
      );
    });
}

/**
 * The problem of more entries than the limit allows, at the first given entry beyond it.
 * @internal
 */
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

/**
 * The line that a given entry becomes in the list, with its own note or the one for all.
 * @internal
 */
export function lineOf(given: GivenAddresses, entry: Entry, note: string | undefined): string {
  const line = trimBlanks(given.lines[entry.line - 1] as string);
  return entry.note === undefined ? withNote(line, note) : line;
}

/**
 * All given lines as they become lines of the list, comments too, without the empty lines around them.
 * @internal
 */
export function linesOf(given: GivenAddresses, note: string | undefined): string[] {
  const lines = given.lines.map(trimBlanks);
  for (const entry of given.entries) lines[entry.line - 1] = lineOf(given, entry, note);
  let first = 0;
  while (lines[first] === '') first++;
  let end = lines.length;
  while (lines[end - 1] === '') end--;
  return lines.slice(first, end);
}

/** What a group is to become. */
export interface WantedGroup {
  /** The addresses that it is to have; `undefined` when they stay. */
  readonly given: GivenAddresses | undefined;
  /** Whether it is to have another note, which may be none. */
  readonly hasNote: boolean;
  readonly note: string | undefined;
  readonly errors: readonly Problem[];
  readonly cause: unknown;
}

/**
 * Reads what a group is to become.
 * @internal
 */
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

const CHANGE_SHAPE = 'the change of a group is an object: write { addresses }, { note } or both';

/**
 * Reads one entry without a note, and answers its canonical text.
 * @internal
 */
export function readAddress(given: unknown): { canonical: string; errors: readonly Problem[] } {
  const refuse = (code: ProblemCode, message: string, column: number, text: string) => ({
    canonical: '',
    errors: [problemOf({ source: 'address', column, text }, code, message)],
  });
  if (typeof given !== 'string')
    return refuse('not-a-string', `expected text, got ${describeType(given)}`, 1, '');
  const { entries, errors } = readAddresses([given], 'deny', 1);
  if (errors.length > 0)
    return { canonical: '', errors: errors.map((problem) => inSource(problem, 'address')) };
  const hash = given.indexOf('#');
  if (hash >= 0) return refuse('invalid-character', 'give the address alone, without a note', hash + 1, '#');
  return { canonical: (entries[0] as Entry).canonical, errors: [] };
}
