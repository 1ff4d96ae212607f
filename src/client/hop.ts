/**
 * One hop in a chain of proxies: reads the text of one address in a forwarding header into canonical text.
 *
 * This file strips ports and brackets; the address itself is read by the scanner of the core, as a policy reads its
 * clients. Text that is not exactly an address is not a hop, and nothing is guessed.
 *
 * A zone is refused: it names an interface of the machine that wrote it (RFC 4007 §6), so no other machine knows whose
 * address that is.
 */

import { canonicalClient } from '../address/address.ts';

const TAB = 0x09;
const BLANK = 0x20;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const BRACKET = 0x5b;
const UNDERSCORE = 0x5f;
const ZONE = '%';
const MAX_PORT = 65_535;
const MAX_PORT_DIGITS = 5;

/**
 * Reads an element of `X-Forwarded-For`, or the whole value of a header with one address: an address, `v4:port`, `[v6]`
 * or `[v6]:port`, with ports from 1 to 65535 without leading zeros. An IPv6 address without brackets has no port: all
 * of the text is the address.
 */
export function readElement(text: string): string | undefined {
  if (text.includes(ZONE)) return undefined;
  return canonicalClient(text) ?? readNode(text, false);
}

/**
 * Reads a node of `Forwarded` (RFC 7239 §6): `v4` or `[v6]`, with or without a port. `unknown` and obfuscated
 * identifiers are not addresses; an obfuscated port may follow an address wherever a port may.
 */
export function readForwardedNode(text: string): string | undefined {
  return text.includes(ZONE) ? undefined : readNode(text, true);
}

function readNode(text: string, mayBeObfuscated: boolean): string | undefined {
  const isBracketed = text.charCodeAt(0) === BRACKET;
  const nameEnd = isBracketed ? text.indexOf(']') : endOfName(text);
  if (nameEnd < 0) return undefined;
  const portStart = isBracketed ? nameEnd + 1 : nameEnd;
  if (portStart < text.length && !isPort(text, portStart, mayBeObfuscated)) return undefined;
  const name = text.slice(isBracketed ? 1 : 0, nameEnd);
  // Only IPv6 has brackets. Without them the name ended at the first colon, so it can only be IPv4.
  return isBracketed && !name.includes(':') ? undefined : canonicalClient(name);
}

function endOfName(text: string): number {
  const colon = text.indexOf(':');
  return colon < 0 ? text.length : colon;
}

/** Whether the text from `start` to the end is `:port`. */
function isPort(text: string, start: number, mayBeObfuscated: boolean): boolean {
  if (text.charCodeAt(start) !== COLON) return false;
  if (mayBeObfuscated && text.charCodeAt(start + 1) === UNDERSCORE) return isObfuscated(text, start + 1);
  const digits = text.length - start - 1;
  if (digits < 1 || digits > MAX_PORT_DIGITS || text.charCodeAt(start + 1) === DIGIT_0) return false;
  let port = 0;
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < DIGIT_0 || code > DIGIT_9) return false;
    port = port * 10 + code - DIGIT_0;
  }
  return port <= MAX_PORT;
}

/** `_` followed by at least one letter, digit, `.`, `_` or `-` (RFC 7239 §6.3). */
function isObfuscated(text: string, start: number): boolean {
  for (let at = start + 1; at < text.length; at++)
    if (!isObfuscatedCharacter(text.charCodeAt(at))) return false;
  return text.length > start + 1;
}

function isObfuscatedCharacter(code: number): boolean {
  const lower = code | 0x20;
  if ((code >= DIGIT_0 && code <= DIGIT_9) || (lower >= 0x61 && lower <= 0x7a)) return true;
  return code === 0x2e || code === UNDERSCORE || code === 0x2d;
}

/** Whether a character is optional white space in a header (RFC 9110 §5.6.3). */
export function isOptionalBlank(code: number): boolean {
  return code === BLANK || code === TAB;
}
