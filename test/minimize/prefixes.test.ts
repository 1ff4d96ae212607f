import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type EntrySource, ListError } from '../../src/public/index.ts';
import { comparePolicies, minimize } from '../../src/public/list.ts';
import { goldenClients, goldenPrefixes, goldenSet } from '../golden/address-set.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText } from '../support/arbitraries.ts';
import { entriesIn, universes } from '../support/universe.ts';

describe('minimize', () => {
  test.each<[what: string, entries: EntrySource, prefixes: readonly string[]]>([
    ['nothing', '', []],
    ['comments', '# nobody\n\n', []],
    ['an address', '192.0.2.1/32 # one', ['192.0.2.1']],
    ['duplicates in many spellings', '192.0.2.1\n::ffff:192.0.2.1\n::ffff:c000:201/128', ['192.0.2.1']],
    ['what is covered', '10.1.2.3\n10.0.0.0/8\n10.1.0.0/16', ['10.0.0.0/8']],
    ['halves, and halves of halves', '10.0.0.0/9\n10.128.0.0/10\n10.192.0.0/10', ['10.0.0.0/8']],
    [
      'neighbours that are not halves of one prefix',
      '10.0.1.0/24\n10.0.2.0/24',
      ['10.0.1.0/24', '10.0.2.0/24'],
    ],
    ['a range', '192.0.2.1-192.0.2.4', ['192.0.2.1', '192.0.2.2/31', '192.0.2.4']],
    ['ranges that overlap', ['10.0.0.0-10.0.0.200', '10.0.0.100-10.0.0.255'], ['10.0.0.0/24']],
    ['a named network', '@private', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']],
    ['both families', '::1\n::\n127.0.0.1\n', ['127.0.0.1', '::/127']],
    ['everything', '0.0.0.0/1\n128.0.0.0/1\n8000::/1\n::/1', ['0.0.0.0/0', '::/0']],
    ['items', [{ address: '10.0.0.1', note: 'a' }, '10.0.0.0 # b'], ['10.0.0.0/31']],
    ['a prefix that holds the mapped block', '::fffe:0:0/96\n::fffc:0:0/94', ['::fffc:0:0/94']],
    ['a prefix that is no larger without the mapped block', '::fffe:0:0/95', ['::fffe:0:0/96']],
    ['what surrounds the mapped block', '::fffc:0:0/95\n::fffe:0:0/96', ['::fffc:0:0/94']],
    ['everything, and everything but the mapped block', '::/0', ['::/0']],
    [
      'everything but the mapped block',
      '::-::fffe:ffff:ffff\n::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      ['::/0'],
    ],
    [
      'what is next to the mapped block on one side',
      '::fffe:0:0-::2:0:0:0',
      ['::fffe:0:0/96', '::1:0:0:0/80', '::2:0:0:0'],
    ],
    [
      'a range in which the mapped block stands alone, and where no client is',
      '::fffe:ffff:ffff-::1:0:0:0',
      ['::fffe:ffff:ffff', '::1:0:0:0'],
    ],
  ])('%s', (_, entries, prefixes) => {
    expect(minimize(entries)).toEqual(prefixes);
  });

  test.each(universes)('gives the prefixes of the twin in $name', (universe) => {
    fc.assert(
      fc.property(entriesIn(universe, entryText), (entries) => {
        const list = goldenList(entries);
        const prefixes = ([4, 6] as const).flatMap((family) => {
          const isListed = (value: bigint): boolean => goldenCovering(list, { family, value }).length > 0;
          return goldenPrefixes(family, goldenClients(family, goldenSet(family, list, isListed)));
        });
        expect(minimize(entries)).toEqual(prefixes);
      }),
      { numRuns: 200 },
    );
  });

  test('changes nothing the second time, and no verdict', () => {
    fc.assert(
      fc.property(fc.array(entryText, { maxLength: 10 }), (entries) => {
        const prefixes = minimize(entries);
        expect(minimize(prefixes)).toEqual(prefixes);
        const { allowed, denied } = comparePolicies(
          createPolicy({ deny: entries }),
          createPolicy({ deny: prefixes }, { maxEntries: 10_000 }),
        );
        expect([...allowed.prefixes, ...denied.prefixes]).toEqual([]);
      }),
    );
  });

  test('has no limit of a thousand entries, and one for what does not end', () => {
    const lines = Array.from({ length: 4096 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    expect(minimize(lines)).toEqual(['10.0.0.0/20']);
    expect(() => minimize(lines, { maxEntries: 4095 })).toThrow(/4096 entries, and the limit is 4095/);
    function* endless(): Generator<string> {
      for (;;) yield '10.0.0.1';
    }
    expect(() => minimize(endless(), { maxEntries: 10 })).toThrow(/too-many-entries/);
  });

  test('reports every bad line as one of the entries', () => {
    const cause = new Error('connection lost');
    const find = (run: () => unknown): ListError => {
      try {
        run();
      } catch (error) {
        if (error instanceof ListError) return error;
      }
      throw new Error('no ListError');
    };
    const { problems } = find(() => minimize('10.0.0.1\n10.0.0.300 # x\n10.0.0.1/8\n10.0.0.*'));
    expect(problems.map(({ source, line, column, code }) => [source, line, column, code])).toEqual([
      ['entries', 2, 8, 'octet-range'],
      ['entries', 4, 8, 'invalid-character'],
    ]);
    expect(problems.every(Object.isFrozen)).toBe(true);
    const thrown = find(() =>
      minimize(
        (function* rows(): Generator<string> {
          yield '10.0.0.1';
          throw cause;
        })(),
      ),
    );
    expect([thrown.cause, thrown.problems[0]?.code, thrown.problems[0]?.line]).toEqual([
      cause,
      'unreadable',
      2,
    ]);
    for (const entries of [
      undefined,
      null,
      5,
      {},
      new Map([[1, 2]]),
      new Uint8Array(4),
      Promise.resolve(''),
    ]) {
      expect(find(() => minimize(entries as never)).problems[0]?.code).toBe('not-a-string');
    }
    for (const options of [{ maxEntries: -1 }, { maxEntries: '5' }, { maxEntry: 5 }, 5]) {
      expect(find(() => minimize('', options as never)).problems[0]?.code).toBe('invalid-option');
    }
  });
});
