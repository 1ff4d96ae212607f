/**
 * Small universes: a few cells of an address space, all of which can be asked. Some have single addresses for cells, at
 * the bottom, in the middle or at the top of the space; others divide the whole space; and one lies around the
 * IPv4-mapped block of IPv6.
 */

import fc from 'fast-check';
import { goldenText } from '../golden/address.ts';
import { goldenEntry } from '../golden/entry.ts';

export interface Universe {
  readonly name: string;
  readonly family: 4 | 6;
  readonly base: bigint;
  /** log2 of the number of addresses in a cell. */
  readonly cellBits: number;
}

/** Number of cells in every universe. */
export const CELLS = 16;
const CELL_LEVELS = 4;

export const universes: readonly Universe[] = [
  { name: 'the bottom of IPv4', family: 4, base: 0n, cellBits: 0 },
  { name: 'a network of IPv4', family: 4, base: 0xc0000210n, cellBits: 0 },
  { name: 'the top of IPv4', family: 4, base: 0xfffffff0n, cellBits: 0 },
  { name: 'all of IPv4', family: 4, base: 0n, cellBits: 28 },
  { name: 'the bottom of IPv6', family: 6, base: 0n, cellBits: 0 },
  { name: 'a word of IPv6', family: 6, base: 0x20010db8_fffffff0n << 64n, cellBits: 64 },
  { name: 'the top of IPv6', family: 6, base: (1n << 128n) - 16n, cellBits: 0 },
  { name: 'all of IPv6', family: 6, base: 0n, cellBits: 124 },
  { name: 'around the mapped block', family: 6, base: 0xfff8n << 32n, cellBits: 32 },
];

export function firstOfCell({ base, cellBits }: Universe, cell: number): bigint {
  return base + (BigInt(cell) << BigInt(cellBits));
}

export function lastOfCell(universe: Universe, cell: number): bigint {
  return firstOfCell(universe, cell + 1) - 1n;
}

/** First and last address of every cell. */
export function addressesOf(universe: Universe): bigint[] {
  return Array.from({ length: CELLS }, (_, cell) => [
    firstOfCell(universe, cell),
    lastOfCell(universe, cell),
  ]).flat();
}

/** An entry whose edges are edges of cells; an entry that would cross families is one address instead. */
export function entryIn(universe: Universe): fc.Arbitrary<string> {
  const { family, cellBits } = universe;
  const bits = family === 4 ? 32 : 128;
  const text = (first: bigint, end: string): string => {
    const written = `${goldenText(family, first)}${end}`;
    const [network] = goldenEntry(written) ?? [];
    return network?.family === family ? written : goldenText(family, firstOfCell(universe, 0));
  };
  const cell = fc.nat(CELLS - 1);
  const prefix = fc.tuple(cell, fc.integer({ min: 0, max: CELL_LEVELS })).map(([at, level]) => {
    const first = firstOfCell(universe, (at >> level) << level);
    return text(first, `/${bits - cellBits - level}`);
  });
  const range = fc.tuple(cell, cell).map(([one, other]) => {
    const last = lastOfCell(universe, Math.max(one, other));
    return text(firstOfCell(universe, Math.min(one, other)), `-${goldenText(family, last)}`);
  });
  return fc.oneof({ weight: 3, arbitrary: prefix }, { weight: 1, arbitrary: range });
}

/** Entries of a universe, sometimes with others from anywhere among them. */
export function entriesIn(universe: Universe, others: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  return fc.array(fc.oneof({ weight: 8, arbitrary: entryIn(universe) }, { weight: 1, arbitrary: others }), {
    maxLength: 10,
  });
}
