/**
 * Problems as JSON: one document, or one problem a line.
 */

import { isPrintable } from '../problem/say.ts';
import type { ProblemWriter, ReportedProblem } from './check-writer.ts';
import type { LocatedProblem } from './notices.ts';

/** JSON in which every character that cannot be seen or could disturb a terminal is an escape. It reads as the same value. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (character) =>
    isPrintable(character) ? character : [...unitsOf(character)].join(''),
  );
}

function* unitsOf(character: string): Iterable<string> {
  for (let at = 0; at < character.length; at++)
    yield `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

function fieldsOf({ file, problem }: LocatedProblem<ReportedProblem>) {
  const { severity, code, message, line, column, endColumn, text, suggestion, fix } = problem;
  // What is undefined is left out.
  return { file, severity, code, message, line, column, endColumn, text, suggestion, fix };
}

/** One document. */
export function jsonWriter(): ProblemWriter {
  let isFirst = true;
  return {
    hasLines: false,
    start: '{\n  "schema": 1,\n  "problems": [',
    problem(located) {
      const before = isFirst ? '\n' : ',\n';
      isFirst = false;
      return `${before}    ${safeJson(fieldsOf(located))}`;
    },
    unreadable: () => '',
    finish({ files, errors, warnings, unreadable }) {
      const end = isFirst ? '' : '\n  ';
      const rest = Object.entries({ unreadable, files, errors, warnings });
      return `${end}],\n${rest.map(([name, value]) => `  "${name}": ${safeJson(value)}`).join(',\n')}\n}\n`;
    },
  };
}

/** One problem a line. */
export const ndjsonWriter: ProblemWriter = {
  hasLines: false,
  start: '',
  problem: (located) => `${safeJson({ schema: 1, ...fieldsOf(located) })}\n`,
  unreadable: () => '',
  finish: () => '',
};
