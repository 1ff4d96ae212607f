/**
 * Subpath `ipverdict/set`: addresses as sets.
 *
 * To read the code: `set/address-set.ts` has the class, `space/set.ts` the operations on runs of addresses, and
 * `set/reader.ts` reads entries.
 *
 * @packageDocumentation
 */

export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export type { Decision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { Policy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export type { AddressSetJson } from '../set/address-set.ts';
export { AddressSet } from '../set/address-set.ts';
