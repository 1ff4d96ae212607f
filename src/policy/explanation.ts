/**
 * The decision explained to people: who the client is, every entry that covers it, and one English sentence that a
 * support engineer can paste into a ticket. Cold: it rereads the lists, so that nothing has to be kept for it.
 */

import { clientWords, identify } from '../address/address.ts';
import { span } from '../address/entry.ts';
import { findAddressFault } from '../address/fault.ts';
import { MAX_CLIENT_LENGTH, wordsOf } from '../address/scanner.ts';
import { compareSizes, compareWords } from '../address/words.ts';
import type { Entry, EntryTable, Mode } from '../list/table.ts';
import { AT_ALL_TIMES } from '../list/times.ts';
import { timeOf } from '../problem/foreign.ts';
import { describeType, quote } from '../problem/say.ts';
import type { Decision } from './decision.ts';

/** A decision with everything that led to it. Plain frozen data. */
export type Explanation = Decision & {
  /** Canonical text of the client, IPv4 for an IPv4-mapped one; `undefined` when the client is not an address. */
  readonly address: string | undefined;
  /** The client's zone, without the `%`; it plays no part in the decision. */
  readonly zone: string | undefined;
  /** Every entry of every list that covers the client, most specific first. */
  readonly covering: readonly Entry[];
  /** One English sentence. */
  readonly message: string;
};

/** An entry by its place. */
export interface PlacedEntry {
  readonly table: EntryTable;
  readonly index: number;
}

/** Finds every entry of some lists that covers a client, the smallest first; ties go to the first entry. */
export function findCovering(client: unknown, tables: readonly EntryTable[]): PlacedEntry[] {
  const words = clientWords(client);
  if (words === undefined) return [];
  const width = words.length;
  const firsts: number[] = [];
  const lasts: number[] = [];
  const found: PlacedEntry[] = [];
  for (const table of tables) {
    for (let index = 0; index < table.size; index++) {
      table.read(index, () => {
        const { first, last } = span;
        if (wordsOf(span.family) !== width || compareWords(words, first, width) < 0) return;
        if (compareWords(words, last, width) > 0) return;
        firsts.push(...first.subarray(0, width));
        lasts.push(...last.subarray(0, width));
        found.push({ table, index });
      });
    }
  }
  // Sorting is stable, so ties stay in the order of lists and lines.
  const order = Array.from(found.keys());
  order.sort((left, right) => compareSizes(firsts, lasts, left, right, width));
  return order.map((at) => found[at] as PlacedEntry);
}

/** Writes the sentence of an explanation; `why` is for clients that are addresses. */
export function explainInWords(client: unknown, { verdict, reason }: Decision, why: string): string {
  const cause = reason === 'invalid-address' ? whyInvalid(client) : why;
  return `${nameClient(client)} is ${verdict === 'allow' ? 'allowed' : 'denied'}: ${cause}.`;
}

/** Why one list decides as it does. */
export function whyOfList(decision: Decision, mode: Mode): string {
  switch (decision.reason) {
    case 'empty-list':
      return `the ${mode} list has no entries, and an empty list ${decision.verdict === 'allow' ? 'allows' : 'denies'} everyone`;
    case 'listed':
      return `${nameEntry(decision.entry)} of the ${mode} list covers it`;
    case 'exempt':
      return `${nameEntry(decision.entry)} of the exemptions covers it, whatever the ${mode} list says`;
    default:
      return `no entry of the ${mode} list covers it`;
  }
}

/**
 * What would cover a client at another instant, as a clause: that which ended or begins is what people ask about first.
 * Empty when nothing would.
 */
export function whyNotNow(client: unknown, tables: readonly EntryTable[]): string {
  const timed = tables.filter(({ list, instant }) => list !== 'except' && instant !== undefined);
  const [found] = findCovering(
    client,
    timed.map((table) => table.at(AT_ALL_TIMES)),
  );
  if (found === undefined) return '';
  const entry = found.table.entry(found.index);
  const { from, until, list, rule } = entry;
  const [first] = timed as [EntryTable];
  const isOver = timeOf(until) <= (first.instant as number);
  const when = isOver ? `covered it until ${until?.toJSON()}` : `will cover it from ${from?.toJSON()}`;
  return `; ${nameEntry(entry)}${list === 'exempt' ? ' of the exemptions' : rule === undefined ? '' : ` of ${rule}`} ${when}`;
}

export function nameEntry({ line, text, note }: Entry): string {
  return `line ${line} (${text}${note === undefined ? '' : `, note ${quote(note)}`})`;
}

function nameClient(client: unknown): string {
  const { address, zone } = identify(client);
  if (address !== undefined) return zone === undefined ? address : `${address} (zone ${quote(zone)})`;
  return typeof client === 'string' && client !== '' ? `The client ${quote(client)}` : 'The client';
}

function whyInvalid(client: unknown): string {
  if (client === undefined || client === null) return 'no address was given';
  if (typeof client !== 'string') return `no address was given, only ${describeType(client)}`;
  if (client === '') return 'no address was given, only an empty text';
  return `this is not an IP address; ${faultOfClient(client)}`;
}

function faultOfClient(client: string): string {
  if (client.length > MAX_CLIENT_LENGTH) return 'it is too long to be one';
  const percent = client.indexOf('%');
  if (percent === 0) return 'there is nothing before the zone';
  const found = findAddressFault(client, 0, percent < 0 ? client.length : percent);
  if (found !== undefined) return found.message;
  return client.includes(':')
    ? 'a zone is 1 to 64 visible ASCII characters'
    : 'only IPv6 addresses have a zone';
}
