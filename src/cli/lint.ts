/** The command `lint`. */

import type { LintProblem } from '../lint/fix.ts';
import { lintList } from '../lint/lint.ts';
import { ProblemReport } from './check-report.ts';
import type { Request } from './command.ts';
import { usageError } from './exit.ts';
import { readText } from './input.ts';
import { computing } from './interrupt.ts';
import { readClients } from './lint-clients.ts';
import { describeFixed, fixText, printDifference, requireFiles, saveFixed } from './lint-fix.ts';
import type { Notices } from './notices.ts';
import { instantOf } from './policies.ts';
import type { lint } from './rows/lint.ts';
import type { Program } from './session.ts';

/** The options as they were given. */
type Values = Request<(typeof lint)['options']>['values'];

export const run: Program<(typeof lint)['options']> = async ({ values, operands }, session) => {
  const { output, notices, paint } = session;
  const isDry = values['dry-run'];
  checkFix(values, operands);
  const report = new ProblemReport(values, session, isDry);
  const exempt = values.exempt === undefined ? undefined : await readText(values.exempt);
  const lintText = await makeLint(values, exempt, notices);
  // The exemptions are the same for every list.
  let isExemptKnown = false;
  for (const file of operands) {
    await report.file(file, async () => {
      const before = await readText(file);
      const fixed = computing(() =>
        values.fix ? fixText(before, lintText) : { text: before, mended: 0, problems: lintText(before) },
      );
      if (isDry) await printDifference(file, before, fixed.text, output, paint);
      const said = isDry ? describeFixed(file, before, fixed) : saveFixed(file, before, fixed);
      if (said !== '') await report.say(said);
      const isOfExempt = ({ source }: LintProblem): boolean => source === 'exempt';
      await report.add(
        file,
        fixed.text,
        fixed.problems.filter((problem) => !isOfExempt(problem)),
      );
      if (isExemptKnown || exempt === undefined) return;
      isExemptKnown = true;
      await report.add(values.exempt as string, exempt, fixed.problems.filter(isOfExempt));
    });
  }
  return report.finish();
};

function checkFix(values: Values, files: readonly string[]): void {
  if (values.fix) requireFiles(files);
  if (!values['dry-run']) return;
  if (!values.fix) throw usageError('--dry-run shows what --fix would write: give both.');
  if (values.format !== undefined) throw usageError('--dry-run prints a unified diff: leave out --format.');
}

/** Lint with everything that was given beside the lists. */
async function makeLint(
  values: Values,
  exempt: string | undefined,
  notices: Notices,
): Promise<(text: string) => readonly LintProblem[]> {
  const { mode, reach, 'max-entries': maxEntries = Number.POSITIVE_INFINITY } = values;
  const at = instantOf(values.at);
  const clients = values.clients === undefined ? undefined : await readClients(values.clients, notices);
  return (text) => lintList(text, { mode, reach, exempt, clients, maxEntries, at });
}
