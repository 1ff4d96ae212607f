/**
 * Decides who gets in: `createPolicy(list).decide(ip)`.
 *
 * @packageDocumentation
 */

export type { Address } from './address.ts';
export { formatAddress, parseAddress, tryParseAddress, unmapAddress } from './address.ts';
export type { Decision, Reason, Verdict } from './decision.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from './entries.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from './errors.ts';
export { ListError, ParseError } from './errors.ts';
export type { Explanation } from './explanation.ts';
export type { ParsedList, ParseListOptions } from './list.ts';
export { parseList } from './list.ts';
export type { Match, Matcher } from './matcher.ts';
export { createMatcher } from './matcher.ts';
export type { NamedNetwork } from './networks.ts';
export { namedNetworks } from './networks.ts';
export type { Policy } from './policy.ts';
export { createPolicy } from './policy.ts';
export type { AllowInput, DenyInput, ManagedList, PolicyInput, PolicyOptions } from './policy-input.ts';
export type { Prefix } from './prefix.ts';
export { formatPrefix, normalize, parsePrefix, tryParsePrefix } from './prefix.ts';
export type { Family } from './scanner.ts';
