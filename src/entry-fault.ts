/**
 * Why a text is no entry: the slow, plain reading that follows a failed scan, and the hints for what people write
 * instead of an address, prefix, range or named network.
 *
 * Like `address-fault.ts` it never accepts anything; `prefix.ts` has refused before this file is asked.
 */

import { findAddressFault } from './address-fault.ts';
import { type Fault, fault, nameCharacter } from './errors.ts';
import { findNetwork, namedNetworks } from './networks.ts';
import { isScannedMapped, scanAddress, scanned } from './scanner.ts';

/**
 * Finds the first fault of `text` from `start` to `end` as one entry; `undefined` when there is none.
 * @internal
 */
export function findEntryFault(text: string, start: number, end: number): Fault | undefined {
  if (start === end) return fault('empty', text, start, end);
  const invisible = findInvisible(text, start, end);
  if (invisible !== undefined) return invisible;
  if (text[start] === ' ') return fault('invalid-character', text, start, start + 1, 'leave the blank out');
  if (text[start] === '@') return findNameFault(text, start, end);
  const hyphen = indexWithin(text, '-', start, end);
  const blank = indexWithin(text, ' ', start, end);
  const looksLikeRange = hyphen >= 0 && (blank < 0 || isBlankRun(text, blank, hyphen) || blank > hyphen);
  if (looksLikeRange && startsLikeAddress(text, start)) return findRangeFault(text, start, hyphen, end);
  const wordEnd = findWordEnd(text, start, end);
  if (wordEnd < end) return findEntryFault(text, start, wordEnd) ?? secondText(text, start, wordEnd, end);
  const slash = indexWithin(text, '/', start, end);
  if (slash < 0) return findAddressFault(text, start, end);
  return findPrefixFault(text, start, slash, end) ?? findMappedFault(text, start, slash, end);
}

/** A control, an exotic blank, a letter of another script: named, because it often cannot be seen. */
function findInvisible(text: string, start: number, end: number): Fault | undefined {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code <= 0x7e) continue;
    const wide = (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
    return fault('invalid-character', text, at, at + wide, adviceForCharacter(code));
  }
  return undefined;
}

function adviceForCharacter(code: number): string {
  if (code >= 0x2010 && code <= 0x2015) return 'write a range with the plain hyphen "-"';
  if (code === 0x09 || code === 0xa0) return 'write one entry a line, and "#" before a note';
  if (
    code <= 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x2000 && code <= 0x206f) ||
    code === 0xfeff
  ) {
    return 'it cannot be seen, delete it';
  }
  return 'use ASCII characters only';
}

function findNameFault(text: string, start: number, end: number): Fault | undefined {
  if (findNetwork(text.slice(start, end)) !== undefined) return undefined;
  const blank = indexWithin(text, ' ', start, end);
  if (blank >= 0) return findNameFault(text, start, blank) ?? secondText(text, start, blank, end);
  const names = namedNetworks.map(({ name }) => `@${name}`).join(', ');
  return fault('unknown-network', text, start, end, `the names are ${names}`);
}

/** An address at the front: hexadecimal digits up to a dot or colon. Keeps `my-host` from being read as a range. */
function startsLikeAddress(text: string, start: number): boolean {
  for (let at = start; at < start + 5; at++) {
    const character = text[at];
    if (character === '.' || character === ':') return true;
    if (character === undefined || !'0123456789abcdefABCDEF'.includes(character)) return false;
  }
  return false;
}

function findRangeFault(text: string, start: number, hyphen: number, end: number): Fault | undefined {
  let firstEnd = hyphen;
  while (firstEnd > start && text[firstEnd - 1] === ' ') firstEnd--;
  let lastStart = hyphen + 1;
  while (lastStart < end && text[lastStart] === ' ') lastStart++;
  const blank = indexWithin(text, ' ', lastStart, end);
  const lastEnd = blank < 0 ? end : blank;
  const isNote = firstEnd < hyphen && lastStart < end && !startsLikeAddress(text, lastStart);
  if (isNote) return findAddressFault(text, start, firstEnd) ?? secondText(text, start, firstEnd, end);
  const found = findAddressFault(text, start, firstEnd) ?? findAddressFault(text, lastStart, lastEnd);
  if (found !== undefined) {
    if (found.code === 'empty') return fault('empty', text, hyphen, end, 'a range is written first-last');
    return found;
  }
  if (blank >= 0) return secondText(text, start, blank, end);
  return compareEnds(text, start, firstEnd, lastStart, end);
}

/** Both ends are addresses; mapped ends count as IPv4. */
function compareEnds(
  text: string,
  start: number,
  firstEnd: number,
  lastStart: number,
  end: number,
): Fault | undefined {
  const first = readEnd(text, start, firstEnd);
  const last = readEnd(text, lastStart, end);
  if (first.length !== last.length) return fault('range-families', text, start, end);
  const at = first.findIndex((word, index) => word !== last[index]);
  if (at < 0 || (first[at] as number) < (last[at] as number)) return undefined;
  const swapped = `${text.slice(lastStart, end)}-${text.slice(start, firstEnd)}`;
  return fault('range-reversed', text, start, end, `write ${swapped}`);
}

function readEnd(text: string, start: number, end: number): number[] {
  const family = scanAddress(text, start, end);
  const words = Array.from(scanned, (word) => word >>> 0);
  if (family === 4) return words.slice(0, 1);
  return isScannedMapped() ? words.slice(3) : words;
}

/** A valid entry ends at `at`, and something follows it on the line. */
function secondText(text: string, start: number, at: number, end: number): Fault {
  let next = at;
  while (next < end && ' ,;-'.includes(text[next] as string)) next++;
  const entry = text.slice(start, at);
  if (next === end) return fault('trailing-text', text, at, end, `write ${entry} alone`);
  const isEntry = findEntryFault(text, next, findWordEnd(text, next, end)) === undefined;
  if (isEntry) return fault('trailing-text', text, next, end, 'write one entry a line');
  if (text[next] === '/' && text[next + 1] === '/')
    return fault('trailing-text', text, next, end, 'a note starts with "#"');
  const note = text.slice(next, end);
  const shown = note.length > 30 ? `${note.slice(0, 30)}…` : note;
  return fault('trailing-text', text, next, end, `a note starts with "#", write ${entry} # ${shown}`);
}

/** Where the first word ends: at a blank, or at a comma or semicolon between entries. */
function findWordEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && !' ,;'.includes(text[at] as string)) at++;
  return at;
}

/**
 * Finds the first fault of `address/length` as plain prefix text, with the slash at `slash`.
 * @internal
 */
export function findPrefixFault(text: string, start: number, slash: number, end: number): Fault | undefined {
  const found = findAddressFault(text, start, slash);
  if (found !== undefined) return found;
  const from = slash + 1;
  const family = indexWithin(text, ':', start, slash) < 0 ? 4 : 6;
  const bits = family === 4 ? 32 : 128;
  if (from === end) return fault('prefix-length-missing', text, slash, end, `write 0 to ${bits} after it`);
  for (let at = from; at < end; at++) {
    if (isDigit(text[at])) continue;
    if (text[at] === '.')
      return fault('prefix-length-invalid', text, from, end, netmaskAdvice(text.slice(from, end)));
    const advice = text[at] === '/' ? 'there is one "/" too many' : `write 0 to ${bits}`;
    return fault(
      'prefix-length-invalid',
      text,
      from,
      end,
      `${nameCharacter(text.slice(at, end))} is no digit, ${advice}`,
    );
  }
  if (text[from] === '0' && end - from > 1) {
    return fault('prefix-length-invalid', text, from, end, 'it has a leading zero');
  }
  if (end - from > 3 || lengthValue(text, from, end) > bits) {
    return fault('prefix-length-range', text, from, end, `IPv${family} has ${bits} bits, write 0 to ${bits}`);
  }
  return undefined;
}

function lengthValue(text: string, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

/** The rule of lists only: a prefix of a mapped address must leave the mapped block whole. */
function findMappedFault(text: string, start: number, slash: number, end: number): Fault | undefined {
  const length = lengthValue(text, slash + 1, end);
  if (scanAddress(text, start, slash) !== 6 || !isScannedMapped() || length >= 96) return undefined;
  const address = `${text.slice(start, slash)}`;
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  const meant =
    length <= 32 && dotted.includes('.')
      ? `for the IPv4 network write ${dotted}/${length}`
      : 'write the IPv4 network';
  return fault('mapped-prefix-too-short', text, start, end, meant);
}

/** `255.255.255.0` is /24; a wildcard mask or one with holes has no prefix length. */
function netmaskAdvice(mask: string): string {
  if (scanAddress(mask, 0, mask.length) !== 4) return 'write a decimal prefix length such as /24';
  const word = scanned[0] as number;
  const length = Math.clz32(~word);
  const isContiguous = length === 32 || word << length === 0;
  return `netmasks are not read, write /${isContiguous ? length : 24}${isContiguous ? '' : ' or another length'}`;
}

function indexWithin(text: string, wanted: string, start: number, end: number): number {
  for (let at = start; at < end; at++) if (text[at] === wanted) return at;
  return -1;
}

function isBlankRun(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text[at] !== ' ') return false;
  return true;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
