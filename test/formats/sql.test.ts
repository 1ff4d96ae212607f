import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sql } from '../../src/formats/sql.ts';
import { type ExportOptions, exportPolicy } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { goldenText } from '../golden/address.ts';
import { addressText } from '../support/arbitraries.ts';
import { anyPolicy } from '../support/policies.ts';
import { addressesOf, universes } from '../support/universe.ts';

/** The statements, and the query that stands beside them as a comment. */
function writeSql(
  policy: Policy,
  options: Partial<ExportOptions>,
): readonly [statements: string, query: string] {
  const { text } = exportPolicy(policy, { format: sql, ...options });
  const [statements = '', query = ''] = text.split('-- With a table log that has a column client:\n');
  return [statements, query.replaceAll(/^-- /gm, '')];
}

/** Clients at all edges, in every spelling that is canonical; a third of the IPv4 ones are mapped. */
const clients: readonly string[] = [
  ...universes.flatMap((universe) =>
    addressesOf(universe).map((value) => goldenText(universe.family, value)),
  ),
  ...fc.sample(addressText, { numRuns: 200 }),
  '::ffff:192.0.2.1',
  '::ffff:c000:201',
  '64:ff9b::192.0.2.1',
  '::',
  '::1',
  'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
  '::ffff:255.255.255.255',
  '::fffe:ffff:ffff',
  '::1:0:0:0',
];

const policies: readonly Policy[] = [
  createPolicy({
    deny: '192.0.2.0/24 # it\'s a \\ "note"\n2001:db8::/32\n::/0\n192.0.2.3-192.0.2.9',
    exempt: '192.0.2.7',
  }),
  createPolicy({ allow: '', whenEmpty: 'deny' }),
  createPolicy({ deny: '' }),
  ...fc.sample(anyPolicy, { numRuns: 60 }),
];

const verdictsOf = (policy: Policy): string[] => clients.map((client) => policy.decide(client).verdict);

describe('sql for DuckDB', () => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run('CREATE TABLE log (number INTEGER, client VARCHAR)');
    const rows = clients.map((client, at) => `(${at}, '${client}')`);
    await connection.run(`INSERT INTO log VALUES ${rows.join(',')}`);
  });
  afterAll(() => connection.closeSync());

  test('joins a log with the verdicts of the policy', async () => {
    for (const policy of policies) {
      const [statements, query] = writeSql(policy, { dialect: 'duckdb' });
      await connection.run(statements);
      const reader = await connection.runAndReadAll(
        `SELECT verdict FROM (${query.replace(/;\s*$/, '')}) ORDER BY number`,
      );
      expect(reader.getColumns()[0]).toEqual(verdictsOf(policy));
    }
  }, 60_000);
});

describe('sql for PostgreSQL', () => {
  let database: PGlite;
  beforeAll(async () => {
    database = await PGlite.create();
    await database.exec('CREATE TABLE log (number integer, client text)');
    for (const [at, client] of clients.entries())
      await database.query('INSERT INTO log VALUES ($1, $2)', [at, client.replace(/%.*/, '')]);
  }, 60_000);
  afterAll(() => database.close());

  test('joins a log with the verdicts of the policy', async () => {
    for (const policy of policies) {
      const [statements, query] = writeSql(policy, { dialect: 'postgresql' });
      await database.exec(statements);
      const { rows } = await database.query<{ verdict: string }>(query.replace(/;\s*$/, ' ORDER BY number'));
      expect(rows.map(({ verdict }) => verdict)).toEqual(verdictsOf(policy));
    }
  }, 60_000);
});

describe('sql', () => {
  const policy = createPolicy({ deny: "192.0.2.0/24 # it's\n198.51.100.1 # a,b" });

  test('has rows as CSV', () => {
    expect(exportPolicy(policy, { format: sql, dialect: 'duckdb', rows: 'csv' }).text).toBe(
      'network,first,last,verdict,note,line\r\n' +
        "192.0.2.0/24,192.0.2.0,192.0.2.255,deny,it's,1\r\n" +
        '198.51.100.1,198.51.100.1,198.51.100.1,deny,"a,b",2\r\n',
    );
  });

  test('escapes notes as each database reads them', () => {
    const odd = createPolicy({ deny: "192.0.2.1 # \\' OR 1=1; --" });
    const textOf = (dialect: ExportOptions['dialect']): string =>
      exportPolicy(odd, { format: sql, dialect }).text;
    expect(textOf('postgresql')).toContain("'\\'' OR 1=1; --'");
    expect(textOf('duckdb')).toContain("'\\'' OR 1=1; --'");
    expect(textOf('clickhouse')).toContain("'\\\\'' OR 1=1; --'");
  });

  test.each([
    [{}, 'dialect is required'],
    [{ dialect: 'mysql' }, 'dialect must be'],
    [{ dialect: 'duckdb', set: 'a; DROP TABLE b' }, 'set must be a name'],
    [{ dialect: 'duckdb', set: '1a' }, 'set must be a name'],
  ])('%j: %s', (options, message) => {
    expect(() => exportPolicy(policy, { format: sql, ...options } as never)).toThrow(message);
  });
});

test('the example compares every verdict of a log', () => {
  const program = fileURLToPath(new URL('../../examples/duckdb/log.js', import.meta.url));
  const output = execFileSync(process.execPath, [program, '--networks', '2000', '--rows', '5000'], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(output).toContain('2000 networks, 5000 requests');
  expect(output).toContain('5000 verdicts alike, 0 not');
}, 60_000);
