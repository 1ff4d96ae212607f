/** Trees that came from elsewhere: whether they are trees, a bounded walk in them, and the way back to runs. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEntry } from '../../src/address/entry.ts';
import { scanned } from '../../src/address/scanner.ts';
import { decrement, increment } from '../../src/address/words.ts';
import { ListIntervals } from '../../src/space/intervals.ts';
import { lastAtOrBefore } from '../../src/space/locate.ts';
import { decideRuns, type Runs } from '../../src/space/runs.ts';
import { BoundedRadix } from '../../src/tree/bounded.ts';
import { buildRadix } from '../../src/tree/build.ts';
import { NO_ADDRESS } from '../../src/tree/find.ts';
import { type Layout, usualLayout } from '../../src/tree/layout.ts';
import { COMPARISON, edgeReference, Radix, reference } from '../../src/tree/radix.ts';
import { countBits, isTree } from '../../src/tree/shape.ts';
import { unfold } from '../../src/tree/unfold.ts';
import { entryText } from '../support/arbitraries.ts';
import { hostileList } from '../support/hostile-lists.ts';

const prefixText = entryText.filter((text) => !text.startsWith('@'));

/** Roots of every width, and branches of every kind. */
const layouts: readonly Layout[] = [
  usualLayout,
  ...[0, 1, 2, 7, 12, 15].map(
    (index): Layout => ({
      rootWidth: (_runs, family) => (family === 4 ? index + 1 : Math.min(13, index + 1)),
      runsOfHalf: index % 3 === 0 ? 1 : Number.POSITIVE_INFINITY,
      runsOfTwelve: index % 3 === 1 ? 1 : Number.POSITIVE_INFINITY,
      wordsOfWider: 2 ** 30,
    }),
  ),
];

function runsOf(lines: readonly string[]): readonly [Runs, Runs] {
  const intervals = new ListIntervals();
  lines.forEach((line, index) => {
    expect(scanEntry(line, 0, line.length)).toBe(true);
    intervals.add(index, false);
  });
  return intervals.sort().map((family) => decideRuns(family, 0, (owner) => owner + 1)) as [Runs, Runs];
}

function boundedOf({ data, root6, shift4, shift6 }: Radix, last: number): BoundedRadix {
  return new BoundedRadix(data, root6, shift4, shift6, last);
}

/** The labels of some addresses, a few of which are at the ends of runs: as a client meets them, or in runs. */
function labelsOf(
  radix: Radix,
  [ipv4, ipv6]: readonly [Runs, Runs],
  swept?: readonly [Runs, Runs],
): number[] {
  const labels: number[] = [];
  const inRuns = ({ starts, labels, count }: Runs, address: Int32Array, width: number): number =>
    labels[lastAtOrBefore(starts, count, address, 0, width)] as number;
  for (let run = 0; run < Math.min(ipv4.count, 200); run++) {
    for (const step of [-1, 0, 1]) {
      const word = ((ipv4.starts[run] as number) + step) | 0;
      labels.push(swept ? inRuns(swept[0], Int32Array.of(word), 1) : radix.find4(word));
    }
  }
  for (let run = 0; run < Math.min(ipv6.count, 200); run++) {
    for (const step of [-1, 0, 1]) {
      scanned.set(ipv6.starts.subarray(run * 4, run * 4 + 4));
      if (step < 0 && run > 0) decrement(scanned, 4);
      if (step > 0) increment(scanned, 4);
      labels.push(swept ? inRuns(swept[1], Int32Array.from(scanned), 4) : radix.find6());
    }
  }
  return labels;
}

const shapes = ['hosts', 'ranges', 'nested', 'narrow'] as const;

describe('a tree that was built', () => {
  test.each(layouts.map((layout, index) => [index, layout] as const))(
    'is one, and gives its runs back, in layout %i',
    (_, layout) => {
      fc.assert(
        fc.property(fc.array(prefixText, { maxLength: 12 }), (lines) => {
          const runs = runsOf(lines);
          const radix = buildRadix(runs[0], runs[1], layout);
          expect(isTree(radix, lines.length)).toBe(true);
          const [ipv4, ipv6] = runs;
          expect(unfold(radix, (label) => label)).toEqual({ ipv4, ipv6 });
          expect(labelsOf(boundedOf(radix, lines.length), runs)).toEqual(labelsOf(radix, runs));
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each(shapes.flatMap((kind) => [4, 6].map((family) => [kind, family as 4 | 6] as const)))(
    'is one when it is made of hostile %s of IPv%i',
    (kind, family) => {
      for (const isGlobal of [true, false]) {
        const shape = {
          family,
          isGlobal,
          kind,
          values: [2, 2, 3, 4, 3, 2, 2, 3, 2, 2, 2, 2, 2, 2, 2, 2],
          depth: 3,
          from: 2,
          seed: 7,
        };
        const lines = hostileList(shape, 700);
        const runs = runsOf(lines);
        const radix = buildRadix(runs[0], runs[1]);
        expect(isTree(radix, lines.length)).toBe(true);
        expect(unfold(radix, (label) => label)).toEqual({ ipv4: runs[0], ipv6: runs[1] });
        expect(labelsOf(boundedOf(radix, lines.length), runs)).toEqual(labelsOf(radix, runs));
      }
    },
  );

  test('is one when a prefix takes a comparison for its last bit', () => {
    const hosts = ['852a:366a', 'd4aa:fd47', 'ee95:7506'].map((last) => `2001:db8::${last}`);
    const runs = runsOf(['2001:db8:0:9bed::/64', '2001:db8:0:2445::/64', ...hosts]);
    const radix = buildRadix(runs[0], runs[1]);
    const headers = [...radix.data].filter((_, at) => radix.data[at + 1] === 0x8000_0000 - 2 ** 32);
    expect(headers.length).toBeGreaterThan(0);
    expect(isTree(radix, 5)).toBe(true);
  });

  test('has other labels where they are asked for', () => {
    const [ipv4, ipv6] = runsOf(['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32']);
    const same = unfold(buildRadix(ipv4, ipv6), (label) => Math.min(label, 1));
    expect([...same.ipv4.labels]).toEqual([0, 1, 0]);
    expect([...same.ipv4.starts]).toEqual([0, 0x0a00_0000, 0x0b00_0000]);
  });
});

describe('a tree of which a few words are others', () => {
  /** A word as it might be mistaken for another. */
  const change = fc.oneof(
    fc.nat(31).map((bit) => (word: number) => word ^ (1 << bit)),
    fc.integer({ min: -3, max: 3 }).map((step) => (word: number) => (word + step) | 0),
    fc.constant((_word: number, other: number) => other),
    fc.nat(31).map((kind) => (word: number) => (word < 0 ? reference(~word >>> 5, kind) : kind)),
    fc.integer().map((any) => () => any),
  );

  test.each(layouts.map((layout, index) => [index, layout] as const))(
    'is none, or has one label for an address wherever it is looked up, in layout %i',
    (_, layout) => {
      let others = 0;
      fc.assert(
        fc.property(
          fc.array(prefixText, { minLength: 1, maxLength: 12 }),
          fc.array(fc.tuple(fc.nat(), fc.nat(), change), { minLength: 30, maxLength: 30 }),
          (lines, changes) => {
            const runs = runsOf(lines);
            const { data, root6, shift4, shift6 } = buildRadix(runs[0], runs[1], layout);
            // Those that are not in the plain stretches of a root.
            const places = [...data.keys()].filter(
              (at) => data[at] !== data[at - 1] || data[at] !== data[at + 1],
            );
            for (const [place, other, toWord] of changes) {
              const at = places[place % places.length] as number;
              const words = data.slice();
              words[at] = toWord(
                words[at] as number,
                words[places[other % places.length] as number] as number,
              );
              const radix = new Radix(words, root6, shift4, shift6);
              if (words[at] === data[at] || !isTree(radix, lines.length)) continue;
              others++;
              expectOneMeaning(radix, lines.length, runs);
            }
          },
        ),
        { numRuns: 60 },
      );
      expect(others).toBeGreaterThan(20);
    },
  );

  /** The tree says the same about every address, client by client and for all of them in order, and that soon. */
  function expectOneMeaning(radix: Radix, last: number, before: readonly [Runs, Runs]): void {
    let steps = 0;
    const { ipv4, ipv6 } = unfold(radix, (label) => {
      if (++steps > 4 * radix.data.length) throw new Error('a sweep takes more steps than there are words');
      return label;
    });
    for (const probes of [before, [ipv4, ipv6] as const]) {
      const labels = labelsOf(radix, probes);
      expect(labelsOf(boundedOf(radix, last), probes)).toEqual(labels);
      expect(labelsOf(radix, probes, [ipv4, ipv6])).toEqual(labels);
    }
  }
});

describe('an array of words', () => {
  const lines = [
    '10.0.0.0/8',
    '10.1.2.0/24',
    '10.1.4.0-10.1.5.7',
    '2001:db8::/32',
    '2001:db8::1-2001:db8::9',
  ];
  const runs = runsOf(lines);
  const built = buildRadix(runs[0], runs[1]);
  const withWord = (at: number, word: number): Radix => {
    const data = built.data.slice();
    data[at] = word;
    return new Radix(data, built.root6, built.shift4, built.shift6);
  };

  test('is no tree with one word that leads out of it, to a root, or back', () => {
    const { length } = built.data;
    const bad = [
      lines.length + 1,
      2 ** 30 - 1,
      edgeReference(0),
      edgeReference(length - 2),
      edgeReference(length),
      ...[0, 1, built.root6 - 1, built.root6, length - 3, length - 1, length, 2 ** 26 - 1].flatMap((node) =>
        [0, 3, 15, COMPARISON, 17, 24, 25, 27, 28, 31].map((kind) => reference(node, kind)),
      ),
    ];
    for (const at of [0, 1 << (32 - built.shift4 - 1), built.root6 - 1, built.root6]) {
      for (const word of bad) {
        if (word === built.data[at]) continue;
        expect({ at, word, isTree: isTree(withWord(at, word), lines.length) }).toEqual({
          at,
          word,
          isTree: false,
        });
      }
    }
  });

  test('is walked to an end, whatever one of its words is, by a bounded walk', () => {
    let trees = 0;
    fc.assert(
      fc.property(
        fc.nat(built.data.length - 1),
        fc.oneof(
          fc.integer(),
          fc.integer({ min: -(2 ** 12), max: 2 ** 6 }),
          fc.nat(200).map((node) => edgeReference(node)),
          fc.tuple(fc.nat(200), fc.nat(31)).map(([node, kind]) => reference(node, kind)),
        ),
        (at, word) => {
          const radix = withWord(at, word);
          for (const label of labelsOf(boundedOf(radix, lines.length), runs)) {
            expect(label >= NO_ADDRESS && label <= lines.length).toBe(true);
          }
          if (!isTree(radix, lines.length)) return;
          trees++;
          unfold(radix, (label) => label);
          expect(labelsOf(radix, runs)).toEqual(labelsOf(boundedOf(radix, lines.length), runs));
        },
      ),
      { numRuns: 5_000 },
    );
    expect(trees).toBeGreaterThan(50);
  });

  test('is walked to an end when all of its words are anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 8, maxLength: 64 }), (words) => {
        const radix = new BoundedRadix(Int32Array.from(words), 4, 30, 30, 5);
        for (const label of labelsOf(radix, runs)) expect(label >= NO_ADDRESS && label <= 5).toBe(true);
        expect(isTree(radix, 5)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test('denies where a walk goes in circles: nodes, edges, and both', () => {
    const circle = (word: number): number[] => {
      const data = new Int32Array(12).fill(word);
      const radix = new BoundedRadix(data, 3, 31, 31, 5);
      scanned.set([0x2001_0db8, 0, 0, 1]);
      return [radix.find4(0), radix.find4(-1), radix.find6()];
    };
    const words = [edgeReference(0), edgeReference(2), reference(0, COMPARISON), reference(0, 0)];
    for (const word of words) expect(circle(word)).toEqual([NO_ADDRESS, NO_ADDRESS, NO_ADDRESS]);
  });

  test('is no tree when a comparison does not divide the block that leads to it', () => {
    // A root of two values for each family; comparisons, one inside the other, and the value for all other addresses.
    const isOne = (nodes: readonly (readonly number[])[]): boolean => {
      const inside = nodes.map((node, index) => {
        const size = nodes.slice(0, index + 1).reduce((sum, { length }) => sum + length + 2, 0);
        const value = index + 1 < nodes.length ? reference(5 + size, COMPARISON) : 1;
        return [value, 0, ...node];
      });
      const words = [0, 0, reference(5, COMPARISON), 0, 0, ...inside.flat()];
      return isTree(new Radix(Int32Array.from(words), 3, 31, 31), 1);
    };
    const header = (a: number, b: number, ofA: number, ofB: number): number =>
      a | (b << 2) | (ofA << 4) | (ofB << 9);
    expect(isOne([[header(0, 1, 0, 0), 7, 9]])).toBe(true);
    expect(isOne([[header(0, 0, 8, 8), 256, 256]])).toBe(true);
    expect(
      isOne([
        [header(0, 0, 24, 24), 0x0100_0000, 0x0100_0000],
        [header(0, 1, 0, 0), 0x0102_0304, 5],
        [header(2, 3, 0, 0), 6, 7],
      ]),
    ).toBe(true);
    for (const [what, nodes] of Object.entries({
      'words out of order': [[header(1, 0, 0, 0), 9, 7]],
      'a word that is skipped': [[header(0, 2, 0, 0), 7, 9]],
      'a word that is not the next one': [[header(1, 2, 0, 0), 7, 9]],
      'one word with two values': [[header(0, 0, 8, 8), 256, 512]],
      'one word with two masks': [[header(0, 0, 0, 8), 256, 256]],
      'ignored bits of the first of two words': [[header(0, 1, 8, 0), 256, 9]],
      'more bits to leave out than a word has': [[header(0, 1, 0, 40), 7, 0]],
      'a bit after the prefix': [[header(0, 1, 0, 8), 7, 1]],
      'no more than the block around it': [
        [header(0, 0, 8, 8), 256, 256],
        [header(0, 0, 8, 8), 256, 256],
      ],
      'a part of a byte': [
        [header(0, 0, 23, 23), 512, 512],
        [header(0, 0, 22, 22), 512, 512],
        [header(0, 0, 8, 8), 512, 512],
      ],
      'one bit after another, with the same around them': [
        [header(0, 0, 20, 20), 0x0010_0000, 0x0010_0000],
        [header(0, 0, 19, 19), 0x0010_0000, 0x0010_0000],
        [header(0, 0, 18, 18), 0x0010_0000, 0x0010_0000],
      ],
      'another block than the one around it': [
        [header(0, 0, 8, 8), 256, 256],
        [header(0, 1, 0, 0), 0, 9],
      ],
    }))
      expect({ what, isOne: isOne(nodes) }).toEqual({ what, isOne: false });
  });

  test('is no tree when two values lead to one node, and none to another of its size', () => {
    const pair = runsOf(['10.0.0.0/24', '192.0.2.0/24']);
    const { data, root6, shift4, shift6 } = buildRadix(pair[0], pair[1]);
    const slots = [...data.subarray(0, 1 << (32 - shift4)).keys()].filter(
      (slot) => (data[slot] as number) < 0,
    );
    expect(slots).toHaveLength(2);
    expect(isTree(new Radix(data, root6, shift4, shift6), 2)).toBe(true);
    const [one, other] = slots as [number, number];
    const twice = data.slice();
    twice[other] = data[one] as number;
    expect(isTree(new Radix(twice, root6, shift4, shift6), 2)).toBe(false);
  });

  test('is no tree when branches do not divide the address from its start on', () => {
    // Branches by these bytes for all addresses outside global unicast, each in the last slot of the one before.
    const isOne = (kinds: readonly number[], slots: readonly number[] = kinds.map(() => 5)): boolean => {
      const words: number[] = [0, 0, 0, 0, 0];
      let value = 1;
      for (const [index, kind] of [...kinds.entries()].reverse()) {
        const slot = slots[index] as number;
        const [node, values] = [words.length, words.length + 16];
        for (let pair = 0; pair < 8; pair++) {
          const bits =
            (pair === 0 ? 1 : 0) |
            (pair === slot >>> 5 ? 1 << (slot & 31) : 0) |
            (pair === (slot + 1) >>> 5 ? 1 << ((slot + 1) & 31) : 0);
          const before = words.filter((_, at) => at >= node && (at - node) % 2 === 0);
          words.push(bits, values + before.reduce((sum, word) => sum + countBits(word), 0) - 1);
        }
        words.push(2, value, 2);
        value = reference(node, kind);
      }
      words[2] = value;
      return isTree(new Radix(Int32Array.from(words), 3, 31, 31), 2);
    };
    expect(isOne([0])).toBe(true);
    expect(isOne([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])).toBe(true);
    for (const kinds of [
      [1],
      [15],
      [1, 0],
      [0, 2],
      [0, 0],
      [0, 1, 1],
      [8, 7, 6, 5, 4, 3, 2, 1],
      [0, 1, 3, 2],
    ])
      expect({ kinds, isOne: isOne(kinds) }).toEqual({ kinds, isOne: false });
    for (let kind = 1; kind < 16; kind++) {
      expect({ kind, isOne: isOne([kind]) }).toEqual({ kind, isOne: false });
      const after = isOne([0, kind]);
      expect({ kind, after }).toEqual({ kind, after: kind === 1 });
    }
    // Another kind of field, and one that no branch has.
    for (const kind of [17, 18, 24, 25, 26, 27, 28, 31])
      expect({ kind, isOne: isOne([0, kind]) }).toEqual({ kind, isOne: false });
  });

  test('is no tree when a branch has values for slots that are not in its block, or one twice', () => {
    // A branch for one of the halves of IPv4, by a byte, whose values begin at these slots.
    const isOne = (
      half: 0 | 1,
      kind: number,
      begins: readonly number[],
      values: readonly number[],
    ): boolean => {
      const pairs: number[] = [];
      const count = kind === 17 ? 2048 : 8;
      for (let pair = 0; pair < count; pair++) {
        const bits = begins
          .filter((slot) => slot >>> 5 === pair)
          .reduce((sum, slot) => sum | (1 << (slot & 31)), 0);
        pairs.push(bits, 2 + 2 * count + begins.filter((slot) => slot >>> 5 < pair).length - 1);
      }
      const words = [0, 0, ...pairs, ...values, 0, 0, 0];
      words[half] = reference(2, kind);
      return isTree(new Radix(Int32Array.from(words), words.length - 2, 31, 31), 3);
    };
    expect(isOne(0, 0, [0, 9, 127], [0, 1, 0])).toBe(true);
    expect(isOne(1, 0, [0, 129, 255], [0, 1, 0])).toBe(true);
    for (const [half, kind, begins, values] of [
      [0, 0, [0, 9, 128], [0, 1, 0]],
      [1, 0, [0, 9, 130], [0, 1, 0]],
      [1, 0, [0, 128, 130], [0, 1, 0]],
      [0, 0, [1, 9, 127], [0, 1, 0]],
      [0, 0, [0, 9, 127], [1, 1, 0]],
      [0, 0, [0, 9, 127], [0, 4, 0]],
      [0, 17, [0, 9, 127], [0, 1, 0]],
      [0, 4, [0, 9, 127], [0, 1, 0]],
    ] as const)
      expect({ half, kind, begins, isOne: isOne(half, kind, begins, values) }).toEqual({
        half,
        kind,
        begins,
        isOne: false,
      });
  });

  test('is no tree with anything after its nodes, or with edges that are out of order or too many', () => {
    const edges = (...nodes: readonly (readonly [number, number, number])[]): boolean => {
      // Before the last of them, which is the value of the lower half of IPv4.
      const words = [edgeReference(2 + 3 * (nodes.length - 1)), 0, ...nodes.flat(), 0, 0, 0];
      return isTree(new Radix(Int32Array.from(words), 3 + 3 * nodes.length, 31, 31), 3);
    };
    const at = (index: number): number => edgeReference(2 + 3 * index);
    expect(edges([1, 2, 5])).toBe(true);
    expect(edges([1, 2, 5], [0, 1, 9], [at(0), at(1), 7])).toBe(true);
    expect(edges([1, 2, 8], [0, 1, 9], [at(0), at(1), 7])).toBe(false);
    expect(edges([1, 2, 5], [0, 1, 6], [at(0), at(1), 7])).toBe(false);
    expect(edges([1, 2, 7], [at(0), 1, 7])).toBe(false);
    expect(edges([1, 2, 5], [0, 1, 9], [at(1), at(0), 7])).toBe(false);
    expect(edges([1, 2, 5], [at(0), 1, 7], [at(1), 1, 9])).toBe(false);
    // The first address of the block has nothing below it, and others are not in it.
    expect(edges([1, 2, 0])).toBe(false);
    expect(edges([1, 2, -1])).toBe(false);
    expect(edges([4, 2, 5])).toBe(false);
    expect(edges([1, 2, 5], [1, 2, 6])).toBe(false);
    // A word after all nodes, one before the root of IPv6, and a root that is also that of IPv4.
    const isRoots = (root6: number, length: number): boolean =>
      isTree(new Radix(new Int32Array(length), root6, 31, 31), 3);
    expect([isRoots(3, 5), isRoots(3, 6), isRoots(4, 6), isRoots(2, 4), isRoots(3, 4)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('has bits that are counted', () => {
    fc.assert(
      fc.property(fc.integer(), (word) => {
        const bits = (word >>> 0).toString(2).replaceAll('0', '').length;
        expect(countBits(word)).toBe(bits);
      }),
    );
  });
});
