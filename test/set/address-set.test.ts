import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, parseList } from '../../src/public/index.ts';
import { comparePolicies, RestrictionList } from '../../src/public/list.ts';
import { AddressSet } from '../../src/public/set.ts';
import { readSet } from '../../src/set/reader.ts';

const { empty, all } = AddressSet;
const ALL4 = 2n ** 32n;
const ALL6 = 2n ** 128n;

function problemsOf(run: () => unknown): ListError['problems'] {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error.problems;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('AddressSet.of', () => {
  test.each<[what: string, source: Parameters<typeof AddressSet.of>[0], prefixes: readonly string[]]>([
    ['no text', '', []],
    ['no items', [], []],
    ['comments alone', '# nobody\n\n', []],
    ['notes, blanks and spellings', ' 192.0.2.0/25 # Lab\n192.0.2.128-192.0.2.255', ['192.0.2.0/24']],
    ['items with notes', [{ address: '10.0.0.1', note: 'Lab' }, '10.0.0.0'], ['10.0.0.0/31']],
    ['named networks', ['@loopback'], ['127.0.0.0/8', '::1']],
    ['mapped entries, which are IPv4', '::ffff:192.0.2.1\n::ffff:10.0.0.0/104', ['10.0.0.0/8', '192.0.2.1']],
    ['all of IPv4, by its mapped text', '::ffff:0:0/96', ['0.0.0.0/0']],
    ['a JavaScript Set', new Set(['10.0.0.1', '10.0.0.1/31']), ['10.0.0.0/31']],
    [
      'a generator',
      (function* () {
        yield '10.0.0.1';
      })(),
      ['10.0.0.1'],
    ],
    ['entries of a list', parseList('10.0.0.1 # Lab\n::1').entries, ['10.0.0.1', '::1']],
    ['what another set prints', AddressSet.of('10.0.0.0/8').ranges, ['10.0.0.0/8']],
  ])('reads %s', (_, source, prefixes) => expect(AddressSet.of(source).prefixes).toEqual(prefixes));

  test('returns a set as it is', () => {
    const set = AddressSet.of('10.0.0.1');
    expect(AddressSet.of(set)).toBe(set);
  });

  test('has no limit of entries', () => {
    const lines = Array.from(
      { length: 70_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    );
    expect(AddressSet.of(lines).ipv4Count).toBe(70_000n);
    expect(AddressSet.of(lines.join('\n')).equals(AddressSet.of(lines))).toBe(true);
  });

  test('throws a ListError with every problem, in the source "entries"', () => {
    const problems = problemsOf(() =>
      AddressSet.of('10.0.0.0/33\n10.0.0.1 # good\n10.0.0.*\n::ffff:10.0.0.0/8'),
    );
    expect(problems.map(({ source, line, column, code }) => [source, line, column, code])).toEqual([
      ['entries', 1, 10, 'prefix-length-range'],
      ['entries', 3, 8, 'invalid-character'],
      ['entries', 4, 1, 'mapped-prefix-too-short'],
    ]);
  });

  test.each<[what: string, source: unknown, code: string]>([
    ['nothing', undefined, 'not-a-string'],
    ['null', null, 'not-a-string'],
    ['a number', 5, 'not-a-string'],
    ['an object', { prefixes: ['10.0.0.1'] }, 'not-a-string'],
    ['a promise', Promise.resolve('10.0.0.1'), 'not-a-string'],
    ['bytes', new Uint8Array(4), 'not-a-string'],
    ['a Map', new Map([['10.0.0.1', 1]]), 'not-a-string'],
    ['a managed list', RestrictionList.parse('deny', '10.0.0.1'), 'not-a-string'],
    ['an item with other fields', [{ address: '10.0.0.1', comment: 'Lab' }], 'unknown-field'],
    ['the good lines of a bad text', parseList('10.0.0.1\nx').entries, 'incomplete-list'],
    ['an iterator that was read', [].values(), 'unreadable'],
    ['an entry with a time', '10.0.0.1 until 2026-12-31T18:00Z', 'instant-required'],
    ['an item with a time', [{ address: '10.0.0.1', until: '2026-12-31T18:00Z' }], 'instant-required'],
    ['an array that claims to be endless', new Proxy([], { get: () => 2 ** 53 - 1 }), 'not-a-string'],
    [
      'an iterable that throws',
      {
        *[Symbol.iterator]() {
          yield '10.0.0.1';
          throw new Error('broken');
        },
      },
      'unreadable',
    ],
  ])('refuses %s', (_, source, code) => {
    const problems = problemsOf(() => AddressSet.of(source as never));
    expect([problems[0]?.code, problems[0]?.source]).toEqual([code, 'entries']);
  });

  test('ends with an iterable that does not, and names no option that is not there', () => {
    const endless = {
      *[Symbol.iterator]() {
        for (;;) yield '10.0.0.1';
      },
    };
    expect(problemsOf(() => readSet(endless, 10, 'too many'))).toMatchObject([
      { source: 'entries', code: 'too-many-entries', message: 'too many' },
    ]);
    expect(problemsOf(() => readSet(endless, 10))[0]?.message).toContain('maxEntries');
  });
});

describe('an AddressSet', () => {
  test('is empty, or all', () => {
    expect([empty.isEmpty, empty.prefixes, empty.ranges, empty.ipv4Count, empty.ipv6Count]).toEqual([
      true,
      [],
      [],
      0n,
      0n,
    ]);
    expect([all.isEmpty, all.prefixes, all.ranges, all.ipv4Count, all.ipv6Count]).toEqual([
      false,
      ['0.0.0.0/0', '::/0'],
      ['0.0.0.0/0', '::/0'],
      ALL4,
      ALL6,
    ]);
    expect(empty.complement().equals(all)).toBe(true);
    expect(AddressSet.of('').equals(empty)).toBe(true);
    expect(AddressSet.of('0.0.0.0/0\n::/0').equals(all)).toBe(true);
    expect(AddressSet.of('0.0.0.0/0').isEmpty).toBe(false);
    expect(AddressSet.of('::/0').isEmpty).toBe(false);
  });

  test.each<[list: string, ranges: readonly string[]]>([
    ['192.0.2.1-192.0.2.6', ['192.0.2.1-192.0.2.6']],
    ['192.0.2.1-192.0.2.2\n192.0.2.3', ['192.0.2.1-192.0.2.3']],
    ['10.0.0.0/9\n10.128.0.0/9', ['10.0.0.0/8']],
    ['10.0.0.0/8\n11.0.0.0/16', ['10.0.0.0-11.0.255.255']],
    ['255.255.255.254-255.255.255.255\n0.0.0.0', ['0.0.0.0', '255.255.255.254/31']],
    ['::1\n255.255.255.255\n::', ['255.255.255.255', '::/127']],
    // The IPv4-mapped block: in a prefix, between two ends, at the end of a run that is not a prefix, and left out.
    ['::fffc:0:0/94', ['::fffc:0:0/94']],
    ['::fff0:0:0-::1:0:0:5', ['::fff0:0:0-::1:0:0:5']],
    ['::fff4:0:0-::fffe:ffff:ffff', ['::fff4:0:0-::fffe:ffff:ffff']],
    ['::fffe:0:0-::1:0:0:5', ['::fffe:0:0/96', '::1:0:0:0-::1:0:0:5']],
    ['::-::fffe:ffff:ffff', ['::/80']],
    ['::1-::fffe:ffff:ffff', ['::1-::fffe:ffff:ffff']],
  ])('prints %j as its longest stretches', (list, ranges) => {
    const set = AddressSet.of(list);
    expect(set.ranges).toEqual(ranges);
    expect(AddressSet.of(set.ranges).equals(set)).toBe(true);
  });

  test('includes the mapped block where that gives fewer prefixes, however the set came about', () => {
    const left = AddressSet.of('::fffc:0:0/95');
    const right = AddressSet.of('::fffe:0:0/96');
    expect(left.union(right).prefixes).toEqual(['::fffc:0:0/94']);
    expect(left.union(right).subtract(right).prefixes).toEqual(['::fffc:0:0/95']);
    expect(right.prefixes).toEqual(['::fffe:0:0/96']);
    // Everything but what is around it: nobody is in the block.
    const around = AddressSet.of(
      '0.0.0.0/0\n::-::fffe:ffff:ffff\n::1:0:0:0-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    );
    expect([around.equals(all), around.complement().isEmpty]).toEqual([true, true]);
    expect(AddressSet.of('::fffe:0:0/95').equals(right)).toBe(true);
    expect([right.covers(AddressSet.of('::fffe:0:0/95')), right.ipv6Count]).toEqual([true, ALL4]);
  });

  test.each<[client: unknown, isIn: boolean]>([
    ['192.0.2.7', true],
    ['::ffff:192.0.2.7', true],
    ['::FFFF:c000:0207', true],
    ['::ffff:192.0.2.7%eth0', true],
    ['2001:db8::1%1', true],
    ['192.0.3.0', false],
    ['2001:db9::', false],
    ['::ffff:192.0.3.0', false],
    ['192.0.2.0/24', false],
    ['192.0.2.7 ', false],
    ['192.0.2.7:80', false],
    ['[2001:db8::1]', false],
    ['', false],
    ['unknown', false],
    [undefined, false],
    [null, false],
    [3221225991, false],
    [new String('192.0.2.7'), false],
    [['192.0.2.7'], false],
    [{ toString: () => '192.0.2.7' }, false],
  ])('reads the client %j as decide does', (client, isIn) => {
    const list = '192.0.2.0/24\n2001:db8::/32';
    const ask = client as string;
    expect(AddressSet.of(list).has(ask)).toBe(isIn);
    expect(createPolicy({ allow: list }).allows(ask)).toBe(isIn);
    // What is not an address is not a client, not even of the set of all.
    expect(all.has(ask)).toBe(createPolicy({ allow: '' }).allows(ask));
    expect(empty.has(ask)).toBe(false);
  });

  test('is a list: of addresses that a policy takes, and an empty one if nobody is in it', () => {
    const set = AddressSet.of('10.0.0.0/8\n192.0.2.1-192.0.2.3');
    expect([...set]).toEqual(['10.0.0.0/8', '192.0.2.1', '192.0.2.2/31']);
    expect(createPolicy({ deny: set }).size).toBe(3);
    expect(createPolicy({ allow: empty }).problems.map(({ code }) => code)).toEqual(['open-list']);
    expect(RestrictionList.of('deny', set).entries.length).toBe(3);
  });

  test('is printed with what is in it, where that is little', () => {
    expect(inspect(AddressSet.of('10.0.0.0/8'), { breakLength: 200 })).toBe(
      "AddressSet { prefixes: [ '10.0.0.0/8' ], ipv4Count: 16777216n, ipv6Count: 0n }",
    );
  });

  test('joins any number of sets', () => {
    const sets = Array.from({ length: 1_000 }, (_, index) =>
      AddressSet.of(`10.0.${index >> 8}.${index & 255}`),
    );
    expect(empty.union(...sets).prefixes).toEqual([
      '10.0.0.0/23',
      '10.0.2.0/24',
      '10.0.3.0/25',
      '10.0.3.128/26',
      '10.0.3.192/27',
      '10.0.3.224/29',
    ]);
    expect(sets[0]?.union()).toEqual(sets[0]);
  });
});

/** One whose texts are made at once, and one for which that is put off. */
const sizes = [
  ['small', AddressSet.of('10.0.0.0/8\n::/0')],
  ['large', AddressSet.of(Array.from({ length: 100 }, (_, index) => `10.0.${index}.0/25`))],
] as const;

describe.each(sizes)('a %s AddressSet', (_, set) => {
  const again = AddressSet.of([...set.ranges]);

  test('is seen by what compares, copies and writes', () => {
    const { prefixes, ipv4Count, ipv6Count } = set;
    expect(Object.keys(set)).toEqual(['prefixes', 'ipv4Count', 'ipv6Count']);
    expect({ ...set }).toEqual({ prefixes, ipv4Count, ipv6Count });
    expect(structuredClone(set)).toEqual({ prefixes, ipv4Count, ipv6Count });
    assert.deepStrictEqual(set, again);
    assert.notDeepStrictEqual(set, again.union(AddressSet.of('192.0.2.1')));
    assert.notDeepStrictEqual(set, empty);
    expect(set).toStrictEqual(again);
    expect(set).not.toEqual(again.subtract(AddressSet.of('10.0.0.1')));
    expect(JSON.parse(JSON.stringify({ set }))).toEqual({
      set: { prefixes, ipv4Count: String(ipv4Count), ipv6Count: String(ipv6Count) },
    });
  });

  test('is not changed by anything that its user does', () => {
    const before = JSON.stringify([set, set.ranges]);
    expect(Object.isFrozen(set)).toBe(true);
    expect([set.prefixes, set.ranges].map(Object.isFrozen)).toEqual([true, true]);
    expect(() => Object.assign(set, { prefixes: [] })).toThrow(TypeError);
    expect(() => Object.assign(set, { isEmpty: true })).toThrow(TypeError);
    expect(() => Object.defineProperty(set, 'ipv4Count', { value: 0n })).toThrow(TypeError);
    expect(() => (set.prefixes as string[]).push('0.0.0.0/0')).toThrow(TypeError);
    expect(() => (set.ranges as string[]).pop()).toThrow(TypeError);
    expect(Reflect.ownKeys(set)).toEqual(['prefixes', 'ipv4Count', 'ipv6Count']);
    expect(set.prefixes).toBe(set.prefixes);
    set.union(all).complement().subtract(set);
    expect(JSON.stringify([set, set.ranges])).toBe(before);
    expect(JSON.stringify([again, again.ranges])).toBe(before);
  });

  test('keeps nothing of what it was made of', () => {
    const items = [...set];
    const made = AddressSet.of(items);
    items[0] = '0.0.0.0/0';
    expect(made.equals(set)).toBe(true);
  });
});

describe('what is not a set', () => {
  const set = AddressSet.of('10.0.0.0/8');
  let calls = 0;
  const trap = (): never => {
    calls++;
    throw new Error('foreign code ran');
  };
  const others: readonly [what: string, value: unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['text', '10.0.0.0/8'],
    ['an array', ['10.0.0.0/8']],
    ['a JavaScript Set', new Set(['10.0.0.0/8'])],
    ['a policy', createPolicy({ deny: '' })],
    ['a copy', { ...set }],
    ['a clone', structuredClone(set)],
    ['an heir', Object.create(set)],
    ['a look-alike', Object.create(AddressSet.prototype)],
    ['the class', AddressSet],
    ['a proxy', new Proxy(set, {})],
    ['a hostile object', new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap })],
  ];
  const operations = ['covers', 'overlaps', 'equals', 'union', 'intersect', 'subtract'] as const;

  test.each(others)('is refused by every operation: %s', (_, value) => {
    for (const name of operations) {
      const run = set[name] as (other: unknown) => unknown;
      expect(() => run.call(set, value)).toThrow(TypeError);
      expect(() => run.call(set, value)).toThrow(new RegExp(`^${name} takes sets .*write AddressSet\\.of`));
    }
    expect(() => set.union(set, value as never)).toThrow(TypeError);
    expect(calls).toBe(0);
  });

  test('is not made by hand', () => {
    const Maker = AddressSet as unknown as new (...parameters: unknown[]) => unknown;
    expect(() => new Maker()).toThrow(/use AddressSet\.of/);
    expect(() => new Maker(undefined, { ipv4: {}, ipv6: {} })).toThrow(TypeError);
    class Mine extends (AddressSet as unknown as new () => object) {}
    expect(() => new Mine()).toThrow(TypeError);
  });

  test.each([
    ['nothing', undefined],
    ['a list', { deny: '10.0.0.0/8' }],
    ['a look-alike', { ...createPolicy({ deny: '' }) }],
    ['something that decides', { decide: () => ({ verdict: 'allow' }) }],
    ['a set', set],
  ])('nor is a policy: allowedBy refuses %s', (_, value) => {
    expect(() => AddressSet.allowedBy(value as never)).toThrow(TypeError);
    expect(() => AddressSet.allowedBy(value as never)).toThrow(
      /allowedBy takes policies made by createPolicy/,
    );
  });
});

describe('AddressSet.allowedBy', () => {
  test.each<[what: string, policy: ReturnType<typeof createPolicy>, prefixes: readonly string[]]>([
    ['an open list', createPolicy({ allow: '' }), ['0.0.0.0/0', '::/0']],
    ['a closed list', createPolicy({ allow: '', whenEmpty: 'deny' }), []],
    ['an allow list', createPolicy({ allow: '10.0.0.0/8' }), ['10.0.0.0/8']],
    ['exemptions', createPolicy({ deny: '0.0.0.0/0\n::/0', exempt: '10.0.0.1\n::1' }), ['10.0.0.1', '::1']],
    ['a deny list', createPolicy({ deny: '128.0.0.0/1\n::/0' }), ['0.0.0.0/1']],
  ])('%s', (_, policy, prefixes) => expect(AddressSet.allowedBy(policy).prefixes).toEqual(prefixes));
});

test('comparePolicies gives sets', () => {
  const [before, after] = [createPolicy({ deny: '' }), createPolicy({ deny: '10.0.0.0/8' })];
  const { allowed, denied } = comparePolicies(before, after);
  expect([allowed, denied].every((one) => one instanceof AddressSet)).toBe(true);
  expect(allowed.isEmpty).toBe(true);
  expect(denied.has('10.1.2.3')).toBe(true);
  expect(AddressSet.allowedBy(before).subtract(denied).equals(AddressSet.allowedBy(after))).toBe(true);
});
