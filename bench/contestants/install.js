/**
 * What only a benchmark needs from the registry: the rivals, which are a package of their own with a lock file, and
 * other versions of Node, which are ordinary packages, one for each platform.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rivals = new URL('../rivals/', import.meta.url);
const nodes = new URL('../nodes/', import.meta.url);

/**
 * Pinned versions by name.
 * @type {Readonly<Record<string, string>>}
 */
export const rivalVersions = JSON.parse(readFileSync(new URL('package.json', rivals), 'utf8')).dependencies;

/** The versions of Node that the targets are held against, beside the one that runs the benchmark. */
export const otherNodes = ['24', '26'];

/**
 * Whether a contestant can be loaded; ipverdict and what comes with Node always can.
 * @param {string | undefined} from name of its package
 */
export function isInstalled(from) {
  if (from === undefined) return true;
  const file = new URL(`node_modules/${from}/package.json`, rivals);
  return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === rivalVersions[from];
}

/**
 * Installs the rivals that are missing.
 * @returns {boolean} whether all are there now
 */
export function installRivals() {
  const areAllInstalled = () => Object.keys(rivalVersions).every(isInstalled);
  if (areAllInstalled()) return true;
  process.stderr.write('Installing the rivals into bench/rivals …\n');
  // Scripts of the packages do not run, see bench/rivals/.npmrc.
  runNpm(rivals, ['ci', '--fetch-timeout=20000'], 120_000);
  return areAllInstalled();
}

/**
 * Installs a version of Node where it is missing.
 * @param {string} version the major version, or a whole one
 * @returns {{ file: string, version: string } | undefined} its program and its whole version; undefined where it could
 *   not be installed, such as without a network
 */
export function installNode(version) {
  const [platform, program] = process.platform === 'win32' ? ['win', 'node.exe'] : [process.platform, 'node'];
  const name = `node-${platform}-${process.arch}`;
  const place = new URL(`${version}/`, nodes);
  const file = fileURLToPath(new URL(`node_modules/${name}/bin/${program}`, place));
  if (!existsSync(file)) {
    mkdirSync(place, { recursive: true });
    writeFileSync(new URL('package.json', place), '{ "private": true }\n');
    process.stderr.write(`Installing Node ${version} into bench/nodes …\n`);
    runNpm(place, ['install', '--no-save', '--ignore-scripts', `${name}@${version}`], 180_000);
  }
  if (!existsSync(file)) return undefined;
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return status === 0 ? { file, version: stdout.trim() } : undefined;
}

/**
 * Without a network, npm should give up soon.
 * @param {URL} folder
 * @param {readonly string[]} command
 * @param {number} timeout
 */
function runNpm(folder, command, timeout) {
  spawnSync('npm', [...command, '--no-audit', '--no-fund', '--fetch-retries=1'], {
    cwd: fileURLToPath(folder),
    stdio: 'ignore',
    shell: process.platform === 'win32',
    timeout,
  });
}
