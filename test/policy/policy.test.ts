import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  createPolicy,
  ListError,
  type PolicyInput,
  type Reason,
  type Verdict,
} from '../../src/public/index.ts';

describe('the decision table', () => {
  const list = '192.0.2.0/24 # Office\n2001:db8::/32';
  const allow = createPolicy({ allow: list, exempt: '192.0.2.66\n203.0.113.0/24 # Platform' });
  const deny = createPolicy({ deny: list, exempt: '192.0.2.66\n203.0.113.0/24 # Platform' });
  const rows: readonly (readonly [client: unknown, allowed: Verdict, denied: Verdict, reason: Reason])[] = [
    ['unknown', 'deny', 'deny', 'invalid-address'],
    ['', 'deny', 'deny', 'invalid-address'],
    [undefined, 'deny', 'deny', 'invalid-address'],
    [null, 'deny', 'deny', 'invalid-address'],
    ['192.0.2.1:80', 'deny', 'deny', 'invalid-address'],
    ['192.0.2.1, 192.0.2.2', 'deny', 'deny', 'invalid-address'],
    ['192.0.2.0/24', 'deny', 'deny', 'invalid-address'],
    ['203.0.113.5', 'allow', 'allow', 'exempt'],
    ['192.0.2.66', 'allow', 'allow', 'exempt'],
    ['::ffff:192.0.2.66', 'allow', 'allow', 'exempt'],
    ['192.0.2.1', 'allow', 'deny', 'listed'],
    ['::ffff:192.0.2.1', 'allow', 'deny', 'listed'],
    ['::ffff:c000:201', 'allow', 'deny', 'listed'],
    ['2001:db8::1', 'allow', 'deny', 'listed'],
    ['2001:db8::1%eth0', 'allow', 'deny', 'listed'],
    ['198.51.100.1', 'deny', 'allow', 'not-listed'],
    ['2001:db9::', 'deny', 'allow', 'not-listed'],
    ['::192.0.2.1', 'deny', 'allow', 'not-listed'],
    ['64:ff9b::192.0.2.1', 'deny', 'allow', 'not-listed'],
  ];

  test.each(rows)('%s', (client, allowed, denied, reason) => {
    const ip = client as string;
    for (const [policy, verdict] of [
      [allow, allowed],
      [deny, denied],
    ] as const) {
      const decision = policy.decide(ip);
      expect({ verdict: decision.verdict, reason: decision.reason }).toEqual({ verdict, reason });
      expect(policy.allows(ip)).toBe(verdict === 'allow');
      const explanation = policy.explain(ip);
      expect({ verdict: explanation.verdict, reason: explanation.reason }).toEqual({ verdict, reason });
      expect(explanation.entry).toEqual(decision.entry);
      expect(decision.entry === undefined).toBe(reason !== 'exempt' && reason !== 'listed');
    }
  });

  test('names the list of the deciding entry', () => {
    expect(allow.decide('192.0.2.1').entry).toEqual({
      text: '192.0.2.0/24',
      canonical: '192.0.2.0/24',
      note: 'Office',
      list: 'allow',
      line: 1,
    });
    expect(deny.decide('2001:db8::1').entry).toEqual({
      text: '2001:db8::/32',
      canonical: '2001:db8::/32',
      note: undefined,
      list: 'deny',
      line: 2,
    });
    expect(deny.decide('203.0.113.5').entry).toMatchObject({ list: 'exempt', note: 'Platform', line: 2 });
  });

  test.each([
    ['allow', undefined, 'allow'],
    ['allow', 'allow', 'allow'],
    ['allow', 'deny', 'deny'],
    ['deny', undefined, 'allow'],
    ['deny', 'allow', 'allow'],
    ['deny', 'deny', 'deny'],
  ] as const)('an empty %s list with whenEmpty %s means %s', (mode, whenEmpty, verdict) => {
    for (const source of ['', '# nothing yet\n\n', []]) {
      const input = { [mode]: source, exempt: '@loopback', whenEmpty } as unknown as PolicyInput;
      const policy = createPolicy(input);
      expect(policy.decide('192.0.2.1')).toEqual({ verdict, reason: 'empty-list', entry: undefined });
      expect(policy.decide('127.0.0.1').reason).toBe('exempt');
      expect(policy.decide('nonsense')).toEqual({
        verdict: 'deny',
        reason: 'invalid-address',
        entry: undefined,
      });
      expect(policy.allows('2001:db8::1')).toBe(verdict === 'allow');
      expect(policy.size).toBe(0);
    }
  });

  test('the first entry of an allow list at once denies everyone else', () => {
    expect(createPolicy({ allow: '' }).allows('192.0.2.1')).toBe(true);
    expect(createPolicy({ allow: '10.0.0.1' }).allows('192.0.2.1')).toBe(false);
  });

  test.each(['x', '10.0.0.0/33', '10.0.0.1 10.0.0.2\n# comment', '\u200b'])(
    'text whose every line is refused is not empty: %j',
    (text) => {
      expect(() => createPolicy({ allow: text })).toThrow(ListError);
      expect(() => createPolicy({ allow: text }, { whenEmpty: 'allow' })).toThrow(ListError);
    },
  );

  test('::/0 holds no IPv4 client in any spelling', () => {
    const policy = createPolicy({ deny: '::/0' });
    expect(['1.2.3.4', '::ffff:1.2.3.4', '::ffff:102:304'].map((ip) => policy.allows(ip))).toEqual([
      true,
      true,
      true,
    ]);
    expect(policy.allows('::1.2.3.4')).toBe(false);
    expect(createPolicy({ deny: '0.0.0.0/0' }).allows('::1')).toBe(true);
  });
});

describe('the documented shapes', () => {
  test.each([
    ['1.2.3.4', ['1.2.3.4'], ['1.2.3.3', '1.2.3.5']],
    ['1.2.0.0/24', ['1.2.0.0', '1.2.0.255'], ['1.1.255.255', '1.2.1.0']],
    [
      '2001:0DB8:ABCD:0012:0000:0000:0000:0000',
      ['2001:db8:abcd:12::', '2001:DB8:ABCD:12:0:0:0:0'],
      ['2001:db8:abcd:12::1', '2001:db8:abcd:11:ffff:ffff:ffff:ffff'],
    ],
    [
      '2001:DB8:ABCD:12::',
      ['2001:db8:abcd:12::'],
      ['2001:db8:abcd:12::1', '2001:db8:abcd:11:ffff:ffff:ffff:ffff'],
    ],
    [
      '2001:db8:abcd:0012::0/64',
      ['2001:db8:abcd:12::', '2001:db8:abcd:12:ffff:ffff:ffff:ffff'],
      ['2001:db8:abcd:11:ffff:ffff:ffff:ffff', '2001:db8:abcd:13::'],
    ],
  ])('%s matches its own addresses and not their neighbours', (entry, own, neighbours) => {
    const spellings = (ip: string): string[] =>
      ip.includes(':') ? [ip] : [ip, `::ffff:${ip}`, `0:0:0:0:0:FFFF:${ip}`];
    for (const note of ['', ' # Office']) {
      const allow = createPolicy({ allow: entry + note });
      const deny = createPolicy({ deny: entry + note });
      for (const ip of own.flatMap(spellings)) {
        expect([ip, allow.allows(ip), deny.allows(ip)]).toEqual([ip, true, false]);
        expect(allow.decide(ip).entry?.note).toBe(note === '' ? undefined : 'Office');
      }
      for (const ip of neighbours.flatMap(spellings))
        expect([ip, allow.allows(ip), deny.allows(ip)]).toEqual([ip, false, true]);
    }
  });
});

describe('the entry that decides', () => {
  test('is the most specific one; ties go to the first', () => {
    const policy = createPolicy({
      deny: ['10.0.0.0/8', '10.0.0.0/24', '10.0.0.1', '10.0.0.1/32', '10.0.0.0-10.0.0.2', '10.0.0.0/25'],
    });
    expect(policy.decide('10.0.0.1').entry?.line).toBe(3);
    expect(policy.decide('10.0.0.2').entry?.line).toBe(5);
    expect(policy.decide('10.0.0.3').entry?.line).toBe(6);
    expect(policy.decide('10.0.0.200').entry?.line).toBe(2);
    expect(policy.decide('10.9.9.9').entry?.line).toBe(1);
  });

  test('of an exemption comes before a more specific entry of the list', () => {
    const policy = createPolicy({ deny: '10.0.0.1', exempt: '10.0.0.0/8' });
    expect(policy.decide('10.0.0.1')).toMatchObject({ verdict: 'allow', reason: 'exempt' });
    expect(policy.decide('10.0.0.1').entry?.text).toBe('10.0.0.0/8');
  });

  test('stays reachable however the decision is handed on', () => {
    const decision = createPolicy({ deny: '10.0.0.0/8 # Lab' }).decide('10.0.0.1');
    expect(JSON.parse(JSON.stringify(decision))).toEqual({
      verdict: 'deny',
      reason: 'listed',
      entry: { text: '10.0.0.0/8', canonical: '10.0.0.0/8', note: 'Lab', list: 'deny', line: 1 },
    });
    expect(Object.keys(decision)).toEqual(['verdict', 'reason', 'entry']);
  });
});

describe('explain', () => {
  const policy = createPolicy({
    allow: '10.0.0.0/8 # Everything\n10.1.0.0/16\n10.1.0.0-10.1.0.9 # Rack\n10.1.0.0/16 # again',
    exempt: '10.1.0.0/16 # Platform\n@loopback',
  });

  test('lists every entry of every list, most specific first', () => {
    const { covering } = policy.explain('::ffff:10.1.0.5');
    expect(covering.map(({ list, line }) => `${list} ${line}`)).toEqual([
      'allow 3',
      'exempt 1',
      'allow 2',
      'allow 4',
      'allow 1',
    ]);
    expect(policy.explain('10.9.0.1').covering.map(({ note }) => note)).toEqual(['Everything']);
    expect(policy.explain('192.0.2.1').covering).toEqual([]);
    expect(policy.explain('x').covering).toEqual([]);
  });

  test.each([
    [
      '10.9.0.1',
      '10.9.0.1',
      undefined,
      '10.9.0.1 is allowed: line 1 (10.0.0.0/8, note "Everything") of the allow list covers it.',
    ],
    [
      '::ffff:10.1.0.5',
      '10.1.0.5',
      undefined,
      '10.1.0.5 is allowed: line 1 (10.1.0.0/16, note "Platform") of the exemptions covers it, whatever the allow list says.',
    ],
    ['2001:DB8::1', '2001:db8::1', undefined, '2001:db8::1 is denied: no entry of the allow list covers it.'],
    [
      'fe80::1%eth0',
      'fe80::1',
      'eth0',
      'fe80::1 (zone "eth0") is denied: no entry of the allow list covers it.',
    ],
    [
      '::ffff:10.9.0.1%4',
      '10.9.0.1',
      '4',
      '10.9.0.1 (zone "4") is allowed: line 1 (10.0.0.0/8, note "Everything") of the allow list covers it.',
    ],
    [undefined, undefined, undefined, 'The client is denied: no address was given.'],
    [null, undefined, undefined, 'The client is denied: no address was given.'],
    ['', undefined, undefined, 'The client is denied: no address was given, only an empty text.'],
    [7, undefined, undefined, 'The client is denied: no address was given, only a number.'],
  ])('%s', (client, address, zone, message) => {
    const explanation = policy.explain(client as string);
    expect({ address: explanation.address, zone: explanation.zone, message: explanation.message }).toEqual({
      address,
      zone,
      message,
    });
    expect(Object.isFrozen(explanation) && Object.isFrozen(explanation.covering)).toBe(true);
  });

  test.each([
    ['10.0.0.1:80', 'write 10.0.0.1'],
    ['fe80::1%', 'zone'],
    [`fe80::1%${'x'.repeat(65)}`, 'zone is 1 to 64'],
    [`fe80::1%${'x'.repeat(103)}`, 'too long'],
    ['fe80::1%a b', 'zone is 1 to 64 visible ASCII characters'],
    ['10.0.0.1%eth0', 'zone'],
    [':'.repeat(100_000), 'too long'],
    ['\u001b[31m', '<U+001B>'],
  ])('says why $0 is not an address', (client, why) => {
    const { message, reason, verdict } = policy.explain(client);
    expect([reason, verdict]).toEqual(['invalid-address', 'deny']);
    expect(message).toContain(why);
    expect(message.length).toBeLessThan(400);
    expect(message).not.toContain('\u001b');
  });

  test('says what an empty list does', () => {
    expect(createPolicy({ allow: '' }).explain('192.0.2.1').message).toBe(
      '192.0.2.1 is allowed: the allow list has no entries, and an empty list allows everyone.',
    );
    expect(createPolicy({ deny: '', whenEmpty: 'deny' }).explain('192.0.2.1').message).toBe(
      '192.0.2.1 is denied: the deny list has no entries, and an empty list denies everyone.',
    );
  });
});

describe('explain, about entries that end', () => {
  const allow = '8.8.8.8 until 2026-12-04T17:00Z # Contractor\n9.9.9.0/24 from 2026-12-07T00:00Z\n192.0.2.1';
  const exempt = '7.7.7.7 until 2026-01-01T00:00Z';
  const policy = createPolicy({ allow, exempt, at: new Date('2026-12-04T17:00Z') });

  test.each([
    ['8.8.8.8', '; line 1 (8.8.8.8, note "Contractor") covered it until 2026-12-04T17:00:00.000Z.'],
    ['::ffff:9.9.9.9', '; line 2 (9.9.9.0/24) will cover it from 2026-12-07T00:00:00.000Z.'],
    ['7.7.7.7', '; line 1 (7.7.7.7) of the exemptions covered it until 2026-01-01T00:00:00.000Z.'],
    ['1.1.1.1', ': no entry of the allow list covers it.'],
    ['192.0.2.1', '(192.0.2.1) of the allow list covers it.'],
  ])('says of %s what covers it at another time', (client, end) => {
    const { message, covering } = policy.explain(client);
    expect(message.slice(-end.length)).toBe(end);
    expect(covering).toHaveLength(client === '192.0.2.1' ? 1 : 0);
  });
});

describe('what a policy is asked to be', () => {
  const codes = (list: unknown, options?: unknown): string[] => {
    try {
      createPolicy(list as PolicyInput, options as undefined);
    } catch (error) {
      expect(error).toBeInstanceOf(ListError);
      return (error as ListError).problems.map(({ code, source }) => `${source} ${code}`);
    }
    return [];
  };

  test.each([
    [{}],
    [undefined],
    [null],
    ['10.0.0.0/8'],
    [['10.0.0.0/8']],
    [{ allow: undefined }],
    [{ allow: null }],
    [{ allow: '10.0.0.0/8', deny: '11.0.0.0/8' }],
    [{ allow: '', deny: '' }],
    [{ exempt: '@loopback' }],
    [{ mode: 'allow' }],
    [{ mode: 'block', entries: [] }],
    [{ entries: [] }],
    [{ mode: 'allow', entries: 'text' }],
    [{ mode: 'allow', entries: [], deny: '' }],
    [{ mode: 'allow', list: '', deny: '' }],
    [{ mode: 'Allow', list: '' }],
    [{ list: '' }],
    [{ mode: 'allow', list: null }],
  ])('%j has not exactly one list', (input) => {
    expect(codes(input)).toContain('options one-list-required');
  });

  test.each([
    [{ allow: null }, 'allow is null'],
    [{ deny: undefined, whenEmpty: 'deny' }, 'deny is undefined'],
    [{ mode: 'allow', list: null }, 'list is null'],
    [{}, 'write { allow: list }, { deny: list } or { mode, list }'],
  ])('says of %j what there is in place of a list', (input, advice) => {
    expect(() => createPolicy(input as never)).toThrow(`a policy needs one list: ${advice}`);
  });

  test.each([
    [{ deny: '', whenEmpty: 'block' }, undefined],
    [{ deny: '', whenEmpty: true }, undefined],
    [{ deny: '', maxEntries: -1 }, undefined],
    [{ deny: '', maxEntries: '5' }, undefined],
    [{ deny: '', exempts: '@loopback' }, undefined],
    [{ deny: '', whenempty: 'deny' }, undefined],
    [{ deny: '' }, { exempts: '@loopback' }],
    [{ deny: '' }, { deny: '10.0.0.1' }],
    [{ deny: '' }, 'exempt'],
    [{ deny: '', exempt: '@loopback' }, { exempt: '@private' }],
    [{ deny: '', whenEmpty: 'deny' }, { whenEmpty: 'deny' }],
  ])('%j with %j has a wrong option', (input, options) => {
    expect(codes(input, options)).toEqual(['options invalid-option']);
  });

  test.each([['text'], [['10.0.0.0/8']], [undefined], [5]])(
    'complains once about %j, which is not an object',
    (input) => {
      expect(codes(input)).toEqual(['options one-list-required']);
    },
  );

  test('reads each field once, and knows plain objects of any kind', () => {
    const once =
      (...answers: unknown[]): (() => unknown) =>
      () =>
        answers.length > 0 ? answers.shift() : [];
    const lists = [Object.defineProperty({}, 'allow', { get: once(['192.0.2.1']), enumerable: true })];
    const managed = Object.defineProperty({ mode: 'allow' }, 'entries', {
      get: once([{ text: '192.0.2.1', note: undefined, line: 1 }]),
      enumerable: true,
    });
    for (const input of [...lists, managed]) {
      expect(createPolicy(input as PolicyInput).allows('8.8.8.8')).toBe(false);
    }
    const bare = Object.assign(Object.create(null), { mode: 'allow', entries: [], whenEmtpy: 'deny' });
    expect(codes(bare)).toEqual(['options invalid-option']);
    const other = runInNewContext("({ mode: 'allow', entries: [], whenEmtpy: 'deny' })");
    expect(codes(other)).toEqual(['options invalid-option']);
    class Managed {
      readonly mode = 'allow';
      readonly entries = [];
      readonly groups = [];
      get whenEmpty(): string {
        return 'deny';
      }
    }
    expect(createPolicy(new Managed() as unknown as PolicyInput).allows('8.8.8.8')).toBe(false);
  });

  test('turns what a getter throws into a ListError with its cause', () => {
    const cause = new Error('no');
    const input = {
      get allow(): string {
        throw cause;
      },
    };
    expect(() => createPolicy(input)).toThrow(expect.objectContaining({ name: 'ListError', cause }));
    expect(
      codes(
        new Proxy(
          {},
          {
            ownKeys: () => {
              throw cause;
            },
          },
        ),
      ),
    ).toEqual(['options unreadable']);
  });

  test('reports options, both lists and their lines at once', () => {
    expect(codes({ deny: 'x\n10.0.0.1\ny', exempt: 'z', whenEmpty: 1 })).toEqual([
      'options invalid-option',
      'deny invalid-character',
      'deny invalid-character',
      'exempt invalid-character',
    ]);
  });

  test('takes the type and the list of a database row, whose types are both string', () => {
    const row: { mode: string; list: string } = { mode: 'allow', list: '192.0.2.0/24 # Office' };
    const policy = createPolicy({ mode: row.mode, list: row.list, whenEmpty: 'deny' });
    expect([policy.mode, policy.size]).toEqual(['allow', 1]);
    expect(policy.decide('192.0.2.1').entry?.note).toBe('Office');
    expect(createPolicy(row, { exempt: '@loopback' }).allows('::1')).toBe(true);
    expect(createPolicy({ mode: 'deny', list: [{ address: '192.0.2.1' }] }).allows('192.0.2.1')).toBe(false);
    expect(codes({ mode: 'deny', list: '', tenant: 7 })).toEqual(['options invalid-option']);
    expect(codes({ mode: 'deny', list: 'x' })).toEqual(['deny invalid-character']);
    expect(() => createPolicy({ mode: 'Allow', list: '' })).toThrow(/must be "allow" or "deny", got "Allow"/);
  });

  test('takes options beside the list or apart from it', () => {
    const together = createPolicy({ allow: '', exempt: '@loopback', whenEmpty: 'deny', maxEntries: 5 });
    const apart = createPolicy({ allow: '' }, { exempt: '@loopback', whenEmpty: 'deny', maxEntries: 5 });
    const bare = createPolicy(
      { allow: '', deny: undefined },
      { exempt: undefined, whenEmpty: undefined, maxEntries: undefined },
    );
    for (const ip of ['127.0.0.1', '192.0.2.1', 'x'])
      expect(together.decide(ip).reason).toBe(apart.decide(ip).reason);
    expect([together.allows('192.0.2.1'), apart.allows('192.0.2.1'), bare.allows('192.0.2.1')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(createPolicy({ deny: '' }, { maxEntries: Number.POSITIVE_INFINITY }).size).toBe(0);
  });
});

describe('an allow list without entries', () => {
  const codesOf = (input: PolicyInput): string[] =>
    createPolicy(input).problems.map(({ code, severity, source }) => `${source} ${severity} ${code}`);

  test.each<[PolicyInput]>([
    [{ allow: '' }],
    [{ allow: [] }],
    [{ allow: '# 192.0.2.1\n\n' }],
    [{ mode: 'allow', list: '' }],
    [{ mode: 'allow', entries: [] }],
    [{ allow: '', exempt: '@loopback', mustAllow: ['192.0.2.1'] }],
  ])('%j lets everyone in, with a warning', (input) => {
    expect(codesOf(input)).toEqual(['allow warning open-list']);
    expect(createPolicy(input).allows('192.0.2.1')).toBe(true);
  });

  test.each<[PolicyInput]>([
    [{ allow: '', whenEmpty: 'deny' }],
    [{ deny: '' }],
    [{ deny: '', whenEmpty: 'deny' }],
    [{ allow: '192.0.2.1' }],
  ])('%j needs no warning', (input) => {
    expect(codesOf(input)).toEqual([]);
  });

  test('comes first among the warnings, also among many', () => {
    const exempt = Array.from({ length: 100 }, (_, index) => `10.0.${index}.1/24`);
    const { problems } = createPolicy({ allow: '', exempt });
    expect(problems.length).toBe(101);
    expect(problems[0]?.code).toBe('open-list');
    expect(Object.isFrozen(problems)).toBe(true);
  });
});

describe('a wrong instant', () => {
  test.each([['2026-12-01T00:00Z'], [1], [new Date(Number.NaN)]])('%j is one problem', (at) => {
    try {
      createPolicy({ allow: '8.8.8.8 until 2026-12-04T17:00Z' }, { at: at as never });
      expect.unreachable();
    } catch (error) {
      expect((error as ListError).problems.map(({ code }) => code)).toEqual(['invalid-option']);
    }
  });
});

describe('guards', () => {
  const guard = (input: PolicyInput): readonly (readonly [string, string, number, string])[] => {
    try {
      createPolicy(input);
    } catch (error) {
      return (error as ListError).problems.map(
        ({ source, code, line, message }) => [source, code, line, message] as const,
      );
    }
    return [];
  };

  test('let a policy through that keeps them', () => {
    expect(
      guard({
        allow: '10.0.0.0/8',
        mustAllow: ['10.0.0.1', '::ffff:10.0.0.2', 'fe80::1%eth0'],
        exempt: '@link-local',
        mustDeny: ['192.0.2.1'],
      }),
    ).toEqual([]);
    expect(guard({ allow: '', mustAllow: ['192.0.2.1'] })).toEqual([]);
    expect(guard({ deny: '', mustAllow: '192.0.2.1' as unknown as string[] })).toEqual([]);
  });

  test('stop one that breaks them, with the explanation', () => {
    const broken = guard({
      allow: '10.0.0.0/8',
      mustAllow: ['10.0.0.1', '192.0.2.1'],
      mustDeny: new Set(['10.0.0.9', '192.0.2.2']),
    });
    expect(broken.map(([source, code, line]) => `${source} ${line} ${code}`)).toEqual([
      'mustAllow 2 must-allow',
      'mustDeny 1 must-deny',
    ]);
    expect(broken[0]?.[3]).toContain('192.0.2.1 is denied: no entry of the allow list covers it');
    expect(broken[1]?.[3]).toContain('10.0.0.9 is allowed: line 1 (10.0.0.0/8)');
  });

  test('are broken by text that is not an address, on both sides', () => {
    expect(
      guard({ deny: '10.0.0.1', mustAllow: ['x'], mustDeny: ['10.0.0.0/8', '', 5 as unknown as string] }).map(
        ([source, code, line]) => `${source} ${line} ${code}`,
      ),
    ).toEqual([
      'mustAllow 1 must-allow',
      'mustDeny 1 must-deny',
      'mustDeny 2 must-deny',
      'mustDeny 3 must-deny',
    ]);
  });

  test('that are broken ten thousand times are all reported', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => `10.0.0.0-10.0.${index >> 8}.${index & 255}`);
    const clients = Array.from({ length: 10_000 }, () => '10.0.0.0');
    expect(guard({ deny: lines, mustAllow: clients })).toHaveLength(10_000);
  });

  test('name what is not a single address', () => {
    const [first, second] = guard({ deny: '', mustDeny: ['localhost'], mustAllow: ['@loopback'] });
    expect(first?.[3]).toMatch(/^mustAllow takes single addresses: /);
    expect(second?.[3]).toMatch(/^mustDeny takes single addresses: /);
  });

  test('say what a foreign iterator threw, and still tell what broke before', () => {
    const cause = new Error('gone');
    function* clients(): Generator<string> {
      yield '192.0.2.1';
      throw cause;
    }
    try {
      createPolicy({ deny: '192.0.2.0/24', mustAllow: clients() });
      expect.unreachable();
    } catch (error) {
      expect((error as ListError).cause).toBe(cause);
      expect((error as ListError).problems.map(({ code, line }) => [code, line])).toEqual([
        ['invalid-option', 2],
        ['must-allow', 1],
      ]);
    }
  });

  test.each([5, {}, true])('refuse %s, which is not a list of addresses', (mustAllow) => {
    expect(
      guard({ deny: '', mustAllow: mustAllow as unknown as string[] }).map(
        ([source, code]) => `${source} ${code}`,
      ),
    ).toEqual(['mustAllow invalid-option']);
  });
});

describe('a policy', () => {
  const policy = createPolicy({ allow: '10.0.0.0/8\n10.0.0.1/8', exempt: '0.0.0.0/0' });

  test('says its type, size and warnings', () => {
    expect([policy.mode, policy.size]).toEqual(['allow', 2]);
    expect(policy.problems.map(({ source, line, code }) => `${source} ${line} ${code}`)).toEqual([
      'allow 2 host-bits-set',
      'allow 2 duplicate',
      'exempt 1 covers-everything',
    ]);
    expect(policy.problems).toBe(policy.problems);
  });

  test('gives functions that can be handed on alone', () => {
    const { decide, allows, explain } = createPolicy({ deny: '10.0.0.0/8' });
    expect(decide('10.0.0.1').entry?.text).toBe('10.0.0.0/8');
    expect(['10.0.0.1', '192.0.2.1'].filter(allows)).toEqual(['192.0.2.1']);
    expect(explain('10.0.0.1').covering).toHaveLength(1);
    expect(new Proxy(policy, {}).allows('192.0.2.1')).toBe(true);
  });

  test('cannot be changed from outside', () => {
    const replace = (target: object, name: string): void => {
      (target as Record<string, unknown>)[name] = () => 'allow';
    };
    expect(Object.isFrozen(policy) && Object.isFrozen(policy.problems)).toBe(true);
    expect(() => replace(policy, 'decide')).toThrow(TypeError);
    expect(() => replace(policy, 'mode')).toThrow(TypeError);
    expect(Object.getPrototypeOf(policy)).toBe(Object.prototype);
    const listed = createPolicy({ deny: '10.0.0.1' }).decide('10.0.0.1');
    expect(() => replace(listed, 'verdict')).toThrow(TypeError);
    expect(() => replace(listed.entry as object, 'note')).toThrow(TypeError);
    const unlisted = createPolicy({ deny: '10.0.0.1' }).decide('10.0.0.2');
    expect(() => replace(unlisted, 'verdict')).toThrow(TypeError);
    expect(Reflect.ownKeys(policy)).toEqual([
      'mode',
      'size',
      'problems',
      'changesAt',
      'decide',
      'allows',
      'explain',
    ]);
  });
});
