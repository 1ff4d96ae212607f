/**
 * The report in Markdown: for the terminal, and for docs/performance-report.md.
 */

import { placements } from '../input/clients.js';
import { EXEMPTIONS, lists } from '../measure/lists.js';
import { groups } from '../measure/task.js';
import { duelsOf, floorOf, rowsOf, seriesOf, timingOf, wrongAnswers } from './compare.js';
import { writeRules, writeSets } from './joined.js';
import { describeMethod } from './method.js';
import { writeCold, writeCollected, writeCrowd } from './states.js';
import { digits, duration, runTable, table, timeCell, times, whole } from './tables.js';
import { writeTargets } from './targets.js';
import { writeWins } from './wins.js';
import { displayName, remarkOn, titleOf, wordingOf } from './words.js';

/**
 * @typedef {import('../run.js').Finding} Finding
 * @typedef {import('./compare.js').Row} Row
 * @typedef {import('../measure/task.js').Group} Group
 *
 * @typedef {object} Circumstances
 * @property {boolean} quick
 * @property {boolean} write
 * @property {readonly string[]} only
 * @property {Readonly<Record<string, string>>} nodes whole versions of the other versions of Node, by their names
 * @property {boolean} hasRivals
 * @property {boolean} isReal whether the routing table is the real one
 * @property {number} tableSize
 * @property {import('../measure/machine.js').Machine} machine
 */

/**
 * @param {readonly Finding[]} findings
 * @param {Circumstances} circumstances
 */
export function writeReport(findings, circumstances) {
  // All sections after the targets are about the version of Node that runs.
  const own = findings.filter(({ node }) => node === undefined);
  const measured = groups.flatMap((group) => {
    const found = own.filter((finding) => finding.group === group);
    return found.length > 0 ? [writers[group](found)] : [];
  });
  const sections = [
    writeHead(circumstances, 'Performance: the full report'),
    writeTargets(findings, circumstances),
    ...measured,
    writeWins(own, circumstances),
    describeMethod(circumstances),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** @type {Record<Group, (findings: readonly Finding[]) => string>} */
const writers = {
  parse: writeParse,
  compile: writeCompile,
  decide: writeDecide,
  invalid: writeInvalid,
  refuse: writeRefuse,
  exempt: writeExempt,
  rules: writeRules,
  sets: writeSets,
  crowd: writeCrowd,
  collected: writeCollected,
  cold: writeCold,
  memory: writeMemory,
};

/**
 * @param {Circumstances} circumstances
 * @param {string} title
 */
export function writeHead({ machine, quick, write, only, nodes, hasRivals }, title) {
  const options = [
    ...(quick ? ['--quick'] : []),
    ...(only.length > 0 ? [`--only ${only.join(',')}`] : []),
    ...(!write && Object.keys(nodes).length > 0 ? [`--node ${Object.keys(nodes).join(',')}`] : []),
    ...(write ? ['--write'] : []),
  ];
  const command = ['npm run bench', ...(options.length > 0 ? ['--', ...options] : [])].join(' ');
  const gap = hasRivals
    ? ''
    : '\n\n**Not all rivals could be installed; this run leaves out those that are missing.**';
  return `# ${title}

<!-- Made by bench/run.js; do not edit. -->

Every time is given beside the **floor**, a bare \`charCodeAt\` loop over the same texts in the same process. No program
can decide about a text without reading it, so 1 × is about the least that JavaScript can take (native code reads
faster). The ratio depends less than the time on the machine and on what else it was doing. A cell reads *minimum /
median ± half the interquartile range, ratio to the floor*.

${runTable(command, machine)}${gap}`;
}

/** @param {readonly Finding[]} findings */
function writeParse(findings) {
  const summary = rowsOf(findings).map((row) => [
    wordingOf(row.spelling),
    duration(floorOf(row)),
    cellOf(row, 'ipverdict tryParseAddress'),
    ...fastestCells(row),
  ]);
  return `## Reading an address

\`tryParseAddress\` makes a frozen value with its words; a decision reads the text the same way and makes no value.

${table(['text', ' floor', ' tryParseAddress', ...RIVAL_COLUMNS], summary)}

${writeEverybody(findings, ['hit'])}`;
}

/** @param {readonly Finding[]} findings */
function writeCompile(findings) {
  const rows = rowsOf(findings).filter(({ placement }) => placement === 'build');
  const summary = rows.map((row) => {
    const own = timingOf(row, 'ipverdict decide');
    const { entries = 1, firstMilliseconds = 0 } = own?.finding.result ?? {};
    const median = own?.figures.subject.median ?? 0;
    return [
      titleOf(row.list),
      duration(floorOf(row)),
      timeCell(own?.figures),
      duration(median / entries),
      duration(firstMilliseconds * 1e6),
      ...fastestCells(row),
    ];
  });
  const header = ['list', ' floor', ' createPolicy', ' per entry', ' first in the process'];
  return `## Compiling a list

From the text of the list to the policy. Rivals start from an array of entries without notes, and do not spend the time
to split the text. The first build of a process runs code that is not compiled yet.

${table([...header, 'fastest rival', ' its time', ' factor'], summary)}

${writeEverybody(findings, ['build'], ({ list }) => titleOf(list))}`;
}

/** @param {readonly Finding[]} findings */
function writeDecide(findings) {
  const header = ['client', 'where', ' floor', ' decide', ' allows', ...RIVAL_COLUMNS];
  const parts = lists
    .map(({ name }) => findings.filter(({ list }) => list === name))
    .filter((ofList) => ofList.length > 0)
    .map((ofList) => {
      const { title, texts } = lists.find(({ name }) => name === ofList[0].list) ?? lists[0];
      const summary = rowsOf(ofList).map((row) => [
        wordingOf(row.spelling),
        wordingOf(row.placement),
        duration(floorOf(row)),
        cellOf(row, 'ipverdict decide'),
        cellOf(row, 'ipverdict allows'),
        ...fastestCells(row),
      ]);
      return `### ${title[0].toUpperCase()}${title.slice(1)}, ${whole(texts)} texts

${table(header, summary)}

${writeEverybody(ofList, placements)}`;
    });
  return `## Deciding

A deny list decides about a client given as text. \`decide\` answers with verdict, reason and entry, \`allows\` with yes
or no. The factor is the time of the rival divided by that of ipverdict: against \`decide\` for rivals that name the
entry, against \`allows\` for the others.

${parts.join('\n\n')}`;
}

/** @param {readonly Finding[]} findings */
function writeInvalid(findings) {
  return `## Clients that are not addresses

Ports, brackets, spaces, lists of addresses, octal and short forms, typing errors, against a list of ${titleOf(findings[0]?.list ?? '')}. All
must be denied.

${writeEverybody(findings, ['invalid'], () => 'not an address', false)}`;
}

/** @param {readonly Finding[]} findings */
function writeRefuse(findings) {
  const body = rowsOf(findings).map((row) => [
    row.placement,
    duration(floorOf(row)),
    cellOf(row, 'ipverdict decide'),
    cellOf(row, 'ipverdict allows'),
  ]);
  return `## Text that is not an address, against addresses

Here the ratio is to valid IPv4 addresses, decided by the same policy: refusing a text may not cost more than reading
an address.

${table(['text', ' a valid address', ' decide', ' allows'], body)}`;
}

/** @param {readonly Finding[]} findings */
function writeExempt(findings) {
  const body = rowsOf(findings).map(({ spelling, placement, timings }) => [
    wordingOf(spelling),
    wordingOf(placement),
    ...['ipverdict decide', 'ipverdict allows'].flatMap((contestant) =>
      [false, true].map((withExemptions) => {
        const isMeant = (/** @type {Finding} */ one) =>
          one.contestant === contestant && one.withExemptions === withExemptions;
        return timeCell(timings.find(({ finding }) => isMeant(finding))?.figures);
      }),
    ),
  ]);
  const header = ['client', 'where', ' decide without', ' decide with', ' allows without', ' allows with'];
  return `## Exemptions

The list of ${titleOf(findings[0]?.list ?? '')} alone, and with ${EXEMPTIONS} exempt networks inside its entries.

${table(header, body)}`;
}

/** @param {readonly Finding[]} findings */
function writeMemory(findings) {
  const body = findings
    .filter(({ result }) => result !== undefined)
    .map(({ contestant, job, result }) => {
      const { entries, textBytes, heapBytes, bufferBytes } = result;
      const count = Number(job.count);
      return [
        displayName(contestant, 'memory'),
        whole(count),
        whole(entries / count),
        digits(bufferBytes / entries),
        digits(heapBytes / entries),
        digits((bufferBytes + heapBytes) / entries),
        digits(textBytes / entries),
        `${digits((bufferBytes + heapBytes) / count / 1024)} KiB`,
      ];
    });
  const header = [
    'contestant',
    ' lists',
    ' entries each',
    ' buffers',
    ' heap',
    ' together',
    ' text alone',
    ' per list',
  ];
  return `## Memory

Bytes per entry that remain after a full collection. ipverdict keeps its tree and the offsets of its entries in buffers,
and the text of the list on the heap, which is how it can name line and note. What \`net.BlockList\` keeps is outside V8
and not seen.

${table(header, body)}`;
}

/** @param {Row} row @param {string} contestant */
function cellOf(row, contestant) {
  return timeCell(timingOf(row, contestant)?.figures);
}

const RIVAL_COLUMNS = ['fastest rival that is right', ' its time', ' factor'];

/**
 * Name, time and factor of the fastest rival that answers right.
 * @param {Row} row
 */
export function fastestCells(row) {
  const [fastest] = duelsOf(row);
  if (fastest === undefined) return ['none', '', ''];
  const { contestant } = fastest.rival.finding;
  const remark = remarkOn(contestant);
  return [
    remark === undefined ? contestant : `${contestant} (${remark})`,
    timeCell(fastest.rival.figures),
    times(fastest.factor),
  ];
}

/**
 * All contestants with all their figures, and what they answered wrong.
 * @param {readonly Finding[]} findings
 * @param {readonly string[]} series
 * @param {(finding: Finding) => string} [nameInput]
 * @param {boolean} [isFolded]
 */
function writeEverybody(
  findings,
  series,
  nameInput = ({ spelling }) => wordingOf(spelling),
  isFolded = true,
) {
  const body = findings.map((finding) => [
    displayName(finding.contestant, finding.group),
    finding.result === undefined ? '' : nameInput(finding),
    ...series.map((name) => timeCell(seriesOf(finding).find((one) => one.name === name))),
    describeAnswers(finding),
  ]);
  const names = series.length > 1 ? series.map((name) => ` ${wordingOf(name)}`) : [' time'];
  const all = table(['contestant', 'input', ...names, 'answers'], body);
  const wrong = wrongAnswers(findings).map(
    ({ finding, series: { name, wrong, checked, example }, reason }) => {
      const place = `${wordingOf(finding.spelling)}${series.length > 1 ? ` ${wordingOf(name)}` : ''}`;
      const why = reason === undefined ? '' : ` (${reason})`;
      return `- ${finding.contestant}, ${place}: ${whole(wrong)} of ${whole(checked)} wrong; ${example}${why}`;
    },
  );
  const faults = wrong.length === 0 ? '' : `\n\nWrong answers:\n\n${wrong.join('\n')}`;
  return isFolded
    ? `<details><summary>All contestants</summary>\n\n${all}\n\n</details>${faults}`
    : `${all}${faults}`;
}

/** @param {Finding} finding */
function describeAnswers(finding) {
  if (finding.failure !== undefined) return `failed: ${finding.failure}`;
  const series = seriesOf(finding);
  const checked = series.reduce((sum, one) => sum + one.checked, 0);
  const wrong = series.reduce((sum, one) => sum + one.wrong, 0);
  return wrong === 0 ? `all ${whole(checked)} right` : `**${whole(wrong)} of ${whole(checked)} wrong**`;
}
