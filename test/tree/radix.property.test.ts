import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEntry } from '../../src/address/entry.ts';
import { scanned } from '../../src/address/scanner.ts';
import { ListIntervals } from '../../src/space/intervals.ts';
import { decideRuns, type Runs } from '../../src/space/runs.ts';
import { buildRadix } from '../../src/tree/build.ts';
import { type Layout, usualLayout } from '../../src/tree/layout.ts';
import type { Radix } from '../../src/tree/radix.ts';
import { goldenAddress, goldenText } from '../golden/address.ts';
import { type GoldenEntry, goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText, numbered } from '../support/arbitraries.ts';

const prefixText = entryText.filter((text) => !text.startsWith('@'));

/** Every width of either root, and every kind of branch: wherever it fits, and nowhere. */
const layouts: readonly Layout[] = Array.from({ length: 16 }, (_, index) => ({
  rootWidth: (_runs, family) => (family === 4 ? index + 1 : Math.min(13, index + 1)),
  runsOfHalf: index % 3 === 0 ? 1 : Number.POSITIVE_INFINITY,
  runsOfTwelve: index % 3 === 1 ? 1 : Number.POSITIVE_INFINITY,
  wordsOfWider: 2 ** 30,
}));

/** A tree whose labels are entry number + 1. */
function compile(lines: readonly string[], layout: Layout = usualLayout): Radix {
  const intervals = new ListIntervals();
  lines.forEach((line, index) => {
    expect(scanEntry(line, 0, line.length)).toBe(true);
    intervals.add(index, false);
  });
  const [ipv4, ipv6] = intervals.sort().map((family) => decideRuns(family, 0, (owner) => owner + 1));
  return buildRadix(ipv4 as Runs, ipv6 as Runs, layout);
}

function find(radix: Radix, family: 4 | 6, value: bigint): number {
  if (family === 4) return radix.find4(Number(value) | 0);
  scanned.set([96n, 64n, 32n, 0n].map((shift) => Number((value >> shift) & 0xffffffffn)));
  return radix.find6();
}

function goldenLabel(entries: readonly GoldenEntry[], family: 4 | 6, value: bigint): number {
  return (goldenCovering(entries, { family, value })[0] ?? -1) + 1;
}

/** The four edge addresses of every entry: first − 1, first, last, last + 1. */
function edges(entries: readonly GoldenEntry[]): (readonly [4 | 6, bigint])[] {
  return entries.flatMap(({ networks }) =>
    networks.flatMap(({ family, first, last }) => {
      const top = (1n << (family === 4 ? 32n : 128n)) - 1n;
      return [first - 1n, first, last, last + 1n]
        .filter((value) => value >= 0n && value <= top)
        .map((value) => [family, value] as const);
    }),
  );
}

function expectGolden(
  lines: readonly string[],
  extra: readonly (readonly [4 | 6, bigint])[] = [],
  layout: Layout = usualLayout,
): void {
  const radix = compile(lines, layout);
  const entries = goldenList(lines);
  for (const [family, value] of [...edges(entries), ...extra]) {
    const label = find(radix, family, value);
    if (label !== goldenLabel(entries, family, value)) {
      expect({ lines, address: goldenText(family, value), label }).toEqual({
        label: goldenLabel(entries, family, value),
      });
    }
  }
}

function expectGoldenInEveryLayout(lines: readonly string[]): void {
  for (const layout of layouts) expectGolden(lines, [], layout);
}

describe('the tree and a loop over the entries', () => {
  test('agree at the edges of every entry and elsewhere', () => {
    const probes = fc.array(
      numbered.map(({ family, value }) => [family, value] as const),
      { maxLength: 20 },
    );
    const lists = fc.array(prefixText, { maxLength: 40 });
    fc.assert(
      fc.property(lists, probes, (lines, extra) => expectGolden(lines, extra)),
      { numRuns: 1_000 },
    );
  });

  test('agree in every layout', () => {
    const probes = fc.array(
      numbered.map(({ family, value }) => [family, value] as const),
      { maxLength: 20 },
    );
    const lists = fc.array(prefixText, { maxLength: 20 });
    fc.assert(fc.property(lists, probes, fc.constantFrom(...layouts), expectGolden), { numRuns: 1_500 });
  });

  test('agree on both sides of global unicast, which has a root of its own', () => {
    expectGoldenInEveryLayout(['2000::/3', '1fff:ffff::/32', '4000::/16', '::1', 'ff00::/8']);
    expectGoldenInEveryLayout(['::/1', '2000::/4', '3fff:ffff::/32', '4000::']);
    expectGoldenInEveryLayout(['1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-2000::1', '3fff::-4000::5']);
    expectGoldenInEveryLayout(['::/0', '3000::/4', '2000::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff']);
  });

  test('agree for every prefix length of either family', () => {
    for (const [address, bits] of [
      ['203.0.113.77', 32],
      ['2001:db8:1234:5678:9abc:def0:1234:5678', 128],
    ] as const) {
      for (let length = 0; length <= bits; length++) expectGoldenInEveryLayout([`${address}/${length}`]);
    }
  });

  test('agree when all prefix lengths nest in one another', () => {
    for (const [address, bits] of [
      ['170.85.170.85', 32],
      ['aaaa:5555:aaaa:5555:aaaa:5555:aaaa:5555', 128],
    ] as const) {
      const lines = Array.from({ length: bits + 1 }, (_, length) => `${address}/${length}`);
      expectGoldenInEveryLayout(lines);
      expectGolden([...lines].reverse());
      expectGolden(lines.filter((_, length) => length % 7 === 0));
    }
  });

  test('agree for adjacent prefixes of different lengths', () => {
    // 10.0.0.0/32, .1/32, .2/31, .4/30 … fills a block from both ends, each entry touching the next.
    const rising = [
      '10.0.0.0/32',
      ...Array.from(
        { length: 20 },
        (_, step) => `${goldenText(4, (10n << 24n) + (1n << BigInt(step)))}/${32 - step}`,
      ),
    ];
    expectGoldenInEveryLayout(rising);
    expectGolden(rising.filter((_, index) => index % 2 === 0));
    const falling = Array.from(
      { length: 20 },
      (_, step) => `${goldenText(4, (11n << 24n) - (1n << BigInt(step + 1)))}/${32 - step}`,
    );
    expectGolden([...falling, ...rising]);
    const six = [
      '2001:db8::/128',
      ...Array.from(
        { length: 90 },
        (_, step) => `${goldenText(6, (0x20010db8n << 96n) + (1n << BigInt(step)))}/${128 - step}`,
      ),
    ];
    expectGoldenInEveryLayout(six);
  });

  test('agree for whole blocks of neighbours, at every width of the root', () => {
    for (const count of [1, 2, 3, 5, 16, 100, 700, 5_000, 40_000]) {
      const lines = Array.from({ length: count }, (_, index) => {
        const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
        return index % 3 === 0
          ? `2001:${(mixed >>> 16).toString(16)}:${(mixed & 0xffff).toString(16)}::/${32 + (index % 40)}`
          : `${goldenText(4, BigInt(mixed))}/${9 + (index % 24)}`;
      });
      const radix = compile(lines);
      const sample = lines.filter((_, index) => index % Math.ceil(count / 40) === 0);
      const entries = goldenList(lines);
      for (const [family, value] of edges(goldenList(sample))) {
        expect(find(radix, family, value)).toBe(goldenLabel(entries, family, value));
      }
    }
  });

  test('agree about ranges that overlap without nesting', () => {
    expectGolden([
      '10.0.0.0-10.0.0.129',
      '10.0.0.128/26',
      '10.0.0.5-10.0.0.134',
      '10.0.0.64/26',
      '10.0.0.0/24',
    ]);
    // The range is wider than the prefix inside it, although one of its pieces is longer.
    const entries = goldenList(['10.0.0.0-10.0.0.129', '10.0.0.128/26']);
    expect(goldenLabel(entries, 4, goldenAddress('10.0.0.129')?.value as bigint)).toBe(2);
    // Of two ranges of one size the first counts, whichever way they were cut.
    expectGolden(['10.0.0.0-10.0.0.9', '10.0.0.5-10.0.0.14']);
    expectGolden(['10.0.0.5-10.0.0.14', '10.0.0.0-10.0.0.9']);
    expectGolden(['10.0.0.128-10.0.1.127', '10.0.1.0/24', '10.0.0.0/24']);
    expectGolden(['10.0.1.0/24', '10.0.0.128-10.0.1.127']);
  });
});

describe('the array of the tree', () => {
  test('is the worked example of the file', () => {
    const radix = compile(['10.0.0.0/8', '10.1.2.0/24']);
    const reference = (offset: number, kind: number): number => ~((offset << 5) | kind);
    expect([...radix.data]).toEqual([
      reference(16, 16),
      ...Array(15).fill(0),
      reference(20, 16),
      0,
      24,
      0x0a000000,
      2,
      1,
      8,
      0x0a010200,
      0,
      0,
      0,
    ]);
    expect([radix.shift4, radix.root6, radix.shift6]).toEqual([28, 25, 31]);
  });

  test('stays within its budget for a fixed list of 20,000 networks', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => {
      const mixed = Math.imul(index + 1, 0x9e3779b1) >>> 0;
      return index % 4 === 0
        ? `2a${(mixed >>> 24).toString(16).padStart(2, '0')}:${((mixed >>> 8) & 0xffff).toString(16)}:${(mixed & 0xff).toString(16)}::/${32 + (index % 33)}`
        : `${goldenText(4, BigInt(mixed))}/${12 + (index % 13)}`;
    });
    const bytes = compile(lines).data.byteLength;
    expect(bytes).toBeLessThan(880_000);
    // A budget far above the size guards nothing.
    expect(bytes).toBeGreaterThan(800_000);
  });

  test('spends a root of one bit on a family without entries', () => {
    expect([...compile([]).data]).toEqual([0, 0, 0, 0, 0]);
  });

  test('shares the value of equal neighbours in a branch', () => {
    const pairs = Array.from({ length: 128 }, (_, index) => `10.0.0.${index * 2}/31`);
    const singles = Array.from({ length: 256 }, (_, index) => `10.0.0.${index}`);
    expect(compile(singles).data.length - compile(pairs).data.length).toBeGreaterThanOrEqual(128);
    expect(compile(['10.0.0.0/25', '10.0.0.128/25', '10.0.0.0/24']).data.length).toBeLessThan(60);
  });
});
