import { describe, expect, test } from 'vitest';
import type { Format } from '../../src/exchange/format.ts';
import {
  atlassian,
  awsRanges,
  azureServiceTags,
  cloudflare,
  fastly,
  githubMeta,
  googleRanges,
} from '../../src/formats/published.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { growthOf } from '../support/reads.ts';
import { hasSample, readSample } from '../support/samples.ts';

const read = (text: string, format: Format, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format, ...options });

const codesOf = ({ problems }: ImportedList): readonly (readonly [string, number, number])[] =>
  problems.map(({ code, line, column }) => [code, line, column]);

const aws = (...prefixes: object[]): string =>
  JSON.stringify({ syncToken: '1', createDate: '2022-07-08-14-53-08', prefixes, ipv6_prefixes: [] });

const samples: readonly (readonly [file: string, format: Format, label: string])[] = [
  ['aws-ip-ranges-1.json', awsRanges, 'service'],
  ['azure-service-tags-1.json', azureServiceTags, 'tag'],
  ['fastly-1.json', fastly, ''],
  ['github-meta-1.json', githubMeta, 'service'],
  ['google-ranges-1.json', googleRanges, 'scope'],
];

/** Line and column of each value by its path, found by a program of another kind: the printer of the platform. */
function placeOf(text: string, path: string): readonly [line: number, column: number] {
  const steps = path.split('/').slice(1);
  const marked: unknown = JSON.parse(text);
  let parent = marked as Record<string, unknown>;
  for (const step of steps.slice(0, -1)) parent = parent[step] as Record<string, unknown>;
  const before = { count: 0 };
  // The value is the one that follows as many equal values as there are before it.
  const value = parent[steps.at(-1) as string];
  parent[steps.at(-1) as string] = '\u0000';
  const printed = JSON.stringify(marked);
  const end = printed.indexOf('"\\u0000"');
  for (let at = printed.indexOf(JSON.stringify(value)); at >= 0 && at < end; ) {
    before.count++;
    at = printed.indexOf(JSON.stringify(value), at + 1);
  }
  let offset = text.indexOf(JSON.stringify(value));
  for (let skipped = 0; skipped < before.count; skipped++)
    offset = text.indexOf(JSON.stringify(value), offset + 1);
  const lines = text.slice(0, offset).split('\n');
  return [lines.length, (lines.at(-1) as string).length + 2];
}

describe('real files', () => {
  for (const [file, format, label] of samples) {
    test.skipIf(!hasSample(file))(`${file} is what a careful reader finds in it`, () => {
      const { text, expected } = readSample(file);
      const list = read(text, format);
      expect(list.entries.map(({ address }) => address)).toEqual(expected.entries.map(({ range }) => range));
      expect(list.entries.map((entry) => entry.label)).toEqual(
        expected.entries.map(({ labels }) => labels?.[label]),
      );
      expect(list.entries.map(({ line }) => line)).toEqual(
        expected.entries.map(({ path = '' }) => placeOf(text, path)[0]),
      );
      const withHostBits = expected.entries.filter((entry) => 'hostBits' in entry);
      expect(codesOf(list)).toEqual(
        withHostBits.map(({ path = '' }) => ['host-bits-set', ...placeOf(text, path)]),
      );
      expect(createPolicy({ allow: list.entries }).size).toBe(expected.entries.length);
    });
  }

  test.skipIf(!hasSample('azure-service-tags-1.json'))('can be cut down by what they say', () => {
    for (const [file, format, label] of samples.filter(([, , name]) => name !== '')) {
      const { text, expected } = readSample(file);
      const keys = Object.keys(expected.entries[0]?.labels ?? {});
      for (const key of keys) {
        for (const value of new Set(expected.entries.map(({ labels }) => `${labels?.[key]}`))) {
          const { entries, problems } = read(text, format, { select: { [key]: value } });
          const wanted = expected.entries.filter(({ labels }) => labels?.[key] === value);
          expect(entries.map(({ address }) => address)).toEqual(wanted.map(({ range }) => range));
          expect(problems.filter(({ code }) => code === 'unselected')).toEqual([]);
        }
      }
      expect(label).not.toBe('');
    }
  });
});

describe('what a file says about itself', () => {
  test('is its version, and when it was made', () => {
    expect(read(aws({ ip_prefix: '192.0.2.0/24' }), awsRanges).declared).toEqual({
      version: '1',
      created: new Date('2022-07-08T14:53:08Z'),
    });
    const google = (token: string): string =>
      JSON.stringify({
        syncToken: token,
        creationTime: '2023-05-01T01:05:00.324419',
        prefixes: [{ ipv4Prefix: '192.0.2.0/24' }],
      });
    // The time that is written there is that of California; the token is the same instant.
    expect(read(google('1682928300324'), googleRanges).declared).toEqual({
      version: '1682928300324',
      created: new Date('2023-05-01T08:05:00.324Z'),
    });
    expect(read(google('x'), googleRanges).declared).toEqual({ version: 'x' });
  });

  test.each(['2022-13-08-14-53-08', '2022-02-30-00-00-00', '2022-7-8-1-2-3', '2022-07-08', '', 'x'])(
    'a date such as %j is not taken for one',
    (createDate) => {
      const text = JSON.stringify({
        createDate,
        prefixes: [{ ip_prefix: '192.0.2.0/24' }],
        ipv6_prefixes: [],
      });
      expect(read(text, awsRanges).declared.created).toBeUndefined();
    },
  );
});

describe('select', () => {
  const text = aws(
    { ip_prefix: '192.0.2.0/24', region: 'eu-west-1', service: 'S3', network_border_group: 'eu-west-1' },
    { ip_prefix: '198.51.100.0/24', region: 'us-east-1', service: 'S3', network_border_group: 'us-east-1' },
    { ip_prefix: '192.0.2.0/24', region: 'eu-west-1', service: 'AMAZON', network_border_group: 'eu-west-1' },
  );

  test('takes entries that have one of the values of each key', () => {
    const { entries } = read(text, awsRanges, {
      select: { service: 'S3', region: ['eu-west-1', 'eu-north-1'] },
    });
    expect(entries).toEqual([{ address: '192.0.2.0/24', label: 'S3', line: 1 }]);
  });

  test('keeps an entry for each label of equal networks', () => {
    const { entries } = read(text, awsRanges, { select: { region: 'eu-west-1' } });
    expect(entries.map(({ address, label }) => [address, label])).toEqual([
      ['192.0.2.0/24', 'S3'],
      ['192.0.2.0/24', 'AMAZON'],
    ]);
  });

  test('a value that nothing has is a warning, and an unknown key an error', () => {
    const list = read(text, awsRanges, { select: { service: ['s3', 'S3'] } });
    expect(list.problems.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['unselected', 'warning', 'nothing in the file has the service "s3"'],
    ]);
    expect(() => read(text, awsRanges, { select: { servise: 'S3' } })).toThrow('has only service, region');
  });

  test('what does not say whether it is among the chosen ones is an error, and not left out in silence', () => {
    const mixed = aws({ ip_prefix: '192.0.2.0/24', service: 'S3' }, { ip_prefix: '198.51.100.0/24' });
    const list = read(mixed, awsRanges, { select: { service: 'S3' } });
    expect(list.problems.map(({ code, severity, text: part }) => [code, severity, part])).toEqual([
      ['syntax', 'error', '{'],
    ]);
    expect(list.entries.map(({ address }) => address)).toEqual(['192.0.2.0/24']);
    // goog.json says nothing of the kind: a list that denies nobody would come of it.
    const google = read('{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}]}', googleRanges, {
      select: { scope: 'global' },
    });
    expect(() => createPolicy({ deny: google.entries })).toThrow('incomplete-list');
  });

  test('what is not chosen is not judged', () => {
    const bad = aws({ ip_prefix: '192.0.2.0/24', service: 'S3' }, { ip_prefix: 'x', service: 'EC2' });
    expect(read(bad, awsRanges, { select: { service: 'S3' } }).problems).toEqual([]);
    expect(codesOf(read(bad, awsRanges)).map(([code]) => code)).toEqual(['invalid-character']);
  });
});

/** Texts that come instead of a list, and are never one. */
const instead: readonly (readonly [name: string, text: string, code: string])[] = [
  ['nothing', '', 'truncated'],
  ['blanks', '\n \n', 'truncated'],
  ['a page with a login', '<!doctype html><title>Welcome</title>', 'syntax'],
  ['an empty array', '[]', 'syntax'],
  ['null', 'null', 'syntax'],
  ['an empty object', '{}', 'syntax'],
  [
    'an error as JSON',
    '{"message":"API rate limit exceeded","documentation_url":"https://example.com"}',
    'syntax',
  ],
  ['text', '"192.0.2.0/24"', 'syntax'],
  ['half of a file', '{"prefixes":[{"ip_prefix":"192.0.2.0/24"},{"ip_pre', 'truncated'],
];

describe('what is not a list is never one', () => {
  const formats = [awsRanges, azureServiceTags, fastly, githubMeta, atlassian, googleRanges, cloudflare];
  test.each(
    formats.flatMap((format) =>
      instead.map(([name, text, code]) => [format.name, name, text, code, format] as const),
    ),
  )('%s: %s', (_format, _name, text, code, format) => {
    const list = read(text, format);
    expect(list.problems.map((problem) => problem.code)).toContain(code);
    expect(list.entries).toEqual([]);
    // An empty list would let everyone in, and so would a list that denies nobody.
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });

  test.each<[string, Format]>([
    ['{"prefixes":[],"ipv6_prefixes":[]}', awsRanges],
    ['{"prefixes":[]}', googleRanges],
    ['{"values":[]}', azureServiceTags],
    ['{"values":[{"name":"a","properties":{"addressPrefixes":[]}}]}', azureServiceTags],
    ['{"addresses":[],"ipv6_addresses":[]}', fastly],
    ['{"result":{"ipv4_cidrs":[],"ipv6_cidrs":[]},"success":true}', cloudflare],
    ['{"result":null,"success":false,"errors":[{"code":1}]}', cloudflare],
    ['{"hooks":[],"web":[]}', githubMeta],
    ['{"items":[]}', atlassian],
    ['{"prefixes":"192.0.2.0/24","ipv6_prefixes":{}}', awsRanges],
    ['error code: 1015', cloudflare],
  ])('%s', (text, format) => {
    const list = read(text, format);
    expect(list.problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });

  test('every start of a file is refused, wherever it was cut', () => {
    const text = JSON.stringify(JSON.parse(aws({ ip_prefix: '192.0.2.0/24', service: 'S3' })), undefined, 1);
    for (let end = 0; end < text.length; end++) {
      const list = read(text.slice(0, end), awsRanges);
      expect(codesOf(list).map(([code]) => code)).toEqual(['truncated']);
      expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
    }
  });

  test('a list that goes on elsewhere is cut off', () => {
    const values = [{ name: 'a', properties: { addressPrefixes: ['192.0.2.0/24'] } }];
    const next = read(JSON.stringify({ values, nextLink: 'https://example.com/2' }), azureServiceTags);
    expect(codesOf(next).map(([code]) => code)).toEqual(['truncated']);
    expect(() => createPolicy({ allow: next.entries })).toThrow('incomplete-list');
    expect(read(JSON.stringify({ values, nextLink: null }), azureServiceTags).problems).toEqual([]);
  });
});

describe('what is wrong in a file', () => {
  test('is at the line and column of the value', () => {
    const text = `{"syncToken": "1",
 "prefixes": [
  {"ip_prefix": "192.0.2.1\\/24", "service": "S3"},
  {"ip_prefix": "192.0.2.300/32"},
  {"ip_prefix": 5}, {"ip_prefix": null}, {"region": "x"}, "192.0.2.0/24",
  {"ip_prefix": "::/0", "since": 1},
  {"ip_prefix": "198.51.100.0/24", "since": 2}
 ]}`;
    const list = read(text, awsRanges);
    expect(codesOf(list)).toEqual([
      ['syntax', 1, 1],
      ['host-bits-set', 3, 18],
      ['octet-range', 4, 26],
      ['syntax', 5, 17],
      ['syntax', 5, 35],
      ['syntax', 5, 42],
      ['syntax', 5, 59],
      ['covers-everything', 6, 18],
      ['excludes-ipv4', 6, 18],
      ['skipped', 6, 25],
    ]);
    expect(list.entries.map(({ address, line }) => [address, line])).toEqual([
      ['192.0.2.0/24', 3],
      ['::/0', 6],
      ['198.51.100.0/24', 7],
    ]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(createPolicy({ deny: list.entries }).allows('192.0.2.7')).toBe(false);
  });

  test('a name that is there twice makes the file useless, as it means two things', () => {
    const list = read(
      '{"prefixes":[{"ipv4Prefix":"192.0.2.0/24"}],"prefixes":[{"ipv4Prefix":"0.0.0.0/0"}]}',
      googleRanges,
    );
    expect(codesOf(list)).toContainEqual(['syntax', 1, 45]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
  });
});

describe('GitHub', () => {
  const meta = (more: object): string => JSON.stringify({ hooks: ['192.0.2.0/24'], ...more });

  test('members that are known to be something else are left out in silence', () => {
    const text = meta({
      verifiable_password_authentication: true,
      ssh_key_fingerprints: { SHA256_RSA: 'x' },
      ssh_keys: ['ssh-ed25519 x'],
      domains: { website: ['*.github.com'] },
    });
    const { entries, problems } = read(text, githubMeta);
    expect(problems).toEqual([]);
    expect(entries).toEqual([{ address: '192.0.2.0/24', label: 'hooks', line: 1 }]);
  });

  test('others are left out with a warning, and new services are read', () => {
    const text = meta({
      flag: true,
      keys: ['x'],
      things: [{ a: 1 }],
      one: '192.0.2.7',
      new_service: ['2001:db8::/32'],
    });
    const { entries, problems } = read(text, githubMeta);
    expect(problems.map(({ code, message }) => [code, message])).toEqual(
      ['flag', 'keys', 'things', 'one'].map((name) => [
        'skipped',
        `left out, as "${name}" is not an array with addresses in it`,
      ]),
    );
    expect(entries.map(({ address, label }) => [address, label])).toEqual([
      ['192.0.2.0/24', 'hooks'],
      ['2001:db8::/32', 'new_service'],
    ]);
  });

  test('what is not an address in a service is an error', () => {
    for (const text of [
      meta({ web: ['192.0.2.0/24', 'x'] }),
      meta({ web: [7] }),
      meta({ web: true }),
      meta({ web: '192.0.2.7' }),
      meta({ other: ['::/0', {}] }),
    ])
      expect(() => createPolicy({ allow: read(text, githubMeta).entries })).toThrow('incomplete-list');
  });
});

describe('Atlassian', () => {
  const item = (cidr: string, product: string[], direction: string[]): object => {
    const [network = '', length] = cidr.split('/');
    const rest = { region: ['global'], perimeter: 'commercial', mask: '255.255.255.0' };
    return { network, mask_len: Number(length), cidr, product, direction, ...rest };
  };
  const text = JSON.stringify({
    creationDate: '2021-06-03T15:00:44.449484',
    syncToken: 1622732444,
    items: [
      item('192.0.2.0/24', ['jira', 'confluence'], ['ingress', 'egress']),
      item('198.51.100.0/24', ['trello'], ['ingress']),
      item('2001:db8::/32', ['jira'], ['egress']),
    ],
  });

  test('can be chosen by product and direction', () => {
    const list = read(text, atlassian, {
      select: { product: ['jira'], direction: 'egress', perimeter: 'commercial' },
    });
    expect(list.problems).toEqual([]);
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', label: 'jira, confluence', line: 1 },
      { address: '2001:db8::/32', label: 'jira', line: 1 },
    ]);
    expect(list.declared).toEqual({ version: '1622732444', created: new Date('2021-06-03T15:00:44Z') });
  });

  test('an item without an address, or with one of another kind, is an error', () => {
    for (const items of [
      [{ network: '192.0.2.0', mask_len: 24 }],
      [{ cidr: ['192.0.2.0/24'] }],
      ['192.0.2.0/24'],
    ]) {
      const list = read(JSON.stringify({ items }), atlassian);
      expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
    }
  });
});

describe('Cloudflare', () => {
  test('as JSON has both families, and others that were asked for', () => {
    const result = {
      ipv4_cidrs: ['192.0.2.0/24'],
      ipv6_cidrs: ['2001:db8::/32'],
      jdcloud_cidrs: ['198.51.100.0/24'],
      etag: 'x',
    };
    const list = read(JSON.stringify({ result, success: true, errors: [], messages: [] }), cloudflare);
    expect(list.problems).toEqual([]);
    expect(list.entries.map(({ address }) => address)).toEqual([
      '192.0.2.0/24',
      '2001:db8::/32',
      '198.51.100.0/24',
    ]);
    expect(list.declared).toEqual({ version: 'x' });
  });

  test('as text has a prefix on each line', () => {
    const list = read('192.0.2.0/24\r\n2001:db8::/32\n', cloudflare);
    expect(list.problems).toEqual([]);
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', line: 1 },
      { address: '2001:db8::/32', line: 2 },
    ]);
    expect(read('192.0.2.0/24\n131.0.72.0/22', cloudflare).problems).toEqual([]);
  });

  test('text that was cut off in its last prefix is not a list', () => {
    // As it stands, it is a quarter of all addresses.
    const list = read('192.0.2.0/24\n131.0.72.0/2', cloudflare);
    expect(list.problems.map(({ code }) => code)).toEqual(['truncated']);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
  });

  test('text of something else is not a list', () => {
    const list = read('192.0.2.0/24\nbad gateway\n', cloudflare);
    expect(codesOf(list).map(([, line]) => line)).toEqual([2]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
  });
});

describe('what is read grows with the text and no faster', () => {
  const reading = (format: Format, make: (size: number) => string) => (size: number) => {
    const text = make(size);
    return () => {
      read(text, format, format === awsRanges ? { select: { service: 'S3' } } : {});
    };
  };

  test.each<[string, Format, (size: number) => string]>([
    [
      'items',
      awsRanges,
      (size) => aws(...Array.from({ length: size }, () => ({ ip_prefix: '192.0.2.0/24', service: 'S3' }))),
    ],
    [
      'labels that all differ',
      awsRanges,
      (size) =>
        aws(...Array.from({ length: size }, (_, at) => ({ ip_prefix: '192.0.2.0/24', service: `${at}` }))),
    ],
    [
      'unknown names that all differ',
      awsRanges,
      (size) =>
        aws(...Array.from({ length: size }, (_, at) => ({ ip_prefix: '192.0.2.0/24', [`m${at}`]: 1 }))),
    ],
    ['objects without addresses', awsRanges, (size) => aws(...Array.from({ length: size }, () => ({})))],
    [
      'services',
      githubMeta,
      (size) =>
        JSON.stringify(
          Object.fromEntries(Array.from({ length: size }, (_, at) => [`m${at}`, ['192.0.2.1']])),
        ),
    ],
    [
      'a service of text',
      githubMeta,
      (size) => JSON.stringify({ m: Array.from({ length: size }, () => 'x') }),
    ],
    ['lines', cloudflare, (size) => '192.0.2.0/24\n'.repeat(size)],
    [
      'addresses of a tag',
      azureServiceTags,
      (size) =>
        JSON.stringify({
          values: [
            { name: 'a', properties: { addressPrefixes: Array.from({ length: size }, () => '192.0.2.1') } },
          ],
        }),
    ],
  ])('%s', (_name, format, make) => {
    expect(growthOf(reading(format, make), 500)).toBeLessThan(5.5);
  });
});
