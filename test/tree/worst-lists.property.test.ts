/** What the largest trees cost: in words for each run, in bytes for each entry, and in steps of a walk. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEntry } from '../../src/address/entry.ts';
import { scanned } from '../../src/address/scanner.ts';
import { ListIntervals } from '../../src/space/intervals.ts';
import { decideRuns, type Runs } from '../../src/space/runs.ts';
import { buildRadix } from '../../src/tree/build.ts';
import { COMPARISON, HALF, type Radix, TWELVE } from '../../src/tree/radix.ts';
import { type HostileShape, hostileList, numbersFrom } from '../support/hostile-lists.ts';

/** The most bytes that both roots take. */
const BYTES_OF_ROOTS = 4 * (2 ** 16 + 2 ** 13 + 1);
/** The most words that a run adds to them. */
const WORDS_OF_RUN = { ipv4: 32, ipv6: 62 };
/** Where an edge begins among the values of a tree. */
const EDGE = 2 ** 30;

interface Built {
  readonly radix: Radix;
  readonly ipv4: Runs;
  readonly ipv6: Runs;
}

function build(lines: readonly string[], labelOf = (owner: number): number => owner + 1): Built {
  const intervals = new ListIntervals();
  lines.forEach((line, index) => {
    if (!scanEntry(line, 0, line.length)) throw new Error(line);
    intervals.add(index, false);
  });
  const [ipv4, ipv6] = intervals.sort().map((family) => decideRuns(family, 0, labelOf)) as [Runs, Runs];
  return { radix: buildRadix(ipv4, ipv6), ipv4, ipv6 };
}

/** Words beside the roots, and how many of them the runs may take. The first run of all takes none. */
function wordsBesideRoots({ radix, ipv4, ipv6 }: Built): [words: number, most: number] {
  const roots = 2 ** (32 - radix.shift4) + 2 ** (32 - radix.shift6) + 1;
  const most = WORDS_OF_RUN.ipv4 * (ipv4.count - 1) + WORDS_OF_RUN.ipv6 * ipv6.count;
  return [radix.data.length - roots, most];
}

/** Bits set in a word. */
function bitsIn(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** The values that a walk may read after this one. */
function valuesAfter(data: Int32Array, value: number): readonly number[] {
  if (value >= 0 && value < EDGE) return [];
  const kind = value < 0 ? ~value & 31 : COMPARISON;
  const node = value < 0 ? ~value >>> 5 : value - EDGE;
  if (kind === COMPARISON) return [data[node] as number, data[node + 1] as number];
  const header = kind < HALF ? 16 : kind < TWELVE ? 4096 : 256;
  let begun = 0;
  for (let pair = 0; pair < header; pair += 2) begun += bitsIn(data[node + pair] as number);
  return [...data.subarray(node + header, node + header + begun)];
}

/** The most values that a walk reads after this one. */
function stepsAfter(data: Int32Array, value: number): number {
  const values = valuesAfter(data, value);
  return values.length === 0 ? 0 : 1 + Math.max(...values.map((next) => stepsAfter(data, next)));
}

function hasEdge(data: Int32Array, value: number): boolean {
  return value >= EDGE || valuesAfter(data, value).some((next) => hasEdge(data, next));
}

/** The most steps of a walk, the root included, for each family. */
function stepsOf({ data, root6, shift4, shift6 }: Radix): [ipv4: number, ipv6: number] {
  const deepest = (from: number, to: number): number => {
    let most = 0;
    for (let at = from; at < to; at++) most = Math.max(most, stepsAfter(data, data[at] as number));
    return 1 + most;
  };
  return [deepest(0, 2 ** (32 - shift4)), deepest(root6 - 1, root6 + 2 ** (32 - shift6))];
}

/** The label of an address by binary search over the runs. */
function labelIn({ starts, labels, count }: Runs, address: readonly number[]): number {
  const width = address.length;
  const isAfter = (run: number): boolean => {
    for (let word = 0; word < width; word++) {
      const difference = ((starts[run * width + word] as number) >>> 0) - ((address[word] as number) >>> 0);
      if (difference !== 0) return difference > 0;
    }
    return false;
  };
  let [low, high] = [0, count];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isAfter(middle)) high = middle;
    else low = middle;
  }
  return labels[low] as number;
}

/** The address before another one that is not the first of all. */
function before(address: readonly number[]): number[] {
  const words = [...address];
  let word = words.length - 1;
  while (((words[word] as number) | 0) === 0) words[word--] = -1;
  words[word] = ((words[word] as number) - 1) | 0;
  return words;
}

/** Asks the tree and the runs about both sides of some starts of runs, and about what is close to them. */
function expectLabelsOfRuns(built: Built, probes: number): void {
  const random = numbersFrom(7);
  for (const [runs, width] of [
    [built.ipv4, 1],
    [built.ipv6, 4],
  ] as const) {
    const step = Math.max(1, Math.floor(runs.count / probes));
    for (let run = 0; run < runs.count; run += step) {
      const start = [...runs.starts.subarray(run * width, (run + 1) * width)];
      const near = start.map((word) => word ^ (random() & random() & random()));
      const flipped = start.map((word, at) =>
        at === random() % width ? word ^ (1 << (random() % 32)) : word,
      );
      const addresses = [start, near, flipped, ...(run === 0 ? [] : [before(start)])];
      for (const address of addresses) {
        scanned.set(address);
        const label = width === 1 ? built.radix.find4(address[0] as number) : built.radix.find6();
        if (label !== labelIn(runs, address)) {
          expect({ address, label }).toEqual({ address, label: labelIn(runs, address) });
        }
      }
    }
  }
}

const shape = (
  family: 4 | 6,
  kind: HostileShape['kind'],
  values: readonly number[],
  rest: Partial<HostileShape> = {},
): HostileShape => ({ family, isGlobal: true, kind, values, depth: 1, from: 14, seed: 5, ...rest });

const all = (bytes: number): number[] => Array(bytes).fill(256);

/** What a search over shapes has found, for the layout of today and for those before it. */
const worst: Record<string, HostileShape> = {
  'single ranges of IPv4': shape(4, 'ranges', all(4)),
  'narrow ranges of IPv4': shape(4, 'narrow', [256, 256, 1, 5], { from: 2 }),
  'single ranges of IPv6': shape(6, 'ranges', all(16)),
  'ranges of IPv6 whose ends share bytes': shape(
    6,
    'ranges',
    [256, 256, 64, 64, 2, 2, 2, 2, 256, 2, 5, 32, 32, 2, 8, 2],
  ),
  'ranges outside global unicast': shape(6, 'ranges', all(16), { isGlobal: false }),
  'narrow ranges that share bytes': shape(6, 'narrow', [3, 1, 1, 3, 8, 2, 2, 2, 2, 2, 2, 64, 64, 32, 8, 8], {
    from: 13,
  }),
  'narrow ranges outside global unicast': shape(
    6,
    'narrow',
    [1, 1, 5, 2, 3, 5, 2, 2, 2, 2, 1, 3, 256, 3, 256, 2],
    { isGlobal: false },
  ),
  'narrow ranges in the last byte': shape(6, 'narrow', [3, 1, 1, 3, 3, 2, 2, 1, 2, 2, 2, 2, 3, 16, 2, 2], {
    isGlobal: false,
    from: 15,
  }),
  'narrow ranges in the last byte, spread out': shape(
    6,
    'narrow',
    [2, 64, 3, 3, 5, 2, 32, 5, 3, 2, 5, 8, 1, 256, 2, 32],
    { isGlobal: false, from: 15 },
  ),
  'nested ranges': shape(6, 'nested', [8, 3, 4, 2, 2, 1, 5, 1, 2, 1, 2, 1, 2, 2, 64, 32], { depth: 64 }),
  'single addresses that share bytes': shape(
    6,
    'hosts',
    [1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 16, 256, 256, 256],
  ),
  'all addresses in one /64': shape(6, 'hosts', [...Array(8).fill(1), ...all(8)]),
};

describe.each(Object.entries(worst))('the tree of %s', (_, worstShape) => {
  test.each([1_001, 3_000, 10_000, 100_000])('has at most 512 bytes for each of %i entries', (size) => {
    const built = build(hostileList(worstShape, size));
    const [words, most] = wordsBesideRoots(built);
    expect(words).toBeLessThanOrEqual(most);
    expect(built.radix.data.byteLength).toBeLessThanOrEqual(512 * size);
    expectLabelsOfRuns(built, 2_000);
    if (size > 10_000) return;
    const [steps4, steps6] = stepsOf(built.radix);
    expect(steps4).toBeLessThanOrEqual(5);
    expect(steps6).toBeLessThanOrEqual(17);
  });
});

describe('addresses that leave a crowd one by one', () => {
  /** In each half word after the first, one address leaves; enough for the widest field stay together to the last one. */
  const comb = (groups: number): string[] =>
    Array.from({ length: groups * 262 }, (_, index) => {
      const [group, member] = [Math.floor(index / 262), index % 262];
      const halves = Array.from({ length: 8 }, (_half, at) =>
        at === 0 ? 0x2400 + group : 0x3031 + at * 0x1525,
      );
      if (member < 6) halves[member + 1] = (halves[member + 1] as number) ^ 0x4000;
      else halves[7] = member * 249;
      return halves.map((half) => half.toString(16)).join(':');
    });

  test.each([4, 40, 381])('share no more than two and a half wide fields (%i crowds)', (groups) => {
    const lines = comb(groups);
    const built = build(lines);
    const [words, most] = wordsBesideRoots(built);
    expect(words).toBeLessThanOrEqual(most);
    // A wide field in each half word takes half as much again as this.
    expect(built.radix.data.byteLength).toBeLessThanOrEqual(320 * lines.length);
    expectLabelsOfRuns(built, 2_000);
  });
});

describe('a list of both families, some of it IPv4-mapped', () => {
  test.each([1_001, 10_000])('has at most 512 bytes for each of %i entries', (size) => {
    const [four, six] = [worst['single ranges of IPv4'], worst['nested ranges']] as [
      HostileShape,
      HostileShape,
    ];
    // Just enough of IPv4 for its widest root; the rest needs the most for each entry.
    const inFour = hostileList(four, 260).map((line, index) =>
      index % 2 === 0 ? line : line.replaceAll(/[0-9.]+/g, (address) => `::ffff:${address}`),
    );
    const built = build([...inFour, ...hostileList(six, size - inFour.length)]);
    const [words, most] = wordsBesideRoots(built);
    expect(words).toBeLessThanOrEqual(most);
    // The roots take what a thousand entries may take; the others share the rest.
    expect(built.radix.data.byteLength).toBeLessThanOrEqual(BYTES_OF_ROOTS + 512 * (size - 260));
    expectLabelsOfRuns(built, 2_000);
  });
});

describe('the tree of any list', () => {
  const values = (bytes: number): fc.Arbitrary<number[]> =>
    fc.array(fc.constantFrom(1, 1, 2, 2, 3, 4, 8, 16, 64, 256), { minLength: bytes, maxLength: bytes });
  const shapes = fc.constantFrom<4 | 6>(4, 6, 6, 6).chain((family) =>
    fc.record<HostileShape>({
      family: fc.constant(family),
      isGlobal: fc.boolean(),
      kind: fc.constantFrom('hosts', 'ranges', 'nested', 'narrow'),
      values: values(family === 4 ? 4 : 16),
      depth: fc.constantFrom(1, 2, 3, 8, 64),
      from: fc.integer({ min: 1, max: family === 4 ? 3 : 15 }),
      seed: fc.nat(),
    }),
  );
  const sizes = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 60 }) },
    fc.constantFrom(300, 1_500),
  );

  test('has at most 32 words for a run of IPv4, 62 for one of IPv6, and as many steps as bytes', () => {
    // Labels that repeat, as in a set, are other runs: prefixes join into ranges.
    const labels = fc.constantFrom(
      (owner: number) => owner + 1,
      () => 1,
      (owner: number) => 1 + (owner % 2),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(shapes, sizes), { minLength: 1, maxLength: 3 }),
        labels,
        (parts, labelOf) => {
          const built = build(
            parts.flatMap(([part, size]) => hostileList(part, size)),
            labelOf,
          );
          const [words, most] = wordsBesideRoots(built);
          expect(words).toBeLessThanOrEqual(most);
          const [steps4, steps6] = stepsOf(built.radix);
          expect(steps4).toBeLessThanOrEqual(5);
          expect(steps6).toBeLessThanOrEqual(17);
          expectLabelsOfRuns(built, 200);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('has no edges when all entries are prefixes, which are compared and divided alone', () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 128 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 120 }), lengths, (hosts, size, cycle) => {
        const bits = hosts.family === 4 ? 32 : 128;
        const lines = hostileList({ ...hosts, kind: 'hosts' }, size).map(
          (address, at) => `${address}/${(cycle[at % cycle.length] as number) % (bits + 1)}`,
        );
        const { radix } = build(lines);
        const roots = [
          ...radix.data.subarray(0, 2 ** (32 - radix.shift4)),
          ...radix.data.subarray(radix.root6 - 1),
        ];
        const inRoots = roots.slice(0, 2 ** (32 - radix.shift4) + 1 + 2 ** (32 - radix.shift6));
        expect(inRoots.some((value) => hasEdge(radix.data, value))).toBe(false);
      }),
      { numRuns: 1_500 },
    );
  });
});
