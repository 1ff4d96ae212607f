/**
 * Who imports one format has the code of that one alone.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../support/package.ts';

/** The programs of this package that are in a bundle. */
async function filesIn(contents: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents, resolveDir: projectRoot },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {})
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file);
}

const names = readdirSync(join(projectRoot, 'dist/formats'))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3));

/** What each format calls itself, which is in its own code alone. */
const titles: Readonly<Record<string, string>> = {
  nginx: 'nginx allow and deny',
  apache: 'Apache Require',
  'pg-hba': 'PostgreSQL pg_hba.conf',
  sql: 'CREATE OR REPLACE MACRO',
  csv: 'comma-separated values',
};

async function textOf(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: projectRoot },
    bundle: true,
    write: false,
    format: 'esm',
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

describe('a bundle', () => {
  test.each(Object.keys(titles))('with %s has no other format', async (name) => {
    const code = await textOf(
      `export { importList, exportPolicy } from './dist/formats.js'; export * from './dist/formats/${name}.js'`,
    );
    const found = Object.entries(titles).filter(([, title]) => code.includes(title));
    expect(found.map(([own]) => own)).toEqual([name]);
  });

  test('without a format has none, and no more than the frame', async () => {
    const files = await filesIn("export { createPolicy } from './dist/index.js'");
    expect(files.filter((file) => file.includes('formats'))).toEqual([]);
    const code = await textOf("export { importList } from './dist/formats.js'");
    expect(Object.values(titles).filter((title) => code.includes(title))).toEqual([]);
  });

  test('with the table has all of them', async () => {
    const code = await textOf("export { formats, importList } from './dist/formats.js'");
    expect(Object.values(titles).filter((title) => !code.includes(title))).toEqual([]);
    expect(names.length).toBeGreaterThanOrEqual(15);
  });
});
