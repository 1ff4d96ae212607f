/**
 * The grammar of lists: text in, entries and problems out, each problem at its line and column.
 *
 * One line is `entry [# note]`, a comment, or nothing. Every line is read to its end whatever is wrong with it, so all
 * problems of a list are found at once, and nothing wrong is ever skipped silently.
 */

import { among, inList, type Setting } from '../address/advice.ts';
import { coversMappedBlock, readEntry, span } from '../address/entry.ts';
import { findEntryFault } from '../address/entry-fault.ts';
import {
  type Fault,
  fault,
  PROBLEMS_IN_MESSAGE,
  type Problem,
  problemOf,
  problemOfFault,
  rememberLine,
} from '../problem/errors.ts';
import { countOf, DEFAULT_MAX_ENTRIES, oneOf, requireOptions } from '../problem/options.ts';
import { Column } from '../space/column.ts';
import { findRepetitions, ListIntervals } from '../space/intervals.ts';
import { describeFormat } from './formats.ts';
import { gatherSource, markIncomplete } from './gather.ts';
import { eachLine, findNoteFault, indexOfHash, trimEnd, trimStart } from './grammar.ts';
import { type Entry, EntryTable, joinPlaces, type ListName } from './table.ts';
import { AT_ALL_TIMES, isWithin, nextChange, readTimes } from './times.ts';
import { openListProblem, WarningColumns } from './warnings.ts';

/** The result of reading a list. If there are errors, the table has only the good lines, and nothing may be decided by it. */
export interface ListReading {
  readonly table: EntryTable;
  readonly errors: readonly Problem[];
  readonly warnings: WarningColumns;
  /** The next instant at which an entry begins or ends, in milliseconds since 1970; Infinity when there is none. */
  readonly changesAt: number;
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/** What time it is, in milliseconds since 1970, if that is known. Asked only when an entry has times. */
export type Clock = () => number | undefined;

/** How to read a list. */
interface ReadOptions {
  readonly list: ListName;
  readonly maxEntries: number;
  /**
   * The instant for which the list is read, in milliseconds since 1970: entries that do not count then are in the table
   * alone, and without warnings. Or {@link AT_ALL_TIMES}. Without it times are the error `instant-required`.
   */
  readonly at?: number | Clock | undefined;
  /** Lines to report instead of those of the text, for a list that was edited elsewhere. */
  readonly lines?: readonly number[] | undefined;
  /** Where the entries go, numbered from `firstOwner`, which is 0 when not given. */
  readonly intervals?: ListIntervals;
  readonly firstOwner?: number;
  /** What to say to somebody who means everyone, where that is not for a list to allow or deny. */
  readonly everyone?: string;
}

/** Reads a list, whether given as text or as items. */
export function readList(source: unknown, options: ReadOptions): ListReading {
  // Only its own fields: other code may have added to Object.prototype.
  const own: ReadOptions = Object.assign(Object.create(null), options);
  const { list, maxEntries, at, lines, intervals, firstOwner = 0, everyone = inList.everyone } = own;
  let instant = at;
  const { text, isText, errors: found, cause } = gatherSource(source, list, maxEntries, lines);
  const errors = [...found];
  const offsets = new Column();
  const places = new Column();
  const warnings = new WarningColumns();
  const visit = (isPartOfName: boolean): void => {
    const index = offsets.length;
    // The limit bounds the work, too.
    if (index >= maxEntries) return;
    intervals?.add(firstOwner + index, isPartOfName);
    warnOfEntry(warnings, index);
  };
  let firstTimed = -1;
  let changesAt = Number.POSITIVE_INFINITY;
  const readTimed = (start: number, end: number): boolean => {
    const times = readTimes(text, start, end);
    if (!times || times.fault) return false;
    if (typeof instant === 'function') instant = instant();
    const now = instant ?? AT_ALL_TIMES;
    if (!readEntry(text, start, times.end, isWithin(times, now) ? visit : passOver)) return false;
    changesAt = Math.min(changesAt, nextChange(times, now));
    if (firstTimed < 0) firstTimed = offsets.length;
    return true;
  };
  let nextHash = -1;
  const readLine = (number: number, lineStart: number, lineEnd: number): void => {
    // Searched natively, and not again before it is passed: a second loop over each line costs a sixth of the build.
    if (nextHash < lineStart) nextHash = indexOfHash(text, lineStart);
    const hash = Math.min(nextHash, lineEnd);
    const start = trimStart(text, lineStart, hash);
    const end = trimEnd(text, start, hash);
    if (start === end) return;
    const noteFault = hash === lineEnd ? undefined : findNoteFault(text, hash + 1, lineEnd);
    if (noteFault === undefined && (readEntry(text, start, end, visit) || readTimed(start, end))) {
      offsets.push(start);
      places.push(lines?.[number - 1] ?? number);
      return;
    }
    const setting = settingOf(errors.length, everyone);
    const told = findLineFault(text, start, end, lineEnd, noteFault, setting, isText);
    const problem = problemOfFault(text, told, list, lines?.[number - 1] ?? number, lineStart);
    const isShown = errors.length - found.length < PROBLEMS_IN_MESSAGE;
    if (isShown) rememberLine(problem, text.slice(lineStart, lineEnd));
    errors.push(problem);
  };
  // Only a text may start with a byte order mark.
  eachLine(text, readLine, isText ? undefined : 0);
  const tableAt = firstTimed < 0 ? undefined : ((instant as number | undefined) ?? AT_ALL_TIMES);
  const table = new EntryTable(list, text, offsets.length, joinPlaces(offsets, places), tableAt);
  if (firstTimed >= 0 && instant === undefined) errors.push(timesProblem(table, firstTimed));
  // A list that was cut off has already been reported as too long.
  if (!found.some(({ code }) => code === 'too-many-entries')) errors.push(...findExcess(table, maxEntries));
  if (isText && table.size === 0) replaceByFormat(errors, text);
  return { table, errors: errors.sort(byPosition), warnings, changesAt, cause };
}

/** What is advised after so many errors. */
function settingOf(errors: number, everyone: string): Setting {
  return errors < MAX_ADVISED ? { ...inList, everyone } : among;
}

/** Bad lines after these are reported without advice, which takes longer than all the rest. */
export const MAX_ADVISED = 10_000;

/** Warns of the entry in `span`. */
export function warnOfEntry(warnings: WarningColumns, index: number): void {
  if (span.hostBits) warnings.add('host-bits-set', index);
  if (span.length === 0) warnings.add('covers-everything', index);
  if (coversMappedBlock()) warnings.add('excludes-ipv4', index);
}

/** The error about a list with times for which there is no instant, at its first entry that has them. */
export function timesProblem(table: EntryTable, index: number): Problem {
  const { code, message } = fault('instant-required', '', 0, 0);
  return problemOf(table.place(index), code, message);
}

const passOver = (): void => {};

/** The first fault of a line in the order of its text. */
function findLineFault(
  text: string,
  start: number,
  end: number,
  lineEnd: number,
  noteFault: Fault | undefined,
  setting: Setting,
  isText: boolean,
): Fault {
  const times = readTimes(text, start, end);
  const last = noteFault ?? fault('invalid-character', text, start, end);
  const own = times && findEntryFault(text, start, times.end, setting);
  // With good times, what is wrong with the entry is said of it alone, unless that would turn them into a note.
  const isOwn = own !== undefined && times?.fault === undefined && !own.message.includes('#');
  const whole = isOwn ? own : findEntryFault(text, start, end, setting);
  const found = times && !own ? (times.fault ?? last) : (whole ?? last);
  // Mending one of two faults is not enough. The address of an item has no note, and a tab may not become part of one.
  const { mend } = found;
  const hash = mend?.text.indexOf('#') ?? -1;
  const note = mend && mend.text.slice(hash + 1) + text.slice(mend.end, lineEnd);
  const isBadNote = hash >= 0 && (!isText || findNoteFault(note as string, 0, (note as string).length));
  return (noteFault ?? times?.fault) !== undefined || isBadNote ? { ...found, mend: undefined } : found;
}

/** Puts one problem in the place of those of a text that is not a list, where the first of them was. */
function replaceByFormat(errors: Problem[], text: string): void {
  const [first] = errors;
  const format = first && describeFormat(text, errors);
  if (first === undefined || format === undefined) return;
  const { source, line, column, text: part } = first;
  errors.splice(
    0,
    errors.length,
    problemOf({ source, line, column, text: part }, 'unsupported-format', format),
  );
}

/**
 * Warns of entries that repeat an earlier one of the same list with the same times.
 *
 * @param repetitions - for each owner the first one that is equal, or −1
 * @param firstOwner - the number of the first entry among all owners
 */
export function warnOfRepetitions(
  { table, warnings }: Pick<ListReading, 'table' | 'warnings'>,
  repetitions: Int32Array,
  firstOwner = 0,
): void {
  for (let index = 0; index < table.size; index++) {
    const first = (repetitions[firstOwner + index] as number) - firstOwner;
    if (table.repeats(first, index)) warnings.add('duplicate', index, first);
  }
}

/** Orders problems by line and column. */
export function byPosition(left: Problem, right: Problem): number {
  return left.line - right.line || left.column - right.column;
}

/** The sentence of `too-many-entries`. */
export function describeExcess(count: number, maxEntries: number): string {
  const advice = `remove ${count - maxEntries} or raise the option maxEntries`;
  return `${count} ${count === 1 ? 'entry' : 'entries'}, and the limit is ${maxEntries}: ${advice}`;
}

/** The problem of a list that has been read to its end and has more entries than allowed. */
export function findExcess(table: EntryTable, maxEntries: number): Problem[] {
  if (table.size <= maxEntries) return [];
  return [problemOf(table.place(maxEntries), 'too-many-entries', describeExcess(table.size, maxEntries))];
}

/** The options of {@link parseList}. */
export interface ParseListOptions {
  /** The list that the entries and problems say they are in; `deny` when not given. */
  readonly list?: ListName;
  /** The most entries before `too-many-entries` is reported; 1,000 when not given. */
  readonly maxEntries?: number;
}

/** What {@link parseList} found. Frozen. */
export interface ParsedList {
  /** The good lines, in order. If there are none, the list is not necessarily empty: see `problems`. */
  readonly entries: readonly Entry[];
  /** Everything wrong or doubtful, sorted by line and column. */
  readonly problems: readonly Problem[];
}

/**
 * Reads the text of a list for an editor or a preview: all entries and all problems, errors and warnings.
 *
 * Never throws on content. Do not decide by the entries of a list with errors: leaving out the bad lines would change
 * what the list means, and could empty it, which opens an allow list.
 *
 * @param text - lines of `entry # note`, comments and blank lines
 * @param options - what to call the list, and its limit
 * @returns frozen entries and problems
 * @throws {@link ListError} with `invalid-option`, when an option is unknown or has a value that it cannot have
 * @remarks Linear in the length of the text, apart from sorting; allocates an object for each entry and problem.
 * @example
 * ```ts
 * import { parseList } from 'ipverdict';
 *
 * const { entries, problems } = parseList('192.0.2.0/24 # Office\n192.0.2.300');
 * entries[0]?.note; // 'Office'
 * problems[0]?.column; // 9
 * ```
 */
export function parseList(text: string, options?: ParseListOptions): ParsedList {
  const { list = 'deny', maxEntries = DEFAULT_MAX_ENTRIES } = requireOptions(options, {
    list: oneOf('allow', 'deny', 'exempt', 'except'),
    maxEntries: countOf('entries'),
  });
  const { table, errors, warnings } = readWithRepetitions(text, { list, maxEntries, at: AT_ALL_TIMES });
  const entries = Array.from({ length: table.size }, (_, index) => table.entry(index));
  const problems = [...errors, ...warnings.toProblems(table)].sort(byPosition);
  // Given as a list, they would be another list than the one that was written; an empty one could even open.
  if (errors.length > 0) markIncomplete(entries);
  return Object.freeze({ entries: Object.freeze(entries), problems: Object.freeze(problems) });
}

/** Reads a list and compares its entries. */
function readWithRepetitions(source: unknown, options: ReadOptions): ListReading {
  const intervals = new ListIntervals();
  const reading = readList(source, { ...options, intervals });
  warnOfRepetitions(reading, findRepetitions(intervals.sort(), reading.table.size));
  return reading;
}

/**
 * Everything that a policy of this list alone would say about it, errors and warnings, by line and column. Makes no entries
 * and no policy, so that a list of any length can be checked.
 */
export function findListProblems(source: unknown, options: ReadOptions): Problem[] {
  const { table, errors, warnings } = readWithRepetitions(source, options);
  const isOpen = options.list === 'allow' && table.size === 0 && errors.length === 0;
  const found = isOpen ? [openListProblem()] : warnings.toProblems(table);
  return [...errors, ...found].sort(byPosition);
}
