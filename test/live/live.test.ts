import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { restrictTo } from '../../src/adapters/fetch.ts';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { comparePolicies, impactOf, usageOf } from '../../src/public/list.ts';
import { createLivePolicy, type LivePolicy, type PolicyUpdate, UpdateError } from '../../src/public/live.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';

/** What a call throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

function codesOf(run: () => unknown): readonly string[] {
  const error = thrownBy(run);
  if (error instanceof UpdateError) return [error.code];
  if (error instanceof ListError) return error.problems.map(({ source, code }) => `${source} ${code}`);
  throw error ?? new Error('nothing was thrown');
}

/** What `console.error` got in a test. */
function mockConsole(): readonly (readonly unknown[])[] {
  const mock = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => mock.mockRestore());
  return mock.mock.calls;
}

const at = (second: number): Date => new Date(second * 1000);

describe('a live policy', () => {
  test('is the very policy that it was given', () => {
    const policy = createPolicy({ deny: '192.0.2.0/24' });
    const live = createLivePolicy(policy);
    expect([live.current, live.version]).toEqual([policy, 1]);
    expect(live.current).toBe(policy);
    expect([live.mode, live.size, live.problems, live.changesAt]).toEqual(['deny', 1, [], undefined]);
    expect(live.decide('192.0.2.1')).toBe(policy.decide('192.0.2.1'));
    expect(live.explain('192.0.2.1')).toEqual(policy.explain('192.0.2.1'));
  });

  test('takes lists, rules, policies of rules, and another live policy as it is now', () => {
    const rules = { rules: [{ deny: '192.0.2.1' }], otherwise: 'allow' } as const;
    expect(createLivePolicy(rules).allows('192.0.2.1')).toBe(false);
    const ofRules = createRules(rules);
    expect(createLivePolicy(ofRules).current).toBe(ofRules);
    expect(createLivePolicy({ mode: 'deny', list: '192.0.2.1' }).allows('192.0.2.1')).toBe(false);
    const first = createLivePolicy({ deny: '192.0.2.1' });
    const second = createLivePolicy(first);
    first.update({ deny: '192.0.2.2' });
    expect([second.allows('192.0.2.1'), first.allows('192.0.2.1')]).toEqual([false, true]);
    expect(second.update(first).after).toBe(first.current);
  });

  test('shows its version, mode, size and next change in a console and as JSON', () => {
    const live = createLivePolicy({ deny: '192.0.2.1 until 2030-01-01T00:00Z\n192.0.2.2' }, { now: () => 0 });
    live.update({ allow: '192.0.2.1', whenEmpty: 'deny' });
    live.update({ deny: '192.0.2.1 until 2030-01-01T00:00Z\n192.0.2.2' });
    const shown = { version: 3, mode: 'deny', size: 2, changesAt: new Date('2030-01-01T00:00Z') };
    expect(JSON.parse(JSON.stringify({ live }))).toEqual({ live: JSON.parse(JSON.stringify(shown)) });
    expect(inspect({ live })).toBe(inspect({ live: shown }));
    expect(Object.keys(live)).not.toContain('toJSON');
  });

  test('is frozen, and its functions need no this', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    expect(Object.isFrozen(live)).toBe(true);
    const { decide, allows, explain, update, subscribe } = live;
    const heard: number[] = [];
    subscribe(({ version }) => heard.push(version));
    update({ deny: '192.0.2.2' });
    expect([decide('192.0.2.2').verdict, allows('192.0.2.1'), explain('192.0.2.2').reason, heard]).toEqual([
      'deny',
      true,
      'listed',
      [2],
    ]);
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'options one-list-required'],
    ['text', '192.0.2.1', 'options one-list-required'],
    ['a bad line', { deny: '192.0.2.300' }, 'deny octet-range'],
    ['a copy of a policy', { ...createPolicy({ deny: '' }) }, 'options one-list-required'],
    ['something that decides', { decide: () => ({ verdict: 'allow' }) }, 'options one-list-required'],
    ['bad rules', { rules: [{ deny: 'x' }], otherwise: 'deny' }, 'rules[0].deny invalid-character'],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          getOwnPropertyDescriptor: () => {
            throw new Error('no');
          },
        },
      ),
      'options unreadable',
    ],
  ])('refuses %s, and stays as it was', (_, given, code) => {
    expect(codesOf(() => createLivePolicy(given as never))).toEqual([code]);
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const { current } = live;
    expect(codesOf(() => live.update(given as never))).toEqual([code]);
    expect([live.current === current, live.version]).toEqual([true, 1]);
  });

  test.each<[unknown, string]>([
    [{ now: 5 }, 'now must be a function, got a number'],
    [{ clock: Date.now }, 'there is no option "clock", only now'],
  ])('refuses the options %j', (options, message) => {
    const error = thrownBy(() => createLivePolicy({ deny: '' }, options as never));
    expect((error as ListError).problems.map((problem) => problem.message)).toEqual([message]);
  });

  test('reads each field of what it is given once', () => {
    let reads = 0;
    const input = {
      get rules() {
        reads++;
        return [{ deny: '192.0.2.1' }];
      },
      otherwise: 'allow' as const,
    };
    createLivePolicy(input);
    expect(reads).toBe(1);
  });
});

describe('a live policy in the place of a policy', () => {
  const live = createLivePolicy({ deny: '192.0.2.0/24', exempt: '192.0.2.1' });
  const other = createPolicy({ deny: '192.0.2.0/25' });

  test('is compared, measured and turned into a set', () => {
    expect(comparePolicies(live, other).allowed.prefixes).toEqual(['192.0.2.128/25']);
    expect(comparePolicies(other, live).denied.prefixes).toEqual(['192.0.2.128/25']);
    expect(AddressSet.allowedBy(live).equals(AddressSet.allowedBy(live.current))).toBe(true);
    expect(usageOf(live, ['192.0.2.9']).entries[0]?.requests).toBe(1);
    expect(impactOf(live, other, ['192.0.2.200']).newlyAllowed).toBe(1);
  });

  test('guards requests, each by the policy of its moment', async () => {
    const guarded = createLivePolicy({ deny: '192.0.2.1' });
    const handler = restrictTo(guarded, { client: () => '192.0.2.1' })(() => new Response('Welcome'));
    const status = async (): Promise<number> =>
      (await handler(new Request('http://www.example.com/'))).status;
    expect(await status()).toBe(403);
    guarded.update({ deny: '' });
    expect(await status()).toBe(200);
  });

  test('answers a question that takes many decisions as one version', async () => {
    const changing = createLivePolicy({ deny: '192.0.2.0/24' });
    async function* log(): AsyncGenerator<string> {
      yield '192.0.2.1';
      changing.update({ deny: '' });
      yield '192.0.2.2';
    }
    const impact = await impactOf(changing, createPolicy({ deny: '' }), log());
    expect(impact.newlyAllowed).toBe(2);
  });
});

describe('update', () => {
  test('answers what happened, and computes the changes when they are read', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const { current } = live;
    const update = live.update({ deny: '192.0.2.2' });
    expect([update.version, update.before, update.after]).toEqual([2, current, live.current]);
    expect(update.changes.allowed.prefixes).toEqual(['192.0.2.1']);
    expect(update.changes.denied.prefixes).toEqual(['192.0.2.2']);
    expect(update.changes).toBe(update.changes);
    expect([Object.isFrozen(update), Object.keys(update)]).toEqual([
      true,
      ['version', 'before', 'after', 'changes'],
    ]);
  });

  test('keeps the changes of an update whatever comes after', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const update = live.update({ deny: '192.0.2.2' });
    live.update({ deny: '' });
    expect(update.changes.denied.prefixes).toEqual(['192.0.2.2']);
  });

  const listOf = (count: number): string =>
    Array.from({ length: count }, (_, index) => `192.0.2.${index}`).join('\n');

  test.each<[string, Parameters<LivePolicy['update']>, string]>([
    ['mustAllow', [{ deny: '192.0.2.0/24' }, { mustAllow: ['192.0.2.1'] }], 'mustAllow must-allow'],
    ['mustDeny', [{ deny: '' }, { mustDeny: ['192.0.2.1'] }], 'mustDeny must-deny'],
    ['mustDeny of the list', [{ deny: '', mustDeny: ['192.0.2.1'] }], 'mustDeny must-deny'],
    [
      'an iterator that was read',
      [{ deny: '1.1.1.1' }, { mustAllow: [][Symbol.iterator]() }],
      'mustAllow invalid-option',
    ],
    ['an older version', [{ deny: '192.0.2.0/24' }, { ifVersion: 0 }], 'version-conflict'],
    ['a version to come', [{ deny: '192.0.2.0/24' }, { ifVersion: 2 }], 'version-conflict'],
    ['an empty list', [{ deny: '' }, { mayBeEmpty: false }], 'would-be-empty'],
    ['an empty allow list', [{ allow: '' }, { mayBeEmpty: false }], 'would-be-empty'],
    [
      'rules without entries',
      [{ rules: [{ deny: '' }], otherwise: 'deny' }, { mayBeEmpty: false }],
      'would-be-empty',
    ],
    ['a loss', [{ deny: listOf(6) }, { maxLoss: 0.3 }], 'too-much-lost'],
    [
      'a loss that newcomers make up for',
      [{ deny: `${listOf(6)}\n10.0.0.0/8` }, { maxLoss: 0.3 }],
      'too-much-lost',
    ],
    ['any loss', [{ deny: listOf(9) }, { maxLoss: 0 }], 'too-much-lost'],
    ['another mode', [{ allow: listOf(10) }, { maxLoss: 0.99 }], 'too-much-lost'],
    ['an exemption', [{ deny: listOf(10), exempt: '192.0.2.0/29' }, { maxLoss: 0.3 }], 'too-much-lost'],
  ])('refuses %s, and stays as it was', (_, given, code) => {
    const live = createLivePolicy({ deny: listOf(10) });
    const { current } = live;
    const heard: unknown[] = [];
    live.subscribe((update) => heard.push(update));
    expect(codesOf(() => live.update(...given))).toEqual([code]);
    expect([live.current === current, live.version, heard]).toEqual([true, 1, []]);
  });

  test.each<[string, Parameters<LivePolicy['update']>]>([
    ['an equal share', [{ deny: listOf(7) }, { maxLoss: 0.3 }]],
    ['everything', [{ deny: '' }, { maxLoss: 1 }]],
    ['another mode and everything', [{ allow: listOf(10) }, { maxLoss: 1 }]],
    ['the same version', [{ deny: listOf(1) }, { ifVersion: 1 }]],
    ['more', [{ deny: '192.0.2.0/24' }, { maxLoss: 0 }]],
    ['an empty list where it may be', [{ deny: '' }, { mayBeEmpty: true }]],
    [
      'an ended entry, which is an entry',
      [{ deny: '192.0.2.1 until 1970-01-01T00:00Z', at: at(1) }, { mayBeEmpty: false }],
    ],
  ])('takes %s', (_, given) => {
    const live = createLivePolicy({ deny: listOf(10) });
    expect(live.update(...given).version).toBe(2);
  });

  test('takes a list of the other mode where there were no entries before', () => {
    const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
    expect(live.update({ deny: '192.0.2.1' }, { maxLoss: 0 }).version).toBe(2);
  });

  test('counts each family for itself, and exactly', () => {
    const live = createLivePolicy({ deny: '10.0.0.0/8\n2001:db8::/64' });
    // A half, and a half and one address: of 2^64, no double knows the difference.
    live.update({ deny: '10.0.0.0/8\n2001:db8::/65' }, { maxLoss: 0.5 });
    live.update({ deny: '10.0.0.0/8\n2001:db8::/64' });
    const without = { deny: '10.0.0.0/8\n2001:db8::-2001:db8::7fff:ffff:ffff:fffe' };
    const error = thrownBy(() => live.update(without, { maxLoss: 0.5 })) as UpdateError;
    expect(error.message).toBe(
      '9223372036854775809 of 18446744073709551616 listed IPv6 addresses would cease to be listed, and maxLoss is 0.5',
    );
  });

  test('knows that no client is in the mapped block', () => {
    const live = createLivePolicy({ deny: '::fffe:0:0/95' });
    expect(live.update({ deny: '::fffe:0:0/96' }, { maxLoss: 0 }).version).toBe(2);
  });

  test('names what would replace what when the mode is another one', () => {
    const rules = (otherwise: 'allow' | 'deny') => ({ rules: [{ deny: '192.0.2.1' }], otherwise });
    const messageOf = (before: object, after: object): unknown =>
      (thrownBy(() => createLivePolicy(before as never).update(after as never, { maxLoss: 0.5 })) as Error)
        .message;
    const rest = ', all of which counts as lost, and maxLoss is 0.5';
    expect(messageOf({ deny: '192.0.2.1' }, { allow: '192.0.2.1' })).toBe(
      `the allow list would replace the deny list${rest}`,
    );
    expect(messageOf(rules('allow'), rules('deny'))).toBe(
      `rules with otherwise "deny" would replace rules with otherwise "allow"${rest}`,
    );
    expect(messageOf(rules('deny'), { deny: '192.0.2.1' })).toBe(
      `the deny list would replace rules with otherwise "deny"${rest}`,
    );
  });

  test.each<[unknown, string]>([
    [{ maxLoss: 2 }, 'maxLoss must be a share from 0 to 1, got 2'],
    [{ maxLoss: Number.NaN }, 'maxLoss must be a share from 0 to 1, got NaN'],
    [{ maxLoss: '0.5' }, 'maxLoss must be a share from 0 to 1, got a string'],
    [{ maxLoss: null }, 'maxLoss must be a share from 0 to 1, got null'],
    [{ ifVersion: 1.5 }, 'ifVersion must be a version: a whole number, got 1.5'],
    [{ ifVersion: null }, 'ifVersion must be a version: a whole number, got null'],
    [{ mayBeEmpty: 'no' }, 'mayBeEmpty must be true or false, got a string'],
    [{ mayBeEmpty: null }, 'mayBeEmpty must be true or false, got null'],
    [
      { mustAlow: [] },
      'there is no option "mustAlow", only mustAllow, mustDeny, ifVersion, maxLoss, mayBeEmpty',
    ],
  ])('refuses the guard %j', (guard, message) => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const error = thrownBy(() => live.update({ deny: '192.0.2.2' }, guard as never)) as ListError;
    expect(error.problems.map((problem) => [problem.code, problem.message])).toEqual([
      ['invalid-option', message],
    ]);
    expect(live.version).toBe(1);
  });

  test('compares with the version at its end, when what it reads makes updates', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    function* lines(): Generator<string> {
      live.update({ deny: '192.0.2.2' });
      yield '192.0.2.3';
    }
    expect(codesOf(() => live.update({ deny: lines() }, { ifVersion: 1 }))).toEqual(['version-conflict']);
    expect([live.version, live.allows('192.0.2.2')]).toEqual([2, false]);
  });
});

describe('subscribe', () => {
  test('tells each listener of each update once, in order, also of those made by a listener', () => {
    const live = createLivePolicy({ deny: '' });
    const heard: string[] = [];
    live.subscribe(({ version }) => {
      heard.push(`a${version}`);
      if (version < 4) live.update({ deny: `192.0.2.${version}` });
    });
    live.subscribe(({ version, after }) => heard.push(`b${version}:${after.size}`));
    live.update({ deny: '' });
    expect(heard).toEqual(['a2', 'b2:0', 'a3', 'b3:1', 'a4', 'b4:1']);
  });

  test('tells a listener nothing of an update that was made before it began, and is not told yet', () => {
    const live = createLivePolicy({ deny: '' });
    const heard: number[] = [];
    live.subscribe(({ version }) => {
      if (version > 2) return;
      live.update({ deny: '' });
      live.subscribe((update) => heard.push(update.version));
    });
    live.update({ deny: '' });
    live.update({ deny: '' });
    expect(heard).toEqual([4]);
  });

  test('tells a listener nothing after it ended, and nothing from before it began', () => {
    const live = createLivePolicy({ deny: '' });
    const heard: string[] = [];
    const end = live.subscribe(({ version }) => {
      heard.push(`first ${version}`);
      live.subscribe((update) => heard.push(`late ${update.version}`));
      endLast();
      end();
      end();
    });
    const endLast = live.subscribe(() => heard.push('last'));
    live.update({ deny: '' });
    live.update({ deny: '' });
    expect(heard).toEqual(['first 2', 'late 3']);
  });

  test('reports what listeners throw and what their promises reject with, and goes on', async () => {
    const calls = mockConsole();
    const live = createLivePolicy({ deny: '' });
    const heard: PolicyUpdate[] = [];
    live.subscribe(() => {
      throw new Error('thrown');
    });
    live.subscribe(async () => {
      throw new Error('rejected');
    });
    live.subscribe((update) => heard.push(update));
    const update = live.update({ deny: '' });
    await Promise.resolve();
    expect(heard).toEqual([update]);
    await vi.waitFor(() =>
      expect(calls.map(([, error]) => (error as Error).message)).toEqual(['thrown', 'rejected']),
    );
  });

  test('takes only functions', () => {
    const live = createLivePolicy({ deny: '' });
    expect(codesOf(() => live.subscribe(5 as never))).toEqual(['options invalid-option']);
  });
});

describe('time', () => {
  const list = { allow: '192.0.2.1 until 1970-01-01T00:00:10Z\n192.0.2.2 from 1970-01-01T00:00:20Z' };

  /** A clock that a test sets. */
  function clock(second: number): { (): number; time: unknown; reads: number } {
    const read = (): number => {
      read.reads++;
      if (read.time instanceof Error) throw read.time;
      return read.time as number;
    };
    read.time = (second * 1000) as unknown;
    read.reads = 0;
    return read;
  }

  const verdicts = (policy: Policy): string =>
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((ip) => (policy.allows(ip) ? '+' : '-')).join('');

  test('ends an entry at its millisecond, and begins one at its own, without a version', () => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    expect([verdicts(live), live.changesAt]).toEqual(['+--', at(10)]);
    now.time = 9_999;
    expect(verdicts(live)).toBe('+--');
    now.time = 10_000;
    expect(live.decide('192.0.2.1').reason).toBe('not-listed');
    expect([verdicts(live), live.changesAt]).toEqual(['---', at(20)]);
    now.time = 20_000;
    expect([verdicts(live), live.changesAt, live.version]).toEqual(['-+-', undefined, 1]);
  });

  test.each<[string, (live: LivePolicy) => unknown]>([
    ['decide', (live) => live.decide('192.0.2.1').verdict],
    ['allows', (live) => (live.allows('192.0.2.1') ? 'allow' : 'deny')],
    ['explain', (live) => live.explain('192.0.2.1').verdict],
    ['current', (live) => live.current.decide('192.0.2.1').verdict],
  ])('is kept by %s alone', (_, ask) => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    now.time = 10_000;
    expect(ask(live)).toBe('deny');
  });

  test('never goes back', () => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    now.time = 15_000;
    expect(verdicts(live)).toBe('---');
    now.time = 5_000;
    expect(verdicts(live)).toBe('---');
    // Neither by a list without an instant, nor by a policy that was made for an earlier one.
    live.update(list);
    expect(verdicts(live)).toBe('---');
    live.update(createPolicy(list, { at: at(5) }));
    expect(verdicts(live)).toBe('---');
    now.time = 20_000;
    expect(verdicts(live)).toBe('-+-');
  });

  test.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['text', '99999999'],
    ['nothing', undefined],
    ['an error', new Error('no clock')],
    [
      'an object',
      {
        valueOf: () => {
          throw new Error('no');
        },
      },
    ],
  ])('stands still while the clock gives %s', (_, time) => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    now.time = 12_000;
    expect(verdicts(live)).toBe('---');
    now.time = time;
    expect(verdicts(live)).toBe('---');
    expect(live.update(list).after.changesAt).toEqual(at(20));
    now.time = 20_000;
    expect(verdicts(live)).toBe('-+-');
  });

  test('knows no instant before the clock has given one: a list with times is refused', () => {
    const now = clock(Number.NaN);
    expect(codesOf(() => createLivePolicy(list, { now }))).toEqual(['allow instant-required']);
    const live = createLivePolicy({ deny: '192.0.2.1' }, { now });
    expect(codesOf(() => live.update({ ...list, exempt: '192.0.2.9 until 1970-01-01T00:00:10Z' }))).toEqual([
      'allow instant-required',
      'exempt instant-required',
    ]);
    expect(live.version).toBe(1);
  });

  test('reads no clock without times', () => {
    const now = clock(5);
    const live = createLivePolicy({ deny: '192.0.2.1' }, { now });
    verdicts(live);
    live.update(
      { rules: [{ allow: '192.0.2.1' }], otherwise: 'deny' },
      { maxLoss: 1, mustAllow: ['192.0.2.1'] },
    );
    live.update(createPolicy({ deny: '192.0.2.1' }));
    verdicts(live);
    expect([live.changesAt, live.size, now.reads]).toEqual([undefined, 1, 0]);
  });

  test('reads the clock no more once nothing is to begin or end', () => {
    const now = clock(30);
    const live = createLivePolicy(list, { now });
    now.reads = 0;
    verdicts(live);
    expect(now.reads).toBe(0);
  });

  test('reads all lists of one update for one instant', () => {
    let time = 9_999;
    const now = (): number => time++;
    const rules = {
      rules: [
        { allow: '192.0.2.1 until 1970-01-01T00:00:10Z' },
        { deny: '192.0.2.1 from 1970-01-01T00:00:10Z' },
      ],
      otherwise: 'allow',
    } as const;
    const live = createLivePolicy({ deny: '' }, { now });
    const { after } = live.update(rules);
    expect([after.decide('192.0.2.1').reason]).toEqual(['listed']);
  });

  test('brings a policy to an instant that came while its guards were tested', () => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    function* clients(): Generator<string> {
      now.time = 10_000;
      live.decide('192.0.2.1');
      yield '192.0.2.1';
    }
    live.update(list, { mustAllow: clients() });
    expect([verdicts(live), live.changesAt]).toEqual(['---', at(20)]);
  });

  test('guards and counts for the instant of the update', () => {
    const now = clock(5);
    const live = createLivePolicy(list, { now });
    now.time = 12_000;
    // Nothing is listed any more that could be lost, and the new policy denies what has ended.
    expect(
      live.update(createPolicy(list, { at: at(5) }), { maxLoss: 0, mustDeny: ['192.0.2.1'] }).version,
    ).toBe(2);
    expect(
      codesOf(() => live.update(createPolicy(list, { at: at(5) }), { mustAllow: ['192.0.2.1'] })),
    ).toEqual(['mustAllow must-allow']);
  });

  test('an allow list whose entries have all ended denies everybody', () => {
    const now = clock(5);
    const live = createLivePolicy({ allow: '192.0.2.1 until 1970-01-01T00:00:10Z' }, { now });
    now.time = 10_000;
    expect(verdicts(live)).toBe('---');
  });

  test('keeps that of rules and of exemptions', () => {
    const now = clock(5);
    const live = createLivePolicy(
      {
        rules: [{ allow: '192.0.2.0/24', except: '192.0.2.1 until 1970-01-01T00:00:10Z' }],
        otherwise: 'deny',
        exempt: '192.0.2.1 from 1970-01-01T00:00:20Z',
      },
      { now },
    );
    const reason = (): string => live.decide('192.0.2.1').reason;
    expect(reason()).toBe('not-listed');
    now.time = 10_000;
    expect(reason()).toBe('listed');
    now.time = 20_000;
    expect(reason()).toBe('exempt');
  });
});
