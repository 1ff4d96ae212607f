/**
 * Other versions of Node, for the rows that differ between them. They are ordinary packages of the registry, one for
 * each platform, and are installed into `bench/nodes` when a full run wants them.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The versions that the targets are held against, beside the one that runs the benchmark. */
export const otherNodes = ['24', '26'];

const folder = new URL('../nodes/', import.meta.url);
const platform = process.platform === 'win32' ? 'win' : process.platform;

/** @param {string} version the major version, or a whole one */
function fileOf(version) {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  return fileURLToPath(
    new URL(`${version}/node_modules/node-${platform}-${process.arch}/bin/${name}`, folder),
  );
}

/**
 * Installs a version where it is missing.
 * @param {string} version
 * @returns {{ file: string, version: string } | undefined} its program and its whole version; undefined where it could
 *   not be installed, such as without a network
 */
export function installNode(version) {
  const file = fileOf(version);
  if (!existsSync(file)) {
    const place = new URL(`${version}/`, folder);
    mkdirSync(place, { recursive: true });
    writeFileSync(new URL('package.json', place), '{ "private": true }\n');
    process.stderr.write(`Installing Node ${version} into bench/nodes …\n`);
    const options = ['--no-audit', '--no-fund', '--no-save', '--ignore-scripts', '--fetch-retries=1'];
    spawnSync('npm', ['install', ...options, `node-${platform}-${process.arch}@${version}`], {
      cwd: fileURLToPath(place),
      stdio: 'ignore',
      shell: process.platform === 'win32',
      timeout: 180_000,
    });
  }
  if (!existsSync(file)) return undefined;
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  return status === 0 ? { file, version: stdout.trim() } : undefined;
}
