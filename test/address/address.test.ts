import { describe, expect, test } from 'vitest';
import { scanned } from '../../src/address/scanner.ts';
import {
  type Address,
  formatAddress,
  ParseError,
  parseAddress,
  tryParseAddress,
  unmapAddress,
} from '../../src/public/index.ts';
import { goldenAddress, goldenText } from '../golden/address.ts';

/** Text, canonical text, and why the row is here. */
const valid: readonly (readonly [text: string, canonical: string, reason: string])[] = [
  ['1.2.3.4', '1.2.3.4', 'plain'],
  ['0.0.0.0', '0.0.0.0', 'the lowest; a lone zero is not a leading zero'],
  ['255.255.255.255', '255.255.255.255', 'the highest, and the longest text of IPv4'],
  ['10.20.30.40', '10.20.30.40', 'a zero after another digit'],
  ['100.100.100.100', '100.100.100.100', 'two zeros after another digit'],
  ['::', '::', 'all zeros'],
  ['::1', '::1', 'ellipsis in front'],
  ['1::', '1::', 'ellipsis at the end'],
  ['1::8', '1::8', 'ellipsis in the middle'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0', 'ellipsis for one group at the end is written out'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8', 'ellipsis for one group in front is written out'],
  ['1:2:3::5:6:7:8', '1:2:3:0:5:6:7:8', 'ellipsis for one group in the middle is written out'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8', 'no zeros'],
  ['2001:0DB8:ABCD:0012:0000:0000:0000:0000', '2001:db8:abcd:12::', 'the documented long form in capitals'],
  ['2001:DB8:ABCD:12::', '2001:db8:abcd:12::', 'the documented short form in capitals'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', 'the first of two equal runs (RFC 5952 §4.2.3)'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1', 'the longer of two runs'],
  ['0:0:0:0:0:0:0:0', '::', 'eight zero groups'],
  ['1:0:0:0:0:0:0:0', '1::', 'a run at the end'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1', 'IPv4-mapped stays dotted'],
  ['::FFFF:C000:201', '::ffff:192.0.2.1', 'IPv4-mapped in hexadecimal becomes dotted'],
  ['0:0:0:0:0:ffff:192.0.2.1', '::ffff:192.0.2.1', 'IPv4-mapped without an ellipsis'],
  ['::192.0.2.1', '::c000:201', 'IPv4-compatible prints in hexadecimal'],
  ['64:ff9b::192.0.2.1', '64:ff9b::c000:201', 'NAT64 prints in hexadecimal'],
  ['2002:c000:0201::', '2002:c000:201::', '6to4 is plain IPv6'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304', 'six groups and a dotted tail'],
  ['1::1.2.3.4', '1::102:304', 'ellipsis and a dotted tail'],
  ['::1:2:3:4:5:1.2.3.4', '0:1:2:3:4:5:102:304', 'ellipsis for one group before a dotted tail'],
  ['::ffff:0:1.2.3.4', '::ffff:0:102:304', 'one group more than mapped'],
  [
    '0000:0000:0000:0000:0000:ffff:255.255.255.255',
    '::ffff:255.255.255.255',
    'the longest text of all, 45 characters',
  ],
  ['fe80::1', 'fe80::1', 'link-local without a zone'],
  [
    'ABCD:EF01:2345:6789:abcd:ef01:2345:6789',
    'abcd:ef01:2345:6789:abcd:ef01:2345:6789',
    'every hexadecimal digit',
  ],
];

/** Text, code, offset, and why the row is here. */
const invalid: readonly (readonly [text: string, code: string, offset: number, reason: string])[] = [
  ['', 'empty', 0, 'nothing'],
  ['1.2.3', 'octet-count', 0, 'inet_aton reads three parts'],
  ['127.1', 'octet-count', 0, 'inet_aton reads two parts'],
  ['2130706433', 'octet-count', 0, 'inet_aton reads one number'],
  ['1.2.3.4.5', 'octet-count', 0, 'five parts'],
  ['1.2.3.4.', 'octet-count', 0, 'a dot at the end'],
  ['.1.2.3.4', 'octet-count', 0, 'a dot in front'],
  ['1..2.3', 'octet-count', 0, 'nothing between two dots'],
  ['1.2.3.', 'octet-count', 0, 'the last octet is missing'],
  ['256.1.1.1', 'octet-range', 0, 'one more than a byte'],
  ['1.2.3.999', 'octet-range', 6, 'in the last octet'],
  ['1.2.3.1000', 'octet-range', 6, 'four digits'],
  ['1.2.3.4294967297', 'octet-range', 6, 'wraps around in 32 bits'],
  ['010.0.0.1', 'octet-leading-zero', 0, 'octal for inet_aton'],
  ['1.2.3.00', 'octet-leading-zero', 6, 'two zeros'],
  ['1.02.3.4', 'octet-leading-zero', 2, 'in the middle'],
  ['::ffff:010.0.0.1', 'octet-leading-zero', 7, 'the dotted tail is as strict'],
  ['::ffff:1.2.3', 'octet-count', 7, 'a short dotted tail'],
  ['::ffff:1.2.3.256', 'octet-range', 13, 'a large octet in the tail'],
  ['0x7f.1', 'invalid-character', 1, 'hexadecimal for inet_aton'],
  ['0x7f000001', 'invalid-character', 1, 'one hexadecimal number'],
  ['1.2.3.4a', 'trailing-text', 7, 'a letter after an address'],
  [' 1.2.3.4', 'invalid-character', 0, 'a blank in front'],
  ['1.2.3.4 ', 'trailing-text', 7, 'a blank after it'],
  ['1.2.3.4\n', 'invalid-character', 7, 'a line break after it'],
  ['1.2.3.4\0', 'invalid-character', 7, 'a zero byte after it'],
  ['1.2.3.4:8080', 'trailing-text', 7, 'a port'],
  ['1.2.3.4/24', 'trailing-text', 7, 'a prefix is not an address'],
  ['１.２.３.４', 'invalid-character', 0, 'full-width digits'],
  ['1.2.3.٤', 'invalid-character', 6, 'an Arabic digit'],
  ['+1.2.3.4', 'invalid-character', 0, 'a sign'],
  ['1.2.3.-4', 'invalid-character', 6, 'a sign in an octet'],
  ['1.2.3.4e0', 'trailing-text', 7, 'an exponent'],
  ['localhost', 'invalid-character', 0, 'a name'],
  ['unknown', 'invalid-character', 0, 'what proxies write'],
  ['fe80', 'invalid-character', 0, 'hexadecimal digits alone'],
  ['example.com', 'invalid-character', 0, 'a name with a dot'],
  ['[::1]', 'invalid-character', 0, 'brackets of a URL'],
  ['[2001:db8::1]:443', 'invalid-character', 0, 'brackets and port'],
  ['*', 'invalid-character', 0, 'a wildcard'],
  ['10.0.0.*', 'invalid-character', 7, 'a wildcard octet'],
  [':', 'group-count', 0, 'a single colon'],
  [':1', 'group-count', 0, 'a single colon in front'],
  ['1:', 'group-count', 0, 'a single colon at the end'],
  ['::1:', 'group-count', 0, 'a single colon after a group'],
  ['1:2:3:4:5:6:7', 'group-count', 0, 'seven groups'],
  ['1:2:3:4:5:6:7:8:9', 'group-count', 0, 'nine groups'],
  ['1:2:3:4:5:6:7:8::', 'group-count', 0, 'eight groups leave nothing for the ellipsis'],
  ['::1:2:3:4:5:6:7:8', 'group-count', 0, 'the same in front'],
  ['1:2:3:4::5:6:7:8', 'group-count', 0, 'the same in the middle'],
  ['1:2:3:4:5:6:7:1.2.3.4', 'group-count', 0, 'a dotted tail counts for two'],
  ['1:2:3:4:5:1.2.3.4', 'group-count', 0, 'and so seven are too few'],
  ['1::2::3', 'multiple-ellipses', 4, 'two of them'],
  [':::', 'multiple-ellipses', 2, 'three colons'],
  ['1:::2', 'multiple-ellipses', 3, 'three colons in the middle'],
  ['12345::', 'group-length', 0, 'five digits'],
  ['::00001', 'group-length', 2, 'five digits of little value'],
  ['1:2:3:4:5:6:7:00008', 'group-length', 14, 'five digits in the last group'],
  ['g::', 'invalid-character', 0, 'no hexadecimal digit'],
  ['1:2:x:4:5:6:7:8', 'invalid-character', 4, 'no digit where a group starts'],
  ['1:2x', 'invalid-character', 3, 'no digit within a group'],
  ['1.2.3.4::', 'trailing-text', 7, 'the dotted part comes last'],
  ['::1.2.3.4:5', 'trailing-text', 9, 'and nothing follows it'],
  ['::1 ', 'trailing-text', 3, 'a blank after it'],
  ['fe80::1%eth0', 'zone-not-allowed', 7, 'a zone'],
  ['::1%', 'zone-not-allowed', 3, 'an empty zone'],
  ['1.2.3.4%eth0', 'zone-not-allowed', 7, 'a zone after IPv4'],
  ['%eth0', 'zone-not-allowed', 0, 'a zone alone'],
  ['::1\u200b', 'invalid-character', 3, 'an invisible character'],
  ['::\ud800', 'invalid-character', 2, 'half of a surrogate pair'],
  ['0'.repeat(46), 'too-long', 0, 'longer than any address'],
  [`0000:0000:0000:0000:0000:ffff:255.255.255.2555`, 'too-long', 0, 'one longer than the longest'],
  [':'.repeat(1_000_000), 'too-long', 0, 'a megabyte of colons'],
];

describe('parseAddress', () => {
  test.each(valid)('%s: $2', (text, canonical) => {
    const address = parseAddress(text);
    const golden = goldenAddress(text);
    expect(golden).toBeDefined();
    expect(address.family).toBe(golden?.family);
    expect(address.words).toEqual(wordsOf(golden?.family as 4 | 6, golden?.value as bigint));
    expect(formatAddress(address)).toBe(canonical);
    expect(`${address}`).toBe(canonical);
    expect(parseAddress(canonical)).toEqual(address);
    expect(goldenText(address.family, golden?.value as bigint)).toBe(canonical);
  });

  test.each(invalid.map((row) => [row[0].slice(0, 50), ...row] as const))(
    '$0 is refused',
    (_, text, code, offset) => {
      expect(goldenAddress(text)).toBeUndefined();
      expect(tryParseAddress(text)).toBeUndefined();
      const error = errorOf(() => parseAddress(text));
      expect(error).toBeInstanceOf(ParseError);
      expect({ code: error.code, offset: error.offset, input: error.input }).toEqual({
        code,
        offset,
        input: text,
      });
      expect(error.message.length).toBeLessThan(400);
      expect(error.message).toContain(code);
    },
  );

  test.each([
    [undefined, 'nothing'],
    [null, 'null'],
    [16909060, 'a number'],
    [1n, 'a bigint'],
    [['1.2.3.4'], 'an object'],
    [{ toString: () => '1.2.3.4' }, 'an object'],
    [Object('1.2.3.4'), 'an object'],
    [() => '1.2.3.4', 'a function'],
    [Symbol('1.2.3.4'), 'a symbol'],
  ])('refuses %s, which is not text', (value, kind) => {
    expect(tryParseAddress(value as string)).toBeUndefined();
    const error = errorOf(() => parseAddress(value as string));
    expect({ code: error.code, offset: error.offset, input: error.input }).toEqual({
      code: 'not-a-string',
      offset: 0,
      input: '',
    });
    expect(error.message).toContain(kind);
  });

  test.each([
    ['1.2.3.4:80', 'write 1.2.3.4'],
    ['[::1]:443', 'write ::1'],
    ['[::1]443', 'write an address such as'],
    ['[::1]:443:9', 'write an address such as'],
    ['10.0.*.*', 'write an address such as 192.0.2.1 or 2001:db8::1'],
    ['010.0.0.1', 'write 10'],
    ['10.1', 'this one has 2'],
    ['1.2.3.4, 5.6.7.8', 'the one that your own proxy vouches for'],
    ['[2001:db8::]/64', 'write an address such as'],
    ['1.2.3.4/24', 'write the address alone'],
    ['private', 'host names are not looked up'],
    ['1.2.3.0300', '192 if octal was meant'],
    ['::ffff:010.0.0.1', 'write 10, or 8 if octal was meant'],
    ['*', 'write an address such as'],
    ['http://10.0.0.1/', 'write 10.0.0.1'],
    ['2001:db8::*', 'such as 192.0.2.1 or 2001:db8::1'],
    ['www.example.com', 'host names'],
    ['fe80::1%eth0', 'write fe80::1'],
    ['1.2.3.\u202e4', 'U+202E'],
    ['1.2.3.4\u202e', '<U+202E>'],
  ])('says what to write instead of %s', (text, advice) => {
    expect(errorOf(() => parseAddress(text)).message).toContain(advice);
  });

  test('takes no character for another with the same low bits, wherever it stands', () => {
    // The scanner looks characters up by their low seven bits, and has to refuse the rest apart.
    const texts = [
      '203.0.113.77',
      '1.2.3.4',
      '2001:0db8:1234:5678:9abc:def0:1234:5678',
      '2001:db8:1:22:333:4444:abcd:ef01',
      '2001:db8:a::17:b',
      '2001:db8::',
      '::1',
      '::ffff:192.0.2.1',
      '64:ff9b::192.0.2.33',
      '2001:db8:1:2:3:4:192.0.2.1',
    ];
    for (const text of texts) {
      expect(tryParseAddress(text), text).toBeDefined();
      for (let at = 0; at < text.length; at++) {
        for (const distance of [128, 256, 0x1000, 0xff00]) {
          const other = String.fromCharCode(text.charCodeAt(at) + distance);
          const changed = `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
          expect(tryParseAddress(changed), changed).toBeUndefined();
        }
      }
    }
  });

  test('gives values that cannot be changed', () => {
    const address = parseAddress('2001:db8::1');
    expect(Object.isFrozen(address)).toBe(true);
    expect(Object.isFrozen(address.words)).toBe(true);
    expect(() => (address.words as number[]).push(1)).toThrow(TypeError);
  });
});

test('the words of the scanner are where V8 does not move them', () => {
  // Up to 64 bytes it may, and then looks the place up for every word: a tenth of a decision.
  expect(scanned).toHaveLength(4);
  expect(scanned.buffer.byteLength).toBeGreaterThan(64);
});

describe('formatAddress', () => {
  test('takes any object of the right shape', () => {
    expect(formatAddress({ family: 4, words: [0xc0000201] })).toBe('192.0.2.1');
    expect(formatAddress({ family: 6, words: [0x20010db8, 0, 0, 1] })).toBe('2001:db8::1');
  });

  test.each([
    [undefined],
    [null],
    [{}],
    [{ family: 5, words: [1] }],
    [{ family: 4, words: [] }],
    [{ family: 4, words: [1, 2] }],
    [{ family: 6, words: [1] }],
    [{ family: 4, words: [-1] }],
    [{ family: 4, words: [1.5] }],
    [{ family: 4, words: [2 ** 32] }],
    [{ family: 4, words: ['1'] }],
    [{ family: 4, words: { 0: 1, length: 1 } }],
    ['1.2.3.4'],
  ])('refuses %j, which is not an address', (value) => {
    expect(() => formatAddress(value as unknown as Address)).toThrow(TypeError);
    expect(() => unmapAddress(value as unknown as Address)).toThrow(TypeError);
  });
});

describe('unmapAddress', () => {
  test.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['::ffff:255.255.255.255', '255.255.255.255'],
    ['::ffff:0:0', '0.0.0.0'],
  ])('%s becomes %s', (mapped, plain) => {
    expect(unmapAddress(parseAddress(mapped))).toEqual(parseAddress(plain));
  });

  test.each([
    '192.0.2.1',
    '::192.0.2.1',
    '64:ff9b::192.0.2.1',
    '::fffe:192.0.2.1',
    '1::ffff:192.0.2.1',
    '::1:ffff:192.0.2.1',
  ])('%s stays as it is', (text) => {
    const address = parseAddress(text);
    expect(unmapAddress(address)).toBe(address);
  });
});

function wordsOf(family: 4 | 6, value: bigint): number[] {
  const count = family === 4 ? 1 : 4;
  return Array.from({ length: count }, (_, word) =>
    Number((value >> BigInt(32 * (count - 1 - word))) & 0xffffffffn),
  );
}

function errorOf(run: () => unknown): ParseError {
  try {
    run();
  } catch (error) {
    return error as ParseError;
  }
  throw new Error('nothing was thrown');
}
