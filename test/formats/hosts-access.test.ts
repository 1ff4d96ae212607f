import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostsAccess } from '../../src/formats/hosts-access.ts';
import { pgHba } from '../../src/formats/pg-hba.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { JoinedLine } from '../../src/syntax/joined-lines.ts';
import { describeWith } from '../engines/engine.ts';
import { askHostsAccess, type HostsFiles } from '../engines/hosts-access.ts';
import { clientsOf } from '../support/clients.ts';
import { growthOf } from '../support/reads.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: hostsAccess, ...options });

const shortOf = ({ entries, rules, otherwise, problems }: ImportedList): unknown[] => [
  ...entries.map(({ action, address, label }) => [action, address, label].filter((part) => part).join(' ')),
  ...rules.flatMap((rule) =>
    'except' in rule
      ? [`except ${(rule.except as { address: string }[]).map(({ address }) => address)}`]
      : [],
  ),
  ...(otherwise === undefined ? [] : [`otherwise ${otherwise}`]),
  ...problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
];

/** What both files are: hosts.allow is read first, and who is in neither of them gets in. */
const policyOf = ({ allow = '', deny = '' }: HostsFiles, set = 'sshd'): Policy =>
  createRules({
    rules: [
      ...(allow === '' ? [] : read(allow, { mode: 'allow', set }).rules),
      ...(deny === '' ? [] : read(deny, { mode: 'deny', set }).rules),
    ],
    otherwise: 'allow',
  });

describe('hosts.allow and hosts.deny in', () => {
  test.each<[string, string, unknown[]]>([
    [
      'daemons and an exception',
      'sshd, vsftpd : 192.0.2. EXCEPT 192.0.2.7\n',
      ['192.0.2.0/24 sshd vsftpd', 'except 192.0.2.7'],
    ],
    [
      'what a line says',
      'ALL : [2001:db8::]/32 198.51.100.7 : deny\n',
      ['deny 2001:db8::/32 ALL', 'deny 198.51.100.7 ALL'],
    ],
    [
      'everyone',
      'ALL: ALL\n',
      ['0.0.0.0/0 ALL', '::/0 ALL', 'covers-everything 1:6-9', 'covers-everything 1:6-9'],
    ],
    [
      'everyone, and the line says what for',
      'sshd: all : DENY\n',
      [
        'deny 0.0.0.0/0 sshd',
        'deny ::/0 sshd',
        'otherwise deny',
        'covers-everything 1:7-10',
        'covers-everything 1:7-10',
      ],
    ],
    [
      'partial addresses',
      'ALL: 10. 172.16. 192.0.2.\n',
      ['10.0.0.0/8 ALL', '172.16.0.0/16 ALL', '192.0.2.0/24 ALL'],
    ],
    ['one without its dot', 'ALL: 192.0.2\n', ['octet-count 1:6-13']],
    ['one with too many', 'ALL: 192.0.2.7.\n', ['syntax 1:6-16']],
    [
      'netmasks',
      'ALL: 192.0.2.0/255.255.255.0,198.51.100.0/24\n',
      ['192.0.2.0/24 ALL', '198.51.100.0/24 ALL'],
    ],
    ['a wildcard mask', 'ALL: 192.0.2.0/0.0.0.255\n', ['wildcard-mask 1:6-25']],
    ['a whole mask', 'ALL: 192.0.2.7/255.255.255.255\n', ['syntax 1:6-31']],
    ['all of IPv4', 'ALL: 0.0.0.0/0.0.0.0\n', ['0.0.0.0/0 ALL', 'covers-everything 1:6-21']],
    ['a length of 0', 'ALL: 0.0.0.0/0\n', ['syntax 1:6-15']],
    [
      'host bits',
      'ALL: 103.41.124.0/255.255.0.0 192.0.2.5/24\n',
      ['host-bits-set 1:6-30', 'host-bits-set 1:31-43'],
    ],
    ['host bits of IPv6', 'ALL: [2001:db8::1]/32\n', ['2001:db8::/32 ALL', 'host-bits-set 1:6-22']],
    ['IPv6 without brackets', 'ALL: 2001:db8::/32\n', ['syntax 1:1-19']],
    ['IPv4 in brackets', 'ALL: [192.0.2.7]\n', ['syntax 1:6-17']],
    ['IPv4-mapped', 'ALL: [::ffff:192.0.2.0]/120\n', ['mapped-address 1:6-28']],
    ['a range', 'ALL: 192.0.2.1-192.0.2.9\n', ['syntax 1:6-25']],
    ['leading zeros', 'ALL: 010.0.0.1\n', ['octet-leading-zero 1:6-15']],
    [
      'names',
      'ALL: .example.org host.example.org PARANOID LOCAL a*\n',
      ['skipped 1:6-18', 'skipped 1:19-35', 'skipped 1:36-44', 'skipped 1:45-50', 'syntax 1:51-53'],
    ],
    ['ends of addresses', 'ALL: .2.7 192.0.2.*\n', ['syntax 1:6-10', 'syntax 1:11-20']],
    ['users and groups', 'ALL: root@192.0.2.7 @group\n', ['conditional 1:6-20', 'conditional 1:21-27']],
    ['a file of clients', 'ALL: /etc/hosts.bad 192.0.2.7\n', ['192.0.2.7 ALL', 'include 1:6-20']],
    [
      'a comment after a client',
      'ALL: 192.0.2.7 # 192.0.2.8\n',
      ['192.0.2.7 ALL', '192.0.2.8 ALL', 'skipped 1:16-17'],
    ],
    ['a comment that goes on', '# old \\\nALL: 192.0.2.7\nALL: 192.0.2.8\n', ['192.0.2.8 ALL']],
    ['a line that goes on', 'ALL: 192.0.2.7 \\\n 192.0.2.8\n', ['192.0.2.7 ALL', '192.0.2.8 ALL']],
    ['an indented comment', ' #sshd: 192.0.2.7\n', ['skipped 1:2-18']],
    ['no line end', 'ALL: 192.0.2.7', ['192.0.2.7 ALL', 'truncated 1:15-15']],
    ['a last backslash', 'ALL: 192.0.2.7\\\n', ['192.0.2.7 ALL', 'truncated 2:1-1']],
    ['CR LF', 'ALL: 192.0.2.7\r\n\r\n', ['192.0.2.7 ALL']],
    ['a backslash before CR LF', '# x \\\r\nALL: 192.0.2.7\r\n', ['syntax 1:5-6']],
    ['a byte order mark', '\uFEFFALL: 192.0.2.7\n', ['192.0.2.7 \uFEFFALL', 'syntax 1:1-2']],
    ['a long line', `#${'x'.repeat(2046)}\n`, ['syntax 1:1-201']],
    ['a NUL', '# \0\nALL: 192.0.2.7\n', ['192.0.2.7 ALL', 'syntax 1:3-4']],
    ['no colon', 'ALL 192.0.2.7\n', ['syntax 1:1-14']],
    [
      'commands',
      'ALL: 192.0.2.7 : spawn (echo a\\:deny) : severity auth.info : allow\n',
      ['allow 192.0.2.7 ALL'],
    ],
    ['another program', 'ALL: 192.0.2.7 : twist /bin/echo\n', ['conditional 1:1-33']],
    ['options that are not there', 'ALL: 192.0.2.7 : allways\n', ['syntax 1:1-25']],
    ['options after the last', 'ALL: 192.0.2.7 : allow :\n', ['syntax 1:1-25']],
    ['no argument', 'ALL: 192.0.2.7 : severity : allow\n', ['syntax 1:1-34']],
    [
      'different daemons',
      'ALL: 192.0.2.7\nsshd: 192.0.2.8\n',
      ['192.0.2.7 ALL', '192.0.2.8 sshd', 'set-required 2:1-16'],
    ],
    ['daemons of an address', 'sshd@192.0.2.1: 192.0.2.7\n', ['conditional 1:1-26']],
    ['an exception of an exception', 'ALL: ALL EXCEPT 192.0.2. EXCEPT 192.0.2.7\n', ['negated 1:1-42']],
    ['a list that begins with an exception', 'ALL: EXCEPT 192.0.2.7\n', []],
  ])('%s', (_name, text, expected) => {
    const given = text.includes('EXCEPT') ? { mode: 'deny' as const } : {};
    expect(shortOf(read(text, given)).filter((part) => !`${part}`.startsWith('verdict-required'))).toEqual(
      expected,
    );
  });

  test('a daemon is chosen by its name', () => {
    const text = 'sshd: 192.0.2.1\nvsftpd: 192.0.2.2\nALL: 192.0.2.3\nALL EXCEPT sshd: 192.0.2.4\n';
    const of = (set: string): string[] => read(text, { set }).entries.map(({ address }) => address);
    expect(of('SSHD')).toEqual(['192.0.2.1', '192.0.2.3']);
    expect(of('vsftpd')).toEqual(['192.0.2.2', '192.0.2.3', '192.0.2.4']);
    expect(shortOf(read('sshd: 192.0.2.1\n', { set: 'httpd' }))).toEqual(['unselected 1:1-1']);
  });

  test('lines of different daemons may deny, and allow nobody', () => {
    const { entries } = read('sshd: 192.0.2.1\nvsftpd: 192.0.2.2\n');
    expect(createPolicy({ deny: entries }).allows('192.0.2.2')).toBe(false);
    expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
  });

  test('exceptions are never entries, and nobody is let in for want of one', () => {
    const excepted = read('ALL: 192.0.2. EXCEPT 192.0.2.7\n');
    expect(() => createPolicy({ deny: excepted.entries })).toThrow('incomplete-list');
    const named = 'ALL: 192.0.2. EXCEPT host.example.org\n';
    expect(() => createRules({ rules: read(named, { mode: 'allow' }).rules, otherwise: 'deny' })).toThrow(
      'incomplete-list',
    );
    expect(read(named).trust).toBe('refused');
    const denied = read(named, { mode: 'deny' });
    expect(createRules({ rules: denied.rules, otherwise: 'allow' }).allows('192.0.2.7')).toBe(false);
  });

  test('a file that ends early allows and denies nobody', () => {
    for (const mode of ['allow', 'deny'] as const) {
      const { rules } = read('ALL: 192.0.2.7\nALL: 192.0.2.', { mode });
      expect(() => createRules({ rules, otherwise: 'allow' })).toThrow('incomplete-list');
    }
  });

  test('finds the place of a word among many joined lines without going through them', () => {
    let reads = 0;
    const starts = new Proxy(
      Array.from({ length: 4096 }, (_, part) => 2 * part),
      {
        get: (parts, name) => {
          if (name !== 'length') reads++;
          return Reflect.get(parts, name);
        },
      },
    );
    const line = new JoinedLine(
      'a '.repeat(4096),
      starts,
      Array.from(starts, (start) => 2 * start),
    );
    reads = 0;
    expect(line.offsetOf(8001)).toBe(16_001);
    expect(reads).toBeLessThan(20);
  });

  test('takes hostile text in linear time, and so does every reader of joined lines', () => {
    for (const part of [
      'a \\\n',
      '\\\n',
      ':',
      '[',
      ', ',
      'ALL: 1. EXCEPT 2.\n',
      'ALL: ALL\n',
      'a:b:c\n',
      ' EXCEPT',
      '#\\\n',
    ])
      for (const start of ['', 'ALL: ', 'host all all '])
        for (const format of [hostsAccess, pgHba])
          expect(growthOf((size) => () => importList(start + part.repeat(size), { format }))).toBeLessThan(6);
  });
});

describeWith('tcpdmatch', 'tcp_wrappers decides as we do', () => {
  const words = fc.constantFrom(
    '192.0.2.7',
    '192.0.2.8/32',
    '192.0.2.0/29',
    '192.0.2.5/29',
    '192.0.2.',
    '192.0.',
    '192.0.2.0/255.255.255.240',
    '192.0.2.1/255.255.255.240',
    '[2001:db8::1]',
    '[2001:db8::]/126',
    '[2001:db8::7]/125',
    '[::]/0',
    'ALL',
    '0.0.0.0/0.0.0.0',
    '1.',
  );
  const list = fc.array(words, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(', '));
  const line = fc
    .record({
      daemons: fc.constantFrom(
        'ALL',
        'sshd',
        'vsftpd',
        'SSHD, vsftpd',
        'ALL EXCEPT sshd',
        'ALL EXCEPT vsftpd',
      ),
      clients: list,
      except: fc.option(list, { nil: undefined, freq: 2 }),
      options: fc.constantFrom(
        '',
        '',
        '',
        ' : allow',
        ': DENY',
        ' : severity auth.info : deny',
        ':severity auth.info',
      ),
      end: fc.constantFrom('\n', '\r\n'),
    })
    .map(
      ({ daemons, clients, except, options, end }) =>
        `${daemons} :${clients}${except === undefined ? '' : ` except ${except}`}${options}${end}`,
    );
  const file = fc
    .array(
      fc.oneof({ weight: 6, arbitrary: line }, fc.constantFrom('# x \\\nALL: ALL\n', '\n', '# ALL: ALL\n')),
      {
        maxLength: 5,
      },
    )
    .map((lines) => `sshd vsftpd: 203.0.113.9\n${lines.join('')}`);
  const clients = clientsOf(
    ['192.0.2.0/28', '192.0.2.7', '192.0.2.8', '2001:db8::/125', '2001:db8::1', '1.0.0.0/8'],
    4,
    (client) => client === '255.255.255.255' || client.startsWith('::ffff:'),
  );

  test('about random files', async () => {
    for (const [allow = '', deny = ''] of fc.sample(fc.tuple(file, file), 40)) {
      const ours = policyOf({ allow, deny });
      expect(await askHostsAccess({ allow, deny }, clients), `${allow}\n${deny}`).toEqual(
        clients.map((client) => ours.decide(client).verdict),
      );
    }
  }, 240_000);

  test('about lines that match nobody, and what is left out for it', async () => {
    const asked = ['192.0.2.7', '198.51.100.7', '2001:db8::1'];
    for (const word of [
      '192.0.2.5/24',
      '0.0.0.0/0',
      '192.0.2.7/255.255.255.255',
      '192.0.2',
      '192.0.2.7.',
      '[192.0.2.7]',
      '192.0.2.1-192.0.2.9',
      '010.',
      '[::ffff:192.0.2.0]/120',
    ]) {
      const deny = `ALL: ${word}\n`;
      expect(read(deny, { mode: 'deny' }).entries).toEqual([]);
      expect(await askHostsAccess({ deny }, asked), word).toEqual(['allow', 'allow', 'allow']);
    }
  }, 60_000);

  test('about files that it does not read to the end', async () => {
    const long = `#${'x'.repeat(2046)}\n`;
    for (const deny of ['ALL: 192.0.2.8\nALL: 192.0.2.9', '# x\n# y', long]) {
      expect(await askHostsAccess({ deny }, ['192.0.2.7']), deny).toEqual(['deny']);
      expect(read(deny, { mode: 'deny' }).trust).toBe('refused');
    }
    // A single line is taken for one of a file, and the reader is told.
    const line = read('ALL: 192.0.2.9', { mode: 'deny' });
    expect([line.trust, line.problems.map(({ code, severity }) => `${severity} ${code}`)]).toEqual([
      'whole',
      ['warning truncated'],
    ]);
    const allow = 'ALL: 192.0.2.7 : allow :\n';
    expect(await askHostsAccess({ allow, deny: 'ALL: ALL\n' }, ['192.0.2.7'])).toEqual(['deny']);
    expect(await askHostsAccess({ deny: long.slice(1) }, ['192.0.2.7'])).toEqual(['allow']);
  }, 60_000);
});
