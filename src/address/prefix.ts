/**
 * The `Prefix` value, and the canonical text of any entry.
 */

import { fault, ParseError } from '../problem/errors.ts';
import { requireAddress, requireText } from './address.ts';
import { alone } from './advice.ts';
import { findSlash, formatSpan, scanEntry, scanPlainPrefix, span } from './entry.ts';
import { entryFaultOf, findPrefixFault } from './entry-fault.ts';
import { findAddressFault } from './fault.ts';
import { findNetwork } from './names.ts';
import { type Family, wordsOf } from './scanner.ts';
import { bitsOf, formatWords, hostMask } from './words.ts';

/**
 * One network: a small frozen value. Its host bits are zero.
 */
export interface Prefix {
  /** 4 or 6. */
  readonly family: Family;
  /** The network address as unsigned 32-bit words in network byte order: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
  /** Prefix length in bits: 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly length: number;
  /** The canonical text, `address/length`. */
  toString(): string;
}

class PrefixValue implements Prefix {
  readonly family: Family;
  readonly words: readonly number[];
  readonly length: number;
  constructor(family: Family, words: number[], length: number) {
    this.family = family;
    this.words = Object.freeze(words);
    this.length = length;
    Object.freeze(this);
  }
  toString(): string {
    return formatPrefix(this);
  }
}

/**
 * Reads a prefix, `address/length`, and clears its host bits.
 *
 * - Refused: a missing length, netmasks, signs, leading zeros, blanks, zones.
 * - Kept as written: an IPv4-mapped prefix stays IPv6, whatever its length.
 *
 * @param text - the text of one prefix and nothing else
 * @returns a frozen value whose host bits are zero
 * @throws {@link ParseError} with `prefix-length-missing`, `prefix-length-invalid`, `prefix-length-range`, or, for the
 *   address before the slash, a code of {@link parseAddress}
 * @remarks Linear in the length of the text; allocates the value and its words. RFC 4291 §2.3, RFC 4632 §3.1.
 * @example
 * ```ts
 * import { parsePrefix } from 'ipverdict';
 *
 * `${parsePrefix('192.0.2.77/24')}`; // '192.0.2.0/24'
 * ```
 */
export function parsePrefix(text: string): Prefix {
  const prefix = tryParsePrefix(text);
  if (prefix !== undefined) return prefix;
  requireText(text);
  const slash = text.indexOf('/');
  if (slash < 0) {
    const missing = fault(
      'prefix-length-missing',
      text,
      text.length,
      text.length,
      'a prefix is written address/length',
    );
    throw new ParseError(text, findAddressFault(text, 0, text.length) ?? missing);
  }
  throw new ParseError(text, findPrefixFault(text) ?? entryFaultOf(text, 0, text.length));
}

/**
 * Reads a prefix like {@link parsePrefix}, but returns `undefined` where that throws.
 *
 * @param text - the text of one prefix and nothing else
 * @returns a frozen value, or `undefined`
 * @remarks Never throws, not even for a value that is not a string.
 * @example
 * ```ts
 * import { tryParsePrefix } from 'ipverdict';
 *
 * tryParsePrefix('10.0.0.0/'); // undefined
 * ```
 */
export function tryParsePrefix(text: string): Prefix | undefined {
  if (typeof text !== 'string') return undefined;
  const slash = findSlash(text, 0, text.length);
  if (slash < 0 || !scanPlainPrefix(text, 0, slash, text.length)) return undefined;
  const words: number[] = [];
  for (let word = 0; word < wordsOf(span.family); word++) words.push((span.first[word] as number) >>> 0);
  return new PrefixValue(span.family, words, span.length);
}

/**
 * Formats a prefix as its canonical text: the network address (RFC 5952), a slash, and the prefix length.
 *
 * @param prefix - a prefix from {@link parsePrefix}, or any object of the same shape
 * @returns the canonical text; {@link parsePrefix} reads it back to an equal value
 * @throws TypeError when the argument does not have the shape of a prefix, or has host bits set
 * @remarks Allocates only the text.
 * @example
 * ```ts
 * import { formatPrefix, parsePrefix } from 'ipverdict';
 *
 * formatPrefix(parsePrefix('2001:db8:abcd:0012::0/64')); // '2001:db8:abcd:12::/64'
 * ```
 */
export function formatPrefix(prefix: Prefix): string {
  requirePrefix(prefix);
  return `${formatWords(prefix.family, prefix.words)}/${prefix.length}`;
}

/** Throws unless a value has the shape of a prefix with zero host bits. */
function requirePrefix(prefix: Prefix): void {
  requireAddress(prefix);
  const { family, words, length } = prefix;
  if (!Number.isInteger(length) || length < 0 || length > bitsOf(family)) {
    throw new TypeError(`an IPv${family} prefix length is a whole number from 0 to ${bitsOf(family)}`);
  }
  if (words.some((word, index) => (word & hostMask(length, index)) !== 0)) {
    throw new TypeError('the host bits of a prefix must be zero');
  }
}

/**
 * Returns the canonical text of an entry: an address, prefix, range or named network. Two entries are the same if and
 * only if their canonical texts are equal.
 *
 * - Normalised: host bits are cleared; a prefix of one address becomes the bare address; a range that is exactly a
 *   prefix becomes that prefix; IPv4-mapped entries of /96 or longer become IPv4.
 * - Refused: everything that is refused in a line of a list, and also blanks around the entry, notes and comments.
 *
 * @param text - the text of one entry and nothing else
 * @returns the canonical text, which this function returns unchanged
 * @throws {@link ParseError} with the codes of {@link parseAddress} and {@link parsePrefix}, `mapped-prefix-too-short`,
 *   `range-reversed`, `range-families` or `unknown-network`
 * @remarks Linear in the length of the text. RFC 5952, RFC 4632 §3.1.
 * @example
 * ```ts
 * import { normalize } from 'ipverdict';
 *
 * normalize('10.1.2.3/8'); // '10.0.0.0/8'
 * normalize('192.0.2.0 - 192.0.2.255'); // '192.0.2.0/24'
 * normalize('::ffff:192.0.2.1/128'); // '192.0.2.1'
 * ```
 */
export function normalize(text: string): string {
  requireText(text);
  const canonical = tryNormalize(text);
  if (canonical !== undefined) return canonical;
  throw new ParseError(text, entryFaultOf(text, 0, text.length, alone));
}

/** Canonical text of an entry, or `undefined` where {@link normalize} throws. */
export function tryNormalize(text: string): string | undefined {
  if (findNetwork(text) !== undefined) return text;
  return scanEntry(text, 0, text.length) ? formatSpan() : undefined;
}
