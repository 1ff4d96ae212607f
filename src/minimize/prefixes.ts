/**
 * The smallest set of prefixes with the same meaning as a list.
 */

import type { EntrySource } from '../list/table.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { readSet } from '../set/reader.ts';
import { contentsOf } from '../space/set.ts';

/** The options of {@link minimize}. */
export interface MinimizeOptions {
  /** The most entries to read, 5,000,000 when not given; `Infinity` for no limit. */
  readonly maxEntries?: number | undefined;
}

/** Far above what anybody lists by hand; anything longer is treated as endless. */
const MAX_ENTRIES = 5_000_000;

/**
 * Returns the fewest prefixes that cover exactly the clients of some entries. Ranges are cut, named networks are replaced
 * by their prefixes, covered entries disappear, and neighbours join.
 *
 * A policy decides the same about every client with either list. Notes are not kept. The limit of 1,000 entries that
 * protects a policy does not apply here.
 *
 * @param entries - list text, or items, as for a list of `createPolicy`
 * @param options - the most entries to read
 * @returns prefixes in canonical text, single addresses bare, ascending, IPv4 before IPv6
 * @throws `ListError` with a problem for every bad line, whose `source` is `entries`
 * @remarks Linear, apart from sorting, in the text and in the prefixes that its ranges are cut into (up to 62 for an
 *   IPv4 range, 254 for IPv6). The IPv4-mapped block `::ffff:0:0/96` has no client: it is part of a larger prefix where
 *   that gives fewer prefixes, and left out everywhere else, as the text of the block means IPv4.
 * @example
 * ```ts
 * import { minimize } from 'ipverdict/list';
 *
 * minimize('10.0.0.0/9\n10.128.0.0/9 # Lab\n10.1.2.3'); // ['10.0.0.0/8']
 * minimize(['192.0.2.1-192.0.2.4', '@loopback']); // ['127.0.0.0/8', '192.0.2.1', '192.0.2.2/31', '192.0.2.4', '::1']
 * ```
 */
export function minimize(entries: EntrySource, options?: MinimizeOptions): string[] {
  const { maxEntries = MAX_ENTRIES } = requireOptions(options, { maxEntries: countOf('entries') });
  return [...contentsOf(readSet(entries, maxEntries)).prefixes];
}
