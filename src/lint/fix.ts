/**
 * A fix as it is handed out, and how one is read that comes back: from a form, a file, another process, at another time.
 */

import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { attempt, eachItem, readField } from '../problem/foreign.ts';

/** One line of a text, and what becomes of it. */
export interface LintEdit {
  /** Line of the text, from 1. */
  readonly line: number;
  /** The new line without its line end, or `null` to remove the line. */
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

/** A fix that was handed over. */
export interface GivenFix {
  readonly edits: readonly LintEdit[];
  /** The entry and its times that had ended, if that is the problem. */
  readonly ended: string | undefined;
  /** Of the problem, from 1. */
  readonly position: number;
}

/** More problems than any list has lines to fix; a longer iterable is treated as endless. */
const MAX_PROBLEMS = 10_000_000;

/** Edits beyond four per line: each line is in two fixes at most, but a fix may be given more than once. */
const SPARE_EDITS = 100_000;

/** Reads the fixes of problems; those without one are passed over. */
export function gatherFixes(problems: Iterable<unknown>, lines: number): GivenFix[] {
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
      given.push({ edits, ended: readEnded(problem), position });
      return spare >= 0;
    });
    if (!isRead || spare < 0) throw new RangeError('there are too many of them');
  });
  if (wrong !== undefined) throw new ListError([staleFix(wrong, position)]);
  return given;
}

/** The edits of a problem, `undefined` when it has no fix, or the sentence that says what is wrong with them. */
function readFix(problem: unknown, lines: number): LintEdit[] | string | undefined {
  if (typeof problem !== 'object' || problem === null) return 'a problem must be an object';
  const fix = readField(problem, 'fix');
  if (fix === undefined) return undefined;
  const edits = readField(fix, 'edits');
  if (!Array.isArray(edits)) return 'a fix must have an array of edits';
  const read: LintEdit[] = [];
  let isRight = true;
  const isRead = eachItem(edits, lines, (edit) => {
    const line = readField(edit, 'line');
    const text = readField(edit, 'text');
    isRight = typeof line === 'number' && (typeof text === 'string' || text === null);
    if (isRight) read.push({ line, text } as LintEdit);
    return isRight;
  });
  if (!isRight) return 'an edit must be { line, text }, where text is a string or null';
  if (!isRead) return 'a fix may have at most one edit for each line';
  return read.sort((left, right) => left.line - right.line);
}

/** What had ended, where that is the problem. */
function readEnded(problem: unknown): string | undefined {
  const text = readField(problem, 'code') === 'expired' ? readField(problem, 'text') : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** The problem of a fix that cannot be applied. */
export function staleFix(message: string, line: number): Problem {
  return problemOf({ source: 'fixes', line }, 'stale-fix', message);
}
