/**
 * Whether this package can be released: `npm run release:check`. It is not part of `npm test`, because it fails until the
 * address of the public repository is set, and until the change log has a date.
 *
 * | option          | means                                                    |
 * |-----------------|----------------------------------------------------------|
 * | `--folder path` | the folder of the package; the one above when not given |
 *
 * The address is written once, as `repository` in package.json. Registries make the links of the README absolute with it
 * and derive the pages for issues and the home page from it.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { folder: { type: 'string' } } });
const folder = values.folder ?? fileURLToPath(new URL('..', import.meta.url));
const read = (/** @type {string} */ name) => readFileSync(join(folder, name), 'utf8');
const manifest = JSON.parse(read('package.json'));

const problems = [...checkRepository(), ...checkChangeLog(), ...checkFiles(), ...checkLinks()];
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
else process.stdout.write(`${manifest.name} ${manifest.version} can be released.\n`);

/** @returns {string[]} */
function checkRepository() {
  const { repository } = manifest;
  const address = typeof repository === 'string' ? repository : repository?.url;
  const isAddress = /^(?:github|gitlab):[\w.-]+\/[\w.-]+$|^(?:git\+)?https:\/\/[\w.-]+\/\S+$/.test(
    address ?? '',
  );
  if (isAddress) return [];
  return [
    'package.json: repository is not set, so that no link of the README works on a package page. Write npm pkg set repository=github:owner/name',
  ];
}

/** @returns {string[]} */
function checkChangeLog() {
  const heading = /^## (.+)$/m.exec(read('CHANGELOG.md'))?.[1] ?? '';
  const [version, ...rest] = heading.split(' ');
  if (version !== manifest.version) {
    return [`CHANGELOG.md: the first heading is "${heading}", and the version is ${manifest.version}`];
  }
  const isDated = /^\(\d{4}-\d{2}-\d{2}\)$/.test(rest.join(' '));
  return isDated ? [] : [`CHANGELOG.md: write "## ${version} (YYYY-MM-DD)" in place of "## ${heading}"`];
}

/**
 * @param {string} name - a file, or a pattern with `*` in place of the name of one
 * @returns {boolean}
 */
function isThere(name) {
  const [start, end] = name.split('*');
  if (end === undefined) return existsSync(join(folder, name));
  const place = join(folder, start);
  return existsSync(place) && readdirSync(place).some((file) => file.endsWith(end));
}

/** @returns {string[]} what package.json names and is not there; dist/ has to be built */
function checkFiles() {
  const targets = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const named = [...(manifest.files ?? []), ...new Set(targets)];
  return named.filter((name) => !isThere(name)).map((name) => `package.json: ${name} does not exist`);
}

/** @returns {string[]} relative links of what is packed to what is not */
function checkLinks() {
  const packed = listPacked();
  return [...packed]
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) =>
      [...read(name).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, link]) => ({ link, target: normalize(join(dirname(name), link)).replaceAll('\\', '/') }))
        .filter(({ target }) => !packed.has(target) && !hasFolder(packed, target))
        .map(({ link }) => `${name}: ${link} is not in the package`),
    );
}

/** @returns {Set<string>} the files of the tarball */
function listPacked() {
  const command = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const output = JSON.parse(execFileSync('npm', command, { cwd: folder, encoding: 'utf8' }));
  const [{ files }] = Array.isArray(output) ? output : Object.values(output);
  return new Set(files.map((/** @type {{ path: string }} */ { path }) => path));
}

/** @param {Set<string>} packed @param {string} target */
function hasFolder(packed, target) {
  const prefix = target.endsWith('/') ? target : `${target}/`;
  return [...packed].some((name) => name.startsWith(prefix));
}
