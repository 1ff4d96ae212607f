/**
 * Decides who gets in: a list of addresses and networks with notes becomes a policy, and a policy answers allow or
 * deny, with the reason and the entry that decided.
 *
 * To read the code, follow what happens to a text:
 *
 * - a client: `policy/policy.ts` (the decision table) → `tree/find.ts` → `address/scanner.ts` (text to words) →
 *   `tree/radix.ts` (words to a label) → `policy/decision.ts`; explained to people: `policy/explanation.ts`
 * - a list: `policy/input.ts` and `list/gather.ts` (what was passed in) → `list/reader.ts` (lines) → `address/entry.ts`
 *   and `list/table.ts` (entries) → `space/intervals.ts` and `space/runs.ts` (which entry decides where) →
 *   `tree/build.ts` (the tree)
 * - problems: `address/fault.ts`, `address/entry-fault.ts` and `list/warnings.ts` find them, `problem/errors.ts`
 *   describes them
 * - values: `address/address.ts`, `address/prefix.ts`, and the table in `address/names.ts`
 *
 * Imports go one way; `docs/architecture.md` has the order.
 *
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 *
 * const policy = createPolicy({ allow: '203.0.113.0/24 # Office', exempt: '198.51.100.7 # Probe' });
 * policy.decide('::ffff:203.0.113.9').verdict; // 'allow'
 * ```
 *
 * @packageDocumentation
 */

export type { Address } from '../address/address.ts';
export { formatAddress, parseAddress, tryParseAddress, unmapAddress } from '../address/address.ts';
export type { NamedNetwork } from '../address/names.ts';
export { namedNetworks } from '../address/names.ts';
export type { Prefix } from '../address/prefix.ts';
export { formatPrefix, normalize, parsePrefix, tryParsePrefix } from '../address/prefix.ts';
export type { Family } from '../address/scanner.ts';
export type { ManagedList } from '../list/managed.ts';
export type { ParsedList, ParseListOptions } from '../list/reader.ts';
export { parseList } from '../list/reader.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export type { Decision, EntryDecision, PlainDecision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { AllowInput, DenyInput, ModeInput, PolicyInput, PolicyOptions } from '../policy/input.ts';
export type { Match, Matcher } from '../policy/matcher.ts';
export { createMatcher } from '../policy/matcher.ts';
export type { Policy } from '../policy/policy.ts';
export { createPolicy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export { ListError, ParseError } from '../problem/errors.ts';
