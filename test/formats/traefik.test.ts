import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as yaml from 'yaml';
import type { ImportedList } from '../../src/exchange/import.ts';
import type { ImportOptions } from '../../src/exchange/import-options.ts';
import { traefik } from '../../src/formats/traefik.ts';
import { exportPolicy, importList } from '../../src/public/formats.ts';
import { createPolicy, type Policy } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';
import { anyPolicy } from '../support/policies.ts';

const read = (text: string, options: Partial<ImportOptions> = {}): ImportedList =>
  importList(text, { format: traefik, yaml, ...options });

const codesOf = ({ problems }: ImportedList): string[] => [...new Set(problems.map(({ code }) => code))];

const policyOf = ({ rules, order, otherwise }: ImportedList): Policy =>
  createRules({ rules, order, otherwise: otherwise ?? 'deny', maxEntries: Number.POSITIVE_INFINITY });

const middleware = (inner: string): string => `http:\n  middlewares:\n    office:\n      ${inner}\n`;

describe('traefik in', () => {
  test.each([
    [
      'a file',
      middleware(
        'ipAllowList:\n        sourceRange:\n        - 192.0.2.0/24 # Office\n        - "2001:db8::1"',
      ),
    ],
    ['the name before', middleware('ipWhiteList: { sourceRange: [192.0.2.0/24, "2001:db8::1"] }')],
    [
      'connections',
      'tcp: { middlewares: { office: { ipAllowList: { sourceRange: [192.0.2.0/24, "2001:db8::1"] } } } }',
    ],
    [
      'names in any case',
      'HTTP: { Middlewares: { office: { ipallowlist: { sourcerange: [192.0.2.0/24, "2001:db8::1"] } } } }',
    ],
    [
      'an object of Kubernetes',
      'apiVersion: traefik.io/v1alpha1\nkind: Middleware\nmetadata: { name: office }\nspec: { ipAllowList: { sourceRange: [192.0.2.0/24, "2001:db8::1"] } }',
    ],
    ['an alias', `x: &a [192.0.2.0/24, "2001:db8::1"]\n${middleware('ipAllowList: { sourceRange: *a }')}`],
    [
      'a merge key',
      `x: &a { sourceRange: [192.0.2.0/24, "2001:db8::1"] }\n${middleware('ipAllowList: { <<: *a }')}`,
    ],
    [
      'a strategy that is the usual one',
      middleware(
        'ipAllowList: { sourceRange: [192.0.2.0/24, "2001:db8::1"], ipStrategy: { depth: 0, excludedIPs: [] }, rejectStatusCode: 404 }',
      ),
    ],
  ])('reads %s', (_, text) => {
    const list = read(text);
    expect(list.problems).toEqual([]);
    expect(list.entries.map(({ address, action }) => [address, action])).toEqual([
      ['192.0.2.0/24', 'allow'],
      ['2001:db8::1', 'allow'],
    ]);
    expect(list.rules.map(({ name }) => name)).toEqual(['office']);
    const policy = policyOf(list);
    expect(['192.0.2.1', '2001:db8::1', '198.51.100.1'].map((ip) => policy.allows(ip))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([
    ['an empty list', middleware('ipAllowList: { sourceRange: [] }'), 'syntax'],
    ['no list', middleware('ipAllowList: {}'), 'syntax'],
    ['text for a list', middleware('ipAllowList: { sourceRange: 192.0.2.0/24 }'), 'syntax'],
    [
      'a misspelt field',
      middleware('ipAllowList: { sourceRange: [192.0.2.0/24], ipStrategie: {} }'),
      'syntax',
    ],
    [
      'a field in two cases',
      middleware('ipAllowList: { sourceRange: [192.0.2.1], sourcerange: [0.0.0.0/0] }'),
      'syntax',
    ],
    [
      'a key twice',
      middleware('ipAllowList: { sourceRange: [192.0.2.1], sourceRange: [0.0.0.0/0] }'),
      'syntax',
    ],
    [
      'two kinds under a name',
      middleware('ipAllowList: { sourceRange: [192.0.2.1] }\n      ipWhiteList: { sourceRange: [::/0] }'),
      'syntax',
    ],
    ['a number', middleware('ipAllowList: { sourceRange: [192.0] }'), 'syntax'],
    ['a range', middleware('ipAllowList: { sourceRange: [192.0.2.1-192.0.2.9] }'), 'syntax'],
    ['a template', middleware('ipAllowList: { sourceRange: ["{{ env `OFFICE` }}"] }'), 'invalid-character'],
    ['none of it', middleware('basicAuth: {}'), 'syntax'],
    [
      'two middlewares',
      middleware(
        'ipAllowList: { sourceRange: [192.0.2.1] }\n    other:\n      ipAllowList: { sourceRange: [0.0.0.0/0] }',
      ),
      'set-required',
    ],
    ['a set that is not there', '', 'unselected'],
  ])('never lets anyone in: %s', (_, text, code) => {
    const list = read(
      text === '' ? middleware('ipAllowList: { sourceRange: [192.0.2.1] }') : text,
      text === '' ? { set: 'x' } : {},
    );
    expect(codesOf(list)).toContain(code);
    expect(() => createPolicy({ allow: list.entries })).toThrow('incomplete-list');
    expect(() => createRules({ rules: list.rules, otherwise: 'deny' })).toThrow('incomplete-list');
    expect(list.otherwise).toBeUndefined();
  });

  test.each(['depth: 1', 'excludedIPs: [10.0.0.0/8]', 'ipv6Subnet: 64', 'depth: "0"', 'other: 1'])(
    'an address out of a header is a condition: %s',
    (strategy) => {
      const list = read(middleware(`ipAllowList: { sourceRange: [0.0.0.0/0], ipStrategy: { ${strategy} } }`));
      expect([list.entries, list.rules, list.conditional]).toEqual([[], [], 1]);
      expect(policyOf(list).allows('192.0.2.1')).toBe(false);
    },
  );

  test('chooses by name', () => {
    const text = middleware(
      'ipAllowList: { sourceRange: [192.0.2.1] }\n    other:\n      ipAllowList: { sourceRange: [0.0.0.0/0] }',
    );
    expect(policyOf(read(text, { set: 'office' })).allows('192.0.2.2')).toBe(false);
    expect(policyOf(read(text, { set: 'other' })).allows('192.0.2.2')).toBe(true);
  });

  test('needs the module', () => {
    expect(() => importList('', { format: traefik })).toThrow('yaml must be the module');
    expect(() => importList('', { format: traefik, yaml: { parse: yaml.parse } })).toThrow('yaml must be');
  });
});

describe('traefik out', () => {
  test('keeps the verdicts of every policy', () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const { text, losses } = exportPolicy(policy, { format: traefik });
        const codes = losses.map(({ code }) => code);
        const allowed = AddressSet.allowedBy(policy);
        if (codes.includes('would-open')) {
          expect([text, allowed.isEmpty]).toEqual(['', true]);
          return;
        }
        expect(codes.includes('complement')).toBe(policy.mode === 'deny');
        const list = read(text);
        expect(list.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(AddressSet.allowedBy(policyOf(list)).equals(allowed)).toBe(true);
      }),
    );
  });

  test('writes a list that allows, and no template in its notes', () => {
    const policy = createPolicy({ allow: '192.0.2.0/24 # "Office" {{ env "X" }}\n2001:db8::1' });
    const { text, losses } = exportPolicy(policy, { format: traefik, set: 'office' });
    expect(text).toBe(
      `http:
  middlewares:
    "office":
      ipAllowList:
        sourceRange:
          - "192.0.2.0/24" # "Office" ((env "X" ))
          - "2001:db8::1"
`.replace('((env', '(( env'),
    );
    expect(losses.map(({ code }) => code)).toEqual(['note-changed']);
  });

  test('writes a list that denies as everyone else', () => {
    const { text, losses } = exportPolicy(createPolicy({ deny: '128.0.0.0/1\n::/0' }), { format: traefik });
    expect(yaml.parse(text)).toEqual({
      http: { middlewares: { listed: { ipAllowList: { sourceRange: ['0.0.0.0/1'] } } } },
    });
    expect(losses.map(({ code }) => code)).toEqual(['complement']);
  });

  test('never writes an empty list', () => {
    for (const policy of [
      createPolicy({ allow: '', whenEmpty: 'deny' }),
      createPolicy({ deny: '0.0.0.0/0\n::/0' }),
    ]) {
      const { text, losses } = exportPolicy(policy, { format: traefik });
      expect([text, losses.at(-1)?.code]).toEqual(['', 'would-open']);
    }
  });

  test('takes only a name that needs no escapes', () => {
    for (const set of ['', 'a"', 'a@file', 'a\n'])
      expect(() => exportPolicy(createPolicy({ deny: '192.0.2.1' }), { format: traefik, set })).toThrow(
        'set must be',
      );
  });
});
