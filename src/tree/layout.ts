/**
 * How a tree is laid out: how wide its roots are, and by which field of an address a block is divided.
 */

import type { Family } from '../address/scanner.ts';
import { HALF, TWELVE } from './radix.ts';

/** Choices that change the shape, size and speed of a tree, but never its answers. */
export interface Layout {
  /** Width of a family's root in bits for a number of runs: 1 to 16 for IPv4, 1 to 13 for IPv6. */
  readonly rootWidth: (runs: number, family: Family) => number;
  /** The number of runs at which a block is divided by a half word, or by twelve bits; IPv6 only. */
  readonly runsOfHalf: number;
  readonly runsOfTwelve: number;
  /** The most words that the bitmaps of these wider fields may cost each run, on the whole way down. */
  readonly wordsOfWider: number;
}

/**
 * From here on, a wider IPv4 root spares a list most of its branches, and with them half the branch mispredictions. Below,
 * its memory would count in a process with thousands of lists.
 */
const RUNS_OF_WIDE_ROOT = 512;

/**
 * The root of IPv4 has two to four values per run, or eight to sixteen where there are many; that of IPv6, whose
 * branches cost more, always eight to sixteen. Where hundreds of networks share their first 16 or 32 bits, as they do
 * under the prefixes of the registries, a wider branch saves a step; from these numbers on, its 16 KB or 1 KB are at
 * most 32 bytes per run. A list can be made in which the same runs share block after block; it gets no more than two
 * and a half of these.
 */
export const usualLayout: Layout = {
  rootWidth: (runs, family) => {
    if (runs === 1) return 1;
    const bits = 32 - Math.clz32(runs - 1);
    if (family === 6) return Math.min(13, bits + 3);
    return runs < RUNS_OF_WIDE_ROOT ? bits + 1 : Math.min(16, bits + 3);
  },
  runsOfHalf: 512,
  runsOfTwelve: 32,
  wordsOfWider: 20,
};

/** Width in bits of a field, its first bit, its kind, and what the blocks inside may still spend on wider ones. */
type Field = readonly [bits: number, offset: number, kind: number, spare: number];

/** The field that divides a block of IPv6, which has `spare` words left for each of its runs. */
export function chooseField(layout: Layout, length: number, runs: number, spare: number): Field {
  const half = length >>> 4;
  // Rounded up: a fraction in a field of a block would be one more object for each.
  const ofHalf = spare - Math.ceil(4096 / runs);
  if (runs >= layout.runsOfHalf && ofHalf >= 0) return [16, half * 16, HALF + half, ofHalf];
  const isTwelve = half >= 1 && half <= 3 && (length & 15) < 4;
  const ofTwelve = spare - Math.ceil(256 / runs);
  if (isTwelve && runs >= layout.runsOfTwelve && ofTwelve >= 0)
    return [12, half * 16, TWELVE + half - 1, ofTwelve];
  return byteOf(length, spare);
}

/** The byte in which a block is divided otherwise. */
export function byteOf(length: number, spare: number): Field {
  return [8, length & ~7, length >>> 3, spare];
}
