/**
 * Compares how long two builds of ipverdict take to make a policy, by shape and size of the list:
 *
 *     node bench/build-shapes.js old/dist/index.js new/dist/index.js [--million] [--only duplicates,…] [--size 100,…]
 *
 * | option           | means                                                  |
 * |------------------|--------------------------------------------------------|
 * | `--million`      | lists of 1,000,000 entries as well                     |
 * | `--only shape,…` | only these shapes, each by the first letters of a name |
 * | `--size 100,…`   | only these sizes                                       |
 *
 * Two fresh processes measure each row. Both load both builds and time them in rounds that take turns; the second
 * loads them in the other order. The distance between their two ratios is the noise.
 */

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { flat } from './input/files.js';
import { mulberry32, pick, randomBits } from './input/random.js';
import { writeAddress, writePrefix } from './input/reference.js';
import { measurePair, repeat } from './measure/timing.js';
import { digits, duration, table, whole } from './report/tables.js';

/**
 * @typedef {import('./input/random.js').Random} Random
 * @typedef {import('./measure/timing.js').Figures} Figures
 * @typedef {{ deny: string[], exempt?: string[] }} Lists
 * @typedef {{ oldFile: string, newFile: string, shape: string, size: number, isSwapped: boolean }} Job
 */

const MILLION = 1_000_000;
const sizes = [10, 100, 1000, 20_000, 100_000];
// Many short rounds: few of them are disturbed by what else the machine does.
const effort = {
  rounds: 301,
  roundMilliseconds: 2,
  warmUpMilliseconds: 500,
  floorWarmUpMilliseconds: 500,
  budgetMilliseconds: 3000,
  collects: true,
};

/** @type {Record<string, (random: Random, size: number) => Lists>} */
const shapes = {
  'sorted /24': (_random, size) => ({
    deny: repeated(size, (index) => prefix4(0x1000000n + 768n * BigInt(index), 24)),
  }),
  'random IPv4 /16../32': (random, size) => ({ deny: repeated(size, () => random4(random)) }),
  'random IPv6 /32../64': (random, size) => ({ deny: repeated(size, () => random6(random)) }),
  'mixed both families': (random, size) => ({
    deny: repeated(size, (index) => (index % 2 === 0 ? random4(random) : random6(random))),
  }),
  'overlapping IPv4 ranges': (random, size) => ({
    deny: repeated(size, () => rangeOf(random, size, 32, (value) => writeAddress({ family: 4, value }))),
  }),
  // In 2000::/3, from one /64 to another.
  'overlapping IPv6 ranges': (random, size) => ({
    deny: repeated(size, () =>
      rangeOf(random, size, 61, (value) => writeAddress({ family: 6, value: ((1n << 61n) | value) << 64n })),
    ),
  }),
  duplicates: (random, size) => {
    const different = repeated(Math.ceil(size / 4), () => prefix4(randomBits(random, 32), 24));
    return { deny: repeated(size, () => pick(random, different)) };
  },
  // Every tenth entry is an exemption.
  'exemptions inside': (random, size) => {
    const values = repeated(size - size / 10, () => randomBits(random, 32));
    return {
      deny: values.map((value) => prefix4(value, 20)),
      exempt: repeated(size / 10, () => prefix4(pick(random, values), 28)),
    };
  },
};

/** @template T @param {number} count @param {(index: number) => T} make */
function repeated(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** @param {bigint} value @param {number} length */
function prefix4(value, length) {
  return writePrefix({ family: 4, value, length });
}

/** @param {Random} random */
function random4(random) {
  return prefix4(randomBits(random, 32), 16 + Math.floor(random() * 17));
}

/** @param {Random} random */
function random6(random) {
  const length = 32 + Math.floor(random() * 33);
  return writePrefix({ family: 6, value: (1n << 125n) | randomBits(random, 125), length });
}

/**
 * A range wide enough to overlap with about four others, whatever the size of the list.
 * @param {Random} random
 * @param {number} size
 * @param {number} bits
 * @param {(value: bigint) => string} write
 */
function rangeOf(random, size, bits, write) {
  const space = 1n << BigInt(bits);
  const first = randomBits(random, bits);
  const last = first + (4n * space * BigInt(1 + Math.floor(random() * 1000))) / BigInt(1000 * size);
  return `${write(first)}-${write(last < space ? last : space - 1n)}`;
}

/**
 * In a process of its own: proves that both builds decide the same, then times them.
 * @param {Job} job
 */
async function measure({ oldFile, newFile, shape, size, isSwapped }) {
  const { deny, exempt = [] } = shapes[shape](mulberry32(size), size);
  const [denyText, exemptText] = [deny, exempt].map((entries) => flat(entries.join('\n')));
  const input = { deny: denyText, exempt: exemptText, maxEntries: Number.POSITIVE_INFINITY };
  const builds = [];
  for (const file of isSwapped ? [newFile, oldFile] : [oldFile, newFile]) {
    const { createPolicy } = await import(pathToFileURL(file).href);
    builds.push(() => createPolicy(input));
  }
  const policies = builds.map((build) => build());
  const random = mulberry32(size + 1);
  const starts = [...deny.slice(-256), ...exempt.slice(-256)].map((entry) => entry.split(/[-/]/)[0]);
  const strangers = repeated(256, (index) => (index % 2 === 0 ? random4 : random6)(random)).map(
    (prefix) => prefix.split('/')[0],
  );
  for (const client of [...starts, ...strangers]) {
    const [one, other] = policies.map((policy) => {
      const { verdict, reason, entry } = policy.decide(client);
      return JSON.stringify([verdict, reason, entry?.text, entry?.line]);
    });
    if (one !== other) throw new Error(`the builds differ about ${client}: ${one} and ${other}`);
  }
  const [floor, subject] = builds.map(repeat);
  const budgetMilliseconds = size < MILLION ? effort.budgetMilliseconds : 0;
  const timed = await measurePair({ name: shape, floor, subject }, { ...effort, budgetMilliseconds });
  return isSwapped
    ? { figures: [timed.subject, timed.floor], ratio: 1 / timed.ratio }
    : { figures: [timed.floor, timed.subject], ratio: timed.ratio };
}

/** @param {Job} job @returns {{ figures: Figures[], ratio: number }} figures of the old and of the new build */
function measureApart(job) {
  const command = ['--expose-gc', fileURLToPath(import.meta.url), '--job', JSON.stringify(job)];
  const { status, stdout } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) process.exit(1);
  return JSON.parse(stdout);
}

function compareAll() {
  const [oldFile, newFile] = positionals.map((file) => resolve(file));
  if (newFile === undefined) throw new Error('two files are needed: the old and the new dist/index.js');
  const wanted = values.size?.split(',').map(Number) ?? [...sizes, ...(values.million ? [MILLION] : [])];
  const starts = values.only.split(',');
  /** @type {number[]} */
  const ratios = [];
  const rows = Object.keys(shapes)
    .filter((shape) => starts.some((start) => shape.startsWith(start)))
    .flatMap((shape) => wanted.map((size) => ({ shape, size })))
    .map(({ shape, size }) => {
      process.stderr.write(`${shape}, ${whole(size)}\n`);
      const runs = [false, true].map((isSwapped) =>
        measureApart({ oldFile, newFile, shape, size, isSwapped }),
      );
      const medians = [0, 1].map(
        (build) => (runs[0].figures[build].median + runs[1].figures[build].median) / 2,
      );
      const minima = [0, 1].map((build) => Math.min(...runs.map(({ figures }) => figures[build].minimum)));
      const ratio = meanOf(runs.map((run) => run.ratio));
      ratios.push(ratio);
      const shown = [ratio, ...runs.map((run) => run.ratio), minima[1] / minima[0]].map(digits);
      return [shape, whole(size), ...[...medians, ...minima].map(duration), ...shown];
    });
  const times = [' old median', ' new median', ' old minimum', ' new minimum'];
  return `${table(['list', ' entries', ...times, ' new to old', ' once', ' again', ' of the minima'], rows)}

New to old is the median of the ratios of neighbouring rounds, below 1 where the new build is faster; once and again are
the same from each of the two processes. Geometric mean of all rows: ${digits(meanOf(ratios))}
`;
}

/** @param {readonly number[]} ratios */
function meanOf(ratios) {
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    million: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    size: { type: 'string' },
    job: { type: 'string' },
  },
});
process.stdout.write(
  values.job === undefined ? compareAll() : JSON.stringify(await measure(JSON.parse(values.job))),
);
