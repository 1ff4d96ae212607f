import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pgHba } from '../../src/formats/pg-hba.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { describeWith } from '../engines/engine.ts';
import { askPostgres } from '../engines/postgres.ts';
import { goldenText } from '../golden/address.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';
import { addressesOf, universes } from '../support/universe.ts';

const read = (text: string): ReturnType<typeof importList> => importList(text, { format: pgHba });

const shortOf = ({ entries, otherwise, problems }: ReturnType<typeof importList>): unknown => ({
  entries: entries.map(({ action, address, note }) =>
    [action, address, note].filter((part) => part).join(' '),
  ),
  otherwise,
  problems: problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
});

const policyOf = (text: string): Policy => {
  const { rules, order, otherwise } = read(text);
  return createRules({ rules, order, otherwise: otherwise as 'allow', maxEntries: Number.POSITIVE_INFINITY });
};

describe('pg-hba in', () => {
  test.each<[string, string, readonly string[], string | undefined, readonly string[]]>([
    ['a netmask', 'host all all 192.0.2.0 255.255.255.0 reject # n', ['deny 192.0.2.0/24 n'], 'deny', []],
    [
      'order',
      'host all all 192.0.2.7/32 reject\nhost all all 192.0.2.0/24 md5',
      ['deny 192.0.2.7', 'allow 192.0.2.0/24'],
      'deny',
      [],
    ],
    [
      'everyone at the end',
      'host all all 192.0.2.7/32 reject\nhost all all all trust',
      ['deny 192.0.2.7'],
      'allow',
      [],
    ],
    [
      'everyone before the end',
      'host all all all trust\nhost all all ::/0 reject',
      ['allow 0.0.0.0/0', 'allow ::/0', 'deny ::/0'],
      'deny',
      [
        'covers-everything 1:14-17',
        'covers-everything 1:14-17',
        'covers-everything 2:14-18',
        'excludes-ipv4 2:14-18',
      ],
    ],
    ['sockets', 'local all all trust', [], 'deny', []],
    ['a database', 'host db all 192.0.2.0/24 md5', [], 'deny', ['conditional 1:1-29']],
    ['a user', 'host all postgres 192.0.2.0/24 md5', [], 'deny', ['conditional 1:1-35']],
    ['all among others', 'host db,all all 192.0.2.0/24 md5', ['allow 192.0.2.0/24'], 'deny', []],
    ['a database called all', 'host "all" all 192.0.2.0/24 md5', [], 'deny', ['conditional 1:1-32']],
    ['encryption', 'hostssl all all 192.0.2.0/24 md5', [], 'deny', ['conditional 1:1-33']],
    ['a host name', 'host all all .example.org md5', [], 'deny', ['skipped 1:14-26']],
    ['the own network', 'host all all samenet md5', [], 'deny', ['skipped 1:14-21']],
    ['no mask', 'host all all 192.0.2.1 md5', [], undefined, ['prefix-length-missing 1:14-27']],
    ['a wildcard mask', 'host all all 192.0.2.0 0.0.0.255 md5', [], undefined, ['wildcard-mask 1:14-33']],
    ['a range', 'host all all 192.0.2.1-192.0.2.9 md5', [], undefined, ['prefix-length-missing 1:14-37']],
    ['a short address', 'host all all 10/8 md5', [], undefined, ['octet-count 1:14-18']],
    ['an include', 'include x.conf', [], undefined, ['include 1:1-15']],
    ['names in a file', 'host all @users 192.0.2.0/24 md5', [], undefined, ['include 1:1-33']],
    ['a comment that goes on', '# old \\\nhost all all 192.0.2.0/24 md5', [], undefined, []],
    ['a line that goes on', 'host all all \\\n192.0.2.0/24 md5', ['allow 192.0.2.0/24'], 'deny', []],
    ['quotation marks', 'host all all "192.0.2.0/24" md5', ['allow 192.0.2.0/24'], 'deny', []],
    [
      'an IPv4-mapped network',
      'host all all ::ffff:192.0.2.0/120 md5',
      [],
      undefined,
      ['mapped-address 1:14-34'],
    ],
    ['another file', 'deny from 192.0.2.1', [], undefined, ['syntax 1:1-20']],
    ['a method that is none', 'host all all all REJECT', [], undefined, ['syntax 1:18-24']],
    [
      'a line that was cut off',
      'host all all 192.0.2.1/32 md5\nhost all all all reje',
      ['allow 192.0.2.1'],
      undefined,
      ['syntax 2:18-22'],
    ],
    ['no method', 'host all all 192.0.2.0/24', [], undefined, ['syntax 1:1-26']],
  ])('%s', (_name, text, entries, otherwise, problems) => {
    expect(shortOf(read(text))).toEqual({ entries, otherwise, problems });
  });

  test.skipIf(!hasSample('pg-hba-1.conf'))('reads a real file', () => {
    const { text, expected } = readSample('pg-hba-1.conf');
    const { entries, problems, otherwise } = read(text);
    expect({ problems, otherwise }).toEqual({ problems: [], otherwise: 'deny' });
    expect(entries.map(({ address, line, action }) => ({ address, line, action }))).toEqual(
      expected.entries.map(({ range, line, action }) => ({ address: range, line, action })),
    );
  });

  test('takes hostile text in linear time', () => {
    for (const part of ['\\\n', '"', 'host ', 'host all all 192.0.2.0/24 md5\n', '# \\\n', '@', ' ', '"" '])
      expect(read(part.repeat(100_000)).entries.length).toBeLessThanOrEqual(100_000);
  });
});

describe('pg-hba out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text } = exportPolicy(policy, { format: pgHba });
        expect(AddressSet.allowedBy(policyOf(text)).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
    );
  });

  test('has the method that was asked for, and no note that swallows a line', () => {
    const policy = createPolicy({ allow: '192.0.2.1 # C:\\', exempt: '2001:db8::/32' });
    const { text } = exportPolicy(policy, { format: pgHba, method: 'cert' });
    expect(text).toBe(
      'host all all 2001:db8::/32 cert\nhost all all 192.0.2.1/32 cert # C:\nhost all all all reject\n',
    );
    expect(() => exportPolicy(policy, { format: pgHba, method: 'trust\nlocal all' })).toThrow(
      'method must be',
    );
  });
});

/** Clients that connections can come from. */
const clients: readonly string[] = universes
  .flatMap((universe) => addressesOf(universe).map((value) => goldenText(universe.family, value)))
  .filter(
    (client) =>
      !/^(0\.0\.0\.0|2(2[4-9]|3\d)\..*|255\.255\.255\.255|127\.255\.255\.255|::|::ffff:.*|fe[89ab].*|ff.*)$/.test(
        client,
      ),
  );

describeWith('postgres', 'PostgreSQL decides as we do', () => {
  test('about policies that were written for it', async () => {
    for (const policy of fc.sample(anyPolicy, { numRuns: 8 })) {
      const { text } = exportPolicy(policy, { format: pgHba, method: 'trust' });
      const verdicts = clients.map((client) => policy.decide(client).verdict);
      expect(await askPostgres(text, clients)).toEqual(verdicts);
    }
  }, 120_000);

  test('about lines that people write', async () => {
    const text = `# note \\
host all all 192.0.2.9/32 trust
host all all 192.0.2.7/32 reject
host "all" all 192.0.2.8/32 reject
host db,all all 192.0.2.0 255.255.255.0 trust
host all all \\
  198.51.100.0/24 trust
`;
    const asked = ['192.0.2.7', '192.0.2.8', '192.0.2.9', '198.51.100.1', '203.0.113.1', '2001:db8::1'];
    expect(await askPostgres(text, asked)).toEqual(
      asked.map((client) => policyOf(text).decide(client).verdict),
    );
  }, 60_000);
});
