import { describe, expect, test } from 'vitest';
import { guardServer, restrictTo } from '../../src/adapters/node.ts';
import {
  anything,
  callable,
  checkFields,
  countOf,
  oneOf,
  readFields,
  readOptions,
  requireOptions,
} from '../../src/problem/options.ts';
import { createClientResolver, createProxyDiagnostics } from '../../src/public/client.ts';
import { createPolicy, ListError, parseList } from '../../src/public/index.ts';
import { impactOf, lintList, minimize, RestrictionList } from '../../src/public/list.ts';

function errorOf(run: () => unknown): ListError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return error as ListError;
  }
  throw new Error('nothing was thrown');
}

describe('the kinds of options', () => {
  const kinds = {
    size: countOf('lines'),
    mode: oneOf('allow', 'deny'),
    warn: callable,
    list: anything,
  } as const;

  test.each<readonly [given: unknown, problems: string[]]>([
    [undefined, []],
    [null, []],
    [{}, []],
    [{ size: 0, mode: 'deny', warn: () => {}, list: Symbol('list') }, []],
    [{ size: Number.POSITIVE_INFINITY, mode: 'allow' }, []],
    [{ size: null, mode: undefined, warn: null, list: null }, []],
    [{ size: -1 }, ['size must be a whole number of lines, or Infinity']],
    [{ size: 1.5 }, ['size must be a whole number of lines, or Infinity']],
    [{ size: Number.NaN }, ['size must be a whole number of lines, or Infinity']],
    [{ size: '5' }, ['size must be a whole number of lines, or Infinity']],
    [{ size: 5n }, ['size must be a whole number of lines, or Infinity']],
    [{ mode: 'Deny' }, ['mode must be "allow" or "deny"']],
    [{ mode: Object('deny') }, ['mode must be "allow" or "deny"']],
    [{ warn: {} }, ['warn must be a function, got an object']],
    [{ sise: 1 }, ['there is no option "sise", only size, mode, warn, list']],
    [{ 'a\nb': 1 }, ['there is no option "a<U+000A>b", only size, mode, warn, list']],
    ['deny', ['the options must be an object, got a string']],
    [() => {}, ['the options must be an object, got a function']],
    [
      { size: '5', mode: 5, more: 1 },
      [
        'there is no option "more", only size, mode, warn, list',
        'size must be a whole number of lines, or Infinity',
        'mode must be "allow" or "deny"',
      ],
    ],
  ])('%o', (given, expected) => {
    const { problems } = readOptions(given, kinds);
    expect(problems.map(({ message }) => message)).toEqual(expected);
    for (const problem of problems) {
      expect(problem).toMatchObject({
        severity: 'error',
        code: 'invalid-option',
        source: 'options',
        line: 1,
      });
    }
    if (expected.length === 0) expect(() => requireOptions(given, kinds)).not.toThrow();
    else expect(errorOf(() => requireOptions(given, kinds)).problems).toEqual(problems);
  });

  test('leave out what is wrong or not given, so that nothing is done with it', () => {
    const { values } = readOptions({ size: 'many', mode: 'deny', list: null }, kinds);
    expect({ ...values }).toEqual({ size: undefined, mode: 'deny', warn: undefined, list: undefined });
  });

  test('are unknown also where they cannot be enumerated, but not where a class has them', () => {
    const hidden = Object.defineProperty({ size: 1 }, 'mod', { value: 'deny' });
    expect(readOptions(hidden, kinds).problems.map(({ message }) => message)).toEqual([
      'there is no option "mod", only size, mode, warn, list',
    ]);
    class Options {
      readonly #size = 7;
      get size(): number {
        return this.#size;
      }
      get other(): number {
        return 5;
      }
      method(): void {}
    }
    const { values, problems } = readOptions(new Options(), kinds);
    expect([values.size, problems]).toEqual([7, []]);
    class More extends Options {
      readonly modes = 'deny';
    }
    expect(readOptions(new More(), kinds).problems.length).toBe(1);
    expect(readOptions({ size: 1, [Symbol('mod')]: 5 }, kinds).problems).toEqual([]);
    const made = Object.create(Object.create({ mode: 'deny', mod: 5 }, { sise: { value: 1 } }));
    expect(readOptions(made, kinds).problems.map(({ message }) => message.slice(0, 24))).toEqual([
      'there is no option "sise',
      'there is no option "mod"',
    ]);
    expect(readOptions(Object.create(null), kinds).problems).toEqual([]);
    const endless: object = new Proxy({}, { getPrototypeOf: () => endless, ownKeys: () => ['size'] });
    expect(readOptions(endless, kinds).problems).toEqual([]);
  });

  test('that are unknown are named up to ten, and counted beyond, however many there are', () => {
    const many = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`option${index}`, 1]));
    const { problems } = readOptions(many, kinds);
    expect(problems.length).toBe(11);
    expect(problems[9]?.message).toBe('there is no option "option9", only size, mode, warn, list');
    expect(problems[10]?.message).toBe('there are 299990 more unknown options');
    for (const open of [
      () => lintList('', { wide: many }),
      () => lintList('', many as never),
      () => createPolicy({ deny: '' }, many as never),
      () => createPolicy(many as never),
    ]) {
      expect(errorOf(open).problems.length).toBeLessThan(15);
    }
  });

  test('are not reached by what others do to Object.prototype', () => {
    const prototype = Object.prototype as Record<string, unknown>;
    prototype['mode'] = 'allow';
    prototype['more'] = 5;
    try {
      const { values, problems } = readOptions({ size: 1 }, kinds);
      expect([values.mode, problems]).toEqual([undefined, []]);
      expect((readFields({}, ['size']) as Record<string, unknown>)['mode']).toBe(undefined);
    } finally {
      delete prototype['mode'];
      delete prototype['more'];
    }
  });

  test('check fields that were read elsewhere', () => {
    const problems: { readonly message: string }[] = [];
    const values = checkFields(
      { size: 5, mode: 'no' },
      { size: kinds.size, mode: kinds.mode },
      problems as [],
    );
    expect([values.size, values.mode]).toEqual([5, undefined]);
    expect(problems.map(({ message }) => message)).toEqual(['mode must be "allow" or "deny"']);
  });
});

const policy = createPolicy({ deny: '192.0.2.1' });
const server = (): { emit: () => boolean } => ({ emit: () => true });

/** Everything that takes options, with options that are right. */
const doors: readonly (readonly [
  name: string,
  open: (options: never) => unknown,
  options: Readonly<Record<string, unknown>>,
])[] = [
  [
    'createPolicy, with the list',
    createPolicy,
    { allow: '192.0.2.1', exempt: '@loopback', maxEntries: 5, mustAllow: ['127.0.0.1'], whenEmpty: 'deny' },
  ],
  [
    'createPolicy, beside the list',
    (options) => createPolicy({ deny: '' }, options),
    { exempt: '@loopback', whenEmpty: 'deny', maxEntries: 5, mustAllow: ['127.0.0.1'], mustDeny: ['::2'] },
  ],
  ['createPolicy, of a managed list', createPolicy, { mode: 'allow', entries: [], maxEntries: 5 }],
  ['parseList', (options) => parseList('192.0.2.1', options), { list: 'allow', maxEntries: 5 }],
  [
    'lintList',
    (options) => lintList('192.0.2.1', options),
    { mode: 'allow', exempt: '::1', maxEntries: 5, clients: ['::1'], reach: 'private', wide: { ipv4: 9 } },
  ],
  ['lintList, of wide', (options) => lintList('192.0.2.1', { wide: options }), { ipv4: 9, ipv6: 20 }],
  [
    'impactOf',
    (options) => impactOf(policy, policy, ['192.0.2.1'], options),
    { maxClients: 5, maxRequests: 5 },
  ],
  ['minimize', (options) => minimize('192.0.2.1', options), { maxEntries: 5 }],
  ['RestrictionList', (options) => RestrictionList.parse('deny', '192.0.2.1', options), { maxEntries: 5 }],
  [
    'editGroup',
    (options) => RestrictionList.parse('deny', '192.0.2.1 # a').editGroup('a', options),
    { addresses: ['192.0.2.2'], note: 'b' },
  ],
  [
    'createClientResolver',
    createClientResolver,
    { trusted: '@loopback', header: 'X-Real-IP', required: true, maxHeaderLength: 100 },
  ],
  ['createProxyDiagnostics', createProxyDiagnostics, { warn: () => {} }],
  [
    'restrictTo',
    (options) => restrictTo(policy, options),
    {
      client: { trusted: '@loopback', required: true },
      onDecision: () => {},
      onError: () => {},
      respond: () => {},
      requestId: () => 'a',
    },
  ],
  [
    'restrictTo, of client',
    (options) => restrictTo(policy, { client: options }),
    {
      trusted: '@loopback',
      header: 'X-Real-IP',
      required: true,
      maxHeaderLength: 100,
      peer: () => '::1',
      warn: () => {},
    },
  ],
  [
    'guardServer',
    (options) => guardServer(server(), policy, options),
    { onDecision: () => {}, onError: () => {} },
  ],
];

describe.each(doors)('the options of %s', (_, open, options) => {
  test('are read once each', () => {
    const counts: Record<string, number> = {};
    const counting = Object.defineProperties(
      {},
      Object.fromEntries(
        Object.entries(options).map(([name, value]) => [
          name,
          {
            enumerable: true,
            get: () => {
              counts[name] = (counts[name] ?? 0) + 1;
              return value;
            },
          },
        ]),
      ),
    );
    expect(() => open(options as never)).not.toThrow();
    expect(() => open(counting as never)).not.toThrow();
    expect(counts).toEqual(Object.fromEntries(Object.keys(options).map((name) => [name, 1])));
  });

  test('that throw are one problem, with what was thrown', () => {
    const cause = new Error('no');
    for (const name of Object.keys(options)) {
      const throwing = Object.defineProperty({ ...options }, name, {
        enumerable: true,
        get: () => {
          throw cause;
        },
      });
      const error = errorOf(() => open(throwing as never));
      expect(error.problems.map(({ code, source }) => `${source} ${code}`)).toEqual(['options unreadable']);
      expect(error.problems[0]?.message).toContain('"no"');
      expect(error.cause).toBe(cause);
    }
  });

  test('may throw what throws again', () => {
    const thrower = (): never => {
      throw new Proxy({}, { get: thrower, getPrototypeOf: thrower });
    };
    const hostile = new Proxy({ ...options }, { ownKeys: thrower, getOwnPropertyDescriptor: thrower });
    expect(errorOf(() => open(hostile as never)).problems[0]?.code).toBe('unreadable');
  });

  test('have no other names', () => {
    const { problems } = errorOf(() => open({ ...options, maxEntrys: 5 } as never));
    expect(problems.map(({ code, source }) => `${source} ${code}`)).toEqual(['options invalid-option']);
    expect(problems[0]?.message).toMatch(/^there is no option "maxEntrys", only /);
  });
});
