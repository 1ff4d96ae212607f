import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { k8sIngress, k8sNetworkPolicy } from '../../src/formats/kubernetes.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';
import { hasSample, readSample } from '../support/samples.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: k8sNetworkPolicy, yaml, ...options });

const readIngress = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: k8sIngress, yaml, ...options });

/** Problems in short. */
const problemsOf = ({ problems }: ImportedList): string[] =>
  problems.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`);

const codesOf = ({ problems }: ImportedList): string[] => [...new Set(problems.map(({ code }) => code))];

/** The policy that a file is; a client that nothing is known about is denied. */
const policyOf = ({ rules, order, otherwise }: ImportedList): Policy =>
  createRules({ rules, order, otherwise: otherwise ?? 'deny', maxEntries: Number.POSITIVE_INFINITY });

/** Whether a list can be used for anything. */
const isRefused = (list: ImportedList): boolean => {
  const uses = [
    () => createPolicy({ allow: list.entries }),
    () => createPolicy({ deny: list.entries }),
    () => createRules({ rules: list.rules, otherwise: 'deny' }),
  ];
  return uses.every((use) => {
    try {
      use();
      return false;
    } catch (error) {
      return (
        error instanceof ListError &&
        error.problems.some(({ code }) => code === 'incomplete-list' || code === 'action-differs')
      );
    }
  });
};

/** A policy with these rules for who may connect. */
const policyText = (ingress: string, types = '[Ingress]'): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec:
  podSelector: {}
  policyTypes: ${types}
  ingress:
${ingress}`;

const block = (inner: string): string => policyText(`  - from:\n    - ipBlock: ${inner}\n`);

describe('NetworkPolicy in', () => {
  test('takes a block with its exceptions, which are in rules', () => {
    const list = read(
      policyText(`  - from:
    - ipBlock:
        cidr: 192.0.2.0/24 # Office
        except:
        - 192.0.2.7/32 # printer
    - ipBlock: { cidr: "2001:db8::/32" }
`),
    );
    expect(problemsOf(list)).toEqual([]);
    expect(list.entries).toEqual([
      { address: '192.0.2.0/24', action: 'allow', label: 'p', note: 'Office', line: 10 },
      { address: '2001:db8::/32', action: 'allow', label: 'p', line: 13 },
    ]);
    expect(list.rules.map((rule) => rule.except)).toEqual([
      [{ address: '192.0.2.7', note: 'printer', line: 12 }],
      undefined,
    ]);
    const policy = policyOf(list);
    expect(['192.0.2.6', '192.0.2.7', '2001:db8::7', '::1'].map((ip) => policy.allows(ip))).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
  });

  test('an exception of one block is not one of another', () => {
    const policy = policyOf(
      read(
        policyText(`  - from:
    - ipBlock: { cidr: 10.0.0.0/8, except: [10.0.0.0/16] }
    - ipBlock: { cidr: 10.0.0.0/24 }
`),
      ),
    );
    expect(['10.0.0.1', '10.0.1.1', '10.1.0.1'].map((ip) => policy.allows(ip))).toEqual([true, false, true]);
  });

  test.each([
    ['no rules: nobody gets in', policyText('').replace('ingress:', 'ingress: []'), false, []],
    ['a rule without peers: everyone gets in', policyText('  - {}'), true, ['covers-everything']],
    ['an empty list of peers is none', policyText('  - from: []'), true, ['covers-everything']],
    ['peers of null are none', policyText('  - from:'), true, ['covers-everything']],
    [
      'a rule for a port is not for everyone',
      policyText('  - ports: [{ port: 22 }]'),
      false,
      ['conditional'],
    ],
    [
      'a block for a port is not one',
      policyText('  - from: [{ ipBlock: { cidr: 0.0.0.0/0 } }]\n    ports: [{ port: 22 }]'),
      false,
      ['conditional'],
    ],
    [
      'no ports are all',
      policyText('  - from: [{ ipBlock: { cidr: 192.0.2.0/24 } }]\n    ports: []'),
      true,
      [],
    ],
    ['pods are no addresses', policyText('  - from: [{ podSelector: {} }]'), false, ['conditional']],
    [
      'where pods may connect to',
      policyText('', '[Ingress]').replace('ingress:', 'egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0 } }] }]'),
      false,
      ['conditional'],
    ],
    [
      'a policy that is not about who may connect',
      policyText('  - from: [{ ipBlock: { cidr: 192.0.2.0/24 } }]', '[Egress]'),
      false,
      ['skipped'],
    ],
  ])('%s', (_, text, isAllowed, codes) => {
    const list = read(text);
    expect(policyOf(list).allows('192.0.2.1')).toBe(isAllowed);
    expect(codesOf(list)).toEqual(codes);
  });

  test.each([
    ['a number', block('{ cidr: 192.0 }'), 'syntax 192.0'],
    ['binary data', block('{ cidr: !!binary MTkyLjAuMi4wLzI0 }'), 'syntax MTkyLjAuMi4wLzI0'],
    ['a tag', block('{ cidr: !net 192.0.2.0/24 }'), 'syntax 192.0.2.0/24'],
    ['no length', block('{ cidr: 192.0.2.1 }'), 'prefix-length-missing 192.0.2.1'],
    ['a range', block('{ cidr: 192.0.2.1-192.0.2.9 }'), 'syntax 192.0.2.1-192.0.2.9'],
    [
      'an IPv4-mapped network',
      block('{ cidr: "::ffff:192.0.2.0/120" }'),
      'mapped-address ::ffff:192.0.2.0/120',
    ],
    ['a host', block('{ cidr: example.com/32 }'), 'invalid-character example.com/32'],
    ['no cidr', block('{ except: [192.0.2.0/24] }'), 'syntax { except: [192.0.2.0/24] }'],
    ['an exception as large', block('{ cidr: 192.0.2.0/24, except: [192.0.2.0/24] }'), 'syntax 192.0.2.0/24'],
    ['an exception outside', block('{ cidr: 192.0.2.0/24, except: [192.0.3.0/25] }'), 'syntax 192.0.3.0/25'],
    ['an exception of IPv6', block('{ cidr: 0.0.0.0/0, except: ["::1/128"] }'), 'syntax ::1/128'],
    ['a misspelt exception', block('{ cidr: 0.0.0.0/0, excepts: [10.0.0.0/8] }'), 'syntax excepts'],
    ['an exception that is not one', block('{ cidr: 192.0.2.0/24, except: [x] }'), 'invalid-character x'],
    ['exceptions that are text', block('{ cidr: 192.0.2.0/24, except: 192.0.2.7/32 }'), 'syntax except'],
    ['selectors beside', policyText('  - from: [{ podSelector: {}, ipBlock: { cidr: 10.0.0.0/8 } }]'), ''],
    ['an unknown field of a rule', policyText('  - from: []\n    port: 22'), ''],
    ['an unknown type', policyText('  - {}', '[ingress]'), ''],
    ['another kind', 'kind: ConfigMap', ''],
    ['nothing', '', ''],
    ['not YAML', 'a: [', ''],
    ['a template', block('{ cidr: {{ .Values.cidr }} }'), ''],
  ])('is refused: %s', (_, text, place) => {
    const list = read(text);
    expect(isRefused(list)).toBe(true);
    expect(policyOf({ ...list, rules: [] }).allows('192.0.2.1')).toBe(false);
    const [first] = list.problems.filter(({ severity }) => severity === 'error');
    const part = text
      .split('\n')
      [(first?.line ?? 0) - 1]?.slice((first?.column ?? 0) - 1, (first?.endColumn ?? 0) - 1);
    if (place !== '') expect(`${first?.code} ${part}`).toBe(place);
  });

  test('an entry that is not one leaves no list', () => {
    const list = read(
      policyText('  - from: [{ ipBlock: { cidr: 10.0.0.0/8 } }, { ipBlock: { cidr: 1_0 } }]'),
    );
    expect(isRefused({ ...list, entries: [] })).toBe(false);
    expect(() => createRules({ rules: list.rules, otherwise: 'deny' })).toThrow('incomplete-list');
  });

  test('policies for the same pods add up, and of others one is chosen', () => {
    const two = (selector: string): string =>
      [
        block('{ cidr: 192.0.2.0/24, except: [192.0.2.7/32] }'),
        block('{ cidr: 192.0.2.7/32 }').replace('{}', selector).replace('name: p', 'name: q'),
      ].join('---\n');
    expect(policyOf(read(two('{}'))).allows('192.0.2.7')).toBe(true);
    const other = two('{ matchLabels: { role: db } }');
    expect(isRefused(read(other))).toBe(true);
    expect(codesOf(read(other))).toEqual(['set-required']);
    expect(policyOf(read(other, { set: 'p' })).allows('192.0.2.7')).toBe(false);
    expect(policyOf(read(other, { set: 'q' })).allows('192.0.2.8')).toBe(false);
    expect(codesOf(read(other, { set: 'r' }))).toEqual(['unselected']);
  });

  test('policies of other programs with the same name are not read', () => {
    const list = read(block('{ cidr: 0.0.0.0/0 }').replace('networking.k8s.io/v1', 'projectcalico.org/v3'));
    expect(codesOf(list)).toEqual(['syntax', 'skipped']);
    expect(isRefused(list)).toBe(true);
  });

  test('objects in a List are read', () => {
    const item = block('{ cidr: 192.0.2.0/24 }').replaceAll('\n', '\n  ').trimEnd();
    const list = read(`kind: List\nitems:\n- ${item}\n`);
    expect(list.entries.map(({ line }) => line)).toEqual([11]);
  });

  test.skipIf(!hasSample('k8s-networkpolicy-1.yaml'))('finds every condition in a real file', () => {
    const { text, expected } = readSample('k8s-networkpolicy-1.yaml');
    const list = read(text);
    // Its addresses are all for some ports only.
    expect(list.entries).toEqual([]);
    const lines = [...expected.entries, ...(expected.skipped ?? [])].map(({ line }) => line as number);
    expect(list.problems.map(({ code, line }) => `${code} ${line}`)).toEqual(
      lines.sort((a, b) => a - b).map((line) => `conditional ${line}`),
    );
    expect(list.conditional).toBe(lines.length);
    const free = read(
      text.replaceAll('ports:', 'ports: []\n    x-ports:').replace(/ +x-ports:\n(.*- .*\n +.*\n)/g, ''),
    );
    const [ingress] = expected.entries;
    expect(free.entries.map(({ address, line }) => [address, line])).toEqual([
      [ingress?.range, ingress?.line],
    ]);
    expect(free.rules[0]?.except).toMatchObject([{ address: ingress?.except?.[0] }]);
  });
});

describe('NetworkPolicy out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = exportPolicy(policy, { format: k8sNetworkPolicy });
        const list = read(text);
        expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(losses.filter(({ code }) => code === 'would-open')).toEqual([]);
        expect(AddressSet.allowedBy(policyOf(list)).equals(AddressSet.allowedBy(policy))).toBe(true);
      }),
    );
  });

  test('writes a list that denies as exceptions of everyone', () => {
    const policy = createPolicy({ deny: '192.0.2.7 # a "b" \\\n2001:db8::/32 # {{ x }}\ufeff' });
    expect(exportPolicy(policy, { format: k8sNetworkPolicy, set: 'blocked' })).toEqual({
      text: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: "blocked"
spec:
  podSelector: {}
  policyTypes:
    - Ingress
  ingress:
    - from:
        - ipBlock:
            cidr: "0.0.0.0/0"
            except:
              - "192.0.2.7/32" # a "b" \\
        - ipBlock:
            cidr: "::/0"
            except:
              - "2001:db8::/32" # {{ x }}?
`,
      losses: [expect.objectContaining({ code: 'note-changed' })],
    });
  });

  test.each([
    ['a family of which everyone is denied', '0.0.0.0/0', ['192.0.2.1'], ['::1']],
    ['everyone', '0.0.0.0/0\n::/0', ['192.0.2.1', '::1'], []],
    ['everyone in two halves', '0.0.0.0/1\n128.0.0.0/1\n::/0', ['192.0.2.1', '::1'], []],
  ])('never lets in whom the list denies: %s', (_, deny, denied, allowed) => {
    const { text } = exportPolicy(createPolicy({ deny }), { format: k8sNetworkPolicy });
    expect(text).not.toContain('from: []');
    const policy = policyOf(read(text));
    expect(denied.map((ip) => policy.allows(ip))).toEqual(denied.map(() => false));
    expect(allowed.map((ip) => policy.allows(ip))).toEqual(allowed.map(() => true));
  });

  test('a policy that lets nobody in has no rules', () => {
    const policy = createPolicy({ allow: '', whenEmpty: 'deny' });
    expect(exportPolicy(policy, { format: k8sNetworkPolicy }).text).toMatch(/\n {2}ingress: \[\]\n$/);
  });

  test('takes only the name of an object', () => {
    const policy = createPolicy({ deny: '192.0.2.1' });
    for (const set of ['', 'A', 'a"', '-a', 'a-', 'a\n', 'a'.repeat(254), 'a_b'])
      expect(() => exportPolicy(policy, { format: k8sNetworkPolicy, set })).toThrow('set must be the name');
    expect(exportPolicy(policy, { format: k8sNetworkPolicy, set: 'a.b-1' }).text).toContain('"a.b-1"');
  });

  test('says that an object is too large', () => {
    const policy = createPolicy({ deny: `192.0.2.1 # ${'x'.repeat(1_500_000)}` });
    expect(exportPolicy(policy, { format: k8sNetworkPolicy }).losses.map(({ code }) => code)).toEqual([
      'too-large',
    ]);
  });
});

const PREFIX = 'nginx.ingress.kubernetes.io/';

const ingress = (annotations: string): string =>
  `kind: Ingress\nmetadata:\n  name: web\n  annotations:\n    ${PREFIX}${annotations}\n`;

describe('annotations of ingress-nginx in', () => {
  test.each([
    [
      'commas',
      'allowlist-source-range: 192.0.2.0/24, 198.51.100.7',
      [
        ['192.0.2.0/24', 5, 57],
        ['198.51.100.7', 5, 71],
      ],
    ],
    ['the name before', 'whitelist-source-range: "192.0.2.1"', [['192.0.2.1', 5, 58]]],
    [
      'line breaks',
      'allowlist-source-range: |\n      192.0.2.1,\n      2001:db8::/32\n',
      [
        ['192.0.2.1', 6, 7],
        ['2001:db8::/32', 7, 7],
      ],
    ],
    [
      'folded lines',
      'allowlist-source-range: >- # 192.0.2.9\n      192.0.2.1,\n      192.0.2.2\n',
      [
        ['192.0.2.1', 6, 7],
        ['192.0.2.2', 7, 7],
      ],
    ],
    [
      'escapes',
      'allowlist-source-range: "192.0.2.1,\\x31.1.1.1"',
      [
        ['192.0.2.1', 5, 58],
        ['1.1.1.1', 5, 58],
      ],
    ],
    [
      'an IPv4-mapped address, as the controller has it',
      'allowlist-source-range: "::ffff:192.0.2.1"',
      [['192.0.2.1', 5, 58]],
    ],
  ])('reads %s', (_, annotation, expected) => {
    const list = readIngress(ingress(annotation));
    expect(list.problems).toEqual([]);
    expect(list.otherwise).toBe('deny');
    const places = readIngress(ingress(annotation.replaceAll(/(\.\d+)(?=[,"\n]|$)/g, '$1/0')));
    expect(list.entries.map(({ address, line }) => [address, line])).toEqual(
      expected.map(([address, line]) => [address, line]),
    );
    expect(places.problems.every(({ line }) => line >= 5)).toBe(true);
  });

  test('places each part exactly', () => {
    const list = readIngress(
      ingress('allowlist-source-range: |\n      192.0.2.1/24,\n\n       192.0.2.300 ,1.1.1.1/8'),
    );
    expect(problemsOf(list)).toEqual(['host-bits-set 6:7-19', 'octet-range 8:8-19', 'host-bits-set 8:21-30']);
  });

  test('clients are denied first, and with a list that allows nobody else gets in', () => {
    const both = `denylist-source-range: 192.0.2.7\n    ${PREFIX}allowlist-source-range: 192.0.2.0/24`;
    const policy = policyOf(readIngress(ingress(both)));
    expect(['192.0.2.7', '192.0.2.8', '198.51.100.1'].map((ip) => policy.allows(ip))).toEqual([
      false,
      true,
      false,
    ]);
    const list = readIngress(ingress('denylist-source-range: 192.0.2.7'));
    expect([list.otherwise, policyOf(list).allows('192.0.2.8'), policyOf(list).allows('192.0.2.7')]).toEqual([
      'allow',
      true,
      false,
    ]);
  });

  test.each([
    ['nothing', ''],
    ['an empty part', '192.0.2.1,,192.0.2.2'],
    ['a comma at the end', '192.0.2.1,'],
    ['a line break for a comma', '|\n      192.0.2.1\n      192.0.2.2'],
    ['blanks for a comma', '192.0.2.1 192.0.2.2'],
    ['a range', '192.0.2.1-192.0.2.9'],
    ['a list', '[192.0.2.1]'],
    ['a number', '192.0'],
    ['null', '~'],
  ])('never lets anyone in: %s', (_, value) => {
    const list = readIngress(ingress(`allowlist-source-range: ${value}`));
    expect(list.problems.some(({ severity }) => severity === 'error')).toBe(true);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(list.otherwise).toBeUndefined();
  });

  test('a password that also lets in makes it conditional', () => {
    const list = readIngress(ingress(`allowlist-source-range: 192.0.2.0/24\n    ${PREFIX}satisfy: any`));
    expect([list.entries, list.conditional, list.otherwise]).toEqual([[], 1, undefined]);
  });

  test('says what it does not read', () => {
    const list = readIngress(
      ingress(
        `allowlist-source-range: 192.0.2.0/24\n    ${PREFIX}server-snippet: allow all;\n    x.org/denylist-source-range: 192.0.2.1`,
      ),
    );
    expect(problemsOf(list)).toEqual(['skipped 6:5-47', 'skipped 7:5-32']);
  });

  test('both names at once, or several objects, are refused', () => {
    const both = ingress(`allowlist-source-range: 192.0.2.1\n    ${PREFIX}whitelist-source-range: 0.0.0.0/0`);
    expect(isRefused(readIngress(both))).toBe(true);
    const two = `${ingress('denylist-source-range: 192.0.2.1')}---\n${ingress('allowlist-source-range: 192.0.2.1').replace('web', 'api')}`;
    expect(codesOf(readIngress(two))).toEqual(['set-required']);
    expect(policyOf(readIngress(two, { set: 'api' })).allows('192.0.2.1')).toBe(true);
    expect(codesOf(readIngress('kind: Ingress'))).toEqual(['syntax']);
  });
});

describe('annotations of ingress-nginx out', () => {
  test('keep the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = exportPolicy(policy, { format: k8sIngress });
        const allowed = AddressSet.allowedBy(policy);
        if (losses.some(({ code }) => code === 'would-open')) {
          expect([text, allowed.isEmpty]).toEqual(['', true]);
          return;
        }
        if (text.includes('annotations: {}')) {
          expect(allowed.equals(AddressSet.all)).toBe(true);
          return;
        }
        const list = readIngress(text);
        expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(AddressSet.allowedBy(policyOf(list)).equals(allowed)).toBe(true);
      }),
    );
  });

  test('are a part of an Ingress, without notes', () => {
    const policy = createPolicy({ allow: '192.0.2.0/24 # Office\n2001:db8::1' });
    const { text, losses } = exportPolicy(policy, { format: k8sIngress });
    expect(text).toBe(
      `metadata:\n  annotations:\n    ${PREFIX}allowlist-source-range: "192.0.2.0/24,2001:db8::1"\n`,
    );
    expect(losses.map(({ code, entry }) => [code, entry?.line])).toEqual([['note-dropped', 1]]);
  });

  test('are never an empty list that lets everyone in', () => {
    const policy = createPolicy({ allow: '', whenEmpty: 'deny' });
    expect(exportPolicy(policy, { format: k8sIngress })).toMatchObject({
      text: '',
      losses: [{ code: 'would-open' }],
    });
  });
});
