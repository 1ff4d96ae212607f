/** The unified diff of `lint --fix --dry-run`, applied by the programs for which it is made. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../src/cli/lint-diff.ts';
import { fixText } from '../../src/cli/lint-fix.ts';
import { lintList } from '../../src/public/list.ts';
import { makeFolder } from '../support/command.ts';

const folder = makeFolder({});
afterAll(folder.remove);

const diffOf = (file: string, before: string, after: string): string =>
  [...unifiedDiff(file, before, after)].join('');

const programs: readonly (readonly [name: string, words: readonly string[]])[] = [
  ['git', ['apply', '-p0']],
  ['patch', ['--binary', '-p0', '-s']],
];

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface Pair {
  readonly before: string;
  readonly after: string;
}

/** Applies the differences of many files at once, and compares each with what it should have become. */
function applyAll(program: string, words: readonly string[], pairs: ReadonlyMap<string, Pair>): void {
  const work = join(folder.path, 'work');
  rmSync(work, { recursive: true, force: true });
  for (const [name, { before }] of pairs) {
    mkdirSync(dirname(join(work, name)), { recursive: true });
    writeFileSync(join(work, name), before);
  }
  const input = [...pairs].map(([name, { before, after }]) => diffOf(name, before, after)).join('');
  // Outside of a repository, git applies to the folder that it is in.
  const env = { PATH: process.env['PATH'], GIT_CEILING_DIRECTORIES: dirname(work), HOME: work };
  execFileSync(program, words, { cwd: work, input, env, stdio: 'pipe' });
  for (const [name, { after }] of pairs)
    expect([name, readFileSync(join(work, name), 'utf8')]).toEqual([name, after]);
}

const line = fc.constantFrom(
  '10.0.0.0/9',
  '10.128.0.0/9',
  '10.0.0.1/8',
  '',
  '# note',
  '::1',
  '1.1.1.1 # a\u202f',
);
const ends = fc.constantFrom('\n', '\n', '\r\n', '\r');

/** Lists with entries to mend among others that stay. */
const lists = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.tuple(fc.oneof(line, fc.ipV4(), fc.ipV4()), ends), { maxLength: 40 }),
    line,
  )
  .map(([isMarked, rows, last]) => {
    const text = rows.map(([content, end]) => content + end).join('') + last;
    return isMarked ? `\ufeff${text}` : text;
  });

/** Texts that have nothing to do with each other, of few different lines. */
const texts = fc
  .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'd\r\n', '-- x\n', '++ y\n'), { maxLength: 14 })
  .chain((lines) => fc.constantFrom('', 'a', 'end').map((end) => lines.join('') + end));

const lint = (text: string) => lintList(text, { at: new Date('2026-01-01T00:00Z') });

const names = [
  'list.txt',
  'a b/c d.txt',
  'quote".txt',
  'back\\slash.txt',
  'ü.txt',
  'line\nend.txt',
  'tab\t.txt',
];

describe.each(programs.filter(([program]) => isThere(program)))('%s', (program, words) => {
  test('makes the mended list of the list', () => {
    const pairs = new Map<string, Pair>();
    for (const before of fc.sample(lists, 300)) {
      const after = fixText(before, lint).text;
      if (after !== before) pairs.set(`list-${pairs.size}.txt`, { before, after });
    }
    expect(pairs.size).toBeGreaterThan(100);
    applyAll(program, words, pairs);
  });

  test('makes any text of any other', () => {
    const pairs = new Map<string, Pair>();
    for (const [before, after] of fc.sample(fc.tuple(texts, texts), 300)) {
      // Without a byte, a file is removed or made, which no fix does.
      if (before !== '' && after !== '' && before !== after)
        pairs.set(`text-${pairs.size}.txt`, { before, after });
    }
    expect(pairs.size).toBeGreaterThan(100);
    applyAll(program, words, pairs);
  });

  test('finds files of all names', () => {
    const pair = { before: '1\n2\n3\n', after: '1\n3\n' };
    applyAll(program, words, new Map(names.map((name) => [name, pair])));
  });
});

describe('the difference', () => {
  test('is nothing between equal texts', () => {
    expect(diffOf('a', 'x\ny', 'x\ny')).toBe('');
    expect(diffOf('a', '', '')).toBe('');
  });

  test('has context, hunks, and the mark of a missing line end', () => {
    const before = Array.from({ length: 20 }, (_, index) => `${index}\n`).join('');
    const after = before.replace('2\n3\n', '2\n').replace('15\n', 'fifteen\n');
    expect(diffOf('my list.txt', `${before}end`, `${after}end\n`)).toBe(
      [
        '--- my list.txt\t',
        '+++ my list.txt\t',
        '@@ -1,7 +1,6 @@',
        ' 0',
        ' 1',
        ' 2',
        '-3',
        ' 4',
        ' 5',
        ' 6',
        '@@ -13,9 +12,9 @@',
        ' 12',
        ' 13',
        ' 14',
        '-15',
        '+fifteen',
        ' 16',
        ' 17',
        ' 18',
        ' 19',
        '-end',
        '\\ No newline at end of file',
        '+end',
        '',
      ].join('\n'),
    );
  });

  test('of a long list is small, and soon found', () => {
    const lines = Array.from(
      { length: 200_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}\n`,
    );
    const after = lines.filter((_, index) => index % 10 !== 0);
    const removed = diffOf('a', lines.join(''), after.join('')).split('\n');
    expect(removed.filter((text) => text.startsWith('-1'))).toHaveLength(20_000);
    expect(removed.filter((text) => text.startsWith('+1'))).toEqual([]);
  });
});
