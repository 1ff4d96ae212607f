/**
 * Subpath `ipverdict/list`: the list as people manage it.
 *
 * @packageDocumentation
 */

export type { GroupChange, RestrictionListOptions } from './change-input.ts';
export type { EntryGroup } from './entry-groups.ts';
export type { LintOptions, WideLengths } from './lint.ts';
export { lintList } from './lint.ts';
export type { LintEdit, LintFix, LintProblem } from './lint-fixes.ts';
export { applyFixes } from './lint-fixes.ts';
export type { ListChange, ModeChange, RenotedEntry } from './list-change.ts';
export { compareLists } from './list-change.ts';
export type { SwitchedList } from './restriction-list.ts';
export { RestrictionList } from './restriction-list.ts';
