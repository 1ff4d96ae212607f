/**
 * Measures what a guard costs per request: `npm run bench:http -- [--quick] [--only node,…] [--write]`.
 *
 * | option            | means                                                          |
 * |-------------------|----------------------------------------------------------------|
 * | `--quick`         | fewer and shorter rounds: for a look                           |
 * | `--only node,…`   | these frameworks only: node, express, fastify, koa, hono       |
 * | `--write`         | writes docs/performance-http.md, from a full run               |
 *
 * Each site is a process of its own; this one sends requests with autocannon. All sites of a framework live at once and
 * take turns in short rounds, so that whatever else the machine does affects all of them.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installRivals, rivalVersions } from './contestants/install.js';
import { FORWARDED_FOR } from './http/list.js';
import { describeMachine } from './measure/machine.js';
import { medianOf, quantile } from './measure/timing.js';
import { digits, runTable, table, whole, wrap } from './report/tables.js';

const SITE = fileURLToPath(new URL('./http/site.js', import.meta.url));
const REPORT = new URL('../docs/performance-http.md', import.meta.url);
const CONNECTIONS = 20;

/** The bare site is there twice: how far it is from itself is the noise. */
const guards = ['bare', 'bare again', 'empty middleware', 'ipverdict'];
const plan = {
  node: { title: 'node:http', guards: ['bare', 'bare again', 'ipverdict', 'ipverdict, behind a proxy'] },
  express: { title: 'Express', guards: [...guards, 'ipverdict, behind a proxy', 'express-ipfilter'] },
  fastify: { title: 'Fastify', guards },
  koa: { title: 'Koa', guards },
  hono: { title: 'Hono on Node', guards: [...guards, 'hono/ip-restriction'] },
};

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(plan).join() },
  },
});
const only = values.only.split(',');
const isFull = !values.quick && Object.keys(plan).every((name) => only.includes(name));
if (values.write && !isFull) throw new Error('--write takes a full run: leave --quick and --only out');
const { rounds, seconds } = values.quick ? { rounds: 3, seconds: 1 } : { rounds: 5, seconds: 2 };

if (!installRivals())
  throw new Error('the rivals, and autocannon, could not be installed: is there a network?');
const autocannon = createRequire(new URL('./rivals/', import.meta.url))('autocannon');
const machine = describeMachine();
const sections = [];
for (const framework of Object.keys(plan)) {
  if (only.includes(framework)) sections.push(await measureFramework(framework));
}
const report = writeReport(sections.join('\n\n'));
process.stdout.write(report);
if (values.write) writeFileSync(REPORT, report);

/** @param {keyof typeof plan} framework */
async function measureFramework(framework) {
  const sites = [];
  for (const guard of plan[framework].guards) sites.push(await startSite(framework, guard));
  try {
    for (const site of sites) await fire(site, seconds);
    for (let round = 0; round < rounds; round++) {
      tell(`${framework}: round ${round + 1} of ${rounds}`);
      // Each site takes each place in turn.
      for (let at = 0; at < sites.length; at++) {
        const site = sites[(at + round) % sites.length];
        site.rounds.push(await fire(site, seconds));
      }
    }
  } finally {
    for (const { child } of sites) child.disconnect();
  }
  const [bare] = sites;
  const header = [
    'guard',
    ' requests per second',
    ' processor per request',
    ' to bare',
    ' middle half of the rounds',
  ];
  const rows = sites.map(({ guard, rounds: own }) => {
    const ratios = own.map(({ cost }, round) => cost / bare.rounds[round].cost);
    const [rate, cost] = ['rate', 'cost'].map((name) => medianOf(own.map((round) => round[name])));
    const spread = `${percent(quantile(ratios, 0.25))} to ${percent(quantile(ratios, 0.75))}`;
    return [nameOf(guard), whole(rate), `${digits(cost)} µs`, percent(medianOf(ratios)), spread];
  });
  return `## ${plan[framework].title}\n\n${table(header, rows)}`;
}

/** Starts a site and proves it right: it denies the one client, and lets the other in. */
async function startSite(framework, guard) {
  const child = fork(SITE, [framework, guard], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ port, denied }] = await once(child, 'message');
  // The same for all, as reading a header costs every server something.
  const headers = { 'X-Forwarded-For': FORWARDED_FOR };
  const site = { guard, child, port, headers, rounds: [] };
  const forged = { 'X-Forwarded-For': denied };
  const refused = guard.includes('proxy')
    ? await statusOf(port, undefined, forged)
    : await statusOf(port, denied, {});
  const expected = /^bare|^empty/.test(guard) ? 200 : 403;
  if (refused !== expected || (await statusOf(port, undefined, headers)) !== 200) {
    throw new Error(`${framework} with ${guard} is not right: ${refused}`);
  }
  return site;
}

/** @returns {Promise<number | undefined>} */
function statusOf(port, localAddress, headers) {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', localAddress, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject).end();
  });
}

/** Requests per second, and the microseconds of processor time that the server used for each. */
async function fire({ port, headers, guard, child }, duration) {
  const before = await usedBy(child);
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections: CONNECTIONS,
    duration,
    headers,
    sampleInt: 250,
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${guard}: ${result.non2xx} refused`);
  const used = (await usedBy(child)) - before;
  return { rate: result.requests.total / result.duration, cost: used / result.requests.total };
}

/** @returns {Promise<number>} */
async function usedBy(child) {
  child.send('used');
  const [{ used }] = await once(child, 'message');
  return used;
}

function nameOf(guard) {
  const version = rivalVersions[guard.split('/')[0]];
  return version === undefined || guard.startsWith('bare') ? guard : `${guard} ${version}`;
}

function percent(ratio) {
  return `${(ratio * 100).toLocaleString('en-US', { maximumFractionDigits: 0 })} %`;
}

function writeReport(tables) {
  const introduction = wrap(
    `What a guard costs per request, over loopback: the smallest page of each framework, requested by autocannon
    ${rivalVersions.autocannon} on ${CONNECTIONS} connections without a pause, so that the server is always busy. Requests per second depend on what else the machine
    does; the *processor per request*, the time that the server's process used, depends on it far less. *To bare* is the median of its ratios to
    the bare framework in the same round. **Bare again** is the same bare site once more: how far it is from 100 % is the noise, and
    differences within it mean nothing. **Empty middleware** passes every request on: what any middleware costs.`,
  );
  const items = [
    `**List.** 1,000 entries, every other one IPv6, every fourth a single address, seeded. The client is in none of them,
    which is the longest way through a list that is searched entry by entry.`,
    `**Right before fast.** Each site first has to refuse the denied address of the list, and let the other client in.`,
    `**Behind a proxy.** The client is found in \`X-Forwarded-For: ${FORWARDED_FOR}\` of a trusted peer. All sites get
    this header, and only these read it.`,
    `**Rounds.** ${rounds} of ${seconds} seconds for each site, after a warm-up; all sites of a framework take turns, each in a process of its
    own. The process that sends the requests is on the same machine.`,
    `**Rivals.** The middleware of each project as its documentation shows it, logging switched off. The servers listen on IPv4 alone, so that all
    of them see plain IPv4 addresses.`,
  ].map((item) => wrap(`- ${item}`, '  '));
  return `# Performance of the adapters

<!-- Made by bench/http.js; do not edit. -->

${introduction}

${runTable('npm run bench:http -- --write', machine)}

${tables}

## How it was measured

${items.join('\n')}
`;
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}
