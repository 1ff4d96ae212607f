/** Who is asking: what each adapter takes for the client, on real servers, and what it tells about it. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import express from 'express';
import { fastify } from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import mount from 'koa-mount';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clientOf as clientOfExpress, restrictTo as restrictExpress } from '../../src/adapters/express.ts';
import { clientOf as clientOfFastify, restrictTo as restrictFastify } from '../../src/adapters/fastify.ts';
import { clientOf as clientOfFetch, restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import { clientOf as clientOfHono, restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { clientOf as clientOfKoa, restrictTo as restrictKoa } from '../../src/adapters/koa.ts';
import { clientOf, guardServer, restrictTo, restrictUpgrade } from '../../src/adapters/node.ts';
import { type Client, createClientResolver } from '../../src/public/client.ts';
import { createPolicy, type Decision, ListError } from '../../src/public/index.ts';
import { type AnyOptions, type Site, sites, start } from '../support/sites.ts';
import { ask, exchange, hasLoopbackNetwork, requestText } from '../support/wire.ts';

const DENIED = '127.0.0.66';
const policy = createPolicy({ deny: `${DENIED}\n203.0.113.0/24` });
const boom = new Error('boom');
const throws = (): never => {
  throw boom;
};

const warn = vi.fn();
beforeEach(() => {
  warn.mockReset();
  vi.spyOn(console, 'warn').mockImplementation(warn);
});

const running: Server[] = [];
async function listen(server: Server): Promise<number> {
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of running.splice(0)) {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** The statuses of requests to one site, each with its own header lines. */
async function statusesOf(
  site: Site,
  options: AnyOptions | undefined,
  requests: readonly (readonly string[])[],
  decider: unknown = policy,
): Promise<number[]> {
  const site_ = await start(site, { policy: decider as never, options }, '127.0.0.1');
  try {
    const statuses: number[] = [];
    for (const headers of requests) statuses.push((await ask({ port: site_.port, headers })).status);
    return statuses;
  } finally {
    await site_.close();
  }
}

/** Heads with more than one line of the forwarding header. */
const heads: readonly (readonly [header: string, lines: readonly string[]])[] = [
  ['Forwarded', ['for=2001:db8:9::1', 'for=192.0.2.9']],
  ['Forwarded', ['for=2001:db8:9::1', 'for=203.0.113.9']],
  ['Forwarded', ['for="', 'for=192.0.2.9']],
  ['Forwarded', ['for=6.6.6.6;x="', 'for=203.0.113.9;host=","']],
  ['Forwarded', ['for=203.0.113.9', '', 'for=127.0.0.1']],
  ['Forwarded', ['for=192.0.2.9', 'for=2001:db8:9::1']],
  ['X-Real-IP', ['', '192.0.2.9']],
  ['X-Real-IP', ['203.0.113.9', '']],
  ['X-Real-IP', ['192.0.2.9', '192.0.2.9']],
  ['X-Real-IP', ['', '']],
  ['X-Forwarded-For', ['"', '192.0.2.9']],
  ['X-Forwarded-For', ['192.0.2.9', 'fe80::1%eth0']],
  ['X-Forwarded-For', ['192.0.2.9', '', ' , ']],
  ['X-Forwarded-For', ['203.0.113.9', '127.0.0.1', '127.0.0.1']],
];

/** What the resolver says about a head: the status it should have. */
function statusOf(header: string, lines: readonly string[], required = false): number {
  const { address } = createClientResolver({ trusted: '127.0.0.1', header, required })('127.0.0.1', lines);
  return policy.allows(address) ? 200 : 403;
}

describe.skipIf(!hasLoopbackNetwork).each(sites)('$name', (site) => {
  test.each(['Forwarded', 'X-Real-IP', 'X-Forwarded-For'])(
    '%s is read line by line, as the resolver reads it',
    async (header) => {
      const chosen = heads.filter(([name]) => name === header).map(([, lines]) => lines);
      const requests = chosen.map((lines) => lines.map((line) => `${header}: ${line}`));
      for (const required of [false, true]) {
        const options = { client: { trusted: '127.0.0.1', header, required, warn: () => {} } };
        expect(await statusesOf(site, options, requests)).toEqual(
          chosen.map((lines) => statusOf(header, lines, required)),
        );
      }
      expect(new Set(chosen.map((lines) => statusOf(header, lines)))).toEqual(new Set([200, 403]));
    },
  );

  test('required: a request without the header is denied, and the client says why', async () => {
    const seen: Client[] = [];
    const options = {
      client: { trusted: '127.0.0.1', required: true, warn: () => {} },
      onDecision: (_: Decision, __: unknown, client: Client) => seen.push(client),
    };
    expect(
      await statusesOf(site, options, [
        [],
        ['X-Forwarded-For:'],
        ['X-Forwarded-For: ,'],
        ['X-Forwarded-For: 192.0.2.9'],
      ]),
    ).toEqual([403, 403, 403, 200]);
    expect(seen.map(({ problem }) => problem)).toEqual([
      'missing-header',
      'missing-header',
      'missing-header',
      undefined,
    ]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('the hooks get the client, and respond gets it last', async () => {
    const seen: unknown[] = [];
    const onDecision = (_: Decision, __: unknown, client: Client): unknown => seen.push(client);
    const respond = (decision: Decision, ...handed: unknown[]): unknown => {
      seen.push(handed.at(-1));
      return site.respond(decision, ...(handed.slice(0, -1) as never[]));
    };
    const client = { trusted: '127.0.0.1', warn: () => {} };
    const forwarded = ['X-Forwarded-For: ::ffff:203.0.113.9, 127.0.0.1'];
    expect(await statusesOf(site, { client, onDecision, respond }, [forwarded])).toEqual([418]);
    const found = { address: '203.0.113.9', source: 'header', hops: ['127.0.0.1', '127.0.0.1'] };
    expect(seen).toEqual([found, found]);
    expect(seen.every((value) => Object.isFrozen(value))).toBe(true);
    seen.length = 0;
    const own = async (): Promise<string> => '::ffff:203.0.113.9';
    expect(await statusesOf(site, { client: own, onDecision, respond }, [[]])).toEqual([418]);
    const peer = { address: '203.0.113.9', source: 'peer', hops: [] };
    expect(seen).toEqual([peer, peer]);
    seen.length = 0;
    expect(await statusesOf(site, { onDecision, respond }, [[]])).toEqual([200]);
    expect(seen).toEqual([{ address: '127.0.0.1', source: 'peer', hops: [] }]);
    seen.length = 0;
    expect(await statusesOf(site, { client: throws, onError: () => {}, onDecision, respond }, [[]])).toEqual([
      418,
    ]);
    expect(seen).toEqual([{ address: undefined, source: 'peer', hops: [], problem: 'no-peer' }]);
  });

  test('a request with a forwarding header and no option client warns once', async () => {
    const plain = ['X-Forwarded-Fox: 1', 'X-Forwarded: 1', 'X-Real-IP: 192.0.2.1'];
    for (const header of ['x-forwarded-FOR: 192.0.2.1', 'FORWARDED: for=192.0.2.1']) {
      warn.mockReset();
      await statusesOf(site, {}, [[], plain]);
      expect(warn).not.toHaveBeenCalled();
      await statusesOf(site, {}, [[], [header], [header]]);
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/client: \((request|context).*\(proxy-unconfigured, see docs\/guides\//)],
      ]);
    }
    warn.mockReset();
    await statusesOf(site, { client: () => '127.0.0.1' }, [['X-Forwarded-For: 192.0.2.1']]);
    expect(warn).not.toHaveBeenCalled();
  });

  test('a policy that lets a trusted proxy in warns when the guard is made', async () => {
    const codesOf = async (decider: unknown, client: AnyOptions): Promise<unknown> => {
      const codes: unknown[] = [];
      const options = { client: { warn: ({ code }: { code: string }) => codes.push(code), ...client } };
      await site.build({ policy: decider as never, options }, () => {});
      return codes;
    };
    expect(await codesOf(policy, { trusted: '127.0.0.1' })).toEqual(['proxy-allowed']);
    expect(await codesOf(policy, { trusted: '127.0.0.1', required: false })).toEqual(['proxy-allowed']);
    expect(await codesOf(policy, { trusted: '127.0.0.1', required: true })).toEqual([]);
    expect(await codesOf(policy, { trusted: '203.0.113.8/31' })).toEqual([]);
    expect(await codesOf(() => policy, { trusted: '127.0.0.1' })).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
    await site.build({ policy, options: { client: { trusted: '127.0.0.1' } } }, () => {});
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/Connection: X-Forwarded-For.*required: true.*\(proxy-allowed, see docs/)],
    ]);
  });

  test('a function chooses the policy of each request; none denies', async () => {
    const tenants: Record<string, unknown> = {
      open: createPolicy({ deny: '' }),
      closed: createPolicy({ deny: '127.0.0.1' }),
      async: Promise.resolve(createPolicy({ deny: '' })),
      rejected: undefined,
      foreign: { decide: () => ({ verdict: 'allow' }) },
      null: null,
      promised: Promise.resolve(undefined),
      text: 'allow',
      list: { deny: '' },
    };
    const choose = (request: never): unknown => {
      const tenant = site.headerOf(request, 'x-tenant') ?? '';
      if (tenant === 'throws') throw boom;
      return tenant === 'rejected' ? Promise.reject(boom) : tenants[tenant];
    };
    const names = [...Object.keys(tenants), 'throws', 'missing'];
    const onError = vi.fn();
    const decided: unknown[] = [];
    const onDecision = ({ verdict, reason }: Decision, _: unknown, client: Client): unknown =>
      decided.push([verdict, reason, client.address]);
    const requests = names.map((name) => [`X-Tenant: ${name}`]);
    const statuses = await statusesOf(site, { onError, onDecision }, requests, choose);
    const allowed = names.filter((_, index) => statuses[index] === 200);
    expect(allowed).toEqual(['open', 'async', 'foreign']);
    expect(statuses.filter((status) => status === 403)).toHaveLength(names.length - 3);
    // What is wrong is told; that there is no policy is not.
    expect(onError.mock.calls.map(([error]) => error)).toEqual([
      boom,
      new TypeError('the function that chooses a policy must return one, or nothing to deny, got a string'),
      new TypeError('the function that chooses a policy must return one, or nothing to deny, got an object'),
      boom,
    ]);
    expect(decided.filter((row) => (row as unknown[])[1] === 'not-listed')).toHaveLength(3);
    expect(decided).toContainEqual(['deny', 'not-listed', '127.0.0.1']);
  });
});

describe('policies of other kinds', () => {
  /** The addresses that a foreign policy is asked about, and whether the guard warned. */
  function askedOf(decide: (ip: string) => unknown, trusted: string): [string[], boolean] {
    const asked: string[] = [];
    const seen = vi.fn();
    const decider = {
      decide: (ip: string) => {
        asked.push(ip);
        return decide(ip);
      },
    };
    restrictTo(decider as never, { client: { trusted, warn: seen } });
    return [asked, seen.mock.calls.length > 0];
  }
  const deny = { verdict: 'deny' };
  const allow = { verdict: 'allow' };

  test('are asked about both ends of each trusted network', () => {
    expect(askedOf(() => deny, '10.0.0.0/24\n::1\n192.0.2.7')).toEqual([
      ['10.0.0.0', '10.0.0.255', '192.0.2.7', '192.0.2.7', '::1', '::1'],
      false,
    ]);
    expect(askedOf((ip) => (ip === '::1' ? allow : deny), '10.0.0.0/24\n::1')[1]).toBe(true);
    expect(askedOf((ip) => (ip === '10.0.0.255' ? allow : deny), '10.0.0.0/24')[1]).toBe(true);
  });

  test('that throw, reject, promise or answer nonsense end nothing', async () => {
    const answers = [throws, async () => throws(), async () => allow, () => undefined, () => 5, () => ({})];
    for (const answer of answers) expect(askedOf(answer, '10.0.0.1')[1]).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
  });

  test('are asked a bounded number of times', () => {
    const trusted = Array.from({ length: 5_000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`).join(
      '\n',
    );
    expect(askedOf(() => deny, trusted)[0]).toHaveLength(2_000);
  });
});

test('no trusted network at all is refused, as from a variable that was not set', () => {
  const policy = createPolicy({ deny: '203.0.113.9' });
  for (const trusted of ['', '# none', []])
    for (const required of [true, false])
      expect(() => restrictHono(policy, { client: { trusted, required } })).toThrow(
        /trusted names no network/,
      );
});

describe('a policy of createPolicy is examined exactly', () => {
  test.each<readonly [policy: Parameters<typeof createPolicy>[0], trusted: string, warns: boolean]>([
    [{ allow: '10.0.0.77' }, '10.0.0.0/8', true],
    [{ allow: '192.0.2.0/24' }, '10.0.0.0/8', false],
    [{ allow: '192.0.2.0/24', exempt: '10.200.3.4' }, '10.0.0.0/8', true],
    [{ allow: '192.0.2.0/24', exempt: '@loopback' }, '::1', true],
    [{ allow: '2001:db8::77' }, '2001:db8::/32', true],
    [{ allow: '::ffff:10.0.0.1' }, '10.0.0.0/8', true],
    [{ allow: '' }, '10.0.0.0/8', false],
    [{ allow: '', whenEmpty: 'deny' }, '10.0.0.0/8', false],
    [{ allow: '', whenEmpty: 'deny', exempt: '10.1.2.3' }, '10.0.0.0/8', true],
    [{ deny: '' }, '10.0.0.0/8', false],
    [{ deny: '203.0.113.9' }, '10.0.0.0/8', true],
    [{ deny: '10.0.0.0/8' }, '10.0.0.0/8', false],
    [{ deny: '10.0.0.0-10.255.255.254' }, '10.0.0.0/8', true],
    [{ deny: '10.0.0.0-10.255.255.254' }, '10.0.0.0/9', false],
    [{ deny: '10.0.0.0/8', exempt: '10.9.9.9' }, '10.0.0.0/8', true],
    [{ deny: '::/0' }, '::1', false],
    [{ deny: '::/0' }, '127.0.0.1', true],
  ])('%j behind %s', (input, trusted, warns) => {
    const seen = vi.fn();
    restrictTo(createPolicy(input), { client: { trusted, warn: seen } });
    expect(seen.mock.calls.map(([{ code }]) => code)).toEqual(warns ? ['proxy-allowed'] : []);
  });
});

describe.skipIf(!hasLoopbackNetwork)('other ways into Node', () => {
  const optionsOf = (header: string) => ({
    client: { trusted: '127.0.0.1', header, warn: () => {} },
  });

  test.each(heads)('an upgrade with %s: %j', async (header, lines) => {
    const server = createServer();
    const listener = restrictUpgrade(
      policy,
      optionsOf(header),
    )((_, socket: Duplex) => {
      socket.end('HTTP/1.1 200 OK\r\n\r\n');
    });
    server.on('upgrade', listener);
    const port = await listen(server);
    const headers = ['Upgrade: test', 'Connection: Upgrade', ...lines.map((line) => `${header}: ${line}`)];
    const answer = await exchange(port, undefined, requestText({ port, headers }, false));
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${statusOf(header, lines)} `));
  });

  test.each(heads)('HTTP/2 with %s: %j', async (header, lines) => {
    const handler = restrictTo(policy, optionsOf(header))((_, response) => response.end('Welcome'));
    const port = await listen(createHttp2Server(handler) as never);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    try {
      const stream = session.request({ [header.toLowerCase()]: lines as string[] }, { endStream: true });
      const [headers] = await once(stream, 'response');
      expect(headers[':status']).toBe(statusOf(header, lines));
      stream.resume();
    } finally {
      session.close();
    }
  });

  test('a function chooses the policy of an upgrade and of a connection', async () => {
    const server = createServer();
    const seen: unknown[] = [];
    const choose = (request: IncomingMessage) => (request.url === '/open' ? policy : undefined);
    server.on(
      'upgrade',
      restrictUpgrade(choose, {
        onDecision: (_, request, client) => seen.push([client.address, clientOf(request)?.address]),
        respond: (_, request, socket, client) => socket.end(`${request.url} ${client.address}`, () => {}),
      })((request, socket: Duplex) => socket.end(`in ${clientOf(request)?.address}`)),
    );
    const port = await listen(server);
    const upgrade = (path: string) => {
      const headers = ['Upgrade: test', 'Connection: Upgrade'];
      return exchange(port, undefined, requestText({ port, path, headers }, false));
    };
    expect(await upgrade('/open')).toBe('in 127.0.0.1');
    expect(await upgrade('/closed')).toBe('/closed 127.0.0.1');
    expect(seen).toEqual([
      ['127.0.0.1', '127.0.0.1'],
      ['127.0.0.1', '127.0.0.1'],
    ]);
    const clients: unknown[] = [];
    const whole = guardServer(
      createServer((_, response) => response.end('Welcome')),
      () => policy,
      {
        onDecision: (_, socket, client) => clients.push([client.address, clientOf(socket)?.source]),
      },
    );
    expect((await ask({ port: await listen(whole) })).body).toBe('Welcome');
    expect(clients).toEqual([['127.0.0.1', 'peer']]);
  });

  // Node doubles the number in 32 bits, so that many a number means another.
  test.each([
    1,
    2,
    3,
    10,
    1.5,
    2.9,
    0.5,
    0,
    -0,
    -1,
    -1.5,
    2 ** 30,
    2 ** 30 + 3,
    2 ** 31,
    2 ** 31 + 3,
    2 ** 31 - 5,
    2 ** 32 + 3,
    2 ** 53,
    -(2 ** 31) + 3,
    -(2 ** 30) - 1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.MAX_VALUE,
    '5',
    null,
    undefined,
    true,
    {},
  ])('maxHeadersCount %s lets no forged header through', async (count) => {
    const addresses = new Set<string | undefined>();
    const onDecision = (_: Decision, __: unknown, { address }: Client): unknown => addresses.add(address);
    const guard = restrictTo(policy, { ...optionsOf('X-Forwarded-For'), onDecision });
    const server = createServer(guard((_, response) => response.end('Welcome')));
    // An upgrade has lost its parser, which would know the number as well.
    const upgraded = restrictUpgrade(policy, { ...optionsOf('X-Forwarded-For'), onDecision });
    server.on(
      'upgrade',
      upgraded((_, socket: Duplex) => socket.end('HTTP/1.1 200 OK\r\n\r\n')),
    );
    (server as { maxHeadersCount: unknown }).maxHeadersCount = count;
    const port = await listen(server);
    for (const others of [0, 1, 2, 3, 5, 8, 20, 40, 100, 1_100]) {
      const filling = Array.from({ length: others }, () => 'a:');
      const headers = ['X-Forwarded-For: 192.0.2.6', ...filling, 'X-Forwarded-For: 192.0.2.9'];
      await ask({ port, headers });
      const upgrade = ['Upgrade: test', 'Connection: Upgrade', ...headers];
      await exchange(port, undefined, requestText({ port, headers: upgrade }, false));
    }
    expect([...addresses].filter((address) => address !== undefined && address !== '192.0.2.9')).toEqual([]);
  });

  test('a number that is changed while a connection is open lets no forged header through', async () => {
    const seen: unknown[] = [];
    const onDecision = (_: Decision, __: unknown, { address }: Client): unknown => seen.push(address);
    const guard = restrictTo(policy, { ...optionsOf('X-Forwarded-For'), onDecision });
    const server = createServer(
      guard((_, response) => {
        server.maxHeadersCount = 2_000;
        response.end();
      }),
    );
    server.maxHeadersCount = 40;
    const port = await listen(server);
    const headers = [
      'X-Forwarded-For: 192.0.2.6',
      ...Array.from({ length: 100 }, () => 'a:'),
      'X-Forwarded-For: 192.0.2.9',
    ];
    const first = requestText({ port, headers: ['X-Forwarded-For: 192.0.2.9'] }, false);
    await exchange(port, undefined, first + requestText({ port, headers }));
    expect(seen).toEqual(['192.0.2.9', undefined]);
  });
});

describe.skipIf(!hasLoopbackNetwork)('clientOf gives the client to handlers further on', () => {
  const client = { trusted: '127.0.0.1', required: true, warn: () => {} };
  const headers = ['X-Forwarded-For: 192.0.2.9'];
  const bodyOf = async (port: number, path: string): Promise<string> =>
    (await ask({ port, path, headers })).body;

  test('in Express, in nested routers and applications', async () => {
    const app = express();
    app.get('/before', (request, response) => void response.send(`${clientOfExpress(request)}`));
    app.use(restrictExpress(policy, { client }));
    const router = express.Router();
    router.get('/page', (request, response) => void response.send(clientOfExpress(request)?.address));
    app.use('/router', router);
    app.use('/app', express().use('/inner', router));
    const port = await listen(createServer(app));
    expect(await bodyOf(port, '/before')).toBe('undefined');
    expect(await bodyOf(port, '/router/page')).toBe('192.0.2.9');
    expect(await bodyOf(port, '/app/inner/page')).toBe('192.0.2.9');
  });

  test('in Fastify, in encapsulated parts', async () => {
    const app = fastify();
    const seen: unknown[] = [];
    app.addHook('onRequest', async (request) => void seen.push(clientOfFastify(request)));
    app.register(async (part) => {
      part.register(restrictFastify(policy, { client }));
      part.register(async (inner) => void inner.get('/page', async (request) => clientOfFastify(request)));
    });
    await app.ready();
    const body = await bodyOf(await listen(app.server), '/page');
    expect(JSON.parse(body)).toEqual({ address: '192.0.2.9', source: 'header', hops: ['127.0.0.1'] });
    expect(seen).toEqual([undefined]);
  });

  test('in Koa, in mounted applications', async () => {
    const app = new Koa();
    const inner = new Koa();
    inner.use((context) => {
      context.body = clientOfKoa(context)?.address;
    });
    app.use((context, next) => (clientOfKoa(context) === undefined ? next() : context.throw(500)));
    app.use(restrictKoa(policy, { client }));
    app.use(mount('/inner', inner));
    expect(await bodyOf(await listen(createServer(app.callback())), '/inner/page')).toBe('192.0.2.9');
  });

  test('in Hono, in applications that are routed to, and after the request was replaced', async () => {
    const app = new Hono();
    app.use((context, next) => (clientOfHono(context) === undefined ? next() : Promise.reject(boom)));
    app.use(restrictHono(policy, { client: () => '::ffff:192.0.2.9' }));
    app.use((context, next) => {
      context.req.raw = new Request(context.req.raw);
      return next();
    });
    const inner = new Hono().get('/page', (context) => context.json(clientOfHono(context)));
    app.route('/inner', inner);
    expect(await (await app.request('/inner/page')).json()).toEqual({
      address: '192.0.2.9',
      source: 'peer',
      hops: [],
    });
  });

  test('in a framework behind a guard of node or fetch', async () => {
    const hono = new Hono().get('/', (context) => context.json(clientOfHono(context)?.address));
    const wrapped = restrictFetch(policy, { client: () => '192.0.2.9' })((request: Request) =>
      hono.fetch(request),
    );
    expect(await (await wrapped(new Request('https://www.example.com/'))).json()).toBe('192.0.2.9');
    const app = express();
    app.get('/', (request, response) => void response.send(clientOfExpress(request)?.address));
    expect(await bodyOf(await listen(createServer(restrictTo(policy, { client })(app))), '/')).toBe(
      '192.0.2.9',
    );
  });

  test('in node and fetch handlers; the last guard counts, and one that failed knows nobody', async () => {
    const twice = restrictTo(policy, { client: () => '192.0.2.1' })(
      restrictTo(policy, { client: () => '192.0.2.2' })((request, response) =>
        response.end(clientOf(request)?.address),
      ),
    );
    expect(await bodyOf(await listen(createServer(twice)), '/')).toBe('192.0.2.2');
    const seen: unknown[] = [];
    const failing = restrictTo(policy, { client: () => '192.0.2.1' })(
      restrictTo(policy, {
        client: throws,
        onError: () => {},
        respond: (_, request, response: never, given) => {
          seen.push(given.address, clientOf(request)?.address);
          (response as { end(): void }).end();
        },
      })(() => {}),
    );
    await bodyOf(await listen(createServer(failing)), '/');
    expect(seen).toEqual([undefined, undefined]);
    const request = new Request('https://www.example.com/');
    expect(clientOfFetch(request)).toBeUndefined();
    const wrapped = restrictFetch(policy, { client: () => '192.0.2.9' })(
      (given) => new Response(clientOfFetch(given)?.address),
    );
    expect(await (await wrapped(request)).text()).toBe('192.0.2.9');
    expect(clientOfFetch(request)?.source).toBe('peer');
  });
});

describe('a newcomer is told', () => {
  test('how a handler is wrapped', () => {
    const handler = (): void => {};
    for (const [run, message] of [
      [() => restrictTo(policy, handler as never), /got a function: write restrictTo\(policy\)\(handler\)/],
      [() => restrictFetch(policy, handler as never), /write restrictTo\(policy\)\(handler\)/],
      [() => restrictUpgrade(policy, handler as never), /write restrictUpgrade\(policy\)\(listener\)/],
      [() => restrictTo(policy)({} as never), /wraps a request handler: write createServer.*got an object/],
      [() => restrictFetch(policy)({} as never), /wraps a handler: write restrictTo\(policy\)\(handler\)/],
      [() => restrictUpgrade(policy)({} as never), /wraps a listener/],
      [() => restrictTo(undefined as never), /takes a policy: write restrictTo\(createPolicy/],
      [() => restrictTo(Promise.resolve(policy) as never), /wait for the promise and give its value/],
      [() => restrictExpress({ deny: '' } as never), /or restrictTo\(\(request\) => policy\)/],
    ] as const) {
      expect(run).toThrow(ListError);
      expect(run).toThrow(message);
    }
  });

  test('which import the framework takes', async () => {
    const app = express();
    app.use(restrictTo(policy) as never);
    app.get('/', (_, response) => void response.send('Welcome'));
    const seen: unknown[] = [];
    app.use(((error: Error, _: unknown, response: express.Response, __: unknown) => {
      seen.push(error.message);
      response.status(500).end();
    }) as never);
    expect((await ask({ port: await listen(createServer(app)) })).status).toBe(500);
    expect(seen[0]).toMatch(/import restrictTo from ipverdict\/express/);
  });
});

describe('facts are read where they belong', () => {
  const polluted = Object.prototype as Record<string, unknown>;
  const all = createPolicy({ deny: '' });
  const names = {
    server: { incoming: { socket: { remoteAddress: '192.0.2.1' }, headers: {} } },
    incoming: {
      socket: { remoteAddress: '192.0.2.1' },
      headers: {},
      rawHeaders: ['X-Forwarded-For', '192.0.2.1'],
    },
    requestIP: () => ({ address: '192.0.2.1' }),
    remoteAddr: { hostname: '192.0.2.1' },
    hostname: '192.0.2.1',
    address: '192.0.2.1',
    remoteAddress: '192.0.2.1',
    socket: { remoteAddress: '192.0.2.1' },
    headers: { 'x-forwarded-for': '192.0.2.1' },
    'x-forwarded-for': '192.0.2.1',
    rawHeaders: ['X-Forwarded-For', '192.0.2.1'],
    parser: { maxHeaderPairs: -1 },
    maxHeadersCount: 0,
    cf: { colo: 'AMS' },
    colo: 'AMS',
    verdict: 'allow',
    required: false,
    client: () => '192.0.2.1',
    '-1': '192.0.2.1',
    '0': '192.0.2.1',
  };

  /** Requests of each framework about which nothing is known, and whom the guard takes for the client. */
  const asked: readonly (readonly [name: string, ask: (name: string) => Promise<unknown>])[] = [
    ...[{}, { server: {} }, { incoming: {} }, { incoming: { socket: {} } }, { requestIP: () => ({}) }].map(
      (host) =>
        [
          `fetch on ${JSON.stringify(host)}`,
          async () => {
            const seen: unknown[] = [];
            const guard = restrictFetch(all, { onDecision: (_, __, { address }) => seen.push(address) });
            const answer = await guard(() => new Response())(new Request('https://www.example.com/'), host);
            return [answer.status, seen];
          },
        ] as const,
    ),
    [
      'Hono',
      async () => {
        const seen: unknown[] = [];
        const app = new Hono();
        app.use(restrictHono(all, { onDecision: (_, __, { address }) => seen.push(address) }));
        return [(await app.request('/', {}, { KV: {} })).status, seen];
      },
    ],
    ...[restrictTo, restrictExpress].map(
      (restrict, index) =>
        [
          index === 0 ? 'node' : 'Express',
          async () => {
            const seen: unknown[] = [];
            let status = 200;
            const options = {
              onDecision: (_: Decision, __: unknown, { address }: Client) => seen.push(address),
              respond: () => {
                status = 403;
              },
            };
            const response = { headersSent: true };
            const request = { socket: {}, headers: {} };
            const guard = (restrict as typeof restrictTo)(all, options as never) as unknown;
            if (index === 0)
              (guard as (handler: () => void) => (...given: unknown[]) => void)(() => {})(request, response);
            else (guard as (...given: unknown[]) => void)(request, response, () => {});
            return [status, seen];
          },
        ] as const,
    ),
    [
      'a policy that answers with nothing',
      async () => {
        const guard = restrictFetch({ decide: () => ({}) } as never, {
          client: () => undefined,
          onError: () => {},
        });
        return [
          (await guard(() => new Response())(new Request('https://www.example.com/'))).status,
          [undefined],
        ];
      },
    ],
    [
      'Cloudflare',
      async () => {
        const { cloudflareClient } = await import('../../src/adapters/fetch.ts');
        const request = new Request('https://www.example.com/', {
          headers: { 'CF-Connecting-IP': '192.0.2.1' },
        });
        return [403, [cloudflareClient(request)]];
      },
    ],
  ];

  test.each(asked)('%s', async (_, run) => {
    for (const [name, value] of Object.entries(names)) {
      try {
        polluted[name] = value;
        expect([name, await run(name)]).toEqual([name, [403, [undefined]]]);
      } finally {
        delete polluted[name];
      }
    }
  });

  test.each(['x-forwarded-for', 'rawHeaders', 'headers', 'parser', 'maxHeadersCount'])(
    'a header that nobody sent: %s',
    (name) => {
      const seen: unknown[] = [];
      const guard = restrictTo(all, {
        client: { trusted: '127.0.0.1', required: true, warn: () => {} },
        onDecision: (_, __, { problem }) => seen.push(problem),
        respond: () => {},
      });
      try {
        polluted[name] = (names as Record<string, unknown>)[name];
        guard(() => {})({ socket: { remoteAddress: '127.0.0.1' }, headers: {} }, {
          headersSent: true,
        } as never);
      } finally {
        delete polluted[name];
      }
      expect(seen).toEqual(['missing-header']);
    },
  );
});

describe('headers that a Request has joined', () => {
  const guard = restrictFetch<Request, [host: unknown]>(policy, {
    client: { trusted: '127.0.0.1', header: 'Forwarded', warn: () => {} },
  })(() => new Response());
  const statusOfLines = async (...lines: string[]): Promise<number> => {
    const headers = new Headers();
    for (const line of lines) headers.append('Forwarded', line);
    const host = { remoteAddr: { hostname: '127.0.0.1' } };
    return (await guard(new Request('https://www.example.com/', { headers }), host)).status;
  };

  test('are read where no quote can reach from one into the next', async () => {
    expect(await statusOfLines('for=192.0.2.9')).toBe(200);
    expect(await statusOfLines('for=6.6.6.6', 'for="192.0.2.9:80";host="a;b"')).toBe(200);
    expect(await statusOfLines('for=192.0.2.9', 'for=203.0.113.9')).toBe(403);
    // The proxy writes what the client gave as its host, quotes and all: alone, its line breaks the grammar.
    const line = 'for=203.0.113.9;host=",for=192.0.2.9;x=""';
    for (const open of ['for=6.6.6.6;x="', 'for=6.6.6.6;x="\\', 'for=6.6.6.6;x="\\\\', 'x="\\"'])
      expect([open, await statusOfLines(open, line)]).toEqual([open, 403]);
  });
});
