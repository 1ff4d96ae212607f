/**
 * Problems as a compiler shows them: where, what, and the line with a mark below the part that is meant.
 */

import { excerptOf } from '../problem/say.ts';
import { nameOf } from './input.ts';
import type { LocatedProblem } from './notices.ts';
import { type Paint, printable } from './style.ts';

/** The lines of text about problems. */
export function renderProblems(problems: readonly LocatedProblem[], paint: Paint): string[] {
  return problems.flatMap((located) => renderProblem(located, paint));
}

function renderProblem({ file, line, problem }: LocatedProblem, paint: Paint): string[] {
  const { severity, code, message, column, endColumn } = problem;
  const colour = severity === 'error' ? 'red' : 'yellow';
  const place = file === '' ? '' : `${nameOf(file)}:${problem.line}:${column} `;
  const heading = `${paint('bold', place)}${paint(colour, severity)} ${code} ${printable(message)}`;
  if (line === '') return [heading];
  const [shown = '', marks = ''] = excerptOf(line, column - 1, endColumn - 1).split('\n');
  return [heading, `  ${shown}`, `  ${paint(colour, marks)}`];
}
