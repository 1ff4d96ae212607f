/**
 * The runtimes, from the registry: each is an ordinary package with a program in it, one for each platform. None of
 * their scripts runs. They go into `.runtimes/`, and stay there.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where they are kept. */
export const folder = fileURLToPath(new URL('../../.runtimes/', import.meta.url));

const isWindows = process.platform === 'win32';

/**
 * Installs a package where it is missing.
 * @param {string} name of the package
 * @param {string} version the whole of it
 * @param {string} program its name, without the ending that it has on Windows
 * @returns {string} the path of its program
 * @throws {Error} when there is none for this platform, or no network
 */
export function install(name, version, program) {
  const place = join(folder, `${name}-${version}`);
  const found = findProgram(place, program);
  if (found !== undefined) return found;
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "private": true }\n');
  process.stderr.write(`Installing ${name} ${version} into .runtimes …\n`);
  const parameters = [
    'install',
    `${name}@${version}`,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ];
  const { status, stderr } = spawnSync('npm', [...parameters, '--fetch-retries=1', '--prefix', place], {
    cwd: place,
    encoding: 'utf8',
    shell: isWindows,
    timeout: 240_000,
  });
  const installed = findProgram(place, program);
  if (installed !== undefined) return installed;
  const why = /^npm (?:ERR!|error) (?!code)(.+)$/m.exec(stderr ?? '')?.[1] ?? `npm ended with ${status}`;
  throw new Error(`${name}@${version} could not be installed: ${why}`);
}

/**
 * Finds a program in the packages of a folder: in the package itself, or in one of those for a platform that it brings.
 * Packages for other processors than this one may be there, too, so the first that starts counts.
 * @param {string} place
 * @param {string} program
 */
function findProgram(place, program) {
  const packages = join(place, 'node_modules');
  if (!existsSync(packages)) return undefined;
  const file = isWindows ? `${program}.exe` : program;
  const folders = readdirSync(packages).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(packages, name)).map((inner) => join(name, inner)) : [name],
  );
  // Those with a scope are the programs; without one, a package may have a script of the same name in their place.
  return folders
    .sort((left, right) => Number(right.startsWith('@')) - Number(left.startsWith('@')))
    .flatMap((name) => [join(packages, name, 'bin', file), join(packages, name, file)])
    .find((path) => existsSync(path) && spawnSync(path, ['--version'], { timeout: 60_000 }).status === 0);
}

/** Names under which Chromium and its relatives are installed. */
const browsers = [
  'chromium',
  'chromium-browser',
  'chromium-headless-shell',
  'google-chrome-stable',
  'google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Finds an installed Chromium; the environment variable `CHROMIUM` says which, if there are several.
 * @returns {string | undefined} its program
 */
export function findChromium() {
  const named = process.env['CHROMIUM'];
  const wanted = named === undefined || named === '' ? browsers : [named];
  return wanted.find((program) => spawnSync(program, ['--version'], { timeout: 60_000 }).status === 0);
}
