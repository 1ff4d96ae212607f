/** Slips of those who type a command: none of them may pass for an answer. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, type Run, runCommand } from '../support/command.ts';

const log = '192.0.2.7 - - "GET /"\n203.0.113.9 - - "GET /"\n';
const feed = JSON.stringify({
  syncToken: '1',
  createDate: '2026-01-01-00-00-00',
  prefixes: [{ ip_prefix: '192.0.2.0/24', region: 'eu-west-1', service: 'S3', network_border_group: 'eu' }],
  ipv6_prefixes: [],
});

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder({
    'bad.txt': '192.0.2.0/24 # Lab\n',
    'ends.txt': '192.0.2.0/24 until 2999-01-01T00:00Z # Lab\n',
    'access.log': log,
    'access.log.1': gzipSync(log),
    'feed.json': feed,
  });
});
afterAll(() => folder.remove());

const run = (line: string, stdin: string | Uint8Array = ''): Promise<Run> =>
  runCommand(line.split(' '), { folder: folder.path, stdin });

describe('gzip that is not called so', () => {
  test('is refused as a log', async () => {
    const { code, stdout, stderr } = await run('filter --deny bad.txt access.log.1');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('The file access.log.1 is gzip: give it a name that ends in .gz.');
  });

  test('is refused as a log on standard input', async () => {
    const { code, stderr } = await run('filter --deny bad.txt --count', gzipSync(log));
    expect(code).toBe(2);
    expect(stderr).toContain('Standard input is gzip: unpack it with zcat first.');
  });

  test('is refused as a list', async () => {
    const { code, stderr } = await run('decide --deny access.log.1 192.0.2.7');
    expect(code).toBe(2);
    expect(stderr).toContain('is gzip');
  });
});

describe('gzip with bytes after its end', () => {
  const damaged = Buffer.concat([gzipSync('10.0.0.0/8\n'), Buffer.of(0), gzipSync('192.0.2.0/24\n')]);

  test('is refused as a list, of which the rest would be missing', async () => {
    writeFileSync(join(folder.path, 'damaged.gz'), damaged);
    const { code, stdout, stderr } = await run('decide --deny damaged.gz 192.0.2.7');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('damaged.gz is not gzip, or is damaged');
  });

  test('is not a whole log', async () => {
    writeFileSync(join(folder.path, 'damaged.gz'), damaged);
    const { code, stderr } = await run('filter --deny bad.txt damaged.gz');
    expect(code).toBe(2);
    expect(stderr).toContain('damaged');
  });

  test('may end in zero bytes, and have several parts', async () => {
    const parts = [gzipSync('10.0.0.0/8\n'), gzipSync('192.0.2.0/24\n'), Buffer.alloc(512)];
    writeFileSync(join(folder.path, 'parts.gz'), Buffer.concat(parts));
    expect((await run('decide --deny parts.gz 192.0.2.7')).code).toBe(1);
  });
});

test('a snapshot is refused as a list, with the option for it', async () => {
  expect((await run('compile --deny bad.txt --output bad.ipv')).code).toBe(0);
  const { code, stderr } = await run('decide --deny bad.ipv 192.0.2.7');
  expect(code).toBe(2);
  expect(stderr).toContain('The file bad.ipv is a snapshot: give it with --policy.');
});

describe('a log in which no client is found', () => {
  test('is said to be so by filter', async () => {
    const { code, stderr } = await run('filter --deny bad.txt --field 2 access.log');
    expect(code).toBe(0);
    expect(stderr).toContain('warning: No line has an address');
  });

  test('is not said to be so when one line has an address', async () => {
    const { stderr } = await run('filter --deny bad.txt -', 'nobody\n203.0.113.9\n');
    expect(stderr).not.toContain('warning');
  });

  test('gives no answer of impact', async () => {
    const { code, stderr } = await run(
      'impact --before-deny bad.txt --after-deny ends.txt --fail-on never --field 2 access.log',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('No line has an address');
  });

  test('is said to be empty by impact', async () => {
    const { code, stderr } = await run('impact --before-deny bad.txt --after-deny ends.txt -');
    expect(code).toBe(0);
    expect(stderr).toContain('There are no lines');
  });
});

test('entries that begin later are not passed over in silence when policies are compared', async () => {
  const later = '192.0.2.0/24\n0.0.0.0/0 from 2999-01-01T00:00Z\n';
  const { code, stderr } = await run('diff --mode deny bad.txt -', later);
  expect(code).toBe(0);
  expect(stderr).toContain(
    'next at 2999-01-01T00:00:00.000Z: --at 2999-01-01T00:00:00.000Z compares for then.',
  );
  expect((await run('diff --mode deny --at 2999-01-01T00:00:00.000Z bad.txt -', later)).code).toBe(1);
});

test('a value to select that nothing has is refused, as a list that denies would let it in', async () => {
  const line = 'convert feed.json --from aws-ranges --mode deny --to nginx --select region=eu-wst-1';
  const { code, stdout, stderr } = await run(line);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('nothing in the file has the region "eu-wst-1"');
  expect((await run(line.replace('wst', 'west'))).code).toBe(0);
});

test('an empty list that denies is said to keep nobody out', async () => {
  const { code, stderr } = await run('filter --quiet --deny - access.log');
  expect(code).toBe(1);
  expect(stderr).toBe('ipverdict: warning: standard input has no entries: it denies nobody.\n');
  expect((await run('filter --quiet --deny - --when-empty allow access.log')).stderr).toBe('');
});

describe('set --output', () => {
  test('writes the answer, all of it at once', async () => {
    const { code, stdout, stderr } = await run('set union bad.txt - --output both.txt', '198.51.100.7\n');
    expect([code, stdout, stderr]).toEqual([0, '', 'ipverdict: both.txt is written.\n']);
    expect(readFileSync(join(folder.path, 'both.txt'), 'utf8')).toBe('192.0.2.0/24\n198.51.100.7\n');
  });

  test('does not write over a list that it reads', async () => {
    const { code, stderr } = await run('set minimize bad.txt --output ./bad.txt');
    expect(code).toBe(2);
    expect(stderr).toContain('is read, too');
    expect(readFileSync(join(folder.path, 'bad.txt'), 'utf8')).toBe('192.0.2.0/24 # Lab\n');
  });
});

test('a last line with a carriage return alone has the client that decide finds', async () => {
  const { stdout } = await run('filter --deny bad.txt --print listed --count -', '8.8.8.8\r\n192.0.2.7\r');
  expect(stdout).toBe('1\n');
});

test('what is written to a name that ends in .gz is read from it', async () => {
  expect((await run('convert bad.txt --mode deny --to plain --output bad.gz')).code).toBe(0);
  expect((await run('decide --deny bad.gz 192.0.2.7')).code).toBe(1);
});

test('--by-entry names the file and the line of an entry', async () => {
  const { stdout } = await run('filter --deny bad.txt --by-entry --format json --quiet access.log');
  expect(JSON.parse(stdout).entries[0].entry).toMatchObject({ file: 'bad.txt', line: 1, note: 'Lab' });
});

test('the demo reads entries that end', async () => {
  const { code, stdout } = await run('demo --deny ends.txt access.log');
  expect(code).toBe(0);
  expect(stdout).not.toContain('instant-required');
});
