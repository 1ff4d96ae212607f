/**
 * One load. It ends once: with what the loader gives, at its time limit, or because it is stopped. Whatever the loader
 * does later has no effect.
 */

import type { PolicyInput } from '../policy/input.ts';
import type { Policy } from '../policy/policy.ts';
import { hasField, isThenable, readField } from '../problem/foreign.ts';
import { describeType, quote } from '../problem/say.ts';
import type { RulesInput } from '../rules/input.ts';
import { createStopper, monotonicNow, runLater, type Signal } from './runtime.ts';

/** What a loader is told. Frozen. */
export interface LoadRequest {
  /** An `AbortSignal`: the load has taken too long, or its follower is closed. */
  readonly signal: Signal;
  /** The tag of the policy that was loaded and taken last; `undefined` before the first, and after one without a tag. */
  readonly tag: string | undefined;
}

/** What a loader gives. */
export interface Loaded {
  /** A policy, or what `createPolicy` or `createRules` takes. */
  readonly policy: Policy | PolicyInput | RulesInput;
  /** What identifies this state of the source, such as an ETag or a version; `null` or nothing for none. */
  readonly tag?: string | null | undefined;
}

/** Loads a policy; `undefined` when there is nothing new since the tag. */
export type Loader = (request: LoadRequest) => PromiseLike<Loaded | undefined> | Loaded | undefined;

/** A load that is under way. */
export interface Loading {
  /** What was loaded, or `undefined` for nothing new. Rejected with what the loader throws, at the limit, and on a stop. */
  readonly result: Promise<Loaded | undefined>;
  stop(reason: Error): void;
  /** Says whether the process stays until the limit. */
  hold(stays: boolean): void;
}

/** Starts a load at once. After `timeout` milliseconds it is given up. */
export function startLoading(
  load: Loader,
  tag: string | undefined,
  timeout: number,
  stays: boolean,
  whyLate: () => string,
): Loading {
  const stopper = createStopper();
  const giveUp = (): void =>
    stop(new Error(`the load took longer than ${timeout} ms and was given up${whyLate()}`));
  const { cancel, hold } = runLater(giveUp, timeout, stays);
  let stop = (_: Error): void => {};
  const result = new Promise<Loaded | undefined>((resolve, reject) => {
    stop = (reason) => {
      cancel();
      // First, as what listens to the signal may throw.
      reject(reason);
      stopper.abort(reason);
    };
    const request = Object.freeze({ signal: stopper.signal, tag });
    const begun = monotonicNow();
    // While the thread is busy, a timer is late, and what has settled meanwhile comes before it.
    const checkTime = (loaded: Loaded | undefined): Loaded | undefined => {
      if (monotonicNow() - begun > timeout) giveUp();
      return loaded;
    };
    // A promise of our own reads a thenable once, and takes what it throws and its first answer alone.
    new Promise((settle) => settle(load(request)))
      .then(checkLoaded)
      .then(checkTime)
      .then(resolve, reject)
      .then(cancel);
  });
  return { result, stop: (reason) => stop(reason), hold };
}

/** Reads each field of what a loader gave once. */
function checkLoaded(given: unknown): Loaded | undefined {
  if (given === undefined) return undefined;
  if (!hasField(given, 'policy')) {
    const message = `load must give { policy, tag }, or undefined when there is nothing new, got ${describeType(given)}`;
    throw new TypeError(message);
  }
  const policy = readField(given, 'policy') as Loaded['policy'];
  // One that rejects must not end the process. It is refused below, with advice to wait for it.
  if (isThenable(policy)) Promise.resolve(policy).then(undefined, () => {});
  const tag = readField(given, 'tag') ?? undefined;
  if (tag !== undefined && typeof tag !== 'string')
    throw new TypeError(`the tag of what is loaded must be text, got ${describeType(tag)}`);
  // One that is misspelt would be no tag, and the source would be loaded and taken each time.
  const other = Object.keys(given).find((name) => name !== 'policy' && name !== 'tag');
  if (other !== undefined)
    throw new TypeError(
      `load must give policy and tag alone, got ${quote(other)}: a version or an ETag is the tag`,
    );
  return { policy, tag };
}
