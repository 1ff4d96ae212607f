import fc from 'fast-check';
import { IPv4, IPv4CidrRange, IPv6, IPv6CidrRange, RangedSet } from 'ip-num';
import { describe, expect, test } from 'vitest';
import { fromIpNum, toIpNum } from '../../src/adapters/ip-num.ts';
import { parseAddress, parsePrefix } from '../../src/public/index.ts';
import { goldenText } from '../golden/address.ts';
import { numbered } from '../support/arbitraries.ts';

describe('ipverdict/ip-num', () => {
  test('carries addresses both ways', () => {
    fc.assert(
      fc.property(numbered, ({ family, value }) => {
        const foreign = family === 4 ? new IPv4(value) : new IPv6(value);
        const own = parseAddress(goldenText(family, value));
        expect(fromIpNum(foreign)).toEqual(own);
        const back = toIpNum(own);
        expect(back).toBeInstanceOf(family === 4 ? IPv4 : IPv6);
        expect(back.getValue()).toBe(value);
      }),
    );
  });

  test('carries prefixes both ways', () => {
    fc.assert(
      fc.property(numbered, fc.nat(128), ({ family, value }, bits) => {
        const length = family === 4 ? bits % 33 : bits;
        const own = parsePrefix(`${goldenText(family, value)}/${length}`);
        const foreign = toIpNum(own);
        expect(foreign).toBeInstanceOf(family === 4 ? IPv4CidrRange : IPv6CidrRange);
        expect(foreign.getPrefix().getValue()).toBe(BigInt(length));
        expect(fromIpNum(foreign)).toEqual(own);
      }),
    );
  });

  test('clears the host bits that a range of ip-num keeps in its text', () => {
    expect(`${fromIpNum(IPv4CidrRange.fromCidr('10.1.2.3/8'))}`).toBe('10.0.0.0/8');
    expect(`${fromIpNum(IPv6CidrRange.fromCidr('2001:db8::1/32'))}`).toBe('2001:db8::/32');
  });

  test('drops a zone', () => {
    expect(`${fromIpNum(new IPv6('fe80::1%eth0'))}`).toBe('fe80::1');
  });

  test.each([
    [undefined],
    [null],
    ['10.0.0.1'],
    [5],
    [{}],
    [RangedSet.fromCidrRange(IPv4CidrRange.fromCidr('10.0.0.0/8'))],
  ])('refuses $0', (value) => {
    expect(() => fromIpNum(value as unknown as IPv4)).toThrow(TypeError);
  });

  test.each([
    [undefined],
    [null],
    ['10.0.0.1'],
    [{ family: 4, words: [-1] }],
    [{ family: 4, words: [1], length: 8 }],
  ])('refuses to give ip-num %j', (value) => {
    expect(() => toIpNum(value as never)).toThrow(TypeError);
  });
});
