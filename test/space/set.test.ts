import { describe, expect, test } from 'vitest';
import { createPolicy } from '../../src/public/index.ts';
import { comparePolicies, minimize } from '../../src/public/list.ts';
import { AddressSet } from '../../src/public/set.ts';
import { goldenAddress, goldenText } from '../golden/address.ts';
import { PrefixMap } from '../golden/prefix-map.ts';
import { hasRealData, readColumn } from '../support/real-lists.ts';

/** Large lists against a variant of themselves: a full Internet table where it is there, and a seeded one in any case. */

const INTERNET = 'internet-prefixes.txt.gz';
const noLimit = { maxEntries: Number.POSITIVE_INFINITY };

/** Seeded, so that a failure can be repeated (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Prefixes that nest and touch, most of them /24 and /48, as in a routing table. */
function makeTable(count: number): string[] {
  const below = random(count);
  const lines = new Set<string>();
  while (lines.size < count) {
    if (below(6) > 0) {
      const length = below(3) > 0 ? 24 : 12 + below(20);
      const value = BigInt(below(2 ** 20)) << 12n;
      const host = BigInt(32 - length);
      lines.add(`${goldenText(4, (value >> host) << host)}/${length}`);
    } else {
      const length = below(2) > 0 ? 48 : 28 + below(36);
      const value = (0x2001n << 112n) | (BigInt(below(2 ** 24)) << 72n);
      const host = BigInt(128 - length);
      lines.add(`${goldenText(6, (value >> host) << host)}/${length}`);
    }
  }
  return [...lines];
}

interface Stretch {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

function stretchOf(text: string): Stretch {
  const [address, length] = text.split('/') as [string, string?];
  const { family, value } = goldenAddress(address) as { family: 4 | 6; value: bigint };
  const bits = family === 4 ? 32 : 128;
  return { family, first: value, last: value + (1n << BigInt(bits - Number(length ?? bits))) - 1n };
}

/** Ascending, disjoint, counted right, and no two of them halves of one prefix. */
function expectSound({ prefixes, ipv4Count, ipv6Count }: AddressSet): void {
  const counts = { 4: 0n, 6: 0n };
  const wrong: string[] = [];
  let previous: Stretch | undefined;
  for (const text of prefixes) {
    const stretch = stretchOf(text);
    const { family, first, last } = stretch;
    const size = last - first + 1n;
    counts[family] += size;
    if (previous?.family === family) {
      if (first <= previous.last) wrong.push(text);
      const isHalf = previous.last + 1n === first && previous.last - previous.first === last - first;
      if (isHalf && first % (size * 2n) !== 0n) wrong.push(text);
    } else if (previous !== undefined && family === 4) wrong.push(text);
    previous = stretch;
  }
  expect(wrong).toEqual([]);
  expect([ipv4Count, ipv6Count]).toEqual([counts[4], counts[6]]);
}

function expectRightAbout(lines: readonly string[]): void {
  const variant = lines.filter((_, index) => index % 97 !== 0).reverse();
  variant.push('10.0.0.0/8', '0.0.0.0/6', '2001:db8::/33');
  const before = createPolicy({ deny: lines }, noLimit);
  const after = createPolicy({ deny: variant, exempt: '9.0.0.0-9.255.255.7' }, noLimit);
  const { allowed, denied } = comparePolicies(before, after);
  expectSound(allowed);
  expectSound(denied);
  expect(allowed.prefixes.length).toBeGreaterThan(100);
  // At the edges of what changes, and anywhere: the two policies, asked one client at a time, say the same.
  const maps = { allow: new PrefixMap(allowed.prefixes), deny: new PrefixMap(denied.prefixes) };
  const below = random(lines.length);
  const wrong: unknown[] = [];
  const probe = (family: 4 | 6, value: bigint): void => {
    if (value < 0n || value >= 1n << (family === 4 ? 32n : 128n)) return;
    const client = goldenText(family, value);
    const was = before.decide(client).verdict;
    const is = after.decide(client).verdict;
    const found = [maps.allow.find({ family, value }) >= 0, maps.deny.find({ family, value }) >= 0];
    if (found[0] !== (was !== is && is === 'allow') || found[1] !== (was !== is && is === 'deny')) {
      wrong.push({ client, was, is, found });
    }
  };
  const pick = (texts: readonly string[]): Stretch => stretchOf(texts[below(texts.length)] as string);
  for (let count = 0; count < 2_000; count++) {
    for (const { family, first, last } of [pick(allowed.prefixes), pick(denied.prefixes), pick(lines)]) {
      for (const value of [first - 1n, first, last, last + 1n]) probe(family, value);
    }
    probe(4, BigInt(below(2 ** 32)));
  }
  expect(wrong).toEqual([]);

  // The other type answers for everybody the other way round, but for the exemptions there are none of here.
  const turned = comparePolicies(before, createPolicy({ allow: lines }, noLimit));
  expect(turned.allowed.prefixes).toEqual(minimize(lines));
  expect(turned.allowed.ipv4Count + turned.denied.ipv4Count).toBe(2n ** 32n);
  expect(turned.allowed.ipv6Count + turned.denied.ipv6Count).toBe(2n ** 128n);
  expectSound(turned.allowed);
  expectSound(turned.denied);
}

/** The operations on two large sets, held against each other, against their counts, and against policies. */
function expectAlgebraOf(lines: readonly string[]): void {
  const variant = lines.filter((_, index) => index % 97 !== 0);
  variant.push('9.0.0.0-9.255.255.7', '2001:db8::/33');
  const [one, two] = [AddressSet.of(lines), AddressSet.of(variant)];
  const [either, both, left] = [one.union(two), one.intersect(two), one.subtract(two)];
  for (const set of [either, both, left, one.complement()]) {
    expectSound(set);
    expect(set.prefixes.length).toBeGreaterThan(100);
    expect(AddressSet.of(set.ranges).equals(set)).toBe(true);
  }
  expect(either.ipv4Count + both.ipv4Count).toBe(one.ipv4Count + two.ipv4Count);
  expect(either.ipv6Count + both.ipv6Count).toBe(one.ipv6Count + two.ipv6Count);
  expect(left.ipv4Count + both.ipv4Count).toBe(one.ipv4Count);
  expect(either.complement().equals(one.complement().intersect(two.complement()))).toBe(true);
  const policy = createPolicy({ deny: lines, exempt: both }, noLimit);
  expect(AddressSet.allowedBy(policy).equals(left.complement())).toBe(true);
  // A part of each list for each of many sets.
  const parts: string[][] = Array.from({ length: 100 }, () => []);
  lines.forEach((line, index) => void parts[index % 100]?.push(line));
  expect(AddressSet.empty.union(...parts.map(AddressSet.of)).equals(one)).toBe(true);
  const wrong = one.prefixes.filter((prefix) => !one.has(prefix.split('/')[0] as string));
  expect(wrong).toEqual([]);
}

describe('a large list against a variant of itself', () => {
  test('seeded', () => expectRightAbout(makeTable(60_000)));
  test('seeded, as sets', () => expectAlgebraOf(makeTable(60_000)));

  const isHere = hasRealData(INTERNET);
  const name = isHere ? INTERNET : `${INTERNET} (skipped: not in the folder that IPVERDICT_DATA names)`;
  test.skipIf(!isHere)(name, () => expectRightAbout(readColumn(INTERNET)));
  test.skipIf(!isHere)(`${name}, as sets`, () => expectAlgebraOf(readColumn(INTERNET)));
});
