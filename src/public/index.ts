/**
 * Decides who gets in: a list of addresses and networks with notes becomes a policy, and a policy answers allow or deny,
 * with the reason and the entry that decided.
 *
 * To read the code, follow what happens to a text:
 *
 * - a client: `policy.ts` (the decision table) → `matcher.ts` → `scanner.ts` (text to words) → `radix.ts` (words to a
 *   label) → `decision.ts`; in words for people: `explanation.ts`
 * - a list: `policy-input.ts` and `source.ts` (what was handed over) → `list.ts` (lines) → `entries.ts` and `span.ts`
 *   (entries) → `nesting.ts` (which entry decides where) → `radix.ts` (the tree)
 * - what is wrong: `address-fault.ts`, `entry-fault.ts` and `warnings.ts` find it, `errors.ts` says it
 * - values: `address.ts`, `prefix.ts`, and the table in `networks.ts`
 *
 * Imports go one way; `docs/architecture.md` has the order.
 *
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 *
 * const policy = createPolicy({ allow: '203.0.113.0/24 # Office', exempt: '@loopback' });
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
export type { Decision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { AllowInput, DenyInput, PolicyInput, PolicyOptions } from '../policy/input.ts';
export type { Match, Matcher } from '../policy/matcher.ts';
export { createMatcher } from '../policy/matcher.ts';
export type { Policy } from '../policy/policy.ts';
export { createPolicy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export { ListError, ParseError } from '../problem/errors.ts';
