/**
 * Timing. A subject is measured in rounds that take turns with the floor, a bare loop over the characters of the same
 * texts: what disturbs the machine disturbs both, and their ratio stays the same.
 */

import { setImmediate } from 'node:timers/promises';
import { mulberry32 } from '../input/random.js';

/**
 * @typedef {(calls: number) => void} Runner
 * @typedef {{ name: string, floor: Runner, subject: Runner }} Pair
 * @typedef {{ minimum: number, median: number, spread: number }} Figures nanoseconds a call; spread as a part of the median
 * @typedef {{ name: string, floor: Figures, subject: Figures, ratio: number, rounds: number }} Measured
 *
 * @typedef {object} Effort
 * @property {number} rounds the most rounds
 * @property {number} roundMilliseconds about how long each side of a round takes
 * @property {number} warmUpMilliseconds
 * @property {number} budgetMilliseconds after this no round begins, except for the first few
 * @property {number} [floorWarmUpMilliseconds] where the floor is more than a short loop
 * @property {boolean} [collects] whether young garbage is collected before each side, so that no side pays for the
 *   other; a full collection would throw compiled code away
 */

/** Rounds that run however long they last: a median needs three. */
const LEAST_ROUNDS = 3;
/** A loop of three lines is compiled soon, unless the machine is busy: the compiler runs beside the program. */
const FLOOR_WARM_UP = 60;

/**
 * Results go here, so that no compiler can leave out the work, or making the result. Only the last of a round:
 * storing a young object into an old one costs as much as making it.
 */
export const sink = { answer: /** @type {unknown} */ (undefined), count: 0 };

/**
 * The floor: reads every character of every text, and nothing else.
 * @param {readonly string[]} texts as many as a power of two
 * @returns {Runner}
 */
export function readCharacters(texts) {
  const mask = maskOf(texts);
  let next = 0;
  return (calls) => {
    sink.count += readFrom(texts, mask, next, calls);
    next = (next + calls) & mask;
  };
}

/**
 * @param {readonly string[]} texts
 * @param {number} mask
 * @param {number} first
 * @param {number} calls
 */
function readFrom(texts, mask, first, calls) {
  let sum = 0;
  for (let call = 0; call < calls; call++) {
    const text = texts[(first + call) & mask];
    for (let at = 0; at < text.length; at++) sum = (sum + text.charCodeAt(at)) | 0;
  }
  return sum;
}

/**
 * Hands every text to a function.
 * @param {readonly string[]} texts as many as a power of two
 * @param {(text: string) => unknown} ask
 * @returns {Runner}
 */
export function askAbout(texts, ask) {
  const mask = maskOf(texts);
  let next = 0;
  return (calls) => {
    sink.count += askFrom(texts, mask, next, calls, ask);
    next = (next + calls) & mask;
  };
}

/**
 * @param {readonly string[]} texts
 * @param {number} mask
 * @param {number} first
 * @param {number} calls
 * @param {(text: string) => unknown} ask
 */
function askFrom(texts, mask, first, calls, ask) {
  let count = 0;
  let answer;
  for (let call = 0; call < calls; call++) {
    answer = ask(texts[(first + call) & mask]);
    if (answer === true) count++;
  }
  sink.answer = answer;
  return count;
}

/** @param {readonly string[]} texts */
function maskOf(texts) {
  const mask = texts.length - 1;
  if (texts.length === 0 || (texts.length & mask) !== 0) throw new RangeError('not a power of two of texts');
  return mask;
}

/**
 * Another floor, for code that reads a list: splits the text at the line ends, and reads every character.
 * @param {string} text
 * @returns {Runner}
 */
export function splitAndRead(text) {
  return (calls) => {
    for (let call = 0; call < calls; call++) {
      const lines = text.split('\n');
      for (const line of lines) {
        let sum = 0;
        for (let at = 0; at < line.length; at++) sum = (sum + line.charCodeAt(at)) | 0;
        sink.count += sum;
      }
    }
  };
}

/**
 * Calls a function without an argument.
 * @param {() => unknown} make
 * @returns {Runner}
 */
export function repeat(make) {
  return (calls) => {
    for (let call = 0; call < calls; call++) sink.answer = make();
  };
}

/**
 * Measures a floor and a subject, whose rounds take turns.
 * @param {Pair} pair
 * @param {Effort} effort
 * @returns {Promise<Measured>}
 */
export async function measurePair({ name, floor, subject }, effort) {
  const begin = performance.now();
  await warmUp(floor, effort.floorWarmUpMilliseconds ?? FLOOR_WARM_UP);
  await warmUp(subject, effort.warmUpMilliseconds);
  const prepared = { floor: await calibrate(floor, effort), subject: await calibrate(subject, effort) };
  const random = mulberry32(1);
  const times = { floor: /** @type {number[]} */ ([]), subject: /** @type {number[]} */ ([]) };
  for (let round = 0; round < effort.rounds; round++) {
    if (round >= LEAST_ROUNDS && performance.now() - begin > effort.budgetMilliseconds) break;
    for (const side of random() < 0.5 ? sides : [...sides].reverse()) {
      if (effort.collects) globalThis.gc?.({ type: 'minor' });
      times[side].push(await timeOf(vary(prepared[side], random)));
    }
  }
  return { name, ...summarizeRounds(times) };
}

/**
 * @param {Readonly<Record<'floor' | 'subject', readonly number[]>>} times of neighbouring rounds
 * @returns {Omit<Measured, 'name'>}
 */
export function summarizeRounds(times) {
  return {
    floor: summarize(times.floor),
    subject: summarize(times.subject),
    // Each round against the floor next to it.
    ratio: medianOf(times.subject.map((time, round) => time / times.floor[round])),
    rounds: times.subject.length,
  };
}

/** A full collection, with nothing of an earlier round alive. */
export function collect() {
  if (globalThis.gc === undefined) throw new Error('this is measured with --expose-gc');
  sink.answer = undefined;
  globalThis.gc();
}

/** @type {readonly ('floor' | 'subject')[]} */
const sides = ['floor', 'subject'];

/**
 * Rounds of one length in one order would fall into step with what else the machine does.
 * @param {{ run: Runner, calls: number }} prepared
 * @param {() => number} random
 */
function vary({ run, calls }, random) {
  return { run, calls: Math.ceil(calls * (0.75 + random() / 2)) };
}

/**
 * Runs short loops, then longer ones: V8 compiles a function when it is called again, and a loop while it runs. On a busy
 * machine it goes on until the process has had its time of the processor, too.
 * @param {Runner} run
 * @param {number} milliseconds
 */
export async function warmUp(run, milliseconds) {
  const begin = performance.now();
  const before = process.cpuUsage();
  const isShort = () =>
    performance.now() - begin < milliseconds || process.cpuUsage(before).user < milliseconds * 1000;
  let calls = 1;
  while (isShort()) {
    const elapsed = ((await timeOf({ run, calls })) * calls) / 1e6;
    if (elapsed < 1) calls *= 2;
  }
}

/**
 * Finds how many calls make a round.
 * @param {Runner} run
 * @param {Effort} effort
 */
export async function calibrate(run, { roundMilliseconds }) {
  for (let calls = 1; ; calls *= 2) {
    const elapsed = ((await timeOf({ run, calls })) * calls) / 1e6;
    if (elapsed < roundMilliseconds / 2) continue;
    return { run, calls: Math.max(1, Math.round((calls * roundMilliseconds) / elapsed)) };
  }
}

/**
 * Nanoseconds a call.
 * @param {{ run: Runner, calls: number }} prepared
 */
export async function timeOf({ run, calls }) {
  // Work that was left for later, such as handlers of promises, is done first and not counted.
  await setImmediate();
  const begin = process.hrtime.bigint();
  run(calls);
  return Number(process.hrtime.bigint() - begin) / calls;
}

/**
 * Minimum, median, and the width of the middle half as a part of the median.
 * @param {readonly number[]} times
 * @returns {Figures}
 */
export function summarize(times) {
  const median = medianOf(times);
  return {
    minimum: Math.min(...times),
    median,
    spread: (quantile(times, 0.75) - quantile(times, 0.25)) / median,
  };
}

/** @param {readonly number[]} values */
export function medianOf(values) {
  return quantile(values, 0.5);
}

/**
 * @param {readonly number[]} values
 * @param {number} part from 0 to 1
 */
export function quantile(values, part) {
  const sorted = [...values].sort((left, right) => left - right);
  const place = (sorted.length - 1) * part;
  const below = Math.floor(place);
  const above = Math.ceil(place);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
