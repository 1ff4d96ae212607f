/**
 * Runs the property tests with a new seed, and prints it first. `IPVERDICT_SEED` repeats a run; `IPVERDICT_RUNS`
 * multiplies the number of examples. Words after `--` choose files, as they do for vitest.
 */

import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const seed = process.env.IPVERDICT_SEED || String(randomInt(2 ** 31));
const runs = process.env.IPVERDICT_RUNS || '1';
console.log(`Seed ${seed}, runs × ${runs}. To repeat this run:`);
console.log(`  IPVERDICT_SEED=${seed} IPVERDICT_RUNS=${runs} npm run test:random\n`);

const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => join('test', name))
  .filter((name) => readFileSync(join(root, name), 'utf8').includes("from 'fast-check'"));
const words = process.argv.slice(2);
const chosen = words.length === 0 ? files : words;

const { status } = spawnSync(process.execPath, [vitest, 'run', ...chosen], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, IPVERDICT_SEED: seed, IPVERDICT_RUNS: runs },
});
process.exitCode = status ?? 1;
