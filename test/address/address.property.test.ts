import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAddressFault } from '../../src/address/fault.ts';
import { scanAddress, scanned } from '../../src/address/scanner.ts';
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

describe('the tables equal their slow fill', () => {
  /** The slow reading of a text, which the scanner must share. */
  const readSlowly = (text: string): bigint | undefined => {
    const golden = goldenAddress(text);
    expect(scanAddress(text, 0, text.length), JSON.stringify(text)).toBe(golden?.family ?? 0);
    if (golden === undefined) return undefined;
    const words = [...scanned.subarray(0, golden.family === 4 ? 1 : 4)];
    const value = words.reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
    expect(value, JSON.stringify(text)).toBe(golden.value);
    return value;
  };

  /** Three characters: all digits, the dot, and others, most of them next to digits or the dot in ASCII. */
  const characters = [...'0123456789.', '/', ':', '-', 'a', '\0'];
  const windows = characters.flatMap((first) =>
    characters.flatMap((second) => characters.map((third) => first + second + third)),
  );

  test.each([
    ['the first octet', 24n, '', ['.7.8.9', '7.8.9', '.8.9']],
    ['the second octet', 16n, '7.', ['.8.9', '8.9', '.9']],
    ['the third octet', 8n, '7.8.', ['.9', '9', '']],
  ])('where a window starts with %s', (_, shift, before, ends) => {
    const octets = new Set<bigint>();
    for (const window of windows) {
      for (const end of ends) {
        const value = readSlowly(before + window + end);
        if (value !== undefined) octets.add((value >> shift) & 255n);
      }
    }
    expect(octets.size).toBe(256);
  });

  test('where a window ends with the last octet', () => {
    const octets = new Set<bigint>();
    for (const window of windows) {
      for (const before of ['7.8.9.', '7.8.9', '7.8.', '7.8']) {
        const value = readSlowly(before + window);
        if (value !== undefined) octets.add(value & 255n);
      }
    }
    expect(octets.size).toBe(256);
  });

  test('for every character as a group', () => {
    const groups = new Set<bigint>();
    for (let code = 0; code < 256; code++) {
      for (const before of ['::', '1:2:3:4:5:6:7:', '1111:2222:3333:4444:5555:6666:7777:', '::000']) {
        const value = readSlowly(before + String.fromCharCode(code));
        if (value !== undefined) groups.add(value & 0xffffn);
      }
    }
    expect(groups.size).toBe(16);
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
