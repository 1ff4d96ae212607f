import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type ListWatcher, type WatchOptions, watchList } from '../../src/host/watch.ts';
import type { PolicyUpdate } from '../../src/live/updates.ts';
import { createPolicy, ListError } from '../../src/public/index.ts';
import { Inbox, makeFolder, replaceFile, writeVersion } from '../support/list-file.ts';

const LISTED = '203.0.113.9';
const OTHER = '192.0.2.1';
/** Often enough that a test need not wait. */
const EVERY = 40;

interface Watched {
  readonly watcher: ListWatcher;
  readonly updates: Inbox<PolicyUpdate>;
  readonly errors: Inbox<Error>;
}

function watch(path: string, options: Partial<WatchOptions> = {}): Watched {
  const updates = new Inbox<PolicyUpdate>();
  const errors = new Inbox<Error>();
  const watcher = watchList(path, {
    mode: 'deny',
    every: EVERY,
    maxBackoff: EVERY,
    onUpdate: (update) => updates.push(update),
    onError: (error) => errors.push(error as Error),
    ...options,
  });
  onTestFinished(() => watcher.close());
  return { watcher, updates, errors };
}

/** Puts something else in place of parts of `node:fs`. */
function changeFileSystem(change: (real: typeof import('node:fs')) => object): void {
  const { getBuiltinModule } = process;
  const spy = vi.spyOn(process, 'getBuiltinModule').mockImplementation(((name: string) => {
    const real = Reflect.apply(getBuiltinModule, process, [name]) as typeof import('node:fs');
    return name === 'node:fs' ? { ...real, ...change(real) } : real;
  }) as never);
  onTestFinished(() => spy.mockRestore());
}

/** A file system that does not answer while it hangs, not even when the question is withdrawn. */
function hangingFileSystem(name: 'stat' | 'readFile'): { hang(): void; release(): void; pending(): number } {
  let waiting: (() => void)[] = [];
  let hangs = false;
  changeFileSystem(({ promises }) => ({
    promises: {
      ...promises,
      [name]: async (path: string, options: object): Promise<unknown> => {
        if (hangs) await new Promise<void>((resolve) => waiting.push(resolve));
        return (promises[name] as (path: string, options: object) => Promise<unknown>)(path, options);
      },
    },
  }));
  return {
    hang: () => {
      hangs = true;
    },
    release: () => {
      hangs = false;
      for (const go of waiting) go();
      waiting = [];
    },
    pending: () => waiting.length,
  };
}

/** The list as numbers: `listOf(3)` denies 3 addresses, and no list of another number has the last of them alone. */
function listOf(count: number): string {
  return Array.from({ length: count }, (_, index) => `10.0.${index >> 8}.${index & 255}\n`).join('');
}

/** Long enough for several looks at the file. */
const looks = (): Promise<void> => sleep(EVERY * 10 + 250);

test('shows its status and its policy in a console and as JSON', async () => {
  const path = join(makeFolder(), 'list.txt');
  writeFileSync(path, LISTED);
  const { watcher } = watch(path);
  await watcher.ready;
  const { status, policy } = watcher;
  expect(inspect(watcher)).toBe(inspect({ status, policy }));
  expect(JSON.parse(JSON.stringify(watcher))).toEqual(JSON.parse(JSON.stringify({ status, policy })));
  expect(Object.keys({ ...watcher }).sort()).toEqual(['close', 'policy', 'refresh']);
});

test('tells the same failure again when the file has changed', async () => {
  const path = join(makeFolder(), 'list.txt');
  writeFileSync(path, '');
  const { errors } = watch(path);
  const { message } = await errors.at(0);
  replaceFile(path, '# nothing');
  expect((await errors.at(1)).message).toBe(message);
});

describe('what watchList is given', () => {
  const throwing = {
    get href(): string {
      throw new Error('no');
    },
  };
  test.each<[string, unknown, RegExp]>([
    ['a slash in a name', new URL('file:///tmp/x%2fy'), /file URL: .*encoded \//],
    ['a host', { href: 'file://host/x' }, /file URL: .*host/],
    ['another scheme', { href: 'http://x/' }, /file URL, got an object/],
    ['a getter that throws', throwing, /file URL: "no"/],
    ['a number', 5, /file URL, got a number/],
  ])('%s is not a path, which is an error of the options', (_, path, message) => {
    const run = (): unknown => watchList(path as never, { mode: 'deny' });
    expect(run).toThrow(ListError);
    expect(run).toThrow(message);
  });

  test('an object with the href of a file is a path', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, LISTED);
    const { watcher } = watch({ href: pathToFileURL(path).href } as never);
    await watcher.ready;
    expect(watcher.policy.size).toBe(1);
  });

  test.each([1, 100, 199])('a timeout of %i ms is too short for any file', (timeout) => {
    const message = `timeout must be at least 200 ms, as a file is read once it has looked the same for 100 ms, got ${timeout}`;
    expect(() => watchList('list.txt', { mode: 'deny', timeout })).toThrow(message);
  });
});

describe('watchList', () => {
  test('takes the file, and says when it is ready', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, `\ufeff${LISTED} # Scanner\n`);
    const { watcher } = watch(path, { exempt: new Set([`${OTHER} # Probe`]).values() });
    await watcher.ready;
    const { policy } = watcher;
    expect(policy.decide(LISTED).entry?.note).toBe('Scanner');
    expect(policy.decide(OTHER).reason).toBe('exempt');
    expect([policy.mode, policy.size, policy.version]).toEqual(['deny', 1, 2]);
    expect(watcher.status.failures).toBe(0);
    // The exemptions came from an iterator, which has them once.
    writeFileSync(path, '10.0.0.1');
    await watcher.refresh();
    expect(policy.decide(OTHER).reason).toBe('exempt');
    expect(policy.allows('10.0.0.1')).toBe(false);
  });

  test.each(['allow', 'deny'] as const)(
    'denies everybody before the first good list, mode %s',
    async (mode) => {
      const path = join(makeFolder(), 'list.txt');
      const { watcher, errors } = watch(path, { mode, exempt: OTHER });
      await errors.at(0);
      for (const client of [LISTED, OTHER, '::1']) expect(watcher.policy.allows(client)).toBe(false);
      writeFileSync(path, LISTED);
      await watcher.ready;
      expect(watcher.policy.allows(LISTED)).toBe(mode === 'allow');
      expect(watcher.policy.allows(OTHER)).toBe(true);
    },
  );

  test('decides by what is given for the time before the first good list', async () => {
    const path = join(makeFolder(), 'list.txt');
    const initial = createPolicy({ deny: LISTED });
    const { watcher, errors } = watch(path, { initial });
    expect(watcher.policy.current).toBe(initial);
    await errors.at(0);
    expect([LISTED, OTHER].map(watcher.policy.allows)).toEqual([false, true]);
  });

  test('keeps time between two versions of the file', async () => {
    const path = join(makeFolder(), 'list.txt');
    const soon = new Date(Date.now() + 600).toISOString();
    writeFileSync(path, `${LISTED} until ${soon}\n${OTHER} until 2026-01-01T00:00Z\n10.0.0.1`);
    const { watcher } = watch(path);
    await watcher.ready;
    if (Date.now() < Date.parse(soon)) expect(watcher.policy.allows(LISTED)).toBe(false);
    expect(watcher.policy.allows(OTHER)).toBe(true);
    await vi.waitFor(() => expect(watcher.policy.allows(LISTED)).toBe(true));
    expect(watcher.policy.version).toBe(2);
  });

  test('takes the URL of a file', async () => {
    const path = join(makeFolder(), 'list #1.txt');
    writeFileSync(path, LISTED);
    const { watcher } = watch(pathToFileURL(path) as never);
    await watcher.ready;
    expect(watcher.policy.allows(LISTED)).toBe(false);
  });

  test.each([
    [{}, 'mode is required'],
    [{ mode: 'block' }, 'mode must be'],
    [{ mode: 'deny', evry: 5 }, 'no option "evry"'],
    [{ mode: 'deny', exempt: '10.0.0.*' }, 'exempt, line 1, column 8'],
    [{ mode: 'deny', onError: 5 }, 'onError must be a function'],
    [{ mode: 'deny', maxEntries: -1 }, 'maxEntries must be'],
    [{ mode: 'deny', every: 0 }, 'every'],
    [{ mode: 'allow', mayBeEmpty: true }, 'whenEmpty is required beside mayBeEmpty: "deny", or "allow" if'],
    [{ mode: 'allow', mayBeEmpty: true, whenEmpty: null }, 'whenEmpty must be "allow" or "deny"'],
  ])('refuses the options %j at once', (options, message) => {
    expect(() => watchList('/nowhere/list.txt', options as never)).toThrow(ListError);
    expect(() => watchList('/nowhere/list.txt', options as never)).toThrow(message);
  });

  test('refuses what is not a path', () => {
    for (const path of [undefined, null, 5, {}, new URL('https://example.com/list.txt')])
      expect(() => watchList(path as never, { mode: 'deny' })).toThrow('the path must be text or a file URL');
  });
});

/** Each gives the file another list. */
const ways: readonly (readonly [way: string, write: (path: string, text: string) => void | Promise<void>])[] =
  [
    ['is replaced by renaming', replaceFile],
    ['is written in place', (path, text) => writeFileSync(path, text)],
    [
      'is removed and made again',
      async (path, text) => {
        unlinkSync(path);
        await sleep(20);
        writeFileSync(path, text);
      },
    ],
    [
      'is truncated and then filled',
      async (path, text) => {
        writeFileSync(path, '');
        await sleep(20);
        appendFileSync(path, text);
      },
    ],
  ];

describe('a file that', () => {
  test.each(ways)('%s is taken, whole, and with no failure on the way', async (_, write) => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates, errors } = watch(path);
    await watcher.ready;
    for (let count = 2; count < 5; count++) {
      await write(path, listOf(count));
      const { after, version } = await updates.find(({ after: { size } }) => size === count);
      expect([after.size, version]).toEqual([count, count + 1]);
    }
    expect(errors.all).toEqual([]);
    expect(updates.all.map(({ after }) => after.size)).toEqual([1, 2, 3, 4]);
  });

  test('is behind a link that is swapped is taken', async () => {
    const folder = makeFolder();
    const path = join(folder, 'list.txt');
    writeVersion(folder, 'list.txt', listOf(1));
    symlinkSync(join('..data', 'list.txt'), path);
    const { watcher, updates } = watch(path);
    await watcher.ready;
    for (let count = 2; count < 5; count++) {
      writeVersion(folder, 'list.txt', listOf(count));
      await updates.find(({ after: { size } }) => size === count);
    }
  });

  test('a link leads to, in another folder, is taken', async () => {
    const [folder, elsewhere] = [makeFolder(), makeFolder()];
    writeFileSync(join(elsewhere, 'real.txt'), listOf(1));
    symlinkSync(join(elsewhere, 'real.txt'), join(folder, 'list.txt'));
    const { watcher, updates } = watch(join(folder, 'list.txt'));
    await watcher.ready;
    replaceFile(join(elsewhere, 'real.txt'), listOf(2));
    await updates.find(({ after: { size } }) => size === 2);
  });

  test('loses its folder for a while is taken again', async () => {
    const folder = join(makeFolder(), 'lists');
    const path = join(folder, 'list.txt');
    mkdirSync(folder);
    writeFileSync(path, listOf(1));
    const { watcher, updates, errors } = watch(path);
    await watcher.ready;
    rmSync(folder, { recursive: true });
    await errors.at(0);
    expect(watcher.policy.size).toBe(1);
    for (const count of [2, 3]) {
      mkdirSync(folder, { recursive: true });
      replaceFile(path, listOf(count));
      await updates.find(({ after: { size } }) => size === count);
    }
  });

  // A file system without watches has nothing to be sped up by.
  describe.skipIf(process.platform !== 'linux')('is not looked at for an hour', () => {
    const seldom = { every: 3_600_000, maxBackoff: undefined };

    test('is taken as soon as it changes', async () => {
      const path = join(makeFolder(), 'list.txt');
      writeFileSync(path, listOf(1));
      const { watcher, updates } = watch(path, seldom);
      await watcher.ready;
      for (let count = 2; count < 5; count++) {
        replaceFile(path, listOf(count));
        await updates.find(({ after: { size } }) => size === count);
      }
    });

    test('is taken as soon as what a link leads to changes', async () => {
      const [folder, elsewhere] = [makeFolder(), makeFolder()];
      writeFileSync(join(elsewhere, 'real.txt'), listOf(1));
      symlinkSync(join(elsewhere, 'real.txt'), join(folder, 'list.txt'));
      const { watcher, updates } = watch(join(folder, 'list.txt'), seldom);
      await watcher.ready;
      replaceFile(join(elsewhere, 'real.txt'), listOf(2));
      await updates.find(({ after: { size } }) => size === 2);
    });

    test('is taken as soon as it changes in a folder that took the place of the first', async () => {
      const folder = join(makeFolder(), 'lists');
      const path = join(folder, 'list.txt');
      mkdirSync(folder);
      writeFileSync(path, listOf(1));
      const { watcher, updates } = watch(path, seldom);
      await watcher.ready;
      renameSync(folder, `${folder}.old`);
      mkdirSync(folder);
      writeFileSync(path, listOf(2));
      await watcher.refresh();
      replaceFile(path, listOf(3));
      await updates.find(({ after: { size } }) => size === 3);
    });
  });

  test.skipIf(process.platform !== 'linux')('changes in a folder that was made again is seen', async () => {
    const folder = join(makeFolder(), 'lists');
    const path = join(folder, 'list.txt');
    mkdirSync(folder);
    writeFileSync(path, listOf(1));
    // As where a folder gets the number of the one before it, and no file system knows when it was made.
    changeFileSystem(({ promises }) => ({
      promises: {
        ...promises,
        stat: async (target: string): Promise<object> => {
          const status = await promises.stat(target, { bigint: true });
          return status.isDirectory() ? { ...status, ino: 1n, birthtimeNs: 0n, isFile: () => false } : status;
        },
      },
    }));
    const { watcher, updates } = watch(path, { every: 3_600_000, maxBackoff: undefined });
    await watcher.ready;
    for (let count = 2; count < 5; count++) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeFileSync(path, listOf(count));
      await sleep(50);
      await watcher.refresh();
      replaceFile(path, listOf(10 * count));
      await updates.find(({ after: { size } }) => size === 10 * count);
    }
  });

  test('changes is seen where nothing tells of it', async () => {
    changeFileSystem(() => ({
      watch: () => {
        throw new Error('ENOSPC: no space left for watches');
      },
    }));
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates } = watch(path);
    await watcher.ready;
    replaceFile(path, listOf(2));
    await updates.find(({ after: { size } }) => size === 2);
  });
});

describe('several writes', () => {
  test('twenty milliseconds apart are never seen as two lists', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates } = watch(path, { every: 7 });
    await watcher.ready;
    const quick: number[] = [];
    for (let count = 10; count < 30; count += 2) {
      const before = performance.now();
      replaceFile(path, listOf(count));
      await sleep(20);
      replaceFile(path, listOf(count + 1));
      // A busy machine may take its time, and then they are two.
      if (performance.now() - before < 60) quick.push(count);
      await updates.find(({ after: { size } }) => size === count + 1);
    }
    const seen = updates.all.map(({ after }) => after.size);
    expect(seen.filter((size) => quick.includes(size))).toEqual([]);
  });

  test('in a burst end in the last of them, without a failure', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates, errors } = watch(path, { every: 7 });
    await watcher.ready;
    for (let count = 2; count <= 200; count++) {
      if (count % 3 === 0) replaceFile(path, listOf(count));
      else writeFileSync(path, listOf(count));
      if (count % 10 === 0) await sleep(5);
    }
    await updates.find(({ after: { size } }) => size === 200);
    expect(errors.all).toEqual([]);
    const sizes = updates.all.map(({ after }) => after.size);
    expect(sizes).toEqual([...sizes].sort((left, right) => left - right));
    expect(watcher.policy.size).toBe(200);
  });

  test('while the file is read are one list', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    let count = 1;
    changeFileSystem(({ promises }) => ({
      promises: {
        ...promises,
        // What was read is out of date as soon as it was.
        readFile: async (target: string): Promise<Uint8Array> => {
          const bytes = await promises.readFile(target);
          if (count < 5) writeFileSync(path, listOf(++count));
          return bytes;
        },
      },
    }));
    const { watcher, updates } = watch(path);
    await watcher.ready;
    expect(updates.all.map(({ after }) => after.size)).toEqual([5]);
  });

  test('of a writer that takes its time are one list', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates } = watch(path, { every: 7 });
    await watcher.ready;
    const text = listOf(400);
    let slowest = 0;
    writeFileSync(path, '');
    for (let at = 0; at < text.length; at += 333) {
      const before = performance.now();
      appendFileSync(path, text.slice(at, at + 333));
      await sleep(15);
      slowest = Math.max(slowest, performance.now() - before);
    }
    await updates.find(({ after: { size } }) => size === 400);
    if (slowest < 60) expect(updates.all.map(({ after }) => after.size)).toEqual([1, 400]);
  });
});

describe('an unchanged file', () => {
  test('makes no version, however it is touched', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(2));
    const { watcher, updates, errors } = watch(path);
    await watcher.ready;
    const { tag } = watcher.status;
    utimesSync(path, new Date(), new Date(0));
    await watcher.refresh();
    writeFileSync(path, listOf(2));
    await watcher.refresh();
    replaceFile(path, listOf(2));
    await looks();
    expect(await watcher.refresh()).toBeUndefined();
    expect([updates.all.length, errors.all.length, watcher.policy.version]).toEqual([1, 0, 2]);
    expect(watcher.status.tag).toBe(tag);
  });

  test('makes no version after a bad one in between', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(2));
    const { watcher, updates, errors } = watch(path);
    await watcher.ready;
    replaceFile(path, 'nonsense');
    await errors.at(0);
    expect(watcher.status.failures).toBeGreaterThan(0);
    replaceFile(path, listOf(2));
    await vi.waitFor(() => expect(watcher.status.failures).toBe(0));
    expect([updates.all.length, watcher.policy.version]).toEqual([1, 2]);
  });
});

describe('a bad file', () => {
  const cases: readonly (readonly [what: string, spoil: (path: string) => void, message: string | RegExp])[] =
    [
      ['has a bad line', (path) => writeFileSync(path, `${LISTED}\n10.0.0.*`), 'deny, line 2, column 8'],
      ['is not there', (path) => unlinkSync(path), 'ENOENT'],
      [
        'is a folder',
        (path) => {
          unlinkSync(path);
          mkdirSync(path);
        },
        'is not a file',
      ],
      ['has too many entries', (path) => writeFileSync(path, listOf(1001)), 'raise the option maxEntries'],
      ['is the page of a portal', (path) => writeFileSync(path, '<!DOCTYPE html>\n<p>Log in'), 'HTML'],
      [
        'is not UTF-8',
        (path) => writeFileSync(path, Buffer.from(`${LISTED}\n10.0.0.1 # B\u00fcro\n`, 'latin1')),
        /line 2, column 13: .* not UTF-8/,
      ],
      ['is UTF-16', (path) => writeFileSync(path, Buffer.from(`\ufeff${LISTED}\n`, 'utf16le')), 'UTF-16'],
      [
        'is cut in a character',
        (path) => writeFileSync(path, Buffer.from('10.0.0.1 # \u00fc').subarray(0, -1)),
        'UTF-8',
      ],
      [
        'is a circle of links',
        (path) => {
          unlinkSync(path);
          symlinkSync(path, path);
        },
        'ELOOP',
      ],
    ];

  test.each(cases)(
    'that %s leaves the last good one, is reported once, and is forgotten',
    async (_, spoil, message) => {
      const path = join(makeFolder(), 'list.txt');
      writeFileSync(path, LISTED);
      const { watcher, updates, errors } = watch(path);
      await watcher.ready;
      spoil(path);
      const error = await errors.at(0);
      expect(error.message).toMatch(message);
      await looks();
      expect(errors.all).toHaveLength(1);
      expect([LISTED, OTHER].map(watcher.policy.allows)).toEqual([false, true]);
      expect(watcher.policy.version).toBe(2);
      expect(watcher.status.failures).toBeGreaterThan(1);
      await expect(watcher.refresh()).rejects.toThrow();
      expect(errors.all).toHaveLength(1);
      rmSync(path, { recursive: true, force: true });
      replaceFile(path, listOf(3));
      await updates.at(1);
      expect([watcher.policy.size, watcher.status.failures]).toEqual([3, 0]);
      // The same failure, after a success, is another one.
      const reported = errors.all.length;
      spoil(path);
      await errors.at(reported);
    },
  );

  test('has its problems in the error', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, '10.0.0.0/33\n10.0.0.300');
    const { watcher, errors } = watch(path);
    const error = await errors.at(0);
    expect(error).toBeInstanceOf(ListError);
    expect((error as ListError).problems.map(({ line, code }) => [line, code])).toEqual([
      [1, 'prefix-length-range'],
      [2, 'octet-range'],
    ]);
    // Written once more it is the same; with another problem it is another.
    replaceFile(path, '10.0.0.0/33\n10.0.0.300');
    await looks();
    expect(errors.all).toHaveLength(1);
    replaceFile(path, '10.0.0.0/33\n10.0.0.1');
    await errors.at(1);
    expect(watcher.policy.version).toBe(1);
  });

  test('that takes too long is reported once, and again after a success', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { hang, release, pending } = hangingFileSystem('stat');
    const { watcher, errors } = watch(path, { timeout: 300 });
    await watcher.ready;
    for (let round = 0; round < 2; round++) {
      hang();
      await errors.at(round);
      const { failures } = watcher.status;
      await vi.waitFor(() => expect(watcher.status.failures).toBeGreaterThan(failures), 5000);
      expect(errors.all).toHaveLength(round + 1);
      // Each that waits holds a thread of the process.
      expect(pending()).toBe(1);
      release();
      await vi.waitFor(() => expect(watcher.status.failures).toBe(0), 5000);
    }
    expect(watcher.policy.version).toBe(2);
  });

  test('is reported again when it is as bad as before the last change', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, '10.0.0.*');
    const { errors } = watch(path);
    await errors.at(0);
    replaceFile(path, '10.0.0.300');
    await errors.at(1);
    replaceFile(path, '10.0.0.*');
    await errors.at(2);
    await looks();
    expect(errors.all).toHaveLength(3);
  });

  test('that never rests is given up, and the reason is told', async () => {
    const path = join(makeFolder(), 'list.txt');
    changeFileSystem(({ promises }) => ({
      promises: {
        ...promises,
        stat: async (target: string): Promise<object> => {
          appendFileSync(path, '10.0.0.1\n');
          return promises.stat(target, { bigint: true });
        },
      },
    }));
    const { errors } = watch(path, { timeout: 400 });
    expect((await errors.at(0)).message).toContain('given up, as the file kept changing');
  });

  test('whose reading is given up is read again', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { hang, release, pending } = hangingFileSystem('readFile');
    hang();
    const { watcher, errors } = watch(path, { timeout: 300 });
    await errors.at(0);
    await vi.waitFor(() => expect(watcher.status.failures).toBeGreaterThan(3), 5000);
    expect([pending(), watcher.policy.version]).toEqual([1, 1]);
    release();
    await watcher.ready;
    expect(watcher.policy.size).toBe(1);
  });

  test('that cannot be read for a while is read again, though it has not changed', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    let failure: string | undefined;
    changeFileSystem(({ promises }) => ({
      promises: {
        ...promises,
        readFile: async (target: string): Promise<unknown> => {
          if (failure !== undefined) throw new Error(failure);
          return promises.readFile(target);
        },
      },
    }));
    const { watcher, errors } = watch(path);
    await watcher.ready;
    failure = 'EMFILE: too many open files';
    replaceFile(path, listOf(2));
    expect((await errors.at(0)).message).toBe(failure);
    await looks();
    expect([errors.all.length, watcher.policy.size]).toEqual([1, 1]);
    failure = undefined;
    await vi.waitFor(() => expect(watcher.policy.size).toBe(2), 5000);
    expect(watcher.status.failures).toBe(0);
  });

  test('with bytes that are not UTF-8 is another than one with the characters that stand for them', async () => {
    const path = join(makeFolder(), 'list.txt');
    const broken = Buffer.from('10.0.0.1 # Caf\u00e9\n', 'latin1');
    writeFileSync(path, broken);
    const { watcher, errors } = watch(path);
    expect((await errors.at(0)).message).toContain('not UTF-8');
    replaceFile(path, '10.0.0.1 # Caf\ufffd\n');
    await watcher.ready;
    expect(watcher.policy.size).toBe(1);
    writeFileSync(path, broken);
    expect((await errors.at(1)).message).toContain('not UTF-8');
    expect(watcher.policy.version).toBe(2);
  });

  test('is reported on the console when nobody listens', async () => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    const path = join(makeFolder(), 'list.txt');
    const watcher = watchList(path, { mode: 'deny', every: EVERY });
    onTestFinished(() => watcher.close());
    await vi.waitFor(() => expect(print).toHaveBeenCalled());
    await looks();
    expect(print).toHaveBeenCalledTimes(1);
    expect(print.mock.calls[0]?.[0]).toContain(path);
  });

  test.each(['allow', 'deny'] as const)('without entries opens nothing, mode %s', async (mode) => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, LISTED);
    const { watcher, updates, errors } = watch(path, { mode });
    await watcher.ready;
    for (const text of ['', '# nothing\n', '\n']) {
      writeFileSync(path, text);
      await expect(watcher.refresh()).rejects.toHaveProperty('code', 'would-be-empty');
      expect(watcher.policy.size).toBe(1);
    }
    // Each is another file that is empty.
    expect(errors.all).toHaveLength(3);
    const open = watch(path, { mode, mayBeEmpty: true, whenEmpty: 'deny' });
    await open.watcher.ready;
    expect([open.watcher.policy.size, open.watcher.policy.allows(OTHER)]).toEqual([0, false]);
    expect(updates.all).toHaveLength(1);
  });

  test('that has lost too much is not taken', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(100));
    const { watcher, updates, errors } = watch(path, { maxLoss: 0.1 });
    await watcher.ready;
    replaceFile(path, listOf(50));
    await errors.at(0);
    await looks();
    expect([errors.all.length, watcher.policy.size]).toEqual([1, 100]);
    replaceFile(path, listOf(95));
    await updates.at(1);
    expect(watcher.policy.size).toBe(95);
  });

  test('that shuts out whom it must let in is not taken', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(2));
    const { watcher, errors } = watch(path, { mustAllow: [LISTED] });
    await watcher.ready;
    replaceFile(path, `${LISTED}\n`);
    expect((await errors.at(0)) as ListError).toHaveProperty('problems.0.code', 'must-allow');
    expect(watcher.policy.allows(LISTED)).toBe(true);
  });
});

describe('the clock of a file system', () => {
  test('may stand still while the file changes', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, '10.0.0.1');
    // Whole days: every change of the test is within one tick.
    changeFileSystem(({ promises }) => ({
      promises: {
        ...promises,
        stat: async (target: string): Promise<object> => {
          const { dev, ino, size } = await promises.stat(target, { bigint: true });
          return { dev, ino, size, mtimeNs: 0n, ctimeNs: 0n, isFile: () => true };
        },
      },
    }));
    const { watcher, updates } = watch(path);
    await watcher.ready;
    writeFileSync(path, '10.0.0.2');
    await updates.at(1);
    expect(watcher.policy.decide('10.0.0.2').reason).toBe('listed');
  });
});

describe('the end', () => {
  test('of a watcher is the end: nothing is read, taken or told any more', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const { watcher, updates, errors } = watch(path);
    await watcher.ready;
    await watcher.close();
    await watcher.close();
    replaceFile(path, listOf(2));
    await looks();
    unlinkSync(path);
    await looks();
    expect([updates.all.length, errors.all.length, watcher.policy.size]).toEqual([1, 0, 1]);
  });

  test('comes by a signal, too', async () => {
    const path = join(makeFolder(), 'list.txt');
    writeFileSync(path, listOf(1));
    const controller = new AbortController();
    const { watcher, updates } = watch(path, { signal: controller.signal });
    await watcher.ready;
    controller.abort();
    replaceFile(path, listOf(2));
    await looks();
    expect([updates.all.length, watcher.policy.size]).toEqual([1, 1]);
    expect(existsSync(path) && readFileSync(path, 'utf8')).toBe(listOf(2));
    renameSync(path, `${path}.old`);
  });
});
