import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPolicy, ListError, type Policy } from '../../src/public/index.ts';
import { type Impact, impactOf, type Usage, usageOf } from '../../src/public/list.ts';
import { addressText } from '../support/arbitraries.ts';

/** Reading a log that arrives asynchronously, for both functions that read one. */

const before = createPolicy({ deny: '10.0.0.0/24' });
const after = createPolicy({ deny: '10.0.0.0/25\n192.0.2.0/24' });

type Options = { maxClients?: number; maxRequests?: number };
type Read = (clients: AsyncIterable<string>, options?: Options) => Promise<Impact | Usage>;
const functions: [name: string, read: Read][] = [
  ['impactOf', (clients, options) => impactOf(before, after, clients, options)],
  ['usageOf', (clients, options) => usageOf(after, clients, options)],
];

async function* later(log: Iterable<string>): AsyncGenerator<string> {
  for (const client of log) yield client;
}

/** An asynchronous iterable whose iterator is made of these parts, and which counts how often it is closed. */
function iterableOf(parts: object): AsyncIterable<string> & { closed: number } {
  const made = {
    closed: 0,
    [Symbol.asyncIterator]: () => ({
      next: () => Promise.resolve({ done: false, value: '192.0.2.1' }),
      return: () => {
        made.closed++;
        return Promise.resolve({ done: true, value: undefined });
      },
      ...parts,
    }),
  };
  return made as never;
}

async function refusalOf(promise: Promise<unknown>): Promise<ListError> {
  const error = await promise.then(
    () => 'nothing was thrown',
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ListError);
  return error as ListError;
}

describe('a log that arrives later', () => {
  test('says what the same log says at once, on any log', async () => {
    const client = fc.oneof(
      addressText,
      fc.string(),
      fc.nat(400).map((low) => `10.0.0.${low}`),
    );
    const limits = fc.record({ maxClients: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(client, { maxLength: 30 }), limits, async (log, options) => {
        const impact: Promise<Impact> = impactOf(before, after, later(log), options);
        expect(await impact).toEqual(impactOf(before, after, log, options));
        const usage: Promise<Usage> = usageOf(after, later(log), options);
        expect(await usage).toEqual(usageOf(after, log, options));
      }),
      { numRuns: 50 },
    );
  });

  test('may be a stream', async () => {
    const stream = Readable.from(['192.0.2.1', '10.0.0.200', '-']);
    expect(await impactOf(before, after, stream)).toMatchObject({
      requests: 3,
      invalid: 1,
      newlyAllowed: 1,
      newlyDenied: 1,
    });
    expect(stream.destroyed).toBe(true);
  });

  test('is read at once when it is iterable both ways', () => {
    const both = Object.assign(['192.0.2.1'], { [Symbol.asyncIterator]: () => later([]) });
    expect(impactOf(before, after, both)).toMatchObject({ newlyDenied: 1 });
    const set = Object.assign(new Set(['192.0.2.1']), { [Symbol.asyncIterator]: () => later([]) });
    expect(usageOf(after, set)).toMatchObject({ requests: 1 });
  });

  test('may be either, and then so may the result', async () => {
    const logs: (() => Iterable<string> | AsyncIterable<string>)[] = [
      () => ['192.0.2.1'],
      () => later(['192.0.2.1']),
    ];
    for (const log of logs) {
      const impact: Impact | Promise<Impact> = impactOf(before, after, log());
      expect((await impact).newlyDenied).toBe(1);
      const usage: Usage | Promise<Usage> = usageOf(after, log());
      expect((await usage).requests).toBe(1);
    }
  });

  test('is read one item at a time, however many are ready', async () => {
    let waiting = 0;
    const log = iterableOf({
      next: async () => {
        waiting++;
        expect(waiting).toBe(1);
        await undefined;
        waiting--;
        return { done: false, value: '192.0.2.1' };
      },
    });
    await refusalOf(impactOf(before, after, log, { maxRequests: 3000 }));
  });

  test('is closed when a policy throws, and the error is what it threw', async () => {
    const cause = new RangeError('broken');
    const broken = {
      decide(): never {
        throw cause;
      },
    } as Pick<Policy, 'decide'>;
    const log = iterableOf({});
    await expect(impactOf(before, broken, log)).rejects.toBe(cause);
    expect(log.closed).toBe(1);
    const odd = { decide: () => ({ verdict: 'maybe' }) } as never;
    await expect(impactOf(before, odd, iterableOf({}))).rejects.toThrow(/decides neither allow nor deny/);
  });
});

describe.each(functions)('%s, of a log that arrives later', (_, read) => {
  test('refuses what does not end, and waits until it is closed', async () => {
    const log = iterableOf({});
    const { problems } = await refusalOf(read(log, { maxRequests: 1000 }));
    expect(problems[0]).toMatchObject({ code: 'invalid-option', source: 'clients', line: 1001 });
    expect(log.closed).toBe(1);
    let isClosed = false;
    const slow = iterableOf({
      return: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        isClosed = true;
        return {};
      },
    });
    await refusalOf(read(slow, { maxRequests: 1 }));
    expect(isClosed).toBe(true);
    const exactly = later(Array<string>(1000).fill('192.0.2.1'));
    expect((await read(exactly, { maxRequests: 1000 })).requests).toBe(1000);
  });

  test.each<[what: string, parts: object]>([
    ['is not there', { return: undefined }],
    ['is not a function', { return: 5 }],
    ['rejects', { return: () => Promise.reject(new Error('no')) }],
    [
      'throws',
      {
        return: () => {
          throw new Error('no');
        },
      },
    ],
  ])('gives the first error when the return method of the iterator %s', async (__, parts) => {
    const { problems } = await refusalOf(read(iterableOf(parts), { maxRequests: 1 }));
    expect(problems[0]?.message).toMatch(/more than 1 clients/);
  });

  const cause = new Error('disk\n\u001b[31mfull');
  const fail = (): never => {
    throw cause;
  };
  test.each<[what: string, next: unknown]>([
    ['throws', fail],
    ['rejects', () => Promise.reject(cause)],
    ['gives a promise whose then throws', () => Object.defineProperty({}, 'then', { get: fail })],
    [
      'gives a promise with a then of its own',
      () => Object.defineProperty(Promise.resolve(), 'then', { get: fail }),
    ],
    ['gives a result that cannot be read', () => Object.defineProperty({}, 'done', { get: fail })],
    ['gives a result without a readable value', () => Object.defineProperty({}, 'value', { get: fail })],
  ])('refuses an iterator whose next method %s, and does not close it', async (__, next) => {
    let isFirst = true;
    const log = iterableOf({
      next: () => {
        if (!isFirst) return (next as () => unknown)();
        isFirst = false;
        return { done: false, value: '192.0.2.1' };
      },
    });
    const error = await refusalOf(read(log));
    expect(error.problems[0]).toMatchObject({ code: 'unreadable', source: 'clients', line: 2 });
    expect(error.cause).toBe(cause);
    expect(error.message).not.toContain('\u001b');
    expect(log.closed).toBe(0);
  });

  test.each<[what: string, iterate: () => unknown]>([
    ['throws', fail],
    ['gives nothing', () => undefined],
    ['gives an object without next', () => ({})],
    ['gives results that are not objects', () => ({ next: () => 5 })],
    ['gives nothing for a result', () => ({ next: () => undefined })],
    [
      'gives an object whose next cannot be read',
      () => ({
        get next() {
          return fail();
        },
      }),
    ],
  ])('refuses an iterable whose iterator method %s', async (__, iterate) => {
    const { problems } = await refusalOf(read({ [Symbol.asyncIterator]: iterate } as never));
    expect(problems[0]).toMatchObject({ code: 'unreadable', source: 'clients', line: 1 });
  });

  test('reads the methods of the iterable and of the iterator once', async () => {
    const reads: string[] = [];
    const spy = <Target extends object>(target: Target): Target =>
      new Proxy(target, {
        get: (object, key) => {
          reads.push(String(key));
          const value: unknown = Reflect.get(object, key);
          if (typeof value !== 'function') return value;
          return key === Symbol.asyncIterator ? () => spy(value.call(object)) : value.bind(object);
        },
        getPrototypeOf: () => Object.prototype,
      });
    await read(spy(later(['192.0.2.1', '192.0.2.2'])));
    for (const name of ['Symbol(Symbol.iterator)', 'Symbol(Symbol.asyncIterator)', 'next']) {
      expect(reads.filter((key) => key === name)).toEqual([name]);
    }
  });

  test('rejects for wrong arguments, and throws none of them', async () => {
    for (const options of [{ maxClients: -1 }, { maxRequests: Number.NaN }, { max: 1 }, 5]) {
      const log = iterableOf({});
      const { problems } = await refusalOf(read(log, options as never));
      expect(problems[0]).toMatchObject({ code: 'invalid-option', source: 'options' });
      expect(log.closed).toBe(0);
    }
    await expect(impactOf({} as never, after, later([]))).rejects.toThrow(/^"before" must be a policy/);
    await expect(usageOf({} as never, later([]))).rejects.toThrow(/^usageOf takes policies/);
  });
});

test('an iterable is asked for its iterator once', () => {
  let reads = 0;
  const clients = {
    get [Symbol.iterator]() {
      reads++;
      return () => ['192.0.2.1'][Symbol.iterator]();
    },
  };
  expect(impactOf(before, after, clients).newlyDenied).toBe(1);
  expect(reads).toBe(1);
});
