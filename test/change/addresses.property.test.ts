import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, type Policy, type PolicyInput } from '../../src/public/index.ts';
import { type AddressSet, comparePolicies } from '../../src/public/list.ts';
import { goldenText } from '../golden/address.ts';
import {
  type Family,
  goldenClients,
  goldenPrefixes,
  goldenSet,
  goldenSize,
  goldenVerdict,
} from '../golden/address-set.ts';
import { goldenEntry } from '../golden/entry.ts';
import { type GoldenPolicy, goldenList } from '../golden/policy.ts';
import { entryText } from '../support/arbitraries.ts';
import { addressesOf, entriesIn, type Universe, universes } from '../support/universe.ts';

interface Shape {
  readonly mode: 'allow' | 'deny';
  readonly entries: readonly string[];
  readonly exempt: readonly string[];
  readonly whenEmpty: 'allow' | 'deny';
}

/** Every shape of policy over one universe, with entries of the other family and names among them. */
function shapeIn(universe: Universe): fc.Arbitrary<Shape> {
  const entries = entriesIn(universe, entryText);
  return fc.record({
    mode: fc.constantFrom('allow', 'deny'),
    entries: fc.oneof({ weight: 5, arbitrary: entries }, { weight: 1, arbitrary: fc.constant([]) }),
    exempt: fc.oneof({ weight: 1, arbitrary: entries }, { weight: 1, arbitrary: fc.constant([]) }),
    whenEmpty: fc.constantFrom('allow', 'deny'),
  });
}

function build({ mode, entries, exempt, whenEmpty }: Shape): Policy {
  const list = mode === 'allow' ? { allow: entries } : { deny: entries };
  return createPolicy({ ...list, exempt, whenEmpty } as PolicyInput);
}

function goldenOf({ mode, entries, exempt, whenEmpty }: Shape): GoldenPolicy {
  return { mode, entries: goldenList(entries), exempt: goldenList(exempt), whenEmpty };
}

type SetData = Pick<AddressSet, 'prefixes' | 'ipv4Count' | 'ipv6Count'>;

/** What the twin says about the addresses that get a verdict. */
function goldenChange(before: GoldenPolicy, after: GoldenPolicy, verdict: 'allow' | 'deny'): SetData {
  const entries = [before.entries, before.exempt, after.entries, after.exempt].flat();
  const setOf = (family: Family): ReturnType<typeof goldenSet> => {
    const changed = goldenSet(family, entries, (value) => {
      const now = goldenVerdict(after, family, value);
      return now === verdict && goldenVerdict(before, family, value) !== now;
    });
    return goldenClients(family, changed);
  };
  const [ipv4, ipv6] = [setOf(4), setOf(6)];
  return {
    prefixes: [...goldenPrefixes(4, ipv4), ...goldenPrefixes(6, ipv6)],
    ipv4Count: goldenSize(ipv4),
    ipv6Count: goldenSize(ipv6),
  };
}

/** Whether a set says, read as entries, that it holds an address. */
function holds({ prefixes }: AddressSet, family: Family, value: bigint): boolean {
  return prefixes.some((text) => {
    const [network] = goldenEntry(text) ?? [];
    return network?.family === family && network.first <= value && value <= network.last;
  });
}

describe.each(universes)('comparePolicies in $name', (universe) => {
  const shape = shapeIn(universe);

  test('gives the fewest prefixes and the exact counts of the twin', () => {
    fc.assert(
      fc.property(shape, shape, (before, after) => {
        const { allowed, denied } = comparePolicies(build(before), build(after));
        expect(allowed).toEqual(goldenChange(goldenOf(before), goldenOf(after), 'allow'));
        expect(denied).toEqual(goldenChange(goldenOf(before), goldenOf(after), 'deny'));
      }),
      { numRuns: 150 },
    );
  });

  test('names exactly the clients whose verdict changes, one by one', () => {
    fc.assert(
      fc.property(shape, shape, (one, other) => {
        const [before, after] = [build(one), build(other)];
        const { allowed, denied } = comparePolicies(before, after);
        for (const value of addressesOf(universe)) {
          // No client has an address in the mapped block of IPv6.
          if (universe.family === 6 && value >> 32n === 0xffffn) continue;
          const client = goldenText(universe.family, value);
          const change = `${before.decide(client).verdict} ${after.decide(client).verdict}`;
          const isAllowed = holds(allowed, universe.family, value);
          const isDenied = holds(denied, universe.family, value);
          expect({ client, isAllowed, isDenied }).toEqual({
            client,
            isAllowed: change === 'deny allow',
            isDenied: change === 'allow deny',
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is nothing for the same, and turned round for the way back', () => {
    fc.assert(
      fc.property(shape, shape, (one, other) => {
        const [before, after] = [build(one), build(other)];
        const nothing = { prefixes: [], ipv4Count: 0n, ipv6Count: 0n };
        expect(comparePolicies(before, before)).toEqual({ allowed: nothing, denied: nothing });
        expect(comparePolicies(after, build(other))).toEqual({ allowed: nothing, denied: nothing });
        const there = comparePolicies(before, after);
        const back = comparePolicies(after, before);
        expect(back).toEqual({ allowed: there.denied, denied: there.allowed });
      }),
      { numRuns: 50 },
    );
  });
});

/** Entries and holes around the IPv4-mapped block, from next to it to all of IPv6. */
const aroundBlock = fc.constantFrom(
  ...[
    '::/0',
    '::/1',
    '::/80',
    '::8000:0:0/81',
    '::fff0:0:0/92',
    '::fff8:0:0/93',
    '::fffc:0:0/94',
    '::fffe:0:0/95',
  ],
  ...['::fffc:0:0/95', '::fffc:0:0/96', '::fffe:0:0/96', '::fffd:0:0/96', '::fffa:0:0/95', '::1:0:0:0/96'],
  ...['::fffe:ffff:ffff', '::1:0:0:0', '::fffc:0:0', '::fffe:8000:0-::1:0:7fff:ffff', '::fff0:0:0-::1:0:0:0'],
  ...[
    '::-::fffe:ffff:ffff',
    '::fffe:ffff:ffff-::2:0:0:0',
    '::1:0:0:0-ffff::',
    '::fffc:0:1-::1:0:0:0',
    '::1:0:0:0/80',
  ],
  ...['::ffff:10.0.0.0/104', '0.0.0.0/0', '10.0.0.0/8'],
);

describe('comparePolicies around the IPv4-mapped block', () => {
  const shape: fc.Arbitrary<Shape> = fc.record({
    mode: fc.constantFrom('allow', 'deny'),
    entries: fc.array(aroundBlock, { maxLength: 5 }),
    exempt: fc.array(aroundBlock, { maxLength: 2 }),
    whenEmpty: fc.constantFrom('allow', 'deny'),
  });

  test('gives the prefixes and the counts of the twin, which tries both with and without the block', () => {
    fc.assert(
      fc.property(shape, shape, (before, after) => {
        const { allowed, denied } = comparePolicies(build(before), build(after));
        expect(allowed).toEqual(goldenChange(goldenOf(before), goldenOf(after), 'allow'));
        expect(denied).toEqual(goldenChange(goldenOf(before), goldenOf(after), 'deny'));
      }),
      { numRuns: 300 },
    );
  });

  test('gives texts that hold, read as entries, exactly the clients whose verdict changes', () => {
    fc.assert(
      fc.property(shape, shape, (one, other) => {
        const [before, after] = [build(one), build(other)];
        const { allowed, denied } = comparePolicies(before, after);
        const nowAllowed = createPolicy({ allow: allowed.prefixes, whenEmpty: 'deny' });
        const nowDenied = createPolicy({ allow: denied.prefixes, whenEmpty: 'deny' });
        const edges = [one, other]
          .flatMap(({ entries, exempt }) => [...entries, ...exempt])
          .flatMap((entry) => goldenEntry(entry) ?? [])
          .flatMap(({ family, first, last }) => [
            ...[first - 1n, first, last, last + 1n].map((value) => ({ family, value })),
          ])
          .filter(({ family, value }) => value >= 0n && value < (family === 4 ? 1n << 32n : 1n << 128n));
        // In the block, which is IPv4, and at all edges, which includes those of the block.
        for (const { family, value } of [...edges, { family: 6 as const, value: 0xffff_0a00_0000n }]) {
          const client = goldenText(family, value);
          const change = `${before.decide(client).verdict} ${after.decide(client).verdict}`;
          expect({
            client,
            isAllowed: nowAllowed.allows(client),
            isDenied: nowDenied.allows(client),
          }).toEqual({
            client,
            isAllowed: change === 'deny allow',
            isDenied: change === 'allow deny',
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('comparePolicies', () => {
  test('depends on addresses alone: order, spelling, splitting and notes are nothing', () => {
    fc.assert(
      fc.property(fc.array(entryText, { minLength: 1, maxLength: 8 }), fc.nat(), (entries, seed) => {
        const turned = [...entries.slice(seed % entries.length), ...entries.slice(0, seed % entries.length)];
        const noted = [...turned, ...entries].map((entry) => `  ${entry}\t# ${seed}`);
        const { allowed, denied } = comparePolicies(
          createPolicy({ deny: entries }),
          createPolicy({ deny: noted }),
        );
        expect([...allowed.prefixes, ...denied.prefixes]).toEqual([]);
      }),
    );
  });

  test('gives what can be added to the list before to make the list after', () => {
    fc.assert(
      fc.property(
        fc.array(entryText, { maxLength: 8 }),
        fc.array(entryText, { maxLength: 8 }),
        (one, more) => {
          const before = createPolicy({ deny: one });
          const after = createPolicy({ deny: [...one, ...more] });
          const { allowed, denied } = comparePolicies(before, after);
          expect(allowed.prefixes).toEqual([]);
          const made = createPolicy({ deny: [...one, ...denied.prefixes] }, { maxEntries: 10_000 });
          const rest = comparePolicies(made, after);
          expect([rest.allowed.prefixes, rest.denied.prefixes]).toEqual([[], []]);
        },
      ),
    );
  });
});
