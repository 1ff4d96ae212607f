/** How the adapters are written in TypeScript with the types of each framework: compiled by `npm run types`, never run. */

import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import express from 'express';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import { clientOf as clientOfExpress, restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { clientOf as clientOfFastify, restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import { clientOf as clientOfFetch, restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import {
  clientOf as clientOfHono,
  cloudflareClient,
  restrictTo as restrictHono,
} from '../../src/adapters/hono.ts';
import { clientOf as clientOfKoa, restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { clientOf, guardServer, restrictTo, restrictUpgrade } from '../../src/adapters/node.ts';
import type { Policy } from '../../src/public/index.ts';

/** The id of a request, and the tenant, in the words of each framework. */
export function everyRequestId(policies: ReadonlyMap<string, Policy>): unknown[] {
  const app = express();
  app.use(restrictExpress((request) => policies.get(request.headers['x-tenant'] as string)));
  app.use(
    restrictExpress((request: express.Request) => policies.get(request.hostname), {
      requestId: (request) => request.get('X-Request-Id'),
      onDecision: (_, request, client) => console.log(request.path, client.address, client.hops.length),
      respond: (_, request, response: express.Response, _next, client) =>
        response.send(`${client.problem} ${clientOfExpress(request)?.source}`),
    }),
  );
  const policy = policies.get('') as Policy;
  app.use(restrictExpress(policy, { requestId: (request) => request.headers['x-request-id'] }));
  app.use(restrictExpress(policy, { requestId: (request: express.Request) => request.get('X-Request-Id') }));
  app.use(
    restrictExpress(policy, {
      requestId: (request: express.Request & { id: string }) => request.id,
    }) as never,
  );
  const site = fastify();
  site.register(
    restrictFastify(async (request: FastifyRequest) => policies.get(request.hostname), {
      requestId: (request) => request.headers['x-request-id'],
      respond: (_, request, reply: FastifyReply, client) =>
        reply.send([client.address, clientOfFastify(request)?.address]),
    }),
  );
  site.register(restrictFastify(policy, { requestId: (request) => request.id }));
  const koa = new Koa();
  koa.use(
    restrictKoa((context: Koa.Context) => policies.get(context.hostname), {
      requestId: (context) => context.get('X-Request-Id'),
      respond: (_, context, _next, client) => context.throw(404, `${clientOfKoa(context) === client}`),
    }),
  );
  koa.use(restrictKoa(policy, { requestId: (context) => context.get('X-Request-Id') }));
  const hono = new Hono();
  hono.use(
    restrictHono((context: Context) => policies.get(context.req.header('x-tenant') ?? ''), {
      requestId: (context) => context.req.header('x-request-id'),
      respond: (_, context, _next, client) => context.json([client, clientOfHono(context)]),
    }),
  );
  hono.use(restrictHono(policy, { requestId: (context) => context.req.header('x-request-id') }));
  const guard = restrictFetch((request: Request) => policies.get(new URL(request.url).hostname), {
    requestId: (request) => request.headers.get('x-request-id'),
    onDecision: (_, request, client) => console.log(request.url, client.address),
    respond: (_, request) => Response.json(clientOfFetch(request)),
  });
  const handler = restrictTo((request) => policies.get(request.headers['host'] as string), {
    requestId: (request) => request.headers['x-request-id'],
    respond: (_, request, response, client) =>
      response.end(`${client.address} ${clientOf(request)?.address}`),
  });
  return [app, site, koa, hono, guard, handler];
}

export function everyFramework(policy: Policy): unknown[] {
  const app = express();
  app.use(restrictExpress(policy));
  app.use(
    '/admin',
    restrictExpress(policy, {
      client: (request: express.Request) => request.ip,
      onDecision: ({ verdict }, request) => console.log(verdict, request.path),
      respond: (_, request, response: express.Response, next) =>
        request.accepts('html') ? response.status(404).render('missing') : next(),
    }),
  );
  app.post('/login', restrictExpress(policy), (_, response) => void response.end());

  const site = fastify();
  site.register(restrictFastify(policy));
  site.register(
    restrictFastify(policy, {
      client: (request: FastifyRequest) => request.ip,
      requestId: (request) => request.id,
      respond: (_, request, reply: FastifyReply) => reply.code(404).send({ url: request.url }),
    }),
  );

  const koa = new Koa();
  koa.use(restrictKoa(policy));
  koa.use(
    restrictKoa(policy, {
      client: (context: Koa.Context) => context.ip,
      respond: (_, context) => context.throw(404),
    }),
  );

  const hono = new Hono<{ Variables: { user: string } }>();
  hono.use(restrictHono(policy));
  hono.use('/admin/*', restrictHono(policy, { client: cloudflareClient }));
  hono.post('/login', restrictHono(policy), (context) => context.text('in'));
  hono.use(restrictHono(policy, { respond: (_, context: Context) => context.json({ denied: true }) }));

  const fetchHandler: (request: Request) => Promise<Response> = restrictFetch(policy, {
    client: () => '::1',
  })((request: Request) => new Response(request.url));

  const guard = restrictFetch(policy, { client: (request, host: { ip: string }) => request.url && host.ip });
  class ServerRequest extends Request {
    readonly session: string = '';
  }
  const statuses: Promise<number>[] = [
    guard((request) => new Response(request.url))(new Request(''), { ip: '' }).then(({ status }) => status),
    guard(async (request: ServerRequest) => new Response(request.session))(new ServerRequest('')).then(
      ({ status }) => status,
    ),
  ];

  return [
    statuses,
    app,
    site,
    koa,
    hono,
    fetchHandler,
    createHttpsServer(restrictTo(policy)((request, response) => response.end(request.url))),
    createHttp2Server(restrictTo(policy)((request, response) => response.end(request.url))),
    createHttpsServer().on(
      'upgrade',
      restrictUpgrade(policy)((request, socket, head) => socket.end(`${request.url}${head.length}`)),
    ),
    guardServer(createTlsServer(), policy, { onDecision: (_, socket: TLSSocket) => socket.remotePort }),
  ];
}
