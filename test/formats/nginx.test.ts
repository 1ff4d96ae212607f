import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { nginx, nginxGeo } from '../../src/formats/nginx.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { type Answer, describeWith } from '../engines/engine.ts';
import { askNginx, checkNginx, type NginxPlace } from '../engines/nginx.ts';
import { clientsOf } from '../support/clients.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';

const access = (text: string, options: Omit<ImportOptions, 'format'> = {}): ImportedList =>
  importList(text, { format: nginx, ...options });

const geo = (text: string, options: Omit<ImportOptions, 'format'> = {}): ImportedList =>
  importList(text, { format: nginxGeo, ...options });

const codes = ({ problems }: ImportedList): string[] => problems.map(({ code }) => code);

const errors = ({ problems }: ImportedList): string[] =>
  problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);

function policyOf({ rules, otherwise, order }: ImportedList, unsaid?: 'allow' | 'deny'): Policy {
  return createRules({
    rules,
    otherwise: otherwise ?? (unsaid as 'allow'),
    order,
    maxEntries: Number.POSITIVE_INFINITY,
  });
}

function refusal(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ListError) return error.problems.map(({ code }) => code);
    throw error;
  }
  return [];
}

/** The clients for which an engine and a policy differ. */
function differences(policy: Policy, clients: readonly string[], answers: readonly Answer[]): string[] {
  return clients.filter((client, index) => policy.decide(client).verdict !== answers[index]);
}

const cannotAsk = (client: string): boolean =>
  client.endsWith('255.255.255.255') || client.endsWith(':ffff:ffff');

describe('allow and deny', () => {
  test('are rules of which the first that covers a client decides', () => {
    const list = access('deny 192.0.2.7; # Printer\nallow 192.0.2.0/24;\ndeny all;\n');
    expect(list.entries).toEqual([
      { address: '192.0.2.7', note: 'Printer', action: 'deny', line: 1 },
      { address: '192.0.2.0/24', action: 'allow', line: 2 },
    ]);
    expect([list.otherwise, list.order, list.problems]).toEqual(['deny', 'first-match', []]);
    const policy = policyOf(list);
    expect(['192.0.2.7', '192.0.2.8', '198.51.100.1'].map((ip) => policy.allows(ip))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test.each([
    ['no rule for everyone lets the others in', 'deny 192.0.2.7;', 'allow', 1],
    ['"allow all" at the end', 'deny 192.0.2.7; allow all;', 'allow', 1],
    ['"deny all" at the end', 'allow 192.0.2.7; deny all;', 'deny', 1],
    ['"deny all" alone', 'deny all;', 'deny', 0],
    ['"all" in between is two entries', 'deny all; allow 192.0.2.7;', 'allow', 3],
    ['a comment does not swallow the next line', '# old \\\nallow 192.0.2.1;\ndeny all;', 'deny', 1],
    [
      'a comment ends at a line feed alone',
      '# old \rdeny 192.0.2.9;\nallow 192.0.2.1;\ndeny all;',
      'deny',
      1,
    ],
    ['lines end with CR LF', 'allow 192.0.2.1;\r\ndeny all;\r\n', 'deny', 1],
    ['quotes stand around words', '"allow" \'192.0.2.1\';deny "all";', 'deny', 1],
    ['a mark of byte order', '\ufeffallow 192.0.2.1; deny all;', 'deny', 1],
  ])('%s', (_, text, otherwise, size) => {
    const list = access(text);
    expect([list.otherwise, list.entries.length, errors(list)]).toEqual([otherwise, size, []]);
  });

  test.each([
    ['a comment of its own line', '# a\nallow 192.0.2.1;\n# b\ndeny all;', undefined],
    ['a comment after it', 'allow 192.0.2.1;# a "b" ; { } $c \\\ndeny all;', 'a "b" ; { } $c \\'],
    ['a comment with a sign in it', 'allow 192.0.2.1; ## a # b\ndeny all;', '# a # b'],
    ['a comment inside of it', 'allow # a\n 192.0.2.1;\ndeny all;', undefined],
    ['a comment with CR LF', 'allow 192.0.2.1; # a\r\ndeny all;', 'a'],
  ])('the note is %s', (_, text, note) => {
    const list = access(text);
    expect(list.entries[0]?.note).toBe(note);
    expect(codes(list)).toEqual([]);
  });

  test.each([
    ['the end is missing', 'deny 192.0.2.1;\ndeny 192.0.2.2', 'truncated', [2, 1]],
    ['the end of a block is missing', 'location / {\ndeny 192.0.2.1;\n', 'truncated', [1, 1]],
    ['the end of quotes is missing', 'deny "192.0.2.1;\nallow all;\n', 'truncated', [1, 1]],
    ['a block ends that has not begun', 'deny 192.0.2.1;\n}', 'syntax', [2, 1]],
    ['nothing stands before the sign', 'deny 192.0.2.1;\n;', 'syntax', [2, 1]],
    ['text touches quotes', 'deny "192.0.2.1"x;', 'syntax', [1, 17]],
    ['a program in Lua', 'access_by_lua_block { return }', 'syntax', [1, 1]],
    ['an include', 'allow 192.0.2.1;\n  include office.conf;\ndeny all;', 'include', [2, 11]],
    ['rules in two blocks', 'location /a { deny all; } location /b { allow all; }', 'set-required', [1, 27]],
  ])('are refused: %s', (_, text, code, place) => {
    const list = access(text);
    expect(list.problems.map(({ code, line, column, severity }) => [code, [line, column], severity])).toEqual(
      [[code, place, 'error']],
    );
    expect(list.otherwise).toBeUndefined();
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['incomplete-list']);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'deny' }))).toContain('incomplete-list');
  });

  test.each([
    ['a host name', 'deny example.com;', 'invalid-character'],
    ['a partial address', 'deny 192.0.2;', 'octet-count'],
    ['leading zeros', 'deny 010.0.0.1;', 'octet-leading-zero'],
    ['a range', 'deny 192.0.2.1-192.0.2.9;', 'syntax'],
    ['a missing semicolon', 'deny 192.0.2.1\ndeny 192.0.2.2;', 'syntax'],
    ['no address', 'deny;', 'syntax'],
    ['another case', 'Deny 192.0.2.1;', 'syntax'],
    ['an IPv4-mapped address', 'deny ::ffff:192.0.2.1;', 'mapped-address'],
    ['an IPv4-mapped network', 'deny ::ffff:0:0/96;', 'mapped-address'],
    ['an escaped sign', 'deny 192.0.2.1\\;;', 'trailing-text'],
  ])('with a bad line are no list: %s', (_, line, code) => {
    const list = access(`allow 198.51.100.1;\n${line}\nallow all;`);
    expect(list.problems.map(({ code, line }) => [code, line])).toEqual([[code, 2]]);
    expect(list.otherwise).toBeUndefined();
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'deny' }))).toContain('incomplete-list');
  });

  test('say which IPv4 address was meant', () => {
    const [problem] = access('allow ::ffff:c000:201; deny all;').problems;
    expect(problem?.suggestion).toBe('192.0.2.1');
  });

  test.each([
    ['host bits', 'deny 192.0.2.5/24; allow all;', ['host-bits-set'], '192.0.2.0/24'],
    ['clients without an address', 'allow unix:; deny 192.0.2.1; allow all;', ['skipped'], '192.0.2.1'],
    ['other directives', 'deny 192.0.2.1; return 200; allow all;', ['skipped'], '192.0.2.1'],
    ['IPv6 for everyone', 'deny ::/0; allow all;', ['covers-everything', 'excludes-ipv4'], '::/0'],
    ['nothing that is denied', 'allow 192.0.2.1;', ['open-list'], '192.0.2.1'],
  ])('warn of %s', (_, text, expected, address) => {
    const list = access(text);
    expect([codes(list), errors(list), list.entries[0]?.address]).toEqual([expected, [], address]);
  });

  test.each([
    ['one method', 'location / { limit_except GET { deny all; } }'],
    ['a condition', 'if ($a = b) { deny all; }'],
    ['another way in', 'satisfy any; allow 192.0.2.0/24; auth_basic x;'],
    ['another way in, said around the block', 'server { satisfy any; location / { allow 192.0.2.0/24; } }'],
    ['another module', 'application live { allow 192.0.2.0/24; }'],
  ])('are conditional with %s', (_, text) => {
    const list = access(text);
    expect(list.conditional).toBe(1);
    expect([list.entries, list.rules, list.otherwise, errors(list)]).toEqual([[], [], undefined, []]);
    expect(codes(list)).toContain('conditional');
  });

  test('are not the values of a map', () => {
    const list = access('map $x $y { deny 1; allow 0; }\nserver { allow 192.0.2.1; deny all; }');
    expect([list.entries.length, list.otherwise, list.problems]).toEqual([1, 'deny', []]);
  });

  const site = `
    http { deny 203.0.113.1;
      server { allow 192.0.2.0/24; deny all;
        location / { proxy_pass http://a; }
        location /open { allow all; }
        location /admin { satisfy all; allow 192.0.2.9; deny all; }
      }
      server { listen 81; location / { return 204; } }
    }`;

  test.each([
    ['http', [false, true], 'allow'],
    ['server', undefined, undefined],
    ['location /open', [true, true], 'allow'],
    ['location /admin', [false, false], 'deny'],
    ['location /elsewhere', undefined, undefined],
  ])('of a block: %s', (set, expected, otherwise) => {
    const list = access(site, { set });
    expect(list.otherwise).toBe(otherwise);
    if (expected === undefined) expect(errors(list)).not.toEqual([]);
    else expect(['203.0.113.1', '192.0.2.1'].map((ip) => policyOf(list).allows(ip))).toEqual(expected);
  });

  test('of a block without any are those around it', () => {
    const text =
      'server { allow 192.0.2.0/24; deny all; location /a { return 200; } location /b { deny all; } }';
    const list = access(text, { set: 'location /a' });
    expect([list.entries.length, list.otherwise]).toEqual([1, 'deny']);
    expect(access(text, { set: 'location /b' }).entries).toEqual([]);
  });

  test('of a misspelt block open nothing', () => {
    const list = access(site, { set: 'location /amdin' });
    expect(errors(list)).toEqual(['unselected']);
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['incomplete-list']);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'allow' }))).toEqual([
      'incomplete-list',
    ]);
  });

  test('stand in included files whose texts are given, at the place of the include', () => {
    const includes = {
      'a.conf': 'deny 192.0.2.7; # a\ninclude "b.conf";',
      'b.conf': '\ufeffallow 192.0.2.0/24;',
    };
    const list = access('# first\ninclude a.conf;\ndeny all;', { includes });
    expect(list.entries.map(({ address, line }) => [address, line])).toEqual([
      ['192.0.2.7', 2],
      ['192.0.2.0/24', 2],
    ]);
    expect([list.otherwise, list.problems]).toEqual(['deny', []]);
    const cut = access('include a.conf;\nallow all;', { includes: { 'a.conf': 'deny 192.0.2.7' } });
    expect(cut.problems.map(({ code, column }) => [code, column])).toEqual([['truncated', 9]]);
  });

  test.each([
    ['itself', { 'a.conf': 'include a.conf;' }],
    [
      'others many times',
      { 'a.conf': 'include b.conf;'.repeat(1_000), 'b.conf': 'include c.conf;', 'c.conf': '' },
    ],
  ])('a file that includes %s is refused', (_, includes) => {
    const list = access('include a.conf; allow all;', { includes });
    expect(errors(list)).toContain('include');
    expect(list.otherwise).toBeUndefined();
  });

  test('an include of another block does not matter', () => {
    const text = 'http { include mime.types; server { location / { allow 192.0.2.1; deny all; } } }';
    expect(errors(access(text))).toEqual(['include']);
    const list = access(text, { set: 'location /' });
    expect([list.entries.length, list.otherwise, list.problems]).toEqual([1, 'deny', []]);
    expect(access(text, { includes: { 'mime.types': 'types { a b; }' } }).problems).toEqual([]);
  });

  test('a text without rules opens nothing', () => {
    for (const text of ['', '# nothing\n', 'server { listen 80; }']) {
      const list = access(text);
      expect([list.rules, list.otherwise]).toEqual([[], undefined]);
      expect(refusal(() => createPolicy({ allow: list.entries }))).toEqual(['incomplete-list']);
    }
  });
});

describe('a written list for nginx', () => {
  const write = (policy: Policy): ReturnType<typeof exportPolicy> => exportPolicy(policy, { format: nginx });

  test('has exemptions first, and a line for everyone last', () => {
    const policy = createPolicy({ deny: '192.0.2.0/24 # Lab\n::/0', exempt: '192.0.2.7 # Desk' });
    expect(write(policy)).toEqual({
      text: 'allow 192.0.2.7; # Desk\ndeny 192.0.2.0/24; # Lab\ndeny ::/0;\nallow all;\n',
      losses: [],
    });
  });

  test('of nobody is closed', () => {
    expect(write(createPolicy({ allow: '', whenEmpty: 'deny' })).text).toBe('deny all;\n');
  });

  test('leaves out the address that nginx refuses, and says so where it matters', () => {
    const { text, losses } = write(createPolicy({ deny: '255.255.255.255\n192.0.2.1' }));
    expect(text).toBe('deny 192.0.2.1;\nallow all;\n');
    expect(losses.map(({ code, entry }) => [code, entry?.text])).toEqual([
      ['not-written', '255.255.255.255'],
    ]);
    expect(write(createPolicy({ deny: '255.255.255.255\n240.0.0.0/4' })).losses).toEqual([]);
    expect(write(createPolicy({ allow: '240.0.0.0/4', exempt: '255.255.255.255' })).losses).toEqual([]);
  });

  test('cuts notes where nginx would stop reading', () => {
    const { text, losses } = write(createPolicy({ deny: `192.0.2.1 # ${'é'.repeat(2_047)}` }));
    expect(Buffer.byteLength(text.split('#')[1]?.split('\n')[0] as string)).toBe(4_093);
    expect(losses.map(({ code }) => code)).toEqual(['note-cut']);
  });

  test('reads back to the same decisions', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = write(policy);
        const read = policyOf(access(text));
        const isLost = losses.some(({ code }) => code === 'not-written');
        const one = AddressSet.of(isLost ? ['255.255.255.255'] : []);
        const allowed = [policy, read].map((one) => AddressSet.allowedBy(one)) as [AddressSet, AddressSet];
        expect(allowed[0].union(one).equals(allowed[1].union(one))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a geo block', () => {
  const options = { listed: '1', mode: 'deny' as const };

  test('gives values, of which the caller says what they mean', () => {
    const text = 'geo $bad {\n  default 0;\n  192.0.2.0/24 1; # Lab\n  192.0.2.7 0;\n}\n';
    const entries = [
      { address: '192.0.2.0/24', note: 'Lab', label: '1', line: 3 },
      { address: '192.0.2.7', label: '0', line: 4 },
    ];
    const silent = geo(text);
    expect([silent.entries, silent.rules, silent.otherwise]).toEqual([entries, [], undefined]);
    expect(codes(silent)).toEqual(['verdict-required']);
    expect(codes(geo(text, { mode: 'deny' }))).toEqual(['verdict-required']);
    expect(geo(text, { mode: 'deny' }).rules).toEqual([]);
    const denied = geo(text, options);
    expect([denied.otherwise, denied.order, denied.problems]).toEqual(['allow', 'most-specific', []]);
    expect(['192.0.2.7', '192.0.2.8', '192.0.3.1'].map((ip) => policyOf(denied).allows(ip))).toEqual([
      true,
      false,
      true,
    ]);
    expect(refusal(() => createPolicy({ deny: denied.entries }))).toEqual(['action-differs']);
    const allowed = geo(text, { listed: '0', mode: 'allow' });
    expect(['192.0.2.7', '192.0.2.8', '192.0.3.1'].map((ip) => policyOf(allowed).allows(ip))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('with a default that is listed is an allow list of the others', () => {
    const list = geo('geo $not_allowed { default 1; 192.0.2.0/24 0; }', options);
    expect(list.otherwise).toBe('deny');
    expect(['192.0.2.1', '192.0.3.1', '::1'].map((ip) => policyOf(list).allows(ip))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each([
    ['a value in quotes', '192.0.2.0/24 "a;b # c"; # d', [['192.0.2.0/24', 'a;b # c', 'd']]],
    [
      'escapes',
      '192.0.2.0/24 "a\\"b\\\\\\t\\x"; "192.0.2.1" \'\';',
      [
        ['192.0.2.0/24', 'a"b\\\t\\x'],
        ['192.0.2.1', ''],
      ],
    ],
    ['a variable', `192.0.2.0/24 $\{x}y;`, [['192.0.2.0/24', `$\{x}y`]]],
    ['ranges', 'ranges; 192.0.2.1-192.0.2.9 1;', [['192.0.2.1-192.0.2.9', '1']]],
    ['the last of equal ones', '10.0.0.5/8 a; 10.0.0.0/8 b;', [['10.0.0.0/8', 'b']]],
    ['one that is deleted', '10.0.0.0/8 a; 11.0.0.0/8 b; delete 10.0.0.1/8;', [['11.0.0.0/8', 'b']]],
    [
      'one that is deleted and comes back',
      '1.0.0.0/8 a; delete 1.0.0.0/8; 1.0.0.0/8 b;',
      [['1.0.0.0/8', 'b']],
    ],
    [
      'one that is deleted after an equal one',
      '1.0.0.0/8 a; 1.0.0.0/8 b; delete 1.0.0.0/8; 2.0.0.0/8 c;',
      [['2.0.0.0/8', 'c']],
    ],
    ['a default after the network of everyone', '0.0.0.0/0 a; default b; ::/0 c;', [['::/0', 'c']]],
  ])('has %s', (_, text, expected) => {
    const list = geo(text);
    expect(
      list.entries.map(({ address, label, note }) => (note ? [address, label, note] : [address, label])),
    ).toEqual(expected);
    expect(errors(list)).toEqual([]);
  });

  test.each([
    ['an include', 'geo $a { default 0; include b.conf; 192.0.2.1 1; }', 'include'],
    ['two blocks', 'geo $a { default 0; } geo $b { default 0; }', 'set-required'],
    ['a block in it', 'geo $a { map { } }', 'syntax'],
    ['other blocks', 'server { listen 80; }', 'syntax'],
    ['ranges too late', 'default 0; ranges; 192.0.2.1-192.0.2.9 1;', 'syntax'],
    ['a value that nothing has', 'default 0; 192.0.2.1 yes;', 'unselected'],
    ['the end is missing', 'geo $a { default 0; 192.0.2.1 1;', 'truncated'],
    [
      'a wider range after a narrow one',
      'ranges; 10.0.0.0-10.0.255.255 1; 10.0.0.0-10.1.255.255 1;',
      'syntax',
    ],
    ['ranges that cross', 'ranges; 10.0.0.0-10.1.255.255 1; 10.1.0.0-10.2.255.255 1;', 'syntax'],
  ])('is refused: %s', (_, text, code) => {
    const list = geo(text, options);
    expect(errors(list)).toEqual([code]);
    expect([list.otherwise, refusal(() => createPolicy({ deny: list.entries }))]).toEqual([
      undefined,
      ['incomplete-list'],
    ]);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'allow' }))).toContain(
      'incomplete-list',
    );
  });

  test.each([
    ['a range among prefixes', '192.0.2.1-192.0.2.9 1;', 'syntax'],
    ['a prefix among ranges', 'ranges; 192.0.2.0/24 1;', 'syntax'],
    ['IPv6 among ranges', 'ranges; ::1-::9 1;', 'syntax'],
    ['a deleted range', 'ranges; 10.0.0.0-10.0.0.9 1; delete 10.0.0.0-10.0.0.9;', 'syntax'],
    ['a deleted default', '0.0.0.0/0 1; delete 0.0.0.0/0;', 'syntax'],
    ['three words', '192.0.2.1 1 2;', 'syntax'],
    ['one word', '192.0.2.1;', 'syntax'],
    ['an IPv4-mapped address', '::ffff:192.0.2.1 1;', 'mapped-address'],
    ['a name', 'localhost 1;', 'invalid-character'],
    ['a name that is deleted', 'delete localhost;', 'invalid-character'],
  ])('with a bad line is no list: %s', (_, line, code) => {
    const list = geo(`${line}\n`, options);
    expect(errors(list)).toContain(code);
    expect(refusal(() => createPolicy({ allow: list.entries }))).toEqual(['incomplete-list']);
  });

  test('is chosen by its variable, and its includes are given', () => {
    const text = 'geo $a { include a; } http { geo $remote_addr $b { include b; } }';
    const includes = { b: 'default 0;\n192.0.2.1 1;' };
    for (const set of ['b', '$b']) {
      const list = geo(text, { set, includes, ...options });
      expect([list.entries.length, list.otherwise, list.problems]).toEqual([1, 'allow', []]);
      expect(list.rules[0]?.name).toBe('$b');
    }
    expect(errors(geo(text, { set: 'c', includes }))).toEqual(['unselected']);
    expect(errors(geo(text, { set: 'a', includes }))).toEqual(['include']);
  });

  test('says what is left out', () => {
    expect(codes(geo('proxy 192.0.2.1; proxy_recursive; delete 192.0.2.9; default 0;'))).toEqual([
      'skipped',
      'skipped',
      'skipped',
    ]);
  });

  test('without a default says nothing about the others, if the block is elsewhere', () => {
    expect(geo('192.0.2.1 1;', options).otherwise).toBeUndefined();
    expect(geo('geo $a { 192.0.2.1 1; }', options).otherwise).toBe('allow');
  });

  test('is written with its default first', () => {
    const policy = createPolicy({ allow: '192.0.2.0/24 # Office' });
    expect(exportPolicy(policy, { format: nginxGeo }).text).toBe('default 0;\n192.0.2.0/24 1; # Office\n');
    expect(exportPolicy(policy, { format: nginxGeo, set: '$office' }).text).toBe(
      'geo $office {\n  default 0;\n  192.0.2.0/24 1; # Office\n}\n',
    );
    expect(refusal(() => exportPolicy(policy, { format: nginxGeo, set: 'a { } ' }))).toEqual([
      'invalid-option',
    ]);
  });

  test('reads back to the same decisions', () => {
    fc.assert(
      fc.property(anyPolicy, fc.constantFrom(undefined, 'listed'), (policy, set) => {
        const exported = exportPolicy(policy, { format: nginxGeo, set });
        expect(exported.losses.filter(({ code }) => !['note-cut', 'duplicate'].includes(code))).toEqual([]);
        const isEmpty = !exported.text.includes(' 1;');
        const read = geo(exported.text, { listed: '1', mode: policy.mode });
        expect(errors(read)).toEqual([]);
        const allowed = [policy, policyOf(read)].map((one) => AddressSet.allowedBy(one)) as [
          AddressSet,
          AddressSet,
        ];
        expect(allowed[0].equals(allowed[1])).toBe(true);
        if (isEmpty) expect(allowed[0].isEmpty || allowed[0].equals(AddressSet.all)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('hostile text', () => {
  // Each would take minutes if it were looked through again for each of its directives.
  test.each([
    ...[
      'a ',
      ';',
      'a;',
      'a{',
      'location{',
      '}',
      '"',
      '\\',
      '#',
      '$',
      '$ {',
      "'a' ",
      'deny 192.0.2.1;',
      'deny\n',
      '#\n',
    ],
    ...[
      'limit_except{deny all;}',
      'if a{deny all;',
      'include a;',
      'geo $a{}',
      'geo{1.1.1.1 1;}',
      '1.1.1.1 1;',
      'delete 1.1.1.1;',
    ],
  ])('%j is read in linear time', (part) => {
    const text = part.repeat(100_000);
    for (const [read, options] of [
      [access, {}],
      [geo, { listed: '1', mode: 'deny' }],
    ] as const) {
      const list = read(`${text}\ndeny all;`, options);
      expect(list.entries.length).toBeLessThanOrEqual(100_000);
      expect(codes(list)).not.toContain('unreadable');
    }
  });

  test('with names of blocks that are long, and rules in many blocks', () => {
    const list = access(`limit_except ${'a '.repeat(50_000)}{${'deny all;'.repeat(50_000)}}`);
    expect(list.conditional).toBe(50_000);
    const deep = `${'location / {'.repeat(100)}${'allow 192.0.2.1;'.repeat(50_000)}${'}'.repeat(100)}`;
    expect(access(deep).entries.length).toBe(50_000);
    expect(errors(access(`location / {${deep}}`))).toEqual(['syntax']);
  });

  test('with ranges in each other', () => {
    const written = (end: number): string => [24, 16, 8, 0].map((shift) => (end >>> shift) & 255).join('.');
    const lines = Array.from(
      { length: 50_000 },
      (_, index) => `${written(index)}-${written(1_000_000 - index)} 1;`,
    );
    expect(geo(`ranges; ${lines.join('\n')}`).problems.map(({ code }) => code)).toEqual(['verdict-required']);
  });
});

describeWith('nginx', 'nginx decides as we do', () => {
  const body: NginxPlace = { place: 'geo-body' };

  /** Asks nginx and a policy about the same clients; how many there were. */
  async function compare(
    policy: Policy,
    text: string,
    clients: readonly string[],
    at?: NginxPlace,
  ): Promise<number> {
    const answers = await askNginx(text, clients, at);
    const verdicts =
      at === body
        ? answers.map((value) => ((value === '1') === (policy.mode === 'allow') ? 'allow' : 'deny'))
        : answers;
    expect(differences(policy, clients, verdicts), text).toEqual([]);
    return clients.length;
  }

  const edgesOf = (policy: Policy, text: string): string[] => {
    const words = text.split(/[\s;]/).filter((word) => /^[0-9a-f.:/-]+$/.test(word));
    return clientsOf([...AddressSet.allowedBy(policy), ...words], 30, cannotAsk);
  };

  test('of written lists', async () => {
    let asked = 0;
    for (const policy of fc.sample(anyPolicy, { numRuns: 40 })) {
      const { text } = exportPolicy(policy, { format: nginx });
      asked += await compare(policy, text, edgesOf(policy, text));
    }
    expect(asked).toBeGreaterThan(8_000);
  });

  test('of written geo blocks', async () => {
    let asked = 0;
    for (const policy of fc.sample(anyPolicy, { numRuns: 40 })) {
      const { text } = exportPolicy(policy, { format: nginxGeo });
      asked += await compare(policy, text, edgesOf(policy, text), body);
      const block = exportPolicy(policy, { format: nginxGeo, set: 'listed' }).text;
      expect((await checkNginx(block, { place: 'geo', variable: 'listed' })).isAccepted).toBe(true);
    }
    expect(asked).toBeGreaterThan(8_000);
  });

  const address = fc.constantFrom(
    ...[
      '10.0.0.0/8',
      '10.0.0.5/8',
      '10.0.0.0/16',
      '10.0.1.0/24',
      '10.0.1.7',
      '10.0.1.0/30',
      '0.0.0.0/0',
      '0.0.0.0/1',
    ],
    ...[
      '2001:db8::/32',
      '2001:db8::7/64',
      '2001:db8::7',
      '::/0',
      '::/80',
      'all',
      'unix:',
      '"10.0.1.9"',
      "'10.0.2.0/24'",
    ],
  );

  test('of lists in any order', async () => {
    const line = fc
      .tuple(
        fc.constantFrom('allow', 'deny', '"deny"'),
        address,
        fc.constantFrom('\n', ' # x; \\\n', '\r\n', '# deny all;\n', ' '),
      )
      .map(([verdict, network, end]) => `${verdict} ${network};${end}`);
    const lists = fc.sample(fc.array(line, { minLength: 1, maxLength: 8 }), { numRuns: 50 });
    let asked = 0;
    for (const text of lists.map((lines) => lines.join(''))) {
      const list = access(text);
      expect(errors(list)).toEqual([]);
      // Without a line for IPv4, it depends on the socket what becomes of IPv4 clients.
      const clients = edgesOf(createPolicy({ deny: '10.0.0.0/15\n2001:db8::/31' }), text);
      const hasIpv4 = /\d\.\d| all;/.test(text.replaceAll(/#.*$/gm, ''));
      const some = clients.filter((client) => hasIpv4 || !/\d\.\d/.test(client));
      asked += await compare(policyOf(list, 'allow'), text, some);
    }
    expect(asked).toBeGreaterThan(3_000);
  });

  test('of geo blocks in any order', async () => {
    const network = address.filter((text) => text !== 'all' && text !== 'unix:');
    const line = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.tuple(network, fc.constantFrom('0', '1')).map((words) => `${words.join(' ')};\n`),
      },
      { weight: 1, arbitrary: fc.constantFrom('default 0;\n', 'default 1;\n') },
      {
        weight: 1,
        arbitrary: network.filter((text) => !text.endsWith('/0')).map((text) => `delete ${text};\n`),
      },
    );
    const lists = fc.sample(fc.array(line, { minLength: 1, maxLength: 10 }), { numRuns: 50 });
    let asked = 0;
    for (const text of lists.map((lines) => `default 0;\n192.0.2.1 1;\n${lines.join('')}`)) {
      const list = geo(text, { listed: '1', mode: 'deny' });
      expect(errors(list)).toEqual([]);
      const clients = edgesOf(createPolicy({ deny: '10.0.0.0/15\n2001:db8::/31' }), text);
      const answers = (await askNginx(text, clients, body)).map((value) =>
        value === '1' ? 'deny' : 'allow',
      );
      expect(differences(policyOf(list), clients, answers), text).toEqual([]);
      asked += clients.length;
    }
    expect(asked).toBeGreaterThan(3_000);
  });

  test('of ranges in any order, where both take them', async () => {
    const ends = [0, 1, 255, 256, 65_535, 65_536, 65_537, 131_071, 131_072].map((low) => 0x0a000000 + low);
    const written = (end: number): string => [24, 16, 8, 0].map((shift) => (end >>> shift) & 255).join('.');
    const range = fc
      .tuple(fc.constantFrom(...ends), fc.constantFrom(...ends), fc.constantFrom('0', '1'))
      .map(
        ([one, other, value]) =>
          `${written(Math.min(one, other))}-${written(Math.max(one, other))} ${value};\n`,
      );
    const lists = fc.sample(fc.array(range, { minLength: 1, maxLength: 4 }), { numRuns: 60 });
    const taken = [0, 0];
    for (const text of lists.map((lines) => `ranges;\ndefault 0;\n10.9.0.0-10.9.0.1 1;\n${lines.join('')}`)) {
      const list = geo(text, { listed: '1', mode: 'deny' });
      const { isAccepted } = await checkNginx(text, body);
      if (isAccepted) taken[0] = (taken[0] as number) + 1;
      if (errors(list).length > 0) continue;
      expect(isAccepted, text).toBe(true);
      taken[1] = (taken[1] as number) + 1;
      const clients = [...clientsOf(ends.map(written), 5, cannotAsk), '2001:db8::1'];
      const answers = (await askNginx(text, clients, body)).map((value) =>
        value === '1' ? 'deny' : 'allow',
      );
      expect(differences(policyOf(list), clients, answers), text).toEqual([]);
    }
    // nginx takes a few more, which mean something else there than the most specific range.
    expect(taken[1]).toBeGreaterThan(20);
    expect(taken[0]).toBeGreaterThan(taken[1] as number);
  });

  test.each([
    ['a range', 'deny 192.0.2.1-192.0.2.9;'],
    ['the last address', 'deny 255.255.255.255;'],
    ['a partial address', 'deny 192.0.2;'],
    ['no end', 'deny 192.0.2.1;\ndeny 192.0.2.2'],
    ['a missing semicolon', 'deny 192.0.2.1\ndeny 192.0.2.2;'],
    ['another case', 'Deny 192.0.2.1;'],
    ['text at quotes', 'deny "192.0.2.1"x;'],
    ['an escaped sign', 'deny 192.0.2.1\\;;'],
    ['a sign alone', 'deny 192.0.2.1;;'],
    ['a comment of 4,096 bytes', `deny 192.0.2.1;\n#${'x'.repeat(4_095)}\n`],
  ])('refuses %s', async (_, text) => {
    expect((await checkNginx(text)).isAccepted).toBe(false);
  });

  test('takes a leading zero for nothing, which is an error here', async () => {
    expect(await askNginx('deny 010.0.0.1; allow all;', ['10.0.0.1', '8.0.0.1'])).toEqual(['deny', 'allow']);
  });

  test('finds no IPv4 client with an IPv4-mapped address, if it has IPv4 rules', async () => {
    const clients = ['192.0.2.1', '::ffff:192.0.2.1'];
    expect(await askNginx('allow ::ffff:192.0.2.1; deny all;', clients)).toEqual(['deny', 'deny']);
    expect(await askNginx('default 0; ::ffff:192.0.2.1 1;', clients, body)).toEqual(['0', '0']);
    expect(await askNginx('deny ::/0;', clients)).toEqual(['allow', 'deny']);
  });

  test('takes every written note', async () => {
    const hard = [
      '"',
      "'",
      ';',
      '{',
      '}',
      '$x',
      '\\',
      '#',
      'a \\',
      'é'.repeat(2_046),
      'x'.repeat(4_093),
      '\u{1f600}',
    ];
    const entries = hard.map((note, index) => ({ address: `192.0.2.${index}`, note }));
    const policy = createPolicy({ deny: entries });
    for (const [format, at] of [
      [nginx, undefined],
      [nginxGeo, body],
    ] as const) {
      const { text, losses } = exportPolicy(policy, { format });
      expect(losses).toEqual([]);
      expect(importList(text, { format }).entries.map(({ note }) => note)).toEqual(hard);
      await compare(policy, text, clientsOf(['192.0.2.0/28'], 50, cannotAsk), at);
    }
    const tooLong = createPolicy({ deny: `192.0.2.1 # ${'x'.repeat(4_094)}\n192.0.2.2` });
    const { text } = exportPolicy(tooLong, { format: nginx });
    expect((await checkNginx(text)).isAccepted).toBe(true);
    expect((await checkNginx(text.replace('# ', '# x'))).isAccepted).toBe(false);
  });

  test('loads 100,000 lines', async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    );
    const policy = createPolicy({ deny: lines, maxEntries: Number.POSITIVE_INFINITY });
    for (const [format, at] of [
      [nginx, undefined],
      [nginxGeo, body],
    ] as const)
      expect((await checkNginx(exportPolicy(policy, { format }).text, at)).isAccepted).toBe(true);
  });
});

describe('real files', () => {
  const noted = (note: string | undefined): { note?: string } => (note === undefined ? {} : { note });

  test.skipIf(!hasSample('nginx-access-1.conf'))('a list of rules', () => {
    const { text, expected } = readSample('nginx-access-1.conf');
    const list = access(text);
    expect(list.entries).toEqual(
      expected.entries.map(({ range, line, note, action }) => ({
        address: range,
        ...noted(note),
        action,
        line,
      })),
    );
    expect([list.otherwise, list.problems]).toEqual(['allow', []]);
  });

  test.skipIf(!hasSample('nginx-geo-1.conf'))('a geo block', () => {
    const { text, expected } = readSample('nginx-geo-1.conf');
    const refused = geo(text, { listed: '1', mode: 'deny' });
    expect(refused.problems.map(({ code, line }) => [code, line])).toEqual([['include', 21]]);
    expect(refusal(() => createPolicy({ deny: refused.entries }))).toEqual(['incomplete-list']);
    const includes = { '/etc/nginx/bots.d/whitelist-ips.conf': '' };
    const list = geo(text, { listed: '1', mode: 'deny', includes });
    expect(list.entries).toEqual(
      expected.entries.map(({ range, line, note, labels }) => ({
        address: range,
        ...noted(note),
        label: labels?.['value'],
        action: labels?.['value'] === '1' ? 'deny' : 'allow',
        line,
      })),
    );
    expect([list.otherwise, list.problems]).toEqual(['allow', []]);
  });
});

test('without a rule for IPv4, one for all of IPv6 is about IPv4 clients, too', () => {
  const list = access('allow 2001:db8::7;\ndeny ::/0;');
  expect(list.entries.map(({ address, action }) => [action, address])).toEqual([
    ['allow', '2001:db8::7'],
    ['deny', '::/0'],
    ['deny', '0.0.0.0/0'],
  ]);
  expect(access('deny ::/0;\nallow 192.0.2.1;').entries.map(({ address }) => address)).toEqual([
    '::/0',
    '192.0.2.1',
  ]);
});
