/**
 * What a way to write problems has to offer, and what these ways share.
 */

import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { LintFix } from '../lint/fix.ts';
import type { Problem } from '../problem/errors.ts';
import type { LocatedProblem } from './notices.ts';

/** A problem, with its fix where lint has one. */
export interface ReportedProblem extends Problem {
  readonly fix?: LintFix;
}

/** What was found in all files. */
export interface Counts {
  /** The files that were read. */
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly unreadable: readonly UnreadableFile[];
}

/** A file that could not be checked. */
export interface UnreadableFile {
  readonly file: string;
  /** The sentence that says why. */
  readonly message: string;
}

/** Problems in one format. Each text is written as soon as it is there. */
export interface ProblemWriter {
  /** Whether it shows the lines that problems are in. */
  readonly hasLines: boolean;
  /** What comes before the first problem. */
  readonly start: string;
  problem(located: LocatedProblem<ReportedProblem>): string;
  unreadable(unreadable: UnreadableFile): string;
  finish(counts: Counts): string;
}

/**
 * The path of a file in its repository, with slashes, for services that show problems beside its lines. It starts at the
 * checkout of GitHub Actions, or else where the command runs. A file outside keeps its whole path.
 */
export function pathInRepository(file: string): string {
  const root = process.env['GITHUB_WORKSPACE'] || process.cwd();
  const whole = resolve(file);
  const path = relative(root, whole);
  const isOutside = path === '' || path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
  return (isOutside ? whole : path).split(sep).join('/');
}
