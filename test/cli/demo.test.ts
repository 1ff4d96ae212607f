/** `ipverdict demo`, run as a reader runs it: as a command, judged by what it prints. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { createPolicy, ListError, parseList } from '../../src/public/index.ts';
import { projectRoot } from '../support/package.ts';
import { describeInTerminal, environmentOf, runInTerminal } from '../support/terminal.ts';

const command = join(projectRoot, 'dist', 'cli.js');
const folder = mkdtempSync(join(tmpdir(), 'ipverdict-demo-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Environment = Record<string, string>;

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of a person, without what the test runner and npm say about folders. */
function environmentWith(extra: Environment): NodeJS.ProcessEnv {
  const { INIT_CWD: _, npm_lifecycle_event: __, ...rest } = environmentOf();
  return { ...rest, ...extra };
}

function run(words: readonly string[], extra: Environment = {}, cwd: string = folder, input = ''): Run {
  const options = { cwd, env: environmentWith(extra), encoding: 'utf8', maxBuffer: 1 << 26, input } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'demo', ...words], options);
  return { status, stdout, stderr };
}

let files = 0;

function write(text: string): string {
  const path = join(folder, `file-${++files}.txt`);
  writeFileSync(path, text);
  return path;
}

function writeBytes(bytes: Uint8Array, ending = '.txt'): string {
  const path = join(folder, `file-${++files}${ending}`);
  writeFileSync(path, bytes);
  return path;
}

const zipped = gzipSync(
  Array.from({ length: 5000 }, (_, index) => `192.0.2.${index % 256} GET /${index}\n`).join(''),
);

/** Runs the demo on a list and clients that are written to files. */
function runOn(list: string, clients: string, ...options: string[]): Run {
  return run([...options, write(list), write(clients)]);
}

/** The rows of the table: client, verdict, reason and what decided, without the blanks between. */
function rowsOf({ stdout }: Run): string[][] {
  const lines = stdout.split('\n');
  const heading = lines.findIndex((line) => line.startsWith('  Client '));
  if (heading < 0) return [];
  const rest = lines.slice(heading + 1);
  return rest.slice(0, rest.indexOf('')).map((line) => line.trim().split(/ {2,}/));
}

/** `  13  allowed` as `{ allowed: '13' }`. */
function countsOf({ stdout }: Run): Record<string, string> {
  const summary = stdout.slice(stdout.indexOf('\nSummary\n'), stdout.indexOf('\nNever hit'));
  return Object.fromEntries(
    Array.from(summary.matchAll(/^ +([\d,]+) {2}(\S+)$/gm), ([, number = '', label = '']) => [label, number]),
  );
}

/** Control and direction characters, but for the ends of lines. */
function steeringCharacters(text: string): string[] {
  return Array.from(text).filter(
    (character) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) && character !== '\n',
  );
}

describe('the demo on its own files', () => {
  const own = run([]);
  const office = readFileSync(join(projectRoot, 'examples', 'demo', 'office.txt'), 'utf8');
  const clients = readFileSync(join(projectRoot, 'examples', 'demo', 'clients.txt'), 'utf8');

  it('ends well, and says nothing beside its output', () => {
    expect(own).toMatchObject({ status: 0, stderr: '' });
    expect(own.stdout).toContain('Allow list  examples/demo/office.txt\n');
    expect(own.stdout).toContain(
      'Exempt      @loopback # Health checks (always allowed, whatever the list says)\n',
    );
  });

  it.each([
    ['203.0.113.9', 'allow listed line 5 203.0.113.0/24 # Office'],
    ['203.0.113.70', 'allow listed line 7 203.0.113.64/28 # Meeting rooms'],
    ['::ffff:203.0.113.9', 'allow listed line 5 203.0.113.0/24 # Office'],
    ['198.51.100.7', 'allow listed line 12 198.51.100.7 # Build server'],
    ['198.51.100.25', 'allow listed line 8 198.51.100.20 - 198.51.100.29 # VPN'],
    ['198.51.100.30', 'deny not-listed no line covers it'],
    ['100.101.102.103', 'allow listed line 9 100.64.0.0/10 # VPN'],
    ['10.31.6.200', 'allow listed line 21 10.31.7.9/22 # Site tunnel'],
    ['127.0.0.1', 'allow exempt exempt @loopback # Health checks'],
    ['::1', 'allow exempt exempt @loopback # Health checks'],
    ['::ffff:c000:22c', 'allow listed line 14 ::FFFF:192.0.2.44 # Monitoring'],
    ['2001:db8:40::17', 'allow listed line 6 2001:db8:40::/48 # Office'],
    ['2001:db8:abcd:12::', 'allow listed line 13 2001:0DB8:ABCD:0012:0000:0000:0000:0000 # Build server'],
    ['2001:db8:41::17', 'deny not-listed no line covers it'],
    ['fe80::1%eth0', 'allow listed line 22 fe80::/10 # Maintenance port'],
    ['192.0.2.1', 'deny not-listed no line covers it'],
    ['198.51.100.10', 'deny not-listed no line covers it'],
    ['198.51.100.8', 'deny not-listed no line covers it'],
    ['unknown', 'deny invalid-address not an address, and nothing is guessed'],
    ['203.0.113.9:51324', 'deny invalid-address not an address, and nothing is guessed'],
  ])('decides about %s', (client, expected) => {
    const row = rowsOf(own).find(([name]) => name === client);
    expect(row?.slice(1).join(' ')).toBe(expected);
  });

  it('aligns the columns', () => {
    const table = own.stdout.split('\n').filter((line) => /^ {2}\S+ +(Verdict|allow|deny) /.test(line));
    expect(table).toHaveLength(22);
    const heading = table[0] ?? '';
    for (const line of table) {
      for (const title of ['Verdict', 'Reason', 'Deciding']) {
        const column = heading.indexOf(title);
        expect(line.slice(column - 2, column + 1)).toMatch(/^ {2}\S$/);
      }
    }
    expect(table.find((line) => line.includes('203.0.113.0/24'))).toContain('line  5  203');
  });

  it('shows the bad line with its place, and a caret under each character that is meant', () => {
    const lines = own.stdout.split('\n');
    const at = lines.findIndex((line) => line.includes(' error '));
    expect(lines[at]).toMatch(
      /^examples\/demo\/office\.txt:17:12 error octet-leading-zero octet "010" has a leading zero/,
    );
    const [source = '', carets = ''] = lines.slice(at + 1);
    expect(source.startsWith('  198.51.100.010 ')).toBe(true);
    expect(source.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('010');
    expect(own.stdout).toContain('The library never leaves a line out. This demo leaves out line 17');
    expect(own.stdout).toContain('let in by that line alone is denied');
  });

  it('counts everything in the summary', () => {
    const written = clients.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(countsOf(own)).toEqual({
      clients: String(written.length),
      allowed: '13',
      denied: '8',
      listed: '11',
      'not-listed': '6',
      exempt: '2',
      'invalid-address': '2',
    });
    expect(own.stdout).toContain('\nNever hit: 2 of 12 entries\n  line 20  10.20.0.0/16  # Site tunnel\n');
    expect(own.stdout).toContain('\nWarnings of the list: 2\n  line 21  10.31.7.9/22  host-bits-set\n');
    expect(own.stdout).toContain('\n  line 25  2001:DB8:ABCD:12::  duplicate\n');
  });

  it('explains one client of each reason in words', () => {
    expect(own.stdout).toContain('203.0.113.9 is allowed: line 5 (203.0.113.0/24, note "Office")');
    expect(own.stdout).toContain('198.51.100.30 is denied: no entry of the allow list covers it.');
    expect(own.stdout).toContain(
      '127.0.0.1 is allowed: line 1 (@loopback, note "Health checks") of the exemptions',
    );
    expect(own.stdout).toContain('The client "unknown" is denied: ');
  });

  it('has a list with one error, which the library refuses, and of networks that nobody owns', () => {
    expect(() => createPolicy({ allow: office })).toThrow(ListError);
    const { entries, problems } = parseList(office, { list: 'allow' });
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '17 octet-leading-zero',
      '21 host-bits-set',
      '25 duplicate',
    ]);
    const setAside = createPolicy({ allow: '@documentation\n@private\n@shared\n@link-local' });
    for (const { canonical } of entries) {
      for (const end of canonical.split('-')) expect(setAside.allows(end.replace(/\/.*/, ''))).toBe(true);
    }
  });
});

describe('colours', () => {
  const introducer = '\u001b[';

  it.each<[string, Environment, boolean]>([
    ['none in a pipe', {}, false],
    ['none in a pipe with TERM=dumb', { TERM: 'dumb' }, false],
    ['none with NO_COLOR', { NO_COLOR: '1' }, false],
    ['none with NO_COLOR, whatever else is said', { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
    ['none with FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ['some with FORCE_COLOR=1', { FORCE_COLOR: '1' }, true],
    ['some with FORCE_COLOR=1 and an empty NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '' }, true],
  ])('%s', (_title, environment, isColoured) => {
    const { status, stdout } = run([], environment);
    expect(status).toBe(0);
    expect(stdout.includes(introducer)).toBe(isColoured);
  });

  describeInTerminal('in a terminal', () => {
    it.each<[string, Environment, boolean]>([
      ['some', {}, true],
      ['none with TERM=dumb', { TERM: 'dumb' }, false],
      ['none with NO_COLOR', { NO_COLOR: '1' }, false],
      ['none with FORCE_COLOR=0', { FORCE_COLOR: '0' }, false],
    ])('%s', async (_title, environment, isColoured) => {
      const settings = { cwd: folder, columns: 120, environment };
      const { status, output, screen } = await runInTerminal([process.execPath, command, 'demo'], settings);
      expect(status).toBe(0);
      expect(screen.text).toContain('Never hit: 2 of 12 entries');
      expect(output.includes(introducer)).toBe(isColoured);
      if (!isColoured) return;
      expect(screen.lookOf('allow  ').colour).toBe('green');
      expect(screen.lookOf('deny   ').colour).toBe('red');
      expect(screen.lookOf('^^^').colour).toBe('red');
    });

    it.each([40, 60, 76, 90])(
      'aligned in a window of %i columns, cut or broken between words',
      async (columns) => {
        const settings = { cwd: folder, columns };
        const { screen } = await runInTerminal([process.execPath, command, 'demo'], settings);
        // What stands above is about the bad line, as every command shows it.
        const start = screen.lines.findIndex(({ text }) => text.startsWith('The library never'));
        const wrapped = screen.lines.slice(start).filter(({ isWrapped }) => isWrapped);
        // A word that is longer than the window cannot but wrap.
        expect(wrapped.map(({ text }) => text).filter((text) => text.includes(' '))).toEqual([]);
        const texts = screen.lines.map(({ text }) => text);
        const rows = texts.slice(texts.findIndex((text) => text.startsWith('  Client  ')));
        const table = rows.slice(0, rows.indexOf(''));
        expect(table.length).toBe(22);
        const heading = table[0] as string;
        for (const line of table) expect(line.slice(heading.indexOf('Verdict') - 2)).toMatch(/^ {2}\S/);
      },
    );
  });

  it('change nothing but the colours', () => {
    const coloured = run([], { FORCE_COLOR: '1' }).stdout;
    const plain = coloured
      .split(introducer)
      .map((piece, index) => (index === 0 ? piece : piece.replace(/^\d+m/, '')));
    expect(plain.join('')).toBe(run([]).stdout);
    expect(coloured).toContain(`${introducer}32mallow`);
    expect(coloured).toContain(`${introducer}31mdeny`);
  });
});

describe("the reader's own files", () => {
  it('read as an allow list', () => {
    const ran = runOn('192.0.2.0/24 # Office\n', '192.0.2.9 GET /\n198.51.100.1 GET /\n');
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(rowsOf(ran)).toEqual([
      ['192.0.2.9', 'allow', 'listed', 'line 1', '192.0.2.0/24', '# Office'],
      ['198.51.100.1', 'deny', 'not-listed', 'no line covers it'],
    ]);
    expect(ran.stdout).not.toContain('leaves out');
    expect(ran.stdout).toContain('\nNever hit: 0 of 1 entry\n');
    expect(ran.stdout).toContain('\nWarnings of the list: 0\n');
  });

  it('read as a deny list, where a line left out lets somebody in', () => {
    const ran = runOn('192.0.2.0/24 # Scanner\n198.51.100.300\n', '192.0.2.9\n198.51.100.1\n::1\n', '--deny');
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain('  Deny list   ');
    expect(ran.stdout).toContain('kept out by that line alone is let in');
    expect(rowsOf(ran)).toEqual([
      ['192.0.2.9', 'deny', 'listed', 'line 1', '192.0.2.0/24', '# Scanner'],
      ['198.51.100.1', 'allow', 'not-listed', 'no line covers it'],
      ['::1', 'allow', 'exempt', 'exempt', '@loopback', '# Health checks'],
    ]);
  });

  it('may start with a byte order mark, end lines in any way, and hold comments and blank lines', () => {
    const ran = runOn(
      '\ufeff# list\r\n192.0.2.300\r192.0.2.1\r\n',
      '\ufeff192.0.2.1\tGET /\r\n\r\n  # no client\r\n \r\n  192.0.2.2 GET /',
    );
    expect(ran.stdout).toContain('.txt:2:9 error octet-range ');
    expect(rowsOf(ran)).toEqual([
      ['192.0.2.1', 'allow', 'listed', 'line 3', '192.0.2.1'],
      ['192.0.2.2', 'deny', 'not-listed', 'no line covers it'],
    ]);
    expect(countsOf(ran)).toMatchObject({ clients: '2' });
  });

  it('may be large: the first 40 decisions are printed and all are counted', () => {
    const entries = Array.from({ length: 1_200 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    const clients = Array.from(
      { length: 20_000 },
      (_, index) => `10.${index % 8}.0.1 - - "GET /${'x'.repeat(60)}"`,
    );
    const ran = runOn(entries.join('\n'), clients.join('\n'));
    expect(ran.status).toBe(0);
    const rows = rowsOf(ran);
    expect(rows).toHaveLength(41);
    expect(rows[39]?.[0]).toBe('10.7.0.1');
    expect(rows[40]).toEqual(['… and 19,960 more']);
    expect(countsOf(ran)).toMatchObject({ clients: '20,000', allowed: '12,500', denied: '7,500' });
    expect(ran.stdout).toContain('\nNever hit: 1,195 of 1,200 entries\n');
    expect(ran.stdout).toContain('\n  … and 1,187 more\n');
  });

  it('may have lines without end', () => {
    const ran = runOn(
      `192.0.2.1 # ${'note '.repeat(50_000)}`,
      `192.0.2.1 ${'x'.repeat(500_000)}\n${'y'.repeat(500_000)}`,
    );
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(rowsOf(ran).map(([client, verdict]) => [client, verdict])).toEqual([
      ['192.0.2.1', 'allow'],
      [`${'y'.repeat(40)}…`, 'deny'],
    ]);
    expect(ran.stdout.length).toBeLessThan(4_000);
  });

  it('may have no clients, or a list that was left empty on purpose', () => {
    expect(runOn('192.0.2.1', '# none\n').stdout).toContain('No line of this file names a client.');
    const open = runOn('# nobody yet\n', '192.0.2.1\nunknown\n');
    expect(open.status).toBe(0);
    expect(open.stdout).toContain('The allow list has no entries: it allows everyone');
    expect(rowsOf(open).map((row) => row.slice(0, 3))).toEqual([
      ['192.0.2.1', 'allow', 'empty-list'],
      ['unknown', 'deny', 'invalid-address'],
    ]);
  });

  it('are found from where the command was typed when npm runs the demo', () => {
    writeFileSync(join(folder, 'here.txt'), '192.0.2.1\n');
    const words = ['here.txt', 'here.txt'];
    const byNpm = run(words, { npm_lifecycle_event: 'demo', INIT_CWD: folder }, projectRoot);
    expect(countsOf(byNpm)).toMatchObject({ client: '1', allowed: '1' });
    expect(countsOf(run(words, {}, folder))).toMatchObject({ client: '1', allowed: '1' });
    expect(run(words, { INIT_CWD: folder }, projectRoot).status).toBe(2);
  });
});

describe('a list whose lines are all bad', () => {
  it.each([
    ['one line', '192.0.2.300'],
    ['many lines', Array.from({ length: 30 }, (_, index) => `host-${index}`).join('\n')],
    ['comments between', '# list\n\n192.0.2.1:80\n# end\n'],
    ['text in UTF-16', '\u0000192.0.2.1\u0000'],
  ])('never opens: %s', (_title, list) => {
    for (const options of [[], ['--deny']]) {
      const ran = runOn(list, '192.0.2.1\n127.0.0.1\n', ...options);
      expect(ran.status).toBe(1);
      expect(ran.stderr).toContain('can be read, so this demo stops here');
      expect(ran.stdout).toMatch(/:\d+:\d+ error /);
      expect(rowsOf(ran)).toEqual([]);
      expect(ran.stdout).not.toContain('Summary');
    }
  });

  it('shows the first diagnostics and counts the others', () => {
    const { stdout } = runOn('x\n'.repeat(30), '192.0.2.1');
    expect(stdout).toContain('30 lines cannot be read');
    expect(stdout.match(/ error /g)).toHaveLength(8);
    expect(stdout).toContain('\n  … and 22 more\n');
  });
});

describe('control characters', () => {
  it('reach the terminal from neither file', () => {
    const list =
      '192.0.2.1 \u001b]0;title\u0007\n\t192.0.2.2\t# a\u202eb\n192.0.2.3 # zero\u200bwidth\n192.0.2.4 /24 \u009b2J\n';
    const clients =
      '\u001b[31m192.0.2.3\n\u009b31m\n192.0.2.3\u202e\nfe80::1%\u0007\n192.0.2.3\n192.0.2.\u200b3';
    const ran = runOn(list, clients);
    expect(ran.status).toBe(0);
    expect(steeringCharacters(ran.stdout)).toEqual([]);
    expect(ran.stdout).toContain('\n  192.0.2.1 <U+001B>]0;title<U+0007>\n');
    expect(ran.stdout).toContain('# zero<U+200B>width');
    expect(rowsOf(ran).map(([client, verdict]) => `${client} ${verdict}`)).toEqual([
      '<U+001B>[31m192.0.2.3 deny',
      '<U+009B>31m deny',
      '192.0.2.3<U+202E> deny',
      'fe80::1%<U+0007> deny',
      '192.0.2.3 allow',
      '192.0.2.<U+200B>3 deny',
    ]);
  });

  it('have the caret under them, tabs and wide characters before them or not', () => {
    const { stdout } = runOn('\t192.0.2.2\t# 中文 a\u202eb\n192.0.2.1\n', '192.0.2.1');
    expect(stdout).toContain('\n   192.0.2.2 # 中文 a<U+202E>b\n                     ^^^^^^^^\n');
  });

  it('reach the terminal from no file name', () => {
    const { stderr, status } = run(['no\u001b[2J.txt', 'x']);
    expect(status).toBe(2);
    expect(stderr).toContain('The file ');
    expect(steeringCharacters(stderr)).toEqual([]);
    const named = run([write('192.0.2.1\n'), 'no\u001b[2J.txt']);
    expect(named.stderr).toBe('ipverdict: The file no<U+001B>[2J.txt does not exist.\n');
  });
});

describe('the command', () => {
  it('has a help text', () => {
    for (const word of ['--help', '-h']) {
      const ran = run([word, 'ignored']);
      expect(ran).toMatchObject({ status: 0, stderr: '' });
      expect(ran.stdout).toContain('ipverdict demo --deny bad.txt access.log');
      expect(ran.stdout).toContain('--deny');
    }
  });

  const file = write('192.0.2.1\n');

  it.each([
    ['one file', [file], /"demo" needs two files, a list and a log, or none\.\nUsage: ipverdict demo /],
    ['three files', [file, file, file], /"demo" takes two files, and 3 were given\.\nUsage: /],
    ['an unknown option', ['--allow', file, file], /There is no option --allow.*\.\nUsage: /],
    ['an inherited option', ['--constructor', file, file], /There is no option --constructor.*\.\nUsage: /],
    ['standard input twice', ['-', '-'], /Standard input can be read only once/],
    ['a missing list', [join(folder, 'missing.txt'), file], /missing\.txt does not exist\.$/],
    ['missing clients', [file, join(folder, 'missing.txt')], /missing\.txt does not exist\.$/],
    ['a folder for a list', [folder, file], /is a directory, not a file\.$/],
    ['a folder for clients', [file, folder], /is a directory, not a file\.$/],
    ['a file after --', ['--', '--deny', file], /The file --deny does not exist\.$/],
    [
      'a list in Latin-1',
      [writeBytes(Buffer.from('192.0.2.1 # caf\xe9\n', 'latin1')), file],
      /line 1, column 16/,
    ],
    [
      'a damaged log',
      [file, writeBytes(Buffer.from('\x1f\x8bdamaged'), '.gz')],
      /is not gzip, or is damaged\.$/,
    ],
    [
      'a log that was cut off',
      [file, writeBytes(zipped.subarray(0, -20), '.gz')],
      /ends too early: it was cut off\.$/,
    ],
  ])('answers %s with one sentence and exit code 2', (_title, words, sentence) => {
    const { status, stderr } = run(words);
    expect(status).toBe(2);
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr).toMatch(/^ipverdict: /);
  });

  it('says nothing but what is wrong when a file cannot be opened', () => {
    for (const words of [
      [join(folder, 'missing.txt'), file],
      [file, join(folder, 'missing.txt')],
    ]) {
      const { stdout, stderr } = run(words);
      expect(stdout).toBe('');
      expect(stderr.split('\n')).toHaveLength(2);
    }
  });

  it('reads standard input, compressed files, and logs of any encoding', () => {
    const zippedList = writeBytes(gzipSync('192.0.2.0/24\n'), '.gz');
    const zippedLog = writeBytes(zipped, '.gz');
    expect(countsOf(run([zippedList, zippedLog]))).toMatchObject({ clients: '5,000', allowed: '5,000' });
    expect(countsOf(run(['-', zippedLog], {}, folder, '192.0.2.0/24'))).toMatchObject({ allowed: '5,000' });
    expect(countsOf(run([zippedList, '-'], {}, folder, '192.0.2.1\n::1\n'))).toMatchObject({
      listed: '1',
      exempt: '1',
    });
    const latin = writeBytes(Buffer.from('192.0.2.7 "caf\xe9"\n192.0.2.\xe9\n\0\n', 'latin1'));
    expect(countsOf(run([zippedList, latin]))).toMatchObject({
      clients: '3',
      allowed: '1',
      'invalid-address': '2',
    });
  });

  const readsAnything = process.platform === 'win32' || process.getuid?.() === 0;

  it.skipIf(readsAnything)('answers a file that may not be read with one sentence and exit code 2', () => {
    const secret = write('192.0.2.1\n');
    chmodSync(secret, 0);
    expect(run([secret, file]).stderr).toMatch(/cannot be read: permission was denied\.\n$/);
    expect(run([file, secret]).status).toBe(2);
  });

  it('ends quietly when nobody reads on', async () => {
    const clients = write('192.0.2.1\n'.repeat(200_000));
    const child = spawn(process.execPath, [command, 'demo', file, clients], { env: environmentWith({}) });
    child.stdout.destroy();
    let complaint = '';
    child.stderr.on('data', (piece) => {
      complaint += piece;
    });
    const [status] = await once(child, 'close');
    expect({ status, complaint }).toEqual({ status: 0, complaint: '' });
  });
});
