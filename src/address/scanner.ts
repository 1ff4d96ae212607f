/**
 * HOT. The only scanner of address text in the project.
 *
 * Everything that needs an address from text (lists, clients, proxy headers) comes here. A second parser would sooner
 * or later read some text differently, and the gap between two parsers is how an address gets past a filter.
 *
 * {@link scanAddress} is on the path of every decision. It reads a text of bounded length at most a few times,
 * allocates nothing, and leaves the address in {@link scanned} as 32-bit words in network byte order:
 *
 * | answer | meaning    | `scanned`                             |
 * |--------|------------|---------------------------------------|
 * | 4      | IPv4       | word 0; the others are left over      |
 * | 6      | IPv6       | words 0 to 3, most significant first  |
 * | 0      | no address | undefined                             |
 *
 * `fault.ts` finds out why a text is refused, and only on request.
 */

/** The longest address text: `0000:0000:0000:0000:0000:ffff:255.255.255.255` has 45 characters. */
export const MAX_ADDRESS_LENGTH = 45;

/** The family of an address or network: 4 for IPv4, 6 for IPv6. */
export type Family = 4 | 6;

/** Number of 32-bit words in an address of this family. */
export function wordsOf(family: Family): 1 | 4 {
  return family === 4 ? 1 : 4;
}

/**
 * Four words in a buffer of 128 bytes: V8 keeps a buffer of up to 64 bytes where it may move it, and looks up its place
 * for each word. V8 also reloads an exported name at each use, so hot code reads this local one.
 */
const words: Int32Array = /* @__PURE__ */ (() => new Int32Array(32).subarray(0, 4))();
/** Where the scanners leave what they have read. It holds one address at a time, because everything is synchronous. */
export const scanned: Int32Array = words;

const DOT = 0x2e;
const COLON = 0x3a;
const LETTER_F = 0x66;
const MIN_IPV4_LENGTH = 7;
const MAX_IPV4_LENGTH = 15;
/** For clients in bytes. V8 reloads an exported name at each use, so the scanner has names of its own. */
export const SHORTEST_IPV4: number = MIN_IPV4_LENGTH;
export const LONGEST_IPV4: number = MAX_IPV4_LENGTH;
/** Texts shorter than this usually contain a `::`. */
const LIKELY_LENGTH_OF_FULL_FORM = 28;
const NO_DIGIT = 1 << 16;

// Each import fills these tables, in code that is not compiled yet: by plain loops over what they hold.

/** Value of a hexadecimal digit by its ASCII code, or NO_DIGIT. */
const hexDigits: Int32Array = /* @__PURE__ */ (() => {
  const table = new Int32Array(128).fill(NO_DIGIT);
  const digits = '0123456789abcdefABCDEF';
  for (let at = 0; at < 22; at++) table[digits.charCodeAt(at)] = at < 16 ? at : at - 6;
  return table;
})();

const DOT_CLASS = 10;

/** Classes of ASCII characters in a window: a digit is its value, the dot is 10, every other character is 11. */
const decimalClasses: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(128).fill(11);
  for (let digit = 0; digit < 10; digit++) table[0x30 + digit] = digit;
  table[DOT] = DOT_CLASS;
  return table;
})();

/**
 * The octet at the start of a window of three characters, by their classes of four bits each: `digits << 8 | octet`, or
 * −1 when no octet up to 255 without a leading zero is there.
 */
const leadingOctets: Int16Array = /* @__PURE__ */ fillOctets(true);

/** The octet at the end of a window, in the same form. */
const trailingOctets: Int16Array = /* @__PURE__ */ fillOctets(false);

/**
 * Goes through the octets, not through the 4,096 windows: an octet of three digits has one window, one of two digits has
 * one with the dot beside it, and one of a single digit has one for each digit or dot on the other side of its dot.
 */
function fillOctets(atStart: boolean): Int16Array {
  const table = new Int16Array(1 << 12).fill(-1);
  for (let octet = 0; octet < 256; octet++) {
    const digits = octet < 10 ? 1 : octet < 100 ? 2 : 3;
    const found = (digits << 8) | octet;
    // The digits as classes of four bits: sixteen for each ten, and sixteen tens for each hundred.
    const written = octet + 6 * ((octet / 10) | 0) + 96 * ((octet / 100) | 0);
    if (digits === 3) table[written] = found;
    if (digits === 2) table[atStart ? (written << 4) | DOT_CLASS : (DOT_CLASS << 8) | written] = found;
    for (let other = 0; digits === 1 && other <= DOT_CLASS; other++)
      table[(DOT_CLASS << 4) | (atStart ? (written << 8) | other : (other << 8) | written)] = found;
  }
  return table;
}

/**
 * Reads `text` from `start` to `end` as one address and nothing else (RFC 4291 §2.2, dotted decimal as strict as
 * RFC 6943 §3.1.1). Refuses zones.
 */
export function scanAddress(text: string, start: number, end: number): Family | 0 {
  const length = end - start;
  if (length > MAX_ADDRESS_LENGTH) return 0;
  // A short enough text is tried as IPv4 first, which gives up on an IPv6 address within its first octet.
  if (length <= MAX_IPV4_LENGTH && scanIPv4(text, start, end)) return 4;
  return scanIPv6(text, start, end) ? 6 : 0;
}

/**
 * Four octets of one to three digits, up to 255 and without a leading zero; the result is in `scanned[0]`.
 *
 * An octet is looked up by the three characters at its start. This avoids a branch on the number of digits, which no
 * processor can predict, and costs 1.15 times as much as reading the characters; a loop over the digits costs 1.65
 * times. The last octet is looked up by the last three characters, which exist however short it is.
 */
function scanIPv4(text: string, start: number, end: number): boolean {
  if (end - start < MIN_IPV4_LENGTH) return false;
  let word = 0;
  let at = start;
  for (let octet = 0; octet < 3; octet++) {
    if (at + 3 > end) return false;
    const first = text.charCodeAt(at);
    const second = text.charCodeAt(at + 1);
    const third = text.charCodeAt(at + 2);
    const found = leadingOctets[windowOf(first, second, third)] as number;
    if (found < 0 || (first | second | third) > 127) return false;
    at += (found >> 8) + 1;
    if (at >= end || text.charCodeAt(at - 1) !== DOT) return false;
    word = (word << 8) | (found & 255);
  }
  const first = text.charCodeAt(end - 3);
  const second = text.charCodeAt(end - 2);
  const third = text.charCodeAt(end - 1);
  const found = trailingOctets[windowOf(first, second, third)] as number;
  // The last octet must start right after the third dot.
  if (found >> 8 !== end - at || (first | second | third) > 127) return false;
  words[0] = (word << 8) | (found & 255);
  return true;
}

/** Index of three characters in the tables of octets. The caller must refuse characters beyond ASCII itself. */
function windowOf(first: number, second: number, third: number): number {
  const front =
    ((decimalClasses[first & 127] as number) << 8) | ((decimalClasses[second & 127] as number) << 4);
  return front | (decimalClasses[third & 127] as number);
}

/** For clients in bytes: the octet at the start or at the end of a window, as `digits << 8 | octet`, or −1. */
export function octetIn(atStart: boolean, first: number, second: number, third: number): number {
  if ((first | second | third) > 127) return -1;
  return (atStart ? leadingOctets : trailingOctets)[windowOf(first, second, third)] as number;
}

/** Groups of one to four digits, `::` at most once and for at least one group, a dotted tail in the last 32 bits. */
function scanIPv6(text: string, start: number, end: number): boolean {
  if (end - start >= LIKELY_LENGTH_OF_FULL_FORM && scanFullForm(text, start, end) === true) return true;
  return scanAnyForm(text, start, end);
}

/**
 * Eight groups separated by colons, as most long addresses are written. This costs 1.2 times as much as reading the
 * characters; the loop for all forms costs 1.5 times. Gives up at the first character of any other form.
 */
function scanFullForm(text: string, start: number, end: number): boolean {
  const table = hexDigits;
  let at = start | 0;
  let word = 0;
  for (let group = 0; group < 8; group++) {
    let value = NO_DIGIT;
    if (at + 4 <= end) {
      const first = text.charCodeAt(at);
      const second = text.charCodeAt(at + 1);
      const third = text.charCodeAt(at + 2);
      const fourth = text.charCodeAt(at + 3);
      const high = ((table[first & 127] as number) << 12) | ((table[second & 127] as number) << 8);
      const low = ((table[third & 127] as number) << 4) | (table[fourth & 127] as number);
      value = (first | second | third | fourth) < 128 ? high | low : NO_DIGIT;
    }
    if (value < NO_DIGIT) {
      at += 4;
    } else {
      const found = fewDigits(text, at, end);
      if (found === 0) return false;
      value = found & 0xffff;
      at += found >> 16;
    }
    word = (word << 16) | value;
    if ((group & 1) === 1) words[group >> 1] = word;
    if (at === end) return group === 7;
    if (text.charCodeAt(at++) !== COLON) return false;
  }
  return false;
}

/** The group of one to three digits at the start of a text: `digits << 16 | value`, or 0 when there is none. */
function fewDigits(text: string, start: number, end: number): number {
  let value = 0;
  let at = start;
  for (; at < end && at < start + 3; at++) {
    const code = text.charCodeAt(at);
    const digit = code < 128 ? (hexDigits[code] as number) : NO_DIGIT;
    if (digit === NO_DIGIT) break;
    value = (value << 4) | digit;
  }
  return at === start ? 0 : ((at - start) << 16) | value;
}

/**
 * Any form. The groups before `::` are read from the left and those after it from the right, so that the place of each
 * is known as it is read.
 */
function scanAnyForm(text: string, start: number, end: number): boolean {
  words[0] = 0;
  words[1] = 0;
  words[2] = 0;
  words[3] = 0;
  // Integers, whatever the caller passes, and tables looked up outside the loop save a sixth of the time.
  let at = start | 0;
  const stop = end | 0;
  const table = hexDigits;
  const target = words;
  let code = 0;
  let seen = 0;
  for (let group = 0; group < 8; group++) {
    const from = at;
    let value = 0;
    for (; at < stop; at++) {
      code = text.charCodeAt(at);
      const digit = table[code & 127] as number;
      if (digit === NO_DIGIT) break;
      seen |= code;
      value = (value << 4) | digit;
    }
    const digits = at - from;
    if (digits === 0) {
      if (at === stop || code !== COLON) return false;
      // The first colon of an ellipsis comes after a group, except at the start of the text.
      if (group === 0 && (++at === stop || text.charCodeAt(at) !== COLON)) return false;
      return seen < 128 && scanBehindEllipsis(text, at + 1, end, group);
    }
    if (digits > 4) return false;
    target[group >> 1] = (target[group >> 1] as number) | (value << (16 - ((group & 1) << 4)));
    if (at === stop) return group === 7 && seen < 128;
    if (code !== COLON) return code === DOT && group === 6 && seen < 128 && scanDottedTail(text, from, end);
    at++;
  }
  return false;
}

/** Reads from the end of the text back to the ellipsis, which stands for at least one group, starting with `front`. */
function scanBehindEllipsis(text: string, start: number, end: number, front: number): boolean {
  const begin = start | 0;
  let at = (end - 1) | 0;
  const table = hexDigits;
  const target = words;
  let seen = 0;
  if (at < begin) return true;
  for (let group = 7; group > front; group--) {
    let value = 0;
    let shift = 0;
    let code = 0;
    for (; at >= begin; at--) {
      code = text.charCodeAt(at);
      const digit = table[code & 127] as number;
      if (digit === NO_DIGIT) break;
      seen |= code;
      value |= digit << shift;
      shift += 4;
    }
    if (code === DOT && group === 7) {
      while (at >= begin && text.charCodeAt(at) !== COLON) at--;
      if (!scanDottedTail(text, at + 1, end)) return false;
      if (--group === front) return false;
    } else {
      if (shift === 0 || shift > 16) return false;
      target[group >> 1] = (target[group >> 1] as number) | (value << (16 - ((group & 1) << 4)));
    }
    if (at < begin) return seen < 128;
    if (text.charCodeAt(at--) !== COLON || at < begin) return false;
  }
  return false;
}

/** Dotted decimal in place of the last two groups. Scanning it overwrites word 0, which must be restored. */
function scanDottedTail(text: string, start: number, end: number): boolean {
  const first = words[0] as number;
  const isIPv4 = scanIPv4(text, start, end);
  words[3] = words[0] as number;
  words[0] = first;
  return isIPv4;
}

/** Whether the IPv6 words in `scanned` are IPv4-mapped, `::ffff:0:0/96` (RFC 4291 §2.5.5.2). */
export function isScannedMapped(): boolean {
  return words[2] === 0xffff && words[1] === 0 && words[0] === 0;
}

const MAX_ZONE_LENGTH = 64;
/** An address, the `%`, and a zone. */
export const MAX_CLIENT_LENGTH: number = MAX_ADDRESS_LENGTH + 1 + MAX_ZONE_LENGTH;

/**
 * Reads the text of a client: an address, or an IPv6 address with a zone of 1 to 64 visible ASCII characters
 * (RFC 4007 §11), which is skipped. Returns a family and leaves words as {@link scanAddress} does, except that an
 * IPv4-mapped client becomes IPv4. A value that is not a string is not a client, and none of its code runs.
 */
export function scanClient(text: unknown): Family | 0 {
  if (typeof text !== 'string') return 0;
  // The scan of most clients, without a call. Comparing a result with `true` costs less than testing its truthiness.
  if (text.length <= MAX_IPV4_LENGTH && scanIPv4(text, 0, text.length) === true) return 4;
  return scanOtherClient(text);
}

function scanOtherClient(text: string): Family | 0 {
  const { length } = text;
  // The form in which a dual-stack server reports its IPv4 clients.
  if (startsMapped(text) && scanIPv4(text, MAPPED_PREFIX_LENGTH, length) === true) return 4;
  if (length > MAX_ADDRESS_LENGTH || scanIPv6(text, 0, length) !== true) {
    const zone = findZone(text);
    if (zone < 0 || zone > MAX_ADDRESS_LENGTH || !scanIPv6(text, 0, zone)) return 0;
  }
  if (!isScannedMapped()) return 6;
  words[0] = words[3] as number;
  return 4;
}

const MAPPED_PREFIX_LENGTH = 7;

/** Whether a text starts with `::ffff:`, in any case. */
function startsMapped(text: string): boolean {
  const { length } = text;
  if (length < MAPPED_PREFIX_LENGTH || length > MAPPED_PREFIX_LENGTH + MAX_IPV4_LENGTH) return false;
  if (text.charCodeAt(0) !== COLON || text.charCodeAt(1) !== COLON || text.charCodeAt(6) !== COLON)
    return false;
  for (let at = 2; at < 6; at++) if ((text.charCodeAt(at) | 0x20) !== LETTER_F) return false;
  return true;
}

/** Offset of the `%` before a well-formed zone, or −1. */
export function findZone(text: string): number {
  if (text.length > MAX_CLIENT_LENGTH) return -1;
  const zone = text.indexOf('%');
  const length = text.length - zone - 1;
  if (zone < 0 || length < 1 || length > MAX_ZONE_LENGTH) return -1;
  for (let at = zone + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x21 || code > 0x7e) return -1;
  }
  return zone;
}
