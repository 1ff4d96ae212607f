/**
 * A combined log as web servers write it: every line as long as the others, one client address at its start, and no
 * other address in it, so that programs that look for addresses anywhere find the same lines.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { mulberry32, pick, randomBits } from './random.js';
import { bitsOf, readNetwork, writeAddress, writeIPv4, writeShortIPv6 } from './reference.js';

/** The length of a line with its end: the average of a combined log. */
export const LINE_LENGTH = 181;

/** Of so many lines one has a client from the list, and one an IPv6 client. */
const LISTED = 20;
const IPV6 = 5;

const paths = ['/', '/assets/app.8f3a.js', '/api/v2/orders/', '/blog/how-we-work', '/search?q=', '/photo-'];
const referrers = ['-', 'https://www.example.com/', 'https://www.example.org/a?b=c'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Gecko/20100101 Firefox/132.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148',
];

/**
 * Writes a log.
 * @param {string} file
 * @param {readonly string[]} entries prefixes and addresses from which some clients come
 * @param {{ lines: number, seed: number }} options
 */
export function writeLog(file, entries, { lines, seed }) {
  const random = mulberry32(seed);
  const networks = entries.map(readNetwork);
  const output = openSync(file, 'w');
  /** @type {string[]} */
  let texts = [];
  for (let line = 0; line < lines; line++) {
    texts.push(makeLine(random, line, makeClient(random, networks)));
    if (texts.length < 2000 && line < lines - 1) continue;
    writeSync(output, texts.join(''));
    texts = [];
  }
  closeSync(output);
}

/**
 * @param {() => number} random
 * @param {readonly import('./reference.js').Network[]} networks
 */
function makeClient(random, networks) {
  if (random() < 1 / LISTED) {
    const { family, value, length } = pick(random, networks);
    return writeAddress({ family, value: value | randomBits(random, bitsOf(family) - length) });
  }
  if (random() >= 1 / IPV6)
    return writeIPv4((BigInt(1 + Math.floor(random() * 223)) << 24n) | randomBits(random, 24));
  const value = (1n << 125n) | randomBits(random, 125);
  return writeShortIPv6((value & ~((1n << 64n) - 1n)) | randomBits(random, 16));
}

/** @param {() => number} random @param {number} line @param {string} client */
function makeLine(random, line, client) {
  const second = String(line % 60).padStart(2, '0');
  const request = `"GET ${pick(random, paths)}${line} HTTP/1.1" 200 ${Math.floor(random() * 60_000)}`;
  const start = `${client} - - [29/Nov/2026:14:00:${second} +0000] ${request} "${pick(random, referrers)}" "${pick(random, agents)}`;
  return `${start.slice(0, LINE_LENGTH - 2).padEnd(LINE_LENGTH - 2, 'x')}"\n`;
}
