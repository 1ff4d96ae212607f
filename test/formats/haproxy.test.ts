import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { haproxy, haproxyMap } from '../../src/formats/haproxy.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { describeWith } from '../engines/engine.ts';
import { askHAProxy, checkHAProxy } from '../engines/haproxy.ts';
import { clientsOf } from '../support/clients.ts';
import { anyPolicy } from '../support/policies.ts';

const acl = (text: string, options: Omit<ImportOptions, 'format'> = {}): ImportedList =>
  importList(text, { format: haproxy, ...options });

const map = (text: string, options: Omit<ImportOptions, 'format'> = {}): ImportedList =>
  importList(text, { format: haproxyMap, ...options });

const LOOK_ALIKE = 'ipv4-look-alike';

const codes = ({ problems }: ImportedList): string[] =>
  problems.map(({ code }) => code).filter((code) => code !== LOOK_ALIKE);

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

/** Whether HAProxy looks for a client among IPv4 entries, too, though it is not one of IPv4 to everyone else. */
const isEmbedded = (client: string): boolean => AddressSet.of(['::/96', '2002::/16']).has(client);

describe('a file of addresses', () => {
  test('has one on each line, and comments in the first column', () => {
    const list = acl(
      '# Office\n192.0.2.0/24\n\n2001:db8::1\n198.51.100.0/255.255.255.0\r\n \t\n \t192.0.2.7',
    );
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', line: 2 },
      { address: '2001:db8::1', line: 4 },
      { address: '198.51.100.0/24', line: 5 },
      { address: '192.0.2.7', line: 7 },
    ]);
    expect([list.rules, list.otherwise]).toEqual([[], undefined]);
    expect(policyOf(acl('192.0.2.1', { mode: 'allow' }), 'deny').allows('192.0.2.1')).toBe(true);
  });

  test.each([
    ['a blank after it', '192.0.2.1 ', 'trailing-text'],
    ['a comment after it', '192.0.2.1 # x', 'trailing-text'],
    ['an indented comment', ' # x', 'invalid-character'],
    ['a partial address', '192.0.2', 'octet-count'],
    ['a number', '10', 'octet-count'],
    ['leading zeros', '010.0.0.1', 'octet-leading-zero'],
    ['a host name', 'example.com', 'invalid-character'],
    ['a range', '192.0.2.1-192.0.2.9', 'syntax'],
    ['a wildcard mask', '192.0.2.0/0.0.0.255', 'wildcard-mask'],
    ['a mask with holes', '192.0.2.0/255.0.255.0', 'wildcard-mask'],
    ['a mask of IPv6', '2001:db8::/255.0.0.0', 'zone-not-allowed'],
    ['text after a carriage return', '192.0.2.1\r203.0.113.9', 'syntax'],
    ['a byte that ends a text in C', '192.0.2.1\0', 'trailing-text'],
    ['a zone', 'fe80::1%eth0', 'zone-not-allowed'],
    ['an IPv4-mapped network that is too wide', '::ffff:0:0/90', 'mapped-prefix-too-short'],
  ])('with a bad line never allows: %s', (_, line) => {
    const list = acl(`198.51.100.1\n${line}\n198.51.100.2`);
    expect(list.problems.filter(({ severity }) => severity === 'error').map(({ line }) => line)).toEqual([2]);
    expect(addresses(list)).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(refusal(() => createPolicy({ allow: list.entries }))).toEqual(['incomplete-list']);
  });

  test('says what a wildcard mask may have meant', () => {
    const [problem] = acl('192.0.2.0/0.0.0.255').problems;
    expect([problem?.code, problem?.text, problem?.column]).toEqual(['wildcard-mask', '0.0.0.255', 11]);
    expect(problem?.message).toContain('255.255.255.0');
    expect(addresses(acl('192.0.2.9/255.255.255.255\n10.0.0.0/0.0.0.0'))).toEqual(['192.0.2.9', '0.0.0.0/0']);
  });

  test.each([
    ['a comment', `#${'x'.repeat(16_382)}`, `${'#'.repeat(16_383)}203.0.113.9`],
    ['two bytes a character', `#${'é'.repeat(8_191)}`, `#${'é'.repeat(8_192)}`],
  ])('with a line that HAProxy would cut is refused: %s', (_, good, bad) => {
    expect(acl(`${good}\n192.0.2.1\n`).problems.map(({ code }) => code)).toEqual([LOOK_ALIKE]);
    const list = acl(`${bad}\n192.0.2.1\n`);
    expect(errors(list)).toEqual(['syntax']);
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['incomplete-list']);
  });

  test('means IPv4 clients with IPv4-mapped addresses and all that covers them', () => {
    expect(addresses(acl('::ffff:192.0.2.1\n::ffff:10.0.0.0/104'))).toEqual(['192.0.2.1', '10.0.0.0/8']);
    const list = acl('::/0\n::/64');
    expect(addresses(list)).toEqual(['::/0', '0.0.0.0/0', '::/64', '0.0.0.0/0']);
    expect(codes(list)).not.toContain('excludes-ipv4');
    expect(createPolicy({ deny: list.entries }).allows('192.0.2.1')).toBe(false);
    expect(addresses(acl('2000::/3\n::1:0:0:0/80'))).toEqual(['2000::/3', '::1:0:0:0/80']);
  });

  test('warns once that IPv6 clients match IPv4 entries', () => {
    expect(acl('192.0.2.1\n192.0.2.2').problems.map(({ code, severity }) => [code, severity])).toEqual([
      [LOOK_ALIKE, 'warning'],
    ]);
    expect(acl('2001:db8::1').problems).toEqual([]);
  });
});

describe('a map', () => {
  test.each([
    ['the rest of the line', '192.0.2.0/24 a b # c', 'a b # c'],
    ['without the blanks at its ends', ' \t192.0.2.0/24 \t a\tb \t\r', 'a\tb'],
    ['empty', '192.0.2.0/24', ''],
    ['empty, too, after blanks', '192.0.2.0/24  ', ''],
  ])('has a value: %s', (_, text, label) => {
    const list = map(`# x\n${text}\n\n  \n`);
    expect(list.entries).toEqual([{ address: '192.0.2.0/24', label, line: 2 }]);
    expect(codes(list)).toEqual(['verdict-required']);
  });

  test('the first of equal networks counts, and the most specific one', () => {
    const text = '127.0.0.5/8 1\n127.0.0.0/255.0.0.0 0\n127.1.0.0/16 0\n';
    const list = map(text, { listed: '1', mode: 'deny' });
    expect(codes(list)).toEqual(['host-bits-set', 'duplicate']);
    expect([list.order, list.otherwise]).toEqual(['most-specific', undefined]);
    expect(['127.0.0.1', '127.1.0.1'].map((ip) => policyOf(list, 'allow').allows(ip))).toEqual([false, true]);
    expect(refusal(() => createPolicy({ deny: list.entries }))).toEqual(['action-differs']);
  });

  test.each([
    ['an indented comment', ' # x', 'empty'],
    ['a name', 'localhost x', 'invalid-character'],
    ['a wildcard mask', '192.0.2.0/0.0.0.255 x', 'wildcard-mask'],
    ['an IPv4-mapped address', '::ffff:192.0.2.1 x', 'mapped-address'],
    ['text after a carriage return', '192.0.2.1\r x', 'syntax'],
  ])('with a bad line never allows: %s', (_, line) => {
    const list = map(`198.51.100.1 x\n${line}\n`, { listed: 'x', mode: 'allow' });
    expect(list.problems.filter(({ severity }) => severity === 'error').map(({ line }) => line)).toEqual([2]);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'deny' }))).toEqual(['incomplete-list']);
  });

  test('a value that nothing has opens nothing', () => {
    const list = map('192.0.2.1 yes', { listed: '1', mode: 'deny' });
    expect(errors(list)).toEqual(['unselected']);
    expect(refusal(() => createRules({ rules: list.rules, otherwise: 'allow' }))).toContain(
      'incomplete-list',
    );
  });

  test('IPv6 for everyone is IPv4, too, where it does not depend on the socket', () => {
    const list = map('::/0 a\n::/16 b\n192.0.2.1 b\n2001:db8::/32 c');
    expect(list.entries.map(({ address, label }) => `${address} ${label}`)).toEqual([
      '::/0 a',
      '::/16 b',
      '192.0.2.1 b',
      '2001:db8::/32 c',
      '0.0.0.0/0 b',
    ]);
    expect(errors(map('::/0 a\n192.0.2.1 b'))).toEqual(['mapped-address']);
    expect(map('::/0 a\n0.0.0.0/0 a').entries.length).toBe(2);
  });
});

describe('a written file', () => {
  test('has notes on lines of their own, and says who else matches', () => {
    const policy = createPolicy({ deny: '192.0.2.0/24 # Lab\n2001:db8::1' });
    const { text, losses } = exportPolicy(policy, { format: haproxy });
    expect(text).toBe('# Lab\n192.0.2.0/24\n2001:db8::1\n');
    expect(losses.map(({ code }) => code)).toEqual([LOOK_ALIKE]);
    expect(exportPolicy(policy, { format: haproxyMap, notes: false }).text).toBe(
      '192.0.2.0/24 1\n2001:db8::1 1\n',
    );
  });

  test('leaves the IPv4-mapped block out of IPv6', () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: '::/0' }), { format: haproxy });
    expect(losses).toEqual([]);
    const read = AddressSet.of(text);
    expect(text.split('\n').length).toBe(97);
    expect(read.equals(AddressSet.of('::/0'))).toBe(true);
    expect(addresses(acl(text))).not.toContain('0.0.0.0/0');
  });

  test('of nobody has no addresses', () => {
    const policy = createPolicy({ allow: '', whenEmpty: 'deny' });
    expect(exportPolicy(policy, { format: haproxy })).toEqual({ text: '# no addresses\n', losses: [] });
    expect(refusal(() => createPolicy({ allow: acl('# no addresses\n').entries }))).toEqual([
      'incomplete-list',
    ]);
  });

  test('cuts notes before HAProxy cuts them', () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: `192.0.2.1 # ${'é'.repeat(9_000)}` }), {
      format: haproxy,
    });
    expect(losses.map(({ code }) => code)).toEqual([LOOK_ALIKE, 'note-cut']);
    expect(errors(acl(text))).toEqual([]);
  });

  test.each([
    ['as addresses', haproxy, {}],
    ['as a map', haproxyMap, { listed: '1' }],
  ])('reads back to the same decisions, %s', (_, format, options) => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text } = exportPolicy(policy, { format });
        const list = importList(text, { format, mode: policy.mode, ...options });
        expect(errors(list)).toEqual([]);
        const read = policyOf(list, policy.mode === 'allow' ? 'deny' : 'allow');
        expect(AddressSet.allowedBy(read).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('hostile text', () => {
  // Each would take minutes if it were looked through again for each of its lines.
  test.each([
    '\n',
    '\r',
    'a\n',
    '#',
    ' ',
    ' \n',
    '192.0.2.1\n',
    '::/0 a\n',
    '1/1.1.1.1\n',
    '/',
    '192.0.2.1\r\n',
    'é',
  ])('%j is read in linear time', (part) => {
    const text = part.repeat(100_000);
    for (const read of [acl, map]) {
      expect(read(text).entries.length).toBeLessThanOrEqual(200_000);
      expect(codes(read(text))).not.toContain('unreadable');
    }
  });
});

describeWith('haproxy', 'HAProxy decides as we do', () => {
  const edgesOf = (policy: Policy, text: string): string[] => {
    const words = text.split(/\s/).filter((word) => /^[0-9a-f.:/]+$/.test(word));
    return clientsOf([...AddressSet.allowedBy(policy), ...words], 30);
  };

  test.each([
    ['addresses', haproxy, 'acl' as const],
    ['maps', haproxyMap, 'map' as const],
  ])('of written %s', async (_, format, kind) => {
    let asked = 0;
    for (const policy of fc.sample(anyPolicy, { numRuns: 40 })) {
      const { mode } = policy;
      const { text, losses } = exportPolicy(policy, { format });
      const clients = edgesOf(policy, text);
      const answers = await askHAProxy(text, clients, { kind, mode });
      const listed = kind === 'acl' ? mode : '1';
      const verdicts = answers.map((answer) =>
        (answer === listed) === (mode === 'allow') ? 'allow' : 'deny',
      );
      const differ = clients.filter((client, index) => policy.decide(client).verdict !== verdicts[index]);
      expect(
        differ.filter((client) => !isEmbedded(client)),
        text,
      ).toEqual([]);
      // What differs is the loss that is reported.
      if (differ.length > 0) expect(losses.map(({ code }) => code)).toContain(LOOK_ALIKE);
      asked += clients.length;
    }
    expect(asked).toBeGreaterThan(8_000);
  });

  const network = fc.constantFrom(
    ...[
      '10.0.0.0/8',
      '10.0.0.5/8',
      '10.0.0.0/16',
      '10.0.1.0/255.255.255.0',
      '10.0.1.7',
      '0.0.0.0/0',
      '0.0.0.0/1',
    ],
    ...[
      '2001:db8::/32',
      '2001:db8::7/64',
      '2001:db8::7',
      '::/0',
      '::/80',
      '::/1',
      '255.255.255.255',
      '8000::/1',
    ],
  );
  const mapped = fc.constantFrom('::ffff:10.0.2.0/120', '::ffff:10.0.1.9', '::ffff:0:0/96');

  test('of files in any order', async () => {
    const lines = fc.array(fc.oneof({ weight: 5, arbitrary: network }, mapped), {
      minLength: 1,
      maxLength: 6,
    });
    let asked = 0;
    for (const some of fc.sample(lines, { numRuns: 40 })) {
      const text = `# x \\\n${some.join('\r\n')}`;
      const policy = createPolicy({ deny: acl(text).entries });
      const clients = edgesOf(policy, text).filter((client) => !isEmbedded(client));
      const answers = await askHAProxy(text, clients);
      expect(
        clients.filter((client, index) => policy.decide(client).verdict !== answers[index]),
        text,
      ).toEqual([]);
      asked += clients.length;
    }
    expect(asked).toBeGreaterThan(3_000);
  });

  test('of maps in any order, where both take them', async () => {
    const line = fc.tuple(network, fc.constantFrom('0', '1')).map((words) => words.join(' \t'));
    let asked = 0;
    for (const some of fc.sample(fc.array(line, { minLength: 1, maxLength: 6 }), { numRuns: 40 })) {
      const text = `192.0.2.1 1\n${some.join(' \n')}`;
      const list = map(text, { listed: '1', mode: 'deny' });
      expect(errors(list).filter((code) => code !== 'mapped-address')).toEqual([]);
      if (errors(list).length > 0) continue;
      const policy = policyOf(list, 'allow');
      const clients = edgesOf(policy, text).filter((client) => !isEmbedded(client));
      const answers = await askHAProxy(text, clients, { kind: 'map' });
      const verdicts = answers.map((answer) => (answer === '1' ? 'deny' : 'allow'));
      expect(
        clients.filter((client, index) => policy.decide(client).verdict !== verdicts[index]),
        text,
      ).toEqual([]);
      asked += clients.length;
    }
    expect(asked).toBeGreaterThan(2_000);
  });

  test.each([
    ['a blank after an address', '192.0.2.1 ', 'acl' as const],
    ['a comment after an address', '192.0.2.1 # x', 'acl' as const],
    ['an indented comment', ' # x', 'acl' as const],
    ['an indented comment in a map', ' # x', 'map' as const],
    ['a range', '192.0.2.1-192.0.2.9', 'acl' as const],
    ['a mark of byte order', '\ufeff192.0.2.1', 'acl' as const],
    ['a zone', 'fe80::1%eth0', 'acl' as const],
    ['leading zeros in a map', '010.0.0.1 x', 'map' as const],
  ])('refuses %s', async (_, text, kind) => {
    expect((await checkHAProxy(`${text}\n`, { kind })).isAccepted).toBe(false);
  });

  test('takes for another address what is an error here', async () => {
    const asked = async (text: string, client: string): Promise<string> =>
      (await askHAProxy(`${text}\n`, [client]))[0] as string;
    expect(await asked('192.0.2', '192.0.0.2')).toBe('deny');
    expect(await asked('10', '0.0.0.10')).toBe('deny');
    expect(await asked('010.0.0.1', '8.0.0.1')).toBe('deny');
    expect(await asked('192.0.2.0/0.0.0.255', '203.0.113.0')).toBe('deny');
    expect(await asked('192.0.2.1\r203.0.113.9', '203.0.113.9')).toBe('allow');
    expect(await asked(`${'#'.repeat(16_383)}203.0.113.9`, '203.0.113.9')).toBe('deny');
    expect(await asked(`${'#'.repeat(16_383)}`, '203.0.113.9')).toBe('allow');
    expect(await asked('  \n \t192.0.2.1', '192.0.2.1')).toBe('deny');
  });

  test('matches IPv4 entries with clients of IPv6, as the warning says', async () => {
    const clients = ['::192.0.2.7', '2002:c000:207::1', '2002:c000:208::1', '64:ff9b::192.0.2.7'];
    expect(await askHAProxy('192.0.2.7\n', clients)).toEqual(['deny', 'deny', 'allow', 'allow']);
  });

  test('asks IPv6 networks last for IPv4, and first for IPv4-mapped clients', async () => {
    const clients = ['192.0.2.1', '::ffff:192.0.2.1', '198.51.100.1'];
    const text = '::/0 six\n192.0.2.0/24 four\n';
    expect(await askHAProxy(text, clients, { kind: 'map' })).toEqual(['four', 'six', 'six']);
    expect(errors(map(text))).toEqual(['mapped-address']);
  });

  test('takes every written note and an empty file', async () => {
    const hard = ['"', "'", '# x', '\\', 'a \\', 'x'.repeat(16_000), '\u{1f600}', '192.0.2.200'];
    const entries = hard.map((note, index) => ({ address: `192.0.2.${index}`, note }));
    const { text } = exportPolicy(createPolicy({ deny: entries }), { format: haproxy });
    expect(await askHAProxy(text, ['192.0.2.7', '192.0.2.8', '192.0.2.200'])).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
    const nobody = exportPolicy(createPolicy({ allow: '', whenEmpty: 'deny' }), { format: haproxy }).text;
    expect(await askHAProxy(nobody, ['192.0.2.1', '::1'], { mode: 'allow' })).toEqual(['deny', 'deny']);
  });
});
