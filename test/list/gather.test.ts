import { describe, expect, test } from 'vitest';
import { readList } from '../../src/list/reader.ts';
import {
  createPolicy,
  type EntrySource,
  ListError,
  type ManagedList,
  parseList,
} from '../../src/public/index.ts';
import { ListIntervals } from '../../src/space/intervals.ts';

function errorOf(source: unknown, name = 'deny'): ListError {
  try {
    createPolicy({ [name]: source } as { deny: EntrySource });
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return error as ListError;
  }
  throw new Error('nothing was thrown');
}

function places(error: ListError): string[] {
  return error.problems.map(({ source, line, column, code }) => `${source} ${line}:${column} ${code}`);
}

describe('items', () => {
  test('are lines, or addresses with notes, at their positions', () => {
    const policy = createPolicy({
      allow: [
        '# Offices',
        '10.0.0.0/8 # North',
        { address: '172.16.0.0/12', note: 'South' },
        { address: ' @loopback ' },
        '',
        { address: '192.0.2.1', note: '   ' },
        { address: '192.0.2.2', note: '#1 # two' },
        { address: '192.0.2.3-192.0.2.9', note: undefined },
      ],
    });
    const seen = ['10.1.1.1', '172.16.0.1', '::1', '192.0.2.1', '192.0.2.2', '192.0.2.5'].map((ip) => {
      const { entry } = policy.decide(ip);
      return [entry?.text, entry?.note, entry?.line];
    });
    expect(seen).toEqual([
      ['10.0.0.0/8', 'North', 2],
      ['172.16.0.0/12', 'South', 3],
      ['@loopback', undefined, 4],
      ['192.0.2.1', undefined, 6],
      ['192.0.2.2', '#1 # two', 7],
      ['192.0.2.3-192.0.2.9', undefined, 8],
    ]);
    expect(policy.size).toBe(6);
  });

  test.each([
    ['a set', new Set(['10.0.0.0/8', '11.0.0.0/8'])],
    [
      'a generator',
      (function* () {
        yield '10.0.0.0/8';
        yield { address: '11.0.0.0/8' };
      })(),
    ],
    ['an array-like iterator', ['10.0.0.0/8', '11.0.0.0/8'].values()],
    [
      'the keys of a map',
      new Map([
        ['10.0.0.0/8', 1],
        ['11.0.0.0/8', 2],
      ]).keys(),
    ],
  ])('come from %s', (_, source) => {
    const policy = createPolicy({ deny: source as EntrySource });
    expect(policy.decide('11.0.0.1').entry?.line).toBe(2);
  });

  test('are read once and kept apart from what they came from', () => {
    const item = { address: '10.0.0.0/8', note: 'before' };
    const items: (string | typeof item)[] = [item, '11.0.0.0/8'];
    const policy = createPolicy({ deny: items });
    item.address = '12.0.0.0/8';
    item.note = 'after';
    items.length = 0;
    expect(policy.decide('10.0.0.1').entry).toMatchObject({ text: '10.0.0.0/8', note: 'before' });
    expect(policy.decide('11.0.0.1').verdict).toBe('deny');
    expect(policy.decide('12.0.0.1').verdict).toBe('allow');
  });

  test.each([
    ['1.1.1.1\n2.2.2.2', 'deny 2:8 line-break'],
    ['1.1.1.1\r', 'deny 2:8 line-break'],
    ['# comment\n10.0.0.0/8', 'deny 2:10 line-break'],
    [{ address: '1.1.1.1\n2.2.2.2' }, 'deny 2:8 line-break'],
    [{ address: '1.1.1.1', note: 'a\nb' }, 'deny 2:12 line-break'],
    [{ address: '1.1.1.1', note: 'a\u0000b' }, 'deny 2:12 invalid-character'],
    [{ address: '1.1.1.1 # note' }, 'deny 2:9 invalid-character'],
    [{ address: '# comment' }, 'deny 2:1 invalid-character'],
    [{ address: '' }, 'deny 2:1 empty'],
    [{ address: ' \t\u00a0', note: 'x' }, 'deny 2:1 empty'],
    [{ address: 5 }, 'deny 2:1 not-a-string'],
    [{ address: { toString: () => '1.1.1.1' } }, 'deny 2:1 not-a-string'],
    [{ address: '1.1.1.1', note: 5 }, 'deny 2:1 not-a-string'],
    [{ note: 'x' }, 'deny 2:1 not-a-string'],
    [{}, 'deny 2:1 not-a-string'],
    [[], 'deny 2:1 not-a-string'],
    [null, 'deny 2:1 not-a-string'],
    [undefined, 'deny 2:1 not-a-string'],
    [10, 'deny 2:1 not-a-string'],
    [Object('1.1.1.1'), 'deny 2:1 not-a-string'],
    ['x', 'deny 2:1 invalid-character'],
  ])('%j is a problem of its item', (item, place) => {
    const error = errorOf(['10.0.0.0/8', item, '11.0.0.0/33']);
    expect(places(error)).toEqual([place, 'deny 3:10 prefix-length-range']);
  });

  test('problems of the second kind do not hide those of the first', () => {
    expect(places(errorOf([1, 'x', 2, 'y', { address: '1.1.1.1\n' }]))).toEqual([
      'deny 1:1 not-a-string',
      'deny 2:1 invalid-character',
      'deny 3:1 not-a-string',
      'deny 4:1 invalid-character',
      'deny 5:8 line-break',
    ]);
  });
});

// A field that is dropped in silence is a list that nobody wrote.
describe('fields of items', () => {
  test.each([
    [{ address: '192.0.2.0', prefix: 24 }, 'prefix', 'write one text, such as 192.0.2.0/24'],
    [{ address: '192.0.2.0', netmask: '255.255.255.0' }, 'netmask', 'write one text'],
    [{ address: '192.0.2.0', prefix_len: 24 }, 'prefix_len', 'write one text'],
    [{ address: '192.0.2.1', notes: 'Bob' }, 'notes', 'write it as note'],
    [{ address: '192.0.2.1', comment: 'Bob' }, 'comment', 'write it as note'],
    [{ address: '192.0.2.1', expires: '2020-01-01' }, 'expires', ''],
    [{ address: '192.0.2.1', negated: true }, 'negated', ''],
    [{ address: '192.0.2.1', negated: undefined }, 'negated', ''],
    [{ ip: '192.0.2.1' }, 'ip', 'write it as address'],
    [{ IP: '192.0.2.1', note: 'x' }, 'IP', 'write it as address'],
    [Object.assign(Object.create(null), { address: '192.0.2.1', note: 'x', x: 1 }), 'x', ''],
    [{ ...parseList('192.0.2.1').entries[0], owner: 'x' }, 'owner', ''],
    [{ ...parseList('192.0.2.1').entries[0], address: '192.0.2.2' }, 'text', ''],
  ])('%j is refused', (item, name, advice) => {
    const error = errorOf(['10.0.0.0/8', item]);
    expect(places(error)).toEqual(['deny 2:1 unknown-field']);
    expect(error.problems[0]?.message).toContain(
      `only the fields address, note, from and until, got "${name}"`,
    );
    expect(error.problems[0]?.message).toContain(advice);
  });

  test('of a class are its own business', () => {
    class Row {
      readonly id = 7;
      readonly created = new Date(0);
      readonly #ip: string;
      constructor(ip: string) {
        this.#ip = ip;
      }
      get address(): string {
        return this.#ip;
      }
      get note(): string {
        return `row ${this.id}`;
      }
    }
    const policy = createPolicy({ deny: [new Row('192.0.2.1')] });
    expect(policy.decide('192.0.2.1').entry).toMatchObject({ text: '192.0.2.1', note: 'row 7' });
  });

  test('of Object.prototype, where other code put them, are not fields of an item', () => {
    const prototype = Object.prototype as unknown as Record<string, unknown>;
    prototype['canonical'] = '10.0.0.1';
    prototype['text'] = '10.0.0.1';
    let policy: ReturnType<typeof createPolicy>;
    try {
      policy = createPolicy({ deny: [{ address: '192.0.2.1' }] });
    } finally {
      delete prototype['canonical'];
      delete prototype['text'];
    }
    expect(policy.decide('192.0.2.1').entry?.note).toBeUndefined();
    expect(policy.decide('10.0.0.1').verdict).toBe('allow');
  });
});

describe('entries of another list', () => {
  const text = '10.1.2.3/8 # Lab\n@loopback\n2001:db8::1-2001:db8::9';

  test('are taken as they are, with their notes, at their new positions', () => {
    const copy = createPolicy({ allow: ['192.0.2.1', ...parseList(text).entries] });
    const entry = copy.decide('10.9.9.9').entry;
    expect(entry).toEqual({
      text: '10.1.2.3/8',
      canonical: '10.0.0.0/8',
      note: 'Lab',
      list: 'allow',
      line: 2,
    });
    expect(copy.decide('2001:db8::2').entry?.line).toBe(4);
    if (entry === undefined) throw new Error('no entry');
    expect(createPolicy({ deny: [entry] }).decide('10.1.1.1').verdict).toBe('deny');
    expect(createPolicy({ deny: parseList(text).entries }).size).toBe(3);
  });

  test('of a text with errors are not its list: the bad lines are missing', () => {
    for (const bad of ['10.0.0.0/33', '192.0.2.1\n10.0.0.0/33']) {
      const { entries } = parseList(bad);
      expect(places(errorOf(entries, 'allow'))).toEqual(['allow 1:1 incomplete-list']);
      const managed = { mode: 'allow', entries } as ManagedList;
      expect(() => createPolicy(managed)).toThrow(/only the good lines of a text with errors/);
    }
    // A warning is no error, and whoever picks entries out has a list of their own.
    expect(createPolicy({ allow: parseList('10.0.0.1/8').entries }).size).toBe(1);
    expect(createPolicy({ allow: [...parseList('192.0.2.1\nx').entries] }).size).toBe(1);
  });
});

describe('foreign objects', () => {
  test.each([[7], [true], [{}], [() => ['10.0.0.0/8']], [Symbol('list')], [new Date(0)]])(
    '%s is not a list',
    (source) => {
      expect(errorOf(source).problems[0]).toMatchObject({ source: 'deny', line: 1, severity: 'error' });
    },
  );

  test('an iterable that throws names the item, and keeps what was thrown', () => {
    const cause = new Error('the database went away');
    const error = errorOf(
      (function* () {
        yield '10.0.0.0/8';
        yield 'x';
        throw cause;
      })(),
    );
    expect(places(error)).toEqual(['deny 2:1 invalid-character', 'deny 3:1 unreadable']);
    expect(error.message).toContain('the database went away');
    expect(error.cause).toBe(cause);
  });

  test.each([
    ['a text', 'thrown text'],
    ['null', null],
    [
      'an object that throws when it is read',
      new Proxy(
        {},
        {
          get() {
            throw new Error('again');
          },
          getPrototypeOf() {
            throw new Error('again');
          },
        },
      ),
    ],
  ])('an iterable may throw %s', (_, thrown) => {
    const error = errorOf({
      [Symbol.iterator]() {
        throw thrown;
      },
    });
    expect(places(error)).toEqual(['deny 1:1 unreadable']);
  });

  test('a getter of an item that throws is a problem of that item', () => {
    const item = {
      get address(): string {
        throw new Error('no');
      },
    };
    expect(places(errorOf(['10.0.0.0/8', item]))).toEqual(['deny 2:1 unreadable']);
  });

  test('a getter is asked once', () => {
    let calls = 0;
    const item = {
      get address(): string {
        return ++calls === 1 ? '10.0.0.0/8' : '0.0.0.0/0';
      },
    };
    const policy = createPolicy({ allow: [item] });
    expect(calls).toBe(1);
    expect(policy.decide('192.0.2.1').verdict).toBe('deny');
  });

  test('an endless iterable ends with an error', () => {
    let count = 0;
    const error = errorOf(
      (function* () {
        for (;;) yield `10.0.0.${count++ & 255}`;
      })(),
    );
    expect(error.problems.map(({ code }) => code)).toContain('too-many-entries');
    expect(count).toBeLessThan(1_000_000);
  });

  test('endless blank items end with an error, even without a limit', () => {
    let error: unknown;
    try {
      createPolicy({
        deny: (function* () {
          for (;;) yield '';
        })(),
        maxEntries: Number.POSITIVE_INFINITY,
      });
    } catch (thrown) {
      error = thrown;
    }
    expect((error as ListError).problems.map(({ code }) => code)).toEqual(['list-too-long']);
  });

  test('an array is read by its indexes, not by what its class makes of it', () => {
    class Endless extends Array<string> {
      override *[Symbol.iterator](): ArrayIterator<string> {
        for (;;) yield '0.0.0.0/0';
      }
    }
    const policy = createPolicy({ allow: Endless.from(['10.0.0.1']) as string[] });
    expect([policy.size, policy.allows('192.0.2.1')]).toEqual([1, false]);
  });

  test.each<[what: string, source: unknown, place: string]>([
    ['long', Array.from({ length: 100_021 }, () => '# comment'), 'deny 100021:1 too-many-entries'],
    ['with holes', new Array(2 ** 32 - 1), 'deny 10001:1 unreadable'],
    [
      'that says it is longer than it is',
      new Proxy([] as string[], {
        get: (_, name) => (name === 'length' ? 2 ** 53 : '10.0.0.1'),
        getOwnPropertyDescriptor: (_, name) =>
          name === 'length'
            ? undefined
            : { value: '10.0.0.1', configurable: true, writable: true, enumerable: true },
      }),
      'deny 100021:1 too-many-entries',
    ],
  ])('an array %s is not read to its end', (_, source, place) => {
    let error: unknown;
    try {
      createPolicy({ deny: source as string[] }, { maxEntries: 10 });
    } catch (thrown) {
      error = thrown;
    }
    const found = places(error as ListError);
    expect([found.length <= 10_001, found.at(-1)]).toEqual([true, place]);
  });

  test('bad items are not read without end, even without a limit', () => {
    for (const source of [
      new Array(2 ** 32 - 1),
      (function* () {
        for (;;) yield 5;
      })(),
    ]) {
      const { errors } = readList(source, {
        list: 'deny',
        maxEntries: Number.POSITIVE_INFINITY,
      });
      expect([errors.length, errors.at(-1)?.code, errors.at(-1)?.line]).toEqual([
        10_001,
        'unreadable',
        10_001,
      ]);
    }
  });

  test('items are not more text than a string can hold', () => {
    const note = 'n'.repeat(400_000);
    const items = Array.from({ length: 1_400 }, () => ({ address: '10.0.0.1', note }));
    const error = errorOf(items);
    expect(places(error)).toEqual(['deny 672:1 list-too-long']);
  });

  test('a hole in an array is an item that is missing', () => {
    const items = ['10.0.0.1', '10.0.0.2'];
    delete items[0];
    expect(places(errorOf(items))).toEqual(['deny 1:1 not-a-string']);
  });

  test('only a text may start with a byte order mark', () => {
    expect(places(errorOf([{ address: '\ufeff10.0.0.1' }]))).toEqual(['deny 1:1 invalid-character']);
    expect(places(errorOf(['\ufeff10.0.0.1']))).toEqual(['deny 1:1 invalid-character']);
    const { problems } = parseList('\ufeff10.0.0.1/8\n10.0.0.1/8');
    expect(problems.map(({ column }) => column)).toEqual([1, 1, 1]);
  });

  test('a bad item is one problem', () => {
    expect(places(errorOf([{ address: '1.2.3.4#\n', note: 'x\ny' }]))).toEqual([
      'deny 1:8 invalid-character',
    ]);
  });

  test('beyond the limit nothing is expanded', () => {
    const intervals = new ListIntervals();
    const wide = Array.from({ length: 50 }, (_, index) => `::1-ffff::${index}`);
    const { errors } = readList(wide, { list: 'deny', maxEntries: 10, intervals });
    expect(errors.map(({ code }) => code)).toEqual(['too-many-entries']);
    expect(intervals.sort().map(({ count }) => count)).toEqual([0, 10]);
  });

  test('is not a list, and never an empty one', () => {
    for (const source of [[undefined], ['x'], [{ address: '' }], new Set([5])]) {
      expect(() => createPolicy({ allow: source as EntrySource })).toThrow(ListError);
    }
  });
});

describe('a managed list', () => {
  const managed = (mode: 'allow' | 'deny', text: string): ManagedList => ({
    mode,
    entries: parseList(text, { list: mode }).entries,
  });

  test('keeps its type, lines and notes', () => {
    const policy = createPolicy(managed('allow', '# head\n\n10.0.0.0/8 # Office\n\n@private\n10.0.0.0/9'), {
      exempt: '@loopback',
    });
    expect(policy.mode).toBe('allow');
    expect(policy.size).toBe(3);
    expect(policy.decide('10.200.0.1').entry).toEqual({
      text: '10.0.0.0/8',
      canonical: '10.0.0.0/8',
      note: 'Office',
      list: 'allow',
      line: 3,
    });
    expect(policy.decide('192.168.0.1').entry?.line).toBe(5);
    expect(policy.decide('127.0.0.1').reason).toBe('exempt');
    expect(policy.decide('192.0.2.1').verdict).toBe('deny');
  });

  test('is read again, not believed', () => {
    const entries = [
      {
        text: '10.0.0.0/33',
        canonical: '0.0.0.0/0',
        note: undefined,
        from: undefined,
        until: undefined,
        list: 'allow' as const,
        line: 9,
      },
    ];
    try {
      createPolicy({ mode: 'allow', entries });
      expect.unreachable();
    } catch (error) {
      expect(places(error as ListError)).toEqual(['allow 9:10 prefix-length-range']);
    }
  });

  test('has lines that are numbers of lines', () => {
    const entry = (line: unknown): object => ({ text: '10.0.0.1', note: undefined, line });
    const lineOf = (line: unknown): number | undefined =>
      createPolicy({ mode: 'deny', entries: [entry(line)] as never }).decide('10.0.0.1').entry?.line;
    expect([7, 2 ** 31, 2 ** 32 + 5, -1, 1.5, '9', undefined].map(lineOf)).toEqual([7, 1, 1, 1, 1, 1, 1]);
    const error = ((): unknown => {
      try {
        return createPolicy({
          mode: 'deny',
          entries: [entry(5), { ...entry(9), text: 5 }, { ...entry(20), text: 'x' }] as never,
        });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(places(error as ListError)).toEqual(['deny 9:1 not-a-string', 'deny 20:1 invalid-character']);
  });

  test('has entries that are not read without end', () => {
    const placesOf = (entries: unknown, maxEntries?: number): string[] => {
      try {
        createPolicy({ mode: 'deny', entries: entries as never }, { maxEntries });
      } catch (error) {
        return places(error as ListError);
      }
      return [];
    };
    const entry = { text: '10.0.0.1', note: undefined, line: 1 };
    const lying = new Proxy([], {
      get: (_, name) => (name === 'length' ? 2 ** 53 : entry),
      getOwnPropertyDescriptor: (_, name) =>
        name === 'length'
          ? undefined
          : { value: entry, configurable: true, writable: true, enumerable: true },
    });
    class Endless extends Array<object> {
      override *[Symbol.iterator](): ArrayIterator<object> {
        for (;;) yield entry;
      }
    }
    expect(placesOf(lying, 10)).toEqual(['deny 1:1 too-many-entries']);
    expect(placesOf(Endless.from([entry]))).toEqual([]);
    const sparse = placesOf(new Array(2 ** 32 - 1), Number.POSITIVE_INFINITY);
    expect([sparse.length, sparse.at(-1)]).toEqual([10_001, 'deny 10001:1 unreadable']);
  });

  test('brings its limit, and the option raises it', () => {
    const { entries } = managed('deny', '10.0.0.1\n10.0.0.2\n10.0.0.3');
    expect(() => createPolicy({ mode: 'deny', entries, maxEntries: 2 })).toThrow(/limit is 2/);
    expect(createPolicy({ mode: 'deny', entries, maxEntries: 2 }, { maxEntries: 3 }).size).toBe(3);
  });

  test('of no entries is open, and closed by whenEmpty', () => {
    expect(createPolicy({ mode: 'allow', entries: [] }).decide('192.0.2.1')).toEqual({
      verdict: 'allow',
      reason: 'empty-list',
      entry: undefined,
    });
    expect(createPolicy({ mode: 'allow', entries: [] }, { whenEmpty: 'deny' }).allows('192.0.2.1')).toBe(
      false,
    );
  });
});
