/** The command `check`. */

import { byPosition, findListProblems } from '../list/reader.ts';
import { AT_ALL_TIMES } from '../list/times.ts';
import type { Problem } from '../problem/errors.ts';
import { ProblemReport } from './check-report.ts';
import type { Request } from './command.ts';
import { readText } from './input.ts';
import { computing } from './interrupt.ts';
import type { Notices } from './notices.ts';
import { instantOf, refuseStray } from './policies.ts';
import type { check } from './rows/check.ts';
import type { Program } from './session.ts';

/** The options as they were given. */
type Values = Request<(typeof check)['options']>['values'];

export const run: Program<(typeof check)['options']> = async ({ values, operands }, session) => {
  if (values.from === undefined) refuseStray(values);
  const report = new ProblemReport(values, session);
  const at = values.at === undefined ? undefined : instantOf(values.at).getTime();
  for (const file of operands) {
    await report.file(file, async () => {
      if (values.from !== undefined) return checkImport(file, values, at, session.notices, report);
      const text = await readText(file);
      const found = computing(() => findListProblems(text, readingOf(values, at)));
      await report.add(file, text, found);
    });
  }
  return report.finish();
};

function readingOf(values: Values, at: number = AT_ALL_TIMES) {
  const { mode = 'deny', 'max-entries': maxEntries = Number.POSITIVE_INFINITY } = values;
  return { list: mode, maxEntries, at };
}

/** Reports the problems of a file in another format, and those of its entries together. */
async function checkImport(
  file: string,
  values: Values,
  at: number | undefined,
  notices: Notices,
  report: ProblemReport,
): Promise<void> {
  // The formats are many, and are loaded when they are asked for.
  const { readContent, readWithProblems } = await import('./imports.ts');
  const content = await readContent(file, values);
  const text = typeof content === 'string' ? content : '';
  const { entries, rules, problems, trust } = await readWithProblems(file, content, values, notices);
  if (trust !== 'whole') return report.add(file, text, problems);
  const lines = entries.map(({ line }) => line);
  const found = computing(() => findListProblems(entries, { ...readingOf(values, at), lines }));
  // The format has said what is wrong with each entry. Whether one repeats another is for its rules to say, where there are any.
  const isNew = ({ code, severity }: Problem): boolean =>
    severity === 'error' || code === 'open-list' || (code === 'duplicate' && rules.length === 0);
  const placed = found.filter(isNew).map((problem) => ({ ...problem, column: 1, endColumn: 1 }));
  await report.add(file, text, [...problems, ...placed].sort(byPosition));
}
