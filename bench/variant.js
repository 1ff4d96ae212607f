/**
 * One measurement in a process of its own: `node bench/variant.js <JSON>`, the result as JSON on the standard output.
 *
 * A process each, because V8 compiles a function by what it has been called with: what was measured before would
 * change the figures of what comes after by up to 2.5 times.
 */

import { setImmediate } from 'node:timers/promises';
import { check, checkAddress, checkAnswer } from './check.js';
import { contestants } from './contestants.js';
import { makeList, readClients, readList } from './files.js';
import { askAbout, measurePairs, readCharacters, repeat, sink } from './measure.js';
import { parsers } from './parsers.js';

/**
 * @typedef {import('./measure.js').Effort} Effort
 * @typedef {import('./measure.js').Measured} Measured
 * @typedef {import('./clients.js').Client} Client
 * @typedef {import('./check.js').Checked} Checked
 *
 * @typedef {{ folder: string, contestant: string, effort: Effort }} Common
 * @typedef {Common & { job: 'ask', list: string, exempt?: string, clients: Record<string, string> }} AskJob names of
 *   client files by the name of the series
 * @typedef {Common & { job: 'parse', clients: Record<string, string> }} ParseJob
 * @typedef {Common & { job: 'build', list: string, clients: Record<string, string> }} BuildJob
 * @typedef {Common & { job: 'memory', list: string, size: number, count: number }} MemoryJob size 0 is
 *   the whole list
 * @typedef {AskJob | ParseJob | BuildJob | MemoryJob} Job
 *
 * @typedef {Measured & Checked} Series
 * @typedef {{ series: Series[] }} TimedResult
 * @typedef {{ series: Series[], firstMilliseconds: number, entries: number }} BuildResult
 * @typedef {{ entries: number, textBytes: number, heapBytes: number, bufferBytes: number }} MemoryResult sums over all
 *   that was built
 */

/**
 * @param {AskJob} job
 * @returns {Promise<TimedResult>}
 */
async function ask({ folder, contestant, list, exempt, clients, effort }) {
  const chosen = find(contestants, contestant);
  const { text, entries } = inputFor(chosen, readList(folder, list));
  const exemptions = exempt === undefined ? [] : readList(folder, exempt).entries;
  const asked = chosen.load()({ text, entries, exempt: exemptions });
  const series = Object.entries(clients).map(([name, file]) => ({
    name,
    clients: readClients(folder, file),
  }));
  const checks = series.map((one) => check(one.clients, (client) => checkAnswer(chosen, asked, client)));
  const measured = await measurePairs(
    series.map(({ name, clients: all }) => {
      const texts = all.map((client) => client.text);
      return { name, floor: readCharacters(texts), subject: askAbout(texts, asked.ask) };
    }),
    effort,
  );
  return { series: measured.map((one, index) => ({ ...one, ...checks[index] })) };
}

/**
 * @param {ParseJob} job
 * @returns {Promise<TimedResult>}
 */
async function parse({ folder, contestant, clients, effort }) {
  const parser = find(parsers, contestant).load();
  const series = Object.entries(clients).map(([name, file]) => ({
    name,
    clients: readClients(folder, file),
  }));
  const checks = series.map((one) => check(one.clients, ({ text }) => checkAddress(parser, text)));
  const measured = await measurePairs(
    series.map(({ name, clients: all }) => {
      const texts = all.map(({ text }) => text);
      return { name, floor: readCharacters(texts), subject: askAbout(texts, parser.parse) };
    }),
    effort,
  );
  return { series: measured.map((one, index) => ({ ...one, ...checks[index] })) };
}

/**
 * @param {BuildJob} job
 * @returns {Promise<BuildResult>}
 */
async function build({ folder, contestant, list, clients, effort }) {
  const chosen = find(contestants, contestant);
  const source = readList(folder, list);
  const input = inputFor(chosen, source);
  const construct = chosen.load();
  const begin = performance.now();
  const asked = construct(input);
  const firstMilliseconds = performance.now() - begin;
  const sample = Object.values(clients).flatMap((file) => readClients(folder, file).slice(0, 64));
  const checked = check(sample, (client) => checkAnswer(chosen, asked, client));
  const { text } = source;
  const [measured] = await measurePairs(
    [{ name: 'build', floor: readCharacters([text]), subject: repeat(() => construct(input)) }],
    effort,
  );
  return { series: [{ ...measured, ...checked }], firstMilliseconds, entries: countLines(text) };
}

/** @param {string} text */
function countLines(text) {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/**
 * @param {MemoryJob} job
 * @returns {Promise<MemoryResult>}
 */
async function memory({ folder, contestant, list, size, count }) {
  const chosen = find(contestants, contestant);
  const construct = chosen.load();
  const lines = readList(folder, list).text.split('\n');
  const length = size === 0 ? lines.length : size;
  const partAt = (/** @type {number} */ index) => {
    const from = (index * length) % (lines.length - length + 1);
    return Buffer.from(lines.slice(from, from + length).join('\n'));
  };
  // The first one brings the memory of the code with it, which is not counted.
  const first = construct(inputFor(chosen, makeList(partAt(0))));
  const before = await settledMemory();
  const { built, textBytes } = buildAll(count, (index) => {
    const bytes = partAt(index);
    return { built: construct(inputFor(chosen, makeList(bytes))), textBytes: bytes.length };
  });
  const after = await settledMemory();
  sink.answer = [first, built];
  return {
    entries: length * count,
    textBytes,
    heapBytes: after.heapUsed - before.heapUsed,
    bufferBytes: after.arrayBuffers - before.arrayBuffers,
  };
}

/**
 * Apart from the asynchronous function around it, which would keep the last input alive while it waits.
 * @param {number} count
 * @param {(index: number) => { built: unknown, textBytes: number }} build
 */
function buildAll(count, build) {
  /** @type {unknown[]} */
  const all = new Array(count).fill(undefined);
  let bytes = 0;
  for (let index = 0; index < count; index++) {
    const { built, textBytes } = build(index);
    all[index] = built;
    bytes += textBytes;
  }
  return { built: all, textBytes: bytes };
}

async function settledMemory() {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  // Buffers are given back after the collection that has found them unused.
  for (let time = 0; time < 4; time++) {
    globalThis.gc();
    await setImmediate();
  }
  return process.memoryUsage();
}

/**
 * ipverdict takes the text with its notes, the others take entries.
 * @param {{ isOurs?: boolean }} contestant
 * @param {ReturnType<typeof makeList>} list
 */
function inputFor({ isOurs = false }, list) {
  return isOurs ? { text: list.text, entries: [] } : { text: '', entries: list.entries };
}

/**
 * @template {{ name: string }} T
 * @param {readonly T[]} all
 * @param {string} name
 * @returns {T}
 */
function find(all, name) {
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no contestant ${name}`);
  return found;
}

/** @param {Job} job */
function run(job) {
  switch (job.job) {
    case 'ask':
      return ask(job);
    case 'parse':
      return parse(job);
    case 'build':
      return build(job);
    case 'memory':
      return memory(job);
  }
}

const result = await run(JSON.parse(process.argv[2] ?? ''));
// The sink is printed so that it counts as used.
process.stdout.write(JSON.stringify({ ...result, sink: sink.count }));
