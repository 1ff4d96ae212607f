/**
 * What a snapshot says about itself.
 */

import type { Mode } from '../list/table.ts';
import { bytesOf, FORMAT_VERSION, flags, readHeader } from './header.ts';

/** What a snapshot holds. Frozen. */
export interface SnapshotInfo {
  /** The version of the format; see `docs/snapshot-format.md`. */
  readonly formatVersion: number;
  /** A hash of everything that the snapshot holds, 32 hexadecimal digits: a key for caches, but not a signature. */
  readonly contentHash: string;
  /** Length in bytes. */
  readonly byteLength: number;
  /** The mode of the policy. */
  readonly mode: Mode;
  /** The number of entries in the active list, as the policy has it. */
  readonly size: number;
  /** The number of exemptions. */
  readonly exemptions: number;
  /** Whether decisions have entries. */
  readonly hasEntries: boolean;
  /** Whether any entry has a note. */
  readonly hasNotes: boolean;
  /** Whether any entry begins or ends. */
  readonly hasTimes: boolean;
}

/**
 * Reads what a snapshot holds from its header. The header has a checksum of its own; nothing else is read.
 *
 * @param bytes - a snapshot
 * @throws {@link SnapshotError} when the bytes are not a snapshot, are too few, or are of another version, and when the
 *   header is damaged
 * @throws TypeError when it is not given bytes
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { encodePolicy, inspectSnapshot } from 'ipverdict/snapshot';
 *
 * const { mode, size, hasNotes } = inspectSnapshot(encodePolicy(createPolicy({ deny: '192.0.2.0/24 # Lab' })));
 * [mode, size, hasNotes]; // ['deny', 1, true]
 * ```
 */
export function inspectSnapshot(bytes: Uint8Array | ArrayBuffer | SharedArrayBuffer): SnapshotInfo {
  const header = readHeader(bytesOf(bytes, 'inspectSnapshot'));
  const { contentHash, byteLength, size, exemptions } = header;
  const has = (flag: number): boolean => (header.flags & flag) !== 0;
  return Object.freeze({
    formatVersion: FORMAT_VERSION,
    contentHash,
    byteLength,
    mode: has(flags.allow) ? 'allow' : 'deny',
    size,
    exemptions,
    hasEntries: has(flags.entries),
    hasNotes: has(flags.notes),
    hasTimes: has(flags.times),
  });
}
