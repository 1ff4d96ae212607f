/**
 * Data: the special-purpose networks of the IANA registries (RFC 6890, RFC 8190; as of October 2024, and RFC 9780), the
 * multicast networks and those that the registry of the IPv6 address space calls deprecated, and whether an entry lies
 * in networks that no packet from the Internet comes from.
 *
 * The most specific row counts: 192.0.0.9 is reachable although 192.0.0.0/24 around it is not. Rows that the registry
 * does not decide (Teredo, 6to4 and the like) count as reachable, so that a warning is certain. The IPv4-mapped block
 * has no row, because an entry in it is the IPv4 entry.
 */

import { scanEntry, span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import { compareAt, compareWords } from '../address/words.ts';
import { ListIntervals } from '../space/intervals.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import { decideRuns, type Runs } from '../space/runs.ts';

/** A network set aside for a special purpose. */
export interface SpecialPurposeNetwork {
  /** Canonical text. */
  readonly prefix: string;
  /** What it is for, as the registry calls it. */
  readonly name: string;
  /** The document that sets it aside. */
  readonly rfc: string;
  /** Whether packets may come from it over the Internet. */
  readonly isReachable: boolean;
}

const row = (prefix: string, name: string, rfc: string, isReachable = false): SpecialPurposeNetwork =>
  Object.freeze({ prefix, name, rfc, isReachable });

/** The rows by family and address. Frozen. */
export const specialPurposeNetworks: readonly SpecialPurposeNetwork[] = /* @__PURE__ */ Object.freeze([
  row('0.0.0.0/8', 'this network', 'RFC 791 §3.2'),
  row('0.0.0.0', 'this host on this network', 'RFC 1122 §3.2.1.3'),
  row('10.0.0.0/8', 'private use', 'RFC 1918 §3'),
  row('100.64.0.0/10', 'shared address space', 'RFC 6598 §7'),
  row('127.0.0.0/8', 'loopback', 'RFC 1122 §3.2.1.3'),
  row('169.254.0.0/16', 'link-local', 'RFC 3927 §2.1'),
  row('172.16.0.0/12', 'private use', 'RFC 1918 §3'),
  row('192.0.0.0/24', 'IETF protocol assignments', 'RFC 6890 §2.1'),
  row('192.0.0.0/29', 'IPv4 service continuity', 'RFC 7335'),
  row('192.0.0.8', 'IPv4 dummy address', 'RFC 7600'),
  row('192.0.0.9', 'Port Control Protocol anycast', 'RFC 7723', true),
  row('192.0.0.10', 'TURN anycast', 'RFC 8155', true),
  row('192.0.0.170/31', 'NAT64/DNS64 discovery', 'RFC 8880, RFC 7050 §2.2'),
  row('192.0.2.0/24', 'documentation', 'RFC 5737 §3'),
  row('192.31.196.0/24', 'AS112-v4', 'RFC 7535', true),
  row('192.52.193.0/24', 'AMT', 'RFC 7450', true),
  row('192.88.99.0/24', '6to4 relay anycast, deprecated', 'RFC 7526', true),
  row('192.88.99.2', '6a44 relay anycast', 'RFC 6751'),
  row('192.168.0.0/16', 'private use', 'RFC 1918 §3'),
  row('192.175.48.0/24', 'direct delegation AS112 service', 'RFC 7534', true),
  row('198.18.0.0/15', 'benchmarking', 'RFC 2544'),
  row('198.51.100.0/24', 'documentation', 'RFC 5737 §3'),
  row('203.0.113.0/24', 'documentation', 'RFC 5737 §3'),
  row('224.0.0.0/4', 'multicast, never a source', 'RFC 5771 §3, RFC 1122 §3.2.1.3'),
  row('240.0.0.0/4', 'reserved', 'RFC 1112 §4'),
  row('255.255.255.255', 'limited broadcast', 'RFC 8190, RFC 919 §7'),
  row('::', 'unspecified address', 'RFC 4291 §2.5.2'),
  row('::1', 'loopback', 'RFC 4291 §2.5.3'),
  row('64:ff9b::/96', 'IPv4-IPv6 translation', 'RFC 6052', true),
  row('64:ff9b:1::/48', 'local-use IPv4-IPv6 translation', 'RFC 8215'),
  row('100::/64', 'discard-only', 'RFC 6666'),
  row('100:0:0:1::/64', 'dummy prefix', 'RFC 9780'),
  row('200::/7', 'NSAP-mapped, deprecated', 'RFC 4048'),
  row('2001::/23', 'IETF protocol assignments', 'RFC 2928'),
  row('2001::/32', 'Teredo', 'RFC 4380, RFC 8190', true),
  row('2001:1::1', 'Port Control Protocol anycast', 'RFC 7723', true),
  row('2001:1::2', 'TURN anycast', 'RFC 8155', true),
  row('2001:1::3', 'DNS-SD service registration anycast', 'RFC 9665', true),
  row('2001:2::/48', 'benchmarking', 'RFC 5180'),
  row('2001:3::/32', 'AMT', 'RFC 7450', true),
  row('2001:4:112::/48', 'AS112-v6', 'RFC 7535', true),
  row('2001:10::/28', 'ORCHID, deprecated', 'RFC 4843', true),
  row('2001:20::/28', 'ORCHIDv2', 'RFC 7343', true),
  row('2001:30::/28', 'drone remote ID', 'RFC 9374', true),
  row('2001:db8::/32', 'documentation', 'RFC 3849'),
  row('2002::/16', '6to4', 'RFC 3056', true),
  row('2620:4f:8000::/48', 'direct delegation AS112 service', 'RFC 7534', true),
  row('3fff::/20', 'documentation', 'RFC 9637'),
  row('5f00::/16', 'segment routing (SRv6) identifiers', 'RFC 9602'),
  row('fc00::/7', 'unique local', 'RFC 4193 §3.1'),
  row('fe80::/10', 'link-local unicast', 'RFC 4291 §2.5.6'),
  row('fec0::/10', 'site-local, deprecated', 'RFC 3879 §4'),
  row('ff00::/8', 'multicast, never a source', 'RFC 4291 §2.7'),
]);

/** The address space by its most specific row: labels are positions in the table, from 1. */
interface Registry {
  readonly ipv4: Runs;
  readonly ipv6: Runs;
  /** First and last addresses of the rows. */
  readonly rows: readonly {
    readonly family: Family;
    readonly first: Int32Array;
    readonly last: Int32Array;
  }[];
}

/** Compiled on first use, and never changed. */
const memo: { registry?: Registry } = {};

function compileRegistry(): Registry {
  const intervals = new ListIntervals();
  const rows = specialPurposeNetworks.map(({ prefix }, index) => {
    scanEntry(prefix, 0, prefix.length);
    intervals.add(index, false);
    return { family: span.family, first: span.first.slice(), last: span.last.slice() };
  });
  const [ipv4, ipv6] = intervals.sort().map((family) => decideRuns(family, 0, (row) => row + 1)) as [
    Runs,
    Runs,
  ];
  return { ipv4, ipv6, rows };
}

/** Whether packets may come from a run with this label: 0 stands for what is in no network of the table. */
function isReachable(label: number): boolean {
  return label === 0 || specialPurposeNetworks[label - 1]?.isReachable !== false;
}

/**
 * The row that names a range of addresses none of which can arrive over the Internet: the most specific row around the
 * whole range, or else the one at its start. `undefined` when some of the addresses can arrive.
 *
 * @param family - family of the addresses
 * @param first - words of the first address
 * @param last - words of the last address
 */
export function findUnreachable(
  family: Family,
  first: Int32Array,
  last: Int32Array,
): SpecialPurposeNetwork | undefined {
  memo.registry ??= compileRegistry();
  const { registry } = memo;
  const { count, starts, labels } = family === 4 ? registry.ipv4 : registry.ipv6;
  const width = wordsOf(family);
  // The first run starts at the first address, so one of them starts at or before this one.
  const from = lastAtOrBefore(starts, count, first, 0, width);
  for (let run = from; run < count && compareAt(starts, run, last, 0, width) <= 0; run++) {
    if (isReachable(labels[run] as number)) return undefined;
  }
  // Rows inside another follow it, so the last one around the whole range is the most specific.
  let around = specialPurposeNetworks[(labels[from] as number) - 1];
  registry.rows.forEach((row, index) => {
    if (row.family !== family || compareWords(row.first, first, width) > 0) return;
    if (compareWords(last, row.last, width) <= 0) around = specialPurposeNetworks[index];
  });
  return around;
}

/**
 * The rows that a range of addresses reaches into, of those that no packet from the Internet comes from. Rows inside
 * another one are left out: a single address of a network that can be reached is not worth a warning.
 *
 * @param isMeant - whether the addresses from the first to the last one count: those of a row that are in the range
 */
export function findUnreachableParts(
  family: Family,
  first: Int32Array,
  last: Int32Array,
  isMeant: (first: Int32Array, last: Int32Array) => boolean,
): readonly SpecialPurposeNetwork[] {
  memo.registry ??= compileRegistry();
  const { registry } = memo;
  const { count, starts, labels } = family === 4 ? registry.ipv4 : registry.ipv6;
  const width = wordsOf(family);
  let run = lastAtOrBefore(starts, count, first, 0, width);
  const isIn = (): boolean => run < count && compareAt(starts, run, last, 0, width) <= 0;
  while (isIn() && isReachable(labels[run] as number)) run++;
  if (!isIn()) return [];
  const found: SpecialPurposeNetwork[] = [];
  let around: Int32Array | undefined;
  registry.rows.forEach((row, index) => {
    if (row.family !== family) return;
    // Rows inside another follow it.
    if (around !== undefined && compareWords(row.last, around, width) <= 0) return;
    around = row.last;
    const network = specialPurposeNetworks[index] as SpecialPurposeNetwork;
    const from = compareWords(first, row.first, width) > 0 ? first : row.first;
    const to = compareWords(last, row.last, width) < 0 ? last : row.last;
    if (!network.isReachable && compareWords(from, to, width) <= 0 && isMeant(from, to)) found.push(network);
  });
  return found;
}
