/**
 * The sections of the report about the state of the process: many policies in it, the collector has just run, or it has
 * just started.
 */

import { AFTER_COLLECTION, CROWD } from '../measure/states.js';
import { rowsOf, seriesOf } from './compare.js';
import { bytes, megabytes, spreadOf } from './figures.js';
import { duration, table, timeCell, times, whole } from './tables.js';
import { titleOf } from './words.js';

/** @typedef {import('../run.js').Finding} Finding */

/** @param {readonly Finding[]} findings */
export function writeCrowd(findings) {
  const body = rowsOf(findings).map(({ placement, timings: [own] }) => [
    placement,
    duration(own.figures.floor.median),
    timeCell(own.figures),
  ]);
  return `## Many policies in one process

${whole(CROWD.count)} policies of ${CROWD.size} entries. One decides alone, before the others are made, and again after
that; then many decide in turn, about clients of both families, with both methods.

${table(['policy', ' floor', ' time'], body)}`;
}

const { left, timed } = AFTER_COLLECTION;

/** @type {Readonly<Record<string, { name: string, what: (list: string) => string }>>} */
const collectedRows = {
  buildCollected: {
    name: 'build',
    what: (list) => `${list} with notes to a policy, no other policy alive`,
  },
  askCollected: {
    name: 'decide',
    what: (list) =>
      `decisions ${left + 1} to ${whole(left + timed)} by a policy of ${list}, IPv4 in an entry`,
  },
};

/** @param {readonly Finding[]} findings */
export function writeCollected(findings) {
  const body = findings.map((finding) => {
    const { name, what } = collectedRows[String(finding.job.job)];
    const series = seriesOf(finding).find((one) => one.name === name);
    const title = what(titleOf(finding.list));
    if (series === undefined) return [title, '', `failed: ${finding.failure}`, ''];
    return [title, duration(series.floor.median), timeCell(series), whole(series.rounds)];
  });
  return `## After a collection

Each figure is about work that begins when a full collection, \`gc()\`, has just ended. V8 throws away compiled code that
has lost its last object, and such work begins in the interpreter. Before the collection the code was compiled.

${table(['what', ' floor', ' time', ' collections'], body)}`;
}

/** @type {Readonly<Record<string, readonly { name: string, what: string, write: (value: number) => string }[]>>} */
const coldRows = {
  startCold: [
    { name: 'import', what: "import 'ipverdict', above an empty module", write: duration },
    { name: 'first decision', what: 'the same, with a first policy and its first decision', write: duration },
  ],
  buildCold: [{ name: 'time', what: '100,000 entries with notes, text to policy', write: duration }],
  crowdCold: [
    { name: 'time', what: `${whole(CROWD.count)} policies of ${CROWD.size} entries`, write: duration },
    { name: 'resident', what: 'resident memory that they add', write: megabytes },
    { name: 'kept', what: 'heap and buffers that they keep after a collection', write: megabytes },
  ],
  loadCold: [
    { name: 'all', what: 'a snapshot to its first decision, all checked', write: duration },
    { name: 'checksum', what: 'the same, only the checksum checked', write: duration },
    { name: 'all against text', what: 'all checked, against `createPolicy` of its text', write: times },
    { name: 'checksum against text', what: 'only the checksum, against `createPolicy`', write: times },
    { name: 'bytes an entry', what: 'the snapshot, for each entry', write: bytes },
  ],
};

/** @param {readonly Finding[]} findings */
export function writeCold(findings) {
  const body = findings.flatMap(({ job, result, failure }) =>
    coldRows[String(job.job)].map(({ name, what, write }) => [
      what,
      failure === undefined ? spreadOf(result.figures[name], write) : `failed: ${failure}`,
      failure === undefined ? whole(result.starts) : '',
    ]),
  );
  return `## In a process that has just started

Minimum and median of so many processes, in which nothing of ipverdict has run before. The import is measured around a
dynamic \`import\`, and what an empty module takes in the process next to it is taken off. Policies are made after the
import.

${table(['what', ' minimum / median', ' processes'], body)}`;
}
