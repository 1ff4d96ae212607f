/** `ipverdict set`: calculations with lists against sets of numbers, and every wrong command line. */

import { BlockList } from 'node:net';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { makeFolder, type Run, runCommand } from '../support/command.ts';

const folder = makeFolder({
  'a.txt': '203.0.113.0/24 # Office\n198.51.100.7 # Build\n2001:db8::/48\n',
  'b.txt': '203.0.113.128/25\n2001:db8:0:1::/64 # Lab\n',
  'c.txt': '203.0.113.255\n',
  'empty.txt': '# nobody\n',
  'all.txt': '0.0.0.0/0\n::/0\n',
  'noted.txt': '# Offices\n10.0.0.0/9 # Lab\n10.128.0.0/9 # Lab\n10.1.2.3 # Printer\n10.1.2.4\n',
  'timed.txt': '192.0.2.1 until 2030-01-01T00:00Z # Guest\n192.0.2.2 from 2030-01-01T00:00Z\n192.0.2.3\n',
  'wrong.txt': '203.0.113.0/24\n203.0.113.300\n',
  'list.csv': 'address,note\n192.0.2.1,Bot\n192.0.2.0,Bot\n',
  'allow.conf': 'allow 192.0.2.0/24;\ndeny all;\n',
  'both.conf': 'deny 192.0.2.7;\nallow 192.0.2.0/24;\ndeny all;\n',
  '\u001b[2J.txt': '192.0.2.1\n',
  '\u202e.txt': '192.0.2.1\n',
});

afterAll(folder.remove);

const run = (line: string, stdin?: string): Promise<Run> =>
  runCommand(['set', ...line.split(' ')], { folder: folder.path, ...(stdin !== undefined && { stdin }) });

const lines = async (line: string, stdin?: string): Promise<string[]> => {
  const { stdout, stderr, code } = await run(line, stdin);
  expect(code, stderr).toBe(0);
  return stdout.split('\n').slice(0, -1);
};

describe('set', () => {
  test.each([
    ['union a.txt b.txt', ['198.51.100.7', '203.0.113.0/24', '2001:db8::/48']],
    ['union b.txt', ['203.0.113.128/25', '2001:db8:0:1::/64']],
    ['intersect a.txt b.txt', ['203.0.113.128/25', '2001:db8:0:1::/64']],
    ['intersect a.txt b.txt c.txt', ['203.0.113.255']],
    ['subtract b.txt a.txt', []],
    ['subtract c.txt empty.txt', ['203.0.113.255']],
    ['complement all.txt', []],
    ['complement empty.txt', ['0.0.0.0/0', '::/0']],
    ['minimize noted.txt', ['10.0.0.0/8']],
    ['union list.csv --from csv', ['192.0.2.0/31']],
    ['union allow.conf --from nginx', ['192.0.2.0/24']],
    ['union timed.txt --at 2029-12-31T23:59:59.999Z', ['192.0.2.1', '192.0.2.3']],
    ['union timed.txt --at 2030-01-01T00:00Z', ['192.0.2.2/31']],
    ['union timed.txt --at 2030-01-01T00:00Z --max-entries 3', ['192.0.2.2/31']],
  ])('%s', async (line, expected) => {
    expect(await lines(line)).toEqual(expected);
  });

  test('calculates as sets of numbers do, in a small universe', async () => {
    const number = fc.nat(15);
    const list = fc.array(fc.tuple(number, number), { maxLength: 4 });
    const name = fc.constantFrom('union', 'intersect', 'subtract', 'complement', 'count');
    const textOf = (ranges: readonly (readonly [number, number])[]): string =>
      ranges
        .map(([one, other]) => `192.0.2.${Math.min(one, other)}-192.0.2.${Math.max(one, other)}`)
        .join('\n');
    const numbersOf = (ranges: readonly (readonly [number, number])[]): Set<number> =>
      new Set(
        ranges.flatMap(([one, other]) => {
          const first = Math.min(one, other);
          return Array.from({ length: Math.max(one, other) - first + 1 }, (_, at) => first + at);
        }),
      );
    const cases = fc.sample(fc.tuple(name, list, list, list), 16);
    for (const [operation, ...lists] of cases) {
      const files = Object.fromEntries(lists.map((ranges, index) => [`${index}.txt`, textOf(ranges)]));
      const names = operation === 'complement' ? ['0.txt'] : Object.keys(files);
      const own = makeFolder(files);
      const given = ['set', operation, ...names, '--format', 'json'];
      const { stdout, code } = await runCommand(given, { folder: own.path });
      own.remove();
      expect(code).toBe(0);
      const [first, ...others] = lists.map(numbersOf) as [Set<number>, ...Set<number>[]];
      const isExpected = (at: number): boolean => {
        if (operation === 'complement') return !first.has(at);
        if (operation === 'intersect') return first.has(at) && others.every((other) => other.has(at));
        if (operation === 'subtract') return first.has(at) && !others.some((other) => other.has(at));
        return [first, ...others].some((one) => one.has(at));
      };
      const expected = Array.from({ length: 16 }, (_, at) => at).filter(isExpected);
      const answer = JSON.parse(stdout);
      if (operation === 'count') {
        const counts = answer.lists.map(({ ipv4Count }: { ipv4Count: string }) => Number(ipv4Count));
        expect(counts).toEqual([first, ...others].map(({ size }) => size));
        expect(answer.together).toMatchObject({ ipv4Count: String(expected.length), ipv6Count: '0' });
        continue;
      }
      const found = new BlockList();
      for (const prefix of answer.prefixes as string[]) {
        const [address = '', length = '32'] = prefix.split('/');
        if (!address.includes(':')) found.addSubnet(address, Number(length), 'ipv4');
      }
      const universe = Array.from({ length: 16 }, (_, at) => at);
      expect(universe.filter((at) => found.check(`192.0.2.${at}`))).toEqual(expected);
    }
  });

  test('says on standard error when the answer would open an allow list', async () => {
    for (const [line, warned] of [
      ['subtract b.txt a.txt', 'The result is empty. As an allow list it would let everyone in.'],
      ['minimize --notes empty.txt', 'The result is empty.'],
      ['union all.txt', 'The result is every address.'],
    ] as const) {
      const { stderr, code } = await run(line);
      expect({ code, isWarned: stderr.includes(`ipverdict: warning: ${warned}`) }).toEqual({
        code: 0,
        isWarned: true,
      });
    }
    expect((await run('subtract b.txt a.txt --quiet')).stderr).toContain('empty');
    expect((await run('union a.txt')).stderr).toBe('');
  });

  test('counts in digits that no double holds', async () => {
    const { stdout } = await run('count a.txt all.txt');
    expect(stdout).toBe(
      [
        'IPv4 addresses                                       IPv6 addresses  prefixes',
        '           257                    1,208,925,819,614,629,174,706,176         3  a.txt',
        ' 4,294,967,296  340,282,366,920,938,463,463,374,607,431,768,211,456         2  all.txt',
        ' 4,294,967,296  340,282,366,920,938,463,463,374,607,431,768,211,456         2  together',
        '',
      ].join('\n'),
    );
    const whole = JSON.parse((await run('count all.txt --format json')).stdout);
    const counts = { ipv4Count: '4294967296', ipv6Count: `${1n << 128n}`, prefixCount: 2 };
    expect(whole).toEqual({ schema: 1, lists: [{ file: 'all.txt', ...counts }], together: counts });
    const items = (await run('count all.txt --format ndjson')).stdout.trimEnd().split('\n');
    expect(items.map((item) => JSON.parse(item))).toEqual([
      { schema: 1, file: 'all.txt', ...counts },
      { schema: 1, together: counts },
    ]);
  });

  test('writes JSON of a set', async () => {
    const { stdout } = await run('intersect a.txt b.txt --format json');
    const expected = {
      schema: 1,
      prefixes: ['203.0.113.128/25', '2001:db8:0:1::/64'],
      ipv4Count: '128',
      ipv6Count: '18446744073709551616',
    };
    expect(stdout).toBe(`${JSON.stringify(expected, null, 2)}\n`);
    const items = await lines('union b.txt --format ndjson');
    expect(items).toEqual([
      '{"schema":1,"prefix":"203.0.113.128/25"}',
      '{"schema":1,"prefix":"2001:db8:0:1::/64"}',
    ]);
    expect((await run('subtract b.txt a.txt --format json')).stdout).toContain('"prefixes": []');
  });

  test('minimizes with notes, comments and times', async () => {
    expect(await lines('minimize --notes noted.txt')).toEqual([
      '# Offices',
      '10.0.0.0/8 # Lab',
      '10.1.2.3 # Printer',
    ]);
    const timed = '192.0.2.0 until 2030-01-01T00:00Z # A\n192.0.2.1 until 2030-01-01T00:00Z # A\n192.0.2.2';
    const { stdout } = await run('minimize --notes - --format json', timed);
    const until = '2030-01-01T00:00:00.000Z';
    expect(JSON.parse(stdout)).toEqual({
      schema: 1,
      entries: [
        { text: '192.0.2.0/31', note: 'A', from: null, until },
        { text: '192.0.2.2', note: null, from: null, until: null },
      ],
    });
    const items = await lines('minimize --notes list.csv --from csv --format ndjson');
    expect(items.map((item) => JSON.parse(item).note)).toEqual(['Bot']);
  });

  test('gives what it can read again, through a pipe', async () => {
    const complement = await run('complement a.txt');
    expect(await lines('complement -', complement.stdout)).toEqual([
      '198.51.100.7',
      '203.0.113.0/24',
      '2001:db8::/48',
    ]);
  });

  test('never sends the name of a file to the terminal raw', async () => {
    const { stdout } = await runCommand(['set', 'count', '\u001b[2J.txt'], { folder: folder.path });
    expect(stdout).toContain('<U+001B>[2J.txt');
    expect(stdout).not.toContain('\u001b');
    const json = await runCommand(['set', 'count', '\u202e.txt', '--format', 'json'], {
      folder: folder.path,
    });
    expect(json.stdout).not.toContain('\u202e');
    expect(JSON.parse(json.stdout).lists[0].file).toBe('\u202e.txt');
  });
});

describe('a wrong command line of set', () => {
  test.each([
    ['union', '"set" needs one of union, intersect, '],
    ['uniom a.txt', 'There is no operation uniom; the nearest is union.'],
    ['plus a.txt', 'There is no operation plus: it is one of union, intersect'],
    ['constructor a.txt', 'There is no operation constructor'],
    ['intersect a.txt', '"intersect" takes two lists or more.'],
    ['subtract a.txt', '"subtract" takes two lists or more.'],
    ['complement a.txt b.txt', '"complement" takes one list, and 2 were given'],
    ['minimize a.txt b.txt', '"minimize" takes one list'],
    ['union a.txt b.txt --notes', '--notes is an option of minimize'],
    ['minimize timed.txt --notes --at 2026-01-01T00:00Z', '--at means nothing'],
    ['union - -', 'Standard input can be read only once'],
    ['union a.txt missing.txt', 'missing.txt does not exist'],
    ['union a.txt wrong.txt', 'wrong.txt:2:1'],
    ['minimize --notes wrong.txt', 'wrong.txt:2:1'],
    ['union a.txt --max-entries 2', 'a.txt'],
    ['minimize --notes a.txt --max-entries 2', 'a.txt'],
    ['union both.conf --from nginx', 'allows some and denies others, so its addresses are not one set'],
    ['union a.txt --from nothing', 'There is no format nothing'],
    ['union a.txt --at now', '--at now is not an instant'],
    ['union a.txt --select region=x', '--select'],
  ])('set %s is 2 and says why', async (line, why) => {
    const { stdout, stderr, code } = await run(line);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toContain(why);
  });
});
