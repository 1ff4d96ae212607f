/**
 * One contestant of bench/http.js: a server in a process of its own that answers `Welcome` to every client that its
 * list does not deny. It reports its port to its parent.
 *
 *     node bench/http/site.js express ipverdict
 */

import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { getRequestListener } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import { ipRestriction } from 'hono/ip-restriction';
import { createPolicy } from 'ipverdict';
import { restrictTo as restrictExpress } from 'ipverdict/express';
import { restrictTo as restrictFastify } from 'ipverdict/fastify';
import { restrictTo as restrictHono } from 'ipverdict/hono';
import { restrictTo as restrictKoa } from 'ipverdict/koa';
import { restrictTo as restrictNode } from 'ipverdict/node';
import Koa from 'koa';
import { DENIED, makeList, PROXY } from './list.js';

const requireRival = createRequire(new URL('../rivals/', import.meta.url));

const policy = createPolicy({ deny: makeList() });
const proxied = { client: { trusted: PROXY } };

/** @type {(request: unknown, response: import('node:http').ServerResponse) => void} */
const welcome = (_, response) => void response.end('Welcome');

/**
 * Express with a middleware in front of its page.
 * @param {(() => express.RequestHandler)=} makeGuard
 */
function expressSite(makeGuard) {
  const app = express();
  if (makeGuard !== undefined) app.use(makeGuard());
  app.get('/', (_, response) => void response.send('Welcome'));
  // express-ipfilter passes an error on; without this, Express would print it.
  app.use((error, _request, response, _next) => void response.status(error.status ?? 500).end());
  return createServer(app);
}

/** @param {boolean | ((...parameters: any[]) => void)} guard the guard, a hook, or nothing */
async function fastifySite(guard) {
  const app = fastify();
  if (guard === true) app.register(restrictFastify(policy));
  else if (guard !== false) app.addHook('onRequest', guard);
  app.get('/', async () => 'Welcome');
  await app.ready();
  return app.server;
}

/** @param {Koa.Middleware=} guard */
function koaSite(guard) {
  const app = new Koa();
  if (guard !== undefined) app.use(guard);
  app.use((context) => {
    context.body = 'Welcome';
  });
  return createServer(app.callback());
}

/** @param {import('hono').MiddlewareHandler=} guard */
function honoSite(guard) {
  const app = new Hono();
  if (guard !== undefined) app.use(guard);
  app.get('/', (context) => context.text('Welcome'));
  return createServer(getRequestListener(app.fetch));
}

/** Bare sites, and guarded ones, by framework and guard. */
const sites = {
  node: {
    bare: () => createServer(welcome),
    ipverdict: () => createServer(restrictNode(policy)(welcome)),
    'ipverdict, behind a proxy': () => createServer(restrictNode(policy, proxied)(welcome)),
  },
  express: {
    bare: () => expressSite(),
    'empty middleware': () => expressSite(() => (_request, _response, next) => next()),
    ipverdict: () => expressSite(() => restrictExpress(policy)),
    'ipverdict, behind a proxy': () => expressSite(() => restrictExpress(policy, proxied)),
    'express-ipfilter': () =>
      expressSite(() => requireRival('express-ipfilter').IpFilter(makeList(), { mode: 'deny', log: false })),
  },
  fastify: {
    bare: () => fastifySite(false),
    'empty middleware': () => fastifySite((_request, _reply, done) => done()),
    ipverdict: () => fastifySite(true),
  },
  koa: {
    bare: () => koaSite(),
    'empty middleware': () => koaSite((_, next) => next()),
    ipverdict: () => koaSite(restrictKoa(policy)),
  },
  hono: {
    bare: () => honoSite(),
    'empty middleware': () => honoSite((_, next) => next()),
    ipverdict: () => honoSite(restrictHono(policy)),
    'hono/ip-restriction': () => honoSite(ipRestriction(getConnInfo, { denyList: makeList() })),
  },
};

const [framework = '', guard = ''] = process.argv.slice(2);
const server = await sites[framework][guard.replace(' again', '')]();
// IPv4 alone, so that every contestant sees plain IPv4 addresses, which all of them know.
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port, denied: DENIED }));
// The processor time that this process has used, in microseconds.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ used: user + system });
});
process.once('disconnect', () => process.exit());
