/**
 * The clients of logs whose verdict differs between two policies, one for each request.
 *
 * Both policies are asked about the bytes of a line. Only a client that they decide differently becomes text.
 */

import { type ByteDecider, decideBytesOf, NO_ADDRESS } from '../policy/bytes.ts';
import type { Policy } from '../policy/policy.ts';
import { filterLogs, judgeFor, kinds, type PlaceValues, textOf } from './filter.ts';
import type { Labels } from './filter-fields.ts';
import { LineFilter } from './filter-lines.ts';
import type { Session } from './session.ts';
import type { Sides } from './sides.ts';

/** What was read of logs. */
export interface ReadLogs {
  readonly lines: number;
  /** The lines without an address. */
  readonly invalid: number;
  /** Whether all logs could be read to their ends. */
  readonly isWhole: boolean;
}

/** Reads logs while somebody takes the affected clients from it. */
export class AffectedClients implements AsyncIterable<string> {
  #waiting: string[] = [];
  #isAtEnd = false;
  #wake: () => void = () => {};

  /** Reads all logs. Fails only for what is not about a log. */
  async read(
    files: readonly string[],
    policies: Sides<Policy>,
    values: PlaceValues,
    session: Session,
  ): Promise<ReadLogs> {
    const before = decideBytesOf(policies.before, textOf) as ByteDecider;
    const after = decideBytesOf(policies.after, textOf) as ByteDecider;
    const [wasAllowed, isAllowed] = [kinds.allowed(before), kinds.allowed(after)];
    let client: () => string = () => '';
    let later: number = NO_ADDRESS;
    const labels: Labels = {
      label: (bytes, start, end) => {
        later = after.label(bytes, start, end);
        client = () => textOf(bytes, start, end);
        return before.label(bytes, start, end);
      },
      labelOfText: (text) => {
        later = after.labelOfText(text);
        client = () => text;
        return before.labelOfText(text);
      },
    };
    let invalid = 0;
    const isWanted = (label: number): boolean => {
      if (label !== NO_ADDRESS) return wasAllowed(label) !== isAllowed(later);
      invalid++;
      return false;
    };
    const count = (): void => {
      this.#waiting.push(client());
      this.#wake();
    };
    const lines = new LineFilter(judgeFor(values)(labels), { isWanted, count, copies: false });
    try {
      const isWhole = await filterLogs(files, lines, session);
      return { lines: lines.lines, invalid, isWhole };
    } finally {
      this.#isAtEnd = true;
      this.#wake();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const taken = this.#waiting;
      this.#waiting = [];
      yield* taken;
      if (this.#waiting.length > 0) continue;
      if (this.#isAtEnd) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
