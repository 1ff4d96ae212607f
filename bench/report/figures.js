/**
 * How a target takes its figure from the findings of one version of Node.
 */

import { duelsOf, rowsOf, seriesOf, timingOf } from './compare.js';
import { digits, duration, times } from './tables.js';
import { wordingOf } from './words.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('../measure/process.js').Series} Series
 * @typedef {import('../measure/task.js').Group} Group
 * @typedef {import('../measure/timing.js').Figures} Figures
 *
 * @typedef {{ value: number, detail?: string }} Measured
 * @typedef {(findings: readonly Finding[]) => Measured | undefined} Measure
 */

/**
 * @param {readonly Finding[]} findings
 * @param {string} list
 * @param {string} spelling
 */
function decisionsOf(findings, list, spelling) {
  return rowsOf(
    findings.filter((one) => one.group === 'decide' && one.list === list && one.spelling === spelling),
  );
}

/**
 * The worst of the placements.
 * @param {string} list
 * @param {string} spelling
 * @param {readonly string[]} [placements] inside an entry, and just outside
 * @returns {Measure}
 */
export function decideAt(list, spelling, placements = ['hit', 'outside']) {
  return (findings) => {
    const figures = decisionsOf(findings, list, spelling)
      .filter(({ placement }) => placements.includes(placement))
      .flatMap((row) => timingOf(row, 'ipverdict decide')?.figures ?? []);
    if (figures.length === 0) return undefined;
    const parts = figures.map(({ name, ratio, subject, floor }) => {
      const least = subject.minimum / floor.minimum;
      const where = name === 'hit' ? 'inside' : 'outside';
      return `${where} ${duration(subject.minimum)} / ${duration(subject.median)} ±${Math.round(subject.spread * 50)} %, ${times(ratio)}, of the minima ${times(least)}`;
    });
    return { value: Math.max(...figures.map(({ ratio }) => ratio)), detail: parts.join('; ') };
  };
}

/**
 * How many times as long a rival takes, at least.
 * @param {readonly string[]} places list and spelling
 * @param {(name: string) => boolean} isMeant
 * @returns {Measure}
 */
export function rivalAt(places, isMeant) {
  return (findings) => {
    const duels = places
      .flatMap((place) => decisionsOf(findings, ...place.split(' ')))
      .flatMap((row) => duelsOf(row).filter(({ rival }) => isMeant(rival.finding.contestant)));
    if (duels.length === 0) return undefined;
    const least = duels.reduce((left, right) => (right.factor < left.factor ? right : left));
    const { row, rival } = least;
    const where = `${wordingOf(row.spelling)} ${wordingOf(row.placement)}`;
    return { value: least.factor, detail: `${rival.finding.contestant} is the nearest, ${where}` };
  };
}

/**
 * @param {string} group
 * @param {(series: Record<string, Series | undefined>) => Measured | undefined} measure takes the series of our first
 *   finding by their names
 * @param {string} [list]
 * @returns {Measure}
 */
export function ofSeries(group, measure, list) {
  return (findings) => {
    const found = findings.find(
      (one) =>
        one.group === group &&
        one.contestant === 'ipverdict decide' &&
        (list === undefined || one.list === list) &&
        one.result !== undefined,
    );
    return found === undefined
      ? undefined
      : measure(Object.fromEntries(seriesOf(found).map((one) => [one.name, one])));
  };
}

/**
 * The highest of several factors, all of them in the details.
 * @param {readonly { name: string, factor: number }[]} factors
 * @returns {Measured | undefined}
 */
export function worstOf(factors) {
  if (factors.length === 0) return undefined;
  const detail = factors.map(({ name, factor }) => `${name} ${times(factor)}`).join(', ');
  return { value: Math.max(...factors.map(({ factor }) => factor)), detail };
}

/**
 * @param {string} list
 * @param {number} size
 * @param {(result: any, count: number) => number} measure
 * @returns {Measure}
 */
export function weightOf(list, size, measure) {
  return (findings) => {
    const found = findings.find(
      (one) =>
        one.group === 'memory' &&
        one.isOurs &&
        one.list === list &&
        one.job.size === size &&
        one.result !== undefined,
    );
    return found === undefined ? undefined : { value: measure(found.result, Number(found.job.count)) };
  };
}

export const kilobytes = (/** @type {number} */ value) => `${digits(value / 1e3)} KB`;
export const megabytes = (/** @type {number} */ value) => `${digits(value / 1e6)} MB`;
export const bytes = (/** @type {number} */ value) => `${digits(value)} bytes`;
/** Beside the tree, buffers hold one offset for each entry. */
const BYTES_OF_OFFSET = 4;
export const treeOf = (/** @type {any} */ { bufferBytes, entries }) =>
  Math.max(0, bufferBytes - BYTES_OF_OFFSET * entries);
export const withoutText = (
  /** @type {any} */ { heapBytes, bufferBytes, textBytes },
  /** @type {number} */ count,
) => (heapBytes + bufferBytes - textBytes) / count;
export const withoutTextAndTree = (/** @type {any} */ result, /** @type {number} */ count) =>
  withoutText(result, count) - treeOf(result) / count;
export const isBlockList = (/** @type {string} */ name) => name === 'net.BlockList';
export const isPeer = (/** @type {string} */ name) => !name.startsWith('net.');

/**
 * The median of one series of ours, in nanoseconds.
 * @param {Group} group
 * @param {string} list
 * @param {string} name of the series
 * @returns {Measure}
 */
export function medianAt(group, list, name) {
  return (findings) => {
    const found = findings
      .filter((one) => one.group === group && one.list === list && one.contestant === 'ipverdict decide')
      .flatMap(seriesOf)
      .find((one) => one.name === name);
    if (found === undefined) return undefined;
    const detail = `${spreadOf(found.subject, duration)}, ${times(found.ratio)} of the floor`;
    return { value: found.subject.median, detail };
  };
}

/**
 * The median of what processes that have just started found about themselves.
 * @param {string} job
 * @param {string} name of the figure
 * @param {(value: number) => string} write
 * @returns {Measure}
 */
export function coldAt(job, name, write) {
  return (findings) => {
    const found = findings.find((one) => one.group === 'cold' && one.job.job === job);
    const figures = found?.result?.figures[name];
    return figures && { value: figures.median, detail: spreadOf(figures, write) };
  };
}

/** @param {Figures} figures @param {(value: number) => string} write */
export function spreadOf({ minimum, median, spread }, write) {
  return `${write(minimum)} / ${write(median)} ±${Math.round(spread * 50)} %`;
}
