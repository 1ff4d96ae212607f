import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, type ManagedList, normalize } from '../../src/public/index.ts';
import { compareLists, type ListChange, RestrictionList } from '../../src/public/list.ts';
import { entryText } from '../support/arbitraries.ts';

const deny = (text: string): RestrictionList => RestrictionList.parse('deny', text, { maxEntries: Infinity });

/** `line canonical # note` of each entry. */
const shown = (entries: ListChange['added']): string[] =>
  entries.map(({ line, canonical, note }) => `${line} ${canonical}${note === undefined ? '' : ` # ${note}`}`);

function summary({ added, removed, renoted }: ListChange): string[] {
  return [
    ...shown(added).map((entry) => `+ ${entry}`),
    ...shown(removed).map((entry) => `- ${entry}`),
    ...renoted.map(({ before, after }) => `~ ${shown([before])[0]} > ${shown([after])[0]}`),
  ];
}

describe('compareLists', () => {
  test.each<[before: string, after: string, expected: string[], what: string]>([
    ['', '', [], 'two empty lists'],
    ['10.0.0.1 # a', '10.0.0.1 # a', [], 'the same text'],
    [
      '10.0.0.0/8\n::1',
      '# x\n\n0:0::1\r\n::ffff:10.1.1.1/104',
      [],
      'order, spelling, comments and line ends',
    ],
    ['10.0.0.1 # a\n10.0.0.1 # a', '10.0.0.1 # a', [], 'repetitions'],
    ['10.0.0.1 # a\n10.0.0.1', '10.0.0.1 # a', [], 'a repetition without the note'],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # b\n10.0.0.1 # a',
      ['~ 1 10.0.0.1 # a > 1 10.0.0.1 # b'],
      'two notes in another order: another counts',
    ],
    [
      '10.0.0.1\n10.0.0.1 # a',
      '10.0.0.1 # a',
      ['~ 1 10.0.0.1 > 1 10.0.0.1 # a'],
      'a note that did not count comes to count',
    ],
    [
      '10.0.0.1 # a\n10.0.0.1 # b\n10.0.0.1 # c',
      '10.0.0.1 # a\n10.0.0.1 # c\n10.0.0.1 # b',
      [],
      'further notes in another order',
    ],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # c',
      ['~ 1 10.0.0.1 # a > 1 10.0.0.1 # c'],
      'one note for two: one entry',
    ],
    ['10.0.0.1', '10.0.0.1\n10.0.0.1 # b', ['~ 1 10.0.0.1 > 2 10.0.0.1 # b'], 'a note after none'],
    ['', '10.0.0.1 # a', ['+ 1 10.0.0.1 # a'], 'an entry more'],
    ['10.0.0.1 # a', '', ['- 1 10.0.0.1 # a'], 'an entry less'],
    ['10.0.0.1\n10.0.0.2', '\n10.0.0.2\n10.0.0.3', ['+ 3 10.0.0.3', '- 1 10.0.0.1'], 'one for another'],
    ['10.0.0.1', '10.0.0.0/8', ['+ 1 10.0.0.0/8', '- 1 10.0.0.1'], 'a wider entry is another entry'],
    ['@private', '10.0.0.0/8', ['+ 1 10.0.0.0/8', '- 1 @private'], 'a name is another entry'],
    ['10.0.0.1 # a', '10.0.0.1/32 # b', ['~ 1 10.0.0.1 # a > 1 10.0.0.1 # b'], 'another note'],
    ['10.0.0.1', '10.0.0.1 # b', ['~ 1 10.0.0.1 > 1 10.0.0.1 # b'], 'a note more'],
    ['10.0.0.1 # a', '10.0.0.1 #', ['~ 1 10.0.0.1 # a > 1 10.0.0.1'], 'a note less'],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # a',
      ['~ 2 10.0.0.1 # b > 1 10.0.0.1 # a'],
      'one of two notes goes: the entry stays',
    ],
    [
      '10.0.0.1 # a',
      '10.0.0.1 # a\n10.0.0.1 # b',
      ['~ 1 10.0.0.1 # a > 2 10.0.0.1 # b'],
      'a second note comes',
    ],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # b\n10.0.0.1 # c',
      ['~ 1 10.0.0.1 # a > 1 10.0.0.1 # b'],
      'the first of two notes goes',
    ],
    [
      '',
      '10.0.0.1 # b\n10.0.0.1 # a\n10.0.0.1',
      ['+ 1 10.0.0.1 # b', '+ 2 10.0.0.1 # a'],
      'an entry with two notes',
    ],
    [
      '10.0.0.1 # a\n10.0.0.2 # x',
      '10.0.0.1 # a\n10.0.0.2 # y\n10.0.0.1 # b',
      ['~ 2 10.0.0.2 # x > 2 10.0.0.2 # y', '~ 1 10.0.0.1 # a > 3 10.0.0.1 # b'],
      'in the order of the lines with the notes',
    ],
    [
      '10.0.0.2 # x\n10.0.0.1 # x',
      '10.0.0.1 # y\n10.0.0.2 # y',
      ['~ 2 10.0.0.1 # x > 1 10.0.0.1 # y', '~ 1 10.0.0.2 # x > 2 10.0.0.2 # y'],
      'in the order of the lines after',
    ],
  ])('from $0 to $1', (before, after, expected) => {
    const change = compareLists(deny(before), deny(after));
    expect(summary(change)).toEqual(expected);
    expect(change.mode).toBeUndefined();
    if (expected.length === 0) expect(change.message).toBe('The deny list did not change.');
  });

  test('has lines and text of both lists', () => {
    const { renoted } = compareLists(deny('# x\n10.0.0.1/32 # a'), deny('::ffff:10.0.0.1 # b'));
    expect(renoted).toEqual([
      {
        before: { text: '10.0.0.1/32', canonical: '10.0.0.1', note: 'a', list: 'deny', line: 2 },
        after: { text: '::ffff:10.0.0.1', canonical: '10.0.0.1', note: 'b', list: 'deny', line: 1 },
      },
    ]);
  });

  test('says that the type was switched, and compares the entries all the same', () => {
    const before = deny('10.0.0.1\n10.0.0.2 # a');
    const { list, discarded } = before.switchTo('allow');
    const emptied = compareLists(before, list);
    expect(emptied.mode).toEqual({ before: 'deny', after: 'allow' });
    expect(emptied.removed).toHaveLength(2);
    expect(emptied.message).toBe(
      'The list was switched from deny to allow and 2 entries were removed (10.0.0.1, 10.0.0.2).',
    );
    const kept = compareLists(before, list.add(discarded));
    expect(summary(kept)).toEqual([]);
    expect(kept.message).toBe('The list was switched from deny to allow.');
  });

  test.each<[before: string, after: string, message: string]>([
    ['', '10.0.0.1 # Office', 'In the deny list, 1 entry with the note "Office" was added (10.0.0.1).'],
    ['', '10.0.0.1 # Office\n10.0.0.2', 'In the deny list, 2 entries were added (10.0.0.1, 10.0.0.2).'],
    ['10.0.0.1', '', 'In the deny list, 1 entry was removed (10.0.0.1).'],
    [
      '10.0.0.1 # Office\n10.0.0.2 # Office',
      '',
      'In the deny list, 2 entries with the note "Office" were removed (10.0.0.1, 10.0.0.2).',
    ],
    ['', '10.0.0.1 # a\n10.0.0.1 # b', 'In the deny list, 1 entry was added (10.0.0.1).'],
    ['10.0.0.1 # a\n10.0.0.1 # b', '', 'In the deny list, 1 entry was removed (10.0.0.1).'],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # c',
      'In the deny list, the note of 1 entry was changed (10.0.0.1).',
    ],
    [
      '10.0.0.1 # a\n10.0.0.1 # b',
      '10.0.0.1 # a',
      'In the deny list, the note of 1 entry was changed (10.0.0.1).',
    ],
    ['10.0.0.1', '10.0.0.1 # x', 'In the deny list, the note "x" was given to 1 entry (10.0.0.1).'],
    ['10.0.0.1 # x', '10.0.0.1', 'In the deny list, the note "x" was removed from 1 entry (10.0.0.1).'],
    [
      '10.0.0.1 # Office\n10.0.0.2 # Office\n10.0.0.3',
      '10.0.0.1 # Head office\n10.0.0.2 # Head office\n10.0.0.3',
      'In the deny list, the note of 2 entries was changed from "Office" to "Head office" (10.0.0.1, 10.0.0.2).',
    ],
    [
      '10.0.0.1 # a\n10.0.0.2 # b',
      '10.0.0.1 # x\n10.0.0.2 # x',
      'In the deny list, the notes of 2 entries were changed (10.0.0.1, 10.0.0.2).',
    ],
    [
      '10.0.0.1 # Caf\u00e9',
      '10.0.0.1 # Cafe\u0301',
      'In the deny list, the note of 1 entry was changed from "Caf<U+00E9>" to "Cafe<U+0301>" (10.0.0.1).',
    ],
    [
      '10.0.0.1 # a',
      '10.0.0.1 # \u200b"\u00e9',
      'In the deny list, the note of 1 entry was changed from "a" to "<U+200B>\\"\u00e9" (10.0.0.1).',
    ],
    [
      '10.0.0.1\n10.0.0.2',
      '10.0.0.1 # x\n10.0.0.2 # x',
      'In the deny list, the note "x" was given to 2 entries (10.0.0.1, 10.0.0.2).',
    ],
    [
      '10.0.0.1\n10.0.0.2',
      '10.0.0.1 # x\n10.0.0.3\n10.0.0.4\n10.0.0.5\n10.0.0.6\n10.0.0.7',
      'In the deny list, 5 entries were added (10.0.0.3, 10.0.0.4, 10.0.0.5, and 2 more), 1 entry was removed (10.0.0.2) and the note "x" was given to 1 entry (10.0.0.1).',
    ],
  ])('from $0 to $1 in words', (before, after, message) => {
    expect(compareLists(deny(before), deny(after)).message).toBe(message);
  });

  test('is frozen plain data, the same when it is stored and read', () => {
    const change = compareLists(
      deny('10.0.0.1\n10.0.0.2 # a\n10.0.0.4'),
      deny('10.0.0.2 # b\n10.0.0.3').switchTo('allow').list,
    );
    const parts = [change, change.mode, change.added, change.removed, change.renoted, ...change.removed];
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true);
    expect(JSON.parse(JSON.stringify(change))).toEqual(change);
    expect(structuredClone(change)).toEqual(change);
    const renoted = compareLists(deny('10.0.0.1'), deny('10.0.0.1 # x')).renoted;
    for (const part of renoted)
      expect([Object.isFrozen(part), Object.isFrozen(part.after)]).toEqual([true, true]);
  });

  test('takes any managed list, reads its text again, and keeps its lines', () => {
    const before: ManagedList = {
      mode: 'allow',
      entries: [
        {
          text: '10.0.0.1',
          canonical: 'lies',
          note: undefined,
          from: undefined,
          until: undefined,
          list: 'allow',
          line: 7,
        },
      ],
    };
    const after = {
      mode: 'allow',
      entries: [{ text: '10.0.0.2', note: 'x', line: 3 }],
    } as unknown as ManagedList;
    expect(summary(compareLists(before, after))).toEqual(['+ 3 10.0.0.2 # x', '- 7 10.0.0.1']);
    expect(summary(compareLists(before, RestrictionList.parse('allow', '10.0.0.1')))).toEqual([]);
    const many = deny(
      Array.from({ length: 1_500 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join('\n'),
    );
    expect(compareLists(many, RestrictionList.empty()).removed).toHaveLength(1_500);
  });

  const list = deny('10.0.0.1');
  const thrower = (): never => {
    throw new Error('no');
  };
  test.each<[what: string, before: unknown, after: unknown, expected: string[]]>([
    ['nothing', undefined, list, ['before 1:1 one-list-required']],
    ['text', list, '10.0.0.1', ['after 1:1 one-list-required']],
    ['a policy', list, createPolicy({ deny: '' }), ['after 1:1 one-list-required']],
    ['an unknown type', { mode: 'both', entries: [] }, list, ['before 1:1 one-list-required']],
    [
      'entries that are not an array',
      list,
      { mode: 'deny', entries: new Set() },
      ['after 1:1 one-list-required'],
    ],
    [
      'bad entries',
      list,
      { mode: 'deny', entries: [{ text: 'x', line: 4 }, { text: '10.0.0.1', note: 'a\nb', line: 9 }, 5] },
      ['after 4:1 invalid-character', 'after 9:13 line-break', 'after 3:1 not-a-string'],
    ],
    [
      'a getter that throws',
      {
        mode: 'deny',
        get entries() {
          return thrower();
        },
      },
      list,
      ['before 1:1 unreadable'],
    ],
    [
      'a proxy that throws',
      list,
      new Proxy({}, { get: thrower, getOwnPropertyDescriptor: thrower, getPrototypeOf: thrower }),
      ['after 1:1 unreadable'],
    ],
  ])('refuses %s', (_, before, after, expected) => {
    try {
      compareLists(before as ManagedList, after as ManagedList);
    } catch (error) {
      expect(error).toBeInstanceOf(ListError);
      const { problems } = error as ListError;
      expect(
        problems.map(({ source, line, column, code }) => `${source} ${line}:${column} ${code}`).sort(),
      ).toEqual([...expected].sort());
      return;
    }
    throw new Error('nothing was thrown');
  });
});

describe('compareLists, for any two lists,', () => {
  const line = fc
    .tuple(
      fc.oneof(entryText, fc.constantFrom('10.0.0.1', '10.0.0.2', '::1')),
      fc.constantFrom('', ' # a', ' # b'),
    )
    .map((parts) => parts.join(''));
  const lines = fc.array(line, { maxLength: 8 });
  const keysOf = (texts: readonly string[]): Set<string> =>
    new Set(deny(texts.join('\n')).entries.map(({ text }) => normalize(text)));

  test('finds what only one of them has', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const { added, removed, renoted } = compareLists(deny(before.join('\n')), deny(after.join('\n')));
        const [old, now] = [keysOf(before), keysOf(after)];
        expect(new Set(added.map(({ canonical }) => canonical))).toEqual(
          new Set([...now].filter((key) => !old.has(key))),
        );
        expect(new Set(removed.map(({ canonical }) => canonical))).toEqual(
          new Set([...old].filter((key) => !now.has(key))),
        );
        for (const pair of renoted) {
          expect(pair.before.canonical).toBe(pair.after.canonical);
          expect(pair.before.note).not.toBe(pair.after.note);
        }
      }),
    );
  });

  test('finds in two orders of the same lines only that another note counts', () => {
    fc.assert(
      fc.property(
        lines.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([before, after]) => {
          const change = compareLists(deny(before.join('\n')), deny([...after, ...after].join('\n')));
          const firstNotes = (texts: readonly string[]): Map<string, string | undefined> => {
            const { entries } = deny(texts.join('\n'));
            return new Map([...entries].reverse().map(({ canonical, note }) => [canonical, note]));
          };
          const now = firstNotes(after);
          const changed = [...firstNotes(before)].filter(([key, note]) => now.get(key) !== note);
          expect([...change.added, ...change.removed]).toEqual([]);
          expect(change.renoted.map((pair) => [pair.before.canonical, pair.before.note]).sort()).toEqual(
            changed.sort(),
          );
        },
      ),
    );
  });

  test('says the same the other way round', () => {
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const there = compareLists(deny(before.join('\n')), deny(after.join('\n')));
        const back = compareLists(deny(after.join('\n')), deny(before.join('\n')));
        expect([back.added, back.removed]).toEqual([there.removed, there.added]);
        const pairs = ({ renoted }: ListChange, from: 'before' | 'after', to: 'before' | 'after'): string[] =>
          renoted.map((pair) => `${pair[from].canonical} ${pair[from].note} ${pair[to].note}`).sort();
        expect(pairs(back, 'after', 'before')).toEqual(pairs(there, 'before', 'after'));
      }),
    );
  });
});
