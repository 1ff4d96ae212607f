/** Random policies and values as MaxMind databases, read back by this package and by others. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exportMmdb, importMmdb, type MmdbValue } from '../../src/formats/mmdb.ts';
import { encodeFile } from '../../src/mmdb/file.ts';
import { layOut } from '../../src/mmdb/layout.ts';
import { labelPairs } from '../../src/mmdb/pairs.ts';
import { createPolicy } from '../../src/public/index.ts';
import { AddressSet } from '../../src/public/set.ts';
import { decodePolicy, encodePolicy } from '../../src/public/snapshot.ts';
import { goldenText } from '../golden/address.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText, listLines, numbered } from '../support/arbitraries.ts';
import { readerOf } from '../support/mmdb.ts';
import { at, clients, policies } from '../support/snapshots.ts';

interface Record {
  readonly verdict?: string;
  readonly note?: string;
}

/** `::/96`, where every program looks IPv4 up. */
const compatible = AddressSet.of('::/96');

/** The addresses of networks with a verdict. */
function imported(bytes: Uint8Array, verdict: string): AddressSet {
  const { entries, problems } = importMmdb(bytes, { select: { verdict } });
  expect(problems.filter(({ code }) => code !== 'unselected')).toEqual([]);
  return AddressSet.of(entries.map(({ address }) => address));
}

function isAskedAsIPv6(client: string): boolean {
  return !compatible.has(client);
}

const instant = fc.integer({ min: 0, max: 12 });

describe('a policy as a database', () => {
  test('has the verdict and the note of every client', () => {
    fc.assert(
      fc.property(policies(true), instant, fc.array(numbered, { maxLength: 20 }), (make, minute, numbers) => {
        const policy = make(at(minute));
        const reader = readerOf(exportMmdb(policy).bytes);
        const addresses = numbers.map(({ family, value }) => goldenText(family, value));
        for (const client of [...clients, ...addresses].filter(isAskedAsIPv6)) {
          const { verdict, reason, entry } = policy.decide(client);
          if (reason === 'invalid-address') continue;
          const note = entry?.note;
          expect([client, reader.get(client)]).toEqual([
            client,
            note === undefined ? { verdict } : { verdict, note },
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('comes back with the same verdict for every address', () => {
    fc.assert(
      fc.property(policies(true), instant, fc.boolean(), (make, minute, notes) => {
        const policy = make(at(minute));
        const { bytes } = exportMmdb(policy, { notes });
        const allowed = AddressSet.allowedBy(policy);
        expect(imported(bytes, 'allow').prefixes).toEqual(allowed.subtract(compatible).prefixes);
        expect(imported(bytes, 'deny').prefixes).toEqual(allowed.complement().subtract(compatible).prefixes);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same from a snapshot, and without its entries but for the notes', () => {
    fc.assert(
      fc.property(policies(false), (make) => {
        const policy = make(at(0));
        const { bytes } = exportMmdb(policy);
        expect(exportMmdb(decodePolicy(encodePolicy(policy))).bytes).toEqual(bytes);
        const bare = decodePolicy(encodePolicy(policy, { entries: false }));
        expect(exportMmdb(bare).bytes).toEqual(exportMmdb(policy, { notes: false }).bytes);
      }),
      { numRuns: 200 },
    );
  });

  test('names each entry that does not count in ::/96, and no other', () => {
    fc.assert(
      fc.property(
        fc.array(entryText, { maxLength: 6 }),
        fc.array(entryText, { maxLength: 3 }),
        (deny, exempt) => {
          const policy = createPolicy({ deny, exempt });
          const { bytes, losses } = exportMmdb(policy);
          const reader = readerOf(bytes);
          const ends = [
            '::',
            '::1',
            '::a:0:0',
            '::7fff:ffff',
            '::8000:0',
            '::ffff:ffff',
            '::a00:0',
            '::c0a8:0',
          ];
          for (const client of ends.filter((end) => compatible.has(end))) {
            const { verdict, entry } = policy.decide(client);
            if (entry === undefined || (reader.get(client) as Record).verdict === verdict) continue;
            expect(losses.map(({ code, entry: lost }) => [code, lost?.line, lost?.list])).toContainEqual([
              'ipv4-compatible',
              entry.line,
              entry.list,
            ]);
          }
          const isOfIPv6 = (text: string): boolean => AddressSet.of([text]).overlaps(compatible);
          for (const { entry } of losses) expect(isOfIPv6(entry?.text ?? '')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});

const scalar: fc.Arbitrary<MmdbValue> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ minLength: 280, maxLength: 300 }),
  fc.boolean(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.integer(),
  fc.nat(70_000),
  fc.bigInt(2n ** 53n, 2n ** 128n - 1n),
  fc.uint8Array({ maxLength: 40 }),
);
const { value: anyValue } = fc.letrec<{ value: MmdbValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
}));

describe('pairs as a database', () => {
  test('have the values of the smallest entry, and of equal ones the last', () => {
    fc.assert(
      fc.property(listLines, fc.array(numbered, { maxLength: 20 }), (lines, numbers) => {
        const pairs = lines.map((line, index) => [line, index] as const);
        const { bytes } = exportMmdb(pairs, { sixToFour: false });
        const reader = readerOf(bytes);
        // Of equal entries, the first one of the reversed list.
        const golden = goldenList([...lines].reverse());
        const client = (number: (typeof numbers)[number]): typeof number =>
          number.family === 6 && number.value >> 32n === 0xffffn
            ? { family: 4, value: number.value & 0xffff_ffffn }
            : number;
        for (const number of numbers) {
          if (number.family === 6 && number.value < 2n ** 32n) continue;
          const [decides] = goldenCovering(golden, client(number));
          const expected = decides === undefined ? null : lines.length - 1 - decides;
          const address = goldenText(number.family, number.value);
          expect([address, reader.get(address)]).toEqual([address, expected]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('come back with the same values', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { minLength: 1, maxLength: 4 }), (values) => {
        const pairs = values.map((value, index) => [`192.0.2.${index * 2 + 1}`, value] as const);
        const { bytes, losses } = exportMmdb(pairs);
        const { entries, problems } = importMmdb(bytes);
        expect(problems).toEqual([]);
        expect(entries.map(({ value }) => value)).toEqual(values);
        expect(losses).toEqual([]);
        // Every run of the writer gives the same bytes, and so does what it has written.
        expect(exportMmdb(entries.map(({ address, value }) => [address, value] as const)).bytes).toEqual(
          bytes,
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('are the same with every size of records', () => {
    const about = { databaseType: 'Test', description: 'A test', buildEpoch: 1 };
    fc.assert(
      fc.property(listLines, fc.array(numbered, { maxLength: 20 }), (lines, numbers) => {
        const readings = ([24, 28, 32] as const).map((size) => {
          const labelled = labelPairs(lines.map((line, index) => [line, index]));
          const { nodes, ipv4 } = layOut(labelled, false);
          const bytes = encodeFile(nodes, ipv4, labelled.values, about, size) as Uint8Array;
          const reader = readerOf(bytes);
          const { entries, problems, metadata } = importMmdb(bytes);
          expect([problems, metadata?.recordSize]).toEqual([[], size]);
          return [entries, numbers.map(({ family, value }) => reader.get(goldenText(family, value)))];
        });
        expect(readings[1]).toEqual(readings[0]);
        expect(readings[2]).toEqual(readings[0]);
      }),
      { numRuns: 200 },
    );
  });

  test('are read as they are by another program', () => {
    const plain = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.double({ noNaN: true }),
      fc.nat(),
      fc.integer(),
    );
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        plain,
        fc.array(tie('value'), { maxLength: 5 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tie('value'), { maxKeys: 5, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        const reader = readerOf(exportMmdb([['192.0.2.0/24', given as MmdbValue]]).bytes);
        expect(reader.get('192.0.2.7')).toEqual(given);
      }),
      { numRuns: 500 },
    );
  });
});
