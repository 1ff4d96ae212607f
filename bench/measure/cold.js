/**
 * Jobs that start processes and let each of them measure itself, see `fresh.js`: the code of ipverdict has not run in
 * them, and has not been compiled. The figures are medians over the processes.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { mulberry32, shuffle } from '../input/random.js';
import { summarize } from './timing.js';

/**
 * @typedef {import('./process.js').Job} Job
 * @typedef {import('./timing.js').Figures} Figures
 * @typedef {{ series: never[], figures: Record<string, Figures>, starts: number }} ColdResult nanoseconds, or bytes
 */

/** What is imported, see `fresh.js`. */
const kinds = /** @type {const} */ (['empty', 'import', 'first decision']);

const FRESH = fileURLToPath(new URL('./fresh.js', import.meta.url));

/**
 * What a program waits for: the import, and the import with a first policy and its first decision, each above the import
 * of an empty module in a process next to it.
 * @param {Job} job
 * @returns {ColdResult}
 */
export function startCold({ starts }) {
  const random = mulberry32(starts);
  /** @type {Record<(typeof kinds)[number], number[]>} */
  const times = { empty: [], import: [], 'first decision': [] };
  for (let start = 0; start < starts; start++) {
    // In turns and in changing order, so that what disturbs the machine disturbs all three.
    for (const what of shuffle(random, [...kinds])) times[what].push(startFresh({ what }).time);
  }
  const above = (/** @type {'import' | 'first decision'} */ what) =>
    summarize(times[what].map((time, start) => time - times.empty[start]));
  const figures = { import: above('import'), 'first decision': above('first decision') };
  return { series: [], figures, starts };
}

/**
 * A long list, from its text to the policy, as the first policy of the process.
 * @param {Job} job
 * @returns {ColdResult}
 */
export function buildCold({ folder, list, starts }) {
  return gather(starts, { what: 'build', folder, list });
}

/**
 * Many policies, the first of the process.
 * @param {Job} job
 * @returns {ColdResult}
 */
export function crowdCold({ folder, list, size, count, starts }) {
  return gather(starts, { what: 'crowd', folder, list, size, count });
}

/**
 * The first decision of a process: from the text of a list, and from its snapshot, with everything checked or only the
 * checksum. Times against that from the text, and the bytes of the snapshot for each entry.
 * @param {Job} job
 * @returns {ColdResult}
 */
export function loadCold({ folder, list, starts }) {
  const random = mulberry32(starts);
  const { bytes } = startFresh({ what: 'store', folder, list });
  const ways = /** @type {const} */ (['build', 'all', 'checksum']);
  /** @type {Record<(typeof ways)[number], number[]>} */
  const times = { build: [], all: [], checksum: [] };
  for (let start = 0; start < starts; start++) {
    for (const way of shuffle(random, [...ways]))
      times[way].push(startFresh({ what: way === 'build' ? way : 'load', verify: way, folder, list }).time);
  }
  const against = (/** @type {'all' | 'checksum'} */ way) =>
    summarize(times[way].map((time, start) => time / times.build[start]));
  return {
    series: [],
    figures: {
      all: summarize(times.all),
      checksum: summarize(times.checksum),
      'all against text': against('all'),
      'checksum against text': against('checksum'),
      'bytes an entry': summarize([bytes]),
    },
    starts,
  };
}

/** @param {number} starts @param {Record<string, unknown>} question @returns {ColdResult} */
function gather(starts, question) {
  const answers = Array.from({ length: starts }, () => startFresh(question));
  const names = Object.keys(answers[0]);
  const figures = names.map((name) => [name, summarize(answers.map((answer) => answer[name]))]);
  return { series: [], figures: Object.fromEntries(figures), starts };
}

/**
 * @param {Record<string, unknown>} question
 * @returns {Record<string, number>}
 */
function startFresh(question) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', FRESH, JSON.stringify(question)],
    // Code that Node has cached on the disk would not be cold.
    { encoding: 'utf8', env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' } },
  );
  if (status !== 0)
    throw new Error(/^\w*Error: (.*)$/m.exec(stderr)?.[1] ?? 'a fresh process did not finish');
  return JSON.parse(stdout);
}
