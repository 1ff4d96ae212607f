import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipset } from '../../src/formats/ipset.ts';
import { exportPolicy, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { describeWith } from '../engines/engine.ts';
import { askIpset, checkIpset } from '../engines/ipset.ts';
import { clientsOf } from '../support/clients.ts';
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
  importList(text, { format: ipset, ...options });

const now = new Date('2026-01-01T00:00Z');
const create = 'create s hash:net family inet maxelem 65536\n';

describe('ipset in', () => {
  test.each<[string, string, Partial<ImportOptions>, unknown[]]>([
    ['notes', `${create}add s 192.0.2.1 comment "a \\"q\\" # b"\n`, {}, [['192.0.2.1', 'a \\q\\ # b', 's']]],
    ['a note in parts', `${create}add s 192.0.2.1 comment a"b c"d\n`, {}, [['192.0.2.1', 'ab cd', 's']]],
    [
      'lifetimes',
      'add s 192.0.2.1 timeout 60\nadd s 192.0.2.2 timeout 0',
      { now, set: 's' },
      [['192.0.2.1', '2026-01-01T00:01:00.000Z'], ['192.0.2.2']],
    ],
    [
      'the lifetime of a set',
      'create s hash:ip timeout 60\nadd s 192.0.2.1\nadd s 192.0.2.2 timeout 0',
      { now, set: 's' },
      [['192.0.2.1', '2026-01-01T00:01:00.000Z'], ['192.0.2.2']],
    ],
    [
      'a lifetime and no instant',
      'add s 192.0.2.1 timeout 60',
      {},
      [['192.0.2.1', 's'], 'instant-required 1:7-16'],
    ],
    ['ranges', `${create}add s 192.0.2.1-192.0.2.9\r\n`, { set: 's' }, [['192.0.2.1-192.0.2.9']]],
    [
      'short forms and flags',
      '-N s nethash\n-A s 192.0.2.1 -exist\na -! s 192.0.2.2\nadd s 192.0.2.1 -q -exist',
      { set: 's' },
      [['192.0.2.1'], ['192.0.2.2']],
    ],
    ['comments', '# add s 192.0.2.9 "\n  # x\nadd s 192.0.2.1\n', { set: 's' }, [['192.0.2.1']]],
    [
      'a comment after an entry',
      'add s 192.0.2.1 # x',
      { set: 's' },
      [['192.0.2.1'], 'syntax 1:17-18', 'syntax 1:19-20'],
    ],
    ['a shortened address', 'add s 192.0.2', { set: 's' }, ['octet-count 1:7-14']],
    ['/0', 'add s 0.0.0.0/0', { set: 's' }, ['syntax 1:7-16']],
    ['the other family', `${create}add s 2001:db8::1`, {}, ['syntax 2:7-18']],
    [
      'IPv4-mapped elements',
      'create s hash:net family inet6\nadd s ::ffff:192.0.2.1\nadd s 2001:db8::1',
      { set: 's' },
      [['2001:db8::1'], 'skipped 2:7-23'],
    ],
    ['a netmask', 'create s hash:ip netmask 24\nadd s 192.0.2.0', { set: 's' }, [['192.0.2.0/24']]],
    [
      'a bit mask',
      'create s hash:ip bitmask 255.0.255.0\nadd s 192.0.2.0',
      { set: 's' },
      ['conditional 1:8-9'],
    ],
    ['ports', 'create s hash:ip,port\nadd s 192.0.2.1,tcp:80', {}, ['conditional 1:8-9']],
    [
      'ports without a type',
      'add s 192.0.2.1,tcp:80\nadd s 192.0.2.2',
      { set: 's' },
      [['192.0.2.2'], 'conditional 1:7-23'],
    ],
    ['other sets', 'create s hash:mac\nadd s 00:11:22:33:44:55', {}, ['skipped 1:8-9']],
    ['a list of sets', 'create l list:set\nadd l s', { set: 'l' }, ['include 1:8-9']],
    [
      'a swap',
      'create n hash:net\nadd n 192.0.2.1\ncreate s hash:net\nadd s 192.0.2.2\nswap n s\ndestroy n',
      {},
      [['192.0.2.1', 's']],
    ],
    ['a flush', 'add s 192.0.2.1\nflush s\nadd s 192.0.2.2', { set: 's' }, [['192.0.2.2']]],
    [
      'an element that is deleted',
      'add s 192.0.2.1\nadd s 192.0.2.2\ndel s 192.0.2.1',
      { set: 's' },
      [['192.0.2.2']],
    ],
    [
      'an element that is deleted from others',
      'add s 192.0.2.0/24\ndel s 192.0.2.1',
      { set: 's' },
      [['192.0.2.0/24'], 'negated 2:1-16'],
    ],
    [
      'an element twice',
      'add s 192.0.2.1\nadd s 192.0.2.1',
      { set: 's' },
      [['192.0.2.1'], 'duplicate 2:7-16'],
    ],
    ['a set that is not there', 'add s 192.0.2.1', { set: 'x' }, ['unselected 1:1-1']],
    ['another format', '192.0.2.1\n', {}, ['syntax 1:1-10']],
    ['a file that ends early', 'add s 192.0.2.1 comment "x', {}, ['truncated 1:25-27']],
  ])('%s', (_name, text, options, expected) => {
    expect(shortOf(read(text, options))).toEqual(expected);
  });

  test('exceptions are those of rules, and never entries', () => {
    const list = read('add s 192.0.2.0/24\nadd s 192.0.2.7 nomatch comment "x"', { mode: 'deny' });
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
    const policy = policyOf(list, 'deny');
    expect(verdictsOf(policy, ['192.0.2.6', '192.0.2.7'])).toEqual(['deny', 'allow']);
    expect(read('add s 192.0.2.0/24\nadd s 192.0.2.7 nomatch').rules).toEqual([]);
  });

  test('what is inside of an exception is in the set again', () => {
    const text = 'add s 10.0.0.0/8\nadd s 10.1.0.0/16 nomatch\nadd s 10.1.1.0/24\nadd s 10.1.1.1 nomatch';
    const policy = policyOf(read(text, { mode: 'deny' }), 'deny');
    const clients = ['10.0.0.1', '10.1.0.1', '10.1.1.2', '10.1.1.1'];
    expect(verdictsOf(policy, clients)).toEqual(['deny', 'allow', 'deny', 'allow']);
  });

  test('nothing of a file that was refused denies or allows', () => {
    const { rules } = read('add s 192.0.2.0/24\ndel s 192.0.2.1', { mode: 'deny' });
    expect(() => createRules({ rules, otherwise: 'allow' })).toThrow('incomplete-list');
  });

  test('takes hostile text in linear time', () => {
    for (const part of [
      '"',
      '""',
      '"\n',
      'add s 1.1.1.1 ',
      'add s 1.1.1.1\n',
      '#',
      'swap a b\n',
      'a ',
      '-exist ',
    ])
      expect(read(part.repeat(200_000)).entries.length).toBeLessThanOrEqual(200_000);
  });
});

describe('ipset out', () => {
  test('writes two sets that replace those that are there', () => {
    const policy = createPolicy({
      deny: '192.0.2.0/24 # a "b" \\\n192.0.2.7\n2001:db8::1-2001:db8::2\n0.0.0.0/0',
    });
    const { text, losses } = exportPolicy(policy, { format: ipset, set: 'bad' });
    const type = (family: string): string => `hash:net family ${family} maxelem 4294967295 comment`;
    expect(text).toBe(`destroy bad_ipv4_new -exist
create bad_ipv4_new ${type('inet')}
add bad_ipv4_new 192.0.2.0/24 comment "a 'b' \\"
add bad_ipv4_new 192.0.2.7
add bad_ipv4_new 0.0.0.0/1
add bad_ipv4_new 128.0.0.0/1
create bad_ipv4 ${type('inet')} -exist
swap bad_ipv4_new bad_ipv4
destroy bad_ipv4_new
destroy bad_ipv6_new -exist
create bad_ipv6_new ${type('inet6')}
add bad_ipv6_new 2001:db8::1
add bad_ipv6_new 2001:db8::2
create bad_ipv6 ${type('inet6')} -exist
swap bad_ipv6_new bad_ipv6
destroy bad_ipv6_new
`);
    expect(losses.map(({ code }) => code)).toEqual(['note-changed']);
  });

  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { entries, problems } = read(exportPolicy(policy, { format: ipset }).text);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(AddressSet.of(entries).equals(listedBy(policy))).toBe(true);
      }),
    );
  });

  test('keeps how long addresses are listed, at every instant from then on', () => {
    fc.assert(
      fc.property(
        timedLines,
        fc.constantFrom(...hours),
        fc.constantFrom('allow', 'deny'),
        (lines, at, mode) => {
          const policy = createPolicy({ mode, list: writeText(lines), whenEmpty: 'deny', at: hour(at) });
          const { text, losses } = exportPolicy(policy, { format: ipset, now: hour(at) });
          const { entries } = read(text, { now: hour(at) });
          if (entries.length === 0) return;
          const isLost = losses.some(({ code }) => code === 'times-dropped');
          for (const later of hours.filter((count) => count === at || (count > at && !isLost))) {
            const then = createPolicy({ mode, list: writeText(lines), whenEmpty: 'deny', at: hour(later) });
            const written = createPolicy({ mode, list: entries, whenEmpty: 'deny', at: hour(later) });
            expect(AddressSet.allowedBy(written).equals(AddressSet.allowedBy(then))).toBe(true);
          }
        },
      ),
    );
  });

  test('a lifetime that it cannot have never lets somebody in', () => {
    const list = '192.0.2.1 until 2026-01-01T00:00:00.5Z\n192.0.2.2 until 2026-12-01T00:00Z';
    const write = (mode: 'allow' | 'deny'): string[] => {
      const { text, losses } = exportPolicy(createPolicy({ mode, list, at: now }), { format: ipset, now });
      expect(losses.map(({ code }) => code)).toEqual(['until-changed', 'until-changed']);
      return text.split('\n').filter((line) => line.startsWith('add'));
    };
    expect(write('deny')).toEqual([
      'add denied_ipv4_new 192.0.2.2',
      'add denied_ipv4_new 192.0.2.1 timeout 1',
    ]);
    expect(write('allow')).toEqual(['add allowed_ipv4_new 192.0.2.2 timeout 2147483']);
  });
});

describeWith('ipset', 'ipset itself', () => {
  test('decides as random policies do', { timeout: 120_000 }, async () => {
    for (const policy of somePolicies(25)) {
      const { text } = exportPolicy(policy, { format: ipset });
      const clients = clientsFor(policy, 20);
      // Restored twice in a row: a text that only creates and adds would be refused.
      const [, , saved = ''] = await inNamespace([
        [['ipset', 'restore'], text],
        [['ipset', 'restore'], text],
        [['ipset', 'save']],
      ]);
      expect(await askIpset(text, clients, { mode: policy.mode })).toEqual(verdictsOf(policy, clients));
      const back = read(saved);
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
    expect(await askIpset(exportPolicy(policy, { format: ipset }).text, clients)).toEqual(
      verdictsOf(policy, clients),
    );
  });

  test('reads sets with exceptions as it decides', { timeout: 120_000 }, async () => {
    const prefix = fc.tuple(fc.nat(63), fc.integer({ min: 26, max: 32 }));
    const element = fc.tuple(prefix, fc.boolean()).map(([[low, length], isException]) => {
      const text = `10.0.0.${(low & (0xffffffff << (32 - length))) >>> 0}${length === 32 ? '' : `/${length}`}`;
      return [text, `add s ${text}${isException ? ' nomatch' : ''}\n`] as const;
    });
    const clients = clientsOf(
      Array.from({ length: 64 }, (_, low) => `10.0.0.${low}`),
      5,
      (client) => client.includes(':'),
    );
    for (const elements of fc.sample(fc.array(element, { minLength: 3, maxLength: 12 }), {
      numRuns: 30,
    })) {
      const text = `${create}${[...new Map(elements).values()].join('')}`;
      const policy = policyOf(read(text, { mode: 'deny' }), 'deny');
      expect(await askIpset(text, clients)).toEqual(verdictsOf(policy, clients));
    }
  });

  test('replaces a set, and what an earlier attempt left', async () => {
    const write = (deny: string): string => exportPolicy(createPolicy({ deny }), { format: ipset }).text;
    const [, , , saved = ''] = await inNamespace([
      [['ipset', 'restore'], write('192.0.2.1\n2001:db8::1')],
      [['sh', '-c', '! ipset restore'], write('203.0.113.1').replace('create denied_ipv4 ', 'bad\n$&')],
      [['ipset', 'restore'], write('198.51.100.0/24')],
      [['ipset', 'save']],
    ]);
    expect(shortOf(read(saved))).toEqual([['198.51.100.0/24', 'denied_ipv4']]);
  });

  test('keeps notes and lifetimes as they are written', async () => {
    const note = `${'é'.repeat(127)}!`;
    const list = `192.0.2.1 # ${note}\n192.0.2.2 until 2026-01-03T04:05:06Z # a; b # c \\`;
    const { text, losses } = exportPolicy(createPolicy({ deny: list, at: now }), { format: ipset, now });
    expect(losses).toEqual([]);
    const [, saved = ''] = await inNamespace([[['ipset', 'restore'], text], [['ipset', 'save']]]);
    const { entries } = read(saved, { now });
    expect(new Map(entries.map(({ address, note }) => [address, note]))).toEqual(
      new Map([
        ['192.0.2.1', note],
        ['192.0.2.2', 'a; b # c \\'],
      ]),
    );
    const until = entries.find(({ address }) => address === '192.0.2.2')?.until?.getTime() ?? 0;
    expect(Math.abs(until - Date.UTC(2026, 0, 3, 4, 5, 6))).toBeLessThan(60_000);
    expect((await checkIpset(text.replace(note, `${note}!`))).isAccepted).toBe(false);
  });

  test('takes more elements than its own limit', async () => {
    const deny = Array.from({ length: 70_000 }, (_, at) => `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    const policy = createPolicy({ deny, maxEntries: deny.length });
    expect((await checkIpset(exportPolicy(policy, { format: ipset }).text)).message).toBe('');
  });
});
