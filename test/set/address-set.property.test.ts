import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies, minimize } from '../../src/public/list.ts';
import { AddressSet } from '../../src/public/set.ts';
import { goldenText } from '../golden/address.ts';
import {
  type Family,
  goldenClients,
  goldenPrefixes,
  goldenRanges,
  goldenSet,
  goldenSize,
  goldenVerdict,
} from '../golden/address-set.ts';
import { type GoldenEntry, goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText } from '../support/arbitraries.ts';
import { addressesOf, entriesIn, type Universe, universes } from '../support/universe.ts';

/** What a set says about itself. */
interface Said {
  readonly prefixes: readonly string[];
  readonly ranges: readonly string[];
  readonly ipv4Count: bigint;
  readonly ipv6Count: bigint;
}

const saidBy = ({ prefixes, ranges, ipv4Count, ipv6Count }: AddressSet): Said => ({
  prefixes,
  ranges,
  ipv4Count,
  ipv6Count,
});

type Address = { readonly family: Family; readonly value: bigint };

/** What the twin says about the set of the addresses that pass a test, which changes at edges of the entries only. */
function golden(entries: readonly GoldenEntry[], isInside: (address: Address) => boolean): Said {
  const clientsOf = (family: Family): ReturnType<typeof goldenClients> =>
    goldenClients(
      family,
      goldenSet(family, entries, (value) => isInside({ family, value })),
    );
  const [ipv4, ipv6] = [clientsOf(4), clientsOf(6)];
  return {
    prefixes: [...goldenPrefixes(4, ipv4), ...goldenPrefixes(6, ipv6)],
    ranges: [...goldenRanges(4, ipv4), ...goldenRanges(6, ipv6)],
    ipv4Count: goldenSize(ipv4),
    ipv6Count: goldenSize(ipv6),
  };
}

const covers = (entries: readonly GoldenEntry[], address: Address): boolean =>
  goldenCovering(entries, address).length > 0;

/** Each operation on two sets, and what it does to each address. */
const operations = {
  union: [(one: AddressSet, two: AddressSet) => one.union(two), (one: boolean, two: boolean) => one || two],
  intersect: [
    (one: AddressSet, two: AddressSet) => one.intersect(two),
    (one: boolean, two: boolean) => one && two,
  ],
  subtract: [
    (one: AddressSet, two: AddressSet) => one.subtract(two),
    (one: boolean, two: boolean) => one && !two,
  ],
  complement: [(one: AddressSet) => one.complement(), (one: boolean) => !one],
} as const;

/** Clients of a universe: none has an address in the IPv4-mapped block. */
const clientsOf = ({ family, ...rest }: Universe): bigint[] =>
  addressesOf({ family, ...rest }).filter((value) => family === 4 || value >> 32n !== 0xffffn);

describe.each(universes)('AddressSet in $name', (universe) => {
  const list = entriesIn(universe, entryText);

  test('prints the prefixes, ranges and counts of the twin, and so does every operation', () => {
    fc.assert(
      fc.property(list, list, (one, two) => {
        const [left, right] = [AddressSet.of(one), AddressSet.of(two)];
        const [goldenLeft, goldenRight] = [goldenList(one), goldenList(two)];
        expect(saidBy(left)).toEqual(golden(goldenLeft, (address) => covers(goldenLeft, address)));
        for (const [run, decides] of Object.values(operations)) {
          const expected = golden([...goldenLeft, ...goldenRight], (address) =>
            decides(covers(goldenLeft, address), covers(goldenRight, address)),
          );
          expect(saidBy(run(left, right))).toEqual(expected);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('has exactly the clients that a JavaScript Set of them has, one by one', () => {
    const { family } = universe;
    fc.assert(
      fc.property(list, list, (one, two) => {
        const all = clientsOf(universe);
        const [left, right] = [one, two].map((entries) => {
          const read = goldenList(entries);
          return new Set(all.filter((value) => covers(read, { family, value })));
        }) as [Set<bigint>, Set<bigint>];
        const sets = [AddressSet.of(one), AddressSet.of(two)] as const;
        for (const [run, decides] of Object.values(operations)) {
          const made = run(...sets);
          const held = all.filter((value) => made.has(goldenText(family, value)));
          expect(held).toEqual(all.filter((value) => decides(left.has(value), right.has(value))));
        }
        const isInside = [...left].some((value) => right.has(value));
        if (isInside) expect(sets[0].overlaps(sets[1])).toBe(true);
        if ([...right].some((value) => !left.has(value))) expect(sets[0].covers(sets[1])).toBe(false);
      }),
      { numRuns: 80 },
    );
  });

  test('obeys the laws of sets', () => {
    fc.assert(
      fc.property(list, list, list, (...lists) => {
        const [a, b, c] = lists.map(AddressSet.of) as [AddressSet, AddressSet, AddressSet];
        obeysLaws(a, b, c);
      }),
      { numRuns: 80 },
    );
  });
});

function expectEqual(left: AddressSet, right: AddressSet): void {
  expect(saidBy(left)).toEqual(saidBy(right));
  expect([left.equals(right), right.equals(left)]).toEqual([true, true]);
}

function obeysLaws(a: AddressSet, b: AddressSet, c: AddressSet): void {
  const { all, empty } = AddressSet;
  expectEqual(a.union(b), b.union(a));
  expectEqual(a.intersect(b), b.intersect(a));
  expectEqual(a.union(b).union(c), a.union(b.union(c)));
  expectEqual(a.union(b, c, a), a.union(b).union(c));
  expectEqual(a.intersect(b).intersect(c), a.intersect(b.intersect(c)));
  expectEqual(a.intersect(b.union(c)), a.intersect(b).union(a.intersect(c)));
  expectEqual(a.union(b.intersect(c)), a.union(b).intersect(a.union(c)));
  expectEqual(a.union(a), a);
  expectEqual(a.intersect(a), a);
  expectEqual(a.union(a.intersect(b)), a);
  expectEqual(a.intersect(a.union(b)), a);
  expectEqual(a.union(), a);
  expectEqual(a.union(empty), a);
  expectEqual(a.union(all), all);
  expectEqual(a.intersect(all), a);
  expectEqual(a.intersect(empty), empty);
  expectEqual(a.complement().complement(), a);
  expectEqual(a.union(a.complement()), all);
  expectEqual(a.intersect(a.complement()), empty);
  expectEqual(a.union(b).complement(), a.complement().intersect(b.complement()));
  expectEqual(a.intersect(b).complement(), a.complement().union(b.complement()));
  expectEqual(a.subtract(b), a.intersect(b.complement()));
  expectEqual(a.subtract(a), empty);
  expectEqual(all.subtract(a), a.complement());
  // The questions, by the operations.
  expect(a.covers(b)).toBe(b.subtract(a).isEmpty);
  expect(a.covers(b)).toBe(a.union(b).equals(a));
  expect(a.overlaps(b)).toBe(!a.intersect(b).isEmpty);
  expect(a.equals(b)).toBe(a.covers(b) && b.covers(a));
  expect(a.equals(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
  expect([all.covers(a), a.covers(empty), a.covers(a), a.overlaps(empty)]).toEqual([true, true, true, false]);
  // Every text of a set is that set again.
  for (const source of [a, a.prefixes, a.ranges, [...a].join('\n'), [...a.ranges].reverse()])
    expectEqual(AddressSet.of(source), a);
  expect(minimize(a)).toEqual(a.prefixes);
  expect([...a]).toEqual(a.prefixes);
  expect(a.isEmpty).toBe(a.prefixes.length === 0);
}

/** Entries that meet the IPv4-mapped block, from next to it to all of IPv6. */
const aroundBlock = fc.constantFrom(
  ...['::/0', '::/1', '::/80', '::8000:0:0/81', '::fff0:0:0/92', '::fff8:0:0/93', '::fffc:0:0/94'],
  ...['::fffe:0:0/95', '::fffc:0:0/95', '::fffc:0:0/96', '::fffe:0:0/96', '::fffd:0:0/96', '::fffa:0:0/95'],
  ...[
    '::1:0:0:0/96',
    '::1:0:0:0/80',
    '::fffe:ffff:ffff',
    '::1:0:0:0',
    '::fffc:0:0',
    '::fff4:0:0-::fffe:ffff:ffff',
  ],
  ...['::fffe:8000:0-::1:0:7fff:ffff', '::fff0:0:0-::1:0:0:0', '::-::fffe:ffff:ffff', '::fff0:0:5-::1:0:0:0'],
  ...['::fffe:ffff:ffff-::2:0:0:0', '::1:0:0:0-ffff::', '::fffc:0:1-::1:0:0:0'],
  ...['::ffff:10.0.0.0/104', '0.0.0.0/0', '10.0.0.0/8'],
);

describe('AddressSet around the IPv4-mapped block', () => {
  const list = fc.array(aroundBlock, { maxLength: 4 });

  test('prints the prefixes, ranges and counts of the twin, which tries both with and without the block', () => {
    fc.assert(
      fc.property(list, list, (one, two) => {
        const [left, right] = [goldenList(one), goldenList(two)];
        for (const [run, decides] of Object.values(operations)) {
          const expected = golden([...left, ...right], (address) =>
            decides(covers(left, address), covers(right, address)),
          );
          expect(saidBy(run(AddressSet.of(one), AddressSet.of(two)))).toEqual(expected);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('obeys the laws of sets', () => {
    fc.assert(
      fc.property(list, list, list, (...lists) => {
        const [a, b, c] = lists.map(AddressSet.of) as [AddressSet, AddressSet, AddressSet];
        obeysLaws(a, b, c);
      }),
      { numRuns: 400 },
    );
  });

  test('writes no text that means IPv4', () => {
    fc.assert(
      fc.property(list, list, (one, two) => {
        const ipv6 = [one, two].map((entries) =>
          AddressSet.of(entries.filter((entry) => !entry.includes('.'))),
        );
        for (const [run] of Object.values(operations)) {
          const made = run(...(ipv6 as [AddressSet, AddressSet]));
          const isAll4 = made.ipv4Count > 0n;
          for (const texts of [made.prefixes, made.ranges])
            expect(AddressSet.of(texts).ipv4Count).toBe(isAll4 ? 2n ** 32n : 0n);
        }
      }),
      { numRuns: 200 },
    );
  });
});

interface Shape {
  readonly mode: 'allow' | 'deny';
  readonly entries: readonly string[];
  readonly exempt: readonly string[];
  readonly whenEmpty: 'allow' | 'deny';
}

describe('AddressSet and policies', () => {
  const universe = universes[1] as Universe;
  const list = fc.oneof(entriesIn(universe, entryText), fc.constant<string[]>([]));
  const verdict = fc.constantFrom<'allow' | 'deny'>('allow', 'deny');
  const shape: fc.Arbitrary<Shape> = fc.record({
    mode: verdict,
    entries: list,
    exempt: list,
    whenEmpty: verdict,
  });
  const build = ({ mode, entries, exempt, whenEmpty }: Shape): Policy =>
    createPolicy({ ...(mode === 'allow' ? { allow: entries } : { deny: entries }), exempt, whenEmpty });

  test('allowedBy has exactly the clients that the policy allows, by the twin', () => {
    fc.assert(
      fc.property(shape, (given) => {
        const policy = { ...given, entries: goldenList(given.entries), exempt: goldenList(given.exempt) };
        const expected = golden(
          [...policy.entries, ...policy.exempt],
          ({ family, value }) => goldenVerdict(policy, family, value) === 'allow',
        );
        expect(saidBy(AddressSet.allowedBy(build(given)))).toEqual(expected);
      }),
    );
  });

  test('comparePolicies gives the differences of what the two allow', () => {
    fc.assert(
      fc.property(shape, shape, (one, two) => {
        const [before, after] = [build(one), build(two)];
        const [was, is] = [AddressSet.allowedBy(before), AddressSet.allowedBy(after)];
        const { allowed, denied } = comparePolicies(before, after);
        expectEqual(allowed, is.subtract(was));
        expectEqual(denied, was.subtract(is));
      }),
    );
  });

  test('a policy of a set denies exactly its clients', () => {
    fc.assert(
      fc.property(fc.array(entryText, { maxLength: 8 }), (entries) => {
        const set = AddressSet.of(entries);
        const policy = createPolicy({ deny: set }, { maxEntries: 10_000 });
        expectEqual(AddressSet.allowedBy(policy), set.complement());
      }),
    );
  });
});
