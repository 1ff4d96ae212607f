/** The lines to copy in the guides of the adapters, copied: each is served, and asked over TCP. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ask, hasLoopbackNetwork } from './support/wire.ts';

const names = ['node', 'express', 'fastify', 'koa', 'hono', 'fetch'] as const;
const DENIED = '127.0.0.66';

type Program = (load: (name: string) => Promise<unknown>) => Promise<Server>;

/** A block of a guide as a function that gives its server; it is to deny one address of this machine. */
function programOf(code: string): Program {
  const body = code
    .replace(/^import \{([^}]+)\} from '([^']+)';$/gm, "const {$1} = await load('$2');")
    .replace(/^import (\w+) from '([^']+)';$/gm, "const { default: $1 } = await load('$2');")
    .replace('203.0.113.0/24', DENIED)
    .replace(/\b3000\b/, '0');
  const AsyncFunction = (async () => {}).constructor as new (...parameters: string[]) => Program;
  return new AsyncFunction('load', `${body}\nreturn typeof server === 'object' ? server : app.server;`);
}

const load = (name: string): Promise<unknown> =>
  name.startsWith('ipverdict')
    ? import(/* @vite-ignore */ new URL(`../dist/${name.split('/')[1] ?? 'index'}.js`, import.meta.url).href)
    : import(/* @vite-ignore */ name);

async function withServer(code: string, use: (port: number) => Promise<void>): Promise<void> {
  const server = await programOf(code)(load);
  if (!server.listening) await once(server, 'listening');
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    (server as Partial<import('node:http').Server>).closeAllConnections?.();
    server.close();
  }
}

describe.skipIf(!hasLoopbackNetwork).each(names)('docs/guides/%s.md', (name) => {
  const text = readFileSync(new URL(`../docs/guides/${name}.md`, import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/^```js server( admin)?\n([\s\S]*?)^```/gm)].map(
    ([, admin, code]) => [admin === undefined ? 'all' : 'admin', code as string] as const,
  );

  test('has about ten lines to copy', () => {
    expect(blocks.filter(([part]) => part === 'all')).toHaveLength(1);
    expect(blocks.length).toBe(name === 'fetch' ? 1 : 2);
    const lines = blocks[0]?.[1].split('\n').filter((line) => line !== '');
    expect(lines?.length).toBeLessThanOrEqual(11);
  });

  test.each(blocks.filter(([part]) => part === 'all'))('%s is guarded', async (_, code) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warn.mockRestore());
    await withServer(code, async (port) => {
      const denied = await ask({ port, from: DENIED });
      expect([denied.status, denied.body]).toEqual([403, 'Forbidden']);
      const allowed = await ask({ port, headers: [`X-Forwarded-For: ${DENIED}`] });
      expect([allowed.status, allowed.body]).toEqual([200, 'Welcome']);
    });
    // The header makes them say once that no proxy is named, and nothing else.
    const codes = warn.mock.calls.map(([text]) => String(text).includes('(proxy-unconfigured'));
    expect(codes.length).toBeLessThanOrEqual(1);
    expect(codes).not.toContain(false);
  });

  test.each(blocks.filter(([part]) => part === 'admin'))('only the %s is guarded', async (_, code) => {
    const print = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => print.mockRestore());
    await withServer(code, async (port) => {
      expect((await ask({ port, from: DENIED })).body).toBe('Welcome');
      expect((await ask({ port, from: DENIED, path: '/admin' })).status).toBe(403);
      expect((await ask({ port, path: '/admin' })).body).toBe('Secret');
      // A target that is no URL ends nothing.
      for (const path of ['//', '/%zz', 'http://']) {
        expect((await ask({ port, from: DENIED, path })).body).not.toBe('Secret');
        expect((await ask({ port })).body).toBe('Welcome');
      }
    });
    // koa-mount stumbles over a target without a path, and Koa prints that. Nobody else prints anything.
    const printed = print.mock.calls.map(([text]) => String(text).includes('koa-mount'));
    expect(printed).toEqual(name === 'koa' ? [true] : []);
  });
});
