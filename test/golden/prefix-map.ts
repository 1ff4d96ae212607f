/**
 * A slow longest-prefix match that is fast enough for a million prefixes: a map for each prefix length in use, asked
 * from the longest to the shortest. Prefixes are clear of host bits and none is IPv4-mapped.
 */

import { type GoldenAddress, goldenAddress } from './address.ts';

export class PrefixMap {
  readonly #maps: Map<string, number>[][] = [[], []];

  constructor(prefixes: readonly string[]) {
    prefixes.forEach((text, index) => {
      const [addressText, lengthText] = text.split('/') as [string, string?];
      const address = goldenAddress(addressText);
      if (address === undefined) throw new Error(`not a prefix: ${text}`);
      const bits = address.family === 4 ? 32 : 128;
      const length = lengthText === undefined ? bits : Number(lengthText);
      const maps = this.#mapsOf(address.family);
      maps[length] ??= new Map();
      const key = keyOf(address.value, bits - length);
      if (!maps[length].has(key)) maps[length].set(key, index);
    });
  }

  /** Index of the first of the longest prefixes that cover an address, or −1. */
  find({ family, value }: GoldenAddress): number {
    const bits = family === 4 ? 32 : 128;
    const maps = this.#mapsOf(family);
    for (let length = bits; length >= 0; length--) {
      const index = maps[length]?.get(keyOf(value, bits - length));
      if (index !== undefined) return index;
    }
    return -1;
  }

  #mapsOf(family: 4 | 6): Map<string, number>[] {
    return this.#maps[family === 4 ? 0 : 1] as Map<string, number>[];
  }
}

/** As text: a Map finds equal BigInts by their low 64 bits only, which IPv6 prefixes share. */
function keyOf(value: bigint, hostBits: number): string {
  return (value >> BigInt(hostBits)).toString(36);
}
