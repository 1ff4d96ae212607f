import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { awsWaf } from '../../src/formats/aws-waf.ts';
import { exportPolicy, type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { addressText } from '../support/arbitraries.ts';
import { anyPolicy } from '../support/policies.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: awsWaf, ...options });

interface IpSet {
  readonly Name: string;
  readonly Scope: string;
  readonly IPAddressVersion: string;
  readonly Addresses: readonly string[];
}

const write = (policy: Policy, options: object = {}): { sets: IpSet[]; losses: string[]; text: string } => {
  const { text, losses } = exportPolicy(policy, { format: awsWaf, ...options });
  return { sets: JSON.parse(text) as IpSet[], losses: losses.map(({ code }) => code), text };
};

const set = (name: string, version: string, ...addresses: string[]): object => ({
  Name: name,
  Id: 'a',
  ARN: 'arn:aws:wafv2:x',
  Description: '',
  IPAddressVersion: version,
  Addresses: addresses,
});

describe('sets of addresses', () => {
  const expected = [
    { address: '192.0.2.0/24', label: 'offices', line: 1 },
    { address: '198.51.100.7', label: 'offices', line: 1 },
  ];
  const offices = set('offices', 'IPV4', '192.0.2.0/24', '198.51.100.7/32');

  test.each<[string, unknown]>([
    ['an answer', { IPSet: offices, LockToken: 'x' }],
    ['a set', offices],
    ['an array of them', [{ IPSet: offices, LockToken: 'x' }]],
    [
      'WAF Classic',
      {
        IPSet: {
          IPSetId: 'a',
          Name: 'offices',
          IPSetDescriptors: [
            { Type: 'IPV4', Value: '192.0.2.0/24' },
            { Value: '198.51.100.7/32', Type: 'IPV4' },
          ],
        },
      },
    ],
  ])('are read from %s', (_, answer) => {
    const { entries, problems, rules } = read(JSON.stringify(answer), { mode: 'deny' });
    expect(problems).toEqual([]);
    expect(entries).toEqual(expected);
    expect(rules).toEqual([{ name: 'offices', deny: expected }]);
  });

  test('are read by their name, if one is given', () => {
    const text = JSON.stringify([offices, set('others', 'IPV6', '2001:db8::/32')]);
    expect(read(text, { set: 'others' }).entries).toEqual([{ address: '2001:db8::/32', line: 1 }]);
    expect(read(text).entries.map(({ label }) => label)).toEqual(['offices', 'offices', 'others']);
    const none = read(text, { set: 'other' });
    expect(none.problems.map(({ code }) => code)).toEqual(['unselected']);
    expect(() => createPolicy({ deny: none.entries })).toThrow('incomplete-list');
  });

  test('may be empty, and then no list that allows takes them', () => {
    const { entries, problems } = read(JSON.stringify(set('offices', 'IPV4')));
    expect(problems).toEqual([]);
    expect(() => createPolicy({ allow: entries })).toThrow('incomplete-list');
  });

  test('have one family', () => {
    const text = `{"Name": "x", "IPAddressVersion": "IPV4",\n "Addresses": ["192.0.2.0/24",\n "2001:db8::/32"]}`;
    const list = read(text);
    expect(list.problems.map(({ code, line, column }) => [code, line, column])).toEqual([['syntax', 3, 2]]);
    const classic = {
      IPSetDescriptors: [
        { Value: '192.0.2.0/24', Type: 'IPV6' },
        { Value: '::1/128', Type: 'IPV6' },
        { Type: 'IPV4' },
      ],
    };
    const found = read(JSON.stringify(classic));
    expect(found.entries.map(({ address }) => address)).toEqual(['::1']);
    expect(found.problems.map(({ code }) => code)).toEqual(['syntax', 'syntax']);
  });

  test.each([
    '',
    '<html>',
    '[]',
    '{}',
    'null',
    '{"IPSets":[{"Name":"a","Id":"b"}],"NextMarker":"a"}',
    '{"IPSet":{}}',
    '[{}]',
    '{"Addresses":"192.0.2.0/24"}',
    '{"Addresses":["192.0.2.0/24"',
  ])('%j is not one', (text) => {
    const list = read(text);
    expect(list.problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ deny: list.entries })).toThrow('incomplete-list');
  });
});

describe('something else among sets', () => {
  test('is an error at its place', () => {
    const list = read('[{"Name": "x", "Addresses": ["192.0.2.0/24"]},\n {"Name": "y"}]');
    expect(list.problems.map(({ code, line, column }) => [code, line, column])).toEqual([['syntax', 2, 2]]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(read('[]').problems.map(({ code }) => code)).toEqual(['syntax']);
  });
});

describe('written sets', () => {
  test('are two, one a family, with the length of every prefix', () => {
    const { sets, losses, text } = write(
      createPolicy({ deny: '192.0.2.7 # x\n2001:db8::1\n192.0.2.0-192.0.2.2' }),
      { set: 'bad_ones' },
    );
    expect(sets).toEqual([
      {
        Name: 'bad_ones-ipv4',
        Scope: 'REGIONAL',
        IPAddressVersion: 'IPV4',
        Addresses: ['192.0.2.7/32', '192.0.2.0/31', '192.0.2.2/32'],
      },
      { Name: 'bad_ones-ipv6', Scope: 'REGIONAL', IPAddressVersion: 'IPV6', Addresses: ['2001:db8::1/128'] },
    ]);
    expect(losses).toEqual(['note-dropped']);
    expect(text.endsWith(']\n')).toBe(true);
  });

  test('have a set without addresses, too: it may have had some before', () => {
    const { sets } = write(createPolicy({ deny: '192.0.2.7' }));
    expect(sets.map(({ Name, Addresses }) => [Name, Addresses])).toEqual([
      ['ipverdict-ipv4', ['192.0.2.7/32']],
      ['ipverdict-ipv6', []],
    ]);
    // Nobody is let in by a set that matches nobody.
    expect(
      write(createPolicy({ allow: '', whenEmpty: 'deny' })).sets.map(({ Addresses }) => Addresses),
    ).toEqual([[], []]);
  });

  test('have the halves of /0, which AWS does not take', () => {
    const { sets } = write(createPolicy({ deny: '0.0.0.0/0\n::/0\n0.0.0.0/1' }));
    expect(sets.map(({ Addresses }) => Addresses)).toEqual([
      ['0.0.0.0/1', '128.0.0.0/1'],
      ['::/1', '8000::/1'],
    ]);
  });

  test('are larger than AWS takes only with a loss', () => {
    const lines = Array.from({ length: 10_001 }, (_, at) => `10.${at >> 8}.${at & 255}.0/25`);
    expect(write(createPolicy({ deny: lines, maxEntries: 20_000 })).losses).toEqual(['too-many-entries']);
    expect(write(createPolicy({ deny: lines.slice(1), maxEntries: 20_000 })).losses).toEqual([]);
  });

  test('have a name that AWS takes', () => {
    const policy = createPolicy({ deny: '192.0.2.7' });
    const { sets, losses } = write(policy, { set: 'büro 1"' });
    expect([sets[0]?.Name, losses]).toEqual(['b-ro-1--ipv4', ['name-changed']]);
    expect(write(policy, { set: 'x'.repeat(200) }).sets[0]?.Name).toHaveLength(128);
    expect(write(policy, { set: '' }).sets[0]?.Name).toBe('ipverdict-ipv4');
  });

  test('say what the policy says, for any policy and client', () => {
    const clients = fc.array(addressText, { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(anyPolicy, clients, (policy, others) => {
        const { text } = write(policy);
        const list = read(text);
        expect(
          list.problems.filter(({ severity, code }) => severity === 'error' || code === 'host-bits-set'),
        ).toEqual([]);
        const isListed = createPolicy({ deny: [...list.entries], maxEntries: Number.POSITIVE_INFINITY });
        const edges = list.entries.flatMap(({ address }) => address.split('/')[0] ?? []);
        for (const client of [...others, ...edges]) {
          const verdict = isListed.allows(client)
            ? policy.mode === 'allow'
              ? 'deny'
              : 'allow'
            : policy.mode;
          expect([client, verdict]).toEqual([client, policy.decide(client).verdict]);
        }
      }),
    );
  });
});
