/**
 * The policy that decides at this moment, kept in step with a clock.
 */

import type { Clock } from '../list/reader.ts';
import type { Decision } from '../policy/decision.ts';
import { createPolicy, type Policy } from '../policy/policy.ts';
import { isThenable, reportOnConsole, timeOf } from '../problem/foreign.ts';
import { instantOf, policyAt } from '../rules/instant.ts';

/** A policy that can be replaced, and the clock. */
export interface Keeper {
  decide(ip: string | null | undefined): Decision;
  allows(ip: string | null | undefined): boolean;
  /** The policy that decides at this moment. */
  current(): Policy;
  /** Puts a policy in place of the one before. */
  take(policy: Policy): void;
  /** Reads the clock: the latest instant known, or -Infinity when none is. */
  instant(): number;
}

/** How long a policy that could not be made for an instant waits for the next attempt, in milliseconds of its clock. */
const RETRY = 1_000;

/** The last instant that a `Date` can be, in milliseconds since 1970. */
const LAST_INSTANT = 8.64e15;

/** Decides while there is no policy for the instant: what has ended must not go on. */
const closed: Policy = /* @__PURE__ */ createPolicy({ allow: '', whenEmpty: 'deny' });

/** When a policy changes next, in milliseconds since 1970; Infinity for never. */
function changeOf(policy: Policy): number {
  const changesAt = timeOf(policy.changesAt);
  return Number.isNaN(changesAt) ? Number.POSITIVE_INFINITY : changesAt;
}

/** A policy, and when it changes next. */
interface Made {
  readonly policy: Policy;
  readonly changesAt: number;
}

/** The policy for an instant; where it cannot be made, one that denies everybody until the next attempt. */
function makeFor(at: number, policy: Policy): Made {
  try {
    const made = policyAt(policy, at);
    return { policy: made, changesAt: changeOf(made) };
  } catch (error) {
    // The tree may be too large, or the memory too small.
    reportOnConsole(
      'everybody is denied, as an entry began or ended and the policy could not be made',
      error,
    );
    return { policy: closed, changesAt: at + RETRY };
  }
}

/** What a clock says, if it is later than all that it has said; else NaN. A clock that throws says nothing. */
function laterThan(latest: number, now: () => unknown): number {
  try {
    const instant = now();
    // A promise that rejects must not end the process.
    if (isThenable(instant)) Promise.resolve(instant).then(undefined, () => {});
    if (typeof instant === 'number' && instant > latest && instant <= LAST_INSTANT) return instant;
  } catch {
    // It says nothing.
  }
  return Number.NaN;
}

/**
 * Keeps a policy in step with a clock, which is read before each decision while the policy is still to change. The latest
 * instant that it gave counts, so a clock that goes back, throws or gives no finite number changes nothing.
 */
export function keepTime(now: () => unknown): Keeper {
  /** The one that was given. */
  let taken = closed;
  /** The one that decides. */
  let shown = closed;
  let { decide, allows } = shown;
  let changesAt = Number.POSITIVE_INFINITY;
  let isToChange = false;
  /** The latest instant known, in a typed array, as a variable would be a new object whenever it changes. */
  const latest = Float64Array.of(Number.NEGATIVE_INFINITY);

  // Nothing is called in here, as near the limit of the stack any call may throw: it happens whole or not at all.
  const show = (given: Policy, made: Made): void => {
    taken = given;
    shown = made.policy;
    ({ decide, allows } = shown);
    changesAt = made.changesAt;
    isToChange = changesAt < Number.POSITIVE_INFINITY;
  };
  const move = (at: number): void => {
    try {
      show(taken, makeFor(at, taken));
    } catch {
      // Not even the error could be told. What has ended must not go on; tried again later.
      show(taken, { policy: closed, changesAt: at });
    }
  };
  // HOT, these three.
  const readClock = (): void => {
    const instant = laterThan(latest[0] as number, now);
    if (Number.isNaN(instant)) return;
    if (instant >= changesAt) move(instant);
    latest[0] = instant;
  };
  return {
    decide: (ip) => {
      if (isToChange) readClock();
      return decide(ip);
    },
    allows: (ip) => {
      if (isToChange) readClock();
      return allows(ip);
    },
    current() {
      if (isToChange) readClock();
      return shown;
    },
    take(policy) {
      const change = changeOf(policy);
      const instant = latest[0] as number;
      show(policy, change <= instant ? makeFor(instant, policy) : { policy, changesAt: change });
    },
    instant() {
      readClock();
      return latest[0] as number;
    },
  };
}

/**
 * The clock as lists ask it. Two lists of one policy may hear two instants; {@link settle} then brings the policy to a later
 * one.
 */
export function clockOf(keeper: Keeper): Clock {
  return () => {
    const instant = keeper.instant();
    return instant === Number.NEGATIVE_INFINITY ? undefined : instant;
  };
}

/**
 * A policy at this moment: the same one, unless an entry has begun or ended since, or it was made for a later instant. A
 * policy without times asks no clock.
 *
 * @throws ListError when the policy cannot be made
 */
export function settle(policy: Policy, keeper: Keeper): Policy {
  const made = instantOf(policy);
  if (made === undefined) return policy;
  const instant = keeper.instant();
  if (instant === Number.NEGATIVE_INFINITY) return policy;
  return made > instant || changeOf(policy) <= instant ? policyAt(policy, instant) : policy;
}
