/** The commands `decide` and `explain`, and the policies that they read. */

import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, runCommand } from '../support/command.ts';
import { commandSamples } from '../support/command-samples.ts';

const snapshot = commandSamples['bad.ipv'] as Uint8Array;

const folder = makeFolder({
  'cut.ipv': snapshot.subarray(0, snapshot.length - 1),
  'damaged.ipv': snapshot.map((byte, at) => (at === snapshot.length - 9 ? byte ^ 1 : byte)),
  ...commandSamples,
  'twice.json': '{\n "otherwise": "deny",\n "rules": [{ "deny": "bad.txt",\n "deny": "office.txt" }]\n}',
  'inline.json': '{\n "otherwise": "deny",\n "rules": [{ "allow": [\n "10.0.0.0/8",\n "10.0.0.300"] }]\n}',
  'null.json': '{ "otherwise": "deny", "rules": [null] }',
  'stdin.json': '{ "otherwise": "deny", "rules": [{ "deny": "-" }] }',
  'empty.txt': '',
  'must.txt': '# Who may never be locked out\n203.0.113.9 # Ada\n\n8.8.8.8\n',
  'must.json': '{ "otherwise": "deny", "mustAllow": "must.txt", "rules": [{ "allow": "office.txt" }] }',
  'mustless.json': '{ "otherwise": "deny", "mustDeny": "empty.txt", "rules": [] }',
  'missing.json': '{ "otherwise": "deny", "rules": [{ "allow": "none.txt" }] }',
  'none.json': '{ "otherwise": "deny", "maxEntries": "none", "rules": [] }',
  'at.json': '{ "otherwise": "deny", "at": "2020-01-01T00:00Z", "rules": [] }',
  'comments.txt': '# nothing yet\n',
  'limited.json': '{ "otherwise": "deny", "maxEntries": 5, "exempt": "health.txt", "rules": [] }',
  'ended.txt': '203.0.113.0/24 until 2020-01-01T00:00Z\n',
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

  test('reads lines with CRLF and a byte order mark, denies what is not an address, and shows why', async () => {
    const { stdout, code } = await run(
      'decide --allow office.txt',
      '\ufeff203.0.113.9\r\n\n203.0.113.8 \n\u001b[31m\n192.0.2.20',
    );
    expect(stdout.split('\n').map((line) => line.slice(0, 24))).toEqual([
      'allow 203.0.113.9 line 2',
      'deny  "" invalid-address',
      'deny  "203.0.113.8 " inv',
      'deny  <U+001B>[31m inval',
      'allow 192.0.2.20 line 3 ',
      '',
    ]);
    expect(code).toBe(1);
  });

  test('stops at bytes that are not UTF-8, after the lines before them', async () => {
    const bytes = Buffer.concat([Buffer.from('203.0.113.9\n8.8'), Buffer.from([0xff, 0x0a])]);
    const { stdout, stderr, code } = await run('decide --allow office.txt', bytes);
    expect(stdout).toContain('allow 203.0.113.9');
    expect(stderr).toContain('line 2, column 4');
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
    expect(JSON.parse(lines.stdout)).toMatchObject({ schema: 1, address: '203.0.113.9', verdict: 'allow' });
  });

  test.each(['json', 'ndjson'])('escapes in %s what a terminal would obey', async (format) => {
    const { stdout } = await run(`decide --allow office.txt --format ${format} \u009b31m\u202e\u001b`);
    expect(stdout).toContain('"\\u009b31m\\u202e\\u001b"');
  });

  test('writes JSON in which nothing can disturb a terminal', async () => {
    const { stdout } = await run('decide --allow office.txt --format ndjson', '10.0.0.1\u202e\u009b2J\n');
    expect(stdout).not.toMatch(/[\u202e\u009b]/);
    expect(JSON.parse(stdout)).toMatchObject({ address: '10.0.0.1\u202e\u009b2J', verdict: 'deny' });
  });
});

describe('policies', () => {
  test.each([
    ['twice.json', 'twice.json:4:2'],
    ['inline.json', 'inline.json:5:1'],
    ['null.json', 'rules[0] must be an object'],
    ['stdin.json', 'rules[0].deny must be the name of a file'],
    ['most.json', 'too-many-entries'],
    ['must.json', 'must.txt:4:1 error must-allow'],
    ['mustless.json', 'empty.txt has no addresses, so mustDeny would guard nobody'],
    ['missing.json', 'none.txt does not exist. missing.json names it at rules[0].allow.'],
    ['none.json', 'maxEntries must be a whole number such as 1000; leave it out'],
    ['at.json', 'leave out "at"'],
    ['limited.json --max-entries 5', 'in limited.json and in --max-entries'],
    ['limited.json --exempt health.txt', 'in limited.json and in --exempt'],
    ['limited.json --when-empty deny', 'leave out --when-empty'],
    ['limited.json --allow office.txt', '2 of them were given'],
    ['limited.json --comment #', 'say which with --from FORMAT'],
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

describe('snapshots', () => {
  test.each(['exempt bad.txt', 'when-empty deny', 'max-entries 5', 'from auto', 'select a=b', 'made-at now'])(
    'refuse --%s, which would not count',
    async (option) => {
      const { code, stderr } = await run(`decide --policy bad.ipv --${option} 8.8.8.8`);
      expect(stderr).toContain(`--${option.split(' ')[0]}`);
      expect(code).toBe(2);
    },
  );

  test('of a list without entries say so, quiet or not', async () => {
    await run('compile --allow comments.txt -o open.ipv');
    const { stdout, stderr } = await run('decide --policy open.ipv -q 8.8.8.8');
    expect(stderr).toContain('open.ipv is of a list without entries, so it lets everyone in');
    expect(stdout).toBe('allow 8.8.8.8 empty-list\n');
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
    const other = await run('explain --policy bare.ipv 8.8.8.8 --format json');
    expect(JSON.parse(other.stdout)).toMatchObject({ verdict: 'allow', hasEntries: false, covering: [] });
    const whole = await run('explain --policy bad.ipv 8.8.8.8 --format json');
    expect(JSON.parse(whole.stdout)).toMatchObject({ verdict: 'allow', hasEntries: true });
  });

  test('keep the entries where times need them, over or not', async () => {
    const { code, stderr } = await run('compile --allow ended.txt --no-entries -o ended.ipv');
    expect(stderr).toContain('leave out --no-entries');
    expect(code).toBe(2);
    expect((await run('compile --allow ended.txt -o ended.ipv')).code).toBe(0);
    const { stdout } = await run('inspect ended.ipv --format json');
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'allow', hasEntries: true, hasTimes: true });
  });

  test('inspect the snapshot of rules', async () => {
    await run('compile --rules rules.json -o rules.ipv.gz');
    const { stdout } = await run('inspect rules.ipv.gz --format json');
    expect(JSON.parse(stdout)).toMatchObject({ size: 8, exemptions: 1, hasNotes: true, hasTimes: false });
  });

  test.each([
    ['office.txt', 'not-a-snapshot'],
    ['empty.txt', 'truncated'],
    ['cut.ipv', 'truncated'],
    ['damaged.ipv', 'checksum'],
  ])('refuse %s, which is not a whole snapshot', async (file, code) => {
    for (const line of [`inspect ${file}`, `decide --policy ${file} 8.8.8.8`]) {
      const { stdout, stderr, code: exit } = await run(line);
      expect(stderr).toMatch(new RegExp(`^ipverdict: ${file}: .*\\(${code}\\)\\.\n$`));
      expect({ stdout, exit }).toEqual({ stdout: '', exit: 2 });
    }
  });
});
