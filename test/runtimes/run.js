/**
 * One verdict everywhere: installs runtimes from the registry, runs the conformance file on each, and prints a table.
 *
 *     npm run test:runtimes                        all of them
 *     npm run test:runtimes -- node-26 bun         some of them
 *
 * Each answer is held against the one that the file expects, and against the one of the Node that runs this. The exit
 * code is 1 when one differs, or when a runtime could not be installed or did not answer. Chromium is used where it is
 * installed, and left out with a message elsewhere.
 */

import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { conform } from './conformance.js';
import { runtimes } from './runtimes.js';

const MOST_SHOWN = 20;
const LONGEST_SHOWN = 400;

/**
 * What is wrong with the answers of a runtime.
 * @param {readonly import('./conformance.js').Result[]} answers
 * @param {readonly import('./conformance.js').Result[]} reference the answers of the Node that runs this
 * @returns {string[]} one line for each
 */
export function findDifferences(answers, reference) {
  const show = (value) => String(JSON.stringify(value)).slice(0, LONGEST_SHOWN);
  const wrong = answers
    .filter((result) => !isRight(result))
    .map(
      ({ part, name, answer, expected }) => `${part}, ${name}: ${show(answer)}, expected ${show(expected)}`,
    );
  const other = reference
    .map((result, at) => ({ result, answer: answers[at] }))
    .filter(({ result, answer }) => JSON.stringify(result) !== JSON.stringify(answer))
    .map(
      ({ result, answer }) =>
        `${result.part}, ${result.name}: ${show(answer?.answer)}, here ${show(result.answer)}`,
    );
  const more =
    answers.length > reference.length ? [`${answers.length - reference.length} answers too many`] : [];
  return [...new Set([...wrong, ...other, ...more])];
}

function isRight({ answer, expected }) {
  return JSON.stringify(answer) === JSON.stringify(expected);
}

/**
 * Lays out rows in columns.
 * @param {readonly (readonly string[])[]} rows the first one is the heading
 */
export function layOut(rows) {
  const widths = rows[0].map((_, at) => Math.max(...rows.map((row) => row[at].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n');
}

/** @param {readonly string[]} names */
async function main(names) {
  const unknown = names.filter((name) => !runtimes.some((runtime) => runtime.name === name));
  if (unknown.length > 0) {
    console.error(
      `There is no runtime ${unknown.join(', ')}; there are ${runtimes.map(({ name }) => name).join(', ')}.`,
    );
    return 2;
  }
  const reference = await conform();
  const parts = [...new Set(reference.map(({ part }) => part))];
  const rows = [['runtime', 'version', ...parts, 'verdict']];
  let isFine = report(
    `Node ${process.versions.node}, which runs this`,
    findDifferences(reference, reference),
  );
  rows.push(['this node', process.versions.node, ...countsOf(parts, reference), isFine ? 'alike' : 'WRONG']);
  for (const { name, find, run } of runtimes) {
    if (names.length > 0 && !names.includes(name)) continue;
    const blank = parts.map(() => '');
    let version = '';
    try {
      const path = find();
      if (path === undefined) {
        console.log(`${name}: not installed on this machine, left out.`);
        rows.push([name, '', ...blank, 'LEFT OUT: not installed']);
        continue;
      }
      version = versionOf(path);
      const answers = JSON.parse(await run(path));
      const isAlike = report(`${name} ${version}`, findDifferences(answers, reference));
      rows.push([name, version, ...countsOf(parts, answers), isAlike ? 'alike' : 'DIFFERS']);
      isFine &&= isAlike;
    } catch (error) {
      console.log(`${name} ${version}: ${error.message}`);
      rows.push([name, version, ...blank, 'NOT RUN']);
      isFine = false;
    }
  }
  console.log(`\n${layOut(rows)}\n`);
  return isFine ? 0 : 1;
}

function report(name, differences) {
  const shown = differences.slice(0, MOST_SHOWN);
  const more = differences.length > shown.length ? [`  and ${differences.length - shown.length} more`] : [];
  if (differences.length > 0)
    console.log([`${name}:`, ...shown.map((line) => `  ${line}`), ...more].join('\n'));
  return differences.length === 0;
}

/** How many answers of each part are as expected, of how many. */
function countsOf(parts, results) {
  return parts.map((part) => {
    const ofPart = results.filter((result) => result.part === part);
    return `${ofPart.filter(isRight).length}/${ofPart.length}`;
  });
}

function versionOf(path) {
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  return /\d+(?:[.-]\d+)+/.exec(stdout)?.[0] ?? '?';
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  process.exitCode = await main(process.argv.slice(2));
