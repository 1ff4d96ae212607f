import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, type PolicyInput } from '../../src/public/index.ts';
import { type Usage, usageOf } from '../../src/public/list.ts';
import { entryText } from '../support/arbitraries.ts';
import { entriesIn, universes } from '../support/universe.ts';

const policy = createPolicy({
  deny: '203.0.113.0/24 # Scanners\n203.0.113.9 # One of them\n198.51.100.7\n203.0.113.0/24 # Again\n2001:db8::/32',
  exempt: '@loopback # Us\n203.0.113.200',
});

function rowsOf({ entries }: Usage): [canonical: string, line: number, requests: number, clients: number][] {
  return entries.map(({ entry, requests, clients }) => [entry.canonical, entry.line, requests, clients]);
}

describe('usageOf', () => {
  test('counts requests and different clients of every entry, most requests first', () => {
    const log = [
      ...['203.0.113.1', '203.0.113.2', '203.0.113.1', '::ffff:203.0.113.1', '::ffff:cb00:7102'],
      ...['203.0.113.200', '203.0.113.200', '203.0.113.9', '127.0.0.1', '::1', '::1%eth0'],
      ...['192.0.2.1', '2001:db9::1', '-', '', '203.0.113.9:80'],
    ];
    const usage = usageOf(policy, log);
    expect(rowsOf(usage)).toEqual([
      ['203.0.113.0/24', 1, 5, 2],
      ['@loopback', 1, 3, 2],
      ['203.0.113.200', 2, 2, 1],
      ['203.0.113.9', 2, 1, 1],
      ['198.51.100.7', 3, 0, 0],
      ['203.0.113.0/24', 4, 0, 0],
      ['2001:db8::/32', 5, 0, 0],
    ]);
    expect(usage).toMatchObject({ requests: 16, invalid: 3, unlisted: 2, clientsError: 0 });
    expect(usage.entries[1]?.entry).toEqual(policy.decide('::1').entry);
  });

  test('lists the active list before the exemptions, in order, when there are no requests', () => {
    const usage = usageOf(policy, []);
    expect(usage.entries.map(({ entry }) => `${entry.list} ${entry.line}`)).toEqual([
      ...['deny 1', 'deny 2', 'deny 3', 'deny 4', 'deny 5', 'exempt 1', 'exempt 2'],
    ]);
    expect(usageOf(createPolicy({ allow: '' }), ['192.0.2.1', 'x'])).toEqual({
      requests: 2,
      invalid: 1,
      unlisted: 1,
      entries: [],
      clientsError: 0,
    });
  });

  test('gives frozen plain data, which can be cloned and written as JSON', () => {
    const usage = usageOf(policy, ['203.0.113.9']);
    for (const value of [usage, usage.entries, usage.entries[0], usage.entries[0]?.entry]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
    expect(structuredClone(usage)).toEqual(usage);
    const { entries } = JSON.parse(JSON.stringify(usage));
    expect(entries[0]).toEqual({
      entry: { text: '203.0.113.9', canonical: '203.0.113.9', note: 'One of them', list: 'deny', line: 2 },
      requests: 1,
      clients: 1,
    });
  });

  test.each(universes)('agrees with the decisions, client by client, in $name', (universe) => {
    const entries = entriesIn(universe, entryText);
    fc.assert(
      fc.property(entries, entries, fc.boolean(), fc.nat(20), (active, exempt, isAllow, maxClients) => {
        const some = createPolicy({ [isAllow ? 'allow' : 'deny']: active, exempt } as unknown as PolicyInput);
        const log = [...active, ...exempt, ...active].map((text) => text.split(/[-/]/)[0] as string);
        const usage = usageOf(some, log, { maxClients });
        const seen = new Map<string, { requests: number; clients: Set<string | undefined> }>();
        let [invalid, unlisted] = [0, 0];
        for (const client of log) {
          const { entry, address, reason } = some.explain(client);
          if (reason === 'invalid-address') invalid++;
          else if (entry === undefined) unlisted++;
          else {
            const key = `${entry.list} ${entry.line}`;
            const count = seen.get(key) ?? { requests: 0, clients: new Set() };
            seen.set(key, count);
            count.requests++;
            count.clients.add(address);
          }
        }
        expect(usage).toMatchObject({ requests: log.length, invalid, unlisted });
        expect(usage.entries.length).toBe(active.length + exempt.length);
        const distinct = [...seen.values()].reduce((sum, { clients }) => sum + clients.size, 0);
        expect(usage.clientsError > 0).toBe(distinct > maxClients);
        for (const { entry, requests, clients } of usage.entries) {
          const count = seen.get(`${entry.list} ${entry.line}`);
          expect(requests).toBe(count?.requests ?? 0);
          // Estimates of so few clients are nearly always exact; none is above the requests, or 0 with requests.
          if (usage.clientsError === 0) expect(clients).toBe(count?.clients.size ?? 0);
          expect(clients).toBeLessThanOrEqual(requests);
          expect(clients > 0).toBe(requests > 0);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('beyond maxClients', () => {
  const wide = createPolicy({ deny: '10.0.0.0/8\n2001:db8::/32\n192.0.2.0/24' });
  function* manyClients(count: number): Generator<string> {
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < count; index++) {
        yield `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
        if (index % 10 === 0) yield `2001:db8:${index.toString(16)}::1`.replace(/:(\w+)(\w{4}):/, ':$1:$2:');
        if (index % 1000 === 0) yield `192.0.2.${index / 1000}`;
      }
    }
  }

  test('counts of clients are estimates within a few errors, and requests stay exact', () => {
    const usage = usageOf(wide, manyClients(100_000), { maxClients: 100 });
    expect(usage.clientsError).toBeCloseTo(0.0325, 4);
    const exact = new Map([
      ['10.0.0.0/8', 100_000],
      ['2001:db8::/32', 10_000],
      ['192.0.2.0/24', 100],
    ]);
    for (const { entry, requests, clients } of usage.entries) {
      const count = exact.get(entry.canonical) as number;
      expect(requests).toBe(count * 2);
      expect(Math.abs(clients - count) / count).toBeLessThan(3 * usage.clientsError);
    }
    expect(usageOf(wide, manyClients(100_000), { maxClients: 100 })).toEqual(usage);
    expect(usageOf(wide, manyClients(3000), { maxClients: Infinity })).toMatchObject({ clientsError: 0 });
  });

  test('an entry without requests since then stays exact, and so does one with maxClients', () => {
    const log = ['192.0.2.1', '192.0.2.2', '192.0.2.3', ...manyClients(5000)].filter(
      (client, index) => index < 3 || !client.startsWith('192.'),
    );
    const { entries } = usageOf(wide, log, { maxClients: 3 });
    expect(entries.find(({ entry }) => entry.canonical === '192.0.2.0/24')?.clients).toBe(3);
    expect(usageOf(wide, log.slice(0, 3), { maxClients: 3 }).clientsError).toBe(0);
  });

  test('many entries have smaller sketches, and the error says so', () => {
    const many = createPolicy(
      { deny: Array.from({ length: 40_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`) },
      { maxEntries: Infinity },
    );
    const usage = usageOf(many, ['10.0.0.1', '10.0.0.2', '10.0.1.1'], { maxClients: 0 });
    expect(usage.clientsError).toBeCloseTo(1.04 / 16, 5);
    expect(rowsOf(usage).slice(0, 3)).toEqual([
      ['10.0.0.0/24', 1, 2, 2],
      ['10.0.1.0/24', 2, 1, 1],
      ['10.0.2.0/24', 3, 0, 0],
    ]);
  });
});

describe('usageOf refuses', () => {
  test('what createPolicy did not make, as its lists are not known', () => {
    for (const value of [undefined, null, {}, { ...policy }, Object.create(policy), new Proxy(policy, {})]) {
      expect(() => usageOf(value as never, [])).toThrow(TypeError);
      expect(() => usageOf(value as never, [])).toThrow(/^usageOf takes policies.*"policy" is not one/);
    }
  });

  test.each([{ maxClients: -1 }, { maxClients: 1.5 }, { maxRequests: '5' }, { max: 1 }, 5])(
    'the options %j',
    (options) => {
      expect(() => usageOf(policy, [], options as never)).toThrow(ListError);
    },
  );

  test('clients that are not an iterable, and more than maxRequests', () => {
    for (const clients of ['192.0.2.1', undefined, 5, {}, new Map([['192.0.2.1', 5]])]) {
      expect(() => usageOf(policy, clients as never)).toThrow(
        /the clients (must be an iterable|are a single)/,
      );
    }
    expect(() => usageOf(policy, ['192.0.2.1', '::1'], { maxRequests: 1 })).toThrow(
      /raise the option maxRequests/,
    );
  });
});
