/**
 * Updates that have happened, and who hears of them.
 */

import { type AddressChange, comparePolicies } from '../change/addresses.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError } from '../problem/errors.ts';
import { defineGetter, isThenable, reportOnConsole } from '../problem/foreign.ts';
import { type Callable, callable, optionProblem } from '../problem/options.ts';

/** A change of a live policy, after it has happened. Frozen. */
export interface PolicyUpdate {
  /** The version that it made. */
  readonly version: number;
  /** The policy of the version before, as it was at that instant. */
  readonly before: Policy;
  /** The policy of this version, as it was at that instant. */
  readonly after: Policy;
  /** The addresses whose verdict changed. Computed when it is first read, in linear time, and kept. */
  readonly changes: AddressChange;
}

/** Is told of updates. What it throws goes to `console.error`, and stops neither the update nor other listeners. */
export type UpdateListener = (update: PolicyUpdate) => void;

export function makeUpdate(version: number, before: Policy, after: Policy): PolicyUpdate {
  let changes: AddressChange | undefined;
  const update = { version, before, after, changes: undefined };
  defineGetter(update, 'changes', () => {
    changes ??= comparePolicies(before, after);
    return changes;
  });
  return Object.freeze(update) as unknown as PolicyUpdate;
}

/** One that listens, from the version after the one at which it began until it ends. */
interface Subscription {
  readonly listener: UpdateListener;
  readonly since: number;
}

/** An update that not all have heard of yet. */
interface News {
  readonly update: PolicyUpdate;
  /** Those who have not. */
  readonly waiting: Subscription[];
}

/** The listeners of a live policy. */
export class Subscriptions {
  readonly #all: Set<Subscription> = new Set();
  readonly #queue: News[] = [];
  #isTelling = false;

  /** @param version - the version at this moment */
  add(listener: unknown, version: number): () => void {
    const wrong = callable(listener);
    if (wrong !== undefined) throw new ListError([optionProblem(`the listener ${wrong}`)]);
    const subscription: Subscription = { listener: listener as UpdateListener, since: version };
    this.#all.add(subscription);
    return () => {
      this.#all.delete(subscription);
    };
  }

  /** Tells each listener of an update: after all updates before it, so one made by a listener waits for its turn. */
  tell(update: PolicyUpdate): void {
    this.#queue.push({ update, waiting: [...this.#all] });
    if (this.#isTelling) return;
    try {
      this.#isTelling = true;
      for (let news = this.#queue[0]; news !== undefined; news = this.#queue[0]) {
        this.#tellAll(news);
        this.#queue.shift();
      }
    } finally {
      // Near the limit of the stack even a call of a safe function may throw.
      this.#isTelling = false;
    }
  }

  #tellAll({ update, waiting }: News): void {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // Others may have ended or begun subscriptions meanwhile.
      if (this.#all.has(next) && update.version > next.since)
        callSafely('a listener of a live policy', next.listener as Callable, update);
    }
  }
}

/** Calls what somebody handed over. What it throws, or rejects with, goes to the console and nowhere else. */
export function callSafely(what: string, callback: Callable | undefined, ...given: readonly unknown[]): void {
  const report = (error: unknown): void => reportOnConsole(`${what} failed`, error);
  try {
    const answer = callback?.(...given);
    if (isThenable(answer)) Promise.resolve(answer).then(undefined, report);
  } catch (error) {
    report(error);
  }
}
