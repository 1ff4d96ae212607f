/**
 * Problems as a compiler shows them: where, what, and the line with a mark below the part that is meant.
 */

import { excerptOf } from '../problem/say.ts';
import { nameOf } from './input.ts';
import type { LocatedProblem } from './notices.ts';
import { type Paint, printable, widthOf } from './style.ts';

const INDENT = '  ';

/** How much less of a line is shown, until it fits. */
const SHARES = [1, 0.75, 0.5, 0.25, 0.1];

/**
 * The lines of text about problems.
 *
 * @param columns - the width of the window
 */
export function renderProblems(
  problems: readonly LocatedProblem[],
  paint: Paint,
  columns: number = Number.POSITIVE_INFINITY,
): string[] {
  return problems.flatMap((located) => renderProblem(located, paint, columns));
}

function renderProblem({ file, line, problem }: LocatedProblem, paint: Paint, columns: number): string[] {
  const { severity, code, message, column, endColumn } = problem;
  const colour = severity === 'error' ? 'red' : 'yellow';
  const place = file === '' ? '' : `${nameOf(file)}:${problem.line}:${column} `;
  const heading = `${paint('bold', place)}${paint(colour, severity)} ${code} ${printable(message)}`;
  if (line === '') return [heading];
  const [shown, blanks, marks] = markPart(line, column - 1, endColumn - 1, columns - INDENT.length);
  return [heading, INDENT + shown, INDENT + blanks + paint(colour, marks)];
}

/** A line, the blanks before its part, and the marks below the part, by the columns that the characters take. */
function markPart(
  line: string,
  start: number,
  end: number,
  columns: number,
): readonly [shown: string, blanks: string, marks: string] {
  let parts: readonly [string, string, string] = ['', '', ''];
  for (const share of SHARES) {
    const [shown = '', marks = ''] = excerptOf(line, start, end, share).split('\n');
    const from = marks.indexOf('^');
    const before = shown.slice(0, from);
    const part = shown.slice(from, marks.length);
    parts = [shown, ' '.repeat(widthOf(before)), '^'.repeat(widthOf(part) || 1)];
    if (Math.max(widthOf(shown), widthOf(before) + widthOf(part)) <= columns) break;
  }
  return parts;
}
