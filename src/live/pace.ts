/**
 * How a follower is told to work: how often it loads, what it takes, and whom it tells.
 */

import { standsForAnother } from '../policy/current.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { attempt, eachItem, hasItems, isIterator } from '../problem/foreign.ts';
import { type Callable, callable, type Kind, optionProblem, readOptions } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { describeValue, guardKinds, shareKind, truthKind, type UpdateGuard } from './guard.ts';
import { LONGEST_WAIT, type Signal, type StopSignal } from './runtime.ts';
import type { PolicyUpdate } from './updates.ts';

/** The options of {@link follow}. */
export interface FollowOptions extends Omit<UpdateGuard, 'ifVersion'> {
  /** Milliseconds from the end of one load to the next, at most 2,147,483,647. */
  readonly every: number;
  /** By how much of it each wait is made longer or shorter at random, from 0 to 1; 0.1 when not given. */
  readonly jitter?: number | undefined;
  /** Milliseconds until a load is given up; 30,000 when not given. */
  readonly timeout?: number | undefined;
  /**
   * The longest wait after failures, in milliseconds; 10 times `every` when not given. After the first failure in a row it
   * is `every`, and after each further one twice as long.
   */
  readonly maxBackoff?: number | undefined;
  /** Whether a list without entries is taken; `false` when not given, as a feed that is suddenly empty is broken. */
  readonly mayBeEmpty?: boolean | undefined;
  /** Whether the process stays for the next load; `false` when not given. */
  readonly keepAlive?: boolean | undefined;
  /** Called after each update that was loaded, once all listeners of the live policy were. */
  readonly onUpdate?: ((update: PolicyUpdate) => void) | undefined;
  /**
   * Called with each failure, unless it is the same as the one before it and no load has succeeded in between.
   * `console.error` when not given. What this and `onUpdate` throw goes to `console.error`, and stops nothing.
   */
  readonly onError?: ((error: unknown, status: FollowStatus) => void) | undefined;
  /** An `AbortSignal` that closes the follower. */
  readonly signal?: Signal | undefined;
}

/** How a follower is doing. Frozen; another object each time that it is read. */
export interface FollowStatus {
  /** The tag of the policy that was taken last. */
  readonly tag: string | undefined;
  /** When a load last succeeded, also one with nothing new. */
  readonly lastSuccess: Date | undefined;
  /** When a load last failed, or what it gave was refused. */
  readonly lastFailure: Date | undefined;
  /** What was wrong then. */
  readonly lastError: unknown;
  /** Failures in a row, 0 after a success. */
  readonly failures: number;
}

const waitKind: Kind<number> = (value) =>
  typeof value === 'number' && value >= 1 && value <= LONGEST_WAIT
    ? undefined
    : `must be milliseconds from 1 to ${LONGEST_WAIT}, got ${describeValue(value)}`;

/** An option that is a signal to stop. */
export const signalKind: Kind<StopSignal> = (value) =>
  typeof (value as Partial<StopSignal>).addEventListener === 'function' &&
  typeof (value as Partial<StopSignal>).removeEventListener === 'function' &&
  typeof (value as Partial<StopSignal>).aborted === 'boolean'
    ? undefined
    : `must be an AbortSignal, got ${describeType(value)}`;

const followKinds = {
  every: waitKind,
  jitter: shareKind,
  timeout: waitKind,
  maxBackoff: waitKind,
  keepAlive: truthKind,
  onUpdate: callable,
  onError: callable,
  signal: signalKind,
  mustAllow: guardKinds.mustAllow,
  mustDeny: guardKinds.mustDeny,
  maxLoss: guardKinds.maxLoss,
  mayBeEmpty: guardKinds.mayBeEmpty,
} as const;

/** What is told of loads, and what ends them; `undefined` when not given. */
export interface Hooks {
  readonly onUpdate: Callable | undefined;
  readonly onError: Callable | undefined;
  readonly signal: StopSignal | undefined;
}

/** The options with every default filled in. */
export interface Pace {
  readonly every: number;
  readonly jitter: number;
  readonly timeout: number;
  readonly maxBackoff: number;
  readonly keepAlive: boolean;
  readonly guard: UpdateGuard;
  readonly hooks: Hooks;
}

const TIMEOUT = 30_000;

/** Checks the arguments of `follow`. */
export function checkPace(live: unknown, load: unknown, options: unknown): Pace {
  const { values, problems } = readOptions(options, followKinds);
  if (!standsForAnother(live))
    problems.push(
      optionProblem(
        `follow takes a live policy: write follow(createLivePolicy(list), load, { every }), got ${describeType(live)}`,
      ),
    );
  const wrong = callable(load);
  if (wrong !== undefined) problems.push(optionProblem(`load ${wrong}`));
  const { every = 0, jitter = 0.1, timeout = TIMEOUT, keepAlive = false } = values;
  if (values.every === undefined && !problems.some(({ message }) => message.startsWith('every ')))
    problems.push(optionProblem('every is required: the milliseconds between two loads'));
  const guard = {
    mustAllow: copyClients('mustAllow', values.mustAllow, problems),
    mustDeny: copyClients('mustDeny', values.mustDeny, problems),
    maxLoss: values.maxLoss,
    mayBeEmpty: values.mayBeEmpty ?? false,
  };
  if (problems.length > 0) throw new ListError(problems);
  const { maxBackoff = Math.min(every * 10, LONGEST_WAIT) } = values;
  return { every, jitter, timeout, maxBackoff, keepAlive, guard, hooks: values };
}

/** More clients than anyone guards. */
const MAX_CLIENTS = 100_000;

/** Copies the clients of a guard, which every list is tested by, as an iterator can be read only once. */
function copyClients(name: string, clients: unknown, problems: Problem[]): string[] | undefined {
  if (clients === undefined) return undefined;
  const given = typeof clients === 'string' ? [clients] : clients;
  const copy: string[] = [];
  const isRead = attempt('options', name, () => {
    const isWhole =
      hasItems(given) &&
      eachItem(given, MAX_CLIENTS, (client) => {
        copy.push(client as string);
      });
    return isWhole && !(copy.length === 0 && isIterator(given));
  });
  if (!isRead)
    problems.push(optionProblem(`${name} could not be read as an array of up to ${MAX_CLIENTS} addresses`));
  return copy;
}

/** How long to wait for the next load, in milliseconds, after so many failures in a row. */
export function waitAfter(failures: number, { every, jitter, maxBackoff }: Pace): number {
  const wait = failures === 0 ? every : Math.min(every * 2 ** (failures - 1), maxBackoff);
  // One of 33 lengths: Node keeps a list of timers for each length that it has seen.
  const share = Math.round(Math.random() * 32) / 16 - 1;
  return wait * (1 + jitter * share);
}
