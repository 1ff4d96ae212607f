import assert from 'node:assert/strict';
import { describe, expect, test } from 'vitest';
import { createPolicy, type PolicyInput } from '../../src/public/index.ts';
import { type AddressChange, comparePolicies, impactOf, minimize } from '../../src/public/list.ts';

const ALL4 = 2n ** 32n;
const ALL6 = 2n ** 128n;

interface Expected {
  readonly allowed?: readonly [prefixes: readonly string[], ipv4Count: bigint, ipv6Count: bigint];
  readonly denied?: readonly [prefixes: readonly string[], ipv4Count: bigint, ipv6Count: bigint];
}

function expectChange(before: PolicyInput, after: PolicyInput, { allowed, denied }: Expected): void {
  const { allowed: nowAllowed, denied: nowDenied } = comparePolicies(
    createPolicy(before),
    createPolicy(after),
  );
  expect([nowAllowed.prefixes, nowAllowed.ipv4Count, nowAllowed.ipv6Count]).toEqual(allowed ?? [[], 0n, 0n]);
  expect([nowDenied.prefixes, nowDenied.ipv4Count, nowDenied.ipv6Count]).toEqual(denied ?? [[], 0n, 0n]);
}

describe('comparePolicies', () => {
  test('the first entry of an allow list denies everyone else', () => {
    const before = createPolicy({ allow: '' });
    const after = createPolicy({ allow: '128.0.0.0/1' });
    const { allowed, denied } = comparePolicies(before, after);
    expect(allowed).toEqual({ prefixes: [], ipv4Count: 0n, ipv6Count: 0n });
    expect(denied).toEqual({ prefixes: ['0.0.0.0/1', '::/0'], ipv4Count: ALL4 / 2n, ipv6Count: ALL6 });
    expect(comparePolicies(after, before).allowed).toEqual(denied);
  });

  test.each<[what: string, before: PolicyInput, after: PolicyInput, Expected]>([
    ['nothing, of two empty lists', { allow: '' }, { deny: '' }, {}],
    [
      'an empty allow list that is to be closed',
      { allow: '' },
      { allow: '', whenEmpty: 'deny' },
      { denied: [['0.0.0.0/0', '::/0'], ALL4, ALL6] },
    ],
    [
      'an exemption, also of an empty list that is closed',
      { deny: '', whenEmpty: 'deny' },
      { deny: '', whenEmpty: 'deny', exempt: '::1\n10.0.0.0/31' },
      { allowed: [['10.0.0.0/31', '::1'], 2n, 1n] },
    ],
    [
      'an exemption inside an entry',
      { deny: '10.0.0.0/30' },
      { deny: '10.0.0.0/30', exempt: '10.0.0.1' },
      { allowed: [['10.0.0.1'], 1n, 0n] },
    ],
    [
      'an exemption that an entry of an allow list would have allowed anyway',
      { allow: '10.0.0.0/30' },
      { allow: '10.0.0.0/30', exempt: '10.0.0.1' },
      {},
    ],
    [
      'the same list with the other type',
      { allow: '0.0.0.0/1' },
      { deny: '0.0.0.0/1' },
      { allowed: [['128.0.0.0/1', '::/0'], ALL4 / 2n, ALL6], denied: [['0.0.0.0/1'], ALL4 / 2n, 0n] },
    ],
    ['the same clients said the other way round', { allow: '0.0.0.0/1' }, { deny: '128.0.0.0/1\n::/0' }, {}],
    [
      'a prefix taken for its halves, in another order and spelling',
      { deny: '10.0.0.0/24' },
      { deny: '::ffff:10.0.0.128/121 # upper\n10.0.0.0 - 10.0.0.127' },
      {},
    ],
    [
      'a named network for what it stands for',
      { deny: '@private' },
      { deny: '10.0.0.0/8\n192.168.0.0/16' },
      { allowed: [['172.16.0.0/12'], 2n ** 20n, 0n] },
    ],
    [
      'a range with ragged ends',
      { deny: '' },
      { deny: '192.0.2.1-192.0.2.6' },
      { denied: [['192.0.2.1', '192.0.2.2/31', '192.0.2.4/31', '192.0.2.6'], 6n, 0n] },
    ],
    [
      'neighbours that join across entries',
      { deny: '' },
      { deny: '10.0.1.0/24\n10.0.0.0/24\n10.0.0.7' },
      { denied: [['10.0.0.0/23'], 512n, 0n] },
    ],
    [
      'the last addresses of all',
      { deny: '' },
      { deny: '255.255.255.255\nffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff' },
      { denied: [['255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'], 1n, 1n] },
    ],
    [
      'a mapped entry, which is IPv4',
      { deny: '' },
      { deny: '::ffff:0:0/96' },
      { denied: [['0.0.0.0/0'], ALL4, 0n] },
    ],
    [
      'all of IPv6, with the mapped block as a part of it',
      { deny: '' },
      { deny: '::/0' },
      { denied: [['::/0'], 0n, ALL6] },
    ],
    [
      'the neighbour of the mapped block, but not the block, which saves no prefix',
      { deny: '::fffd:0:0/96' },
      { deny: '::fffc:0:0/94' },
      { denied: [['::fffc:0:0/96', '::fffe:0:0/96'], 0n, 2n * ALL4] },
    ],
    [
      'the mapped block by itself, where no client is',
      { deny: '::fffe:0:0/96' },
      { deny: '::fffe:0:0/95' },
      {},
    ],
    [
      'a range, taken for its smallest list',
      { deny: '::fffe:ffff:ffff-::1:0:0:0' },
      { deny: '::fffe:ffff:ffff\n::1:0:0:0' },
      {},
    ],
    [
      'a range over the mapped block',
      { deny: '' },
      { deny: '::fffe:ffff:fffe-::1:0:0:1' },
      { denied: [['::fffe:ffff:fffe/127', '::1:0:0:0/127'], 0n, 4n] },
    ],
    [
      'all around the mapped block, which saves a prefix',
      { deny: '' },
      { deny: '::fffc:0:0/95\n::fffe:0:0/96' },
      { denied: [['::fffc:0:0/94'], 0n, 4n * ALL4] },
    ],
  ])('%s', (_, before, after, expected) => expectChange(before, after, expected));

  test('gives frozen data that can be cloned, compared and written as JSON', () => {
    const compare = (): AddressChange =>
      comparePolicies(createPolicy({ deny: '' }), createPolicy({ deny: '10.0.0.0/8\n::/0' }));
    const change = compare();
    assert.deepStrictEqual(change, compare());
    expect(change).toStrictEqual(compare());
    expect(change).not.toEqual(comparePolicies(createPolicy({ deny: '' }), createPolicy({ deny: '::/0' })));
    expect(Object.keys(change.denied)).toEqual(['prefixes', 'ipv4Count', 'ipv6Count']);
    expect({ ...change.denied }).toEqual({
      prefixes: ['10.0.0.0/8', '::/0'],
      ipv4Count: 2n ** 24n,
      ipv6Count: ALL6,
    });
    expect(JSON.parse(JSON.stringify(change))).toEqual({
      allowed: { prefixes: [], ipv4Count: '0', ipv6Count: '0' },
      denied: {
        prefixes: ['10.0.0.0/8', '::/0'],
        ipv4Count: '16777216',
        ipv6Count: '340282366920938463463374607431768211456',
      },
    });
    expect(Object.isFrozen(change)).toBe(true);
    expect(Object.isFrozen(change.denied)).toBe(true);
    expect(Object.isFrozen(change.denied.prefixes)).toBe(true);
    expect(structuredClone(change)).toEqual(change);
  });

  test('keeps its memory of the lists apart from what others do to arrays that were given', () => {
    const list = ['10.0.0.0/8'];
    const before = createPolicy({ deny: list });
    list[0] = '11.0.0.0/8';
    expect(comparePolicies(before, createPolicy({ deny: '10.0.0.0/8' })).denied.prefixes).toEqual([]);
  });

  const policy = createPolicy({ deny: '' });
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'policy'],
    ['a number', 1],
    ['a list', { deny: '10.0.0.0/8' }],
    ['a look-alike', { ...policy }],
    ['an heir', Object.create(policy)],
    ['a proxy of one', new Proxy(policy, {})],
    [
      'a hostile object',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('foreign code ran');
          },
          getPrototypeOf: () => {
            throw new Error('foreign code ran');
          },
        },
      ),
    ],
  ])('says which of the two is not a policy: %s', (_, value) => {
    expect(() => comparePolicies(value as never, policy)).toThrow(TypeError);
    expect(() => comparePolicies(value as never, policy)).toThrow(/createPolicy.*"before" is not one/);
    expect(() => comparePolicies(policy, value as never)).toThrow(/createPolicy.*"after" is not one/);
  });
});

test('what others put on Object.prototype reaches no answer', () => {
  const ask = (): unknown => [
    comparePolicies(createPolicy({ deny: '10.0.0.0/31' }), createPolicy({ allow: '10.0.0.0/31' })),
    impactOf(createPolicy({ deny: '' }), createPolicy({ deny: '10.0.0.1' }), ['10.0.0.1', '10.0.0.2', 'x']),
    minimize(['10.0.0.1', '10.0.0.0', '@loopback']),
  ];
  const clean = ask();
  const pollution: Record<string, unknown> = {
    maxClients: 0,
    maxRequests: 0,
    maxEntries: 0,
    note: 'other',
    labels: [1],
    count: 7,
    ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [index - 1, 1e9])),
  };
  const prototype = Object.prototype as Record<string, unknown>;
  Object.assign(prototype, pollution);
  try {
    expect(ask()).toEqual(clean);
  } finally {
    for (const name of Object.keys(pollution)) delete prototype[name];
  }
});
