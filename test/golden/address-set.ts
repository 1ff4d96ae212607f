/**
 * The slow, readable twins of the address sets: the whole space is cut at every edge of every entry, one address of each
 * piece is asked, and prefixes are found by halving the space until a half is all inside or all outside.
 */

import { goldenText } from './address.ts';
import { type GoldenEntry, type GoldenPolicy, goldenCovering } from './policy.ts';

export type Family = 4 | 6;

export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

export const spaceOf = (family: Family): bigint => 1n << (family === 4 ? 32n : 128n);

/** The verdict about an address, which may be an IPv6 one that no client has. */
export function goldenVerdict(policy: GoldenPolicy, family: Family, value: bigint): 'allow' | 'deny' {
  const address = { family, value };
  if (goldenCovering(policy.exempt, address).length > 0) return 'allow';
  if (policy.entries.length === 0) return policy.whenEmpty;
  const isListed = goldenCovering(policy.entries, address).length > 0;
  return isListed === (policy.mode === 'allow') ? 'allow' : 'deny';
}

/** The addresses of a family that pass a test which changes at edges of entries only. */
export function goldenSet(
  family: Family,
  entries: readonly GoldenEntry[],
  isInside: (value: bigint) => boolean,
): Interval[] {
  const edges = new Set([0n, spaceOf(family)]);
  for (const network of entries.flatMap(({ networks }) => networks)) {
    if (network.family === family) edges.add(network.first).add(network.last + 1n);
  }
  const sorted = [...edges].sort((left, right) => (left < right ? -1 : 1));
  const intervals: Interval[] = [];
  for (let index = 0; index + 1 < sorted.length; index++) {
    const first = sorted[index] as bigint;
    if (isInside(first)) intervals.push({ first, last: (sorted[index + 1] as bigint) - 1n });
  }
  return intervals;
}

export function goldenSize(intervals: readonly Interval[]): bigint {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** The fewest prefixes of a set, ascending. */
export function goldenPrefixes(family: Family, intervals: readonly Interval[]): string[] {
  const bits = family === 4 ? 32 : 128;
  const halve = (first: bigint, length: number): string[] => {
    const size = 1n << BigInt(bits - length);
    const inside = intervals.filter((interval) => interval.first < first + size && interval.last >= first);
    if (inside.length === 0) return [];
    const covered = inside.reduce((sum, interval) => {
      const from = interval.first > first ? interval.first : first;
      const to = interval.last < first + size - 1n ? interval.last : first + size - 1n;
      return sum + to - from + 1n;
    }, 0n);
    const text = goldenText(family, first);
    if (covered === size) return [length === bits ? text : `${text}/${length}`];
    return [...halve(first, length + 1), ...halve(first + size / 2n, length + 1)];
  };
  return halve(0n, 0);
}

/** The IPv4-mapped block, where no client is. */
export const mappedBlock: Interval = { first: 0xffffn << 32n, last: (0x10000n << 32n) - 1n };

/** IPv6 addresses without the IPv4-mapped block. */
function withoutBlock(intervals: readonly Interval[]): Interval[] {
  return intervals
    .flatMap(({ first, last }) => [
      { first, last: last < mappedBlock.first ? last : mappedBlock.first - 1n },
      { first: first > mappedBlock.last ? first : mappedBlock.last + 1n, last },
    ])
    .filter(({ first, last }) => first <= last);
}

/**
 * A set of clients, written with the whole of the IPv4-mapped block if that gives fewer prefixes, else without it: both
 * are tried.
 */
export function goldenClients(family: Family, intervals: readonly Interval[]): Interval[] {
  if (family === 4) return [...intervals];
  const without = withoutBlock(intervals);
  const including = [...without, mappedBlock];
  const isShorter = goldenPrefixes(6, including).length < goldenPrefixes(6, without).length;
  return isShorter ? including : without;
}

/** The longest stretches of a set of clients, as entry text; a range does not end in the IPv4-mapped block. */
export function goldenRanges(family: Family, clients: readonly Interval[]): string[] {
  const stretches: { first: bigint; last: bigint }[] = [];
  for (const { first, last } of [...clients].sort((left, right) => (left.first < right.first ? -1 : 1))) {
    const before = stretches.at(-1);
    if (before !== undefined && before.last + 1n === first) before.last = last;
    else stretches.push({ first, last });
  }
  return stretches.map((stretch) => {
    const prefixes = goldenPrefixes(family, [stretch]);
    if (prefixes.length === 1) return prefixes[0] as string;
    const endsWithBlock = family === 6 && stretch.last === mappedBlock.last;
    const last = endsWithBlock ? mappedBlock.first - 1n : stretch.last;
    return `${goldenText(family, stretch.first)}-${goldenText(family, last)}`;
  });
}
