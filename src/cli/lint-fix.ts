/**
 * Fixes of a list: made again until none is left, and written to the file or shown as a difference.
 */

import type { LintProblem } from '../lint/fix.ts';
import { applyFixes } from '../lint/fixes.ts';
import { eachLine } from '../list/grammar.ts';
import { usageError } from './exit.ts';
import { nameOf, STDIN } from './input.ts';
import { unifiedDiff } from './lint-diff.ts';
import type { Output } from './output.ts';
import { saveFile } from './save.ts';
import { count, grouped, type Paint, printable } from './style.ts';

/** Each round takes lines away or makes prefixes shorter, so there are few. This only makes sure of an end. */
const MOST_ROUNDS = 100;

/** A text after its fixes. */
export interface FixedText {
  readonly text: string;
  /** How many problems were mended. */
  readonly mended: number;
  /** The problems that are left. */
  readonly problems: readonly LintProblem[];
}

/** Applies fixes until lint has no more of them. */
export function fixText(given: string, lint: (text: string) => readonly LintProblem[]): FixedText {
  let text = given;
  let mended = 0;
  for (let round = 0; ; round++) {
    const problems = lint(text);
    const fixable = problems.filter(({ fix }) => fix !== undefined);
    if (fixable.length === 0 || round === MOST_ROUNDS) return { text, mended, problems };
    text = applyFixes(text, fixable);
    mended += fixable.length;
  }
}

/** Refuses what cannot be written, before anything is read. */
export function requireFiles(files: readonly string[]): void {
  for (const file of files) {
    if (file === STDIN)
      throw usageError('--fix writes files: standard input is not a file, so save it to one first.');
    if (file.endsWith('.gz'))
      throw usageError(`--fix does not write ${printable(file)}: decompress it first.`);
  }
}

/** Writes the text if it is another one, and gives the sentence about that; nothing when the file stays as it is. */
export function saveFixed(file: string, before: string, { text, mended }: FixedText): string {
  if (text === before) return '';
  saveFile(file, text, before);
  return `${nameOf(file)}: ${count(mended, 'problem')} mended, ${linesChange(before, text)}.`;
}

/** The same about what would be written. */
export function describeFixed(file: string, before: string, { text, mended, problems }: FixedText): string {
  if (text === before) return '';
  const left = count(problems.length, 'problem');
  return `${nameOf(file)}: ${count(mended, 'problem')} would be mended, ${linesChange(before, text)}, ${left} would be left.`;
}

/** `6 lines before, 4 after` */
function linesChange(before: string, after: string): string {
  return `${count(numberOfLines(before), 'line')} before, ${grouped(numberOfLines(after))} after`;
}

function numberOfLines(text: string): number {
  let lines = 0;
  eachLine(text, (_line, start) => {
    if (start < text.length) lines++;
  });
  return lines;
}

/** Prints what would be written as a difference: to a person so that it can be read, otherwise so that it can be applied. */
export async function printDifference(
  file: string,
  before: string,
  after: string,
  output: Output,
  paint: Paint,
): Promise<void> {
  for (const line of unifiedDiff(file, before, after))
    await output.write(output.isTerminal ? `${paintLine(line.slice(0, -1), paint)}\n` : line);
}

function paintLine(line: string, paint: Paint): string {
  const text = printable(line.endsWith('\r') ? line.slice(0, -1) : line);
  if (line.startsWith('--- ') || line.startsWith('+++ ')) return paint('bold', text);
  if (line.startsWith('-')) return paint('red', text);
  if (line.startsWith('+')) return paint('green', text);
  return line.startsWith('@') ? paint('cyan', text) : text;
}
