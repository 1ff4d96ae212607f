import { describe, expect, test } from 'vitest';
import { namedNetworks } from '../../src/address/names.ts';
import { createPolicy, ListError, type Problem, parseList } from '../../src/public/index.ts';

/** `line:column-endColumn code` of each problem. */
function places(problems: readonly Problem[]): string[] {
  return problems.map(({ line, column, endColumn, code }) => `${line}:${column}-${endColumn} ${code}`);
}

describe('lines', () => {
  test.each([
    ['10.0.0.0/8', '10.0.0.0/8', undefined, 'an entry alone'],
    ['10.0.0.0/8 # Office', '10.0.0.0/8', 'Office', 'an entry and a note'],
    ['10.0.0.0/8#Office', '10.0.0.0/8', 'Office', 'no blanks around the hash'],
    ['  10.0.0.0/8\t#  Office  ', '10.0.0.0/8', 'Office', 'blanks around everything'],
    ['\u00a010.0.0.0/8\u00a0#\u00a0Office\u00a0', '10.0.0.0/8', 'Office', 'no-break spaces from a web page'],
    ['\ufeff10.0.0.0/8', '10.0.0.0/8', undefined, 'a byte order mark at the very start'],
    ['10.0.0.0/8 #', '10.0.0.0/8', undefined, 'an empty note is not a note'],
    ['10.0.0.0/8 #   \t', '10.0.0.0/8', undefined, 'a blank note is not a note'],
    ['10.0.0.0/8 # a # b ## c', '10.0.0.0/8', 'a # b ## c', 'more hashes in the note'],
    [
      '10.0.0.0/8 # Büro 東京 👩‍👩‍👧 – “north”',
      '10.0.0.0/8',
      'Büro 東京 👩‍👩‍👧 – “north”',
      'anything a person types',
    ],
    ['10.0.0.1 - 10.0.0.9 # r', '10.0.0.1 - 10.0.0.9', 'r', 'a range with blanks'],
    ['10.0.0.1- 10.0.0.9', '10.0.0.1- 10.0.0.9', undefined, 'a range with one blank'],
    ['@private # LAN', '@private', 'LAN', 'a named network'],
  ])('%j is one entry: %s', (line, text, note, _reason) => {
    const { entries, problems } = parseList(line);
    expect(problems).toEqual([]);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ text, note, line: 1, list: 'deny' });
  });

  test.each([
    ['', 'nothing at all'],
    ['   \t \u00a0', 'blanks'],
    ['\n\r\n\r', 'line ends'],
    ['# comment', 'a comment'],
    ['   # comment', 'a comment after blanks'],
    ['#', 'an empty comment'],
    ['# anything \u202e goes \u0007 here', 'comments are not looked into'],
    ['\ufeff# comment', 'a comment after the mark'],
  ])('%j is neither an entry nor a problem: %s', (text) => {
    expect(parseList(text)).toEqual({ entries: [], problems: [] });
  });

  test('end with LF, CRLF and CR, and are counted so', () => {
    const { entries } = parseList('1.1.1.1\n2.2.2.2\r\n3.3.3.3\r4.4.4.4\n\r5.5.5.5\r\r6.6.6.6');
    expect(entries.map(({ text, line }) => [text, line])).toEqual([
      ['1.1.1.1', 1],
      ['2.2.2.2', 2],
      ['3.3.3.3', 3],
      ['4.4.4.4', 4],
      ['5.5.5.5', 6],
      ['6.6.6.6', 8],
    ]);
  });

  test('a mark or an exotic blank elsewhere is an error that names it', () => {
    const { problems } = parseList(
      '1.1.1.1\n\ufeff2.2.2.2\n3.3.3.3\u200b\n4.4.4.4\u2003\n\u20285.5.5.5\n6.6.6.6\u00ad',
    );
    expect(places(problems)).toEqual([
      '2:1-2 invalid-character',
      '3:8-9 invalid-character',
      '4:8-9 invalid-character',
      '5:1-2 invalid-character',
      '6:8-9 invalid-character',
    ]);
    expect(problems.map(({ message }) => message.slice(0, 6))).toEqual([
      'U+FEFF',
      'U+200B',
      'U+2003',
      'U+2028',
      'U+00AD',
    ]);
  });
});

/** Line, place and code, and what the message says to write. */
const badLines: readonly (readonly [line: string, place: string, advice: string])[] = [
  ['10.0.0.1 10.0.0.2', '1:10-18 trailing-text', 'one entry per line'],
  ['10.0.0.1,10.0.0.2', '1:10-18 trailing-text', 'one entry per line'],
  ['10.0.0.1; 10.0.0.2', '1:11-19 trailing-text', 'one entry per line'],
  ['10.0.0.1, ', '1:9-10 trailing-text', ': write 10.0.0.1'],
  ['10.0.0.1 Office', '1:10-16 trailing-text', 'write 10.0.0.1 # Office'],
  ['10.0.0.1 - Office', '1:10-18 trailing-text', 'write 10.0.0.1 # Office'],
  ['10.0.0.0/8 // Office', '1:12-21 trailing-text', 'write 10.0.0.0/8 # Office'],
  ['Office 10.0.0.1', '1:1-7 invalid-character', 'host names are not looked up'],
  ['[::1]', '1:1-6 invalid-character', 'write ::1'],
  ['[2001:db8::]/64', '1:1-13 invalid-character', 'write 2001:db8::/64'],
  ['[::1]:443 Office', '1:1-10 invalid-character', 'write ::1 # Office'],
  ['[::1]:443/64', '1:1-2 invalid-character', 'write an address or prefix such as'],
  ['1.2.3.4:80', '1:8-11 trailing-text', 'write 1.2.3.4'],
  ['*.example.com', '1:1-2 invalid-character', 'host names are not looked up'],
  ['10.0.0.*', '1:8-9 invalid-character', 'write 10.0.0.0/24'],
  ['10.0.0.0/255.255.255.0', '1:10-23 prefix-length-invalid', 'write 10.0.0.0/24'],
  ['10.0.0.0/0.0.0.255', '1:10-19 prefix-length-invalid', 'write 10.0.0.0/24'],
  ['10.0.0.0 255.0.0.0', '1:9-19 trailing-text', 'write 10.0.0.0/8'],
  ['10.0.0.0 /8', '1:9-12 trailing-text', 'write 10.0.0.0/8'],
  ['10.0.0.0 /x', '1:10-12 trailing-text', 'an entry ends at "10.0.0.0"'],
  ['10.0.0.1 - 9', '1:9-13 octet-count', 'four octets'],
  ['10.0.0.1 to 10.0.0.9', '1:9-21 trailing-text', 'write 10.0.0.1-10.0.0.9'],
  ['10.0.0.1-20', '1:10-12 octet-count', 'write 10.0.0.1-10.0.0.20'],
  ['10.0.0.1-10.0.1', '1:10-16 octet-count', 'write both ends in full'],
  ['10.1/16', '1:1-5 octet-count', 'write 10.1.0.0/16'],
  ['// office', '1:1-2 invalid-character', 'a comment starts with "#"'],
  ['; office', '1:1-2 invalid-character', 'a comment starts with "#"'],
  ['10.0.0.1 Office 🏢', '1:10-19 trailing-text', 'a note starts with "#"'],
  ['10.0.0.1 Büro', '1:10-14 trailing-text', 'write 10.0.0.1 # Büro'],
  ['10.0.0.1\tOffice', '1:9-10 invalid-character', 'a tab (U+0009)'],
  ['10.0.0.0/8-10.1.0.0', '1:9-11 trailing-text', 'the ends of a range have no prefix length'],
  ['10.0.0.0/-8', '1:10-12 prefix-length-invalid', 'write 0 to 32'],
  ['@Private', '1:1-9 unknown-network', 'write @private'],
  ['@private/8', '1:1-11 unknown-network', 'the names are @loopback'],
  ['1:2:3:4:5:6:7:8::', '1:1-18 group-count', 'leave out the "::"'],
  ['-10.0.0.1', '1:1-2 invalid-character', 'write an address or prefix such as'],
  ['10.0.0.0/', '1:9-10 prefix-length-missing', 'write 0 to 32'],
  ['10.0.0.0/33', '1:10-12 prefix-length-range', 'write 0 to 32'],
  ['::/129', '1:4-7 prefix-length-range', 'write 0 to 128'],
  ['010.0.0.0/8', '1:1-4 octet-leading-zero', 'write 10'],
  ['10.0/16', '1:1-5 octet-count', 'four octets'],
  ['fe80::1%eth0', '1:8-13 zone-not-allowed', 'write fe80::1'],
  ['::ffff:10.0.0.0/8', '1:1-18 mapped-prefix-too-short', 'write 10.0.0.0/8'],
  ['10.0.0.9-10.0.0.1', '1:1-18 range-reversed', 'write 10.0.0.1-10.0.0.9'],
  ['10.0.0.1-::1', '1:1-13 range-families', 'one family'],
  ['10.0.0.1–10.0.0.9', '1:9-10 invalid-character', 'write 10.0.0.1-10.0.0.9'],
  ['10.0.0.1–', '1:9-10 invalid-character', 'plain hyphen'],
  ['@internal', '1:1-10 unknown-network', '@private'],
  ['１.2.3.4', '1:1-2 invalid-character', 'ASCII'],
  ['"10.0.0.1"', '1:1-11 invalid-character', 'write 10.0.0.1'],
  ['192.0.2.5\tOffice', '1:10-11 invalid-character', 'write 192.0.2.5 # Office'],
  ['10.0.0.1\u00a0Office', '1:9-10 invalid-character', 'write 10.0.0.1 # Office'],
  ['10.0.0.1\tHead\tOffice', '1:9-15 invalid-character', 'write 10.0.0.1 # Head Office'],
  ['10.0.0.1\t-\t10.0.0.9', '1:9-12 invalid-character', 'write 10.0.0.1 - 10.0.0.9'],
  ['10.0.0\t.1', '1:7-8 invalid-character', 'use plain blanks'],
  ['10.0.0.1\tto\t10.0.0.9', '1:9-13 invalid-character', 'write 10.0.0.1-10.0.0.9'],
  ['10.0.0.0\t255.0.0.0', '1:9-19 invalid-character', 'write 10.0.0.0/8'],
  ['1.1.1.1 | 1.1.1.2', '1:9-18 trailing-text', ': write one entry per line'],
  ['1.1.1.1|1.1.1.2', '1:8-16 trailing-text', ': write one entry per line'],
  ['::1|::2', '1:4-8 trailing-text', ': write one entry per line'],
  ['1.1.1.1 ; 1.1.1.2', '1:11-18 trailing-text', ': write one entry per line'],
  ['1.1.1.1;1.1.1.2', '1:9-16 trailing-text', ': write one entry per line'],
  ['1.1.1.1 | Office', '1:9-17 trailing-text', 'write 1.1.1.1 # Office'],
  ['10.0.0.0/8 |', '1:11-13 trailing-text', 'write 10.0.0.0/8'],
  ["'192.0.2.4'", '1:1-12 invalid-character', 'write 192.0.2.4'],
  ['\u201c192.0.2.4/31\u201d', '1:1-15 invalid-character', 'write 192.0.2.4/31'],
  ['http://192.0.2.10/', '1:1-19 invalid-character', 'write 192.0.2.10'],
  ['ftp://192.0.2.10:21/a', '1:1-22 invalid-character', 'write 192.0.2.10'],
  ['https://[2001:db8::1]:443/', '1:1-27 invalid-character', 'write 2001:db8::1'],
  ['https://example.com/', '1:1-2 invalid-character', 'host names are not looked up'],
  ['- 10.0.0.1', '1:1-3 invalid-character', 'write 10.0.0.1'],
  ['* 10.0.0.0/8', '1:1-3 invalid-character', 'write 10.0.0.0/8'],
  ['10.0.0.x', '1:8-9 invalid-character', 'write 10.0.0.0/24'],
  ['10.X.x.x', '1:4-9 invalid-character', 'write 10.0.0.0/8'],
  ['10.0.0.0/8 not 10.1.2.3', '1:12-24 trailing-text', 'an entry has no exceptions'],
  ['10.0.0.0/8 except 10.0.0.5', '1:12-27 trailing-text', 'an entry has no exceptions'],
  ['10.0.0.0/8 deny', '1:12-16 trailing-text', 'an entry has no action'],
  ['10.0.0.0/8 !10.0.0.5', '1:12-21 trailing-text', 'an entry has no exceptions'],
  ['10.0.0.0/8\tnot office', '1:11-12 invalid-character', 'an entry has no exceptions'],
  ['10.0.0.1 until 2026-01-01', '1:16-26 instant-invalid', 'its first instant is 2026-01-01T00:00Z'],
  ['10.0.0.1 2026-01-01', '1:10-20 trailing-text', ': an entry ends at "10.0.0.1"'],
  ['10.0.0.0/8 10.0.0.5', '1:12-20 trailing-text', ': write one entry per line'],
  ['10.0.0.0/8 via 10.0.0.5', '1:12-24 trailing-text', ': write one entry per line'],
  ['10.0.0.0/8 - office', '1:14-20 trailing-text', 'a note starts with "#"'],
  ['10.0.0.0 /8 not 10.0.0.5', '1:10-25 trailing-text', 'an entry has no exceptions'],
  ['10.0.0.0 255.0.0.0 Office', '1:9-26 trailing-text', 'write 10.0.0.0/8 # Office'],
  ['10.0.0.* not 10.0.0.5', '1:8-9 invalid-character', 'an entry has no exceptions'],
  ['10.0.0.9-5', '1:10-11 octet-count', 'write both ends in full'],
  ['10.0.0.1 - 2 rooms', '1:12-13 octet-count', 'write both ends in full'],
  ['10.1/24', '1:1-5 octet-count', 'four octets, such as 192.0.2.1'],
  ['http://10.0.0.0/8', '1:1-2 invalid-character', 'write an address or prefix such as'],
  ['fe80::1%eth0/64', '1:8-13 zone-not-allowed', 'write fe80::1/64'],
  ['fe80::1%eth0-fe80::2', '1:8-13 zone-not-allowed', 'is not part of an address'],
  ['private', '1:1-8 invalid-character', 'write @private'],
  ['*', '1:1-2 invalid-character', 'for everyone write 0.0.0.0/0 and ::/0'],
  ['10.0.*.*', '1:6-9 invalid-character', 'write 10.0.0.0/16'],
  [
    '2001:db8::*',
    '1:11-12 invalid-character',
    '"*" is not allowed here: write 2001:db8::/32, or 2001:db8::/112',
  ],
  ['localhost', '1:1-10 invalid-character', '"l" is not allowed here: host names'],
  ['AS15169', '1:1-8 invalid-character', 'host names are not looked up'],
  ['https://10.0.0.1/', '1:1-18 invalid-character', 'write 10.0.0.1'],
  ['!10.0.0.1', '1:1-2 invalid-character', ''],
  ['10.0.0.1 # a\tb', '1:13-14 invalid-character', 'a note cannot contain'],
  ['10.0.0.1 # a\u0000b', '1:13-14 invalid-character', 'U+0000'],
  ['10.0.0.1 # \u001b[31mred', '1:12-13 invalid-character', 'U+001B'],
  ['10.0.0.1 # a\u007f', '1:13-14 invalid-character', 'U+007F'],
  ['10.0.0.1 # a\u0085b', '1:13-14 invalid-character', 'U+0085'],
  ['10.0.0.1 # a\u2028b', '1:13-14 invalid-character', 'U+2028'],
  ['10.0.0.1 # a\u2029b', '1:13-14 invalid-character', 'U+2029'],
  ['10.0.0.1 # a\u202eb', '1:13-14 invalid-character', 'U+202E'],
  ['10.0.0.1 # a\u2066b', '1:13-14 invalid-character', 'U+2066'],
  ['10.0.0.1 # a\u200fb', '1:13-14 invalid-character', 'U+200F'],
  ['10.0.0.1 # a\u061cb', '1:13-14 invalid-character', 'U+061C'],
  ['10.0.0.1 # a\ud83d', '1:13-14 invalid-character', 'U+D83D'],
  ['10.0.0.1 # \udc00a', '1:12-13 invalid-character', 'U+DC00'],
];

describe('bad lines', () => {
  test.each(badLines)('$0', (line, place, advice) => {
    const { entries, problems } = parseList(line);
    expect(entries).toEqual([]);
    expect(places(problems)).toEqual([place]);
    const [problem] = problems as [Problem];
    expect(problem.message).toContain(advice);
    expect(problem.severity).toBe('error');
    expect(problem.text).toBe(line.slice(problem.column - 1, problem.endColumn - 1));
    expect(Object.isFrozen(problem)).toBe(true);
  });

  test('are all reported at their lines, in one error that quotes the first few', () => {
    const text = badLines.map(([line]) => line).join('\n');
    const error = listErrorOf(() => createPolicy({ allow: text }));
    expect(places(error.problems)).toEqual(
      badLines.map(([, place], index) => place.replace(/^1/, `${index + 1}`)),
    );
    expect(error.message).toContain(`${badLines.length} problems`);
    // One line that counts, three for each of three problems, and one that says how many there are besides.
    expect(error.message.split('\n')).toHaveLength(11);
    expect(error.message).toContain('allow, line 1, column 10');
    expect(error.message).toContain(`${badLines.length - 3} more`);
    expect(error.problems.every(({ source }) => source === 'allow')).toBe(true);
    expect(Object.isFrozen(error.problems)).toBe(true);
  });

  test('eleven of them among good ones show eleven problems', () => {
    const lines = Array.from({ length: 33 }, (_, index) =>
      index % 3 === 1 ? `10.0.0.${300 + index}` : `10.0.1.${index}`,
    );
    const error = listErrorOf(() => createPolicy({ deny: lines.join('\n') }));
    expect(error.problems.map(({ line, code }) => [line, code])).toEqual(
      Array.from({ length: 11 }, (_, index) => [index * 3 + 2, 'octet-range']),
    );
  });

  test('keep the messages short, and free of what disturbs a terminal', () => {
    const error = listErrorOf(() => createPolicy({ deny: `\u001b]0;title\u0007${'x'.repeat(100_000)}` }));
    expect(error.message.length).toBeLessThan(600);
    expect(error.message).not.toContain('\u001b');
    expect(error.message).not.toContain('\u0007');
  });
});

describe('warnings', () => {
  test.each([
    ['10.1.2.3/8', ['1:1-11 host-bits-set'], 'write the network 10.0.0.0/8 or the address 10.1.2.3'],
    ['2001:db8::1/32', ['1:1-15 host-bits-set'], '2001:db8::/32'],
    ['  10.1.2.3/8 # x', ['1:3-13 host-bits-set'], '10.0.0.0/8'],
    ['0.0.0.0/0', ['1:1-10 covers-everything'], 'every IPv4 address'],
    ['0.0.0.0-255.255.255.255', ['1:1-24 covers-everything'], 'every IPv4 address'],
    ['::ffff:0:0/96', ['1:1-14 covers-everything'], 'every IPv4 address'],
    ['::/0', ['1:1-5 covers-everything', '1:1-5 excludes-ipv4'], 'every IPv6 address'],
    ['::/64', ['1:1-6 excludes-ipv4'], 'no IPv4 client'],
    ['::/80', ['1:1-6 excludes-ipv4'], 'no IPv4 client'],
    ['::fffe:0:0/95', ['1:1-14 excludes-ipv4'], 'no IPv4 client'],
    ['::-::1:0:0:0', ['1:1-13 excludes-ipv4'], 'no IPv4 client'],
    ['::/81', [], ''],
    ['::fffe:0:0/96', [], ''],
    ['::1:0:0:0/80', [], ''],
    ['::-::fffe:ffff:ffff', [], ''],
    ['10.0.0.0/8', [], ''],
    ['10.0.0.1/32', [], ''],
  ])('%s', (text, expected, message) => {
    const { problems } = parseList(text);
    expect(places(problems)).toEqual(expected);
    expect(problems[0]?.message ?? '').toContain(message);
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
    expect(createPolicy({ deny: text }).problems.map(({ code }) => code)).toEqual(
      problems.map(({ code }) => code),
    );
  });

  test('duplicates are found in every spelling, and name the line that counts', () => {
    const text = [
      '10.0.0.0/8',
      '2001:db8::/32',
      '10.1.0.0/8',
      '::ffff:10.0.0.0/104',
      '10.0.0.0-10.255.255.255',
      '2001:DB8:0:0::/32',
      '10.0.0.1-10.0.0.9',
      '10.0.0.1 - 10.0.0.9',
      '@private',
      '@private # again',
      '10.0.0.1-10.0.0.10',
      '10.0.0.0/9',
      '127.0.0.0/8',
      '@loopback',
    ].join('\n');
    const duplicates = parseList(text).problems.filter(({ code }) => code === 'duplicate');
    expect(duplicates.map(({ line, message }) => [line, /line (\d+)/.exec(message)?.[1]])).toEqual([
      [3, '1'],
      [4, '1'],
      [5, '1'],
      [6, '2'],
      [8, '7'],
      [10, '9'],
    ]);
    expect(createPolicy({ deny: text }).problems.filter(({ code }) => code === 'duplicate')).toEqual(
      duplicates,
    );
  });

  test('named networks share no prefix, so that equal parts have equal names', () => {
    const prefixes = namedNetworks.flatMap((network) => network.prefixes);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    const names = namedNetworks.map(({ name }) => `@${name}`);
    const { problems } = parseList([...names, ...[...names].reverse(), ...prefixes].join('\n'));
    const duplicates = problems.filter(({ code }) => code === 'duplicate');
    expect(duplicates.map(({ text }) => text)).toEqual([...names].reverse());
  });

  test('an exemption that is in the list too is not a duplicate', () => {
    const policy = createPolicy({ deny: '10.0.0.1\n10.0.0.1', exempt: '10.0.0.1\n10.0.0.2\n10.0.0.2' });
    expect(policy.problems.map(({ source, line, code }) => [source, line, code])).toEqual([
      ['deny', 2, 'duplicate'],
      ['exempt', 3, 'duplicate'],
    ]);
  });
});

describe('the limit', () => {
  const lines = (count: number): string =>
    Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join('\n');

  test('is 1,000 entries, counted as written', () => {
    expect(parseList(lines(1000)).problems).toEqual([]);
    expect(createPolicy({ allow: lines(1000) }).size).toBe(1000);
    const { entries, problems } = parseList(`# comment\n\n${lines(1001)}`);
    expect(entries).toHaveLength(1001);
    expect(places(problems)).toEqual(['1003:1-11 too-many-entries']);
    expect(problems[0]?.message).toMatch(/1001 entries.*limit is 1000.*maxEntries/);
  });

  test('counts duplicates, and a named network as one', () => {
    expect(
      places(
        parseList('10.0.0.1\n10.0.0.1\n10.0.0.1', { maxEntries: 2 }).problems.filter(
          ({ severity }) => severity === 'error',
        ),
      ),
    ).toEqual(['3:1-9 too-many-entries']);
    expect(parseList('@documentation\n@private', { maxEntries: 2 }).problems).toEqual([]);
  });

  test.each(['allow', 'deny', 'exempt'])('holds for the %s list, and is raised by maxEntries', (name) => {
    const input = name === 'exempt' ? { deny: '', exempt: lines(1001) } : { [name]: lines(1001) };
    const error = listErrorOf(() => createPolicy(input as { deny: string }));
    expect(error.problems.map(({ source, code, line }) => [source, code, line])).toEqual([
      [name, 'too-many-entries', 1001],
    ]);
    expect(createPolicy({ ...(input as { deny: string }), maxEntries: 1001 }).mode).toBe(
      name === 'allow' ? 'allow' : 'deny',
    );
  });

  test.each([-1, 1.5, Number.NaN, '10', true])('is refused when it is %s', (maxEntries) => {
    const error = listErrorOf(() => parseList('', { maxEntries: maxEntries as number }));
    expect(error.problems.map(({ code, source }) => [code, source])).toEqual([['invalid-option', 'options']]);
  });
});

describe('parseList', () => {
  test('takes no options for none', () => {
    expect(parseList('10.0.0.1', undefined).entries).toHaveLength(1);
    expect(parseList('10.0.0.1', null as never).entries).toHaveLength(1);
  });

  test.each([{ maxEntrys: 1 }, { mode: 'allow' }, { list: 'foo' }, 'allow'])(
    'refuses the options %j',
    (options) => {
      const error = listErrorOf(() => parseList('', options as object));
      expect(error.problems.map(({ code, source }) => [code, source])).toEqual([
        ['invalid-option', 'options'],
      ]);
    },
  );

  test('gives entries as written and in canonical text, in order', () => {
    const { entries } = parseList('# list\n2001:DB8::/32 # v6\n\n10.1.2.3/8', { list: 'allow' });
    expect(entries).toEqual([
      { text: '2001:DB8::/32', canonical: '2001:db8::/32', note: 'v6', list: 'allow', line: 2 },
      { text: '10.1.2.3/8', canonical: '10.0.0.0/8', note: undefined, list: 'allow', line: 4 },
    ]);
    expect(Object.isFrozen(entries) && entries.every((entry) => Object.isFrozen(entry))).toBe(true);
  });

  test.each([1, 31, 32, 33, 63, 64, 65, 200])('knows the line of each of %i entries', (size) => {
    const lines = Array.from({ length: size }, (_, index) => `10.0.${index}.0/24`);
    // In each, one line without an entry: at the start, before the last entry, at the end, or none at all.
    for (const blank of [0, size - 1, size, undefined]) {
      const text =
        blank === undefined ? lines : [...lines.slice(0, blank), '# Comment', ...lines.slice(blank)];
      const { entries } = parseList(text.join('\n'));
      expect(entries.map(({ line, text: written }) => [line, written])).toEqual(
        lines.map((line, index) => [blank === undefined || index < blank ? index + 1 : index + 2, line]),
      );
      const managed = { mode: 'deny' as const, entries };
      expect(createPolicy(managed).decide(`10.0.${size - 1}.7`).entry).toEqual(entries[size - 1]);
    }
  });

  test('mixes errors and warnings in the order of the text', () => {
    const { problems } = parseList('10.0.0.1/8\nx\n0.0.0.0/0\n10.0.0.256');
    expect(places(problems)).toEqual([
      '1:1-11 host-bits-set',
      '2:1-2 invalid-character',
      '3:1-10 covers-everything',
      '4:8-11 octet-range',
    ]);
  });

  test.each([undefined, null, 7, {}, Symbol('list')])('reports %s instead of throwing', (text) => {
    const { entries, problems } = parseList(text as string);
    expect(entries).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every(({ severity }) => severity === 'error')).toBe(true);
  });
});

function listErrorOf(run: () => unknown): ListError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return error as ListError;
  }
  throw new Error('nothing was thrown');
}

describe('very many bad lines', () => {
  test('are all reported, and those after the first 10,000 without advice', () => {
    const { problems } = parseList('x1.2.3.4 is bad\n'.repeat(10_002), {
      maxEntries: Number.POSITIVE_INFINITY,
    });
    expect(problems.length).toBe(10_002);
    const messages = [problems[9_999], problems[10_000]].map((problem) => problem?.message);
    expect(messages[0]).toContain('write');
    expect(messages[1]).toBe('"x" is not allowed here');
    expect(problems[10_001]).toMatchObject({ line: 10_002, column: 1, code: 'invalid-character' });
  });
});
