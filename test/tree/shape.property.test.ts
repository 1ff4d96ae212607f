/** Trees that came from elsewhere: whether they are trees, a bounded walk in them, and the way back to runs. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEntry } from '../../src/address/entry.ts';
import { scanned } from '../../src/address/scanner.ts';
import { ListIntervals } from '../../src/space/intervals.ts';
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

/** The labels of some addresses, a few of which are at the ends of runs. */
function labelsOf(radix: Radix, [ipv4, ipv6]: readonly [Runs, Runs]): number[] {
  const labels: number[] = [];
  for (let run = 0; run < Math.min(ipv4.count, 200); run++) {
    for (const step of [-1, 0, 1]) labels.push(radix.find4(((ipv4.starts[run] as number) + step) | 0));
  }
  for (let run = 0; run < Math.min(ipv6.count, 200); run++) {
    for (const step of [-1, 0, 1]) {
      scanned.set(ipv6.starts.subarray(run * 4, run * 4 + 4));
      scanned[3] = (scanned[3] as number) + step;
      labels.push(radix.find6());
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

  test('has other labels where they are asked for', () => {
    const [ipv4, ipv6] = runsOf(['10.0.0.0/8', '10.1.0.0/16', '2001:db8::/32']);
    const same = unfold(buildRadix(ipv4, ipv6), (label) => Math.min(label, 1));
    expect([...same.ipv4.labels]).toEqual([0, 1, 0]);
    expect([...same.ipv4.starts]).toEqual([0, 0x0a00_0000, 0x0b00_0000]);
  });
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

  test('is no tree when a walk would be longer than any list needs', () => {
    const chain = (count: number): boolean => {
      // Comparisons, one inside the other, after a root of two values for each family.
      const words = [reference(5, COMPARISON), 0];
      const nodes = Array.from({ length: count }, (_, index) => [
        index + 1 < count ? reference(2 + 4 * (index + 1), COMPARISON) : 0,
        0,
        0,
        0,
      ]).flat();
      words[0] = reference(2, COMPARISON);
      const data = Int32Array.from([...words, ...nodes, 0, 0, 0]);
      return isTree(new Radix(data, 2 + nodes.length + 1, 31, 31), 0);
    };
    expect([1, 2, 40].map(chain)).toEqual([true, true, true]);
    expect(chain(41)).toBe(false);
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
