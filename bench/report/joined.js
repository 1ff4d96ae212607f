/** The sections of the report about lists that are joined: rules and sets. */

import { MANY_RULES } from '../measure/states.js';
import { seriesOf } from './compare.js';
import { duration, table, timeCell, times, whole } from './tables.js';
import { titleOf, wordingOf } from './words.js';

/** @typedef {import('../run.js').Finding} Finding */

/** @param {readonly Finding[]} findings */
export function writeRules(findings) {
  const body = findings.flatMap((finding) => {
    const { job, size, count } = finding.job;
    const isMany = job === 'buildRules' && size !== 0;
    const what = isMany
      ? `${whole(MANY_RULES.count)} rules of ${whole(MANY_RULES.size)} entries, text to policy`
      : `${titleOf(finding.list)} in ${count} rules, ${job === 'askRules' ? 'decide' : 'text to policy'}`;
    const series = seriesOf(finding);
    if (series.length === 0) return [[what, '', `failed: ${finding.failure}`, '']];
    return series.map(({ name, floor, subject, ratio }) => [
      job === 'askRules' ? `${what}, IPv4 ${wordingOf(name)}` : what,
      isMany ? '' : `${duration(floor.minimum)} / ${duration(floor.median)}`,
      `${duration(subject.minimum)} / ${duration(subject.median)}`,
      isMany ? '' : times(ratio),
    ]);
  });
  return `## Rules

Rules that all deny, against one list with the same entries in the same process: minimum / median of rounds that take
turns. The ratio of a decision is to a second policy of the one list, which is measured in the same way.

${table(['what', ' one list', ' rules', ' ratio'], body)}`;
}

/** @type {Readonly<Record<string, string>>} */
const operations = {
  of: '`AddressSet.of`',
  union: '`union`',
  intersect: '`intersect`',
  subtract: '`subtract`',
  complement: '`complement`',
  prefixes: '`union`, and its prefixes',
};

/** @param {readonly Finding[]} findings */
export function writeSets(findings) {
  const body = findings.flatMap((finding) => {
    const series = seriesOf(finding);
    if (series.length === 0) return [[titleOf(finding.list), `failed: ${finding.failure}`]];
    return series.map((one) => [`${operations[one.name]}, ${titleOf(finding.list)}`, timeCell(one)]);
  });
  return `## Sets

A list, and the same list without every seventh line and with other networks in place of the longest. Before the times
are taken, the counts of their union and intersection must add up to those of the two.

${table(['what', ' time'], body)}`;
}
