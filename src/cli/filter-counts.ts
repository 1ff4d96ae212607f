/**
 * What is counted for `--by-entry` and `--by-client`.
 */

import type { TextOf } from '../address/bytes.ts';
import { type ByteDecider, NO_ADDRESS } from '../policy/bytes.ts';
import { Tally } from '../tree/tally.ts';
import type { ValuesOf } from './command.ts';
import { usageError } from './exit.ts';
import type { Labels } from './filter-fields.ts';
import type { filter } from './rows/filter.ts';
import type { Session } from './session.ts';
import { printable } from './style.ts';

/** Counts lines by something. */
export interface Counter {
  /** Who is asked about clients. */
  readonly labels: Labels;
  /** Counts a line that is wanted, by the label of its client; `undefined` where nothing is counted. */
  readonly count: ((label: number) => void) | undefined;
  /** Prints `count name`, most first. */
  print(session: Session): Promise<void>;
}

/** What the options ask to count. */
export function counterFor(
  values: ValuesOf<(typeof filter)['options']>,
  decider: ByteDecider,
  textOf: TextOf,
): Counter {
  const { 'by-entry': byEntry, 'by-client': byClient } = values;
  if (byEntry && byClient) throw usageError('Lines are counted --by-entry or --by-client, not by both.');
  if (byEntry) return new EntryCounter(decider);
  return byClient
    ? new ClientCounter(decider, textOf)
    : { labels: decider, count: undefined, print: async () => {} };
}

/** Counts by entry: by label. */
class EntryCounter implements Counter {
  readonly labels: Labels;
  readonly #decider: ByteDecider;
  /** By label − NO_ADDRESS. */
  readonly #counts: Float64Array;
  readonly count: (label: number) => void;

  constructor(decider: ByteDecider) {
    this.labels = decider;
    this.#decider = decider;
    const counts = new Float64Array(decider.last + 1 - NO_ADDRESS);
    this.#counts = counts;
    this.count = (label) => {
      counts[label - NO_ADDRESS] = (counts[label - NO_ADDRESS] as number) + 1;
    };
  }

  async print({ output }: Session): Promise<void> {
    const counts = this.#counts;
    const places = Uint32Array.from(counts.keys()).filter((place) => counts[place] !== 0);
    places.sort((left, right) => (counts[right] as number) - (counts[left] as number) || left - right);
    const width = String(counts[places[0] ?? 0]).length;
    for (const place of places) {
      const name = nameOfDecision(this.#decider, place + NO_ADDRESS);
      await output.line(`${String(counts[place]).padStart(width)} ${printable(name)}`);
    }
  }
}

/** The entry with its note; the reason where there is none. */
function nameOfDecision(decider: ByteDecider, label: number): string {
  const { reason, entry } = decider.decision(label);
  // A snapshot may be without its entries, whatever the type says.
  if (entry === undefined) return reason;
  return entry.note === undefined ? entry.text : `${entry.text} # ${entry.note}`;
}

/** More clients than this are counted together: their tables take 300 MB. */
const MOST_CLIENTS = 1 << 23;

/** Counts by client: by the address that was asked about last. */
class ClientCounter implements Counter {
  readonly labels: Labels;
  readonly count: (label: number) => void;
  readonly #tally: Tally = new Tally(MOST_CLIENTS);
  #invalid = 0;

  constructor(decider: ByteDecider, textOf: TextOf) {
    let bytes: Uint8Array = new Uint8Array(0);
    let start = 0;
    let end = 0;
    let text: string | undefined;
    this.labels = {
      label: (line, from, to) => {
        bytes = line;
        start = from;
        end = to;
        return decider.label(line, from, to);
      },
      labelOfText: (given) => {
        text = given;
        return decider.labelOfText(given);
      },
    };
    this.count = (label) => {
      if (label === NO_ADDRESS) this.#invalid++;
      else if (text === undefined) this.#tally.addBytes(bytes, start, end, textOf);
      else this.#tally.addText(text);
    };
  }

  async print({ output, notices }: Session): Promise<void> {
    const { others } = this.#tally;
    // The line without a client stands where its count puts it, before the clients that have as many.
    let width = 0;
    let left = this.#invalid;
    const line = async (count: number, name: string): Promise<void> => {
      width ||= String(count).length;
      await output.line(`${String(count).padStart(width)} ${name}`);
    };
    for (const { address, count } of this.#tally.inOrder()) {
      if (left >= count) await line(left, 'invalid-address');
      if (left >= count) left = 0;
      await line(count, address);
    }
    if (left > 0) await line(left, 'invalid-address');
    if (others === 0) return;
    await line(others, 'other clients');
    notices.complain(
      `ipverdict: There are more than ${MOST_CLIENTS.toLocaleString('en-US')} clients: those that came after them are counted together.`,
    );
  }
}
