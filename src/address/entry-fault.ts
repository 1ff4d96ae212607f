/**
 * Why a text is no entry: the slow, plain reading that follows a failed scan, and the hints for what people write
 * instead of an address, prefix, range or named network.
 *
 * Like `address-fault.ts` it is asked only when the scanner has refused a text, and asks the scanner itself whether what
 * it advises would be accepted.
 */

import { type Fault, fault } from '../problem/errors.ts';
import { isPrintable, nameCharacter, quote } from '../problem/say.ts';
import { scanEntry, scanLength } from './entry.ts';
import { findAddressFault, isDigit, padOctets } from './fault.ts';
import { findNetwork, namedNetworks } from './names.ts';
import { isScannedMapped, scanAddress, scanned } from './scanner.ts';

/**
 * The fault of a text that the scanner has refused as one entry.
 * @internal
 */
export function entryFaultOf(text: string, start: number, end: number): Fault {
  return findEntryFault(text, start, end) ?? fault('invalid-character', text, start, end);
}

/**
 * Finds the first fault of `text` from `start` to `end` as one entry; `undefined` when there is none.
 * @internal
 */
export function findEntryFault(text: string, start: number, end: number): Fault | undefined {
  const found = findFirstFault(text, start, end);
  if (found?.code !== 'invalid-character') return found;
  const advice = adviceForWrapped(text.slice(start, end));
  return advice === '' ? found : fault(found.code, text, found.start, found.end, advice);
}

const QUOTES = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb';

const BULLETS = '-*+\u2022\u2013';

/** What to write instead of an entry in quotes, in a URL, or behind the sign of a list; or `''`. */
function adviceForWrapped(written: string): string {
  const first = written[0] as string;
  if (QUOTES.includes(first)) {
    const inner = written.slice(1, QUOTES.includes(written.at(-1) as string) ? -1 : undefined);
    return isEntry(inner) ? `leave the quotes out and write ${inner}` : 'leave the quotes out';
  }
  const bare = written.slice(1).trim();
  if (BULLETS.includes(first) && written[1] === ' ' && isEntry(bare)) return `write ${bare} alone`;
  const scheme = written.indexOf('://');
  if (scheme < 0 || scheme > findWordEnd(written, 0, written.length)) return '';
  const from = written[scheme + 3] === '[' ? scheme + 4 : scheme + 3;
  let to = from;
  while (to < written.length && !(from === scheme + 4 ? ']' : '/:?').includes(written[to] as string)) to++;
  const host = written.slice(from, to);
  return `a URL is no entry, write ${scanAddress(host, 0, host.length) === 0 ? 'the address alone' : host}`;
}

function findFirstFault(text: string, start: number, end: number): Fault | undefined {
  if (start === end) return fault('empty', text, start, end);
  if (text[start] === ' ') return fault('invalid-character', text, start, start + 1, 'leave the blank out');
  if (text[start] === ';' || (text[start] === '/' && text[start + 1] === '/')) {
    return fault('invalid-character', text, start, start + 1, 'a comment starts with "#"');
  }
  const wordEnd = findWordEnd(text, start, end);
  const odd = findOddCharacter(text, start, wordEnd, end);
  if (odd !== undefined) return odd;
  if (text[start] === '@')
    return findNameFault(text, start, wordEnd) ?? secondText(text, start, wordEnd, end);
  const hyphen = findHyphen(text, start, wordEnd, end);
  if (hyphen >= 0) return findRangeFault(text, start, hyphen, end);
  if (wordEnd < end) return findEntryFault(text, start, wordEnd) ?? secondText(text, start, wordEnd, end);
  const slash = indexWithin(text, '/', start, end);
  if (slash < 0) {
    const found = findAddressFault(text, start, end);
    const isSecond = found?.code === 'trailing-text' && SIGNS_BETWEEN.includes(text[found.start] as string);
    return isSecond ? fault(found.code, text, found.start, end, ONE_A_LINE) : found;
  }
  return findPrefixFault(text, start, slash, end) ?? findMappedFault(text, start, slash, end);
}

/**
 * A character that is not in ASCII, or a control: named, because often it cannot be seen. Letters of other scripts
 * behind the first word are left to the complaint about a note without its sign.
 */
function findOddCharacter(text: string, start: number, wordEnd: number, end: number): Fault | undefined {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code <= 0x7e) continue;
    const character = String.fromCodePoint(text.codePointAt(at) as number);
    const isNote = at > wordEnd && isPrintable(character) && !isDash(code);
    if (!isNote) {
      const advice = adviceForBlank(text, start, at, end) || adviceForCharacter(character);
      return fault('invalid-character', text, at, at + character.length, advice);
    }
    at += character.length - 1;
  }
  return undefined;
}

/** A tab or a no-break space behind an entry is advised about as a blank is; `''` for everything else. */
function adviceForBlank(text: string, start: number, at: number, end: number): string {
  if (text[at] !== '\t' && text[at] !== '\u00a0') return '';
  const entry = text.slice(start, at).trim();
  const rest = text.slice(at, end).split('\t').join(' ').split('\u00a0').join(' ').trim();
  const isRange = rest[0] === '-' || isDash(rest.charCodeAt(0));
  return isRange || !isEntry(entry) ? '' : adviceForSecond(entry, rest);
}

function isDash(code: number): boolean {
  return code === 0x2212 || (code >= 0x2010 && code <= 0x2015);
}

function adviceForCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (isDash(code)) return 'write a range with the plain hyphen "-"';
  if (code === 0x09 || code === 0xa0) return 'inside an entry use plain blanks, and start a note with "#"';
  if (code === 0) return 'the text looks like UTF-16, save it as UTF-8';
  return isPrintable(character) ? 'use ASCII characters only' : 'it cannot be seen, delete it';
}

function findNameFault(text: string, start: number, end: number): Fault | undefined {
  const name = text.slice(start, end);
  if (findNetwork(name) !== undefined) return undefined;
  const bare = (name.split('/', 1)[0] as string).toLowerCase();
  const meant = findNetwork(bare) === undefined ? '' : `write ${bare} alone`;
  const names = namedNetworks.map((network) => `@${network.name}`).join(', ');
  return fault('unknown-network', text, start, end, meant === '' ? `the names are ${names}` : meant);
}

/** The hyphen of a range: behind an address, and before an address, a digit or nothing; or −1. */
function findHyphen(text: string, start: number, wordEnd: number, end: number): number {
  if (!startsLikeAddress(text, start)) return -1;
  let hyphen = indexWithin(text, '-', start, wordEnd);
  const slash = indexWithin(text, '/', start, wordEnd);
  if (hyphen < 0) {
    hyphen = wordEnd;
    while (hyphen < end && text[hyphen] === ' ') hyphen++;
    if (hyphen === end || text[hyphen] !== '-') return -1;
  }
  const next = skipBlanks(text, hyphen + 1, end);
  const isEnd = startsLikeAddress(text, next) || isDigit(text[next]) || next === hyphen + 1;
  // A sign in front of a prefix length is no range.
  return isEnd && (slash < 0 || startsLikeAddress(text, next)) ? hyphen : -1;
}

function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] === ' ') at++;
  return at;
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
  const lastStart = skipBlanks(text, hyphen + 1, end);
  const lastEnd = findWordEnd(text, lastStart, end);
  const found = findEndFault(text, start, firstEnd) ?? findEndFault(text, lastStart, lastEnd);
  if (found?.code === 'octet-count' && found.start === lastStart) {
    // 10.0.0.1-20 leaves out the octets that both ends have in common.
    const first = text.slice(start, firstEnd);
    const whole = `${first.slice(0, first.lastIndexOf('.') + 1)}${text.slice(lastStart, lastEnd)}`;
    const isWhole = scanAddress(whole, 0, whole.length) === 4;
    const advice = isWhole ? `write ${first}-${whole}` : 'write both ends in full';
    return fault('octet-count', text, lastStart, lastEnd, advice);
  }
  if (found?.code === 'empty') return fault('empty', text, hyphen, end, 'a range is written first-last');
  if (found !== undefined) return found;
  return compareEnds(text, start, firstEnd, lastStart, lastEnd) ?? secondText(text, start, lastEnd, end);
}

function findEndFault(text: string, start: number, end: number): Fault | undefined {
  const slash = indexWithin(text, '/', start, end);
  if (slash < 0) return findAddressFault(text, start, end);
  const found = findAddressFault(text, start, slash);
  return found ?? fault('trailing-text', text, slash, end, 'the ends of a range have no prefix length');
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

/** A valid entry ends at `at`; what follows it on the line is too much. */
function secondText(text: string, start: number, at: number, end: number): Fault | undefined {
  if (at === end) return undefined;
  let next = at;
  while (next < end && ' ,;-'.includes(text[next] as string)) next++;
  if (next === end) return fault('trailing-text', text, at, end, `write ${text.slice(start, at)} alone`);
  return fault(
    'trailing-text',
    text,
    next,
    end,
    adviceForSecond(text.slice(start, at), text.slice(next, end)),
  );
}

/** What people put between two entries of a line. */
const SIGNS_BETWEEN = '|&+';

const ONE_A_LINE = 'write one entry a line';

function adviceForSecond(entry: string, given: string): string {
  let next = 0;
  while (next < given.length && ` ,;${SIGNS_BETWEEN}`.includes(given[next] as string)) next++;
  if (next === given.length) return `write ${entry} alone`;
  const rest = given.slice(next);
  const word = rest.slice(0, findWordEnd(rest, 0, rest.length));
  const joined = entry + word;
  if (word[0] === '/' && isEntry(joined)) return `write ${joined} without the blank`;
  const mask = netmaskLength(word);
  if (mask > 0 && scanAddress(entry, 0, entry.length) === 4)
    return `netmasks are not read, write ${entry}/${mask}`;
  if (isEntry(word)) return ONE_A_LINE;
  if (word === 'to') {
    const range = `${entry}-${rest.slice(word.length).trim()}`;
    return isEntry(range) ? `write ${range}` : 'a range is written first-last';
  }
  if (word.startsWith('//')) return 'a note starts with "#"';
  // A line that looks as if it had been meant for a network or a range must not be advised into a note.
  if (word[0] === '#' || word[0] === '/' || isDigit(word[0])) return `an entry ends at ${quote(entry)}`;
  const isShort = rest.length <= 30 && isPrintable(rest);
  return `a note starts with "#", write ${entry} # ${isShort ? rest : '…'}`;
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
  if (found?.code === 'octet-count') {
    const padded = padOctets(text.slice(start, slash));
    const whole = `${padded}${text.slice(slash, end)}`;
    const isWhole = padded.length > slash - start && isEntry(whole);
    return isWhole ? fault('octet-count', text, start, slash, `write ${whole}`) : found;
  }
  if (found !== undefined) return found;
  const from = slash + 1;
  const family = indexWithin(text, ':', start, slash) < 0 ? 4 : 6;
  const bits = family === 4 ? 32 : 128;
  if (from === end) return fault('prefix-length-missing', text, slash, end, `write 0 to ${bits} after it`);
  for (let at = from; at < end; at++) {
    if (isDigit(text[at])) continue;
    if (text[at] === '.')
      return fault(
        'prefix-length-invalid',
        text,
        from,
        end,
        family === 4 ? netmaskAdvice(text.slice(from, end)) : 'write 0 to 128',
      );
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
  if (end - from > 3 || scanLength(text, from, end) > bits) {
    return fault('prefix-length-range', text, from, end, `IPv${family} has ${bits} bits, write 0 to ${bits}`);
  }
  return undefined;
}

/** The rule of lists only: a prefix of a mapped address must leave the mapped block whole. */
function findMappedFault(text: string, start: number, slash: number, end: number): Fault | undefined {
  const length = scanLength(text, slash + 1, end);
  if (scanAddress(text, start, slash) !== 6 || !isScannedMapped() || length >= 96) return undefined;
  const address = text.slice(start, slash);
  const dotted = address.slice(address.lastIndexOf(':') + 1);
  const meant =
    length <= 32 && dotted.includes('.')
      ? `for the IPv4 network write ${dotted}/${length}`
      : 'write the IPv4 network';
  return fault('mapped-prefix-too-short', text, start, end, meant);
}

/** `255.255.255.0` is /24; a wildcard mask or one with holes has no prefix length. */
function netmaskAdvice(mask: string): string {
  const length = netmaskLength(mask);
  return length > 0 ? `netmasks are not read, write /${length}` : 'write a decimal prefix length such as /24';
}

/** The prefix length of a netmask, or 0. */
function netmaskLength(mask: string): number {
  if (scanAddress(mask, 0, mask.length) !== 4) return 0;
  const word = scanned[0] as number;
  const length = Math.clz32(~word);
  return length === 32 || word << length === 0 ? length : 0;
}

function indexWithin(text: string, wanted: string, start: number, end: number): number {
  for (let at = start; at < end; at++) if (text[at] === wanted) return at;
  return -1;
}

function isEntry(text: string): boolean {
  return findNetwork(text) !== undefined || scanEntry(text, 0, text.length);
}
