/**
 * The shapes in which people write addresses, networks and ranges that a list does not take, and how each is written in
 * a list.
 *
 * A text of another shape comes back as it was. Nothing here decides: what comes back is tried on the scanner by
 * `advice.ts`. No rewriting may lose what could have meant something, such as a second address, an exception or a port
 * that might be a group.
 */

import { withoutInvisible, withPlainBlanks } from '../problem/say.ts';
import { DIGITS, isNumber, LETTERS, seek, skip, WORD_ENDS } from './characters.ts';
import { scanEntry, scanLength, span } from './entry.ts';
import { findNetwork, networkNames } from './names.ts';
import { isScannedMapped, scanAddress, scanned } from './scanner.ts';
import { NOT_A_PREFIX } from './words.ts';

/** Rewrites one shape. */
type Rewrite = (text: string) => string;

const QUOTES = '"\'`\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb';
const BULLETS = '-*+\u2022\u2013';
export const DASHES = '\u2010\u2011\u2012\u2013\u2014\u2015\u2212';

/** What people put between entries, besides blanks. */
export const SIGNS = '|&+';

/** Rewritings of a whole line, the most certain first. */
export const lineRewritings: readonly Rewrite[] = [
  (line) => line,
  withoutInvisible,
  withHyphen,
  withoutSigns,
  withPlainLength,
  withBothEnds,
  withoutCount,
  withAllOctets,
  withAtSign,
];

/** Rewritings of the first word of a line; the rest of the line stays. */
export const wordRewritings: readonly Rewrite[] = [
  withoutZeros,
  withoutStars,
  withoutMapping,
  withoutWrapping,
  withoutZone,
];

/** `192.0.2[.]1`, `192(dot)0(dot)2(dot)1` and `hxxp://192.0.2.1`, which no program takes for a link; and plain blanks. */
export function withPlainSigns(text: string): string {
  let plain = withPlainBlanks(text);
  for (const [open, close] of ['[]', '()', '{}']) {
    for (const dot of ['.', 'dot', 'DOT']) plain = plain.replaceAll(`${open}${dot}${close}`, '.');
    plain = plain.replaceAll(`${open}:${close}`, ':');
  }
  return plain.slice(0, 4).toLowerCase() === 'hxxp' ? `http${plain.slice(4)}` : plain;
}

/** `https://[::1]:443/` without all that a URL has around an address, unless what is cut off could mean something. */
export function withoutWrapping(word: string): string {
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
  const host = address.slice(0, colon);
  const port = address.slice(colon + 1);
  const isHost = host.endsWith(']') || (host.includes('.') && scanAddress(host, 0, host.length) !== 0);
  // `10.0.0.0:24` and `[2001:db8::]:48` may be networks. Numbers with as many digits are ordered as text is.
  const isBare = scheme < 0 && '::] :0]'.includes(host.slice(-3));
  const most = isBare ? '00128' : scheme < 0 && !host.endsWith(']') ? '00032' : '';
  if (isHost && isNumber(port) && port.padStart(5, '0') > most) address = host;
  // What follows the brackets must not become part of the address.
  const close = seek(address, 0, ']');
  const isWrapped = address[0] === '[' && (address[close + 1] ?? '/') === '/';
  return isWrapped ? address.slice(1, close) + address.slice(close + 1) : address;
}

/**
 * `fe80::1%eth0` without the zone, unless the zone has swallowed what could mean something: a number may be a prefix
 * length. In a URL, `%2F` is the slash.
 */
export function withoutZone(word: string): string {
  const percent = seek(word, 0, '%');
  const end = seek(word, percent, '/');
  const address = word.slice(0, percent);
  const zone = word.slice(percent + 1, end).toLowerCase();
  if (zone.startsWith('2f')) return `${address}/${zone.slice(2)}${word.slice(end)}`;
  const isZone = skip(zone, 0, DIGITS) === 0 && skip(zone, 0, LETTERS + DIGITS) === zone.length;
  return isZone ? address + word.slice(end) : word;
}

/** Whether a text may hold an address or a name: addresses have three dots or two colons, names an `@`. */
export function holdsAddress(text: string): boolean {
  return text.split('.').length > 3 || text.split(':').length > 2 || text.includes('@');
}

/**
 * What people put between the ends of a range, besides dashes. A sign comes before any other that it starts with. An
 * arrow is none: it may lead from an address to its translation.
 */
const RANGE_SIGNS = ['~', '\u2026', '...', '..', ' to ', ' through ', ' - '];

/** `10.0.0.1 to 10.0.0.9`, `10.0.0.1..10.0.0.9`, and the dashes of word processors. */
function withHyphen(given: string): string {
  const line = given.slice(given.toLowerCase().startsWith('from ') ? 5 : 0);
  for (const sign of [...RANGE_SIGNS, ...DASHES]) {
    const at = line.toLowerCase().indexOf(sign);
    const first = line.slice(0, Math.max(at, 0)).trimEnd();
    const range = `${first}-${line.slice(at + sign.length).trimStart()}`;
    if (isEntry(range)) return range;
  }
  return given;
}

/** Quotes around an entry, the bullet of a list before it, signs after it. */
function withoutSigns(line: string): string {
  const isItem = BULLETS.includes(line[0] as string) && line[1] === ' ';
  const start = isItem ? 2 : skip(line, 0, QUOTES);
  let end = line.length;
  while (end > start && `${QUOTES}${WORD_ENDS}|&`.includes(line[end - 1] as string)) end--;
  return line.slice(start, end).trim();
}

/** `10.0.0.0 /8`, and masks of any kind: `10.0.0.0/255.0.0.0`, `10.0.0.0 0.255.255.255`, `10.0.0.0 mask 255.0.0.0`. */
function withPlainLength(given: string): string {
  let line = given;
  for (const word of [' netmask ', ' mask ', ' wildcard ']) {
    const at = line.toLowerCase().indexOf(word);
    if (at > 0) line = `${line.slice(0, at)}/${line.slice(at + word.length)}`;
  }
  const end = seek(line, 0, ` /${WORD_ENDS}`);
  const start = skip(line, end, ` /${WORD_ENDS}`);
  const sign = line.slice(end, start).trim();
  const address = line.slice(0, end);
  const maskEnd = seek(line, start, WORD_ENDS);
  const isMask = scanAddress(line, start, maskEnd) === 4 && sign.length < 2;
  const length = isMask ? lengthOfMask(scanned[0] as number) : 0;
  // After a blank, a mask of few bits may as well be a second address.
  const isLength = length > (sign === '/' ? 0 : 7);
  // The length of an IPv6 address is not that of a mask.
  if (isLength && !address.includes(':')) return `${address}/${length}${line.slice(maskEnd)}`;
  // `10.0.0.1 / 2 rooms` has no length.
  return sign === '/' && scanLength(line, start, line.length) > 7 ? `${address}/${line.slice(start)}` : given;
}

/**
 * The prefix length of a netmask or a wildcard mask; 0 for one with holes. 0.0.0.0 and 255.255.255.255 are both kinds
 * and mean one address as the one and all addresses as the other, so they have none.
 */
function lengthOfMask(given: number): number {
  const mask = given < 0 ? given : ~given;
  const length = Math.clz32(~mask);
  return length < 32 && mask << length === 0 ? length : 0;
}

/** `10.0.0.9-10.0.0.1`, and `10.0.0.1-20`, which leaves out the octets that both ends have in common. */
function withBothEnds(line: string): string {
  const hyphen = line.indexOf('-');
  const first = line.slice(0, hyphen).trim();
  const last = line.slice(hyphen + 1).trim();
  const swapped = `${last}-${first}`;
  if (isEntry(swapped)) return swapped;
  const whole = `${first}-${first.slice(0, first.lastIndexOf('.') + 1)}${last}`;
  // `10.0.0.0-24` may be a network. Nothing may follow: `10.0.0.1 - 2 rooms` is not a range.
  const isNetwork = isEntry(`${first}/${last}`) && !span.hostBits;
  return !isNetwork && isEntry(whole) ? whole : line;
}

/** The two ends of a network and its prefix length or number of addresses, as in `192.0.2.0 192.0.2.255 24`. */
function withoutCount(line: string): string {
  const [first, last, count = '', ...more] = line.split(' ').filter((word) => word !== '');
  const range = `${first}-${last}`;
  if (more.length > 0 || !isNumber(count) || !isEntry(range)) return line;
  const size = span.family === 4 ? (span.last[0] as number) - (span.first[0] as number) + 1 : 0;
  const isLength = span.length !== NOT_A_PREFIX && `${span.length}` === count;
  return isLength || `${size}` === count ? range : line;
}

/**
 * `10.1/16`, which has just the octets of its prefix, and `192.0.2.`. Nothing may follow, as in `10/8 of all offices`,
 * and `5/8` is a fraction.
 */
function withAllOctets(line: string): string {
  const slash = seek(line, 0, '/');
  const octets = line.slice(0, slash);
  if (line.endsWith('.')) return withoutStars(`${line}*`);
  const isWhole = scanLength(line, slash + 1, line.length) === octets.split('.').length * 8;
  return isWhole && slash > 1 ? padOctets(octets) + line.slice(slash) : line;
}

/** Fills the octets that are missing after the first few with zeros. */
export function padOctets(octets: string): string {
  return octets + '.0'.repeat(Math.max(4 - octets.split('.').length, 0));
}

/** `192.168.001.008`, where an octet is the same number to all programs, or is not octal. */
function withoutZeros(word: string): string {
  const octets = word.split('.').map((octet) => {
    const digits = octet.slice(skip(octet, 0, '0'));
    const isPlain = digits.length < 2 || seek(digits, 0, '89') < digits.length;
    return isPlain && isNumber(octet) ? digits || '0' : octet;
  });
  return octets.join('.');
}

/**
 * `10.0.0.*` and `10.x.x.x`, where the stars come last and numbers come first; `2001:db8:*` in the same way. `1.x` is a
 * version.
 */
function withoutStars(word: string): string {
  const isLong = word.includes(':');
  const parts = word.toLowerCase().split(isLong ? ':' : '.');
  const isStar = (part: string): boolean => ['*', 'x', 'xxx', 'xxxx'].includes(part);
  const fixed = parts.findIndex(isStar);
  if ((isLong ? parts.length > 8 : parts.length !== 4) || fixed < 1 || !parts.slice(fixed).every(isStar))
    return word;
  const front = parts.slice(0, fixed);
  if (isLong) return front.includes('') ? word : `${front.join(':')}::/${fixed * 16}`;
  return `${padOctets(front.join('.'))}/${fixed * 8}`;
}

/** `private`, `linklocal` and `@Private` alone. Without `@`, `Private` begins a sentence. */
function withAtSign(line: string): string {
  const name = line.startsWith('@') ? line.slice(1).toLowerCase() : line;
  // In other software this means the private networks of IPv4, too.
  return name === 'uniquelocal' ? line : `@${findNamed(name)}`;
}

/** The named network with this name, with or without its hyphen. */
export function findNamed(word: string): string | undefined {
  return networkNames().find((name) => word === name || word === name.replaceAll('-', ''));
}

/** `::ffff:10.0.0.0/8`, and nothing else in the word, which may be half of a range. */
function withoutMapping(word: string): string {
  const slash = seek(word, 0, '/');
  const isMapped = scanAddress(word, 0, slash) === 6 && isScannedMapped();
  return isMapped && isNumber(word.slice(slash + 1)) ? word.slice(word.lastIndexOf(':') + 1) : word;
}

export function isEntry(text: string): boolean {
  return findNetwork(text) !== undefined || scanEntry(text, 0, text.length);
}
