import { describe, expect, test } from 'vitest';
import {
  formatPrefix,
  normalize,
  ParseError,
  type Prefix,
  parsePrefix,
  tryParsePrefix,
} from '../../src/public/index.ts';
import { goldenCanonical } from '../golden/entry.ts';

describe('parsePrefix', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8', 'plain'],
    ['10.1.2.3/8', '10.0.0.0/8', 'host bits are cleared'],
    ['255.255.255.255/0', '0.0.0.0/0', 'all of them'],
    ['192.0.2.1/32', '192.0.2.1/32', 'one address keeps its length'],
    ['192.0.2.1/31', '192.0.2.0/31', 'the last bit'],
    ['2001:db8:abcd:0012::0/64', '2001:db8:abcd:12::/64', 'a documented shape'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/0', '::/0', 'all bits of IPv6'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33', 'one bit into a word'],
    ['::ffff:10.1.2.3/104', '::ffff:10.0.0.0/104', 'mapped stays mapped'],
    ['::ffff:10.1.2.3/8', '::/8', 'a short mapped prefix is plain text here'],
    ['2001:db8::1/128', '2001:db8::1/128', 'the full length'],
  ])('%s is %s: %s', (text, canonical, _reason) => {
    const prefix = parsePrefix(text);
    expect(formatPrefix(prefix)).toBe(canonical);
    expect(`${prefix}`).toBe(canonical);
    expect(parsePrefix(canonical)).toEqual(prefix);
    expect(Object.isFrozen(prefix) && Object.isFrozen(prefix.words)).toBe(true);
  });

  test.each([
    ['10.0.0.0', 'prefix-length-missing', 8],
    ['10.0.0.0/', 'prefix-length-missing', 8],
    ['10.0.0.0/33', 'prefix-length-range', 9],
    ['::/129', 'prefix-length-range', 3],
    ['10.0.0.0/4294967304', 'prefix-length-range', 9],
    ['10.0.0.0/08', 'prefix-length-invalid', 9],
    ['10.0.0.0/00', 'prefix-length-invalid', 9],
    ['10.0.0.0/-1', 'prefix-length-invalid', 9],
    ['10.0.0.0/+8', 'prefix-length-invalid', 9],
    ['10.0.0.0/ 8', 'prefix-length-invalid', 9],
    ['10.0.0.0/8 ', 'prefix-length-invalid', 9],
    ['10.0.0.0/24abc', 'prefix-length-invalid', 9],
    ['10.0.0.0/1e1', 'prefix-length-invalid', 9],
    ['10.0.0.0/0x18', 'prefix-length-invalid', 9],
    ['10.0.0.0/24.5', 'prefix-length-invalid', 9],
    ['10.0.0.0/24/8', 'prefix-length-invalid', 9],
    ['10.0.0.0/٨', 'prefix-length-invalid', 9],
    ['10.0.0.0/255.0.0.0', 'prefix-length-invalid', 9],
    ['10/8', 'octet-count', 0],
    ['010.0.0.0/8', 'octet-leading-zero', 0],
    ['fe80::1%eth0/64', 'zone-not-allowed', 7],
    ['/8', 'empty', 0],
    ['', 'empty', 0],
    ['@private', 'invalid-character', 0],
    [`${'1'.repeat(1_000_000)}/8`, 'too-long', 0],
  ])('$0 is refused with $1', (text, code, offset) => {
    expect(tryParsePrefix(text)).toBeUndefined();
    const error = errorOf(() => parsePrefix(text));
    expect({ code: error.code, offset: error.offset, input: error.input }).toEqual({
      code,
      offset,
      input: text,
    });
  });

  test.each([undefined, null, 8, {}, ['10.0.0.0/8'], Symbol.iterator])(
    'refuses %s, which is not text',
    (value) => {
      expect(tryParsePrefix(value as string)).toBeUndefined();
      expect(errorOf(() => parsePrefix(value as string)).code).toBe('not-a-string');
    },
  );
});

describe('formatPrefix', () => {
  test('takes any object of the right shape', () => {
    expect(formatPrefix({ family: 4, words: [0x0a000000], length: 8 })).toBe('10.0.0.0/8');
  });

  test.each([
    [{ family: 4, words: [0x0a000001], length: 8 }, 'host bits set'],
    [{ family: 4, words: [0], length: 33 }, 'too long'],
    [{ family: 6, words: [0, 0, 0, 0], length: 129 }, 'too long'],
    [{ family: 4, words: [0], length: -1 }, 'negative'],
    [{ family: 4, words: [0], length: 1.5 }, 'no whole number'],
    [{ family: 4, words: [0], length: '8' }, 'text'],
    [{ family: 4, words: [0] }, 'no length'],
    [{}, 'nothing'],
  ])('refuses %j: %s', (value, _reason) => {
    expect(() => formatPrefix(value as unknown as Prefix)).toThrow(TypeError);
  });
});

describe('normalize', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.0.0/24', '1.2.0.0/24'],
    ['2001:0DB8:ABCD:0012:0000:0000:0000:0000', '2001:db8:abcd:12::'],
    ['2001:DB8:ABCD:12::', '2001:db8:abcd:12::'],
    ['2001:db8:abcd:0012::0/64', '2001:db8:abcd:12::/64'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['::1/128', '::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1/128', '192.0.2.1'],
    ['::ffff:192.0.2.1/120', '192.0.2.0/24'],
    ['::ffff:0:0/96', '0.0.0.0/0'],
    ['10.0.0.0-10.0.0.255', '10.0.0.0/24'],
    ['10.0.0.0 - 10.0.0.254', '10.0.0.0-10.0.0.254'],
    ['10.0.0.7-10.0.0.7', '10.0.0.7'],
    ['0.0.0.0-255.255.255.255', '0.0.0.0/0'],
    ['2001:db8::-2001:db8::ffff', '2001:db8::/112'],
    ['2001:db8::-2001:db8::1:0', '2001:db8::-2001:db8::1:0'],
    ['::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '::/0'],
    ['::ffff:10.0.0.1-10.0.0.2', '10.0.0.1-10.0.0.2'],
    ['::ffff:10.0.0.0-::ffff:10.0.0.3', '10.0.0.0/30'],
    ['@private', '@private'],
  ])('%s is %s', (text, canonical) => {
    expect(normalize(text)).toBe(canonical);
    expect(normalize(canonical)).toBe(canonical);
    expect(goldenCanonical(text)).toBe(canonical);
  });

  test.each([
    ['::ffff:10.0.0.0/95', 'mapped-prefix-too-short', 0],
    ['::ffff:10.0.0.0/8', 'mapped-prefix-too-short', 0],
    ['::ffff:a00:0/0', 'mapped-prefix-too-short', 0],
    ['10.0.0.9-10.0.0.1', 'range-reversed', 0],
    ['::2-::1', 'range-reversed', 0],
    ['10.0.0.1-::1', 'range-families', 0],
    ['::1-::ffff:10.0.0.1', 'range-families', 0],
    ['10.0.0.1-', 'empty', 8],
    ['10.0.0.1-9', 'octet-count', 9],
    ['-10.0.0.1', 'invalid-character', 0],
    ['10.0.0.1--10.0.0.2', 'invalid-character', 9],
    ['10.0.0.0/24-10.0.1.0/24', 'trailing-text', 8],
    ['10.0.0.1\t-10.0.0.2', 'invalid-character', 8],
    ['10.0.0.1–10.0.0.2', 'invalid-character', 8],
    ['@Private', 'unknown-network', 0],
    ['@', 'unknown-network', 0],
    ['@private @shared', 'trailing-text', 9],
    ['10.0.0.1 # note', 'trailing-text', 9],
    [' 10.0.0.1', 'invalid-character', 0],
    ['10.0.0.1 ', 'trailing-text', 8],
    ['10.0.0.1,10.0.0.2', 'trailing-text', 9],
    ['fe80::1%eth0', 'zone-not-allowed', 7],
    ['', 'empty', 0],
  ])('$0 is refused with $1', (text, code, offset) => {
    const error = errorOf(() => normalize(text));
    expect({ code: error.code, offset: error.offset }).toEqual({ code, offset });
    expect(goldenCanonical(text)).toBeUndefined();
  });
});

function errorOf(run: () => unknown): ParseError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ParseError);
    return error as ParseError;
  }
  throw new Error('nothing was thrown');
}
