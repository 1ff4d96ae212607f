/**
 * Compares every contestant with the reference before it is timed.
 */

import { readAddress } from '../input/reference.js';

/**
 * @typedef {import('../input/clients.js').Client} Client
 * @typedef {{ checked: number, wrong: number, example?: string }} Checked
 */

/** Contestants that take seconds for all the clients are checked on some of them, but never on fewer than this. */
const LEAST_CHECKED = 16;
const CHECK_MILLISECONDS = 250;

/**
 * @param {readonly Client[]} clients
 * @param {(client: Client) => string | undefined} complain what is wrong with the answer about a client
 * @returns {Checked}
 */
export function check(clients, complain) {
  const begin = performance.now();
  let checked = 0;
  let wrong = 0;
  /** @type {string | undefined} */
  let example;
  for (const client of clients) {
    if (checked >= LEAST_CHECKED && performance.now() - begin > CHECK_MILLISECONDS) break;
    checked++;
    const complaint = complain(client);
    if (complaint === undefined) continue;
    wrong++;
    example ??= complaint;
  }
  return { checked, wrong, ...(example === undefined ? {} : { example }) };
}

/**
 * @param {{ namesEntry?: boolean }} contestant
 * @param {import('./deciders.js').Asked} asked
 * @param {Client} client
 */
export function checkAnswer({ namesEntry = false }, asked, { text, verdict, entry }) {
  const answer = asked.read(asked.ask(text));
  if (answer.verdict !== verdict) return `${verdict === 'deny' ? 'lets in' : 'denies'} \`${text}\``;
  if (namesEntry && (answer.entry ?? '') !== entry)
    return `names \`${answer.entry}\` for \`${text}\`, not \`${entry}\``;
  return undefined;
}

/**
 * @param {ReturnType<import('./parsers.js').Parser['load']>} parser
 * @param {string} text
 */
export function checkAddress(parser, text) {
  const expected = readAddress(text);
  const { family, value = expected?.value } = parser.read(parser.parse(text));
  return family === expected?.family && value === expected?.value ? undefined : `misreads \`${text}\``;
}
