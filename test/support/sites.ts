/**
 * One site in each framework: the same pages, guarded as a whole, guarded in its part `/admin` alone, or not at all.
 */

import { createReadStream, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fastifyStatic from '@fastify/static';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import express from 'express';
import express4 from 'express4';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import mount from 'koa-mount';
import { restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import { restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import type { Decider } from '../../src/adapters/guard.ts';
import { restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { restrictTo as restrictNode } from '../../src/adapters/node.ts';
import type { Decision } from '../../src/public/index.ts';

/** The options of any adapter. */
export type AnyOptions = Record<string, unknown>;

export interface Guarding {
  readonly policy: Decider;
  readonly options?: AnyOptions | undefined;
  /** What is guarded: everything, or the part `/admin`. */
  readonly part?: 'all' | 'admin';
}

export interface Site {
  readonly name: string;
  /** Builds the site, not listening yet; counts the requests that came through to a page. */
  build(guarding: Guarding | undefined, count: () => void): Promise<Server>;
  /** What `respond` does in this framework: status 418 and the text `Teapot`. */
  respond(decision: Decision, ...handed: never[]): unknown;
  /** The header of a request that any hook of this framework gets. */
  headerOf(request: never, name: string): string | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'ipverdict-site-'));
const file = join(folder, 'file.txt');
writeFileSync(file, 'A file\n');

const pages: Record<string, string> = { '/': 'Welcome', '/admin/page': 'Secret' };
const isAdmin = (path: string): boolean => path === '/admin' || path.startsWith('/admin/');

function* pieces(): Generator<string> {
  for (const piece of ['one ', 'two ', 'three']) yield piece;
}

/** The pages as a plain handler of Node. */
function nodeSite(count: () => void): (request: NodeRequest, response: NodeResponse) => void {
  return (request, response) => {
    count();
    const path = new URL(request.url ?? '/', 'http://www.example.com').pathname;
    if (path === '/file.txt') createReadStream(file).pipe(response);
    else if (path === '/cached')
      response.setHeader('ETag', '"1"').setHeader('Cache-Control', 'public, max-age=60').end('Cached');
    else if (path === '/error') response.writeHead(500).end('Broken');
    else if (path === '/stream') {
      for (const piece of pieces()) response.write(piece);
      response.end();
    } else if (request.method === 'OPTIONS') response.writeHead(204, { Allow: 'GET, POST' }).end();
    else if (request.method === 'POST') request.on('data', () => {}).on('end', () => response.end('Posted'));
    else response.writeHead(pages[path] === undefined ? 404 : 200).end(pages[path] ?? 'Nothing');
  };
}
type NodeRequest = import('node:http').IncomingMessage;
type NodeResponse = import('node:http').ServerResponse;

const headerOfNode = (request: { headers: Record<string, string | string[] | undefined> }, name: string) =>
  request.headers[name] as string | undefined;

/** What of the guard stands before a page. */
const guards = (guarding: Guarding | undefined, part: 'all' | 'admin'): guarding is Guarding =>
  guarding !== undefined && (guarding.part ?? 'all') === part;

const node: Site = {
  name: 'node:http',
  async build(guarding, count) {
    const site = nodeSite(count);
    if (guarding === undefined) return createServer(site);
    const guarded = restrictNode(guarding.policy, guarding.options)(site);
    if (guards(guarding, 'all')) return createServer(guarded);
    return createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://www.example.com');
      return isAdmin(pathname) ? guarded(request, response) : site(request, response);
    });
  },
  respond: (_: Decision, __: NodeRequest, response: NodeResponse) => {
    response.statusCode = 418;
    response.end('Teapot');
  },
  headerOf: headerOfNode as never,
};

const expressOf = (name: string, framework: typeof express): Site => ({
  name,
  async build(guarding, count) {
    const app = framework();
    app.disable('x-powered-by');
    // As an application does that believes its proxies; the guard is not to.
    app.set('trust proxy', true);
    const guard = guarding === undefined ? undefined : restrictExpress(guarding.policy, guarding.options);
    if (guard !== undefined && guards(guarding, 'all')) app.use(guard);
    app.use((_request, _response, next) => {
      count();
      next();
    });
    app.use(framework.static(folder));
    app.get('/', (_, response) => void response.send(pages['/']));
    app.get(
      '/cached',
      (_, response) =>
        void response.set('ETag', '"1"').set('Cache-Control', 'public, max-age=60').send('Cached'),
    );
    app.get('/error', () => {
      throw new Error('Broken');
    });
    app.get('/stream', (_, response) => {
      for (const piece of pieces()) response.write(piece);
      response.end();
    });
    app.post(
      '/',
      (request, response) => void request.on('data', () => {}).on('end', () => response.send('Posted')),
    );
    const admin = framework();
    if (guard !== undefined && guards(guarding, 'admin')) admin.use(guard);
    admin.get('/page', (_, response) => void response.send(pages['/admin/page']));
    app.use('/admin', admin);
    app.use(
      (
        _error: unknown,
        _request: express.Request,
        response: express.Response,
        _next: express.NextFunction,
      ) => {
        response.status(500).send('Broken');
      },
    );
    return createServer(app);
  },
  respond: (_: Decision, __: unknown, response: express.Response) => response.status(418).send('Teapot'),
  headerOf: headerOfNode as never,
});

const fastifySite: Site = {
  name: 'fastify 5',
  async build(guarding, count) {
    const app = fastify({ trustProxy: true });
    const guard = guarding === undefined ? undefined : restrictFastify(guarding.policy, guarding.options);
    if (guard !== undefined && guards(guarding, 'all')) app.register(guard);
    app.addHook('preHandler', async () => count());
    app.register(fastifyStatic, { root: folder });
    app.get('/', async () => pages['/']);
    app.get('/cached', async (_, reply) => {
      reply.header('ETag', '"1"').header('Cache-Control', 'public, max-age=60');
      return 'Cached';
    });
    app.get('/error', async () => {
      throw new Error('Broken');
    });
    app.get('/stream', (_, reply) => {
      reply.hijack();
      for (const piece of pieces()) reply.raw.write(piece);
      reply.raw.end();
    });
    app.post('/', async () => 'Posted');
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.options('/', async (_, reply) => reply.code(204).header('Allow', 'GET, POST').send());
    app.register(
      async (admin) => {
        if (guard !== undefined && guards(guarding, 'admin')) admin.register(guard);
        admin.get('/page', async () => pages['/admin/page']);
      },
      { prefix: '/admin' },
    );
    await app.ready();
    return app.server;
  },
  respond: (_: Decision, __: unknown, reply: import('fastify').FastifyReply) =>
    reply.code(418).send('Teapot'),
  headerOf: headerOfNode as never,
};

const koaSite: Site = {
  name: 'koa 3',
  async build(guarding, count) {
    const app = new Koa({ proxy: true });
    app.silent = true;
    const guard = guarding === undefined ? undefined : restrictKoa(guarding.policy, guarding.options);
    if (guard !== undefined && guards(guarding, 'all')) app.use(guard);
    app.use((_, next) => {
      count();
      return next();
    });
    const admin = new Koa();
    if (guard !== undefined && guards(guarding, 'admin')) admin.use(guard);
    admin.use((context) => {
      if (context.path === '/page') context.body = pages['/admin/page'];
    });
    app.use(mount('/admin', admin));
    app.use((context) => {
      const { path, method } = context;
      if (path === '/file.txt') context.body = readFileSync(file, 'utf8');
      else if (path === '/cached') {
        context.set('ETag', '"1"');
        context.set('Cache-Control', 'public, max-age=60');
        context.body = 'Cached';
      } else if (path === '/error') throw new Error('Broken');
      else if (path === '/stream') context.body = Readable.from(pieces());
      else if (method === 'OPTIONS') {
        context.status = 204;
        context.set('Allow', 'GET, POST');
      } else if (method === 'POST') context.body = 'Posted';
      else if (pages[path] !== undefined) context.body = pages[path];
    });
    return createServer(app.callback());
  },
  respond: (_: Decision, context: Koa.Context) => {
    context.status = 418;
    context.body = 'Teapot';
  },
  headerOf: ((context: Koa.Context, name: string) => context.get(name) || undefined) as never,
};

const honoSite: Site = {
  name: 'hono 4',
  async build(guarding, count) {
    const app = new Hono();
    const guard = guarding === undefined ? undefined : restrictHono(guarding.policy, guarding.options);
    if (guard !== undefined && guards(guarding, 'all')) app.use(guard);
    app.use(async (_, next) => {
      count();
      await next();
    });
    app.get('/', (context) => context.text(pages['/'] as string));
    app.get('/cached', (context) =>
      context.text('Cached', 200, { ETag: '"1"', 'Cache-Control': 'public, max-age=60' }),
    );
    app.get('/error', () => {
      throw new Error('Broken');
    });
    app.onError((_, context) => context.text('Broken', 500));
    app.get('/stream', () => {
      const encoder = new TextEncoder();
      const source = pieces();
      return new Response(
        new ReadableStream({
          pull(controller) {
            const { value, done } = source.next();
            if (done) controller.close();
            else controller.enqueue(encoder.encode(value));
          },
        }),
      );
    });
    app.post('/', (context) => context.text('Posted'));
    app.options('/', (context) => context.body(null, 204, { Allow: 'GET, POST' }));
    const admin = new Hono();
    if (guard !== undefined && guards(guarding, 'admin')) admin.use(guard);
    admin.get('/page', (context) => context.text(pages['/admin/page'] as string));
    app.route('/admin', admin);
    app.use(serveStatic({ root: folder }));
    return createServer(getRequestListener(app.fetch));
  },
  respond: (_: Decision, context: import('hono').Context) => context.text('Teapot', 418),
  headerOf: ((context: import('hono').Context, name: string) => context.req.header(name)) as never,
};

const fetchSite: Site = {
  name: 'fetch',
  async build(guarding, count) {
    const site = (request: Request): Response => {
      count();
      const path = new URL(request.url).pathname;
      if (path === '/file.txt') return new Response(readFileSync(file));
      if (path === '/cached')
        return new Response('Cached', { headers: { ETag: '"1"', 'Cache-Control': 'public, max-age=60' } });
      if (path === '/error') return new Response('Broken', { status: 500 });
      if (path === '/stream') return new Response([...pieces()].join(''));
      if (request.method === 'OPTIONS')
        return new Response(null, { status: 204, headers: { Allow: 'GET, POST' } });
      if (request.method === 'POST') return new Response('Posted');
      return new Response(pages[path] ?? 'Nothing', { status: pages[path] === undefined ? 404 : 200 });
    };
    if (guarding === undefined) return createServer(getRequestListener(site));
    const guarded = restrictFetch<Request, [host: unknown]>(guarding.policy, guarding.options as never)(site);
    if (guards(guarding, 'all')) return createServer(getRequestListener(guarded));
    return createServer(
      getRequestListener((request, host) =>
        isAdmin(new URL(request.url).pathname) ? guarded(request, host) : site(request),
      ),
    );
  },
  respond: () => new Response('Teapot', { status: 418 }),
  headerOf: ((request: Request, name: string) => request.headers.get(name) ?? undefined) as never,
};

export const sites: readonly Site[] = [
  node,
  expressOf('express 5', express),
  expressOf('express 4', express4 as unknown as typeof express),
  fastifySite,
  koaSite,
  honoSite,
  fetchSite,
];

export interface Running {
  readonly port: number;
  /** How many requests came through to the pages. */
  readonly passed: () => number;
  readonly close: () => Promise<void>;
}

/** Lets a site listen, on IPv4 alone or on both families with one socket. */
export async function start(
  site: Site,
  guarding: Guarding | undefined,
  host: '127.0.0.1' | '::',
): Promise<Running> {
  let passed = 0;
  const server = await site.build(guarding, () => {
    passed++;
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    passed: () => passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
