/**
 * To a MaxMind database, from a policy or from entries with values.
 */

import type { Prefix } from '../address/prefix.ts';
import { formatWords } from '../address/words.ts';
import { type Loss, makeLoss } from '../exchange/loss.ts';
import { currentOf } from '../policy/current.ts';
import { listsOf, type Policy } from '../policy/policy.ts';
import { ListError, problemOf } from '../problem/errors.ts';
import { timeOf } from '../problem/foreign.ts';
import { aDate, aText, isYesOrNo, requireOptions } from '../problem/options.ts';
import type { MmdbValue } from './field.ts';
import { encodeFile } from './file.ts';
import { type Labelled, labelPolicy } from './labels.ts';
import { layOut, lookedUpAsIPv4, ownSixToFour } from './layout.ts';
import { labelPairs } from './pairs.ts';

/** The options of {@link exportMmdb}. */
export interface ExportMmdbOptions {
  /** What the records are, for those who read them; `'ipverdict'` when not given. Names that begin with `GeoIP` are MaxMind's. */
  readonly databaseType?: string;
  /** What the database is for, in English. */
  readonly description?: string;
  /** When it was made. Without it the file says the first second of 1970, so that the same input gives the same bytes. */
  readonly created?: Date;
  /**
   * Of a policy: whether only the addresses that an entry decides have a record; `false` when not given. A program
   * that reads the file then has to know the verdict of all others.
   */
  readonly listedOnly?: boolean;
  /** Of a policy: whether records have the note of the entry; `true` when not given. */
  readonly notes?: boolean;
  /**
   * Whether `2002::/16` leads to the IPv4 networks, as in databases of MaxMind, so that a 6to4 address has the record of
   * the IPv4 address in it. When not given, this is so for pairs, unless one of them is in that block, but not for a
   * policy, which decides about a 6to4 address as about any other IPv6 address.
   */
  readonly sixToFour?: boolean;
}

/** A database, and what is not in it. Frozen. */
export interface ExportedMmdb {
  readonly bytes: Uint8Array;
  readonly losses: readonly Loss[];
}

const kinds = {
  databaseType: aText,
  description: aText,
  created: aDate,
  listedOnly: isYesOrNo,
  notes: isYesOrNo,
  sixToFour: isYesOrNo,
} as const;

/**
 * Writes a policy, or entries with values, as a MaxMind database, version 2.0 of the format, for every program that reads
 * those: web servers, log pipelines, firewalls.
 *
 * - Of a policy, every address has the record `{ verdict, note }`, where `verdict` is `'allow'` or `'deny'`, at the
 *   instant of the policy. `note` is that of the entry that decides.
 * - Of pairs, an address has the value of the smallest entry that covers it; among equal entries, the last one counts.
 *   A value is text, a number, a truth value, a `Uint8Array`, or an array or plain object of values; whole numbers up to
 *   128 bits may be of the type `bigint`. Fields that are `undefined` are left out.
 * - IPv4 networks are below `::/96`, and `::ffff:0:0/96` leads to them, too, so an IPv4-mapped client is the IPv4 client.
 *   No IPv6 entry reaches the IPv4 networks. The few IPv6 addresses of `::/96`, such as `::1`, are looked up as IPv4 by
 *   every program: where an entry says something else about them, that is the loss `ipv4-compatible`.
 *
 * @param source - a policy, or pairs of entry and value; a `Map` is one
 * @param options - what the file says about itself, and which addresses it has
 * @returns the bytes of the file, and what is not in it: the losses `ipv4-compatible`, `six-to-four`, `times-dropped`,
 *   `duplicate`, `null-dropped`, `text-changed`
 * @throws `ListError` with `invalid-option`, with a problem for each entry that is not one, and with `invalid-value` for
 *   values that the format does not have; `too-many-entries` when the file would be larger than the format can be
 * @throws TypeError when it is given neither a policy of this package nor pairs
 * @remarks Linear in the entries, apart from sorting. The same input gives the same bytes on every runtime.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { exportMmdb, importMmdb } from 'ipverdict/formats/mmdb';
 *
 * const policy = createPolicy({ deny: '192.0.2.0/24 # Abuse', exempt: '192.0.2.7' });
 * const { bytes, losses } = exportMmdb(policy, { description: 'Who gets in' });
 * losses.length; // 0
 * const { entries } = importMmdb(bytes, { select: { verdict: 'deny' }, note: 'note' });
 * entries[0]; // { address: '192.0.2.0/30', line: 4, value: { verdict: 'deny', note: 'Abuse' }, note: 'Abuse' }
 * ```
 */
export function exportMmdb(
  source: Policy | Iterable<readonly [entry: string | Prefix, value: MmdbValue]>,
  options?: ExportMmdbOptions,
): ExportedMmdb {
  const values = requireOptions(options, kinds);
  const { listedOnly = false, notes = true } = values;
  // That of a live policy may be another a moment later.
  const policy = currentOf(source);
  const lists = listsOf(policy);
  const labelled =
    lists === undefined ? labelPairs(policy) : labelPolicy(policy as Policy, lists, { listedOnly, notes });
  loseCompatible(labelled);
  const sixToFour = values.sixToFour ?? (lists === undefined && !ownSixToFour(labelled.runs.ipv6));
  loseSixToFour(labelled, sixToFour, lists !== undefined, values.sixToFour);
  const { nodes, ipv4 } = layOut(labelled, sixToFour);
  const { databaseType = 'ipverdict', description = 'IP networks', created } = values;
  // MaxMind's own library takes 0 for a file that says no time, and refuses it.
  const buildEpoch = Math.max(1, Math.floor((created === undefined ? 0 : timeOf(created)) / 1000));
  const bytes = encodeFile(nodes, ipv4, labelled.values, { databaseType, description, buildEpoch });
  if (bytes === undefined) {
    const message = 'the file would be larger than a MaxMind database can be';
    throw new ListError([problemOf('options', 'too-many-entries', message)]);
  }
  return Object.freeze({ bytes, losses: Object.freeze(labelled.losses) });
}

/** IPv6 addresses of `::/96` about which an entry says something, and which are looked up as IPv4. */
function loseCompatible({ runs, agree, nameOf, losses }: Labelled): void {
  for (const [label, word] of lookedUpAsIPv4(runs, agree)) {
    const [name, entry] = nameOf(label);
    const [address, ipv4] = [formatWords(6, [0, 0, 0, word]), formatWords(4, [word])];
    const message = `${name} does not count for IPv6 addresses in ::/96: ${address} is looked up as ${ipv4}`;
    losses.push(makeLoss('ipv4-compatible', message, entry));
  }
}

function loseSixToFour(
  { losses, runs }: Labelled,
  isAlias: boolean,
  isPolicy: boolean,
  given: boolean | undefined,
): void {
  if (!isAlias && !isPolicy && given === undefined) {
    const message =
      'entries in 2002::/16 are written, so 6to4 addresses do not have the records of the IPv4 addresses in them';
    losses.push(makeLoss('six-to-four', message));
  }
  if (isAlias && (isPolicy || ownSixToFour(runs.ipv6))) {
    const message =
      'addresses in 2002::/16 have the records of the IPv4 addresses in them, whatever is said about them as IPv6';
    losses.push(makeLoss('six-to-four', message));
  }
}
