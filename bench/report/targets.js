/**
 * The section of the report that holds the figures against the targets that ipverdict has set itself. Each row takes its
 * figure from the findings; a row without findings is left out.
 */

import { CROWD, otherNodesIn } from '../measure/plan.js';
import { duelsOf, rowsOf, timingOf } from './compare.js';
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
 * @param {string} group
 * @param {string} list
 * @param {string} spelling
 */
function rowsFor(findings, group, list, spelling) {
  return rowsOf(
    findings.filter((one) => one.group === group && one.list === list && one.spelling === spelling),
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
    const figures = rowsFor(findings, 'decide', list, spelling)
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
      .flatMap((place) => rowsFor(findings, 'decide', place.split(' ')[0], place.split(' ')[1]))
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
 * @param {(series: readonly Series[], finding: Finding) => Measured | undefined} measure of the first finding of ours
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
    return found === undefined ? undefined : measure(found.result.series ?? [], found);
  };
}

/** @param {readonly Series[]} series @param {string} name */
function seriesOf(series, name) {
  return series.find((one) => one.name === name);
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
/** Beside the tree, buffers hold one offset for each entry. */
const BYTES_OF_OFFSET = 4;
const treeOf = (/** @type {any} */ { bufferBytes, entries }) => bufferBytes - BYTES_OF_OFFSET * entries;
const isBlockList = (/** @type {string} */ name) => name === 'net.BlockList';
const isPeer = (/** @type {string} */ name) => !name.startsWith('net.');

/** @type {readonly Target[]} */
export const targets = [
  { what: 'decide, IPv4, 1,000 entries', target: 1.7, stretch: 1.5, measure: decideAt('1000', 'ipv4') },
  { what: 'decide, IPv4, full table', target: 3.3, stretch: 2.8, measure: decideAt('table', 'ipv4') },
  {
    what: 'decide, IPv6 full length, 1,000 entries',
    target: 2.1,
    stretch: 1.7,
    measure: decideAt('1000', 'ipv6-full'),
  },
  {
    what: 'decide, IPv6 full length, full table',
    target: 3,
    stretch: 2.4,
    measure: decideAt('table', 'ipv6-full'),
  },
  {
    what: 'decide, IPv6 short, 1,000 entries',
    target: 2.5,
    stretch: 2,
    measure: decideAt('1000', 'ipv6-short'),
  },
  {
    what: 'decide, IPv4-mapped, 1,000 entries',
    target: 1.9,
    stretch: 1.5,
    measure: decideAt('1000', 'mapped'),
  },
  {
    what: 'decide, an address with one wrong character, against the address',
    target: 1.5,
    stretch: 1,
    measure: ofSeries('refuse', (series) => {
      const one = seriesOf(series, 'one character wrong');
      return one && { value: one.ratio };
    }),
  },
  {
    what: 'decide, empty, words, 1 MB of text, against an address',
    target: 1,
    stretch: 1,
    measure: ofSeries('refuse', (series) => {
      const others = series.filter(({ name }) => name !== 'one character wrong');
      const detail = others.map(({ name, ratio }) => `${name} ${times(ratio)}`).join(', ');
      return others.length === 0
        ? undefined
        : { value: Math.max(...others.map(({ ratio }) => ratio)), detail };
    }),
  },
  {
    what: 'decide with ten exemptions, against without',
    target: 1.2,
    stretch: 1,
    measure: (findings) => {
      const own = findings.filter((one) => one.group === 'exempt' && one.contestant === 'ipverdict decide');
      const factors = rowsOf(own).flatMap(({ timings, placement, spelling }) => {
        const [without, withThem] = [false, true].map((has) =>
          timings.find(({ finding }) => finding.withExemptions === has),
        );
        if (without === undefined || withThem === undefined) return [];
        return [{ name: `${spelling} ${placement}`, factor: withThem.figures.ratio / without.figures.ratio }];
      });
      if (factors.length === 0) return undefined;
      const detail = factors.map(({ name, factor }) => `${name} ${times(factor)}`).join(', ');
      return { value: Math.max(...factors.map(({ factor }) => factor)), detail };
    },
  },
  {
    what: 'net.BlockList against us, 1,000 entries, IPv4',
    target: 3,
    stretch: 5,
    isLeast: true,
    measure: rivalAt(['1000 ipv4'], isBlockList),
  },
  {
    what: 'net.BlockList against us, 1,000 entries, IPv6 full length',
    target: 2,
    stretch: 5,
    isLeast: true,
    measure: rivalAt(['1000 ipv6-full'], isBlockList),
  },
  {
    what: 'net.BlockList against us, 100,000 entries',
    target: 5,
    stretch: 20,
    isLeast: true,
    measure: rivalAt(['100000 ipv4', '100000 ipv6-full'], isBlockList),
  },
  {
    what: 'the fastest npm package that is right against us, 1,000 entries',
    target: 25,
    stretch: 50,
    isLeast: true,
    measure: rivalAt(['1000 ipv4', '1000 ipv6-full', '1000 ipv6-short', '1000 mapped'], isPeer),
  },
  {
    what: 'full table, text to policy, against split and a pass over the characters',
    target: 6,
    stretch: 4,
    measure: ofSeries(
      'compile',
      (series) => {
        const split = seriesOf(series, 'split');
        return (
          split && {
            value: split.ratio,
            detail: `${duration(split.subject.minimum)} / ${duration(split.subject.median)}`,
          }
        );
      },
      'table',
    ),
  },
  {
    what: '1,000 lines with notes to a policy, warm',
    limit: '≤ 1 ms',
    target: 1e6,
    stretch: 0.4e6,
    write: duration,
    measure: ofSeries(
      'compile',
      (series) => {
        const built = seriesOf(series, 'build');
        return built && { value: built.subject.median, detail: `minimum ${duration(built.subject.minimum)}` };
      },
      '1000',
    ),
  },
  {
    what: 'tree of the full table',
    limit: '≤ 11 MB',
    target: 11e6,
    stretch: 8.5e6,
    write: megabytes,
    measure: weightOf('table', 0, treeOf),
  },
  {
    what: 'policy of 10 entries, but for the text',
    limit: '≤ 8 KB',
    target: 8e3,
    stretch: 3e3,
    write: kilobytes,
    measure: weightOf(
      '100000',
      10,
      ({ heapBytes, bufferBytes, textBytes }, count) => (heapBytes + bufferBytes - textBytes) / count,
    ),
  },
  {
    what: 'policy of 1,000 entries, but for the text',
    limit: '≤ 400 KB',
    target: 400e3,
    stretch: 100e3,
    write: kilobytes,
    measure: weightOf(
      '100000',
      1000,
      ({ heapBytes, bufferBytes, textBytes }, count) => (heapBytes + bufferBytes - textBytes) / count,
    ),
  },
  {
    what: 'full table, beyond tree and text, an entry',
    limit: '≤ 16 bytes',
    target: 16,
    stretch: 8,
    write: (value) => `${digits(value)} bytes`,
    measure: weightOf(
      'table',
      0,
      (result) =>
        (result.heapBytes + result.bufferBytes - treeOf(result) - result.textBytes) / result.entries,
    ),
  },
  {
    what: `${whole(CROWD.count)} policies of ${CROWD.size} entries`,
    limit: '≤ 100 MB',
    target: 100e6,
    stretch: 40e6,
    write: megabytes,
    measure: weightOf('100000', CROWD.size, ({ heapBytes, bufferBytes }) => heapBytes + bufferBytes),
  },
  {
    what: 'one of them asked again and again, against a policy alone',
    target: 1.5,
    stretch: 1,
    measure: ofSeries('crowd', (series) => {
      const [alone, one, turns] = series;
      if (alone === undefined || one === undefined || turns === undefined) return undefined;
      const detail = `alone ${times(alone.ratio)}, one of many ${times(one.ratio)}, ${turns.name} ${times(turns.ratio)} of the floor`;
      return { value: one.ratio / alone.ratio, detail };
    }),
  },
];

/**
 * @param {readonly Finding[]} findings of all versions of Node
 * @param {{ machine: { node: string }, nodes: Readonly<Record<string, string>> }} circumstances whole versions by the
 *   names in the findings
 */
export function writeTargets(findings, { machine, nodes }) {
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

What ipverdict has set itself, as the worst of the rows that it is about; **bold** where it is not reached. ✓✓: the
farther aim is reached, too. Ratios are to the floor over the same texts in the same process, if nothing else is said.

${table(['what', 'target', ...names.map((name) => ` ${name}`)], rows)}

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
