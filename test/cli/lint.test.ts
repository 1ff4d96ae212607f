/** `ipverdict lint`: what it finds, what it mends, and what it leaves alone. */

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixText } from '../../src/cli/lint-fix.ts';
import { saveFile } from '../../src/cli/save.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { comparePolicies, lintList } from '../../src/public/list.ts';
import { makeFolder, type RunOptions, runCommand } from '../support/command.ts';
import { describeInTerminal, runInTerminal } from '../support/terminal.ts';

const sloppy = '# Office\r\n8.8.8.7/24 # DNS\r\n8.8.8.9\r\n9.0.0.0/25\r\n9.0.0.128/25\r\n1.1.1.1';
const mended = '# Office\r\n8.8.8.0/24 # DNS\r\n9.0.0.0/24\r\n1.1.1.1';

let folder: ReturnType<typeof makeFolder>;
beforeEach(() => {
  folder = makeFolder({
    'sloppy.txt': sloppy,
    'good.txt': '8.8.8.0/24\n9.9.9.9\n',
    'broken.txt': '8.8.8.300\n9.9.9.9\n9.9.9.9\n',
    'exempt.txt': '8.8.8.8\n8.8.8.300\n',
    'access.log': '  8.8.8.8 - - "GET /"\n9.9.9.10\tx\n',
  });
});
afterEach(() => folder.remove());

const path = (name: string): string => join(folder.path, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const run = (line: string, options: RunOptions = {}) =>
  runCommand(['lint', ...line.split(' ')], { folder: folder.path, ...options });

describe('lint', () => {
  test('finds what is doubtful, and says where', async () => {
    const { code, stdout, stderr } = await run('sloppy.txt');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const found = [...stdout.matchAll(/^sloppy\.txt:(\d+):(\d+) warning ([\w-]+) /gm)];
    expect(found.map(([, line, column, rule]) => `${line}:${column} ${rule}`)).toEqual([
      '2:1 host-bits-set',
      '3:1 covered',
      '4:1 mergeable',
    ]);
    expect(stdout).toMatch(/\n3 warnings in 1 file\n$/);
    expect(read('sloppy.txt')).toBe(sloppy);
  });

  test.each([
    ['good.txt', 0],
    ['sloppy.txt', 0],
    ['--strict sloppy.txt', 1],
    ['broken.txt', 1],
    ['nope.txt', 2],
    ['good.txt broken.txt nope.txt', 2],
    ['--max-entries 1 good.txt', 1],
    ['--exempt nope.txt good.txt', 2],
    ['--clients nope.log good.txt', 2],
    ['--dry-run good.txt', 2],
    ['--fix --dry-run --format json good.txt', 2],
    ['--fix -', 2],
    ['--fix list.txt.gz', 2],
    ['--reach moon good.txt', 2],
  ])('%s: exit code %i', async (line, code) => {
    expect((await run(line)).code).toBe(code);
  });

  test('knows the mode, the reach and the instant', async () => {
    const rules = async (line: string, stdin: string): Promise<(string | undefined)[]> => {
      const { stdout } = await run(`${line} --format ndjson -`, { stdin });
      return stdout
        .split('\n')
        .slice(0, -1)
        .map((one) => JSON.parse(one).code);
    };
    expect(await rules('--mode allow', '')).toEqual(['open-list']);
    expect(await rules('--mode deny', '')).toEqual([]);
    expect(await rules('--mode deny', '10.0.0.1')).toEqual(['special-purpose']);
    expect(await rules('--reach private', '10.0.0.1')).toEqual([]);
    const timed = '8.8.8.8 until 2020-01-01T00:00Z\n9.9.9.9';
    expect(await rules('--strict', timed)).toEqual(['expired']);
    expect(await rules('--at 2019-01-01T00:00Z', timed)).toEqual([]);
  });

  test('reports the exemptions once, in their file', async () => {
    const { code, stdout } = await run('--exempt exempt.txt good.txt sloppy.txt');
    expect(code).toBe(1);
    expect(stdout.match(/^exempt\.txt:2:7 error octet-range .*\n {2}8\.8\.8\.300$/gm)).toHaveLength(1);
    expect(stdout).toContain('good.txt:1:1 warning partly-exempted ');
    expect(stdout).toContain('sloppy.txt:3:1 warning covered ');
  });

  test('json has the fix', async () => {
    const { stdout } = await run('--format json sloppy.txt');
    expect(JSON.parse(stdout).problems[1].fix).toEqual({ edits: [{ line: 3, text: null }] });
  });
});

describe('--clients', () => {
  const unusedOf = (stdout: string): number[] =>
    [...stdout.matchAll(/^good\.txt:(\d+):1 warning unused /gm)].map(([, line]) => Number(line));

  test('takes the first field of each line, from files, gzip and standard input', async () => {
    writeFileSync(path('access.log.gz'), gzipSync(read('access.log')));
    for (const line of ['access.log', 'access.log.gz']) {
      const { stdout, stderr } = await run(`--clients ${line} good.txt`);
      expect([unusedOf(stdout), stderr]).toEqual([[2], '']);
    }
    // A last line without an end, CRLF, bytes that are not UTF-8, and lines longer than any buffer.
    const long = Buffer.concat([
      Buffer.alloc(600_000, ' '),
      Buffer.from('8.8.8.8 '),
      Buffer.alloc(600_000, 0xe9),
    ]);
    for (const [stdin, unused] of [
      ['9.9.9.9', [1]],
      ['9.9.9.9\r\n8.8.8.8\r\n', []],
      ['x\r\n9.9.9.9\r\n', [1]],
      [Buffer.concat([long, Buffer.from('\n'), long, Buffer.from('\n\n')]), [2]],
      ['x 8.8.8.8\n9.9.9.9:80\n::ffff:9.9.9.9\n', [1]],
    ] as const) {
      const { stdout } = await run('--clients - good.txt', { stdin });
      expect(unusedOf(stdout)).toEqual(unused);
    }
  });

  test('says when no line starts with an address', async () => {
    const { code, stdout, stderr } = await run('--clients - good.txt', { stdin: 'GET / 8.8.8.8\n\n' });
    expect({ code, unused: unusedOf(stdout) }).toEqual({ code: 0, unused: [] });
    expect(stderr).toBe(
      'ipverdict: warning: no line of standard input starts with an address, so no entry is reported as unused.\n',
    );
  });
});

describe('--fix', () => {
  test('mends what is certain, says so, and reports what is left', async () => {
    chmodSync(path('sloppy.txt'), 0o640);
    const { code, stdout, stderr } = await run('--fix sloppy.txt');
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'no problems in 1 file\n' });
    expect(stderr).toBe('ipverdict: sloppy.txt: 3 problems mended, 6 lines before, 4 after.\n');
    expect(read('sloppy.txt')).toBe(mended);
    expect(statSync(path('sloppy.txt')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder.path)).toHaveLength(5);
    const quiet = await run('--fix --quiet broken.txt');
    expect(quiet.stderr).toBe('');
    expect(quiet.code).toBe(1);
    expect(read('broken.txt')).toBe('8.8.8.300\n9.9.9.9\n');
  });

  test('keeps a byte order mark, every line end and the missing one', async () => {
    writeFileSync(path('mixed.txt'), '\ufeff1.1.1.1\r1.1.1.1\n\r\n# x\r\n2.2.2.2\r\n2.2.2.2');
    expect((await run('--fix mixed.txt')).code).toBe(0);
    expect(read('mixed.txt')).toBe('\ufeff1.1.1.1\r\r\n# x\r\n2.2.2.2');
  });

  test('goes on until nothing is left to mend', async () => {
    const text = '8.0.0.0/10\n8.64.0.0/10\n8.128.0.0/9\n8.1.2.3 until 2020-01-01T00:00Z\n8.8.8.8/24';
    writeFileSync(path('rounds.txt'), text);
    const { stdout } = await run('--fix --mode deny rounds.txt');
    expect(stdout).toBe('no problems in 1 file\n');
    expect(read('rounds.txt')).toBe('8.0.0.0/8');
    writeFileSync(path('one.txt'), '8.8.8.8/24');
    const shown = await run('--fix --dry-run --mode deny one.txt');
    expect(shown.stderr).toContain(' 1 line before, 1 after, ');
    expect((await run('--fix --mode deny one.txt')).stderr).toContain(' 1 line before, 1 after.');
  });

  test('writes nothing where nothing is to be mended', async () => {
    const long = new Date('2001-02-03T04:05:06Z');
    utimesSync(path('good.txt'), long, long);
    const { ino } = statSync(path('good.txt'));
    const { code, stdout, stderr } = await run('--fix good.txt');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'no problems in 1 file\n', stderr: '' });
    expect(statSync(path('good.txt'))).toMatchObject({ ino, mtime: long });
  });

  test('follows a symbolic link, and leaves it there', async () => {
    mkdirSync(path('lists'));
    writeFileSync(path('lists/real.txt'), sloppy);
    symlinkSync('lists/real.txt', path('link.txt'));
    expect((await run('--fix link.txt')).code).toBe(0);
    expect(lstatSync(path('link.txt')).isSymbolicLink()).toBe(true);
    expect(readlinkSync(path('link.txt'))).toBe('lists/real.txt');
    expect(read('lists/real.txt')).toBe(mended);
  });

  test('refuses what cannot be written before any file is', async () => {
    const refused = await run('--fix sloppy.txt -', { stdin: sloppy });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^ipverdict: --fix writes files: standard input is not a file/);
    expect((await run('--fix sloppy.txt list.txt.gz')).stderr).toMatch(/decompress it first/);
    expect(read('sloppy.txt')).toBe(sloppy);
  });

  test.runIf(process.platform !== 'win32')('writes to no pipe', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const writer = runCommand(['lint', '--fix', 'pipe'], { folder: folder.path });
    writeFileSync(path('pipe'), sloppy);
    const { code, stderr } = await writer;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ipverdict: pipe is not a regular file: nothing is written.\n',
    });
    expect(readdirSync(folder.path)).toHaveLength(6);
  });

  test('a file that was changed in the meantime stays as it is', () => {
    expect(() => saveFile(path('sloppy.txt'), mended, `${sloppy} `)).toThrow(
      /was changed while it was read, so it is left as it is/,
    );
    expect(read('sloppy.txt')).toBe(sloppy);
    expect(readdirSync(folder.path)).toHaveLength(5);
    saveFile(path('sloppy.txt'), mended, sloppy);
    expect(read('sloppy.txt')).toBe(mended);
    expect(() => saveFile(path('gone.txt'), mended, sloppy)).toThrow(/cannot be written/);
    expect(readdirSync(folder.path)).toHaveLength(5);
  });
});

describe('--fix --dry-run', () => {
  test('prints a difference, and writes nothing', async () => {
    const { code, stdout, stderr } = await run('--fix --dry-run good.txt sloppy.txt');
    expect(code).toBe(0);
    expect(stdout).toBe(
      [
        '--- sloppy.txt',
        '+++ sloppy.txt',
        '@@ -1,6 +1,4 @@',
        ' # Office\r',
        '-8.8.8.7/24 # DNS\r',
        '-8.8.8.9\r',
        '-9.0.0.0/25\r',
        '-9.0.0.128/25\r',
        '+8.8.8.0/24 # DNS\r',
        '+9.0.0.0/24\r',
        ' 1.1.1.1',
        '\\ No newline at end of file',
        '',
      ].join('\n'),
    );
    expect(stderr).toBe(
      'ipverdict: sloppy.txt: 3 problems would be mended, 6 lines before, 4 after, 0 problems would be left.\n',
    );
    expect(read('sloppy.txt')).toBe(sloppy);
    const broken = await run('--fix --dry-run broken.txt');
    expect(broken.code).toBe(1);
    expect(broken.stdout).toMatch(/^--- broken\.txt\n.*\n@@ -1,3 \+1,2 @@\n/);
  });
});

describeInTerminal('in a terminal', () => {
  test('the difference is coloured, and what is hidden in it is shown', async () => {
    writeFileSync(path('sloppy.txt'), '1.1.1.1\n1.1.1.1\n# \u001b[31m\u202e\n');
    const program = join(import.meta.dirname, '../../dist/cli.js');
    const command = [process.execPath, program, 'lint', '--fix', '--dry-run', 'sloppy.txt'];
    const { screen } = await runInTerminal(command, { cwd: folder.path });
    expect(screen.lookOf('-1.1.1.1').colour).toBe('red');
    expect(screen.text).toContain(' # <U+001B>[31m<U+202E>');
  });
});

test('what is mended decides as before, and is not empty', () => {
  const line = fc.constantFrom(
    '8.0.0.0/9',
    '8.128.0.0/9',
    '8.8.8.8',
    '8.8.8.8/24 # a',
    '8.8.8.9 until 2020-01-01T00:00Z',
    '9.9.9.9 from 2030-01-01T00:00Z',
    '9.9.9.9 # b',
    '9.9.9.8/31',
    '# lint-ignore covered',
    '8.8.8.8 # lint-ignore covered',
    '::/1',
    '8000::/1',
  );
  const at = new Date('2026-01-01T00:00Z');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('allow', 'deny'), (lines, mode) => {
      const before = lines.join('\n');
      const { text, problems } = fixText(before, (given) => lintList(given, { mode, at }));
      expect(problems.filter(({ fix }) => fix !== undefined)).toEqual([]);
      const [was, is] = [before, text].map((list) => createPolicy({ mode, list, at }));
      expect(is?.size === 0).toBe(was?.size === 0);
      const { allowed, denied } = comparePolicies(was as Policy, is as Policy);
      expect([allowed.isEmpty, denied.isEmpty]).toEqual([true, true]);
    }),
  );
});
