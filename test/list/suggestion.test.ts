import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createClientResolver } from '../../src/client/resolver.ts';
import { quote } from '../../src/problem/say.ts';
import { createMatcher, createPolicy, ListError, type Problem, parseList } from '../../src/public/index.ts';
import { goldenEntry } from '../golden/entry.ts';
import { entryText, nearMiss } from '../support/arbitraries.ts';

/** The line with the suggestion of its only problem in place of what the problem marks. */
function mended(line: string, problem: Problem): string | undefined {
  if (problem.suggestion === undefined) return undefined;
  return line.slice(0, problem.column - 1) + problem.suggestion + line.slice(problem.endColumn - 1);
}

type Row = readonly [line: string, becomes: string | undefined, says: string];

/** A line that is not rewritten, as it could mean several things. */
function noAdvice(line: string): Row {
  return [line, undefined, ''];
}

function lengthAdvice(line: string): Row {
  return [line, undefined, 'a prefix length is written after "/"'];
}

function fileAdvice(line: string): Row {
  return [line, undefined, 'this looks like the name of a file or a URL, read it and give its text'];
}

/** What is written, what it becomes by the suggestion, or what the message says when there is no suggestion. */
const rows: readonly Row[] = [
  ['10.1.0.0/16 except 10.1.2.3', undefined, 'an entry has no exceptions, write the ranges on both sides'],
  ['10.1.0.0/16 EXCEPTING 10.1.2.3', undefined, 'an entry has no exceptions'],
  ['10.1.0.0/16\tnicht\t10.1.2.3', undefined, 'an entry has no exceptions'],
  ['2001:db8::/32 außer Büro', undefined, 'an entry has no exceptions'],
  ['!10.1.2.3', undefined, 'an entry has no exceptions'],
  ['not 10.1.2.3 # x', undefined, 'an entry has no exceptions'],
  ['1.2.3.4 deny', undefined, 'an entry has no action'],
  ['2001:db8::1 Dropped # yesterday', undefined, 'an entry has no action'],
  ['1.2.3.4 Unitl Friday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Untli Friday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Thru Friday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Ends Friday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Starting Monday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Tomorrow', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Temporary', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Friday', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Ab Montag', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Vanaf Maandag', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Desde Lunes', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Befristet', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 Gültig', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 timeout 3600', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 expires soon', undefined, 'after an entry write from INSTANT'],
  ['1.2.3.4 only office', undefined, 'write one entry per line, and nothing else'],
  ['192.0.2.0 netmask 255.255.255.0', '192.0.2.0/24', 'write 192.0.2.0/24'],
  ['192.0.2.0\tMASK 255.255.255.0 # x', '192.0.2.0/24 # x', 'write 192.0.2.0/24'],
  ['192.0.2.0 0.0.0.255', '192.0.2.0/24', 'write 192.0.2.0/24'],
  ['192.0.2.0, 255.255.255.0', '192.0.2.0/24', 'write 192.0.2.0/24'],
  ['192.0.2.0/0.0.0.15', '192.0.2.0/28', 'write 192.0.2.0/28'],
  ['192.0.2.0/0.0.0.15 Office', '192.0.2.0/28 # Office', 'write 192.0.2.0/28 # Office'],
  ['192.0.2.1 255.255.255.255', undefined, 'write a prefix length such as /24 in place of a mask'],
  ['192.0.2.1 0.0.0.0', undefined, 'write a prefix length such as /24 in place of a mask'],
  ['192.0.2.1 255.0.255.0', undefined, 'write a prefix length such as /24 in place of a mask'],
  ['192.0.2.1/255.255.255.255', undefined, 'write 0 to 32'],
  ['0.0.0.0/0.0.0.0', undefined, 'write 0 to 32'],
  ['192.0.2.1 .. 192.0.2.9', '192.0.2.1-192.0.2.9', 'write 192.0.2.1-192.0.2.9'],
  ['192.0.2.1...192.0.2.9', '192.0.2.1-192.0.2.9', 'write 192.0.2.1-192.0.2.9'],
  ['192.0.2.1 THROUGH 192.0.2.9', '192.0.2.1-192.0.2.9', 'write 192.0.2.1-192.0.2.9'],
  ['192.0.2.1 ~ 192.0.2.9 # x', '192.0.2.1-192.0.2.9 # x', 'write 192.0.2.1-192.0.2.9'],
  ['192.0.2.1 -> 192.0.2.9', undefined, ''],
  ['192.0.2.1->192.0.2.9', undefined, ''],
  ['192.0.2.1 => 192.0.2.9', undefined, 'write one entry per line'],
  ['192.0.2.1 -> 198.51.100.7 NAT', undefined, ''],
  ['192.0.2.1 to 198.51.100.7 NAT', undefined, 'write one entry per line'],
  ['192.0.2.1 netmask', undefined, 'write one entry per line, and nothing else'],
  ['from 192.0.2.1 to 192.0.2.9', '192.0.2.1-192.0.2.9', 'write 192.0.2.1-192.0.2.9'],
  ['2001:db8::1..2001:db8::9', '2001:db8::1-2001:db8::9', 'write 2001:db8::1-2001:db8::9'],
  ['192.0.2.1 .. 2001:db8::9', undefined, ''],
  ['192.0.2.9 .. 192.0.2.1', undefined, ''],
  ['192.0.2.0\t192.0.2.255\t24', '192.0.2.0-192.0.2.255', 'write 192.0.2.0-192.0.2.255'],
  ['192.0.2.0 192.0.2.255 256', '192.0.2.0-192.0.2.255', 'write 192.0.2.0-192.0.2.255'],
  ['192.0.2.1\t192.0.2.9\t7', undefined, 'write one entry per line'],
  ['192.0.2.0\t192.0.2.255\t24\tOffice', undefined, 'write one entry per line'],
  ['[2001:db8::]/32', '2001:db8::/32', 'write 2001:db8::/32'],
  ['198.51.100[.]7', '198.51.100.7', 'write 198.51.100.7'],
  ['198[.]51(.)100{dot}7/32 # x', '198.51.100.7/32 # x', 'write 198.51.100.7/32'],
  ['2001:db8[:]1::1', '2001:db8:1::1', 'write 2001:db8:1::1'],
  ['hXXps://198[.]51[.]100[.]7/a', '198.51.100.7', 'write 198.51.100.7'],
  ['2001:db8:1::*', undefined, '"*" is not allowed here'],
  ['10.0.0.0:024', undefined, ''],
  ...['10.0.0.0-24', '10.0.0.0 - 8', '192.0.2.128-25', '10.0.0.1+', '10.0.0.1 +'].map(noAdvice),
  ['10.0.0.0-33', '10.0.0.0-10.0.0.33', 'write 10.0.0.0-10.0.0.33'],
  ['10.0.0.0:00000024', undefined, ''],
  ['2001:db8:1:*', '2001:db8:1::/48', 'write 2001:db8:1::/48'],
  ['2001:db8:1:*:*:*:*:*', '2001:db8:1::/48', 'write 2001:db8:1::/48'],
  ['192.0.2.', '192.0.2.0/24', 'write 192.0.2.0/24'],
  ['10.', undefined, 'a number is missing beside a dot'],
  ['1. Office', undefined, 'a number is missing beside a dot'],
  ['192.0.2. Office', undefined, 'a number is missing beside a dot'],
  ['1.x', undefined, ''],
  ['2.x release', undefined, ''],
  ...['1/2', '1/0', '5/8', '8/8', '31/12', '10.1/8', '1/2 of the servers', '5/4 Office moved'].map(noAdvice),
  ...['10/8 Office', '10/8 of all', '10.1/16 Office', '10.1/16, Office'].map(noAdvice),
  ['10/8', '10.0.0.0/8', 'write 10.0.0.0/8'],
  ['10.1/16 # x', '10.1.0.0/16 # x', 'write 10.1.0.0/16'],
  ...['10.0.0.1 / 2 offices', '10.0.0.1 / 8 servers', '10.0.0.1/ 8 Office', '10.0.0.1 /2'].map(noAdvice),
  ['10.0.0.0 / 8', '10.0.0.0/8', 'write 10.0.0.0/8'],
  ...['::ffff:192.0.2.0/120-::ffff:192.0.2.255', '::ffff:10.0.0.0/8-::ffff:11.0.0.0/8'].map(noAdvice),
  ...['::ffff:192.0.2.0/24|::ffff:198.51.100.0', '::ffff:192.0.2.0/24-::ffff:198.51.100.0/24'].map(noAdvice),
  ['::ffff:192.0.2.0/24 Office', '192.0.2.0/24 # Office', 'write 192.0.2.0/24 # Office'],
  ['192.0.2.0%2F24', '192.0.2.0/24', 'write 192.0.2.0/24'],
  ['2001:db8::%2f32', '2001:db8::/32', 'write 2001:db8::/32'],
  ...['192.0.2.0%252F24', '10.0.0.0%24', '2001:db8::%48', 'fe80::1%12'].map(lengthAdvice),
  ...['192.0.2.0%2F', '192.0.2.0%2F24/8', 'fe80::1%e%48', '10.0.0.1%E2%80%9320'].map(noAdvice),
  ...['10.0.0.0:24', '10.0.0.0:8 Office', '192.0.2.1:32'].map(lengthAdvice),
  ...['[2001:db8::]:32', '[2001:db8::0]:48', '10.0.0.0/8:443', '192.0.2.1-192.0.2.9:443'].map(noAdvice),
  ['[2001:db8::1]:48', '2001:db8::1', 'write 2001:db8::1'],
  ['192.0.2.0:443', '192.0.2.0', 'write 192.0.2.0'],
  ['192.0.2', undefined, 'this one has 3'],
  ['192.168.001.001', '192.168.1.1', 'write 192.168.1.1'],
  ['192.168.001.010', undefined, ''],
  ['*', undefined, 'for everyone write 0.0.0.0/0 and ::/0'],
  ['ANY', undefined, 'for everyone write 0.0.0.0/0 and ::/0'],
  ['default 0;', undefined, 'this looks like nginx configuration, write its addresses alone'],
  ['deny 1.2.3.4;', undefined, 'this looks like nginx configuration'],
  ['Deny from 1.2.3.4', undefined, 'this looks like configuration of Apache'],
  ['add s 1.2.3.4', undefined, 'this looks like an ipset file'],
  ['ALL: 1.2.3.4', undefined, 'this looks like hosts.allow or hosts.deny'],
  ['ALL : ALL : allow', undefined, 'this looks like hosts.allow or hosts.deny'],
  ['-A INPUT -s 10.0.0.0/8 -j DROP', undefined, 'this looks like iptables rules'],
  ['host all all 10.0.0.0/8 md5', undefined, 'this looks like pg_hba.conf'],
  ['Office: 192.0.2.1', undefined, 'write the entry first, and then "#" and the note'],
  ['192.0.2.1\u000b192.0.2.2', undefined, 'start a new line here'],
  ['192.0.2.1\u000c192.0.2.2', undefined, 'start a new line here'],
  ['192.0.2.1\u0085192.0.2.2', undefined, 'start a new line here'],
  ['192.0.2.1\u2028192.0.2.2', undefined, 'start a new line here'],
  ['192.0.2.1\u2029192.0.2.2', undefined, 'start a new line here'],
  ['192.0.2.1\u200b192.0.2.2', undefined, 'write one entry per line'],
  ['192.0.2.1\u200b', '192.0.2.1', 'write 192.0.2.1'],
  ['192.0.2.1\0', '192.0.2.1', 'U+0000 is not allowed here: write 192.0.2.1'],
  ['2001:db8::1\0', '2001:db8::1', 'U+0000 is not allowed here: write 2001:db8::1'],
  ['192.0.2.1\u2003Office', '192.0.2.1 # Office', 'write 192.0.2.1 # Office'],
  ['::fffe:0:0-::ffff:ffff:ffff', undefined, 'the second end is the IPv4 address 255.255.255.255'],
  ['::ffff:0:0-::1:0:0:0', undefined, 'the first end is the IPv4 address 0.0.0.0'],
  ['10.0.0.0/8 -', undefined, 'unexpected "-"'],
  ['192.0.2.1 \u2014 Office', '192.0.2.1 # Office', 'write 192.0.2.1 # Office'],
  ['192.0.2.1 \u2014 Office 2', undefined, 'and "#" before a note'],
  ['192.0.2.1 \u2212 b', undefined, 'and "#" before a note'],
  ['192.0.2.1 \u2014 not b', undefined, 'an entry has no exceptions'],
  ['uniquelocal', undefined, 'write @unique-local, and @private'],
  ['unique-local', '@unique-local', 'write @unique-local'],
  ['linklocal # x', '@link-local # x', 'write @link-local'],
  ...['LinkLocal', 'Reserved', 'private/8', '@private/8', 'reserved seats', 'Shared offices'].map(noAdvice),
  ...['Private office of the director', 'Loopback plug', 'Documentation team', 'loopback, Office'].map(
    noAdvice,
  ),
  ['10.0.0.1, loopback', undefined, 'write one entry per line'],
  ['10.0.0.1, linklocal', undefined, 'write one entry per line'],
  ['10.0.0.1, example.com', undefined, 'write one entry per line'],
  ['10.0.0.1 + Office', undefined, 'write one entry per line'],
  ['10.0.0.1 Office = b', undefined, ''],
  ['10.0.0.1 port:80', undefined, ''],
  ['10.0.0.1 # a\ud83d', undefined, 'half of a character is missing'],
  ['10.0.0.1 Office # a\ud83d', undefined, ''],
  ['10.0.0.1 Build server', '10.0.0.1 # Build server', 'write 10.0.0.1 # Build server'],
  ['10.0.0.1 -- Office', '10.0.0.1 # Office', 'write 10.0.0.1 # Office'],
  ['10.0.0.1 Office, Berlin', undefined, 'a note starts with "#", and nothing else may follow an entry'],
  ['10.0.0.1 printers', undefined, 'a note starts with "#", and nothing else may follow an entry'],
  ['10.0.0.1 w/o printers', undefined, 'a note starts with "#", and nothing else may follow an entry'],
  ['10.0.0.0/8 - printers', undefined, 'a note starts with "#", and nothing else may follow an entry'],
  ...[
    'excl printers',
    'excl.',
    'Excl printers',
    'forbidden',
    'Forbidden',
    'Blacklisted',
    'Suspended',
    'Retired',
  ]
    .map((rest) => `10.0.0.1 ${rest}`)
    .map(noAdvice),
  ...[
    'tranne',
    'Escluso',
    'Menos dos',
    'Behalve printers',
    'niet',
    'Fino a',
    'Odd addresses',
    'Half',
    'retired',
  ]
    .map((rest) => `10.0.0.1 // ${rest}`)
    .map(noAdvice),
  ...['allow.txt', 'blocklist.csv', './lists/deny.txt', 'C:\\lists\\deny.txt', '/etc/allow.LIST'].map(
    fileAdvice,
  ),
  ...['https://example.com/list.txt', 'https://192.0.2.1/list.txt', 'ftp://192.0.2.1/deny.json'].map(
    fileAdvice,
  ),
  ['10.0.0.1 A very long name of a most distant office', undefined, 'a note starts with "#"'],
  [`10.0.0.1 ${'B'.repeat(32)}`, `10.0.0.1 # ${'B'.repeat(32)}`, 'write 10.0.0.1 # BB'],
  [`10.0.0.1 ${'B'.repeat(33)}`, undefined, 'a note starts with "#"'],
  ['  10.0.0.1 /32 # x', '  10.0.0.1/32 # x', 'write 10.0.0.1/32'],
];

describe('a bad line', () => {
  test.each(rows.map((row) => [quote(row[0]), ...row] as const))('%s', (_, line, becomes, says) => {
    const { entries, problems } = parseList(line);
    expect(entries).toEqual([]);
    expect(problems).toHaveLength(1);
    const [problem] = problems as [Problem];
    expect(problem.message).toContain(says);
    expect(mended(line, problem)).toBe(becomes);
    expect(Object.hasOwn(problem, 'suggestion')).toBe(becomes !== undefined);
    expect(problem.text).toBe(line.slice(problem.column - 1, problem.endColumn - 1));
    if (becomes !== undefined) expect(parseList(becomes).problems).toEqual([]);
    else expect(problem.message).not.toMatch(/: write \S*[.:@]\S*$/);
  });

  test('is never advised what means everyone, where proxies are trusted', () => {
    for (const trusted of ['*', 'all', 'ANY', '10.0.0.1\n*']) {
      const error = errorOf(() => createClientResolver({ trusted }));
      expect(error.message).toContain('name the networks of your proxies');
      expect(error.message).not.toContain('0.0.0.0/0');
    }
  });

  test('has a suggestion wherever an entry is given', () => {
    const error = errorOf(() => createMatcher([['10.0.0.*', 1]]));
    expect(error.problems[0]).toMatchObject({ column: 8, text: '*', suggestion: '0/24' });
    expect(parseList('10.1.2.3/8').problems[0]?.suggestion).toBe('10.0.0.0/8');
  });
});

const sign = fc.constantFrom(
  ...'"\'`[]():;,.*x@!#%|&+-\u2013/ \t\u00a0\u200b\0\u2028~=',
  ...[' to ', ' .. ', ' except ', ' mask ', '255.255.0.0', '[.]', 'http://', ' Office', ':80', ''],
);

describe('a suggestion', () => {
  test('mends its line, and covers nothing that the line does not name', () => {
    const line = fc.oneof(
      fc.tuple(entryText, fc.nat(), sign).map(([text, at, mark]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + mark + text.slice(place);
      }),
      fc
        .tuple(sign, fc.oneof(entryText, nearMiss), sign, fc.oneof(entryText, nearMiss), sign)
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const { problems } = parseList(text);
        for (const problem of problems.filter(({ severity }) => severity === 'error')) {
          const better = mended(text, problem);
          if (better === undefined) continue;
          const after = parseList(better).problems;
          expect(after.filter(({ severity, code }) => severity === 'error' || code === problem.code)).toEqual(
            [],
          );
          const written = better.split('#')[0]?.trim() as string;
          expect(goldenEntry(written)).toBeDefined();
          // Its first number is the first number of the text, unless a range was turned.
          const digits = /[0-9a-f]+/i.exec(written.startsWith('@') ? '' : written)?.[0] ?? '';
          expect(text.toLowerCase()).toContain(digits.toLowerCase().replace(/^0+(?=.)/, ''));
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test('is no note where an item is given, whose address has none', () => {
    const deny = [{ address: '10.0.0.1 Office' }, { address: '10.0.0.*' }];
    const { problems } = errorOf(() => createPolicy({ deny }));
    expect(problems.map(({ suggestion }) => suggestion)).toEqual([undefined, '0/24']);
  });

  test('is not given where the note of the line is wrong, too', () => {
    expect(parseList('"10.0.0.1" # a\u202eb').problems[0]?.suggestion).toBeUndefined();
  });
});

test('a line of a million words is refused like any other', () => {
  for (const rest of ['b '.repeat(1_000_000), '.'.repeat(1_000_000), `${'b '.repeat(1000)}except 10.0.0.2`]) {
    const [problem] = parseList(`10.0.0.1 ${rest}`).problems as [Problem];
    expect(problem.suggestion).toBeUndefined();
    expect(problem.message.length).toBeLessThan(300);
  }
});

describe('with a polluted prototype', () => {
  const lines = [
    'x',
    '10.0.0.1 half',
    '10.1/24',
    '10.0.0.1-10.0.1',
    '10.0.0.0/33',
    '10.0.0.1 Office',
    '@x',
    '',
  ];

  /** What is said about the lines, and what a reader of the suggestion gets. */
  const told = (): unknown =>
    parseList(lines.join('\n')).problems.map(({ message, suggestion }) => [message, suggestion]);

  test.each(['suggestion', 'write', 'sentence', 'mend', 'text', '3', '4'])(
    '%s is not read from it',
    (name) => {
      const before = told();
      Object.defineProperty(Object.prototype, name, {
        value: '0.0.0.0/0',
        configurable: true,
        writable: true,
      });
      try {
        const after = told();
        delete (Object.prototype as Record<string, unknown>)[name];
        expect(after).toEqual(before);
      } finally {
        delete (Object.prototype as Record<string, unknown>)[name];
      }
    },
  );
});

describe('a whole file of another format', () => {
  const json = JSON.stringify(
    { prefixes: Array.from({ length: 60 }, (_, at) => ({ ip_prefix: `192.0.2.${at}/32` })) },
    null,
    2,
  );
  const utf16 = [...'# list\n192.0.2.1\n192.0.2.2'].map((character) => `${character}\0`).join('');

  test.each([
    ['JSON', json, 'JSON: parse it first'],
    ['JSON on one line', '["203.0.113.0/24","198.51.100.7"]', 'JSON: parse it first'],
    ['HTML', '<!DOCTYPE html>\n<html><body>\n403\n</body></html>', 'HTML or XML'],
    ['UTF-16 of Windows', `\ufffd\ufffd${utf16}`, 'UTF-16: decode'],
    ['UTF-16', utf16, 'UTF-16: decode'],
    ['a database', `\u0001\u0016\ufffd\u0003\n\ufffd\ufffd\ufffdMaxMind.com\ufffd`, 'a MaxMind database'],
    ['gzip', '\u001f\ufffd\b\0\0\0\0\0\n\ufffdq', 'unpack it first'],
    ['ZIP', 'PK\u0003\u0004\n\0\b', 'unpack it first'],
    ['bytes', '\u0001\u0002\ufffd\0\u007f\nELF\ufffd\ufffd', 'a binary file'],
  ])('is one problem: %s', (_, text, says) => {
    const { entries, problems } = parseList(text);
    expect(entries).toEqual([]);
    expect(problems.map(({ code }) => code)).toEqual(['unsupported-format']);
    expect(problems[0]?.message).toContain(`this looks like ${says}`.slice(0, says.length));
    expect(problems[0]?.message).toContain(says);
    expect(errorOf(() => createPolicy({ allow: text })).problems).toHaveLength(1);
  });

  test('is not taken for one where a line is good, or where other lines are bad', () => {
    expect(parseList(`192.0.2.1\n${json}`).problems.length).toBeGreaterThan(100);
    const mixed = parseList('{ "a": 1 }\n10.0.0.300\nexample.com\n').problems;
    expect(mixed.map(({ line }) => line)).toEqual([1, 2, 3]);
    for (const text of [
      '<192.0.2.1>',
      '[::1]',
      '[::1]\nx',
      'x',
      '\0',
      '1.1.1.1\0',
      '192.0.2.1\0\n192.0.2.2\0',
      '- 10.0.0.1\n- 10.0.0.2',
    ])
      expect(parseList(text).problems.map(({ code }) => code)).not.toContain('unsupported-format');
  });
});

describe('the message of a ListError', () => {
  test('shows the first lines with their marks', () => {
    const lines = Array.from({ length: 11 }, (_, at) => `  10.0.0.${300 + at}\t# desk ${at}`);
    expect(errorOf(() => createPolicy({ deny: lines.join('\n') })).message).toBe(
      [
        '11 problems:',
        ...[0, 1, 2].flatMap((at) => [
          `  deny, line ${at + 1}, column 10: octet "${300 + at}" is above 255 (octet-range)`,
          `      10.0.0.${300 + at}<U+0009># desk ${at}`,
          '             ^^^',
        ]),
        '  \u2026 and 8 more in the property problems',
      ].join('\n'),
    );
  });

  test('cuts long lines around the place, and shows what cannot be seen', () => {
    const line = `${'\u202e'.repeat(3)}${'x'.repeat(5000)}`;
    const { message } = errorOf(() =>
      createPolicy({ deny: `10.0.0.1 # \u{1f3e2}${' '.repeat(300)}\u202e${line}` }),
    );
    const [, , shown, mark] = message.split('\n') as [string, string, string, string];
    expect(shown.startsWith('    \u2026')).toBe(true);
    expect(shown.slice(mark.indexOf('^'), mark.length)).toBe('<U+202E>');
    expect(message.length).toBeLessThan(400);
  });

  test('says nothing of lists when an option is wrong', () => {
    const { message } = errorOf(() => createPolicy({ allow: '192.0.2.1', maxEntries: -1 }));
    expect(message).toMatch(/^1 problem:\n {2}options: maxEntries /);
    expect(message).not.toContain('lists');
  });

  test('shows the lines of lists that were handed on under another name', () => {
    const { message } = errorOf(() => createClientResolver({ trusted: '192.0.2.1\n192.0.2.300' }));
    expect(message).toContain('trusted, line 2, column 9: ');
    expect(message).toContain('\n    192.0.2.300\n            ^^^');
  });
});

function errorOf(run: () => unknown): ListError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return error as ListError;
  }
  throw new Error('nothing was thrown');
}
