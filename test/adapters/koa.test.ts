import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { expect, test } from 'vitest';
import { restrictTo } from '../../src/adapters/koa.ts';
import { createPolicy } from '../../src/public/index.ts';
import { ask } from '../support/wire.ts';

const nobody = createPolicy({ allow: '192.0.2.1' });

test.each([
  ['the usual refusal', undefined, 'Forbidden'],
  [
    'what respond does not say',
    (_: unknown, context: Koa.Context) => Object.assign(context, { body: 'No' }),
    'No',
  ],
])('%s takes back what was said about another answer', async (_, respond, body) => {
  const app = new Koa();
  app.use((context, next) => {
    context.status = 200;
    context.set({
      'Cache-Control': 'public',
      ETag: '"1"',
      'Content-Encoding': 'gzip',
      'Content-Length': '1',
      Via: 'x',
    });
    return next();
  });
  app.use(restrictTo(nobody, { respond }));
  const server = createServer(app.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const answer = await ask({ port: (server.address() as AddressInfo).port });
    expect([answer.status, answer.body]).toEqual([403, body]);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', via: 'x' });
    for (const name of ['etag', 'content-encoding']) expect(answer.headers[name]).toBeUndefined();
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
