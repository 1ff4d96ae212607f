/**
 * `ipverdict/formats`: lists of other programs and of feeds, in and out.
 *
 * @module formats
 */

export { type Exported, exportPolicy } from '../exchange/export.ts';
export type { ExportOptions } from '../exchange/export-options.ts';
export type { SqlDialect } from '../exchange/exporting.ts';
export type { Format, FormatName } from '../exchange/format.ts';
export { type ImportedList, importList } from '../exchange/import.ts';
export type { ImportOptions } from '../exchange/import-options.ts';
export type { Declared, ImportedEntry, Trust } from '../exchange/importing.ts';
export type { Loss } from '../exchange/loss.ts';
export { detectFormat } from '../formats/detect.ts';
export { exportMmdb, importMmdb } from '../formats/mmdb.ts';
export { formats } from '../formats/table.ts';
