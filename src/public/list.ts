/**
 * Subpath `ipverdict/list`: the list as people manage it.
 *
 * @packageDocumentation
 */

export type { AddressChange } from '../change/addresses.ts';
export { comparePolicies } from '../change/addresses.ts';
export type { AffectedClient, Impact, ImpactOptions, Outcome } from '../change/clients.ts';
export { impactOf } from '../change/clients.ts';
export type { ListChange, ModeChange, RenotedEntry, RetimedEntry } from '../change/entries.ts';
export { compareLists } from '../change/entries.ts';
export type { EntryUsage, Usage, UsageOptions } from '../change/usage.ts';
export { usageOf } from '../change/usage.ts';
export type { LintEdit, LintFix, LintProblem } from '../lint/fix.ts';
export { applyFixes } from '../lint/fixes.ts';
export type { LintOptions, WideLengths } from '../lint/lint.ts';
export { lintList } from '../lint/lint.ts';
export type { LintRulesOptions } from '../lint/rule-lists.ts';
export { lintRules } from '../lint/rule-lists.ts';
export type { ManagedList } from '../list/managed.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export type {
  AdditionOptions,
  ChangeOptions,
  EntryChange,
  GroupChange,
  RestrictionListOptions,
  StoredList,
} from '../manage/given.ts';
export type { EntryGroup } from '../manage/groups.ts';
export type { DescribeOptions } from '../manage/readable-list.ts';
export type { SwitchedList } from '../manage/restriction-list.ts';
export { RestrictionList } from '../manage/restriction-list.ts';
export { minimizeList } from '../minimize/list.ts';
export type { MinimizeOptions } from '../minimize/prefixes.ts';
export { minimize } from '../minimize/prefixes.ts';
export type { Decision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { Policy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export { ListError } from '../problem/errors.ts';
export type { AddressSet, AddressSetJson } from '../set/address-set.ts';
