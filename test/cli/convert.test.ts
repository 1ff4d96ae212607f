/** `convert`: what is written, what is named as lost, and what is never written. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convert } from '../../src/cli/rows/convert.ts';
import { formats, importList, importMmdb } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { encodePolicy } from '../../src/public/snapshot.ts';
import { makeFolder, type Run, runCommand } from '../support/command.ts';
import { projectRoot } from '../support/package.ts';
import { hasSample, readSample } from '../support/samples.ts';
import { describeInTerminal, runInTerminal } from '../support/terminal.ts';

const bad = `# Bad
192.0.2.0/24 # Scanner "x"
192.0.2.128/25 # Inner
198.51.100.7 # Abuse
203.0.113.0-203.0.113.9
2001:db8::/32 # Lab
4000::/2
`;

const files = {
  'bad.txt': bad,
  'office.txt': '192.0.2.0/24 # Office\n2001:db8::/32\n',
  'guests.txt': '198.51.100.0/24 # Guest\n',
  'empty.txt': '# nobody\n',
  'wrong.txt': '192.0.2.0/24\n192.0.2.0/33\n',
  'timed.txt': '192.0.2.0/24\n198.51.100.7 until 2027-01-01T00:00Z # Soon over\n',
  'nginx.conf': 'deny 192.0.2.7; # Printer\nallow 192.0.2.0/24; # Office\ndeny all;\n',
  'rules.json': '{"otherwise":"deny","rules":[{"deny":"guests.txt"},{"name":"Staff","allow":"desk.txt"}]}',
  'desk.txt': '# Desk\n192.0.2.0/24 # "Desk"\n',
  'geo.conf': 'default 0;\n192.0.2.0/24 1;\n192.0.2.7 0;\n',
  'host.netset': '192.0.2.1/24\n',
  'old.conf': 'before\n',
  'bad.ipv': encodePolicy(createPolicy({ deny: '192.0.2.0/24 # Lab' })),
};

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder(files);
});
afterAll(() => folder.remove());

const run = (...words: string[]): Promise<Run> => runCommand(['convert', ...words], { folder: folder.path });

describe('a list', () => {
  test('is written for what it is for', async () => {
    const { code, stdout, stderr } = await run('office.txt', '--mode', 'allow', '--to', 'nginx');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('allow 192.0.2.0/24; # Office\nallow 2001:db8::/32;\ndeny all;\n');
  });

  test('needs no such word where only entries are written', async () => {
    const { code, stdout, stderr } = await run('office.txt', '--to', 'plain');
    expect([code, stdout, stderr]).toEqual([0, '192.0.2.0/24 # Office\n2001:db8::/32\n', '']);
  });

  test.each([[['office.txt', '--to', 'nginx']], [['office.txt', '--to', 'plain', '--exempt', 'guests.txt']]])(
    'of which it is not known is refused: %j',
    async (words) => {
      const { code, stdout, stderr } = await run(...words);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('Say what office.txt is for: --mode allow or --mode deny.');
    },
  );

  test('of another program is taken as what it says', async () => {
    const { code, stdout, stderr } = await run('nginx.conf', '--from', 'nginx', '--to', 'plain');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('192.0.2.0-192.0.2.6 # Office\n192.0.2.8-192.0.2.255 # Office\n');
    const other = await run('nginx.conf', '--from', 'nginx', '--to', 'plain', '--mode', 'deny');
    expect([other.code, other.stdout]).toEqual([2, '']);
  });

  test('with bad lines is refused with their places', async () => {
    const { code, stdout, stderr } = await run('wrong.txt', '--to', 'plain');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('wrong.txt:2:11 error prefix-length-range');
  });
});

describe('a policy', () => {
  test.each([
    [['--allow', 'office.txt', '--exempt', 'guests.txt'], '198.51.100.0/24 # Guest\n'],
    [['--rules', 'rules.json'], '192.0.2.0/24 # "Desk"\n'],
    [['--policy', 'bad.ipv'], '192.0.2.0/24 # Lab\n'],
    [['--deny', 'geo.conf', '--from', 'nginx-geo', '--listed', '1'], '192.0.2.8-192.0.2.255\n'],
  ])('%j is written as it decides', async (words, part) => {
    const { code, stdout, stderr } = await run(...words, '--to', 'plain');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(part);
  });
});

describe('an empty list', () => {
  test.each([
    ['of those who are allowed means nothing until that is said', ['--mode', 'allow'], 'Say what that means'],
    ['does so where only entries are written', [], 'Say what that means'],
  ])('%s', async (_, words, message) => {
    const { code, stdout, stderr } = await run('empty.txt', '--to', 'plain', ...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('that lets nobody in is not written where it would let everyone in', async () => {
    const words = ['empty.txt', '--mode', 'allow', '--when-empty', 'deny', '--quiet'];
    const refused = await run(...words, '--to', 'plain', '--output', 'old.conf');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('error would-open the policy lets nobody in');
    expect(refused.stderr.endsWith('ipverdict: Nothing was written.\n')).toBe(true);
    expect(readFileSync(join(folder.path, 'old.conf'), 'utf8')).toBe('before\n');
    const closed = await run(...words, '--to', 'nginx');
    expect([closed.code, closed.stdout]).toEqual([0, 'deny all;\n']);
  });

  test('that lets everyone in is written when that was said', async () => {
    const { code, stdout } = await run(
      ...['empty.txt', '--mode', 'allow', '--when-empty', 'allow', '--to', 'nginx'],
    );
    expect([code, stdout]).toEqual([0, 'allow 0.0.0.0/0;\nallow ::/0;\ndeny all;\n']);
  });

  test('of those who are denied is named, quiet or not', async () => {
    const { code, stdout, stderr } = await run('empty.txt', '--mode', 'deny', '--to', 'plain', '-q');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toBe('ipverdict: warning: empty.txt has no entries: it denies nobody.\n');
  });
});

describe('losses', () => {
  test('have their places, and are errors with --strict', async () => {
    const words = ['--rules', 'rules.json', '--to', 'nftables'];
    const loose = await run(...words);
    expect(loose.code).toBe(0);
    expect(loose.stderr).toBe(
      'desk.txt:2:1 warning note-changed the note has characters that the target cannot take (192.0.2.0/24)\n',
    );
    const strict = await run(
      'bad.txt',
      '--mode',
      'deny',
      '--to',
      'nftables',
      '--strict',
      '--output',
      'old.conf',
    );
    expect([strict.code, strict.stdout]).toEqual([1, '']);
    expect(strict.stderr).toContain('bad.txt:2:1 error note-changed');
    expect(strict.stderr).toContain('Nothing was written, as nftables cannot say all of it.');
    expect(readFileSync(join(folder.path, 'old.conf'), 'utf8')).toBe('before\n');
  });

  test('of verdicts are named with --quiet, those of notes are not', async () => {
    const timed = await run('timed.txt', '--mode', 'deny', '--to', 'aws-waf', '--quiet');
    expect(timed.code).toBe(0);
    expect(timed.stderr).toMatch(/^warning times-dropped [^\n]*\n$/);
    const notes = await run('office.txt', '--mode', 'deny', '--to', 'aws-waf', '--quiet');
    expect([notes.code, notes.stderr]).toEqual([0, '']);
  });

  test('of one kind are counted when they are many', async () => {
    const list = Array.from({ length: 25 }, (_, index) => `192.0.2.${index} # n\n`).join('');
    const { stderr } = await runCommand(['convert', '-', '--mode', 'deny', '--to', 'aws-waf'], {
      stdin: list,
    });
    expect(stderr.match(/^standard input:\d+:1 warning note-dropped/gm)).toHaveLength(10);
    expect(stderr).toContain('15 more note-dropped are not shown.');
  });

  test('of reading count with --strict', async () => {
    const words = ['host.netset', '--from', 'netset', '--to', 'plain'];
    expect((await run(...words)).stdout).toBe('192.0.2.0/24\n');
    const strict = await run(...words, '--strict');
    expect([strict.code, strict.stdout]).toEqual([1, '']);
    expect(strict.stderr).toContain('Nothing was written, as warnings count with --strict.');
  });

  test('are none where entries that end get a timeout', async () => {
    const { code, stdout, stderr } = await run(
      ...['timed.txt', '--mode', 'deny', '--to', 'nftables', '--timeouts', '--at', '2026-12-31T23:00Z'],
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('198.51.100.7 timeout 1h comment "Soon over"');
  });
});

describe('output', () => {
  test('goes to a file, and says so unless it is to be quiet', async () => {
    const words = ['office.txt', '--mode', 'allow', '--to', 'haproxy', '-o', 'new.acl'];
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('ipverdict: 2 entries as haproxy in new.acl, 36 bytes.\n');
    expect(readFileSync(join(folder.path, 'new.acl'), 'utf8')).toBe(
      '# Office\n192.0.2.0/24\n2001:db8::/32\n',
    );
  });

  test('can be a database', async () => {
    const { code, bytes, stderr } = await run('--deny', 'office.txt', '--to', 'mmdb', '--name', 'Blocked');
    expect([code, stderr]).toEqual([0, '']);
    const { entries, metadata } = importMmdb(bytes, { select: { verdict: 'deny' }, note: 'note' });
    expect(metadata?.databaseType).toBe('Blocked');
    expect(entries.map(({ address, note }) => [address, note])).toEqual([
      ['192.0.2.0/24', 'Office'],
      ['2001:db8::/32', undefined],
    ]);
  });

  test('that cannot be written is exit code 2', async () => {
    const { code, stderr } = await run('office.txt', '--to', 'plain', '-o', 'no/such/folder');
    expect([code, stderr]).toEqual([
      2,
      'ipverdict: The file no/such/folder cannot be written: its directory does not exist.\n',
    ]);
    expect(existsSync(join(folder.path, 'no'))).toBe(false);
  });

  describeInTerminal('in a terminal', () => {
    test('a database is not shown', async () => {
      const command = [process.execPath, join(projectRoot, 'dist', 'cli.js'), 'convert', 'office.txt'];
      const { status, screen } = await runInTerminal([...command, '--mode', 'deny', '--to', 'mmdb'], {
        cwd: folder.path,
        columns: 120,
      });
      expect(status).toBe(2);
      expect(screen.text).toContain('give --output FILE');
    });
  });
});

describe('arguments', () => {
  test.each([
    [[], 'Say what to write: --to FORMAT.'],
    [['--to', 'nginx'], 'Name what to convert: a list as FILE, or a policy by --allow'],
    [['office.txt', '--to', 'ngix'], 'There is no format ngix to write; the nearest is nginx.'],
    [['office.txt', '--to', 'excel'], 'There is no format excel to write: it is one of plain, netset, csv,'],
    [
      ['office.txt', '--to', 'crowdsec'],
      'The format crowdsec can only be read. Those to write are plain, netset,',
    ],
    [['office.txt', '--deny', 'office.txt', '--to', 'plain'], 'office.txt and --deny are two sources'],
    [['--deny', 'office.txt', '--mode', 'deny', '--to', 'plain'], '--mode says what FILE is for'],
    [['office.txt', '--to', 'plain', '--name', 'x'], 'The format plain has no use for --name: leave it out.'],
    [
      ['office.txt', '--to', 'plain', '--timeouts'],
      'The format plain has no use for --timeouts: leave it out.',
    ],
    [['--deny', 'office.txt', '--to', 'mmdb', '--rows', 'csv'], 'The format mmdb has no use for --rows'],
    [
      ['--deny', 'office.txt', '--to', 'sql'],
      '--dialect is required: "clickhouse", "duckdb" or "postgresql".',
    ],
    [['--deny', 'office.txt', '--to', 'nginx-geo', '--name', '1x'], '--name must be the name of a variable'],
    [
      ['--policy', 'bad.ipv', '--from', 'nginx', '--to', 'plain'],
      'A snapshot is complete: leave out --from.',
    ],
    [['missing.txt', '--to', 'plain'], 'The file missing.txt does not exist.'],
  ])('%j: exit code 2, and nothing is written', async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('--formats shows the formats', async () => {
    const { code, stdout } = await run('--formats');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(formats.length + 1);
    expect(lines).toContain('crowdsec            reads          CrowdSec decisions');
    expect(lines.at(-1)).toBe('mmdb                reads  writes  MaxMind database');
  });

  test('every option that only some formats have is of one that is written', () => {
    const names = Object.values(convert.options).map(
      ({ about }) => about.match(/^([a-z-]+(?:, [a-z-]+)*): /)?.[1] ?? '',
    );
    const known = [...formats.filter(({ writes }) => writes).map(({ name }) => name as string), 'mmdb'];
    for (const name of names.filter((list) => list !== '').flatMap((list) => list.split(', ')))
      expect(known).toContain(name);
  });
});

describe('what was written decides the same when it is read again', () => {
  test.each([
    ['plain', []],
    ['netset', []],
    ['csv', []],
    ['nginx', []],
    ['nginx-geo', ['--listed', '1']],
    ['apache', []],
    ['haproxy', []],
    ['nftables', []],
    ['ipset', []],
    ['caddy', []],
    ['traefik', []],
    ['k8s-networkpolicy', []],
    ['envoy-rbac', []],
    ['mmdb', ['--select', 'verdict=deny']],
  ])('%s', async (format, options) => {
    const written = await run('bad.txt', '--mode', 'deny', '--to', format, '--quiet');
    expect(written.code).toBe(0);
    const isOfRules = ['traefik', 'k8s-networkpolicy', 'nginx', 'apache', 'envoy-rbac'].includes(format);
    const kind = isOfRules ? '--rules' : '--deny';
    const back = await runCommand(
      ['convert', kind, '-', '--from', format, ...options, '--to', 'nginx', '-q'],
      {
        stdin: written.bytes,
      },
    );
    expect(back.code).toBe(0);
    const { rules, order, otherwise = 'deny' } = importList(back.stdout, { format: 'nginx' });
    const { ranges } = AddressSet.allowedBy(createRules({ rules, order, otherwise }));
    expect(ranges).toEqual(AddressSet.allowedBy(createPolicy({ deny: bad })).ranges);
  });
});

describe.runIf(hasSample('nginx-access-1.conf'))('real files', () => {
  const canonical = (lines: readonly string[]): readonly string[] => AddressSet.of(lines).ranges;

  test.each([
    ['nginx-access-1.conf', []],
    ['apache-require-1.conf', []],
    ['aws-ip-ranges-1.json', []],
    ['google-ranges-1.json', []],
    ['azure-service-tags-1.json', []],
    ['github-meta-1.json', []],
    ['fastly-1.json', []],
    ['csv-1.csv', []],
    ['crowdsec-csv-1.csv', ['--from', 'crowdsec', '--made-at', 'now']],
  ])('%s has the entries that a careful reader finds in it', async (file, options) => {
    const { text, expected } = readSample(file);
    const how = options.length === 0 ? ['--from', 'auto'] : options;
    const { code, stdout } = await runCommand(['convert', file, ...how, '--to', 'netset', '--no-notes'], {
      folder: makeSample(file, text),
    });
    expect(code).toBe(0);
    const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(canonical(lines)).toEqual(canonical(expected.entries.map(({ range }) => range)));
  });

  function makeSample(file: string, text: string): string {
    const sample = makeFolder({ [file]: text });
    samples.push(sample);
    return sample.path;
  }

  const samples: { remove: () => void }[] = [];
  afterAll(() => {
    for (const sample of samples) sample.remove();
  });
});
