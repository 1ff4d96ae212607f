/**
 * The answer to "who gets in": a small value with the verdict and the reason, and a way to the deciding entry.
 */

import type { Entry, EntryTable } from '../list/table.ts';

/** What happens to a client. */
export type Verdict = 'allow' | 'deny';

/** Why: the row of the decision table that applied. */
export type Reason = 'invalid-address' | 'exempt' | 'empty-list' | 'listed' | 'not-listed';

/** The verdict about one client. */
export interface Decision {
  /** What happens to the client. */
  readonly verdict: Verdict;
  /** Which row of the decision table applied. */
  readonly reason: Reason;
  /**
   * The entry that decided, for the reasons `exempt` and `listed`. It is made when it is read, so that a decision costs
   * the same however much is known about an entry. A copy made by spreading does not have it; `JSON.stringify` includes
   * it.
   */
  readonly entry: Entry | undefined;
}

/** The method that Node, Deno and Bun call before they print an object. */
const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** A decision by an entry. Private names keep the table out of copies, comparisons and logs. */
class EntryDecision implements Decision {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly #table: EntryTable;
  readonly #index: number;

  constructor(verdict: Verdict, reason: Reason, table: EntryTable, index: number) {
    this.verdict = verdict;
    this.reason = reason;
    this.#table = table;
    this.#index = index;
  }

  get entry(): Entry {
    return this.#table.entry(this.#index);
  }

  toJSON(): Decision {
    return { verdict: this.verdict, reason: this.reason, entry: this.entry };
  }

  [inspect](): Decision {
    return this.toJSON();
  }
}

/** HOT. A decision by an entry. */
export function decideByEntry(verdict: Verdict, reason: Reason, table: EntryTable, index: number): Decision {
  return new EntryDecision(verdict, reason, table, index);
}

/** A decision without an entry: one frozen object, shared by all clients to which it applies. */
export function decideWithoutEntry(verdict: Verdict, reason: Reason): Decision {
  return Object.freeze({ verdict, reason, entry: undefined });
}

/** Freezes what all decisions share, so that nobody can give them a different entry. */
export function sealDecisions(): void {
  Object.freeze(EntryDecision.prototype);
}
