/**
 * Measures ipverdict and its rivals: `npm run bench -- [--quick] [--only group,…] [--node version,…] [--write]`.
 *
 * | option              | means                                                                             |
 * |---------------------|-----------------------------------------------------------------------------------|
 * | `--quick`           | fewer lists, rivals and rounds: about a minute, for a look                        |
 * | `--only decide,…`   | these groups only; a wrong name is answered with all names                        |
 * | `--node 24,…`       | some rows also on these versions of Node, installed from the registry             |
 * | `--write`           | writes docs/performance.md, its report and the picture, with Node 24 and 26       |
 *
 * The tables go to the standard output, what is being measured to the standard error.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installNode, installRivals, isInstalled, otherNodes } from './contestants/install.js';
import { lists } from './measure/lists.js';
import { describeMachine } from './measure/machine.js';
import { makePlan } from './measure/plan.js';
import { prepareInput } from './measure/prepare.js';
import { groups } from './measure/task.js';
import { writePage } from './report/page.js';
import { drawPicture } from './report/picture.js';
import { writeReport } from './report/report.js';

/**
 * @typedef {import('./measure/task.js').Task} Task
 * @typedef {Task & { result?: any, failure?: string }} Finding
 */

const VARIANT = fileURLToPath(new URL('./measure/process.js', import.meta.url));
const PAGE = new URL('../docs/performance.md', import.meta.url);
const REPORT = new URL('../docs/performance-report.md', import.meta.url);
const PICTURE = new URL('../docs/performance.svg', import.meta.url);
/** A contestant that has not finished after so many milliseconds has failed. */
const TIME_LIMIT = 180_000;

const options = readOptions();
const hasRivals = installRivals();
if (!hasRivals)
  process.stderr.write('Not all rivals could be installed: going on without them. Is there a network?\n');
const machine = describeMachine();
const folder = mkdtempSync(join(tmpdir(), 'ipverdict-bench-'));
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const begin = performance.now();
/** @type {Record<string, { file: string, version: string }>} */
const installed = {};
for (const version of options.nodes) {
  const found = installNode(version);
  if (found === undefined)
    process.stderr.write(`Node ${version} could not be installed: going on without it.\n`);
  else installed[version] = found;
}
const tasks = makePlan({ ...options, nodes: Object.keys(installed), isInstalled });
tell('preparing the lists and clients');
const input = prepare();
/** @type {Finding[]} */
const findings = [];
for (const [index, task] of tasks.entries()) {
  tell(
    `${index + 1}/${tasks.length} ${[task.node && `Node ${task.node}`, task.group, task.list, task.spelling, task.contestant].filter(Boolean).join(' · ')}`,
  );
  findings.push({ ...task, ...(await runVariant(task)) });
}
const seconds = Math.round((performance.now() - begin) / 1000);
tell(`done in ${seconds} s`);
if (process.stderr.isTTY) process.stderr.write('\n');

const nodes = Object.fromEntries(Object.entries(installed).map(([name, { version }]) => [name, version]));
const circumstances = { ...options, ...input, nodes, hasRivals, machine };
const report = writeReport(findings, circumstances);
process.stdout.write(report);
if (options.write) {
  mkdirSync(new URL('.', REPORT), { recursive: true });
  writeFileSync(PAGE, writePage(findings, circumstances));
  writeFileSync(REPORT, report);
  const sizes = Object.fromEntries(lists.map(({ name, size }) => [name, Math.min(size, input.tableSize)]));
  const picture = drawPicture(findings, { machine, sizes });
  if (picture !== undefined) writeFileSync(PICTURE, picture);
}
failOnOwnFaults();

/** @returns {{ quick: boolean, write: boolean, only: string[], nodes: string[] }} */
function readOptions() {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', multiple: true, default: [] },
    },
  });
  const { quick, write } = values;
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.filter((name) => !groups.some((group) => group === name));
  if (unknown.length > 0)
    stop(`there is no group ${unknown.join(', ')}; the groups are ${groups.join(', ')}`);
  if (write && (quick || only.length > 0))
    stop('docs/performance.md and its report are written from a full run only');
  const asked = values.node.flatMap((names) => names.split(','));
  const wrong = asked.filter((name) => !/^\d+(\.\d+){0,2}$/.test(name));
  if (wrong.length > 0) stop(`there is no Node ${wrong.join(', ')}`);
  return { quick, write, only, nodes: write && asked.length === 0 ? otherNodes : asked };
}

function prepare() {
  try {
    return prepareInput(folder, tasks);
  } catch (error) {
    // Most likely the folder of the data, which the message names by its variable.
    return stop(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** @param {string} message */
function tell(message) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${message}` : `${message}\n`);
}

/**
 * @param {Task} task
 * @returns {Promise<{ result?: any, failure?: string }>}
 */
function runVariant({ job, node, collects }) {
  return new Promise((resolve) => {
    const flags = collects ? ['--expose-gc'] : [];
    const program = node === undefined ? process.execPath : installed[node].file;
    const child = spawn(program, [...flags, VARIANT, JSON.stringify({ ...job, folder })], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT,
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    child.stderr.on('data', (part) => {
      errors += part;
    });
    child.on('close', (code) => {
      if (code === 0) return resolve({ result: JSON.parse(output) });
      // The line that names the error, without the paths of this machine.
      const failure = /^\w*Error: .*$/m.exec(errors)?.[0].replace(/\S*[/\\]\S*/g, '…');
      resolve({ failure: failure ?? 'did not finish' });
    });
  });
}

/** A benchmark of wrong answers is worthless: ours have to be right. */
function failOnOwnFaults() {
  for (const { isOurs, contestant, failure, result } of findings) {
    const wrong = result?.series?.find((/** @type {{ wrong: number }} */ one) => one.wrong > 0);
    if (!isOurs || (failure === undefined && wrong === undefined)) continue;
    process.stderr.write(`${contestant}: ${failure ?? `${wrong.example} (${wrong.wrong} wrong)`}\n`);
    process.exitCode = 1;
  }
}
