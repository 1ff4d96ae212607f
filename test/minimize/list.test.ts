import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { comparePolicies, lintList, minimizeList, RestrictionList } from '../../src/public/list.ts';
import type { GoldenAddress } from '../golden/address.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText } from '../support/arbitraries.ts';
import { entriesIn, entryIn, universes } from '../support/universe.ts';

describe('minimizeList', () => {
  test.each([
    ['', ''],
    ['# nobody\n', '# nobody\n'],
    [
      '10.0.0.0/9 # Lab\n10.128.0.0/9 # Lab\n10.1.2.3 # Printer\n10.1.2.4',
      '10.0.0.0/8 # Lab\n10.1.2.3 # Printer',
    ],
    [
      '# Labs\r\n\r\n 10.0.0.1/32   # A\r\n# end\r\n10.0.0.0 # B',
      '# Labs\r\n\r\n 10.0.0.1/32   # A\r\n# end\r\n10.0.0.0 # B',
    ],
    ['# Labs\r\n10.0.0.7 # A\r\n# end\r\n10.0.0.6 #A\r\n', '# Labs\r\n10.0.0.6/31 # A\r\n# end\r\n'],
    ['@private\n10.2.3.4 # x\n10.2.3.5\n', '@private\n10.2.3.4 # x\n'],
    ['10.0.0.1-10.0.0.9 # A\n10.0.0.10 # A', '10.0.0.1-10.0.0.10 # A'],
    ['10.0.0.1 # A\n::ffff:10.0.0.1 # A\n', '10.0.0.1 # A\n'],
    ['8.8.8.0/24 # a\n8.8.8.6-8.8.8.8 # a\n8.8.8.6 # b', '8.8.8.0/24 # a\n8.8.8.6 # b'],
    [
      '8.8.8.3-8.8.8.4 # a\n# Head office\n  8.8.8.2 - 8.8.8.14\t# a',
      '# Head office\n  8.8.8.2 - 8.8.8.14\t# a',
    ],
    ['8.8.8.3-8.8.8.4\n8.8.8.2-8.8.8.14 # a\n8.8.8.2 - 8.8.8.14 # a', '8.8.8.2-8.8.8.14 # a'],
    ['@loopback # A\n@loopback', '@loopback # A'],
    ['# us\n@shared\n  @shared # A\n', '# us\n  @shared # A\n'],
    ['@private # A\n192.168.0.0/16 # A\n@private # B\n@private # A', '@private # A\n@private # B'],
    ['::1 # A\n::1 # B\n@loopback # A', '::1 # A\n::1 # B\n@loopback # A'],
    ['10.0.0.0/9 # A\n10.1.0.5-10.1.0.9 # B\n10.128.0.0/9 # A', '10.0.0.0/8 # A\n10.1.0.5-10.1.0.9 # B'],
  ])('$0 becomes $1', (before, after) => {
    const list = RestrictionList.parse('allow', before);
    const minimized = minimizeList(list);
    expect(`${minimized}`).toBe(after);
    expect([minimized.mode, minimized.maxEntries]).toEqual(['allow', 1000]);
    expect(minimizeList(minimized)).toBe(minimized);
    if (before === after) expect(minimized).toBe(list);
  });

  test('refuses what only looks like a list', () => {
    const cause = new Error('no');
    const likes = [
      Object.create(RestrictionList.prototype),
      Object.create(RestrictionList.parse('deny', '192.0.2.1')),
      {
        get entries(): never {
          throw cause;
        },
      },
      {
        toString(): never {
          throw cause;
        },
      },
    ];
    for (const like of likes) {
      expect(() => minimizeList(like)).toThrow(ListError);
    }
  });

  test.each(universes)('changes no verdict, empties no list and is done at once in $name', (universe) => {
    const note = fc.constantFrom('', ' # A', ' # B');
    const lines = entriesIn(universe, entryText).chain((entries) =>
      fc.tuple(...entries.map((entry) => note.map((text) => `${entry}${text}`))),
    );
    fc.assert(
      fc.property(lines, (texts) => {
        const list = RestrictionList.parse('allow', texts.join('\n'));
        const minimized = minimizeList(list);
        const { allowed, denied } = comparePolicies(createPolicy(list), createPolicy(minimized));
        expect([...allowed.prefixes, ...denied.prefixes]).toEqual([]);
        expect(minimized.entries.length === 0).toBe(list.entries.length === 0);
        expect(minimized.entries.length).toBeLessThanOrEqual(list.entries.length);
        expect(minimizeList(minimized)).toBe(minimized);
        const left = lintList(minimized).filter(
          ({ fix, code }) => fix !== undefined && (code === 'covered' || code === 'duplicate'),
        );
        expect([`${list}`, `${minimized}`, left]).toEqual([`${list}`, `${minimized}`, []]);
        // An entry of the smaller list that was in the list, with its note, has its line.
        const written = new Set(texts);
        const known = new Set(list.entries.map(({ canonical, note }) => `${canonical}#${note}`));
        const kept = minimized.entries.filter(({ canonical, note }) => known.has(`${canonical}#${note}`));
        for (const { line } of kept) expect(written).toContain(`${minimized}`.split('\n')[line - 1]);
      }),
      { numRuns: 300 },
    );
  });

  test.each(universes)('keeps every note that is reported in $name', (universe) => {
    const note = fc.constantFrom('', '', ' # A', ' # B');
    const entry = fc.oneof(
      { weight: 6, arbitrary: entryIn(universe) },
      {
        weight: 2,
        arbitrary: fc.constantFrom('@loopback', '::1', '127.0.0.0/8', '@shared', '100.64.0.0/10'),
      },
      { weight: 1, arbitrary: fc.constantFrom('::-::9', '0.0.0.0/0', '::/0', '100.0.0.0-100.99.255.255') },
    );
    const lines = fc.array(
      fc.tuple(entry, note).map((parts) => parts.join('')),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(lines, fc.constantFrom('allow' as const, 'deny' as const), (texts, mode) => {
        const list = RestrictionList.parse(mode, texts.join('\n'));
        const minimized = minimizeList(list);
        const [before, after] = [list, minimized].map((some) => {
          return some.entries.map(({ text, note: written }) => ({ text, note: written }));
        }) as [GoldenNoted[], GoldenNoted[]];
        for (const address of edgesOf([...before, ...after])) {
          const [was, is] = [notesAt(before, address), notesAt(after, address)];
          expect([texts, `${minimized}`, address, is.length > 0]).toEqual([
            texts,
            `${minimized}`,
            address,
            was.length > 0,
          ]);
          if (was[0] !== undefined) {
            expect([texts, `${minimized}`, address, is[0]]).toEqual([texts, `${minimized}`, address, was[0]]);
          }
          for (const kept of is) expect(was).toContain(kept);
        }
        // Lines that stay are kept to the letter, with their host bits.
        const left = lintList(minimized).filter(
          ({ fix, code }) => fix !== undefined && code !== 'host-bits-set',
        );
        expect([texts, `${minimized}`, left]).toEqual([texts, `${minimized}`, []]);
      }),
      { numRuns: 300 },
    );
  });
});

interface GoldenNoted {
  readonly text: string;
  readonly note: string | undefined;
}

/** Notes of the entries that cover an address, the one that is reported first. */
function notesAt(entries: readonly GoldenNoted[], address: GoldenAddress): (string | undefined)[] {
  return goldenCovering(goldenList(entries.map(({ text }) => text)), address).map(
    (index) => entries[index]?.note,
  );
}

/** First − 1, first, last and last + 1 of every network of the entries. */
function edgesOf(entries: readonly GoldenNoted[]): GoldenAddress[] {
  return goldenList(entries.map(({ text }) => text))
    .flatMap(({ networks }) => networks)
    .flatMap(({ family, first, last }) =>
      [first - 1n, first, last, last + 1n]
        .filter((value) => value >= 0n && value < 1n << (family === 4 ? 32n : 128n))
        .map((value) => ({ family, value })),
    );
}
