/** `ipverdict check`: what it finds, how it is written, and how it ends. */

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { inOwnWords } from '../../src/cli/own-words.ts';
import { createPolicy, type ListError, type Problem } from '../../src/public/index.ts';
import { makeFolder, type RunOptions, runCommand } from '../support/command.ts';
import { steeringCharacters } from '../support/installed.ts';
import { describeInTerminal, runInTerminal } from '../support/terminal.ts';

const bad = '192.0.2.0/24 # Office\n10.1.2.3/8\n192.0.2.300 # 漢字\n192.0.2.0/24\n';

const folder = makeFolder({
  'office.txt': '203.0.113.0/24 # Office\n',
  'bad.txt': bad,
  'warnings.txt': '10.1.2.3/8\n',
  'empty.txt': '',
  'bad.txt.gz': gzipSync(bad),
  'marked.txt': `\ufeff\r\n192.0.2.300\r192.0.2.301\r\n`,
  'latin.txt': Buffer.from('192.0.2.1\n# caf\xe9\n', 'latin1'),
  'wide.txt': Buffer.from('\ufeff192.0.2.1\n', 'utf16le'),
  'times.txt': '10.1.2.3/8 until 2020-01-01T00:00Z\n192.0.2.1 until tomorrow\n',
  'nginx.conf': 'allow 192.0.2.7;\nallow example.com;\ndeny all;\n',
  '::error::x.txt': '192.0.2.300',
  'plain.txt': '192.0.2.7,\n192.0.2.7\n',
  'a b/x,y:z%.txt': '192.0.2.300\n',
  'hostile.txt':
    '192.0.2.1\u001b[2J\u009b31m\u202e # \u2066x\u0000\n::stop-commands::x\n192.0.2.300 # \ud83d\ude00%0A::error::\n',
});
afterAll(folder.remove);

const run = (line: string, options: RunOptions = {}) =>
  runCommand(['check', ...line.split(' ')], { folder: folder.path, ...options });

describe('as text', () => {
  test('each problem has its place, its line and a mark, and the last line counts', async () => {
    const { code, stdout, stderr } = await run('bad.txt');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe(
      [
        'bad.txt:2:1 warning host-bits-set bits are set after the prefix length: write the network 10.0.0.0/8 or the address 10.1.2.3',
        '  10.1.2.3/8',
        '  ^^^^^^^^^^',
        'bad.txt:3:9 error octet-range octet "300" is above 255',
        '  192.0.2.300 # 漢字',
        '          ^^^',
        'bad.txt:4:1 warning duplicate the same as "192.0.2.0/24" on line 1, which is the one that counts',
        '  192.0.2.0/24',
        '  ^^^^^^^^^^^^',
        '1 error, 2 warnings in 1 file',
        '',
      ].join('\n'),
    );
  });

  test('the others are still checked when some cannot be read', async () => {
    const line = 'nope.txt warnings.txt latin.txt wide.txt office.txt .';
    const { code, stdout, stderr } = await run(line);
    expect(code).toBe(2);
    expect(stdout).toContain('warnings.txt:1:1 warning host-bits-set ');
    expect(stdout).toMatch(/\n1 warning in 2 files; 4 files could not be checked\n$/);
    expect(stderr.split('\n')).toEqual([
      'ipverdict: The file nope.txt does not exist.',
      expect.stringMatching(/^ipverdict: The file latin\.txt is not UTF-8: .* line 2, column 6 /),
      'ipverdict: The file wide.txt is UTF-16: save it as UTF-8.',
      'ipverdict: The file . is a directory, not a file.',
      '',
    ]);
    const none = await run('nope.txt');
    expect([none.code, none.stdout]).toEqual([2, '1 file could not be checked\n']);
  });

  test('reads compressed files and standard input', async () => {
    const packed = await run('bad.txt.gz');
    const piped = await run('-', { stdin: bad });
    const plain = await run('bad.txt');
    expect([packed.code, piped.code]).toEqual([1, 1]);
    expect(packed.stdout).toBe(plain.stdout.replaceAll('bad.txt:', 'bad.txt.gz:'));
    expect(piped.stdout).toBe(plain.stdout.replaceAll('bad.txt:', 'standard input:'));
    const twice = await run('- -');
    expect([twice.code, twice.stdout]).toEqual([2, '']);
  });

  test('counts lines of every line end, and no byte order mark', async () => {
    const { stdout } = await run('marked.txt');
    const places = [...stdout.matchAll(/^marked\.txt:(\d+:\d+) /gm)].map(([, place]) => place);
    expect(places).toEqual(['2:9', '3:9']);
  });

  test('nothing of a list steers a terminal or a job of GitHub', async () => {
    const { stdout, stderr } = await run('hostile.txt', { env: { GITHUB_ACTIONS: 'true' } });
    expect(steeringCharacters(stdout + stderr)).toEqual([]);
    expect(stdout).toContain('| 192.0.2.1<U+001B>[2J');
    expect(stdout).toContain('\n| ::stop-commands::x\n');
    expect(stdout.split('\n').filter((line) => line.trim().startsWith('::'))).toEqual([]);
    const named = await runCommand(['check', '::error::x.txt'], {
      folder: folder.path,
      env: { GITHUB_ACTIONS: 'true' },
    });
    expect(named.stdout).toMatch(/^\.\/::error::x\.txt:1:9 error /);
  });

  test('writes the first problems, and counts the rest', async () => {
    const many = '192.0.2.300\n'.repeat(1500);
    const usual = await run('-', { stdin: many });
    expect(usual.stdout.match(/ error octet-range /g)).toHaveLength(1000);
    expect(usual.stdout).toMatch(/\n1,500 errors in 1 file\n$/);
    expect(usual.stderr).toBe('ipverdict: 500 more problems are not shown: --max-problems none shows all.\n');
    const few = await run('--max-problems 1 bad.txt office.txt');
    expect(few.stdout).toMatch(/^bad\.txt:2:1 .*\n.*\n.*\n1 error, 2 warnings in 2 files\n$/);
    const all = await run('--max-problems none -', { stdin: many });
    expect(all.stdout.match(/ error octet-range /g)).toHaveLength(1500);
    expect(all.stderr).toBe('');
  });
});

describe('exit codes', () => {
  test.each([
    ['office.txt', 0],
    ['bad.txt', 1],
    ['office.txt bad.txt', 1],
    ['warnings.txt', 0],
    ['--strict warnings.txt', 1],
    ['--strict office.txt', 0],
    ['--strict nope.txt', 2],
    ['--max-entries 1 office.txt', 0],
    ['--max-entries 0 office.txt', 1],
    ['--max-entries none office.txt', 0],
    ['--format yaml office.txt', 2],
    ['--format json --max-problems 3 office.txt', 2],
    ['--at now office.txt', 2],
    ['--from nonsense office.txt', 2],
  ])('%s: %i', async (line, code) => {
    expect((await run(line)).code).toBe(code);
  });
});

describe('the options', () => {
  test('--mode allow says when a list lets everyone in', async () => {
    const { code, stdout } = await run('--mode allow empty.txt');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^empty\.txt:1:1 warning open-list .*\n1 warning in 1 file\n$/);
    expect((await run('--mode deny empty.txt')).stdout).toBe('no problems in 1 file\n');
  });

  test('times are read, and --at leaves out warnings about what does not count', async () => {
    const without = await run('times.txt');
    expect(without.code).toBe(1);
    expect(without.stdout).toMatch(/times\.txt:1:1 warning host-bits-set /);
    expect(without.stdout).toMatch(/times\.txt:2:17 error instant-invalid /);
    const later = await run('--at 2026-01-01T00:00Z times.txt');
    expect(later.stdout).not.toContain('host-bits-set');
    expect((await run('--at 2019-01-01T00:00Z times.txt')).stdout).toBe(without.stdout);
  });

  test('--from finds what is wrong in files of other programs', async () => {
    const nginx = await run('--from nginx nginx.conf');
    expect(nginx.code).toBe(1);
    expect(nginx.stdout).toMatch(/nginx\.conf:2:7 error invalid-character .*\n {2}allow example\.com;\n/);
    const plain = await run('--from plain plain.txt');
    expect(plain.stdout).toMatch(/^plain\.txt:2:1 warning duplicate .*\n {2}192\.0\.2\.7\n/);
    const limited = await run('--from plain --max-entries 1 plain.txt');
    expect(limited.stdout).toMatch(/^plain\.txt:2:1 error too-many-entries /);
    const detected = await run('--from auto nginx.conf');
    expect([detected.code, detected.stdout]).toEqual([1, nginx.stdout]);
    expect(detected.stderr).toBe('ipverdict: nginx.conf is read as nginx.\n');
    const unknown = await run('--from auto office.txt bad.txt');
    expect(unknown.code).toBe(2);
    expect(unknown.stdout).toBe('no problems in 1 file; 1 file could not be checked\n');
    expect(unknown.stderr).toMatch(/ipverdict: bad\.txt looks like no format that is known/);
  });
});

test('finds the errors that a policy has, and its warnings', async () => {
  const lists = [bad, '', '0.0.0.0/0\n::/0', '10.1.2.3/8\n10.1.2.3/8', '1.2.3.4\n1.2.3.4\n# x', '{"a":1}'];
  for (const mode of ['allow', 'deny'] as const) {
    for (const text of lists) {
      const { stdout } = await run(`--format ndjson --mode ${mode} -`, { stdin: text });
      const found = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Problem);
      let expected: readonly Problem[];
      try {
        expected = createPolicy({ mode, list: text }).problems;
      } catch (error) {
        expected = (error as ListError).problems;
      }
      const isError = expected.some(({ severity }) => severity === 'error');
      const same = isError ? found.filter(({ severity }) => severity === 'error') : found;
      expect(same).toEqual(
        expected.map(inOwnWords).map(({ source: _, ...problem }) => ({ schema: 1, file: '-', ...problem })),
      );
    }
  }
}, 60_000);

describe('as data', () => {
  test('json is one document with everything', async () => {
    const { code, stdout } = await run('--format json bad.txt nope.txt office.txt');
    expect(code).toBe(2);
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ schema: 1, files: 2, errors: 1, warnings: 2 });
    expect(document.unreadable).toEqual([{ file: 'nope.txt', message: 'The file nope.txt does not exist.' }]);
    expect(document.problems[0]).toEqual({
      file: 'bad.txt',
      severity: 'warning',
      code: 'host-bits-set',
      message: expect.stringContaining('write the network 10.0.0.0/8'),
      line: 2,
      column: 1,
      endColumn: 11,
      text: '10.1.2.3/8',
      suggestion: '10.0.0.0/8',
    });
    const empty = await run('--format json office.txt');
    expect(JSON.parse(empty.stdout)).toEqual({
      schema: 1,
      problems: [],
      unreadable: [],
      files: 1,
      errors: 0,
      warnings: 0,
    });
  });

  test('json and ndjson are never cut, and hold nothing that steers a terminal', async () => {
    const stdin = '192.0.2.300\n'.repeat(2500);
    const [json, ndjson, hostile] = await Promise.all([
      run('--format json -', { stdin }),
      run('--format ndjson -', { stdin }),
      run('--format json -', { stdin: '192.0.2.1\u009b\n192.0.2.1\u202e\n192.0.2.1\u001b\n' }),
    ]);
    expect(JSON.parse(json.stdout).problems).toHaveLength(2500);
    expect(ndjson.stdout.split('\n')).toHaveLength(2501);
    expect(steeringCharacters(hostile.stdout)).toEqual([]);
    const texts = JSON.parse(hostile.stdout).problems.map(({ text }: Problem) => text);
    expect(texts).toEqual(['\u009b', '\u202e', '\u001b']);
  });

  test('github escapes what would end a command or a property', async () => {
    const { code, stdout } = await runCommand(
      ['check', '--format', 'github', 'a b/x,y:z%.txt', 'hostile.txt', 'nope.txt'],
      { folder: folder.path },
    );
    expect(code).toBe(2);
    const lines = stdout.split('\n').slice(0, -1);
    expect(lines[0]).toBe(
      '::error file=a b/x%2Cy%3Az%25.txt,line=1,col=9,endColumn=12,title=octet-range::octet "300" is above 255',
    );
    expect(lines.at(-1)).toBe('::error file=nope.txt,title=unreadable::The file nope.txt does not exist.');
    expect(lines.every((line) => /^::(error|warning) file=[^,:]+,[^:]*::[^\r\n]+$/.test(line))).toBe(true);
    expect(steeringCharacters(stdout)).toEqual([]);
    const piped = await run('--format github -', { stdin: '192.0.2.300' });
    expect(piped.stdout).toBe('::error title=octet-range::standard input:1:9 octet "300" is above 255\n');
  });

  test('github names files from the root of the checkout', async () => {
    mkdirSync(join(folder.path, 'part'), { recursive: true });
    const options = { folder: join(folder.path, 'part'), env: { GITHUB_WORKSPACE: folder.path } };
    const { stdout } = await run('--format github ../bad.txt', options);
    expect(stdout).toMatch(/^::warning file=bad\.txt,line=2,/);
    const outside = await run(`--format github ${join(folder.path, 'bad.txt')}`, {
      folder: join(folder.path, 'part'),
    });
    expect(outside.stdout).toContain(`::warning file=${join(folder.path, 'bad.txt')},line=2,`);
  });
});

describeInTerminal('in a terminal', () => {
  const program = join(import.meta.dirname, '../../dist/cli.js');
  const look = (columns: number, environment = {}) =>
    runInTerminal([process.execPath, program, 'check', 'bad.txt', 'long.txt'], {
      cwd: folder.path,
      columns,
      environment,
    });

  test('problems are coloured, and the mark fits a narrow window', async () => {
    const long = makeFolder({
      'bad.txt': bad,
      'long.txt': `${'漢字 '.repeat(30)}\n192.0.2.1 # ${'x'.repeat(60)}\u0000${'漢'.repeat(60)}\n`,
    });
    const { screen, status } = await runInTerminal(
      [process.execPath, program, 'check', 'bad.txt', 'long.txt'],
      { cwd: long.path, columns: 44 },
    );
    long.remove();
    expect(status).toBe(1);
    expect(screen.lookOf('error').colour).toBe('red');
    expect(screen.lookOf('warning').colour).toBe('yellow');
    const marks = screen.lines.filter(({ text }) => /^ +\^+$/.test(text));
    expect(marks).toHaveLength(5);
    // Neither the line nor the mark below it goes on in the next row of the window.
    for (const mark of marks) expect(screen.lines[screen.lines.indexOf(mark) - 1]?.isWrapped).toBe(false);
    for (const mark of marks) expect(mark.isWrapped).toBe(false);
    // Messages are broken between words; in a wide window, what reads problems finds one in one line.
    expect(screen.lines.filter(({ isWrapped }) => isWrapped)).toEqual([]);
    const wide = await look(100);
    expect(wide.output).not.toMatch(/^ {4}\S/m);
  });

  test('NO_COLOR is obeyed', async () => {
    const { output } = await look(80, { NO_COLOR: '1' });
    expect(output).not.toContain('\u001b');
  });
});

test('every code that the reference names has a heading in docs/errors.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
  const source = readFileSync(join(import.meta.dirname, '../../src/problem/codes.ts'), 'utf8');
  const codes = [...source.matchAll(/\| '([\w-]+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(60);
  expect(codes.filter((code) => !new RegExp(`^##+ \`${code}\`$`, 'm').test(page))).toEqual([]);
});
