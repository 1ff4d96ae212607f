/**
 * HOT. A client in bytes, such as a line of a log that was never made a string: at most 127 each where it is an address.
 *
 * There is one grammar, that of `scanner.ts`. What nearly all clients are, four octets, is read here by the scanner's own
 * tables, as reading an element of an array costs a quarter of making a string of it. Everything else, also four octets
 * with a fault, becomes a short string and goes to the scanner, which alone says what it is.
 */

import { type Family, MAX_CLIENT_LENGTH, octetIn, scanClient, scanned } from './scanner.ts';

/** A local name, see `scanner.ts`. */
const words = scanned;

const DOT = 0x2e;
/** As in `scanner.ts`, which does not export them: V8 would reload them at each use there. */
const MIN_IPV4_LENGTH = 7;
const MAX_IPV4_LENGTH = 15;

/** Makes a string of bytes, each the code of its character. */
export type TextOf = (bytes: Uint8Array, start: number, end: number) => string;

/**
 * For bytes of any kind. `Buffer` of Node has a faster way.
 */
export const textOfBytes: TextOf = (bytes, start, end) => String.fromCharCode(...bytes.subarray(start, end));

/**
 * The answer of `scanClient` for the text from `start` to `end`, with the same words. A byte above 127 is not part of an
 * address in any encoding.
 */
export function scanClientBytes(bytes: Uint8Array, start: number, end: number, textOf: TextOf): Family | 0 {
  if (scanIPv4Bytes(bytes, start, end) === true) return 4;
  if (end - start > MAX_CLIENT_LENGTH) return 0;
  return scanClient(textOf(bytes, start, end));
}

/** Four octets and nothing else, as `scanIPv4` of the scanner reads them, window by window. */
function scanIPv4Bytes(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < MIN_IPV4_LENGTH || length > MAX_IPV4_LENGTH) return false;
  let word = 0;
  let at = start;
  for (let octet = 0; octet < 3; octet++) {
    if (at + 3 > end) return false;
    const found = octetIn(true, bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number);
    if (found < 0) return false;
    at += (found >> 8) + 1;
    if (at >= end || bytes[at - 1] !== DOT) return false;
    word = (word << 8) | (found & 255);
  }
  const found = octetIn(false, bytes[end - 3] as number, bytes[end - 2] as number, bytes[end - 1] as number);
  // The last octet must start right after the third dot.
  if (found >> 8 !== end - at) return false;
  words[0] = (word << 8) | (found & 255);
  return true;
}
