import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import { restrictTo } from '../../src/adapters/node.ts';
import { listsOf, type PolicyLists } from '../../src/policy/policy.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { comparePolicies, impactOf, RestrictionList, usageOf } from '../../src/public/list.ts';
import { createRules, type Rule, type RulesInput } from '../../src/public/rules.ts';
import type { RuleLists } from '../../src/rules/lists.ts';

const office: RulesInput = {
  rules: [
    { name: 'Exceptions', deny: '# Hosts\n\n10.0.5.5 # Kiosk' },
    { name: 'Office', allow: '10.0.0.0/16 # HQ', except: '10.0.9.0/24 # Guests' },
    { allow: '10.0.9.7' },
  ],
  otherwise: 'deny',
  exempt: '10.0.5.9 # Probe',
};

function problemsOf(input: unknown): string[] {
  try {
    createRules(input as RulesInput);
  } catch (error) {
    if (error instanceof ListError)
      return error.problems.map(({ source, line, column, code }) => `${source}:${line}:${column} ${code}`);
    throw error;
  }
  return [];
}

function messageOf(input: unknown): string {
  try {
    createRules(input as RulesInput);
  } catch (error) {
    return (error as ListError).problems.map(({ message }) => message).join('\n');
  }
  return '';
}

describe('the decision', () => {
  const policy = createRules(office);

  test('is that of the first rule that covers the client', () => {
    const say = (ip: string): unknown[] => {
      const { verdict, reason, entry } = policy.decide(ip);
      return [verdict, reason, entry?.rule, entry?.list];
    };
    expect(say('10.0.5.5')).toEqual(['deny', 'listed', 'Exceptions', 'deny']);
    expect(say('::ffff:10.0.5.5')).toEqual(['deny', 'listed', 'Exceptions', 'deny']);
    expect(say('10.0.5.6')).toEqual(['allow', 'listed', 'Office', 'allow']);
    expect(say('10.0.9.7')).toEqual(['allow', 'listed', 'rules[2]', 'allow']);
    expect(say('10.0.9.8')).toEqual(['deny', 'not-listed', undefined, undefined]);
    expect(say('10.0.5.9')).toEqual(['allow', 'exempt', undefined, 'exempt']);
    expect(say('10.0.5.9 ')).toEqual(['deny', 'invalid-address', undefined, undefined]);
  });

  test('has entries that are plain data: with a rule here, without one in a policy of one list', () => {
    const { entry } = policy.decide('10.0.5.5');
    expect(Object.keys(entry as object)).toContain('rule');
    expect(Object.isFrozen(entry)).toBe(true);
    expect(Object.keys(createPolicy({ deny: '10.0.5.5' }).decide('10.0.5.5').entry as object)).not.toContain(
      'rule',
    );
    expect(Object.keys(policy.decide('10.0.5.9').entry as object)).not.toContain('rule');
    expect(policy.decide('10.0.5.5').entry).toBe(entry);
  });

  test('tells what it takes to be listed, and counts the entries of the lists alone', () => {
    expect([policy.mode, policy.size]).toEqual(['allow', 3]);
    expect(createRules({ ...office, otherwise: 'allow' }).mode).toBe('deny');
  });

  test('is what otherwise says without rules, and where all lists are empty', () => {
    for (const otherwise of ['allow', 'deny'] as const) {
      for (const rules of [[], [{ allow: '' }, { deny: [], except: '' }], new Set<Rule>()]) {
        const empty = createRules({ rules, otherwise });
        expect(empty.decide('192.0.2.1')).toEqual({
          verdict: otherwise,
          reason: 'not-listed',
          entry: undefined,
        });
        expect([empty.size, empty.problems]).toEqual([0, []]);
      }
    }
  });

  test('ranks what is left of an entry as the whole of it', () => {
    const rules: Rule[] = [
      { deny: '10.0.0.0/16' },
      { allow: '10.0.0.0/15', except: '10.0.128.0-10.1.255.255' },
    ];
    const mixed = createRules({ rules, otherwise: 'deny', order: 'most-specific' });
    // The /15 is only 10.0.0.0/17 by now, but still less specific than the /16.
    expect(mixed.decide('10.0.0.1').verdict).toBe('deny');
  });

  test('takes managed lists, with their limits and lines', () => {
    const list = RestrictionList.parse('deny', '# Old\n192.0.2.1 # A\n192.0.2.2', { maxEntries: 2 });
    const managed = createRules({
      rules: [list, { mode: 'allow', list: ['192.0.2.0/24'] }],
      otherwise: 'deny',
      maxEntries: 1,
    });
    expect(managed.decide('192.0.2.2').entry).toMatchObject({ line: 3, rule: 'rules[0]', list: 'deny' });
    expect(managed.allows('192.0.2.3')).toBe(true);
    const noted = createRules({
      rules: [{ mode: list.mode, entries: list.entries, except: '192.0.2.2', name: 'Old' }],
      otherwise: 'allow',
    });
    expect(noted.decide('192.0.2.1').entry?.rule).toBe('Old');
    expect(noted.allows('192.0.2.2')).toBe(true);
  });

  test('takes the entries of another policy as they are', () => {
    const { covering } = policy.explain('10.0.5.5');
    expect(createRules({ rules: [{ deny: covering }], otherwise: 'allow' }).size).toBe(2);
  });
});

describe('an explanation', () => {
  const policy = createRules(office);
  const say = (ip: unknown): string => policy.explain(ip as string).message;

  test('says which rule decided, and what the others would have said', () => {
    expect(say('10.0.5.5')).toBe(
      '10.0.5.5 is denied: line 3 (10.0.5.5, note "Kiosk") of the rule "Exceptions" covers it; the rule "Office" would allow it.',
    );
    expect(say('10.0.5.6')).toBe(
      '10.0.5.6 is allowed: line 1 (10.0.0.0/16, note "HQ") of the rule "Office" covers it.',
    );
    expect(say('10.0.9.7')).toBe(
      '10.0.9.7 is allowed: line 1 (10.0.9.7) of rules[2] covers it; the rule "Office" would allow it but for line 1 (10.0.9.0/24, note "Guests") of its except.',
    );
    expect(say('10.0.9.8')).toBe(
      '10.0.9.8 is denied: no rule covers it, and otherwise clients are denied; the rule "Office" would allow it but for line 1 (10.0.9.0/24, note "Guests") of its except.',
    );
    expect(say('10.0.5.9')).toBe(
      '10.0.5.9 is allowed: line 1 (10.0.5.9, note "Probe") of the exemptions covers it, whatever the rules say; the rule "Office" would allow it, too.',
    );
    expect(say('203.0.113.1')).toBe(
      '203.0.113.1 is denied: no rule covers it, and otherwise clients are denied.',
    );
    expect(say(undefined)).toBe('The client is denied: no address was given.');
    expect(createRules({ rules: [], otherwise: 'allow' }).explain('::1').message).toBe(
      '::1 is allowed: there are no rules, and otherwise clients are allowed.',
    );
  });

  test('lists every covering entry, those of an except, too', () => {
    const { covering } = policy.explain('10.0.9.7');
    expect(covering.map(({ text, list, rule }) => [text, list, rule])).toEqual([
      ['10.0.9.7', 'allow', 'rules[2]'],
      ['10.0.9.0/24', 'except', 'Office'],
      ['10.0.0.0/16', 'allow', 'Office'],
    ]);
  });

  test('names the rule of the most specific entry, and of equal ones the first', () => {
    const rules: Rule[] = [{ deny: '10.0.0.0/8' }, { allow: '10.1.0.0/16' }, { deny: '10.1.0.0/16' }];
    expect(
      createRules({ rules, otherwise: 'deny', order: 'most-specific' }).explain('10.1.0.1').message,
    ).toBe(
      '10.1.0.1 is allowed: line 1 (10.1.0.0/16) of rules[1] covers it; rules[0] and rules[2] would deny it.',
    );
  });

  test('adds the position where names repeat, and names few of many', () => {
    const twice = createRules({
      rules: [
        { name: 'A', deny: '10.0.0.1' },
        { name: ' A\t', allow: '10.0.0.1' },
      ],
      otherwise: 'deny',
    });
    expect(twice.explain('10.0.0.1').message).toBe(
      '10.0.0.1 is denied: line 1 (10.0.0.1) of the rule "A" (rules[0]) covers it; the rule "A" (rules[1]) would allow it.',
    );
    const many = createRules({
      rules: Array.from({ length: 9 }, () => ({ deny: '10.0.0.1' })),
      otherwise: 'deny',
    });
    expect(many.explain('10.0.0.1').message).toContain(
      '; rules[1], rules[2], rules[3], rules[4] and 4 more would deny it, too.',
    );
    const left = createRules({
      rules: Array.from({ length: 6 }, () => ({ deny: '10.0.0.1', except: '10.0.0.1' })),
      otherwise: 'allow',
    });
    expect(left.explain('10.0.0.1').message).toContain('; the except of 2 more rules takes it out.');
  });
});

describe('what is wrong', () => {
  test('is reported for all rules at once, with its place', () => {
    expect(
      problemsOf({
        rules: [
          { allow: '10.0.0.0/33\n\n 192.0.2.300 # x' },
          { allow: '', deny: '' },
          {},
          { deny: '192.0.2.1', except: 'x', exempt: '192.0.2.2' },
          { deny: ['192.0.2.1', '192.0.2.2'] },
        ],
        otherwise: 'deny',
        exempt: '10.0.0.*',
        maxEntries: 1,
      }),
    ).toEqual([
      'rules[1]:1:1 one-list-required',
      'rules[2]:1:1 one-list-required',
      'rules[3]:1:1 invalid-option',
      'rules[0].allow:1:10 prefix-length-range',
      'rules[0].allow:3:10 octet-range',
      'rules[3].except:1:1 invalid-character',
      'rules[4].deny:2:1 too-many-entries',
      'exempt:1:8 invalid-character',
    ]);
  });

  test.each<[string, unknown, string[]]>([
    ['nothing', undefined, ['options:1:1 invalid-option', 'options:1:1 invalid-option']],
    ['no verdict for everyone else', { rules: [] }, ['options:1:1 invalid-option']],
    ['null for it', { rules: [], otherwise: null }, ['options:1:1 invalid-option']],
    ['whenEmpty', { rules: [], otherwise: 'deny', whenEmpty: 'deny' }, ['options:1:1 invalid-option']],
    [
      'an order that is not known',
      { rules: [], otherwise: 'deny', order: 'last' },
      ['options:1:1 invalid-option'],
    ],
    ['a rule that is text', { rules: ['10.0.0.1'], otherwise: 'deny' }, ['rules[0]:1:1 one-list-required']],
    [
      'a name that is blank',
      { rules: [{ deny: '', name: ' ' }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
    [
      'a name of two lines',
      { rules: [{ deny: '', name: 'a\nb' }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
    [
      'a name that nobody sees',
      { rules: [{ deny: '', name: '\u200b' }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
    [
      'a name that is a number',
      { rules: [{ deny: '', name: 5 }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
    [
      'a limit of one rule',
      { rules: [{ deny: '', maxEntries: 5 }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
    [
      'null as an except',
      { rules: [{ allow: '', except: null }], otherwise: 'deny' },
      ['rules[0].except:1:1 not-a-string'],
    ],
    [
      'a misspelt except',
      { rules: [{ allow: '', excpet: '' }], otherwise: 'deny' },
      ['rules[0]:1:1 invalid-option'],
    ],
  ])('refuses %s', (_, input, expected) => {
    expect(problemsOf(input)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    ['text', '10.0.0.1', 'got a string'],
    ['a Map', new Map(), 'a Map gives pairs'],
    ['a promise', Promise.resolve([]), 'wait for the promise'],
    ['an asynchronous iterable', (async function* () {})(), 'gather its rules in an array'],
    ['one rule', { deny: '' }, 'must be an array'],
    ['an iterator that was read before', [][Symbol.iterator](), 'it may have been read before'],
  ])('refuses %s for the rules', (_, rules, message) => {
    expect(messageOf({ rules, otherwise: 'deny' })).toContain(message);
  });

  test('in an endless iterable ends', () => {
    const endless = (function* () {
      for (;;) yield { deny: '' };
    })();
    expect(messageOf({ rules: endless, otherwise: 'deny' })).toContain('or no end');
    const bad = (function* () {
      for (;;) yield 1;
    })();
    expect(messageOf({ rules: bad, otherwise: 'deny' })).toContain('fix those first');
  });

  test('in foreign objects is a problem of its rule, and each field is read once', () => {
    const thrower = {
      get deny(): string {
        throw new Error('gone');
      },
    };
    expect(problemsOf({ rules: [{ deny: '' }, thrower], otherwise: 'deny' })).toEqual([
      'rules[1]:1:1 unreadable',
    ]);
    const rules = (function* () {
      yield { deny: '' };
      throw new Error('gone');
    })();
    expect(problemsOf({ rules, otherwise: 'deny' })).toEqual(['rules[1]:1:1 unreadable']);
    const reads: string[] = [];
    const counted = (target: object): object =>
      new Proxy(target, {
        get(of, name, receiver) {
          reads.push(String(name));
          return Reflect.get(of, name, receiver);
        },
      });
    const rule = counted({ deny: '192.0.2.1', except: '', name: 'A' }) as Rule;
    createRules(counted({ rules: [rule], otherwise: 'allow', exempt: '', maxEntries: 5 }) as RulesInput);
    const known = reads.filter((name) =>
      ['rules', 'otherwise', 'exempt', 'maxEntries', 'deny', 'except', 'name'].includes(name),
    );
    expect(known.length).toBe(new Set(known).size);
  });

  test('are warnings of each list, with its place; equal entries of two rules are none', () => {
    const { problems } = createRules({
      rules: [
        { deny: '10.0.0.1/8\n10.0.0.0/8' },
        { allow: '10.0.0.0/8', except: '10.0.0.1\n10.0.0.1' },
        { deny: '10.0.0.0/8' },
      ],
      otherwise: 'deny',
      exempt: '10.0.0.0/8\n10.0.0.0/8',
    });
    expect(problems.map(({ source, line, code }) => `${source}:${line} ${code}`)).toEqual([
      'rules[0].deny:1 host-bits-set',
      'rules[0].deny:2 duplicate',
      'rules[1].except:2 duplicate',
      'exempt:2 duplicate',
    ]);
    const many = createRules({
      rules: [{ deny: Array.from({ length: 99 }, () => '10.0.0.1/8') }],
      otherwise: 'deny',
    });
    expect(many.problems).toHaveLength(99 + 98);
    expect(many.problems.every(({ source }) => source === 'rules[0].deny')).toBe(true);
  });

  test('is a guard that fails', () => {
    expect(problemsOf({ ...office, mustAllow: ['10.0.5.6', '10.0.5.5'], mustDeny: ['10.0.9.7'] })).toEqual([
      'mustAllow:2:1 must-allow',
      'mustDeny:1:1 must-deny',
    ]);
    expect(messageOf({ ...office, mustAllow: '10.0.5.5' })).toBe(
      'the guard fails: 10.0.5.5 is denied: line 3 (10.0.5.5, note "Kiosk") of the rule "Exceptions" covers it.',
    );
  });
});

describe('what takes a policy', () => {
  const policy = createRules(office);

  test('compares rules with rules and with lists', () => {
    const before = createPolicy({ allow: '10.0.0.0/16' });
    const { allowed, denied } = comparePolicies(before, policy);
    expect(allowed.prefixes).toEqual([]);
    expect(denied.prefixes).toContain('10.0.5.5');
    expect(denied.ipv4Count).toBe(256n);
    expect(comparePolicies(policy, createRules(office)).denied.prefixes).toEqual([]);
  });

  test('finds whom a change affects', () => {
    const after = createRules({ ...office, rules: [...office.rules].slice(1) });
    expect(impactOf(policy, after, ['10.0.5.5', '10.0.5.6']).newlyAllowed).toBe(1);
  });

  test('counts the requests of each entry, in the order of the rules', () => {
    const { entries, unlisted } = usageOf(policy, ['10.0.5.5', '10.0.5.5', '10.0.9.7', '192.0.2.1']);
    expect(entries.map(({ entry, requests }) => [entry.text, entry.rule, requests])).toEqual([
      ['10.0.5.5', 'Exceptions', 2],
      ['10.0.9.7', 'rules[2]', 1],
      ['10.0.0.0/16', 'Office', 0],
      ['10.0.5.9', undefined, 0],
    ]);
    expect(unlisted).toBe(1);
  });

  test('guards requests of fetch and of Node', async () => {
    const guarded = restrictFetch(policy, { client: (_, host: { ip: string }) => host.ip })(
      () => new Response('in'),
    );
    const ask = async (ip: string): Promise<number> =>
      ((await guarded(new Request('http://example.com/'), { ip })) as Response).status;
    expect([await ask('10.0.5.6'), await ask('10.0.5.5')]).toEqual([200, 403]);
    const server = createServer(
      restrictTo(createRules({ rules: [{ deny: '@loopback' }], otherwise: 'allow' }))((_, response) =>
        response.end('in'),
      ),
    );
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(response.status).toBe(403);
  });

  test('warns of a proxy that the rules let in', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    restrictTo(createRules({ rules: [{ deny: '192.0.2.1' }], otherwise: 'allow' }), {
      client: { trusted: '10.0.0.1' },
    });
    expect(warn.mock.calls.join()).toContain('proxy-allowed');
    warn.mockClear();
    restrictTo(createRules({ rules: [{ deny: '10.0.0.0/8' }], otherwise: 'allow' }), {
      client: { trusted: '10.0.0.1' },
    });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe('the size of what rules become', () => {
  const lineOf = (index: number): string =>
    `${10 + (index >>> 16)}.${(index >>> 8) & 255}.${index & 255}.0/24`;
  const wordsOf = (policy: Policy): number => (listsOf(policy) as PolicyLists).radix.data.length;
  const countRuns = (policy: Policy): number => {
    const { ipv4, ipv6 } = ((listsOf(policy) as PolicyLists).active as RuleLists).decideRuns(
      (label) => label,
    );
    return ipv4.count + ipv6.count;
  };

  test('is that of one list with the same entries, from one rule to a thousand', () => {
    const lines = Array.from({ length: 4_000 }, (_, index) => lineOf(index * 7));
    const one = wordsOf(createPolicy({ allow: lines, maxEntries: 10_000 }));
    for (const parts of [1, 10, 1_000]) {
      const rules = Array.from({ length: parts }, (_, part) => ({
        allow: lines.filter((__, at) => at % parts === part),
      }));
      for (const order of ['first-match', 'most-specific'] as const)
        expect(wordsOf(createRules({ rules, otherwise: 'deny', order, maxEntries: 10_000 }))).toBe(one);
    }
  });

  test('does not multiply wide entries by what is taken out of them', () => {
    // Each of the ranges covers all that is taken out.
    const wide = Array.from(
      { length: 500 },
      (_, index) => `9.0.0.${index % 200}-200.0.${index >>> 8}.${index & 255}`,
    );
    const except = Array.from({ length: 500 }, (_, index) => lineOf(index * 3));
    const one = createRules({ rules: [{ allow: wide, except }], otherwise: 'deny' });
    expect(countRuns(one)).toBeLessThan(2 * (wide.length * 2 + except.length));
    const ten = createRules({
      rules: Array.from({ length: 10 }, () => ({ allow: wide, except })),
      otherwise: 'deny',
    });
    expect(countRuns(ten)).toBe(countRuns(one));
  });

  test('is that of the runs that are left where rules hide others', () => {
    const hidden = Array.from({ length: 1_000 }, (_, index) => lineOf(index * 3));
    const policy = createRules({ rules: [{ deny: '0.0.0.0/0' }, { allow: hidden }], otherwise: 'deny' });
    expect(countRuns(policy)).toBe(2);
    expect(wordsOf(policy)).toBe(wordsOf(createPolicy({ deny: '0.0.0.0/0' })));
  });
});

describe('rules with times', () => {
  const rules: Rule[] = [
    { name: 'Block', deny: '10.0.0.1 until 2026-07-01T00:00Z' },
    { name: 'Office', allow: '10.0.0.0/24', except: '10.0.0.9 from 2026-08-01T00:00Z' },
  ];
  const at = (day: string): Policy =>
    createRules({ rules, otherwise: 'deny', at: new Date(`${day}T00:00Z`) });

  test('heed the instant in lists and in excepts', () => {
    expect([at('2026-06-01').allows('10.0.0.1'), at('2026-07-01').allows('10.0.0.1')]).toEqual([false, true]);
    expect([at('2026-07-31').allows('10.0.0.9'), at('2026-08-01').allows('10.0.0.9')]).toEqual([true, false]);
    expect(at('2026-06-01').changesAt?.toJSON()).toBe('2026-07-01T00:00:00.000Z');
    expect(at('2026-07-01').changesAt?.toJSON()).toBe('2026-08-01T00:00:00.000Z');
    expect(at('2026-08-01').changesAt).toBeUndefined();
    expect(at('2026-08-01').size).toBe(2);
    expect(comparePolicies(at('2026-06-01'), at('2026-09-01')).allowed.prefixes).toEqual(['10.0.0.1']);
  });

  test('need an instant, in each list', () => {
    expect(problemsOf({ rules, otherwise: 'deny' })).toEqual([
      'rules[0].deny:1:1 instant-required',
      'rules[1].except:1:1 instant-required',
    ]);
    expect(problemsOf({ rules: [], otherwise: 'deny', at: 5 })).toEqual(['options:1:1 invalid-option']);
  });

  test('tell the entries of an explanation that count', () => {
    expect(
      at('2026-09-01')
        .explain('10.0.0.1')
        .covering.map(({ text }) => text),
    ).toEqual(['10.0.0.0/24']);
    expect(at('2026-09-01').explain('10.0.0.9').message).toContain(
      'would allow it but for line 1 (10.0.0.9) of its except',
    );
  });
});

describe('what other products mean', () => {
  test.each<[string, RulesInput, readonly string[], readonly string[]]>([
    [
      'nginx: deny 192.168.1.1; allow 192.168.1.0/24; allow 2001:db8::/32; deny all',
      {
        rules: [
          { deny: '192.168.1.1' },
          { allow: '192.168.1.0/24\n2001:db8::/32' },
          { deny: '0.0.0.0/0\n::/0' },
        ],
        otherwise: 'allow',
      },
      ['192.168.1.2', '2001:db8::1'],
      ['192.168.1.1', '192.168.2.1', '2001:db9::1'],
    ],
    [
      'nginx geo: default 0; 10.0.0.0/8 1; 10.1.0.0/16 0; 10.1.2.3 1',
      {
        rules: [{ allow: '10.0.0.0/8\n10.1.2.3' }, { deny: '10.1.0.0/16' }],
        otherwise: 'deny',
        order: 'most-specific',
      },
      ['10.0.0.1', '10.1.2.3'],
      ['10.1.0.1', '11.0.0.1'],
    ],
    [
      'AWS security group: inbound from 203.0.113.0/24 and 203.0.113.64/26',
      { rules: [{ allow: '203.0.113.0/24' }, { allow: '203.0.113.64/26' }], otherwise: 'deny' },
      ['203.0.113.1', '203.0.113.65'],
      ['203.0.114.1'],
    ],
    [
      'AWS network ACL: 100 deny 198.51.100.7/32, 200 allow 198.51.100.0/24, * deny',
      { rules: [{ deny: '198.51.100.7/32' }, { allow: '198.51.100.0/24' }], otherwise: 'deny' },
      ['198.51.100.8'],
      ['198.51.100.7', '198.51.101.1'],
    ],
    [
      'Kubernetes: ipBlock 172.17.0.0/16 except 172.17.1.0/24, and ipBlock 172.17.1.128/25',
      {
        rules: [{ allow: '172.17.0.0/16', except: '172.17.1.0/24' }, { allow: '172.17.1.128/25' }],
        otherwise: 'deny',
      },
      ['172.17.0.1', '172.17.1.200'],
      ['172.17.1.1', '172.18.0.1'],
    ],
    [
      'ipset hash:net 10.0.0.0/8, 10.1.0.0/16 nomatch, 10.1.2.0/24, for ACCEPT',
      {
        rules: [{ allow: '10.0.0.0/8\n10.1.2.0/24' }, { deny: '10.1.0.0/16' }],
        otherwise: 'deny',
        order: 'most-specific',
      },
      ['10.0.0.1', '10.1.2.1'],
      ['10.1.0.1', '192.0.2.1'],
    ],
    [
      'iptables: -s 10.0.0.0/8 DROP, -s 10.1.0.0/16 ACCEPT, policy ACCEPT',
      { rules: [{ deny: '10.0.0.0/8' }, { allow: '10.1.0.0/16' }], otherwise: 'allow' },
      ['192.0.2.1'],
      ['10.1.0.1', '10.0.0.1'],
    ],
    [
      'Apache: Require ip 10.0.0.0/8, Require not ip 10.5.0.0/16',
      { rules: [{ deny: '10.5.0.0/16' }, { allow: '10.0.0.0/8' }], otherwise: 'deny' },
      ['10.0.0.1'],
      ['10.5.0.1', '192.0.2.1'],
    ],
  ])('%s', (_, input, allowed, denied) => {
    const policy = createRules(input);
    expect(allowed.filter((ip) => !policy.allows(ip))).toEqual([]);
    expect(denied.filter((ip) => policy.allows(ip))).toEqual([]);
  });
});
