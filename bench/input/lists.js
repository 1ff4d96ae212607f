/**
 * The lists that are measured: samples of the Internet routing table, and the whole of it. Everything is seeded, so
 * that two runs measure the same texts.
 *
 * The table is read from the folder named by IPVERDICT_DATA; without it, a seeded table of the same shape is made.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { mulberry32, pick, pickShare, randomBits, shuffle } from './random.js';
import { bitsOf, readNetwork, writeAddress, writePrefix } from './reference.js';

/** @typedef {import('./reference.js').Family} Family */

const DEFAULT_FOLDER = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const TABLE_FILE = 'internet-prefixes.txt.gz';

/** Size of the Internet routing table, and of the one that is made in its place. */
export const TABLE_SIZE = { ipv4: 901_899, ipv6: 160_147 };

/**
 * Prefixes of each length among 10,000 of the routing table, lengths with fewer than one left out.
 * @type {Record<Family, Record<number, number>>}
 */
export const lengthsInTable = {
  4: {
    ...{ 11: 1, 12: 3, 13: 6, 14: 13, 15: 23, 16: 150, 17: 91, 18: 153, 19: 276, 20: 473 },
    ...{ 21: 563, 22: 1204, 23: 1070, 24: 5962, 32: 10 },
  },
  6: {
    ...{ 20: 1, 24: 2, 27: 1, 28: 12, 29: 273, 30: 41, 31: 18, 32: 1408, 33: 183, 34: 163, 35: 65 },
    ...{ 36: 374, 37: 55, 38: 101, 39: 86, 40: 838, 41: 56, 42: 144, 43: 63, 44: 897, 45: 97 },
    ...{ 46: 190, 47: 197, 48: 4714, 56: 2, 58: 1, 64: 12, 126: 1, 127: 3 },
  },
};

/** The blocks that IPv6 addresses are assigned from, first words, with their share of the routing table. */
const ipv6Blocks = [
  { value: 0x2400n, length: 12, share: 33 },
  { value: 0x2a00n, length: 11, share: 22 },
  { value: 0x2800n, length: 12, share: 18 },
  { value: 0x2600n, length: 11, share: 14 },
  { value: 0x2001n, length: 16, share: 12 },
  { value: 0x2c00n, length: 12, share: 1 },
];

/**
 * How often an IPv6 prefix is put inside an earlier one, so that about as many nest as in the routing table, 57 %. IPv4
 * is so densely used that prefixes meet by chance: 58 % then, 51 % in the routing table.
 */
const IPV6_NESTED = 0.75;

/**
 * The routing table: the real one where the data is, else a made one.
 * @param {number} seed
 * @returns {{ entries: string[], isReal: boolean }} prefixes in order, IPv4 first
 */
export function loadTable(seed) {
  const folder = process.env.IPVERDICT_DATA ?? DEFAULT_FOLDER;
  const file = join(folder, TABLE_FILE);
  if (existsSync(file)) {
    return { entries: gunzipSync(readFileSync(file)).toString('latin1').trim().split('\n'), isReal: true };
  }
  // A folder that is named and missing is a mistake, not a request for made data.
  if (process.env.IPVERDICT_DATA !== undefined) throw new Error(`IPVERDICT_DATA has no file ${TABLE_FILE}`);
  return { entries: makeTable(mulberry32(seed), TABLE_SIZE), isReal: false };
}

/**
 * Makes a table with the prefix lengths of the routing table, and about as many prefixes inside others.
 * @param {() => number} random
 * @param {{ ipv4: number, ipv6: number }} size
 * @returns {string[]} different prefixes in order, IPv4 first
 */
export function makeTable(random, size) {
  return [...makePrefixes(random, 4, size.ipv4), ...makePrefixes(random, 6, size.ipv6)];
}

/**
 * @param {() => number} random
 * @param {Family} family
 * @param {number} count
 */
function makePrefixes(random, family, count) {
  const bits = bitsOf(family);
  const shares = Object.entries(lengthsInTable[family]).map(([length, share]) => ({
    length: Number(length),
    share,
  }));
  /** @type {Map<string, { value: bigint, length: number }>} */
  const made = new Map();
  /** @type {{ value: bigint, length: number }[]} */
  const outer = [];
  while (made.size < count) {
    const { length } = pickShare(random, shares);
    const around =
      family === 6 && outer.length > 0 && random() < IPV6_NESTED ? pick(random, outer) : undefined;
    const block = around !== undefined && around.length < length ? around : randomBlock(random, family);
    if (block.length > length) continue;
    const inside = block.value | randomBits(random, bits - block.length);
    const prefix = writePrefix({ family, value: inside, length });
    const network = readNetwork(prefix);
    made.set(prefix, network);
    if (length <= 44) outer.push(network);
  }
  return [...made]
    .sort(([, left], [, right]) =>
      left.value === right.value ? left.length - right.length : left.value < right.value ? -1 : 1,
    )
    .map(([text]) => text);
}

/**
 * Where prefixes may lie: IPv4 in all but 0/8 and the addresses from 224.0.0.0 upward.
 * @param {() => number} random
 * @param {Family} family
 */
function randomBlock(random, family) {
  if (family === 4) return { value: BigInt(1 + Math.floor(random() * 223)) << 24n, length: 8 };
  const { value, length } = pickShare(random, ipv6Blocks);
  return { value: value << 112n, length };
}

/**
 * A list as people keep it: prefixes of the table, half IPv4 and half IPv6, every fourth cut down to a single address
 * inside, in random order.
 * @param {() => number} random
 * @param {readonly string[]} table
 * @param {number} size
 */
export function sampleList(random, table, size) {
  const firstIPv6 = table.findIndex((entry) => entry.includes(':'));
  const halves = [table.slice(0, firstIPv6), table.slice(firstIPv6)];
  /** @type {Set<string>} */
  const entries = new Set();
  while (entries.size < size) {
    const prefix = pick(random, halves[entries.size % 2]);
    entries.add(entries.size % 8 < 6 ? prefix : singleAddress(random, prefix));
  }
  return shuffle(random, [...entries]);
}

/**
 * @param {() => number} random
 * @param {string} prefix
 */
function singleAddress(random, prefix) {
  const { family, value, length } = readNetwork(prefix);
  // Hosts have small numbers in IPv6, and their addresses are short.
  const host = randomBits(random, Math.min(bitsOf(family) - length, 16));
  return writeAddress({ family, value: value | host });
}

/**
 * The list as text, every second line with a note.
 * @param {readonly string[]} entries
 */
export function writeList(entries) {
  return entries.map((entry, index) => (index % 2 === 0 ? entry : `${entry} # site ${index}`)).join('\n');
}
