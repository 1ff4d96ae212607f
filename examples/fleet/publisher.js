/**
 * Publishes a list to the fleet, again on every SIGHUP, and puts it back when Redis has lost it or somebody has put an
 * older one in its place.
 *
 *     node examples/fleet/publisher.js allow office.txt
 *     node examples/fleet/publisher.js deny scanners.txt --once
 *
 * A list with a bad line is not published. Its settings are `REDIS_URL`, and `EVERY`, the milliseconds between two looks at
 * Redis.
 */

import { readFile } from 'node:fs/promises';
import { createPolicy } from 'ipverdict';
import { encodePolicy } from 'ipverdict/snapshot';
import { connect } from './connect.js';
import { publish, restore } from './store.js';

const print = (event, details) => console.log(JSON.stringify({ event, ...details }));

const [mode, file, once] = process.argv.slice(2);
if (!['allow', 'deny'].includes(mode) || file === undefined) {
  console.error('Usage: publisher.js allow|deny FILE [--once]');
  process.exit(2);
}

const client = connect();
const report = (error) => print('failed', { error: error.message });

/** What was read and is not published yet, such as while there is no connection. */
let waiting;
/** What was published last. */
let published;

/** Reads the list. An empty file is more often an accident than a decision to let everyone in. */
async function read() {
  const list = await readFile(file, 'utf8');
  const policy = createPolicy({ mode, list, whenEmpty: 'deny' }, { at: new Date() });
  if (policy.size === 0) throw new Error(`${file} has no entry`);
  waiting = encodePolicy(policy);
}

/** Publishes what is waiting; when nothing is, makes sure that Redis still has what was published last. */
async function synchronize() {
  const bytes = waiting;
  if (bytes !== undefined) {
    published = { version: await publish(client, bytes, published?.version), bytes };
    if (waiting === bytes) waiting = undefined;
    print('published', { version: published.version, bytes: bytes.length });
  } else if (published !== undefined && (await restore(client, published))) {
    print('restored', { version: published.version });
  }
}

if (once === '--once') {
  try {
    await read();
    await client.connect();
    await synchronize();
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
  client.destroy();
} else {
  const look = () => (client.isReady ? synchronize().catch(report) : undefined);
  const readAgain = () => read().then(look, report);
  await readAgain();
  client.on('ready', look);
  const timer = setInterval(look, Number(process.env.EVERY || 5_000));
  process.on('SIGHUP', readAgain);
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.once(signal, () => {
      clearInterval(timer);
      client.destroy();
    });
  }
  client.connect().catch(report);
}
