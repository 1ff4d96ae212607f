/**
 * MaxMind databases written by hand, byte by byte, so that they can be wrong in any way; and the programs that read them.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reader, type Response } from 'mmdb-lib';

type Bytes = readonly number[];

/** The control bytes of a field. */
function head(type: number, size: number): number[] {
  const steps = [29, 285, 65_821].filter((start) => size >= start);
  const bits = steps.length === 0 ? size : 28 + steps.length;
  const rest = size - (steps.at(-1) ?? size);
  const sizes = Array.from(
    { length: steps.length },
    (_, byte) => (rest >> (8 * (steps.length - 1 - byte))) & 255,
  );
  return type > 7 ? [bits, type - 7, ...sizes] : [(type << 5) | bits, ...sizes];
}

/** Fields of data. */
export const field: {
  /** The control bytes of a field: its type and size. */
  head(type: number, size: number): number[];
  text(text: string): number[];
  /** A number of a type, byte by byte. */
  uint(type: number, ...bytes: number[]): number[];
  /** Keys and values in turn. */
  map(...fields: Bytes[]): number[];
  array(...fields: Bytes[]): number[];
  /** A pointer of five bytes. */
  pointer(target: number): number[];
} = {
  head,
  text: (text: string): number[] => {
    const bytes = [...Buffer.from(text)];
    return [...head(2, bytes.length), ...bytes];
  },
  uint: (type: number, ...bytes: number[]): number[] => [...head(type, bytes.length), ...bytes],
  map: (...fields: Bytes[]): number[] => [...head(7, fields.length / 2), ...fields.flat()],
  array: (...fields: Bytes[]): number[] => [...head(11, fields.length), ...fields.flat()],
  pointer: (target: number): number[] => [
    0x38,
    target >>> 24,
    (target >>> 16) & 255,
    (target >>> 8) & 255,
    target & 255,
  ],
};

const uint32 = (value: number): number[] =>
  field.uint(6, value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);

export const marker: Bytes = [0xab, 0xcd, 0xef, ...Buffer.from('MaxMind.com')];

/** The metadata of a database, by name. */
export function metadataOf(nodeCount: number, ipVersion: number, recordSize = 24): Record<string, Bytes> {
  return {
    node_count: uint32(nodeCount),
    record_size: field.uint(5, recordSize),
    ip_version: field.uint(5, ipVersion),
    database_type: field.text('Test'),
    languages: field.array(field.text('en')),
    binary_format_major_version: field.uint(5, 2),
    binary_format_minor_version: field.uint(5),
    build_epoch: field.uint(9, 0x65, 0, 0, 0),
    description: field.map(field.text('en'), field.text('A test')),
  };
}

/** A record of a tree: another node, nothing, or data at an offset. */
export type TreeRecord =
  | { readonly node: number }
  | { readonly data: number }
  | { readonly raw: number }
  | undefined;

/** A database with records of 24 bits. */
export function makeMmdb({
  nodes,
  data = [],
  ipVersion = 4,
  separator = new Array<number>(16).fill(0),
  metadata = metadataOf(nodes.length, ipVersion),
}: {
  readonly nodes: readonly (readonly [TreeRecord, TreeRecord])[];
  readonly data?: Bytes;
  readonly ipVersion?: number;
  readonly separator?: Bytes;
  readonly metadata?: Record<string, Bytes>;
}): Uint8Array {
  const numberOf = (record: TreeRecord): number => {
    if (record === undefined) return nodes.length;
    if ('raw' in record) return record.raw;
    return 'node' in record ? record.node : nodes.length + 16 + record.data;
  };
  const tree = new Uint8Array(nodes.length * 6);
  nodes.flat().forEach((record, at) => {
    const value = numberOf(record);
    tree.set([value >> 16, (value >> 8) & 255, value & 255], at * 3);
  });
  const fields = Object.entries(metadata).flatMap(([name, bytes]) => [field.text(name), bytes]);
  return Uint8Array.from([...tree, ...separator, ...data, ...marker, ...field.map(...fields)]);
}

/** The nodes down the bits of an IPv6 prefix, with a record at its end. They begin at a number. */
export function pathTo(bits: string, record: TreeRecord): [TreeRecord, TreeRecord][] {
  return [...bits].map((bit, at) => {
    const next = at + 1 === bits.length ? record : { node: at + 1 };
    return bit === '0' ? [next, undefined] : [undefined, next];
  });
}

/** A database as npm's `mmdb-lib` reads it. */
export function readerOf(bytes: Uint8Array): { get(address: string): unknown } {
  return new Reader<Response>(Buffer.from(bytes));
}

/** Whether there is an `mmdblookup` on this machine. Where there is none, it says what is left out. */
export function hasLookup(what: string): boolean {
  const isThere = spawnSync('mmdblookup', ['--version']).status === 0;
  if (!isThere) process.stderr.write(`mmdblookup is not installed: ${what} is left out.\n`);
  return isThere;
}

/** What `mmdblookup` prints for each address at a path of the record, such as `verdict`; undefined where there is nothing. */
export function lookUp(
  bytes: Uint8Array,
  addresses: readonly string[],
  path: string,
): (string | undefined)[] {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  try {
    const file = join(folder, 'test.mmdb');
    writeFileSync(file, bytes);
    writeFileSync(join(folder, 'addresses'), addresses.map((address) => `${address}\n`).join(''));
    const loop =
      'while read -r address; do mmdblookup -f "$0" -i "$address" "$1" 2>&1 | tr "\\n" " "; echo; done';
    const { stdout } = spawnSync('sh', ['-c', `${loop} < "$2"`, file, path, join(folder, 'addresses')], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    const lines = stdout.split('\n').slice(0, -1);
    if (lines.length !== addresses.length)
      throw new Error(`${lines.length} answers: ${stdout.slice(0, 500)}`);
    return lines.map((line) => /"(.*)" <utf8_string>/.exec(line)?.[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
