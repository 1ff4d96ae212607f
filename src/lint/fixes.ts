/**
 * Fixes: a list read for lint with its plan, the line edits that parts of the plan stand for, and `applyFixes`.
 *
 * A fix is worth no more than the text it was made for. `applyFixes` therefore makes the plan of its text once more, and
 * takes only fixes that are in it: one of another text, or of an older version, is refused, and can change no verdict.
 */

import { tryNormalize } from '../address/prefix.ts';
import { formatWords } from '../address/words.ts';
import { isLineEnd } from '../list/grammar.ts';
import { rewriteLines } from '../list/lines.ts';
import { type ListReading, readList } from '../list/reader.ts';
import type { EntryTable, ListName } from '../list/table.ts';
import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { attempt, eachItem, readField } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';
import type { Merge } from '../space/join.ts';
import { makePlan, type Plan, SILENT_MERGING, SILENT_REMOVAL, SILENT_REPETITION } from './plan.ts';
import { readDirective, withoutDirective } from './silence.ts';

/** One line of a text, and what is to become of it. */
export interface LintEdit {
  /** Line of the text, from 1. */
  readonly line: number;
  /** The new line without its line end, or `null` when the line goes. */
  readonly text: string | null;
}

/** Line edits that belong together: all are made, or none. */
export interface LintFix {
  /** The edits, by line; one for each line. */
  readonly edits: readonly LintEdit[];
}

/** A problem of a list, with its fix where one is certain. Plain frozen data. */
export interface LintProblem extends Problem {
  /** Changes no verdict, alone or with other fixes of the list; see {@link applyFixes}. */
  readonly fix?: LintFix;
}

/** A list that has been read for lint, whatever its length. */
export interface PlannedList {
  readonly reading: ListReading;
  readonly families: readonly [ipv4: Intervals, ipv6: Intervals];
  readonly plan: Plan;
  /** Number of the note of each entry, without its directive: equal notes have equal numbers, 0 is none. */
  readonly notes: Int32Array;
}

/**
 * Reads a list and makes its plan.
 * @internal
 */
export function planList(source: unknown, list: ListName, lines: readonly number[] | undefined): PlannedList {
  const intervals = new ListIntervals();
  const reading = readList(source, {
    list,
    lines,
    maxEntries: Number.POSITIVE_INFINITY,
    onNetwork: (index, isPartOfName) => intervals.add(index, isPartOfName),
  });
  const { table, warnings } = reading;
  const firstOfSame = new Int32Array(table.size).fill(-1);
  warnings.forEach((code, index, other) => {
    if (code === 'duplicate') firstOfSame[index] = other;
  });
  const notes = numberNotes(table);
  const families = intervals.sort();
  const plan = makePlan(table.size, families, notes, firstOfSame, readSilences(table));
  return { reading, families, notes, plan };
}

function numberNotes(table: EntryTable): Int32Array {
  const numbers = new Map<string | undefined, number>([[undefined, 0]]);
  const notes = new Int32Array(table.size);
  for (let entry = 0; entry < table.size; entry++) {
    const note = withoutDirective(table.note(entry));
    const known = numbers.get(note);
    if (known === undefined) numbers.set(note, numbers.size);
    notes[entry] = known ?? numbers.size - 1;
  }
  return notes;
}

/** For each entry the fixes that its line has no part in, as it silences their problems. */
function readSilences(table: EntryTable): Uint8Array {
  const silences = new Uint8Array(table.size);
  for (let entry = 0; entry < table.size; entry++) {
    for (const { code } of readDirective(table.note(entry))?.codes ?? []) {
      silences[entry] = (silences[entry] as number) | (silentFixes[code as keyof typeof silentFixes] ?? 0);
    }
  }
  return silences;
}

const silentFixes = {
  __proto__: null as never,
  covered: SILENT_REMOVAL,
  duplicate: SILENT_REPETITION,
  mergeable: SILENT_MERGING,
} as const;

/**
 * The fix of a superfluous entry.
 * @internal
 */
export function removalOf(table: EntryTable, entry: number): LintFix {
  return makeFix([{ line: table.line(entry), text: null }]);
}

/**
 * The fix of an entry whose host bits are set.
 * @internal
 */
export function clearingOf(table: EntryTable, entry: number): LintFix {
  const text = replaceEntry(table, entry, tryNormalize(table.text(entry)) as string);
  return makeFix([{ line: table.line(entry), text }]);
}

/**
 * The canonical text of what entries merge into.
 * @internal
 */
export function textOfMerge({ family, words, length }: Merge): string {
  return `${formatWords(family, words)}/${length}`;
}

/**
 * The fix of entries that merge: the first becomes all of them.
 * @internal
 */
export function mergingOf(table: EntryTable, merge: Merge): LintFix {
  const edits = merge.members.map((entry, index) => ({
    line: table.line(entry),
    text: index === 0 ? replaceEntry(table, entry, textOfMerge(merge)) : null,
  }));
  return makeFix(edits.sort((left, right) => left.line - right.line));
}

function makeFix(edits: readonly LintEdit[]): LintFix {
  return Object.freeze({ edits: Object.freeze(edits.map((edit) => Object.freeze(edit))) });
}

/** The line of an entry with another text in its place; the blanks and the note around it stay. */
function replaceEntry(table: EntryTable, entry: number, text: string): string {
  const line = table.lineText(entry);
  const start = table.column(entry) - 1;
  return line.slice(0, start) + text + line.slice(start + table.text(entry).length);
}

/** Finds the fixes of a list again: the fix of the plan with the same edits, or `undefined`. */
function planFixes({ reading, plan }: PlannedList): (asked: readonly LintEdit[]) => LintFix | undefined {
  const { table, warnings } = reading;
  const entries = new Map<number, number>();
  for (let entry = 0; entry < table.size; entry++) entries.set(table.line(entry), entry);
  const hasHostBits = new Uint8Array(table.size);
  warnings.forEach((code, entry) => {
    const isSilent = readDirective(table.note(entry))?.codes.some((asked) => asked.code === code) ?? false;
    if (code === 'host-bits-set' && !isSilent) hasHostBits[entry] = 1;
  });
  const merges = new Map(plan.merges.map((merge) => [merge.members[0] as number, merge]));
  const find = (asked: readonly LintEdit[]): LintFix | undefined => {
    const rewritten = asked.find(({ text }) => text !== null);
    const entry = entries.get((rewritten ?? asked[0])?.line ?? 0);
    if (entry === undefined) return undefined;
    if (rewritten === undefined)
      return plan.isSuperfluous(entry) && plan.canGo(entry) ? removalOf(table, entry) : undefined;
    if (asked.length === 1) return hasHostBits[entry] === 1 ? clearingOf(table, entry) : undefined;
    const merge = merges.get(entry);
    return merge === undefined ? undefined : mergingOf(table, merge);
  };
  return (asked) => {
    const fix = find(asked);
    const isIt =
      fix?.edits.length === asked.length &&
      fix.edits.every(({ line, text }, index) => {
        const edit = asked[index] as LintEdit;
        return edit.line === line && isSame(edit.text, text);
      });
    return isIt ? fix : undefined;
  };
}

/**
 * Applies the fixes of problems to the text that was linted. Problems without a fix are passed over.
 *
 * - Any choice of the problems of a list may be given, in any order. The verdict about every address stays what it was,
 *   in an allow list and in a deny list, whatever the exemptions; no list becomes empty. When all of them are given,
 *   every note that is reported stays as well.
 * - Comments, blank lines, line ends, a byte order mark and all other lines stay as they are, to the letter.
 * - The fix of host bits gives way to another fix of the same line.
 * - A fix that is not one of this text as it is now is refused, and then nothing is applied: lint the text again.
 *
 * @param text - the text that was linted
 * @param problems - problems as `lintList` returned them for this text, all or some
 * @returns the text with the fixes applied
 * @throws `ListError` with `stale-fix` for a fix that is not one of this text or has not the shape of one,
 *   `unreadable` when the problems cannot be read, `not-a-string` when the text is none
 * @remarks Makes the plan of the text once more, and so takes about as long as linting it.
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
    const message = `expected the text of a list, got ${describeType(text)}: of a list write String(list)`;
    throw new ListError([problemOf('text', 'not-a-string', message)]);
  }
  const given = gatherFixes(problems, countLines(text));
  if (given.length === 0) return text;
  const find = planFixes(planList(text, 'deny', undefined));
  const wrong: Problem[] = [];
  const edits = new Map<number, string | null>();
  const rewritten: LintEdit[] = [];
  for (const { edits: asked, position } of given) {
    const fix = find(asked);
    if (fix === undefined) {
      wrong.push(staleFix('this is no fix of this text as it is now: lint the text again', position));
      continue;
    }
    const [only] = fix.edits;
    if (fix.edits.length === 1 && only !== undefined && only.text !== null) rewritten.push(only);
    else for (const edit of fix.edits) edits.set(edit.line, edit.text);
  }
  if (wrong.length > 0) throw new ListError(wrong);
  for (const { line, text: cleared } of rewritten) if (!edits.has(line)) edits.set(line, cleared);
  const lines = new Map([...edits].map(([line, edit]) => [line, () => (edit === null ? [] : [edit])]));
  const fixed = rewriteLines(text, lines);
  if (fixed !== undefined) return fixed;
  throw new ListError([problemOf('fixes', 'list-too-long', 'the text is too long for one string')]);
}

interface GivenFix {
  readonly edits: readonly LintEdit[];
  /** Of the problem, from 1. */
  readonly position: number;
}

/** More problems than any list has lines that are worth a fix; what goes on after it is treated as endless. */
const MAX_PROBLEMS = 10_000_000;

/** Each line is in two fixes at most; all of them may be given more than once. */
const SPARE_EDITS = 100_000;

function countLines(text: string): number {
  let count = 1;
  for (let at = 0; at < text.length; at++) if (isLineEnd(text.charCodeAt(at))) count++;
  return count;
}

function gatherFixes(problems: Iterable<unknown>, lines: number): GivenFix[] {
  const given: GivenFix[] = [];
  // Of the problem that is being read.
  const place = { source: 'fixes', line: 1 };
  let position = 0;
  let spare = lines * 4 + SPARE_EDITS;
  let wrong: string | undefined;
  attempt(place, 'the problems', () => {
    const isRead = eachItem(problems, MAX_PROBLEMS, (problem) => {
      place.line = ++position;
      const edits = readFix(problem, lines);
      if (edits === undefined) return true;
      if (typeof edits === 'string') {
        wrong = edits;
        return false;
      }
      spare -= edits.length;
      given.push({ edits, position });
      return spare >= 0;
    });
    if (!isRead || spare < 0) throw new RangeError('there is no end of them');
  });
  if (wrong !== undefined) throw new ListError([staleFix(wrong, position)]);
  return given;
}

/** The edits of a problem, `undefined` when it has no fix, or the sentence that says what is wrong with them. */
function readFix(problem: unknown, lines: number): LintEdit[] | string | undefined {
  if (typeof problem !== 'object' || problem === null) return 'a problem is an object';
  const fix = readField(problem, 'fix');
  if (fix === undefined) return undefined;
  const edits = readField(fix, 'edits');
  if (!Array.isArray(edits)) return 'a fix has an array of edits';
  const read: LintEdit[] = [];
  let isRight = true;
  const isRead = eachItem(edits, lines, (edit) => {
    const line = readField(edit, 'line');
    const text = readField(edit, 'text');
    isRight = typeof line === 'number' && (typeof text === 'string' || text === null);
    if (isRight) read.push({ line, text } as LintEdit);
    return isRight;
  });
  if (!isRight) return 'an edit is { line, text }, and its text a string or null';
  if (!isRead) return 'a fix has an edit for a line at most once';
  return read.sort((left, right) => left.line - right.line);
}

/** Whether two edits of a line say the same; one of a list without its text cannot know the blanks in the line. */
function isSame(left: string | null, right: string | null): boolean {
  if (left === right || left === null || right === null) return left === right;
  const [a, b] = [left, right].map((line) => {
    const options = { list: 'deny', maxEntries: 1, lines: undefined, onNetwork: () => {} } as const;
    const { table, errors } = readList([line], options);
    return errors.length > 0 || table.size !== 1 ? undefined : table.entry(0);
  });
  return a !== undefined && b !== undefined && a.text === b.text && a.note === b.note;
}

function staleFix(message: string, line: number): Problem {
  return problemOf({ source: 'fixes', line }, 'stale-fix', message);
}
