import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iptables } from '../../src/formats/iptables.ts';
import { type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { describeWith } from '../engines/engine.ts';
import { askFirewall, checkFirewall, type Loader } from '../engines/firewall.ts';
import { goldenText } from '../golden/address.ts';
import { clientsOf } from '../support/clients.ts';
import { growthOf } from '../support/reads.ts';
import { addressesOf, entryIn, type Universe, universes } from '../support/universe.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: iptables, ...options });

/** A table `filter` with the rules of INPUT. */
const filter = (rules: readonly string[], policy = 'DROP'): string =>
  `*filter\n:INPUT ${policy} [0:0]\n${rules.map((rule) => `-A INPUT ${rule}\n`).join('')}COMMIT\n`;

const shortOf = ({ entries, otherwise, problems }: ImportedList): unknown => [
  otherwise,
  ...entries.map(({ action, address, note }) => [action, address, note].filter((part) => part).join(' ')),
  ...problems.map(({ code, line }) => `${code} ${line}`),
];

const policyOf = ({ rules, order, otherwise }: ImportedList): Policy =>
  createRules({ rules, order, otherwise: otherwise as 'allow' });

const allow = 'allow 192.0.2.0/24';

describe('iptables in', () => {
  test.each<[string, string | readonly string[], unknown[]]>([
    ['a source', ['-s 192.0.2.0/24 -j ACCEPT'], ['deny', allow]],
    [
      'rejecting',
      ['-s 192.0.2.7/32 -j REJECT --reject-with icmp-port-unreachable'],
      ['deny', 'deny 192.0.2.7'],
    ],
    ['the order', ['-s 192.0.2.7 -j DROP', '-s 192.0.2.0/24 -j ACCEPT'], ['deny', 'deny 192.0.2.7', allow]],
    ['a netmask', ['-s 192.0.2.0/255.255.255.0 -j ACCEPT'], ['deny', allow]],
    ['a wildcard mask', ['-s 192.0.2.0/0.0.0.255 -j ACCEPT'], [undefined, 'wildcard-mask 3']],
    ['host bits', ['-s 192.0.2.5/24 -j ACCEPT'], ['deny', allow, 'host-bits-set 3']],
    ['several sources', ['-s 192.0.2.0/24,198.51.100.7 -j ACCEPT'], ['deny', allow, 'allow 198.51.100.7']],
    [
      'a range',
      ['-m iprange --src-range 192.0.2.1-192.0.2.9 -j ACCEPT'],
      ['deny', 'allow 192.0.2.1-192.0.2.9'],
    ],
    ['a short address', ['-s 192.0.2 -j ACCEPT'], [undefined, 'octet-count 3']],
    ['a name', ['-s example.org -j ACCEPT'], [undefined, 'invalid-character 3']],
    [
      'a comment',
      ['-s 192.0.2.0/24 -m comment --comment "the \\"Office\\" -j DROP" -j ACCEPT'],
      ['deny', `${allow} the "Office" -j DROP`],
    ],
    [
      'a short comment',
      ['-s 192.0.2.0/24 -m comment --comment Office -j ACCEPT'],
      ['deny', `${allow} Office`],
    ],
    ['a port', ['-s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT'], ['deny', 'conditional 3']],
    ['an interface', ['-i lo -j ACCEPT'], ['deny', 'conditional 3']],
    ['not an interface', ['! -i lo -j DROP'], ['deny', 'conditional 3']],
    ['a destination', ['-s 192.0.2.0/24 -d 192.0.2.1 -j ACCEPT'], ['deny', 'conditional 3']],
    ['a state', ['-m state --state ESTABLISHED -j ACCEPT'], ['deny', 'conditional 3']],
    ['a set', ['-m set --match-set bad src -j DROP'], ['deny', 'conditional 3']],
    ['an option in a word', ['-s192.0.2.0/24 -j ACCEPT'], ['deny', 'conditional 3']],
    ['a target in a word', ['-s 192.0.2.0/24 -jACCEPT'], ['deny', 'conditional 3']],
    ['options with a sign', ['--source=192.0.2.0/24 -j ACCEPT'], ['deny', 'conditional 3']],
    [
      'two sources',
      ['-s 192.0.2.0/24 -m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP'],
      ['deny', 'conditional 3'],
    ],
    [
      'a range of destinations',
      ['-m iprange --dst-range 192.0.2.1-192.0.2.9 -j DROP'],
      ['deny', 'conditional 3'],
    ],
    ['another chain', ['-s 192.0.2.0/24 -j f2b'], ['deny', 'conditional 3']],
    ['going to a chain', ['-s 192.0.2.0/24 -g f2b'], ['deny', 'conditional 3']],
    ['returning', ['-s 192.0.2.0/24 -j RETURN'], ['deny', 'conditional 3']],
    ['a queue', ['-j NFQUEUE --queue-num 0'], ['deny', 'conditional 3']],
    ['a log', ['-s 192.0.2.0/24 -j LOG --log-prefix "-j DROP "'], ['deny', 'skipped 3']],
    ['no target', ['-s 192.0.2.0/24'], ['deny', 'skipped 3']],
    ['a negated source', ['! -s 192.0.2.0/24 -j DROP'], [undefined, 'negated 3']],
    ['one as it was written once', ['-s ! 192.0.2.0/24 -j DROP'], [undefined, 'negated 3']],
    ['a negated range', ['-m iprange ! --src-range 192.0.2.1-192.0.2.9 -j DROP'], [undefined, 'negated 3']],
    ['a negated source with a port', ['! -s 192.0.2.0/24 -p udp -j DROP'], ['deny', 'conditional 3']],
    ['IPv6', ['-s 2001:db8::/32 -j ACCEPT'], ['deny', 'allow 2001:db8::/32']],
    [
      'two families',
      ['-s 192.0.2.0/24 -j ACCEPT', '-s 2001:db8::/32 -j ACCEPT'],
      [undefined, allow, 'syntax 4'],
    ],
    [
      'IPv4-mapped',
      ['-s 2001:db8::/32 -j DROP', '-s ::ffff:192.0.2.1 -j ACCEPT'],
      ['deny', 'deny 2001:db8::/32', 'skipped 4'],
    ],
    [
      'counters',
      '*filter\n:INPUT DROP [1:2]\n[3:4] -A INPUT -s 192.0.2.0/24 -c 1 2 -j ACCEPT\nCOMMIT\n',
      ['deny', allow],
    ],
    ['everyone', ['-s 192.0.2.7 -j DROP', '-j ACCEPT'], ['allow', 'deny 192.0.2.7', 'one-family 4']],
    ['everyone before the end', ['-j REJECT', '-s 192.0.2.7 -j ACCEPT'], ['deny', 'skipped 4']],
    ['everyone by its length', ['-s 192.0.2.1/0 -j REJECT', '-s 192.0.2.7 -j ACCEPT'], ['deny', 'skipped 4']],
    ['everyone among others', ['-s 192.0.2.1,0.0.0.0/0 -j REJECT'], ['deny']],
    [
      'another table',
      `*nat\n:INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.9 -j DNAT\n x\nCOMMIT\n${filter([])}`,
      ['deny'],
    ],
    [
      'a policy that is not there',
      '*filter\n-A INPUT -s 192.0.2.0/24 -j ACCEPT\nCOMMIT\n',
      [undefined, allow],
    ],
    ['no chain', '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n', [undefined, 'unselected 1']],
    ['no table filter', '*nat\n:INPUT DROP [0:0]\nCOMMIT\n', [undefined, 'truncated 4']],
    [
      'no COMMIT',
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -s 192.0.2.0/24 -j ACCEPT',
      [undefined, allow, 'truncated 3'],
    ],
    [
      'a rule that is cut off',
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -m comment --comment "x',
      [undefined, 'syntax 3'],
    ],
    ['two tables', filter([]) + filter([]), [undefined, 'syntax 4']],
    [
      'inserting',
      '*filter\n:INPUT DROP [0:0]\n-I INPUT -s 192.0.2.0/24 -j ACCEPT\nCOMMIT\n',
      [undefined, 'syntax 3'],
    ],
    ['CR LF', filter(['-s 192.0.2.0/24 -j ACCEPT']).replaceAll('\n', '\r\n'), [undefined, 'syntax 1']],
    ['a comment of any length', `# ${'x'.repeat(20_000)}\n${filter([])}`, [undefined, 'syntax 1']],
    ['a bare rule', '-A INPUT ! -s 192.0.2.0/24 -j DROP', [undefined, 'negated 1', 'truncated 1']],
    ['another file', '<html>\n<p>\n', [undefined, 'syntax 1']],
    ['nothing', '', [undefined, 'truncated 1']],
  ])('%s', (_name, text, expected) => {
    expect(shortOf(read(typeof text === 'string' ? text : filter(text)))).toEqual(expected);
  });

  test('another chain is read by its name, and has no policy', () => {
    const text = filter(['-s 192.0.2.1 -j DROP']).replace(
      'COMMIT',
      ':mine - [0:0]\n-A mine -s 192.0.2.0/24 -j ACCEPT\nCOMMIT',
    );
    expect(shortOf(read(text, { set: 'mine' }))).toEqual([undefined, allow]);
    expect(shortOf(read(text, { set: 'other' }))).toEqual([undefined, 'unselected 1']);
  });

  test('a rule for one port lets nobody in', () => {
    const list = read(filter(['-p tcp -m tcp --dport 22 -j ACCEPT', '-s 0.0.0.0/0 -p udp -j ACCEPT']));
    expect(list.conditional).toBe(2);
    expect(policyOf(list).allows('192.0.2.1')).toBe(false);
  });

  test('a file that was refused denies and allows nobody', () => {
    for (const text of [
      filter(['-s 192.0.2.7 -j DROP', '! -s 192.0.2.0/24 -j DROP'], 'ACCEPT'),
      '*filter\n:INPUT ACCEPT\n',
    ]) {
      const { rules, entries, otherwise } = read(text);
      expect(otherwise).toBeUndefined();
      expect(() => createRules({ rules, otherwise: 'allow' })).toThrow('incomplete-list');
      expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
    }
  });

  test('the other family is said to be let in', () => {
    const { problems } = read(filter(['-s 192.0.2.7 -j DROP'], 'ACCEPT'));
    expect(problems.map(({ code, severity, line, column }) => [code, severity, line, column])).toEqual([
      ['one-family', 'warning', 2, 8],
    ]);
  });

  test('takes hostile text in linear time', () => {
    for (const part of [
      '"',
      '""',
      '\\',
      ' ',
      '-s ',
      '! ',
      ',',
      '*filter\n',
      ':x\n',
      '-A INPUT -s 192.0.2.1 -j DROP\n',
      '[',
      '#\n',
    ])
      for (const start of ['*filter\n:INPUT DROP\n', '*filter\n-A INPUT -j DROP -s ', ''])
        expect(growthOf((size) => () => read(start + part.repeat(size), {}))).toBeLessThan(6);
  });
});

/** A rule about a source of a universe, about everyone, or about something that the packets here are not. */
const ruleIn = (universe: Universe): fc.Arbitrary<string> => {
  const source = entryIn(universe).map((entry) =>
    entry.includes('-') ? `-m iprange --src-range ${entry}` : `-s ${entry}`,
  );
  const target = fc.constantFrom('ACCEPT', 'DROP', 'REJECT', 'ACCEPT -c 1 2');
  return fc.oneof(
    { weight: 10, arbitrary: fc.tuple(source, target).map(([from, to]) => `${from} -j ${to}`) },
    { weight: 1, arbitrary: target.map((to) => `-j ${to}`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(source, fc.constantFrom('-p tcp', '-i nowhere', '-m mark --mark 7'), target)
        .map(([from, of, to]) => `${of} ${from} -j ${to}`),
    },
    { weight: 1, arbitrary: source },
    {
      weight: 2,
      arbitrary: fc
        .tuple(source, target)
        .map(([from, to]) => `${from} -m comment --comment "a \\"b\\" -j DROP" -j ${to}`),
    },
  );
};

/** Packets cannot come from these. */
const isNoSource = (client: string): boolean => /^(0\.0\.0\.0|::|::ffff:.*|fe[89ab].*|ff.*)$/.test(client);

interface Filter {
  readonly universe: Universe;
  readonly rules: readonly string[];
  readonly policy: string;
}

const anyFilter: fc.Arbitrary<Filter> = fc
  .constantFrom(...universes.filter(({ name }) => !name.includes('mapped')))
  .chain((universe) =>
    fc.record({
      universe: fc.constant(universe),
      rules: fc.array(ruleIn(universe), { maxLength: 12 }),
      policy: fc.constantFrom('ACCEPT', 'DROP'),
    }),
  );

describeWith('iptables', 'iptables decides as we do', () => {
  test('about random rules', async () => {
    for (const { universe, rules, policy } of fc.sample(anyFilter, 40)) {
      const { family } = universe;
      const text = filter(rules, policy);
      const list = read(text);
      const clients = addressesOf(universe)
        .map((value) => goldenText(family, value))
        .concat(
          clientsOf(
            list.entries.map(({ address }) => address),
            20,
          ),
        )
        .filter((client) => client.includes(':') === (family === 6) && !isNoSource(client));
      const loader: Loader = family === 4 ? 'iptables' : 'ip6tables';
      const ours = policyOf(list);
      expect(await askFirewall(text, clients, loader), text).toEqual(
        clients.map((client) => ours.decide(client).verdict),
      );
    }
  }, 240_000);

  test('about what it refuses', async () => {
    const texts = [
      filter(['-s 192.0.2.0/24 -j ACCEPT']).replaceAll('\n', '\r\n'),
      filter(['-s 192.0.2.0/24 -s 192.0.2.7 -j ACCEPT']),
      filter(['-s 2001:db8::/32 -j ACCEPT']),
      `# ${'x'.repeat(20_000)}\n${filter([])}`,
    ];
    for (const text of texts)
      expect(await checkFirewall(text, 'iptables')).toMatchObject({ isAccepted: false });
  }, 60_000);

  test('about comments and lines of the longest length', async () => {
    const note = 'x'.repeat(200);
    const text = `# ${'-A INPUT -j ACCEPT '.repeat(500)}\n${filter([`-s 192.0.2.7 -m comment --comment "${note} \\" \\\\" -j ACCEPT`])}`;
    const list = read(text);
    expect(list.entries).toEqual([{ address: '192.0.2.7', action: 'allow', note: `${note} " \\`, line: 4 }]);
    expect(await askFirewall(text, ['192.0.2.7', '192.0.2.8'], 'iptables')).toEqual(['allow', 'deny']);
  }, 60_000);
});
