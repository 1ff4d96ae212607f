/**
 * The `Address` value, its canonical text (RFC 5952), and the one step from IPv4-mapped to IPv4.
 *
 * `scanner.ts` reads the text; this file makes values of what was read, and errors of what was refused.
 */

import { fault, ParseError } from '../problem/errors.ts';
import { describeType } from '../problem/say.ts';
import { addressFaultOf } from './fault.ts';
import { type Family, findZone, scanAddress, scanClient, scanned, wordsOf } from './scanner.ts';
import { formatWords } from './words.ts';

/** One IPv4 or IPv6 address: a small frozen value. */
export interface Address {
  /** 4 or 6. The family of an IPv4-mapped address is 6 until {@link unmapAddress} makes it IPv4. */
  readonly family: Family;
  /** Unsigned 32-bit words in network byte order: one for IPv4, four for IPv6, most significant first. */
  readonly words: readonly number[];
  /** The canonical text (RFC 5952). */
  toString(): string;
}

class AddressValue implements Address {
  readonly family: Family;
  readonly words: readonly number[];
  constructor(family: Family, words: number[]) {
    this.family = family;
    this.words = Object.freeze(words);
    Object.freeze(this);
  }
  toString(): string {
    return formatAddress(this);
  }
}

/** Makes a value of what the scanner has just read. */
function takeScanned(family: Family): Address {
  const words: number[] = [];
  for (let word = 0; word < wordsOf(family); word++) words.push((scanned[word] as number) >>> 0);
  return new AddressValue(family, words);
}

/**
 * Reads an IPv4 or IPv6 address.
 *
 * - Refused: zones, prefixes, ports, brackets, blanks, leading zeros in octets, short forms such as `127.1`.
 * - Kept as written: an IPv4-mapped address stays IPv6; see {@link unmapAddress}.
 *
 * @param text - the text of one address and nothing else, at most 45 characters
 * @returns a frozen value
 * @throws {@link ParseError} with `not-a-string`, `empty`, `too-long`, `invalid-character`, `octet-count`,
 *   `octet-range`, `octet-leading-zero`, `group-count`, `group-length`, `multiple-ellipses`, `zone-not-allowed` or
 *   `trailing-text`
 * @remarks Linear in the length of the text, which is bounded; allocates the value and its words. Grammar: RFC 4291
 *   §2.2; strict dotted decimal: RFC 6943 §3.1.1.
 * @example
 * ```ts
 * import { parseAddress } from 'ipverdict';
 *
 * const address = parseAddress('2001:0DB8:ABCD:0012:0000:0000:0000:0000');
 * address.family; // 6
 * `${address}`; // '2001:db8:abcd:12::'
 * ```
 */
export function parseAddress(text: string): Address {
  const address = tryParseAddress(text);
  if (address !== undefined) return address;
  requireText(text);
  throw new ParseError(text, addressFaultOf(text, 0, text.length));
}

/**
 * Reads an address like {@link parseAddress}, but returns `undefined` where that throws.
 *
 * @param text - the text of one address and nothing else
 * @returns a frozen value, or `undefined`
 * @remarks Never throws, not even for a value that is not a string.
 * @example
 * ```ts
 * import { tryParseAddress } from 'ipverdict';
 *
 * tryParseAddress('127.1'); // undefined
 * ```
 */
export function tryParseAddress(text: string): Address | undefined {
  if (typeof text !== 'string') return undefined;
  const family = scanAddress(text, 0, text.length);
  return family === 0 ? undefined : takeScanned(family);
}

/** Throws a ParseError for a value that is not a string. */
export function requireText(text: unknown): asserts text is string {
  if (typeof text === 'string') return;
  throw new ParseError('', fault('not-a-string', '', 0, 0, `this is ${describeType(text)}`));
}

/**
 * Formats an address as its canonical text (RFC 5952): lower case, no leading zeros, the longest run of two or more
 * zero groups as `::` (ties go to the first), and IPv4-mapped addresses as `::ffff:192.0.2.1`.
 *
 * @param address - an address from {@link parseAddress}, or any object of the same shape
 * @returns the canonical text; {@link parseAddress} reads it back to an equal value
 * @throws TypeError when the argument does not have the shape of an address
 * @remarks Allocates only the text. RFC 5952 §4 and §5.
 * @example
 * ```ts
 * import { formatAddress, parseAddress } from 'ipverdict';
 *
 * formatAddress(parseAddress('2001:DB8:0:0:1:0:0:1')); // '2001:db8::1:0:0:1'
 * ```
 */
export function formatAddress(address: Address): string {
  requireAddress(address);
  return formatWords(address.family, address.words);
}

/** Throws unless a value has the shape of an address. */
export function requireAddress(address: Address): void {
  const family: unknown = address?.family;
  if (family !== 4 && family !== 6)
    throw new TypeError('expected a value from parseAddress or parsePrefix, with family 4 or 6');
  const count = wordsOf(family);
  if (!Array.isArray(address.words) || address.words.length !== count) {
    throw new TypeError(`an IPv${family} address has ${count} ${count === 1 ? 'word' : 'words'}`);
  }
  for (const word of address.words as unknown[]) {
    if (typeof word !== 'number' || word >>> 0 !== word) {
      throw new TypeError('the words of an address are unsigned 32-bit integers');
    }
  }
}

/**
 * Converts an IPv4-mapped IPv6 address (`::ffff:192.0.2.1` in any spelling) to the IPv4 address it stands for, and
 * returns every other address as it is.
 *
 * @param address - any address
 * @returns an IPv4 address, or the argument itself
 * @throws TypeError when the argument does not have the shape of an address
 * @remarks Policies and matchers do this themselves. Allocates one value for an IPv4-mapped address. RFC 4291 §2.5.5.2.
 * @example
 * ```ts
 * import { parseAddress, unmapAddress } from 'ipverdict';
 *
 * `${unmapAddress(parseAddress('::ffff:c000:201'))}`; // '192.0.2.1'
 * ```
 */
export function unmapAddress(address: Address): Address {
  requireAddress(address);
  const [first, second, third, last] = address.words;
  if (address.family === 4 || first !== 0 || second !== 0 || third !== 0xffff) return address;
  return new AddressValue(4, [last as number]);
}

/** A client as it was read: its canonical text, and the zone, which plays no part in decisions. */
interface Identity {
  readonly address: string | undefined;
  readonly zone: string | undefined;
}

/** Identifies a client. */
export function identify(client: unknown): Identity {
  const family = scanClient(client);
  if (family === 0) return { address: undefined, zone: undefined };
  const text = client as string;
  const percent = findZone(text);
  return { address: formatWords(family, scanned), zone: percent < 0 ? undefined : text.slice(percent + 1) };
}

/**
 * Canonical text of a client as a policy reads it: IPv4 for an IPv4-mapped one, without its zone. `undefined` for
 * anything that is not an address.
 */
export function canonicalClient(client: unknown): string | undefined {
  const family = scanClient(client);
  return family === 0 ? undefined : formatWords(family, scanned);
}

/**
 * The words of a client as a policy reads it, one for IPv4 and four for IPv6; `undefined` for anything that is not an
 * address. Allocates a copy, which outlives the next scan.
 */
export function clientWords(client: unknown): Int32Array | undefined {
  const family = scanClient(client);
  return family === 0 ? undefined : scanned.slice(0, wordsOf(family));
}
