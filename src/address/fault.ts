/**
 * Why a text is no address: the slow, plain reading that follows a failed scan.
 *
 * `scanner.ts` only says no. This file reads the same grammar once more, character by character and in the order of the
 * text, to say where the first fault is and what to write instead. Whether a text is an address is never asked here, but
 * of the scanner; a property test holds that both draw the same line.
 */

import { type Fault, fault } from '../problem/errors.ts';
import { findNetwork } from './names.ts';
import { MAX_ADDRESS_LENGTH, scanAddress } from './scanner.ts';

/**
 * The fault of a text that the scanner has refused as one address.
 * @internal
 */
export function addressFaultOf(text: string, start: number, end: number): Fault {
  return findAddressFault(text, start, end) ?? fault('invalid-character', text, start, end);
}

/**
 * Finds the first fault of `text` from `start` to `end` as the text of one address; `undefined` when there is none.
 * @internal
 */
export function findAddressFault(text: string, start: number, end: number): Fault | undefined {
  if (start === end) return fault('empty', text, start, end);
  if (end - start > MAX_ADDRESS_LENGTH) return fault('too-long', text, start, end);
  for (let at = start; at < end; at++) {
    const character = text[at];
    if (character === ':') return findIPv6Fault(text, start, end);
    if (character === '.') return findIPv4Fault(text, start, end);
  }
  return findShapelessFault(text, start, end);
}

/** Neither a dot nor a colon: a number, a word or a stray sign. */
function findShapelessFault(text: string, start: number, end: number): Fault {
  let at = start;
  while (at < end && isDigit(text[at])) at++;
  if (at === end) return fault('octet-count', text, start, end, 'a single number is no address');
  if (text[at] === '%') return fault('zone-not-allowed', text, at, end);
  const isWord = at === start && isName(text, start, end);
  return fault(
    'invalid-character',
    text,
    at,
    isWord ? end : at + widthAt(text, at),
    adviceFor(text, start, end),
  );
}

/** Letters, digits and hyphens: as a whole it is wrong, not by its first letter. */
function isName(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const character = (text[at] as string).toLowerCase();
    if (!isDigit(character) && character !== '-' && !(character >= 'a' && character <= 'z')) return false;
  }
  return text[start] !== '-';
}

/** `whole` is where the address starts whose dotted part starts at `start`. */
function findIPv4Fault(text: string, start: number, end: number, whole: number = start): Fault | undefined {
  let octets = 0;
  for (let at = start; ; at++) {
    const from = at;
    while (at < end && isDigit(text[at])) at++;
    const digits = at - from;
    if (digits === 0) {
      if (at < end && text[at] !== '.') return oddCharacter(text, at, start, end);
      return fault('octet-count', text, start, end, 'a number is missing beside a dot');
    }
    if (digits > 1 && text[from] === '0') return leadingZero(text, from, at);
    if (digits > 3 || isAbove255(text, from, digits)) return fault('octet-range', text, from, at);
    octets++;
    if (at === end) break;
    if (octets === 4) {
      if (text[at] === '.') return fault('octet-count', text, start, end);
      return trailing(text, at, whole, end);
    }
    if (text[at] !== '.') return oddCharacter(text, at, start, end);
  }
  return octets === 4 ? undefined : fault('octet-count', text, start, end, `this one has ${octets}`);
}

function findIPv6Fault(text: string, start: number, end: number): Fault | undefined {
  let groups = 0;
  let ellipsis = false;
  let at = start;
  if (text[at] === ':') {
    if (at + 1 === end || text[at + 1] !== ':') return fault('group-count', text, start, end);
    ellipsis = true;
    at += 2;
  }
  while (at < end) {
    const from = at;
    while (at < end && isHexDigit(text[at])) at++;
    if (at < end && text[at] === '.') {
      const found = findIPv4Fault(text, from, end, start);
      if (found !== undefined) return found;
      groups += 2;
      break;
    }
    if (at === from) {
      if (text[at] === ':') return fault('multiple-ellipses', text, at, at + 1);
      return oddCharacter(text, at, start, end);
    }
    if (at - from > 4) return fault('group-length', text, from, at);
    groups++;
    if (at === end) break;
    if (text[at] !== ':') {
      if (groups === 8 || (ellipsis && groups < 8)) return trailing(text, at, start, end);
      return oddCharacter(text, at, start, end);
    }
    at++;
    if (at === end) return fault('group-count', text, start, end, 'it ends in a single ":"');
    if (text[at] === ':') {
      if (ellipsis) return fault('multiple-ellipses', text, at - 1, at + 1);
      ellipsis = true;
      at++;
    }
  }
  if (ellipsis ? groups <= 7 : groups === 8) return undefined;
  const isFull = ellipsis && groups === 8;
  return fault('group-count', text, start, end, isFull ? 'leave out the "::"' : `this one has ${groups}`);
}

function oddCharacter(text: string, at: number, start: number, end: number): Fault {
  if (text[at] === '%') return fault('zone-not-allowed', text, at, end);
  return fault('invalid-character', text, at, at + widthAt(text, at), adviceFor(text, start, end));
}

/** Something follows a complete address. */
function trailing(text: string, at: number, start: number, end: number): Fault {
  if (text[at] === '%')
    return fault(
      'zone-not-allowed',
      text,
      at,
      end,
      scanAddress(text, start, at) === 0 ? '' : `write ${text.slice(start, at)}`,
    );
  const address = text.slice(start, at);
  let advice = scanAddress(text, start, at) === 0 ? '' : `the address is ${address}`;
  if (advice !== '' && text[at] === ':' && isNumber(text.slice(at + 1, end)))
    advice = `leave the port out and write ${address}`;
  // The first of several addresses in a header is the one that its sender has made up.
  if (text[at] === ',') advice = 'pass one address, the one that your own proxy vouches for';
  return fault('trailing-text', text, at, end, advice);
}

function leadingZero(text: string, from: number, to: number): Fault {
  let digit = from;
  while (digit < to - 1 && text[digit] === '0') digit++;
  const decimal = text.slice(digit, to);
  const octal = readOctal(decimal);
  const meant = [isAbove255(decimal, 0, decimal.length) || decimal.length > 3 ? '' : decimal];
  if (octal > 7 && octal < 256) meant.push(`${octal} if octal was meant`);
  const advice = meant.filter((choice) => choice !== '').join(', or ');
  return fault('octet-leading-zero', text, from, to, advice === '' ? '' : `write ${advice}`);
}

/** What others would read, or 0. */
function readOctal(digits: string): number {
  let value = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = digits.charCodeAt(at) - 0x30;
    if (digit > 7) return 0;
    value = value * 8 + digit;
  }
  return value;
}

/** Three digits are compared as text, which orders them as their numbers do. */
function isAbove255(text: string, from: number, digits: number): boolean {
  return digits === 3 && text.slice(from, from + 3) > '255';
}

/** What to write instead of the shapes that people try most. */
function adviceFor(text: string, start: number, end: number): string {
  const written = text.slice(start, end);
  const word = written.toLowerCase();
  if (word === '*' || word === 'any' || word === 'all' || word === 'default')
    return 'for everybody write 0.0.0.0/0 and ::/0';
  if (findNetwork(`@${word}`) !== undefined) return `write @${word}`;
  if (written[0] === '[') return bracketAdvice(written);
  if (written.includes('://')) return 'write the address alone, a URL is none';
  const example = written.includes(':') ? '2001:db8::/32' : '192.0.2.0/24';
  if (written.includes('*') && !hasLetter(written))
    return wildcardAdvice(written) ?? `write a network such as ${example}`;
  const starred = word.split('.').map((octet) => (octet === 'x' || octet === 'xxx' ? '*' : octet));
  const network = starred.includes('*') ? wildcardAdvice(starred.join('.')) : undefined;
  if (network !== undefined) return network;
  const advice = 'write an address such as 192.0.2.1 or 2001:db8::1';
  const isName = hasLetter(written) && !isDigit(written[0]) && !written.includes(':');
  return isName ? `host names are not looked up, ${advice}` : advice;
}

/** `[::1]:443` is how a URL writes an address. */
function bracketAdvice(written: string): string {
  const close = written.indexOf(']');
  const inner = written.slice(1, close < 0 ? written.length : close);
  if (scanAddress(inner, 0, inner.length) === 0) return 'write an address without brackets and port';
  const rest = written.slice(close + 1);
  const isPrefix =
    close > 0 && rest.length > 1 && rest.length <= 4 && rest[0] === '/' && isNumber(rest.slice(1));
  return isPrefix ? `write ${inner}${rest} without brackets` : `write ${inner} without brackets and port`;
}

/** `10.0.0.*` is the network `10.0.0.0/24`, where the stars come last and numbers come first. */
function wildcardAdvice(written: string): string | undefined {
  const octets = written.split('.');
  const fixed = octets.indexOf('*');
  if (octets.length > 4 || fixed < 1 || octets.slice(fixed).some((octet) => octet !== '*')) return undefined;
  const network = padOctets(octets.slice(0, fixed).join('.'));
  return findIPv4Fault(network, 0, network.length) === undefined
    ? `write ${network}/${fixed * 8}`
    : undefined;
}

/**
 * Fills the octets that are missing behind a few with zeros.
 * @internal
 */
export function padOctets(octets: string): string {
  const missing = 4 - octets.split('.').length;
  return missing > 0 ? `${octets}${'.0'.repeat(missing)}` : octets;
}

/** Length of the code point at an offset, so that no half of a surrogate pair is complained about. */
function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
}

function isNumber(text: string): boolean {
  for (const character of text) if (!isDigit(character)) return false;
  return text !== '';
}

/** @internal */
export function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

/** A letter beyond the hexadecimal digits: this was meant as a name. */
function hasLetter(text: string): boolean {
  for (const character of text.toLowerCase()) if (character > 'f' && character <= 'z') return true;
  return false;
}

function isHexDigit(character: string | undefined): boolean {
  if (character === undefined) return false;
  return (
    isDigit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F')
  );
}
