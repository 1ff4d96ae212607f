/**
 * What is counted for `--by-entry` and `--by-client`.
 */

import type { TextOf } from '../address/bytes.ts';
import { type ByteDecider, NO_ADDRESS } from '../policy/bytes.ts';
import { Tally } from '../tree/tally.ts';
import type { ValuesOf } from './command.ts';
import type { Labels } from './filter-fields.ts';
import type { filter } from './rows/filter.ts';
import type { Session } from './session.ts';
import { count, printable } from './style.ts';

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
    for (const lines of inPieces(this.#lines())) await output.write(lines);
    if (others > 0)
      notices.complain(
        `ipverdict: There are more than ${count(MOST_CLIENTS, 'client')}; those that came after them are counted together.`,
      );
  }

  /** The lines without a client stand where their number puts them; of equal numbers, before the clients. */
  *#lines(): Generator<string> {
    const { others } = this.#tally;
    let width = 0;
    const line = (count: number, name: string): string => {
      width ||= String(count).length;
      return `${String(count).padStart(width)} ${name}\n`;
    };
    let invalid = this.#invalid;
    for (const { address, count } of this.#tally.inOrder()) {
      if (invalid > 0 && invalid >= count) {
        yield line(invalid, 'invalid-address');
        invalid = 0;
      }
      yield line(count, address);
    }
    if (invalid > 0) yield line(invalid, 'invalid-address');
    if (others > 0) yield line(others, 'other clients');
  }
}

/** Many texts together, so that not every one of a million is waited for. */
function* inPieces(texts: Iterable<string>): Generator<string> {
  let piece = '';
  for (const text of texts) {
    piece += text;
    if (piece.length < 1 << 14) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}
