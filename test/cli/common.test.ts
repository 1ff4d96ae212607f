/** What all commands have in common: their arguments, how they end, and what they write to. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { fileError } from '../../src/cli/input.ts';
import { parseCommand } from '../../src/cli/parse.ts';
import { instantOf } from '../../src/cli/policies.ts';
import { findCommand } from '../../src/cli/table.ts';
import { makeFolder, type Run, runCommand } from '../support/command.ts';
import { commandSamples } from '../support/command-samples.ts';

const folder = makeFolder({
  ...commandSamples,
  '-odd.txt': '203.0.113.0/24\n',
  'empty.txt': '',
  'fault.cjs':
    'Object.defineProperty(process, "stdin", { get() { throw new Error("a fault\\u001b[31m"); } });\n',
});
afterAll(folder.remove);

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

const run = (line: string, env: Readonly<Record<string, string>> = {}): Promise<Run> =>
  runCommand(line === '' ? [] : line.split(' '), { folder: folder.path, env });

/** Runs a line of a shell, in which `ipverdict` is the command. */
function shell(line: string): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn('sh', ['-c', `ipverdict() { "${process.execPath}" "${program}" "$@"; }; ${line}`], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString();
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out })));
}

/** What is said about arguments, without a process. */
function said(name: string, ...given: string[]): string {
  try {
    parseCommand(findCommand(name) as Command, given);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the arguments', () => {
  test.each([
    ['chek', 'There is no command chek; the nearest is check.'],
    ['--allow', 'The command comes first; there is no option --allow.'],
    ['__proto__', 'There is no command __proto__.'],
    ['help toString', 'There is no command toString.'],
    ['help decide now', 'help does not take now.'],
    ['--version now', '--version does not take now.'],
    ['decide --alow office.txt', 'There is no option --alow; the nearest is --allow.'],
    ['de\u001b[31m', 'There is no command de<U+001B>[31m.'],
  ])('%j is refused with exit code 2', async (line, message) => {
    const { code, stdout, stderr } = await run(line);
    expect(stderr).toContain(`ipverdict: ${message}\n`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('without any, the help is on standard error, and exit code 2', async () => {
    const [none, ...asked] = await Promise.all(
      ['', 'help', '--help', '-h', 'help help', 'help -h'].map((l) => run(l)),
    );
    for (const { code, stdout, stderr } of asked)
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: none?.stderr, stderr: '' });
    expect([none?.code, none?.stdout]).toEqual([2, '']);
  });

  test('ask for the help of a command in three ways', async () => {
    const [first, ...others] = await Promise.all(['help set', '--help set', 'set -qh'].map((l) => run(l)));
    for (const { code, stdout } of others)
      expect({ code, stdout }).toEqual({ code: 0, stdout: first?.stdout });
    expect(first?.stdout).toMatch(/^ipverdict set/);
  });

  test('ask for the version', async () => {
    const { code, stdout } = await run('--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });

  test.each([
    ['--__proto__'],
    ['--__proto__=x'],
    ['--constructor'],
    ['--toString'],
    ['--hasOwnProperty=1'],
    ['--no-quiet'],
    ['-x'],
    ['-qx'],
  ])('%s is not an option', (option) => {
    expect(said('decide', option, '--allow', 'office.txt')).toMatch(/^There is no option -/);
  });

  test('say what is wrong with options', () => {
    expect(said('decide', '--allow')).toBe('--allow needs a value: --allow FILE');
    expect(said('decide', '--allow', '')).toBe('--allow has an empty value.');
    expect(said('decide', '--allow=')).toBe('--allow has an empty value.');
    expect(said('decide', '--allow', '--deny', 'x')).toBe(
      '--allow needs a value: --allow FILE, or --allow=--deny where the value begins with "-"',
    );
    expect(said('decide', '--allow', 'a', '--allow', 'b')).toBe('--allow can be given only once.');
    expect(said('decide', '--quiet=no')).toBe('--quiet takes no value.');
    expect(said('decide', '--format', '\u001b[1m')).toContain('not <U+001B>[1m.');
    expect(said('decide', '--max-entries', '\u202e1')).toContain('not <U+202E>1.');
    expect(said('decide', '--al\u001b[31m')).toContain('--al<U+001B>[31m;');
    expect(said('decide', '-1')).toBe(
      'There is no option -1; what begins with "-" and is not an option comes after "--".',
    );
    expect(said('compile', '-o=bad.ipv')).toBe('-o takes no "=": write --output=bad.ipv');
    expect(said('compile', 'bad.txt')).toBe('"compile" takes options only, not bad.txt.');
    expect(said('explain', 'a', 'b')).toBe('"explain" takes one address, and 2 were given.');
    expect(said('explain')).toBe('"explain" needs an address.');
    expect(said('check')).toBe('"check" needs a file.');
    expect(said('diff', 'a', 'b', 'c')).toBe('"diff" takes two files, and 3 were given.');
    expect(said('completion')).toBe('"completion" needs one of bash, zsh, fish.');
    expect(said('completion', 'bash', 'zsh')).toBe('"completion" takes one word, and 2 were given.');
    expect(said('set', 'union')).toMatch(/^"set" needs one of union, .*, count and a file\.$/);
    expect(said('check', '-', '-')).toContain('can be read only once');
    expect(said('decide', '--allow', '-', '--exempt=-')).toContain('can be read only once');
  });

  test('may be in one group, or after "--"', () => {
    const parsed = parseCommand(findCommand('compile') as Command, ['-qobad.ipv', '--deny=-odd.txt']);
    expect(parsed).toMatchObject({
      isQuiet: true,
      request: { values: { output: 'bad.ipv', deny: '-odd.txt' } },
    });
    const others = parseCommand(findCommand('decide') as Command, ['--', '--help', '-', '-1.2.3.4']);
    expect(others).toMatchObject({ isHelp: false, request: { operands: ['--help', '-', '-1.2.3.4'] } });
  });

  test('give instants with their time', () => {
    const refusal = (text: string): string => {
      try {
        return instantOf(text).toJSON();
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refusal('2026-12-31T18:00Z')).toBe('2026-12-31T18:00:00.000Z');
    expect(refusal('yesterday')).toBe('--at yesterday is not an instant such as 2026-12-31T18:00Z.');
    expect(refusal('2026-12-31')).toContain('its first instant is 2026-12-31T00:00Z');
    expect(refusal('\u001b[31m')).toContain('<U+001B>[31m');
  });
});

describe('the end', () => {
  test('is 70 for a fault of the program, which says so', async () => {
    const { code, stdout, stderr } = await run('decide --allow office.txt', {
      NODE_OPTIONS: `--require=${folder.path}/fault.cjs`,
    });
    expect(stderr).toMatch(
      /^ipverdict: This is a fault of ipverdict, .* Please report it:\nError: a fault<U\+001B>\[31m\n/,
    );
    expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
  });

  test('is not blamed on a file where the program is at fault', () => {
    const fault = new TypeError('a fault');
    expect(() => fileError('office.txt', fault)).toThrow(fault);
    expect(fileError('office.txt', { code: 'ENOENT' }).message).toBe('The file office.txt does not exist.');
    expect(fileError('-', { code: 'EBADF' }).message).toBe('Standard input cannot be read: EBADF.');
  });

  test('is 130 by Ctrl-C, while input is awaited', async () => {
    const child = spawn(process.execPath, [program, 'decide', '--allow', 'office.txt'], { cwd: folder.path });
    child.stdin.write('203.0.113.9\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
  });

  test.runIf(existsSync('/proc/self/fd'))(
    'is what shells call 130, while a pipe or a long work is waited for',
    async () => {
      await shell('mkfifo pipe');
      const policy = 'decide --allow office.txt';
      for (const line of [
        'decide --deny pipe',
        'compile --deny bad.txt -o pipe',
        `${policy} 8.8.8.8 --exempt pipe`,
      ]) {
        const ended = `"${process.execPath}" "${program}" ${line} & sleep 0.7; kill -INT $!; wait $!; echo $?`;
        // A shell without job control lets its background ignore the signal; Node starts with a clean slate.
        expect(await shell(ended)).toMatchObject({ out: '130\n' });
      }
    },
  );
});

describe('NDJSON', () => {
  test.each([
    ['decide --allow office.txt 203.0.113.9 8.8.8.8'],
    ['check office.txt bad.txt'],
    ['lint office.txt'],
    ['diff --mode allow office.txt office-new.txt'],
    ['diff --lists office.txt office-new.txt'],
    ['impact --before-allow office.txt --after-allow office-new.txt access.log'],
    ['filter --deny bad.txt --by-client access.log'],
    ['filter --deny bad.txt --by-entry access.log'],
    ['filter --deny bad.txt --count access.log'],
    ['set minimize office.txt'],
    ['set count office.txt guests.txt'],
  ])('names its schema: %s', async (line) => {
    const { stdout } = await run(`${line} --format ndjson`);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const text of lines) expect(text).toMatch(/^\{"schema":1,"/);
  });
});

/** Not every system has them. */
const hasFull = existsSync('/dev/full') && existsSync('/proc/self/fd');

describe.runIf(hasFull)('standard output', () => {
  test.each([
    ['decide --allow office.txt 203.0.113.9'],
    ['compile --allow office.txt'],
    ['filter --deny bad.txt access.log'],
    ['diff --mode allow office.txt office-new.txt --format json'],
    ['help'],
  ])('that cannot be written is exit code 2: %s', async (line) => {
    const { code, out } = await shell(`ipverdict ${line} >/dev/full`);
    expect(out).toBe('ipverdict: The output cannot be written: the disk is full.\n');
    expect(code).toBe(2);
  });

  test('that nobody reads ends the command with exit code 0', async () => {
    const line = 'i=0; while [ $i -lt 20000 ]; do echo 8.8.8.8; i=$((i+1)); done';
    const { out } = await shell(
      `{ ${line}; } | { ipverdict decide --allow office.txt; echo $? >code; } | head -n 1; cat code`,
    );
    expect(out).toBe('deny  8.8.8.8 not-listed\n0\n');
  });

  test('that is closed is that of a device that takes everything, and the exit code stays', async () => {
    expect(await shell('ipverdict decide --allow office.txt 8.8.8.8 >&-')).toEqual({ code: 1, out: '' });
  });
});

describe.runIf(hasFull)('standard error', () => {
  test.each(['2>&-', '2>/dev/full'])('keeps the answer when it cannot be written: %s', async (to) => {
    const answer = 'allow 8.8.8.8 empty-list\n';
    expect(await shell(`ipverdict decide --allow empty.txt 8.8.8.8 ${to}`)).toEqual({ code: 0, out: answer });
    expect(await shell(`ipverdict decide --allow none.txt 8.8.8.8 ${to}`)).toEqual({ code: 2, out: '' });
  });
});

describe.runIf(hasFull)('standard input', () => {
  test.each(['<&-', '</dev/null'])('that gives nothing is not an empty list: %s', async (from) => {
    for (const mode of ['allow', 'deny']) {
      const { code, out } = await shell(`ipverdict decide --${mode} - 8.8.8.8 ${from}`);
      expect(out).toContain('so there is no list');
      expect(code).toBe(2);
    }
    const { code, out } = await shell(`ipverdict decide --allow - --when-empty deny 8.8.8.8 ${from}`);
    expect(out).toBe('deny  8.8.8.8 empty-list\n');
    expect(code).toBe(1);
  });

  test.each(['<&-', '</dev/null'])(
    'without a line decides nothing, which is not "allowed": %s',
    async (from) => {
      const { code, out } = await shell(`ipverdict decide --allow office.txt --format json ${from}`);
      expect(out).toContain('"decisions": []');
      expect(out).toContain('Standard input has no lines');
      expect(code).toBe(2);
    },
  );
});
