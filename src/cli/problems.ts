/**
 * Problems as a compiler shows them: where, what, and the line with a mark below the part that is meant.
 */

import { excerptOf } from '../problem/say.ts';
import { nameOf } from './input.ts';
import type { LocatedProblem } from './notices.ts';
import { type Paint, printable, widthOf, wrap } from './style.ts';

/** How much less of a line is shown, until it fits. */
const SHARES = [1, 0.75, 0.5, 0.25, 0.1];

/** Windows of fewer columns are narrow. */
const NARROW = 80;

const NO_BREAK = '\u00a0';

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
  const name = isInActions() && file.startsWith('::') ? `./${file}` : file;
  const place = file === '' ? '' : `${nameOf(name)}:${problem.line}:${column} `;
  const plain = `${place}${severity} ${code}`;
  const painted = `${paint('bold', place)}${paint(colour, severity)} ${code}`;
  const [first = '', ...rest] = inWindow(plain, printable(message), columns);
  const heading = [painted + first.slice(plain.length), ...rest];
  if (line === '') return heading;
  const indent = isInActions() ? '| ' : '  ';
  const [shown, marks, blanks] = excerpt(line, column - 1, endColumn - 1, columns - indent.length);
  return [...heading, indent + shown, indent + blanks + paint(colour, marks)];
}

/**
 * The first line of a problem, wrapped in a narrow window. In a wider one it stays a line: editors run commands in a terminal
 * of theirs, and what reads problems there takes the rest of the line as the message.
 */
function inWindow(start: string, message: string, columns: number): string[] {
  if (columns >= NARROW) return [`${start} ${message}`];
  // The place stays together, whatever blanks there are in the name of the file.
  const [first = '', ...rest] = wrap(`${start.replaceAll(' ', NO_BREAK)} ${message}`, columns - 4);
  return [first, ...rest.map((line) => `    ${line}`)];
}

/** GitHub Actions obeys a printed line that starts with two colons, blanks or not, and a line of a list may do so. */
function isInActions(): boolean {
  return process.env['GITHUB_ACTIONS'] === 'true';
}

/** The part of a line that is meant with what surrounds it, and marks that stand below it whatever the characters are. */
function excerpt(
  line: string,
  start: number,
  end: number,
  columns: number,
): readonly [shown: string, marks: string, blanks: string] {
  // Tabs around it are layout. One that is meant itself is written out.
  const around = (text: string): string => text.replaceAll('\t', ' ');
  const text = around(line.slice(0, start)) + line.slice(start, end) + around(line.slice(end));
  let found: readonly [string, string, string] = ['', '', ''];
  for (const share of SHARES) {
    const [shown = '', marks = ''] = excerptOf(text, start, end, share).split('\n');
    const from = marks.indexOf('^');
    const before = widthOf(shown.slice(0, from));
    const width = Math.max(1, widthOf(shown.slice(from, marks.length)));
    found = [shown, '^'.repeat(width), ' '.repeat(before)];
    if (Math.max(widthOf(shown), before + width) <= columns) break;
  }
  return found;
}
