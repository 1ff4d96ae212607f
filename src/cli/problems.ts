/**
 * Problems as a compiler shows them: where, what, and the line with a mark below the part that is meant.
 */

import { excerptOf } from '../problem/say.ts';
import { nameOf } from './input.ts';
import type { LocatedProblem } from './notices.ts';
import { type Paint, printable, widthOf } from './style.ts';

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
  const [shown, marks] = excerpt(line, column - 1, endColumn - 1);
  return [heading, `  ${shown}`, `  ${paint(colour, marks)}`];
}

/** The part of a line that is meant with what surrounds it, and marks that stand below it whatever the characters are. */
function excerpt(line: string, start: number, end: number): [shown: string, marks: string] {
  // Tabs around it are layout. One that is meant itself is written out.
  const around = (text: string): string => text.replaceAll('\t', ' ');
  const text = around(line.slice(0, start)) + line.slice(start, end) + around(line.slice(end));
  const [shown = '', marks = ''] = excerptOf(text, start, end).split('\n');
  const from = marks.indexOf('^');
  const width = Math.max(1, widthOf(shown.slice(from, marks.length)));
  return [shown, ' '.repeat(widthOf(shown.slice(0, from))) + '^'.repeat(width)];
}
