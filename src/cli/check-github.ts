/**
 * Problems as commands of a workflow, which GitHub Actions shows beside the lines of a change.
 */

import { type ProblemWriter, pathInRepository } from './check-writer.ts';
import { STDIN } from './input.ts';
import { printable } from './style.ts';

/** A message. A line end would end the command, and start another one. */
function escapeMessage(text: string): string {
  return printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The value of a property, which also ends at a colon or a comma. */
function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** One annotation. Standard input is not a file of the repository. */
function annotate(
  severity: string,
  file: string,
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const all = file === STDIN ? properties : { file: pathInRepository(file), ...properties };
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${severity} ${pairs.join(',')}::${escapeMessage(message)}\n`;
}

/** Annotations. */
export const githubWriter: ProblemWriter = {
  hasLines: false,
  start: '',
  problem({ file, problem }) {
    const { severity, code, message, line, column, endColumn } = problem;
    if (file === STDIN)
      return annotate(severity, file, { title: code }, `standard input:${line}:${column} ${message}`);
    return annotate(severity, file, { line, col: column, endColumn, title: code }, message);
  },
  unreadable: ({ file, message }) => annotate('error', file, { title: 'unreadable' }, message),
  finish: () => '',
};
