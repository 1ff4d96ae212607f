/**
 * A policy that changes while it is in use.
 *
 * Everything is asked of one policy, which is complete and never changes; a change is a swap of that one reference. So no
 * decision sees half of a change, and one that has begun ends as it began.
 *
 * ```
 * update(list) ──► built ──► guards hold ──► swap ──► listeners
 *                    ╰──────────┴──► throws, and nothing has changed
 * ```
 *
 * It keeps time without a timer, which could fire late: while an entry is still to begin or end, the clock is read before
 * each decision. Time never goes back here. What ended has ended, whatever the clock says later.
 */

import { standFor } from '../policy/current.ts';
import type { Decision } from '../policy/decision.ts';
import type { Explanation } from '../policy/explanation.ts';
import { checkGuards } from '../policy/guards.ts';
import type { PolicyInput } from '../policy/input.ts';
import type { Policy } from '../policy/policy.ts';
import { callable, requireOptions } from '../problem/options.ts';
import type { RulesInput } from '../rules/input.ts';
import { toPolicy } from './given.ts';
import { checkUpdate, guardKinds, type UpdateGuard } from './guard.ts';
import { clockOf, type Keeper, keepTime, settle } from './keeper.ts';
import { printAs } from './runtime.ts';
import { makeUpdate, type PolicyUpdate, Subscriptions, type UpdateListener } from './updates.ts';

/** The options of {@link createLivePolicy}. */
export interface LiveOptions {
  /**
   * What time it is, in milliseconds since 1970; `Date.now` when not given. Read only while an entry is still to begin or
   * end, and for lists with times. When it goes back, throws or gives no finite number, the latest instant known counts.
   */
  readonly now?: (() => number) | undefined;
}

/**
 * A policy that can be updated while it is in use. It takes the place of a policy everywhere. Frozen; its functions need
 * no `this`. A console shows its version, mode, size and `changesAt`, which are also what `JSON.stringify` gives.
 *
 * Each answer is that of one complete version: of the one whose `update` returned last, or of a later one. Where a question
 * takes many decisions, as `impactOf` does, all of them are of one version.
 */
export interface LivePolicy extends Policy {
  /** The number of the version: 1 for the initial policy, and 1 more for each update. A passing instant makes none. */
  readonly version: number;
  /**
   * The policy that decides at this moment, which will never change: the one that was given, or one made of the list that
   * was given, or one made of its lists when an entry began or ended.
   */
  readonly current: Policy;
  /**
   * Replaces the policy. The new one is complete when it begins to decide, and decides when this returns. When this
   * throws, nothing has changed.
   *
   * @param next - a policy, or what `createPolicy` or `createRules` takes; a list with times and without `at` is read for
   *   this instant
   * @param guard - what must hold for the new policy
   * @returns what happened
   * @throws `ListError` with every problem of the lists, the options and the guards `mustAllow` and `mustDeny`
   * @throws {@link UpdateError} with `version-conflict`, `would-be-empty` or `too-much-lost`
   * @remarks Costs the building of the policy, unless one is given. `maxLoss` reads the entries of both policies.
   */
  update(next: Policy | PolicyInput | RulesInput, guard?: UpdateGuard): PolicyUpdate;
  /**
   * Calls a function after each update from now on, before `update` returns: once for each, in ascending order. An update
   * that a listener makes is told after all have heard of the one before.
   *
   * @returns a function that ends it
   */
  subscribe(listener: UpdateListener): () => void;
}

/**
 * Makes a policy that can be updated while it is in use.
 *
 * @param initial - a policy, or what `createPolicy` or `createRules` takes; of a live policy, the policy that it has now
 * @param options - the clock
 * @throws `ListError` with every problem of the lists and options
 * @remarks A decision costs that of the policy and one call more. While an entry is still to begin or end it reads the
 *   clock, too, and at the first decision after such an instant the policy is made again of the entries that count then:
 *   of 100,000 entries in about 330 ms the first time, when all their times are read, and in 25 ms later on.
 * @example
 * ```ts
 * import { createLivePolicy } from 'ipverdict/live';
 *
 * const live = createLivePolicy({ deny: '192.0.2.0/24 # Scanners' });
 * live.subscribe(({ version, changes }) => console.log(version, changes.denied.prefixes));
 * live.allows('198.51.100.7'); // true
 *
 * const update = live.update({ deny: '192.0.2.0/24\n198.51.100.7' }, { mustAllow: ['203.0.113.9'], ifVersion: 1 });
 * update.changes.denied.prefixes; // ['198.51.100.7']
 * live.allows('198.51.100.7'); // false
 * live.version; // 2
 * ```
 */
export function createLivePolicy(
  initial: Policy | PolicyInput | RulesInput,
  options?: LiveOptions,
): LivePolicy {
  const { now = () => Date.now() } = requireOptions(options, { now: callable });
  return new Live(initial, now);
}

const always = (): boolean => true;

/** Makes an update of a live policy, if it is still wanted once the next policy is built. */
type Updater = (
  next: Policy | PolicyInput | RulesInput,
  guard: UpdateGuard,
  isWanted: () => boolean,
) => PolicyUpdate | undefined;

const updaters: WeakMap<object, Updater> = /* @__PURE__ */ new WeakMap();

/** As `update`, but changes nothing and gives nothing if it is not wanted any more once the next policy is built. */
export function updateWhile(
  isWanted: () => boolean,
  live: LivePolicy,
  next: Policy | PolicyInput | RulesInput,
  guard: UpdateGuard,
): PolicyUpdate | undefined {
  return updaters.get(live)?.(next, guard, isWanted);
}

/** The object itself. What it has beside its functions is read through its class, so that the object stays fast to use. */
class Live implements LivePolicy {
  readonly decide: (ip: string | null | undefined) => Decision;
  readonly allows: (ip: string | null | undefined) => boolean;
  readonly explain: (ip: string | null | undefined) => Explanation;
  readonly update: (next: Policy | PolicyInput | RulesInput, guard?: UpdateGuard) => PolicyUpdate;
  readonly subscribe: (listener: UpdateListener) => () => void;
  readonly #keeper: Keeper;
  readonly #subscriptions: Subscriptions = new Subscriptions();
  #version = 1;

  constructor(initial: Policy | PolicyInput | RulesInput, now: () => unknown) {
    const keeper = keepTime(now);
    keeper.take(settle(toPolicy(initial, clockOf(keeper)), keeper));
    this.#keeper = keeper;
    this.decide = keeper.decide;
    this.allows = keeper.allows;
    this.explain = (ip) => keeper.current().explain(ip);
    this.update = (next, guard) => this.#update(next, guard, always) as PolicyUpdate;
    updaters.set(this, (next, guard, isWanted) => this.#update(next, guard, isWanted));
    this.subscribe = (listener) => this.#subscriptions.add(listener, this.#version);
    printAs(this, () => this.toJSON());
    standFor<Policy>(Object.freeze(this), keeper.current);
  }

  get version(): number {
    return this.#version;
  }

  get current(): Policy {
    return this.#keeper.current();
  }

  get mode(): Policy['mode'] {
    return this.current.mode;
  }

  get size(): number {
    return this.current.size;
  }

  get problems(): Policy['problems'] {
    return this.current.problems;
  }

  get changesAt(): Date | undefined {
    return this.current.changesAt;
  }

  /** What a log says of it. */
  toJSON(): object {
    const { version, current } = this;
    const { mode, size, changesAt } = current;
    return { version, mode, size, changesAt };
  }

  #update(
    next: Policy | PolicyInput | RulesInput,
    guard: UpdateGuard | undefined,
    isWanted: () => boolean,
  ): PolicyUpdate | undefined {
    const { mustAllow, mustDeny, ...limits } = requireOptions(guard, guardKinds);
    const keeper = this.#keeper;
    const after = settle(toPolicy(next, clockOf(keeper)), keeper);
    checkGuards(after.decide, { mustAllow, mustDeny }, (client) => after.explain(client as string).message);
    // From here on no foreign code runs before the swap but the clock. What ran before may have made updates of its own.
    if (!isWanted()) return undefined;
    const before = keeper.current();
    checkUpdate(before, after, this.#version, limits);
    const update = makeUpdate(this.#version + 1, before, after);
    keeper.take(after);
    this.#version++;
    try {
      this.#subscriptions.tell(update);
    } catch {
      // Only near the limit of the stack. The update has happened, and who has not heard of it will with the next one.
    }
    return update;
  }
}
