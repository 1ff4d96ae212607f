/**
 * The smallest set of prefixes that says the same as a list.
 */

import { readList } from '../list/reader.ts';
import type { EntrySource } from '../list/table.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { eachPrefixOf, formatNetwork } from '../space/prefixes.ts';
import { type NetworkColumns, Networks, relabel } from '../space/runs.ts';

/** How {@link minimize} reads. */
export interface MinimizeOptions {
  /** The most entries that are read, 5,000,000 when not given; `Infinity` for no limit. */
  readonly maxEntries?: number | undefined;
}

/** Far above what anybody lists by hand; what goes on after it is treated as endless. */
const MAX_ENTRIES = 5_000_000;

const INSIDE = 1;

/** Length of the prefix of the IPv4-mapped block, `::ffff:0:0/96`. */
const MAPPED_LENGTH = 96;

/**
 * Gives the fewest prefixes that cover exactly the addresses of some entries. Ranges are cut, named networks are
 * replaced by what they stand for, what is covered goes, and neighbours join.
 *
 * A policy decides about every client alike with either list. Notes are not kept. The limit of 1,000 entries that guards
 * a policy does not hold here.
 *
 * @param entries - text of many lines, or items, as for a list of `createPolicy`
 * @param options - the most entries that are read
 * @returns prefixes in canonical text, a single address bare, IPv4 before IPv6, ascending
 * @throws `ListError` with a problem for every bad line, whose `source` is `entries`
 * @remarks Linear in the text and in the prefixes that its ranges are cut into (up to 62 for an IPv4 range, 254 for
 *   IPv6), but for sorting. A part of a range that is `::ffff:0:0/96` and cannot be joined with its neighbours is left
 *   out: as an entry that text would mean IPv4, and no client has an address there.
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
  const networks = new Networks();
  const { errors, cause } = readList(entries, {
    list: 'deny',
    maxEntries,
    lines: undefined,
    onNetwork: (index, isPartOfName) => networks.add(index, isPartOfName),
  });
  if (errors.length > 0) throw new ListError(errors.map(toOwnProblem), { cause });
  return [...prefixesOf(networks.ipv4), ...prefixesOf(networks.ipv6)];
}

function prefixesOf(columns: NetworkColumns): string[] {
  const { family } = columns;
  const prefixes: string[] = [];
  const union = relabel(family, columns.nest(0).runs, () => INSIDE);
  eachPrefixOf(family, union, (_, words, length) => {
    if (family === 4 || length < MAPPED_LENGTH || !isMapped(words)) {
      prefixes.push(formatNetwork(family, words, length));
    }
  });
  return prefixes;
}

function isMapped(words: Int32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** The list has no type here, so its problems are in the entries. */
function toOwnProblem(problem: Problem): Problem {
  return Object.freeze({ ...problem, source: 'entries' });
}
