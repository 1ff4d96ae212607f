/** The check before a release, on a small package in both states, and on this one. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { projectRoot } from './support/package.ts';

function check(folder: string): { status: number | null; lines: string[] } {
  const program = join(projectRoot, 'release/check.js');
  const { status, stdout } = spawnSync(process.execPath, [program, '--folder', folder], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const manifest = {
  name: 'example',
  version: '1.2.3',
  repository: 'github:owner/example',
  files: ['dist', 'docs'],
  exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
};

const files: Readonly<Record<string, string>> = {
  'CHANGELOG.md': '# Changes\n\n## 1.2.3 (2026-12-01)\n\n## 1.2.2 (2026-11-01)\n',
  'README.md': '[A](docs/a.md#part) [B](https://www.example.com/) [C](#part) [D](docs/)\n',
  'docs/a.md': '[Back](../README.md)\n',
  'dist/index.js': '',
  'dist/index.d.ts': '',
};

/** Checks a package in a folder of its own. */
function checkPackage(
  changed: Record<string, unknown> = {},
  changedFiles: Record<string, string | undefined> = {},
): ReturnType<typeof check> {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['dist', 'docs']) mkdirSync(join(folder, name));
  const all = { ...files, ...changedFiles, 'package.json': JSON.stringify({ ...manifest, ...changed }) };
  for (const [name, text] of Object.entries(all)) {
    if (text !== undefined) writeFileSync(join(folder, name), text);
  }
  return check(folder);
}

describe('npm run release:check', () => {
  test('passes a package that is ready', () => {
    expect(checkPackage()).toEqual({ status: 0, lines: ['example 1.2.3 can be released.'] });
    for (const url of ['git+https://code.example.com/owner/example.git', 'https://code.example.com/a/b']) {
      expect(checkPackage({ repository: { type: 'git', url } }).status).toBe(0);
    }
  });

  test.each([
    ['no repository', { repository: undefined }, {}, /^package\.json: repository is not set/],
    ['a placeholder', { repository: 'TODO' }, {}, /^package\.json: repository is not set/],
    ['another version', { version: '1.2.4' }, {}, /^CHANGELOG\.md: the first heading is "1\.2\.3 /],
    [
      'no date',
      {},
      { 'CHANGELOG.md': '## 1.2.3 (unreleased)\n' },
      /^CHANGELOG\.md: write "## 1\.2\.3 \(YYYY/,
    ],
    ['a link to nothing', {}, { 'docs/a.md': '[x](b.md)' }, /^docs\/a\.md: b\.md is not in the package$/],
    [
      'a link to what is not packed',
      {},
      { 'README.md': '[x](release.md)', 'release.md': '' },
      /^README\.md: release\.md is not/,
    ],
    [
      'nothing built',
      {},
      { 'dist/index.js': undefined },
      /^package\.json: \.\/dist\/index\.js does not exist$/,
    ],
    [
      'a folder that is gone',
      { files: ['dist', 'docs', 'gone'] },
      {},
      /^package\.json: gone does not exist$/,
    ],
  ])('refuses %s', (_, changed, changedFiles, line) => {
    const { status, lines } = checkPackage(changed, changedFiles);
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  test('finds nothing here but what is set at the release', () => {
    const { lines } = check(projectRoot);
    const expected = /^package\.json: repository is not set|^CHANGELOG\.md: write|can be released\.$/;
    expect(lines.filter((line) => !expected.test(line))).toEqual([]);
  });
});
