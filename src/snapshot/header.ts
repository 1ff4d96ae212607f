/**
 * The first part of a snapshot: what it is, what it holds, and where its sections are. `docs/snapshot-format.md` says it
 * byte by byte.
 *
 * All numbers are little-endian, whatever the machine. Sections follow each other in the order of their numbers, each at
 * the next multiple of 16 bytes, so that there is one place for each byte, and none for a byte that means nothing.
 */

import { describeType } from '../problem/say.ts';
import { contentHash, mixContent, seal } from './checksum.ts';
import { corrupt, SnapshotError } from './error.ts';

/** Not text of any kind; damaged by what converts line ends or clears the eighth bit. */
const magic: readonly number[] = [0x89, 0x49, 0x50, 0x56, 0x0d, 0x0a, 0x1a, 0x0a];

export const FORMAT_VERSION = 1;

const VERSION_AT = 8;
const CHECKSUM_AT = 12;
const HASH_AT = 16;
const SEAL_AT = 32;
const LENGTH_AT = 36;
const SECTIONS_AT = 40;
const FLAGS_AT = 48;
const SIZE_AT = 52;
const EXEMPTIONS_AT = 56;
const INSTANT_AT = 64;
const CHANGE_AT = 72;
const HEADER = 80;
const ROW = 16;

/** What a snapshot holds, as bits of one number. */
export const flags = {
  /** The mode is `allow`. */
  allow: 1,
  /** The list is empty and lets everyone in. */
  open: 2,
  /** Made by `createRules`. */
  rules: 4,
  /** The most specific entry of all rules applies. */
  mostSpecific: 8,
  entries: 16,
  notes: 32,
  /** Entries begin or end. */
  times: 64,
  /** One of them does so later than the instant of the policy. */
  changes: 128,
  /** The tree and the offsets are stored as they are in memory. */
  large: 256,
  /** Without entries: label 2 allows. */
  allowing: 512,
} as const;

const ALL_FLAGS = 1023;

/** The sections by number. */
export const section = {
  tree: 1,
  tables: 2,
  texts: 3,
  textOffsets: 4,
  notes: 5,
  noteOffsets: 6,
  noteOf: 7,
  lines: 8,
  warnings: 9,
} as const;

const LAST_SECTION = 9;

/** What is written in the header beside the sections. */
export interface Content {
  readonly flags: number;
  readonly size: number;
  readonly exemptions: number;
  /** The instant of the policy and the next change, in milliseconds since 1970; 0 when there is none. */
  readonly instant: number;
  readonly change: number;
}

/** A header that has been read. */
export interface Header extends Content {
  /** 32 hexadecimal digits. */
  readonly contentHash: string;
  readonly byteLength: number;
  readonly sections: ReadonlyMap<number, Uint8Array>;
}

/**
 * The bytes of a snapshot, in an `ArrayBuffer` of their own: a `Uint8Array<ArrayBuffer>`, and before TypeScript 5.7 a
 * `Uint8Array`. `Response`, `Blob` and the like take them.
 */
export type SnapshotBytes = ReturnType<Uint8ArrayConstructor['of']>;

/** Puts a snapshot together. Sections of no bytes are left out. */
export function joinSnapshot(
  content: Content,
  parts: readonly (readonly [number, Uint8Array])[],
): SnapshotBytes {
  const present = parts.filter(([, { length }]) => length > 0);
  let end = HEADER + ROW * present.length;
  const rows = present.map(([id, part]) => {
    const offset = end;
    end = align(offset + part.length);
    return { id, part, offset };
  });
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(VERSION_AT, FORMAT_VERSION, true);
  view.setUint32(LENGTH_AT, end, true);
  view.setUint32(SECTIONS_AT, rows.length, true);
  view.setUint32(FLAGS_AT, content.flags, true);
  view.setUint32(SIZE_AT, content.size, true);
  view.setUint32(EXEMPTIONS_AT, content.exemptions, true);
  view.setFloat64(INSTANT_AT, content.instant, true);
  view.setFloat64(CHANGE_AT, content.change, true);
  rows.forEach(({ id, part, offset }, index) => {
    const row = HEADER + ROW * index;
    view.setUint32(row, id, true);
    view.setUint32(row + 4, offset, true);
    view.setUint32(row + 8, part.length, true);
    bytes.set(part, offset);
  });
  const lanes = mixContent(bytes, end);
  contentHash(lanes).forEach((word, index) => {
    view.setInt32(HASH_AT + 4 * index, word, true);
  });
  const ofHeader = mixContent(bytes, HEADER + ROW * rows.length);
  view.setUint32(SEAL_AT, seal(bytes, ofHeader, CHECKSUM_AT, SEAL_AT), true);
  view.setUint32(CHECKSUM_AT, seal(bytes, lanes, CHECKSUM_AT), true);
  return bytes;
}

/** Whether bytes may be a snapshot, by their start. */
export function startsAsSnapshot(bytes: Uint8Array): boolean {
  return magic.every((byte, at) => at >= bytes.length || bytes[at] === byte);
}

/** Reads the header and checks it. */
export function readHeader(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!startsAsSnapshot(bytes))
    throw new SnapshotError('not-a-snapshot', 'the bytes do not start as a snapshot does');
  const isShort = bytes.length < HEADER;
  const version = bytes.length < CHECKSUM_AT ? FORMAT_VERSION : view.getUint32(VERSION_AT, true);
  if (version !== FORMAT_VERSION)
    throw new SnapshotError(
      'unsupported-version',
      `the snapshot has format version ${version}, and this package reads version ${FORMAT_VERSION}`,
    );
  const byteLength = isShort ? HEADER : view.getUint32(LENGTH_AT, true);
  if (bytes.length < byteLength || isShort)
    throw new SnapshotError(
      'truncated',
      `the snapshot has ${bytes.length} bytes, and ${isShort ? `its header alone ${HEADER}` : `should have ${byteLength}`}`,
    );
  const rows = view.getUint32(SECTIONS_AT, true);
  const end = Math.min(HEADER + ROW * rows, bytes.length);
  const found = seal(bytes, mixContent(bytes, end), CHECKSUM_AT, SEAL_AT);
  if (found !== view.getUint32(SEAL_AT, true)) throw damaged('header');
  if (byteLength !== bytes.length) throw corrupt('there are more bytes than it says');
  if (rows > LAST_SECTION || HEADER + ROW * rows > byteLength) throw corrupt('it has too many sections');
  const content = readContent(view);
  const sections = readSections(bytes, view, rows);
  if (sections.has(section.notes) !== ((content.flags & flags.notes) !== 0))
    throw corrupt('its flags and its sections differ about notes');
  return { ...content, byteLength, contentHash: hexOf(bytes.subarray(HASH_AT, SEAL_AT)), sections };
}

function damaged(part: string): SnapshotError {
  return new SnapshotError('checksum', `the snapshot is damaged: the checksum of its ${part} does not fit`);
}

function readContent(view: DataView): Content {
  const content: Content = {
    flags: view.getUint32(FLAGS_AT, true),
    size: view.getUint32(SIZE_AT, true),
    exemptions: view.getUint32(EXEMPTIONS_AT, true),
    instant: view.getFloat64(INSTANT_AT, true),
    change: view.getFloat64(CHANGE_AT, true),
  };
  const { instant, change } = content;
  const has = (flag: number): boolean => (content.flags & flag) !== 0;
  // An instant that is not one would compare as neither before nor after any other.
  const areInstants =
    isInstant(instant, has(flags.times)) &&
    isInstant(change, has(flags.changes)) &&
    (!has(flags.changes) || change > instant);
  const isFree = view.getUint32(SECTIONS_AT + 4, true) !== 0 || view.getUint32(EXEMPTIONS_AT + 4, true) !== 0;
  const areFlags =
    content.flags <= ALL_FLAGS &&
    (has(flags.times) || !has(flags.changes)) &&
    ((has(flags.rules) && has(flags.entries)) || !has(flags.mostSpecific)) &&
    (has(flags.entries) ? !has(flags.allowing) : !has(flags.notes) && !has(flags.times)) &&
    (!has(flags.open) || (!has(flags.rules) && content.size === 0));
  if (isFree || !areInstants || !areFlags || content.size > MOST_ENTRIES || content.exemptions > MOST_ENTRIES)
    throw corrupt('its header contradicts itself');
  return content;
}

/** Labels are below 2^30, and the exemptions come before the entries. */
const MOST_ENTRIES = 2 ** 29 - 1;

/** Milliseconds of a Date, or 0 where there is none. */
function isInstant(value: number, isGiven: boolean): boolean {
  if (!isGiven) return Object.is(value, 0);
  return Math.floor(value) === value && Math.abs(value) <= 8.64e15 && !Object.is(value, -0);
}

function readSections(bytes: Uint8Array, view: DataView, rows: number): Map<number, Uint8Array> {
  const sections = new Map<number, Uint8Array>();
  let end = HEADER + ROW * rows;
  let last = 0;
  for (let row = HEADER; row < HEADER + ROW * rows; row += ROW) {
    const [id, offset, length, free] = [0, 4, 8, 12].map((at) => view.getUint32(row + at, true)) as [
      number,
      number,
      number,
      number,
    ];
    const next = align(offset + length);
    if (
      id <= last ||
      id > LAST_SECTION ||
      offset !== end ||
      length === 0 ||
      next > bytes.length ||
      free !== 0
    )
      throw corrupt('its sections do not follow each other');
    sections.set(id, bytes.subarray(offset, offset + length));
    last = id;
    end = next;
  }
  if (end !== bytes.length) throw corrupt('there is something after its sections');
  return sections;
}

/** Checks all bytes. */
export function verifyContent(bytes: Uint8Array, { contentHash: said, sections }: Header): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lanes = mixContent(bytes, bytes.length);
  if (seal(bytes, lanes, CHECKSUM_AT) !== view.getUint32(CHECKSUM_AT, true)) throw damaged('content');
  const hash = new Uint8Array(16);
  contentHash(lanes).forEach((word, index) => {
    new DataView(hash.buffer).setInt32(4 * index, word, true);
  });
  if (hexOf(hash) !== said) throw corrupt('its content hash is that of something else');
  for (const { byteOffset, length } of sections.values()) {
    const end = byteOffset - bytes.byteOffset + length;
    if (bytes.subarray(end, align(end)).some((byte) => byte !== 0))
      throw corrupt('there is something between its sections');
  }
}

function align(offset: number): number {
  return Math.ceil(offset / ROW) * ROW;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const bufferClasses = ['ArrayBuffer', 'SharedArrayBuffer'] as const;
const viewPrototype: object = /* @__PURE__ */ Object.getPrototypeOf(Uint8Array.prototype);

/** The bytes that were given, as a view of the same memory; a TypeError for anything else. */
export function bytesOf(given: unknown, caller: string): Uint8Array {
  // Read by the getters of the class: what was given may have others, and may be of another realm.
  const read = (prototype: object | undefined, name: PropertyKey): unknown => {
    try {
      return Object.getOwnPropertyDescriptor(prototype ?? {}, name)?.get?.call(given);
    } catch {
      return undefined;
    }
  };
  const view = (buffer: unknown, offset: unknown, length: unknown): Uint8Array => {
    try {
      return new Uint8Array(buffer as ArrayBuffer, offset as number, length as number);
    } catch {
      throw new TypeError(
        `${caller} takes bytes that are still there, got those of a buffer that was transferred`,
      );
    }
  };
  if (read(viewPrototype, Symbol.toStringTag) === 'Uint8Array') {
    const [buffer, offset, length] = ['buffer', 'byteOffset', 'byteLength'].map((name) =>
      read(viewPrototype, name),
    );
    return view(buffer, offset, length);
  }
  for (const name of bufferClasses) {
    const length = read(globalThis[name]?.prototype, 'byteLength');
    if (length !== undefined) return view(given, 0, length);
  }
  throw new TypeError(
    `${caller} takes a Uint8Array, an ArrayBuffer or a SharedArrayBuffer, got ${describeType(given)}`,
  );
}
