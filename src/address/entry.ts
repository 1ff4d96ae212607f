/**
 * The scanner of entries. Every entry of a list, whatever its form, is the run of addresses from `first` to `last`.
 *
 * {@link scanEntry} leaves what it has read in {@link span}, with IPv4-mapped entries already converted to IPv4. Words
 * are signed 32-bit integers in network byte order; an IPv4 address is in word 0. The file also has the canonical text
 * of an entry.
 */

import { findNetwork } from './names.ts';
import { type Family, isScannedMapped, scanAddress, scanned, wordsOf } from './scanner.ts';
import {
  bitsOf,
  compareWords,
  formatNetwork,
  formatWords,
  hostMask,
  NOT_A_PREFIX,
  prefixLengthOf,
} from './words.ts';

const AT_SIGN = 0x40;

/**
 * Reads an entry into `span` and calls back; for a named network, once for each of its prefixes. Returns whether the
 * text is an entry; if it is not, there is no callback.
 */
export function readEntry(
  text: string,
  start: number,
  end: number,
  visit: (isPartOfName: boolean) => void,
): boolean {
  if (text.charCodeAt(start) !== AT_SIGN) {
    if (!scanEntry(text, start, end)) return false;
    visit(false);
    return true;
  }
  const prefixes = findNetwork(text.slice(start, end));
  if (prefixes === undefined) return false;
  for (const prefix of prefixes) {
    scanEntry(prefix, 0, prefix.length);
    visit(true);
  }
  return true;
}

/** What the entry scanner has read. It holds one entry at a time. */
interface Span {
  family: Family;
  /** Prefix length, or −1 for a range that is not a prefix. */
  length: number;
  /** Whether the text had bits set after the prefix length. */
  hostBits: boolean;
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** The most recently read entry. */
export const span: Span = {
  family: 4,
  length: 0,
  hostBits: false,
  // Without these notes a bundler keeps `span` for programs that read no entries.
  first: /* @__PURE__ */ new Int32Array(4),
  last: /* @__PURE__ */ new Int32Array(4),
};

const BLANK = 0x20;
const SLASH = 0x2f;
const ZERO = 0x30;

/**
 * Reads `text` from `start` to `end` as an address, prefix or range by the rules of lists. Named networks are not read
 * here. When the result is `false`, `span` is undefined.
 */
export function scanEntry(text: string, start: number, end: number): boolean {
  const slash = findSlash(text, start, end);
  if (slash >= 0) return scanPlainPrefix(text, start, slash, end) && unmapSpan();
  const family = scanAddress(text, start, end);
  if (family === 0) return scanRange(text, start, end);
  setNetwork(family, family === 4 ? 32 : 128);
  return unmapSpan();
}

/**
 * Offset of the slash, or −1. A prefix length has at most three digits, so the slash is one of the last four
 * characters.
 */
export function findSlash(text: string, start: number, end: number): number {
  const stop = Math.max(end - 4, start);
  for (let at = end - 1; at >= stop; at--) if (text.charCodeAt(at) === SLASH) return at;
  return -1;
}

/** Reads `address/length` with the slash at `slash`, mapped or not, into `span`. */
export function scanPlainPrefix(text: string, start: number, slash: number, end: number): boolean {
  const family = scanAddress(text, start, slash);
  if (family === 0) return false;
  const length = scanLength(text, slash + 1, end);
  if (length < 0 || length > bitsOf(family)) return false;
  setNetwork(family, length);
  return true;
}

/** One to three decimal digits without a leading zero, or −1. */
export function scanLength(text: string, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > 3 || (digits > 1 && text.charCodeAt(start) === ZERO)) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit >>> 0 > 9) return -1;
    length = length * 10 + digit;
  }
  return length;
}

/**
 * Makes `span` the network of the scanned address with `length` bits: clears the host bits, and notes whether any were
 * set.
 */
function setNetwork(family: Family, length: number): void {
  let hostBits = 0;
  for (let word = 0; word < wordsOf(family); word++) {
    const host = hostMask(length, word);
    const value = scanned[word] as number;
    hostBits |= value & host;
    span.first[word] = value & ~host;
    span.last[word] = value | host;
  }
  span.family = family;
  span.length = length;
  span.hostBits = hostBits !== 0;
}

/**
 * IPv4-mapped networks of /96 or longer become IPv4. Shorter ones are refused, because they never mean what they seem
 * to.
 */
function unmapSpan(): boolean {
  const { family, length, first, last } = span;
  if (family === 4 || !isScannedMapped()) return true;
  if (length < 96) return false;
  span.family = 4;
  span.length = length - 96;
  first[0] = first[3] as number;
  last[0] = last[3] as number;
  return true;
}

/** `first-last` with optional blanks around the hyphen. A range that is exactly a prefix becomes that prefix. */
function scanRange(text: string, start: number, end: number): boolean {
  let hyphen = start;
  while (hyphen < end && text[hyphen] !== '-') hyphen++;
  if (hyphen === end) return false;
  let firstEnd = hyphen;
  while (firstEnd > start && text.charCodeAt(firstEnd - 1) === BLANK) firstEnd--;
  let lastStart = hyphen + 1;
  while (lastStart < end && text.charCodeAt(lastStart) === BLANK) lastStart++;
  const family = scanEnd(text, start, firstEnd, span.first);
  if (family === 0 || scanEnd(text, lastStart, end, span.last) !== family) return false;
  const count = wordsOf(family);
  if (compareWords(span.first, span.last, count) > 0) return false;
  span.family = family;
  span.hostBits = false;
  span.length = prefixLengthOf(span.first, span.last, count);
  return true;
}

/** One end of a range. An IPv4-mapped end counts as IPv4. */
function scanEnd(text: string, start: number, end: number, words: Int32Array): Family | 0 {
  const family = scanAddress(text, start, end);
  words.set(scanned);
  if (family !== 6 || !isScannedMapped()) return family;
  words[0] = words[3] as number;
  return 4;
}

/** Canonical text of `span`: an address, a prefix, or a range that is not a prefix. */
export function formatSpan(): string {
  const { family, length, first, last } = span;
  if (length !== NOT_A_PREFIX) return formatNetwork(family, first, length);
  return `${formatWords(family, first)}-${formatWords(family, last)}`;
}

/**
 * Whether the IPv6 entry in `span` covers all of ::ffff:0:0/96. An entry that is not IPv4-mapped itself has both ends
 * outside that block, so it covers all of it or none.
 */
export function coversMappedBlock(): boolean {
  const { family, first, last } = span;
  if (family === 4 || first[0] !== 0 || first[1] !== 0 || (first[2] as number) >>> 0 > 0xffff) return false;
  return last[0] !== 0 || last[1] !== 0 || (last[2] as number) >>> 0 >= 0xffff;
}
