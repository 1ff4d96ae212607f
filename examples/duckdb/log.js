/**
 * Joins a log of clients with a policy inside DuckDB, and compares every verdict with that of the policy.
 *
 *     node examples/duckdb/log.js [--list networks.txt] [--networks 20000] [--rows 100000]
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { createPolicy } from 'ipverdict';
import { exportPolicy } from 'ipverdict/formats';
import { sql } from 'ipverdict/formats/sql';
import { makeClients, makeList } from './list.js';

const { values } = parseArgs({
  options: {
    list: { type: 'string' },
    networks: { type: 'string', default: '20000' },
    rows: { type: 'string', default: '100000' },
  },
});

/** Runs something, and says how long it took. */
async function time(what, run) {
  const start = performance.now();
  const result = await run();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
  return result;
}

const list =
  values.list === undefined ? makeList(Number(values.networks)) : await readFile(values.list, 'utf8');
const clients = makeClients(Number(values.rows));
const policy = await time('policy', () => createPolicy({ deny: list, maxEntries: Number.POSITIVE_INFINITY }));
console.log(`${policy.size} networks, ${clients.length} requests`);

const folder = await mkdtemp(join(tmpdir(), 'ipverdict-duckdb-'));
const database = await (await DuckDBInstance.create(':memory:')).connect();
try {
  const write = (rows) =>
    exportPolicy(policy, { format: sql, dialect: 'duckdb', set: 'verdicts', rows, notes: false });
  const [script, query] = write('copy').text.split('-- With a table log that has a column client:\n');
  await time('rows as CSV', () => writeFile(join(folder, 'verdicts.csv'), write('csv').text));
  await writeFile(join(folder, 'log.csv'), `client\n${clients.join('\n')}\n`);
  await database.run(`SET file_search_path = '${folder}'`);
  await time('rows into DuckDB', () => database.run(script));
  await database.run(
    "CREATE TABLE log AS SELECT * FROM read_csv('log.csv', header = true, all_varchar = true)",
  );

  const asked = query.replaceAll('-- ', '').trim().replace(/;$/, '');
  await time('join in DuckDB', () => database.run(`CREATE TABLE decided AS ${asked}`));
  const answers = await database.runAndReadAll('SELECT client, verdict FROM decided');
  const decided = new Map(answers.getRows());
  const verdicts = await time('decisions here', () => clients.map((client) => policy.decide(client).verdict));
  const wrong = clients.filter((client, at) => decided.get(client) !== verdicts[at]);
  console.log(`${clients.length - wrong.length} verdicts alike, ${wrong.length} not`);
  if (wrong.length > 0 || answers.currentRowCount !== clients.length) process.exitCode = 1;
} finally {
  database.closeSync();
  await rm(folder, { recursive: true });
}
