/**
 * Subpath `ipverdict/list`: the list as people manage it.
 *
 * @packageDocumentation
 */

export type { AddressSet } from './address-set.ts';
export type { GroupChange, RestrictionListOptions, StoredList } from './change-input.ts';
export type { AddressChange } from './compare-policies.ts';
export { comparePolicies } from './compare-policies.ts';
export type { Decision, Reason, Verdict } from './decision.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from './entries.ts';
export type { EntryGroup } from './entry-groups.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from './errors.ts';
export { ListError } from './errors.ts';
export type { Explanation } from './explanation.ts';
export type { AffectedClient, Impact, ImpactOptions, Outcome } from './impact.ts';
export { impactOf } from './impact.ts';
export type { LintOptions, WideLengths } from './lint.ts';
export { lintList } from './lint.ts';
export type { LintEdit, LintFix, LintProblem } from './lint-fixes.ts';
export { applyFixes } from './lint-fixes.ts';
export type { ListChange, ModeChange, RenotedEntry } from './list-change.ts';
export { compareLists } from './list-change.ts';
export type { MinimizeOptions } from './minimize.ts';
export { minimize } from './minimize.ts';
export { minimizeList } from './minimize-list.ts';
export type { Policy } from './policy.ts';
export type { ManagedList } from './policy-input.ts';
export type { SwitchedList } from './restriction-list.ts';
export { RestrictionList } from './restriction-list.ts';
