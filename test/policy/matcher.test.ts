import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMatcher, ListError, parsePrefix } from '../../src/public/index.ts';
import { goldenClient } from '../golden/address.ts';
import { goldenCanonical } from '../golden/entry.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { addressText, listLines, nearMiss } from '../support/arbitraries.ts';

describe('createMatcher', () => {
  const matcher = createMatcher([
    ['10.0.0.0/8', 'eight'],
    ['10.1.2.3/16', 'sixteen'],
    ['10.1.2.3', 'one'],
    ['2001:DB8::/32', 'six'],
    ['10.1.2.0-10.1.2.9', 'range'],
    [parsePrefix('192.0.2.0/24'), 'prefix'],
    [parsePrefix('::ffff:198.51.100.0/120'), 'mapped prefix'],
    ['@loopback', 'name'],
  ] as const);

  test.each([
    ['10.9.9.9', '10.0.0.0/8', 'eight'],
    ['10.1.9.9', '10.1.0.0/16', 'sixteen'],
    ['10.1.2.3', '10.1.2.3', 'one'],
    ['10.1.2.4', '10.1.2.0-10.1.2.9', 'range'],
    ['::ffff:10.1.2.3', '10.1.2.3', 'one'],
    ['2001:db8::1', '2001:db8::/32', 'six'],
    ['192.0.2.200', '192.0.2.0/24', 'prefix'],
    ['198.51.100.7', '198.51.100.0/24', 'mapped prefix'],
    ['127.1.2.3', '@loopback', 'name'],
    ['::1', '@loopback', 'name'],
  ])('%s is in %s', (ip, prefix, value) => {
    expect(matcher.match(ip)).toEqual({ prefix, value });
    expect(matcher.has(ip)).toBe(true);
    expect(matcher.matchAll(ip)[0]).toEqual({ prefix, value });
  });

  test.each([
    '11.0.0.0',
    '9.255.255.255',
    '::2',
    '2001:db9::',
    '',
    'x',
    '10.1.2.3/32',
    '10.1.2.3 ',
    undefined,
    null,
    5,
    {},
  ])('%s is in none', (ip) => {
    expect(matcher.match(ip as string)).toBeUndefined();
    expect(matcher.has(ip as string)).toBe(false);
    expect(matcher.matchAll(ip as string)).toEqual([]);
  });

  test('gives all covering entries, most specific first', () => {
    expect(matcher.matchAll('10.1.2.3').map(({ value }) => value)).toEqual([
      'one',
      'range',
      'sixteen',
      'eight',
    ]);
  });

  test('takes the last of equal entries, whatever their spelling, as a Map does', () => {
    const last = createMatcher([
      ['10.0.0.0/8', 1],
      ['10.5.5.5/8', 2],
      ['::ffff:10.0.0.0/104', 3],
      ['10.0.0.0-10.255.255.255', 4],
      ['@private', 5],
      ['@private', 6],
    ]);
    expect(last.size).toBe(2);
    expect(last.matchAll('10.1.1.1')).toEqual([
      { prefix: '10.0.0.0/8', value: 4 },
      { prefix: '@private', value: 6 },
    ]);
  });

  test('holds any value, undefined too', () => {
    const values = createMatcher<unknown>([
      ['10.0.0.0/8', undefined],
      ['11.0.0.0/8', null],
    ]);
    expect(values.match('10.0.0.1')).toEqual({ prefix: '10.0.0.0/8', value: undefined });
    expect(values.has('10.0.0.1')).toBe(true);
    expect(values.match('11.0.0.1')).toEqual({ prefix: '11.0.0.0/8', value: null });
  });

  test('of nothing matches nothing', () => {
    const empty = createMatcher<number>([]);
    expect([empty.size, empty.match('10.0.0.1'), empty.matchAll('::1'), empty.has('::')]).toEqual([
      0,
      undefined,
      [],
      false,
    ]);
  });

  test('cannot be changed from outside', () => {
    expect(Object.isFrozen(matcher)).toBe(true);
    expect(() => {
      (matcher as { has: unknown }).has = () => true;
    }).toThrow(TypeError);
    expect(Object.getPrototypeOf(matcher)).toBe(Object.prototype);
    const { has, match, matchAll } = matcher;
    expect([has('10.0.0.1'), match('10.0.0.1')?.value, matchAll('10.0.0.1').length]).toEqual([
      true,
      'eight',
      1,
    ]);
  });

  test('reports all bad entries at once, by position', () => {
    const entries = [
      ['10.0.0.0/8', 1],
      ['10.0.0.0/33', 2],
      [' 10.0.0.0', 3],
      [{ family: 4, words: [10], length: 8 }, 4],
      [5, 5],
      'text',
      ['::ffff:0:0/8', 6],
      [null, 7],
    ];
    try {
      createMatcher(entries as never);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ListError);
      expect(
        (error as ListError).problems.map(
          ({ source, line, column, code }) => `${source} ${line}:${column} ${code}`,
        ),
      ).toEqual([
        'entries 2:10 prefix-length-range',
        'entries 3:1 invalid-character',
        'entries 4:1 not-a-string',
        'entries 5:1 not-a-string',
        'entries 6:1 not-a-string',
        'entries 7:1 mapped-prefix-too-short',
        'entries 8:1 not-a-string',
      ]);
    }
  });

  test.each([undefined, null, 5, {}])('refuses %s, which is not iterable', (entries) => {
    expect(() => createMatcher(entries as never)).toThrow(ListError);
  });

  test('passes on what an iterable throws as the cause', () => {
    const cause = new Error('gone');
    const entries = (function* (): Generator<[string, number]> {
      yield ['10.0.0.0/8', 1];
      throw cause;
    })();
    expect(() => createMatcher(entries)).toThrow(expect.objectContaining({ name: 'ListError', cause }));
  });

  test('agrees with a loop over the entries', () => {
    fc.assert(
      fc.property(
        listLines,
        fc.array(fc.oneof(addressText, nearMiss), { maxLength: 20 }),
        (lines, clients) => {
          const unique = new Map(lines.map((line, index) => [goldenCanonical(line) as string, index]));
          const keys = [...unique.keys()];
          const compiled = createMatcher(lines.map((line, index) => [line, index] as const));
          const entries = goldenList(keys);
          expect(compiled.size).toBe(keys.length);
          for (const client of clients) {
            const address = goldenClient(client);
            const expected = (address === undefined ? [] : goldenCovering(entries, address)).map((index) => ({
              prefix: keys[index] as string,
              value: unique.get(keys[index] as string),
            }));
            expect(compiled.matchAll(client)).toEqual(expected);
            expect(compiled.match(client)).toEqual(expected[0]);
            expect(compiled.has(client)).toBe(expected.length > 0);
          }
        },
      ),
    );
  });
});
