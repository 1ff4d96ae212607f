/**
 * How a measurement gets its input: the parent writes lists and clients into a folder of temporary files, each process
 * reads the ones it needs.
 *
 * Texts are made from bytes one by one, so that each is flat, has its own memory, and is not shared with another: V8
 * keeps a text that was cut or joined as a reference to its parts, which is slower to read, and one that it knows
 * already as a unique one, which is faster to compare.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('./clients.js').Client} Client */

const LINE_FEED = 0x0a;

/** @param {string} folder @param {string} name @param {string} text */
export function writeText(folder, name, text) {
  writeFileSync(join(folder, `${name}.txt`), text);
}

/**
 * A text with its own memory, however it was put together.
 * @param {string} text
 */
export function flat(text) {
  return /[^\0-\xff]/.test(text)
    ? Buffer.from(text, 'utf16le').toString('utf16le')
    : Buffer.from(text, 'latin1').toString('latin1');
}

/** @param {string} folder @param {string} name */
export function readList(folder, name) {
  return makeList(readFileSync(join(folder, `${name}.txt`)));
}

/**
 * A list as text, and as entries without notes for contestants that do not read text. Each read makes them again.
 * @param {Buffer} bytes
 */
export function makeList(bytes) {
  return {
    get text() {
      return bytes.toString('utf8');
    },
    get entries() {
      return readLines(bytes, (line) => {
        const end = line.indexOf(' #');
        return (end < 0 ? line : line.subarray(0, end)).toString('latin1');
      });
    },
  };
}

/** @param {string} folder @param {string} name @param {readonly Client[]} clients */
export function writeClients(folder, name, clients) {
  const lines = clients.map(({ text, verdict, entry }) => JSON.stringify([verdict, entry, text]));
  writeText(folder, name, lines.join('\n'));
}

/** @param {string} folder @param {string} name @returns {Client[]} */
export function readClients(folder, name) {
  return readLines(readFileSync(join(folder, `${name}.txt`)), (line) => {
    const [verdict, entry, text] = JSON.parse(line.toString('latin1'));
    return { verdict, entry, text: Buffer.from(text, 'latin1').toString('latin1') };
  });
}

/** @template T @param {Buffer} bytes @param {(line: Buffer) => T} read @returns {T[]} */
function readLines(bytes, read) {
  /** @type {T[]} */
  const lines = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found < 0 ? bytes.length : found;
    lines.push(read(bytes.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}
