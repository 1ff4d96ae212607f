/**
 * Comma-separated values: a network in one column, or its ends in two; notes, labels and times in others.
 *
 * ```
 * network,note
 * 192.0.2.0/24,"Office, first floor"
 * ```
 */

import { isNumber } from '../address/characters.ts';
import { scanEntry } from '../address/entry.ts';
import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { mayBeAddress } from '../exchange/names.ts';
import { readInstant } from '../list/times.ts';
import { quote } from '../problem/say.ts';
import { type Cell, eachRecord, firstRecordLine, isFormula, writeCell } from '../syntax/cells.ts';

/** Comma-separated values, RFC 4180; geofeeds, RFC 8805. */
export const csv: Format = /* @__PURE__ */ defineFormat(
  { name: 'csv', title: 'comma-separated values', extension: '.csv' },
  { read: readCsv, write: writeCsv, parts: ['column', 'last', 'note', 'label', 'from', 'until'] },
);

/** What a column can hold. */
type Part = 'column' | 'last' | 'note' | 'label' | 'from' | 'until';

/** The positions of columns, from 0, by what they hold. */
type Columns = ReadonlyMap<Part, number>;

/** The usual names of columns, in lower case. */
const usual: readonly (readonly [part: Part, names: readonly string[]])[] = [
  ['column', ['network', 'cidr', 'prefix', 'ip_prefix', 'ip', 'ip_address', 'address', 'subnet', 'range']],
  ['note', ['note', 'comment', 'description', 'reason']],
  ['from', ['from']],
  ['until', ['until']],
];

/** Names of columns that say when an entry ends, or what becomes of it, each in a way of its own. */
const meaningful: readonly string[] = [
  'duration',
  'expires',
  'expires_at',
  'expiration',
  'expiry',
  'valid_until',
  'ttl',
  'timeout',
  'action',
  'verdict',
  'type',
  'enabled',
  'active',
  'status',
  'mask',
  'netmask',
  'port',
  'protocol',
];

function readCsv(importing: Importing): void {
  const { text } = importing;
  let columns: Columns | undefined;
  let isRefused = false;
  const visit = (cells: readonly Cell[]): void => {
    if (isRefused) return;
    if (columns !== undefined) {
      readRow(importing, cells, columns);
      return;
    }
    const header = isHeader(cells, importing.options.select) ? namesOf(cells) : undefined;
    columns = findColumns(importing, cells, header);
    isRefused = columns === undefined;
    if (columns !== undefined && header === undefined) readRow(importing, cells, columns);
  };
  eachRecord(text, findSeparator(text), visit, (start, end, message) =>
    importing.refuse(start, end, 'syntax', message),
  );
}

/** Spreadsheets of many countries write semicolons, and others tabs. */
function findSeparator(text: string): string {
  const line = firstRecordLine(text);
  return [',', ';', '\t'].find((sign) => line.includes(sign)) ?? ',';
}

function isEntry(value: string): boolean {
  return scanEntry(value, 0, value.length);
}

/** Whether the first record names the columns. One that has an address, or a bad one where an address is expected, does not. */
function isHeader(cells: readonly Cell[], select: ReadonlyMap<string, readonly string[]>): boolean {
  if (cells.some(({ value }) => isEntry(value))) return false;
  const [wanted = ''] = select.get('column') ?? [];
  const { value = '' } = (isNumber(wanted) && cells[Number(wanted) - 1]) || {};
  return !mayBeAddress(value);
}

function namesOf(cells: readonly Cell[]): readonly string[] {
  return cells.map(({ value }) => value.toLowerCase());
}

/**
 * Finds the columns by the first record: by its names, if it is a header. Nothing is guessed: what is not known is asked
 * for.
 */
function findColumns(
  importing: Importing,
  cells: readonly Cell[],
  header: readonly string[] | undefined,
): Columns | undefined {
  const columns = new Map<Part, number>();
  const start = cells[0]?.start ?? 0;
  const end = cells.at(-1)?.end ?? start;
  for (const [part, [wanted = '']] of importing.options.select as ReadonlyMap<Part, readonly string[]>) {
    const at = isNumber(wanted) ? Number(wanted) - 1 : (header?.indexOf(wanted.toLowerCase()) ?? -1);
    if (at < 0 || at >= cells.length) {
      const known =
        header === undefined
          ? `1 to ${cells.length}, as there is no header`
          : header.slice(0, NAMED_COLUMNS).map(quote).join(', ');
      importing.refuse(
        start,
        end,
        'syntax',
        `there is no column ${quote(wanted)} for select.${part}: the columns are ${known}`,
      );
      return undefined;
    }
    columns.set(part, at);
  }
  for (const [part, names] of usual) {
    const at = header?.findIndex((name) => names.includes(name)) ?? -1;
    if (at >= 0 && !columns.has(part)) columns.set(part, at);
  }
  if (!columns.has('column')) {
    const at = header === undefined ? onlyEntryOf(cells) : -1;
    if (at < 0) {
      const message =
        'it is not clear which column has the network: name or number it in the option select, such as select: { column: "1" }';
      importing.refuse(start, end, 'syntax', message);
      return undefined;
    }
    columns.set('column', at);
    // A list of two columns is that of an address and what is said of it.
    if (cells.length === 2 && !columns.has('note') && !columns.has('last')) columns.set('note', 1 - at);
  }
  header?.forEach((name, at) => {
    const cell = cells[at] as Cell;
    if (meaningful.includes(name) && columns.get('until') !== at)
      importing.warn(
        cell.start,
        cell.end,
        'skipped',
        `the column ${quote(name)} is not read, whatever it says of an entry`,
      );
  });
  return columns;
}

/** Columns beyond these are not named. */
const NAMED_COLUMNS = 20;

/** The position of the only cell that is an entry, or −1. */
function onlyEntryOf(cells: readonly Cell[]): number {
  const found = cells.flatMap(({ value }, at) => (isEntry(value) ? [at] : []));
  return found.length === 1 ? (found[0] as number) : -1;
}

function readRow(importing: Importing, cells: readonly Cell[], columns: Columns): void {
  const cellOf = (part: Part): Cell | undefined => cells[columns.get(part) ?? cells.length];
  const network = cellOf('column');
  const start = cells[0]?.start ?? 0;
  const end = cells.at(-1)?.end ?? start;
  if (network === undefined) {
    importing.error(
      start,
      end,
      'syntax',
      `the record has only ${cells.length} cells, and its network is missing`,
    );
    return;
  }
  const missing = [...columns].find(
    ([part, at]) => at >= cells.length && part !== 'note' && part !== 'label',
  );
  if (missing !== undefined) {
    const message = `the record has only ${cells.length} cells, and its ${quote(missing[0])} is missing`;
    importing.error(start, end, 'syntax', message);
    return;
  }
  const times = { from: 0, until: 0 };
  for (const part of ['from', 'until'] as const) {
    const cell = cellOf(part);
    const instant = cell === undefined || cell.value === '' ? Number.NaN : readInstant(cell.value);
    if (typeof instant === 'string') {
      const message = `"${part}" is not an instant such as 2026-12-31T18:00Z${instant === '' ? '' : `: ${instant}`}`;
      importing.error(cell?.start ?? start, cell?.end ?? end, 'instant-invalid', message);
      return;
    }
    times[part] = instant;
  }
  const fields = {
    note: cellOf('note')?.value,
    label: cellOf('label')?.value,
    from: Number.isNaN(times.from) ? undefined : times.from,
    until: Number.isNaN(times.until) ? undefined : times.until,
  };
  const last = cellOf('last');
  if (columns.has('last')) {
    importing.entryOf(
      `${network.value}-${last?.value ?? ''}`,
      network.start,
      last?.end ?? network.end,
      fields,
    );
  } else importing.entry(network.start, network.end, fields);
}

function writeCsv(exporting: Exporting): string | undefined {
  const items = exporting.listed({ nested: true });
  if (items.length === 0 && exporting.mode === 'allow') return exporting.refuseOpen();
  const rows = items.map((item) => `${item.text},${writeCell(noteOf(exporting, item))}\r\n`);
  return `network,note\r\n${rows.join('')}`;
}

/** A spreadsheet would run a note that begins like a formula. */
function noteOf(exporting: Exporting, item: Item): string {
  const note = exporting.noteOf(item, { maxBytes: Number.POSITIVE_INFINITY });
  if (!isFormula(note)) return note;
  const message = "a spreadsheet would take the note for a formula, so there is ' before it";
  exporting.lose('note-changed', message, item.entry);
  return `'${note}`;
}
