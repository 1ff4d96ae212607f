/**
 * The section of the report that holds the figures against the targets that ipverdict has set itself. Each row takes its
 * figure from the findings; a row without findings is left out.
 */

import { CROWD, otherNodesIn } from '../measure/plan.js';
import { duelsOf, rowsOf, seriesOf, timingOf } from './compare.js';
import { digits, duration, table, times, whole } from './tables.js';
import { wordingOf } from './words.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('../measure/process.js').Series} Series
 *
 * @typedef {object} Target
 * @property {string} what
 * @property {string} [limit] in words, where it is not at most so many times
 * @property {number} target
 * @property {number} stretch
 * @property {boolean} [isLeast] whether it is a lower bound
 * @property {(findings: readonly Finding[]) => Measured | undefined} measure from the findings of one version of Node
 * @property {(value: number) => string} [write]
 *
 * @typedef {{ value: number, detail?: string }} Measured
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
 * The worse of inside and just outside of an entry.
 * @param {string} list
 * @param {string} spelling
 * @returns {Target['measure']}
 */
function decideAt(list, spelling) {
  return (findings) => {
    const figures = decisionsOf(findings, list, spelling)
      .filter(({ placement }) => placement === 'hit' || placement === 'outside')
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
 * @returns {Target['measure']}
 */
function rivalAt(places, isMeant) {
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
 * @returns {Target['measure']}
 */
function ofSeries(group, measure, list) {
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
function worstOf(factors) {
  if (factors.length === 0) return undefined;
  const detail = factors.map(({ name, factor }) => `${name} ${times(factor)}`).join(', ');
  return { value: Math.max(...factors.map(({ factor }) => factor)), detail };
}

/**
 * @param {string} list
 * @param {number} size
 * @param {(result: any, count: number) => number} measure
 * @returns {Target['measure']}
 */
function weightOf(list, size, measure) {
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

const kilobytes = (/** @type {number} */ value) => `${digits(value / 1e3)} KB`;
const megabytes = (/** @type {number} */ value) => `${digits(value / 1e6)} MB`;
const bytes = (/** @type {number} */ value) => `${digits(value)} bytes`;
/** Beside the tree, buffers hold one offset for each entry. */
const BYTES_OF_OFFSET = 4;
const treeOf = (/** @type {any} */ { bufferBytes, entries }) => bufferBytes - BYTES_OF_OFFSET * entries;
const withoutText = (/** @type {any} */ { heapBytes, bufferBytes, textBytes }, /** @type {number} */ count) =>
  (heapBytes + bufferBytes - textBytes) / count;
const isBlockList = (/** @type {string} */ name) => name === 'net.BlockList';
const isPeer = (/** @type {string} */ name) => !name.startsWith('net.');

/**
 * At most so much: the target, then the stretch.
 * @param {string} what
 * @param {readonly [number, number]} aims
 * @param {Target['measure']} measure
 * @param {Pick<Target, 'limit' | 'write'>} [shown]
 * @returns {Target}
 */
function atMost(what, [target, stretch], measure, shown = {}) {
  return { what, target, stretch, measure, ...shown };
}

/** @type {(what: string, aims: readonly [number, number], measure: Target['measure']) => Target} */
const atLeast = (...target) => ({ ...atMost(...target), isLeast: true });

/** @type {readonly Target[]} */
const targets = [
  atMost('decide, IPv4, 1,000 entries', [1.7, 1.5], decideAt('1000', 'ipv4')),
  atMost('decide, IPv4, full table', [3.3, 2.8], decideAt('table', 'ipv4')),
  atMost('decide, IPv6 full length, 1,000 entries', [2.1, 1.7], decideAt('1000', 'ipv6-full')),
  atMost('decide, IPv6 full length, full table', [3, 2.4], decideAt('table', 'ipv6-full')),
  atMost('decide, IPv6 short, 1,000 entries', [2.5, 2], decideAt('1000', 'ipv6-short')),
  atMost('decide, IPv4-mapped, 1,000 entries', [1.9, 1.5], decideAt('1000', 'mapped')),
  atMost(
    'decide, an address with one wrong character, against the address',
    [1.5, 1],
    ofSeries('refuse', ({ 'one character wrong': one }) => one && { value: one.ratio }),
  ),
  atMost(
    'decide, empty, words, 1 MB of text, against an address',
    [1, 1],
    ofSeries('refuse', ({ 'one character wrong': _, ...others }) =>
      worstOf(Object.entries(others).map(([name, { ratio }]) => ({ name, factor: ratio }))),
    ),
  ),
  atMost('decide with ten exemptions, against without', [1.2, 1], (findings) => {
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
  atLeast('net.BlockList against us, 1,000 entries, IPv4', [3, 5], rivalAt(['1000 ipv4'], isBlockList)),
  atLeast(
    'net.BlockList against us, 1,000 entries, IPv6 full length',
    [2, 5],
    rivalAt(['1000 ipv6-full'], isBlockList),
  ),
  atLeast(
    'net.BlockList against us, 100,000 entries',
    [5, 20],
    rivalAt(['100000 ipv4', '100000 ipv6-full'], isBlockList),
  ),
  atLeast(
    'the fastest npm package that is right against us, 1,000 entries',
    [25, 50],
    rivalAt(['1000 ipv4', '1000 ipv6-full', '1000 ipv6-short', '1000 mapped'], isPeer),
  ),
  atMost(
    'full table, text to policy, against split and a pass over the characters',
    [6, 4],
    ofSeries(
      'compile',
      ({ split }) => {
        const { minimum = 0, median = 0 } = split?.subject ?? {};
        return split && { value: split.ratio, detail: `${duration(minimum)} / ${duration(median)}` };
      },
      'table',
    ),
  ),
  atMost(
    '1,000 lines with notes to a policy, warm',
    [1e6, 0.4e6],
    ofSeries(
      'compile',
      ({ build }) =>
        build && { value: build.subject.median, detail: `minimum ${duration(build.subject.minimum)}` },
      '1000',
    ),
    { limit: '≤ 1 ms', write: duration },
  ),
  atMost('tree of the full table', [11e6, 8.5e6], weightOf('table', 0, treeOf), {
    limit: '≤ 11 MB',
    write: megabytes,
  }),
  atMost('policy of 10 entries, without the text', [8e3, 3e3], weightOf('100000', 10, withoutText), {
    limit: '≤ 8 KB',
    write: kilobytes,
  }),
  atMost('policy of 1,000 entries, without the text', [400e3, 100e3], weightOf('100000', 1000, withoutText), {
    limit: '≤ 400 KB',
    write: kilobytes,
  }),
  atMost(
    'full table, beyond tree and text, per entry',
    [16, 8],
    weightOf('table', 0, (result) => (withoutText(result, 1) - treeOf(result)) / result.entries),
    { limit: '≤ 16 bytes', write: bytes },
  ),
  atMost(
    `${whole(CROWD.count)} policies of ${CROWD.size} entries`,
    [100e6, 40e6],
    weightOf('100000', CROWD.size, ({ heapBytes, bufferBytes }) => heapBytes + bufferBytes),
    { limit: '≤ 100 MB', write: megabytes },
  ),
  atMost(
    'one of them, deciding again and again, against a policy alone',
    [1.5, 1],
    ofSeries('crowd', (series) => {
      const [alone, one, turns] = Object.values(series);
      if (alone === undefined || one === undefined || turns === undefined) return undefined;
      const detail = `alone ${times(alone.ratio)}, one of many ${times(one.ratio)}, ${turns.name} ${times(turns.ratio)} of the floor`;
      return { value: one.ratio / alone.ratio, detail };
    }),
  ),
];

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
    for (const [index, one] of measured.entries()) {
      if (one?.detail !== undefined) details.push(`- ${target.what}, ${names[index]}: ${one.detail}`);
    }
    const sign = target.isLeast ? '≥' : '≤';
    const limit = target.limit ?? `${sign} ${target.target} ×`;
    return [[target.what, limit, ...measured.map((one) => cellOf(target, one))]];
  });
  if (rows.length === 0) return '';
  return `## Targets

The targets of ipverdict, each held against the worst of the rows that it covers; **bold** where it is missed. ✓✓: the
stretch target is met as well. Ratios are to the floor over the same texts in the same process, unless a row says
otherwise.

${table(['what', 'target', ...names.map((name) => ` ${name}`)], rows)}${hasDetails ? foldDetails(details) : ''}`;
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
