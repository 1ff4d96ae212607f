import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, namedNetworks, normalize, type Policy } from '../../src/public/index.ts';
import { RestrictionList } from '../../src/public/list.ts';
import { goldenText } from '../golden/address.ts';
import { entryText } from '../support/arbitraries.ts';

/** Entries that nest, touch, overlap and repeat, in a universe so small that they meet all the time. */
const low = fc.nat(40);
const smallEntry = fc.oneof(
  low.map((at) => `10.0.0.${at}`),
  fc.tuple(low, fc.integer({ min: 25, max: 32 })).map(([at, length]) => `10.0.0.${at}/${length}`),
  fc.tuple(low, low).map(([one, two]) => `10.0.0.${Math.min(one, two)}-10.0.0.${Math.max(one, two)}`),
  fc.tuple(low, fc.integer({ min: 121, max: 128 })).map(([at, length]) => `::ffff:10.0.0.${at}/${length}`),
  fc.tuple(low, fc.integer({ min: 121, max: 128 })).map(([at, length]) => `::${at.toString(16)}/${length}`),
  fc
    .tuple(low, low)
    .map(([one, two]) => `::${Math.min(one, two).toString(16)} - ::${Math.max(one, two).toString(16)}`),
  fc.constantFrom('@private', '@loopback', '10.0.0.0/8', '::/0', '::/120', '10.0.0.0-10.0.1.3'),
);

/** Entries around the IPv4-mapped block, whose own addresses no IPv6 entry can be written with. */
const edges = ['::fffe:ffff:fffe', '::fffe:ffff:ffff', '::1:0:0:0', '::1:0:0:1'];
const mappedEdge = fc.oneof(
  fc.constantFrom(...edges, '::/0', '::/79', '::/80', '::fffe:0:0/95', '::fffe:0:0/96', '::1:0:0:0/96'),
  fc.constantFrom('::1-::1:0:0:5', '::fffe:ffff:fffe-::1:0:0:1', '::fffe:ffff:ffff-::1:0:0:0', '0.0.0.0/0'),
);

const anyEntry = fc.oneof(
  { weight: 6, arbitrary: smallEntry },
  { weight: 1, arbitrary: mappedEdge },
  { weight: 1, arbitrary: entryText },
);
const note = fc.constantFrom('', ' # a', ' # b', '#c', '   #  d ');
const lines = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(anyEntry, note).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.constantFrom('', '# comment', '  ') },
  ),
  { maxLength: 7 },
);

/** First and last addresses of an entry, as its text says. */
function endsOf(entry: string): (readonly [family: 4 | 6, first: bigint, last: bigint])[] {
  const canonical = normalize(entry);
  const prefixes = namedNetworks.find(({ name }) => `@${name}` === canonical)?.prefixes ?? [canonical];
  return prefixes.map((text) => {
    const [network, length] = text.split('/');
    const [first, last] = (network as string).split('-').map(numberOf);
    const family = text.includes(':') ? 6 : 4;
    const size = length === undefined ? 1n : 1n << BigInt((family === 4 ? 32 : 128) - Number(length));
    return [family, first as bigint, last ?? (first as bigint) + size - 1n] as const;
  });
}

function numberOf(address: string): bigint {
  if (!address.includes(':'))
    return address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const [head, tail] = address.split('::').map((half) => half.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? [] : Array(8 - (head as string[]).length - tail.length).fill('0');
  return [...(head as string[]), ...zeros, ...(tail ?? [])].reduce(
    (sum, group) => sum * 65536n + BigInt(`0x${group}`),
    0n,
  );
}

/** Whether two entries have an address in common. */
function isTouched(entry: string, gone: string): boolean {
  return endsOf(entry).some(([family, first, last]) =>
    endsOf(gone).some(([other, from, to]) => family === other && first <= to && last >= from),
  );
}

/** The addresses around the ends of entries, and in the middle of the small universe. */
function probes(entries: readonly string[]): string[] {
  const found = new Set<string>();
  const add = (family: 4 | 6, value: bigint): void => {
    if (value >= 0n && value < 1n << (family === 4 ? 32n : 128n)) found.add(goldenText(family, value));
  };
  for (const [family, first, last] of entries.flatMap(endsOf)) {
    for (const value of [first - 1n, first, first + 1n, (first + last) / 2n, last - 1n, last, last + 1n])
      add(family, value);
  }
  for (let at = 0; at < 44; at++) {
    found.add(`10.0.0.${at}`);
    found.add(`::${at.toString(16)}`);
  }
  for (const edge of edges) found.add(edge);
  return [...found];
}

const policyOf = (list: RestrictionList): Policy =>
  createPolicy(list, { whenEmpty: list.mode === 'deny' ? 'allow' : 'deny' });

describe('exclude', () => {
  test('leaves exactly the other addresses in the list, each with its note', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('allow' as const, 'deny' as const),
        lines,
        anyEntry,
        (mode, texts, gone) => {
          const list = RestrictionList.parse(mode, texts.join('\n'), { maxEntries: 5_000 });
          let after: RestrictionList;
          const clients = probes([...list.entries.map(({ text }) => text), gone]);
          const taken = createPolicy({ deny: gone });
          const before = policyOf(list);
          const hasAny = clients.some((ip) => before.decide(ip).reason === 'listed' && !taken.allows(ip));
          try {
            after = list.exclude(gone);
          } catch (error) {
            const code = (error as ListError).problems[0]?.code;
            const isLeft = clients.some((ip) => before.decide(ip).reason === 'listed' && taken.allows(ip));
            expect(error).toBeInstanceOf(ListError);
            expect([code, hasAny && !(mode === 'allow' && !isLeft)]).toEqual([
              mode === 'allow' && hasAny ? 'open-list' : 'not-in-list',
              false,
            ]);
            return;
          }
          expect(hasAny).toBe(true);
          const now = policyOf(after);
          for (const ip of clients) {
            const was = before.decide(ip);
            const is = now.decide(ip);
            const isListed = was.reason === 'listed' && taken.allows(ip);
            expect({ ip, isListed: is.reason === 'listed', note: is.entry?.note }).toEqual({
              ip,
              isListed,
              note: isListed ? was.entry?.note : undefined,
            });
          }
          // Doing it again finds nothing.
          expect(() => after.exclude(gone)).toThrow(/not-in-list/);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('leaves to each note what it had, so that no group covers less when another one goes', () => {
    const network = anyEntry.filter((entry) => !normalize(entry).includes('-'));
    const noted = fc.array(
      fc.tuple(network, note).map((parts) => parts.join('')),
      { maxLength: 7 },
    );
    fc.assert(
      fc.property(noted, anyEntry, (texts, gone) => {
        const list = RestrictionList.parse('deny', texts.join('\n'), { maxEntries: 5_000 });
        const clients = probes([...list.entries.map(({ text }) => text), gone]);
        const taken = createPolicy({ deny: gone });
        if (!list.entries.some(({ text }) => isTouched(text, gone))) return;
        const after = list.exclude(gone);
        const notes = (of: RestrictionList): Set<string | undefined> =>
          new Set(of.entries.map((entry) => entry.note));
        for (const each of notes(list)) {
          const [was, is] = [list, after].map((of) =>
            createPolicy({
              deny: of.groups.find((group) => group.note === each)?.entries.map(({ text }) => text) ?? [],
              maxEntries: 5_000,
            }),
          ) as [Policy, Policy];
          for (const ip of clients) {
            const isDenied = !was.allows(ip) && taken.allows(ip);
            expect({ ip, each, isDenied: !is.allows(ip) }).toEqual({ ip, each, isDenied });
          }
        }
        for (const each of notes(after)) expect(notes(list)).toContain(each);
      }),
      { numRuns: 1_500 },
    );
  });

  test('leaves every line that it does not touch to the letter, in its order', () => {
    fc.assert(
      fc.property(lines, smallEntry, (texts, gone) => {
        const list = RestrictionList.parse('deny', texts.join('\r\n'), { maxEntries: 5_000 });
        const touched = new Set(
          list.entries.filter(({ text }) => isTouched(text, gone)).map(({ line }) => line),
        );
        if (touched.size === 0) return;
        const after = list.exclude(gone).toString().split('\r\n');
        const stays = texts.filter((_, index) => !touched.has(index + 1));
        let at = 0;
        for (const line of stays) {
          at = after.indexOf(line, at) + 1;
          expect(at).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('splits one network into as many prefixes as it has bits to spare', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }), (value, length) => {
        const address = goldenText(4, BigInt(value));
        const list = RestrictionList.parse('deny', `${address}/${length} # n`);
        const after = list.exclude(address);
        expect(after.entries).toHaveLength(32 - length);
        for (const { note: kept } of after.entries) expect(kept).toBe('n');
      }),
    );
  });
});
