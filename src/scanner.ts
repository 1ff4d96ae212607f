/**
 * HOT. The only scanner of address text in the project.
 *
 * Whoever needs an address from text (lists, clients, proxies' headers) comes here: a second parser would sooner or
 * later read some text differently, and the gap between two parsers is how an address gets past a filter.
 *
 * {@link scanAddress} is on the path of every decision. It reads each character once, allocates nothing, and leaves
 * the address in {@link scanned} as 32-bit words in network byte order:
 *
 * | answer | meaning    | `scanned`                             |
 * |--------|------------|---------------------------------------|
 * | 4      | IPv4       | word 0; the others are left over      |
 * | 6      | IPv6       | words 0 to 3, most significant first  |
 * | 0      | no address | undefined                             |
 *
 * Why a text is refused is found out by `address-fault.ts`, and only when somebody asks.
 */

import { MAX_ADDRESS_LENGTH } from './address-fault.ts';

/** The family of an address or network: 4 for IPv4, 6 for IPv6. */
export type Family = 4 | 6;

/** Number of 32-bit words in an address of a family. */
export function wordsOf(family: Family): 1 | 4 {
  return family === 4 ? 1 : 4;
}

/** Where the scanners leave what they have read. Only one address is ever in the air: all of this is synchronous. */
export const scanned: Int32Array = new Int32Array(4);

/** The groups of the IPv6 address that is being read, before `::` is spread out. */
const groups = new Int32Array(8);

const PERCENT = 0x25;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;

/** Value of a hexadecimal digit by character code, or 16 for any other ASCII character. */
const hexDigit: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(128).fill(16);
  for (let digit = 0; digit < 16; digit++) {
    const character = digit.toString(16);
    table[character.charCodeAt(0)] = digit;
    table[character.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
})();

/**
 * Reads `text` from `start` to `end` as one address and nothing else (RFC 4291 §2.2, dotted decimal per RFC 6943
 * §3.1.1 strict). Zones are refused.
 * @internal
 */
export function scanAddress(text: string, start: number, end: number): Family | 0 {
  if (end - start > MAX_ADDRESS_LENGTH || start >= end) return 0;
  // The first group of an IPv6 address ends within five characters, the first octet within four.
  const stop = Math.min(end, start + 5);
  for (let at = start; at < stop; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) return scanIPv4(text, start, end) ? 4 : 0;
    if (code === COLON) return scanIPv6(text, start, end) ? 6 : 0;
  }
  return 0;
}

/** Four octets of one to three digits without a leading zero, up to 255; the result is in `scanned[0]`. */
function scanIPv4(text: string, start: number, end: number): boolean {
  let word = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || octet > 255) return false;
      word = (word << 8) | octet;
      octet = 0;
      digits = 0;
      dots++;
    } else {
      const digit = code - ZERO;
      // A digit behind a lone 0 would be a leading zero.
      if (digit >>> 0 > 9 || (digits > 0 && octet === 0) || digits === 3) return false;
      octet = octet * 10 + digit;
      digits++;
    }
  }
  if (dots !== 3 || digits === 0 || octet > 255) return false;
  scanned[0] = (word << 8) | octet;
  return true;
}

/** Groups of one to four digits, `::` at most once and for one group or more, a dotted tail in the last 32 bits. */
function scanIPv6(text: string, start: number, end: number): boolean {
  let count = 0;
  let ellipsis = -1;
  let at = start;
  if (text.charCodeAt(at) === COLON) {
    if (end - start < 2 || text.charCodeAt(at + 1) !== COLON) return false;
    ellipsis = 0;
    at += 2;
  }
  while (at < end) {
    const from = at;
    let value = 0;
    let code = 0;
    while (at < end) {
      code = text.charCodeAt(at);
      const digit = code < 128 ? (hexDigit[code] as number) : 16;
      if (digit === 16) break;
      value = (value << 4) | digit;
      at++;
    }
    if (code === DOT && at < end) {
      if (count > 6 || !scanIPv4(text, from, end)) return false;
      const tail = scanned[0] as number;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      break;
    }
    const length = at - from;
    if (length === 0 || length > 4 || count === 8) return false;
    groups[count++] = value;
    if (at === end) break;
    if (code !== COLON || ++at === end) return false;
    if (text.charCodeAt(at) === COLON) {
      if (ellipsis >= 0) return false;
      ellipsis = count;
      at++;
    }
  }
  return spreadGroups(count, ellipsis);
}

/** Moves the groups behind `::` to the end, fills the gap with zeros, and packs all eight into `scanned`. */
function spreadGroups(count: number, ellipsis: number): boolean {
  if (ellipsis < 0) {
    if (count !== 8) return false;
  } else {
    if (count > 7) return false;
    const gap = 8 - count;
    for (let group = 7; group >= ellipsis + gap; group--) groups[group] = groups[group - gap] as number;
    for (let group = ellipsis; group < ellipsis + gap; group++) groups[group] = 0;
  }
  for (let word = 0; word < 4; word++) {
    scanned[word] = ((groups[word * 2] as number) << 16) | (groups[word * 2 + 1] as number);
  }
  return true;
}

/** Whether the IPv6 words in `scanned` are IPv4-mapped, `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
export function isScannedMapped(): boolean {
  return scanned[2] === 0xffff && scanned[1] === 0 && scanned[0] === 0;
}

const MAX_ZONE_LENGTH = 64;
/** An address, the `%`, and a zone. */
export const MAX_CLIENT_LENGTH: number = MAX_ADDRESS_LENGTH + 1 + MAX_ZONE_LENGTH;

/**
 * Reads the text of a client: an address, or an IPv6 address with a zone of 1 to 64 visible ASCII characters
 * (RFC 4007 §11), which is skipped. Answers and leaves words as {@link scanAddress} does, except that an IPv4-mapped
 * client is the IPv4 client. Anything that is not a string is no client, and none of its code runs.
 * @internal
 */
export function scanClient(text: unknown): Family | 0 {
  if (typeof text !== 'string') return 0;
  let family = scanAddress(text, 0, text.length);
  if (family === 0) {
    const zone = findZone(text);
    if (zone < 0) return 0;
    family = scanAddress(text, 0, zone);
    if (family !== 6) return 0;
  }
  if (family === 6 && isScannedMapped()) {
    scanned[0] = scanned[3] as number;
    return 4;
  }
  return family;
}

/**
 * Offset of the `%` before a well-formed zone, or −1.
 * @internal
 */
export function findZone(text: string): number {
  if (text.length > MAX_CLIENT_LENGTH) return -1;
  let zone = 0;
  while (zone < text.length && text.charCodeAt(zone) !== PERCENT) zone++;
  const length = text.length - zone - 1;
  if (length < 1 || length > MAX_ZONE_LENGTH) return -1;
  for (let at = zone + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x21 || code > 0x7e) return -1;
  }
  return zone;
}
