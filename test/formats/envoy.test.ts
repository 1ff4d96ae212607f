import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import { envoyRbac } from '../../src/formats/envoy.ts';
import { exportPolicy, type ImportedList, type ImportOptions, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';
import { growthOf } from '../support/reads.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: envoyRbac, yaml, ...options });

const policyOf = ({ rules, order, otherwise }: ImportedList): Policy =>
  createRules({ rules, order, otherwise: otherwise ?? 'deny', maxEntries: Number.POSITIVE_INFINITY });

const allowedBy = (list: ImportedList): AddressSet => AddressSet.allowedBy(policyOf(list));

const problemsOf = ({ problems }: ImportedList): string[] =>
  problems.map(({ code, line, column }) => `${code} ${line}:${column}`);

/** One policy for every request. */
const rules = (principals: string, action = 'ALLOW'): string =>
  `action: ${action}\npolicies:\n  office:\n    permissions: [{ any: true }]\n    principals: ${principals}\n`;

const address = (prefix: string, length: number): string =>
  `{ direct_remote_ip: { address_prefix: "${prefix}", prefix_len: ${length} } }`;

const A = address('192.0.2.0', 24);
const B = address('192.0.2.7', 32);
const C = address('2001:db8::', 32);
const HEADER = '{ header: { name: x, present_match: true } }';

const everyone = AddressSet.all;
const setOf = (...entries: string[]): AddressSet => AddressSet.of(entries);
const office = setOf('192.0.2.0/24');
const one = setOf('192.0.2.7');

describe('envoy-rbac in', () => {
  const json = {
    policies: {
      office: {
        permissions: [{ andRules: { rules: [{ any: true }] } }],
        principals: [{ remoteIp: { addressPrefix: '192.0.2.0', prefixLen: 24 } }],
      },
    },
  };

  test.each([
    ['rules', rules(`[${A}]`)],
    ['a filter', `rules:\n  ${rules(`[${A}]`).trim().replaceAll('\n', '\n  ')}\nstat_prefix: x\n`],
    ['JSON', JSON.stringify({ rules: json })],
    [
      'a filter with its name',
      JSON.stringify({ name: 'envoy.filters.http.rbac', typed_config: { '@type': 'x', rules: json } }),
    ],
    ['an old name', rules(`[${A}]`).replace('direct_remote_ip', 'source_ip')],
    ['an alias', `${rules(`[&a ${A}, *a]`)}`],
    ['a length as text', rules(`[${A.replace('24', '"24"')}]`)],
  ])('reads %s', (_, text) => {
    const list = read(text);
    expect(list.problems).toEqual([]);
    expect(list.otherwise).toBe('deny');
    expect(list.rules[0]?.name).toBe('office');
    expect(list.entries[0]).toMatchObject({ address: '192.0.2.0/24', action: 'allow', label: 'office' });
    expect(allowedBy(list).equals(office)).toBe(true);
  });

  test.each([
    ['several', `[${A}, ${C}]`, setOf('192.0.2.0/24', '2001:db8::/32')],
    [
      'one of several',
      `[{ or_ids: { ids: [${A}, { or_ids: { ids: [${C}] } }] } }]`,
      setOf('192.0.2.0/24', '2001:db8::/32'),
    ],
    ['everyone', '[{ any: true }]', everyone],
    ['everyone among others', `[${A}, { any: true }]`, everyone],
    ['an exception', `[{ and_ids: { ids: [${A}, { not_id: ${B} }] } }]`, office.subtract(one)],
    ['an exception before', `[{ and_ids: { ids: [{ not_id: ${B} }, ${A}] } }]`, office.subtract(one)],
    [
      'an exception that another principal has',
      `[{ and_ids: { ids: [${A}, { not_id: ${B} }] } }, ${B}]`,
      office,
    ],
    [
      'exceptions of one principal alone',
      `[${C}, { and_ids: { ids: [{ any: true }, { not_id: ${A} }, { not_id: ${C} }] } }, ${C}]`,
      everyone.subtract(office),
    ],
    [
      'several exceptions',
      `[{ and_ids: { ids: [{ not_id: { or_ids: { ids: [${A}, ${C}] } } }, { any: true }] } }]`,
      everyone.subtract(setOf('192.0.2.0/24', '2001:db8::/32')),
    ],
    ['a negation', `[{ not_id: ${A} }]`, everyone.subtract(office)],
    ['a negation of a negation', `[{ not_id: { not_id: ${A} } }]`, office],
    [
      'an exception of a union',
      `[{ and_ids: { ids: [{ or_ids: { ids: [${A}, ${C}] } }, { not_id: ${B} }] } }]`,
      setOf('192.0.2.0/24', '2001:db8::/32').subtract(one),
    ],
    ['parts in parts', `[{ and_ids: { ids: [{ and_ids: { ids: [${A}] } }, { any: true }] } }]`, office],
  ])('reads principals: %s', (_, principals, expected) => {
    const allowing = read(rules(principals));
    const denying = read(rules(principals, 'DENY'));
    expect(problemsOf(allowing).filter((problem) => !problem.startsWith('covers-everything'))).toEqual([]);
    expect([allowing.otherwise, denying.otherwise]).toEqual(['deny', 'allow']);
    expect(allowedBy(allowing).equals(expected)).toBe(true);
    expect(allowedBy(denying).equals(expected.complement())).toBe(true);
  });

  test('a length that is not there is 0, which is everyone of the family', () => {
    const list = read(rules('[{ direct_remote_ip: { address_prefix: 192.0.2.1 } }]'));
    expect(problemsOf(list)).toEqual(['host-bits-set 5:56', 'covers-everything 5:56']);
    expect(allowedBy(list).equals(setOf('0.0.0.0/0'))).toBe(true);
  });

  test('policies are in the order of their names, and any that matches decides', () => {
    const policy = (name: string, principal: string): string =>
      `  ${name}: { permissions: [{ any: true }], principals: [${principal}] }\n`;
    const but = `{ and_ids: { ids: [${A}, { not_id: ${B} }] } }`;
    const text = `action: DENY\npolicies:\n${policy('b', but)}${policy('a', C)}${policy('c', B)}`;
    const list = read(text);
    expect(list.rules.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(allowedBy(list).equals(setOf('192.0.2.0/24', '2001:db8::/32').complement())).toBe(true);
    expect(allowedBy(read(text, { set: 'b' })).equals(office.subtract(one).complement())).toBe(true);
    expect(problemsOf(read(text, { set: 'd' }))).toEqual(['unselected 2:1']);
  });

  test.each([
    ['a header', `[${HEADER}]`, '5:20'],
    ['an address with a header', `[{ and_ids: { ids: [{ any: true }, ${HEADER}] } }]`, '5:20'],
    ['an address without a header', `[{ and_ids: { ids: [{ any: true }, { not_id: ${HEADER} }] } }]`, '5:20'],
    ['what has no header', `[{ not_id: ${HEADER} }]`, '5:20'],
    ['one of both in a negation', `[{ not_id: { or_ids: { ids: [${A}, ${HEADER}] } } }]`, '5:20'],
    ['a certificate', '[{ authenticated: {} }]', '5:20'],
    ['another address of the client', `[{ and_ids: { ids: [${A}, ${A.replace('direct_', '')}] } }]`, '5:20'],
  ])('a condition lets nobody in: %s', (_, principals, place) => {
    const list = read(rules(principals));
    expect(problemsOf(list)).toEqual([`conditional ${place}`]);
    expect([list.entries, list.conditional]).toEqual([[], 1]);
    expect(policyOf(list).allows('192.0.2.1')).toBe(false);
  });

  test('a principal beside one with a condition is read', () => {
    const list = read(rules(`[{ or_ids: { ids: [${HEADER}, ${A}] } }, ${HEADER}]`));
    expect(list.conditional).toBe(2);
    expect(allowedBy(list).equals(office)).toBe(true);
    const kinds = read(rules(`[${A}, ${C.replace('direct_', '')}]`));
    expect(kinds.conditional).toBe(1);
    expect(allowedBy(kinds).equals(office)).toBe(true);
  });

  test.each([
    ['a port', 'permissions: [{ destination_port: 22 }]', true],
    [
      'a path and anything',
      'permissions: [{ and_rules: { rules: [{ any: true }, { url_path: {} }] } }]',
      true,
    ],
    ['no path', 'permissions: [{ not_rule: { url_path: {} } }]', true],
    [
      'a path or anything',
      'permissions: [{ or_rules: { rules: [{ url_path: {} }, { any: true }] } }]',
      false,
    ],
    ['a port, and anything', 'permissions: [{ destination_port: 22 }, { any: true }]', false],
    ['an expression', 'permissions: [{ any: true }]\n    condition: { call_expr: {} }', true],
  ])('a policy for some requests is a condition: %s', (_, permissions, isCondition) => {
    const list = read(rules('[{ any: true }]').replace('permissions: [{ any: true }]', permissions));
    expect(list.conditional).toBe(isCondition ? 1 : 0);
    expect(allowedBy(list).equals(isCondition ? AddressSet.empty : everyone)).toBe(true);
  });

  test.each([
    ['nothing', '', '1:1'],
    ['another document', `${rules(`[${A}]`)}---\n${rules('[{ any: true }]')}`, '7:1'],
    ['no policies', 'action: ALLOW\n', '1:1'],
    ['a filter without rules', 'typed_config: { stat_prefix: x }', '1:15'],
    ['a matcher', 'rules: { policies: {} }\nmatcher: {}', '2:1'],
    ['only a log', rules(`[${A}]`, 'LOG'), '1:9'],
    ['a misspelt action', rules(`[${A}]`, 'Deny'), '1:9'],
    ['an action that is a number', rules(`[${A}]`, '1'), '1:9'],
    ['no principal', rules('[]'), '5:5'],
    ['principals that are a map', rules(A), '5:5'],
    ['no permission', rules(`[${A}]`).replace('[{ any: true }]', '[]'), '4:5'],
    ['an unknown field of a policy', `${rules(`[${A}]`)}    exempt: []\n`, '6:5'],
    ['an unknown principal', rules('[{ direct_ip: {} }]'), '5:20'],
    ['two fields in a principal', rules('[{ any: true, header: {} }]'), '5:18'],
    ['none', rules('[{}]'), '5:18'],
    ['"any: false"', rules('[{ any: false }]'), '5:25'],
    ['no ids', rules('[{ or_ids: { ids: [] } }]'), '5:30'],
    [
      'a field in both spellings',
      rules('[{ direct_remote_ip: { address_prefix: 10.0.0.0, prefix_len: 8, prefixLen: 0 } }]'),
      '5:81',
    ],
    [
      'a misspelt length',
      rules('[{ direct_remote_ip: { address_prefix: 10.0.0.0, prefix_length: 8 } }]'),
      '5:66',
    ],
    [
      'a length in the address',
      rules('[{ direct_remote_ip: { address_prefix: 10.0.0.0/8, prefix_len: 8 } }]'),
      '5:56',
    ],
    [
      'a length that is not whole',
      rules('[{ direct_remote_ip: { address_prefix: 10.0.0.0, prefix_len: 8.5 } }]'),
      '5:78',
    ],
    ['no address', rules('[{ direct_remote_ip: { prefix_len: 8 } }]'), '5:38'],
    ['addresses that must be two', rules(`[{ and_ids: { ids: [${A}, ${B}] } }]`), '5:20'],
    [
      'a negation of an exception',
      rules(`[{ not_id: { and_ids: { ids: [${A}, { not_id: ${B} }] } } }]`),
      '5:20',
    ],
    ['nobody', rules('[{ not_id: { any: true } }]'), '5:20'],
    [
      'exceptions of parts',
      rules(`[{ and_ids: { ids: [{ or_ids: { ids: [${A}, { not_id: ${C} }] } }, { not_id: ${B} }] } }]`),
      '5:20',
    ],
  ])('is refused: %s', (_, text, place) => {
    const list = read(text);
    expect(problemsOf(list)).toEqual([`syntax ${place}`]);
    expect(list.trust).toBe('refused');
    expect(list.otherwise).toBeUndefined();
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createPolicy({ deny: list.entries })).toThrow(/incomplete-list|action-differs/);
    expect(() => createRules({ rules: list.rules, otherwise: 'deny' })).toThrow('incomplete-list');
  });

  test.each([
    ['a length that is too long', address('10.0.0.0', 33), 'prefix-length-range'],
    ['an address that is not one', address('10.0.0.256', 32), 'octet-range'],
    ['an IPv4-mapped address', address('::ffff:192.0.2.1', 128), 'mapped-address'],
    ['the IPv4-mapped block', address('::ffff:0:0', 96), 'mapped-address'],
  ])('no list has a bad entry or exception: %s', (_, bad, code) => {
    for (const principal of [`[${A}, ${bad}]`, `[{ and_ids: { ids: [${A}, { not_id: ${bad} }] } }]`]) {
      const list = read(rules(principal));
      expect(list.problems.map((problem) => problem.code)).toEqual([code]);
      expect(() => createRules({ rules: list.rules, otherwise: 'deny' })).toThrow('incomplete-list');
    }
  });

  test('rules that are only tried out are not read', () => {
    const text = `shadow_rules: { policies: {} }\nrules:\n  ${rules(`[${A}]`).trim().replaceAll('\n', '\n  ')}\n`;
    const list = read(text);
    expect(problemsOf(list)).toEqual(['skipped 1:1']);
    expect(allowedBy(list).equals(office)).toBe(true);
  });

  test.each([
    ['principals', (size: number) => rules(`[${`${A}, `.repeat(size)}${A}]`)],
    [
      'exceptions',
      (size: number) => rules(`[{ and_ids: { ids: [${`{ not_id: ${B} }, `.repeat(size)}${A}] } }]`),
    ],
    [
      'exceptions of parts',
      (size: number) =>
        rules(
          `[{ and_ids: { ids: [{ or_ids: { ids: [${`{ not_id: ${A} }, `.repeat(size)}${B}] } }, ${`{ not_id: ${B} }, `.repeat(size)}${A}] } }]`,
        ),
    ],
    [
      'policies',
      (size: number) =>
        `policies:\n${Array.from({ length: size }, (_, at) => `  p${at}: { permissions: [{ any: true }], principals: [${A}] }\n`).join('')}`,
    ],
    ['depth', (size: number) => rules(`[${'{ not_id: '.repeat(size)}${A}`)],
  ])('takes a time linear in the text: %s', (_, textOf) => {
    expect(growthOf((size) => () => read(textOf(size)), 300)).toBeLessThan(5);
  });

  test('goes no deeper than it can', () => {
    const text = (depth: number): string => rules(`[${'{ not_id: '.repeat(depth)}${A}${' }'.repeat(depth)}]`);
    expect(allowedBy(read(text(60))).equals(office)).toBe(true);
    expect(read(text(100_000)).trust).toBe('refused');
  });
});

/** A principal as text, and the clients that Envoy matches with it. */
interface Drawn {
  readonly text: string;
  readonly clients: AddressSet;
}

/** Principals made of each other at random. */
const principal: fc.Arbitrary<Drawn> = fc.letrec<{ leaf: Drawn; tree: Drawn }>((tie) => ({
  leaf: fc.oneof(
    fc.constant({ text: '{ any: true }', clients: AddressSet.all }),
    fc
      .constantFrom('192.0.2.0/24', '192.0.2.7/32', '192.0.0.0/16', '0.0.0.0/0', '2001:db8::/32', '::/0')
      .map((text) => {
        const [prefix = '', length] = text.split('/');
        return { text: address(prefix, Number(length)), clients: setOf(text) };
      }),
  ),
  tree: fc.oneof(
    { maxDepth: 4 },
    tie('leaf'),
    tie('tree').map(({ text, clients }) => ({ text: `{ not_id: ${text} }`, clients: clients.complement() })),
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('tree'), { minLength: 1, maxLength: 3 }))
      .map(([how, parts]) => ({
        text: `{ ${how}_ids: { ids: [${parts.map(({ text }) => text).join(', ')}] } }`,
        clients: parts
          .map(({ clients }) => clients)
          .reduce((left, right) => (how === 'and' ? left.intersect(right) : left.union(right))),
      })),
  ),
})).tree;

describe('principals in principals', () => {
  test('are read as Envoy matches them, or not at all', () => {
    let whole = 0;
    const drawn = fc.array(principal, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(drawn, fc.constantFrom('ALLOW', 'DENY'), (principals, action) => {
        const list = read(rules(`[${principals.map(({ text }) => text).join(', ')}]`, action));
        expect(list.conditional).toBe(0);
        if (list.trust !== 'whole') {
          expect(list.trust).toBe('refused');
          return;
        }
        whole++;
        const matched = principals.map(({ clients }) => clients).reduce((left, right) => left.union(right));
        expect(allowedBy(list).equals(action === 'ALLOW' ? matched : matched.complement())).toBe(true);
      }),
      { numRuns: 800 },
    );
    expect(whole).toBeGreaterThan(200);
  });
});

describe('envoy-rbac out', () => {
  test('writes every length, and notes as comments', () => {
    const policy = createPolicy({
      deny: '192.0.2.7 # a "b" }\n2001:db8::/32\n0.0.0.0/0\n198.51.100.0-198.51.100.2',
    });
    expect(exportPolicy(policy, { format: envoyRbac, set: 'bad "ones"' })).toEqual({
      text: `action: DENY
policies:
  "bad \\"ones\\"":
    permissions:
      - any: true
    principals:
      - direct_remote_ip: { address_prefix: "192.0.2.7", prefix_len: 32 } # a "b" }
      - direct_remote_ip: { address_prefix: "2001:db8::", prefix_len: 32 }
      - direct_remote_ip: { address_prefix: "0.0.0.0", prefix_len: 0 }
      - direct_remote_ip: { address_prefix: "198.51.100.0", prefix_len: 31 }
      - direct_remote_ip: { address_prefix: "198.51.100.2", prefix_len: 32 }
`,
      losses: [],
    });
  });

  test('a list that allows nobody has no form', () => {
    const nobody = exportPolicy(createPolicy({ allow: '', whenEmpty: 'deny' }), { format: envoyRbac });
    expect([nobody.text, nobody.losses.map(({ code }) => code)]).toEqual(['', ['would-open']]);
    const anyone = exportPolicy(createPolicy({ deny: '' }), { format: envoyRbac });
    expect(allowedBy(read(anyone.text)).equals(everyone)).toBe(true);
  });

  test('takes only names that all programs read alike', () => {
    const policy = createPolicy({ deny: '192.0.2.7' });
    for (const set of ['', 'a\n', '\u2028', '\u0085', '\ufeff', '\uffff', '\ud800'])
      expect(() => exportPolicy(policy, { format: envoyRbac, set })).toThrow('set must be the name');
    for (const set of ['<<', '\\', 'büro', '😀', '# x', '{{ x }}']) {
      const { text } = exportPolicy(policy, { format: envoyRbac, set });
      expect(read(text).rules.map(({ name }) => name)).toEqual([set]);
    }
  });

  test('keeps the verdicts and notes of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = exportPolicy(policy, { format: envoyRbac });
        const allowed = AddressSet.allowedBy(policy);
        if (losses.some(({ code }) => code === 'would-open')) {
          expect([text, allowed.isEmpty]).toEqual(['', true]);
          return;
        }
        const list = read(text);
        expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(allowedBy(list).equals(allowed)).toBe(true);
        const notes = list.entries.flatMap(({ note }) => note ?? []);
        expect(notes).toHaveLength(text.split('} # ').length - 1);
      }),
    );
  });
});
