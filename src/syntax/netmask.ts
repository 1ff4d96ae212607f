/**
 * Netmasks: `192.0.2.0/255.255.255.0`, which lists of this package do not take.
 */

import { scanEntry, span } from '../address/entry.ts';

/** A prefix instead of an address with a netmask, or the mask that was perhaps meant where it is none. */
export type Netmask =
  | { readonly prefix: string; readonly inverse?: undefined }
  | { readonly prefix?: undefined; readonly inverse: string };

/**
 * Reads the netmask of an IPv4 address.
 *
 * @returns `undefined` when `mask` is not an address, and so may be a prefix length or anything else
 */
export function readNetmask(address: string, mask: string): Netmask | undefined {
  const isMask = !address.includes(':') && mask.includes('.') && !mask.includes('/') && !mask.includes('-');
  if (!isMask || !scanEntry(mask, 0, mask.length)) return undefined;
  const bits = span.first[0] as number;
  const length = Math.clz32(~bits);
  if (length === 32 || bits << length === 0) return { prefix: `${address}/${length}` };
  const octets = [24, 16, 8, 0].map((shift) => (~bits >>> shift) & 0xff);
  return { inverse: octets.join('.') };
}
