/**
 * `ipverdict/list`: the list as people manage it.
 *
 * @packageDocumentation
 */

export type { LintOptions, WideLengths } from './lint.ts';
export { lintList } from './lint.ts';
export type { LintEdit, LintFix, LintProblem } from './lint-fixes.ts';
export { applyFixes } from './lint-fixes.ts';
