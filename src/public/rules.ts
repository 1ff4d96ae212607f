/**
 * Subpath `ipverdict/rules`: several lists that allow or deny in one policy.
 *
 * To read the code: `rules/rules.ts` has the decision table; `rules/input.ts` reads what was given; `rules/space.ts` finds
 * which entry decides where; `rules/lists.ts` says which entry a label stands for; `rules/explanation.ts` is for people.
 *
 * @packageDocumentation
 */

export type { ManagedList } from '../list/managed.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export type { Decision, EntryDecision, PlainDecision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { AllowInput, DenyInput, ModeInput } from '../policy/input.ts';
export type { Policy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export type { Rule, RuleOptions, RuleOrder, RulesInput } from '../rules/input.ts';
export { createRules } from '../rules/rules.ts';
