import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { caddy } from '../../src/formats/caddy.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { askCaddy, checkCaddy } from '../engines/caddy.ts';
import { describeWith } from '../engines/engine.ts';
import { clientsOf } from '../support/clients.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: caddy, ...options });

const codesOf = ({ problems }: ImportedList): string[] => [
  ...new Set(problems.map(({ code }) => code).filter((code) => code !== 'verdict-required')),
];

/** A policy that denies whom the matcher matches. */
const denying = ({ rules, order }: ImportedList): Policy =>
  createRules({ rules, order, otherwise: 'allow', maxEntries: Number.POSITIVE_INFINITY });

const cannotAsk = (client: string): boolean =>
  !AddressSet.of([
    '1.0.0.0-223.255.255.255',
    '240.0.0.0-255.255.255.254',
    '::1-fe7f:ffff::',
    'fec0::/10',
  ]).has(client) ||
  client.startsWith('::ffff:') ||
  client === '127.255.255.255';

/** Matchers, and which of these clients each matches. */
const clients = ['192.0.2.7', '192.0.2.8', '10.0.0.1', '2001:db8::1'];

const matchers: readonly (readonly [what: string, text: string, matched: string])[] = [
  ['one line', '@listed remote_ip 192.0.2.7 10.0.0.0/8', 'L-L-'],
  ['several lines', '@listed {\n\tremote_ip 192.0.2.7\n\tremote_ip 10.0.0.1\n}', 'L-L-'],
  ['a negation', '@listed not remote_ip 192.0.2.0/24', '--LL'],
  [
    'two negations mean none of both',
    '@listed {\nnot remote_ip 192.0.2.7\nnot remote_ip 10.0.0.1\n}',
    '-L-L',
  ],
  ['a negation of a block', '@listed {\nnot {\nremote_ip 192.0.2.7\nremote_ip 10.0.0.1\n}\n}', '-L-L'],
  ['a network without an address', '@listed {\nremote_ip 192.0.2.0/24\nnot remote_ip 192.0.2.7\n}', '-L--'],
  ['no addresses', '@listed remote_ip', '----'],
  ['nobody', '@listed not remote_ip 0.0.0.0/0 ::/0', '----'],
  ['private networks', '@listed remote_ip private_ranges', '--L-'],
  ['IPv6 alone', '@listed remote_ip ::/0', '---L'],
  ['joined lines', '@listed remote_ip 192.0.2.7 \\\n 10.0.0.1', 'L-L-'],
  ['joined lines with CR LF', '@listed remote_ip 192.0.2.7 \\\r\n 10.0.0.1', 'L-L-'],
  ['quotation marks', '@listed remote_ip "192.0.2.7" `10.0.0.1`', 'L-L-'],
  ['a comment', '@listed {\r\n# remote_ip 10.0.0.1 \\\r\nremote_ip 192.0.2.7 # 10.0.0.1\r\n}\r', 'L---'],
  ['a carriage return in a comment', '@listed {\nremote_ip 192.0.2.7 # x\rremote_ip 10.0.0.1\n}', 'L---'],
  ['wide blanks', '@listed remote_ip 192.0.2.7\u00a010.0.0.1\u2028192.0.2.8', 'LLL-'],
  ['a carriage return in a word', '@listed remote_ip 192.0\r.2.7', 'L---'],
];

describe('caddy in', () => {
  test.each(matchers)('reads %s', (_, text, matched) => {
    const list = read(text, { mode: 'deny' });
    expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    const policy = denying(list);
    expect(clients.map((client) => (policy.allows(client) ? '-' : 'L')).join('')).toBe(matched);
  });

  test('keeps places, notes and names', () => {
    const list = read(
      ':80 {\n  @a {\n    client_ip 192.0.2.1/24 # Office\n    client_ip 192.0.2.1 192.0.2.2 # both\n  }\n  respond @a 403\n}',
    );
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', label: '@a', note: 'Office', line: 3 },
      { address: '192.0.2.1', label: '@a', line: 4 },
      { address: '192.0.2.2', label: '@a', line: 4 },
    ]);
    expect(list.rules).toEqual([]);
    expect(
      list.problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`),
    ).toEqual(['verdict-required 1:1-1', 'host-bits-set 3:15-27']);
  });

  test.each([
    ['a path beside', '@a {\nremote_ip 0.0.0.0/0\npath /admin\n}'],
    ['a header beside, with a block', '@a {\nremote_ip 0.0.0.0/0\nheader {\nX y\n}\n}'],
    ['both kinds of addresses', '@a {\nremote_ip 0.0.0.0/0\nclient_ip 10.0.0.1\n}'],
    ['a negated path', '@a {\nremote_ip 0.0.0.0/0\nnot path /\n}'],
    ['a header that anyone can write', '@a remote_ip forwarded 0.0.0.0/0'],
    ['an expression', "@a expression remote_ip('0.0.0.0/0')"],
    ['an expression in quotation marks', "@a `client_ip('0.0.0.0/0') || path('/x')`"],
  ])('is a condition: %s', (_, text) => {
    const list = read(text, { mode: 'deny' });
    expect([list.entries, list.rules, list.conditional]).toEqual([[], [], 1]);
  });

  test.each([
    ['an IPv4-mapped network, which matches nobody', '@a remote_ip ::ffff:192.0.2.0/120', 'mapped-address'],
    ['a range', '@a remote_ip 192.0.2.1-192.0.2.9', 'syntax'],
    ['a zone', '@a remote_ip fe80::1%eth0', 'zone-not-allowed'],
    ['a leading zero', '@a remote_ip 010.0.0.1', 'octet-leading-zero'],
    ['a comment without a blank', '@a remote_ip 192.0.2.1#x', 'trailing-text'],
    ['a comma', '@a remote_ip 192.0.2.1, 192.0.2.2', 'trailing-text'],
    ['a placeholder', '@a remote_ip {env.OFFICE}', 'invalid-character'],
    ['a variable of the environment', '@a remote_ip {$OFFICE}', 'invalid-character'],
    [
      'a comment that swallows a line end',
      '@a {\nremote_ip 192.0.2.1 # \\ x\nremote_ip 192.0.2.2\n}',
      'syntax',
    ],
    ['a double negation', '@a not not remote_ip 192.0.2.1', 'syntax'],
    [
      'a negation of two matchers',
      '@a {\nremote_ip 192.0.2.1\nnot {\nremote_ip 192.0.2.2\npath /\n}\n}',
      'syntax',
    ],
    ['an import in the matcher', '@a {\nremote_ip 192.0.2.1\nimport others\n}', 'include'],
    ['an import alone', 'import matchers', 'include'],
    ['a block that is not closed', '@a {\nremote_ip 192.0.2.1', 'syntax'],
    ['a brace on the line', '@a {\nremote_ip 192.0.2.1 }', 'syntax'],
    ['a block of addresses', '@a {\nremote_ip 192.0.2.1 {\n}\n}', 'syntax'],
    ['a mark that is not closed', '@a remote_ip "192.0.2.1', 'syntax'],
    ['a text with an end of its own', 'respond <<X\n@a remote_ip 192.0.2.1\nX', 'syntax'],
    ['several matchers', '@a remote_ip 192.0.2.1\n@b remote_ip 192.0.2.2', 'set-required'],
    ['no matcher', ':80 {\nrespond x\n}', 'syntax'],
  ])('never lets anyone in: %s', (_, text, code) => {
    const list = read(text, { mode: 'allow' });
    expect(codesOf(list)).toContain(code);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createRules({ rules: list.rules, otherwise: 'deny' })).toThrow('incomplete-list');
  });

  test('a negation is never a list of its addresses', () => {
    const list = read('@a not remote_ip 192.0.2.0/24');
    expect(codesOf(list)).toContain('has-exceptions');
    for (const mode of ['allow', 'deny'] as const)
      expect(() => createPolicy({ mode, list: list.entries })).toThrow('incomplete-list');
  });

  test('chooses a matcher by name', () => {
    const text =
      'a.example {\n@x remote_ip 192.0.2.1\n@y remote_ip 192.0.2.2\n@z {\n}\n@w path /\n}\nb.example {\n@y remote_ip ::1\n}';
    for (const set of ['x', '@x']) expect(read(text, { set, mode: 'deny' }).entries).toHaveLength(1);
    expect(codesOf(read(text, { set: 'y' }))).toEqual(['set-required']);
    expect(codesOf(read(text, { set: 'z' }))).toEqual(['syntax']);
    expect(codesOf(read(text, { set: 'w' }))).toEqual(['conditional']);
    expect(codesOf(read(text, { set: 'v' }))).toEqual(['unselected']);
  });

  test.skipIf(!hasSample('caddy-1.Caddyfile'))('reads a real file', () => {
    const { text, expected } = readSample('caddy-1.Caddyfile');
    const { entries } = read(text);
    expect(entries.map(({ address, line, label }) => [address, line, label])).toEqual(
      expected.entries.map(({ range, line, labels }) => [range, line, labels?.['matcher']]),
    );
  });

  test('takes hostile text in linear time', () => {
    // Each would take minutes if the rest of the text were looked through again for each of its parts.
    for (const part of [
      '"',
      '`',
      '\\',
      '\\\n',
      '{',
      '@a {\n',
      '@a not {\n',
      'not ',
      '#',
      '# \n',
      '@a remote_ip 1.1.1.1\n',
      '<',
      'x ',
      '\r',
      '@a {\nnot {\n',
    ])
      expect(read(part.repeat(100_000)).entries.length).toBeLessThanOrEqual(100_000);
    expect(read(`@a remote_ip${' 192.0.2.1'.repeat(100_000)}`).entries).toHaveLength(100_000);
    expect(codesOf(read(`@a ${'not '.repeat(100_000)}remote_ip 192.0.2.1`))).toEqual(['syntax']);
  });
});

describe('caddy out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text } = exportPolicy(policy, { format: caddy });
        const { mode } = policy;
        const list = read(text, { mode, set: 'listed' });
        expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        const otherwise = mode === 'allow' ? 'deny' : 'allow';
        const again = createRules({ rules: list.rules, otherwise, maxEntries: Number.POSITIVE_INFINITY });
        expect(AddressSet.allowedBy(again).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
    );
  });

  test('writes a line for each entry, and nothing in notes that Caddy would run', () => {
    const policy = createPolicy({ allow: '192.0.2.0/24 # "Office" {$HOME} \\\n2001:db8::1' });
    const { text, losses } = exportPolicy(policy, { format: caddy, set: '@office' });
    expect(text).toBe(
      '@office {\n\tclient_ip 192.0.2.0/24 # "Office" ($HOME) /\n\tclient_ip 2001:db8::1\n}\n',
    );
    expect(losses.map(({ code }) => code)).toEqual(['note-changed']);
  });

  test('a list without entries matches nobody, and never everyone', () => {
    for (const policy of [createPolicy({ allow: '', whenEmpty: 'deny' }), createPolicy({ deny: '' })])
      expect(exportPolicy(policy, { format: caddy })).toEqual({ text: '@listed client_ip\n', losses: [] });
  });

  test('takes only the name of a matcher', () => {
    for (const set of ['', '@', 'a b', 'a{', '1a'])
      expect(() => exportPolicy(createPolicy({ deny: '::1' }), { format: caddy, set })).toThrow(
        'set must be',
      );
  });
});

describeWith('caddy', 'Caddy decides as we do', () => {
  test('of matchers in every form', async () => {
    for (const [what, text, matched] of matchers) {
      const answers = await askCaddy(text, clients);
      expect(answers.map((answer) => (answer === 'deny' ? 'L' : '-')).join(''), what).toBe(matched);
    }
  });

  test('of written policies, with every note', async () => {
    let asked = 0;
    for (const policy of fc.sample(anyPolicy, { numRuns: 25 })) {
      const { text } = exportPolicy(policy, { format: caddy });
      const words = text.split(/\s/).filter((word) => /^[0-9a-f.:/]+$/.test(word) && /[.:]/.test(word));
      const some = clientsOf([...AddressSet.allowedBy(policy), ...words].slice(0, 200), 30, cannotAsk);
      const answers = await askCaddy(text, some, { mode: policy.mode });
      const verdicts = some.map((client) => policy.decide(client).verdict);
      expect(answers, text).toEqual(verdicts);
      asked += some.length;
    }
    expect(asked).toBeGreaterThan(2_000);
  });

  test('of a comment with any character, and what it does with a backslash', async () => {
    const policy = createPolicy({ deny: '192.0.2.7 # " ` <<EOF ; {$HOME:x} \' # \\ @ (x) é\n10.0.0.1 # \\' });
    const { text } = exportPolicy(policy, { format: caddy });
    expect(await askCaddy(text, clients)).toEqual(clients.map((client) => policy.decide(client).verdict));
    const { isAccepted } = await checkCaddy('@listed {\nremote_ip 192.0.2.7 # \\ x\nremote_ip 10.0.0.1\n}');
    expect(isAccepted).toBe(false);
    // A matcher without conditions is about everyone.
    expect(new Set(await askCaddy('@listed {\n}', clients))).toEqual(new Set(['deny']));
    // IPv4 clients are never found with an IPv4-mapped network.
    expect(new Set(await askCaddy('@listed remote_ip ::ffff:0:0/96', clients))).toEqual(new Set(['allow']));
  });
});
