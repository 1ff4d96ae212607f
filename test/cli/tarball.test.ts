/** The packed command as npm installs it: help, exit codes, pipes, disks and hostile files, for every row of the table. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { type CommandName, commands } from '../../src/cli/table.ts';
import { files, Installed, steeringCharacters } from '../support/installed.ts';
import { projectRoot } from '../support/package.ts';
import { environmentOf } from '../support/terminal.ts';

/** Every row, with the fields that not every row has. */
const rows: readonly Command[] = commands;
const names = commands.map(({ name }) => name);
const version = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version as string;

let installed: Installed;
beforeAll(() => {
  installed = new Installed();
});
afterAll(() => installed.remove());

/** What was wrong, when something was: nothing of it belongs to a fault of ours. */
function isFault(stderr: string): boolean {
  return /fault of ipverdict|^\s+at |node:internal|Warning:/m.test(stderr);
}

describe('the installed command', () => {
  test('is run by npx and by its file', () => {
    expect(installed.sh('npx --no-install ipverdict --version')).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
    expect(statSync(installed.bin).mode & 0o111).toBe(0o111);
    for (const word of ['--version', '-V']) {
      expect(installed.sh(`ipverdict ${word}`)).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  test('shows its commands when it is asked, and says what is missing when it is not', () => {
    for (const word of ['--help', '-h', 'help']) {
      const { status, stdout, stderr } = installed.sh(`ipverdict ${word}`);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const name of names) expect(stdout).toContain(`\n  ${name} `);
    }
    const { status, stdout, stderr } = installed.sh('ipverdict');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('--help');
  });

  test.each([
    ['filtr', 'filter'],
    ['constructor', '--help'],
    ['__proto__', '--help'],
    ['--deny', '--help'],
    ["'no\u001b[2Jne'", 'no<U+001B>[2Jne'],
    ["''", '--help'],
  ])('knows no command %j', (word, advice) => {
    const { status, stdout, stderr } = installed.sh(`ipverdict ${word}`);
    expect({ status, stdout, isFault: isFault(stderr) }).toEqual({ status: 2, stdout: '', isFault: false });
    expect(stderr).toContain(advice);
    expect(steeringCharacters(stderr)).toEqual([]);
  });
});

describe.each(rows.map((row) => [row.name, row] as const))('ipverdict %s', (name, row) => {
  test('has help, on standard output', () => {
    const texts = ['--help', '-h', '--help nonsense', '--quiet --help'].map((words) => `${name} ${words}`);
    for (const words of [...texts, `help ${name}`]) {
      const { status, stdout, stderr } = installed.sh(`ipverdict ${words}`);
      expect({ words, status, stderr }).toEqual({ words, status: 0, stderr: '' });
      for (const option of Object.keys(row.options)) expect(stdout).toContain(`--${option}`);
      for (const { line } of row.examples) expect(stdout).toContain(`ipverdict ${line}`);
    }
  });

  test('answers wrong arguments with exit code 2 and how to write it', () => {
    for (const words of ['--nonsense', '--constructor', '--help=yes', '--=', '-']) {
      const { status, stdout, stderr } = installed.sh(`ipverdict ${name} ${words} < /dev/null`);
      // A dash is standard input where the command reads a file, and that is empty.
      if (words === '-') expect([0, 1, 2]).toContain(status);
      else expect({ words, status, stdout }).toEqual({ words, status: 2, stdout: '' });
      expect({ words, isFault: isFault(stderr) }).toEqual({ words, isFault: false });
      if (status === 2) expect(stderr).toMatch(/^ipverdict: /m);
    }
  });

  test('has examples that work', () => {
    expect(row.examples.length).toBeGreaterThan(0);
    for (const { line } of row.examples) {
      const named = line.match(/[\w-]+\.(?:txt|log|csv|json|ndjson|jsonl|conf|ipv)(?:\.gz)?\b/g) ?? [];
      const written = line.match(/(?:--output|-o|>) ([\w.-]+)/)?.[1];
      const read = named.filter((file) => file !== written);
      expect({ line, unknown: read.filter((file) => !(file in files)) }).toEqual({ line, unknown: [] });
      // Some examples write what they have read.
      installed.write(files);
      const { status, stderr } = installed.sh(`ipverdict ${line}`);
      const works = status === 0 || (status === 1 && row.exits.no !== undefined);
      expect({ line, works, stderr }).toEqual({ line, works: true, stderr });
      expect(isFault(stderr)).toBe(false);
      if (written !== undefined) expect(statSync(join(installed.folder, written)).size).toBeGreaterThan(0);
    }
  });
});

/**
 * How each command reads a list and a log from FILE, and what makes it print something. A command that joins the table
 * has to be here, too: the compiler says so.
 */
interface Use {
  readonly prints: string;
  /** Command lines that read FILE as text, and need to understand it. */
  readonly lists: readonly string[];
  /** Command lines that read FILE line by line, whatever is in it. */
  readonly logs?: readonly string[];
}

const uses: Readonly<Record<CommandName, Use>> = {
  check: {
    prints: 'check --mode allow --format json office.txt',
    lists: ['check --mode allow FILE', 'check FILE'],
  },
  lint: { prints: 'lint --format json office.txt', lists: ['lint FILE', 'lint --mode allow FILE'] },
  decide: {
    prints: 'decide --allow office.txt 203.0.113.9',
    lists: ['decide --allow FILE 203.0.113.9', 'decide --allow office.txt --exempt FILE 203.0.113.9'],
  },
  explain: { prints: 'explain --allow office.txt 203.0.113.9', lists: ['explain --deny FILE 203.0.113.9'] },
  diff: {
    prints: 'diff --mode allow office.txt office-new.txt',
    lists: ['diff --mode allow office.txt FILE', 'diff --mode deny FILE bad.txt'],
  },
  impact: {
    prints: 'impact --before-allow office.txt --after-allow office-new.txt access.log',
    lists: ['impact --before-allow office.txt --after-allow FILE access.log'],
    logs: ['impact --before-allow office.txt --after-allow office-new.txt FILE'],
  },
  filter: {
    prints: 'filter --deny bad.txt access.log',
    lists: ['filter --deny FILE access.log'],
    logs: ['filter --deny bad.txt FILE', 'filter --allow office.txt --count FILE'],
  },
  convert: {
    prints: 'convert bad.txt --to nginx --mode deny',
    lists: ['convert FILE --to nginx --mode deny', 'convert FILE --from auto --to plain --mode deny'],
  },
  set: {
    prints: 'set union office.txt guests.txt',
    lists: ['set union FILE', 'set subtract office.txt FILE'],
  },
  compile: { prints: 'compile --deny bad.txt', lists: ['compile --deny FILE --output out.ipv'] },
  inspect: { prints: 'inspect bad.ipv', lists: ['inspect FILE'] },
  completion: { prints: 'completion bash', lists: [] },
  demo: {
    prints: 'demo office.txt access.log',
    lists: ['demo FILE access.log'],
    logs: ['demo office.txt FILE'],
  },
};

describe.each(names)('%s, whose output nobody can take', (name) => {
  const { prints } = uses[name];

  test('ends quietly when the pipe is closed', () => {
    // The only reader of the pipe has gone before the command starts.
    const program = `rm -f pipe && mkfifo pipe && { true < pipe & exec 3> pipe; wait; ipverdict ${prints} >&3 3>&-; }`;
    const { status, stderr } = installed.sh(program);
    // What a command did, it may say.
    const usual = installed.sh(`ipverdict ${prints}`).stderr;
    expect({ status, stderr }).toEqual({ status: 0, stderr: stderr === '' ? '' : usual });
  });

  test.runIf(process.platform === 'linux')('says that the disk is full', () => {
    const { status, stderr } = installed.sh(`ipverdict ${prints} > /dev/full`);
    expect(status).toBe(2);
    expect(stderr).toContain('ipverdict: The output cannot be written: the disk is full.\n');
    expect(isFault(stderr)).toBe(false);
  });

  test('ends as it does with standard error closed or full', () => {
    const { status, stdout } = installed.sh(`ipverdict ${prints}`);
    expect(stdout).not.toBe('');
    expect(installed.sh(`ipverdict ${prints} 2>&-`)).toEqual({ status, stdout, stderr: '' });
    if (process.platform !== 'linux') return;
    expect(installed.sh(`ipverdict ${prints} 2> /dev/full`)).toEqual({ status, stdout, stderr: '' });
  });

  test('colours nothing in a pipe, and everything or nothing as the environment says', () => {
    const introducer = '\u001b[';
    for (const [extra, isColoured] of [
      [{}, false],
      [{ NO_COLOR: '1', FORCE_COLOR: '1' }, false],
      [{ FORCE_COLOR: '0' }, false],
    ] as const) {
      const { stdout, stderr } = installed.sh(`ipverdict ${prints}`, extra);
      expect((stdout + stderr).includes(introducer)).toBe(isColoured);
    }
    const coloured = installed.sh(`ipverdict ${prints}`, { FORCE_COLOR: '1' }).stdout;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the codes of colours are what is taken away
    expect(coloured.replace(/\u001b\[[\d;]*m/g, '')).toBe(installed.sh(`ipverdict ${prints}`).stdout);
  });
});

/** Command lines of all commands that read a list, or a log, from FILE. */
function linesFor(kind: 'lists' | 'logs', file: string): string[] {
  return names.flatMap((name) => uses[name][kind] ?? []).map((line) => line.replaceAll('FILE', file));
}

/** Runs a command line that should find fault with its file, and nothing worse. */
function expectRefusal(line: string, file: string, sentence: RegExp): void {
  const { status, stderr } = installed.sh(`ipverdict ${line}`);
  expect({ line, status, isFault: isFault(stderr) }).toEqual({ line, status: 2, isFault: false });
  expect({ line, stderr }).toEqual({ line, stderr: expect.stringMatching(sentence) });
  expect({ line, stderr }).toEqual({ line, stderr: expect.stringContaining(file) });
  expect({ line, raw: steeringCharacters(stderr) }).toEqual({ line, raw: [] });
}

describe('files that cannot be read', () => {
  test.each([
    ['missing', 'missing.txt', /does not exist/],
    ['missing, by a path through a file', 'office.txt/list.txt', /does not exist/],
    ['a directory', 'folder', /is a directory/],
  ])('%s: exit code 2, and one sentence that names the file', (_, file, sentence) => {
    installed.sh('mkdir -p folder');
    for (const line of [...linesFor('lists', file), ...linesFor('logs', file)])
      expectRefusal(line, file, sentence);
  });

  test.each([
    ['gzip that is none', 'plain.gz', Buffer.from('192.0.2.1\n'), /is not gzip, or is damaged/],
    ['gzip that is damaged', 'damaged.gz', damaged(), /is not gzip, or is damaged/],
    [
      'gzip that was cut off',
      'cut.gz',
      gzipSync(files['access.log'] as string).subarray(0, -30),
      /ends too early/,
    ],
  ])('%s: exit code 2, for lists and logs', (_, file, bytes, sentence) => {
    installed.write({ [file]: bytes });
    for (const line of [...linesFor('lists', file), ...linesFor('logs', file)])
      expectRefusal(line, file, sentence);
  });

  test.each([
    ['Latin-1', Buffer.from('192.0.2.0/24\n192.0.2.1 # caf\xe9\n', 'latin1'), /line 2, column 16/],
    ['UTF-16', Buffer.from('\ufeff192.0.2.1\n', 'utf16le'), /is UTF-16: save it as UTF-8/],
    ['half a character at the end', Buffer.from('192.0.2.1 # caf\xc3', 'latin1'), /line 1, column 16/],
  ])('lists in %s: exit code 2 with the place', (_, bytes, sentence) => {
    installed.write({ 'encoded.txt': bytes });
    for (const line of linesFor('lists', 'encoded.txt')) {
      if (line.startsWith('inspect')) continue;
      expectRefusal(line, 'encoded.txt', sentence);
    }
  });

  const readsAnything = process.getuid?.() === 0;
  test.skipIf(readsAnything)('without permission: exit code 2', () => {
    installed.write({ 'secret.txt': '192.0.2.1\n' });
    chmodSync(join(installed.folder, 'secret.txt'), 0);
    const lines = [...linesFor('lists', 'secret.txt'), ...linesFor('logs', 'secret.txt')];
    for (const line of lines) expectRefusal(line, 'secret.txt', /permission was denied/);
  });
});

function damaged(): Buffer {
  const bytes = gzipSync(Buffer.alloc(50_000, 'abc'));
  bytes[30] = (bytes[30] as number) ^ 0xff;
  return bytes;
}

describe('files that somebody wrote to do harm', () => {
  const steering = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\u2066\u200b\u0000\u2028';

  test.each([
    [
      'what steers terminals',
      `192.0.2.1 # ${steering}\n${steering}\n192.0.2.2${steering} # a\n${steering} 192.0.2.9\n`,
    ],
    ['an endless line', `192.0.2.1 # ${'x'.repeat(3_000_000)}\n${'1'.repeat(3_000_000)}\n`],
    ['NUL bytes alone', '\0'.repeat(100_000)],
    ['nothing', ''],
    ['a byte order mark alone', '\ufeff'],
    ['carriage returns', '192.0.2.1\r192.0.2.2\r\r\n192.0.2.3\r'],
  ])('%s: nothing hangs, fails, or reaches the terminal', (_, text) => {
    installed.write({ 'hostile.txt': text });
    for (const line of [...linesFor('lists', 'hostile.txt'), ...linesFor('logs', 'hostile.txt')]) {
      const { status, stdout, stderr } = installed.sh(`ipverdict ${line}`);
      expect([0, 1, 2], line).toContain(status);
      expect({ line, isFault: isFault(stderr) }).toEqual({ line, isFault: false });
      expect({ line, raw: steeringCharacters(stderr) }).toEqual({ line, raw: [] });
      // What copies lines and files copies them as they are.
      if (/^(?:filter|convert)/.test(line)) continue;
      expect({ line, raw: steeringCharacters(stdout) }).toEqual({ line, raw: [] });
      expect(stdout.length + stderr.length, line).toBeLessThan(50_000);
    }
  });

  test.runIf(process.platform === 'linux')(
    'a list without end, or one that grows without end: exit code 2',
    () => {
      const part = gzipSync(Buffer.alloc(16_000_000, '192.0.2.1\n'), { level: 9 });
      installed.write({ 'bomb.gz': Buffer.concat(Array.from({ length: 80 }, () => part)) });
      expectRefusal('decide --allow bomb.gz 192.0.2.1', 'bomb.gz', /holds more than 1 GB/);
      expectRefusal('decide --allow /dev/zero 192.0.2.1', '/dev/zero', /is larger than a list can be/);
      const endless = installed.sh('cat /dev/zero | ipverdict decide --allow - 192.0.2.1');
      expect({ status: endless.status, stderr: endless.stderr }).toEqual({
        status: 2,
        stderr: 'ipverdict: Standard input is larger than a list can be.\n',
      });
    },
  );

  test('a list that a program writes while it is read is read as a file is', () => {
    for (const line of linesFor('lists', 'pipe')) {
      if (line.startsWith('inspect')) continue;
      const { status, stderr } = installed.sh(
        `rm -f pipe; mkfifo pipe; cat office.txt > pipe & ipverdict ${line}`,
      );
      const asFile = installed.sh(`ipverdict ${line.replaceAll('pipe', 'office.txt')}`);
      expect({ line, status, isFault: isFault(stderr) }).toEqual({
        line,
        status: asFile.status,
        isFault: false,
      });
    }
  });
});

describe('a reader who takes his time', () => {
  test.each(names)('gets all of what %s prints', (name) => {
    const line = `ipverdict ${uses[name].prints}`;
    const direct = installed.sh(line).stdout;
    expect(installed.sh(`${line} | { sleep 0.3; cat; }`).stdout).toBe(direct);
    expect(installed.sh(`${line} > printed.txt; cat printed.txt`).stdout).toBe(direct);
  });

  describe('gets all of much', () => {
    const program = 'ipverdict filter --deny everyone.txt many.log';
    let log = '';
    beforeAll(() => {
      log = Array.from({ length: 200_000 }, (_, index) => `192.0.2.${index % 256} line ${index}\n`).join('');
      installed.write({ 'everyone.txt': '0.0.0.0/0\n', 'many.log': log });
    });

    test('from a socket that takes some of it at a time', async () => {
      const settings = { cwd: installed.folder, env: environmentOf(installed.environment()) };
      const child = spawn('/bin/sh', ['-c', program], settings);
      const chunks: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        child.stdout.pause();
        setTimeout(() => child.stdout.resume(), 2);
      });
      await once(child, 'close');
      expect(Buffer.concat(chunks).toString() === log).toBe(true);
    });

    test('from a pipe that another program has made non-blocking', () => {
      // Node does that to its own standard output, and the one of the command is the same.
      const other = `"${process.execPath}" -e "process.stdout.write(''); setTimeout(() => {}, 4000)"`;
      const { stdout } = installed.sh(`{ ${other} & sleep 1; ${program}; wait; } | { sleep 2; cat; }`);
      expect(stdout === log).toBe(true);
    });

    test('in a file that takes it all', () => {
      installed.sh(`${program} > copy.log`);
      expect(readFileSync(join(installed.folder, 'copy.log'), 'utf8') === log).toBe(true);
    });
  });
});

describe('exit codes', () => {
  test('0 and 1 are yes and no', () => {
    expect(installed.sh('ipverdict decide --allow office.txt 203.0.113.9').status).toBe(0);
    expect(installed.sh('ipverdict decide --allow office.txt 203.0.113.9 192.0.2.1').status).toBe(1);
  });

  test('70 is a fault of ours: here, a part of the package that is missing', () => {
    const copy = join(installed.folder, 'broken');
    cpSync(join(installed.folder, 'node_modules', 'ipverdict'), copy, { recursive: true });
    const dist = join(copy, 'dist');
    const main = readFileSync(join(dist, 'cli.js'), 'utf8');
    // What the file of the command imports at once stays, or Node itself would fail.
    const part = readdirSync(dist).find(
      (file) => file.startsWith('demo-') && !main.includes(`from "./${file}"`),
    );
    rmSync(join(dist, part as string));
    const { status, stdout, stderr } = installed.sh(`"${process.execPath}" broken/dist/cli.js demo`);
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toMatch(
      /^ipverdict: This is a fault of ipverdict, not of your files\. Please report it:\n/,
    );
    expect(installed.sh(`"${process.execPath}" broken/dist/cli.js --version`).status).toBe(0);
  });

  test('70 is a fault of ours: here, a runtime that does not do what it should', () => {
    const broken = 'globalThis.Date = function () { throw new TypeError("no\\u001b[2J"); };';
    installed.write({ 'broken.mjs': broken });
    const { status, stderr } = installed.sh(
      'NODE_OPTIONS="--import=./broken.mjs" ipverdict decide --allow office.txt ::1',
    );
    expect({ status, raw: steeringCharacters(stderr) }).toEqual({ status: 70, raw: [] });
    expect(stderr).toContain('TypeError: no<U+001B>[2J');
  });

  test('70 is a fault of ours that comes late, and from nowhere', () => {
    installed.write({ 'late.mjs': "setTimeout(() => { throw new TypeError('late'); }, 300);" });
    const program = 'NODE_OPTIONS="--import=./late.mjs" ipverdict demo office.txt -';
    const { status, stderr } = installed.sh(`sleep 10 | { ${program}; }`);
    expect({ status, saysSo: isFault(stderr) }).toEqual({ status: 70, saysSo: true });
  });

  test('130 is an interrupt', async () => {
    const settings = { cwd: installed.folder, env: environmentOf(installed.environment()) };
    const child = spawn(installed.bin, ['demo', 'office.txt', '-'], settings);
    // It answers these lines before its input ends: then it runs.
    child.stdin.write('203.0.113.9\n'.repeat(100));
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    const [status, signal] = await once(child, 'close');
    expect({ status, signal }).toEqual({ status: 130, signal: null });
  });
});
