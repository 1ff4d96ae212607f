import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { comparePolicies, lintList, minimizeList, RestrictionList } from '../../src/public/list.ts';
import { entryText } from '../support/arbitraries.ts';
import { entriesIn, universes } from '../support/universe.ts';

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
});
