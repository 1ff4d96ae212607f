/** The programs of docs/guides/many-processes.md, run as they stand: threads, processes, and the loader on a real Redis. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from 'redis';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { projectRoot } from './support/package.ts';
import { hasRedis, RedisServer } from './support/redis.ts';

const guide = readFileSync(join(projectRoot, 'docs/guides/many-processes.md'), 'utf8');

/** A project of somebody who has installed the library and a client of Redis, with the programs of the guide. */
const folder = mkdtempSync(join(tmpdir(), 'ipverdict-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(projectRoot, join(folder, 'node_modules/ipverdict'), 'junction');
symlinkSync(join(projectRoot, 'node_modules/redis'), join(folder, 'node_modules/redis'), 'junction');
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
const programs = [...guide.matchAll(/^```js (\S+)\n([\s\S]*?)^```/gm)].map((match) => match[1] as string);
for (const [, name, code] of guide.matchAll(/^```js (\S+)\n([\s\S]*?)^```/gm)) {
  writeFileSync(join(folder, name as string), code as string);
}

function run(name: string): string {
  return execFileSync(process.execPath, [join(folder, name)], { encoding: 'utf8', timeout: 60_000 });
}

const load = (path: string): Promise<never> =>
  import(/* @vite-ignore */ pathToFileURL(path).href) as Promise<never>;

describe('docs/guides/many-processes.md', () => {
  test('has these programs', () => {
    expect(programs).toEqual(['main.js', 'worker.js', 'cluster.js', 'loader.js']);
  });

  test('hands a snapshot to threads, which print what the guide says', () => {
    const printed = /It prints\n\n```text\n([\s\S]*?)```/.exec(guide)?.[1];
    expect(run('main.js')).toBe(printed);
  });

  test('answers for each list by itself, and survives a bad list and a thread that ends', () => {
    const main = readFileSync(join(folder, 'main.js'), 'utf8');
    const cases = `
      const settle = async (...lists) => console.log(JSON.stringify(
        (await Promise.allSettled(lists.map(publish))).map(({ value, reason }) => value ?? reason.message)));
      await settle('203.0.113.0/24', '198.51.100.0/24');
      await settle('', '203.0.113.0/24');
      const [first] = workers;
      first.terminate();
      await settle('198.51.100.0/24');
      await settle('203.0.113.0/24');
      for (const worker of workers) await worker.terminate();`;
    writeFileSync(join(folder, 'cases.js'), main.slice(0, main.indexOf('for (const line of')) + cases);
    const lines = run('cases.js')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toEqual([
      [
        ['Thread 1, version 2: allow deny', 'Thread 2, version 2: allow deny'],
        ['Thread 1, version 3: deny allow', 'Thread 2, version 3: deny allow'],
      ],
      [
        'UpdateError: the new allow list has no entries, and mayBeEmpty is false',
        ['Thread 1, version 4: allow deny', 'Thread 2, version 4: allow deny'],
      ],
      ['A thread ended before it answered'],
      [['Thread 2, version 6: allow deny']],
    ]);
  });

  test('hands a snapshot to processes', () => {
    expect(run('cluster.js')).toBe('Version 2: allow\nVersion 2: allow\n');
  });

  test.skipIf(!hasRedis('the loader of the guide'))('loads from a real Redis', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.remove());
    const client = createClient({ url: redis.url });
    client.on('error', () => {});
    await client.connect();
    onTestFinished(() => client.destroy());
    const { loadFrom } = (await load(join(folder, 'loader.js'))) as unknown as {
      loadFrom(of: typeof client): (request: object) => Promise<unknown>;
    };
    const { publish } = (await load(join(projectRoot, 'examples/fleet/store.js'))) as unknown as {
      publish(of: typeof client, bytes: Uint8Array): Promise<number>;
    };
    const { createLivePolicy, follow } = (await load(
      join(projectRoot, 'dist/live.js'),
    )) as typeof import('../src/public/live.ts');
    const { encodePolicy } = (await load(
      join(projectRoot, 'dist/snapshot.js'),
    )) as typeof import('../src/public/snapshot.ts');
    const { createPolicy } = (await load(
      join(projectRoot, 'dist/index.js'),
    )) as typeof import('../src/public/index.ts');

    const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
    const errors: string[] = [];
    const follower = follow(live, loadFrom(client) as never, {
      every: 60_000,
      onError: (error) => errors.push((error as Error).message),
    });
    onTestFinished(() => follower.close());
    await expect(follower.refresh()).rejects.toThrow('Redis has no policy');
    const policyOf = (allow: string): Uint8Array => encodePolicy(createPolicy({ allow }));
    const first = await publish(client, policyOf('192.0.2.1'));
    await follower.refresh();
    expect([live.allows('192.0.2.1'), live.allows('192.0.2.2'), follower.status.tag]).toEqual([
      true,
      false,
      String(first),
    ]);
    expect(await follower.refresh()).toBeUndefined();
    await publish(client, policyOf('192.0.2.2'));
    await follower.refresh();
    expect([live.allows('192.0.2.1'), live.allows('192.0.2.2')]).toEqual([false, true]);
    await client.hSet('ipverdict:policy', 'version', String(first));
    await expect(follower.refresh()).rejects.toThrow('is older than');
    await publish(client, new Uint8Array(100));
    await expect(follower.refresh()).rejects.toThrow();
    await publish(client, policyOf(''));
    await expect(follower.refresh()).rejects.toThrow();
    expect([live.allows('192.0.2.1'), live.allows('192.0.2.2')]).toEqual([false, true]);
    expect(errors).toHaveLength(4);
  });
});
