import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAddresses, isAsLargeAsPrefix, toBigInt } from '../../src/address/words.ts';

/** Edge words are more likely than others. */
const word = fc.oneof(fc.constantFrom(0, 1, -1, -2, 0x7fff_ffff, -0x8000_0000), fc.integer());
const ends = fc.constantFrom(1, 4).chain((width) =>
  fc
    .tuple(
      fc.array(word, { minLength: width, maxLength: width }),
      fc.array(word, { minLength: width, maxLength: width }),
    )
    .map(([left, right]) => {
      const [one, other] = [Int32Array.from(left), Int32Array.from(right)];
      const [first, last] = toBigInt(one, width) <= toBigInt(other, width) ? [one, other] : [other, one];
      return { width, first, last, count: toBigInt(last, width) - toBigInt(first, width) + 1n };
    }),
);

describe('the number of addresses from one to another', () => {
  test('is compared exactly with that of a prefix', () => {
    fc.assert(
      fc.property(ends, fc.nat(128), ({ width, first, last, count }, given) => {
        const length = given % (width * 32 + 1);
        expect(isAsLargeAsPrefix(first, last, width, length)).toBe(
          count >= 1n << BigInt(width * 32 - length),
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['all addresses', [0, 0, 0, 0], [-1, -1, -1, -1], 0, true],
    ['all but one', [0, 0, 0, 1], [-1, -1, -1, -1], 0, false],
    ['a /64', [1, 2, 0, 0], [1, 2, -1, -1], 64, true],
    ['a /64 without its first address', [1, 2, 0, 1], [1, 2, -1, -1], 64, false],
    ['a /64 that is not aligned', [1, 2, 0, 1], [1, 3, 0, 0], 64, true],
    ['one address', [1, 2, 3, 4], [1, 2, 3, 4], 128, true],
    ['the last address', [-1, -1, -1, -1], [-1, -1, -1, -1], 127, false],
  ] as const)('%s', (_, first, last, length, expected) => {
    expect(isAsLargeAsPrefix(first, last, 4, length)).toBe(expected);
  });

  test('is counted exactly up to 2^53, and about as exactly as a number can be above that', () => {
    fc.assert(
      fc.property(ends, ({ width, first, last, count }) => {
        const counted = countAddresses(first, last, width);
        if (count <= 2n ** 53n) expect(BigInt(counted)).toBe(count);
        expect(Math.abs(counted / Number(count) - 1)).toBeLessThan(2 ** -50);
      }),
      { numRuns: 2_000 },
    );
  });
});
