/**
 * The recipes of README, run as they stand and asked. Frameworks that are not installed are replaced by the least that
 * has their shape: Nest hands its middleware to Express, and Next.js calls one function.
 */

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Follower } from '../src/public/live.ts';
import { projectRoot } from './support/package.ts';
import { ask, exchange, hasLoopbackNetwork } from './support/wire.ts';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const recipes = new Map(
  [...readme.matchAll(/^```js (\w+)\n([\s\S]*?)^```/gm)].map((match) => [
    match[1] as string,
    match[2] as string,
  ]),
);

type Loaded = Record<string, unknown>;
type Program = (__load: (name: string) => Promise<unknown>) => Promise<Loaded>;

/** Runs a recipe, and gives what it declares under these names; what it exports by default is `exported`. */
async function run(name: string, names: readonly string[], stubs: Loaded = {}): Promise<Loaded> {
  const code = recipes.get(name);
  if (code === undefined) throw new Error(`README has no recipe ${name}`);
  const body = code
    .replace(/^import \{([^}]+)\} from '([^']+)';$/gm, "const {$1} = await __load('$2');")
    .replace(/^import (\w+) from '([^']+)';$/gm, "const { default: $1 } = await __load('$2');")
    .replace(/^export default /gm, 'const exported = ')
    .replace(/^export /gm, '');
  const AsyncFunction = (async () => {}).constructor as new (...parameters: string[]) => Program;
  const load = (from: string): Promise<unknown> => {
    if (Object.hasOwn(stubs, from)) return Promise.resolve(stubs[from]);
    return from.startsWith('ipverdict')
      ? import(
          /* @vite-ignore */ new URL(`../dist/${from.split('/')[1] ?? 'index'}.js`, import.meta.url).href
        )
      : import(/* @vite-ignore */ from);
  };
  return new AsyncFunction('__load', `${body}\nreturn { ${names.join(', ')} };`)(load);
}

/** Serves it on a free port of this machine. */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

interface Policy {
  decide(ip: string): { verdict: string };
}

describe('README has a recipe', () => {
  test('for each of these', () => {
    expect([...recipes.keys()]).toEqual([
      'proxy',
      'file',
      'tenants',
      'feed',
      'nest',
      'next',
      'lambda',
      'workers',
    ]);
  });

  test.skipIf(!hasLoopbackNetwork)('for a proxy: past it, by it, and by it without a header', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    const { app } = await run('proxy', ['app']);
    const port = await serve(app as RequestListener);
    const get = async (path: string, from: string, header?: string): Promise<string> => {
      const headers = header === undefined ? [] : [`X-Forwarded-For: ${header}`];
      const { status, body } = await ask({ port, path, from, headers });
      return `${status} ${body}`;
    };
    expect(await get('/', '127.0.0.1', '192.0.2.1')).toBe('200 Welcome, 192.0.2.1');
    expect(await get('/', '127.0.0.1', '192.0.2.1, 203.0.113.9')).toBe('403 Forbidden');
    expect(await get('/', '127.0.0.1')).toBe('403 Forbidden');
    expect(await get('/', '127.0.0.66', '192.0.2.1')).toBe('200 Welcome, 127.0.0.66');
    for (const header of [undefined, '203.0.113.9']) {
      expect(await get('/health', '127.0.0.1', header)).toBe('200 Well');
    }
  });

  test('for a list in a file: what cannot be read changes nothing, and an emptied file lets nobody in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ipverdict-recipe-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const file = join(folder, 'allow.txt');
    writeFileSync(file, '203.0.113.0/24 # Office\n');
    const node = await import('../src/adapters/node.ts');
    const watchList: typeof node.watchList = (name, options) =>
      node.watchList(join(folder, `${name}`), options);
    const stubs = { 'ipverdict/node': { ...node, watchList } };
    const { watcher } = (await run('file', ['watcher', 'guard'], stubs)) as {
      watcher: ReturnType<typeof node.watchList>;
    };
    onTestFinished(() => watcher.close());
    const verdicts = (): string[] =>
      ['203.0.113.9', '198.51.100.7'].map((ip) => watcher.policy.decide(ip).verdict);
    expect(verdicts()).toEqual(['deny', 'deny']);
    await watcher.ready;
    expect(verdicts()).toEqual(['allow', 'deny']);
    for (const bad of ['198.51.100.*\n', '', '203.0.113.0/28\n']) {
      writeFileSync(file, bad);
      await watcher.refresh().then(undefined, () => {});
      expect(verdicts()).toEqual(['allow', 'deny']);
    }
    writeFileSync(file, '203.0.113.0/24\n198.51.100.0/24\n');
    await watcher.refresh();
    expect(verdicts()).toEqual(['allow', 'allow']);
    expect(error).toHaveBeenCalled();
  });

  test('for tenants: a list each, and none for a stranger', async () => {
    const { guard } = await run('tenants', ['guard']);
    const app = express()
      .use(guard as express.RequestHandler)
      .use((_, response) => void response.send('Welcome'));
    const port = await serve(app);
    const get = async (host: string): Promise<string> => {
      const request = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      return (await exchange(port, undefined, request)).slice('HTTP/1.1 '.length).slice(0, 3);
    };
    expect(await get('red.example.com')).toBe('403');
    expect(await get('blue.example.com')).toBe('200');
    expect(await get('other.example.com')).toBe('403');
  });

  test('for a feed: closed at first, and a bad answer changes nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const answers = [
      new Response('192.0.2.0/24\n198.51.100.7\n203.0.113.9\n', { headers: { etag: '"7"' } }),
      new Response('', { status: 503 }),
      new Response(''),
      new Response('<html>'),
      new Response('198.51.100.7'),
      new Response(null, { status: 304 }),
      new Response('192.0.2.0/24\n198.51.100.7\n203.0.113.10'),
    ];
    const asked: unknown[] = [];
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async (_, options) => {
      asked.push(new Headers(options?.headers).get('If-None-Match') ?? undefined);
      return answers.shift() as Response;
    });
    onTestFinished(() => fetched.mockRestore());
    const { policy, follower } = (await run('feed', ['policy', 'follower'])) as {
      policy: Policy;
      follower: Follower;
    };
    onTestFinished(() => follower.close());
    const verdicts = (): string =>
      ['192.0.2.1', '203.0.113.9', '203.0.113.10', '8.8.8.8']
        .map((ip) => policy.decide(ip).verdict)
        .join(' ');
    expect(verdicts()).toBe('deny deny deny deny');
    await follower.ready;
    expect(verdicts()).toBe('deny deny allow allow');
    for (let bad = 0; bad < 4; bad++) {
      await expect(follower.refresh()).rejects.toThrow();
      expect(verdicts()).toBe('deny deny allow allow');
    }
    expect(await follower.refresh()).toBeUndefined();
    await follower.refresh();
    expect(verdicts()).toBe('deny allow deny allow');
    expect(asked).toEqual([undefined, '"7"', '"7"', '"7"', '"7"', '"7"', '"7"']);
  });

  test('for Nest', async () => {
    const application = express();
    const listened: number[] = [];
    const app = {
      use: (...handlers: express.RequestHandler[]) => application.use(...handlers),
      listen: async (port: number) => void listened.push(port),
    };
    const stubs = {
      '@nestjs/core': { NestFactory: { create: async () => app } },
      './app.module.js': { AppModule: class {} },
    };
    await run('nest', ['app'], stubs);
    application.use((_, response) => void response.send('Welcome'));
    expect(listened).toEqual([3000]);
    const port = await serve(application);
    expect((await ask({ port })).status).toBe(200);
  });

  test('for middleware of Next.js', async () => {
    const next = new Response(null, { headers: { 'x-middleware-next': '1' } });
    const stubs = { 'next/server': { NextResponse: { next: () => next } } };
    const { middleware } = (await run('next', ['middleware'], stubs)) as {
      middleware(request: Request): Promise<Response>;
    };
    const from = (address?: string): Request =>
      new Request('https://www.example.com/', {
        headers: address === undefined ? {} : { 'X-Real-IP': address },
      });
    expect(await middleware(from('192.0.2.1'))).toBe(next);
    expect((await middleware(from('203.0.113.9'))).status).toBe(403);
    expect((await middleware(from())).status).toBe(403);
  });

  test('for Lambda', async () => {
    const { handler } = (await run('lambda', ['handler'])) as {
      handler(event: object): Promise<{ statusCode: number }>;
    };
    const status = async (sourceIp?: string): Promise<number> =>
      (await handler({ requestContext: { http: { sourceIp } } })).statusCode;
    expect(await status('192.0.2.1')).toBe(200);
    expect(await status('203.0.113.9')).toBe(403);
    expect(await status()).toBe(403);
    // An event of another payload version has no such field.
    expect((await handler({ requestContext: { identity: { sourceIp: '192.0.2.1' } } })).statusCode).toBe(403);
    expect((await handler({})).statusCode).toBe(403);
  });

  test('for Cloudflare Workers', async () => {
    const { exported } = (await run('workers', ['exported'])) as {
      exported: { fetch(request: Request, env: object): Promise<Response> };
    };
    const status = async (address: string, isEdge = true): Promise<number> => {
      const request = new Request('https://www.example.com/', { headers: { 'CF-Connecting-IP': address } });
      return (await exported.fetch(isEdge ? Object.assign(request, { cf: { colo: 'AMS' } }) : request, {}))
        .status;
    };
    expect(await status('192.0.2.1')).toBe(200);
    expect(await status('203.0.113.9')).toBe(403);
    expect(await status('192.0.2.1', false)).toBe(403);
  });
});
