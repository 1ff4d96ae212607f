import { describe, expect, test } from 'vitest';
import { scanEntry, span } from '../../src/address/entry.ts';
import { findUnreachable, specialPurposeNetworks } from '../../src/lint/registry.ts';
import { ListError, type ManagedList, type Problem, parseList } from '../../src/public/index.ts';
import { applyFixes, type LintOptions, type LintProblem, lintList } from '../../src/public/list.ts';

const allow = { mode: 'allow' } as const;
const home = { reach: 'private' } as const;

/** Line and code of every problem, `+` when there is a fix. */
function said(problems: readonly LintProblem[]): string[] {
  return problems.map(({ line, code, fix }) => `${line} ${code}${fix === undefined ? '' : '+'}`);
}

function codesOf(text: string, options?: LintOptions): string[] {
  return said(lintList(text, options));
}

/** What is said of a list, and the list that is left when all fixes are applied; nothing when it stays as it is. */
type Row = readonly [
  name: string,
  text: string,
  options: LintOptions,
  expected: readonly string[],
  fixed?: string,
];

const rows: Row[] = [
  ['nothing to say', '198.20.0.0/24 # Office\n2600::/48', {}, []],
  ['an empty list', '', {}, []],
  ['comments alone', '# 10.0.0.0/33\n\n', {}, []],
  ['an empty allow list', '', allow, ['1 open-list']],
  ['an allow list of comments', '# 10.0.0.0/33\n\n', allow, ['1 open-list']],
  ['an allow list of which no line is good', '10.0.0.0/33', allow, ['1 prefix-length-range']],

  // What the reader of lists reports.
  ['an error', '198.20.0.300', {}, ['1 octet-range']],
  [
    'an error beside a good line',
    '198.20.0.300\n8.8.8.8\n8.8.8.8',
    {},
    ['1 octet-range', '3 duplicate+'],
    '198.20.0.300\n8.8.8.8',
  ],
  ['a note with a control', '8.8.8.8 # a\u202eb', {}, ['1 invalid-character']],
  ['host bits', '8.8.8.8/24 # DNS', {}, ['1 host-bits-set+'], '8.8.8.0/24 # DNS'],
  ['host bits, mapped', '  ::FFFF:8.8.8.8/120', {}, ['1 host-bits-set+'], '  8.8.8.0/24'],
  ['host bits, IPv6', '2600::1/64\t# x', {}, ['1 host-bits-set+'], '2600::/64\t# x'],

  ['a duplicate', '8.8.8.8\n8.8.8.8', {}, ['2 duplicate+'], '8.8.8.8'],
  [
    'a duplicate in other spellings',
    '8.8.8.0/24\n8.8.8.0-8.8.8.255\n::ffff:8.8.8.0/120',
    {},
    ['2 duplicate+', '3 duplicate+'],
    '8.8.8.0/24',
  ],
  ['a duplicate range', '8.8.8.1-8.8.8.9\n8.8.8.1 - 8.8.8.9', {}, ['2 duplicate+'], '8.8.8.1-8.8.8.9'],
  ['a duplicate name', '@private\n@private', home, ['2 duplicate+'], '@private'],
  ['a duplicate with the same note', '8.8.8.8 # a\n8.8.8.8 #a', {}, ['2 duplicate+'], '8.8.8.8 # a'],
  ['a duplicate without the note', '8.8.8.8 # a\n8.8.8.8', {}, ['2 duplicate+'], '8.8.8.8 # a'],
  ['a duplicate whose note would be lost', '8.8.8.8\n8.8.8.8 # a', {}, ['2 duplicate']],
  ['a duplicate with another note', '8.8.8.8 # a\n8.8.8.8 # b', {}, ['2 duplicate', '2 notes-differ']],
  [
    'one of three with another note',
    '8.8.8.8 # a\n8.8.8.8 # b\n8.8.8.8 # a',
    {},
    ['2 duplicate', '2 notes-differ', '3 duplicate+'],
    '8.8.8.8 # a\n8.8.8.8 # b',
  ],
  ['notes that differ in a silence only', '8.8.8.8 # a\n8.8.8.8 # a; lint-ignore duplicate', {}, []],

  ['a covered address', '8.8.8.0/24\n8.8.8.8', {}, ['2 covered+'], '8.8.8.0/24'],
  ['a covered address above', '8.8.8.8\n8.8.8.0/24', {}, ['1 covered+'], '8.8.8.0/24'],
  ['a covered range', '8.8.8.0/24\n8.8.8.8-8.8.8.19', {}, ['2 covered+'], '8.8.8.0/24'],
  ['a prefix in a range', '8.8.8.1-8.8.8.200\n8.8.8.8/30', {}, ['2 covered+'], '8.8.8.1-8.8.8.200'],
  ['overlapping ranges', '8.8.8.1-8.8.8.20\n8.8.8.10-8.8.8.30', {}, []],
  [
    'a prefix in a named network',
    '10.0.0.0/8\n@private\n10.1.0.0/16',
    home,
    ['1 covered+', '3 covered+'],
    '@private',
  ],
  [
    'a named network in prefixes',
    '10.0.0.0/7\n172.0.0.0/8\n192.0.0.0/8\n@private',
    home,
    ['4 covered+'],
    '10.0.0.0/7\n172.0.0.0/8\n192.0.0.0/8',
  ],
  ['half a named network', '10.0.0.0/7\n172.0.0.0/8\n@private', home, []],
  ['a covered entry with the same note', '8.8.8.0/24 # a\n8.8.8.8 # a', {}, ['2 covered+'], '8.8.8.0/24 # a'],
  ['a covered entry with a note', '8.8.8.0/24\n8.8.8.8 # a', {}, ['2 covered']],
  [
    'a covered entry under another note',
    '8.8.8.0/24 # a\n8.8.8.8 # b\n8.8.8.9',
    {},
    ['2 covered', '3 covered+'],
    '8.8.8.0/24 # a\n8.8.8.8 # b',
  ],
  [
    'IPv4 under ::/0',
    '::/0\n8.8.8.8',
    {},
    ['1 covers-everything', '1 excludes-ipv4', '1 missing-twin', '1 denies-loopback'],
  ],
  [
    'IPv4 under ::/0, mapped',
    '::/0\n0.0.0.0/0\n::ffff:8.8.8.8',
    {},
    [
      '1 covers-everything',
      '1 excludes-ipv4',
      '1 denies-loopback',
      '2 covers-everything',
      '2 denies-loopback',
      '3 covered+',
    ],
    '::/0\n0.0.0.0/0',
  ],

  ['siblings', '8.8.8.0/25\n8.8.8.128/25', {}, ['1 mergeable+'], '8.8.8.0/24'],
  [
    'siblings the other way',
    '8.8.8.128/25 # a\n# b\n8.8.8.0/25 # a',
    {},
    ['1 mergeable+'],
    '8.8.8.0/24 # a\n# b',
  ],
  ['four addresses', '8.8.8.1\n8.8.8.0\n8.8.8.3\n8.8.8.2', {}, ['1 mergeable+'], '8.8.8.0/30'],
  ['halves of halves', '8.8.8.0/26\n8.8.8.64/26\n8.8.8.128/25', {}, ['1 mergeable+'], '8.8.8.0/24'],
  ['neighbours that are not siblings', '8.8.8.128/25\n8.8.9.0/25', {}, []],
  ['siblings of IPv6', '2600::/33\n2600:0:8000::/33', {}, ['1 mergeable+'], '2600::/32'],
  ['siblings across words', '2600::/64\n2600:0:0:1::/64', {}, ['1 mergeable+'], '2600::/63'],
  [
    'siblings with host bits',
    '8.8.8.1/25\n8.8.8.129/25',
    {},
    ['1 host-bits-set+', '1 mergeable+', '2 host-bits-set+'],
    '8.8.8.0/24',
  ],
  ['siblings with other notes', '8.8.8.0/25 # a\n8.8.8.128/25 # b', {}, ['1 mergeable']],
  ['siblings, one with a note', '8.8.8.0/25\n8.8.8.128/25 # b', {}, ['1 mergeable']],
  [
    'siblings under another note',
    '8.8.8.0/25 # a\n8.8.8.128/25 # a\n8.8.8.100-8.8.8.150 # b',
    {},
    ['1 mergeable'],
  ],
  [
    'a covered sibling',
    '8.8.8.0/25\n8.8.8.128/25\n8.8.0.0/16',
    {},
    ['1 covered+', '2 covered+'],
    '8.8.0.0/16',
  ],
  [
    'a range that siblings cover',
    '8.8.8.0/25\n8.8.8.128/25\n8.8.8.100-8.8.8.150',
    {},
    ['1 mergeable+', '3 covered+'],
    '8.8.8.0/24',
  ],
  [
    'both halves of everything',
    '0.0.0.0/1\n128.0.0.0/1',
    {},
    [
      '1 covers-everything',
      '1 mergeable+',
      '1 partly-special-purpose',
      '1 denies-loopback',
      '2 partly-special-purpose',
    ],
    '0.0.0.0/0',
  ],

  [
    'everything of one family',
    '0.0.0.0/0',
    {},
    ['1 covers-everything', '1 missing-twin', '1 denies-loopback'],
  ],
  [
    'everything of both',
    '0.0.0.0/0\n::/0',
    { exempt: '@loopback' },
    [
      '1 covers-everything',
      '1 partly-exempted',
      '2 covers-everything',
      '2 excludes-ipv4',
      '2 partly-exempted',
    ],
  ],
  [
    'everything, the twin in halves',
    '0.0.0.0/0\n::/1\n8000::/1',
    allow,
    [
      '1 covers-everything',
      '2 excludes-ipv4',
      '2 covers-everything',
      '2 mergeable+',
      '2 very-wide',
      '3 very-wide',
    ],
    '0.0.0.0/0\n::/0',
  ],

  ['the ends of a network', '8.8.8.0\n8.8.8.255', {}, ['1 range-on-two-lines']],
  ['the ends of the hosts', '8.8.8.1 # a\n8.8.8.254 # a', {}, ['1 range-on-two-lines']],
  ['the ends of a network of IPv6', '2600::\n2600::ffff:ffff:ffff:ffff', {}, ['1 range-on-two-lines']],
  ['the ends of a small network', '8.8.8.8\n8.8.8.15', {}, []],
  ['the ends of few hosts', '8.8.8.1\n8.8.8.14', {}, []],
  ['the ends the other way', '8.8.8.255\n8.8.8.0', {}, []],
  ['ends with other notes', '8.8.8.0 # a\n8.8.8.255 # b', {}, []],
  ['ends with a line between', '8.8.8.0\n\n8.8.8.255', {}, []],
  ['ends of nothing', '8.8.8.3\n8.8.8.255', {}, []],
  ['a range on one line', '8.8.8.0-8.8.8.200', {}, []],

  ['a wide prefix', '8.0.0.0/8\n16.0.0.0/9', allow, ['1 very-wide']],
  ['a wide prefix of IPv6', '2600::/16\n2a00::/17', allow, ['1 very-wide']],
  ['a wide range', '8.0.0.1-9.0.0.0\n11.0.0.1-11.255.255.255', allow, ['1 very-wide']],
  [
    'a wide range of IPv6',
    '2600::1-2601::\n2603::1-2603:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    allow,
    ['1 very-wide'],
  ],
  ['a wide prefix in a deny list', '8.0.0.0/8', {}, []],
  ['a wide private network', '10.0.0.0/8\n@private', { ...allow, ...home }, ['1 covered+'], '@private'],
  [
    'another threshold',
    '8.8.0.0/16\n8.9.0.0/17\n2600::/32',
    { ...allow, wide: { ipv4: 16, ipv6: 32 } },
    ['1 very-wide', '3 very-wide'],
  ],
  ['no threshold', '8.0.0.0/6', { ...allow, wide: { ipv4: 0 } }, []],

  ['an exempt deny entry', '8.8.8.8\n8.8.4.4', { exempt: '8.8.8.0/24' }, ['1 exempted']],
  ['a partly exempt deny entry', '8.8.8.0/24', { exempt: '8.8.8.8' }, ['1 partly-exempted']],
  [
    'exempt by two entries together',
    '8.8.8.0/24',
    { exempt: '8.8.8.0/25\n8.8.8.128-8.8.9.0' },
    ['1 exempted'],
  ],
  [
    'exempt but for one address',
    '8.8.8.0/24',
    { exempt: '8.8.8.0/25\n8.8.8.129-8.8.9.0' },
    ['1 partly-exempted'],
  ],
  ['an exempt allow entry', '8.8.8.8', { ...allow, exempt: '8.8.8.8' }, ['1 exempted']],
  ['a partly exempt allow entry', '8.8.8.0/24', { ...allow, exempt: '8.8.8.8' }, []],
  ['an exempt name', '@loopback', { ...home, exempt: '127.0.0.0/8\n::1' }, ['1 exempted']],
  [
    'half an exempt name',
    '@loopback',
    { ...home, exempt: '::1' },
    ['1 denies-loopback', '1 partly-exempted'],
  ],

  ['loopback', '127.0.0.1\n::1', home, ['1 denies-loopback', '2 denies-loopback']],
  ['loopback in an allow list', '127.0.0.1\n::1', { ...allow, ...home }, []],
  ['a network with loopback', '120.0.0.0/5', {}, ['1 partly-special-purpose', '1 denies-loopback']],
  ['a network with loopback exempt', '120.0.0.0/5', { exempt: '@loopback' }, ['1 partly-exempted']],

  [
    'special-purpose',
    '10.1.2.3\n192.168.0.0/16\nfe80::/64',
    {},
    ['1 special-purpose', '2 special-purpose', '3 special-purpose'],
  ],
  ['special-purpose at home', '10.1.2.3\n192.168.0.0/16\nfe80::/64', home, []],
  ['special-purpose in part', '192.0.0.0/8', {}, ['1 partly-special-purpose']],
  ['special-purpose in part, at home', '192.0.0.0/8', home, []],
  ['special-purpose in part, allowed', '192.0.0.0/8', { ...allow, wide: { ipv4: 0 } }, []],
  [
    'special-purpose in part, some of it exempt',
    '192.0.0.0/8',
    { exempt: '@private' },
    ['1 partly-special-purpose', '1 partly-exempted'],
  ],
  [
    'special-purpose in part, all of it exempt',
    '10.0.0.0/7\n126.0.0.0/7',
    { exempt: '10.0.0.0/9\n10.128.0.0/9\n@loopback' },
    ['1 partly-exempted', '2 partly-exempted'],
  ],
  ['special-purpose at an end of a range', '9.9.9.9-10.0.0.0', {}, ['1 partly-special-purpose']],
  ['a range that touches special-purpose', '9.9.9.9-9.255.255.255\n11.0.0.0-11.0.0.1', {}, []],
  ['special-purpose in part, IPv6', '2001:c00::/22\n2001:400::/22', {}, ['1 partly-special-purpose']],
  ['special-purpose in a network that is reachable', '192.88.99.0/24', {}, []],
  ['anycast in special-purpose', '192.0.0.9-192.0.0.10\n2001:1::1', {}, []],
  ['networks that are deprecated', 'fec0::1\n200::/7', {}, ['1 special-purpose', '2 special-purpose']],
  [
    'deprecated and other networks',
    'fe80::/9\nfec0::/10',
    allow,
    ['1 special-purpose', '2 covered+', '2 special-purpose'],
    'fe80::/9',
  ],

  [
    'IPv6 that looks like IPv4',
    '::192.0.2.1\n::ffff:0:192.0.2.0/120\n64:ff9b::192.0.2.1-64:ff9b::192.0.2.9\n::fff:8.8.8.8',
    {},
    ['1 ipv4-look-alike', '2 ipv4-look-alike', '3 ipv4-look-alike', '4 ipv4-look-alike'],
  ],
  ['whole blocks that look like IPv4', '64:ff9b::/96', allow, ['1 ipv4-look-alike']],
  [
    'IPv6 that looks like IPv4 beside it',
    '64:ff9b::8.8.8.0/120\n8.8.8.0-8.8.8.128\n8.8.8.129-8.8.8.255',
    {},
    [],
  ],
  ['IPv6 that looks like more IPv4', '64:ff9b::8.8.8.0/120\n8.8.8.0-8.8.8.254', {}, ['1 ipv4-look-alike']],
  ['IPv4, mapped', '::ffff:8.8.8.8\n::ffff:8.8.4.0/120', {}, []],
  ['IPv6 with small numbers', '::2\n::1234\n::4-::9\n64:ff9b::1\n::2:3:4:5', home, []],
  ['IPv6 with other IPv4 in it', '2002:808:808::/48\n2001:0:808:808::/64\n2600::8.8.8.8', {}, []],
  ['wider than what looks like IPv4', '64:ff9b::/95\n::8:0:0/93', home, []],
  ['silence of a look', '64:ff9b::8.8.8.8 # NAT64; lint-ignore ipv4-look-alike', {}, []],

  [
    'notes that look alike',
    '8.8.8.8 # a b\n8.8.4.4 # a\u00a0b\n9.9.9.9 # a  b\n1.1.1.1 #  a \u200bb ',
    {},
    ['2 look-alike-note+', '3 look-alike-note+', '4 look-alike-note+'],
    '8.8.8.8 # a b\n8.8.4.4 # a b\n9.9.9.9 # a b\n1.1.1.1 #  a b ',
  ],
  [
    'notes that look like the most frequent one',
    '8.8.8.8 # caf\u00e9\n8.8.4.4 # cafe\u0301\n9.9.9.9 # cafe\u0301',
    {},
    ['1 look-alike-note+'],
    '8.8.8.8 # cafe\u0301\n8.8.4.4 # cafe\u0301\n9.9.9.9 # cafe\u0301',
  ],
  ['notes that do not look alike', '8.8.8.8 # a b\n8.8.4.4 # A b\n9.9.9.9 # ab\n1.1.1.1 # a-b', {}, []],
  ['a note that cannot be seen', '8.8.8.8 # \u200b\n8.8.4.4\n9.9.9.9 # \u200c', {}, []],
  ['joiners that are seen', '8.8.8.8 # \u{1f468}\u200d\u{1f469}\n8.8.4.4 # \u{1f468}\u{1f469}', {}, []],
  [
    'a duplicate whose note looks alike',
    '8.8.8.8 # a b\n8.8.8.8 # a\u00a0b',
    {},
    ['2 duplicate+', '2 look-alike-note+'],
    '8.8.8.8 # a b',
  ],
  [
    'halves whose notes look alike',
    '8.8.8.1/25 # a\u00a0b\n8.8.8.128/25 # a b\n9.9.9.9 # a b',
    {},
    ['1 host-bits-set+', '1 mergeable+', '1 look-alike-note+'],
    '8.8.8.0/24 # a b\n9.9.9.9 # a b',
  ],
  [
    'host bits and a note that looks alike',
    '8.8.8.1/25 # a\u00a0b\n9.9.9.9 # a b\n1.1.1.1 # a b',
    {},
    ['1 host-bits-set+', '1 look-alike-note+'],
    '8.8.8.0/25 # a b\n9.9.9.9 # a b\n1.1.1.1 # a b',
  ],
  [
    'a note that looks alike, with a directive',
    '8.8.8.1 # a b\n8.8.8.8/25 # a\u00a0b; lint-ignore host-bits-set\n8.8.4.4 # a\u00a0b lint-ignore mergeable',
    {},
    ['1 covered+', '1 look-alike-note+', '3 lint-ignore-unused'],
    '8.8.8.8/25 # a\u00a0b; lint-ignore host-bits-set\n8.8.4.4 # a\u00a0b lint-ignore mergeable',
  ],
  [
    'a look that is meant',
    '8.8.8.8 # a b\n8.8.8.8 # a\u00a0b; lint-ignore look-alike-note',
    {},
    ['2 duplicate', '2 notes-differ'],
  ],
  [
    'a look that is meant and is the same',
    '8.8.8.8 # a b; lint-ignore look-alike-note\n8.8.4.4 # a b',
    {},
    ['1 lint-ignore-unused'],
  ],
  [
    'special-purpose but for an address',
    '192.0.0.0/24\n192.0.0.9\n192.0.0.16/28',
    {},
    ['1 partly-special-purpose', '2 covered+', '3 covered+', '3 special-purpose'],
    '192.0.0.0/24',
  ],
  ['special-purpose across rows', '255.255.255.0-255.255.255.255', {}, ['1 special-purpose']],
  ['multicast', '224.0.0.0-255.255.255.255', {}, ['1 special-purpose']],

  [
    'the exemptions',
    '8.8.4.4',
    { exempt: '8.8.8.8\n8.8.8.8\n8.8.8.9/24\n@private\n@private\n8.8.8.300' },
    ['2 duplicate', '3 host-bits-set', '5 duplicate', '6 octet-range'],
  ],

  [
    'unused',
    '8.8.8.0/24\n8.8.4.4\n2600::/32',
    { clients: ['8.8.8.8', 'unknown', '::ffff:8.8.8.9'] },
    ['2 unused', '3 unused'],
  ],
  ['used by every spelling', '8.8.8.8\n2600::1', { clients: ['::ffff:808:808', '2600:0::1%eth0'] }, []],
  [
    'used at the ends',
    '8.8.8.0/24\n255.255.255.255',
    { ...home, clients: ['8.8.8.0', '255.255.255.255'] },
    [],
  ],
  ['unused beyond the ends', '8.8.8.0/24', { clients: ['8.8.7.255', '8.8.9.0'] }, ['1 unused']],
  ['used under another', '8.8.8.0/24 # a\n8.8.8.8-8.8.8.9 # b', { clients: ['8.8.8.9'] }, ['2 covered']],
  ['a log without any client', '8.8.8.8', { clients: ['-', '', 'unknown'] }, []],

  ['silence', '8.8.8.0/24\n8.8.8.8 # lint-ignore covered', {}, []],
  ['silence with a note', '8.8.8.0/24\n8.8.8.8 # Office, meant: lint-ignore covered', {}, []],
  [
    'silence of several',
    '10.0.0.0/8\n10.0.0.1/24 # lint-ignore covered,host-bits-set special-purpose',
    {},
    ['1 special-purpose'],
  ],
  [
    'silence of another code',
    '8.8.8.0/24\n8.8.8.8 # lint-ignore mergeable',
    {},
    ['2 covered+', '2 lint-ignore-unused'],
    '8.8.8.0/24',
  ],
  ['a silence is not another note', '8.8.8.0/25 # a\n8.8.8.128/25 # a; lint-ignore mergeable', {}, []],
  ['a silence is not a note', '8.8.8.0/25 # lint-ignore mergeable\n8.8.8.128/25', {}, []],
  ['both halves silent', '8.8.8.0/25 # lint-ignore mergeable\n8.8.8.128/25 # lint-ignore mergeable', {}, []],
  [
    'a silent half beside a merged one',
    '8.8.8.0/26\n8.8.8.128/25 # lint-ignore mergeable\n8.8.8.64/26',
    {},
    ['1 mergeable+'],
    '8.8.8.0/25\n8.8.8.128/25 # lint-ignore mergeable',
  ],
  [
    'silence of another code beside a half',
    '8.8.8.0/25 # a lint-ignore special-purpose\n8.8.8.128/25 # a',
    home,
    ['1 mergeable+'],
    '8.8.8.0/24 # a lint-ignore special-purpose',
  ],
  ['a silent repetition of a note', '8.8.8.8 # a\n8.8.8.8 # a, lint-ignore duplicate', {}, []],
  [
    'a silent one without a note is in the way',
    '8.8.8.0/24 # a\n8.8.8.0/28 # lint-ignore covered\n8.8.8.8 # a',
    {},
    ['3 covered'],
  ],
  [
    'a sentence is not stripped of its end',
    '8.8.8.8 # a.\n8.8.8.8 # a. lint-ignore covered',
    {},
    ['2 duplicate+', '2 lint-ignore-unused'],
    '8.8.8.8 # a.',
  ],
  [
    'silence of rules that have not run',
    '8.8.8.8 # lint-ignore unused, exempted, partly-exempted\n8.8.4.4 # lint-ignore special-purpose, very-wide',
    home,
    [],
  ],
  [
    'silence of rules that have run',
    '8.8.8.8 # lint-ignore unused\n8.8.4.4 # lint-ignore exempted\n8.8.0.1 # lint-ignore special-purpose',
    { exempt: '9.9.9.9', clients: ['8.8.8.8', '8.8.4.4', '8.8.0.1'] },
    ['1 lint-ignore-unused', '2 lint-ignore-unused', '3 lint-ignore-unused'],
  ],
  [
    'everything by ranges and a prefix',
    '9.0.0.0-255.255.255.255\n# x\n8.0.0.0/8\n0.0.0.0-8.1.1.1\n10.0.0.0/8 # a',
    { exempt: '@loopback', ...home },
    ['1 covers-everything', '1 partly-exempted', '5 covered'],
  ],
  [
    'everything but an address',
    '0.0.0.0/1\n128.0.0.0-255.255.255.254',
    allow,
    ['1 very-wide', '2 very-wide'],
  ],
  ['silence of no code', '8.8.8.8 # lint-ignore', {}, ['1 lint-ignore-unused']],
  ['silence of an unknown code', '8.8.8.8 # lint-ignore coverd and more', {}, ['1 lint-ignore-unknown']],
  [
    'silence of an error',
    '8.8.8.8 # lint-ignore octet-range\n8.8.8.300 # lint-ignore octet-range',
    {},
    ['1 lint-ignore-unknown', '2 octet-range'],
  ],
  ['silence of a silence', '8.8.8.8 # lint-ignore lint-ignore-unused', {}, ['1 lint-ignore-unknown']],
  ['no silence', '8.8.8.8 # no-lint-ignore covered, lint-ignored', {}, []],
  ['silence in the exemptions', '8.8.4.4', { exempt: '8.8.8.8/24 # lint-ignore host-bits-set' }, []],
];

describe('lintList', () => {
  test.each(rows.map((row) => [row[0], row] as const))(
    '%s',
    (_, [, text, options, expected, fixed = text]) => {
      const problems = lintList(text, options);
      expect(said(problems)).toEqual(expected);
      expect(applyFixes(text, problems)).toBe(fixed);
    },
  );

  test('says where, and what', () => {
    const [problem] = lintList('# x\n  8.8.8.0/24 # a\r\n\t8.8.8.8 # b', { mode: 'allow' });
    expect(problem).toEqual({
      severity: 'warning',
      code: 'covered',
      message:
        'covered by "8.8.8.0/24" on line 2: removing it would lose a note, so decide which entry stays',
      source: 'allow',
      line: 3,
      column: 2,
      endColumn: 9,
      text: '8.8.8.8',
    });
  });

  test.each([
    ['8.8.8.8\n8.8.8.8', {}, 'duplicate', 'the same as "8.8.8.8" on line 1, which is the one that counts'],
    ['8.8.8.0/24\n8.8.8.8', {}, 'covered', 'covered by "8.8.8.0/24" on line 1: remove this line'],
    [
      '10.0.0.0/7\n172.0.0.0/8\n192.0.0.0/8\n@private',
      home,
      'covered',
      'covered by "10.0.0.0/7" on line 1 and "172.0.0.0/8" on line 2 and "192.0.0.0/8" on line 3: remove this line',
    ],
    [
      '8.8.8.0/25\n8.8.8.128/25\n8.8.8.9-8.8.8.200',
      {},
      'covered',
      'covered by "8.8.8.0/25" on line 1 and "8.8.8.128/25" on line 2: remove this line',
    ],
    [
      '8.8.8.0/25\n8.8.8.128/25',
      {},
      'mergeable',
      'fills 8.8.8.0/24 together with line 2: write that instead',
    ],
    [
      '8.8.8.0/28\n8.8.8.16/28\n8.8.8.32/27\n8.8.8.64/26\n8.8.8.128/26\n8.8.8.192/27\n8.8.8.224/27',
      {},
      'mergeable',
      'fills 8.8.8.0/24 together with lines 2, 3, 4, 5, 6 and 1 more: write that instead',
    ],
    [
      '8.8.8.0/25 # a\n8.8.8.128/25',
      {},
      'mergeable',
      'fills one prefix together with line 2, but their notes differ: decide whether one note is enough',
    ],
    [
      '8.8.8.0/25 # a\n8.8.8.128/25 # a\n8.8.8.9-8.8.8.200',
      {},
      'mergeable',
      'fills one prefix together with line 2, but an entry with another note overlaps them',
    ],
    [
      '8.8.8.8 # a\n8.8.8.8 # b',
      {},
      'notes-differ',
      'has the note "b" here and "a" on line 1: the first one counts',
    ],
    [
      '8.8.8.0\n8.8.8.255',
      {},
      'range-on-two-lines',
      'this line and the next have the first and the last address of a /24 network: write 8.8.8.0-8.8.8.255 on one line if you mean the addresses between them, too',
    ],
    ['8.0.0.0/8', allow, 'very-wide', 'lets in 16,777,216 addresses: is that intended?'],
    ['2600::/16', allow, 'very-wide', 'lets in about 2^112 addresses: is that intended?'],
    [
      '2600:1:2:3::/64',
      { ...allow, wide: { ipv6: 64 } },
      'very-wide',
      'lets in about 2^64 addresses: is that intended?',
    ],
    [
      '0.0.0.0/0',
      {},
      'missing-twin',
      'covers every IPv4 client, but denies no IPv6 client: add ::/0 if you mean all clients',
    ],
    [
      '::/0',
      allow,
      'missing-twin',
      'covers every IPv6 client, but lets in no IPv4 client: add 0.0.0.0/0 if you mean all clients',
    ],
    [
      '8.8.8.8',
      { exempt: '# x\n8.8.0.0/16' },
      'exempted',
      'decides nothing: all clients there are exempt, see "8.8.0.0/16" on line 2 of the exemptions',
    ],
    [
      '8.8.8.0/24',
      { exempt: '8.8.8.8' },
      'partly-exempted',
      'denies only some clients there: others are exempt, see "8.8.8.8" on line 1 of the exemptions',
    ],
    [
      '10.0.0.0/8',
      {},
      'special-purpose',
      'no client comes from there over the Internet (private use, RFC 1918 §3)',
    ],
    [
      '@private',
      {},
      'special-purpose',
      'no client comes from there over the Internet (private use, RFC 1918 §3)',
    ],
    [
      '192.0.0.0/29',
      {},
      'special-purpose',
      'no client comes from there over the Internet (IPv4 service continuity, RFC 7335)',
    ],
    [
      '::1',
      {},
      'denies-loopback',
      'denies clients on the machine itself, such as health checks: if no proxy runs there, exempt @loopback',
    ],
    ['8.8.8.8', { clients: ['8.8.4.4'] }, 'unused', 'none of the clients came from there'],
    [
      '192.0.0.0/8',
      {},
      'partly-special-purpose',
      'also denies addresses that no client has over the Internet, of 192.0.0.0/24 (IETF protocol assignments), 192.0.2.0/24 (documentation), 192.168.0.0/16 (private use): list only the networks around them',
    ],
    [
      '0.0.0.0/1',
      {},
      'partly-special-purpose',
      'also denies addresses that no client has over the Internet, of 0.0.0.0/8 (this network), 10.0.0.0/8 (private use), 100.64.0.0/10 (shared address space) and 1 more: list only the networks around them',
    ],
    [
      'fec0::/64',
      {},
      'special-purpose',
      'no client comes from there over the Internet (site-local, deprecated, RFC 3879 §4)',
    ],
    [
      '::192.0.2.1',
      {},
      'ipv4-look-alike',
      'matches no IPv4 client, as it is an IPv6 entry that is IPv4-compatible, RFC 4291 §2.5.5.1: write 192.0.2.1 if you mean IPv4 clients',
    ],
    [
      '::ffff:0:192.0.2.0/120',
      {},
      'ipv4-look-alike',
      'matches no IPv4 client, as it is an IPv6 entry that is IPv4-translated, RFC 2765 §2.1: write 192.0.2.0/24 if you mean IPv4 clients',
    ],
    [
      '64:ff9b::c000:201-64:ff9b::192.0.2.9',
      {},
      'ipv4-look-alike',
      'matches no IPv4 client, as it is an IPv6 entry of NAT64, RFC 6052 §2.1: write 192.0.2.1-192.0.2.9 if you mean IPv4 clients',
    ],
    [
      '::fff:192.0.2.1',
      {},
      'ipv4-look-alike',
      'matches no IPv4 client, as it is an IPv6 entry that is not IPv4-mapped, RFC 4291 §2.5.5.2: write 192.0.2.1 if you mean IPv4 clients',
    ],
    [
      '8.8.8.8 # caf\u00e9\n8.8.4.4 # cafe\u0301',
      {},
      'look-alike-note',
      'has a note that looks like the one on line 1, but has "e" where that one has "\u00e9" (U+00E9): spell both alike',
    ],
    [
      '8.8.8.8 # \u{20000} b\n8.8.4.4 # \u{20000}\u00a0b',
      {},
      'look-alike-note',
      'has a note that looks like the one on line 1, but has U+00A0 where that one has U+0020: spell both alike',
    ],
    [
      '8.8.8.8 # a\n8.8.4.4 # a\u200b',
      {},
      'look-alike-note',
      'has a note that looks like the one on line 1, but has U+200B where that one has nothing: spell both alike',
    ],
    [
      '8.8.8.8 # lint-ignore a b a',
      {},
      'lint-ignore-unknown',
      'lint-ignore cannot silence "a" or "b": write the codes of warnings after it',
    ],
    [
      '8.8.8.8 # lint-ignore covered',
      {},
      'lint-ignore-unused',
      'this line has no "covered" to silence: remove the code',
    ],
    [
      '8.8.8.8 # lint-ignore covered, unused, duplicate',
      {},
      'lint-ignore-unused',
      'this line has no "covered" or "duplicate" to silence: remove these codes',
    ],
    [
      '0.0.0.0/1\n128.0.0.0/2\n192.0.0.0/2',
      {},
      'covers-everything',
      'covers every IPv4 address together with lines 2, 3',
    ],
    [
      '',
      allow,
      'open-list',
      'the list has no entries, so it lets everyone in unless whenEmpty is "deny": the first entry closes it',
    ],
    [
      '8.8.8.8 # lint-ignore',
      {},
      'lint-ignore-unused',
      'no code follows lint-ignore: write the code of the warning after it',
    ],
  ] as const)('$0 with $1 says $2', (text, options, code, message) => {
    expect(
      lintList(text, options)
        .filter((problem) => problem.code === code)
        .map((problem) => problem.message),
    ).toEqual([message]);
  });

  test('advises entries that mean the IPv4 addresses embedded', () => {
    const texts = [
      '::8.8.8.0/120',
      '::ffff:0:8.8.4.4',
      '64:ff9b::1.2.3.4-64:ff9b::1.2.4.1',
      '64:ff9b::/96',
      '::/97',
    ];
    for (const text of texts) {
      const [problem] = lintList(text).filter(({ code }) => code === 'ipv4-look-alike');
      const advised = problem?.message.match(/write (\S+) if/)?.[1] as string;
      const { entries } = parseList(
        text.replaceAll(/64:ff9b::|::ffff:0:|^::/g, '::ffff:').replace(':/', ':0.0.0.0/'),
      );
      expect([text, advised]).toEqual([text, entries[0]?.canonical]);
    }
  });

  test('shows the directive that is idle', () => {
    const at = (text: string): unknown[] =>
      lintList(text).map(({ code, line, column, endColumn, text: part }) => [
        code,
        line,
        column,
        endColumn,
        part,
      ]);
    expect(at('8.8.8.8  # unused; lint-ignore notes-differ, unused \t')).toEqual([
      ['lint-ignore-unused', 1, 32, 44, 'notes-differ'],
    ]);
    expect(at('\ufeff\t8.8.8.8 # lint-ignore')).toEqual([['lint-ignore-unused', 1, 12, 23, 'lint-ignore']]);
    expect(at('8.8.8.8 #lint-ignore: x')).toEqual([['lint-ignore-unknown', 1, 23, 24, 'x']]);
    expect(at('8.8.8.8 # lint-ignore lint-ignore x')).toEqual([
      ['lint-ignore-unknown', 1, 23, 34, 'lint-ignore'],
    ]);
  });

  test('gives frozen data, in the order of the lines', () => {
    const problems = lintList('8.8.8.128/25\n8.8.8.0/25\n8.8.8.300\n8.8.8.8/24', { clients: ['1.1.1.1'] });
    expect(problems.map(({ line }) => line)).toEqual([...problems.map(({ line }) => line)].sort());
    const parts = problems.flatMap((problem) => [
      problem,
      problem.fix,
      problem.fix?.edits,
      ...(problem.fix?.edits ?? []),
    ]);
    for (const part of [problems, ...parts]) expect(Object.isFrozen(part)).toBe(true);
  });

  test('reports all that building a policy reports', () => {
    const text = '8.8.8.8\n8.8.8.8\n10.0.0.1/8\n::/0\n0.0.0.0/0\n1.2.3.4:80\n@nobody\n1.1.1.1 x # y\u0007';
    const found = new Set(lintList(text).map(({ line, code, message }) => `${line} ${code} ${message}`));
    const { problems } = parseList(text);
    expect(problems.length).toBeGreaterThan(7);
    expect(problems.filter(({ line, code, message }) => !found.has(`${line} ${code} ${message}`))).toEqual(
      [],
    );
  });

  test('knows the limit, and lints beyond it', () => {
    const text = '8.8.8.8\n8.8.4.4\n8.8.8.8';
    expect(codesOf(text, { maxEntries: 2 })).toEqual(['3 too-many-entries', '3 duplicate+']);
    expect(codesOf(text, { maxEntries: 3 })).toEqual(['3 duplicate+']);
    const long = Array.from({ length: 1001 }, (_, index) => `8.8.${index >> 7}.${(index & 127) * 2}`).join(
      '\n',
    );
    expect(codesOf(long)).toEqual(['1001 too-many-entries']);
    expect(codesOf(long, { maxEntries: Number.POSITIVE_INFINITY })).toEqual([]);
  });
});

describe('a managed list', () => {
  const text = '# all\n8.8.8.0/24 # a\n\n8.8.8.8   # a\n8.8.4.4/31 # x';
  const { entries } = parseList(text);

  test('is linted by its entries, with their lines', () => {
    const problems = lintList({ mode: 'allow', entries });
    expect(said(problems)).toEqual(['4 covered+']);
    expect(problems[0]?.source).toBe('allow');
    expect(applyFixes(text, problems)).toBe('# all\n8.8.8.0/24 # a\n\n8.8.4.4/31 # x');
  });

  test('has fixes for the text that it came from, whose blanks it does not know', () => {
    const spaced = '8.8.8.8/24     # a\n9.9.9.0/25    # b\n9.9.9.128/25 # b';
    const problems = lintList({ mode: 'deny', entries: parseList(spaced).entries });
    expect(applyFixes(spaced, problems)).toBe('8.8.8.0/24     # a\n9.9.9.0/24    # b');
  });

  test('has no fixes where two entries say that they are on one line', () => {
    const same = entries.map((entry) => ({ ...entry, line: 1 }));
    expect(said(lintList({ mode: 'deny', entries: same }))).toEqual(['1 covered']);
  });

  test('is linted as the text that it prints', () => {
    class Printed {
      readonly mode = 'allow';
      readonly maxEntries = 2;
      readonly entries = entries;
      toString(): string {
        return text;
      }
    }
    expect(said(lintList(new Printed()))).toEqual(['4 covered+', '5 too-many-entries']);
    expect(said(lintList(new Printed(), { maxEntries: 3 }))).toEqual(['4 covered+']);
    expect(
      said(lintList({ mode: 'allow', entries: [], toString: () => '8.8.8.8/24' } as ManagedList)),
    ).toEqual(['1 host-bits-set+']);
    expect(said(lintList({ mode: 'allow', entries: [], toString: () => 5 } as never))).toEqual([
      '1 open-list',
    ]);
  });
});

describe('options', () => {
  const codeOf = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      if (error instanceof ListError)
        return error.problems.map(({ code, message }: Problem) => `${code}: ${message}`).join('; ');
    }
    return 'nothing';
  };

  test.each([
    [
      { mod: 'allow' },
      'invalid-option: there is no option "mod", only mode, exempt, maxEntries, clients, reach, wide, at',
    ],
    [{ mode: 'block' }, 'invalid-option: mode must be "allow" or "deny"'],
    [{ maxEntries: -1 }, 'invalid-option: maxEntries must be a whole number of entries, or Infinity'],
    [{ reach: 'lan' }, 'invalid-option: reach must be "internet" or "private"'],
    [{ clients: '8.8.8.8' }, 'invalid-option: clients must be an array or another iterable of addresses'],
    [{ clients: 5 }, 'invalid-option: clients must be an array or another iterable of addresses'],
    [
      { clients: new Map([['8.8.8.8', 5]]) },
      'invalid-option: clients must be an array or another iterable of addresses; a Map gives pairs: pass map.keys() or map.values()',
    ],
    [{ wide: 8 }, 'invalid-option: the options must be an object, got a number'],
    [{ wide: { ipv4: 33 } }, 'invalid-option: wide.ipv4 must be a prefix length from 0 to 32'],
    [{ wide: { ipv6: 1.5 } }, 'invalid-option: wide.ipv6 must be a prefix length from 0 to 128'],
    [{ wide: { ipv5: 1 } }, 'invalid-option: there is no option "ipv5", only ipv4, ipv6'],
    ['deny', 'invalid-option: the options must be an object, got a string'],
  ])('%j', (options, expected) => {
    expect(codeOf(() => lintList('', options as never))).toBe(expected);
  });

  test('the mode of a managed list is its own', () => {
    expect(codeOf(() => lintList({ mode: 'allow', entries: [] }, { mode: 'deny' }))).toBe(
      'invalid-option: a managed list has its own mode: leave the option out',
    );
    expect(codeOf(() => lintList({ mode: 'both' as never, entries: [] }))).toBe(
      'invalid-option: mode must be "allow" or "deny"',
    );
    expect(codeOf(() => lintList({ mode: 'allow', entries: [] }, { mode: 'allow' }))).toBe('nothing');
  });
});

describe('applyFixes', () => {
  const text = '\ufeff# list\r\n8.8.8.8/24 # a\r\n\r\n8.8.8.9 # a\r9.9.9.9\n9.9.9.9';
  const problems = lintList(text);

  test('leaves all other lines exactly as they are', () => {
    expect(said(problems)).toEqual(['2 host-bits-set+', '4 covered+', '6 duplicate+']);
    expect(applyFixes(text, problems)).toBe('\ufeff# list\r\n8.8.8.0/24 # a\r\n\r\n9.9.9.9');
    expect(applyFixes(text, [])).toBe(text);
    expect(applyFixes(text, problems.slice(2))).toBe(
      '\ufeff# list\r\n8.8.8.8/24 # a\r\n\r\n8.8.8.9 # a\r9.9.9.9',
    );
  });

  test.each([
    ['the first line', '8.8.8.8\n8.8.8.0/24\n', '8.8.8.0/24\n'],
    ['the first line after a mark', '\ufeff8.8.8.8\r\n8.8.8.0/24', '\ufeff8.8.8.0/24'],
    ['the last lines', '8.8.8.0/24\r\n8.8.8.8\r\n8.8.8.8', '8.8.8.0/24'],
    ['a last line before an empty one', '8.8.8.0/24\r\n8.8.8.8\r\n', '8.8.8.0/24\r\n'],
    ['a line between CR and LF', '8.8.8.0/24\r8.8.8.8\n\n# end', '8.8.8.0/24\n\n# end'],
    ['a line between CR and CRLF', '8.8.8.0/24\r8.8.8.8\r\r\n# end', '8.8.8.0/24\r\r\n# end'],
    ['two lines between CR and LF', '8.8.8.0/24\r8.8.8.8\r8.8.8.9\n\n# end', '8.8.8.0/24\n\n# end'],
  ])('removes %s', (_, list, expected) => {
    const fixed = applyFixes(list, lintList(list));
    expect(fixed).toBe(expected);
    const rest = list
      .split(/\r\n|\n|\r/)
      .filter((line) => !line.includes('8.8.8.8') && !line.includes('8.8.8.9'));
    expect(fixed.split(/\r\n|\n|\r/).map((line) => line.replace('\ufeff', ''))).toEqual(rest);
  });

  const stale = (list: string, given: unknown): string[] => {
    try {
      applyFixes(list, given as never);
    } catch (error) {
      if (error instanceof ListError) return error.problems.map(({ code, line }) => `${line} ${code}`);
      throw error;
    }
    return [];
  };
  const edit = (...edits: unknown[]): unknown => [{ fix: { edits } }];

  test('refuses fixes of another text, and then applies none', () => {
    expect(stale('8.8.8.8', problems)).toEqual(['1 stale-fix', '2 stale-fix', '3 stale-fix']);
    const twins = lintList('8.8.8.8\n8.8.8.8');
    expect(stale('8.8.8.8\n8.8.4.4', twins)).toEqual(['1 stale-fix']);
    expect(stale('8.8.8.8\n8.8.8.8 # kept', twins)).toEqual(['1 stale-fix']);
    expect(stale('8.8.8.8\n8.8.8.8', twins)).toEqual([]);
    // Deleting both of two duplicates is not a fix.
    const [other] = lintList('8.8.8.8/32\n8.8.8.8\n').concat(lintList('8.8.8.8\n8.8.8.0/24'));
    expect(
      stale('8.8.8.8\n8.8.8.8', [...twins, { ...other, fix: { edits: [{ line: 1, text: null }] } }]),
    ).toEqual(['2 stale-fix']);
  });

  describe('of entries that have ended', () => {
    const at = new Date('2026-06-01T00:00Z');
    const ended = '203.0.113.7 until 2026-05-01T00:00Z # Scanner\n8.8.8.8';

    test('removes that entry, whatever the blanks and the note', () => {
      const given = lintList(ended, { mode: 'deny', at });
      expect(given[0]?.text).toBe('203.0.113.7 until 2026-05-01T00:00Z');
      expect(applyFixes(ended, JSON.parse(JSON.stringify(given)))).toBe('8.8.8.8');
      expect(applyFixes('203.0.113.7\tuntil  2026-05-01T00:00:00.0Z\n8.8.8.8', given)).toBe('8.8.8.8');
    });

    test.each([
      ['has another end', '203.0.113.7 until 2028-05-01T00:00Z # Scanner\n8.8.8.8'],
      ['is another one', '203.0.113.8 until 2026-05-01T00:00Z # Scanner\n8.8.8.8'],
      ['has moved', '198.51.100.1 until 2099-01-01T00:00Z\n203.0.113.7 until 2026-05-01T00:00Z\n8.8.8.8'],
      ['has no end', '203.0.113.7 # Scanner\n8.8.8.8'],
      ['begins, too', '203.0.113.7 from 2026-01-01T00:00Z until 2026-05-01T00:00Z\n8.8.8.8'],
    ])('are refused for one that %s', (_, changed) => {
      expect(stale(changed, lintList(ended, { mode: 'deny', at }))).toEqual(['1 stale-fix']);
    });

    test('are no other fixes', () => {
      const twins = lintList('10.0.0.1\n10.0.0.1', { reach: 'private' });
      expect(stale('10.0.0.1\n203.0.113.7 until 2099-01-01T00:00Z\n10.0.0.1', twins)).toEqual([
        '1 stale-fix',
      ]);
    });
  });

  test.each([
    ['edits that are not an array', [{ fix: { edits: 5 } }]],
    ['a fix that is not an object', [{ fix: null }]],
    ['a problem that is not an object', [5]],
    ['no edits', edit()],
    ['a line before the first', edit({ line: 0, text: null })],
    ['a line after the last', edit({ line: 99, text: null })],
    ['half a line', edit({ line: 1.5, text: null })],
    ['a line that is not a number', edit({ line: '6', text: null })],
    ['an edit without text', edit({ line: 6 })],
    ['another text', edit({ line: 2, text: '0.0.0.0/0' })],
    ['two lines in one', edit({ line: 2, text: '8.8.8.0/24 # a\n0.0.0.0/0' })],
    ['a line twice', edit({ line: 6, text: null }, { line: 6, text: null })],
    ['a comment', edit({ line: 1, text: null })],
    ['an entry that is needed', edit({ line: 2, text: null })],
    ['one edit too many', edit({ line: 4, text: null }, { line: 6, text: null })],
  ])('refuses %s', (_, given) => {
    expect(stale(text, given)).toEqual(['1 stale-fix']);
  });

  test('accepts a fix twice, and in any order', () => {
    expect(applyFixes(text, [...problems, ...problems].reverse())).toBe(applyFixes(text, problems));
  });

  test('ignores problems without a fix', () => {
    expect(applyFixes('10.0.0.0/33', lintList('10.0.0.0/33'))).toBe('10.0.0.0/33');
    expect(applyFixes(text, [{}] as never)).toBe(text);
  });

  test('accepts only a text, and problems that can be read', () => {
    expect(stale(5 as never, [])).toEqual(['1 not-a-string']);
    expect(stale(text, 5)).toEqual(['1 unreadable']);
    expect(stale(text, undefined)).toEqual(['1 unreadable']);
  });
});

describe('the special-purpose networks', () => {
  test('are in canonical text and in order, the wider first', () => {
    const keys = specialPurposeNetworks.map(({ prefix }) => {
      expect(parseList(prefix).entries[0]?.canonical).toBe(prefix);
      scanEntry(prefix, 0, prefix.length);
      const words = [...span.first].map((word) => (word >>> 0).toString(16).padStart(8, '0'));
      return `${span.family} ${span.family === 4 ? words[0] : words.join('')} ${String(span.length).padStart(3, '0')}`;
    });
    expect(keys).toEqual([...keys].sort());
    for (const { rfc } of specialPurposeNetworks) expect(rfc).toMatch(/^RFC \d+/);
  });

  test.each(specialPurposeNetworks.map((row) => [row.prefix, row] as const))(
    '%s is found by its own row',
    (prefix, row) => {
      scanEntry(prefix, 0, prefix.length);
      const found = findUnreachable(span.family, span.first.slice(), span.last.slice());
      // Rows with others in them that can be reached are not unreachable as a whole.
      const holds = ['192.0.0.0/24', '2001::/23'].includes(prefix);
      expect(found?.prefix).toBe(row.isReachable || holds ? undefined : prefix);
    },
  );
});

describe('exemptions that begin or end', () => {
  const at = new Date('2026-06-01T00:00Z');
  test.each([
    ['8.8.8.8', true],
    ['8.8.8.8 from 2026-01-01T00:00Z', true],
    ['8.8.8.8 from 2027-01-01T00:00Z', false],
    ['8.8.8.8 until 2027-01-01T00:00Z', false],
    ['8.8.8.8 until 2026-01-01T00:00Z', false],
  ])('%s: a reason to remove an entry? %s', (exempt, isReason) => {
    const codes = lintList('8.8.8.8\n9.9.9.9', { mode: 'deny', exempt, at }).map(({ code }) => code);
    expect(codes.includes('exempted')).toBe(isReason);
    const timeless = lintList('8.8.8.8\n9.9.9.9', { mode: 'deny', exempt }).map(({ code }) => code);
    expect(timeless.includes('exempted')).toBe(exempt === '8.8.8.8');
  });
});
