/**
 * The rivals are a package of their own, so that nobody who works on ipverdict has to install them. They are brought
 * in here, by their lock file, when a benchmark wants them.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = new URL('../rivals/', import.meta.url);

/**
 * Pinned versions by name.
 * @type {Readonly<Record<string, string>>}
 */
export const rivalVersions = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')).dependencies;

/**
 * Whether a contestant can be loaded; what comes with Node or is ipverdict always can.
 * @param {string | undefined} from name of its package
 */
export function isInstalled(from) {
  if (from === undefined) return true;
  const file = new URL(`node_modules/${from}/package.json`, folder);
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === rivalVersions[from];
}

/**
 * Installs the rivals that are missing. Answers whether all are there.
 * @returns {boolean}
 */
export function installRivals() {
  const areAllInstalled = () => Object.keys(rivalVersions).every(isInstalled);
  if (areAllInstalled()) return true;
  process.stderr.write('Installing the rivals into bench/rivals …\n');
  // Scripts of the packages do not run, see bench/rivals/.npmrc. Without a network it should give up soon.
  spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--fetch-retries=1', '--fetch-timeout=20000'], {
    cwd: fileURLToPath(folder),
    stdio: 'ignore',
    shell: process.platform === 'win32',
    timeout: 120_000,
  });
  return areAllInstalled();
}
