import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanEntry, span } from '../../src/address/entry.ts';
import { findEntryFault } from '../../src/address/entry-fault.ts';
import { tryNormalize } from '../../src/address/prefix.ts';
import { normalize } from '../../src/public/index.ts';
import { eachPrefix } from '../../src/space/prefixes.ts';
import { goldenText } from '../golden/address.ts';
import { goldenCanonical, goldenEntry } from '../golden/entry.ts';
import { entryText, ipv4Number, ipv6Number, nearMiss } from '../support/arbitraries.ts';

const anyText = fc.oneof(entryText, nearMiss, fc.string(), fc.string({ unit: 'binary' }));

describe('the scanner of entries and its slow twin', () => {
  test('read every text alike', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tryNormalize(text)).toBe(goldenCanonical(text));
      }),
      { numRuns: 10_000 },
    );
  });

  test('find a fault exactly where the scanner refuses, inside the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const found = findEntryFault(text, 0, text.length);
        expect(found === undefined).toBe(goldenEntry(text) !== undefined);
        if (found === undefined) return;
        expect(found.end).toBeLessThanOrEqual(text.length);
        expect(found.start).toBeLessThanOrEqual(found.end);
      }),
      { numRuns: 10_000 },
    );
  });

  test('canonical text is a fixed point', () => {
    fc.assert(
      fc.property(entryText, (text) => {
        const canonical = normalize(text);
        expect(normalize(canonical)).toBe(canonical);
      }),
    );
  });
});

describe('a range as prefixes', () => {
  const ends = fc.oneof(
    fc.tuple(fc.constant(4 as const), ipv4Number, ipv4Number),
    fc.tuple(fc.constant(6 as const), ipv6Number, ipv6Number),
  );

  test('is covered exactly, in ascending order, by the fewest prefixes', () => {
    fc.assert(
      fc.property(ends, ([family, left, right]) => {
        const [first, last] = left < right ? [left, right] : [right, left];
        const text = `${goldenText(family, first)}-${goldenText(family, last)}`;
        fc.pre(goldenEntry(text)?.[0]?.family === family);
        expect(scanEntry(text, 0, text.length)).toBe(true);
        const bits = family === 4 ? 32 : 128;
        const width = family === 4 ? 1 : 4;
        const pieces: { start: bigint; end: bigint }[] = [];
        eachPrefix(span.first, span.last, width, (words, length) => {
          const start = [...words.subarray(0, width)].reduce(
            (sum, word) => (sum << 32n) | BigInt(word >>> 0),
            0n,
          );
          const size = 1n << BigInt(bits - length);
          expect(start % size).toBe(0n);
          pieces.push({ start, end: start + size - 1n });
        });
        expect(pieces[0]?.start).toBe(first);
        expect(pieces.at(-1)?.end).toBe(last);
        pieces.slice(1).forEach(({ start }, index) => {
          expect(start).toBe((pieces[index]?.end as bigint) + 1n);
        });
        // Two neighbours of one size that start on twice that size would be one prefix.
        const mergeable = pieces.slice(1).some(({ start, end }, index) => {
          const { start: before } = pieces[index] as { start: bigint };
          const size = end - start + 1n;
          return start - before === size && before % (size * 2n) === 0n;
        });
        expect(mergeable).toBe(false);
        expect(pieces.length).toBeLessThanOrEqual(2 * bits);
        expect(span.family).toBe(family);
      }),
    );
  });
});
