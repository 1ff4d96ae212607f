/**
 * What to write instead of a text that is not an address or entry.
 *
 * The tables below rewrite the shapes that people write. A rewritten text is advised only when the scanner accepts it,
 * so that no advice leads to the next error; the first rewriting that is accepted wins. What cannot be rewritten gets a
 * sentence. No rewriting may lose what could have meant something: a second address, an exception, a time.
 */

import type { Broken } from '../problem/errors.ts';
import { isPrintable, isProse, quote } from '../problem/say.ts';
import { DIGITS, isNumber, LETTERS, seek, skip, WORD_ENDS } from './characters.ts';
import { scanEntry, scanLength } from './entry.ts';
import { findNetwork } from './names.ts';
import { isScannedMapped, scanAddress, scanned } from './scanner.ts';

/** The text to write for a rewritten one; `undefined` when that is not what was asked for. */
export type Accept = (text: string) => string | undefined;

/** Rewrites one shape. A text of another shape comes back as it was, which the scanner has refused already. */
type Rewrite = (text: string) => string;

/** What to write instead of a text that is not an address. */
export function adviseAddress(text: string, [code, start, , detail]: Broken): string {
  const write = [withoutWrapping(text), withoutZone(text)].find(isAddress);
  if (write !== undefined) return `write ${write}`;
  if (detail !== undefined) return detail;
  if (code === 'invalid-character') return sayOfWord(text);
  if (code !== 'trailing-text') return '';
  // The first of several addresses in a header is the one that its sender has made up.
  return text[start] === ',' ? 'pass the one that your own proxy vouches for' : 'write the address alone';
}

/** `https://[::1]:443/` without all that a URL has around an address, unless what is cut off could mean something. */
function withoutWrapping(word: string): string {
  const scheme = word.indexOf('://');
  let address = word;
  if (scheme >= 0) {
    address = word.slice(scheme + 3);
    const path = seek(address, 0, '/?');
    const isLink = ' http https ws wss ftp '.includes(` ${word.slice(0, scheme).toLowerCase()} `);
    if (!isLink || seek(address, path, `${DIGITS}!`) < address.length) return word;
    address = address.slice(0, path);
  }
  // Without brackets nobody knows whether the last number of an IPv6 address is a port.
  const colon = address.lastIndexOf(':');
  const mayHavePort = address[colon - 1] === ']' || address.includes('.');
  if (mayHavePort && isNumber(address.slice(colon + 1))) address = address.slice(0, colon);
  // What follows the brackets must not become part of the address.
  const close = seek(address, 0, ']');
  const isWrapped = address[0] === '[' && (address[close + 1] ?? '/') === '/';
  return isWrapped ? address.slice(1, close) + address.slice(close + 1) : address;
}

/** `fe80::1%eth0` without the zone, unless the zone has swallowed what could mean something. */
function withoutZone(word: string): string {
  const percent = seek(word, 0, '%');
  const end = seek(word, percent, '/');
  const zone = word.slice(percent + 1, end);
  const isZone = !zone.includes('-') && !holdsAddress(zone);
  return isZone ? word.slice(0, percent) + word.slice(end) : word;
}

/** Every address has three dots or two colons, every name an `@`. */
function holdsAddress(text: string): boolean {
  return text.split('.').length > 3 || text.split(':').length > 2 || text.includes('@');
}

function isAddress(text: string): boolean {
  return scanAddress(text, 0, text.length) !== 0;
}

/** A word with a letter beyond the hexadecimal digits was meant as a name. */
function sayOfWord(word: string, example = 'an address such as 192.0.2.1 or 2001:db8::1'): string {
  const hasLetter = seek(word.toLowerCase(), 0, LETTERS.slice(6)) < word.length;
  const isName = hasLetter && !isNumber(word[0] as string) && !word.includes('::');
  return `${isName ? 'host names are not looked up, ' : ''}write ${example}`;
}

const QUOTES = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb';
const BULLETS = '-*+\u2022\u2013';
const DASHES = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212';

/** What people put between entries, besides blanks. */
const SIGNS = '|&+';

/** Rewritings of a whole line, and of its first word alone. */
const lineRows: readonly Rewrite[] = [
  (line) => line,
  withHyphen,
  withoutSigns,
  withPlainLength,
  withBothEnds,
];
const wordRows: readonly Rewrite[] = [
  withAllOctets,
  withoutStars,
  withAtSign,
  withoutMapping,
  withoutWrapping,
  withoutZone,
];

/** What to write instead of a text that is not an entry. */
export function adviseEntry(given: string, broken: Broken, accept: Accept): string {
  const write = rewriteEntry(given, accept);
  return write === undefined ? (broken[3] ?? sayOfEntry(given, broken)) : `write ${write}`;
}

/** The first rewriting of a text that is accepted. */
export function rewriteEntry(given: string, accept: Accept): string | undefined {
  const line = withPlainBlanks(given);
  const end = seek(line, 0, WORD_ENDS);
  const word = line.slice(0, end);
  const rest = line.slice(end);
  // A long line is not a slip in an entry.
  if (line.length > LONG) return accept(line);
  return [...lineRows.map((rewrite) => rewrite(line)), ...wordRows.map((rewrite) => rewrite(word) + rest)]
    .map(accept)
    .find((write) => write !== undefined);
}

const LONG = 1000;

/** Accepts a line of a list: an entry, or an entry and what can only be a note. */
export function acceptLine(line: string): string | undefined {
  if (isEntry(line)) return acceptEntry(line);
  const end = seek(line, 0, WORD_ENDS);
  const start = afterSigns(line, end);
  // `10.0.0.1 -b` is half a range.
  if (`-${DASHES}`.includes(line[start - 1] as string) || !isEntry(line.slice(0, end))) return undefined;
  const note = line.startsWith('//', start) ? line.slice(start + 2).trim() : line.slice(start);
  if (!isNote(note)) return undefined;
  return `${line.slice(0, end)} # ${note.length <= 30 && isPrintable(note) ? note : '…'}`;
}

/** Accepts an entry alone. One that is too long to be shown has many blanks in a range. */
export function acceptEntry(text: string): string | undefined {
  return text.length <= 100 && isEntry(text) ? text : undefined;
}

export function isEntry(text: string): boolean {
  return findNetwork(text) !== undefined || scanEntry(text, 0, text.length);
}

export function isDash(character: string): boolean {
  return DASHES.includes(character);
}

function withPlainBlanks(text: string): string {
  return text.replaceAll('\t', ' ').replaceAll('\u00a0', ' ');
}

function afterSigns(text: string, at: number): number {
  return skip(text, at, `${WORD_ENDS}${SIGNS}-${DASHES}`);
}

/** Text that can only be a note: no address, prefix, condition or date, as far as one can see. */
function isNote(text: string): boolean {
  const word = text.slice(0, seek(text, 0, WORD_ENDS)).toLowerCase();
  // A name or a host may be a second entry.
  if (isEntry(`@${word}`) || word === 'localhost' || word.slice(0, -1).includes('.')) return false;
  if (!isProse(text) || holdsAddress(text) || hasCondition(text)) return false;
  for (let at = 0; at < text.length; at++) {
    // Digits belong to a name when a letter leads them: `web1`, not `2026`.
    const before = (text[at - 1] ?? ' ').toLowerCase();
    if (isNumber(text[at] as string) && !(LETTERS + DIGITS).includes(before)) return false;
  }
  return true;
}

/** Words that limit an entry beside them. */
const CONDITIONS =
  ' not no except exclude excluding minus without but only unless if to deny denied allow allowed block blocked permit reject drop disabled off inactive remove removed delete deleted revoked never nobody don isn excepting excluded exempt banned denying rejected dropped other save between from until till since before after expires expired ';

function hasCondition(given: string): boolean {
  const text = given.toLowerCase();
  for (let at = 0; at < text.length; ) {
    const from = seek(text, at, LETTERS);
    at = skip(text, from, LETTERS);
    if (CONDITIONS.includes(` ${text.slice(from, at)} `)) return true;
  }
  return text.includes('!');
}

/** `10.0.0.1 to 10.0.0.9`, and the dashes of word processors. */
function withHyphen(line: string): string {
  let text = line;
  for (const dash of DASHES) text = text.replaceAll(dash, '-');
  return text.replaceAll(' - ', '-').replaceAll(' to ', '-');
}

/** Quotes around an entry, the bullet of a list before it, signs after it. */
function withoutSigns(line: string): string {
  const isItem = BULLETS.includes(line[0] as string) && line[1] === ' ';
  const start = isItem ? 2 : skip(line, 0, QUOTES);
  let end = line.length;
  while (end > start && (QUOTES + WORD_ENDS + SIGNS).includes(line[end - 1] as string)) end--;
  return line.slice(start, end).trim();
}

/** `10.0.0.0 /8`, and the netmasks `10.0.0.0/255.0.0.0` and `10.0.0.0 255.0.0.0`. */
function withPlainLength(line: string): string {
  const end = seek(line, 0, ' /');
  const start = skip(line, end, ' /');
  const sign = line.slice(end, start).trim();
  const address = line.slice(0, end);
  const maskEnd = seek(line, start, WORD_ENDS);
  const isMask = scanAddress(line, start, maskEnd) === 4 && sign.length < 2;
  const length = isMask ? lengthOfMask(scanned[0] as number) : 0;
  // The length of an IPv6 address is not that of a mask.
  // After a blank, a mask of few bits may as well be a second address.
  const isLength = length > (sign === '/' ? 0 : 7);
  if (isLength && !address.includes(':')) return `${address}/${length}${line.slice(maskEnd)}`;
  return sign === '/' ? `${address}/${line.slice(start)}` : line;
}

/** 0 for a wildcard mask or one with holes, which have no prefix length. */
function lengthOfMask(mask: number): number {
  const length = Math.clz32(~mask);
  return length === 32 || mask << length === 0 ? length : 0;
}

/** `10.0.0.9-10.0.0.1`, and `10.0.0.1-20`, which leaves out the octets that both ends have in common. */
function withBothEnds(line: string): string {
  const hyphen = line.indexOf('-');
  const first = line.slice(0, hyphen).trim();
  const last = line.slice(hyphen + 1).trim();
  const swapped = `${last}-${first}`;
  if (isEntry(swapped)) return swapped;
  const whole = `${first}-${first.slice(0, first.lastIndexOf('.') + 1)}${last}`;
  // Nothing may follow: `10.0.0.1 - 2 rooms` is not a range.
  return isEntry(whole) ? whole : line;
}

/** `10.1/16`, where the octets that are missing are beyond the prefix. */
function withAllOctets(word: string): string {
  const slash = seek(word, 0, '/');
  const octets = word.slice(0, slash);
  const isBeyond = scanLength(word, slash + 1, word.length) >>> 0 <= octets.split('.').length * 8;
  return isBeyond && !octets.includes(':') ? padOctets(octets) + word.slice(slash) : word;
}

/** Fills the octets that are missing after the first few with zeros. */
export function padOctets(octets: string): string {
  return octets + '.0'.repeat(Math.max(4 - octets.split('.').length, 0));
}

/** `10.0.0.*` and `10.x.x.x`, where the stars come last and numbers come first. */
function withoutStars(word: string): string {
  const octets = word.toLowerCase().split('.');
  const isStar = (octet: string): boolean => ['*', 'x', 'xxx'].includes(octet);
  const fixed = octets.findIndex(isStar);
  if (octets.length > 4 || fixed < 1 || !octets.slice(fixed).every(isStar)) return word;
  return `${padOctets(octets.slice(0, fixed).join('.'))}/${fixed * 8}`;
}

/** `private`, `@Private` and `@private/8`. */
function withAtSign(word: string): string {
  const slash = seek(word, 0, '/');
  if (slash < word.length && !isNumber(word.slice(slash + 1))) return word;
  return `@${word.slice(skip(word, 0, '@'), slash).toLowerCase()}`;
}

/** `::ffff:10.0.0.0/8`. */
function withoutMapping(word: string): string {
  const isMapped = scanAddress(word, 0, seek(word, 0, '/')) === 6 && isScannedMapped();
  return isMapped ? word.slice(word.lastIndexOf(':') + 1) : word;
}

function sayOfEntry(given: string, [code, start]: Broken): string {
  const text = withPlainBlanks(given);
  const isBlank = given[start] !== text[start];
  const entry = text.slice(0, start).trim();
  if (code === 'trailing-text' || (isBlank && isEntry(entry))) return sayOfRest(entry, text.slice(start));
  if (code !== 'invalid-character') return '';
  if (isBlank) return 'use plain blanks';
  const character = String.fromCodePoint(text.codePointAt(start) as number);
  if (isDash(character)) return 'write a range with the plain hyphen "-"';
  if (character === '\0') return 'the text looks like UTF-16, save it as UTF-8';
  if (!isPrintable(character)) return 'it cannot be seen, delete it';
  if (character > '~') return 'use ASCII characters only';
  const word = text.slice(0, seek(text, 0, WORD_ENDS));
  const isEveryone = ' * any all default '.includes(` ${word.toLowerCase()} `);
  return isEveryone
    ? 'for everyone write 0.0.0.0/0 and ::/0'
    : sayOfWord(word, 'an address or prefix such as 192.0.2.1 or 2001:db8::/32');
}

/** What is left over when the entry is read. */
function sayOfRest(entry: string, given: string): string {
  const rest = given.slice(afterSigns(given, 0));
  if (hasCondition(rest)) return `${ONE_A_LINE}, words such as "not", "deny" and "until" are not read`;
  const isSecond = isEntry(rest.slice(0, seek(rest, 0, WORD_ENDS))) || holdsAddress(rest);
  if (isSecond || SIGNS.includes(given[0] as string)) return ONE_A_LINE;
  return isEntry(entry) ? `an entry ends at ${quote(entry)}` : '';
}

const ONE_A_LINE = 'write one entry per line';
