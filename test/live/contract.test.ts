/** A live policy as those who hold it see it: what is promised, asked from outside. */

import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { comparePolicies } from '../../src/public/list.ts';
import { createLivePolicy, follow, type LivePolicy, UpdateError } from '../../src/public/live.ts';
import { createRules } from '../../src/public/rules.ts';
import { AddressSet } from '../../src/public/set.ts';

const T0 = Date.UTC(2026, 11, 31, 17);
const ISO = (minute: number): string => new Date(T0 + minute * 60_000).toISOString();

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UpdateError) return error.code;
    if (error instanceof ListError) return error.problems.map(({ code }) => code).join();
    throw error;
  }
  return 'done';
}

const quiet = (): ReturnType<typeof vi.spyOn> => {
  const error = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => error.mockRestore());
  return error;
};

describe('an update', () => {
  test('takes a policy, an input, rules and a live policy', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const policy = createPolicy({ allow: '192.0.2.0/24' });
    expect(live.version).toBe(1);
    expect(live.update(policy).version).toBe(2);
    expect(live.current).toBe(policy);
    live.update({ rules: [{ deny: '192.0.2.9', name: 'One' }], otherwise: 'allow' });
    expect(live.decide('192.0.2.9').entry?.rule).toBe('One');
    const other = createLivePolicy(policy);
    live.update(other);
    expect(live.current).toBe(policy);
    other.update({ deny: '' });
    expect(live.current).toBe(policy);
    expect([live.mode, live.size, live.version]).toEqual(['allow', 1, 4]);
    expect(createLivePolicy(live).current).toBe(policy);
  });

  test('that fails changes nothing, and says why', () => {
    const live = createLivePolicy({ allow: '192.0.2.0/24\n198.51.100.0/24' });
    const before = live.current;
    const cases: readonly (readonly [code: string, run: () => unknown])[] = [
      ['octet-range', () => live.update({ allow: '192.0.2.256' })],
      ['one-list-required', () => live.update({} as never)],
      ['one-list-required', () => live.update(undefined as never)],
      ['must-allow', () => live.update({ allow: '192.0.2.1' }, { mustAllow: ['192.0.2.2'] })],
      ['must-deny', () => live.update({ deny: '192.0.2.1' }, { mustDeny: ['192.0.2.2'] })],
      ['must-allow', () => live.update({ allow: '192.0.2.1', mustAllow: ['192.0.2.2'] })],
      ['version-conflict', () => live.update({ allow: '192.0.2.1' }, { ifVersion: 2 })],
      ['too-much-lost', () => live.update({ allow: '192.0.2.0/24' }, { maxLoss: 0.49 })],
      ['too-much-lost', () => live.update({ deny: '192.0.2.0/24\n198.51.100.0/24' }, { maxLoss: 0.99 })],
      ['would-be-empty', () => live.update({ allow: '# none' }, { mayBeEmpty: false })],
      ['would-be-empty', () => live.update({ deny: '' }, { mayBeEmpty: false })],
      [
        'would-be-empty',
        () => live.update({ rules: [{ allow: '' }], otherwise: 'deny' }, { mayBeEmpty: false }),
      ],
      ['invalid-option', () => live.update({ deny: '' }, { maxLoss: 2 })],
      ['invalid-option', () => live.update({ deny: '' }, { maxLoss: Number.NaN })],
      ['invalid-option', () => live.update({ deny: '' }, { maxLos: 0 } as never)],
      ['invalid-option', () => live.update({ deny: '' }, { mayBeEmpty: 'no' } as never)],
      ['invalid-option', () => live.update({ deny: '' }, { ifVersion: '1' } as never)],
    ];
    for (const [code, run] of cases) expect(codeOf(run)).toBe(code);
    expect(live.current).toBe(before);
    expect(live.version).toBe(1);
  });

  test('passes at the limit of its guards', () => {
    const live = createLivePolicy({ allow: '192.0.2.0/24\n198.51.100.0/24\n2001:db8::/32' });
    expect(codeOf(() => live.update({ allow: '192.0.2.0/24\n2001:db8::/32' }, { maxLoss: 0.5 }))).toBe(
      'done',
    );
    expect(codeOf(() => live.update({ allow: '192.0.2.0/24\n203.0.113.0/24' }, { maxLoss: 0.99 }))).toBe(
      'too-much-lost',
    );
    expect(codeOf(() => live.update({ allow: '192.0.2.0/25' }, { maxLoss: 1, ifVersion: 2 }))).toBe('done');
    expect(live.version).toBe(3);
  });

  test('is counted exactly: ten addresses, one of them lost', () => {
    const ten = Array.from({ length: 10 }, (_, last) => `2001:db8::${last + 1}`);
    const lose = (maxLoss: number): string =>
      codeOf(() => createLivePolicy({ deny: ten }).update({ deny: ten.slice(1) }, { maxLoss }));
    expect([lose(0.1), lose(0.0999999)]).toEqual(['done', 'too-much-lost']);
  });

  test('counts clients, and so nobody in the IPv4-mapped block', () => {
    const lose = (next: string, maxLoss: number): string =>
      codeOf(() => createLivePolicy({ deny: '::fffc:0:0/94' }).update({ deny: next }, { maxLoss }));
    // Three blocks of clients, beside the one that holds none.
    expect([lose('::fffc:0:0/95', 0.34), lose('::fffc:0:0/95', 0.33)]).toEqual(['done', 'too-much-lost']);
    expect([lose('::fffe:0:0/96', 0.67), lose('::fffe:0:0/96', 0.66)]).toEqual(['done', 'too-much-lost']);
  });

  test('heeds what foreign code does meanwhile', () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const list = {
      *[Symbol.iterator]() {
        live.update({ deny: '192.0.2.7' });
        yield '192.0.2.2';
      },
    };
    expect(codeOf(() => live.update({ deny: list }, { ifVersion: 1 }))).toBe('version-conflict');
    expect([live.version, live.allows('192.0.2.7')]).toEqual([2, false]);
    const update = live.update({ deny: list });
    expect(update.before.allows('192.0.2.7')).toBe(false);
    expect([update.version, live.version]).toEqual([4, 4]);
  });

  test('tells what it changed when it is asked', () => {
    const live = createLivePolicy({ allow: '192.0.2.0/24' });
    const { changes, before, after } = live.update({ allow: '192.0.2.0/25\n198.51.100.1' });
    expect(changes.allowed.prefixes).toEqual(['198.51.100.1']);
    expect(changes.denied.prefixes).toEqual(['192.0.2.128/25']);
    expect([before.allows('192.0.2.200'), after]).toEqual([true, live.current]);
  });
});

describe('near the limit of the stack, an update', () => {
  /** Calls a function that many frames below. */
  function callBelow(frames: number, call: () => void): void {
    if (frames === 0) call();
    else callBelow(frames - 1, call);
  }

  test('happens or throws, and listeners go on hearing', () => {
    quiet();
    const [first, next] = [createPolicy({ deny: '192.0.2.1' }), createPolicy({ deny: '192.0.2.2' })];
    const updateBelow = (frames: number): string => {
      const live = createLivePolicy(first);
      const heard: number[] = [];
      live.subscribe(({ version }) => heard.push(version));
      let outcome = 'is not called';
      try {
        callBelow(frames, () => {
          outcome = 'throws';
          live.update(next);
          outcome = 'happens';
        });
      } catch {
        // The limit of the stack.
      }
      const version = outcome === 'happens' ? 2 : 1;
      expect([live.version, live.allows('192.0.2.1')]).toEqual([version, version === 2]);
      live.update(first);
      expect(heard.at(-1)).toBe(version + 1);
      expect(new Set(heard).size).toBe(heard.length);
      return outcome;
    };
    let frames = 100;
    while (updateBelow(frames) === 'happens') frames += 100;
    const outcomes = Array.from({ length: 300 }, (_, index) => updateBelow(frames + 100 - index));
    expect(new Set(outcomes)).toEqual(new Set(['is not called', 'throws', 'happens']));
  });

  // Where any call may throw, these stand for the one that does.
  const overflow = (): never => {
    throw new RangeError('Maximum call stack size exceeded');
  };

  test('that fails while listeners are told has happened, and the others hear of it with the next one', () => {
    const [first, next] = [createPolicy({ deny: '192.0.2.1' }), createPolicy({ deny: '192.0.2.2' })];
    const live = createLivePolicy(first);
    const heard: string[] = [];
    for (const name of ['a', 'b']) live.subscribe(({ version }) => heard.push(`${name}${version}`));
    const has = vi.spyOn(Set.prototype, 'has').mockImplementationOnce(overflow);
    const { version } = live.update(next);
    has.mockRestore();
    expect([version, live.version, live.allows('192.0.2.1'), heard]).toEqual([2, 2, true, []]);
    live.update(first);
    expect(heard).toEqual(['b2', 'a3', 'b3']);
  });

  test('that fails before it is complete has not happened', () => {
    const [first, next] = [createPolicy({ deny: '192.0.2.1' }), createPolicy({ deny: '192.0.2.2' })];
    const live = createLivePolicy(first);
    const heard: number[] = [];
    live.subscribe(({ version }) => heard.push(version));
    const { freeze } = Object;
    const spy = vi
      .spyOn(Object, 'freeze')
      .mockImplementation((given) => (Object.hasOwn(given as object, 'before') ? overflow() : freeze(given)));
    expect(() => live.update(next)).toThrow('Maximum call stack');
    spy.mockRestore();
    expect([live.version, live.allows('192.0.2.1'), heard]).toEqual([1, false, []]);
    live.update(next);
    expect([live.version, live.allows('192.0.2.1'), heard]).toEqual([2, true, [2]]);
  });
});

describe('listeners', () => {
  test('hear each update once and in order, also those that they make', () => {
    const error = quiet();
    const live = createLivePolicy({ deny: '' });
    const heard: string[] = [];
    live.subscribe(({ version }) => {
      heard.push(`a${version}`);
      if (version < 4) live.update({ deny: `192.0.2.${version}` });
    });
    live.subscribe(() => {
      throw new Error('broken');
    });
    live.subscribe((async () => {
      throw new Error('broken later');
    }) as never);
    const stop = live.subscribe(({ version }) => heard.push(`b${version}`));
    live.update({ deny: '192.0.2.1' });
    expect(heard).toEqual(['a2', 'b2', 'a3', 'b3', 'a4', 'b4']);
    stop();
    stop();
    live.update({ deny: '' });
    expect(heard.slice(6)).toEqual(['a5']);
    expect(error).toHaveBeenCalled();
  });

  test('may not be anything but functions', () => {
    expect(() => createLivePolicy({ deny: '' }).subscribe({} as never)).toThrow(/function/);
  });
});

describe('time', () => {
  test('ends an entry at its instant and not before, without a version', () => {
    let now = T0;
    const live = createLivePolicy(
      { allow: `192.0.2.1 until ${ISO(60)} # Contractor\n192.0.2.2 from ${ISO(60)}` },
      { now: () => now },
    );
    const heard: unknown[] = [];
    live.subscribe((update) => heard.push(update));
    expect(live.changesAt).toEqual(new Date(T0 + 3_600_000));
    now = T0 + 3_599_999;
    expect([live.allows('192.0.2.1'), live.allows('192.0.2.2')]).toEqual([true, false]);
    now = T0 + 3_600_000;
    expect(live.decide('192.0.2.1')).toMatchObject({ verdict: 'deny', reason: 'not-listed' });
    expect([live.allows('192.0.2.2'), live.changesAt, live.version]).toEqual([true, undefined, 1]);
    now = T0;
    expect(live.allows('192.0.2.1')).toBe(false);
    expect(heard).toEqual([]);
  });

  test('never comes back, not even by an update with a policy of an earlier instant', () => {
    let now = T0 + 7_200_000;
    const early = createPolicy({ allow: `192.0.2.1 until ${ISO(60)}`, at: new Date(T0) });
    const live = createLivePolicy({ allow: `192.0.2.9 until ${ISO(300)}` }, { now: () => now });
    expect(live.allows('192.0.2.9')).toBe(true);
    now = T0;
    live.update(early);
    expect(live.allows('192.0.2.1')).toBe(false);
  });

  test("is the clock's, also for a policy that was made for a later instant", () => {
    const live = createLivePolicy({ deny: '' }, { now: () => T0 });
    const later = new Date(T0 + 7_200_000);
    live.update({ deny: `192.0.2.1 until ${ISO(60)}`, at: later });
    expect([live.allows('192.0.2.1'), live.changesAt]).toEqual([false, new Date(T0 + 3_600_000)]);
    live.update(createPolicy({ allow: `192.0.2.1 from ${ISO(60)}`, whenEmpty: 'deny', at: later }));
    expect(live.allows('192.0.2.1')).toBe(false);
  });

  test.each([
    ['NaN', () => Number.NaN],
    ['Infinity', () => Number.POSITIVE_INFINITY],
    ['text', () => '9' as unknown as number],
    ['an instant beyond all dates', () => 8.64e15 + 1024],
    ['a promise that rejects', (() => Promise.reject(new Error('no clock'))) as never],
    [
      'a throw',
      () => {
        throw new Error('no clock');
      },
    ],
  ])('stands still where the clock gives %s', (_, broken) => {
    let now: () => number = () => T0;
    const live = createLivePolicy({ allow: `192.0.2.1 until ${ISO(60)}` }, { now: () => now() });
    expect(live.allows('192.0.2.1')).toBe(true);
    now = broken;
    expect(live.decide('192.0.2.1').verdict).toBe('allow');
    expect(live.decide('x').reason).toBe('invalid-address');
    now = () => T0 + 3_600_000;
    expect(live.allows('192.0.2.1')).toBe(false);
    now = broken;
    expect(live.allows('192.0.2.1')).toBe(false);
  });

  test('is not asked for where nothing begins or ends', () => {
    const now = vi.fn(() => T0);
    const live = createLivePolicy({ allow: '192.0.2.1', exempt: ['192.0.2.7'] }, { now });
    live.decide('192.0.2.1');
    live.explain('192.0.2.1');
    live.update({ rules: [{ allow: '192.0.2.1' }], otherwise: 'deny' });
    live.allows('192.0.2.1');
    expect(now).not.toHaveBeenCalled();
  });

  test('of rules, exemptions and lists is one', () => {
    const clock = vi.fn(() => T0);
    const live = createLivePolicy(
      {
        rules: [
          { deny: `192.0.2.1 until ${ISO(1)}` },
          { allow: '192.0.2.0/24', except: `192.0.2.5 from ${ISO(2)}` },
        ],
        otherwise: 'deny',
        exempt: `192.0.2.1 from ${ISO(1)} until ${ISO(3)}`,
      },
      { now: clock },
    );
    const seen = [0, 1, 2, 3].map((minute) => {
      clock.mockReturnValue(T0 + minute * 60_000);
      return ['192.0.2.1', '192.0.2.5'].map((client) => live.decide(client).reason + live.allows(client));
    });
    expect(seen).toEqual([
      ['listedfalse', 'listedtrue'],
      ['exempttrue', 'listedtrue'],
      ['exempttrue', 'not-listedfalse'],
      ['listedtrue', 'not-listedfalse'],
    ]);
  });

  test('goes on for a policy that was made with `at`, and for one that is taken over', () => {
    let now = T0;
    const first = createPolicy({ deny: `192.0.2.1 until ${ISO(5)}`, at: new Date(T0) });
    const live = createLivePolicy(first, { now: () => now });
    expect(live.current).toBe(first);
    now = T0 + 5 * 60_000;
    expect(live.allows('192.0.2.1')).toBe(true);
    const input = { deny: `192.0.2.2 until ${ISO(10)}`, at: new Date(T0) };
    live.update(input);
    now += 5 * 60_000;
    expect(live.allows('192.0.2.2')).toBe(true);
  });

  test('decides as a policy of the instant does, forward in any steps', () => {
    const minute = fc.integer({ min: 0, max: 9 });
    const line = fc
      .tuple(
        fc.integer({ min: 0, max: 5 }),
        minute,
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([last, from, length, kind]) =>
        [
          `10.0.0.${last}`,
          ...(kind & 1 ? [`from ${ISO(from)}`] : []),
          ...(kind & 2 ? [`until ${ISO(from + length)}`] : []),
        ].join(' '),
      );
    const list = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n'));
    const mode = fc.constantFrom('allow' as const, 'deny' as const);
    fc.assert(
      fc.property(
        mode,
        list,
        list,
        fc.array(minute, { minLength: 1, maxLength: 6 }),
        (kind, text, exempt, steps) => {
          let now = T0;
          const input = { mode: kind, list: text, exempt };
          const live = createLivePolicy(input, { now: () => now });
          let latest = T0;
          for (const step of steps) {
            now = T0 + step * 60_000;
            latest = Math.max(latest, now);
            const expected: Policy = createPolicy({ ...input, at: new Date(latest) });
            for (const last of [0, 1, 2, 3, 4, 5]) {
              expect(live.explain(`10.0.0.${last}`)).toEqual(expected.explain(`10.0.0.${last}`));
            }
            expect(live.changesAt).toEqual(expected.changesAt);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a live policy is taken where a policy is', () => {
  test('by comparisons and sets, as it is at that moment', () => {
    const live: LivePolicy = createLivePolicy({ allow: '192.0.2.0/24' });
    const { current } = live;
    expect(
      comparePolicies(live, createRules({ rules: [{ allow: '192.0.2.0/24' }], otherwise: 'deny' })),
    ).toEqual(comparePolicies(current, current));
    const set = AddressSet.allowedBy(live);
    live.update({ allow: '198.51.100.1' });
    expect(set.prefixes).toEqual(['192.0.2.0/24']);
    expect(AddressSet.allowedBy(live).prefixes).toEqual(['198.51.100.1']);
  });

  test('with functions that need no this, and as plain frozen data', () => {
    const live = createLivePolicy({ allow: '192.0.2.0/24' });
    const { decide, allows, explain, update, subscribe } = live;
    subscribe(() => {});
    update({ deny: '192.0.2.1' });
    expect([decide('192.0.2.1').verdict, allows('192.0.2.2'), explain('x').reason]).toEqual([
      'deny',
      true,
      'invalid-address',
    ]);
    expect(Object.isFrozen(live)).toBe(true);
  });

  test('but a look-alike is not', () => {
    const copy = { ...createPolicy({ deny: '' }) };
    expect(codeOf(() => createLivePolicy(copy as never))).toMatch(/one-list-required|invalid-option/);
    expect(codeOf(() => createLivePolicy({ deny: '' }, { clock: Date.now } as never))).toBe('invalid-option');
    expect(codeOf(() => createLivePolicy({ deny: '' }, { now: 5 } as never))).toBe('invalid-option');
  });
});

describe('follow', () => {
  test('heeds no clock that is set forward while it loads', async () => {
    const clock = vi.spyOn(Date, 'now');
    onTestFinished(() => clock.mockRestore());
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const load = async (): Promise<{ policy: { deny: string } }> => {
      clock.mockReturnValue(Date.now() + 3_600_000);
      return { policy: { deny: '198.51.100.1' } };
    };
    const follower = follow(live, load, { every: 3_600_000, timeout: 5_000 });
    await follower.ready;
    await follower.close();
    expect(live.version).toBe(2);
  });

  test('changes nothing when what reads the lists closes it', async () => {
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const controller = new AbortController();
    const deny = {
      *[Symbol.iterator]() {
        controller.abort();
        yield '198.51.100.1';
      },
    };
    const follower = follow(live, async () => ({ policy: { deny } }), {
      every: 60_000,
      signal: controller.signal,
    });
    await expect(follower.ready).rejects.toThrow(/closed/);
    expect([live.version, live.allows('198.51.100.1')]).toEqual([1, true]);
  });

  test('takes nothing that came after the time limit, even if the thread was busy', async () => {
    const clock = vi.spyOn(performance, 'now');
    onTestFinished(() => clock.mockRestore());
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const load = async (): Promise<{ policy: { deny: string } }> => {
      // As if the loop had been blocked meanwhile: no timer has fired.
      clock.mockReturnValue(performance.now() + 60_000);
      return { policy: { deny: '198.51.100.1' } };
    };
    const errors: unknown[] = [];
    const follower = follow(live, load, {
      every: 60_000,
      timeout: 50,
      onError: (error) => errors.push(error),
    });
    await expect(follower.refresh()).rejects.toThrow(/longer than 50 ms/);
    await follower.close();
    expect([live.version, errors.length]).toEqual([1, 1]);
  });
});
