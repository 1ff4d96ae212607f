/**
 * What other programs find in the files that are written here: npm's `mmdb-lib`, and MaxMind's own library by its
 * `mmdblookup`, where that is installed.
 */

import { describe, expect, test } from 'vitest';
import { exportMmdb, importMmdb } from '../../src/formats/mmdb.ts';
import { createMatcher, createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { numbersFrom } from '../support/hostile-lists.ts';
import { hasLookup, lookUp, readerOf } from '../support/mmdb.ts';
import { hasRealData, readColumn } from '../support/real-lists.ts';

const random = numbersFrom(14);
const below = (end: number): number => random() % end;
const byte = (): number => below(256);

/** Addresses and prefixes that nest, of both families. */
function entriesOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const note = index % 3 === 0 ? '' : ` # Note ${below(20)}`;
    switch (below(5)) {
      case 0:
        return `10.${below(4)}.${below(8)}.${byte()}${note}`;
      case 1:
        return `10.${below(4)}.${byte()}.0/${16 + below(12)}${note}`;
      case 2:
        return `${byte()}.${byte()}.0.0/${8 + below(16)}${note}`;
      case 3:
        return `2001:db8:${below(8).toString(16)}::${byte().toString(16)}${note}`;
      default:
        return `${(0x2000 + below(8)).toString(16)}:${below(4)}::/${16 + below(40)}${note}`;
    }
  });
}

/** Clients near the entries and anywhere else, in many spellings. None is in `::/96`, which is IPv4 for all programs. */
function clientsOf(count: number): string[] {
  return Array.from({ length: count }, () => {
    const ipv4 =
      below(3) > 0 ? `10.${below(4)}.${below(8)}.${byte()}` : `${byte()}.${byte()}.${byte()}.${byte()}`;
    switch (below(6)) {
      case 0:
        return `::ffff:${ipv4}`;
      case 1:
        return `2001:db8:${below(8).toString(16)}::${byte().toString(16)}`;
      case 2:
        return `${(0x2000 + below(8)).toString(16)}:${below(4)}::${byte().toString(16)}`;
      case 3:
        return `2002:${below(4)}:${byte().toString(16)}::1`;
      default:
        return ipv4;
    }
  });
}

const policies: readonly (readonly [string, Policy])[] = [
  ['a deny list', createPolicy({ deny: entriesOf(900), exempt: entriesOf(60) })],
  ['an allow list', createPolicy({ allow: entriesOf(900), exempt: entriesOf(60) })],
  [
    'rules in order',
    createRules({
      rules: [
        { deny: entriesOf(300), name: 'feed' },
        { allow: entriesOf(500), except: entriesOf(100) },
      ],
      otherwise: 'deny',
      exempt: entriesOf(20),
    }),
  ],
  [
    'the most specific rule',
    createRules({
      rules: [{ deny: entriesOf(400) }, { allow: entriesOf(400) }],
      otherwise: 'allow',
      order: 'most-specific',
    }),
  ],
];

const isInstalled = hasLookup('what MaxMind says about our files');

describe.each(policies)('%s as a file', (_, policy) => {
  const { bytes, losses } = exportMmdb(policy, { created: new Date('2026-01-01T00:00Z') });

  test('gives thousands of clients the same verdict in mmdb-lib', () => {
    const reader = readerOf(bytes);
    const verdicts = new Set<string>();
    for (const client of clientsOf(5000)) {
      const { verdict, entry } = policy.decide(client);
      verdicts.add(verdict);
      const expected = entry?.note === undefined ? { verdict } : { verdict, note: entry.note };
      expect([client, reader.get(client)]).toEqual([client, expected]);
    }
    expect(verdicts.size).toBe(2);
    expect(losses).toEqual([]);
  });

  test.skipIf(!isInstalled)(
    'gives hundreds of clients the same verdict in mmdblookup',
    () => {
      const clients = clientsOf(500);
      const verdicts = lookUp(bytes, clients, 'verdict');
      expect(verdicts).toEqual(clients.map((client) => policy.decide(client).verdict));
      const some = clients.slice(0, 100);
      expect(lookUp(bytes, some, 'note')).toEqual(some.map((client) => policy.decide(client).entry?.note));
    },
    60_000,
  );

  test('comes back as it was', () => {
    const { entries, problems } = importMmdb(bytes, { select: { verdict: 'allow' } });
    expect(problems).toEqual([]);
    const allowed = AddressSet.allowedBy(policy).subtract(AddressSet.of('::/96'));
    expect(AddressSet.of(entries.map(({ address }) => address)).equals(allowed)).toBe(true);
  });
});

describe.skipIf(!isInstalled)('mmdblookup', () => {
  test('reads every size of records, and a file without a single network', () => {
    for (const length of [10, 6_000_000]) {
      const { bytes } = exportMmdb([
        ['192.0.2.1', { a: 'x'.repeat(length) }],
        ['192.0.2.3', { a: 'y'.repeat(length), b: 'here' }],
        ['2001:db8::/32', { b: 'there' }],
      ]);
      expect(lookUp(bytes, ['192.0.2.3', '2001:db8::7', '192.0.2.1', '8.8.8.8'], 'b')).toEqual([
        'here',
        'there',
        undefined,
        undefined,
      ]);
    }
    const none = exportMmdb(createPolicy({ deny: '' }), { listedOnly: true });
    expect(lookUp(none.bytes, ['192.0.2.1'], 'verdict')).toEqual([undefined]);
  }, 60_000);

  test('finds the records of pairs, and 6to4 addresses those of the IPv4 addresses in them', () => {
    const { bytes } = exportMmdb([
      ['192.0.2.0/24', { note: 'wide' }],
      ['192.0.2.7', { note: 'one' }],
      ['0.0.0.0/0', { note: 'all' }],
    ]);
    const clients = [
      '192.0.2.7',
      '192.0.2.8',
      '::ffff:192.0.2.7',
      '2002:c000:207::1',
      '8.8.8.8',
      '2001:db8::',
    ];
    expect(lookUp(bytes, clients, 'note')).toEqual(['one', 'wide', 'one', 'one', 'all', undefined]);
  });
});

describe('a table of the Internet', () => {
  const name = 'country-prefixes.tsv.gz';

  test.skipIf(!hasRealData(name))('has the same answers in mmdb-lib as in a matcher', () => {
    const pairs = readColumn(name).map((prefix, index) => [prefix, { row: index }] as const);
    const matcher = createMatcher(pairs);
    const reader = readerOf(exportMmdb(pairs, { sixToFour: false }).bytes);
    for (let count = 0; count < 5000; count++) {
      const [prefix] = pairs[below(pairs.length)] as readonly [string, unknown];
      const client =
        count % 2 === 0 ? (prefix.split('/')[0] as string) : `${byte()}.${byte()}.${byte()}.${byte()}`;
      expect([client, reader.get(client)]).toEqual([client, matcher.match(client)?.value ?? null]);
    }
  });
});
