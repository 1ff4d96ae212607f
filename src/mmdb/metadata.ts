/**
 * The end of a MaxMind database: what it says about itself, and whether that can be.
 */

import { quote } from '../problem/say.ts';
import { Damage, type DamageReport } from './damage.ts';
import { FieldReader } from './decoder.ts';
import { MARKER, type MmdbValue, SEPARATOR_LENGTH } from './field.ts';

/** What a MaxMind database says about itself. Frozen. */
export interface MmdbMetadata {
  /** What its records are, such as `GeoLite2-Country`. */
  readonly databaseType: string;
  /** What it is for, by language. */
  readonly description: Readonly<Record<string, string>>;
  /** 4 when it has IPv4 networks alone, else 6. */
  readonly ipVersion: 4 | 6;
  /** Nodes in its tree. */
  readonly nodeCount: number;
  /** Bits of a record of its tree. */
  readonly recordSize: 24 | 28 | 32;
  /** When it was made, in seconds since 1970; `undefined` when no `Date` can be that late. */
  readonly buildEpoch: number | undefined;
}

/** A database whose parts have been found. */
export interface FoundParts {
  readonly metadata: MmdbMetadata;
  /** Bytes of the tree, which starts at 0. */
  readonly treeLength: number;
  readonly data: FieldReader;
}

/** The metadata with its marker is at most so long. */
const MOST_METADATA = 131_072;

/** The latest instant of a `Date`, in seconds. */
const LATEST = 8_640_000_000_000;

/**
 * Finds the parts of a database.
 *
 * @throws Damage when they cannot be found
 */
export function findParts(bytes: Uint8Array, report: DamageReport): FoundParts {
  const marker = findMarker(bytes);
  if (marker < 0) throw new Damage('not-mmdb', 0, refuse(bytes));
  const start = marker + MARKER.length;
  if (start === bytes.length) throw new Damage('truncated', start, 'the metadata is missing');
  const metadata = readMetadata(bytes, start, report);
  const { nodeCount, recordSize } = metadata;
  const treeLength = (nodeCount * recordSize) / 4;
  const dataStart = treeLength + SEPARATOR_LENGTH;
  if (dataStart > marker) {
    const message = `a tree of ${nodeCount} nodes takes ${treeLength} bytes, and there are only ${marker} before the metadata`;
    throw new Damage('truncated', marker, message);
  }
  // Where the tree ends is known from its number of nodes alone: here, a wrong one is found.
  for (let at = treeLength; at < dataStart; at++) {
    if (bytes[at] !== 0) throw new Damage('mmdb-tree', at, 'the tree does not end where its nodes do');
  }
  return { metadata, treeLength, data: new FieldReader(bytes, dataStart, marker) };
}

/** The last marker counts, as data may have the same bytes. */
function findMarker(bytes: Uint8Array): number {
  const first = Math.max(bytes.length - MOST_METADATA, 0);
  for (let at = bytes.length - MARKER.length; at >= first; at--) {
    if (MARKER.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

function refuse(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'there are no bytes';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'this is gzip: unpack it first';
  return 'there is no metadata of a MaxMind database: the file is of another kind, or only the start of one';
}

/** The fields of the metadata, by their names in the file. */
type Fields = Readonly<Record<string, MmdbValue>>;

function readMetadata(bytes: Uint8Array, start: number, report: DamageReport): MmdbMetadata {
  const refused = (message: string): Damage => new Damage('mmdb-metadata', start, message);
  const fields = readFields(bytes, start);
  const field = (name: string): MmdbValue | undefined =>
    Object.hasOwn(fields, name) ? fields[name] : undefined;
  const oneOf = <Value extends MmdbValue>(name: string, ...values: readonly Value[]): Value => {
    const value = field(name) as Value;
    if (values.includes(value)) return value;
    throw refused(`the metadata has ${name} ${nameValue(value)} where ${values.join(', ')} can be`);
  };
  oneOf('binary_format_major_version', 2);
  const nodeCount = field('node_count');
  if (typeof nodeCount !== 'number' || !(nodeCount > 0 && nodeCount < 2 ** 32 && nodeCount % 1 === 0))
    throw refused(`the metadata has node_count ${nameValue(nodeCount)}, which is not a number of nodes`);
  const databaseType = field('database_type');
  if (typeof databaseType !== 'string') throw refused('the metadata has no database_type');
  const epoch = field('build_epoch');
  const isInstant = typeof epoch === 'number' && epoch >= 0 && epoch <= LATEST && epoch % 1 === 0;
  if (!isInstant)
    report.add(
      refused(`the metadata has build_epoch ${nameValue(epoch)}, which is not an instant`),
      'warning',
    );
  return Object.freeze({
    databaseType,
    description: textsOf(field('description')),
    ipVersion: oneOf('ip_version', 4, 6),
    nodeCount,
    recordSize: oneOf('record_size', 24, 28, 32),
    buildEpoch: isInstant ? epoch : undefined,
  });
}

function readFields(bytes: Uint8Array, start: number): Fields {
  try {
    const fields = new FieldReader(bytes, start, bytes.length).valueAt(0);
    if (isMap(fields)) return fields;
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    throw new Damage('mmdb-metadata', thrown.at, `the metadata cannot be read: ${thrown.message}`);
  }
  throw new Damage('mmdb-metadata', start, 'the metadata is not a map');
}

function nameValue(value: MmdbValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'object' ? 'of another type' : quote(`${value}`);
}

/** Whether a value is a map. */
export function isMap(value: MmdbValue | undefined): value is Fields {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function textsOf(value: MmdbValue | undefined): Readonly<Record<string, string>> {
  const pairs = isMap(value) ? Object.entries(value) : [];
  const texts = pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.freeze(Object.fromEntries(texts));
}
