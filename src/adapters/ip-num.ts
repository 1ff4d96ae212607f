/**
 * For users of ip-num: converts its addresses and CIDR ranges to the values of ipverdict, and back.
 *
 * Needs the optional peer dependency `ip-num`.
 *
 * @packageDocumentation
 */

import { IPv4, IPv4CidrRange, IPv4Prefix, IPv6, IPv6CidrRange, IPv6Prefix } from 'ip-num';
import { type Address, formatAddress, parseAddress } from '../address/address.ts';
import { formatPrefix, type Prefix, parsePrefix } from '../address/prefix.ts';

/**
 * Converts an address or CIDR range of ip-num to an {@link Address} or a {@link Prefix}.
 *
 * A range becomes its network: ip-num keeps host bits in the text of a range, and they are cleared here. A zone is
 * dropped, because ip-num does not keep it in the value.
 *
 * @param value - an `IPv4`, `IPv6`, `IPv4CidrRange` or `IPv6CidrRange`
 * @returns a frozen value of the same family
 * @throws TypeError for anything else
 * @example
 * ```ts
 * import { IPv4, IPv6CidrRange } from 'ip-num';
 * import { fromIpNum } from 'ipverdict/ip-num';
 *
 * `${fromIpNum(new IPv4('192.0.2.1'))}`; // '192.0.2.1'
 * `${fromIpNum(IPv6CidrRange.fromCidr('2001:db8::1/32'))}`; // '2001:db8::/32'
 * ```
 */
export function fromIpNum(value: IPv4 | IPv6): Address;

export function fromIpNum(value: IPv4CidrRange | IPv6CidrRange): Prefix;

export function fromIpNum(value: IPv4 | IPv6 | IPv4CidrRange | IPv6CidrRange): Address | Prefix {
  if (value instanceof IPv4) return addressOf(4, value.getValue());
  if (value instanceof IPv6) return addressOf(6, value.getValue());
  if (value instanceof IPv4CidrRange) return prefixOf(4, value);
  if (value instanceof IPv6CidrRange) return prefixOf(6, value);
  throw new TypeError('expected an IPv4, IPv6, IPv4CidrRange or IPv6CidrRange from ip-num');
}

/**
 * Converts an {@link Address} or a {@link Prefix} to an address or CIDR range of ip-num.
 *
 * @param value - an address or prefix, as returned by the parsers of `ipverdict`
 * @returns `IPv4` or `IPv6` for an address, `IPv4CidrRange` or `IPv6CidrRange` for a prefix
 * @throws TypeError when the argument has neither shape
 * @example
 * ```ts
 * import { parseAddress } from 'ipverdict';
 * import { toIpNum } from 'ipverdict/ip-num';
 *
 * toIpNum(parseAddress('192.0.2.1')).getValue(); // 3221225985n
 * ```
 */
export function toIpNum(value: Prefix): IPv4CidrRange | IPv6CidrRange;

export function toIpNum(value: Address): IPv4 | IPv6;

export function toIpNum(value: Address | Prefix): IPv4 | IPv6 | IPv4CidrRange | IPv6CidrRange {
  // Formatting a value checks its shape.
  formatAddress(value);
  if (!('length' in value)) return value.family === 4 ? new IPv4(numberOf(value)) : new IPv6(numberOf(value));
  formatPrefix(value);
  const length = BigInt(value.length);
  return value.family === 4
    ? new IPv4CidrRange(new IPv4(numberOf(value)), IPv4Prefix.fromNumber(length))
    : new IPv6CidrRange(new IPv6(numberOf(value)), IPv6Prefix.fromNumber(length));
}

function numberOf({ words }: Address): bigint {
  return words.reduce((number, word) => (number << 32n) | BigInt(word), 0n);
}

function addressOf(family: 4 | 6, number: bigint): Address {
  return parseAddress(textOf(family, number));
}

function prefixOf(family: 4 | 6, range: IPv4CidrRange | IPv6CidrRange): Prefix {
  return parsePrefix(`${textOf(family, range.getFirst().getValue())}/${range.getPrefix().getValue()}`);
}

/** A number as plain text, for the one scanner to read. */
function textOf(family: 4 | 6, number: bigint): string {
  const [parts, bits, base, separator] = family === 4 ? [4, 8n, 10, '.'] : [8, 16n, 16, ':'];
  const text: string[] = [];
  for (let part = parts - 1; part >= 0; part--) {
    text.push(((number >> (BigInt(part) * bits)) & ((1n << bits) - 1n)).toString(base));
  }
  return text.join(separator);
}
