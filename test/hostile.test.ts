import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMatcher,
  createPolicy,
  normalize,
  parseAddress,
  parseList,
  parsePrefix,
} from '../src/public/index.ts';

/** Runs code that must not run: any trap of the proxy, any method of the object. */
function hostileValues(): { values: unknown[]; touched: () => number } {
  let count = 0;
  const touch = (): never => {
    count++;
    throw new Error('foreign code ran');
  };
  const traps = new Proxy({}, { get: () => touch });
  const values = [
    { toString: touch, valueOf: touch, [Symbol.toPrimitive]: touch },
    {
      get length() {
        return touch();
      },
      get charCodeAt() {
        return touch();
      },
    },
    new Proxy({}, traps as ProxyHandler<object>),
    new Proxy(() => '10.0.0.1', traps as ProxyHandler<() => string>),
    Object.assign(Object('10.0.0.1') as object, { toString: touch }),
    Object.assign([], { toString: touch }),
    Object.assign(() => '10.0.0.1', { toString: touch }),
  ];
  return { values, touched: () => count };
}

const policies = [
  createPolicy({ allow: '0.0.0.0/0\n::/0' }),
  createPolicy({ deny: '10.0.0.0/8', exempt: '0.0.0.0/0' }),
  createPolicy({ allow: '' }),
  createPolicy({ deny: '', whenEmpty: 'allow' }),
];

function expectDenied(client: unknown): void {
  for (const policy of policies) {
    expect(policy.decide(client as string)).toEqual({
      verdict: 'deny',
      reason: 'invalid-address',
      entry: undefined,
    });
    expect(policy.allows(client as string)).toBe(false);
    expect(policy.explain(client as string).verdict).toBe('deny');
  }
}

describe('decide, allows and explain', () => {
  test('deny every value that is not a string, and run nothing of it', () => {
    const { values, touched } = hostileValues();
    const plain = [
      undefined,
      null,
      0,
      -1,
      16909060,
      Number.NaN,
      10n,
      true,
      false,
      Symbol('10.0.0.1'),
      [],
      ['10.0.0.1'],
      {},
      Object('10.0.0.1'),
      new Date(0),
      () => '10.0.0.1',
      new Map(),
      new Uint8Array([10, 0, 0, 1]),
    ];
    for (const value of [...plain, ...values]) expectDenied(value);
    expect(touched()).toBe(0);
  });

  test.each([
    ['a megabyte of colons', ':'.repeat(1_000_000)],
    ['a megabyte of digits', '1'.repeat(1_000_000)],
    ['a megabyte of zeros before an address', `${'0'.repeat(1_000_000)}10.0.0.1`],
    ['a megabyte of groups', '1:'.repeat(500_000)],
    ['a megabyte of dots', '1.'.repeat(500_000)],
    ['a zone of a megabyte', `fe80::1%${'x'.repeat(1_000_000)}`],
    ['a megabyte of percent signs', '%'.repeat(1_000_000)],
    ['lone surrogates', '\ud800\udfff\udc00'],
    ['a lone surrogate in an address', '10.0.0.\ud8001'],
    ['a zero byte', '10.0.0.1\0'],
    ['an address after a zero byte', '\x0010.0.0.1'],
    ['a line break', '10.0.0.1\n'],
    ['two addresses', '10.0.0.1, 10.0.0.2'],
    ['an address with a port', '10.0.0.1:443'],
    ['an address in brackets', '[::1]'],
    ['full-width digits', '１０.0.0.1'],
    ['the word of a proxy', 'unknown'],
    ['an obfuscated identifier', '_hidden'],
    ['a quoted address', '"10.0.0.1"'],
    ['a zone on IPv4', '10.0.0.1%eth0'],
    ['an empty zone', 'fe80::1%'],
    ['a zone of 65 characters', `fe80::1%${'x'.repeat(65)}`],
    ['a blank in a zone', 'fe80::1%a b'],
    ['a letter of another script in a zone', 'fe80::1%é'],
    ['a control in a zone', 'fe80::1%\u0001'],
    ['a zone before the address', '%eth0'],
    ['a prefix', '10.0.0.0/8'],
    ['the name of a property', '__proto__'],
    ['a named network', '@private'],
  ])('deny %s', (_, client) => {
    expectDenied(client);
  });

  test.each([
    'fe80::1%e',
    `fe80::1%${'x'.repeat(64)}`,
    'fe80::1%a%b',
    'fe80::1%/#"',
    '::ffff:10.0.0.1%1',
    '2001:db8::1%25eth0',
  ])('read the zone of $0, and ignore it', (client) => {
    expect(createPolicy({ allow: '0.0.0.0/0\n::/0' }).allows(client)).toBe(true);
  });

  test('never throw, and never allow what they do not understand', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withObjectString: true,
        }),
        (value) => {
          fc.pre(typeof value !== 'string');
          expectDenied(value);
        },
      ),
    );
  });

  test('leave no state: earlier questions change nothing', () => {
    const policy = createPolicy({ allow: '10.0.0.1\n2001:db8::1' });
    for (const before of [
      '2001:db8::ffff',
      '::ffff:9.9.9.9',
      '10.0.0.1.',
      '1:2:3:4:5:6:7:8',
      ':::',
      'fe80::1%x',
    ]) {
      policy.decide(before);
      expect(policy.allows('10.0.0.1')).toBe(true);
      policy.decide(before);
      expect(policy.allows('2001:db8::1')).toBe(true);
      policy.decide(before);
      expect(policy.allows('10.0.0.2')).toBe(false);
      policy.decide(before);
      expect(policy.allows('2001:db8::')).toBe(false);
    }
  });

  test('are not reached by what others do to Object.prototype', () => {
    const prototype = Object.prototype as Record<string, unknown>;
    const pollution: Record<string, unknown> = {
      exempt: '0.0.0.0/0',
      whenEmpty: 'deny',
      lines: [77],
      intervals: { add() {} },
      firstOwner: 1_000,
      cause: 'other',
      note: 'other',
      address: '0.0.0.0/0',
      entries: [],
      canonical: '0.0.0.0/0',
      ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [index - 1, 1e9])),
    };
    const lists = [
      '0.0.0.0/0\n::/0',
      '255.255.255.255',
      '10.0.0.1\n10.0.0.5\n::/0',
      '@multicast\n@reserved',
      '2001:db8::/33',
    ];
    const clients = [
      '10.0.0.1',
      '255.255.255.255',
      '240.0.0.1',
      '::1',
      'ff02::1',
      '2001:db8::1',
      '2001:db8:8000::',
    ];
    const ask = (): unknown[] =>
      lists.flatMap((deny) => {
        const policy = createPolicy({ deny });
        return clients.map((client) => [policy.allows(client), policy.decide(client).entry?.line]);
      });
    const clean = ask();
    const holes = ['10.0.0.1', '10.0.0.2'];
    delete holes[0];
    class Options {
      readonly deny = '';
      get whenEmpty(): string {
        return 'allow';
      }
    }
    Object.assign(prototype, pollution);
    try {
      expect(ask()).toEqual(clean);
      expect(createPolicy({ allow: '' }).allows('10.0.0.1')).toBe(true);
      expect(createPolicy(new Options() as never).allows('10.0.0.1')).toBe(true);
      expect(parseList('10.0.0.0/8').problems).toEqual([]);
      expect(parseList('10.0.0.1\n10.0.0.1').problems).toHaveLength(1);
      expect(() => createPolicy({ allow: holes })).toThrow(/not-a-string/);
    } finally {
      for (const name of Object.keys(pollution)) delete prototype[name];
    }
  });
});

describe('messages', () => {
  const shown = (run: () => unknown): string[] => {
    try {
      const value = run() as { message?: string; problems?: readonly { message: string }[] };
      return [value.message ?? '', ...(value.problems ?? []).map(({ message }) => message)];
    } catch (error) {
      const { message, problems = [] } = error as {
        message: string;
        problems?: readonly { message: string }[];
      };
      return [message, ...problems.map((problem) => problem.message)];
    }
  };
  const odd = fc.constantFrom('\u001b[31m', '\n', '\u202e', '\u0000', '\u200b', '\u0085', '\ud800', '"');
  const shape = fc.constantFrom(
    '[::1]/X',
    '[::1]X',
    '1.2.3.4X',
    '1.2.3.4 X',
    '1.2.3.4/X',
    'X',
    '@X',
    '::1%X',
    'fe80::1%aX',
    '1.2.3.4-X',
    '10.0.0.*X',
    '*.X',
    '010X',
    'http://X',
    '1.2.3.4 # X',
    '1.2.3.4 toX',
    ';X',
  );

  test('hold nothing that disturbs a terminal or a log, whatever they are about', () => {
    const policy = createPolicy({ deny: '10.0.0.0/8' });
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.oneof(odd, fc.string({ maxLength: 5 })), { minLength: 1, maxLength: 4 }),
        (text, parts) => {
          const hostile = text.replace('X', () => parts.join(''));
          const messages = [
            () => policy.explain(hostile),
            () => parseAddress(hostile),
            () => parsePrefix(hostile),
            () => normalize(hostile),
            () => parseList(hostile),
            () => createPolicy({ deny: [hostile], mustAllow: [hostile] }),
            () => createMatcher([[hostile, 1]]),
          ].flatMap(shown);
          for (const message of messages) {
            // The line breaks of a ListError are its own.
            expect(message.replaceAll('\n  ', '')).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('parseList', () => {
  test('never throws on text, and finds every bad line', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            fc.constantFrom('10.0.0.0/8', '# note', '', '10.0.0.1 # x'),
          ),
          { maxLength: 20 },
        ),
        (lines) => {
          const clean = lines.map((line) => line.replace(/[\r\n]/g, ''));
          const { entries, problems } = parseList(clean.join('\n'));
          const errors = problems.filter(({ severity }) => severity === 'error').map(({ line }) => line);
          const good = entries.map(({ line }) => line);
          clean.forEach((line, index) => {
            const trimmed = line
              .replace(index === 0 ? /^\ufeff?[ \t\u00a0]*/ : /^[ \t\u00a0]*/, '')
              .replace(/[ \t\u00a0]*$/, '');
            const isNothing = trimmed === '' || trimmed.startsWith('#');
            const count =
              errors.filter((found) => found === index + 1).length +
              good.filter((found) => found === index + 1).length;
            expect([line, count]).toEqual([line, isNothing ? 0 : 1]);
          });
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
