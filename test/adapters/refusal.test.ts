/** A denial is the same whatever earlier code has done to the response, and nothing that fails on its way escapes. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import { type FastifyReply, fastify } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import { restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import { restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { guardServer, restrictTo as restrictNode } from '../../src/adapters/node.ts';
import { createPolicy } from '../../src/public/index.ts';
import { ask, exchange, readAnswers, requestText } from '../support/wire.ts';

const nobody = createPolicy({ allow: '192.0.2.1 # A secret note' });
const slowly = { decide: async (ip: string) => nobody.decide(ip) } as never;

const stale: Readonly<Record<string, string>> = {
  'Accept-Ranges': 'bytes',
  Age: '60',
  Allow: 'GET',
  'Cache-Control': 'public, max-age=60',
  'CDN-Cache-Control': 'max-age=60',
  'Cache-Tag': 'list',
  'Cloudflare-CDN-Cache-Control': 'max-age=60',
  'Content-Digest': 'sha-256=:AAAA:',
  'Content-Disposition': 'attachment',
  'Content-Encoding': 'gzip',
  'Content-Language': 'de',
  'Content-Length': '5',
  'Content-Location': '/other',
  'Content-MD5': 'AAAA',
  'Content-Range': 'bytes 0-1/2',
  'Content-Type': 'text/html',
  Digest: 'sha-256=AAAA',
  'Edge-Control': 'max-age=60',
  ETag: '"1"',
  Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
  'Last-Modified': 'Thu, 01 Jan 2015 00:00:00 GMT',
  Link: '</style.css>; rel=preload',
  Location: '/other',
  Pragma: 'public',
  'Proxy-Authenticate': 'Basic',
  Refresh: '0; url=/other',
  'Repr-Digest': 'sha-256=:AAAA:',
  'Retry-After': '60',
  'Set-Cookie': 'session=1',
  Signature: 'sig1=:AAAA:',
  'Signature-Input': 'sig1=()',
  Status: '200',
  'Surrogate-Control': 'max-age=60',
  'Surrogate-Key': 'list',
  Trailer: 'Server-Timing',
  'WWW-Authenticate': 'Basic',
  'X-Accel-Buffering': 'no',
  'X-Accel-Redirect': '/secret',
  'X-Lighttpd-Send-File': '/secret',
  'X-LiteSpeed-Location': '/secret',
  'X-Reproxy-URL': '/secret',
  'X-Sendfile': '/secret',
};

const kept: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Content-Security-Policy': "default-src 'none'",
  'Content-Security-Policy-Report-Only': "default-src 'none'",
  'Strict-Transport-Security': 'max-age=60',
  Vary: 'Origin',
  'X-Request-ID': '7f3a',
};

const running: Server[] = [];
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
const escapes = ['unhandledRejection', 'uncaughtException'] as const;

beforeEach(() => {
  for (const event of escapes) process.on(event, note);
});

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
  for (const event of escapes) process.off(event, note);
  expect(unhandled.splice(0)).toEqual([]);
});

async function listen(server: Server): Promise<number> {
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Prepare = (set: (name: string, value: string) => unknown, raw: ServerResponse) => void;
type Options = Record<string, unknown>;

/** A server of each framework: something is prepared on the response, and then the guard denies. */
const builders: Record<string, (prepare: Prepare, policy: never, options?: Options) => Promise<Server>> = {
  'node:http': async (prepare, policy, options) => {
    const guarded = restrictNode(policy, options)(() => {});
    return createServer((request, response) => {
      prepare((name, value) => response.setHeader(name, value), response);
      guarded(request, response);
    });
  },
  ...Object.fromEntries(
    [
      ['express 5', express],
      ['express 4', express4 as unknown as typeof express],
    ].map(([name, framework]) => [
      name,
      async (prepare: Prepare, policy: never, options?: Options) => {
        const app = (framework as typeof express)();
        app.use((_, response, next) => {
          prepare((field, value) => response.setHeader(field, value), response);
          next();
        });
        app.use(restrictExpress(policy, options));
        return createServer(app);
      },
    ]),
  ),
  fastify: async (prepare, policy, options) => {
    const app = fastify();
    app.addHook('onRequest', async (_, reply) =>
      prepare((name, value) => void reply.header(name, value), reply.raw),
    );
    app.register(restrictFastify(policy, options));
    await app.ready();
    return app.server;
  },
  koa: async (prepare, policy, options) => {
    const app = new Koa();
    app.silent = true;
    app.use((context, next) => {
      prepare((name, value) => context.set(name, value), context.res);
      return next();
    });
    app.use(restrictKoa(policy, options));
    return createServer(app.callback());
  },
  hono: async (prepare, policy, options) => {
    const app = new Hono<{ Bindings: { outgoing: ServerResponse } }>();
    app.use(async (context, next) => {
      prepare((name, value) => context.header(name, value), context.env.outgoing);
      await next();
    });
    app.use(restrictHono(policy, options));
    return createServer(getRequestListener(app.fetch as never));
  },
};

describe.each(Object.keys(builders))('in %s', (name) => {
  const build = builders[name] as (typeof builders)[string];

  test.each([
    ['at once', nobody],
    ['after a promise', slowly],
  ])('what described another answer is removed, and the rest stays: %s', async (_, policy) => {
    const port = await listen(
      await build((set) => {
        for (const [field, value] of Object.entries({ ...stale, ...kept })) set(field, value);
      }, policy as never),
    );
    for (const method of ['GET', 'HEAD', 'POST']) {
      const body = method === 'POST' ? { body: 'x' } : {};
      const answer = await ask({ port, method, ...body });
      expect([answer.status, answer.reason, answer.body]).toEqual([
        403,
        'Forbidden',
        method === 'HEAD' ? '' : 'Forbidden',
      ]);
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'text/plain; charset=utf-8',
        ...Object.fromEntries(Object.entries(kept).map(([field, value]) => [field.toLowerCase(), value])),
      });
      const own = ['cache-control', 'content-type', 'content-length'];
      for (const field of Object.keys(stale).map((field) => field.toLowerCase()))
        if (!own.includes(field)) expect([field, answer.headers[field]]).toEqual([field, undefined]);
    }
    expect(await exchange(port, undefined, 'GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 403 Forbidden\r\n.*\r\n\r\nForbidden$/s,
    );
  });

  test.each(Object.entries({ ...stale, 'Transfer-Encoding': 'chunked' }))(
    '%s alone breaks nothing',
    async (field, value) => {
      for (const options of [
        {},
        {
          respond: () => {
            throw new Error('boom');
          },
          onError: () => {},
        },
      ]) {
        const port = await listen(await build((set) => set(field, value), slowly, options));
        const answer = await ask({ port });
        expect([answer.status, answer.body]).toEqual([403, 'Forbidden']);
      }
    },
  );

  test('a status, its text and trailers are replaced', async () => {
    for (const text of ['All is well', 'a\r\nSet-Cookie: b', '\u0000é\uffff']) {
      const port = await listen(
        await build((_, raw) => {
          raw.statusCode = 204;
          raw.statusMessage = text;
          raw.addTrailers({ Digest: 'sha-256=AAAA' });
        }, nobody as never),
      );
      const answer = await ask({ port });
      expect([answer.status, answer.reason, answer.body]).toEqual([403, 'Forbidden', 'Forbidden']);
    }
  });

  test('a body is not sent in chunks beside its length', async () => {
    const server = await build(
      (_, raw) => void Object.assign(raw, { chunkedEncoding: true }),
      nobody as never,
    );
    const answer = await ask({ port: await listen(server) });
    expect([answer.status, answer.body]).toEqual([403, 'Forbidden']);
  });

  test('a stream that the application put on the response is not taken for one of HTTP/2', async () => {
    const close = vi.fn();
    const server = await build((_, raw) => void Object.assign(raw, { stream: { close } }), nobody as never);
    const answer = await ask({ port: await listen(server), method: 'POST', body: 'x'.repeat(10) });
    expect([answer.status, answer.headers['connection']]).toEqual([403, 'close']);
    expect(close).not.toHaveBeenCalled();
  });

  test.each<readonly [name: string, prepare: Prepare]>([
    [
      'writeHead throws',
      (_, raw) => {
        raw.writeHead = () => {
          throw new Error('boom');
        };
      },
    ],
    [
      'setHeader throws',
      (_, raw) => {
        raw.setHeader = () => {
          throw new Error('boom');
        };
      },
    ],
    [
      'end throws',
      (_, raw) => {
        raw.end = () => {
          throw new Error('boom');
        };
      },
    ],
    [
      'setHeader and destroy throw',
      (_, raw) => {
        raw.setHeader = raw.destroy = () => {
          throw new Error('boom');
        };
      },
    ],
    ['the response has begun', (_, raw) => void raw.writeHead(200, { 'Content-Length': 100 }).write('part')],
    ['the response has been sent', (_, raw) => void raw.writeHead(404).end('Nothing')],
    ['the response is gone', (_, raw) => void raw.destroy()],
    ['the socket is gone', (_, raw) => void raw.socket?.destroy()],
  ])('nothing escapes when %s', async (what, prepare) => {
    // Koa and Hono's server write the answer themselves, after the guard.
    if (['koa', 'hono'].includes(name) && /^(writeHead|end) throws/.test(what)) return;
    // Hono's server tells of its own errors.
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      for (const policy of [nobody, slowly]) {
        const onError = vi.fn();
        for (const options of [{ onError }, { onError, respond: () => Promise.reject(new Error('boom')) }]) {
          const port = await listen(await build((set, raw) => prepare(set, raw), policy as never, options));
          const socketText = await exchange(port, undefined, requestText({ port })).catch(() => '');
          expect(socketText).not.toContain('Welcome');
          if (what === 'the response has begun') expect(socketText).not.toContain('Forbidden');
        }
        // Fetch handlers make a response of their own.
        if (what === 'setHeader throws' && name !== 'hono') expect(onError).toHaveBeenCalledTimes(3);
      }
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      error.mockRestore();
    }
  });
});

describe('Hono', () => {
  const host = { incoming: { socket: { remoteAddress: '203.0.113.9' } }, outgoing: {} };
  const respondText = (_: unknown, context: Context) => context.text('No', 404);
  const cancel = vi.fn();

  test.each([
    ['the usual answer', undefined, 403, 'Forbidden'],
    ['that of respond', respondText, 404, 'No'],
    ['a Response of respond', () => new Response('No', { status: 404 }), 404, 'No'],
  ])('what is in the context is replaced by %s', async (_, respond, status, body) => {
    for (const policy of [nobody, slowly]) {
      const app = new Hono();
      app.use(async (context, next) => {
        context.res = new Response(new ReadableStream({ cancel }), {
          status: 200,
          headers: { ...kept, ETag: '"1"', 'Content-Type': 'text/html', 'X-Accel-Redirect': '/secret' },
        });
        await next();
      });
      app.use(restrictHono(policy as never, { respond }));
      app.get('/', (context) => context.text('Welcome'));
      cancel.mockClear();
      const answer = await app.request('/', {}, host);
      expect([answer.status, await answer.text()]).toEqual([status, body]);
      expect(answer.headers.get('etag')).toBeNull();
      expect(answer.headers.get('x-accel-redirect')).toBeNull();
      expect(answer.headers.get('strict-transport-security')).toBe('max-age=60');
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      expect(cancel).toHaveBeenCalledTimes(1);
    }
  });

  test('a response in the context that was read, and an answer that was read, are replaced, too', async () => {
    for (const respond of [
      undefined,
      async () => {
        const used = new Response('No');
        await used.text();
        return used;
      },
    ]) {
      const app = new Hono();
      app.use(async (context, next) => {
        const used = new Response('Welcome');
        await used.text();
        context.res = used;
        await next();
      });
      const onError = vi.fn();
      app.use(restrictHono(nobody, { respond, onError }));
      const answer = await app.request('/', {}, host);
      expect([answer.status, await answer.text()]).toEqual([403, 'Forbidden']);
      expect(onError).toHaveBeenCalledTimes(respond === undefined ? 0 : 1);
    }
  });

  test('the headers of an answer of respond go before those of earlier middleware', async () => {
    const respond = () =>
      new Response('No', { status: 404, headers: { Vary: '*', 'Cache-Control': 'private' } });
    for (const isReplaced of [false, true]) {
      const app = new Hono();
      app.use(async (context, next) => {
        if (isReplaced) context.res = new Response('Welcome');
        for (const [field, value] of Object.entries({ ...kept, ...stale })) context.header(field, value);
        await next();
      });
      app.use(restrictHono(nobody, { respond }));
      const answer = await app.request('/', {}, host);
      const [vary, cache, lasting] = ['vary', 'cache-control', 'x-request-id'].map((field) =>
        answer.headers.get(field),
      );
      expect([answer.status, vary, cache, lasting]).toEqual([404, '*', 'private', '7f3a']);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });
});

describe('Koa', () => {
  test('a body, a type, a status and a response of somebody else are replaced', async () => {
    const stream = new Readable({ read() {} });
    const cancel = vi.fn();
    const bodies = [stream, new ReadableStream({ cancel }), null, '', { secret: 1 }, Buffer.from('Welcome')];
    for (const body of [...bodies, new Response(new ReadableStream({ cancel }))]) {
      const app = new Koa();
      app.use((context, next) => {
        context.body = body;
        context.status = 201;
        context.message = 'Welcome';
        context.type = 'html';
        context.respond = false;
        return next();
      });
      app.use(restrictKoa(nobody));
      const answer = await ask({ port: await listen(createServer(app.callback())) });
      expect([answer.status, answer.reason, answer.body]).toEqual([403, 'Forbidden', 'Forbidden']);
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    }
    expect(stream.destroyed).toBe(true);
    expect(cancel).toHaveBeenCalledTimes(2);
  });
});

describe('Fastify', () => {
  test.each<readonly [what: string, respond: (reply: FastifyReply) => unknown]>([
    ['a payload that cannot be sent', (reply) => reply.type('text/html').send({ page: 1 })],
    ['a header that cannot be sent', (reply) => reply.header('x', '\n').send('x')],
    ['a promise of it', async (reply) => reply.type('text/html').send({ page: 1 })],
  ])('the usual answer is sent where respond sends %s', async (_, respond) => {
    const app = fastify();
    const onError = vi.fn();
    const options = { onError, respond: (__: unknown, ___: unknown, reply: FastifyReply) => respond(reply) };
    app.register(restrictFastify(nobody, options as never));
    await app.ready();
    const answer = await ask({ port: await listen(app.server) });
    expect([answer.status, answer.body]).toEqual([403, 'Forbidden']);
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test('a type, trailers and hooks do not change the answer', async () => {
    const app = fastify();
    const seen = vi.fn();
    app.addHook('onRequest', async (_, reply: FastifyReply) => {
      reply.code(201).type('text/html').header('X-Illegal', 'a\nb').header('X-Legal', 'a');
      reply.trailer('server-timing', (_reply, _payload, done) => done(null, 'a'));
    });
    app.addHook('preSerialization', async () => ({ secret: 1 }));
    app.addHook('onSend', async (_, reply) => {
      seen();
      reply.code(200);
      return 'Welcome';
    });
    app.addHook('onResponse', async (_, reply) => seen(reply.statusCode));
    app.register(restrictFastify(nobody));
    await app.ready();
    const answer = await ask({ port: await listen(app.server), headers: ['Accept: application/json'] });
    expect(JSON.parse(answer.body)).toEqual({ type: 'about:blank', title: 'Forbidden', status: 403 });
    expect([answer.status, answer.headers['x-legal'], answer.headers['x-illegal']]).toEqual([
      403,
      'a',
      undefined,
    ]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(seen.mock.calls).toEqual([[403]]);
  });
});

test.each([
  ['sends', (reply: FastifyReply) => void reply.send('No'), 'No'],
  ['takes over', (reply: FastifyReply) => void reply.hijack(), 'Forbidden'],
  ['begins', (reply: FastifyReply) => void reply.raw.writeHead(200, { 'Content-Length': 9 }).write('a'), ''],
])('respond that %s and then throws is answered once in Fastify', async (_, run, body) => {
  for (const policy of [nobody, slowly]) {
    const app = fastify();
    const onError = vi.fn();
    app.addHook('onSend', async (_request, _reply, payload) => {
      await new Promise((resolve) => setImmediate(resolve));
      return payload;
    });
    const respond = (_decision: unknown, _request: unknown, reply: FastifyReply): never => {
      run(reply);
      throw new Error('boom');
    };
    app.register(restrictFastify(policy as never, { respond, onError } as never));
    await app.ready();
    const port = await listen(app.server);
    const text = await exchange(port, undefined, requestText({ port }));
    if (body !== '') expect(readAnswers(text, ['GET'])[0]).toMatchObject({ status: 403, body });
    expect(text.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(onError).toHaveBeenCalledTimes(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
});

describe('HTTP/2', () => {
  test('headers of another answer are not on the denial, and nothing is warned about', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    const guarded = restrictNode(nobody)((_, response) => response.end('Welcome'));
    const server = createHttp2Server((request, response) => {
      for (const [field, value] of Object.entries(stale)) response.setHeader(field, value);
      guarded(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const get = session.request({ ':path': '/' });
    const [headers] = (await once(get, 'response')) as [Record<string, unknown>];
    get.resume();
    await once(get, 'close');
    session.close();
    await new Promise((resolve) => server.close(resolve));
    process.off('warning', warned);
    expect(headers[':status']).toBe(403);
    const own = ['cache-control', 'content-length', 'content-type'];
    const left = Object.keys(stale).filter((field) => headers[field.toLowerCase()] !== undefined);
    expect(left.map((field) => field.toLowerCase()).sort()).toEqual(own);
    expect(warnings).toEqual([]);
  });
});

describe('what later middleware throws', () => {
  test.each([
    ['Express 5', express],
    ['Express 4', express4 as unknown as typeof express],
  ])('reaches the error handler of %s, also with a policy that gives a promise', async (_, framework) => {
    for (const decider of [
      createPolicy({ deny: '' }),
      { decide: async () => createPolicy({ deny: '' }).decide('::1') },
    ]) {
      const app = framework();
      app.use(restrictExpress(decider));
      app.use(() => {
        throw new Error('broken');
      });
      app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
        response.status(500).send(error.message);
      });
      const answer = await ask({ port: await listen(createServer(app)) });
      expect([answer.status, answer.body]).toEqual([500, 'broken']);
    }
  });

  test('by a function that stands for next reaches it a second time as its error', async () => {
    const seen: unknown[] = [];
    const guard = restrictExpress({ decide: async () => createPolicy({ deny: '' }).decide('::1') });
    guard(
      { socket: { remoteAddress: '::1' }, headers: {} } as unknown as IncomingMessage,
      {} as never,
      (error) => {
        seen.push(error);
        if (error === undefined) throw new Error('broken');
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.map(String)).toEqual(['undefined', 'Error: broken']);
  });
});

test('a foreign decision with a method then that comes and goes is the decision that it is', async () => {
  for (const answer of [undefined, 'allow', { verdict: 'allow' }]) {
    let reads = 0;
    const odd = {
      verdict: 'deny',
      // biome-ignore lint/suspicious/noThenProperty: it is what this test is about
      get then() {
        return reads++ === 0 ? undefined : (resolve: (value: unknown) => void) => resolve(answer);
      },
    };
    const seen = vi.fn();
    const port = await listen(createServer(restrictNode({ decide: () => odd } as never)(seen)));
    expect((await ask({ port })).status).toBe(403);
    expect(seen).not.toHaveBeenCalled();
  }
});

test('Response.error() of respond is no answer', async () => {
  const onError = vi.fn();
  const app = new Hono();
  app.use(restrictHono(nobody, { onError, respond: () => Response.error() }));
  const answer = await app.request('/', {}, { incoming: { socket: { remoteAddress: '127.0.0.1' } } });
  expect([answer.status, await answer.text()]).toEqual([403, 'Forbidden']);
  expect(onError).toHaveBeenCalledTimes(1);
});

test('a guarded server shows a denied peer to none of its listeners', async () => {
  const seen = vi.fn();
  for (const server of [createServer(), createHttp2Server() as unknown as Server]) {
    for (const event of [
      'request',
      'checkContinue',
      'checkExpectation',
      'upgrade',
      'connect',
      'clientError',
      'dropRequest',
      'stream',
      'session',
    ])
      server.on(event, () => seen(event));
    const port = await listen(guardServer(server, nobody));
    for (const text of [
      requestText({ port }),
      requestText({ port, method: 'POST', headers: ['Expect: 100-continue'], body: 'x' }),
      requestText({ port, headers: ['Connection: Upgrade', 'Upgrade: test'] }),
      'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'nonsense\r\n\r\n',
    ])
      expect(await exchange(port, undefined, text)).toBe('');
  }
  expect(seen).not.toHaveBeenCalled();
});

test('the head and the body of a denial tell no entry, note or address', async () => {
  for (const build of Object.values(builders)) {
    const port = await listen(await build(() => {}, nobody as never));
    for (const headers of [[], ['Accept: application/json']]) {
      const text = await exchange(port, undefined, requestText({ port, headers }));
      expect(text).toContain('403 Forbidden');
      expect(text).not.toMatch(/192\.0\.2|127\.0\.0|secret|note|listed|ipverdict/i);
    }
  }
});

test('what other code puts on Object.prototype is no fact of a host', async () => {
  const called = vi.fn();
  const traps: Record<string, unknown> = {
    stream: { close: called, once: called },
    body: { cancel: called },
    outgoing: { setHeader: called, getHeaderNames: called },
    incoming: { headers: { 'content-length': '5' }, socket: { destroySoon: called } },
    destroySoon: called,
    onIncoming: called,
    listeners: called,
    bodyUsed: true,
    locked: true,
  };
  const request = {
    socket: { remoteAddress: '192.0.2.9' },
    headers: { 'content-length': '5' },
    method: 'GET',
  };
  const set = vi.fn();
  const response = { headersSent: false, setHeader: set, removeHeader: () => {}, end: () => {} };
  const platform = new Request('https://www.example.com/');
  const client = (): string => '192.0.2.9';
  const answer = { status: 404, headers: new Headers(), body: null };
  for (const [name, value] of Object.entries(traps))
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  try {
    const guarded = restrictNode(nobody)(() => {});
    Reflect.apply(guarded, {}, [request, response]);
    const handler = restrictFetch(nobody, { client })(() => new Response('Welcome'));
    expect((await handler({ method: 'GET', headers: new Headers() } as never, {})).status).toBe(403);
    const own = restrictFetch(nobody, { client, respond: () => answer as never })(() => new Response());
    expect(await own(platform, {})).toBe(answer);
  } finally {
    for (const name of Object.keys(traps)) Reflect.deleteProperty(Object.prototype, name);
  }
  expect(set).toHaveBeenCalledWith('Connection', 'close');
  expect(called).not.toHaveBeenCalled();
});
