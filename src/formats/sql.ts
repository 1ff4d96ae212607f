/**
 * SQL: a policy as a table of networks, to be joined with a log.
 *
 * The rows are disjoint, so a client is in one at most. Clients that are in none get what `otherwise` is, which is part of
 * the query. An IPv4-mapped client is the IPv4 client here, too: databases would take it for an IPv6 address.
 */

import { type Exporting, endsOf, type Item, type SqlDialect } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import { isName } from '../exchange/names.ts';
import { writeCell } from '../syntax/cells.ts';

/** Tables for ClickHouse, DuckDB and PostgreSQL. */
export const sql: Format = /* @__PURE__ */ defineFormat(
  { name: 'sql', title: 'SQL', extension: '.sql' },
  { write: writeSql, options: ['dialect', 'rows', 'set'] },
);

/** What differs from database to database, for a table of this name. */
interface Dialect {
  /** The statements before the rows. */
  readonly create: (table: string) => string;
  /** Starts a statement that adds rows. */
  readonly insert: (table: string) => string;
  readonly row: (item: Item, note: string) => string;
  /** The statements that take the rows from a file of CSV. */
  readonly load: (table: string) => string;
  /** The statements after the rows. */
  readonly finish: (table: string) => string;
  /** A query that gives the clients of a log their verdicts. */
  readonly query: (table: string, otherwise: string) => string;
}

function writeSql(exporting: Exporting): string | undefined {
  const { dialect, rows = 'insert', set: table = 'ip_verdicts' } = exporting.options;
  if (dialect === undefined)
    return exporting.refuseOption('dialect is required: "clickhouse", "duckdb" or "postgresql"');
  if (!isName(table, 60) || table.toLowerCase() === 'log')
    return exporting.refuseOption(
      'set must be a name for a table of at most 60 letters, digits and "_", not begin with a digit, and not be "log", which is the table that is asked',
    );
  const items = exporting.listed({ nested: false });
  const noteOf = (item: Item): string => exporting.noteOf(item, { maxBytes: Number.POSITIVE_INFINITY });
  if (rows === 'csv') return writeRows(items, noteOf);
  const { create, insert, row, load, finish, query } = dialects[dialect];
  const { mode, otherwise } = exporting;
  const parts = [
    `-- What "${table}" ${mode === 'allow' ? 'allows' : 'denies'}; everyone else gets "${otherwise}".\n`,
    create(table),
  ];
  if (rows === 'copy') parts.push(load(table));
  else {
    for (let at = 0; at < items.length; at += BATCH) {
      const batch = items.slice(at, at + BATCH).map((item) => row(item, noteOf(item)));
      parts.push(`${insert(table)}\n${batch.join(',\n')};\n`);
    }
  }
  const commented = query(table, otherwise).split('\n').join('\n-- ');
  parts.push(finish(table), `\n-- With a table log that has a column client:\n-- ${commented}\n`);
  return parts.join('');
}

/** Rows in one statement. */
const BATCH = 1000;

function writeRows(items: readonly Item[], noteOf: (item: Item) => string): string {
  const rows = items.map((item) => {
    const [first, last] = endsOf(item);
    const cells = [item.text, first, last, item.verdict, writeCell(noteOf(item)), item.entry?.line ?? ''];
    return `${cells.join(',')}\r\n`;
  });
  return `network,first,last,verdict,note,line\r\n${rows.join('')}`;
}

const dialects: Readonly<Record<SqlDialect, Dialect>> = {
  postgresql: {
    create: (table) => `BEGIN;
DROP TABLE IF EXISTS ${table};
CREATE TABLE ${table} (
  network cidr NOT NULL, first inet NOT NULL, last inet NOT NULL, verdict text NOT NULL, note text, line integer
);
`,
    insert: (table) => `INSERT INTO ${table} VALUES`,
    row: (item, note) => rowOf(item, quoteText(note)),
    load: (table) => `\\copy ${table} FROM '${table}.csv' WITH (FORMAT csv, HEADER)\n`,
    finish: (table) => `CREATE INDEX ON ${table} USING gist (network inet_ops);
COMMIT;
ANALYZE ${table};
`,
    query: (table, otherwise) => `SELECT log.*, coalesce(verdict, '${otherwise}') AS verdict, note
FROM log
CROSS JOIN LATERAL (SELECT CASE WHEN client::inet <<= '::ffff:0:0/96'
  THEN '0.0.0.0'::inet + (client::inet - '::ffff:0:0'::inet) ELSE client::inet END AS address) AS plain
LEFT JOIN ${table} ON network >>= address;`,
  },
  clickhouse: {
    create: (table) => `DROP DICTIONARY IF EXISTS ${table}_trie;
DROP TABLE IF EXISTS ${table};
CREATE TABLE ${table} (
  network String, first String, last String, verdict String, note String, line Nullable(UInt32)
) ENGINE = MergeTree ORDER BY network;
`,
    insert: (table) => `INSERT INTO ${table} VALUES`,
    // A backslash escapes what follows it.
    row: (item, note) => rowOf(item, quoteText(note.replaceAll('\\', '\\\\')), "''"),
    load: (table) => `INSERT INTO ${table} FROM INFILE '${table}.csv' FORMAT CSVWithNames;\n`,
    finish: (table) => `CREATE DICTIONARY ${table}_trie (network String, verdict String, note String)
PRIMARY KEY network
SOURCE(CLICKHOUSE(TABLE '${table}'))
LAYOUT(IP_TRIE)
LIFETIME(0);
`,
    query: (
      table,
      otherwise,
    ) => `SELECT log.*, dictGetOrDefault('${table}_trie', 'verdict', tuple(toIPv6(client)), '${otherwise}') AS verdict,
  dictGetOrDefault('${table}_trie', 'note', tuple(toIPv6(client)), '') AS note
FROM log;`,
  },
  duckdb: {
    create: (table) => `${macros}CREATE OR REPLACE TABLE ${table}_text (
  network VARCHAR, first VARCHAR, last VARCHAR, verdict VARCHAR, note VARCHAR, line UINTEGER
);
`,
    insert: (table) => `INSERT INTO ${table}_text VALUES`,
    row: (item, note) => rowOf(item, quoteText(note)),
    load: (table) =>
      `INSERT INTO ${table}_text SELECT * FROM read_csv('${table}.csv', header = true, all_varchar = true);\n`,
    finish: (table) => `CREATE OR REPLACE TABLE ${table} AS
SELECT network, CASE WHEN contains(network, ':') THEN 6 ELSE 4 END AS family,
  ip_number(first) AS first, ip_number(last) AS last, verdict, note, line
FROM ${table}_text ORDER BY family, first;
DROP TABLE ${table}_text;
`,
    query: (table, otherwise) => `SELECT asked.* EXCLUDE (address_number, address_family, address_value),
  CASE WHEN address_value <= last THEN ${table}.verdict ELSE '${otherwise}' END AS verdict,
  CASE WHEN address_value <= last THEN ${table}.note END AS note
FROM (SELECT *, CASE WHEN address_family = 4 THEN address_number % 4294967296 ELSE address_number END AS address_value
  FROM (SELECT *, CASE WHEN NOT contains(client, ':') OR address_number // 4294967296 = 65535 THEN 4 ELSE 6 END AS address_family
    FROM (SELECT *, ip_number(client) AS address_number FROM log))) AS asked
ASOF LEFT JOIN ${table} ON address_family = family AND address_value >= first;`,
  },
};

/** The text of an address as a number, in DuckDB: the four groups of IPv4, or the eight of IPv6. */
const macros = `CREATE OR REPLACE MACRO ip_four(t) AS
  (split_part(t, '.', 1)::UBIGINT * 16777216 + split_part(t, '.', 2)::UBIGINT * 65536
    + split_part(t, '.', 3)::UBIGINT * 256 + split_part(t, '.', 4)::UBIGINT)::UHUGEINT;
CREATE OR REPLACE MACRO ip_hex(t) AS
  list_reduce(list_transform(string_split(lower(t), ''), lambda x: (instr('0123456789abcdef', x) - 1)::UHUGEINT), lambda a, b: a * 16 + b);
CREATE OR REPLACE MACRO ip_groups(t) AS
  flatten(list_transform(list_filter(string_split(t, ':'), lambda x: x <> ''), lambda x: CASE WHEN contains(x, '.')
    THEN [ip_four(x) // 65536, ip_four(x) % 65536] ELSE [ip_hex(x)] END));
CREATE OR REPLACE MACRO ip_six(t) AS
  list_reduce(ip_groups(split_part(t, '::', 1))
    || list_resize([]::UHUGEINT[], 8 - len(ip_groups(t)), 0::UHUGEINT)
    || ip_groups(split_part(t, '::', 2)), lambda a, b: a * 65536 + b);
CREATE OR REPLACE MACRO ip_number(t) AS
  CASE WHEN contains(t, ':') THEN ip_six(split_part(t, '%', 1)) ELSE ip_four(t) END;
`;

function rowOf(item: Item, note: string, nothing = 'NULL'): string {
  const [first, last] = endsOf(item);
  const cells = [item.text, first, last, item.verdict].map(quoteText);
  return `(${cells.join(', ')}, ${note === "''" ? nothing : note}, ${item.entry?.line ?? 'NULL'})`;
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
