/**
 * What is counted for `--by-entry` and `--by-client`.
 */

import type { TextOf } from '../address/bytes.ts';
import { type ByteDecider, NO_ADDRESS } from '../policy/bytes.ts';
import type { Decision } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { Tally } from '../tree/tally.ts';
import type { ValuesOf } from './command.ts';
import { entryAsData } from './entries.ts';
import type { Labels } from './filter-fields.ts';
import { placeOf } from './policies.ts';
import type { filter } from './rows/filter.ts';
import { grouped } from './style.ts';

/** So many lines were wanted because of one thing. */
export interface Counted {
  readonly count: number;
  /** What it is, for a person. */
  readonly name: string;
  /** What it is, as fields of JSON. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Counts lines by something. */
export interface Counter {
  /** What is counted, as the name of a field. */
  readonly what: 'entries' | 'clients';
  /** Who is asked about clients. */
  readonly labels: Labels;
  /** Counts a line that is wanted, by the label of its client. */
  readonly count: (label: number) => void;
  /** All counts, the largest first. */
  inOrder(): Iterable<Counted>;
}

/** What the options ask to count; `undefined` for nothing but lines. */
export function counterFor(
  values: Pick<ValuesOf<(typeof filter)['options']>, 'by-entry' | 'by-client'>,
  policy: Policy,
  decider: ByteDecider,
  textOf: TextOf,
): Counter | undefined {
  if (values['by-entry']) return new EntryCounter(policy, decider);
  return values['by-client'] ? new ClientCounter(decider, textOf) : undefined;
}

/** Counts by entry: by label. */
class EntryCounter implements Counter {
  readonly what = 'entries';
  readonly labels: Labels;
  readonly #policy: Policy;
  readonly #decider: ByteDecider;
  /** By label − NO_ADDRESS. */
  readonly #counts: Float64Array;
  readonly count: (label: number) => void;

  constructor(policy: Policy, decider: ByteDecider) {
    this.labels = decider;
    this.#policy = policy;
    this.#decider = decider;
    const counts = new Float64Array(decider.last + 1 - NO_ADDRESS);
    this.#counts = counts;
    this.count = (label) => {
      counts[label - NO_ADDRESS] = (counts[label - NO_ADDRESS] as number) + 1;
    };
  }

  *inOrder(): Generator<Counted> {
    const counts = this.#counts;
    const places = Uint32Array.from(counts.keys()).filter((place) => counts[place] !== 0);
    places.sort((left, right) => (counts[right] as number) - (counts[left] as number) || left - right);
    for (const place of places)
      yield countedEntry(this.#policy, this.#decider.decision(place + NO_ADDRESS), counts[place] as number);
  }
}

/** The entry with its note; the reason where there is none. */
function countedEntry(policy: Policy, { verdict, reason, entry }: Decision, count: number): Counted {
  // A snapshot may be without its entries, whatever the type says.
  if (entry === undefined) return { count, name: reason, fields: { verdict, reason, entry: null } };
  const { text, note } = entry;
  return {
    count,
    name: note === undefined ? text : `${text} # ${note}`,
    fields: { verdict, reason, entry: entryAsData(entry, placeOf(policy, entry)) },
  };
}

/** More clients than this are counted together: their tables take 300 MB. */
const MOST_CLIENTS = 1 << 23;

/** Counts by client: by the address that was asked about last. */
class ClientCounter implements Counter {
  readonly what = 'clients';
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

  /** The lines without a client stand where their number puts them; of equal numbers, before the clients. */
  *inOrder(): Generator<Counted> {
    let invalid = this.#invalid;
    const withoutClient = { name: 'invalid-address', fields: { client: null, reason: 'invalid-address' } };
    for (const { address, count } of this.#tally.inOrder()) {
      if (invalid > 0 && invalid >= count) {
        yield { count: invalid, ...withoutClient };
        invalid = 0;
      }
      yield { count, name: address, fields: { client: address } };
    }
    if (invalid > 0) yield { count: invalid, ...withoutClient };
    const { others } = this.#tally;
    if (others > 0) yield { count: others, name: OTHERS, fields: { client: null, reason: OTHERS } };
  }
}

const OTHERS = `clients after the first ${grouped(MOST_CLIENTS)}`;
