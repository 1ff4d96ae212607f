import { describe, expect, test } from 'vitest';
import { createMatcher, createPolicy, ListError } from '../../src/public/index.ts';
import {
  applyFixes,
  compareLists,
  impactOf,
  type LintProblem,
  lintList,
  minimize,
  minimizeList,
  RestrictionList,
} from '../../src/public/list.ts';

const unlimited = { maxEntries: Number.POSITIVE_INFINITY };

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return error instanceof ListError ? error.problems.map(({ code }) => code).join() : `${error}`;
  }
}

function countOf(problems: readonly LintProblem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of problems) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

describe('clients', () => {
  const text = '8.8.8.8\n9.9.9.9';
  const said = (clients: unknown): string[] =>
    lintList(text, { clients: clients as Iterable<string> }).map(
      ({ source, line, code }) => `${source} ${line} ${code}`,
    );

  test('that throw are a problem, and nothing is reported as unused', () => {
    function* broken(): Generator<string> {
      yield '8.8.8.8';
      yield '8.8.8.8';
      throw new Error('connection lost');
    }
    expect(said(broken())).toEqual(['clients 2 unreadable']);
    expect(said({ [Symbol.iterator]: () => null })).toEqual(['clients 1 unreadable']);
    expect(
      said({
        [Symbol.iterator]() {
          throw new Proxy({}, { get: () => expect.unreachable() });
        },
      }),
    ).toEqual(['clients 1 unreadable']);
  });

  test('that are endless are refused', () => {
    const endless = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: '8.8.8.8' }) }) };
    expect(said(endless)).toEqual(['clients 10000001 unreadable']);
  });

  test('that are not addresses are nobody', () => {
    const touch = (): never => expect.unreachable();
    const values: unknown[] = [
      null,
      undefined,
      5,
      {},
      [],
      Symbol('x'),
      { toString: touch },
      '8.8.8.8\n',
      'x'.repeat(1e6),
    ];
    expect(said(values)).toEqual([]);
    expect(said([...values, '8.8.8.8'])).toEqual(['deny 2 unused']);
  });
});

describe('lists', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an array', ['8.8.8.8']],
    ['a set', new Set(['8.8.8.8'])],
    ['a map', new Map([['mode', 'allow']])],
    ['a promise', Promise.resolve('8.8.8.8')],
    ['a function', () => '8.8.8.8'],
    ['entries that are not an array', { mode: 'allow', entries: '8.8.8.8' }],
  ])('that are %s are a problem', (_, list) => {
    expect(lintList(list as never).map(({ code }) => code)).toEqual(['not-a-string']);
  });

  test('that throw are refused', () => {
    const cause = new Error('no');
    const thrower = (): never => {
      throw cause;
    };
    const lists = [
      new Proxy({}, { getPrototypeOf: thrower }),
      {
        get mode() {
          return thrower();
        },
        entries: [],
      },
      {
        mode: 'allow',
        entries: [
          {
            text: '8.8.8.8',
            get note() {
              return thrower();
            },
          },
        ],
      },
      { mode: 'allow', entries: [], toString: thrower },
    ];
    for (const list of lists) {
      expect(codeOf(() => lintList(list as never))).toBe('unreadable');
      expect(codeOf(() => lintList('', list as never))).toMatch(/unreadable|invalid-option/);
    }
    try {
      lintList(lists[3] as never);
    } catch (error) {
      expect((error as Error).cause).toBe(cause);
    }
  });

  test('whose entries are anything have problems', () => {
    const entries = [
      null,
      5,
      {},
      { text: 5 },
      { text: '8.8.8.8', line: -1 },
      { text: '8.8.8.8', note: 'a\nb' },
    ];
    expect(
      lintList({ mode: 'deny', entries: entries as never }).map(({ line, code }) => `${line} ${code}`),
    ).toEqual(['1 not-a-string', '2 not-a-string', '3 not-a-string', '4 not-a-string', '6 line-break']);
  });

  test('are read once, whatever their getters return the second time', () => {
    let count = 0;
    const list = {
      get mode() {
        return count++ === 0 ? 'allow' : 'deny';
      },
      entries: [{ text: '8.0.0.0/8', canonical: '0.0.0.0/0', note: undefined, list: 'allow', line: 1 }],
    };
    expect(lintList(list as never).map(({ source, code }) => `${source} ${code}`)).toEqual([
      'allow very-wide',
    ]);
  });

  test('and options ignore what others put on Object.prototype', () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const pollution = {
      mode: 'allow',
      exempt: '0.0.0.0/0',
      clients: [],
      wide: 5,
      fix: 5,
      edits: [],
      reach: 'private',
      ipv4: 3,
    };
    const ask = (): unknown => {
      const problems = lintList('8.8.8.8\n8.8.8.8\n10.0.0.0/7', {});
      return [
        problems,
        applyFixes('8.8.8.8\n8.8.8.8', problems.slice(0, 1)),
        applyFixes('8.8.8.8', [{} as never]),
      ];
    };
    const clean = ask();
    Object.assign(prototype, pollution);
    try {
      expect(ask()).toEqual(clean);
    } finally {
      for (const name of Object.keys(pollution)) delete prototype[name];
    }
  });
});

describe('prototypes to which others have added', () => {
  const text = [
    '8.8.8.0/25 # a\n8.8.8.128/25 # a\n8.8.8.9-8.8.8.200 # a\n2600::1-2600::9\n2600::/64\n@private',
    '192.0.2.1/24 # x\u00a0y\n192.0.2.7 # x y\n0.0.0.0/1\n::192.0.2.1\n128.0.0.0/1\n192.0.0.0/8',
    '8.8.8.8 # lint-ignore covered\n1.1.1.1 # a\u200b\n1.1.1.1 # lint-ignore zork\n9.9.9.9 # lint-ignore',
  ].join('\n');
  const options = { exempt: '@loopback\n8.8.8.1\n8.8.8.1', clients: ['8.8.8.8', '::1', 'x'] };
  const lists = ['', '8.8.8.8', '4.4.4.1-4.4.4.9\n8.8.8.0/25\n8.8.8.128/25', '1.2.3.300\n@nobody'];
  const left = createPolicy({ deny: text });
  const right = createPolicy({ deny: '8.8.8.8\n9.9.9.9' });
  const clients = ['8.8.8.8', '2600::5', '::ffff:1.1.1.1', 'x'];
  const list = RestrictionList.parse('deny', text);
  const other = RestrictionList.parse('deny', lists[2] as string);
  const matcher = createMatcher([
    ['8.8.8.0/24', 'a'],
    ['8.8.8.8', 'b'],
    ['2600::/32', 'c'],
  ] as const);
  const asked: readonly (readonly [name: string, ask: () => unknown])[] = [
    ['lintList', () => [text, ...lists].map((one) => lintList(one, options))],
    ['lintList, an allow list', () => lists.map((one) => lintList(one, { mode: 'allow' }))],
    ['applyFixes', () => [applyFixes(text, lintList(text)), codeOf(() => applyFixes(text, empty))]],
    ['minimize', () => minimize(text)],
    ['minimizeList', () => [list, other].map((one) => String(minimizeList(one)))],
    ['compareLists', () => compareLists(list, other)],
    ['impactOf', () => impactOf(left, right, clients)],
    ['createPolicy', () => clients.map((client) => createPolicy({ allow: text }).allows(client))],
    ['createPolicy, of a bad list', () => codeOf(() => createPolicy({ deny: '1.2.3.300\n@nobody' }))],
    ['an unknown option', () => codeOf(() => createPolicy({ deny: text }, { wen: 5 } as never))],
    ['a matcher', () => clients.map((client) => matcher.matchAll(client))],
  ];
  const empty = [{ fix: { edits: [] } }] as never;
  const names = [
    ...['-1', '0', '1', '2', '1000'],
    ...['fix', 'edits', 'line', 'text', 'note', 'canonical', 'column', 'severity', 'value', 'writable'],
    ...['code', 'source', 'cause', 'mode', 'entries', 'lines', 'ipv4', 'length', 'undefined'],
  ];

  test.each(asked)('change nothing in %s', (_, ask) => {
    const clean = ask();
    const wrong: unknown[] = [];
    for (const prototype of [Object.prototype, Array.prototype]) {
      for (const name of names.filter((own) => !Object.hasOwn(prototype, own))) {
        for (const value of [5, '0.0.0.0/0', '\u200b', { isReachable: false }, () => 5]) {
          let said: unknown;
          Object.assign(prototype, { [name]: value });
          try {
            said = ask();
          } catch (error) {
            said = error;
          } finally {
            delete (prototype as unknown as Record<string, unknown>)[name];
          }
          try {
            expect(said).toEqual(clean);
          } catch {
            wrong.push([name, value, said]);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('fixes', () => {
  const text = '8.8.8.8\n8.8.8.8';
  const fix = { edits: [{ line: 2, text: null }] };

  test('that throw are refused', () => {
    const thrower = (): never => {
      throw new Error('no');
    };
    function* broken(): Generator<unknown> {
      yield { fix };
      throw new Error('connection lost');
    }
    for (const problems of [
      broken(),
      [
        {
          get fix() {
            return thrower();
          },
        },
      ],
      [
        {
          fix: {
            get edits() {
              return thrower();
            },
          },
        },
      ],
      [{ fix: { edits: new Proxy([], { get: thrower }) } }],
      [new Proxy({}, { getPrototypeOf: thrower })],
    ]) {
      expect(codeOf(() => applyFixes(text, problems as never))).toBe('unreadable');
    }
  });

  test('that are endless are refused', () => {
    const endless = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: {} }) }) };
    expect(codeOf(() => applyFixes(text, endless as never))).toBe('unreadable');
    const long: unknown[] = [];
    long.length = 2 ** 32 - 1;
    expect(codeOf(() => applyFixes(text, [{ fix: { edits: long } }] as never))).toBe('stale-fix');
    const lying = new Proxy([], {
      get: (_, name) => (name === 'length' ? 2 ** 53 : { line: 2, text: null }),
    });
    expect(codeOf(() => applyFixes(text, [{ fix: { edits: lying } }] as never))).toBe('stale-fix');
    function* endlessFixes(): Generator<unknown> {
      for (;;) yield { fix: { edits: [{ line: 2, text: null }] } };
    }
    expect(codeOf(() => applyFixes(text, endlessFixes() as never))).toBe('unreadable');
  });

  test('that change while they are read cannot do anything else', () => {
    let count = 0;
    const edit = {
      get line() {
        return count++ === 0 ? 2 : 1;
      },
      text: null,
    };
    expect(applyFixes('8.8.8.8\n8.8.8.8 \n', [{ fix: { edits: [edit] } }] as never)).toBe('8.8.8.8\n');
  });
});

describe('size', () => {
  const count = 30_000;
  const address = (index: number): string =>
    `8.${(index >>> 16) & 255}.${(index >>> 8) & 255}.${index & 255}`;
  const unseen = (index: number): string =>
    [...index.toString(2)].map((bit) => (bit === '0' ? '\u200b' : '\u00ad')).join('');
  const manyLines = (line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');
  const shapes: readonly (readonly [string, string, Record<string, number>])[] = [
    [
      'ranges that overlap',
      manyLines((index) => `${address(index)}-${address(index + count)} # ${index & 1}`),
      {},
    ],
    [
      'ranges in ranges',
      manyLines((index) => `${address(index)}-${address(3 * count - index)}`),
      { covered: count - 1 },
    ],
    [
      'ranges in ranges with notes',
      manyLines((index) => `${address(index)}-${address(3 * count - index)} # ${index}`),
      { covered: count - 1 },
    ],
    ['addresses that merge', manyLines((index) => address(index)), { mergeable: 7 }],
    ['addresses backwards', manyLines((index) => address(count - 1 - index)), { mergeable: 7 }],
    ['one address', manyLines(() => '8.8.8.8 # a'), { duplicate: count - 1 }],
    [
      'one address with many notes',
      manyLines((index) => `8.8.8.8 # ${index}`),
      { duplicate: count - 1, 'notes-differ': count - 1 },
    ],
    [
      'under a range of a megabyte',
      `8.0.0.0 -${' '.repeat(1e6)}8.255.255.255\n${manyLines((index) => address(index * 2))}`,
      { covered: count },
    ],
    [
      'like a range of a megabyte',
      `8.0.0.0 -${' '.repeat(1e6)}8.8.8.8\n${manyLines(() => '8.0.0.0-8.8.8.8')}`,
      { duplicate: count },
    ],
    ['names', manyLines(() => '@documentation'), { duplicate: count - 1, 'special-purpose': count }],
    [
      'a directive of a megabyte',
      `8.8.8.8 # lint-ignore ${'a,'.repeat(500_000)}`,
      { 'lint-ignore-unknown': 1 },
    ],
    ['directives of a megabyte', `8.8.8.8 # ${'lint-ignore'.repeat(90_000)}`, {}],
    ['codes of a megabyte', `8.8.8.8/24 # lint-ignore ${'unused '.repeat(140_000)}`, { 'host-bits-set': 1 }],
    ['a note of a megabyte', `8.8.8.8 # ${'n'.repeat(1e6)}\n8.8.8.8 # ${'n'.repeat(1e6)}`, { duplicate: 1 }],
    [
      'notes that look alike',
      manyLines((index) => `${address(index * 2)} # a${unseen(index)}b`),
      { 'look-alike-note': count - 1 },
    ],
    [
      'a note of a megabyte that nobody sees',
      `8.8.8.8 # a${'\u200b'.repeat(1e6)}b\n8.8.4.4 # ab\n8.8.4.2 # a\u00adb`,
      { 'look-alike-note': 1 },
    ],
    [
      'networks around special-purpose ones',
      manyLines((index) => `${address(index)}-${address(3 * count - index).replace('8.', '250.')}`),
      {
        covered: count - 1,
        'partly-special-purpose': count,
        'denies-loopback': count,
        'partly-exempted': count,
      },
    ],
    [
      'IPv6 that looks like IPv4',
      manyLines((index) => `64:ff9b::${address(index * 2)}`),
      { 'ipv4-look-alike': count },
    ],
    ['blanks of a megabyte', `${' '.repeat(1e6)}8.8.8.8/24${'\t'.repeat(1e6)}`, { 'host-bits-set': 1 }],
    ['lines of nothing', '\r\n'.repeat(count * 5), {}],
    ['lines of errors', manyLines(() => 'x'), { 'invalid-character': count }],
  ];

  test.each(shapes)('%s', (_, text, expected) => {
    const problems = lintList(text, { ...unlimited, exempt: '9.9.9.9', clients: ['8.0.0.0', '8.0.255.255'] });
    const { unused: _unused, ...counts } = countOf(problems);
    expect(counts).toEqual(expected);
    for (const { message } of problems.slice(0, 5)) expect(message.length).toBeLessThan(700);
    const fixed = applyFixes(text, problems);
    expect(lintList(fixed, unlimited).filter(({ fix }) => fix !== undefined)).toEqual([]);
  });
});
