/**
 * The decision for people: who was asked about, every entry that covers them, and one English sentence that a support
 * engineer can paste into a ticket. Cold: it reads the lists once more rather than keep anything for it.
 */

import { identify } from '../address/address.ts';
import { span, spanSize } from '../address/entry.ts';
import { findAddressFault } from '../address/fault.ts';
import { MAX_CLIENT_LENGTH, scanClient, scanned, wordsOf } from '../address/scanner.ts';
import { compareWords } from '../address/words.ts';
import type { Entry, EntryTable, Mode } from '../list/table.ts';
import { describeType, quote } from '../problem/say.ts';
import type { Decision } from './decision.ts';

/** A decision with everything that led to it. Plain frozen data. */
export interface Explanation extends Decision {
  /** Canonical text of the client, IPv4 for a mapped one; `undefined` when it is no address. */
  readonly address: string | undefined;
  /** The zone of the client, without the `%`; it plays no part in the decision. */
  readonly zone: string | undefined;
  /** Every entry of every list that covers the client, most specific first. */
  readonly covering: readonly Entry[];
  /** One English sentence. */
  readonly message: string;
}

/**
 * Finds every entry of some lists that covers a client, the smallest first, of equals the first.
 * @internal
 */
export function findCovering(client: unknown, tables: readonly EntryTable[]): Entry[] {
  const family = scanClient(client);
  if (family === 0) return [];
  const width = wordsOf(family);
  const words = scanned.slice();
  const found: { readonly table: EntryTable; readonly index: number; readonly size: bigint }[] = [];
  for (const table of tables) {
    for (let index = 0; index < table.size; index++) {
      table.read(index, () => {
        if (span.family !== family || compareWords(words, span.first, width) < 0) return;
        if (compareWords(words, span.last, width) <= 0) found.push({ table, index, size: spanSize() });
      });
    }
  }
  // Sorting is stable: equals stay in the order of the lists and lines.
  found.sort((left, right) => (left.size < right.size ? -1 : left.size > right.size ? 1 : 0));
  return found.map(({ table, index }) => table.entry(index));
}

/**
 * Writes the sentence of an explanation.
 * @internal
 */
export function explainInWords(client: unknown, { verdict, reason, entry }: Decision, mode: Mode): string {
  const { address, zone } = identify(client);
  const name =
    address === undefined
      ? nameClient(client)
      : zone === undefined
        ? address
        : `${address} (zone ${quote(zone)})`;
  const outcome = `${name} is ${verdict === 'allow' ? 'allowed' : 'denied'}`;
  switch (reason) {
    case 'invalid-address':
      return `${outcome}: ${whyInvalid(client)}.`;
    case 'empty-list':
      return `${outcome}: the ${mode} list has no entries, and an empty list ${verdict === 'allow' ? 'allows' : 'denies'} everyone.`;
    case 'not-listed':
      return `${outcome}: no entry of the ${mode} list covers it.`;
    case 'listed':
      return `${outcome}: ${nameEntry(entry)} of the ${mode} list covers it.`;
    case 'exempt':
      return `${outcome}: ${nameEntry(entry)} of the exemptions covers it, whatever the ${mode} list says.`;
  }
}

function nameEntry(entry: Entry | undefined): string {
  const { line, text, note } = entry as Entry;
  return `line ${line} (${text}${note === undefined ? '' : `, note ${quote(note)}`})`;
}

function nameClient(client: unknown): string {
  return typeof client === 'string' && client !== '' ? `The client ${quote(client)}` : 'The client';
}

function whyInvalid(client: unknown): string {
  if (client === undefined || client === null) return 'no address was given';
  if (typeof client !== 'string') return `no address was given, but ${describeType(client)}`;
  if (client === '') return 'no address was given, but an empty text';
  if (client.length > MAX_CLIENT_LENGTH) return 'this is not an IP address, it is too long for one';
  const percent = client.indexOf('%');
  if (percent === 0) return 'this is not an IP address, there is none before the zone';
  const found = findAddressFault(client, 0, percent < 0 ? client.length : percent);
  if (found !== undefined) return `this is not an IP address, ${found.message}`;
  if (!client.includes(':')) return 'this is not an IP address, only IPv6 addresses have a zone';
  return 'this is not an IP address, a zone is 1 to 64 visible ASCII characters';
}
