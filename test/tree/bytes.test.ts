/** Bytes are read exactly as text is: the same label for the same client, wherever in the bytes it is. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOfBytes } from '../../src/address/bytes.ts';
import { scanEntry } from '../../src/address/entry.ts';
import { ListIntervals } from '../../src/space/intervals.ts';
import { decideRuns, type Runs } from '../../src/space/runs.ts';
import { buildRadix } from '../../src/tree/build.ts';
import { findLabelOfBytes } from '../../src/tree/bytes.ts';
import { findLabel, NO_ADDRESS } from '../../src/tree/find.ts';
import type { Radix } from '../../src/tree/radix.ts';
import { addressText, entryText, ipv4Number, mappedText, nearMiss } from '../support/arbitraries.ts';

function compile(lines: readonly string[]): Radix {
  const intervals = new ListIntervals();
  lines.forEach((line, index) => {
    expect(scanEntry(line, 0, line.length)).toBe(true);
    intervals.add(index, false);
  });
  const [ipv4, ipv6] = intervals.sort().map((family) => decideRuns(family, 0, (owner) => owner + 1));
  return buildRadix(ipv4 as Runs, ipv6 as Runs);
}

/** Both halves of both families have labels of their own, so that no two words of an address can be mixed up. */
const halves = compile([
  ...['0.0.0.0/0', '128.0.0.0/1', '10.0.0.0/8', '10.0.0.0/24', '10.0.0.255', '255.255.255.255'],
  ...['::/0', '8000::/1', '2001:db8::/32', '2001:db8::/64', '2001:db8::ff', '::1', 'ffff::/16'],
]);

const bufferText = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', start, end);

/** Characters that could pass for part of an address. */
const edge = fc.constantFrom(...'0129afAFgx.:%/[] \t\r\n,"-', '\0', '\x7f', '\x80', '\xb9', '\xff');

const client: fc.Arbitrary<string> = fc.oneof(
  addressText,
  ipv4Number.chain(mappedText),
  nearMiss.filter((text) => !/[^\0-\xff]/.test(text)),
  fc.tuple(addressText, fc.string({ unit: edge, maxLength: 70 })).map(([text, zone]) => `${text}%${zone}`),
  fc.tuple(addressText, fc.nat(), edge).map(([text, at, character]) => {
    const place = at % text.length;
    return text.slice(0, place) + character + text.slice(place + 1);
  }),
  fc.string({ unit: edge, maxLength: 120 }),
  fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

function expectSame(radix: Radix, text: string, before = '', after = ''): void {
  const bytes = new Uint8Array(Buffer.from(before + text + after, 'latin1'));
  const start = before.length;
  const end = start + text.length;
  const expected = findLabel(radix, text);
  for (const textOf of [textOfBytes, bufferText]) {
    expect(findLabelOfBytes(radix, bytes, start, end, textOf)).toBe(expected);
  }
}

describe('a client in bytes', () => {
  test('has the label of its text, between any other bytes', () => {
    const list = fc.array(
      entryText.filter((text) => !text.startsWith('@')),
      { maxLength: 8 },
    );
    const around = fc.string({ unit: edge, maxLength: 12 });
    fc.assert(
      fc.property(list, client, around, around, (lines, text, before, after) => {
        expectSame(halves, text, before, after);
        expectSame(compile(lines), text, before, after);
      }),
      { numRuns: 4000 },
    );
  });

  test.each(Array.from({ length: 121 }, (_, length) => length))('of %i bytes has it, too', (length) => {
    for (const filler of ['1', '1.', '0', 'f:', '.', ':', '%', '::1%a', '1.2.3.4', '\xff', '\0'])
      expectSame(halves, filler.repeat(length).slice(0, length), '1', '1');
    const zoned = '2001:db8::ff%';
    if (length > zoned.length) expectSame(halves, zoned.padEnd(length, 'z'), ':', 'z');
    const longest = '0000:0000:0000:0000:0000:ffff:255.255.255.255%';
    if (length > longest.length) expectSame(halves, longest.padEnd(length, 'z'), ':', 'z');
    expectSame(halves, '1.2.3.4'.padEnd(length, '5'), '9', '.');
  });

  test('has it for each octet in each place, and each digit before and after', () => {
    for (let octet = 0; octet < 1100; octet++) {
      for (const text of [`${octet}.2.3.4`, `1.${octet}.30.4`, `1.20.${octet}.4`, `1.2.30.${octet}`]) {
        expectSame(halves, text);
        expectSame(halves, text, '1', '2');
        expectSame(halves, text, '0', '.');
        expectSame(halves, `0${text}`);
        expectSame(halves, text.replace(String(octet), `0${octet}`));
      }
    }
  });

  test('has it with each byte in each place of an address', () => {
    for (const text of [
      '10.0.0.255',
      '1.2.3.4',
      '255.255.255.255',
      '::ffff:10.0.0.9',
      '2001:db8::ff',
      '::1%e0',
    ]) {
      for (let at = 0; at <= text.length; at++) {
        for (let code = 0; code < 256; code++) {
          const character = String.fromCharCode(code);
          expectSame(halves, text.slice(0, at) + character + text.slice(at + 1));
          expectSame(halves, text.slice(0, at) + character + text.slice(at), '1');
        }
      }
    }
  });

  test('has the label of its text as UTF-8 and as Latin-1, beyond ASCII', () => {
    const beyond = fc.constantFrom('\u0661', '\uff11', '\u00b9', '\u200b', '\ufeff', '\u{1d7ce}');
    const broken = fc
      .tuple(addressText, fc.nat(), beyond, fc.nat(1))
      .map(([text, at, character, skipped]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + character + text.slice(place + skipped);
      });
    fc.assert(
      fc.property(fc.oneof(broken, addressText), (text) => {
        const bytes = new TextEncoder().encode(text);
        const found = findLabelOfBytes(halves, bytes, 0, bytes.length, textOfBytes);
        expect(found).toBe(findLabel(halves, text));
        expect(found).toBe(findLabel(halves, Buffer.from(bytes).toString('latin1')));
      }),
    );
  });

  test('is none where there are no bytes, and at the end of the array', () => {
    const bytes = new TextEncoder().encode('1.2.3.4');
    expect(findLabelOfBytes(halves, bytes, 0, 0, textOfBytes)).toBe(NO_ADDRESS);
    expect(findLabelOfBytes(halves, bytes, 7, 7, textOfBytes)).toBe(NO_ADDRESS);
    for (let end = 0; end < 7; end++)
      expect(findLabelOfBytes(halves, bytes, 0, end, textOfBytes)).toBe(NO_ADDRESS);
    expect(findLabelOfBytes(halves, bytes.subarray(0, 7), 0, 7, textOfBytes)).toBe(1);
  });
});
