import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createPolicy, ListError } from '../../src/public/index.ts';
import {
  createLivePolicy,
  type Follower,
  type FollowOptions,
  type FollowStatus,
  follow,
  type LivePolicy,
  type Loaded,
  type LoadRequest,
  type PolicyUpdate,
} from '../../src/public/live.ts';

/** What a loader does at one load. */
type Answer = Loaded | undefined | Error | ((request: LoadRequest) => unknown);

interface Setup {
  readonly live: LivePolicy;
  readonly follower: Follower;
  /** What each load was told. */
  readonly requests: LoadRequest[];
  readonly errors: { readonly message: string; readonly status: FollowStatus }[];
  readonly updates: PolicyUpdate[];
  /** Milliseconds of the fake clock at each load. */
  readonly times: number[];
}

/** A follower of a loader that answers one thing after the other, and then the last one again. */
function setUp(answers: readonly Answer[], options: Partial<FollowOptions> = {}): Setup {
  const live = createLivePolicy({ deny: '192.0.2.1' });
  const requests: LoadRequest[] = [];
  const times: number[] = [];
  const errors: Setup['errors'] = [];
  const updates: PolicyUpdate[] = [];
  const load = (request: LoadRequest): Promise<Loaded | undefined> => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request);
    times.push(Date.now());
    if (typeof answer === 'function') return answer(request) as Promise<Loaded>;
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const follower = follow(live, load, {
    every: 1_000,
    jitter: 0,
    onError: (error, status) => {
      errors.push({ message: error instanceof Error ? error.message : String(error), status });
    },
    onUpdate: (update) => {
      updates.push(update);
    },
    ...options,
  });
  onTestFinished(() => follower.close());
  return { live, follower, requests, errors, updates, times };
}

const listOf = (ip: string, tag?: string): Loaded => ({
  policy: { deny: ip },
  ...(tag === undefined ? {} : { tag }),
});
const thenable = (then: (resolve: unknown, reject: (error: unknown) => void) => void): unknown =>
  Object.fromEntries([['then', then]]);
const never = (): unknown => new Promise(() => {});
const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

/** Timers as Node has them: each holds the process until it has run, is cleared or is told not to. */
function holdTimers(): { held(): number; count(): number } {
  const timers = new Set<object>();
  const { setTimeout: start, clearTimeout: clear } = globalThis;
  const mock = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, wait: number) => {
    const ended = (): void => {
      timers.delete(timer);
      run();
    };
    const timer: object = Object.assign(start(ended, wait) as object, {
      ref: () => timers.add(timer),
      unref: () => timers.delete(timer),
    });
    timers.add(timer);
    return timer;
  }) as never);
  const cleared = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(((timer: object) => {
    timers.delete(timer);
    clear(timer as never);
  }) as never);
  onTestFinished(() => {
    mock.mockRestore();
    cleared.mockRestore();
  });
  return { held: () => timers.size, count: () => mock.mock.calls.length };
}

function mockConsole(): readonly (readonly unknown[])[] {
  const mock = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => mock.mockRestore());
  return mock.mock.calls;
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('shows its status in a console and as JSON, and its copies load and close', async () => {
  const { follower, requests } = setUp([new Error('down'), listOf('192.0.2.2', 'a')]);
  await expect(follower.refresh()).rejects.toThrow('down');
  const { status } = follower;
  expect(inspect({ follower })).toBe(inspect({ follower: { status } }));
  expect(JSON.parse(JSON.stringify({ follower }))).toEqual({
    follower: { status: { failures: 1, lastFailure: status.lastFailure?.toJSON(), lastError: '"down"' } },
  });
  const { refresh, close, ...others } = { ...follower };
  await refresh();
  expect([JSON.parse(JSON.stringify(follower)).status.tag, requests.length, others]).toEqual(['a', 2, {}]);
  await close();
  expect([await follower.refresh(), requests.length]).toEqual([undefined, 2]);
});

test('holds the other guards where maxLoss is another one for one load', async () => {
  const first = listOf('192.0.2.2');
  const { live, follower } = setUp([first, listOf(''), listOf('192.0.2.7'), listOf('192.0.2.3')], {
    maxLoss: 0,
    mustAllow: ['192.0.2.7'],
  });
  await expect(follower.refresh({ maxLoss: 1 })).rejects.toThrow('mayBeEmpty is false');
  await expect(follower.refresh({ maxLoss: 1 })).rejects.toThrow('mustAllow');
  await follower.refresh({ maxLoss: 1 });
  expect(live.allows('192.0.2.3')).toBe(false);
});

describe('follow', () => {
  test('loads at once, and again after each interval; hands over the tag that was taken', async () => {
    const { live, follower, requests, updates, times } = setUp([
      listOf('192.0.2.2', 'a'),
      undefined,
      listOf('192.0.2.3'),
    ]);
    expect(requests.map(({ tag }) => tag)).toEqual([undefined]);
    await follower.ready;
    expect([live.version, live.allows('192.0.2.2'), follower.status.tag]).toEqual([2, false, 'a']);
    await pass(1_000);
    expect([live.version, follower.status]).toEqual([
      2,
      { tag: 'a', lastSuccess: new Date(1_000), lastFailure: undefined, lastError: undefined, failures: 0 },
    ]);
    await pass(2_000);
    expect([times, requests.map(({ tag }) => tag)]).toEqual([
      [0, 1_000, 2_000, 3_000],
      [undefined, 'a', 'a', undefined],
    ]);
    expect(updates.map(({ version }) => version)).toEqual([2, 3, 4]);
  });

  test.each<[string, Answer, string | RegExp]>([
    ['an error', new Error('unreachable'), 'unreachable'],
    ['a bad line', listOf('192.0.2.300', 'bad'), /octet "300" is above 255/],
    ['an empty list', listOf('', 'bad'), 'the new deny list has no entries, and mayBeEmpty is false'],
    ['a loss', listOf('192.0.2.9', 'bad'), /1 of 1 listed IPv4 addresses would cease to be listed/],
    ['a guarded client', listOf('192.0.2.2\n192.0.2.7', 'bad'), /mustAllow, line 1/],
    ['a number', () => 5, /^load must give \{ policy, tag \}, or undefined .* got a number$/],
    ['null', () => null, /got null$/],
    ['a list that is not in an object', () => ({ deny: '192.0.2.9' }), /got an object$/],
    ['no policy', () => ({ policy: undefined }), /needs one list/],
    ['a promise that rejects as policy', () => ({ policy: Promise.reject('x') }), /wait for the promise/],
    [
      'a misspelt tag',
      () => ({ policy: { deny: '192.0.2.2' }, etag: 'a' }),
      /^load must give policy and tag alone, got "etag": a version or an ETag is the tag$/,
    ],
    ['a list that is null', () => ({ policy: { deny: null } }), /needs one list: deny is null/],
    [
      'a tag that is not text',
      () => ({ policy: { deny: '192.0.2.2' }, tag: 7 }),
      /^the tag .* got a number$/,
    ],
    [
      'something thrown',
      () => {
        throw new Error('at once');
      },
      'at once',
    ],
    ['undefined thrown', () => Promise.reject(undefined), 'undefined'],
    [
      'a thenable that throws',
      () =>
        thenable(() => {
          throw new Error('no');
        }),
      'no',
    ],
    ['a thenable that rejects', () => thenable((_, reject) => reject(new Error('rejected'))), 'rejected'],
    [
      'a getter that throws',
      () => ({
        get policy() {
          throw new Error('read');
        },
      }),
      'read',
    ],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            get() {
              throw new Error('trap');
            },
          },
        ),
      'trap',
    ],
    [
      'a list that throws',
      () => ({
        policy: {
          deny: (function* () {
            yield '192.0.2.2';
            throw new Error('in the middle');
          })(),
        },
      }),
      /in the middle/,
    ],
  ])('keeps the last good policy and its tag after %s, and says so once', async (_, answer, message) => {
    const { live, follower, requests, errors, updates } = setUp([listOf('192.0.2.2', 'good'), answer], {
      maxLoss: 0.5,
      mustAllow: ['192.0.2.7'],
      maxBackoff: 1_000,
    });
    live.update({ deny: '192.0.2.2' });
    await follower.ready;
    const { current } = live;
    await pass(5_000);
    expect([live.current === current, follower.status.tag, updates.length]).toEqual([true, 'good', 1]);
    expect(errors.map((error) => error.message)).toEqual([expect.stringMatching(message)]);
    expect(errors[0]?.status).toEqual({
      tag: 'good',
      lastSuccess: new Date(0),
      lastFailure: new Date(1_000),
      lastError: errors[0]?.status.lastError,
      failures: 1,
    });
    expect([follower.status.failures, requests.length, requests.at(-1)?.tag]).toEqual([5, 6, 'good']);
  });

  test('reports a failure again after a success, and each of several', async () => {
    const [one, other] = [new Error('one'), new Error('other')];
    const { errors } = setUp([one, one, other, one, undefined, one], { maxBackoff: 1_000 });
    await pass(5_000);
    expect(errors.map(({ message }) => message)).toEqual(['one', 'other', 'one', 'one']);
  });

  test('tells failures apart by their cause, too', async () => {
    const causes = ['refused', 'refused', 'not found'].map(
      (cause) => new Error('fetch failed', { cause: new Error(cause) }),
    );
    const { errors } = setUp(causes, { maxBackoff: 1_000 });
    await pass(5_000);
    expect(errors).toHaveLength(2);
  });

  test('waits twice as long after each further failure, up to a limit, and as usual after a success', async () => {
    const fail = new Error('down');
    const { times } = setUp([fail, fail, fail, fail, fail, fail, undefined]);
    await pass(37_000);
    const waits = times.slice(1).map((time, at) => (time - (times[at] as number)) / 1_000);
    expect(waits).toEqual([1, 2, 4, 8, 10, 10, 1, 1]);
  });

  test('makes each wait longer or shorter at random', async () => {
    const random = vi.spyOn(Math, 'random');
    onTestFinished(() => random.mockRestore());
    random.mockReturnValueOnce(0).mockReturnValueOnce(0.5).mockReturnValue(1);
    const { times } = setUp([undefined], { jitter: 0.2 });
    await pass(3_000);
    expect(times).toEqual([0, 800, 1_800, 3_000]);
  });

  test('loads one at a time: a refresh joins the load that is under way', async () => {
    let end: (loaded: Loaded) => void = () => {};
    const { follower, requests, times } = setUp([
      () =>
        new Promise<Loaded>((resolve) => {
          end = resolve;
        }),
      undefined,
    ]);
    const [first, second] = [follower.refresh(), follower.refresh()];
    await pass(5_000);
    expect(requests).toHaveLength(1);
    end(listOf('192.0.2.2'));
    expect(await first).toBe(await second);
    expect((await first)?.version).toBe(2);
    await pass(400);
    expect(await follower.refresh()).toBe(undefined);
    // The interval begins again.
    await pass(1_000);
    expect(times).toEqual([0, 5_400, 6_400]);
  });

  test('survives a loader that asks for a refresh', async () => {
    let follower: Follower | undefined;
    const live = createLivePolicy({ deny: '192.0.2.1' });
    let loads = 0;
    follower = follow(
      live,
      async () => {
        loads++;
        follower?.refresh();
        return listOf('192.0.2.2');
      },
      { every: 1_000, jitter: 0 },
    );
    onTestFinished(() => follower?.close());
    await follower.ready;
    await pass(1_000);
    expect([loads, live.version]).toEqual([2, 3]);
  });

  test('rejects a refresh that fails, without harm when nobody looks', async () => {
    const { follower, errors } = setUp([undefined, new Error('down')]);
    await follower.ready;
    follower.refresh();
    await expect(follower.refresh()).rejects.toThrow('down');
    expect([errors.length, follower.status.failures]).toEqual([1, 1]);
  });

  test('gives up a load that takes too long: aborts it, and never applies it', async () => {
    let end: (loaded: Loaded) => void = () => {};
    const slow = (): unknown =>
      new Promise<Loaded>((resolve) => {
        end = resolve;
      });
    const { live, requests, errors, times } = setUp([slow, undefined], { timeout: 300 });
    await pass(299);
    expect(requests[0]?.signal.aborted).toBe(false);
    await pass(1);
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(errors.map(({ message }) => message)).toEqual([
      'the load took longer than 300 ms and was given up',
    ]);
    end(listOf('192.0.2.2'));
    await pass(1_000);
    expect([live.version, times]).toEqual([1, [0, 1_300]]);
  });

  test('goes on when loads never end and ignore their signal', async () => {
    const { requests, errors, follower } = setUp([never], { timeout: 100, maxBackoff: 1_000 });
    await pass(9_999);
    expect([requests.length, errors.length, follower.status.failures]).toEqual([10, 1, 9]);
  });

  test('leaves no time limit running after a load', async () => {
    const { follower } = setUp([undefined]);
    await follower.ready;
    expect(vi.getTimerCount()).toBe(1);
    await follower.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('close', () => {
  test('ends the load that is under way, which is not applied, and all further ones', async () => {
    let end: (loaded: Loaded) => void = () => {};
    const { live, follower, requests, errors } = setUp([
      () =>
        new Promise<Loaded>((resolve) => {
          end = resolve;
        }),
    ]);
    const refreshed = follower.refresh();
    await follower.close();
    await follower.close();
    expect([requests[0]?.signal.aborted, await refreshed, vi.getTimerCount()]).toEqual([true, undefined, 0]);
    await expect(follower.ready).rejects.toThrow('the follower was closed');
    end(listOf('192.0.2.2'));
    await pass(60_000);
    expect([live.version, requests.length, errors, await follower.refresh()]).toEqual([1, 1, [], undefined]);
    expect(follower.status).toEqual({
      tag: undefined,
      lastSuccess: undefined,
      lastFailure: undefined,
      lastError: undefined,
      failures: 0,
    });
  });

  test('by a listener or a hook leaves no timer', async () => {
    const { live, follower, updates } = setUp([listOf('192.0.2.2')]);
    live.subscribe(() => follower.close());
    await pass(0);
    expect([live.version, updates.length, vi.getTimerCount()]).toEqual([2, 1, 0]);
  });

  test('applies nothing after it was called, at whatever moment', async () => {
    const versions: number[] = [];
    for (let moment = 0; moment < 15; moment++) {
      const { live, follower } = setUp([listOf('192.0.2.2')]);
      for (let turn = 0; turn < moment; turn++) await null;
      follower.close();
      const { version } = live;
      await pass(0);
      expect([live.version, vi.getTimerCount()]).toEqual([version, 0]);
      versions.push(version);
    }
    expect(new Set(versions)).toEqual(new Set([1, 2]));
  });

  test('by the loader itself applies nothing', async () => {
    let follower: Follower | undefined;
    const live = createLivePolicy({ deny: '192.0.2.1' });
    follower = follow(
      live,
      async () => {
        await null;
        follower?.close();
        return listOf('192.0.2.2');
      },
      { every: 1_000 },
    );
    await pass(10_000);
    expect([live.version, vi.getTimerCount()]).toEqual([1, 0]);
  });

  test('comes with a signal, also with one that was aborted before', async () => {
    const controller = new AbortController();
    const { requests } = setUp([undefined], { signal: controller.signal });
    await pass(1_000);
    controller.abort();
    await pass(10_000);
    expect([requests.length, vi.getTimerCount()]).toEqual([2, 0]);
    const late = setUp([undefined], { signal: controller.signal });
    await pass(10_000);
    expect(late.requests).toHaveLength(0);
    await expect(late.follower.ready).rejects.toThrow('closed');
  });
});

describe('a refresh with another maxLoss', () => {
  test('takes a list that is shorter on purpose, for one load that begins after it', async () => {
    const { live, follower, requests } = setUp([listOf('192.0.2.8/30'), listOf('192.0.2.9')], {
      maxLoss: 0.5,
    });
    await follower.refresh().catch(() => {});
    live.update({ deny: '192.0.2.8/30' });
    await expect(follower.refresh()).rejects.toThrow('maxLoss is 0.5');
    const { version } = live;
    const joined = follower.refresh();
    const loads = requests.length;
    const update = follower.refresh({ maxLoss: 1 });
    await expect(joined).rejects.toThrow('maxLoss is 0.5');
    expect((await update)?.version).toBe(version + 1);
    expect(requests.length).toBe(loads + 1);
    live.update({ deny: '192.0.2.8/30' });
    await expect(follower.refresh()).rejects.toThrow('maxLoss is 0.5');
    expect(() => follower.refresh({ maxLoss: 2 })).toThrow(ListError);
    expect(() => follower.refresh({ mayBeEmpty: true } as never)).toThrow('there is no option "mayBeEmpty"');
    await follower.close();
    expect(await follower.refresh({ maxLoss: 1 })).toBe(undefined);
  });
});

describe('one signal', () => {
  test('of many followers has one listener, and its reason is the cause', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
    const followers = Array.from(
      { length: 20 },
      () => setUp([undefined, new Error('down')], { signal }).follower,
    );
    const late = setUp([never], { signal }).follower;
    await followers[0]?.close();
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([1, 0]);
    await pass(1_000);
    expect(followers[1]?.status.lastError).toEqual(new Error('down'));
    controller.abort(new Error('shutdown'));
    await expect(late.ready).rejects.toMatchObject({ cause: new Error('shutdown') });
    expect([add.mock.calls.length, remove.mock.calls.length, vi.getTimerCount()]).toEqual([1, 1, 0]);
  });
});

describe('hooks', () => {
  test('that throw or reject stop nothing', async () => {
    const calls = mockConsole();
    const { live, requests } = setUp([listOf('192.0.2.2'), new Error('down'), listOf('192.0.2.3')], {
      onUpdate: () => {
        throw new Error('in onUpdate');
      },
      onError: (async () => {
        throw new Error('in onError');
      }) as never,
    });
    await pass(3_000);
    expect([live.version, requests.length]).toEqual([4, 4]);
    expect(calls.map(([, error]) => (error as Error).message)).toEqual([
      'in onUpdate',
      'in onError',
      'in onUpdate',
      'in onUpdate',
    ]);
  });

  test('console.error hears of failures when there is no onError', async () => {
    const calls = mockConsole();
    const live = createLivePolicy({ deny: '192.0.2.1' });
    const follower = follow(live, () => Promise.reject(new Error('down')), { every: 1_000 });
    await pass(3_000);
    await follower.close();
    expect(calls.map(([, error]) => (error as Error).message)).toEqual(['down']);
  });
});

describe('options', () => {
  const live = createLivePolicy({ deny: '192.0.2.1' });
  const load = async (): Promise<undefined> => undefined;

  test.each<[string, unknown, unknown, unknown, string]>([
    ['a plain policy', createPolicy({ deny: '' }), load, { every: 1 }, 'follow takes a live policy'],
    ['no loader', live, undefined, { every: 1 }, 'load must be a function, got nothing'],
    ['no options', live, load, undefined, 'every is required'],
    ['no interval', live, load, { every: null }, 'every is required'],
    ['an interval of 0', live, load, { every: 0 }, 'every must be milliseconds from 1 to 2147483647, got 0'],
    ['an interval that timers take for 1', live, load, { every: 2 ** 31 }, 'every must be milliseconds'],
    ['an endless interval', live, load, { every: Number.POSITIVE_INFINITY }, 'every must be milliseconds'],
    ['NaN', live, load, { every: 1, timeout: Number.NaN }, 'timeout must be milliseconds'],
    ['text', live, load, { every: 1, maxBackoff: '5' }, 'maxBackoff must be milliseconds'],
    ['too much jitter', live, load, { every: 1, jitter: 2 }, 'jitter must be a share from 0 to 1, got 2'],
    ['too much loss', live, load, { every: 1, maxLoss: 2 }, 'maxLoss must be a share'],
    ['null for a loss', live, load, { every: 1, maxLoss: null }, 'maxLoss must be a share'],
    ['null for emptiness', live, load, { every: 1, mayBeEmpty: null }, 'mayBeEmpty must be true or false'],
    ['a version', live, load, { every: 1, ifVersion: 1 }, 'there is no option "ifVersion"'],
    ['a signal that is none', live, load, { every: 1, signal: {} }, 'signal must be an AbortSignal'],
    ['a number of clients', live, load, { every: 1, mustAllow: 5 }, 'mustAllow could not be read'],
    [
      'an iterator that was read',
      live,
      load,
      { every: 1, mustDeny: [][Symbol.iterator]() },
      'mustDeny could not be read',
    ],
  ])('refuses %s', (_, policy, loader, options, message) => {
    const run = (): unknown => follow(policy as never, loader as never, options as never);
    expect(run).toThrow(ListError);
    expect(run).toThrow(message);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('test each list by guards that can be read only once', async () => {
    const guards = (function* () {
      yield '192.0.2.2';
    })();
    const { live: followed, errors } = setUp(
      [listOf('192.0.2.3'), listOf('192.0.2.4'), listOf('192.0.2.2')],
      { mustAllow: guards },
    );
    await pass(2_000);
    expect([followed.version, errors.length]).toEqual([3, 1]);
  });

  test('mayBeEmpty takes an empty list', async () => {
    const { live: followed } = setUp([listOf('')], { mayBeEmpty: true });
    await pass(0);
    expect(followed.version).toBe(2);
  });

  test('keepAlive says whether the process stays for the timers', async () => {
    const { held, count } = holdTimers();
    const follower = follow(live, load, { every: 1_000 });
    await pass(0);
    expect([held(), count()]).toEqual([0, 2]);
    await follower.close();
    const alive = follow(live, load, { every: 1_000, keepAlive: true });
    await pass(0);
    expect([held(), count()]).toEqual([1, 4]);
    await alive.close();
    expect(held()).toBe(0);
  });

  test('the process stays while somebody waits for `ready`, and no longer', async () => {
    const { held } = holdTimers();
    const { follower } = setUp([new Error('down'), never, undefined], { timeout: 100 });
    expect(held()).toBe(0);
    const { ready } = follower;
    expect(held()).toBe(1);
    // Between two loads, and in one that hangs.
    await pass(500);
    expect(held()).toBe(1);
    await pass(550);
    expect(held()).toBe(1);
    await pass(3_000);
    await ready;
    expect([follower.status.failures, held(), await follower.ready, held()]).toEqual([0, 0, undefined, 0]);
    const closed = setUp([new Error('down')]).follower;
    const isReady = closed.ready;
    expect(held()).toBe(1);
    await closed.close();
    expect([held(), closed.ready === isReady, held()]).toEqual([0, true, 0]);
  });

  test('the process stays while somebody waits for a refresh, and no longer', async () => {
    const { held } = holdTimers();
    const { follower } = setUp([undefined, never], { timeout: 100 });
    await pass(0);
    const refreshed = follower.refresh();
    expect(held()).toBe(1);
    await pass(100);
    await expect(refreshed).rejects.toThrow('given up');
    expect(held()).toBe(0);
  });
});
