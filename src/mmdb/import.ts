/**
 * From a MaxMind database to entries.
 */

import { formatNetwork } from '../address/words.ts';
import type { Declared, ImportedEntry } from '../exchange/importing.ts';
import { markIncomplete } from '../list/gather.ts';
import type { Problem } from '../problem/errors.ts';
import { requireOptions } from '../problem/options.ts';
import { bytesOf } from '../snapshot/header.ts';
import { Damage, DamageReport } from './damage.ts';
import { type MmdbValue, SEPARATOR_LENGTH } from './field.ts';
import { type FoundParts, findParts, type MmdbMetadata } from './metadata.ts';
import { eachNetwork } from './networks.ts';
import { aPath, aSelect, type Select, Selection, type Taken } from './selection.ts';

/** The options of {@link importMmdb}. A path is the names of fields with dots between them, such as `country.iso_code`. */
export interface ImportMmdbOptions {
  /**
   * Takes only networks whose record has one of these texts at each of these paths, such as
   * `{ 'country.iso_code': ['DE', 'AT'] }`. Numbers and truth values are compared as text; of an array, one item
   * is enough.
   */
  readonly select?: Select;
  /** The path of what becomes the `label` of an entry. */
  readonly label?: string;
  /** The path of what becomes the `note` of an entry. */
  readonly note?: string;
}

/** A network of a MaxMind database: an item of any list as it is. Frozen. */
export interface ImportedMmdbEntry extends ImportedEntry {
  /** The position of the network in the file, from 1. */
  readonly line: number;
  /** The record. Frozen, and shared by all networks that have it. */
  readonly value: MmdbValue;
}

/** A MaxMind database as entries. Frozen. */
export interface ImportedMmdb {
  /** Always `mmdb`. */
  readonly format: 'mmdb';
  /** The networks as the file has them, in the order of their addresses: IPv4, then IPv6. No two of them overlap. */
  readonly entries: readonly ImportedMmdbEntry[];
  /** None: the format knows neither allow nor deny. */
  readonly rules: readonly [];
  /** Not known: a database says nothing about verdicts. */
  readonly otherwise: undefined;
  /** The most specific network has the record. */
  readonly order: 'most-specific';
  /**
   * Everything wrong or doubtful. `source` is `bytes`, and `column` the number of the byte, from 1; or it is `options`, for
   * what was asked for and is not there.
   */
  readonly problems: readonly Problem[];
  /** Rules that were left out: none. */
  readonly conditional: 0;
  /** What the file says about its making: `version` is the time in seconds since 1970. */
  readonly declared: Declared;
  /** What else the file says about itself; `undefined` when that cannot be read. */
  readonly metadata: MmdbMetadata | undefined;
}

/**
 * Reads a MaxMind database, version 2.0 of the format: country and network databases of many providers, and what
 * {@link exportMmdb} writes.
 *
 * - IPv4 networks are those below `::/96`. The other ways to them, from `::ffff:0:0/96`, `2002::/16` and `2001::/32`, are
 *   not read again.
 * - Networks are not merged: neighbours with the same record stay two entries.
 * - Whatever is in the bytes, there is a result, with an error for everything that cannot be read. Entries with an error
 *   beside them are not the whole list, and no policy takes them: `incomplete-list`. No allow list takes what has no
 *   entries, as it would be open.
 *
 * @param bytes - the whole file
 * @param options - which networks to take, and what of their records becomes a label or a note
 * @returns the entries with their records, and the problems: `not-mmdb`, `truncated`, `mmdb-metadata`, `mmdb-tree`,
 *   `mmdb-data`, `unselected`, and the warnings `unselected` and `note-changed`
 * @throws `ListError` with `invalid-option` for an option that is unknown or wrong
 * @throws TypeError when it is not given bytes
 * @remarks Linear in the bytes, in time and memory, whatever they are. Equal records are read once. Some values are
 *   of the type `bigint`, which `JSON.stringify` refuses: whole numbers above 2^53.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { exportMmdb, importMmdb } from 'ipverdict/formats/mmdb';
 *
 * const { bytes } = exportMmdb([
 *   ['192.0.2.0/24', { country: { iso_code: 'DE' } }],
 *   ['2001:db8::/32', { country: { iso_code: 'AT' } }],
 * ]);
 * const { entries, problems } = importMmdb(bytes, { select: { 'country.iso_code': 'DE' }, note: 'country.iso_code' });
 * problems.length; // 0
 * const policy = createPolicy({ allow: entries, whenEmpty: 'deny' });
 * policy.decide('192.0.2.7').entry?.note; // 'DE'
 * ```
 */
export function importMmdb(bytes: Uint8Array | ArrayBuffer, options?: ImportMmdbOptions): ImportedMmdb {
  const { select, label, note } = requireOptions(options, { select: aSelect, label: aPath, note: aPath });
  const selection = new Selection(select, label, note);
  const file = bytesOf(bytes, 'importMmdb');
  const report = new DamageReport();
  const entries: ImportedMmdbEntry[] = [];
  let metadata: MmdbMetadata | undefined;
  try {
    const parts = findParts(file, report);
    metadata = parts.metadata;
    readEntries(file, parts, selection, report, entries);
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    report.add(thrown);
  }
  if (report.hasErrors) markIncomplete(entries, { in: 'any', why: DAMAGED });
  else if (entries.length === 0) markIncomplete(entries, { in: 'allow', why: NOTHING });
  return Object.freeze({
    format: 'mmdb',
    entries: Object.freeze(entries),
    rules: Object.freeze([] as const),
    otherwise: undefined,
    order: 'most-specific',
    problems: report.problems,
    conditional: 0,
    declared: declaredBy(metadata),
    metadata,
  });
}

const DAMAGED = 'the database has errors, so this is not all of it: see the problems of the import';
const NOTHING =
  'no network of the database was taken: say whenEmpty, and give a list without entries, if that is meant';

function readEntries(
  file: Uint8Array,
  { metadata, treeLength, data }: FoundParts,
  selection: Selection,
  report: DamageReport,
  entries: ImportedMmdbEntry[],
): void {
  /** By offset; `undefined` when the record cannot be read. */
  const records = new Map<number, Taken | undefined>();
  const dataStart = treeLength + SEPARATOR_LENGTH;
  const takeRecord = (offset: number): Taken | undefined => {
    if (records.has(offset)) return records.get(offset);
    let taken: Taken | undefined;
    try {
      taken = selection.take(data.valueAt(offset), data, dataStart + offset, report);
    } catch (thrown) {
      if (!(thrown instanceof Damage)) throw thrown;
      report.add(thrown);
    }
    records.set(offset, taken);
    return taken;
  };
  let line = 0;
  eachNetwork(file, metadata, report, (family, words, length, value, at) => {
    line++;
    const offset = value - metadata.nodeCount - SEPARATOR_LENGTH;
    if (offset < 0 || offset >= data.length) {
      const network = formatNetwork(family, words, length);
      report.add(new Damage('mmdb-tree', at, `the record of ${network} leads to no data`));
      return;
    }
    const taken = takeRecord(offset);
    if (taken?.isSelected) entries.push(makeEntry(formatNetwork(family, words, length), line, taken));
  });
  if (line > 0) selection.reportUnseen(report);
}

function makeEntry(address: string, line: number, { label, note, value }: Taken): ImportedMmdbEntry {
  const entry: { -readonly [Name in keyof ImportedMmdbEntry]: ImportedMmdbEntry[Name] } = {
    address,
    line,
    value,
  };
  if (label !== undefined) entry.label = label;
  if (note !== undefined) entry.note = note;
  return Object.freeze(entry);
}

function declaredBy(metadata: MmdbMetadata | undefined): Declared {
  const epoch = metadata?.buildEpoch;
  if (epoch === undefined) return Object.freeze({});
  return Object.freeze({ version: `${epoch}`, created: new Date(epoch * 1000) });
}
