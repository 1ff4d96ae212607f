/** The section of the report that says where a rival is better, from the figures alone. */

import { duelsOf, isSameWork, rowsOf } from './compare.js';
import { times, whole, wrap } from './tables.js';
import { displayName, remarkOn, titleOf, wordingOf } from './words.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('../measure/task.js').Group} Group
 */

/** @type {readonly { group: Group, activity: string }[]} */
const timed = [
  { group: 'parse', activity: 'reading' },
  { group: 'compile', activity: 'compiling' },
  { group: 'decide', activity: 'deciding' },
  { group: 'invalid', activity: 'deciding' },
];

/**
 * @param {readonly Finding[]} findings
 * @param {{ quick: boolean, only: readonly string[] }} circumstances
 */
export function writeWins(findings, { quick, only }) {
  const wins = [...timed.flatMap((one) => findFaster(findings, one)), ...findLighter(findings)];
  const nothing = `In no row${quick || only.length > 0 ? ' of this partial run' : ''}.`;
  const preface = 'Its time or memory as a share of that of ipverdict:';
  return `## Where a rival wins

${wins.length === 0 ? nothing : `${preface}\n\n${wins.map((win) => wrap(`- ${win}`, '  ')).join('\n')}`}

Not counted, however fast: rows in which a rival answers wrong (the full report lists them), and building by rivals
that build less than the whole list.`;
}

/**
 * Rivals that answer right in less time, by row.
 * @param {readonly Finding[]} findings
 * @param {{ group: Group, activity: string }} one
 */
function findFaster(findings, { group, activity }) {
  return rowsOf(findings.filter((finding) => finding.group === group)).flatMap((row) => {
    const faster = duelsOf(row).filter(({ factor }) => factor < 1);
    if (faster.length === 0) return [];
    const place = [
      titleOf(row.list),
      wordingOf(row.spelling),
      group === 'decide' ? wordingOf(row.placement) : '',
    ];
    const rivals = faster.map(({ rival, own, factor }) => {
      const { contestant } = rival.finding;
      const remark = remarkOn(contestant);
      const note = remark === undefined ? '' : ` (${remark})`;
      return `${displayName(contestant, group)}${note} ${times(factor)} ${displayName(own.finding.contestant, group)}`;
    });
    return [`${[activity, ...place].filter((part) => part !== '').join(', ')}: ${rivals.join('; ')}`];
  });
}

/**
 * Rivals that keep a list in less memory.
 * @param {readonly Finding[]} findings
 */
function findLighter(findings) {
  const weighed = findings.filter(({ group, result }) => group === 'memory' && result !== undefined);
  /** @param {Finding} finding */
  const weightOf = ({ result }) => (result.heapBytes + result.bufferBytes) / result.entries;
  return weighed
    .filter((finding) => !finding.isOurs && isSameWork(finding))
    .flatMap((rival) => {
      const { list, contestant, job } = rival;
      const own = weighed.find((one) => one.isOurs && one.list === list && one.job.size === job.size);
      if (own === undefined || weightOf(rival) >= weightOf(own)) return [];
      const size = job.size === 0 ? titleOf(list) : `${whole(Number(job.size))} entries`;
      const factor = times(weightOf(rival) / weightOf(own));
      return [
        `memory, ${size}: ${displayName(contestant, 'memory')} ${factor} ${displayName(own.contestant, 'memory')}`,
      ];
    });
}
