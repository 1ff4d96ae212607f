import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { type Impact, impactOf } from '../../src/public/list.ts';
import { addressText } from '../support/arbitraries.ts';

const before = createPolicy({ deny: '10.0.0.0/24\n2001:db8::/64', exempt: '10.0.0.9' });
const after = createPolicy({ deny: '10.0.0.0/25\n192.0.2.0/24', exempt: '10.0.0.9' });

function rowsOf({ clients }: Impact): [address: string, requests: number][] {
  return clients.map(({ address, requests }) => [address, requests]);
}

function refusalOf(run: () => unknown): ListError {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('impactOf', () => {
  test('counts requests each way, and the clients, most frequent first', () => {
    const log = [
      '10.0.0.200',
      '192.0.2.7',
      '198.51.100.1',
      '192.0.2.7',
      '10.0.0.1',
      '10.0.0.9',
      '2001:db8::1',
      'unknown',
    ];
    expect(impactOf(before, after, log)).toEqual({
      requests: 8,
      invalid: 1,
      newlyAllowed: 2,
      newlyDenied: 2,
      clients: [
        {
          address: '192.0.2.7',
          requests: 2,
          before: { verdict: 'allow', reason: 'not-listed' },
          after: { verdict: 'deny', reason: 'listed' },
        },
        {
          address: '10.0.0.200',
          requests: 1,
          before: { verdict: 'deny', reason: 'listed' },
          after: { verdict: 'allow', reason: 'not-listed' },
        },
        {
          address: '2001:db8::1',
          requests: 1,
          before: { verdict: 'deny', reason: 'listed' },
          after: { verdict: 'allow', reason: 'not-listed' },
        },
      ],
      undercount: 0,
    });
  });

  test('takes all spellings of a client for one', () => {
    const log = [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::FFFF:c000:207',
      '0:0:0:0:0:ffff:192.0.2.7',
      '2001:DB8:0:0::1',
      '2001:db8::1%eth0',
    ];
    expect(rowsOf(impactOf(before, after, log))).toEqual([
      ['192.0.2.7', 4],
      ['2001:db8::1', 2],
    ]);
  });

  test('reads any iterable once, and finds nothing in nothing', () => {
    const once = new Set(['192.0.2.7', '192.0.2.8'])[Symbol.iterator]();
    expect(impactOf(before, after, once).newlyDenied).toBe(2);
    expect(impactOf(before, after, [])).toEqual({
      requests: 0,
      invalid: 0,
      newlyAllowed: 0,
      newlyDenied: 0,
      clients: [],
      undercount: 0,
    });
  });

  test('counts what is not an address or not text as invalid, and asks no policy about it', () => {
    const foreign = { toString: () => '192.0.2.7' };
    const log = [
      undefined,
      null,
      3221225991,
      foreign,
      '',
      '192.0.2.7:80',
      ' 192.0.2.7',
      '9'.repeat(1_000_000),
    ];
    const asked: unknown[] = [];
    const asking = {
      decide(ip: string): ReturnType<Policy['decide']> {
        asked.push(ip);
        return after.decide(ip);
      },
    };
    const { requests, invalid, clients } = impactOf(before, asking, [...log, '192.0.2.7'] as string[]);
    expect([requests, invalid, clients.length]).toEqual([9, 8, 1]);
    expect(asked).toEqual(['192.0.2.7']);
  });

  test('reads the decide function of a policy once, and calls it on the policy', () => {
    let reads = 0;
    const counting = {
      list: after,
      get decide() {
        reads++;
        return function decide(this: { list: Policy }, ip: string): ReturnType<Policy['decide']> {
          return this.list.decide(ip);
        };
      },
    } as unknown as Policy;
    expect(impactOf(before, counting, ['192.0.2.1', '192.0.2.2']).newlyDenied).toBe(2);
    expect(reads).toBe(1);
  });

  test('takes anything that decides, and reads each answer once', () => {
    let verdict = 'allow';
    const fickle = {
      decide: () => ({
        get verdict() {
          verdict = verdict === 'allow' ? 'deny' : 'allow';
          return verdict;
        },
        reason: 'listed',
        entry: undefined,
      }),
    } as unknown as Policy;
    const { newlyDenied, clients } = impactOf(createPolicy({ deny: '' }), fickle, ['192.0.2.1']);
    expect([newlyDenied, clients[0]?.after.verdict]).toEqual([1, 'deny']);
  });

  test('gives frozen plain data', () => {
    const impact = impactOf(before, after, ['192.0.2.7']);
    const [client] = impact.clients;
    for (const value of [impact, impact.clients, client, client?.before, client?.after]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
    expect(JSON.parse(JSON.stringify(impact))).toEqual(impact);
  });

  test('agrees with a count of everything, on any log', () => {
    const spelling = fc.oneof(
      addressText,
      fc.nat(300).map((low) => `10.0.0.${low}`),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(spelling, { maxLength: 60 }), (log) => {
        const impact = impactOf(before, after, log);
        const counts = new Map<string, number>();
        const changed = { allow: 0, deny: 0 };
        for (const client of log) {
          const { verdict } = after.decide(client);
          if (before.decide(client).verdict === verdict) continue;
          changed[verdict]++;
          const address = after.explain(client).address as string;
          counts.set(address, (counts.get(address) ?? 0) + 1);
        }
        const ranked = [...counts].sort(([, left], [, right]) => right - left);
        expect(rowsOf(impact)).toEqual(ranked);
        expect([impact.newlyAllowed, impact.newlyDenied]).toEqual([changed.allow, changed.deny]);
        expect(impact.undercount).toBe(0);
      }),
    );
  });
});

describe('the bound of impactOf', () => {
  test('keeps what it promises about counts, on any log', () => {
    const client = fc.nat(40).map((low) => `192.0.2.${low}`);
    const skewed = fc.oneof(
      client,
      fc.nat(2).map((low) => `192.0.2.${low}`),
    );
    fc.assert(
      fc.property(fc.array(skewed, { maxLength: 200 }), fc.nat(8), (log, maxClients) => {
        const { clients, undercount, newlyDenied } = impactOf(before, after, log, { maxClients });
        const exact = new Map<string, number>();
        for (const address of log) exact.set(address, (exact.get(address) ?? 0) + 1);
        expect(newlyDenied).toBe(log.length);
        expect(clients.length).toBeLessThanOrEqual(maxClients);
        expect(undercount).toBeLessThanOrEqual(log.length / (maxClients + 1));
        const named = new Set(clients.map(({ address }) => address));
        for (const { address, requests } of clients) {
          const count = exact.get(address) as number;
          expect(requests).toBeGreaterThan(0);
          expect(requests).toBeLessThanOrEqual(count);
          expect(requests).toBeGreaterThanOrEqual(count - undercount);
        }
        for (const [address, count] of exact) if (count > undercount) expect(named).toContain(address);
        if (exact.size <= maxClients) expect([undercount, clients.length]).toEqual([0, exact.size]);
        const requests = clients.map((row) => row.requests);
        expect(requests).toEqual([...requests].sort((left, right) => right - left));
      }),
      { numRuns: 500 },
    );
  });

  test('names a frequent client that comes late, after many that come once', () => {
    const rare = Array.from({ length: 5000 }, (_, index) => `192.0.2.${index % 256}`);
    const wide = createPolicy({ deny: '10.0.0.0/8' });
    const once = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const log = [...once, ...Array<string>(600).fill('10.99.99.99'), ...rare];
    const { clients, newlyDenied, undercount } = impactOf(createPolicy({ deny: '' }), wide, log, {
      maxClients: 10,
    });
    expect(newlyDenied).toBe(5600);
    expect(clients[0]?.address).toBe('10.99.99.99');
    expect(clients[0]?.requests).toBeGreaterThanOrEqual(600 - undercount);
  });

  test('names none with maxClients 0, and all with Infinity', () => {
    const log = Array.from({ length: 256 }, (_, low) => `192.0.2.${low}`);
    expect(impactOf(before, after, log, { maxClients: 0 })).toMatchObject({ newlyDenied: 256, clients: [] });
    expect(impactOf(before, after, log, { maxClients: Infinity }).clients.length).toBe(256);
  });
});

describe('impactOf refuses', () => {
  function* endless(): Generator<string> {
    for (;;) yield '192.0.2.1';
  }

  test('what does not end, and closes it', () => {
    let isClosed = false;
    function* closing(): Generator<string> {
      try {
        yield* endless();
      } finally {
        isClosed = true;
      }
    }
    const { problems } = refusalOf(() => impactOf(before, after, closing(), { maxRequests: 1000 }));
    expect(problems[0]).toMatchObject({ code: 'invalid-option', source: 'clients', line: 1001 });
    expect(isClosed).toBe(true);
    const exactly = Array<string>(1000).fill('192.0.2.1');
    expect(impactOf(before, after, exactly, { maxRequests: 1000 }).requests).toBe(1000);
  });

  test('an iterable that throws, with what it threw', () => {
    const cause = new Error('disk\n\u001b[31mfull');
    function* failing(): Generator<string> {
      yield '192.0.2.1';
      throw cause;
    }
    const error = refusalOf(() => impactOf(before, after, failing()));
    expect(error.problems[0]).toMatchObject({ code: 'unreadable', source: 'clients', line: 2 });
    expect(error.cause).toBe(cause);
    expect(error.message).not.toContain('\u001b');
  });

  test.each([
    ['a text, whose items would be its characters', '192.0.2.1\n192.0.2.2'],
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
    ['a map, whose items are pairs', new Map([['192.0.2.1', 5]])],
    ['a promise of an array', Promise.resolve(['192.0.2.1'])],
    [
      'an object whose asynchronous iterator throws when it is asked for',
      {
        get [Symbol.asyncIterator]() {
          throw new Error('no');
        },
      },
    ],
    [
      'an object whose iterator throws when it is asked for',
      {
        get [Symbol.iterator]() {
          throw new Error('no');
        },
      },
    ],
  ])('%s', (_, clients) => {
    expect(refusalOf(() => impactOf(before, after, clients as never)).problems[0]).toMatchObject({
      code: 'invalid-option',
      source: 'clients',
    });
  });

  test.each([
    { maxClients: -1 },
    { maxClients: 1.5 },
    { maxClients: '5' },
    { maxRequests: Number.NaN },
    { max: 1 },
    5,
  ])('the options %j', (options) => {
    const { problems } = refusalOf(() => impactOf(before, after, [], options as never));
    expect(problems[0]).toMatchObject({ code: 'invalid-option', source: 'options' });
  });

  test('what cannot decide, and what decides neither', () => {
    for (const value of [undefined, null, 'policy', {}, { decide: 5 }]) {
      expect(() => impactOf(value as never, after, [])).toThrow(/^"before" must be a policy/);
      expect(() => impactOf(before, value as never, [])).toThrow(TypeError);
    }
    for (const decision of [undefined, null, true, 'allow', {}, { verdict: 'maybe' }]) {
      const odd = { decide: () => decision } as never;
      expect(() => impactOf(before, odd, ['192.0.2.1'])).toThrow(/^"after" decides neither allow nor deny/);
    }
    const broken = new Error('no\u001b[31m verdict');
    const hostile = (name: string): unknown =>
      new Proxy(
        { verdict: name === 'verdict' ? 'allow' : undefined },
        {
          get: (target, key) => {
            if (key === name) throw broken;
            return Reflect.get(target, key);
          },
          getPrototypeOf: () => {
            throw broken;
          },
        },
      );
    for (const name of ['verdict', 'reason', 'then']) {
      const odd = { decide: () => hostile(name) } as never;
      const run = (): unknown => impactOf(before, odd, ['192.0.2.1']);
      expect(run).toThrow(TypeError);
      expect(run).toThrow(/^what "after" decides about "192\.0\.2\.1" could not be read: "no<U\+001B>/);
      expect(run).toThrow(expect.objectContaining({ cause: broken }));
    }
    const unreadable = {
      get decide(): never {
        throw broken;
      },
    };
    expect(() => impactOf(unreadable, after, [])).toThrow(
      /^the decide function of "before" could not be read/,
    );
    const later = { decide: async () => after.decide('192.0.2.1') } as never;
    expect(() => impactOf(later, after, ['192.0.2.1'])).toThrow(/wait for the promise/);
  });

  test('to hide what a decider throws', () => {
    const cause = new RangeError('broken');
    const broken = {
      decide(): never {
        throw cause;
      },
    };
    expect(() => impactOf(before, broken, ['192.0.2.1'])).toThrow(cause);
  });
});
