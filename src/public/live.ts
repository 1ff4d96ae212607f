/**
 * Subpath `ipverdict/live`: policies that change while they are in use.
 *
 * To read the code: `live/live.ts` has the policy and its updates; `live/keeper.ts` the one reference that is swapped, and
 * the clock; `live/guard.ts` what an update must not do; `live/updates.ts` who hears of it; `live/follow.ts` how it is kept in
 * step with its source.
 *
 * @packageDocumentation
 */

export type { AddressChange } from '../change/addresses.ts';
export type { ManagedList } from '../list/managed.ts';
export type { Entry, EntryItem, EntrySource, ListName, Mode } from '../list/table.ts';
export { follow } from '../live/follow.ts';
export type { UpdateErrorCode, UpdateGuard } from '../live/guard.ts';
export { UpdateError } from '../live/guard.ts';
export type { Follower, RefreshOptions } from '../live/handle.ts';
export type { LiveOptions, LivePolicy } from '../live/live.ts';
export { createLivePolicy } from '../live/live.ts';
export type { Loaded, Loader, LoadRequest } from '../live/loading.ts';
export type { FollowOptions, FollowStatus } from '../live/pace.ts';
export type { Signal, StopSignal } from '../live/runtime.ts';
export type { PolicyUpdate, UpdateListener } from '../live/updates.ts';
export type { Decision, EntryDecision, PlainDecision, Reason, Verdict } from '../policy/decision.ts';
export type { Explanation } from '../policy/explanation.ts';
export type { AllowInput, DenyInput, ModeInput, PolicyInput, PolicyOptions } from '../policy/input.ts';
export type { Policy } from '../policy/policy.ts';
export type { ParseErrorCode, Problem, ProblemCode, Severity } from '../problem/errors.ts';
export type { Rule, RuleOptions, RuleOrder, RulesInput } from '../rules/input.ts';
export type { AddressSet, AddressSetJson } from '../set/address-set.ts';
