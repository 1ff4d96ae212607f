/**
 * Compares how long two builds of ipverdict take to make a policy, by shape and size of the list:
 *
 *     node bench/build-shapes.js old/dist/index.js new/dist/index.js [--million] [--only duplicates,…]
 *
 * | option           | means                                            |
 * |------------------|--------------------------------------------------|
 * | `--million`      | lists of 1,000,000 entries, too                  |
 * | `--only shape,…` | these shapes only, by the first letters of names |
 * | `--size 100,…`   | these sizes only                                 |
 *
 * Every row is measured by two fresh processes, each of which loads both builds and lets their rounds take turns; the
 * second one loads them in the other order. How far their two ratios are apart is the noise.
 */

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { flat } from './input/files.js';
import { mulberry32, pick, randomBits } from './input/lists.js';
import { writeIPv4, writeShortIPv6 } from './input/reference.js';
import { measurePair, repeat } from './measure/timing.js';
import { digits, duration, table, whole } from './report/tables.js';

/**
 * @typedef {() => number} Random
 * @typedef {{ deny: string[], exempt?: string[] }} Lists
 * @typedef {{ oldFile: string, newFile: string, shape: string, size: number, isSwapped: boolean }} Job
 */

const sizes = [10, 100, 1000, 20_000, 100_000];
const MILLION = 1_000_000;
// Many short rounds: the fewest of them are disturbed by what else the machine does.
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
    deny: repeated(size, (index) => prefix4(0x01000000n + 768n * BigInt(index), 24)),
  }),
  'random IPv4 /16../32': (random, size) => ({ deny: repeated(size, () => random4(random)) }),
  'random IPv6 /32../64': (random, size) => ({ deny: repeated(size, () => random6(random)) }),
  'mixed both families': (random, size) => ({
    deny: repeated(size, (index) => (index % 2 === 0 ? random4(random) : random6(random))),
  }),
  'overlapping IPv4 ranges': (random, size) => ({
    deny: repeated(size, () => rangeOf(random, size, 32, writeIPv4)),
  }),
  'overlapping IPv6 ranges': (random, size) => ({
    deny: repeated(size, () =>
      rangeOf(random, size, 61, (value) => writeShortIPv6(((1n << 61n) | value) << 64n)),
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
  const host = BigInt(32 - length);
  return `${writeIPv4((value >> host) << host)}/${length}`;
}

/** @param {Random} random */
function random4(random) {
  return prefix4(randomBits(random, 32), 16 + Math.floor(random() * 17));
}

/** @param {Random} random */
function random6(random) {
  const length = 32 + Math.floor(random() * 33);
  const value = (1n << 125n) | randomBits(random, 125);
  return `${writeShortIPv6((value >> BigInt(128 - length)) << BigInt(128 - length))}/${length}`;
}

/**
 * A range so wide that it overlaps with about four others, whatever the size of the list.
 * @param {Random} random
 * @param {number} size
 * @param {number} bits
 * @param {(value: bigint) => string} write
 */
function rangeOf(random, size, bits, write) {
  const space = 1n << BigInt(bits);
  const first = randomBits(random, bits);
  const width = (4n * space * BigInt(1 + Math.floor(random() * 1000))) / (1000n * BigInt(size));
  const last = first + width < space ? first + width : space - 1n;
  return `${write(first)}-${write(last)}`;
}

/**
 * In a process of its own: proves that both builds decide the same, then times them.
 * @param {Job} job
 */
async function measure({ oldFile, newFile, shape, size, isSwapped }) {
  const { deny, exempt = [] } = shapes[shape](mulberry32(size), size);
  const input = {
    deny: flat(deny.join('\n')),
    exempt: flat(exempt.join('\n')),
    maxEntries: Number.POSITIVE_INFINITY,
  };
  const files = isSwapped ? [newFile, oldFile] : [oldFile, newFile];
  const builds = [];
  for (const file of files) {
    const { createPolicy } = await import(pathToFileURL(file).href);
    builds.push(() => createPolicy(input));
  }
  const [first, second] = builds.map((build) => build());
  const random = mulberry32(size + 1);
  const inside = repeated(
    256,
    () => pick(random, [...deny.slice(-256), ...exempt.slice(-256)]).split(/[-/]/)[0],
  );
  const anywhere = repeated(256, (index) =>
    index % 2 === 0
      ? writeIPv4(randomBits(random, 32))
      : writeShortIPv6((1n << 125n) | randomBits(random, 125)),
  );
  for (const client of [...inside, ...anywhere]) {
    const [one, other] = [first, second].map((policy) => {
      const { verdict, reason, entry } = policy.decide(client);
      return JSON.stringify([verdict, reason, entry?.text, entry?.line]);
    });
    if (one !== other) throw new Error(`the builds differ about ${client}: ${one} and ${other}`);
  }
  const measured = await measurePair(
    { name: shape, floor: repeat(builds[0]), subject: repeat(builds[1]) },
    size < MILLION ? effort : { ...effort, budgetMilliseconds: 0 },
  );
  const { floor, subject, ratio } = measured;
  return isSwapped ? { old: subject, new: floor, ratio: 1 / ratio } : { old: floor, new: subject, ratio };
}

/** @param {Job} job @returns {Awaited<ReturnType<typeof measure>>} */
function measureApart(job) {
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--expose-gc', fileURLToPath(import.meta.url), '--job', JSON.stringify(job)],
    { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' },
  );
  if (status !== 0) process.exit(1);
  return JSON.parse(stdout);
}

function compareAll() {
  const [oldFile, newFile] = positionals.map((file) => resolve(file));
  if (oldFile === undefined || newFile === undefined)
    throw new Error('two files are needed: old and new dist/index.js');
  const only = values.only.split(',');
  const wanted = values.size?.split(',').map(Number) ?? [...sizes, ...(values.million ? [MILLION] : [])];
  /** @type {string[][]} */
  const rows = [];
  /** @type {number[]} */
  const logarithms = [];
  for (const shape of Object.keys(shapes).filter((name) => only.some((start) => name.startsWith(start)))) {
    for (const size of wanted) {
      process.stderr.write(`${shape}, ${whole(size)}\n`);
      const [one, other] = [false, true].map((isSwapped) =>
        measureApart({ oldFile, newFile, shape, size, isSwapped }),
      );
      const minima = /** @type {const} */ (['old', 'new']).map((side) =>
        Math.min(one[side].minimum, other[side].minimum),
      );
      const medians = /** @type {const} */ (['old', 'new']).map(
        (side) => (one[side].median + other[side].median) / 2,
      );
      const ratio = Math.sqrt(one.ratio * other.ratio);
      logarithms.push(Math.log(ratio));
      rows.push([
        shape,
        whole(size),
        ...medians.map(duration),
        ...minima.map(duration),
        digits(ratio),
        [one.ratio, other.ratio].map(digits).join(' '),
        digits(minima[1] / minima[0]),
      ]);
    }
  }
  const mean = Math.exp(logarithms.reduce((sum, one) => sum + one, 0) / logarithms.length);
  const header = ['list', ' entries', ' old median', ' new median', ' old minimum', ' new minimum'];
  return `${table([...header, ' new to old', ' of each process', ' of the minima'], rows)}

New to old is the median of the ratios of neighbouring rounds, below 1 where the new build is faster.
Geometric mean of all rows: ${digits(mean)}
`;
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
