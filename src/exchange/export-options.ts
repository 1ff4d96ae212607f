/**
 * The options of an export. An option that a format has no use for is an error and never ignored.
 */

import { ListError } from '../problem/errors.ts';
import { timeOf } from '../problem/foreign.ts';
import { aDate, anything, aText, isYesOrNo, oneOf, optionProblem, readOptions } from '../problem/options.ts';
import type { ExportValues, SqlDialect } from './exporting.ts';
import { type Format, type FormatName, type FoundFormat, findFormat } from './format.ts';

/** The options of `exportPolicy`. */
export interface ExportOptions {
  /** The format: an object of `ipverdict/formats`, or its name. */
  readonly format: FormatName | Format;
  /** What the set, the variable, the table or the object is called in the text. */
  readonly set?: string | undefined;
  /** The table that the sets are in, for formats with tables, such as `inet filter`. */
  readonly table?: string | undefined;
  /** Whether to write notes; `true` when not given. Without them there are fewer prefixes. */
  readonly notes?: boolean | undefined;
  /** The instant at which the text is loaded, for formats that write when an entry ends as a time from then on. */
  readonly now?: Date | undefined;
  /** The database, for SQL. */
  readonly dialect?: SqlDialect | undefined;
  /**
   * How the rows come into a table: with the statements, which is `insert` and the default; alone, as `csv`; or by statements
   * that read that CSV, which is `copy`. For a list of Cloudflare, `csv` instead of JSON.
   */
  readonly rows?: 'insert' | 'csv' | 'copy' | undefined;
  /** How PostgreSQL authenticates who is allowed; `scram-sha-256` when not given. */
  readonly method?: string | undefined;
}

const kinds = {
  format: anything,
  set: aText,
  table: aText,
  notes: isYesOrNo,
  now: aDate,
  dialect: /* @__PURE__ */ oneOf('clickhouse', 'duckdb', 'postgresql'),
  rows: /* @__PURE__ */ oneOf('insert', 'csv', 'copy'),
  method: aText,
} as const;

/** The options that every format takes. */
const common: readonly string[] = ['format', 'notes'];

/**
 * Checks the options of an export.
 *
 * @throws ListError with `invalid-option`
 */
export function checkExportOptions(given: unknown): {
  readonly found: FoundFormat;
  readonly values: ExportValues;
} {
  const { values, problems } = readOptions(given, kinds);
  if (problems.length > 0) throw new ListError(problems);
  const found = findFormat(values.format);
  const { name } = found.format;
  const { write, options = [] } = found.implementation;
  if (write === undefined) problems.push(optionProblem(`format "${name}" can only be read`));
  for (const [option, value] of Object.entries(values)) {
    if (value === undefined || common.includes(option) || options.includes(option)) continue;
    problems.push(optionProblem(`the format "${name}" has no use for ${option}: leave it out`));
  }
  if (problems.length > 0) throw new ListError(problems);
  const { set, table, notes = true, dialect, rows, method } = values;
  const now = values.now === undefined ? undefined : timeOf(values.now);
  return { found, values: { set, table, notes, now, dialect, rows, method } };
}
