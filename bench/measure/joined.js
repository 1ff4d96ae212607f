/**
 * Jobs about lists that are joined: rules, against one list with the same entries, and sets.
 */

import { readClients, readList } from '../input/files.js';
import { askAbout, measurePair, readCharacters, repeat } from './timing.js';

/**
 * @typedef {import('./process.js').Job} Job
 * @typedef {import('./process.js').TimedResult} TimedResult
 */

const NO_LIMIT = Number.POSITIVE_INFINITY;

/**
 * The lines of a list in rules that all deny, each with the lines that come next: what they decide is what one list
 * with all lines decides.
 * @param {readonly string[]} lines
 * @param {{ count: number, size: number }} parts so many rules of so many lines, from the first line again after the last
 */
function rulesOf(lines, { count, size }) {
  return Array.from({ length: count }, (_, rule) => {
    const own = Array.from({ length: size }, (_, at) => lines[(rule * size + at) % lines.length]);
    return { name: `Rule ${rule + 1}`, deny: own.join('\n') };
  });
}

/**
 * Decisions by rules, against those of one list.
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
export async function askRules({ folder, list, clients, count, effort }) {
  const { createPolicy, createRules } = await load();
  const { text } = readList(folder, list);
  const lines = text.split('\n');
  const rules = rulesOf(lines, { count, size: Math.ceil(lines.length / count) });
  const joined = createRules({ rules, otherwise: 'allow', maxEntries: NO_LIMIT });
  const [one, twin] = [1, 2].map(() => createPolicy({ deny: text, maxEntries: NO_LIMIT }));
  const series = [];
  for (const [name, file] of Object.entries(clients)) {
    const texts = readClients(folder, file).map((client) => client.text);
    const wrong = texts.filter((client) => joined.decide(client).verdict !== one.decide(client).verdict);
    const floor = askAbout(texts, (client) => one.decide(client));
    const control = await measurePair(
      { name, floor, subject: askAbout(texts, (client) => twin.decide(client)) },
      effort,
    );
    const subject = askAbout(texts, (client) => joined.decide(client));
    const measured = await measurePair({ name, floor, subject }, effort);
    // What is measured second can be slower by a twelfth, whatever it is; so is the twin, and nothing of that is left.
    const ratio = measured.ratio / control.ratio;
    series.push({ ...measured, ratio, checked: texts.length, wrong: wrong.length });
  }
  return { series };
}

/**
 * From texts to rules, against one list; for more rules than the list has lines for, against reading its characters.
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
export async function buildRules({ folder, list, count, size, effort }) {
  const { createPolicy, createRules } = await load();
  const { text } = readList(folder, list);
  const lines = text.split('\n');
  const isWhole = size === 0;
  const rules = rulesOf(lines, { count, size: isWhole ? Math.ceil(lines.length / count) : size });
  const make = () => createRules({ rules, otherwise: 'allow', maxEntries: NO_LIMIT });
  const floor = isWhole
    ? repeat(() => createPolicy({ deny: text, maxEntries: NO_LIMIT }))
    : readCharacters([text]);
  const isRight = make().decide((lines[0] ?? '').split(/[/ ]/, 1)[0]).verdict === 'deny';
  const measured = await measurePair({ name: 'rules', floor, subject: repeat(make) }, effort);
  return { series: [{ ...measured, checked: 1, wrong: isRight ? 0 : 1 }] };
}

/**
 * Sets: a list, and the same list a little changed.
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
export async function joinSets({ folder, list, effort }) {
  const { AddressSet } = await import('../../dist/set.js');
  const { text } = readList(folder, list);
  const one = AddressSet.of(text);
  const other = AddressSet.of(changed(text));
  const union = one.union(other);
  const both = one.intersect(other);
  const isRight =
    union.ipv4Count + both.ipv4Count === one.ipv4Count + other.ipv4Count &&
    union.ipv6Count + both.ipv6Count === one.ipv6Count + other.ipv6Count;
  const floor = readCharacters([text]);
  const operations = {
    of: () => AddressSet.of(text),
    union: () => one.union(other),
    intersect: () => one.intersect(other),
    subtract: () => one.subtract(other),
    complement: () => one.complement(),
    // Prefixes are made when they are first read, so each time of another union.
    prefixes: () => one.union(other).prefixes,
  };
  const series = [];
  for (const [name, run] of Object.entries(operations)) {
    const measured = await measurePair({ name, floor, subject: repeat(run) }, effort);
    series.push({ ...measured, checked: 1, wrong: isRight ? 0 : 1 });
  }
  return { series };
}

/** Without every seventh line, and with the last octet but one of long IPv4 prefixes changed. @param {string} text */
function changed(text) {
  return text
    .split('\n')
    .filter((_, index) => index % 7 !== 6)
    .map((line) => line.replace(/\.(\d+)(\.\d+\/(?:2[4-9]|3\d))/, (_, octet, rest) => `.${octet ^ 1}${rest}`))
    .join('\n');
}

async function load() {
  const [{ createPolicy }, { createRules }] = await Promise.all([
    import('../../dist/index.js'),
    import('../../dist/rules.js'),
  ]);
  return { createPolicy, createRules };
}
