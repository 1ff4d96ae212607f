import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAddressFault } from '../../src/address/fault.ts';
import { scanAddress } from '../../src/address/scanner.ts';
import { formatAddress, parseAddress, tryParseAddress, unmapAddress } from '../../src/public/index.ts';
import { goldenAddress, goldenText } from '../golden/address.ts';
import { addressText, ipv4Number, mappedText, nearMiss, numbered, spelled } from '../support/arbitraries.ts';

const anyText = fc.oneof(addressText, nearMiss, fc.string(), fc.string({ unit: 'binary' }));

describe('the scanner and its slow twin', () => {
  test('read every text alike', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const golden = goldenAddress(text);
        const address = tryParseAddress(text);
        expect(address?.family).toBe(golden?.family);
        expect(address === undefined ? undefined : formatAddress(address)).toBe(
          golden === undefined ? undefined : goldenText(golden.family, golden.value),
        );
      }),
      { numRuns: 10_000 },
    );
  });

  test('find a fault exactly where the scanner refuses, inside the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const found = findAddressFault(text, 0, text.length);
        expect(found === undefined).toBe(goldenAddress(text) !== undefined);
        if (found === undefined) return;
        expect(found.start).toBeGreaterThanOrEqual(0);
        expect(found.end).toBeGreaterThanOrEqual(found.start);
        expect(found.end).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 10_000 },
    );
  });

  test('see only the part of a text that they are given', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 6 }),
        fc.oneof(addressText, nearMiss),
        fc.string({ maxLength: 6 }),
        (before, text, after) => {
          const whole = before + text + after;
          const family = scanAddress(whole, before.length, before.length + text.length);
          expect(family).toBe(goldenAddress(text)?.family ?? 0);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});

describe('canonical text', () => {
  test('is a fixed point, and reads back to the same value', () => {
    fc.assert(
      fc.property(
        numbered.chain((number) => fc.tuple(fc.constant(number), spelled(number))),
        ([number, text]) => {
          const canonical = formatAddress(parseAddress(text));
          expect(canonical).toBe(goldenText(number.family, number.value));
          expect(formatAddress(parseAddress(canonical))).toBe(canonical);
          expect(parseAddress(canonical)).toEqual(parseAddress(text));
        },
      ),
    );
  });

  test('of a mapped address becomes that of its IPv4 address', () => {
    fc.assert(
      fc.property(
        ipv4Number.chain((value) => fc.tuple(fc.constant(value), mappedText(value))),
        ([value, text]) => {
          expect(`${unmapAddress(parseAddress(text))}`).toBe(goldenText(4, value));
        },
      ),
    );
  });
});
