/**
 * Fixes: a list read for lint with its plan, the line edits that parts of the plan stand for, and `applyFixes`.
 *
 * A fix is only good for the text it was made for. So `applyFixes` makes the plan of its text again and accepts only
 * fixes that are in it: a fix for another text, or for an older version, is refused and can change no verdict.
 */

import { tryNormalize } from '../address/prefix.ts';
import { formatWords } from '../address/words.ts';
import { eachLine } from '../list/grammar.ts';
import { type LineEdit, rewriteLines, withEntry, withNote } from '../list/lines.ts';
import { type ListReading, readList } from '../list/reader.ts';
import type { EntryTable, ListName } from '../list/table.ts';
import { AT_ALL_TIMES, keyOfTimes, lastsFrom } from '../list/times.ts';
import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { describeType } from '../problem/say.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';
import type { Merge } from '../space/join.ts';
import { filter } from '../space/pick.ts';
import {
  type GivenFix,
  gatherFixes,
  type LintEdit,
  type LintFix,
  type LintProblem,
  staleFix,
} from './fix.ts';
import { makePlan, type Plan, SILENT_MERGING, SILENT_REMOVAL, SILENT_REPETITION } from './plan.ts';
import { type Notes, readNotes, withoutDirective } from './silence.ts';

/** A list with its intervals in order. */
export interface SortedList {
  readonly reading: ListReading;
  readonly families: readonly [ipv4: Intervals, ipv6: Intervals];
}

/** Reads a list and sorts its intervals. */
export function readSorted(
  source: unknown,
  list: ListName,
  maxEntries: number,
  lines?: readonly number[],
  at: number = AT_ALL_TIMES,
): SortedList {
  const intervals = new ListIntervals();
  const reading = readList(source, { list, lines, maxEntries, at, intervals });
  return { reading, families: intervals.sort() };
}

/**
 * Reads exemptions. Those that begin or end later do not exempt for certain, so they are no reason to remove an entry.
 *
 * @param at - milliseconds since 1970, if the instant is known
 */
export function readExemptions(source: unknown, maxEntries: number, at: number | undefined): SortedList {
  const { reading, families } = readSorted(source, 'exempt', maxEntries, undefined, at);
  const { table } = reading;
  const [ipv4, ipv6] = families.map((intervals) =>
    filter(intervals, (interval) => lastsFrom(at, table.times(intervals.owners[interval] as number))),
  ) as [Intervals, Intervals];
  return { reading, families: [ipv4, ipv6] };
}

/** A list that has been read for lint, whatever its length. */
export interface PlannedList extends SortedList {
  readonly notes: Notes;
  readonly plan: Plan;
}

/** Reads a list and makes its plan. */
export function planList(source: unknown, list: ListName, lines?: readonly number[]): PlannedList {
  const sorted = readSorted(source, list, Number.POSITIVE_INFINITY, lines);
  const { table } = sorted.reading;
  const notes = readNotes(table);
  const silences = silentFixes(table, notes);
  const plan = makePlan(table.size, sorted.families, notes.numbers, silences, (entry) => table.times(entry));
  return { ...sorted, notes, plan };
}

/** For each entry the fixes that its line takes no part in, because it silences their problems. */
function silentFixes({ size }: EntryTable, { directives }: Notes): Uint8Array {
  const silences = new Uint8Array(size);
  for (const [entry, { codes }] of directives) {
    silences[entry] =
      (codes.has('covered') ? SILENT_REMOVAL : 0) |
      (codes.has('duplicate') ? SILENT_REPETITION : 0) |
      (codes.has('mergeable') ? SILENT_MERGING : 0);
  }
  return silences;
}

/** The fix of a superfluous entry. */
export function removalOf(table: EntryTable, entry: number): LintFix {
  return makeFix([{ line: table.line(entry), text: null }]);
}

/** The fix of an entry whose host bits are set. */
export function clearingOf(table: EntryTable, entry: number): LintFix {
  return makeFix([rewriting(table, entry, tryNormalize(table.text(entry)) as string)]);
}

/** The canonical text of what entries merge into. */
export function textOfMerge({ family, words, length }: Merge): string {
  return `${formatWords(family, words)}/${length}`;
}

/** The fix of entries that merge: the first becomes all of them. */
export function mergingOf(table: EntryTable, merge: Merge): LintFix {
  const [first, ...others] = merge.members as [number, ...number[]];
  const removed = others.map((entry) => ({ line: table.line(entry), text: null }));
  const edits = [rewriting(table, first, textOfMerge(merge)), ...removed];
  return makeFix(edits.sort((left, right) => left.line - right.line));
}

function rewriting(table: EntryTable, entry: number, text: string): LintEdit {
  return { line: table.line(entry), text: withEntry(table.lineText(entry), text) };
}

/**
 * The note that an entry has once it is spelt like the one that it looks like, or `undefined` when it is that already or
 * the spelling is meant. A directive stays.
 */
function respelt({ reading, notes }: PlannedList, entry: number): string | undefined {
  const isMeant = notes.directives.get(entry)?.codes.has('look-alike-note') ?? false;
  if (isMeant || !notes.lookAlikes.has(entry)) return undefined;
  const written = reading.table.note(entry) as string;
  const own = withoutDirective(written);
  const start = written.indexOf(own);
  const spelling = notes.texts[notes.numbers[entry] as number] as string;
  return written.slice(0, start) + spelling + written.slice(start + own.length);
}

/** The fix of a note that only looks like another. */
export function respellingOf(planned: PlannedList, entry: number): LintFix | undefined {
  const note = respelt(planned, entry);
  if (note === undefined) return undefined;
  const { table } = planned.reading;
  return makeFix([{ line: table.line(entry), text: withNote(table.lineText(entry), note) }]);
}

function makeFix(edits: readonly LintEdit[]): LintFix {
  return Object.freeze({ edits: Object.freeze(edits.map((edit) => Object.freeze(edit))) });
}

/** A fix of the plan. */
interface PlannedFix {
  readonly edits: readonly LintEdit[];
  /** The note that it gives to its only line; all other fixes leave notes alone. */
  readonly note: string | undefined;
}

/** Finds the fix of the plan that makes the given edits, if there is one. */
function fixFinder(planned: PlannedList): (given: GivenFix) => PlannedFix | undefined {
  const { reading, plan, notes } = planned;
  const { table, warnings } = reading;
  const entries = new Map<number, number>();
  for (let entry = 0; entry < table.size; entry++) entries.set(table.line(entry), entry);
  const isSilent = (entry: number, code: string): boolean =>
    notes.directives.get(entry)?.codes.has(code) ?? false;
  const clearable = new Set<number>();
  warnings.forEach((code, entry) => {
    if (code === 'host-bits-set' && !isSilent(entry, code)) clearable.add(entry);
  });
  const merges = new Map(plan.merges.map((merge) => [merge.members[0], merge]));
  const findEntryFix = (entry: number, { edits, ended }: GivenFix): LintFix | undefined => {
    if (edits.every(({ text }) => text === null)) {
      // Only lint was told the instant. What had ended then still has, if it is the same entry with the same end.
      const hasEnded = ended !== undefined && isSameEnd(table, entry, ended) && !isSilent(entry, 'expired');
      const isSuperfluous = plan.isSuperfluous(entry) && plan.canGo(entry);
      return hasEnded || isSuperfluous ? removalOf(table, entry) : undefined;
    }
    if (edits.length === 1) return clearable.has(entry) ? clearingOf(table, entry) : undefined;
    const merge = merges.get(entry);
    return merge === undefined ? undefined : mergingOf(table, merge);
  };
  return (given) => {
    const { edits } = given;
    const rewritten = edits.find(({ text }) => text !== null);
    const entry = entries.get((rewritten ?? edits.at(0))?.line ?? 0);
    if (entry === undefined) return undefined;
    const isWanted = (fix: LintFix | undefined): fix is LintFix =>
      fix?.edits.length === edits.length &&
      fix.edits.every((edit, index) => areSame(edit, edits[index] as LintEdit));
    const fix = findEntryFix(entry, given);
    if (isWanted(fix)) return { edits: fix.edits, note: undefined };
    const respelling = respellingOf(planned, entry);
    return isWanted(respelling) ? { edits: respelling.edits, note: respelt(planned, entry) } : undefined;
  };
}

/** Whether two edits do the same to a line. An edit of a list without its text cannot know the blanks in the line. */
function areSame(left: LintEdit, right: LintEdit): boolean {
  if (left.line !== right.line) return false;
  if (left.text === right.text || left.text === null || right.text === null) return left.text === right.text;
  const [a, b] = [left.text, right.text].map((line) => readLine(line)?.entry(0));
  return a !== undefined && b !== undefined && a.text === b.text && a.note === b.note;
}

/** The table of one line with one entry. */
function readLine(line: string): EntryTable | undefined {
  const { table, errors } = readSorted([line], 'deny', 1).reading;
  return errors.length > 0 || table.size !== 1 ? undefined : table;
}

/** Whether an entry is the one that had ended, whatever the blanks in it. */
function isSameEnd(table: EntryTable, entry: number, ended: string): boolean {
  const read = readLine(ended);
  const times = read?.times(0);
  return (
    read !== undefined &&
    times !== undefined &&
    read.text(0) === table.text(entry) &&
    keyOfTimes(times) === keyOfTimes(table.times(entry))
  );
}

/**
 * Applies the fixes of problems to the text that was linted. Problems without a fix are ignored.
 *
 * - Pass any of the problems of a list, in any order. The verdict for every address stays the same, in an allow list
 *   and in a deny list, whatever the exemptions, and no list becomes empty. When you pass all of them, every note that
 *   is reported stays, too, or is spelt like another that looks the same.
 * - Comments, blank lines, line ends, a byte order mark and all other lines stay exactly as they are.
 * - The fix of host bits gives way to another fix of the same line; the fix of a note is made beside it.
 * - A fix that does not belong to the text as it is now is refused, and then nothing is applied: lint the text again.
 *
 * @param text - the text that was linted
 * @param problems - problems as `lintList` returned them for this text, all or some
 * @returns the text with the fixes applied
 * @throws `ListError` with `stale-fix` for a fix that does not belong to this text or does not have the shape of one,
 *   `unreadable` when the problems cannot be read, `not-a-string` when the text is not a string
 * @remarks Makes the plan of the text again, so it takes about as long as linting it.
 * @example
 * ```ts
 * import { applyFixes, lintList } from 'ipverdict/list';
 *
 * const text = '# Office\n203.0.113.7/24\n203.0.113.9';
 * applyFixes(text, lintList(text)); // '# Office\n203.0.113.0/24'
 * ```
 */
export function applyFixes(text: string, problems: Iterable<LintProblem>): string {
  if (typeof text !== 'string') {
    const message = `expected the text of a list, got ${describeType(text)}: for a list object, pass String(list)`;
    throw new ListError([problemOf('text', 'not-a-string', message)]);
  }
  let count = 0;
  eachLine(text, () => count++);
  const given = gatherFixes(problems, count);
  if (given.length === 0) return text;
  const planned = planList(text, 'deny');
  const find = fixFinder(planned);
  const wrong: Problem[] = [];
  const edits = new Map<number, string | null>();
  const notes = new Map<number, string>();
  for (const proposed of given) {
    const fix = find(proposed);
    const { position } = proposed;
    if (fix === undefined) {
      const message = 'this fix does not belong to the text as it is now: lint the text again';
      wrong.push(staleFix(message, position));
      continue;
    }
    const isClearing = fix.edits.length === 1 && fix.edits[0]?.text !== null;
    for (const { line, text: edited } of fix.edits) {
      if (fix.note !== undefined) notes.set(line, fix.note);
      else if (!isClearing || !edits.has(line)) edits.set(line, edited);
    }
  }
  if (removesAll(planned.reading.table, edits))
    wrong.push(staleFix('these fixes together would remove every entry: lint the text again', 1));
  if (wrong.length > 0) throw new ListError(wrong);
  const lines = new Map<number, LineEdit>();
  for (const [line, edited] of edits) lines.set(line, () => (edited === null ? [] : [edited]));
  for (const [line, note] of notes) {
    const edited = edits.get(line);
    if (edited !== null) lines.set(line, (content) => [withNote(edited ?? content, note)]);
  }
  const fixed = rewriteLines(text, lines);
  if (fixed !== undefined) return fixed;
  throw new ListError([problemOf('fixes', 'list-too-long', 'the text is too long for one string')]);
}

/** Whether edits would empty a list. The fixes of one run of lint never do. */
function removesAll(table: EntryTable, edits: ReadonlyMap<number, string | null>): boolean {
  let left = table.size;
  for (let entry = 0; entry < table.size; entry++) if (edits.get(table.line(entry)) === null) left--;
  return left === 0 && table.size > 0;
}
