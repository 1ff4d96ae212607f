/** The command `check`. */

import { byPosition, findListProblems } from '../list/reader.ts';
import { AT_ALL_TIMES } from '../list/times.ts';
import type { Problem } from '../problem/errors.ts';
import { ProblemReport } from './check-report.ts';
import type { Request } from './command.ts';
import { readText } from './input.ts';
import { computing } from './interrupt.ts';
import type { Notices } from './notices.ts';
import { instantOf } from './policies.ts';
import type { check } from './rows/check.ts';
import type { Program } from './session.ts';

/** The options as they were given. */
type Values = Request<(typeof check)['options']>['values'];

export const run: Program<(typeof check)['options']> = async ({ values, operands }, session) => {
  const report = new ProblemReport(values, session);
  const at = values.at === undefined ? undefined : instantOf(values.at).getTime();
  for (const file of operands) {
    await report.file(file, async () => {
      const text = await readText(file);
      const found =
        values.from === undefined
          ? computing(() => findListProblems(text, readingOf(values, at)))
          : await checkImport(file, text, values, at, session.notices);
      await report.add(file, text, found);
    });
  }
  return report.finish();
};

function readingOf(values: Values, at: number = AT_ALL_TIMES) {
  const { mode = 'deny', 'max-entries': maxEntries = Number.POSITIVE_INFINITY } = values;
  return { list: mode, maxEntries, at };
}

/** The problems of a file in another format, and what its entries are together. */
async function checkImport(
  file: string,
  text: string,
  values: Values,
  at: number | undefined,
  notices: Notices,
): Promise<readonly Problem[]> {
  // The formats are many, and are loaded when they are asked for.
  const { readFormat } = await import('./imports.ts');
  const { entries, rules, problems, trust } = await readFormat(file, text, values, notices);
  if (trust !== 'whole') return problems;
  const lines = entries.map(({ line }) => line);
  const found = computing(() => findListProblems(entries, { ...readingOf(values, at), lines }));
  // The format has said what is wrong with each entry. Whether one repeats another is for its rules to say, where there are any.
  const isNew = ({ code, severity }: Problem): boolean =>
    severity === 'error' || code === 'open-list' || (code === 'duplicate' && rules.length === 0);
  const placed = found.filter(isNew).map((problem) => ({ ...problem, column: 1, endColumn: 1 }));
  return [...problems, ...placed].sort(byPosition);
}
