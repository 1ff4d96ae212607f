/**
 * What data of a MaxMind database is made of: fields, each with a type and a size.
 */

import type { BigInteger } from './integers.ts';

/**
 * What a network of a MaxMind database has: a map, mostly. Whole numbers above 2^53 are of the type `bigint`, all others
 * of the type `number`.
 */
export type MmdbValue =
  | string
  | number
  | BigInteger
  | boolean
  | Uint8Array
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue };

/** The types of fields, as the format numbers them. */
export const fieldType = {
  extended: 0,
  pointer: 1,
  text: 2,
  double: 3,
  bytes: 4,
  uint16: 5,
  uint32: 6,
  map: 7,
  int32: 8,
  uint64: 9,
  uint128: 10,
  array: 11,
  boolean: 14,
  float: 15,
} as const;

/** A control byte holds types up to this one; others are in the next byte, less this. */
export const LAST_SHORT_TYPE = 7;

/** Sizes up to this one are in the control byte; then one, two or three bytes hold what is above each of these numbers. */
export const SIZE_STEPS: readonly [number, number, number] = [29, 285, 65_821];

/** The largest size of a field. */
export const MOST_SIZE: number = 65_821 + 0xff_ffff;

/** What a pointer of two, three and four bytes begins at; one of five bytes holds any offset. */
export const POINTER_STEPS: readonly [number, number, number, number] = [0, 2048, 526_336, 134_744_064];

/** Maps and arrays inside one another: as many as MaxMind's own library follows. */
export const MOST_DEPTH = 512;

/** Between the tree and the data. */
export const SEPARATOR_LENGTH = 16;

/** What stands before the metadata: `\xAB\xCD\xEFMaxMind.com`. */
export const MARKER: readonly number[] = [
  0xab, 0xcd, 0xef, 0x4d, 0x61, 0x78, 0x4d, 0x69, 0x6e, 0x64, 0x2e, 0x63, 0x6f, 0x6d,
];
