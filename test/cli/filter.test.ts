/** `ipverdict filter` as a process: files, pipes, compressed files, counts and exit codes. */

import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { createPolicy } from '../../src/public/index.ts';
import { encodePolicy } from '../../src/public/snapshot.ts';
import { makeFolder, type Run, type RunOptions, runCommand } from '../support/command.ts';

const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

const bad = '10.0.0.0/8 # Lab\n192.0.2.7\n2001:db8::/32\n';
const log = [
  '10.1.2.3 - - "GET / HTTP/1.1" 200\n',
  '198.51.100.1 - - "GET /a HTTP/1.1" 200\r\n',
  '\t 192.0.2.7 tab\r\n',
  'unknown - -\n',
  '\n',
  '10.0.0.9 exempt \0\xe9\xff\n',
  '2001:DB8::1%eth0 zone\n',
  '::ffff:10.9.9.9 mapped\n',
  '10.1.2.3:443 port\n',
  '10.1.2.3 without end',
];
const bytes = Buffer.from(log.join(''), 'latin1');
const files = {
  'bad.txt': bad,
  'none.txt': '# nobody\n',
  'exempt.txt': '10.0.0.9\n',
  'rules.json': '{"otherwise":"deny","rules":[{"deny":"bad.txt"},{"allow":["198.51.100.0/24 # Office"]}]}',
  'access.log': bytes,
  'other.log': '198.51.100.1 no\n192.0.2.7 yes',
  'access.log.gz': gzipSync(bytes),
  'two.gz': Buffer.concat([gzipSync(bytes.subarray(0, 40)), gzipSync(bytes.subarray(40))]),
  'empty.log': '',
  'app.ndjson':
    '{"client":{"address":"10.1.2.3"}}\n{"client":{"\\u0061ddress":"192.0.2\\u002e7"}}\n{"client":{"address":"198.51.100.1"}}\nnot json\n{"client":{"__proto__":{"address":"198.51.100.1"}}}\n',
  'app.csv':
    'when,"who, where",1.2.3.4\nnow,"x",10.1.2.3\nnow,"a ""b"", c","192.0.2.7"\nnow,"x" y,198.51.100.1\n',
};
const folder = makeFolder(files);
afterAll(() => folder.remove());

const run = (given: string, options: RunOptions = {}): Promise<Run> =>
  runCommand(['filter', ...given.split(' ')], { folder: folder.path, ...options });

/** Lines of the log by their numbers, counted from 0. */
const linesOf = (...numbers: number[]): Buffer =>
  Buffer.from(numbers.map((number) => log[number]).join(''), 'latin1');

describe('ipverdict filter', () => {
  test.each([
    ['--deny bad.txt', [0, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['--deny bad.txt --exempt exempt.txt', [0, 2, 3, 4, 6, 7, 8, 9]],
    ['--deny bad.txt --exempt exempt.txt --print allowed', [1, 5]],
    ['--deny bad.txt --exempt exempt.txt --print listed', [0, 2, 6, 7, 9]],
    ['--allow bad.txt --print listed', [0, 2, 5, 6, 7, 9]],
    ['--allow bad.txt --print denied', [1, 3, 4, 8]],
    ['--deny bad.txt --print invalid', [3, 4, 8]],
    ['--deny bad.txt --print invalid --invert-match', [0, 1, 2, 5, 6, 7, 9]],
    ['--rules rules.json --print allowed', [1]],
    ['--deny bad.txt --any --print listed', [0, 2, 5, 6, 7, 8, 9]],
    ['--deny none.txt --print allowed', [0, 1, 2, 5, 6, 7, 9]],
    ['--allow none.txt --when-empty deny', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ])('%s prints lines to the byte', async (given, numbers) => {
    const { code, bytes: out } = await run(`${given} access.log`);
    expect(out.equals(linesOf(...numbers))).toBe(true);
    expect(code).toBe(0);
  });

  test('reads snapshots, gzip of several parts and standard input', async () => {
    writeFileSync(join(folder.path, 'bad.ipv'), encodePolicy(createPolicy({ deny: bad })));
    const expected = linesOf(0, 2, 3, 4, 5, 6, 7, 8, 9);
    for (const given of [
      '--policy bad.ipv access.log',
      '--deny bad.txt access.log.gz',
      '--deny bad.txt two.gz',
    ])
      expect((await run(given)).bytes.equals(expected)).toBe(true);
    for (const given of ['--deny bad.txt', '--deny bad.txt -'])
      expect((await run(given, { stdin: bytes })).bytes.equals(expected)).toBe(true);
  });

  test('puts a line end between files, and says at the end what it did', async () => {
    const both = await run('--deny bad.txt access.log empty.log other.log');
    expect(
      both.bytes.equals(Buffer.concat([linesOf(0, 2, 3, 4, 5, 6, 7, 8, 9), Buffer.from('\n192.0.2.7 yes')])),
    ).toBe(true);
    expect(both.stderr).toBe('ipverdict: 10 of 12 lines are denied.\n');
    const one = await run('--deny bad.txt -', { stdin: '8.8.8.8\n' });
    expect(one.stderr).toBe('ipverdict: 0 of 1 line is denied.\n');
    const quiet = await run('--deny bad.txt --invert-match -q other.log');
    expect([quiet.stdout, quiet.stderr]).toEqual(['198.51.100.1 no\n', '']);
  });

  test('finds the client in CSV and in JSON', async () => {
    const csv = await run('--deny bad.txt --delimiter , --field 3 --quoted --print listed app.csv');
    expect(csv.stdout).toBe('now,"x",10.1.2.3\nnow,"a ""b"", c","192.0.2.7"\n');
    const raw = await run('--deny bad.txt --delimiter , --field 3 --print allowed app.csv');
    expect(raw.stdout).toBe('now,"x" y,198.51.100.1\n');
    const json = await run('--deny bad.txt --json client.address --print listed app.ndjson');
    expect(json.stdout).toBe(files['app.ndjson'].split('\n').slice(0, 2).join('\n').concat('\n'));
    expect((await run('--deny bad.txt --json client.address --print invalid -c app.ndjson')).stdout).toBe(
      '2\n',
    );
    expect(
      (await run('--deny bad.txt --json client.__proto__.address --print allowed -c app.ndjson')).stdout,
    ).toBe('1\n');
  });

  test('counts: one sum, by entry and by client', async () => {
    expect(await run('--deny bad.txt -c access.log other.log')).toMatchObject({ code: 0, stdout: '10\n' });
    expect(await run('--deny none.txt -c --print listed access.log')).toMatchObject({
      code: 1,
      stdout: '0\n',
    });
    const byEntry = await run('--deny bad.txt --exempt exempt.txt --by-entry access.log other.log');
    expect(byEntry.stdout).toBe('3 invalid-address\n3 10.0.0.0/8 # Lab\n2 192.0.2.7\n1 2001:db8::/32\n');
    const others = await run('--deny bad.txt --exempt exempt.txt --by-entry --print allowed access.log');
    expect(others.stdout).toBe('1 not-listed\n1 10.0.0.9\n');
    const byClient = await run('--deny bad.txt --by-client access.log other.log');
    expect(byClient.stdout).toBe(
      '3 invalid-address\n2 10.1.2.3\n2 192.0.2.7\n1 10.0.0.9\n1 10.9.9.9\n1 2001:db8::1\n',
    );
    const ofJson = await run('--deny bad.txt --json client.address --by-client app.ndjson');
    expect(ofJson.stdout).toBe('2 invalid-address\n1 10.1.2.3\n1 192.0.2.7\n');
    writeFileSync(
      join(folder.path, 'bare.ipv'),
      encodePolicy(createPolicy({ deny: bad }), { entries: false }),
    );
    expect((await run('--policy bare.ipv --by-entry access.log')).stdout).toBe(
      '6 listed\n3 invalid-address\n',
    );
  });

  test('writes counts as JSON', async () => {
    const byEntry = await run('--deny bad.txt --exempt exempt.txt --by-entry --format json access.log');
    const lab = { text: '10.0.0.0/8', note: 'Lab', list: 'deny', rule: null, line: 1 };
    expect(JSON.parse(byEntry.stdout)).toMatchObject({
      schema: 1,
      lines: 10,
      found: 8,
      entries: [
        { count: 3, verdict: 'deny', reason: 'invalid-address', entry: null },
        { count: 3, verdict: 'deny', reason: 'listed', entry: lab },
        { count: 1, entry: { text: '192.0.2.7', note: null } },
        { count: 1, entry: { text: '2001:db8::/32' } },
      ],
    });
    const byClient = await run('--rules rules.json --by-client --print allowed --format ndjson access.log');
    expect(byClient.stdout).toBe(
      '{"schema":1,"count":1,"client":"198.51.100.1"}\n{"schema":1,"lines":10,"found":1}\n',
    );
    expect((await run('--deny bad.txt -c --format ndjson other.log')).stdout).toBe(
      '{"schema":1,"lines":2,"found":1}\n',
    );
  });

  test('ends with 130 when it is interrupted, while it waits and while it works', async () => {
    for (const given of [['-'], ['-c', '/dev/zero']]) {
      const child = spawn(process.execPath, [program, 'filter', '--deny', 'bad.txt', ...given], {
        cwd: folder.path,
      });
      child.stdin.write('192.0.2.7 a\n');
      if (given[0] === '-') await new Promise((resolve) => child.stdout.once('data', resolve));
      else await new Promise((resolve) => setTimeout(resolve, 700));
      child.kill('SIGINT');
      const ends = await new Promise((resolve) => child.on('close', (...end) => resolve(end)));
      expect([
        [130, null],
        [null, 'SIGINT'],
      ]).toContainEqual(ends);
    }
  });

  test('goes on after a file that cannot be read, and its exit code is 2', async () => {
    const cut = gzipSync(Buffer.from('192.0.2.7 a line\n'.repeat(9)), { level: 0 }).subarray(0, -40);
    writeFileSync(join(folder.path, 'cut.gz'), cut);
    writeFileSync(join(folder.path, 'plain.gz'), 'not gzip');
    const { code, stdout, stderr } = await run('--deny bad.txt missing.log cut.gz . plain.gz other.log');
    expect(code).toBe(2);
    expect(stdout).toBe(`${'192.0.2.7 a line\n'.repeat(7)}19\n192.0.2.7 yes`);
    expect(stderr.split('\n').slice(0, 4)).toEqual([
      'ipverdict: The file missing.log does not exist.',
      'ipverdict: The file cut.gz ends too early: it was cut off.',
      'ipverdict: The file . is a directory, not a file.',
      'ipverdict: The file plain.gz is not gzip, or is damaged.',
    ]);
  });

  test('does not read the file that it writes', async () => {
    const file = join(folder.path, 'self.log');
    writeFileSync(file, '192.0.2.7 a\n');
    const fd = openSync(file, 'a');
    const child = spawn(process.execPath, [program, 'filter', '--deny', 'bad.txt', 'self.log'], {
      cwd: folder.path,
      stdio: ['ignore', fd, 'ignore'],
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    closeSync(fd);
    expect([code, readFileSync(file, 'utf8')]).toEqual([2, '192.0.2.7 a\n']);
  });

  test.each([
    ['--field 0', '--field is a whole number of at least 1'],
    ['--field one', '--field is a whole number of at least 1'],
    ['--any --field 2', 'only one of --any, --json, and --field'],
    ['--json a --quoted', 'only one of --any, --json, and --field'],
    ['--json a..b', 'has an empty key'],
    ['--delimiter ;;', 'must be one ASCII character'],
    ['--delimiter \u00e9', 'must be one ASCII character'],
    ['--quoted --delimiter "', 'must be one ASCII character'],
    ['--by-entry --by-client', 'not by both'],
    ['--format json', '--format is for --count, --by-entry and --by-client'],
    ['--print all', '--print is one of denied, allowed, invalid, listed'],
  ])('%s is a mistake that is named before anything is read', async (given, message) => {
    const { code, stdout, stderr } = await run(`--deny missing.txt ${given} access.log`);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('does not read standard input as list and as log', async () => {
    const { code, stderr } = await run('--deny -', { stdin: '192.0.2.7\n' });
    expect([code, stderr.split('\n')[0]]).toEqual([
      2,
      'ipverdict: Standard input is the list already: name the logs.',
    ]);
    expect((await run('--deny - other.log', { stdin: '192.0.2.7\n' })).stdout).toBe('192.0.2.7 yes');
  });

  test('lets each line of a slow pipe out as soon as it is whole', async () => {
    const child = spawn(process.execPath, [program, 'filter', '--deny', 'bad.txt', '-q'], {
      cwd: folder.path,
    });
    const next = (): Promise<string> =>
      new Promise((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    const first = next();
    child.stdin.write('198.51.100.1 no\n192.0.2.7 one\n192.0.2.');
    expect(await first).toBe('192.0.2.7 one\n');
    const second = next();
    child.stdin.write('7 two\n192.0.2.7 three');
    expect(await second).toBe('192.0.2.7 two\n');
    const third = next();
    child.stdin.end();
    expect(await third).toBe('192.0.2.7 three');
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  });

  test('ends quietly when nobody reads any more', async () => {
    const large = join(folder.path, 'large.log');
    writeFileSync(large, '');
    for (let part = 0; part < 8; part++)
      appendFileSync(large, '192.0.2.7 a line that is denied\n'.repeat(20_000));
    const child = spawn(process.execPath, [program, 'filter', '--deny', 'bad.txt', 'large.log'], {
      cwd: folder.path,
    });
    let notices = '';
    child.stderr.on('data', (chunk: Buffer) => {
      notices += chunk;
    });
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, notices]).toEqual([0, '']);
  });

  test('reads a slow reader’s pipe and a long log to the last byte', async () => {
    const text = '192.0.2.7 denied\n198.51.100.1 allowed\r\n'.repeat(60_000);
    writeFileSync(join(folder.path, 'long.log'), text);
    const { bytes: out, code } = await run('--deny bad.txt --invert-match long.log');
    expect([code, out.equals(Buffer.from('198.51.100.1 allowed\r\n'.repeat(60_000)))]).toEqual([0, true]);
  });

  test('decides about a line of many megabytes by its start', async () => {
    const long = `192.0.2.7 ${'x'.repeat(3 << 20)}`;
    const stdin = `${long}\n198.51.100.1 ${'y'.repeat(3 << 20)}\r\n${long}`;
    const { bytes: out, stderr } = await run('--deny bad.txt', { stdin });
    expect(out.equals(Buffer.from(`${long}\n${long}`))).toBe(true);
    expect(stderr).toBe('ipverdict: 2 of 3 lines are denied.\n');
    expect(
      (
        await run('--deny bad.txt --json a -c', {
          stdin: `{"a":"198.51.100.1","b":"${'x'.repeat(1 << 20)}"}`,
        })
      ).stdout,
    ).toBe('1\n');
  });
});
