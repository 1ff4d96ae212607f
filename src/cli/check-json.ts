/**
 * Problems as JSON: one document, or one problem a line.
 */

import type { ProblemWriter, ReportedProblem } from './check-writer.ts';
import { safeJson } from './json.ts';
import type { LocatedProblem } from './notices.ts';

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
