/** How the adapters are written in TypeScript with the types of each framework: compiled by `npm run types`, never run. */

import { createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import express from 'express';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { type Context, Hono } from 'hono';
import Koa from 'koa';
import { restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import { restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import { cloudflareClient, restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { guardServer, restrictTo, restrictUpgrade } from '../../src/adapters/node.ts';
import type { Policy } from '../../src/public/index.ts';

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
