import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  commonLength,
  compareAt,
  compareSizes,
  countAddresses,
  decrement,
  increment,
  isAsLargeAsPrefix,
  isNextAt,
  lastOf,
  prefixLengthOf,
  trailingZeros,
} from '../../src/address/words.ts';

/** The slow twin of all arithmetic here: an address as one number. */
function toBigInt(words: ArrayLike<number>, width: number, at = 0): bigint {
  let value = 0n;
  for (let word = 0; word < width; word++) {
    value = (value << 32n) | BigInt((words[at * width + word] as number) >>> 0);
  }
  return value;
}

const sign = (value: number | bigint): number => (value > 0 ? 1 : value < 0 ? -1 : 0);

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

describe('arithmetic on words agrees with numbers', () => {
  const columns = fc.constantFrom(1, 4).chain((width) =>
    fc.record({
      width: fc.constant(width),
      left: fc
        .array(word, { minLength: width * 2, maxLength: width * 2 })
        .map((words) => Int32Array.from(words)),
      right: fc
        .array(word, { minLength: width * 2, maxLength: width * 2 })
        .map((words) => Int32Array.from(words)),
      at: fc.nat(1),
    }),
  );

  test('when addresses in columns are ordered', () => {
    fc.assert(
      fc.property(columns, ({ width, left, right, at }) => {
        const difference = toBigInt(left, width, at) - toBigInt(right, width, 1 - at);
        expect(sign(compareAt(left, at, right, 1 - at, width))).toBe(sign(difference));
      }),
    );
  });

  test('when intervals are ordered by size', () => {
    fc.assert(
      fc.property(ends, ends, (one, other) => {
        fc.pre(one.width === other.width);
        const firsts = Int32Array.from([...one.first, ...other.first]);
        const lasts = Int32Array.from([...one.last, ...other.last]);
        expect(sign(compareSizes(firsts, lasts, 0, 1, one.width))).toBe(sign(one.count - other.count));
      }),
    );
  });

  test('when one is added or subtracted, and when one address follows another', () => {
    fc.assert(
      fc.property(ends, ({ width, first, last }) => {
        const all = 1n << BigInt(width * 32);
        const next = first.slice();
        expect(increment(next, width)).toBe(toBigInt(first, width) === all - 1n);
        expect(toBigInt(next, width)).toBe((toBigInt(first, width) + 1n) % all);
        expect(isNextAt(first, 0, next, 0, width)).toBe(toBigInt(next, width) !== 0n);
        expect(isNextAt(first, 0, last, 0, width)).toBe(
          toBigInt(last, width) === toBigInt(first, width) + 1n,
        );
        if (toBigInt(next, width) === 0n) return;
        decrement(next, width);
        expect([...next]).toEqual([...first]);
      }),
    );
  });

  test('when bits are counted and cleared', () => {
    fc.assert(
      fc.property(ends, fc.nat(128), ({ width, first, last }, given) => {
        const bits = width * 32;
        const [low, high] = [toBigInt(first, width), toBigInt(last, width)];
        const common = [...Array(bits).keys()].findIndex(
          (bit) => (low ^ high) >> BigInt(bits - 1 - bit) !== 0n,
        );
        expect(commonLength(first, last, width)).toBe(common < 0 ? bits : common);
        const zeros = [...Array(bits).keys()].findIndex((bit) => (low >> BigInt(bit)) % 2n === 1n);
        expect(trailingZeros(first, width)).toBe(zeros < 0 ? bits : zeros);
        const length = given % (bits + 1);
        const host = (1n << BigInt(bits - length)) - 1n;
        const end = new Int32Array(width);
        lastOf(first, length, width, end);
        expect(toBigInt(end, width)).toBe(low | host);
        const start = Int32Array.from(first);
        for (let bit = length; bit < bits; bit++)
          start[bit >>> 5] = (start[bit >>> 5] as number) & ~(1 << (31 - (bit & 31)));
        expect(prefixLengthOf(start, end, width)).toBe(length);
      }),
    );
  });

  test.each([
    ['the whole space', [0], [-1], 0],
    ['one address', [7], [7], 32],
    ['two that are not aligned', [1], [2], -1],
    ['a network without its last address', [0], [254], -1],
  ] as const)('when %s may be a prefix', (_, first, last, length) => {
    expect(prefixLengthOf(first, last, 1)).toBe(length);
  });
});
