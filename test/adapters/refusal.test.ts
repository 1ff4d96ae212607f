/** A denial is the same whatever earlier code has done to the response, and nothing that fails on its way escapes. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import express from 'express';
import express4 from 'express4';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isStale } from '../../src/adapters/denial.ts';
import { restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import type { Decider } from '../../src/adapters/guard.ts';
import { restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { restrictTo as restrictNode } from '../../src/adapters/node.ts';
import { createPolicy } from '../../src/public/index.ts';
import type { AnyOptions } from '../support/sites.ts';
import { type Answer, ask } from '../support/wire.ts';

const policy = createPolicy({ deny: '127.0.0.0/8 # A secret note' });
const inTime: Decider = { decide: async (ip) => policy.decide(ip) };

/** Does something to Node's response before the guard sees the request. */
type Earlier = (response: ServerResponse) => void;

/** A site of one framework, in which something happens to Node's response before the guard. */
type Build = (earlier: Earlier, decider: Decider, options: AnyOptions) => Promise<Server>;

const expressWith =
  (framework: typeof express): Build =>
  async (earlier, decider, options) => {
    const app = framework();
    app.use((_, response, next) => {
      earlier(response);
      next();
    });
    app.use(restrictExpress(decider, options));
    app.use((_, response) => void response.send('Welcome'));
    return createServer(app);
  };

const frameworks: readonly (readonly [name: string, build: Build])[] = [
  [
    'node:http',
    async (earlier, decider, options) => {
      const guarded = restrictNode(decider, options)((_, response) => response.end('Welcome'));
      return createServer((request, response) => {
        earlier(response);
        return guarded(request, response);
      });
    },
  ],
  ['express 5', expressWith(express)],
  ['express 4', expressWith(express4 as unknown as typeof express)],
  [
    'fastify 5',
    async (earlier, decider, options) => {
      const app = fastify();
      app.addHook('onRequest', async (_, reply) => earlier(reply.raw));
      app.register(restrictFastify(decider, options));
      app.get('/', async () => 'Welcome');
      await app.ready();
      return app.server;
    },
  ],
  [
    'koa 3',
    async (earlier, decider, options) => {
      const app = new Koa();
      app.silent = true;
      app.use((context, next) => {
        earlier(context.res);
        return next();
      });
      app.use(restrictKoa(decider, options));
      app.use((context) => {
        context.body = 'Welcome';
      });
      return createServer(app.callback());
    },
  ],
  [
    'hono 4',
    async (earlier, decider, options) => {
      const app = new Hono<{ Bindings: { outgoing: ServerResponse } }>();
      app.use(async (context, next) => {
        // Hono makes a response of its own; what was set on Node's is not its business, and not the guard's.
        const set = (name: string, value: string): void => context.res.headers.set(name, value);
        earlier({ setHeader: set, addTrailers: () => undefined } as unknown as ServerResponse);
        await next();
      });
      app.use(restrictHono(decider, options));
      app.get('/', (context) => context.text('Welcome'));
      return createServer(getRequestListener(app.fetch));
    },
  ],
];

const running: Server[] = [];
const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);

async function listen(server: Server): Promise<number> {
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

beforeAll(() => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
});
afterAll(() => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
});
afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.splice(0)).toEqual([]);
});

/** Headers of another answer. Each would break a denial, change what is made of it, or be wrong about it. */
const stale: Record<string, string> = {
  Trailer: 'Digest',
  'Content-Length': '70000',
  'Content-Encoding': 'gzip',
  'Content-Type': 'text/html',
  'Content-Disposition': 'attachment; filename="list.txt"',
  'Content-Language': 'en',
  'Content-Location': '/list',
  'Content-Range': 'bytes 0-1/2',
  'Content-MD5': 'Q2hlY2sgSW50ZWdyaXR5IQ==',
  'Content-Digest': 'sha-256=:AAAA:',
  'Repr-Digest': 'sha-256=:AAAA:',
  Digest: 'sha-256=AAAA',
  Signature: 'sig1=:AAAA:',
  ETag: '"1"',
  'Last-Modified': 'Sat, 28 Nov 2026 12:00:00 GMT',
  'Accept-Ranges': 'bytes',
  'Cache-Control': 'public, max-age=600',
  'CDN-Cache-Control': 'max-age=600',
  'Surrogate-Control': 'max-age=600',
  'Surrogate-Key': 'list',
  Expires: 'Sat, 28 Nov 2026 12:00:00 GMT',
  Pragma: 'cache',
  Age: '5',
  Location: '/elsewhere',
  Refresh: '0; url=/elsewhere',
  Link: '</style.css>; rel=preload',
  Allow: 'GET',
  'Retry-After': '5',
  'WWW-Authenticate': 'Basic',
  'X-Accel-Redirect': '/internal/list.txt',
  'X-Accel-Buffering': 'no',
  'X-Sendfile': '/srv/list.txt',
  'X-Lighttpd-Send-File': '/srv/list.txt',
};

/** What stays: it is about security, other origins, cookies and tracing, and true of any answer. */
const lasting: Record<string, string> = {
  'Content-Security-Policy': "default-src 'none'",
  'Content-Security-Policy-Report-Only': "default-src 'none'",
  'Strict-Transport-Security': 'max-age=600',
  'Access-Control-Allow-Origin': '*',
  'X-Request-Id': '7f3a',
  'Set-Cookie': 'a=b',
  Vary: 'Origin',
};

function expectDenial(answer: Answer): void {
  expect([answer.status, answer.reason, answer.body]).toEqual([403, 'Forbidden', 'Forbidden']);
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
  });
}

describe.each(frameworks)('%s', (name, build) => {
  describe.each([
    ['a policy', policy],
    ['a policy that gives a promise', inTime],
  ])('with %s', (_, decider) => {
    const refused = async (earlier: Earlier, options: AnyOptions = {}): Promise<Answer> => {
      const errors: unknown[] = [];
      const onError = (error: unknown): void => void errors.push(error);
      const port = await listen(await build(earlier, decider, { onError, ...options }));
      const answer = await ask({ port });
      if (options['onError'] === undefined) expect(errors).toEqual([]);
      return answer;
    };

    test('headers of another answer are not on the denial, and others stay', async () => {
      const answer = await refused((response) => {
        for (const [header, value] of Object.entries({ ...stale, ...lasting }))
          response.setHeader(header, value);
      });
      expectDenial(answer);
      const left = Object.keys(answer.headers).filter((header) => isStale(header));
      expect(left.sort()).toEqual(['cache-control', 'content-length', 'content-type']);
      for (const [header, value] of Object.entries(lasting))
        expect(answer.headers[header.toLowerCase()], header).toBe(value);
    });

    test.each(Object.keys(stale))('%s alone does not break it', async (header) => {
      expectDenial(await refused((response) => void response.setHeader(header, stale[header] as string)));
    });

    test('a reason phrase and trailers of another answer are not on it', async () => {
      const answer = await refused((response) => {
        response.statusCode = 200;
        response.statusMessage = 'Welcome 127.0.0.1';
        response.addTrailers({ Digest: 'sha-256=AAAA' });
      });
      expectDenial(answer);
    });

    // Node's response is not the one of Hono.
    test.skipIf(name === 'hono 4')(
      'a response that cannot be written is given up, and reported',
      async () => {
        const errors: string[] = [];
        const server = await build(
          (response) => {
            response.setHeader = () => {
              throw new Error('frozen');
            };
          },
          decider,
          { onError: (error: unknown) => errors.push(String(error)) },
        );
        const port = await listen(server);
        const answer = await ask({ port }).catch(() => undefined);
        expect(answer === undefined || answer.status >= 400).toBe(true);
        expect(JSON.stringify(answer ?? '')).not.toMatch(/Welcome|secret/);
        if (answer === undefined) expect(errors).toEqual(['Error: frozen']);
      },
    );

    test.skipIf(name === 'hono 4')('a response that has begun is cut off', async () => {
      const answer = await refused((response) => {
        response.writeHead(200, { 'Content-Length': 70_000 });
        response.write('Wel');
      }).catch(() => undefined);
      expect(answer?.body ?? '').not.toContain('Forbidden');
      expect((answer?.body ?? '').length).toBeLessThan(70_000);
    });

    test('respond that fails after all is answered as usual, or cut off', async () => {
      for (const respond of [
        () => {
          throw new Error('no');
        },
        () => Promise.reject(new Error('no')),
      ]) {
        expectDenial(await refused(() => undefined, { respond, onError: () => undefined }));
      }
    });
  });
});

describe('Hono', () => {
  const host = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };

  test.each([
    ['a policy', policy],
    ['a policy that gives a promise', inTime],
  ])('a denial replaces what earlier middleware put into the response, with %s', async (_, decider) => {
    let isCancelled = false;
    const app = new Hono();
    app.use(async (context, next) => {
      const body = new ReadableStream({
        cancel() {
          isCancelled = true;
        },
      });
      context.res = new Response(body, { status: 200, headers: { ETag: '"1"', 'X-Request-Id': '7f3a' } });
      await next();
    });
    app.use(restrictHono(decider));
    app.get('/', (context) => context.text('Welcome'));
    const answer = await app.request('/', {}, host);
    expect([answer.status, await answer.text()]).toEqual([403, 'Forbidden']);
    expect([answer.headers.get('etag'), answer.headers.get('x-request-id')]).toEqual([null, '7f3a']);
    expect(isCancelled).toBe(true);
  });

  test('an answer of respond replaces it, too', async () => {
    const app = new Hono();
    app.use(async (context, next) => {
      context.res = context.text('Cached', 200, { 'X-Request-Id': '7f3a' });
      await next();
    });
    app.use(restrictHono(policy, { respond: () => new Response('No', { status: 418 }) }));
    const answer = await app.request('/', {}, host);
    expect([answer.status, await answer.text(), answer.headers.get('x-request-id')]).toEqual([
      418,
      'No',
      '7f3a',
    ]);
  });
});

describe('Koa', () => {
  const refusedBy = async (earlier: (context: Koa.Context) => void): Promise<Answer> => {
    const app = new Koa();
    app.silent = true;
    app.use((context, next) => {
      earlier(context);
      return next();
    });
    app.use(restrictKoa(policy));
    return ask({ port: await listen(createServer(app.callback())) });
  };

  test('a denial replaces a body, a status, a message and a type', async () => {
    expectDenial(
      await refusedBy((context) => {
        context.body = { list: ['10.0.0.1'] };
        context.status = 201;
        context.message = 'Welcome';
        context.type = 'json';
      }),
    );
  });

  test('a denial is sent although Koa was told not to respond', async () => {
    expectDenial(
      await refusedBy((context) => {
        context.respond = false;
      }),
    );
  });
});

describe('HTTP/2', () => {
  test('headers of another answer are not on the denial, and nothing is warned about', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', warned);
    const guarded = restrictNode(policy)((_, response) => response.end('Welcome'));
    const server = createHttp2Server((request, response) => {
      for (const [header, value] of Object.entries(stale)) response.setHeader(header, value);
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
    expect(
      Object.keys(headers)
        .filter((header) => isStale(header))
        .sort(),
    ).toEqual(['cache-control', 'content-length', 'content-type']);
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
