import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { caddy } from '../../src/formats/caddy.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { askCaddy, checkCaddy } from '../engines/caddy.ts';
import { describeWith } from '../engines/engine.ts';
import { clientsOf } from '../support/clients.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';

const read = (text: string, options: Omit<ImportOptions, 'format'> = {}): ImportedList =>
  importList(text, { format: caddy, ...options });

const codes = ({ problems }: ImportedList): string[] => problems.map(({ code }) => code);

const errors = ({ problems }: ImportedList): string[] =>
  problems.filter(({ severity }) => severity === 'error').map(({ code }) => code);

const addresses = ({ entries }: ImportedList): string[] => entries.map(({ address }) => address);

function policyOf({ rules, order }: ImportedList, otherwise: 'allow' | 'deny'): Policy {
  return createRules({ rules, otherwise, order, maxEntries: Number.POSITIVE_INFINITY });
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

/** Caddy is asked by real connections, which these cannot make. */
const cannotAsk = (client: string): boolean =>
  client === '0.0.0.0' ||
  client === '::' ||
  client.startsWith('::ffff:') ||
  AddressSet.of(['224.0.0.0/4', '127.255.255.255', '255.255.255.255', 'fe80::/10', 'ff00::/8']).has(client);

describe('a matcher', () => {
  test('has the addresses of all its lines, but for those after "not"', () => {
    const text =
      '@office {\n\tremote_ip 192.0.2.0/24 # Lab\n\tremote_ip 2001:db8::1\n\tnot remote_ip 192.0.2.7\n}\n';
    const list = read(text, { mode: 'allow' });
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', note: 'Lab', label: 'office', line: 2 },
      { address: '2001:db8::1', label: 'office', line: 3 },
    ]);
    expect(list.problems).toEqual([]);
    expect(list.rules[0]?.name).toBe('office');
    const policy = policyOf(list, 'deny');
    expect(['192.0.2.1', '192.0.2.7'].map((ip) => policy.allows(ip))).toEqual([true, false]);
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['incomplete-list']);
    expect(codes(read(text))).toEqual(['has-exceptions']);
  });

  test.each([
    ['on one line', '@a remote_ip 192.0.2.1 192.0.2.2', ['192.0.2.1', '192.0.2.2']],
    ['on lines that go on', '@a remote_ip 192.0.2.1 \\\n  192.0.2.2 # x\n', ['192.0.2.1', '192.0.2.2']],
    ['in quotes', '@a client_ip "192.0.2.1" `192.0.2.2`', ['192.0.2.1', '192.0.2.2']],
    ['in blocks', 'x.test {\r\n  @a {\r\n    remote_ip 192.0.2.1\r\n  }\r\n}\r\n', ['192.0.2.1']],
    ['of several matchers', '@a remote_ip 192.0.2.1\n@b remote_ip 192.0.2.2', ['192.0.2.1', '192.0.2.2']],
    ['and nothing of a matcher without addresses', '@a {\n header !Foo\n}\n@b path /x', []],
    ['and nothing of uses', 'respond @a "x"\nhandle @a {\n}', []],
    [
      'with a comment that goes on',
      '@a {\nremote_ip 192.0.2.1 # a\\b\n192.0.2.2\n}',
      ['192.0.2.1', '192.0.2.2'],
    ],
  ])('has addresses %s', (_, text, expected) => {
    const list = read(text);
    expect([addresses(list), list.problems]).toEqual([expected, []]);
  });

  test.each([
    ['with a path', '@a {\nremote_ip 192.0.2.1\npath /x\n}'],
    ['with a path in "not"', '@a {\nnot {\nremote_ip 192.0.2.1\npath /x\n}\n}'],
    ['with both kinds', '@a {\nremote_ip 192.0.2.1\nclient_ip 192.0.2.2\n}'],
    ['with a header for the client', '@a remote_ip forwarded 192.0.2.1'],
    ['in an expression', "@a expression `remote_ip('192.0.2.1')`"],
    ['in a short expression', "@a `remote_ip('192.0.2.1')`"],
    ['twice negated', '@a not not remote_ip 192.0.2.1'],
  ])('is conditional %s', (_, text) => {
    const list = read(text, { mode: 'deny' });
    expect([list.conditional, list.entries, list.rules, errors(list)]).toEqual([1, [], [], []]);
  });

  test.each([
    ['for everyone but some', '@a not remote_ip 192.0.2.1', 'negated'],
    ['for everyone but some, in a block', '@a {\nnot {\nremote_ip 192.0.2.1\n}\n}', 'negated'],
    ['with an import', '@a {\nimport b\nremote_ip 192.0.2.1\n}', 'include'],
    ['without its end', '@a {\nremote_ip 192.0.2.1\n', 'truncated'],
    ['with quotes without an end', '@a remote_ip "192.0.2.1\n', 'truncated'],
    ['after an end too many', '}\n@a remote_ip 192.0.2.1\n', 'syntax'],
    ['beside a text in lines', 'respond <<X\n@a remote_ip 192.0.2.1\nX', 'syntax'],
  ])('is refused %s', (_, text, code) => {
    const list = read(text, { mode: 'deny' });
    expect(errors(list)).toEqual([code]);
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['incomplete-list']);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'allow' }))).toContain(
      'incomplete-list',
    );
  });

  test.each([
    ['a comment without a blank', '192.0.2.1#x', 'trailing-text'],
    ['a range', '192.0.2.1-192.0.2.9', 'syntax'],
    ['an IPv4-mapped address', '::ffff:192.0.2.1', 'mapped-address'],
    ['a name', '{env.OFFICE}', 'invalid-character'],
  ])('with a bad address never allows: %s', (_, word, code) => {
    const list = read(`@a remote_ip 198.51.100.1 ${word}`, { mode: 'allow' });
    expect(errors(list)).toEqual([code]);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'deny' }))).toEqual(['incomplete-list']);
  });

  test('is chosen by its name', () => {
    const text = 'import x\n@a remote_ip 192.0.2.1\n@b remote_ip 192.0.2.2';
    expect(errors(read(text))).toEqual(['include']);
    for (const set of ['b', '@b']) expect(addresses(read(text, { set }))).toEqual(['192.0.2.2']);
    expect(errors(read(text, { set: 'c' }))).toEqual(['unselected']);
  });

  test('has the addresses of what it imports, if the text is given', () => {
    const includes = {
      office: 'remote_ip 192.0.2.1 # Lab\nimport more',
      more: 'not remote_ip {args.0} 192.0.2.2',
    };
    const list = read('@a {\n import office\n}', {
      includes: { ...includes, more: 'not remote_ip 192.0.2.2' },
    });
    expect(list.entries).toEqual([{ address: '192.0.2.1', note: 'Lab', label: 'a', line: 2 }]);
    expect(errors(read('@a {\n import office\n}', { includes }))).toEqual(['invalid-character']);
    expect(errors(read('import a', { includes: { a: 'import a\nimport a' } }))).toContain('include');
  });

  test.skipIf(!hasSample('caddy-1.Caddyfile'))('in a real file', () => {
    const { text, expected } = readSample('caddy-1.Caddyfile');
    const list = read(text);
    expect(list.entries).toEqual(
      expected.entries.map(({ range, line, labels }) => ({
        address: range,
        label: String(labels?.['matcher']).slice(1),
        line,
      })),
    );
    expect(list.problems).toEqual([]);
  });

  test('of nobody is not one of everybody', () => {
    const { text } = exportPolicy(createPolicy({ allow: '', whenEmpty: 'deny' }), {
      format: caddy,
      set: 'nobody',
    });
    expect(text).toBe('@nobody {\n\tremote_ip\n}\n');
    expect(refusal(() => createPolicy({ allow: read(text).entries }))).toEqual(['incomplete-list']);
  });

  test('is written without what makes a comment go on', () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: '192.0.2.1 # C:\\lists\\\n192.0.2.2' }), {
      format: caddy,
    });
    expect(text).toBe('@listed {\n\tremote_ip 192.0.2.1 # C:/lists/\n\tremote_ip 192.0.2.2\n}\n');
    expect(losses.map(({ code }) => code)).toEqual(['note-changed']);
    expect(refusal(() => exportPolicy(createPolicy({ deny: '::1' }), { format: caddy, set: 'a b' }))).toEqual(
      ['invalid-option'],
    );
  });

  test('reads back to the same decisions', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text } = exportPolicy(policy, { format: caddy });
        const list = read(text, { mode: policy.mode });
        expect(errors(list)).toEqual([]);
        const back = policyOf(list, policy.mode === 'allow' ? 'deny' : 'allow');
        expect(AddressSet.allowedBy(back).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    '@a',
    '@a remote_ip 1.1.1.1\n',
    '{\n',
    '}',
    '"',
    '#\\\n',
    '\\\n',
    '\\',
    '@a{\n}\n',
    'not\n',
    '\r',
    '<<',
  ])('is read in linear time: %j', (part) => {
    const list = read(part.repeat(100_000));
    expect(list.entries.length).toBeLessThanOrEqual(100_000);
    expect(codes(list)).not.toContain('unreadable');
  });
});

describeWith('caddy', 'Caddy decides as we do', () => {
  test('of written matchers', async () => {
    let asked = 0;
    for (const policy of fc.sample(anyPolicy, { seed: 22, numRuns: 15 })) {
      const { text } = exportPolicy(policy, { format: caddy });
      const words = text.split(/\s/).filter((word) => /^[0-9a-f.:/]+$/.test(word));
      const clients = clientsOf([...AddressSet.allowedBy(policy), ...words], 30, cannotAsk);
      const answers = await askCaddy(text, clients, { mode: policy.mode });
      const differ = clients.filter((client, index) => policy.decide(client).verdict !== answers[index]);
      expect(differ, text).toEqual([]);
      asked += clients.length;
    }
    expect(asked).toBeGreaterThan(2_000);
  });

  test.each([
    [
      'an exception',
      '@listed {\nremote_ip 10.0.0.0/8 2001:db8::/32\nnot remote_ip 10.1.0.0/16 10.2.0.0/16\n}',
    ],
    [
      'several exceptions',
      '@listed {\nnot remote_ip 10.1.0.0/16\nremote_ip 10.0.0.0/8\nnot remote_ip 10.2.0.0/16\n}',
    ],
    [
      'an exception in a block',
      '@listed {\nremote_ip 10.0.0.0/8\nnot {\nremote_ip 10.1.0.0/16\nremote_ip 10.2.0.0/16\n}\n}',
    ],
    ['host bits', '@listed remote_ip 10.1.2.3/16 2001:db8::1/32'],
    ['private networks', '@listed remote_ip private_ranges'],
    [
      'comments and lines that go on',
      '@listed {\nremote_ip 10.0.0.0/16 # a\\b\n10.2.0.0/16 # c\n# d\\\nremote_ip 10.3.0.0/16 \\\n10.4.0.0/16\n}',
    ],
    ['quotes', '@listed remote_ip "10.0.0.0/16" `10.2.0.0/16`10.3.0.0/16'],
    ['CR LF', '@listed {\r\nremote_ip 10.0.0.0/16\r\n}\r\n'],
  ])('of matchers with %s', async (_, text) => {
    const list = read(text, { mode: 'deny' });
    expect(errors(list)).toEqual([]);
    const policy = policyOf(list, 'allow');
    const edges = [
      '10.0.0.0/8',
      '10.1.0.0/16',
      '10.2.0.0/16',
      '10.3.0.0/16',
      '10.4.0.0/16',
      '2001:db8::/32',
      '::1',
    ];
    const clients = clientsOf([...AddressSet.allowedBy(policy), ...edges], 30, cannotAsk);
    const answers = await askCaddy(text, clients, { mode: 'deny' });
    expect(clients.filter((client, index) => policy.decide(client).verdict !== answers[index])).toEqual([]);
  });

  test.each([
    ['a range', '@listed remote_ip 192.0.2.1-192.0.2.9'],
    ['a comment without a blank', '@listed remote_ip 192.0.2.1#x'],
    ['two of one name', '@listed remote_ip 192.0.2.1\n@listed remote_ip 192.0.2.2'],
  ])('refuses %s', async (_, text) => {
    expect((await checkCaddy(text)).isAccepted).toBe(false);
  });

  test('matches nobody without an address', async () => {
    const { text } = exportPolicy(createPolicy({ allow: '', whenEmpty: 'deny' }), { format: caddy });
    expect(await askCaddy(text, ['192.0.2.1', '::1'], { mode: 'allow' })).toEqual(['deny', 'deny']);
    expect(await askCaddy('@listed {\n}', ['192.0.2.1'], { mode: 'allow' })).toEqual(['allow']);
  });
});
