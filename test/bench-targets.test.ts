/**
 * Each target of the benchmarks has a measurement: the plan has a task that yields its figure, on every version of Node,
 * and the jobs about collections, fresh processes and memory yield theirs when they run. No time is asserted.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Task {
  readonly group: string;
  readonly list: string;
  readonly spelling: string;
  readonly contestant: string;
  readonly isOurs: boolean;
  readonly collects?: boolean;
  readonly node?: string;
  readonly job: Readonly<Record<string, unknown>> & { readonly job: string };
}

interface Finding extends Task {
  readonly result: unknown;
}

interface Target {
  readonly state: string;
  readonly what: string;
  readonly target: number;
  readonly stretch: number;
  readonly isLeast?: boolean;
  measure(findings: readonly Finding[]): { readonly value: number } | undefined;
}

interface Client {
  readonly text: string;
  readonly verdict: string;
  readonly entry: string;
}

// The benchmarks are plain JavaScript, so that they measure what is shipped and nothing compiles them.
const load = async <T>(file: string): Promise<T> =>
  (await import(new URL(`../bench/${file}`, import.meta.url).href)) as T;

const { makePlan } = await load<{
  makePlan(options: {
    quick: boolean;
    only: readonly string[];
    nodes?: readonly string[];
    isInstalled(from: string | undefined): boolean;
  }): Task[];
}>('measure/plan.js');
const { groups } = await load<{ groups: readonly string[] }>('measure/task.js');
const { targets } = await load<{ targets: readonly Target[] }>('report/targets.js');
const { writeReport } = await load<{ writeReport(findings: unknown[], circumstances: unknown): string }>(
  'report/report.js',
);
const { makeTable, sampleList, writeList } = await load<{
  makeTable(random: () => number, size: { ipv4: number; ipv6: number }): string[];
  sampleList(random: () => number, table: readonly string[], size: number): string[];
  writeList(entries: readonly string[]): string;
}>('input/lists.js');
const { mulberry32 } = await load<{ mulberry32(seed: number): () => number }>('input/random.js');
const { makeClients } = await load<{
  makeClients(reference: unknown, spelling: string, placement: string, options: object): Client[];
}>('input/clients.js');
const { ReferenceList } = await load<{ ReferenceList: new (entries: readonly string[]) => unknown }>(
  'input/reference.js',
);
const { writeClients, writeText } = await load<{
  writeClients(folder: string, name: string, clients: readonly Client[]): void;
  writeText(folder: string, name: string, text: string): void;
}>('input/files.js');

const isInstalled = (): boolean => true;
const figures = { minimum: 1, median: 2, spread: 0 };
/** The names under which the jobs answer, beside those of their clients. */
const series = [
  ...['build', 'split', 'decide', 'one character wrong', 'empty', 'alone', 'one of many', '64 in turn'],
  ...['rules', 'of', 'union', 'intersect', 'subtract', 'complement', 'prefixes'],
];

/** A finding as its task would bring it. */
const pretend = (task: Task): Finding => {
  const names = [...Object.keys((task.job['clients'] ?? {}) as object), ...series];
  return {
    ...task,
    result: {
      series: names.map((name) => ({
        name,
        floor: figures,
        subject: figures,
        ratio: 1,
        rounds: 3,
        checked: 1,
        wrong: 0,
      })),
      figures: {
        import: figures,
        'first decision': figures,
        time: figures,
        resident: figures,
        kept: figures,
        all: figures,
        checksum: figures,
        'all against text': figures,
        'checksum against text': figures,
        'bytes an entry': figures,
      },
      starts: 1,
      entries: 1,
      textBytes: 1,
      heapBytes: 1,
      bufferBytes: 1,
      firstMilliseconds: 1,
    },
  };
};

const circumstances = {
  quick: true,
  write: false,
  only: [],
  nodes: { 24: 'v24.0.0', 26: 'v26.0.0' },
  hasRivals: true,
  isReal: false,
  tableSize: 12_000,
  machine: {
    processor: '',
    cores: 1,
    memory: '',
    load: 0,
    node: 'v20.0.0',
    v8: '',
    platform: '',
    date: '',
    version: '',
    commit: '',
  },
};

describe('the targets', () => {
  const findings = makePlan({ quick: false, only: [], nodes: ['24', '26'], isInstalled }).map(pretend);
  const ofNode = (version?: string): Finding[] => findings.filter(({ node }) => node === version);

  it.each(targets.map((target) => [`${target.what}, ${target.state}`, target] as const))(
    '%s',
    (_title, target) => {
      expect(target.measure(ofNode())?.value).toBeTypeOf('number');
      const isAboutRivals = target.what.includes('npm package');
      for (const version of ['24', '26']) {
        if (!isAboutRivals) expect(target.measure(ofNode(version))?.value, version).toBeTypeOf('number');
      }
      // The stretch is beyond the target, never before it.
      if (target.isLeast === true) expect(target.stretch).toBeGreaterThanOrEqual(target.target);
      else expect(target.stretch).toBeLessThanOrEqual(target.target);
    },
  );

  it('are each a line of the table, which says whether the process is warm, collected or cold', () => {
    const report = writeReport(findings, circumstances);
    const table = report.slice(report.indexOf('## Targets'), report.indexOf('<details>'));
    const lines = table.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what '));
    expect(lines.slice(1)).toHaveLength(targets.length);
    for (const [index, { what, state }] of targets.entries()) {
      const [, first, second] = (lines[index + 1] as string).split('|').map((cell) => cell.trim());
      expect([first, second?.replaceAll('`', '')]).toEqual([what, state]);
    }
    expect(new Set(targets.map(({ what, state }) => `${what} ${state}`)).size).toBe(targets.length);
  });

  it('have a section in the report for each group that is measured', () => {
    const report = writeReport(findings, circumstances);
    const whole = report.match(/^## .*$/gm)?.length;
    for (const group of groups) {
      const others = writeReport(
        findings.filter((one) => one.group !== group),
        circumstances,
      );
      expect(others.match(/^## .*$/gm)?.length, group).toBe((whole ?? 0) - 1);
    }
  });
});

describe('a quick run', () => {
  const only = ['collected', 'cold', 'memory'];
  const tasks = makePlan({ quick: true, only, isInstalled: (from) => from === undefined });
  const effort = { rounds: 3, roundMilliseconds: 1, warmUpMilliseconds: 5, budgetMilliseconds: 50 };
  const entries = sampleList(mulberry32(2), makeTable(mulberry32(1), { ipv4: 2000, ipv6: 1000 }), 1200);
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipverdict-bench-test-'));
    const reference = new ReferenceList(entries);
    for (const name of ['1000', '100000']) {
      writeText(folder, `list-${name}`, writeList(entries));
      for (const placement of ['hit', 'outside']) {
        const clients = makeClients(reference, 'ipv4', placement, { count: 64, seed: 3 });
        writeClients(folder, `clients-${name}-ipv4-${placement}`, clients);
      }
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The task of the plan, with less of everything. */
  const run = (task: Task): Finding => {
    const size = Math.min(Number(task.job['size'] ?? 0), 1000);
    const less = { effort, starts: 1, size, ...(task.group === 'collected' ? {} : { count: 20 }) };
    const program = fileURLToPath(new URL('../bench/measure/process.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--expose-gc', program, JSON.stringify({ ...task.job, ...less, folder })],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    return { ...task, result: JSON.parse(stdout) };
  };

  it('yields a figure for each target about collections, fresh processes and memory', () => {
    const findings = tasks.map(run);
    for (const { result } of findings) {
      const { series: all = [] } = result as { series?: { checked: number; wrong: number }[] };
      expect(all.every(({ checked, wrong }) => checked > 0 && wrong === 0)).toBe(true);
    }
    const missing = targets.filter(({ measure }) => Number.isFinite(measure(findings)?.value) === false);
    expect(missing.every(({ state, what }) => state === 'warm' || what.includes('full table'))).toBe(true);
    expect(writeReport(findings, circumstances)).not.toMatch(/undefined|NaN|failed/);
  });
});
