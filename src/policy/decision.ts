/**
 * The answer to "who gets in": a small frozen value with the verdict, the reason and the entry that decided.
 */

import type { Entry } from '../list/table.ts';

/** What happens to a client. */
export type Verdict = 'allow' | 'deny';

/** Why: the row of the decision table that applied. */
export type Reason = 'invalid-address' | 'exempt' | 'empty-list' | 'listed' | 'not-listed';

/** The decision about a client that an entry covers. Plain frozen data. */
export interface EntryDecision<Why extends 'listed' | 'exempt' = 'listed' | 'exempt'> {
  /** What happens to the client. */
  readonly verdict: Verdict;
  /** Whether the entry is in the list or among the exemptions. */
  readonly reason: Why;
  /** The most specific entry that covers the client. */
  readonly entry: Entry;
}

/** The decision about a client that no entry covers. Plain frozen data. */
export interface PlainDecision<
  Why extends Exclude<Reason, 'listed' | 'exempt'> = Exclude<Reason, 'listed' | 'exempt'>,
> {
  /** What happens to the client. */
  readonly verdict: Verdict;
  /** Which row of the decision table applied. */
  readonly reason: Why;
  /** No entry decided. */
  readonly entry: undefined;
}

/**
 * The verdict about one client, plain frozen data with own properties. `reason` tells whether there is an entry: after
 * `if (decision.reason === 'listed')`, TypeScript knows `decision.entry` as an `Entry`.
 */
export type Decision =
  | EntryDecision<'listed'>
  | EntryDecision<'exempt'>
  | PlainDecision<'invalid-address'>
  | PlainDecision<'empty-list'>
  | PlainDecision<'not-listed'>;

/** A decision by an entry. */
export function decideByEntry(verdict: Verdict, reason: EntryDecision['reason'], entry: Entry): Decision {
  return makeDecision(verdict, reason, entry) as Decision;
}

/** A decision without an entry: one object, shared by all clients to which it applies. */
export function decideWithoutEntry(verdict: Verdict, reason: PlainDecision['reason']): Decision {
  return makeDecision(verdict, reason, undefined) as Decision;
}

/**
 * All decisions have the same hidden class. `decideWithoutEntry` makes some that live forever, so a collection never
 * drops that class and the code compiled for it.
 */
function makeDecision(verdict: Verdict, reason: Reason, entry: Entry | undefined): unknown {
  return Object.freeze({ verdict, reason, entry });
}
