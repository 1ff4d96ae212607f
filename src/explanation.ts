/**
 * The decision in words: one English sentence that a support engineer can paste into a ticket.
 */

import { findAddressFault } from './address-fault.ts';
import type { Decision } from './decision.ts';
import type { Entry, Mode } from './entries.ts';
import { describeType, quote } from './errors.ts';
import { MAX_CLIENT_LENGTH } from './scanner.ts';

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
 * Writes the sentence of an explanation.
 * @internal
 */
export function explainInWords(client: unknown, facts: Omit<Explanation, 'message'>, mode: Mode): string {
  const { address, zone, verdict, reason, entry } = facts;
  const name =
    address === undefined ? nameClient(client) : zone === undefined ? address : `${address} (zone ${zone})`;
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
  if (client.length > MAX_CLIENT_LENGTH) return 'this is no IP address, it is too long for one';
  const percent = client.indexOf('%');
  if (percent === 0) return 'this is no IP address, there is none before the zone';
  const found = findAddressFault(client, 0, percent < 0 ? client.length : percent);
  if (found !== undefined) return `this is no IP address, ${found.message}`;
  if (!client.includes(':')) return 'this is no IP address, only IPv6 addresses have a zone';
  return 'this is no IP address, a zone is 1 to 64 visible ASCII characters';
}
