/**
 * The page for those who want to know, not to check: docs/performance.md. Its figures are those of the report, of which it
 * is a selection.
 */

import { lists } from '../measure/lists.js';
import { rowsOf, timingOf } from './compare.js';
import { fastestCells, writeHead } from './report.js';
import { table, timeCell, times, wrap } from './tables.js';
import { writeTargets } from './targets.js';
import { writeWins } from './wins.js';
import { titleOf, wordingOf } from './words.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('./report.js').Circumstances} Circumstances
 */

/**
 * @param {readonly Finding[]} findings
 * @param {Circumstances} circumstances
 */
export function writePage(findings, circumstances) {
  const own = findings.filter(({ node }) => node === undefined);
  const sections = [
    writeHead(circumstances, 'Performance'),
    writeTargets(findings, circumstances, { hasDetails: false }),
    writeDeciding(own),
    writeCompiling(own),
    writeWins(own, circumstances),
    writeMethod(),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** @param {readonly Finding[]} findings */
function writeDeciding(findings) {
  const rows = lists.flatMap(({ name }) =>
    rowsOf(findings.filter(({ group, list }) => group === 'decide' && list === name)).filter(
      ({ placement }) => placement === 'hit',
    ),
  );
  if (rows.length === 0) return '';
  const body = rows.map((row) => [
    titleOf(row.list),
    wordingOf(row.spelling),
    ...['ipverdict decide', 'ipverdict allows'].map((contestant) => {
      const timing = timingOf(row, contestant);
      return timing === undefined ? '' : times(timing.figures.ratio);
    }),
    ...fastestCells(row),
  ]);
  const header = [
    'list',
    'client',
    ' decide',
    ' allows',
    'fastest rival that is right',
    ' its time',
    ' factor',
  ];
  return `## Deciding

Clients that an entry covers; ratios to the floor. The factor is the time of the rival divided
by that of ipverdict.

${table(header, body)}`;
}

/** @param {readonly Finding[]} findings */
function writeCompiling(findings) {
  const rows = rowsOf(findings.filter(({ group }) => group === 'compile')).filter(
    ({ placement }) => placement === 'build',
  );
  if (rows.length === 0) return '';
  const body = rows.map((row) => [
    titleOf(row.list),
    timeCell(timingOf(row, 'ipverdict decide')?.figures),
    ...fastestCells(row),
  ]);
  return `## Compiling a list

From text with notes to a policy; rivals start from an array without notes.

${table(['list', ' createPolicy', 'fastest rival', ' its time', ' factor'], body)}`;
}

function writeMethod() {
  const text = `Seeded lists cut from the Internet routing table, or from a made table of the same shape; seeded clients.
    Every contestant is first proven right against a slow reference, and then timed in a process of its own, in rounds that
    alternate with the floor. What follows a collection is timed in a process that calls \`gc()\` before each pass, and what is
    cold in fresh processes, of which the median counts. The [full report](performance-report.md) says how in detail, and has every contestant, every
    figure with its spread, the wrong answers, refusals, exemptions, memory, many policies in one process, and what a
    collection or a fresh process costs.
    \`npm run bench\` measures again; \`npm run bench -- --quick\` takes a minute. What [adapters](performance-http.md)
    and [\`ipverdict filter\`](performance-filter.md) cost is measured.`;
  return `## How it was measured\n\n${wrap(text)}

![Nanoseconds of a decision against entries in the list, both by powers of ten: ipverdict and others](performance.svg)`;
}
