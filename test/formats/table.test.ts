import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as all from '../../src/public/formats.ts';
import { projectRoot } from '../support/package.ts';

const page = readFileSync(join(projectRoot, 'docs/formats.md'), 'utf8');

/** The rows of the table: the name, the object, its entry point, and what it can do. */
const rows = [
  ...page.matchAll(
    /^\| \[`([\w-]+)`\]\(#([\w-]+)\) \| ([^|]+) \| `(\w+)` from `ipverdict\/formats\/([\w-]+)` \| (yes)? *\| (yes)? *\|/gm,
  ),
].map(([, name, , title, object, file, reads, writes]) => ({
  name,
  title,
  object,
  file,
  reads: reads !== undefined,
  writes: writes !== undefined,
}));

describe('docs/formats.md', () => {
  test('has a row for each format, in order', () => {
    expect(rows.map(({ name, title, reads, writes }) => ({ name, title, reads, writes }))).toEqual(
      all.formats.map(({ name, title, reads, writes }) => ({ name, title, reads, writes })),
    );
  });

  test.each(rows)('says where $name is', async ({ name, object, file }) => {
    const found = await import(`../../src/formats/${file}.ts`);
    expect(found[object as string].name).toBe(name);
  });

  test.each(all.formats.map((format) => [format.name, format] as const))(
    'has a chapter about %s',
    (_name, format) => {
      const [file, anchor] = format.documentation.split('#');
      expect(file).toBe('docs/formats.md');
      expect(page).toContain(`\n## ${anchor}\n`);
    },
  );

  test('the type of names has those of the table', () => {
    const source = readFileSync(join(projectRoot, 'src/exchange/format.ts'), 'utf8');
    const [, union = ''] = source.match(/type FormatName =([^;]+);/) ?? [];
    const names = [...union.matchAll(/'([\w-]+)'/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(all.formats.map(({ name }) => name).sort());
  });
});
