/**
 * IPv6 entries that look like IPv4 entries. An IPv4 address can be embedded in an IPv6 address in several ways, and only
 * one of them, IPv4-mapped, is that IPv4 client. An entry written in another way matches no IPv4 client.
 */

import { compareAt, formatInterval, NOT_A_PREFIX } from '../address/words.ts';
import { Coverage } from '../space/coverage.ts';
import { PART_OF_NAME } from '../space/intervals.ts';
import type { PlannedList } from './fixes.ts';
import type { Report } from './rules.ts';

/**
 * Names the block of /96 that all addresses of an IPv6 entry are in, if an IPv4 address is written in its last bits.
 * 6to4 and Teredo are left out, as their authors hardly mean IPv4 clients.
 */
function nameBlock(words: Int32Array, at: number): string | undefined {
  const [first, second, third] = [words[at], words[at + 1], words[at + 2]];
  // The well-known prefix 64:ff9b::/96.
  if (first === 0x64_ff9b && second === 0 && third === 0) return 'of NAT64, RFC 6052 §2.1';
  if (first !== 0 || second !== 0) return undefined;
  if (third === 0) return 'that is IPv4-compatible, RFC 4291 §2.5.5.1';
  // ::ffff:0:0:0/96; words are signed.
  if (third === -0x1_0000) return 'that is IPv4-translated, RFC 2765 §2.1';
  // Nothing else is assigned there: it is one of the three with a group that was mistyped.
  return 'that is not IPv4-mapped, RFC 4291 §2.5.5.2';
}

/**
 * Finds IPv6 entries with an IPv4 address embedded, whose IPv4 clients the list does not cover anyway. What would be
 * 0.0.0.0/8 is left out: these are addresses such as `::1`, in which nobody means IPv4.
 */
export function checkEmbedded({ families }: PlannedList, report: Report): void {
  const [ipv4, { count, firsts, lasts, lengths, owners }] = families;
  const covered = new Coverage(ipv4);
  for (let index = 0; index < count; index++) {
    const at = index * 4;
    const block = nameBlock(firsts, at);
    if (block === undefined || lengths[index] === PART_OF_NAME) continue;
    if (compareAt(firsts.subarray(at, at + 3), 0, lasts.subarray(at, at + 3), 0, 3) !== 0) continue;
    const first = firsts.slice(at + 3, at + 4);
    const last = lasts.slice(at + 3, at + 4);
    if ((last[0] as number) >>> 24 === 0 || covered.covers(first, last)) continue;
    const length = lengths[index] as number;
    const meant = formatInterval(4, first, last, length === NOT_A_PREFIX ? length : length - 96);
    const message = `matches no IPv4 client, as it is an IPv6 entry ${block}: write ${meant} if you mean IPv4 clients`;
    report('ipv4-look-alike', owners[index] as number, message);
  }
}
