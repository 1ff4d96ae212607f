/**
 * What a snapshot says about each list: how many entries it has, whether they begin or end, and, of rules, what they do and
 * are called.
 */

import type { EntryTable, Mode } from '../list/table.ts';
import type { WarningCode } from '../list/warnings.ts';
import { corrupt } from './error.ts';
import { decodeStrictly, encodeText } from './texts.ts';
import type { ByteReader, ByteWriter } from './varint.ts';

/** A list: the active one or that of a rule, what a rule leaves out, or, as the last one, the exemptions. */
export interface Row {
  readonly size: number;
  /** Whether entries begin or end. */
  readonly hasTimes: boolean;
  /** Whether any entry is on another line than that of its own number. */
  readonly hasLines: boolean;
  readonly mode: Mode;
  /** Whether it is what the rule before leaves out. */
  readonly isExcept: boolean;
  /** The name of the rule, if it has one. */
  readonly name: string | undefined;
}

const HAS_TIMES = 1;
const HAS_LINES = 2;
const ALLOWS = 4;
const IS_EXCEPT = 8;
const HAS_NAME = 16;

export function rowOf(table: EntryTable, mode: Mode, name?: string): Row {
  let hasLines = false;
  for (let index = 0; index < table.size && !hasLines; index++) hasLines = table.line(index) !== index + 1;
  const hasTimes = table.instant !== undefined;
  return { size: table.size, hasTimes, hasLines, mode, isExcept: table.list === 'except', name };
}

export function writeRow(writer: ByteWriter, { size, hasTimes, hasLines, mode, isExcept, name }: Row): void {
  writer.write(size);
  const bits: readonly (readonly [boolean, number])[] = [
    [hasTimes, HAS_TIMES],
    [hasLines, HAS_LINES],
    [mode === 'allow', ALLOWS],
    [isExcept, IS_EXCEPT],
    [name !== undefined, HAS_NAME],
  ];
  writer.write(bits.reduce((sum, [isSet, bit]) => sum + (isSet ? bit : 0), 0));
  if (name === undefined) return;
  const bytes = encodeText(name);
  writer.write(bytes.length);
  writer.writeBytes(bytes);
}

/** @param most - the most entries that it can have */
export function readRow(reader: ByteReader, most: number): Row {
  const size = reader.read(most);
  const bits = reader.read(31);
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const name = has(HAS_NAME) ? decodeStrictly(reader.readBytes(reader.read())) : undefined;
  if (has(HAS_TIMES) && size === 0) throw corrupt('a list without entries has times');
  return {
    size,
    hasTimes: has(HAS_TIMES),
    hasLines: has(HAS_LINES),
    mode: has(ALLOWS) ? 'allow' : 'deny',
    isExcept: has(IS_EXCEPT),
    name,
  };
}

/** The codes of warnings, as a snapshot numbers them. */
export const warningCodes: readonly WarningCode[] = [
  'host-bits-set',
  'duplicate',
  'covers-everything',
  'excludes-ipv4',
];
