/** The commands `decide` and `explain`, and the policies that they read. */

import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, runCommand } from '../support/command.ts';
import { commandSamples } from '../support/command-samples.ts';

const folder = makeFolder({
  ...commandSamples,
  'twice.json': '{\n "otherwise": "deny",\n "rules": [{ "deny": "bad.txt",\n "deny": "office.txt" }]\n}',
  'inline.json': '{\n "otherwise": "deny",\n "rules": [{ "allow": [\n "10.0.0.0/8",\n "10.0.0.300"] }]\n}',
  'null.json': '{ "otherwise": "deny", "rules": [null] }',
  'stdin.json': '{ "otherwise": "deny", "rules": [{ "deny": "-" }] }',
  'empty.txt': '',
  'most.json': '{ "otherwise": "deny", "maxEntries": 1, "rules": [{ "allow": ["10.0.0.1", "10.0.0.2"] }] }',
});
afterAll(folder.remove);

const run = (line: string, stdin: string | Uint8Array = '') =>
  runCommand(line.split(' '), { folder: folder.path, stdin });

describe('decide', () => {
  test('aligns the verdicts of arguments', async () => {
    const { stdout, code } = await run('decide --allow office.txt 203.0.113.9 8.8.8.8');
    expect(stdout).toBe('allow 203.0.113.9 line 2 203.0.113.0/24 # Office\ndeny  8.8.8.8     not-listed\n');
    expect(code).toBe(1);
  });

  test('says which file where there are several', async () => {
    const { stdout, code } = await run('decide --rules rules.json 203.0.113.9 10.0.0.5');
    expect(stdout).toContain('office.txt line 2 203.0.113.0/24');
    expect(stdout).toContain('health.txt line 1 10.0.0.5');
    expect(code).toBe(0);
  });

  test('reads lines with CRLF, blank lines and a byte order mark, and escapes the rest', async () => {
    const { stdout, code } = await run(
      'decide --allow office.txt',
      '\ufeff203.0.113.9\r\n\n203.0.113.8\n\u001b[31m\n192.0.2.20',
    );
    expect(stdout.split('\n').map((line) => line.slice(0, 24))).toEqual([
      'allow 203.0.113.9 line 2',
      'allow 203.0.113.8 line 2',
      'deny  <U+001B>[31m inval',
      'allow 192.0.2.20 line 3 ',
      '',
    ]);
    expect(code).toBe(1);
  });

  test('stops at bytes that are not UTF-8, after the lines before them', async () => {
    const bytes = Buffer.concat([Buffer.from('203.0.113.9\n'), Buffer.from([0xff, 0x0a])]);
    const { stdout, stderr, code } = await run('decide --allow office.txt', bytes);
    expect(stdout).toContain('allow 203.0.113.9');
    expect(stderr).toContain('line 2');
    expect(code).toBe(2);
  });

  test('does not take its list and its addresses from one input', async () => {
    expect((await run('decide --allow -')).code).toBe(2);
  });

  test('writes one JSON document, and NDJSON', async () => {
    const { stdout } = await run('decide --allow office.txt --format json 203.0.113.9 8.8.8.8');
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 1,
      decisions: [
        { verdict: 'allow', entry: { file: 'office.txt', line: 2 } },
        { verdict: 'deny', entry: null },
      ],
    });
    const lines = await run('decide --allow office.txt --format ndjson 203.0.113.9');
    expect(JSON.parse(lines.stdout)).toMatchObject({ address: '203.0.113.9', verdict: 'allow' });
  });
});

describe('policies', () => {
  test.each([
    ['twice.json', 'twice.json:4:2'],
    ['inline.json', 'inline.json:5:1'],
    ['null.json', 'rules[0] must be an object'],
    ['stdin.json', 'rules[0].deny must be the name of a file'],
    ['most.json', 'too-many-entries'],
  ])('refuse %s', async (file, said) => {
    const { stdout, stderr, code } = await run(`decide --rules ${file} 10.0.0.1`);
    expect(stderr).toContain(said);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  });

  test('say that an empty list is open, quiet or not', async () => {
    const { stderr, code } = await run('decide --allow empty.txt -q 10.0.0.1');
    expect(stderr).toContain('lets everyone in');
    expect(code).toBe(0);
    expect((await run('decide --allow empty.txt --when-empty deny 10.0.0.1')).code).toBe(1);
  });
});

describe('explain', () => {
  test('shows every covering entry', async () => {
    const { stdout, code } = await run('explain --rules rules.json 10.0.0.5');
    expect(stdout).toContain('10.0.0.5 is allowed: line 1');
    expect(stdout).toContain('health.txt line 1');
    expect(stdout).toContain('rules.json line 1');
    expect(code).toBe(0);
  });
});

describe('compile and inspect', () => {
  test('go round', async () => {
    const { stderr, code } = await run('compile --deny bad.txt -o new.ipv.gz');
    expect(stderr).toMatch(/^ipverdict: 3 entries, \d+ bytes in new\.ipv\.gz\.\n$/);
    expect(code).toBe(0);
    expect((await run('decide --policy new.ipv.gz 198.51.100.7')).code).toBe(1);
    const { bytes } = await run('compile --deny bad.txt');
    expect(bytes).toEqual(Buffer.from(commandSamples['bad.ipv'] as Uint8Array));
    const { stdout } = await run('inspect bad.ipv --format json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 1, mode: 'deny', size: 3 });
  });

  test('explain a snapshot without entries, and refuse what is not a snapshot', async () => {
    await run('compile --deny bad.txt --no-entries -o bare.ipv');
    const { stdout, code } = await run('explain --policy bare.ipv 198.51.100.7');
    expect(stdout).toContain('has no entries');
    expect(code).toBe(1);
    expect((await run('inspect office.txt')).code).toBe(2);
  });
});
