/**
 * Why a text is not an address: the slow, plain reading that follows a failed scan.
 *
 * `scanner.ts` only says no. This file reads the same grammar once more, character by character and in the order of the
 * text, to say which rule is broken first, and where. It never decides whether a text is an address: the scanner does,
 * and a property test holds that both draw the same line. What to write instead is said in `advice.ts`.
 */

import { type Broken, type Fault, fault } from '../problem/errors.ts';
import { isPrintable } from '../problem/say.ts';
import { type Advice, adviseAddress } from './advice.ts';
import { DIGITS, HEX_DIGITS, LETTERS, seek, skip } from './characters.ts';
import { MAX_ADDRESS_LENGTH } from './scanner.ts';

/** The fault of a text that the scanner has refused as one address. */
export function addressFaultOf(text: string, start: number, end: number): Fault {
  return findAddressFault(text, start, end) ?? fault('invalid-character', text, start, end);
}

/** Finds the first fault of `text` from `start` to `end` as the text of one address; `undefined` when there is none. */
export function findAddressFault(text: string, start: number, end: number): Fault | undefined {
  const part = text.slice(start, end);
  const broken = readAddress(part);
  return broken && makeFault(text, start, end, broken, adviseAddress(part, broken));
}

/** The fault of the part of `text` from `start` to `end`. */
export function makeFault(
  text: string,
  start: number,
  end: number,
  [code, from, to]: Broken,
  { sentence, write }: Advice,
): Fault {
  const mend = write === undefined ? undefined : mendOf(text.slice(start, end), from, to, write);
  const placed = mend && { start: start + mend.start, end: start + mend.end, text: mend.text };
  return fault(code, text, start + from, start + to, sentence, placed);
}

/** The least of a text that contains the part from `from` to `to` and all that `write` does not share. */
function mendOf(text: string, from: number, to: number, write: string): NonNullable<Fault['mend']> {
  let start = 0;
  while (start < from && start < write.length && text[start] === write[start]) start++;
  let { length: end } = text;
  let last = write.length;
  while (end > to && last > start && text[end - 1] === write[last - 1]) {
    end--;
    last--;
  }
  return { start, end, text: write.slice(start, last) };
}

/** Reads a whole text as one address. */
export function readAddress(text: string): Broken | undefined {
  const { length } = text;
  if (length === 0) return ['empty', 0, 0];
  if (length > MAX_ADDRESS_LENGTH) return ['too-long', 0, length];
  const sign = text[seek(text, 0, '.:')];
  if (sign === ':') return readIPv6(text);
  return sign === '.' ? readIPv4(text, 0) : readShapeless(text);
}

/** Neither a dot nor a colon: a number, a word or a stray sign. */
function readShapeless(text: string): Broken {
  const at = skip(text, 0, DIGITS);
  if (at === text.length) return ['octet-count', 0, at, 'this one has 1'];
  // A name is wrong as a whole, not by its first letter.
  const isName =
    at === 0 && text[0] !== '-' && skip(text.toLowerCase(), 0, `${LETTERS}${DIGITS}-`) === text.length;
  return isName ? ['invalid-character', 0, text.length] : unexpected(text, at);
}

/** The dotted part of an address, which is all of an IPv4 address and the end of some IPv6 addresses. */
function readIPv4(text: string, start: number): Broken | undefined {
  const { length } = text;
  let octets = 0;
  let at = start;
  while (true) {
    const from = at;
    at = skip(text, from, DIGITS);
    const octet = text.slice(from, at);
    if (octet === '') {
      const isMissing = at === length || text[at] === '.';
      return isMissing
        ? ['octet-count', start, length, 'a number is missing beside a dot']
        : unexpected(text, at);
    }
    if (octet[0] === '0' && octet !== '0') return ['octet-leading-zero', from, at, withoutZeros(octet)];
    if (!isOctet(octet)) return ['octet-range', from, at];
    octets++;
    if (at === length) break;
    if (text[at] !== '.') return unexpected(text, at, octets === 4);
    if (octets === 4) return ['octet-count', start, length];
    at++;
  }
  return octets === 4 ? undefined : ['octet-count', start, length, `this one has ${octets}`];
}

function readIPv6(text: string): Broken | undefined {
  const { length } = text;
  let groups = 0;
  let ellipsis = text.startsWith('::');
  let at = ellipsis ? 2 : 0;
  if (text[0] === ':' && !ellipsis) return ['group-count', 0, length];
  while (at < length) {
    const from = at;
    at = skip(text, from, HEX_DIGITS);
    if (text[at] === '.') {
      const broken = readIPv4(text, from);
      if (broken !== undefined) return broken;
      groups += 2;
      break;
    }
    if (at === from) return text[at] === ':' ? ['multiple-ellipses', at, at + 1] : unexpected(text, at);
    if (at - from > 4) return ['group-length', from, at];
    groups++;
    if (at === length) break;
    if (text[at] !== ':') return unexpected(text, at, groups === 8 || (ellipsis && groups < 8));
    at++;
    if (at === length) return ['group-count', 0, length, 'it ends in a single ":"'];
    if (text[at] === ':') {
      if (ellipsis) return ['multiple-ellipses', at - 1, at + 1];
      ellipsis = true;
      at++;
    }
  }
  if (ellipsis ? groups < 8 : groups === 8) return undefined;
  // Eight groups are wrong only beside an ellipsis.
  return ['group-count', 0, length, groups === 8 ? 'leave out the "::"' : `this one has ${groups}`];
}

/** A character that cannot stand where it does; after a complete address all of the rest is too much. */
function unexpected(text: string, at: number, isComplete = false): Broken {
  const isZone = text[at] === '%';
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  if (isZone || (isComplete && isPrintable(character)))
    return [isZone ? 'zone-not-allowed' : 'trailing-text', at, text.length];
  return ['invalid-character', at, at + character.length];
}

/** Up to 255. Three digits are compared as text, which orders them as their numbers do. */
function isOctet(digits: string): boolean {
  return digits.length < 3 || (digits.length === 3 && digits <= '255');
}

/** Both numbers that programs read where an octet starts with a zero, as far as they are octets. */
function withoutZeros(octet: string): string {
  const decimal = octet.slice(skip(octet, 0, '0')) || '0';
  let octal = 0;
  for (const digit of decimal) octal = digit > '7' ? 256 : octal * 8 + DIGITS.indexOf(digit);
  const meant = isOctet(decimal) ? [decimal] : [];
  if (octal > 7 && octal < 256) meant.push(`${octal} if octal was meant`);
  return meant.length > 0 ? `write ${meant.join(', or ')}` : '';
}
