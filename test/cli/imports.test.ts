/** Files of other programs by `--from`: what they are taken as, what is refused, and what is never kept quiet about. */

import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exportMmdb } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { makeFolder, type Run, runCommand } from '../support/command.ts';
import { projectRoot } from '../support/package.ts';

const rules = 'deny 192.0.2.7; # Printer\nallow 192.0.2.0/24;\ndeny all;\n';
const geo = 'geo $listed {\n  default 0;\n  192.0.2.0/24 1;\n  192.0.2.7 0;\n}\n';
const traefik =
  'http:\n  middlewares:\n    office:\n      ipAllowList:\n        sourceRange: [192.0.2.0/24]\n';

const files = {
  'rules.conf': rules,
  'allowed.conf': 'allow 192.0.2.0/24; # Office\ndeny all;\n',
  'denied.conf': 'deny 192.0.2.0/24;\n',
  'everyone.conf': 'allow 192.0.2.0/24;\n',
  'closed.conf': 'deny all;\n',
  'geo.conf': geo,
  'list.txt': '192.0.2.0/24 # Office\n',
  'guests.txt': '198.51.100.7 # Guest\n',
  'feed.netset': '# Feed\n192.0.2.0/24\n198.51.100.0/33\n',
  'drop.json': '{"cidr":"192.0.2.0/24","sblid":"SBL1"}\n',
  'whole.json': '{"cidr":"192.0.2.0/24","sblid":"SBL1"}\n{"type":"metadata","records":1}\n',
  'bans.json':
    '[{"duration":"1h","origin":"x","scenario":"y","scope":"Ip","type":"ban","value":"192.0.2.7"}]',
  'nobody.json': '[]',
  'in.rules':
    '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.7/32 -j DROP\n-A INPUT -s 198.51.100.0/24 -p tcp --dport 22 -j DROP\nCOMMIT\n',
  'set.ipset':
    'create bad hash:net family inet timeout 0\nadd bad 192.0.2.0/24 timeout 3600\nadd bad 192.0.2.7 nomatch\n',
  'meta.json':
    '{"verifiable_password_authentication":false,"hooks":["192.0.2.0/24"],"web":["198.51.100.0/24"]}',
  'including.conf': 'include lists/bad.conf;\nallow 192.0.2.0/24;\ndeny all;\n',
  'lists/bad.conf': 'deny 192.0.2.7;\n',
  'pattern.conf': 'include lists/*.conf;\ninclude lists;\ninclude missing.conf;\nallow 192.0.2.0/24;\n',
  'loop.conf': 'include loop.conf;\nallow 192.0.2.0/24;\n',
  'prose.txt': 'Dear all,\nplease let us in.\n',
  'office.yaml': traefik,
  'verdicts.mmdb': exportMmdb(createPolicy({ deny: '192.0.2.0/24 # Lab' })).bytes,
  'verdicts.mmdb.gz': gzipSync(exportMmdb(createPolicy({ deny: '192.0.2.0/24 # Lab' })).bytes),
  'many.rules': `*filter\n:INPUT DROP [0:0]\n${'-A INPUT -s 192.0.2.7/32 -p tcp -j DROP\n'.repeat(30)}-A INPUT -s 198.51.100.1/32 -j ACCEPT\nCOMMIT\n`,
};

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder(files);
});
afterAll(() => folder.remove());

const ipverdict = (...words: string[]): Promise<Run> => runCommand(words, { folder: folder.path });

/** Asks for verdicts, and gives only the words of the verdicts. */
async function decide(addresses: readonly string[], ...options: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await ipverdict('decide', ...options, ...addresses);
  expect([code, stderr]).not.toEqual([2, stderr]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0] as string);
}

const clients = ['192.0.2.8', '192.0.2.7', '203.0.113.1'];

describe('a file that says itself whom it allows', () => {
  test('is taken as a list when it says the same as the option', async () => {
    expect(await decide(clients, '--allow', 'allowed.conf', '--from', 'nginx')).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    expect(await decide(clients, '--deny', 'denied.conf', '--from', 'nginx')).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
  });

  test.each([
    ['--allow', 'denied.conf'],
    ['--allow', 'everyone.conf'],
    ['--deny', 'allowed.conf'],
    ['--deny', 'closed.conf'],
    ['--allow', 'closed.conf'],
    ['--deny', 'rules.conf'],
    ['--allow', 'rules.conf'],
  ])('%s %s is refused when it says something else', async (option, file) => {
    const { code, stdout, stderr } = await ipverdict('decide', option, file, '--from', 'nginx', '192.0.2.8');
    expect([code, stdout]).toEqual([2, '']);
    // What allows nobody has no entries either.
    expect(stderr).toMatch(/says itself whom it allows and denies: give it as --rules|has no entries/);
  });

  test('decides as rules in its own order', async () => {
    expect(await decide(clients, '--rules', 'rules.conf', '--from', 'nginx')).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(await decide(clients, '--rules', 'closed.conf', '--from', 'nginx')).toEqual([
      'deny',
      'deny',
      'deny',
    ]);
  });

  test('that lets everyone in says so, quiet or not', async () => {
    const { stderr } = await ipverdict(
      'decide',
      '-q',
      '--rules',
      'everyone.conf',
      '--from',
      'nginx',
      '192.0.2.8',
    );
    expect(stderr).toContain('warning open-list');
  });

  test('names the file and the line of a rule when it is wrong', async () => {
    const { code, stderr } = await ipverdict(
      ...['decide', '--rules', 'rules.conf', '--from', 'nginx', '--max-entries', '0', '192.0.2.8'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('rules.conf:1:1 error too-many-entries');
  });
});

describe('a file that says nothing about it', () => {
  test('is a list as --allow and --deny, and no rules', async () => {
    expect(await decide(clients, '--deny', 'whole.json', '--from', 'spamhaus-drop')).toEqual([
      'deny',
      'deny',
      'allow',
    ]);
    const { code, stderr } = await ipverdict(
      ...['decide', '--rules', 'whole.json', '--from', 'spamhaus-drop', '192.0.2.8'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('does not say whom it allows or denies');
  });

  test('and whose entries all deny is asked for as --deny', async () => {
    const { code, stderr } = await ipverdict(
      ...['decide', '--rules', 'bans.json', '--from', 'crowdsec', '--made-at', 'now', '192.0.2.8'],
    );
    expect([code, stderr]).toEqual([
      2,
      'ipverdict: bans.json does not say what happens to everyone else: give it as --deny bans.json.\n',
    ]);
  });

  test('keeps its exceptions', async () => {
    expect(await decide(clients, '--deny', 'set.ipset', '--from', 'ipset', '--made-at', 'now')).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
    expect(await decide(clients, '--allow', 'set.ipset', '--from', 'ipset', '--made-at', 'now')).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
  });
});

describe('a file with values', () => {
  test.each(['--allow', '--deny', '--rules'])(
    'is refused as %s until one of them is named',
    async (option) => {
      const { code, stdout, stderr } = await ipverdict(
        'decide',
        option,
        'geo.conf',
        '--from',
        'nginx-geo',
        '::1',
      );
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toContain('say it with --listed VALUE');
    },
  );

  test('decides by the most specific network', async () => {
    const options = ['geo.conf', '--from', 'nginx-geo', '--listed', '1'];
    expect(await decide(clients, '--deny', ...options)).toEqual(['deny', 'allow', 'allow']);
    expect(await decide(clients, '--allow', ...options)).toEqual(['allow', 'deny', 'deny']);
  });
});

describe('a set of addresses', () => {
  test('is what a file allows or denies, if it does one of them', async () => {
    const options = ['--from', 'auto', '-q'];
    const { stdout } = await ipverdict('set', 'union', 'allowed.conf', 'denied.conf', ...options);
    expect(stdout).toBe('192.0.2.0/24\n');
    const others = [['rules.conf'], ['geo.conf'], ['set.ipset', '--made-at', 'now']];
    for (const words of others) {
      const { code, stdout: nothing } = await ipverdict('set', 'union', ...words, ...options);
      expect([words, code, nothing]).toEqual([words, 2, '']);
    }
  });
});

describe('a file that is not whole', () => {
  test.each([
    ['--deny', 'feed.netset', 'netset', 'feed.netset:3:14 error prefix-length-range'],
    ['--allow', 'feed.netset', 'netset', 'feed.netset:3:14 error prefix-length-range'],
    ['--deny', 'drop.json', 'spamhaus-drop', 'error truncated'],
    ['--deny', 'list.txt', 'crowdsec', 'list.txt:1:'],
    ['--allow', 'prose.txt', 'auto', 'looks like no format that is known'],
    ['--allow', 'office.yaml', 'nginx', 'office.yaml:1:1 error'],
  ])('%s %s as %s is refused with its place', async (option, file, format, message) => {
    const { code, stdout, stderr } = await ipverdict('decide', option, file, '--from', format, '192.0.2.8');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('is not a list that allows when it has no entries', async () => {
    const options = ['nobody.json', '--from', 'crowdsec', '192.0.2.8'];
    const allowed = await ipverdict('decide', '--allow', ...options);
    expect([allowed.code, allowed.stdout]).toEqual([2, '']);
    const denied = await ipverdict('decide', '--quiet', '--deny', ...options);
    expect(denied.code).toBe(0);
    expect(denied.stderr).toBe('ipverdict: warning: nobody.json has no entries: it denies nobody.\n');
  });
});

describe('what is left out', () => {
  test('is named with --quiet when it may let someone in', async () => {
    const { code, stderr } = await ipverdict(
      ...['decide', '--quiet', '--rules', 'in.rules', '--from', 'iptables', '198.51.100.7'],
    );
    expect(code).toBe(0);
    expect(stderr).toContain('in.rules:4:1 warning conditional');
    expect(stderr).toContain('1 rule of in.rules is left out');
  });

  test('is counted when there is too much to show', async () => {
    const { stderr } = await ipverdict(
      'decide',
      '--rules',
      'many.rules',
      '--from',
      'iptables',
      '198.51.100.1',
    );
    expect(stderr.match(/ warning conditional /g)).toHaveLength(20);
    expect(stderr).toContain('more warnings of many.rules are not shown: 10 conditional.');
    expect(stderr).toContain('30 rules of many.rules are left out');
  });

  test('is what --select says, and a value that nothing has is named', async () => {
    const options = ['--deny', 'meta.json', '--from', 'github-meta', '--select'];
    expect(await decide(['192.0.2.8', '198.51.100.1'], ...options, 'service=hooks')).toEqual([
      'deny',
      'allow',
    ]);
    expect(
      await decide(['192.0.2.8', '198.51.100.1'], ...options, 'service=hooks', '--select', 'service=web'),
    ).toEqual(['deny', 'deny']);
    const { stderr } = await ipverdict('decide', '-q', ...options, 'service=hoks', '192.0.2.8');
    expect(stderr).toContain('warning unselected nothing in the file has the service "hoks"');
  });
});

describe('options', () => {
  test.each([
    ['check', 'list.txt'],
    ['set', 'union', 'list.txt'],
    ['convert', 'list.txt', '--to', 'plain'],
    ['decide', '--policy', 'list.txt', '192.0.2.8'],
  ])('are not ignored without --from: %s', async (...words) => {
    const { code, stdout, stderr } = await ipverdict(...words, '--select', 'a=b');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('--select is for files of other programs: say which with --from FORMAT.');
  });

  test.each([
    [['--set', 'x'], '--set is for files of other programs: say which with --from FORMAT.'],
    [['--select', 'a=b'], '--select is for files of other programs'],
    [['--made-at', 'now'], '--made-at is for files of other programs'],
    [['--from', 'plain', '--set', 'x'], 'the format "plain" has no use for set: leave it out.'],
    [
      ['--from', 'plain', '--select', 'region'],
      '--select is a key and a value such as region=eu-west-1, not region.',
    ],
    [['--from', 'csv', '--select', 'note=a', '--select', 'note=b'], 'can be given only once'],
    [['--from', 'ngix'], 'There is no format ngix to read; the nearest is nginx.'],
    [['--from', 'sql'], 'The format sql can only be written.'],
    [['--from', 'plain', '--made-at', '2026-13-01'], '--made-at 2026-13-01 is neither an instant'],
  ])('%j is refused', async (options, message) => {
    const { code, stdout, stderr } = await ipverdict('decide', '--deny', 'list.txt', ...options, '192.0.2.8');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('lifetimes count from --made-at', async () => {
    const options = ['--deny', 'bans.json', '--from', 'crowdsec', '--at', '2026-01-01T01:30Z'];
    const without = await ipverdict('decide', ...options, '192.0.2.7');
    expect(without.code).toBe(2);
    expect(without.stderr).toContain('give it as --made-at, such as --made-at 2026-11-29T12:00Z');
    const checked = await ipverdict('check', 'bans.json', '--from', 'crowdsec');
    expect(checked.stdout).toContain('give it as --made-at');
    expect(await decide(['192.0.2.7'], ...options, '--made-at', '2026-01-01T01:00Z')).toEqual(['deny']);
    expect(await decide(['192.0.2.7'], ...options, '--made-at', '2026-01-01T00:00Z')).toEqual(['allow']);
  });

  test('exemptions are list text, whatever format the list has', async () => {
    const options = ['--deny', 'bans.json', '--from', 'crowdsec', '--made-at', 'now', '--exempt'];
    expect(await decide(['192.0.2.7', '198.51.100.7'], ...options, 'guests.txt')).toEqual(['deny', 'allow']);
    const other = await ipverdict('decide', ...options, 'allowed.conf', '192.0.2.7');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('allowed.conf:1:1 error');
  });

  test('auto says what it took', async () => {
    const { code, stderr } = await ipverdict(
      'decide',
      '--allow',
      'allowed.conf',
      '--from',
      'auto',
      '192.0.2.8',
    );
    expect([code, stderr]).toEqual([0, 'ipverdict: allowed.conf is read as nginx.\n']);
  });
});

describe('included files', () => {
  const asRules = (file: string, ...options: string[]): Promise<Run> =>
    ipverdict('decide', '--rules', file, '--from', 'nginx', ...options, '192.0.2.7');

  test('are not read unless that was asked for', async () => {
    const { code, stderr } = await asRules('including.conf');
    expect(code).toBe(2);
    expect(stderr).toContain('including.conf:1:9 error include the lines of "lists/bad.conf" are missing');
    expect(stderr).toContain('--includes FOLDER');
  });

  test('are read from the folder, and named', async () => {
    const { code, stdout, stderr } = await asRules('including.conf', '--includes', '.');
    expect([code, stdout.split(' ')[0]]).toEqual([1, 'deny']);
    expect(stderr).toBe(`ipverdict: ${join('lists', 'bad.conf')} is read, as it is included.\n`);
  });

  test('that are not single files are refused with the reason', async () => {
    const { code, stderr } = await asRules('pattern.conf', '--includes', '.');
    expect(code).toBe(2);
    expect(stderr).toContain('is a pattern, and only single files are read');
    expect(stderr).toContain('lists is not a regular file');
    expect(stderr).toContain('missing.conf does not exist');
  });

  test('that include themselves end', async () => {
    const { code, stderr } = await asRules('loop.conf', '--includes', '.');
    expect(code).toBe(2);
    expect(stderr).toContain('does a file include itself?');
  });
});

describe('databases', () => {
  test('need to be told which records are meant', async () => {
    const { code, stderr } = await ipverdict(
      'decide',
      '--deny',
      'verdicts.mmdb',
      '--from',
      'mmdb',
      '192.0.2.8',
    );
    expect(code).toBe(2);
    expect(stderr).toContain('say which of them are meant');
    expect(stderr).toContain('--select verdict=deny');
  });

  test.each(['verdicts.mmdb', 'verdicts.mmdb.gz'])('give the networks of these records: %s', async (file) => {
    const options = [file, '--from', 'auto', '--select', 'verdict=deny', '--select', 'note=note'];
    const { stdout, stderr } = await ipverdict('convert', '--deny', ...options, '--to', 'plain');
    expect(stdout).toBe('192.0.2.0/24 # Lab\n');
    expect(stderr).toBe(`ipverdict: ${file} is read as mmdb.\n`);
  });

  test.each([
    ['--allow', ['verdict=deny']],
    ['--deny', ['verdict=deny', 'verdict=allow']],
  ])('with verdicts are not taken as %s for %j', async (option, selected) => {
    const select = selected.flatMap((one) => ['--select', one]);
    const { code, stderr } = await ipverdict(
      ...['decide', option, 'verdicts.mmdb', '--from', 'mmdb', ...select, '192.0.2.8'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('say themselves whom to allow and to deny');
  });

  test('that are damaged are refused', async () => {
    const bytes = readFileSync(join(folder.path, 'verdicts.mmdb'));
    const { code, stderr } = await runCommand(
      ['decide', '--deny', '-', '--from', 'mmdb', '--select', 'verdict=deny', '192.0.2.8'],
      { folder: folder.path, stdin: bytes.subarray(100) },
    );
    expect(code).toBe(2);
    expect(stderr).toContain('standard input:1:');
  });
});

describe('formats in YAML', () => {
  test('are read with the package yaml', async () => {
    expect(await decide(clients, '--allow', 'office.yaml', '--from', 'traefik')).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
  });

  test('say what is missing without it, and other formats do not need it', () => {
    // A copy beside no other package.
    const alone = join(folder.path, 'alone');
    cpSync(join(projectRoot, 'dist'), join(alone, 'dist'), { recursive: true });
    cpSync(join(projectRoot, 'package.json'), join(alone, 'package.json'));
    const decideAlone = (...words: string[]): { status: number | null; stderr: string } =>
      spawnSync(
        process.execPath,
        [join(alone, 'dist', 'cli.js'), 'decide', '--allow', ...words, '192.0.2.8'],
        { cwd: folder.path, encoding: 'utf8' },
      );
    const yaml = decideAlone('office.yaml', '--from', 'auto');
    expect(yaml.status).toBe(2);
    expect(yaml.stderr).toContain(
      'The format traefik needs the package "yaml" beside this one: npm install yaml',
    );
    expect(decideAlone('allowed.conf', '--from', 'nginx').status).toBe(0);
  });
});
