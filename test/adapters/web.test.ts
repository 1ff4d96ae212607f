/** Hono and fetch handlers on other runtimes, by what these hand over beside a request. */

import { type Context, Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cloudflareClient, restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import {
  cloudflareClient as cloudflareClientOfHono,
  restrictTo as restrictHono,
} from '../../src/adapters/hono.ts';
import { createPolicy } from '../../src/public/index.ts';

const policy = createPolicy({ deny: '203.0.113.0/24' });
const url = 'https://www.example.com/';
const forged = { 'cf-connecting-ip': '192.0.2.1', 'x-forwarded-for': '192.0.2.1', 'x-real-ip': '192.0.2.1' };

/** What each runtime hands over, for a client. */
const hosts: readonly (readonly [name: string, host: (address: string | undefined) => unknown])[] = [
  ['Node', (address) => ({ incoming: { socket: { remoteAddress: address } }, outgoing: {} })],
  ['Node in development', (address) => ({ server: { incoming: { socket: { remoteAddress: address } } } })],
  [
    'Bun',
    (address) => ({ requestIP: () => (address === undefined ? null : { address, family: 'IPv4', port: 1 }) }),
  ],
  [
    'Bun in a field',
    (address) => ({ server: { requestIP: () => (address === undefined ? null : { address }) } }),
  ],
  [
    'Deno',
    (address) => ({
      remoteAddr: { transport: 'tcp', hostname: address, port: 1 },
      completed: Promise.resolve(),
    }),
  ],
];

/** Hosts that say nothing about the peer. */
const silent: readonly (readonly [name: string, host: unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['text', '192.0.2.1'],
  ['an empty environment', {}],
  ['bindings of a Worker', { KV: {}, remoteAddress: '192.0.2.1', server: 'example.com' }],
  ['Deno on a Unix socket', { remoteAddr: { transport: 'unix', path: '/run/app.sock' } }],
  ['a closed connection', { incoming: {} }],
];

// A forged header makes a guard without the option `client` warn.
beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('Hono', () => {
  const app = new Hono();
  app.use(restrictHono(policy));
  app.get('/', (context) => context.text('Welcome'));
  const get = async (host: unknown, headers = {}) =>
    (await app.request(url, { headers }, host as object)).status;

  test.each(hosts)('finds the peer on %s', async (_, host) => {
    expect(await get(host('192.0.2.1'))).toBe(200);
    expect(await get(host('203.0.113.9'))).toBe(403);
    expect(await get(host('::ffff:203.0.113.9'), forged)).toBe(403);
    expect(await get(host(undefined), forged)).toBe(403);
  });

  test.each(silent)('denies everyone where the host says %s', async (_, host) => {
    expect(await get(host)).toBe(403);
    expect(await get(host, forged)).toBe(403);
  });

  test('asks Bun about the request of the platform', async () => {
    const requestIP = vi.fn(() => ({ address: '192.0.2.1' }));
    const request = new Request(url);
    await app.fetch(request, { requestIP });
    expect(requestIP).toHaveBeenCalledWith(request);
  });

  test.each(['usual', 'respond', 'plain', 'frozen'] as const)(
    'what was set on the context before is not on the refusal: %s',
    async (kind) => {
      const respond = {
        usual: undefined,
        respond: (_: unknown, context: Context) => context.text('No'),
        plain: () => new Response('No', { status: 403 }),
        frozen: () => {
          const answer = new Response('No', { status: 403 });
          (answer.headers as { set: unknown }).set = () => {
            throw new TypeError('immutable');
          };
          return answer;
        },
      }[kind];
      const stale = {
        'Cache-Control': 'public',
        ETag: '"1"',
        'Content-Encoding': 'gzip',
        'Content-Length': '7',
      };
      const before = [
        async (context: Context, next: () => Promise<void>) => {
          for (const [name, value] of Object.entries(stale)) context.res.headers.set(name, value);
          context.res.headers.set('Access-Control-Allow-Origin', '*');
          await next();
        },
        async (context: Context, next: () => Promise<void>) => {
          for (const [name, value] of Object.entries(stale)) context.header(name, value);
          await next();
        },
        async (_: Context, next: () => Promise<void>) => next(),
      ];
      for (const [index, middleware] of before.entries()) {
        const site = new Hono();
        site.use(middleware);
        site.use(restrictHono(policy, { respond }));
        const answer = await site.request('/', {}, hosts[0]?.[1]('203.0.113.9') as object);
        expect([answer.status, answer.headers.get('cache-control')]).toEqual([403, 'no-store']);
        for (const name of ['etag', 'content-encoding', 'content-length'])
          expect(answer.headers.get(name)).toBeNull();
        expect(answer.headers.get('access-control-allow-origin')).toBe(index === 0 ? '*' : null);
        expect(await answer.text()).toBe(kind === 'usual' ? 'Forbidden' : 'No');
      }
    },
  );

  test('guards sub-applications that are routed to', async () => {
    const admin = new Hono();
    admin.use(restrictHono(policy));
    admin.get('/page', (context) => context.text('Secret'));
    const site = new Hono().route('/admin', admin).get('/', (context) => context.text('Welcome'));
    const host = hosts[0]?.[1]('203.0.113.9') as object;
    expect(await (await site.request('/', {}, host)).text()).toBe('Welcome');
    expect(await (await site.request('/admin/page', {}, host)).text()).toBe('Forbidden');
  });

  test('what respond does not say is right', async () => {
    const answering = new Hono();
    answering.use(restrictHono(policy, { respond: (_, context: Context) => context.text('No') }));
    const answer = await answering.request('/', {}, hosts[0]?.[1]('203.0.113.9') as object);
    expect([answer.status, answer.headers.get('cache-control'), await answer.text()]).toEqual([
      403,
      'no-store',
      'No',
    ]);
  });

  test.each([undefined, null, 'No', 5, {}])(
    'respond that gives %j is an error, and the answer the usual one',
    async (given) => {
      const onError = vi.fn();
      for (const respond of [() => given, async () => given]) {
        const answering = new Hono();
        answering.use(restrictHono(policy, { respond, onError }));
        const answer = await answering.request('/', {}, hosts[0]?.[1]('203.0.113.9') as object);
        expect([answer.status, await answer.text()]).toEqual([403, 'Forbidden']);
      }
      expect(onError).toHaveBeenCalledTimes(2);
    },
  );

  test('believes Cloudflare on Cloudflare alone', async () => {
    const worker = new Hono();
    worker.use(restrictHono(policy, { client: cloudflareClientOfHono }));
    worker.get('/', (context) => context.text('Welcome'));
    const from = async (cf: unknown, address?: string) => {
      const request = new Request(url, {
        headers: address === undefined ? {} : { 'CF-Connecting-IP': address },
      });
      return (await worker.fetch(Object.assign(request, cf === undefined ? {} : { cf }), { KV: {} })).status;
    };
    const edge = { colo: 'AMS', country: 'NL' };
    expect(await from(edge, '192.0.2.1')).toBe(200);
    expect(await from(edge, '203.0.113.9')).toBe(403);
    expect(await from(edge)).toBe(403);
    expect(await from(edge, '192.0.2.1, 192.0.2.1')).toBe(403);
    for (const elsewhere of [undefined, null, {}, 'AMS', { clientIp: '192.0.2.1:1' }, { colo: 1 }]) {
      expect(await from(elsewhere, '192.0.2.1')).toBe(403);
    }
  });
});

describe('fetch', () => {
  const handler = restrictFetch<Request, [host: unknown]>(policy)(() => new Response('Welcome'));
  const get = async (host: unknown, headers = {}) =>
    (await handler(new Request(url, { headers }), host)).status;

  test.each(hosts)('finds the peer on %s', async (_, host) => {
    expect(await get(host('192.0.2.1'))).toBe(200);
    expect(await get(host('::ffff:203.0.113.9'), forged)).toBe(403);
    expect(await get(host(undefined), forged)).toBe(403);
  });

  test.each(silent)('denies everyone where the host says %s', async (_, host) => {
    expect(await get(host, forged)).toBe(403);
  });

  test('hands on all that the host gives, and the value or error of the handler', async () => {
    const client = (_request: Request, { address }: { address: string }) => address;
    const guarded = restrictFetch(policy, { client });
    const seen = vi.fn();
    const wrapped = guarded(function (this: unknown, request, host, more: number) {
      seen(this, request.url, host, more);
      return new Response('Welcome', { status: 201 });
    } as (request: Request, host: { address: string }, ...more: never[]) => Response) as unknown as (
      ...given: unknown[]
    ) => Promise<Response>;
    const host = { address: '192.0.2.1' };
    expect((await wrapped.call('this', new Request(url), host, 5)).status).toBe(201);
    expect(seen).toHaveBeenCalledWith('this', url, host, 5);
    const boom = new Error('boom');
    const throwing = guarded(() => {
      throw boom;
    });
    await expect(throwing(new Request(url), host)).rejects.toBe(boom);
  });

  test('gives no body for HEAD, and everything else to the letter', async () => {
    const client = () => '203.0.113.9';
    const closed = restrictFetch(policy, { client, requestId: () => '7f3a' })(() => new Response('Welcome'));
    const head = await closed(new Request(url, { method: 'HEAD' }));
    expect([head.status, head.body]).toEqual([403, null]);
    const answer = await closed(new Request(url, { headers: { Accept: 'application/json' } }));
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
    });
    expect(await answer.json()).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      requestId: '7f3a',
    });
  });

  test('resolves behind proxies from the peer that the host tells', async () => {
    const guarded = restrictFetch<Request, [host: unknown]>(policy, {
      client: { trusted: '10.0.0.0/8', warn: () => {} },
    })(() => new Response('Welcome'));
    const ask = async (peer: string, value: string) =>
      (
        await guarded(new Request(url, { headers: { 'X-Forwarded-For': value } }), {
          remoteAddr: { hostname: peer },
        })
      ).status;
    expect(await ask('10.0.0.1', '192.0.2.1, 203.0.113.9')).toBe(403);
    expect(await ask('10.0.0.1', '203.0.113.9, 192.0.2.1')).toBe(200);
    expect(await ask('203.0.113.9', '192.0.2.1')).toBe(403);
  });

  test('believes Cloudflare on Cloudflare alone', () => {
    const request = new Request(url, { headers: { 'CF-Connecting-IP': '192.0.2.1' } });
    expect(cloudflareClient(request)).toBeUndefined();
    expect(cloudflareClient(Object.assign(request, { cf: { colo: 'AMS' } }))).toBe('192.0.2.1');
    expect(cloudflareClient(Object.assign(new Request(url), { cf: { colo: 'AMS' } }))).toBeUndefined();
  });
});
