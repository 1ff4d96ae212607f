/**
 * MaxMind databases, in and out.
 */

export { type ExportedMmdb, type ExportMmdbOptions, exportMmdb } from '../mmdb/export.ts';
export type { MmdbValue } from '../mmdb/field.ts';
export {
  type ImportedMmdb,
  type ImportedMmdbEntry,
  type ImportMmdbOptions,
  importMmdb,
} from '../mmdb/import.ts';
export type { BigInteger } from '../mmdb/integers.ts';
export type { MmdbMetadata } from '../mmdb/metadata.ts';
