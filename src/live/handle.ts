/**
 * A follower as it is seen from outside.
 */

import { messageOf } from '../problem/foreign.ts';
import type { FollowOptions, FollowStatus } from './pace.ts';
import { printAs } from './runtime.ts';
import type { PolicyUpdate } from './updates.ts';

/** The options of {@link Follower.refresh}. */
export type RefreshOptions = Pick<FollowOptions, 'maxLoss'>;

/**
 * Keeps a live policy in step with its source. Its functions need no `this`. A console shows its status, which is also what
 * `JSON.stringify` gives.
 */
export interface Follower {
  /** How it is doing at this moment. */
  readonly status: FollowStatus;
  /**
   * Resolved at the first load that succeeds, also one with nothing new; rejected when the follower is closed before. Need not be handled. Once it has
   * been read, the process stays until it is settled.
   */
  readonly ready: Promise<void>;
  /**
   * Loads now, or joins the load that is under way, which may have read its source before this call. Where the source has
   * just changed, call it once more when the first call has settled: that load begins after the change. The process stays
   * until the load ends.
   *
   * @param options - `maxLoss` in place of that of the follower, for one load, which begins after this call: for a list
   *   that has become shorter on purpose
   * @throws `ListError` with `invalid-option`
   * @returns the update; `undefined` when there is nothing new, and once the follower is closed. Rejected when the load
   *   fails or what it gives is refused, which need not be handled, as `onError` hears of it, too
   */
  refresh(options?: RefreshOptions): Promise<PolicyUpdate | undefined>;
  /** Stops the load that is under way, which will not be applied, and loads no more. The policy stays as it is. */
  close(): Promise<void>;
}

/** What a follower is made of. */
export interface Followed {
  status(): FollowStatus;
  awaitReady(): Promise<void>;
  refreshFor(options: unknown): Promise<PolicyUpdate | undefined>;
  close(): Promise<void>;
}

/** Makes one with what else it has. */
export function handleOf<Others extends object>(
  followed: Followed,
  others: Others,
): Follower & Readonly<Others> {
  return new Handle(followed, others) as object as Follower & Others;
}

/** What changes is read through its class, so that a copy has nothing that is out of date. */
class Handle implements Follower {
  readonly refresh: Follower['refresh'];
  readonly close: () => Promise<void>;
  readonly #followed: Followed;
  readonly #others: object;

  constructor(followed: Followed, others: object) {
    this.#followed = followed;
    this.#others = others;
    this.refresh = (options) => followed.refreshFor(options);
    this.close = () => followed.close();
    // Without `ready`, as the process stays for those who read it.
    printAs(this, () => ({ status: this.status, ...others }));
    Object.freeze(Object.assign(this, others));
  }

  get status(): FollowStatus {
    return this.#followed.status();
  }

  get ready(): Promise<void> {
    return this.#followed.awaitReady();
  }

  toJSON(): object {
    const { lastError: error, ...status } = this.status;
    // JSON has nothing for an error.
    const lastError = error === undefined ? undefined : messageOf(error);
    return { status: { ...status, lastError }, ...this.#others };
  }
}
