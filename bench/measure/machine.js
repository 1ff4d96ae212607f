/** What the figures were measured on, without anything that identifies the machine or its owner. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** @typedef {ReturnType<typeof describeMachine>} Machine */

export function describeMachine() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  /** @param {string[]} command */
  const git = (...command) => spawnSync('git', command, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short=12', 'HEAD') || 'unknown';
  const isChanged = git('status', '--porcelain', '--', 'src') !== '';
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    load: loadavg()[0] ?? 0,
    node: process.version,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
    version,
    commit: isChanged ? `${commit}, with changes in src that are not committed` : commit,
  };
}
