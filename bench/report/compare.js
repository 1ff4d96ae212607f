/**
 * From findings to comparisons: rows of the same question, and the fastest rivals in each.
 *
 * Times are compared by their ratio to the floor of their own process, never across processes: the machine may have
 * been busy during one of them.
 */

import { contestants } from '../contestants/deciders.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('../measure/process.js').Series} Series
 *
 * @typedef {object} Timing one series of one contestant
 * @property {Finding} finding
 * @property {string} placement name of the series
 * @property {Series} figures
 * @property {boolean} isRight whether all its answers to clients of this spelling were right
 *
 * @typedef {object} Row one question to all contestants
 * @property {string} list
 * @property {string} spelling
 * @property {string} placement
 * @property {Timing[]} timings
 *
 * @typedef {{ row: Row, rival: Timing, own: Timing, factor: number }} Duel factor above 1: the rival takes longer
 */

/**
 * What was timed; nothing of a contestant that failed or was only weighed.
 * @param {Finding} finding
 * @returns {Series[]}
 */
export function seriesOf({ result }) {
  return result?.series ?? [];
}

/**
 * @param {readonly Finding[]} findings of one group
 * @returns {Row[]}
 */
export function rowsOf(findings) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  for (const finding of findings) {
    const series = seriesOf(finding);
    const isRight = series.every(({ wrong }) => wrong === 0);
    for (const figures of series) {
      const { list, spelling } = finding;
      const key = [list, spelling, figures.name].join('|');
      const row = rows.get(key) ?? { list, spelling, placement: figures.name, timings: [] };
      row.timings.push({ finding, placement: figures.name, figures, isRight });
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

/**
 * @param {Row} row
 * @param {string} contestant
 */
export function timingOf(row, contestant) {
  return row.timings.find(({ finding }) => finding.contestant === contestant);
}

/** The upper one of the two in the middle, where there are two. */
export function middle(/** @type {readonly number[]} */ values) {
  return [...values].sort((left, right) => left - right)[values.length >> 1];
}

/** Median of the floors of all processes of a row. */
export function floorOf(/** @type {Row} */ { timings }) {
  return middle(timings.map(({ figures }) => figures.floor.median));
}

/**
 * The rivals of a row that answer right, fastest first, each against the method of ipverdict that does the same.
 * @param {Row} row
 * @returns {Duel[]}
 */
export function duelsOf(row) {
  return row.timings
    .filter(({ finding, isRight }) => !finding.isOurs && isRight && isSameWork(finding))
    .sort((left, right) => left.figures.ratio - right.figures.ratio)
    .flatMap((rival) => {
      const own =
        timingOf(row, opponentOf(rival.finding)) ?? row.timings.find(({ finding }) => finding.isOurs);
      return own === undefined ? [] : [{ row, rival, own, factor: rival.figures.ratio / own.figures.ratio }];
    });
}

/**
 * A rival that does not prepare the whole list is not compared by the cost of that.
 * @param {Finding} finding of any group
 */
export function isSameWork({ group, contestant }) {
  const isBuilding = group === 'compile' || group === 'memory';
  return !isBuilding || contestants.find(({ name }) => name === contestant)?.builds === undefined;
}

/**
 * A rival that names the deciding entry does what `decide` does; one that answers yes or no does what `allows` does.
 * @param {Finding} finding
 */
function opponentOf({ contestant }) {
  const names = contestants.find(({ name }) => name === contestant)?.namesEntry === true;
  return names ? 'ipverdict decide' : 'ipverdict allows';
}

/**
 * @param {readonly Finding[]} findings
 * @returns {{ finding: Finding, series: Series, reason: string | undefined }[]} what was answered wrong, with the known
 *   reason
 */
export function wrongAnswers(findings) {
  return findings.flatMap((finding) => {
    const contestant = contestants.find(({ name }) => name === finding.contestant);
    const known = { ...contestant?.slips, ...contestant?.differs };
    const reason = finding.spelling === '' ? undefined : known[finding.spelling];
    const wrong = seriesOf(finding).filter((one) => one.wrong > 0);
    return wrong.map((series) => ({ finding, series, reason }));
  });
}
