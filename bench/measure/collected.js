/**
 * Jobs of a process whose collector has just run: `gc()` before each pass, and nothing that was built or answered is
 * kept, because one object that is alive keeps its compiled code alive.
 */

import { setImmediate } from 'node:timers/promises';
import { check, checkAnswer } from '../contestants/check.js';
import { readClients, readList } from '../input/files.js';
import {
  askAbout,
  calibrate,
  collect,
  readCharacters,
  repeat,
  summarizeRounds,
  timeOf,
  warmUp,
} from './timing.js';

/**
 * @typedef {import('./process.js').Job} Job
 * @typedef {import('./process.js').TimedResult} TimedResult
 * @typedef {import('./timing.js').Effort} Effort
 * @typedef {import('./timing.js').Runner} Runner
 * @typedef {import('../contestants/deciders.js').Contestant} Contestant
 */

/** Between two passes the decisions go on for so long that what the collector threw away is compiled again. */
const RECOVERY_MILLISECONDS = 20;
const FLOOR_WARM_UP = 60;

/**
 * From the text to the policy, with no policy alive. Nothing is built between the passes: a list changes seldom.
 * @param {Contestant} contestant
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
export async function buildCollected(contestant, { folder, list, clients, effort }) {
  const construct = contestant.load();
  const { text } = readList(folder, list);
  const input = { text, entries: [] };
  const checked = checkAll(contestant, construct(input), { folder, clients });
  const build = repeat(() => construct(input));
  await warmUp(build, effort.warmUpMilliseconds);
  const passes = await measurePasses(effort, readCharacters([text]), async () => {
    collect();
    return timeOf({ run: build, calls: 1 });
  });
  return { series: [{ name: 'build', ...passes, ...checked }] };
}

/**
 * Decisions one after the other: the first ones after the collection are not counted, and the time of the rest is that
 * of all of them divided by their number, because one decision is too short for the clock.
 * @param {Contestant} contestant
 * @param {Job} job
 * @returns {Promise<TimedResult>}
 */
export async function askCollected(contestant, { folder, list, clients, left, count, effort }) {
  const asked = contestant.load()({ text: readList(folder, list).text, entries: [] });
  const checked = checkAll(contestant, asked, { folder, clients });
  const texts = readClients(folder, clients.hit).map(({ text }) => text);
  const ask = askAbout(texts, asked.ask);
  await warmUp(ask, effort.warmUpMilliseconds);
  const passes = await measurePasses(effort, readCharacters(texts), async () => {
    await warmUp(ask, RECOVERY_MILLISECONDS);
    await setImmediate();
    collect();
    ask(left);
    const begin = process.hrtime.bigint();
    ask(count);
    return Number(process.hrtime.bigint() - begin) / count;
  });
  return { series: [{ name: 'decide', ...passes, ...checked }] };
}

/**
 * The floor is warm: no collection takes the code of a bare loop away.
 * @param {Effort} effort
 * @param {Runner} floor
 * @param {() => Promise<number>} pass nanoseconds
 */
async function measurePasses(effort, floor, pass) {
  await warmUp(floor, FLOOR_WARM_UP);
  const prepared = await calibrate(floor, effort);
  const times = { floor: /** @type {number[]} */ ([]), subject: /** @type {number[]} */ ([]) };
  for (let round = 0; round < effort.rounds; round++) {
    times.subject.push(await pass());
    times.floor.push(await timeOf(prepared));
  }
  return summarizeRounds(times);
}

/**
 * @param {Contestant} contestant
 * @param {import('../contestants/deciders.js').Asked} asked
 * @param {Pick<Job, 'folder' | 'clients'>} files
 */
function checkAll(contestant, asked, { folder, clients }) {
  const all = Object.values(clients).flatMap((file) => readClients(folder, file));
  return check(all, (client) => checkAnswer(contestant, asked, client));
}
