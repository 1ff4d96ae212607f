/**
 * Why a text is not an entry: the slow, plain reading that follows a failed scan.
 *
 * An entry is an address, `address/length`, `first-last` or a name; whatever follows it on a line is too much. Like
 * `fault.ts` this file is asked only when the scanner has refused a text.
 */

import { type Broken, type Fault, fault } from '../problem/errors.ts';
import { isPrintable } from '../problem/say.ts';
import { adviseEntry, inList, isDash, type Setting } from './advice.ts';
import { HEX_DIGITS, isNumber, seek, skip, WORD_ENDS } from './characters.ts';
import { findSlash, scanLength, scanPlainPrefix } from './entry.ts';
import { makeFault, readAddress } from './fault.ts';
import { networkNames } from './names.ts';
import { isEntry, padOctets } from './rewritings.ts';
import { isScannedMapped, scanAddress, scanned } from './scanner.ts';
import { formatWords } from './words.ts';

/**
 * The fault of a text that the scanner has refused as one entry. What is advised is a line of a list, which may have a
 * note, unless `setting` knows better.
 */
export function entryFaultOf(text: string, start: number, end: number, setting?: Setting): Fault {
  return findEntryFault(text, start, end, setting) ?? fault('invalid-character', text, start, end);
}

/** Finds the first fault of `text` from `start` to `end` as one entry; `undefined` when there is none. */
export function findEntryFault(
  text: string,
  start: number,
  end: number,
  setting: Setting = inList,
): Fault | undefined {
  const part = text.slice(start, end);
  const broken = readEntry(part);
  return broken && makeFault(text, start, end, broken, adviseEntry(part, broken, setting));
}

/** Finds the first fault of a text with a slash as plain prefix text; `undefined` when there is none. */
export function findPrefixFault(text: string): Fault | undefined {
  const broken = readPrefix(text, text.indexOf('/'));
  return broken && makeFault(text, 0, text.length, broken, adviseEntry(text, broken, prefixAlone));
}

const prefixAlone: Setting = { accept: acceptPrefix, everyone: '', isBrief: false };

function acceptPrefix(text: string): string | undefined {
  const slash = findSlash(text, 0, text.length);
  return slash >= 0 && scanPlainPrefix(text, 0, slash, text.length) ? text : undefined;
}

/** Reads a whole text as one entry. */
export function readEntry(text: string): Broken | undefined {
  if (text === '') return ['empty', 0, 0];
  if (text[0] === ' ') return ['invalid-character', 0, 1];
  if (text[0] === ';' || text.startsWith('//'))
    return ['invalid-character', 0, 1, 'a comment starts with "#"'];
  const wordEnd = seek(text, 0, WORD_ENDS);
  const word = text.slice(0, wordEnd);
  const odd = findOddCharacter(text, wordEnd);
  if (odd !== undefined) return odd;
  if (word[0] === '@' && !isEntry(word))
    return ['unknown-network', 0, wordEnd, `the names are @${networkNames().join(', @')}`];
  if (word[0] === '@') return readSecond(text, wordEnd);
  const hyphen = findHyphen(text, word);
  if (hyphen >= 0) return readRange(text, hyphen);
  if (word !== text) return readEntry(word) ?? readSecond(text, wordEnd);
  const slash = text.indexOf('/');
  if (slash < 0) return readAddress(text);
  return (
    readPrefix(text, slash) ??
    (isEntry(text) ? undefined : ['mapped-prefix-too-short', 0, text.length, 'write the IPv4 network'])
  );
}

/**
 * A character that is not in ASCII, or a control. After the first word, what can be seen is left to the complaint about
 * a note without its sign.
 */
function findOddCharacter(text: string, wordEnd: number): Broken | undefined {
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) as number;
    if (code >= 0x20 && code <= 0x7e) continue;
    const character = String.fromCodePoint(code);
    const end = at + character.length;
    const isNote = at > wordEnd && isPrintable(character) && !isDash(character);
    if (!isNote) return ['invalid-character', at, end];
    at = end - 1;
  }
  return undefined;
}

/** The hyphen of a range: after an address, and before an address, a digit or nothing; or −1. */
function findHyphen(text: string, word: string): number {
  if (!startsLikeAddress(text, 0)) return -1;
  let hyphen = word.indexOf('-');
  if (hyphen < 0) {
    hyphen = skip(text, word.length, ' ');
    if (text[hyphen] !== '-') return -1;
  }
  const next = skip(text, hyphen + 1, ' ');
  if (startsLikeAddress(text, next)) return hyphen;
  // A sign before a prefix length makes no range.
  const isEnd = next === hyphen + 1 || isNumber(text[next] ?? '');
  return isEnd && !word.includes('/') ? hyphen : -1;
}

/** An address at the front: hexadecimal digits up to a dot or colon. Keeps `my-host` from being read as a range. */
function startsLikeAddress(text: string, start: number): boolean {
  const at = skip(text, start, HEX_DIGITS);
  return at < start + 5 && (text[at] === '.' || text[at] === ':');
}

function readRange(text: string, hyphen: number): Broken | undefined {
  const first = text.slice(0, hyphen).trimEnd();
  const lastStart = skip(text, hyphen + 1, ' ');
  const end = seek(text, lastStart, WORD_ENDS);
  const last = text.slice(lastStart, end);
  const broken = readEnd(first) ?? shift(readEnd(last), lastStart);
  if (broken === undefined) {
    if (isEntry(`${first}-${last}`)) return readSecond(text, end);
    if (isEntry(`${last}-${first}`)) return ['range-reversed', 0, end];
    return ['range-families', 0, end, sayOfMapped('first', first) ?? sayOfMapped('second', last)];
  }
  const [code, start] = broken;
  if (code === 'empty') return ['empty', hyphen, text.length, 'a range is written first-last'];
  // 10.0.0.1-20 leaves out the octets that both ends have in common.
  if (code === 'octet-count' && start === lastStart) return [code, start, end, 'write both ends in full'];
  return broken;
}

/** Names the IPv4 address of an end that looks like IPv6. */
function sayOfMapped(which: string, text: string): string | undefined {
  const isMapped = scanAddress(text, 0, text.length) === 6 && isScannedMapped();
  return isMapped
    ? `the ${which} end is the IPv4 address ${formatWords(4, [scanned[3] as number])}`
    : undefined;
}

function readEnd(text: string): Broken | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return readAddress(text);
  const detail = 'the ends of a range have no prefix length';
  return readAddress(text.slice(0, slash)) ?? ['trailing-text', slash, text.length, detail];
}

function shift(broken: Broken | undefined, by: number): Broken | undefined {
  if (broken === undefined) return undefined;
  const [code, start, end, detail] = broken;
  return [code, start + by, end + by, detail];
}

/** A valid entry ends at `at`; what follows it on the line is too much. */
function readSecond(text: string, at: number): Broken | undefined {
  const { length } = text;
  if (at === length) return undefined;
  const next = skip(text, at, `${WORD_ENDS}-`);
  const sign = skip(text, at, ' ');
  const word = text.slice(sign, seek(text, sign, WORD_ENDS));
  // Lists read times before anything is looked for here.
  if (word === 'from' || word === 'until') return ['instant-required', sign, length];
  // Blanks alone are too much, too.
  return ['trailing-text', next < length ? next : sign < length ? sign : at, length];
}

function readPrefix(text: string, slash: number): Broken | undefined {
  const { length } = text;
  const address = text.slice(0, slash);
  const broken = readAddress(address);
  if (broken !== undefined) {
    const isShort = broken[0] === 'octet-count' && isEntry(padOctets(address) + text.slice(slash));
    return isShort ? ['octet-count', 0, slash] : broken;
  }
  const from = slash + 1;
  const digits = text.slice(from);
  const bits = address.includes(':') ? 128 : 32;
  const detail = `write 0 to ${bits}`;
  if (digits === '') return ['prefix-length-missing', slash, length, detail];
  if (!isNumber(digits) || (digits[0] === '0' && digits !== '0'))
    return ['prefix-length-invalid', from, length, detail];
  // More than three digits are not a length to the scanner.
  const isTooLarge = scanLength(text, from, length) >>> 0 > bits;
  return isTooLarge ? ['prefix-length-range', from, length, detail] : undefined;
}
