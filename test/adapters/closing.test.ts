/** After a denied upload: the client gets its answer, little more is read, and nothing that follows is served. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { restrictTo } from '../../src/adapters/node.ts';
import { createPolicy } from '../../src/public/index.ts';
import { sites, start } from '../support/sites.ts';
import { connectFrom, exchange, hasLoopbackNetwork, readAnswers, requestText } from '../support/wire.ts';

const DENIED = '127.0.0.66';
const policy = createPolicy({ deny: `${DENIED} # A secret note` });

const running: { close(done?: () => void): unknown }[] = [];

async function listen(server: Pick<Server, 'listen' | 'address' | 'close' | 'once'>): Promise<number> {
  running.push(server);
  server.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  return (server.address() as AddressInfo).port;
}

afterEach(async () => {
  for (const server of running.splice(0)) {
    (server as Partial<Server>).closeAllConnections?.();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

/** Sends a head and then as much of a body as the server takes. */
function upload(
  port: number,
  head: string,
  { from = DENIED, most = 64 * 2 ** 20 } = {},
): Promise<{ received: string; sent: number; hadAnswerFirst: boolean }> {
  const socket = connectFrom(port, from);
  let received = '';
  let isOver = false;
  const piece = Buffer.alloc(65_536, 'x');
  const send = (): void => {
    while (!isOver && socket.bytesWritten < most && !socket.destroyed) if (!socket.write(piece)) return;
  };
  return new Promise((resolve) => {
    const finish = (): void => {
      isOver = true;
      resolve({ received, sent: socket.bytesWritten, hadAnswerFirst: received !== '' });
    };
    socket.setEncoding('latin1');
    socket.on('connect', () => {
      socket.write(head);
      send();
    });
    socket.on('drain', send);
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('error', () => undefined);
    socket.on('close', finish);
  });
}

const headOf = (length: number, ...headers: string[]): string =>
  requestText({ port: 0, method: 'POST', headers: [`Content-Length: ${length}`, ...headers] }, false);

describe.skipIf(!hasLoopbackNetwork).each(sites)('$name', (site) => {
  test('a denied upload is answered and not read to its end', async () => {
    const guarded = await start(site, { policy }, '127.0.0.1');
    const heads = [
      headOf(200 * 2 ** 20),
      `${headOf(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked')}fffffff\r\n`,
      headOf(200 * 2 ** 20, 'Connection: keep-alive'),
      headOf(200 * 2 ** 20, 'Expect: 100-continue'),
    ];
    try {
      for (const { received, sent } of await Promise.all(heads.map((head) => upload(guarded.port, head)))) {
        const [answer] = readAnswers(received.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''), ['POST']);
        const { status, headers, body } = answer ?? {};
        expect([status, headers?.['connection'], body]).toEqual([403, 'close', 'Forbidden']);
        // What is read, and what the buffers of both systems hold.
        expect(sent).toBeLessThan(16 * 2 ** 20);
      }
      expect(guarded.passed()).toBe(0);
    } finally {
      await guarded.close();
    }
  });

  test('a denied upload whose client sends all of it and waits gets its answer', async () => {
    const guarded = await start(site, { policy }, '127.0.0.1');
    try {
      const body = 'x'.repeat(50_000);
      const text = requestText({ port: 0, method: 'POST', body }, false);
      const [answer] = readAnswers(await exchange(guarded.port, DENIED, text), ['POST']);
      expect([answer?.status, answer?.headers['connection']]).toEqual([403, 'close']);
    } finally {
      await guarded.close();
    }
  });

  test('a request that follows a denied upload on its connection is not served', async () => {
    // The second request would be let in: a proxy sends those of several clients on one connection.
    const byHeader = {
      policy: createPolicy({ deny: '192.0.2.66' }),
      options: { client: { trusted: '127.0.0.0/8', required: true } },
    };
    const guarded = await start(site, byHeader, '127.0.0.1');
    try {
      const first = {
        port: 0,
        method: 'POST',
        body: 'x'.repeat(100),
        headers: ['X-Forwarded-For: 192.0.2.66'],
      };
      const second = { port: 0, headers: ['X-Forwarded-For: 192.0.2.1'] };
      const text = requestText(first, false) + requestText(second, false);
      const answers = readAnswers(await exchange(guarded.port, '127.0.0.1', text), ['POST', 'GET']);
      expect(answers.map(({ status }) => status)).toEqual([403]);
      expect(guarded.passed()).toBe(0);
    } finally {
      await guarded.close();
    }
  });

  test('a denied request without a body keeps the connection', async () => {
    const guarded = await start(site, { policy }, '127.0.0.1');
    try {
      const text = requestText({ port: 0 }, false) + requestText({ port: 0, path: '/admin/page' });
      const answers = readAnswers(await exchange(guarded.port, DENIED, text), ['GET', 'GET']);
      expect(answers.map(({ status }) => status)).toEqual([403, 403]);
      expect(answers[0]?.headers['connection']).not.toBe('close');
    } finally {
      await guarded.close();
    }
  });

  test('an upload that is let in is read to its end', async () => {
    const guarded = await start(site, { policy }, '127.0.0.1');
    try {
      const text = requestText({
        port: 0,
        method: 'POST',
        body: 'x'.repeat(300_000),
        headers: ['Content-Type: text/plain'],
      });
      const [answer] = readAnswers(await exchange(guarded.port, '127.0.0.1', text), ['POST']);
      expect([answer?.status, answer?.body]).toEqual([200, 'Posted']);
    } finally {
      await guarded.close();
    }
  });
});

describe.skipIf(!hasLoopbackNetwork)('a denied upload', () => {
  test('is answered by respond, and the connection closes all the same', async () => {
    const server = createServer(
      restrictTo(policy, {
        respond: (_, __, response) => {
          (response as unknown as import('node:http').ServerResponse).writeHead(418).end('Teapot');
        },
      })((_, response) => response.end('Welcome')),
    );
    const port = await listen(server);
    const { received, sent } = await upload(port, headOf(200 * 2 ** 20));
    const [answer] = readAnswers(received, ['POST']);
    expect([answer?.status, answer?.headers['connection'], answer?.body]).toEqual([418, 'close', 'Teapot']);
    expect(sent).toBeLessThan(16 * 2 ** 20);
  });

  test('closes although the application asked to keep the connection', async () => {
    const guarded = restrictTo(policy)((_, response) => response.end('Welcome'));
    const server = createServer((request, response) => {
      response.setHeader('Connection', 'keep-alive');
      guarded(request, response);
    });
    const port = await listen(server);
    const { received } = await upload(port, headOf(200 * 2 ** 20));
    expect(readAnswers(received, ['POST'])[0]?.headers['connection']).toBe('close');
  });

  test('that nobody goes on sending ends after a second, and other connections stay', async () => {
    const server = createServer(restrictTo(policy)((_, response) => response.end('Welcome')));
    const port = await listen(server);
    // A client that keeps its half open for ever.
    const socket = connectTcp({ port, host: '127.0.0.1', localAddress: DENIED, allowHalfOpen: true });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(headOf(1000));
    await once(socket, 'end');
    expect(await exchange(port, '127.0.0.1', requestText({ port }))).toContain('Welcome');
    // The reset that a write then meets closes it.
    while (!socket.destroyed) {
      socket.write('x');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await closed;
  });

  test('on HTTP/2 is answered and reset without an error, and its session goes on', async () => {
    let passed = 0;
    const server = createHttp2Server(
      restrictTo(policy)((_, response) => {
        passed++;
        response.end('Welcome');
      }),
    );
    const port = await listen(server as unknown as Server);
    const session = connectHttp2(`http://127.0.0.1:${port}`, { localAddress: DENIED } as never);
    const post = session.request({ ':method': 'POST' }, { endStream: false });
    post.on('error', () => undefined);
    post.resume();
    const [headers] = (await once(post, 'response')) as [Record<string, unknown>];
    expect(headers[':status']).toBe(403);
    expect(headers['connection']).toBeUndefined();
    await once(post, 'close');
    expect(post.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
    const get = session.request({ ':method': 'GET' });
    get.resume();
    const [second] = (await once(get, 'response')) as [Record<string, unknown>];
    expect(second[':status']).toBe(403);
    await once(get, 'close');
    session.close();
    expect(passed).toBe(0);
  });
});

describe.skipIf(!hasLoopbackNetwork)('listeners for requests with Expect', () => {
  const expecting = (port: number, from: string, expectation = '100-continue'): Promise<string> =>
    exchange(
      port,
      from,
      requestText({ port, method: 'POST', headers: [`Expect: ${expectation}`], body: 'x' }),
    );

  test.each([
    ['checkContinue', '100-continue'],
    ['checkExpectation', 'something'],
  ])(
    'for %s are guarded by the same wrapper, and a denied client is not asked for its body',
    async (event, value) => {
      const guard = restrictTo(policy, { onError: () => undefined });
      let passed = 0;
      const page = (_: unknown, response: import('node:http').ServerResponse): void => {
        passed++;
        response.end('Welcome');
      };
      const server = createServer(guard(page));
      server.on(event, guard(page));
      const port = await listen(server);
      const denied = await expecting(port, DENIED, value);
      expect(denied).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(passed).toBe(0);
      expect(await expecting(port, '127.0.0.1', value)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(await exchange(port, '127.0.0.1', requestText({ port }))).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    },
  );

  test.each(['checkContinue', 'checkExpectation'])(
    'for %s without a guard deny everyone, and say why',
    async (event) => {
      const errors: unknown[] = [];
      let passed = 0;
      const server = createServer(
        restrictTo(policy, { onError: (error) => errors.push(error) })((_, response) => {
          passed++;
          response.end('Welcome');
        }),
      );
      server.on(event, (_, response) => response.end('Unguarded'));
      const port = await listen(server);
      expect(await exchange(port, '127.0.0.1', requestText({ port }))).toMatch(
        /^HTTP\/1\.1 403 Forbidden\r\n/,
      );
      expect(passed).toBe(0);
      expect(String(errors[0])).toContain('wrap that listener with restrictTo(policy), too');
    },
  );
});

test('a server of another kind is not asked for its listeners', async () => {
  const handler = restrictTo(policy)(() => 'value');
  const request = { socket: { remoteAddress: '192.0.2.1' }, headers: {} };
  expect(Reflect.apply(handler, createTcpServer(), [request, {}])).toBe('value');
  expect(Reflect.apply(handler, { listeners: 7 }, [request, {}])).toBe('value');
});
