/**
 * The section of the report that holds the figures against the targets that ipverdict has set itself. Each row takes its
 * figure from the findings; a row without findings is left out.
 */

import { otherNodesIn } from '../measure/plan.js';
import { AFTER_COLLECTION, CROWD, MANY_RULES } from '../measure/states.js';
import { rowsOf } from './compare.js';
import {
  bytes,
  coldAt,
  decideAt,
  isBlockList,
  isPeer,
  kilobytes,
  medianAt,
  megabytes,
  ofSeries,
  rivalAt,
  spreadOf,
  treeOf,
  weightOf,
  withoutText,
  withoutTextAndTree,
  worstOf,
} from './figures.js';
import { digits, duration, table, times, whole } from './tables.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('./figures.js').Measure} Measure
 * @typedef {import('./figures.js').Measured} Measured
 * @typedef {'warm' | 'after gc()' | 'cold'} State of the process
 *
 * @typedef {object} Target
 * @property {State} state
 * @property {string} what
 * @property {number} target
 * @property {number} stretch
 * @property {Measure} measure
 * @property {boolean} [isLeast] whether it is a lower bound
 * @property {(value: number) => string} [write] where it is not so many times
 */

/**
 * At most so much: the target, then the stretch.
 * @param {State} state
 * @param {string} what
 * @param {readonly [number, number]} aims
 * @param {Measure} measure
 * @param {Target['write']} [write]
 * @returns {Target}
 */
function atMost(state, what, [target, stretch], measure, write) {
  return { state, what, target, stretch, measure, ...(write && { write }) };
}

/** @type {(what: string, aims: readonly [number, number], measure: Measure) => Target} */
const atLeast = (...target) => ({ ...atMost('warm', ...target), isLeast: true });

/** @type {(value: number) => string} */
const milliseconds = (value) => `${digits(value / 1e6)} ms`;
/** @type {(value: number) => string} */
const seconds = (value) => `${digits(value / 1e9)} s`;

const { left, timed } = AFTER_COLLECTION;
const crowd = `${whole(CROWD.count)} policies of ${CROWD.size} entries`;

/** @type {readonly Target[]} */
const decisions = [
  atMost('warm', 'decide, IPv4, 1,000 entries, inside', [1.6, 1.5], decideAt('1000', 'ipv4', ['hit'])),
  atMost(
    'warm',
    'decide, IPv4, 1,000 entries, just outside',
    [1.45, 1.35],
    decideAt('1000', 'ipv4', ['outside']),
  ),
  atMost('warm', 'decide, IPv4, full table', [3.3, 2.8], decideAt('table', 'ipv4')),
  atMost('warm', 'decide, IPv6 full length, 1,000 entries', [1.9, 1.75], decideAt('1000', 'ipv6-full')),
  atMost('warm', 'decide, IPv6 full length, full table', [3, 2.4], decideAt('table', 'ipv6-full')),
  atMost('warm', 'decide, IPv6 short, 1,000 entries', [2.6, 2.5], decideAt('1000', 'ipv6-short')),
  atMost('warm', 'decide, IPv4-mapped, 1,000 entries', [1.5, 1.4], decideAt('1000', 'mapped')),
  atMost(
    'after gc()',
    `decide, IPv4, 1,000 entries, decisions ${left + 1} to ${whole(left + timed)}`,
    [150, 80],
    medianAt('collected', '1000', 'decide'),
    duration,
  ),
  atMost(
    'warm',
    'decide, an address with one wrong character, against the address',
    [1.5, 1],
    ofSeries('refuse', ({ 'one character wrong': one }) => one && { value: one.ratio }),
  ),
  atMost(
    'warm',
    'decide, empty, words, 1 MB of text, against an address',
    [1, 1],
    ofSeries('refuse', ({ 'one character wrong': _, ...others }) =>
      worstOf(Object.entries(others).map(([name, { ratio }]) => ({ name, factor: ratio }))),
    ),
  ),
  atMost('warm', 'decide with ten exemptions, against without', [1.2, 1], (findings) => {
    const own = findings.filter((one) => one.group === 'exempt' && one.contestant === 'ipverdict decide');
    const factors = rowsOf(own).flatMap(({ timings, placement, spelling }) => {
      const [without, withThem] = [false, true].map((has) =>
        timings.find(({ finding }) => finding.withExemptions === has),
      );
      if (without === undefined || withThem === undefined) return [];
      return [{ name: `${spelling} ${placement}`, factor: withThem.figures.ratio / without.figures.ratio }];
    });
    return worstOf(factors);
  }),
  atMost(
    'warm',
    `one of ${crowd}, deciding again and again, against a policy alone`,
    [1.5, 1],
    ofSeries('crowd', (series) => {
      const [alone, one, turns] = Object.values(series);
      if (alone === undefined || one === undefined || turns === undefined) return undefined;
      const detail = `alone ${times(alone.ratio)}, one of many ${times(one.ratio)}, ${turns.name} ${times(turns.ratio)} of the floor`;
      return { value: one.ratio / alone.ratio, detail };
    }),
  ),
];

/** @type {readonly Target[]} */
const againstOthers = [
  atLeast('net.BlockList against us, 1,000 entries, IPv4', [3, 5], rivalAt(['1000 ipv4'], isBlockList)),
  atLeast(
    'net.BlockList against us, 1,000 entries, IPv6 full length',
    [2, 5],
    rivalAt(['1000 ipv6-full'], isBlockList),
  ),
  atLeast(
    'net.BlockList against us, 100,000 entries',
    [6, 10],
    rivalAt(['100000 ipv4', '100000 ipv6-full'], isBlockList),
  ),
  atLeast(
    'the fastest npm package that is right against us, 1,000 entries',
    [25, 50],
    rivalAt(['1000 ipv4', '1000 ipv6-full', '1000 ipv6-short', '1000 mapped'], isPeer),
  ),
];

/**
 * Only of the full table: the quick mode has a shorter list.
 * @param {Measure} measure
 * @returns {Measure}
 */
function ofTable(measure) {
  return (findings) => measure(findings.filter(({ list }) => list === 'table'));
}

/** @type {readonly Target[]} */
const building = [
  atMost(
    'warm',
    'full table, text to policy, against split and a pass over the characters',
    [2.5, 2],
    ofSeries(
      'compile',
      ({ split }) => split && { value: split.ratio, detail: spreadOf(split.subject, duration) },
      'table',
    ),
  ),
  atMost(
    'warm',
    '1,000 lines with notes to a policy',
    [1e6, 0.4e6],
    medianAt('compile', '1000', 'build'),
    milliseconds,
  ),
  atMost(
    'after gc()',
    '1,000 lines with notes to a policy',
    [1e6, 0.6e6],
    medianAt('collected', '1000', 'build'),
    milliseconds,
  ),
  atMost(
    'cold',
    "import 'ipverdict', above an empty module",
    [6.5e6, 4e6],
    coldAt('startCold', 'import', milliseconds),
    milliseconds,
  ),
  atMost(
    'cold',
    'the same, with the first policy and the first decision',
    [9e6, 6.5e6],
    coldAt('startCold', 'first decision', milliseconds),
    milliseconds,
  ),
  atMost(
    'cold',
    '100,000 networks, text to policy',
    [150e6, 100e6],
    coldAt('buildCold', 'time', milliseconds),
    milliseconds,
  ),
  atMost(
    'cold',
    'full table, snapshot to first decision, all checked, against text to policy',
    [0.1, 0.05],
    ofTable(coldAt('loadCold', 'all against text', times)),
  ),
  atMost(
    'cold',
    'full table, snapshot to first decision, only the checksum checked',
    [0.025, 0.0125],
    ofTable(coldAt('loadCold', 'checksum against text', times)),
  ),
  atMost(
    'cold',
    'snapshot of the full table, every second entry with a note of its own, per entry',
    [48, 40],
    ofTable(coldAt('loadCold', 'bytes an entry', bytes)),
    bytes,
  ),
  atMost('cold', crowd, [0.9e9, 0.6e9], coldAt('crowdCold', 'time', seconds), seconds),
];

/**
 * The median of the many rules: in the quick mode, the fifty have the same list.
 * @type {Measure}
 */
function manyRules(findings) {
  const many = findings.filter(({ job }) => job.size === MANY_RULES.size);
  return medianAt('rules', '100000', 'rules')(many);
}

/** @type {readonly Target[]} */
const joined = [
  atMost(
    'warm',
    'decide by fifty rules, against one list with their entries, IPv4',
    [1.05, 1],
    ofSeries('rules', (series) => worstOf(factorsOf(series)), '1000'),
  ),
  atMost(
    'warm',
    'full table in fifty rules, text to policy, against one list',
    [1.5, 1.2],
    ofSeries('rules', ({ rules }) => rules && { value: rules.ratio }, 'table'),
  ),
  atMost(
    'warm',
    `${whole(MANY_RULES.count)} rules of ${whole(MANY_RULES.size)} entries, text to policy`,
    [1e9, 0.5e9],
    manyRules,
    seconds,
  ),
  atMost(
    'warm',
    'sets of full tables: the slowest of union, intersection, difference and complement',
    [1e9, 0.1e9],
    ofSeries(
      'sets',
      ({ union, intersect, subtract, complement }) => {
        const medians = [union, intersect, subtract, complement].map(
          (one) => one?.subject.median ?? Number.NaN,
        );
        return { value: Math.max(...medians) };
      },
      'table',
    ),
    milliseconds,
  ),
];

/** @param {Record<string, { ratio: number } | undefined>} series */
function factorsOf(series) {
  return Object.entries(series).flatMap(([name, one]) => (one ? [{ name, factor: one.ratio }] : []));
}

/** @type {readonly Target[]} */
const memory = [
  atMost(
    'cold',
    `${crowd}, resident memory above what the process had`,
    [80e6, 60e6],
    coldAt('crowdCold', 'resident', megabytes),
    megabytes,
  ),
  atMost(
    'after gc()',
    `${crowd}, heap and buffers with the text`,
    [80e6, 60e6],
    coldAt('crowdCold', 'kept', megabytes),
    megabytes,
  ),
  atMost(
    'after gc()',
    'policy of 1 entry, without text and tree',
    [1.5e3, 0.9e3],
    weightOf('100000', 1, withoutTextAndTree),
    kilobytes,
  ),
  atMost(
    'after gc()',
    'policy of 20 entries, without the text',
    [3.2e3, 2.5e3],
    weightOf('100000', CROWD.size, withoutText),
    kilobytes,
  ),
  atMost(
    'after gc()',
    'policy of 1,000 entries, without the text',
    [150e3, 100e3],
    weightOf('100000', 1000, withoutText),
    kilobytes,
  ),
  atMost('after gc()', 'tree of the full table', [11e6, 8.5e6], weightOf('table', 0, treeOf), megabytes),
  atMost(
    'after gc()',
    'full table, beyond tree and text, per entry',
    [16, 8],
    weightOf('table', 0, (result) => (withoutText(result, 1) - treeOf(result)) / result.entries),
    bytes,
  ),
];

export const targets = [...decisions, ...againstOthers, ...building, ...joined, ...memory];

/**
 * @param {readonly Finding[]} findings of all versions of Node
 * @param {{ machine: { node: string }, nodes: Readonly<Record<string, string>> }} circumstances whole versions by the
 *   names in the findings
 * @param {{ hasDetails?: boolean }} [options]
 */
export function writeTargets(findings, { machine, nodes }, { hasDetails = true } = {}) {
  const versions = [undefined, ...otherNodesIn(findings)];
  const names = versions.map((version) =>
    version === undefined ? machine.node : (nodes[version] ?? version),
  );
  /** @type {string[]} */
  const details = [];
  const rows = targets.flatMap((target) => {
    const measured = versions.map((version) =>
      target.measure(findings.filter(({ node }) => node === version)),
    );
    if (measured.every((one) => one === undefined)) return [];
    const state = target.state === 'after gc()' ? 'after `gc()`' : target.state;
    for (const [index, one] of measured.entries()) {
      if (one?.detail !== undefined)
        details.push(`- ${target.what}, ${state}, ${names[index]}: ${one.detail}`);
    }
    return [[target.what, state, limitOf(target), ...measured.map((one) => cellOf(target, one))]];
  });
  if (rows.length === 0) return '';
  return `## Targets

The targets of ipverdict, each held against the worst of the rows that it covers; **bold** where it is missed. ✓✓: the
stretch target is met as well. Ratios are to the floor over the same texts in the same process, unless a row says
otherwise.

*Warm*: the process has done the same work before, and its code is compiled. *After \`gc()\`*: a full collection has just
run, which throws compiled code away; in rows about memory, what is left after it. *Cold*: the process has just started.

${table(['what', 'process', 'target', ...names.map((name) => ` ${name}`)], rows)}${hasDetails ? foldDetails(details) : ''}`;
}

/** @param {Target} target */
function limitOf({ target, isLeast = false, write }) {
  return `${isLeast ? '≥' : '≤'} ${write === undefined ? `${target} ×` : shorten(write(target))}`;
}

/** 150 ms, not 150.00 ms. @param {string} written */
function shorten(written) {
  return written.replace(/(\.\d*?)0+(?= )/, '$1').replace(/\.(?= )/, '');
}

/** @param {readonly string[]} details */
function foldDetails(details) {
  return `

<details><summary>Minimum / median ± half the interquartile range</summary>

${details.join('\n')}

</details>`;
}

/**
 * @param {Target} target
 * @param {Measured | undefined} measured
 */
function cellOf({ target, stretch, isLeast = false, write = times }, measured) {
  if (measured === undefined) return '';
  const { value } = measured;
  const reaches = (/** @type {number} */ aim) => (isLeast ? value >= aim : value <= aim);
  if (!reaches(target)) return `**${write(value)}**`;
  return `${write(value)} ${reaches(stretch) ? '✓✓' : '✓'}`;
}
