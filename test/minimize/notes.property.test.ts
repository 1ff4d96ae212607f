import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { minimizeEntries, type NotedEntry } from '../../src/minimize/notes.ts';
import { normalize } from '../../src/public/index.ts';
import { minimize } from '../../src/public/list.ts';
import { goldenCovering, goldenList } from '../golden/policy.ts';
import { entryText } from '../support/arbitraries.ts';
import { addressesOf, entryIn, type Universe, universes } from '../support/universe.ts';

const note = fc.constantFrom(undefined, undefined, 'A', 'B', '#');

/** Names, what they are made of, and what covers them, fills them or overlaps them. */
const around = fc.constantFrom(
  ...['@loopback', '127.0.0.0/8', '127.0.0.0/9', '127.128.0.0/9', '127.5.0.0-128.0.0.0', '::1', '::-::5'],
  ...['@shared', '100.64.0.0/10', '100.64.0.0/11', '100.96.0.0/11', '100.0.0.0-100.100.0.0', '100.0.0.0/8'],
  ...['@multicast', '224.0.0.0/4', 'ff00::/8', '@reserved', '240.0.0.0/4', '224.0.0.0/3', '@private'],
  ...['0.0.0.0/0', '::/0', '0.0.0.0/1', '::/80', '0.0.0.1-255.255.255.255', '::-ffff::'],
);

/** Entries that nest, touch and overlap in a universe or around names, some of them repeated with any note. */
function notedIn(universe: Universe, notes: fc.Arbitrary<string | undefined>): fc.Arbitrary<NotedEntry[]> {
  const address = fc.oneof(
    { weight: 12, arbitrary: entryIn(universe) },
    { weight: 2, arbitrary: around },
    { weight: 1, arbitrary: entryText },
  );
  const entry = fc.record({ address: address.map(normalize), note: notes });
  const crowd = fc.record({ address: around.map(normalize), note: notes });
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.array(entry, { maxLength: 12 }) },
      { weight: 1, arbitrary: fc.array(crowd, { maxLength: 10 }) },
    )
    .chain((entries) => {
      const repeated = fc.array(fc.tuple(fc.nat(), fc.nat(), notes), { maxLength: 3 });
      return repeated.map((repetitions) => {
        const all = [...entries];
        for (const [from, to, written] of repetitions) {
          const again = all[from % Math.max(all.length, 1)];
          if (again !== undefined)
            all.splice(to % (all.length + 1), 0, { address: again.address, note: written });
        }
        return all;
      });
    });
}

/** Notes of the entries that cover an address, the one that is reported first. */
function notesAt(entries: readonly NotedEntry[], family: 4 | 6, value: bigint): (string | undefined)[] {
  const list = goldenList(entries.map(({ address }) => address));
  return goldenCovering(list, { family, value }).map((index) => entries[index]?.note);
}

function edgesOf(entries: readonly NotedEntry[]): { family: 4 | 6; value: bigint }[] {
  return goldenList(entries.map(({ address }) => address))
    .flatMap(({ networks }) => networks)
    .flatMap(({ family, first, last }) =>
      [first - 1n, first, last, last + 1n]
        .filter((value) => value >= 0n && value < 1n << (family === 4 ? 32n : 128n))
        .map((value) => ({ family, value })),
    );
}

describe.each(universes)('minimizeEntries in $name', (universe) => {
  test('keeps the addresses and the notes reported, invents none, and grows no list', () => {
    fc.assert(
      fc.property(notedIn(universe, note), (entries) => {
        const minimized = minimizeEntries(entries);
        expect(minimized.length).toBeLessThanOrEqual(entries.length);
        const addresses = [
          ...addressesOf(universe).map((value) => ({ family: universe.family, value })),
          ...edgesOf(entries),
          ...edgesOf(minimized),
        ];
        for (const { family, value } of addresses) {
          const before = notesAt(entries, family, value);
          const after = notesAt(minimized, family, value);
          expect({ value, isCovered: after.length > 0 }).toEqual({ value, isCovered: before.length > 0 });
          if (before[0] !== undefined) expect({ value, note: after[0] }).toEqual({ value, note: before[0] });
          for (const kept of after) expect(before).toContain(kept);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(notedIn(universe, note), (entries) => {
        const once = minimizeEntries(entries).map(({ address, note }) => ({ address, note }));
        const twice = minimizeEntries(once).map(({ address, note }) => ({ address, note }));
        expect(twice).toEqual(once);
      }),
      { numRuns: 400 },
    );
  });

  test('gives what minimize gives for prefixes of one note', () => {
    fc.assert(
      fc.property(notedIn(universe, fc.constant('A')), (entries) => {
        const prefixes = entries.filter(({ address }) => !/[-@]/.test(address));
        const minimized = minimizeEntries(prefixes).map(({ address }) => address);
        const smallest = minimize(prefixes.map(({ address }) => address));
        // Only minimize uses that no client is in the mapped block.
        const isAroundBlock = universe.name === 'around the mapped block';
        expect(isAroundBlock ? minimize(minimized) : minimized.sort()).toEqual(
          isAroundBlock ? smallest : smallest.sort(),
        );
      }),
      { numRuns: 200 },
    );
  });
});
