import { once } from 'node:events';
import {
  createServer,
  type Server as HttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  connect as connectTcp,
  createServer as createNetServer,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { guardServer, restrictTo, restrictUpgrade } from '../../src/adapters/node.ts';
import { createPolicy, ListError } from '../../src/public/index.ts';
import {
  ask,
  connectFrom,
  exchange,
  hasIPv6,
  hasLoopbackNetwork,
  readAnswers,
  requestText,
} from '../support/wire.ts';

const DENIED = '127.0.0.66';
const policy = createPolicy({ deny: `${DENIED} # A secret note` });
const boom = new Error('boom');
const throws = (): never => {
  throw boom;
};

const running: Server[] = [];

async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  running.push(server);
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of running.splice(0)) {
    (server as Partial<HttpServer>).closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe.skipIf(!hasLoopbackNetwork)('upgrades', () => {
  const upgrade = (port: number, from: string | undefined, ...headers: string[]): Promise<string> =>
    exchange(
      port,
      from,
      requestText({ port, headers: ['Upgrade: test', 'Connection: Upgrade', ...headers] }, false),
    );

  async function serve(options?: Parameters<typeof restrictUpgrade>[1], decider: unknown = policy) {
    const seen = vi.fn();
    const server = createServer(restrictTo(policy)((_, response) => response.end('Welcome')));
    server.on(
      'upgrade',
      restrictUpgrade(
        decider as typeof policy,
        options,
      )(function (this: unknown, request: IncomingMessage, socket: Duplex, head: Buffer) {
        seen(this === server, request.url, head.length);
        socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\nhello');
      }),
    );
    return { port: await listen(server), seen };
  }

  test('are refused on the socket, which is closed', async () => {
    const { port, seen } = await serve();
    expect(await upgrade(port, DENIED)).toBe(
      'HTTP/1.1 403 Forbidden\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\nConnection: close\r\n\r\nForbidden',
    );
    const [answer] = readAnswers(await upgrade(port, DENIED, 'Accept: application/json'), ['GET']);
    expect(JSON.parse(answer?.body as string)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
    });
    expect(seen).not.toHaveBeenCalled();
  });

  test('pass untouched', async () => {
    const { port, seen } = await serve();
    expect(await upgrade(port, undefined)).toContain('101 Switching Protocols');
    expect(await upgrade(port, undefined)).toMatch(/hello$/);
    expect(seen).toHaveBeenCalledWith(true, '/', 0);
  });

  test.runIf(hasIPv6)('of a mapped client are refused', async () => {
    const server = createServer();
    server.on(
      'upgrade',
      restrictUpgrade(policy)((_: IncomingMessage, socket: Duplex) => socket.end('in')),
    );
    expect(await upgrade(await listen(server, '::'), DENIED)).toContain('403 Forbidden');
  });

  test('are judged with all the options', async () => {
    const onError = vi.fn();
    for (const options of [{ client: throws }, { onDecision: async () => throws() }]) {
      const { port, seen } = await serve({ ...options, onError });
      expect(await upgrade(port, undefined)).toContain('403 Forbidden');
      expect(seen).not.toHaveBeenCalled();
    }
    expect(onError).toHaveBeenCalledTimes(2);
    const proxied = await serve({ client: { trusted: '127.0.0.1', warn: () => {} } });
    expect(await upgrade(proxied.port, undefined, `X-Forwarded-For: ${DENIED}`)).toContain('403 Forbidden');
    const own = await serve({
      respond: (_, __, socket) => socket.end('HTTP/1.1 418 Teapot\r\n\r\n', () => {}),
    });
    expect(await upgrade(own.port, DENIED)).toContain('418 Teapot');
    const broken = await serve({ respond: throws, onError });
    expect(await upgrade(broken.port, DENIED)).toContain('403 Forbidden');
    const id = await serve({ requestId: () => '7f3a' });
    expect(await upgrade(id.port, DENIED)).toMatch(
      /Content-Length: 26\r\n.*\r\n\r\nForbidden\nRequest ID: 7f3a$/s,
    );
    expect(() => restrictUpgrade(policy, { onDeny: throws } as never)).toThrow(/no option "onDeny"/);
    expect(() => restrictUpgrade({} as never)).toThrow(
      /restrictUpgrade takes a policy: write restrictUpgrade/,
    );
    expect(() => restrictUpgrade(policy)(undefined as never)).toThrow(ListError);
  });

  test('that are refused leave no half of a connection open', async () => {
    const { port } = await serve();
    const server = running.at(-1) as Server;
    const socket = connectTcp({ port, host: '127.0.0.1', localAddress: DENIED, allowHalfOpen: true });
    socket.on('error', () => {}).resume();
    socket.write(requestText({ port, headers: ['Upgrade: test', 'Connection: Upgrade'] }, false));
    await once(socket, 'end');
    const count = (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, open) => resolve(open)));
    for (let tries = 0; tries < 100 && (await count()) > 0; tries++)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await count()).toBe(0);
    socket.destroy();
  });

  test('a client that is gone is not handed to the listener', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { port, seen } = await serve({ onDecision: () => released });
    const socket = connectFrom(port);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(requestText({ port, headers: ['Upgrade: test', 'Connection: Upgrade'] }, false));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    await new Promise((resolve) => setTimeout(resolve, 40));
    release();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).not.toHaveBeenCalled();
  });

  test('a client that is gone ends nothing', async () => {
    const slow = { decide: () => new Promise<never>((_, reject) => setTimeout(() => reject(boom), 50)) };
    const { port } = await serve({ onError: () => {} }, slow);
    const socket = connectFrom(port);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(requestText({ port, headers: ['Upgrade: test', 'Connection: Upgrade'] }, false));
    setTimeout(() => socket.resetAndDestroy(), 10);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect((await ask({ port })).body).toBe('Welcome');
  });
});

describe('a handler', () => {
  test('has to be given', () => {
    expect(() => restrictTo(policy)(undefined as never)).toThrow(ListError);
  });

  test('is called with the server, as without us, and its value comes back', async () => {
    const seen: unknown[] = [];
    const server = createServer(
      restrictTo(policy)(function (this: unknown, _: IncomingMessage, response: ServerResponse) {
        seen.push(this === server);
        response.end();
      }),
    );
    await ask({ port: await listen(server) });
    expect(seen).toEqual([true]);
    const handler = restrictTo({
      decide: () => ({ verdict: 'allow', reason: 'not-listed', entry: undefined }),
    })(() => 'value');
    expect(handler({ socket: {}, headers: {} }, {} as never)).toBe('value');
  });

  test('that throws, throws as without us', () => {
    const handler = restrictTo(createPolicy({ deny: '' }))(throws);
    expect(() => handler({ socket: { remoteAddress: '::1' }, headers: {} }, {} as never)).toThrow(boom);
  });

  test('a refusal takes back what was said about another answer', async () => {
    const guarded = restrictTo(createPolicy({ allow: '192.0.2.1' }))(() => {});
    const server = createServer((request, response) => {
      response.statusCode = 200;
      response.setHeader('Cache-Control', 'public, max-age=60');
      response.setHeader('CDN-Cache-Control', 'max-age=60');
      response.setHeader('ETag', '"1"');
      response.setHeader('Content-Length', 5);
      response.setHeader('Content-Encoding', 'gzip');
      response.setHeader('Strict-Transport-Security', 'max-age=60');
      guarded(request, response);
    });
    const { status, headers, body } = await ask({ port: await listen(server) });
    expect([status, body]).toEqual([403, 'Forbidden']);
    expect(Object.keys(headers).sort()).toEqual([
      'cache-control',
      'connection',
      'content-length',
      'content-type',
      'date',
      'strict-transport-security',
      'x-content-type-options',
    ]);
    expect(headers['cache-control']).toBe('no-store');
  });

  test('an answer that respond began and did not end is broken off', async () => {
    const onError = vi.fn();
    const options = {
      onError,
      respond: (_: unknown, __: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { 'Content-Length': 100 }).write('part');
        throws();
      },
    };
    const server = createServer(restrictTo(createPolicy({ allow: '192.0.2.1' }), options)(() => {}));
    const port = await listen(server);
    const text = await exchange(port, undefined, requestText({ port }));
    expect(text).not.toContain('Forbidden');
    expect(onError).toHaveBeenCalledTimes(1);
  });

  test('what respond does not say is right', async () => {
    const respond = (_: unknown, __: IncomingMessage, response: ServerResponse) => response.end('No');
    const server = createServer(restrictTo(createPolicy({ allow: '192.0.2.1' }), { respond })(() => {}));
    const { status, headers, body } = await ask({ port: await listen(server) });
    expect([status, headers['cache-control'], body]).toEqual([403, 'no-store', 'No']);
  });

  test('a peer that is gone is denied', () => {
    const denied = vi.fn();
    const handler = restrictTo(createPolicy({ deny: '' }), {
      respond: denied,
      onDecision: ({ reason }) => denied(reason),
    })(throws);
    const response = { headersSent: false, removeHeader() {}, setHeader() {}, statusCode: 200 };
    handler({ socket: { remoteAddress: undefined }, headers: {} }, response as never);
    expect(denied.mock.calls[0]).toEqual(['invalid-address']);
  });

  test.skipIf(!hasLoopbackNetwork)('a CONNECT of node:http2 is refused with its status', async () => {
    const seen = vi.fn();
    for (const options of [
      {},
      { respond: (_: unknown, __: unknown, response: never) => (response as ServerResponse).end('No') },
    ]) {
      // Without a listener to requests it tells of streams alone.
      const server = createHttp2Server(() => {});
      server.on(
        'connect' as 'request',
        restrictUpgrade(
          policy,
          options,
        )((_, response) => {
          seen();
          response.end('in');
        }),
      );
      const port = await listen(server);
      for (const [localAddress, status] of [
        [DENIED, 403],
        ['127.0.0.1', 200],
      ] as const) {
        const session = connectHttp2(`http://127.0.0.1:${port}`, { localAddress } as object);
        const stream = session.request({ ':method': 'CONNECT', ':authority': 'www.example.com:443' });
        const [headers] = await once(stream, 'response');
        expect(headers[':status']).toBe(status);
        expect(headers['cache-control']).toBe(status === 403 ? 'no-store' : undefined);
        stream.destroy();
        session.destroy();
      }
    }
    expect(seen).toHaveBeenCalledTimes(2);
  });

  test.skipIf(!hasLoopbackNetwork)('of node:http2 is guarded in the same way', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const server = createHttp2Server(restrictTo(policy)((_, response) => response.end('Welcome')));
    const port = await listen(server);
    const askBy2 = async (localAddress: string, method: string): Promise<unknown> => {
      const session = connectHttp2(`http://127.0.0.1:${port}`, { localAddress } as object);
      try {
        const stream = session.request(
          { ':method': method, 'x-forwarded-for': '127.0.0.1' },
          { endStream: true },
        );
        const [headers] = await once(stream, 'response');
        let body = '';
        for await (const chunk of stream) body += chunk;
        return [headers[':status'], headers['cache-control'], body];
      } finally {
        session.close();
      }
    };
    expect(await askBy2(DENIED, 'GET')).toEqual([403, 'no-store', 'Forbidden']);
    expect(await askBy2(DENIED, 'HEAD')).toEqual([403, 'no-store', '']);
    expect(await askBy2('127.0.0.1', 'GET')).toEqual([200, undefined, 'Welcome']);
  });

  test('headers of the prototype are none', () => {
    const policyOfAll = createPolicy({ deny: '192.0.2.0/24' });
    const seen: unknown[] = [];
    const options = {
      client: { trusted: '127.0.0.1', header: '__proto__', warn: () => {} },
      onDecision: ({ reason }: { reason: string }) => seen.push(reason),
    };
    restrictTo(policyOfAll, options)(() => {})(
      { socket: { remoteAddress: '127.0.0.1' }, headers: {} },
      {} as never,
    );
    expect(seen).toEqual(['not-listed']);
  });
});

describe.skipIf(!hasLoopbackNetwork)('a guarded server', () => {
  test.each(hasIPv6 ? ['127.0.0.1', '::'] : ['127.0.0.1'])(
    'of node:net on %s drops denied peers before anybody sees them',
    async (host) => {
      const seen: unknown[] = [];
      const server = createNetServer((socket) => {
        seen.push(socket.remoteAddress);
        socket.resume().end('Welcome');
      });
      expect(guardServer(server, policy)).toBe(server);
      server.on('connection', () => seen.push('second'));
      const port = await listen(server, host);
      expect(await exchange(port, DENIED, 'hello')).toBe('');
      expect(seen).toEqual([]);
      expect(await exchange(port, undefined, 'hello')).toBe('Welcome');
      expect(seen).toEqual([host === '::' ? '::ffff:127.0.0.1' : '127.0.0.1', 'second']);
    },
  );

  test('of node:http reads nothing of them', async () => {
    const handler = vi.fn((_: IncomingMessage, response: ServerResponse) => response.end('Welcome'));
    const clientError = vi.fn();
    const decisions: unknown[] = [];
    const server = createServer(handler).on('clientError', clientError);
    guardServer(server, policy, {
      onDecision: ({ verdict }, socket) => decisions.push([verdict, typeof socket.destroy]),
    });
    const port = await listen(server);
    expect(await exchange(port, DENIED, requestText({ port }))).toBe('');
    expect(await exchange(port, DENIED, 'nonsense\r\n\r\n')).toBe('');
    expect(handler).not.toHaveBeenCalled();
    expect(clientError).not.toHaveBeenCalled();
    expect((await ask({ port })).body).toBe('Welcome');
    expect(decisions).toEqual([
      ['deny', 'function'],
      ['deny', 'function'],
      ['allow', 'function'],
    ]);
  });

  test('judges with more than one policy when guarded more than once', async () => {
    const server = createNetServer((socket) => socket.resume().end('Welcome'));
    guardServer(guardServer(server, policy), createPolicy({ deny: '127.0.0.67' }));
    const port = await listen(server);
    expect(await exchange(port, '127.0.0.66', '')).toBe('');
    expect(await exchange(port, '127.0.0.67', '')).toBe('');
    expect(await exchange(port, '127.0.0.68', '')).toBe('Welcome');
  });

  test('drops everyone when the policy or a hook throws, and tells of it', async () => {
    const onError = vi.fn();
    const handler = vi.fn();
    const hostile = [
      [{ decide: throws }, {}],
      [{ decide: async () => throws() }, {}],
      [{ decide: () => ({}) }, {}],
      [policy, { onDecision: throws }],
      [policy, { onDecision: async () => throws() }],
    ] as const;
    for (const [decider, options] of hostile) {
      const server = createNetServer(handler);
      const port = await listen(guardServer(server, decider as typeof policy, { ...options, onError }));
      expect(await exchange(port, undefined, 'hello')).toBe('');
    }
    expect(handler).not.toHaveBeenCalled();
    expect(onError).toHaveBeenCalledTimes(hostile.length);
  });

  test.each(['net', 'http'] as const)(
    'of node:%s waits for a promise, and loses no byte meanwhile',
    async (kind) => {
      const slow = {
        decide: async (ip: string) => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          return policy.decide(ip);
        },
      };
      const server =
        kind === 'http'
          ? createServer(
              (request, response) =>
                void request.on('data', () => {}).on('end', () => response.end('Welcome')),
            )
          : createNetServer(
              (socket: Socket) =>
                void socket.once('data', (chunk) => socket.end(chunk.length > 0 ? 'Welcome' : '')),
            );
      const port = await listen(guardServer(server, slow as never));
      const text = requestText({ port, method: 'POST', body: 'x'.repeat(50_000) });
      expect(await exchange(port, undefined, text)).toMatch(/Welcome/);
      expect(await exchange(port, DENIED, text)).toBe('');
    },
  );

  test.each(['net', 'http', 'https', 'http2'] as const)(
    'of node:%s survives a client that is gone while it waits, and tells nobody of it',
    async (kind) => {
      const make = {
        net: () => createNetServer(),
        http: () => createServer(),
        https: () => createHttpsServer({}),
        http2: () => createHttp2Server(),
      };
      for (const waiting of ['decide', 'onDecision'] as const)
        for (const verdict of ['allow', 'deny'] as const) {
          let release = (): void => {};
          const released = new Promise<void>((resolve) => {
            release = resolve;
          });
          const decision = { verdict, reason: 'not-listed', entry: undefined } as const;
          const decider = { decide: () => (waiting === 'decide' ? released.then(() => decision) : decision) };
          const seen = vi.fn();
          const server = make[kind]() as Server;
          server.on('connection', seen);
          guardServer(server, decider, {
            onDecision: () => (waiting === 'onDecision' ? released : undefined),
          });
          const port = await listen(server);
          const socket = connectFrom(port);
          socket.on('error', () => {});
          await once(socket, 'connect');
          socket.write('hello');
          await new Promise((resolve) => setTimeout(resolve, 20));
          socket.resetAndDestroy();
          await new Promise((resolve) => setTimeout(resolve, 40));
          release();
          await new Promise((resolve) => setTimeout(resolve, 20));
          expect(seen).not.toHaveBeenCalled();
        }
    },
  );

  test('of node:tls drops them before the handshake', async () => {
    // What is not a handshake is an error of a client that was let in.
    const errors = vi.fn();
    const server = guardServer(createTlsServer({}), policy).on('tlsClientError', errors);
    const port = await listen(server);
    const hello = requestText({ port });
    expect(await exchange(port, DENIED, hello)).toBe('');
    expect(errors).not.toHaveBeenCalled();
    await exchange(port, undefined, hello);
    expect(errors).toHaveBeenCalledTimes(1);
  });

  test('lets other events pass, and refuses what it cannot do', async () => {
    const server = createNetServer();
    guardServer(server, policy);
    const listener = vi.fn();
    server.on('other' as 'listening', listener);
    (server as { emit(name: string, ...values: unknown[]): boolean }).emit('other', 1, 2);
    expect(listener).toHaveBeenCalledWith(1, 2);
    expect(() => guardServer({} as never, policy)).toThrow(/guardServer takes a Node server/);
    expect(() => guardServer(server, {} as never)).toThrow(
      /guardServer takes a policy: write guardServer\(server, createPolicy/,
    );
    expect(() => guardServer(server, policy, { client: throws } as never)).toThrow(
      /no option "client", only onDecision, onError/,
    );
  });
});

test.skipIf(!hasLoopbackNetwork)(
  'what arrives on a Unix socket has no peer, and is denied unless told otherwise',
  async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const path = join(tmpdir(), `ipverdict-${process.pid}-${Date.now()}.sock`);
    const fetchIt = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const request = httpRequest(
          { socketPath: path, agent: false, headers: { 'X-Forwarded-For': '192.0.2.1' } },
          (response) => {
            response.resume().on('end', () => resolve(response.statusCode));
          },
        );
        request.on('error', reject).end();
      });
    const site = (_: IncomingMessage, response: ServerResponse): void => void response.end('Welcome');
    for (const [options, status] of [
      [{}, 403],
      [{ client: { trusted: '127.0.0.1', warn: () => {} } }, 403],
      [{ client: { trusted: '127.0.0.1', required: true, peer: () => '127.0.0.1' } }, 200],
    ] as const) {
      const server = createServer(restrictTo(policy, options)(site)).listen(path);
      await once(server, 'listening');
      expect(await fetchIt()).toBe(status);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  },
);
