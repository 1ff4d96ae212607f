/**
 * MaxMind databases, in and out.
 */

export { type ExportedMmdb, type ExportMmdbOptions, exportMmdb } from './export.ts';
export type { MmdbValue } from './field.ts';
export { type ImportedMmdb, type ImportedMmdbEntry, type ImportMmdbOptions, importMmdb } from './import.ts';
export type { MmdbLoss } from './labels.ts';
export type { MmdbMetadata } from './metadata.ts';
