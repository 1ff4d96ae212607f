/** Real threads: they run what is built. */

import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type * as Node from '../../src/adapters/node.ts';
import type * as Core from '../../src/public/index.ts';
import type * as Lists from '../../src/public/list.ts';
import type * as Rules from '../../src/public/rules.ts';
import { makeFolder } from '../support/list-file.ts';
import { createStranger, projectRoot } from '../support/package.ts';
import { builtEntry, runProgram } from '../support/process.ts';
import { hasRealData, readColumn } from '../support/real-lists.ts';

const load = <T>(name: string): Promise<T> => import(/* @vite-ignore */ builtEntry(name)) as Promise<T>;
const { compileInWorker } = await load<typeof Node>('node');
const { createPolicy, ListError } = await load<typeof Core>('index');
const { RestrictionList, comparePolicies, parseList } = {
  ...(await load<typeof Lists>('list')),
  ...(await load<typeof Core>('index')),
};
const { createRules } = await load<typeof Rules>('rules');

type Input = Parameters<typeof compileInWorker>[0];

/** Builds here: what the thread has to give, too. */
function buildHere(input: Input): Core.Policy {
  return typeof input === 'object' && input !== null && 'rules' in input
    ? createRules(input)
    : createPolicy(input);
}

const clients = [
  '10.0.0.1',
  '10.0.0.2',
  '10.1.0.1',
  '192.0.2.1',
  '2001:db8::1',
  '::ffff:10.0.0.1',
  '::1',
  'unknown',
];
const at = new Date('2026-06-01T00:00Z');
const items = [
  { address: '10.0.0.1', note: 'One # of two' },
  '10.0.0.2 # Two',
  { address: '2001:db8::/32', from: new Date('2026-01-01T00:00Z'), until: '2027-01-01T00:00Z' },
];

/** Fresh inputs, as an iterator can be read once. */
const good: readonly (readonly [what: string, make: () => Input])[] = [
  ['a text', () => ({ deny: '\ufeff10.0.0.1 # B\u00fcro\r\n# comment\r10.1.0.0/16\n\n@loopback' })],
  ['an empty list', () => ({ allow: '' })],
  ['an empty list that is closed', () => ({ allow: [], whenEmpty: 'deny' })],
  ['items, times and exemptions', () => ({ allow: items, exempt: new Set(['192.0.2.1 # Probe']), at })],
  ['a generator', () => ({ deny: parseList('10.0.0.0/8\n::/0').entries.values() })],
  ['a mode in a field', () => ({ mode: 'deny', list: ['10.0.0.1', '10.0.0.1'], maxEntries: 2 })],
  ['a managed list', () => RestrictionList.parse('allow', '10.0.0.1 # Office\n\n10.1.0.0/16')],
  [
    'entries without their text',
    () => ({ mode: 'deny', entries: parseList('\n10.0.0.1 # x\n\n::1').entries }),
  ],
  ['guards', () => ({ deny: '10.0.0.1', mustAllow: new Set(['192.0.2.1']), mustDeny: ['10.0.0.1'] })],
  [
    'rules',
    () => ({
      rules: [
        { name: 'Kiosk', deny: ['10.0.0.2'], except: '10.0.0.0/31' },
        RestrictionList.parse('allow', '10.0.0.0/8 # Office'),
      ].values(),
      otherwise: 'deny',
      exempt: '::1',
    }),
  ],
  ['no rules', () => ({ rules: [], otherwise: 'allow' })],
];

describe('compileInWorker', () => {
  test.each(good)('gives the policy of %s', async (_, make) => {
    const [here, there] = [buildHere(make()), await compileInWorker(make())];
    for (const client of clients) {
      expect(there.decide(client)).toEqual(here.decide(client));
      expect(there.explain(client)).toEqual(here.explain(client));
    }
    expect([there.mode, there.size, there.changesAt]).toEqual([here.mode, here.size, here.changesAt]);
    expect(there.problems).toEqual(here.problems);
    const { allowed, denied } = comparePolicies(here, there);
    expect([allowed.isEmpty, denied.isEmpty]).toEqual([true, true]);
  });

  const throwing = function* (): Generator<string> {
    yield '10.0.0.1';
    throw new RangeError('no more');
  };
  const bad: readonly (readonly [what: string, make: () => unknown])[] = [
    ['bad lines', () => ({ deny: '10.0.0.*\n10.0.0.0/33 # x\n10.0.0.1-', exempt: 'x' })],
    [
      'bad items',
      () => ({ allow: ['10.0.0.1', 5, { address: 'x', nots: 1 }, () => 1, {}, Symbol('x'), null, ['x']] }),
    ],
    ['holes', () => ({ deny: Array(3) })],
    ['too many entries', () => ({ deny: ['10.0.0.1', '10.0.0.2'], maxEntries: 1 })],
    ['a page', () => ({ deny: '<!DOCTYPE html>\n<p>Log in' })],
    ['times without an instant', () => ({ deny: '10.0.0.1 until 2026-12-31T18:00Z' })],
    ['options', () => ({ deny: '', foo: 1, whenEmpty: 'x', at: 5 })],
    ['options and lines', () => ({ deny: '10.0.0.*', foo: 1 })],
    [
      'guards that fail',
      () => ({
        allow: '10.0.0.0/8',
        mustAllow: ['::1', Symbol('x'), () => 1, {}, null, 5],
        mustDeny: '10.0.0.1',
      }),
    ],
    ['guards that are not guards', () => ({ deny: '', mustAllow: 5, mustDeny: new Map([['::1', 1]]) })],
    ['guards that break', () => ({ allow: '10.0.0.1', mustDeny: throwing() })],
    ['guards that were read', () => ({ allow: '10.0.0.1', mustDeny: [].values() })],
    ['an iterator that breaks', () => ({ deny: throwing() })],
    ['an iterator that was read', () => ({ deny: [].values() })],
    ['no list', () => ({})],
    ['nothing', () => undefined],
    ['a policy', () => createPolicy({ deny: '' })],
    ['two lists', () => ({ allow: '', deny: '' })],
    ['a Map', () => ({ deny: new Map() })],
    ['bytes', () => ({ deny: new Uint8Array(5) })],
    ['a promise', () => ({ deny: Promise.resolve('') })],
    ['entries of a bad text', () => ({ mode: 'allow', entries: parseList('10.0.0.1\nx').entries })],
    [
      'rules',
      () => ({
        rules: [{ deny: '10.0.0.*' }, { allow: ['x'], except: 'y' }, {}],
        otherwise: 'x',
        whenEmpty: 'deny',
      }),
    ],
  ];

  test.each(bad)('refuses %s as createPolicy does', async (_, make) => {
    const errorOf = async (run: () => unknown): Promise<Core.ListError> => {
      try {
        await run();
      } catch (error) {
        return error as Core.ListError;
      }
      throw new Error('It was taken');
    };
    const here = await errorOf(() => buildHere(make() as Input));
    const there = await errorOf(() => compileInWorker(make() as Input));
    expect(there).toBeInstanceOf(ListError);
    expect(there.problems).toEqual(here.problems);
    expect(there.message).toBe(here.message);
    expect(there.stack?.startsWith(`ListError: ${here.message}`) || there.stack?.includes(here.message)).toBe(
      true,
    );
    expect(
      Object.isFrozen(there.problems) && there.problems.every((problem) => Object.isFrozen(problem)),
    ).toBe(true);
    expect(there.cause).toEqual(here.cause);
  });

  test('passes on long texts and many items in pieces that fit', async () => {
    const lines = Array.from(
      { length: 70_000 },
      (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
    );
    const noted = lines.map((line) => `${line} # \u{1F600}\u{1F600}\u{1F600}`);
    for (const list of [noted.join('\n'), noted, new Set(noted)]) {
      const policy = await compileInWorker({ deny: list, maxEntries: 100_000 });
      expect(policy.size).toBe(70_000);
      for (const index of [0, 8191, 8192, 8193, 69_999])
        expect(policy.decide(lines[index]).entry).toMatchObject({
          line: index + 1,
          note: '\u{1F600}'.repeat(3),
        });
    }
    const all = lines.map(() => 'x');
    await expect(compileInWorker({ deny: all, maxEntries: 1e6 })).rejects.toHaveProperty(
      'problems.length',
      70_000,
    );
  });

  test('refuses options that there are not', async () => {
    for (const options of [{ sinal: 1 }, { signal: 5 }, 5])
      await expect(compileInWorker({ deny: '' }, options as never)).rejects.toBeInstanceOf(ListError);
  });
});

/** A thread that does something else. */
function replaceThread(code: string): void {
  const { getBuiltinModule } = process;
  class Other extends Worker {
    constructor() {
      super(code, { eval: true });
    }
  }
  const spy = vi
    .spyOn(process, 'getBuiltinModule')
    .mockImplementation(((name: string) =>
      name === 'node:worker_threads'
        ? { Worker: Other }
        : Reflect.apply(getBuiltinModule, process, [name])) as never);
  onTestFinished(() => spy.mockRestore());
}

describe('a thread that', () => {
  test.each([
    ['ends', 'process.exit(3)', 'the worker ended with code 3'],
    [
      'ends when it is asked',
      "require('node:worker_threads').parentPort.on('message', () => process.exit(0))",
      'code 0',
    ],
    ['throws', "throw new Error('out of paper')", 'the worker failed: "out of paper"'],
    [
      'says that it failed',
      "require('node:worker_threads').parentPort.postMessage({ kind: 'failure', message: '\"no room\"' })",
      'the worker failed: "no room"',
    ],
  ])('%s gives an error', async (_, code, message) => {
    replaceThread(code);
    const building = compileInWorker({ deny: Array(20_000).fill('10.0.0.1'), maxEntries: 1e5 });
    await expect(building).rejects.toThrow(message);
    await expect(building).rejects.not.toBeInstanceOf(ListError);
  });

  test('has no memory left gives an error', async () => {
    const { getBuiltinModule } = process;
    class Small extends Worker {
      constructor(file: URL, options: object) {
        super(file, {
          ...options,
          resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
        });
      }
    }
    const spy = vi
      .spyOn(process, 'getBuiltinModule')
      .mockImplementation(((name: string) =>
        name === 'node:worker_threads'
          ? { Worker: Small }
          : Reflect.apply(getBuiltinModule, process, [name])) as never);
    onTestFinished(() => spy.mockRestore());
    const lines = Array.from({ length: 100_000 }, () => 'bad');
    await expect(compileInWorker({ deny: lines, maxEntries: 1e6 })).rejects.toThrow('the worker failed: "');
  });

  test('is not where it should be gives an error that says so', async () => {
    const folder = makeFolder();
    cpSync(join(projectRoot, 'dist'), folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    rmSync(join(folder, 'ipverdict-worker.js'));
    const copy = (await import(
      /* @vite-ignore */ pathToFileURL(join(folder, 'node.js')).href
    )) as typeof Node;
    await expect(copy.compileInWorker({ deny: '' })).rejects.toThrow(
      'A bundle needs the file ipverdict-worker.js',
    );
  });
});

describe('a signal', () => {
  test('that is aborted by what is read stops the work', async () => {
    const controller = new AbortController();
    const input = {
      get deny(): string {
        controller.abort(new Error('stop'));
        return '10.0.0.1';
      },
    };
    let threads = 0;
    const count = (): void => {
      threads++;
    };
    process.on('worker', count);
    onTestFinished(() => {
      process.off('worker', count);
    });
    await expect(compileInWorker(input, { signal: controller.signal })).rejects.toThrow('stop');
    expect(threads).toBe(0);
    await compileInWorker({ deny: '10.0.0.1' });
    expect(threads).toBe(1);
  });

  test('that throws leaves no thread', async () => {
    const fails = (name: string) => (): void => {
      throw new Error(name);
    };
    const nothing = (): void => {};
    const adding = { aborted: false, addEventListener: fails('add'), removeEventListener: nothing };
    await expect(compileInWorker({ deny: '10.0.0.1' }, { signal: adding as never })).rejects.toThrow('add');
    const removing = { aborted: false, addEventListener: nothing, removeEventListener: fails('remove') };
    expect((await compileInWorker({ deny: '10.0.0.1' }, { signal: removing as never })).size).toBe(1);
    await vi.waitFor(() => expect(process.getActiveResourcesInfo()).not.toContain('Worker'));
  });

  const many = Array.from(
    { length: 300_000 },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  );

  test('that was aborted starts nothing, not even reading', async () => {
    const reason = new Error('too late');
    let reads = 0;
    const input = {
      get deny(): string {
        reads++;
        return '';
      },
    };
    await expect(compileInWorker(input, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(reads).toBe(0);
  });

  test.each([
    ['while the list is read', many],
    ['while the policy is built', many.join('\n')],
  ])('stops the work %s', async (_, deny) => {
    const controller = new AbortController();
    const reason = new Error('never mind');
    const building = compileInWorker({ deny, maxEntries: 1e6 }, { signal: controller.signal });
    await turn();
    controller.abort(reason);
    await expect(building).rejects.toBe(reason);
  });

  test('stops the reading of items', async () => {
    const controller = new AbortController();
    let reads = 0;
    function* items(): Generator<string> {
      for (const item of many) {
        if (reads++ === 20_000) controller.abort(new Error('enough'));
        yield item;
      }
    }
    const building = compileInWorker({ deny: items(), maxEntries: 1e6 }, { signal: controller.signal });
    await expect(building).rejects.toThrow('enough');
    expect(reads).toBeLessThan(30_000);
  });

  test('that is aborted afterwards changes nothing', async () => {
    const controller = new AbortController();
    const policy = await compileInWorker({ deny: '10.0.0.1' }, { signal: controller.signal });
    controller.abort();
    expect(policy.allows('10.0.0.1')).toBe(false);
  });
});

test('the thread ends, and so does the process, whatever the environment loads into others', () => {
  const program = `
    import { compileInWorker } from '${builtEntry('node')}';
    const policy = await compileInWorker({ deny: '10.0.0.1' });
    console.log(policy.allows('10.0.0.1'), policy.allows('10.0.0.2'));`;
  expect(runProgram(program)).toBe('false true\n');
});

describe('the event loop', () => {
  const file = 'internet-prefixes.txt.gz';
  const isHere = hasRealData(file);

  test.skipIf(!isHere).each(['text', 'items'])(
    'goes on while the Internet table is built of %s',
    async (kind) => {
      const lines = readColumn(file);
      const list = kind === 'text' ? lines.join('\n') : lines;
      const started = performance.now();
      createPolicy({ deny: list, maxEntries: Number.POSITIVE_INFINITY });
      const blocked = performance.now() - started;
      let last = performance.now();
      let longest = 0;
      const look = (): void => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      };
      const timer = setInterval(look, 1);
      onTestFinished(() => clearInterval(timer));
      const policy = await compileInWorker({ deny: list, maxEntries: Number.POSITIVE_INFINITY });
      look();
      expect(policy.size).toBe(lines.length);
      // 50 ms on a machine that does nothing else; here others may.
      expect(longest).toBeLessThan(Math.max(150, blocked / 2));
    },
  );
});

test('a bundle made as the guide says builds policies, and without the file it says what is missing', () => {
  const guide = readFileSync(join(projectRoot, 'docs/guides/files.md'), 'utf8');
  const [, code] = /^```js bundle\n([\s\S]*?)^```/m.exec(guide) as RegExpExecArray;
  const stranger = createStranger();
  onTestFinished(() => stranger.remove());
  stranger.write({
    'package.json': '{ "type": "module" }',
    'server.js': `
      import { compileInWorker } from 'ipverdict/node';
      compileInWorker({ deny: ['10.0.0.1'] }).then((policy) => console.log(policy.allows('10.0.0.1')), ({ message }) => console.log(message));`,
    'build.js': (code as string).replace(
      "'esbuild'",
      `'${pathToFileURL(join(projectRoot, 'node_modules/esbuild/lib/main.js')).href}'`,
    ),
  });
  stranger.node('build.js');
  expect(stranger.node('dist/server.js')).toBe('false\n');
  expect(readdirSync(join(stranger.folder, 'dist'))).toContain('ipverdict-worker.js');
  rmSync(join(stranger.folder, 'dist/ipverdict-worker.js'));
  expect(stranger.node('dist/server.js')).toContain('A bundle needs the file ipverdict-worker.js beside it');
});
