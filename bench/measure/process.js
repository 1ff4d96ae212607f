/**
 * One measurement in a process of its own: `node bench/measure/process.js <JSON>`, with the result as JSON on the
 * standard output.
 *
 * Each has its own process, because V8 compiles a function by what it has been called with: an earlier measurement
 * would change the figures of a later one by up to 2.5 times.
 */

import { check, checkAddress, checkAnswer } from '../contestants/check.js';
import { contestants } from '../contestants/deciders.js';
import { parsers } from '../contestants/parsers.js';
import { flat, makeList, readClients, readList } from '../input/files.js';
import { mulberry32, pick } from '../input/random.js';
import { ReferenceList } from '../input/reference.js';
import { buildCold, crowdCold, loadCold, startCold } from './cold.js';
import { askCollected, buildCollected } from './collected.js';
import { askRules, buildRules, joinSets } from './joined.js';
import { settledMemory } from './memory.js';
import { askAbout, measurePair, readCharacters, repeat, sink, splitAndRead } from './timing.js';

/**
 * @typedef {import('./timing.js').Effort} Effort
 * @typedef {import('./timing.js').Pair} Pair
 * @typedef {import('../input/clients.js').Client} Client
 * @typedef {import('../contestants/check.js').Checked} Checked
 *
 * @typedef {object} Job what `plan.js` asks for
 * @property {string} folder of the temporary files
 * @property {string} job its name
 * @property {string} contestant
 * @property {string} list name of a list file
 * @property {string} [exempt] name of a list file
 * @property {Record<string, string>} clients names of client files by the name of the series
 * @property {number} size entries of each list, 0 for the whole list
 * @property {number} count how many lists, or decisions
 * @property {number} left how many decisions are not counted
 * @property {number} starts how many processes are started
 * @property {Effort} effort
 *
 * @typedef {import('./timing.js').Measured & Checked} Series
 * @typedef {{ series: Series[] }} TimedResult
 * @typedef {{ series: Series[], firstMilliseconds: number, entries: number }} BuildResult
 * @typedef {{ entries: number, textBytes: number, heapBytes: number, bufferBytes: number }} MemoryResult sums over all
 *   that was built
 */

/** @type {Readonly<Record<string, (job: Job) => object | Promise<object>>>} */
const jobs = {
  ask,
  parse,
  build,
  memory,
  refuse,
  crowd,
  buildCollected: (job) => buildCollected(find(contestants, job.contestant), job),
  askCollected: (job) => askCollected(find(contestants, job.contestant), job),
  startCold,
  buildCold,
  crowdCold,
  loadCold,
  askRules,
  buildRules,
  joinSets,
};

/** @param {Job} job */
function ask({ contestant, list, exempt, ...job }) {
  const chosen = find(contestants, contestant);
  const { text, entries } = inputFor(chosen, readList(job.folder, list));
  const exemptions = exempt === undefined ? [] : readList(job.folder, exempt).entries;
  const asked = chosen.load()({ text, entries, exempt: exemptions });
  return checkAndTime(job, asked.ask, (client) => checkAnswer(chosen, asked, client));
}

/** @param {Job} job */
function parse({ contestant, ...job }) {
  const parser = find(parsers, contestant).load();
  return checkAndTime(job, parser.parse, ({ text }) => checkAddress(parser, text));
}

/**
 * Checks the answers about the clients of all series, then times them.
 * @param {Pick<Job, 'folder' | 'clients' | 'effort'>} job
 * @param {(text: string) => unknown} subject
 * @param {(client: Client) => string | undefined} complain
 * @returns {Promise<TimedResult>}
 */
async function checkAndTime({ folder, clients, effort }, subject, complain) {
  const series = Object.entries(clients).map(([name, file]) => ({
    name,
    clients: readClients(folder, file),
  }));
  const checks = series.map((one) => check(one.clients, complain));
  const pairs = series.map(({ name, clients: all }) => {
    const texts = all.map(({ text }) => text);
    return { name, floor: readCharacters(texts), subject: askAbout(texts, subject) };
  });
  const measured = await measureInTurn(pairs, effort);
  return { series: measured.map((one, index) => ({ ...one, ...checks[index] })) };
}

/**
 * One pair after the other: the texts of the next one would push those of this one out of the caches.
 * @param {readonly Pair[]} pairs
 * @param {Effort} effort for all of them
 */
async function measureInTurn(pairs, effort) {
  const budgetMilliseconds = effort.budgetMilliseconds / pairs.length;
  const measured = [];
  for (const pair of pairs) measured.push(await measurePair(pair, { ...effort, budgetMilliseconds }));
  return measured;
}

/** Text of any length that is not an address: each against valid addresses, decided by the same policy. */
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
 * @param {Job} job
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
    series: measured.map((one, index) => ({
      ...one,
      ...checkAll(questions[index].texts, (text) => read(ask(text)).verdict === 'deny'),
    })),
  };
}

/**
 * @param {readonly string[]} texts
 * @param {(text: string) => boolean} isRight
 * @returns {Checked}
 */
function checkAll(texts, isRight) {
  const wrong = texts.filter((text) => !isRight(text));
  const example = wrong.length === 0 ? {} : { example: `is wrong about \`${wrong[0].slice(0, 40)}\`` };
  return { checked: texts.length, wrong: wrong.length, ...example };
}

/** How many policies decide in turn. */
const TURNS = 64;

/**
 * A policy alone, the same among thousands, and many in turn, with both methods and both families.
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
async function crowd({ folder, list, size, count, clients, effort }) {
  const lines = readList(folder, list).text.split('\n');
  const parts = Math.floor(lines.length / size);
  const textAt = (/** @type {number} */ index) => {
    const from = (index % parts) * size;
    return flat(lines.slice(from, from + size).join('\n'));
  };
  const { entries } = makeList(Buffer.from(textAt(0)));
  const strangers = Object.values(clients).map((file) => readClients(folder, file).map(({ text }) => text));
  const own = entries.map((entry) => entry.split('/')[0]);
  // Half of them inside an entry.
  const texts = Array.from({ length: 1024 }, (_, index) =>
    flat(
      index % 2 === 0 ? own[(index >> 1) % own.length] : strangers[(index >> 1) % strangers.length][index],
    ),
  );
  const reference = new ReferenceList(entries);
  const { createPolicy } = await import('../../dist/index.js');
  const measure = (/** @type {string} */ name, /** @type {(text: string) => unknown} */ subject) =>
    measurePair({ name, floor: readCharacters(texts), subject: askAbout(texts, subject) }, effort);
  const measureOne = async (/** @type {string} */ name, /** @type {any} */ policy) => ({
    ...(await measure(name, (text) => policy.decide(text))),
    ...checkAll(texts, (text) => policy.decide(text).verdict === reference.deny(text).verdict),
  });
  const alone = await measureOne('alone', createPolicy({ deny: textAt(0) }));
  const policies = Array.from({ length: count }, (_, index) => createPolicy({ deny: textAt(index) }));
  const oneOfMany = await measureOne('one of many', policies[0]);
  let turn = 0;
  const askInTurn = (/** @type {string} */ text) => {
    turn = (turn + 1) % TURNS;
    return turn % 2 === 0 ? policies[turn].decide(text) : policies[turn].allows(text);
  };
  const inTurn = await measure('64 in turn, both methods', askInTurn);
  return { series: [alone, oneOfMany, { ...inTurn, checked: 0, wrong: 0 }] };
}

/**
 * @param {Job} job
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
  const pairs = [{ name: 'build', floor: readCharacters([text]), subject }];
  // Splitting is work that nothing that reads the text can avoid; the others start from entries.
  if (chosen.isOurs) pairs.push({ name: 'split', floor: splitAndRead(text), subject });
  const series = [];
  for (const pair of pairs) series.push({ ...(await measurePair(pair, effort)), ...checked });
  return { series, firstMilliseconds, entries: text.split('\n').length };
}

/**
 * @param {Job} job
 * @returns {Promise<MemoryResult>}
 */
async function memory({ folder, contestant, list, size, count }) {
  const chosen = find(contestants, contestant);
  const { createPolicy } = await import('../../dist/index.js');
  // Our policy itself: the functions around it that ask and read would be a tenth of a small one.
  const construct = chosen.isOurs
    ? (/** @type {{ text: string }} */ { text }) =>
        createPolicy({ deny: text, maxEntries: Number.POSITIVE_INFINITY })
    : chosen.load();
  const lines = readList(folder, list).text.split('\n');
  const length = size === 0 ? lines.length : size;
  const partAt = (/** @type {number} */ index) => {
    const from = (index * length) % (lines.length - length + 1);
    return Buffer.from(lines.slice(from, from + length).join('\n'));
  };
  // The first one adds the memory of the code, which is not counted.
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
    heapBytes: after.heap - before.heap,
    bufferBytes: after.buffers - before.buffers,
  };
}

/**
 * Separate from the asynchronous function that calls it, which would keep the last input alive while it waits.
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

/**
 * ipverdict reads the text with its notes, the others read entries.
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

/** @type {Job} */
const job = JSON.parse(process.argv[2] ?? '');
const result = await jobs[job.job](job);
// The sink is printed so that it counts as used.
process.stdout.write(JSON.stringify({ ...result, sink: sink.count }));
