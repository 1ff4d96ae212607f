import { runInNewContext } from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { problemOf } from '../../src/problem/errors.ts';
import {
  adviceForMap,
  adviceForObject,
  attempt,
  eachItem,
  isIterable,
  isPlain,
  isThenable,
  messageOf,
  readField,
  reportOnConsole,
} from '../../src/problem/foreign.ts';
import { ListError } from '../../src/public/index.ts';

const thrower = (): never => {
  throw new Error('no');
};

describe('readField', () => {
  class Base {
    get inherited(): string {
      return 'of the class';
    }
  }
  class Derived extends Base {
    own = 'own';
  }

  test('reads fields of the object and its classes, and no others', () => {
    const object = new Derived();
    expect([readField(object, 'own'), readField(object, 'inherited')]).toEqual(['own', 'of the class']);
    for (const value of [object, {}, [], Object.create(null), null, undefined, 5, 'text', () => {}]) {
      expect(readField(value, 'toString')).toBe(Array.isArray(value) ? Array.prototype.toString : undefined);
      expect(readField(value, 'missing')).toBe(undefined);
    }
  });

  test('reads nothing that stands on Object.prototype, of this realm or another', () => {
    const other = runInNewContext(
      'Object.prototype.field = "polluted"; class Other { get known() { return "of the class"; } }; [{}, new Other(), { field: "own" }, Object.create({ field: "inherited" }), Object.create(null), Object.prototype]',
    ) as readonly object[];
    expect(other.map((value) => readField(value, 'field'))).toEqual([
      undefined,
      undefined,
      'own',
      'inherited',
      undefined,
      'polluted',
    ]);
    expect(readField(other[1], 'known')).toBe('of the class');
    // An object may have a field of that name of its own.
    const bare = Object.assign(Object.create(null), { hasOwnProperty: true, field: 'own' });
    expect(readField(bare, 'field')).toBe('own');
  });

  test('ends with a proxy that is its own prototype', () => {
    const proxy: object = new Proxy({}, { getPrototypeOf: () => proxy });
    expect(readField(proxy, 'field')).toBe(undefined);
  });
});

describe('eachItem', () => {
  function* numbers(closed?: () => void): Generator<number> {
    try {
      for (let at = 1; ; at++) yield at;
    } finally {
      closed?.();
    }
  }

  test('reads no more than it may, and says whether that was all', () => {
    for (const items of [[1, 2, 3], new Set([1, 2, 3]), [1, 2, 3].values()]) {
      const seen: unknown[] = [];
      expect(eachItem(items, 3, (item) => seen.push(item))).toBe(true);
      expect(seen).toEqual([1, 2, 3]);
    }
    for (const items of [[1, 2, 3], numbers()]) {
      const seen: unknown[] = [];
      expect(eachItem(items, 2, (item) => seen.push(item))).toBe(false);
      expect(seen).toEqual([1, 2]);
    }
    expect(eachItem([], 0, thrower)).toBe(true);
    expect(eachItem([1], 0, thrower)).toBe(false);
  });

  test('stops at false alone, and closes what it reads', () => {
    for (const stop of [3, 5]) {
      const closed = vi.fn();
      const seen: unknown[] = [];
      const isRead = eachItem(numbers(closed), 4, (item) => {
        seen.push(item);
        return item === stop ? false : 0;
      });
      expect([isRead, seen.length]).toEqual(stop === 3 ? [true, 3] : [false, 4]);
      expect(closed).toHaveBeenCalledTimes(1);
    }
    const closed = vi.fn();
    expect(() => eachItem(numbers(closed), 4, thrower)).toThrow('no');
    expect(closed).toHaveBeenCalledTimes(1);
  });

  test('reads an array by its indexes, whatever its length says', () => {
    class Endless extends Array<number> {
      override *[Symbol.iterator](): ArrayIterator<number> {
        for (;;) yield 0;
      }
    }
    const seen: unknown[] = [];
    expect(eachItem(Endless.of(7), 9, (item) => seen.push(item))).toBe(true);
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    expect(eachItem([, 8], 9, (item) => seen.push(item))).toBe(true);
    expect(seen).toEqual([7, undefined, 8]);
    const lying = new Proxy([], { get: (_, name) => (name === 'length' ? 2 ** 53 : 5) });
    const items: unknown[] = [];
    expect(eachItem(lying, 2, (item) => items.push(item))).toBe(false);
    expect(items).toEqual([undefined, undefined]);
  });

  test('reads no hole from a prototype', () => {
    const prototype = Object.prototype as Record<number, unknown>;
    prototype[0] = '0.0.0.0/0';
    try {
      const seen: unknown[] = [];
      eachItem(new Array(1), 9, (item) => seen.push(item));
      expect(seen).toEqual([undefined]);
    } finally {
      delete prototype[0];
    }
  });

  test('lets through what is thrown, and what is not iterable', () => {
    for (const items of [5, {}, null, undefined, { [Symbol.iterator]: () => null }]) {
      expect(() => eachItem(items as never, 9, () => {})).toThrow(TypeError);
    }
  });
});

describe('what a foreign object is', () => {
  test('plain in any realm, or of a class', () => {
    for (const value of [{}, Object.create(null), runInNewContext('({})')]) expect(isPlain(value)).toBe(true);
    for (const value of [[], new Map(), new (class {})()]) expect(isPlain(value)).toBe(false);
  });

  test('thenable where await would wait', async () => {
    const withThen = (value: object, then: unknown): object =>
      Object.assign(value, { ['then' as string]: then });
    const thenables = [
      Promise.resolve(),
      withThen({}, () => {}),
      withThen(
        () => {},
        () => {},
      ),
    ];
    expect(thenables.map(isThenable)).toEqual([true, true, true]);
    const prototype = String.prototype as unknown as Record<string, unknown>;
    prototype['then'] = () => {};
    try {
      for (const value of [undefined, null, 5, 'text', {}, withThen({}, 5), []]) {
        expect(isThenable(value)).toBe(false);
      }
      expect(await 'text').toBe('text');
    } finally {
      delete prototype['then'];
    }
  });

  test('iterable when it is an object with items', () => {
    const array = new Proxy([], { get: () => undefined });
    for (const value of [[], array, new Set(), new Map().keys()]) expect(isIterable(value)).toBe(true);
    for (const value of ['text', 5, null, undefined, {}, { [Symbol.iterator]: 5 }, () => {}]) {
      expect(isIterable(value)).toBe(false);
    }
  });

  test('what to do with it first', () => {
    expect(adviceForObject(new Uint8Array(1))).toMatch(/decode the bytes/);
    expect(adviceForObject(Promise.resolve())).toMatch(/wait for the promise/);
    expect(adviceForMap(new Map())).toMatch(/map\.keys\(\)/);
    expect(adviceForMap(runInNewContext('new Map()'))).toMatch(/map\.keys\(\)/);
    for (const value of [undefined, null, 'text', {}, []]) {
      expect([adviceForObject(value), adviceForMap(value)]).toEqual(['', '']);
    }
  });
});

describe('attempt', () => {
  test('gives what the code gives', () => {
    expect(attempt('list', 'the list', () => 5)).toBe(5);
  });

  test.each<readonly [thrown: unknown, why: string]>([
    [new Error('gone\u001b'), '"gone<U+001B>"'],
    ['text', 'a string was thrown'],
    [null, 'null was thrown'],
    [undefined, 'nothing was thrown'],
    [new Proxy(new Error('hidden'), { get: thrower, getPrototypeOf: thrower }), 'an object was thrown'],
    [Object.defineProperty(new Error(), 'message', { get: thrower }), 'an object was thrown'],
  ])('turns what is thrown into a problem (%#)', (thrown, why) => {
    expect(messageOf(thrown)).toBe(why);
    try {
      attempt({ source: 'fixes', line: 7 }, 'the fixes', () => {
        throw thrown;
      });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ListError);
      const { problems, cause } = error as ListError;
      const message = `the fixes could not be read: ${why}`;
      expect(problems).toEqual([problemOf({ source: 'fixes', line: 7 }, 'unreadable', message)]);
      expect(Object.is(cause, thrown)).toBe(true);
    }
  });
});

describe('reportOnConsole', () => {
  test('never throws', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      reportOnConsole('this was thrown', 5);
      expect(error.mock.calls).toEqual([['ipverdict: this was thrown:', 5]]);
      error.mockImplementation(thrower);
      expect(() => reportOnConsole('this was thrown', 5)).not.toThrow();
    } finally {
      error.mockRestore();
    }
  });
});

describe('problemOf', () => {
  test('starts at the start of the input, unless more is said', () => {
    expect(problemOf('note', 'empty', 'why')).toEqual({
      severity: 'error',
      code: 'empty',
      message: 'why',
      source: 'note',
      line: 1,
      column: 1,
      endColumn: 1,
      text: '',
    });
    const place = { source: 'deny', line: 3, column: 5, text: 'abc' };
    const problem = problemOf(place, 'duplicate', 'why', 'warning');
    expect(problem).toEqual({
      ...place,
      severity: 'warning',
      code: 'duplicate',
      message: 'why',
      endColumn: 8,
    });
    expect(Object.isFrozen(problem)).toBe(true);
  });

  test('has a cause in its error only where something was thrown', () => {
    const problems = [problemOf('note', 'empty', 'why')];
    expect('cause' in new ListError(problems)).toBe(false);
    expect('cause' in new ListError(problems, { cause: undefined })).toBe(false);
    expect(new ListError(problems, { cause: null }).cause).toBe(null);
  });
});
