/**
 * Processes: versions are published to a real Redis as fast as it takes them, two processes follow it and decide, and
 * Redis is killed and started again, empty, every now and then.
 */

import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePolicy } from '../../dist/snapshot.js';
import { connect } from '../../examples/fleet/connect.js';
import { publish } from '../../examples/fleet/store.js';
import { policyOf } from '../live/versions.js';
import { judge, measure, perSecond } from './memory.js';

const MEMBERS = 2;
const SAMPLES = 40;
const RESTARTS = 5;
const LONGEST_WAIT = 30_000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @returns {Promise<string[]>} problems */
export async function fleet(seconds) {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    console.log('Processes on a Redis: left out, because redis-server is not installed.');
    return [];
  }
  console.log(`${MEMBERS} processes on a Redis that is killed now and then, ${seconds} seconds`);
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-soak-'));
  const port = await freePort();
  process.env.REDIS_URL = `redis://127.0.0.1:${port}`;
  let redis = startRedis(port, folder);
  const client = connect();
  client.connect().catch(() => {});
  const members = Array.from({ length: MEMBERS }, () =>
    fork(new URL('./member.js', import.meta.url), { execArgv: ['--expose-gc'] }),
  );
  try {
    const begin = performance.now();
    const elapsed = () => (performance.now() - begin) / 1_000;
    const [samples, reports] = [[], members.map(() => [])];
    let [version, last, published, restarts] = [0, 0, 0, 0];
    while (elapsed() < seconds) {
      version++;
      const bytes = encodePolicy(policyOf(version));
      const number = await publish(client, bytes, last).catch(() => 0);
      if (number > 0) [last, published] = [number, published + 1];
      else await sleep(20);
      if (samples.length < (elapsed() / seconds) * SAMPLES) {
        samples.push(measure());
        for (const [at, member] of members.entries()) reports[at].push(await reportOf(member));
      }
      if (restarts < RESTARTS && elapsed() / seconds > (restarts + 0.5) / RESTARTS) {
        restarts++;
        redis.kill('SIGKILL');
        await once(redis, 'exit');
        redis = startRedis(port, folder);
      }
    }
    const took = elapsed();
    const lasts = reports.map((list) => list.at(-1));
    const sum = (field) => lasts.reduce((total, report) => total + report[field], 0);
    console.log(
      `  updates: ${perSecond(published, took)}; taken: ${sum('updates').toLocaleString('en')}; loads that failed: ${sum('failed').toLocaleString('en')}`,
    );
    console.log(
      `  decisions, each checked: ${perSecond(sum('asked'), took)}; Redis was restarted ${restarts} times`,
    );
    const problems = [judge('the publisher', samples)];
    for (const [at, list] of reports.entries())
      problems.push(
        judge(
          `process ${at + 1}`,
          list.map(({ memory }) => memory),
        ),
      );
    problems.push(await converge(client, members, version + 1, last));
    problems.push(...lasts.map(({ failures }) => failures));
    return problems.flat();
  } finally {
    for (const member of members) member.kill('SIGKILL');
    client.destroy();
    redis.kill('SIGKILL');
    await once(redis, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Publishes one more version, which all have to take. */
async function converge(client, members, version, last) {
  const end = performance.now() + LONGEST_WAIT;
  const bytes = encodePolicy(policyOf(version));
  while (!(await publish(client, bytes, last).catch(() => 0))) await sleep(20);
  for (;;) {
    const reports = [];
    for (const member of members) reports.push(await reportOf(member));
    if (reports.every((report) => report.version === version)) {
      console.log('  all processes have the last version');
      return reports.flatMap(({ failures }) => failures);
    }
    if (performance.now() > end) {
      return [
        `of version ${version}, the processes have ${reports.map((report) => report.version).join(', ')}`,
      ];
    }
    await sleep(50);
  }
}

async function reportOf(member) {
  member.send('report');
  const [report] = await once(member, 'message');
  return report;
}

function startRedis(port, folder) {
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no' };
  const words = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return spawn('redis-server', words, { stdio: 'ignore' });
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
