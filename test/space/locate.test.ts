import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lastAtOrBefore, locate } from '../../src/space/locate.ts';

describe('locate', () => {
  test('finds the last of the things that come before', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.nat(21), (values, limit) => {
        const sorted = values.sort((left, right) => left - right);
        const found = locate(sorted.length, (index) => (sorted[index] as number) < limit);
        expect(found).toBe(sorted.filter((value) => value < limit).length - 1);
      }),
    );
  });

  test('compares a number of times that is logarithmic', () => {
    let calls = 0;
    const isBefore = (index: number): boolean => {
      calls++;
      return index < 600_000;
    };
    expect(locate(2 ** 20, isBefore)).toBe(599_999);
    expect(calls).toBeLessThan(22);
  });
});

describe('lastAtOrBefore', () => {
  // Words are signed, addresses are not.
  const ipv4 = Int32Array.of(5, 9, 9, 0x8000_0000, 0xffff_ffff);

  test.each([
    [0, -1],
    [4, -1],
    [5, 0],
    [8, 0],
    [9, 2],
    [0x7fff_ffff, 2],
    [0x8000_0000, 3],
    [0xffff_fffe, 3],
    [0xffff_ffff, 4],
  ])('of an IPv4 address %i is %i', (address, index) => {
    expect(lastAtOrBefore(ipv4, ipv4.length, [0, address], 1, 1)).toBe(index);
  });

  test('heeds all words of an IPv6 address', () => {
    const starts = Int32Array.of(1, 0, 0, 0, 1, 0, 0, 5, 1, 0, -1, 0);
    const words = Int32Array.of(1, 0, 0, 4, 1, 0, 0, 5, 1, 0, -2, 9, 1, 1, 0, 0, 0, -1, -1, -1);
    expect([0, 1, 2, 3, 4].map((at) => lastAtOrBefore(starts, 3, words, at, 4))).toEqual([0, 1, 1, 2, -1]);
  });

  test('sees only as many starts as it is told', () => {
    expect(lastAtOrBefore(ipv4, 1, [20], 0, 1)).toBe(0);
    expect(lastAtOrBefore(ipv4, 0, [20], 0, 1)).toBe(-1);
  });
});
