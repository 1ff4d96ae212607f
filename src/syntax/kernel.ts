/**
 * What sets in the kernel of Linux have in common: each is of one family, and is asked about the sources of packets.
 */

import { scanEntry, span } from '../address/entry.ts';
import type { Family } from '../address/scanner.ts';
import type { Importing } from '../exchange/importing.ts';

/** An address as it is written, and where. */
export interface Placed {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Whether an entry means in a list what it means in a set of a family, which is 0 when the file does not say. What would mean
 * something else is reported; what is not an entry at all is left to the import.
 */
export function isOfFamily(importing: Importing, family: Family | 0, { value, start, end }: Placed): boolean {
  if (!scanEntry(value, 0, value.length)) return true;
  const isIPv6 = value.includes(':');
  if (isIPv6 && span.family === 4) {
    const message = 'no packet comes from an IPv4-mapped address: as an entry it would mean the IPv4 address';
    importing.warn(start, end, 'skipped', message);
    return false;
  }
  if (family === 0 || isIPv6 === (family === 6)) return true;
  importing.error(start, end, 'syntax', `a set of IPv${family} addresses cannot have this one`);
  return false;
}
