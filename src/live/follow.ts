/**
 * Keeps a live policy in step with something that is loaded.
 *
 * Whatever goes wrong, the last good policy stays: a load that fails or takes too long, a list with a bad line, one that is
 * empty or has lost too much. Each failure is reported once, and tried again later.
 *
 * ```
 *           ╭──────────────── every, or longer after failures ◄───────────────╮
 * follow ──►┴─► load ──► nothing new ────────────────────────────────────────►┤
 *                │ ╰───► a policy ──► live.update, with the guards ──► tag ──►┤
 *                ╰─ fails, or takes too long ──► the last good policy stays ─►╯
 * ```
 */

import { messageOf, reportOnConsole } from '../problem/foreign.ts';
import { requireOptions } from '../problem/options.ts';
import { shareKind, type UpdateGuard } from './guard.ts';
import { type Followed, type Follower, handleOf } from './handle.ts';
import { type LivePolicy, updateWhile } from './live.ts';
import { type Loaded, type Loader, type Loading, startLoading } from './loading.ts';
import { checkPace, type FollowOptions, type FollowStatus, type Pace, waitAfter } from './pace.ts';
import { onAbort, reasonOf, runLater, type Timer } from './runtime.ts';
import { callSafely, type PolicyUpdate } from './updates.ts';

/**
 * Keeps a live policy in step with something that is loaded: a file, an HTTP feed, a key in Redis, a row in a database.
 *
 * It loads at once, and again whenever `every` has passed since the last load ended; never twice at the same time. What is
 * loaded goes through `live.update` with the guards of the options, so nothing that goes wrong opens anything: the last
 * good policy stays, and the next load is tried later. The tag that a load gives is handed to the next one after its
 * policy was taken, not before. A load that ends after its time limit or after `close` is never applied.
 *
 * @param live - made by `createLivePolicy`
 * @param load - loads a policy, or gives `undefined` when there is nothing new since the tag
 * @param options - how often, what to take, and whom to tell
 * @throws `ListError` with `invalid-option`
 * @remarks One timer, and while a load is under way another one. They keep no process alive, unless `keepAlive` says so or
 *   somebody waits for `ready` or for a refresh.
 * @example
 * ```ts
 * import { createLivePolicy, follow } from 'ipverdict/live';
 *
 * const rows = { version: '7', text: '192.0.2.0/24 # Scanners' };
 * const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
 * const follower = follow(
 *   live,
 *   async ({ tag }) => (tag === rows.version ? undefined : { policy: { deny: rows.text }, tag: rows.version }),
 *   { every: 5_000, maxLoss: 0.5 },
 * );
 * await follower.ready;
 * live.decide('192.0.2.1').entry?.note; // 'Scanners'
 * follower.status.tag; // '7'
 * await follower.close();
 * ```
 */
export function follow(live: LivePolicy, load: Loader, options: FollowOptions): Follower {
  return handleOf(new Following(live, load, checkPace(live, load, options)), {});
}

/** What the console calls them. */
const HOOK = 'a hook of a follower';

const ignore = (): void => {};

/** A load or a timer before the first. */
const idle = { stop: ignore, cancel: ignore, hold: ignore };

/** A source that is known better than by its loader alone. */
export interface Source {
  /** What tells one state of it from another: the same failure of another state is another failure. */
  state(): string;
  /** Why a load takes long, to be told when it is given up; otherwise empty. */
  whyLate(): string;
  /** The follower has ended. */
  onEnd(): void;
}

const unknown: Source = { state: () => '', whyLate: () => '', onEnd: ignore };

/** What follows. */
export class Following implements Followed {
  readonly #ready: Promise<void>;
  readonly #live: LivePolicy;
  readonly #load: Loader;
  readonly #pace: Pace;
  readonly #settleReady: Settle<void>;
  /** The load that is under way, and what comes of it. */
  #loading: Pick<Loading, 'stop' | 'hold'> = idle;
  #update: Promise<PolicyUpdate | undefined> | undefined;
  /** Until the next load. */
  #timer: Timer = idle;
  /** Whether the process stays. */
  #stays: boolean;
  #closed: Error | undefined;
  #tag: string | undefined;
  #lastSuccess: number | undefined;
  #lastFailure: number | undefined;
  #failures = 0;
  #lastError: unknown;
  /** The failure that was told last, until a load succeeds. */
  #reported: string | undefined;
  readonly #source: Source;
  #stopListening: () => void = ignore;

  /** @param source - what is known of the source, where it is one of this package */
  constructor(live: LivePolicy, load: Loader, pace: Pace, source: Source = unknown) {
    this.#source = source;
    this.#live = live;
    this.#load = load;
    this.#pace = pace;
    const [ready, settleReady] = promise<void>();
    this.#ready = ready;
    this.#stays = pace.keepAlive;
    this.#settleReady = settleReady;
    const { signal } = pace.hooks;
    this.#stopListening = onAbort(signal, () => this.#end(reasonOf(signal)));
    this.refresh();
  }

  status(): FollowStatus {
    const dateOf = (time: number | undefined): Date | undefined =>
      time === undefined ? undefined : new Date(time);
    return Object.freeze({
      tag: this.#tag,
      lastSuccess: dateOf(this.#lastSuccess),
      lastFailure: dateOf(this.#lastFailure),
      lastError: this.#lastError,
      failures: this.#failures,
    });
  }

  refresh(): Promise<PolicyUpdate | undefined> {
    if (this.#closed !== undefined) return Promise.resolve(undefined);
    return this.#update ?? this.#start();
  }

  /** For somebody who waits for it. */
  refreshFor(options: unknown): Promise<PolicyUpdate | undefined> {
    const { maxLoss } = requireOptions(options, { maxLoss: shareKind });
    if (maxLoss !== undefined) return this.#refreshWith(maxLoss);
    const update = this.refresh();
    this.#loading.hold(true);
    return update;
  }

  /** Waits for the load that is under way, as that was not meant. */
  #refreshWith(maxLoss: number): Promise<PolicyUpdate | undefined> {
    const joined = this.#update;
    if (joined !== undefined) {
      this.#loading.hold(true);
      const next = (): Promise<PolicyUpdate | undefined> => this.#refreshWith(maxLoss);
      const update = joined.then(next, next);
      update.then(undefined, ignore);
      return update;
    }
    if (this.#closed !== undefined) return Promise.resolve(undefined);
    const update = this.#start({ ...this.#pace.guard, maxLoss });
    this.#loading.hold(true);
    return update;
  }

  /** Gives the promise to somebody who waits for it: a process that ends meanwhile would be one that never started. */
  awaitReady(): Promise<void> {
    if (this.#lastSuccess === undefined && this.#closed === undefined) this.#hold(true);
    return this.#ready;
  }

  close(): Promise<void> {
    this.#end(undefined);
    return Promise.resolve();
  }

  /** @param cause - why, where a signal says so */
  #end(cause: unknown): void {
    if (this.#closed === undefined) {
      const reason = new Error('the follower was closed', cause === undefined ? undefined : { cause });
      this.#closed = reason;
      this.#timer.cancel();
      this.#settleReady.reject(reason);
      this.#loading.stop(reason);
      this.#stopListening();
      this.#source.onEnd();
    }
  }

  #start(guard: UpdateGuard = this.#pace.guard): Promise<PolicyUpdate | undefined> {
    this.#timer.cancel();
    const [update, settle] = promise<PolicyUpdate | undefined>();
    // First, as the loader may ask for a refresh or close the follower at once.
    this.#update = update;
    const loading = startLoading(
      this.#load,
      this.#tag,
      this.#pace.timeout,
      this.#stays,
      this.#source.whyLate,
    );
    this.#loading = loading;
    if (this.#closed !== undefined) loading.stop(this.#closed);
    loading.result
      .then((loaded) => this.#take(loaded, guard))
      .then(
        (taken) => this.#succeed(taken, settle),
        (error) => this.#fail(error, settle),
      );
    return update;
  }

  /** Puts what was loaded in force, and after that its tag. */
  #take(loaded: Loaded | undefined, guard: UpdateGuard): PolicyUpdate | undefined {
    if (loaded === undefined || this.#closed !== undefined) return undefined;
    // What reads the lists may close the follower.
    const isOpen = (): boolean => this.#closed === undefined;
    const update = updateWhile(isOpen, this.#live, loaded.policy, guard);
    if (update !== undefined) this.#tag = loaded.tag ?? undefined;
    return update;
  }

  #succeed(taken: PolicyUpdate | undefined, settle: Settle<PolicyUpdate | undefined>): void {
    this.#lastSuccess = Date.now();
    this.#failures = 0;
    this.#reported = undefined;
    this.#settleReady.resolve();
    this.#hold(this.#pace.keepAlive);
    this.#wait();
    if (taken !== undefined) callSafely(HOOK, this.#pace.hooks.onUpdate, taken);
    settle.resolve(taken);
  }

  #fail(error: unknown, settle: Settle<PolicyUpdate | undefined>): void {
    if (this.#closed !== undefined) {
      this.#update = undefined;
      settle.resolve(undefined);
      return;
    }
    this.#lastFailure = Date.now();
    this.#lastError = error;
    this.#failures++;
    this.#wait();
    if (this.#isNew(error)) {
      const { onError } = this.#pace.hooks;
      if (onError === undefined) reportOnConsole('a list could not be loaded, the one before stays', error);
      else callSafely(HOOK, onError, error, this.status());
    }
    settle.reject(error);
  }

  /** Waits for the next load. Before the hooks, as they may load or close. */
  #wait(): void {
    this.#update = undefined;
    this.#loading = idle;
    if (this.#closed !== undefined) return;
    const wait = waitAfter(this.#failures, this.#pace);
    this.#timer = runLater(() => this.refresh(), wait, this.#stays);
  }

  #hold(stays: boolean): void {
    if (stays === this.#stays) return;
    this.#stays = stays;
    this.#loading.hold(stays);
    this.#timer.hold(stays);
  }

  #isNew(error: unknown): boolean {
    const key = `${this.#source.state()} ${keyOf(error)}`;
    if (this.#reported === key) return false;
    this.#reported = key;
    return true;
  }
}

/** How a promise ends. */
interface Settle<Value> {
  resolve(value: Value): void;
  reject(reason: unknown): void;
}

/** A promise whose rejection need not be handled, and its end. */
function promise<Value>(): readonly [Promise<Value>, Settle<Value>] {
  let settle: Settle<Value> = { resolve: ignore, reject: ignore };
  const made = new Promise<Value>((resolve, reject) => {
    settle = { resolve, reject };
  });
  made.then(undefined, ignore);
  return [made, settle];
}

/** What makes two failures the same one. */
function keyOf(error: unknown): string {
  try {
    // `fetch` says why in the cause alone.
    if (error instanceof Error) return `${error.name}: ${error.message} ${messageOf(error.cause)}`;
    // A text or a number says itself what it is.
    if (typeof error !== 'object' && typeof error !== 'function') return `${typeof error} ${String(error)}`;
  } catch {
    // A thrown proxy may throw again.
  }
  return messageOf(error);
}
