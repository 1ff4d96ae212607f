/**
 * One measurement in a process of its own: `node bench/measure/process.js <JSON>`, the result as JSON on the standard output.
 *
 * A process each, because V8 compiles a function by what it has been called with: what was measured before would
 * change the figures of what comes after by up to 2.5 times.
 */

import { setImmediate } from 'node:timers/promises';
import { check, checkAddress, checkAnswer } from '../contestants/check.js';
import { contestants } from '../contestants/deciders.js';
import { parsers } from '../contestants/parsers.js';
import { flat, makeList, readClients, readList } from '../input/files.js';
import { mulberry32, pick } from '../input/lists.js';
import { ReferenceList } from '../input/reference.js';
import { askAbout, measurePairs, readCharacters, repeat, sink, splitAndRead } from './timing.js';

/**
 * @typedef {import('./timing.js').Effort} Effort
 * @typedef {import('./timing.js').Measured} Measured
 * @typedef {import('../input/clients.js').Client} Client
 * @typedef {import('../contestants/check.js').Checked} Checked
 *
 * @typedef {{ folder: string, contestant: string, effort: Effort }} Common
 * @typedef {Common & { job: 'ask', list: string, exempt?: string, clients: Record<string, string> }} AskJob names of
 *   client files by the name of the series
 * @typedef {Common & { job: 'parse', clients: Record<string, string> }} ParseJob
 * @typedef {Common & { job: 'build', list: string, clients: Record<string, string> }} BuildJob
 * @typedef {Common & { job: 'memory', list: string, size: number, count: number }} MemoryJob size 0 is
 *   the whole list
 * @typedef {Common & { job: 'refuse', list: string, clients: Record<string, string> }} RefuseJob
 * @typedef {Common & { job: 'crowd', list: string, size: number, count: number, clients: Record<string, string> }} CrowdJob
 * @typedef {AskJob | ParseJob | BuildJob | MemoryJob | RefuseJob | CrowdJob} Job
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
  const pairs = series.map(({ name, clients: all }) => {
    const texts = all.map((client) => client.text);
    return { name, floor: readCharacters(texts), subject: askAbout(texts, asked.ask) };
  });
  const measured = await measureInTurn(pairs, effort);
  return { series: measured.map((one, index) => ({ ...one, ...checks[index] })) };
}

/**
 * One pair after the other: the texts of the next one would push those of this one out of the caches.
 * @param {readonly import('./timing.js').Pair[]} pairs
 * @param {Effort} effort for all of them
 */
async function measureInTurn(pairs, effort) {
  const budgetMilliseconds = effort.budgetMilliseconds / pairs.length;
  const measured = [];
  for (const pair of pairs) measured.push(...(await measurePairs([pair], { ...effort, budgetMilliseconds })));
  return measured;
}

/** What is no address, whatever its length: each against valid addresses, asked of the same policy. */
const refusals = {
  'one character wrong': (/** @type {readonly string[]} */ valid) => {
    const random = mulberry32(valid.length);
    return valid.map((text) => {
      const at = Math.floor(random() * text.length);
      return `${text.slice(0, at)}${pick(random, ['x', ' ', '/', '%', 'é'])}${text.slice(at + 1)}`;
    });
  },
  empty: () => ['', ''],
  words: () => ['unknown', '-', 'localhost', 'null', '::ffff:', '1.2.3', '_hidden', 'undefined'],
  '1 MB of text': () => ['1', ':', '1.2.3.4, ', 'x'].map((part) => part.repeat(2 ** 20 / part.length)),
};

/**
 * @param {RefuseJob} job
 * @returns {Promise<TimedResult>}
 */
async function refuse({ folder, contestant, list, clients, effort }) {
  const chosen = find(contestants, contestant);
  const { ask, read } = chosen.load()(inputFor(chosen, readList(folder, list)));
  const valid = readClients(folder, clients.hit).map(({ text }) => text);
  const questions = Object.entries(refusals).map(([name, make]) => ({ name, texts: make(valid).map(flat) }));
  const pairs = questions.map(({ name, texts }) => ({
    name,
    floor: askAbout(valid, ask),
    subject: askAbout(texts, ask),
  }));
  const measured = await measureInTurn(pairs, effort);
  return {
    series: measured.map((one, index) => {
      const { texts } = questions[index];
      const admitted = texts.filter((text) => read(ask(text)).verdict !== 'deny');
      const example = admitted.length > 0 ? { example: 'lets it in' } : {};
      return { ...one, checked: texts.length, wrong: admitted.length, ...example };
    }),
  };
}

/** How many policies are asked by turns. */
const TURNS = 64;

/**
 * A policy alone, the same among thousands, and many by turns, with both methods and both families.
 * @param {CrowdJob} job
 * @returns {Promise<TimedResult>}
 */
async function crowd({ folder, list, size, count, clients, effort }) {
  const lines = readList(folder, list).text.split('\n');
  const parts = Math.floor(lines.length / size);
  const textAt = (/** @type {number} */ index) => {
    const from = (index % parts) * size;
    return flat(lines.slice(from, from + size).join('\n'));
  };
  const entries = textAt(0)
    .split('\n')
    .map((line) => line.split(' #')[0]);
  const strangers = Object.values(clients).map((file) => readClients(folder, file).map(({ text }) => text));
  const own = entries.map((entry) => entry.split('/')[0]);
  // Half of them inside of an entry.
  const texts = Array.from({ length: 1024 }, (_, index) =>
    flat(
      index % 2 === 0 ? own[(index >> 1) % own.length] : strangers[(index >> 1) % strangers.length][index],
    ),
  );
  const reference = new ReferenceList(entries);
  const { createPolicy } = await import('../../dist/index.js');
  const alone = createPolicy({ deny: textAt(0) });
  const floor = () => readCharacters(texts);
  const check = (/** @type {typeof alone} */ policy) => {
    const wrong = texts.filter((text) => policy.decide(text).verdict !== reference.deny(text).verdict);
    return {
      checked: texts.length,
      wrong: wrong.length,
      ...(wrong[0] === undefined ? {} : { example: wrong[0] }),
    };
  };
  const measure = async (/** @type {string} */ name, /** @type {(text: string) => unknown} */ ask) =>
    (await measureInTurn([{ name, floor: floor(), subject: askAbout(texts, ask) }], effort))[0];
  const first = { ...(await measure('alone', (text) => alone.decide(text))), ...check(alone) };
  const policies = Array.from({ length: count }, (_, index) => createPolicy({ deny: textAt(index) }));
  const one = policies[0];
  const second = { ...(await measure('one of many', (text) => one.decide(text))), ...check(one) };
  let turn = 0;
  const askInTurn = (/** @type {string} */ text) => {
    turn = (turn + 1) % TURNS;
    return turn % 2 === 0 ? policies[turn].decide(text) : policies[turn].allows(text);
  };
  const third = { ...(await measure('64 by turns, both methods', askInTurn)), checked: 0, wrong: 0 };
  return { series: [first, second, third] };
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
  const subject = repeat(() => construct(input));
  const [measured] = await measurePairs([{ name: 'build', floor: readCharacters([text]), subject }], effort);
  const series = [{ ...measured, ...checked }];
  // Against what nobody can do without who takes text apart; the others start from entries.
  if (chosen.isOurs) {
    const [again] = await measurePairs([{ name: 'split', floor: splitAndRead(text), subject }], effort);
    series.push({ ...again, ...checked });
  }
  return { series, firstMilliseconds, entries: countLines(text) };
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
    case 'refuse':
      return refuse(job);
    case 'crowd':
      return crowd(job);
  }
}

const result = await run(JSON.parse(process.argv[2] ?? ''));
// The sink is printed so that it counts as used.
process.stdout.write(JSON.stringify({ ...result, sink: sink.count }));
