/** Denied requests with a body, on real servers: how much is read, what the client gets, and what comes after. */

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { restrictTo as restrictFetch } from '../../src/adapters/fetch.ts';
import { restrictTo as restrictHono } from '../../src/adapters/hono.ts';
import { restrictTo } from '../../src/adapters/node.ts';
import { createPolicy } from '../../src/public/index.ts';
import { type Guarding, type Site, sites } from '../support/sites.ts';
import { exchange, readAnswers, requestText } from '../support/wire.ts';

const nobody = createPolicy({ allow: '192.0.2.1' });
const slowly = { decide: async (ip: string) => nobody.decide(ip) } as never;

const running: Server[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) {
    server.closeAllConnections?.();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Lets a server listen, and collects the sockets that it accepts. */
async function listen(server: Server): Promise<{ port: number; sockets: Socket[] }> {
  running.push(server);
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, sockets };
}

async function serve(site: Site, guarding: Guarding, count: () => void = () => {}) {
  return listen(await site.build(guarding, count));
}

/** Sends as many bytes as the server takes, up to a number, and reads meanwhile. */
async function upload(port: number, head: string, bytes: number, reads = true): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.setEncoding('latin1').on('error', () => {});
  if (reads) {
    // As clients do that are told to close.
    socket.on('data', (chunk: string) => (received += chunk)).on('end', () => socket.destroy());
  }
  const closed = new Promise((resolve) => socket.on('close', resolve));
  await once(socket, 'connect');
  socket.write(head);
  const piece = Buffer.alloc(65_536, 'x');
  for (let sent = 0; sent < bytes && socket.writable; sent += piece.length) {
    if (socket.write(piece)) continue;
    await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
  if (!reads) socket.on('data', (chunk: string) => (received += chunk));
  await closed;
  return received;
}

const head = (...lines: string[]): string =>
  ['POST /admin/page HTTP/1.1', 'Host: www.example.com', ...lines, '', ''].join('\r\n');
const LARGE = 100_000_000;
/** Node's parser drops what comes after the first thousand. */
const LINES = Array.from({ length: 1_001 }, () => 'A:');

describe.each(sites)('a denied upload to $name', (site) => {
  test.each([
    ['Content-Length', nobody, head(`Content-Length: ${LARGE}`)],
    ['Transfer-Encoding', nobody, `${head('Transfer-Encoding: chunked')}${LARGE.toString(16)}\r\n`],
    ['a policy that takes its time', slowly, head(`Content-Length: ${LARGE}`)],
    ['Connection: keep-alive', nobody, head(`Content-Length: ${LARGE}`, 'Connection: keep-alive')],
    ['Expect', nobody, head(`Content-Length: ${LARGE}`, 'Expect: 100-continue')],
    ['GET', nobody, head(`Content-Length: ${LARGE}`).replace('POST', 'GET')],
    ['a header after more lines than Node keeps', nobody, head(...LINES, `Content-Length: ${LARGE}`)],
    ['chunks after them', slowly, `${head(...LINES, 'Transfer-Encoding: chunked')}${LARGE.toString(16)}\r\n`],
    ['HTTP/1.0', nobody, head(`Content-Length: ${LARGE}`, 'Connection: keep-alive').replace('/1.1', '/1.0')],
  ])('is not read to its end, and its client gets the answer: %s', async (_, policy, start) => {
    const { port, sockets } = await serve(site, { policy });
    const text = await upload(port, start, LARGE);
    const [answer] = readAnswers(text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, ''), ['POST']);
    expect([answer?.status, answer?.headers['connection'], answer?.body]).toEqual([
      403,
      'close',
      'Forbidden',
    ]);
    // What was read before the answer, 64 KB, and what was on its way through the buffers.
    expect(sockets[0]?.bytesRead).toBeLessThan(600_000);
  });

  test('is answered, and dropped, when the client reads nothing before it has sent all', async () => {
    const { port, sockets } = await serve(site, { policy: nobody });
    await upload(port, head(`Content-Length: ${LARGE}`), LARGE, false);
    expect(sockets[0]?.bytesRead).toBeLessThan(600_000);
    expect(sockets[0]?.destroyed).toBe(true);
  });

  test('that stands still is dropped', async () => {
    const { port, sockets } = await serve(site, { policy: nobody });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}).resume();
    socket.write(head('Content-Length: 1000'));
    await once(socket, 'end');
    // A reset now could take the answer from a client that still sends.
    expect(sockets[0]?.destroyed).toBe(false);
    await once(sockets[0] as Socket, 'close');
    socket.destroy();
  });

  test.each([
    ['nobody', nobody],
    ['slowly', slowly],
  ])('is followed by nothing that is served: %s', async (_, policy) => {
    for (const next of [
      'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n',
      'CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n',
      'nonsense\r\n\r\n',
    ]) {
      const count = vi.fn();
      // Where a guard runs only after a file was looked for, the next request has been read by then.
      const part = policy === nobody && !site.name.startsWith('express') ? 'admin' : 'all';
      const server = await site.build({ policy, part }, count);
      const listener = vi.fn((_request, socket) => socket.destroy());
      server.on('upgrade', listener).on('connect', listener);
      const { port } = await listen(server);
      const before = count.mock.calls.length;
      for (const body of ['x'.repeat(10), 'x'.repeat(100_000)]) {
        // Not POST, which Fastify's router answers before the guard of a part.
        const text = await exchange(
          port,
          undefined,
          `${head(`Content-Length: ${body.length}`)}${body}${next}`.replace('POST', 'GET'),
        );
        const answers = readAnswers(text, ['POST', 'GET']);
        expect(answers.map(({ status }) => status)).toEqual([403]);
      }
      if (part === 'admin') {
        expect(listener).not.toHaveBeenCalled();
        // The frameworks whose guard is within a part count the denied request itself, too.
        expect(count.mock.calls.length - before).toBeLessThanOrEqual(2);
      } else expect(count).not.toHaveBeenCalled();
    }
  });

  test.each([
    ['at once', false],
    ['after a promise', true],
  ])('is followed by nothing that is served even if it would be let in: %s', async (_, isSlow) => {
    // A proxy sends the requests of several clients on one connection.
    const byHeader = createPolicy({ deny: '192.0.2.66' });
    // Longer than it takes to read both.
    const decide = (ip: string) =>
      new Promise((resolve) => setTimeout(() => resolve(byHeader.decide(ip)), 20));
    const policy = isSlow ? ({ decide } as never) : byHeader;
    const count = vi.fn();
    const options = { client: { trusted: '127.0.0.0/8', required: true } };
    const { port } = await serve(site, { policy, options }, count);
    const first = { port, method: 'POST', body: 'x'.repeat(100), headers: ['X-Forwarded-For: 192.0.2.66'] };
    const second = { port, headers: ['X-Forwarded-For: 192.0.2.1'] };
    const text = requestText(first, false) + requestText(second, false);
    const answers = readAnswers(await exchange(port, undefined, text), ['POST', 'GET']);
    expect(answers.map(({ status }) => status)).toEqual([403]);
    expect(count).not.toHaveBeenCalled();
  });

  test('that is sent to its end gets its answer, and one that is let in is read to its end', async () => {
    for (const [policy, status] of [
      [nobody, 403],
      [createPolicy({ deny: '192.0.2.1' }), 200],
    ] as const) {
      const { port } = await serve(site, { policy });
      for (const length of [50_000, 300_000]) {
        if (status === 403 && length > 65_536) continue;
        const body = 'x'.repeat(length);
        const text = requestText({ port, method: 'POST', body, headers: ['Content-Type: text/plain'] });
        const [answer] = readAnswers(await exchange(port, undefined, text), ['POST']);
        expect(answer?.status).toBe(status);
      }
    }
  });

  test('closes after the answer of respond, too', async () => {
    const options = { respond: site.respond };
    const { port, sockets } = await serve(site, { policy: nobody, options });
    const [answer] = readAnswers(await upload(port, head(`Content-Length: ${LARGE}`), LARGE), ['POST']);
    expect([answer?.status, answer?.headers['connection'], answer?.body]).toEqual([418, 'close', 'Teapot']);
    expect(sockets[0]?.bytesRead).toBeLessThan(600_000);
  });

  test('leaves the connection open where there is no body', async () => {
    const { port, sockets } = await serve(site, { policy: nobody });
    const socket = connect({ port, host: '127.0.0.1' }).setEncoding('latin1');
    for (const lines of [[], ['Content-Length: 0']]) {
      socket.write(head(...lines));
      const [text] = (await once(socket, 'data')) as [string];
      expect(readAnswers(text, ['POST'])[0]?.headers['connection']).not.toBe('close');
    }
    expect(sockets).toHaveLength(1);
    socket.destroy();
  });

  test('with Expect gets no 100 where the listener for it is guarded', async () => {
    const server = await site.build({ policy: nobody }, () => {});
    for (const listener of server.listeners('request')) server.on('checkContinue', listener as () => void);
    const { port } = await listen(server);
    const text = await exchange(port, undefined, head('Content-Length: 10', 'Expect: 100-continue'));
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    expect(text).not.toContain(' 100 ');
  });
});

test('HTTP/2 resets the stream of a denied upload with NO_ERROR, and the session lives on', async () => {
  const guarded = restrictTo(nobody)((_request, response) => response.end('Welcome'));
  let round = 0;
  const server = createHttp2Server((request, response) => {
    // Node itself resets only a stream that nobody has begun to read.
    if (round > 0) request.resume();
    guarded(request, response);
  });
  const { port } = await listen(server as never);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  for (; round < 3; round++) {
    const stream = session.request({ ':method': 'POST' });
    stream.on('error', () => {});
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(403);
    expect(headers['connection']).toBeUndefined();
    let body = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    // Less than a window, as Node's client waits for room that never comes.
    stream.write('x'.repeat(10_000));
    await once(stream, 'close');
    expect([stream.rstCode, body]).toEqual([0, 'Forbidden']);
  }
  expect(session.closed || session.destroyed).toBe(false);
  const plain = session.request({ ':method': 'GET' });
  const [headers] = await once(plain, 'response');
  expect(headers[':status']).toBe(403);
  session.destroy();
});

test('HTTP/2 sends no 100 where the listener for it is guarded', async () => {
  const guarded = restrictTo(nobody)((_request, response) => response.end('Welcome'));
  const server = createHttp2Server(guarded).on('checkContinue', guarded);
  const { port } = await listen(server as never);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', expect: '100-continue' });
  const onContinue = vi.fn();
  stream.on('continue', onContinue).on('error', () => {});
  const [headers] = await once(stream, 'response');
  expect([headers[':status'], onContinue.mock.calls.length]).toEqual([403, 0]);
  session.destroy();
});

describe('a body of the Fetch standard', () => {
  const request = (cancel: () => unknown): Request =>
    Object.defineProperty(new Request('https://www.example.com/'), 'body', { value: { cancel } });

  test.each([
    ['is cancelled', async () => {}],
    [
      'that cannot be cancelled is left alone',
      () => {
        throw new Error('boom');
      },
    ],
    ['that is read by somebody is left alone', () => Promise.reject(new Error('locked'))],
  ])('%s', async (_, run) => {
    const cancel = vi.fn(run);
    const answer = await restrictFetch(nobody, { client: () => '192.0.2.9' })(() => new Response('Welcome'))(
      request(cancel),
    );
    expect([answer.status, cancel.mock.calls.length]).toEqual([403, 1]);
    const { Hono } = await import('hono');
    const app = new Hono();
    app.use(restrictHono(nobody, { client: () => '192.0.2.9' }));
    expect((await app.fetch(request(cancel))).status).toBe(403);
    expect(cancel).toHaveBeenCalledTimes(2);
  });

  test('is left to respond', async () => {
    const cancel = vi.fn();
    const options = { client: () => '192.0.2.9', respond: () => new Response('No', { status: 404 }) };
    const answer = await restrictFetch(nobody, options)(() => new Response('Welcome'))(request(cancel));
    expect([answer.status, cancel.mock.calls.length]).toEqual([404, 0]);
  });
});

test('a denied upload closes its connection although the application asked to keep the connection', async () => {
  const guarded = restrictTo(nobody)((_, response) => response.end('Welcome'));
  const server = createServer((request, response) => {
    response.setHeader('Connection', 'keep-alive');
    guarded(request, response);
  });
  const { port } = await listen(server);
  const text = await upload(port, head(`Content-Length: ${LARGE}`), LARGE);
  expect(readAnswers(text, ['POST'])[0]?.headers['connection']).toBe('close');
});

test('a server that closes is not kept open by denied uploads', async () => {
  const server = createServer(restrictTo(nobody)(() => {}));
  const { port } = await listen(server);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {}).resume();
  socket.write(requestText({ port, method: 'POST', headers: ['Content-Length: 10'] }, false));
  await once(socket, 'end');
  await new Promise((resolve) => server.close(resolve));
  running.splice(running.indexOf(server), 1);
  socket.destroy();
});

describe('listeners for requests with Expect', () => {
  const page = (_: unknown, response: ServerResponse): void => void response.end('Welcome');
  const client = (request: IncomingMessage): string | undefined => request.headers['x-client'] as never;
  const guard = restrictTo(nobody, { client: client as never });
  const askFrom = (port: number, address: string, expected: string): Promise<string> => {
    const headers = [`Expect: ${expected}`, `X-Client: ${address}`];
    return exchange(port, undefined, requestText({ port, method: 'POST', headers, body: 'x' }));
  };
  const expectations = [
    ['checkContinue', '100-continue'],
    ['checkExpectation', 'something'],
  ] as const;

  test.each(expectations)(
    'for %s are guarded by any wrapper, and nothing is said',
    async (event, expected) => {
      const server = createServer(guard(page));
      server.on(event, restrictTo(nobody, { client: client as never })(page));
      const { port } = await listen(server);
      expect(await askFrom(port, '192.0.2.2', expected)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
      expect(await askFrom(port, '192.0.2.1', expected)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(await exchange(port, undefined, requestText({ port }))).toMatch(/^HTTP\/1\.1 403 /);
    },
  );

  test.each(expectations)('for %s without a guard are warned about once', async (event, expected) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const server = createServer(guard(page));
      // Denied clients do not get past this one, which nothing but its text could tell.
      server.on(event, (request, response) => server.emit('request', request, response));
      const { port } = await listen(server);
      for (const address of ['192.0.2.2', '192.0.2.1', '192.0.2.2']) {
        const status = address === '192.0.2.1' ? 200 : 403;
        expect(await askFrom(port, address, expected)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      }
      expect(warn).toHaveBeenCalledTimes(1);
      expect(warn.mock.calls[0]?.[0]).toContain(`"${event}" without a guard`);
    } finally {
      warn.mockRestore();
    }
  });

  test('a console that throws does not break a request', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {
      throw new Error('boom');
    });
    try {
      const server = createServer(guard(page)).on('checkContinue', page);
      const { port } = await listen(server);
      expect(await exchange(port, undefined, requestText({ port }))).toMatch(/^HTTP\/1\.1 403 /);
      expect(warn).toHaveBeenCalledTimes(1);
    } finally {
      warn.mockRestore();
    }
  });

  test('a server of another kind is not asked for its listeners', () => {
    const handler = restrictTo(createPolicy({ deny: '192.0.2.1' }))(() => 'value');
    const request = { socket: { remoteAddress: '192.0.2.2' }, headers: {} };
    expect(Reflect.apply(handler, createTcpServer(), [request, {}])).toBe('value');
    expect(Reflect.apply(handler, { listeners: 7 }, [request, {}])).toBe('value');
  });
});
