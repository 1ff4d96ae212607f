/** `ipverdict diff`: two policies against lists of numbers, two lists entry by entry, and every wrong command line. */

import { BlockList } from 'node:net';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, type Run, runCommand } from '../support/command.ts';

const rulesJson = { otherwise: 'deny', rules: [{ deny: ['192.0.2.9'] }, { allow: 'office.txt' }] };

const folder = makeFolder({
  'office.txt': '203.0.113.0/24 # Office\n198.51.100.7 # Build\n2001:db8::/48\n',
  'office-new.txt':
    '203.0.113.0/25 # Office\n198.51.100.7 # Build server\n2001:db8::/47\n192.0.2.1 until 2030-01-01T00:00Z\n',
  'same.txt':
    '# Other spelling\n2001:DB8:0::/48\n198.51.100.7\n203.0.113.128/25\n203.0.113.0-203.0.113.127\n',
  'empty.txt': '# nobody\n',
  'one.txt': '203.0.113.9 # Berlin\n',
  'wrong.txt': '203.0.113.0/24\n203.0.113.300\n',
  'hostile \u001b[31m.txt': '192.0.2.1 # \u202e\n',
  'csv.csv': 'address,note\n192.0.2.1,Bot\n192.0.2.2,Bot\n',
  'allow.conf': 'allow 203.0.113.0/24;\nallow 198.51.100.7;\nallow 2001:db8::/48;\ndeny all;\n',
  'rules.json': JSON.stringify(rulesJson),
  'timed.txt': '203.0.113.9 until 2030-01-01T00:00Z\n198.51.100.7 # Build\n',
  'retimed.txt': '203.0.113.9 until 2031-01-01T00:00Z\n198.51.100.7\n',
});

afterAll(folder.remove);

const run = (line: string, stdin?: string): Promise<Run> =>
  runCommand(['diff', ...line.split(' ')], { folder: folder.path, ...(stdin !== undefined && { stdin }) });

const json = async (line: string): Promise<Record<string, unknown>> => {
  const { stdout, code } = await run(`${line} --format json`);
  expect([0, 1]).toContain(code);
  return JSON.parse(stdout);
};

interface Prefixes {
  readonly prefixes: readonly string[];
  readonly ipv4Count: string;
  readonly ipv6Count: string;
}

const none: Prefixes = { prefixes: [], ipv4Count: '0', ipv6Count: '0' };

const familyOf = (address: string): 'ipv4' | 'ipv6' => (address.includes(':') ? 'ipv6' : 'ipv4');

/** A set as Node's own lists, one for each family: in one list, `::/3` would hold IPv4 addresses. */
function setOf(entries: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const entry of entries) {
    const [address = '', length] = entry.split('/');
    const family = familyOf(address);
    const bits = family === 'ipv6' ? 128 : 32;
    lists[family].addSubnet(address, length === undefined ? bits : Number(length), family);
  }
  return (address) => lists[familyOf(address)].check(address, familyOf(address));
}

describe('diff of policies', () => {
  test('prints newly allowed and newly denied prefixes in one order, and their numbers', async () => {
    const { stdout, stderr, code } = await run(
      '--mode allow office.txt office-new.txt --at 2026-01-01T00:00Z',
    );
    expect(stdout).toBe(`allowed 192.0.2.1
denied  203.0.113.128/25
allowed 2001:db8:1::/48
Newly allowed: 1 IPv4 address and 1,208,925,819,614,629,174,706,176 IPv6 addresses in 2 prefixes.
Newly denied: 128 IPv4 addresses and 0 IPv6 addresses in 1 prefix.
`);
    expect(stderr).toBe(
      'ipverdict: Entries begin or end later, next at 2030-01-01T00:00:00.000Z: --at 2030-01-01T00:00:00.000Z compares for then.\n',
    );
    expect(code).toBe(1);
  });

  test('is 0 and says so when every address has the same verdict', async () => {
    const { stdout, code } = await run('--before-allow office.txt --after-allow same.txt');
    expect(stdout).toBe('No difference: both decide the same about every address.\n');
    expect(code).toBe(0);
  });

  test('colours verdicts', async () => {
    const given = ['diff', '--mode', 'deny', 'office.txt', 'office-new.txt', '--at', '2026-01-01T00:00Z'];
    const { stdout } = await runCommand(given, { folder: folder.path, env: { FORCE_COLOR: '1' } });
    expect(stdout).toContain('\u001b[31mdenied \u001b[39m 192.0.2.1\n');
    expect(stdout).toContain('\u001b[32mallowed\u001b[39m 203.0.113.128/25\n');
  });

  test('tells whole spaces, in digits that no double holds', async () => {
    const line = '--before-allow empty.txt --after-allow one.txt';
    const { stdout, stderr, code } = await run(line);
    expect(stdout).toContain('Newly allowed: nobody.\n');
    expect(stdout).toContain(
      'Newly denied: 4,294,967,295 IPv4 addresses and 340,282,366,920,938,463,463,374,607,431,768,211,456 IPv6 addresses in 33 prefixes.\n',
    );
    expect(code).toBe(1);
    // The trap of an empty allow list is said.
    expect(stderr).toContain('empty.txt has no entries, so it lets everyone in; --before-when-empty deny');
    const { denied, allowed, differs, schema } = await json(line);
    expect({ schema, differs, allowed }).toEqual({ schema: 1, differs: true, allowed: none });
    const { ipv4Count, ipv6Count, prefixes } = denied as Prefixes;
    expect([ipv4Count, ipv6Count, prefixes.length]).toEqual(['4294967295', `${1n << 128n}`, 33]);
  });

  test('lays JSON out as JSON.stringify does, and NDJSON has the same prefixes and numbers', async () => {
    const line = '--before-allow office.txt --after-deny same.txt';
    const { stdout } = await run(`${line} --format json`);
    const whole = JSON.parse(stdout);
    expect(stdout).toBe(`${JSON.stringify(whole, null, 2)}\n`);
    const lines = (await run(`${line} --format ndjson`)).stdout.trimEnd().split('\n');
    const items = lines.map((one) => JSON.parse(one));
    expect(items.every(({ schema }) => schema === 1)).toBe(true);
    const last = items.pop();
    const of = (verdict: string) =>
      items.filter((item) => item.verdict === verdict).map((item) => item.prefix);
    expect([of('allow'), of('deny')]).toEqual([whole.allowed.prefixes, whole.denied.prefixes]);
    const totalOf = ({ prefixes, ...counts }: Prefixes) => ({ ...counts, prefixCount: prefixes.length });
    const totals = { allowed: totalOf(whole.allowed), denied: totalOf(whole.denied) };
    expect(last).toEqual({ schema: 1, differs: true, ...totals });
    // What was allowed is denied, and the other way round.
    expect(BigInt(whole.allowed.ipv4Count) + BigInt(whole.denied.ipv4Count)).toBe(1n << 32n);
  });

  test('is what lists of numbers say, in a small universe and outside it', async () => {
    const entry = fc.oneof(
      fc
        .tuple(fc.nat(15), fc.integer({ min: 28, max: 32 }))
        .map(([at, length]) => `192.0.2.${(at >> (32 - length)) << (32 - length)}/${length}`),
      fc
        .tuple(fc.nat(15), fc.integer({ min: 124, max: 128 }))
        .map(
          ([at, length]) => `2001:db8::${((at >> (128 - length)) << (128 - length)).toString(16)}/${length}`,
        ),
    );
    const side = fc.record({
      mode: fc.constantFrom('allow', 'deny'),
      entries: fc.array(entry, { maxLength: 6 }),
      exempt: fc.array(entry, { maxLength: 2 }),
    });
    const universe = Array.from({ length: 16 }, (_, at) => [
      `192.0.2.${at}`,
      `2001:db8::${at.toString(16)}`,
    ]).flat();
    universe.push('192.0.2.16', '0.0.0.0', '255.255.255.255', '::', '2001:db8::10', 'ffff::', '2001:db7::');
    const cases = fc.sample(fc.tuple(side, side, fc.constantFrom('allow', 'deny')), {
      numRuns: 12,
    });
    for (const [before, after, whenEmpty] of cases) {
      const given: string[] = ['diff', '--format', 'json', '--when-empty', whenEmpty];
      const files: Record<string, string> = {};
      const verdicts = (
        [
          ['before', before],
          ['after', after],
        ] as const
      ).map(([name, { mode, entries, exempt }]) => {
        files[`${name}.txt`] = entries.join('\n');
        files[`${name}-exempt.txt`] = exempt.join('\n');
        given.push(`--${name}-${mode}`, `${name}.txt`, `--${name}-exempt`, `${name}-exempt.txt`);
        const [list, exemptions] = [setOf(entries), setOf(exempt)];
        return (address: string): string => {
          if (exemptions(address)) return 'allow';
          if (entries.length === 0) return whenEmpty;
          return list(address) === (mode === 'allow') ? 'allow' : 'deny';
        };
      }) as [(address: string) => string, (address: string) => string];
      const own = makeFolder(files);
      const { stdout, stderr, code } = await runCommand(given, { folder: own.path });
      own.remove();
      expect([0, 1], stderr).toContain(code);
      const { allowed, denied, differs } = JSON.parse(stdout);
      expect(code).toBe(differs ? 1 : 0);
      const [newlyAllowed, newlyDenied] = [setOf(allowed.prefixes), setOf(denied.prefixes)];
      for (const address of universe) {
        const [was, is] = [verdicts[0](address), verdicts[1](address)];
        const message = `${address} ${was} → ${is} of ${JSON.stringify([before, after, whenEmpty])}`;
        expect(newlyAllowed(address), message).toBe(was === 'deny' && is === 'allow');
        expect(newlyDenied(address), message).toBe(was === 'allow' && is === 'deny');
      }
    }
  });

  test('takes rules, snapshots, standard input, other formats and the instant of the command line', async () => {
    const cases = [
      ['--before-allow office.txt --after-rules rules.json', [], []],
      ['--before-allow office.txt --before-from plain --after-rules allow.conf --after-from nginx', [], []],
      ['--before-rules allow.conf --after-allow office.txt --before-from auto', [], []],
      ['--before-deny timed.txt --after-deny one.txt --at 2029-01-01T00:00Z', ['198.51.100.7'], []],
      [
        '--before-deny timed.txt --after-deny one.txt --at 2030-01-01T00:00Z',
        ['198.51.100.7'],
        ['203.0.113.9'],
      ],
      ['--mode deny one.txt empty.txt --exempt one.txt', [], []],
      ['--mode deny empty.txt csv.csv --after-from csv', [], ['192.0.2.1', '192.0.2.2']],
    ] as const;
    for (const [line, allowed, denied] of cases) {
      const whole = await json(line);
      expect([(whole['allowed'] as Prefixes).prefixes, (whole['denied'] as Prefixes).prefixes], line).toEqual(
        [allowed, denied],
      );
    }
    const compared = await run('--mode allow - same.txt', '203.0.113.0/24\n198.51.100.7\n2001:db8::/48');
    expect(compared.code).toBe(0);
  });

  test('takes no pipe twice, as its second content would be an empty list', async () => {
    const given = ['-c', `exec "$0" "$1" diff --mode deny office.txt office-new.txt --exempt <(cat one.txt)`];
    const program = new URL('../../dist/cli.js', import.meta.url).pathname;
    const { execFile } = await import('node:child_process');
    const failure = await new Promise<{ code?: unknown; stderr: string }>((resolve) => {
      execFile('bash', [...given, process.execPath, program], { cwd: folder.path }, (error, _, stderr) => {
        resolve({ code: error?.code, stderr });
      });
    });
    expect(failure.code).toBe(2);
    expect(failure.stderr).toMatch(/is a pipe, which can be read only once/);
  });
});

describe('diff --lists', () => {
  test('tells what was edited, with lines', async () => {
    const { stdout, code } = await run('--lists office.txt office-new.txt');
    expect(stdout).toBe(`added   office-new.txt:1 203.0.113.0/25 # Office
added   office-new.txt:3 2001:db8::/47
added   office-new.txt:4 192.0.2.1 until 2030-01-01T00:00:00.000Z
removed office.txt:1 203.0.113.0/24 # Office
removed office.txt:3 2001:db8::/48
renoted office-new.txt:2 198.51.100.7 # Build → # Build server
3 entries added, 2 removed, 1 with another note, 0 with other times.
`);
    expect(code).toBe(1);
  });

  test('tells other times and a switch of the mode', async () => {
    const { stdout, code } = await run('--lists --before-allow timed.txt --after-deny retimed.txt');
    expect(stdout).toBe(`mode    allow → deny
renoted retimed.txt:2 198.51.100.7 # Build → no note
retimed retimed.txt:1 203.0.113.9 until 2030-01-01T00:00:00.000Z → until 2031-01-01T00:00:00.000Z
0 entries added, 0 removed, 1 with another note, 1 with other times.
`);
    expect(code).toBe(1);
    const whole = await json('--lists --before-allow timed.txt --after-deny retimed.txt');
    expect(whole).toMatchObject({ schema: 1, differs: true, mode: { before: 'allow', after: 'deny' } });
    expect(whole['retimed']).toEqual([
      {
        before: {
          file: 'timed.txt',
          rule: null,
          list: 'allow',
          line: 1,
          text: '203.0.113.9',
          canonical: '203.0.113.9',
          note: null,
          from: null,
          until: '2030-01-01T00:00:00.000Z',
        },
        after: {
          file: 'retimed.txt',
          rule: null,
          list: 'deny',
          line: 1,
          text: '203.0.113.9',
          canonical: '203.0.113.9',
          note: null,
          from: null,
          until: '2031-01-01T00:00:00.000Z',
        },
      },
    ]);
  });

  test('is 0 when only spelling and order differ, and has the lines of a file in another format', async () => {
    const same = await run(
      '--lists - same.txt',
      '203.0.113.128/25\n203.0.113.0/25\n198.51.100.7\n2001:db8::/48',
    );
    expect(same.stdout).toBe('No difference: both lists have the same entries.\n');
    expect(same.code).toBe(0);
    const lines = (
      await run('--lists --before-deny empty.txt --after-deny csv.csv --after-from csv --format ndjson')
    ).stdout;
    const items = lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(items.map(({ after }) => after?.line)).toEqual([2, 3, undefined]);
    expect(items[2]).toEqual({
      schema: 1,
      differs: true,
      mode: null,
      added: 2,
      removed: 0,
      renoted: 0,
      retimed: 0,
    });
  });

  test('never sends what is in a file or its name to the terminal raw', async () => {
    const given = ['diff', '--lists', 'empty.txt', 'hostile \u001b[31m.txt'];
    const { stdout, stderr, code } = await runCommand(given, { folder: folder.path });
    // The note is refused: it would turn the line around.
    expect(code).toBe(2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(stdout + stderr).not.toMatch(/[\u001b\u202e]/);
    expect(stderr).toContain('hostile <U+001B>[31m.txt');
  });
});

describe('a wrong command line of diff', () => {
  test.each([
    ['office.txt', 'takes two files'],
    ['office.txt office-new.txt', 'Say what the two files are for: --mode allow or --mode deny'],
    ['--mode allow', '--mode says what two files are for'],
    ['--mode allow --before-allow office.txt --after-allow same.txt', '--mode says what two files are for'],
    ['--mode allow office.txt same.txt --after-deny one.txt', '--after-deny would be ignored'],
    ['--format json', 'Name the policy before and the one after'],
    [
      '--before-allow office.txt',
      'Name a policy: --after-allow, --after-deny, --after-rules or --after-policy',
    ],
    [
      '--before-allow office.txt --before-deny one.txt --after-deny one.txt',
      'A policy is one of --before-allow',
    ],
    [
      '--before-rules rules.json --after-rules rules.json --when-empty deny',
      '--when-empty means nothing here',
    ],
    ['--mode deny one.txt one.txt --select region=x', '--select is for files of other programs'],
    ['--mode deny one.txt one.txt --listed 1', '--listed is for files of other programs'],
    ['--mode deny one.txt one.txt --set x', '--set is for files of other programs'],
    ['--mode deny one.txt one.txt --exempt one.txt --after-exempt one.txt', 'beside --after-exempt'],
    ['--mode deny one.txt one.txt --from csv --before-from csv', 'beside --before-from'],
    ['--lists one.txt one.txt --exempt one.txt', '--lists compares entries as they are written, so --exempt'],
    ['--lists one.txt one.txt --after-when-empty deny', 'so --after-when-empty means nothing'],
    ['--lists one.txt one.txt --at 2026-01-01T00:00Z', 'so --at means nothing'],
    ['--lists --before-rules rules.json --after-deny one.txt', '--before-rules is not a list'],
    ['--lists --before-deny one.txt', 'Name two files, or the list after'],
    ['--lists --before-deny one.txt --before-allow one.txt --after-deny one.txt', 'not both'],
    ['--mode deny - -', 'Standard input can be read only once'],
    ['--mode deny one.txt missing.txt', 'missing.txt does not exist'],
    ['--mode deny one.txt wrong.txt', 'wrong.txt:2:1'],
    ['--lists one.txt wrong.txt', 'wrong.txt:2:1'],
    ['--mode deny one.txt one.txt --at 2026', '--at 2026 is not an instant'],
    ['--mode deny office.txt same.txt --max-entries 2', 'office.txt'],
    ['--lists office.txt same.txt --max-entries 2', 'office.txt'],
  ])('diff %s is 2 and says why', async (line, why) => {
    const { stdout, stderr, code } = await run(line);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(why);
  });
});
