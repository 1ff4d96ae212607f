import { type FastifyRequest, fastify } from 'fastify';
import { describe, expect, test, vi } from 'vitest';
import { restrictTo } from '../../src/adapters/fastify.ts';
import { createPolicy } from '../../src/public/index.ts';

const nobody = createPolicy({ allow: '192.0.2.1 # A secret note' });
const inject = async (app: ReturnType<typeof fastify>, url: string) => (await app.inject({ url })).statusCode;

describe('the plugin', () => {
  test('guards the instance that it is registered with, whatever the order', async () => {
    const app = fastify();
    app.get('/before', async () => 'page');
    app.register(async (child) => void child.get('/child-before', async () => 'page'));
    app.register(restrictTo(nobody));
    app.get('/after', async () => 'page');
    app.register(async (child) => void child.get('/child-after', async () => 'page'));
    for (const url of ['/before', '/after', '/child-before', '/child-after', '/not-there']) {
      expect([url, await inject(app, url)]).toEqual([url, 403]);
    }
    await app.close();
  });

  test('guards one part, and not its neighbours', async () => {
    const app = fastify();
    app.get('/', async () => 'page');
    app.register(
      async (admin) => {
        admin.register(restrictTo(nobody));
        admin.get('/page', async () => 'page');
        admin.register(async (inner) => void inner.get('/inner', async () => 'page'));
        admin.setNotFoundHandler((_, reply) => void reply.code(404).send('Nothing'));
      },
      { prefix: '/admin' },
    );
    app.register(async (other) => void other.get('/page', async () => 'page'), { prefix: '/other' });
    expect(await inject(app, '/')).toBe(200);
    expect(await inject(app, '/other/page')).toBe(200);
    expect(await inject(app, '/admin/page')).toBe(403);
    expect(await inject(app, '/admin/inner')).toBe(403);
    expect(await inject(app, '/admin/nothing')).toBe(403);
    expect(await inject(app, '/nothing')).toBe(404);
    await app.close();
  });

  test('runs before a body is read and before the hooks of others', async () => {
    const app = fastify();
    const seen: string[] = [];
    app.register(restrictTo(nobody));
    app.register(async (child) => {
      for (const hook of ['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const)
        child.addHook(hook, async () => void seen.push(hook));
      child.post('/', async () => 'page');
    });
    app.addHook('onResponse', async (_, reply) => void seen.push(`onResponse ${reply.statusCode}`));
    const answer = await app.inject({
      method: 'POST',
      url: '/',
      payload: '{ broken',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.statusCode, answer.body]).toEqual([403, 'Forbidden']);
    expect(seen).toEqual(['onResponse 403']);
    await app.close();
  });

  test('may be registered more than once', async () => {
    const app = fastify();
    const seen: string[] = [];
    const everyone = createPolicy({ deny: '192.0.2.1' });
    app.register(restrictTo(everyone, { onDecision: ({ verdict }) => seen.push(verdict) }));
    app.register(restrictTo(nobody, { onDecision: ({ verdict }) => seen.push(verdict) }));
    app.get('/', async () => 'page');
    expect(await inject(app, '/')).toBe(403);
    expect(seen).toEqual(['allow', 'deny']);
    await app.close();
  });

  test('is not changed by a serializer or by trustProxy', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const app = fastify({ trustProxy: true });
    app.addHook(
      'onRequest',
      async (_, reply) => void reply.serializer(() => 'serialized').header('etag', '"1"'),
    );
    app.register(restrictTo(nobody, { requestId: (request) => request.id }));
    const answer = await app.inject({
      url: '/',
      headers: { 'x-forwarded-for': '192.0.2.1', accept: 'application/json' },
    });
    expect(answer.statusCode).toBe(403);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    });
    expect(answer.headers['etag']).toBeUndefined();
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      requestId: 'req-1',
    });
    warn.mockRestore();
    await app.close();
  });

  test('takes what Fastify believes when told to', async () => {
    const app = fastify({ trustProxy: '127.0.0.1' });
    app.register(restrictTo(nobody, { client: (request: FastifyRequest) => request.ip }));
    app.get('/', async () => 'page');
    expect((await app.inject({ url: '/', headers: { 'x-forwarded-for': '192.0.2.1' } })).statusCode).toBe(
      200,
    );
    expect((await app.inject({ url: '/', headers: { 'x-forwarded-for': '192.0.2.2' } })).statusCode).toBe(
      403,
    );
    await app.close();
  });

  test('what respond does not say is right, and a reply that it sent is not sent again', async () => {
    const onError = vi.fn();
    const app = fastify();
    app.register(
      restrictTo(nobody, {
        onError,
        respond: (_, request, reply) => {
          reply.send('No');
          if (request.raw.method === 'PUT') throw new Error('boom');
        },
      }),
    );
    for (const method of ['GET', 'PUT'] as const) {
      const answer = await app.inject({ method, url: '/' });
      expect([answer.statusCode, answer.headers['cache-control'], answer.body]).toEqual([
        403,
        'no-store',
        'No',
      ]);
    }
    expect(onError).toHaveBeenCalledTimes(1);
    await app.close();
  });
});
