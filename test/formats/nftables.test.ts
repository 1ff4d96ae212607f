import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nftables } from '../../src/formats/nftables.ts';
import { exportPolicy, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { describeWith } from '../engines/engine.ts';
import { askFirewall } from '../engines/firewall.ts';
import { askNftables, checkNftables } from '../engines/nftables.ts';
import {
  clientsFor,
  inNamespace,
  listedBy,
  policyOf,
  shortOf,
  somePolicies,
  verdictsOf,
} from '../support/kernel-sets.ts';
import { anyPolicy } from '../support/policies.ts';
import { hour, hours, timedLines, writeText } from '../support/timed.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ReturnType<typeof importList> =>
  importList(text, { format: nftables, ...options });

/** A set as `nft list ruleset` prints it. */
const setOf = (elements: string, rest = 'type ipv4_addr\n\t\tflags interval'): string =>
  `table inet t {\n\tset s {\n\t\t${rest}\n\t\telements = { ${elements} }\n\t}\n}\n`;

const now = new Date('2026-01-01T00:00Z');

describe('nftables in', () => {
  test.each<[string, string, Partial<ImportOptions>, unknown[]]>([
    [
      'elements with lifetimes and notes',
      setOf('192.0.2.1 timeout 1h comment "a;b", 198.51.100.0-198.51.100.9, '),
      { now },
      [
        ['192.0.2.1', 'a;b', 's', '2026-01-01T01:00:00.000Z'],
        ['198.51.100.0-198.51.100.9', 's'],
      ],
    ],
    [
      'what is left of a lifetime',
      setOf('192.0.2.1 counter packets 1 bytes 2 timeout 1d2h expires 1h1m1s1ms comment "x"'),
      { now, set: 's' },
      [['192.0.2.1', 'x', '2026-01-01T01:01:01.001Z']],
    ],
    [
      'the lifetime of a set',
      setOf('192.0.2.1, 192.0.2.2 timeout 1m', 'type ipv4_addr; timeout 5m'),
      { now, set: 's' },
      [
        ['192.0.2.1', '2026-01-01T00:05:00.000Z'],
        ['192.0.2.2', '2026-01-01T00:01:00.000Z'],
      ],
    ],
    [
      'a lifetime and no instant',
      setOf('192.0.2.1 timeout 1h'),
      {},
      [['192.0.2.1', 's'], 'instant-required 5:16-25'],
    ],
    ['blanks around a hyphen', setOf('192.0.2.1 - 192.0.2.9'), {}, [['192.0.2.1-192.0.2.9', 's']]],
    ['host bits', setOf('192.0.2.5/24'), {}, [['192.0.2.0/24', 's'], 'host-bits-set 5:16-28']],
    ['a leading zero', setOf('010.0.0.1'), {}, ['octet-leading-zero 5:16-25']],
    ['a name', setOf('192.0.2.1, example.com'), {}, [['192.0.2.1', 's'], 'invalid-character 5:27-38']],
    [
      'a comment with a backslash at its end',
      'table t {\nset s {\ntype ipv4_addr\nelements = { # old \\\n192.0.2.1, # }\n}\n}\n}',
      {},
      [['192.0.2.1', 's']],
    ],
    [
      'joined lines',
      'add element ip t s { 192.0.2.1,\\\n192.0.2.2 }',
      { set: 's' },
      [['192.0.2.1'], ['192.0.2.2']],
    ],
    ['everyone', setOf('*'), {}, [['0.0.0.0/0', 's'], 'covers-everything 5:16-17']],
    [
      'IPv4-mapped elements, which no packet matches',
      setOf('::ffff:192.0.2.1, 2001:db8::1', 'type ipv6_addr'),
      {},
      [['2001:db8::1', 's'], 'skipped 4:16-32'],
    ],
    ['the other family', setOf('2001:db8::1'), {}, ['syntax 5:16-27']],
    ['no elements', 'table t {\nset s {\ntype ipv4_addr\n}\n}\n', {}, []],
    [
      'a set of ports',
      'table t {\nset s {\ntype inet_service\nelements = { 22 }\n}\n}\n',
      {},
      ['skipped 2:5-6'],
    ],
    [
      'elements of two parts',
      setOf('192.0.2.1 . 80', 'type ipv4_addr . inet_service'),
      {},
      ['conditional 2:6-7'],
    ],
    [
      'elements of two parts, and no type',
      'add element inet t s { 192.0.2.1 . 80, 192.0.2.2 }',
      { set: 's' },
      [['192.0.2.2'], 'conditional 1:24-33'],
    ],
    [
      'a map',
      setOf('192.0.2.1 : drop', 'type ipv4_addr : verdict').replace('set', 'map'),
      {},
      ['conditional 2:6-7'],
    ],
    [
      'a rate',
      setOf('192.0.2.1 limit rate 1/second, 192.0.2.2'),
      {},
      [['192.0.2.2', 's'], 'conditional 5:16-25'],
    ],
    [
      'definitions',
      'define lan = { 192.0.2.0/24, 198.51.100.7 }\ndefine port = 22\ndefine one = 203.0.113.1',
      {},
      [
        ['192.0.2.0/24', 'lan'],
        ['198.51.100.7', 'lan'],
        ['203.0.113.1', 'one'],
      ],
    ],
    [
      'definitions of definitions, in a set',
      'define a = 192.0.2.1\ndefine b = { $a, 192.0.2.2 }\nadd element t s { $b, 192.0.2.3 }',
      {},
      [
        ['192.0.2.1', 's'],
        ['192.0.2.2', 's'],
        ['192.0.2.3', 's'],
      ],
    ],
    [
      'a definition that is not there',
      'add element t s { $b }',
      { set: 's' },
      ['skipped 1:15-16', 'syntax 1:19-21'],
    ],
    [
      'a definition that is gone',
      'define b = 192.0.2.1\nundefine b\nadd element t s $b',
      { set: 's' },
      ['skipped 3:15-16', 'syntax 3:17-19'],
    ],
    [
      'a set that is flushed',
      'add element t s { 192.0.2.1 }\nflush set t s\nadd element t s { 192.0.2.2 }',
      { set: 's' },
      [['192.0.2.2']],
    ],
    ['a table that is deleted', 'add element t s { 192.0.2.1 }\ndelete table t', {}, []],
    ['a ruleset that is flushed', 'add element t s { 192.0.2.1 }\nflush ruleset', {}, []],
    [
      'an element that is deleted',
      'add element t s { 192.0.2.0/24 }\ndelete element t s { 192.0.2.0/24 }',
      {},
      ['negated 2:1-7', ['192.0.2.0/24', 's']].reverse(),
    ],
    ['an include', 'include "/etc/x.nft"\nadd element t s { 192.0.2.1 }', {}, ['include 1:1-20']],
    [
      'an include with its text',
      'include "x"\nadd element t s { $a }',
      { set: 's', includes: { x: '#!/usr/sbin/nft -f\ndefine a = { 192.0.2.1 }' } },
      [['192.0.2.1']],
    ],
    ['an include without an end', 'include "x"', { includes: { x: 'include "x"' } }, ['include 1:1-11']],
    ['a set that is not there', setOf('192.0.2.1'), { set: 'x' }, ['unselected 1:1-1']],
    [
      'one of two sets',
      `${setOf('192.0.2.1')}${setOf('192.0.2.2').replace('inet t', 'ip u')}`,
      { set: 'ip u s' },
      [['192.0.2.2']],
    ],
    [
      'addresses in rules',
      'table ip t {\nchain c {\nip saddr 192.0.2.1 drop\nip saddr { 192.0.2.2 } drop\n}\n}',
      {},
      ['skipped 3:4-19'],
    ],
    ['rules about sets', 'table ip t {\nchain c {\nip saddr @s drop\nip saddr != $x drop\n}\n}', {}, []],
    [
      'a file that ends early',
      'table ip t {\nset s {\ntype ipv4_addr\nelements = { 192.0.2.1,',
      {},
      [['192.0.2.1', 's'], 'truncated 4:24-24'],
    ],
    [
      'a quotation mark that is never closed',
      setOf('192.0.2.1 comment "x'),
      {},
      [['192.0.2.1', 's'], 'truncated 5:35-44'],
    ],
    ['JSON', '{"nftables": []}', {}, ['syntax 1:1-2']],
    ['another format', 'deny 192.0.2.1;', {}, ['syntax 1:1-5']],
    [
      'definitions without end',
      `define a = { 192.0.2.1, 192.0.2.2 }\n${'define a = { $a, $a }\n'.repeat(30)}`,
      {},
      [],
    ],
  ])('%s', (name, text, options, expected) => {
    const list = read(text, options);
    if (name === 'definitions without end') {
      expect(list.problems.map(({ code }) => code)).toEqual(['too-many-entries']);
      expect(list.entries.length).toBeLessThan(5000);
    } else expect(shortOf(list)).toEqual(expected);
  });

  test('nothing of a file that was refused denies or allows', () => {
    const { entries, rules } = read('add element t s { 192.0.2.1 }\ninclude "x"', { mode: 'deny' });
    expect(() => createPolicy({ deny: entries })).toThrow('incomplete-list');
    expect(() => createRules({ rules, otherwise: 'allow' })).toThrow('incomplete-list');
  });

  test('takes hostile text in linear time', () => {
    // Each would take minutes if a statement were looked through again for each of its words.
    for (const part of [
      '{',
      '}',
      '"',
      '#',
      '\\\n',
      '$a',
      'table t {',
      'define a={1.1.1.1}\n',
      'add element t s {1.1.1.1}\n',
      'set s {',
      '1.1.1.1-',
    ])
      expect(read(part.repeat(200_000)).entries.length).toBeLessThanOrEqual(200_000);
  });
});

describe('nftables out', () => {
  test('one transaction that replaces two sets', () => {
    const policy = createPolicy({
      deny: '192.0.2.0/24 # a "b" \\\n192.0.2.7 # inner\n2001:db8::1-2001:db8::5',
    });
    const { text, losses } = exportPolicy(policy, { format: nftables, set: 'bad', table: 'inet t' });
    expect(text).toBe(`add table inet t
add set inet t bad_ipv4 { type ipv4_addr; flags interval; }
flush set inet t bad_ipv4
add element inet t bad_ipv4 {
\t192.0.2.0-192.0.2.6 comment "a 'b' \\",
\t192.0.2.7 comment "inner",
\t192.0.2.8-192.0.2.255 comment "a 'b' \\"
}
add set inet t bad_ipv6 { type ipv6_addr; flags interval; }
flush set inet t bad_ipv6
add element inet t bad_ipv6 {
\t2001:db8::1-2001:db8::5
}
`);
    expect(new Set(losses.map(({ code, entry }) => `${code} ${entry?.line}`))).toEqual(
      new Set(['note-changed 1']),
    );
  });

  test.each(['', '1a', 'a b', 'é', 'a;b', '-a', 'long'])('does not take %j for a name', (given) => {
    const set = given === 'long' ? 'a'.repeat(201) : given;
    const policy = createPolicy({ deny: '192.0.2.1' });
    expect(() => exportPolicy(policy, { format: nftables, set })).toThrow('set must be a name');
    expect(() => exportPolicy(policy, { format: nftables, table: `inet ${set}` })).toThrow('table must be');
  });

  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { entries, problems } = read(exportPolicy(policy, { format: nftables }).text);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(AddressSet.of(entries).equals(listedBy(policy))).toBe(true);
      }),
    );
  });

  test('keeps how long addresses are listed, at every instant from then on', () => {
    fc.assert(
      fc.property(
        timedLines,
        timedLines,
        fc.constantFrom(...hours),
        fc.boolean(),
        (lines, exempt, at, isExempt) => {
          const list = { deny: writeText(lines), exempt: isExempt ? writeText(exempt) : '' };
          const policy = createPolicy({ ...list, at: hour(at) });
          const { text, losses } = exportPolicy(policy, { format: nftables, now: hour(at) });
          const { entries } = read(text, { now: hour(at) });
          const isLost = losses.some(({ code }) => code === 'times-dropped');
          for (const later of hours.filter((count) => count >= at)) {
            if (isLost && later > at) return;
            const then = AddressSet.allowedBy(createPolicy({ ...list, at: hour(later) }));
            expect(AddressSet.allowedBy(createPolicy({ deny: entries, at: hour(later) })).equals(then)).toBe(
              true,
            );
          }
        },
      ),
    );
  });

  test('lifetimes without an instant are a loss', () => {
    const policy = createPolicy({ deny: '192.0.2.1 until 2026-01-02T00:00Z', at: now });
    const { text, losses } = exportPolicy(policy, { format: nftables });
    expect(text).not.toContain('timeout');
    expect(losses.map(({ code }) => code)).toEqual(['times-dropped']);
    expect(exportPolicy(policy, { format: nftables, now }).text).toContain('192.0.2.1 timeout 1d\n');
    expect(exportPolicy(policy, { format: nftables, now }).losses).toEqual([]);
  });
});

describeWith('nftables', 'nftables itself', () => {
  test('decides as random policies do', { timeout: 120_000 }, async () => {
    for (const policy of somePolicies(25)) {
      const { text } = exportPolicy(policy, { format: nftables });
      const clients = clientsFor(policy, 20);
      // Loaded twice in a row: a text that only adds would be refused.
      const [, , listed = ''] = await inNamespace([
        [['nft', '-f', '-'], text],
        [['nft', '-f', '-'], text],
        [['nft', 'list', 'ruleset']],
      ]);
      expect(await askNftables(text, clients, { mode: policy.mode })).toEqual(verdictsOf(policy, clients));
      const back = read(listed, { mode: policy.mode });
      expect(back.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(AddressSet.of(back.entries).equals(listedBy(policy))).toBe(true);
    }
  });

  test('decides as a policy of thousands of entries does', { timeout: 120_000 }, async () => {
    const line = (at: number): string =>
      at % 3 === 0
        ? `2001:db8:${((at * 7919) & 0xffff).toString(16)}::/${32 + ((at * 31) % 97)} # ${at}`
        : `${10 + (at % 90)}.${(at * 7) & 255}.${(at * 13) & 255}.0/${12 + ((at * 5) % 21)} # ${at}`;
    const policy = createPolicy({
      deny: Array.from({ length: 2000 }, (_, at) => line(at)),
      maxEntries: 2000,
    });
    const clients = clientsFor(policy, 500).slice(0, 6000);
    const { text } = exportPolicy(policy, { format: nftables });
    expect(await askNftables(text, clients)).toEqual(verdictsOf(policy, clients));
  });

  test('replaces sets that rules use, and replaces nothing if a line is bad', async () => {
    const write = (deny: string): string => exportPolicy(createPolicy({ deny }), { format: nftables }).text;
    const rule =
      'table inet filter {\nchain c {\nip saddr @denied_ipv4 drop\nip6 saddr @denied_ipv6 drop\n}\n}\n';
    const [, , , listed = ''] = await inNamespace([
      [['nft', '-f', '-'], `${write('192.0.2.1\n2001:db8::1')}${rule}`],
      [['nft', '-f', '-'], write('198.51.100.0/24\n10.0.0.0/8')],
      [
        ['sh', '-c', '! nft -f -'],
        write('203.0.113.1').replace('203.0.113.1', '203.0.113.1,\n203.0.113.0/24'),
      ],
      [['nft', 'list', 'ruleset']],
    ]);
    expect(read(listed).entries.map(({ address }) => address)).toEqual(['10.0.0.0/8', '198.51.100.0/24']);
  });

  test('packets are decided as we do', async () => {
    const policy = createPolicy({ allow: '192.0.2.0/24\n2001:db8::/32', exempt: '198.51.100.7' });
    const { text } = exportPolicy(policy, { format: nftables });
    const filter =
      'table inet filter {\nchain input {\ntype filter hook input priority 0; policy drop;\nip saddr @allowed_ipv4 accept\nip6 saddr @allowed_ipv6 accept\n}\n}\n';
    const clients = ['192.0.2.1', '192.0.3.1', '198.51.100.7', '198.51.100.8', '2001:db8::1', '2001:db9::1'];
    expect(await askFirewall(`${text}${filter}`, clients, 'nftables')).toEqual(verdictsOf(policy, clients));
    // An empty set matches nobody: it is as closed as the rule around it.
    const closed = exportPolicy(createPolicy({ allow: '', whenEmpty: 'deny' }), { format: nftables });
    expect(closed.losses).toEqual([]);
    const answers = await askFirewall(`${closed.text}${filter}`, clients, 'nftables');
    expect(new Set(answers)).toEqual(new Set(['deny']));
  });

  test('an element for everyone is one', async () => {
    const filter = (elements: string): string =>
      `table inet f {\nset s {\ntype ipv4_addr\nelements = { ${elements} }\n}\nchain c {\ntype filter hook input priority 0; policy accept;\nip saddr @s drop\n}\n}\n`;
    const clients = ['192.0.2.1', '203.0.113.9', '2001:db8::1'];
    const text = filter('*');
    const policy = policyOf(read(text, { mode: 'deny' }), 'deny');
    expect(await askFirewall(text, clients, 'nftables')).toEqual(verdictsOf(policy, clients));
  });

  test('keeps notes and lifetimes as they are written', async () => {
    const note = 'é'.repeat(64);
    const at = new Date('2026-01-01T00:00Z');
    const list = `192.0.2.1 # ${note}\n192.0.2.2 until 2026-01-03T04:05:06.789Z # a; b # c\n192.0.2.3 # x\\\n2001:db8::1 until 2600-01-01T00:00Z`;
    const policy = createPolicy({ deny: list, at });
    const { text, losses } = exportPolicy(policy, { format: nftables, now: at });
    expect(losses).toEqual([]);
    const [, listed = ''] = await inNamespace([[['nft', '-f', '-'], text], [['nft', 'list', 'ruleset']]]);
    const { entries } = read(listed, { now: at });
    expect(entries.map(({ address, note }) => [address, note])).toEqual([
      ['192.0.2.1', note],
      ['192.0.2.2', 'a; b # c'],
      ['192.0.2.3', 'x\\'],
      ['2001:db8::1', undefined],
    ]);
    const [, second, , last] = entries.map(({ until }) => until?.getTime() ?? 0);
    expect(Math.abs((second as number) - Date.UTC(2026, 0, 3, 4, 5, 6, 789))).toBeLessThan(60_000);
    expect(Math.abs((last as number) - Date.UTC(2600, 0, 1))).toBeLessThan(60_000);
  });

  test('a note of 129 bytes is cut, as nft refuses it', async () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: `192.0.2.1 # ${'é'.repeat(65)}` }), {
      format: nftables,
    });
    expect(losses.map(({ code }) => code)).toEqual(['note-cut']);
    expect((await checkNftables(text)).isAccepted).toBe(true);
    expect((await checkNftables(text.replace('comment "', 'comment "é'))).isAccepted).toBe(false);
  });

  test('takes the longest name of a set, and what a new table needs', async () => {
    const { text } = exportPolicy(createPolicy({ deny: '192.0.2.1' }), {
      format: nftables,
      set: `a${'-'.repeat(198)}.`,
      table: `inet ${'t'.repeat(200)}`,
    });
    expect((await checkNftables(text)).message).toBe('');
  });
});
