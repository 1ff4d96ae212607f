/**
 * The slow, readable twin of the entry scanner: an entry as runs of addresses, from BigInt arithmetic.
 */

import { goldenAddress, goldenText } from './address.ts';

export interface GoldenNetwork {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

const names: Record<string, readonly string[]> = {
  '@loopback': ['127.0.0.0/8', '::1'],
  '@private': ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  '@unique-local': ['fc00::/7'],
  '@link-local': ['169.254.0.0/16', 'fe80::/10'],
  '@shared': ['100.64.0.0/10'],
  '@documentation': ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  '@multicast': ['224.0.0.0/4', 'ff00::/8'],
  '@reserved': ['240.0.0.0/4'],
};

/** The networks of an entry, several for a name; `undefined` when the text is not an entry. */
export function goldenEntry(text: string): readonly GoldenNetwork[] | undefined {
  const named = Object.hasOwn(names, text) ? names[text] : undefined;
  if (named !== undefined) return named.flatMap((prefix) => goldenEntry(prefix) ?? []);
  const network = text.includes('/') ? goldenPrefix(text) : goldenRange(text);
  return network === undefined ? undefined : [network];
}

function goldenPrefix(text: string): GoldenNetwork | undefined {
  const [addressText, lengthText, ...rest] = text.split('/');
  const address = goldenAddress(addressText as string);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  if (!/^(0|[1-9][0-9]*)$/.test(lengthText as string) || Number(lengthText) > bits) return undefined;
  const length = Number(lengthText);
  const isMapped = address.family === 6 && address.value >> 32n === 0xffffn;
  if (isMapped && length < 96) return undefined;
  const size = 1n << BigInt(bits - length);
  const first = address.value - (address.value % size);
  return isMapped
    ? toIPv4(first, first + size - 1n)
    : { family: address.family, first, last: first + size - 1n };
}

function goldenRange(text: string): GoldenNetwork | undefined {
  const parts = text.split('-');
  if (parts.length > 2 || text !== text.replace(/^ +| +$/g, '')) return undefined;
  const ends = parts.map((part) => {
    const address = goldenAddress(part.replace(/^ +| +$/g, ''));
    if (address?.family === 6 && address.value >> 32n === 0xffffn) {
      return { family: 4 as const, value: address.value & 0xffffffffn };
    }
    return address;
  });
  const first = ends[0];
  const last = ends.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (first.family !== last.family || first.value > last.value) return undefined;
  return { family: first.family, first: first.value, last: last.value };
}

function toIPv4(first: bigint, last: bigint): GoldenNetwork {
  return { family: 4, first: first & 0xffffffffn, last: last & 0xffffffffn };
}

export function goldenCanonical(text: string): string | undefined {
  if (Object.hasOwn(names, text)) return text;
  const [network] = goldenEntry(text) ?? [];
  if (network === undefined) return undefined;
  const { family, first, last } = network;
  const size = last - first + 1n;
  if (size === 1n) return goldenText(family, first);
  const isPrefix = (size & (size - 1n)) === 0n && first % size === 0n;
  if (!isPrefix) return `${goldenText(family, first)}-${goldenText(family, last)}`;
  const bits = family === 4 ? 32 : 128;
  return `${goldenText(family, first)}/${bits - (size.toString(2).length - 1)}`;
}
