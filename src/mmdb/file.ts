/**
 * A MaxMind database as bytes: the tree, the data, and the metadata.
 */

import { encodeText } from '../snapshot/texts.ts';
import { fieldType, MARKER, SEPARATOR_LENGTH } from './field.ts';
import { bytesOfInteger } from './integers.ts';
import { TO_IPV4 } from './layout.ts';
import type { Nodes } from './nodes.ts';
import { ByteSink } from './sink.ts';
import type { ValueWriter } from './values.ts';

/** What the caller says about the database. */
interface About {
  readonly databaseType: string;
  readonly description: string;
  /** In seconds since 1970. */
  readonly buildEpoch: number;
}

/** The sizes of records that every program reads, in bits. */
const RECORD_SIZES = [24, 28, 32] as const;

/**
 * Writes all parts.
 *
 * @param ipv4 - what stands for {@link TO_IPV4}
 * @param smallest - the smallest size of a record
 * @returns `undefined` when no record could hold where the data is
 */
export function encodeFile(
  nodes: Nodes,
  ipv4: number,
  values: ValueWriter,
  about: About,
  smallest: (typeof RECORD_SIZES)[number] = 24,
): Uint8Array | undefined {
  const { count } = nodes;
  const records = valuesOfRecords(nodes, ipv4, values);
  const data = values.view();
  // No record leads further than to the end of the data.
  const recordSize = RECORD_SIZES.find(
    (size) => size >= smallest && count + SEPARATOR_LENGTH + data.length <= 2 ** size,
  );
  if (recordSize === undefined) return undefined;
  const treeLength = (count * recordSize) / 4;
  const metadata = encodeMetadata(about, count, recordSize);
  const length = treeLength + SEPARATOR_LENGTH + data.length + MARKER.length + metadata.length;
  const bytes = new Uint8Array(length);
  writeRecords(bytes, records, recordSize);
  bytes.set(data, treeLength + SEPARATOR_LENGTH);
  bytes.set(MARKER, length - metadata.length - MARKER.length);
  bytes.set(metadata, length - metadata.length);
  return bytes;
}

/** The values that the records have in the file. Writes the data that they lead to. */
function valuesOfRecords(nodes: Nodes, ipv4: number, values: ValueWriter): Uint32Array {
  const { count } = nodes;
  const given = nodes.records.view();
  const records = new Uint32Array(given.length);
  for (let at = 0; at < given.length; at++) {
    const record = given[at] === TO_IPV4 ? ipv4 : (given[at] as number);
    if (record < 0) records[at] = ~record;
    else records[at] = record === 0 ? count : count + SEPARATOR_LENGTH + values.offsetOf(record - 1);
  }
  return records;
}

function writeRecords(bytes: Uint8Array, records: Uint32Array, recordSize: number): void {
  let to = 0;
  const put24 = (value: number): void => {
    bytes[to++] = value >>> 16;
    bytes[to++] = value >>> 8;
    bytes[to++] = value;
  };
  for (let at = 0; at < records.length; at += 2) {
    const [left, right] = [records[at] as number, records[at + 1] as number];
    if (recordSize === 32) bytes[to++] = left >>> 24;
    put24(left);
    if (recordSize === 28) bytes[to++] = ((left >>> 20) & 0xf0) | (right >>> 24);
    if (recordSize === 32) bytes[to++] = right >>> 24;
    put24(right);
  }
}

function encodeMetadata(
  { databaseType, description, buildEpoch }: About,
  nodeCount: number,
  recordSize: number,
): Uint8Array {
  const sink = new ByteSink();
  const addText = (text: string): void => {
    const bytes = encodeText(text);
    sink.addHead(fieldType.text, bytes.length);
    sink.add(bytes);
  };
  const addInteger = (key: string, type: number, value: number): void => {
    addText(key);
    const bytes = bytesOfInteger(value) as Uint8Array;
    sink.addHead(type, bytes.length);
    sink.add(bytes);
  };
  sink.addHead(fieldType.map, 9);
  addInteger('binary_format_major_version', fieldType.uint16, 2);
  addInteger('binary_format_minor_version', fieldType.uint16, 0);
  addInteger('build_epoch', fieldType.uint64, buildEpoch);
  addText('database_type');
  addText(databaseType);
  addText('description');
  sink.addHead(fieldType.map, 1);
  addText('en');
  addText(description);
  addInteger('ip_version', fieldType.uint16, 6);
  addText('languages');
  sink.addHead(fieldType.array, 1);
  addText('en');
  addInteger('node_count', fieldType.uint32, nodeCount);
  addInteger('record_size', fieldType.uint16, recordSize);
  return sink.view();
}
