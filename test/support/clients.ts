/** Clients to ask about a list: at the edges of its entries, inside of them, anywhere, and in IPv4-mapped spelling. */

import { goldenText } from '../golden/address.ts';
import { goldenEntry } from '../golden/entry.ts';
import { numbersFrom } from './hostile-lists.ts';

const TOP = { 4: 0xffff_ffffn, 6: (1n << 128n) - 1n } as const;
const BLOCK = 0xffffn << 32n;

function isMapped(family: 4 | 6, value: bigint): boolean {
  return family === 6 && value >> 32n === 0xffffn;
}

/**
 * Different clients in a fixed order.
 *
 * @param entries - the texts of entries; for a set of addresses, its prefixes
 * @param anywhere - how many of each family to add from anywhere
 * @param except - clients that an engine cannot be asked about
 */
export function clientsOf(
  entries: Iterable<string>,
  anywhere = 20,
  except: (client: string) => boolean = () => false,
): string[] {
  const next = numbersFrom(anywhere);
  const clients = new Set<string>();
  const random = (bits: number): bigint => {
    let value = 0n;
    for (let done = 0; done < bits; done += 16) value = (value << 16n) | BigInt(next() & 0xffff);
    return value;
  };
  const add = (family: 4 | 6, value: bigint): void => {
    if (value < 0n || value > TOP[family] || isMapped(family, value)) return;
    clients.add(goldenText(family, value));
    if (family === 4 && (next() & 3) === 0) clients.add(goldenText(6, BLOCK | value));
  };
  for (const text of entries) {
    for (const { family, first, last } of goldenEntry(text) ?? []) {
      for (const edge of [first - 1n, first, last, last + 1n]) add(family, edge);
      add(family, first + (random(128) % (last - first + 1n)));
    }
  }
  for (let count = 0; count < anywhere; count++) {
    add(4, random(32));
    add(6, random(128));
    add(6, (0x2002n << 112n) | random(112));
    add(6, random(32));
  }
  return [...clients].filter((client) => !except(client));
}
