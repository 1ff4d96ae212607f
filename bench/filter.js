/**
 * Measures `ipverdict filter` and its rivals on a log: `npm run bench:filter -- [--quick] [--lines N] [--write]`.
 *
 * | option      | means                                                                |
 * |-------------|----------------------------------------------------------------------|
 * | `--quick`   | 200,000 lines and fewer rounds: for a look                            |
 * | `--lines N` | so many lines of a log instead of a million                           |
 * | `--write`   | writes docs/performance-filter.md, from a full run                   |
 *
 * Whole processes are measured, from their start to their end, with the log in the cache of the system and the output in a
 * file. Each round runs all of them in turn, so that whatever else the machine does affects all of them.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createPolicy } from '../dist/index.js';
import { encodePolicy } from '../dist/snapshot.js';
import { loadTable, sampleList } from './input/lists.js';
import { LINE_LENGTH, writeLog } from './input/log.js';
import { mulberry32 } from './input/random.js';
import { describeMachine } from './measure/machine.js';
import { medianOf, quantile } from './measure/timing.js';
import { runTable, table, whole, wrap } from './report/tables.js';

/**
 * @typedef {{ name: string, program: string, given: string[], isFloor?: boolean }} Contestant
 * @typedef {Contestant & { times: number[], memory: number, difference: number }} Measured
 */

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const REPORT = new URL('../docs/performance-filter.md', import.meta.url);
const TIME = '/usr/bin/time';
const SEED = 15;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    lines: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const lines = Number(values.lines ?? (values.quick ? 200_000 : 1_000_000));
const rounds = values.quick ? 3 : 9;
if (values.write && (values.quick || values.lines !== undefined))
  throw new Error('--write takes a full run: leave --quick and --lines out');

const machine = describeMachine();
const folder = mkdtempSync(join(tmpdir(), 'ipverdict-filter-'));
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
/** @param {string} name */
const at = (name) => join(folder, name);

const { entries: routes, isReal } = loadTable(SEED);
const measuresMemory = existsSync(TIME) && spawnSync(TIME, ['-f', '%M', 'true']).status === 0;
const missing = ['grepcidr', 'grep', 'wc'].filter((name) => spawnSync(name, ['-V']).error !== undefined);
const sections = [
  measureList('1,000 networks', sampleList(mulberry32(SEED), routes, 1000)),
  measureList('100,000 networks', sampleList(mulberry32(SEED), routes, 100_000)),
  measureList('1,000 single IPv4 addresses', singleAddresses(1000)),
];
const report = writeReport(sections.join('\n\n'));
process.stdout.write(report);
if (values.write) writeFileSync(REPORT, report);

/** Addresses in the routing table. @param {number} count */
function singleAddresses(count) {
  const random = mulberry32(SEED);
  const ipv4 = routes.filter((route) => !route.includes(':'));
  return sampleList(random, [...ipv4, ...routes.slice(ipv4.length)], count * 8)
    .filter((entry) => !/[:/]/.test(entry))
    .slice(0, count);
}

/** @param {string} title @param {readonly string[]} entries */
function measureList(title, entries) {
  tell(`${title}: preparing`);
  writeFileSync(at('list.txt'), entries.join('\n').concat('\n'));
  writeFileSync(
    at('list.ipv'),
    encodePolicy(createPolicy({ deny: entries }, { maxEntries: Number.POSITIVE_INFINITY })),
  );
  writeFileSync(at('empty.log'), '');
  writeLog(at('access.log'), entries, { lines, seed: SEED });
  const contestants = makeContestants(entries);
  const expected = readFileSync(run(/** @type {Contestant} */ (contestants[0])).file);
  for (const contestant of contestants) {
    contestant.difference = contestant.isFloor
      ? 0
      : differenceOf(expected, readFileSync(run(contestant).file));
    // A benchmark of wrong answers is worthless: ours have to be right.
    if (contestant.program === process.execPath && contestant.difference !== 0)
      throw new Error(`${contestant.name} prints other lines than ${contestants[0]?.name}`);
  }
  for (let round = 0; round < rounds; round++) {
    tell(`${title}: round ${round + 1} of ${rounds}`);
    for (let turn = 0; turn < contestants.length; turn++) {
      const contestant = /** @type {Measured} */ (contestants[(turn + round) % contestants.length]);
      contestant.times.push(run(contestant).milliseconds);
    }
  }
  for (const contestant of contestants) contestant.memory = memoryOf(contestant);
  return `## ${title}\n\n${tableOf(contestants, lineCount(expected))}`;
}

/** @param {readonly string[]} entries @returns {Measured[]} */
function makeContestants(entries) {
  /** @param {string} name @param {string[]} given @param {string} log */
  const own = (name, given, log = 'access.log') => ({
    name,
    program: process.execPath,
    given: [CLI, 'filter', '--quiet', '--print', 'listed', ...given, at(log)],
  });
  /** @type {Contestant[]} */
  const all = [
    own('ipverdict filter', ['--deny', at('list.txt')]),
    own('ipverdict filter --any', ['--any', '--deny', at('list.txt')]),
    own('ipverdict filter, snapshot', ['--policy', at('list.ipv')]),
    { name: 'grepcidr -f', program: 'grepcidr', given: ['-f', at('list.txt'), at('access.log')] },
    { name: 'grepcidr -x -f', program: 'grepcidr', given: ['-x', '-f', at('list.txt'), at('access.log')] },
  ];
  if (entries.every((entry) => !/[:/]/.test(entry)))
    all.push({
      name: 'grep -F -w -f',
      program: 'grep',
      given: ['-F', '-w', '-f', at('list.txt'), at('access.log')],
    });
  all.push(
    { ...own('ipverdict filter, empty log', ['--deny', at('list.txt')], 'empty.log'), isFloor: true },
    { name: 'node -e 0', program: process.execPath, given: ['-e', '0'], isFloor: true },
    { name: 'wc -l', program: 'wc', given: ['-l', at('access.log')], isFloor: true },
  );
  return all
    .filter(({ program }) => !missing.includes(program))
    .map((contestant) => ({ ...contestant, times: [], memory: 0, difference: 0 }));
}

/** @param {Contestant} contestant */
function run({ name, program, given }) {
  const file = at('output.txt');
  const output = openSync(file, 'w');
  const begin = performance.now();
  const { status, error } = spawnSync(program, given, {
    stdio: ['ignore', output, 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  });
  const milliseconds = performance.now() - begin;
  closeSync(output);
  if (error !== undefined || status === null || status > 1)
    throw new Error(`${name} failed: ${error ?? status}`);
  return { file, milliseconds };
}

/** Resident memory at its largest, in megabytes. @param {Contestant} contestant */
function memoryOf({ program, given }) {
  if (!measuresMemory) return 0;
  const output = openSync(at('output.txt'), 'w');
  const { stderr } = spawnSync(TIME, ['-q', '-f', '%M', program, ...given], {
    stdio: ['ignore', output, 'pipe'],
  });
  closeSync(output);
  return Number(stderr.toString().trim().split('\n').at(-1)) / 1000;
}

/** The number of lines that are in one output alone. @param {Buffer} expected @param {Buffer} found */
function differenceOf(expected, found) {
  if (expected.equals(found)) return 0;
  const [one, other] = [expected, found].map((bytes) => new Set(bytes.toString('latin1').split('\n')));
  const alone =
    [...one].filter((line) => !other.has(line)).length + [...other].filter((line) => !one.has(line)).length;
  return Math.max(alone, 1);
}

/** @param {Buffer} bytes */
function lineCount(bytes) {
  return bytes.toString('latin1').split('\n').length - 1;
}

/** @param {readonly Measured[]} contestants @param {number} found */
function tableOf(contestants, found) {
  const rival = contestants.find(({ name }) => name === 'grepcidr -f');
  const header = [
    'program',
    ' fastest',
    ' median',
    ' to grepcidr -f',
    ' fastest to fastest',
    ' memory',
    'output',
  ];
  const rows = contestants.map(({ name, times, memory, difference, isFloor }) => {
    const ratios =
      rival === undefined ? [] : times.map((time, round) => time / (rival.times[round] ?? Number.NaN));
    const fastest = Math.min(...times);
    return [
      name,
      `${whole(fastest)} ms`,
      `${whole(medianOf(times))} ms`,
      rival === undefined
        ? ''
        : `${medianOf(ratios).toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)}–${quantile(ratios, 0.75).toFixed(2)})`,
      rival === undefined ? '' : (fastest / Math.min(...rival.times)).toFixed(2),
      memory === 0 ? '' : `${whole(memory)} MB`,
      isFloor ? '' : difference === 0 ? `${whole(found)} lines` : `differs in ${whole(difference)} lines`,
    ];
  });
  return table(header, rows);
}

/** @param {string} tables */
function writeReport(tables) {
  const introduction = wrap(
    `How long whole processes take, from start to end, for a combined log of ${whole(lines)} lines of ${LINE_LENGTH} bytes. *To grepcidr -f* is
    the median of the ratios to grepcidr in the same round, with the middle half of the rounds; *fastest to fastest* compares the
    minima. The last three rows are what nothing can be faster than: the same command with an empty log, Node itself, and
    counting the lines.`,
  );
  const items = [
    `**Lists.** Samples of ${isReal ? 'the Internet routing table' : 'a made table with the prefix lengths of the Internet routing table'}: half IPv4 and half IPv6,
    every fourth entry a single address, seeded. The snapshot is what \`ipverdict compile\` writes.`,
    `**Log.** Every fifth client is IPv6, every twentieth is in the list, the others are anywhere. No line has another address, as
    \`grepcidr\` looks for them anywhere and \`--any\` takes the first one.`,
    `**Right before fast.** The output of all programs is compared byte by byte before anything is timed; those of ipverdict have to be the same.`,
    `**Rounds.** ${rounds}, in which all programs take turns, beginning with another one each time. The log is in the cache of the
    system, and the output goes to a file.`,
    `**Memory.** The largest resident memory of one run${measuresMemory ? ', as `time` reports it' : ' is not measured here: there is no `/usr/bin/time`'}.`,
    ...(missing.length > 0 ? [`**Missing.** This machine has no ${missing.join(', ')}.`] : []),
  ].map((item) => wrap(`- ${item}`, '  '));
  return `# Performance of filter

<!-- Made by bench/filter.js; do not edit. -->

${introduction}

${runTable('npm run bench:filter -- --write', machine)}

${tables}

## How it was measured

${items.join('\n')}
`;
}

/** @param {string} text */
function tell(text) {
  process.stderr.write(`${text}\n`);
}
