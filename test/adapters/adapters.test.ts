/** Real servers of every framework, asked over TCP from several addresses. */

import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createPolicy, type Decision, ListError } from '../../src/public/index.ts';
import { createRules } from '../../src/public/rules.ts';
import { type AnyOptions, type Running, type Site, sites, start } from '../support/sites.ts';
import { type Answer, type Ask, ask, askTogether, hasIPv6, hasLoopbackNetwork } from '../support/wire.ts';

const DENIED = '127.0.0.66';
const policy = createPolicy({ deny: `${DENIED} # A secret note\n::1 # Another\n203.0.113.0/24` });

/** The usual refusal, to the letter. */
function expectForbidden(answer: Answer, method = 'GET'): void {
  expect([answer.status, answer.reason]).toEqual([403, 'Forbidden']);
  expect(answer.headers).toMatchObject({
    'cache-control': 'no-store',
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  });
  for (const name of ['etag', 'last-modified', 'allow', 'www-authenticate', 'location'])
    expect(answer.headers[name]).toBeUndefined();
  expect(answer.body).toBe(method === 'HEAD' ? '' : 'Forbidden');
  expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0|::1|secret|203\.0\.113|list|ipverdict/i);
}

/** What every server says differently each time. */
const withoutDate = ({ headers: { date: _, ...headers }, ...answer }: Answer): unknown => ({
  ...answer,
  headers,
});

const requests: readonly (readonly [name: string, request: Omit<Ask, 'port'>])[] = [
  ['a page', {}],
  ['a static file', { path: '/file.txt' }],
  ['an answer for caches', { path: '/cached' }],
  ['an answer that the client has in its cache', { path: '/cached', headers: ['If-None-Match: "1"'] }],
  ['an error', { path: '/error' }],
  ['a page that is not there', { path: '/nothing' }],
  ['a stream', { path: '/stream' }],
  ['HEAD', { method: 'HEAD' }],
  ['HEAD of a file', { method: 'HEAD', path: '/file.txt' }],
  ['OPTIONS', { method: 'OPTIONS' }],
  ['POST with a body', { method: 'POST', headers: ['Content-Type: text/plain'], body: 'x'.repeat(100_000) }],
  ['an unusual method', { method: 'DELETE' }],
  ['a mounted part', { path: '/admin/page' }],
  ['an encoded path', { path: '/%61dmin/page' }],
  ['a part of a file', { path: '/file.txt', headers: ['Range: bytes=0-1'] }],
  ['a path with a query', { path: '/admin/page?x=/' }],
  ['a path with two slashes', { path: '//admin/page' }],
  ['a forged chain of proxies', { headers: ['X-Forwarded-For: 192.0.2.1', 'Forwarded: for=192.0.2.1'] }],
  [
    'other forged headers',
    {
      headers: [
        'X-Real-IP: 192.0.2.1',
        'CF-Connecting-IP: 192.0.2.1',
        'X-Client-IP: 192.0.2.1',
        'True-Client-IP: 192.0.2.1',
      ],
    },
  ],
];

const hosts = hasIPv6 ? (['127.0.0.1', '::'] as const) : (['127.0.0.1'] as const);

describe.skipIf(!hasLoopbackNetwork).each(sites)('$name', (site) => {
  describe.each(hosts)('listening on %s', (host) => {
    let guarded: Running;
    let bare: Running;
    beforeAll(async () => {
      guarded = await start(site, { policy }, host);
      bare = await start(site, undefined, host);
    });
    afterAll(() => Promise.all([guarded.close(), bare.close()]));

    test.each(requests)('a denied client gets 403 for %s', async (_, request) => {
      const before = guarded.passed();
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      try {
        expectForbidden(await ask({ ...request, port: guarded.port, from: DENIED }), request.method);
        expect(guarded.passed()).toBe(before);
      } finally {
        warn.mockRestore();
      }
    });

    test.each(requests)('an allowed client gets what it gets without us for %s', async (_, request) => {
      const answer = await ask({ ...request, port: guarded.port });
      expect(withoutDate(answer)).toEqual(withoutDate(await ask({ ...request, port: bare.port })));
      expect(answer.status).not.toBe(403);
    });

    test('requests that follow on a connection are refused, too, each with its own answer', async () => {
      const together = [{ path: '/' }, { method: 'HEAD', path: '/file.txt' }, { path: '/admin/page' }].map(
        (request) => ({ ...request, port: guarded.port, from: DENIED }),
      );
      const answers = await askTogether(together);
      expect(answers).toHaveLength(3);
      for (const [index, answer] of answers.entries()) expectForbidden(answer, together[index]?.method);
    });

    test('requests that follow on a connection pass, too', async () => {
      const together = [{ path: '/' }, { method: 'HEAD' }, { path: '/admin/page' }];
      const answers = await askTogether(together.map((request) => ({ ...request, port: guarded.port })));
      expect(answers.map(({ status, body }) => [status, body])).toEqual([
        [200, 'Welcome'],
        [200, ''],
        [200, 'Secret'],
      ]);
    });

    test('a path that makes no sense lets nobody in', async () => {
      const before = guarded.passed();
      for (const path of ['/%zz', '/%', '/\\', '/admin/%c0%af', '*']) {
        const { status, body } = await ask({
          port: guarded.port,
          from: DENIED,
          path,
          method: path === '*' ? 'OPTIONS' : 'GET',
        });
        expect([status, body.includes('Forbidden') || status === 400]).toEqual([
          expect.toSatisfy((code) => code === 403 || code === 400),
          true,
        ]);
      }
      expect(guarded.passed()).toBe(before);
    });

    test('problem details for who asks for JSON', async () => {
      const answer = await ask({ port: guarded.port, from: DENIED, headers: ['Accept: application/json'] });
      expect([answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
        403,
        'application/problem+json',
        'no-store',
      ]);
      expect(JSON.parse(answer.body)).toEqual({ type: 'about:blank', title: 'Forbidden', status: 403 });
    });

    test.runIf(host === '::')('an IPv6 client is judged, too', async () => {
      expectForbidden(await ask({ port: guarded.port, from: '::1' }));
    });
  });

  describe('a part of the site', () => {
    let site_: Running;
    beforeAll(async () => {
      site_ = await start(site, { policy, part: 'admin' }, '127.0.0.1');
    });
    afterAll(() => site_.close());

    test('is closed, and the rest is open', async () => {
      expectForbidden(await ask({ port: site_.port, from: DENIED, path: '/admin/page' }));
      expectForbidden(await ask({ port: site_.port, from: DENIED, path: '/admin/page?x=/public' }));
      expect((await ask({ port: site_.port, from: DENIED })).body).toBe('Welcome');
      expect((await ask({ port: site_.port, path: '/admin/page' })).body).toBe('Secret');
    });

    test.each([
      '/%61dmin/page',
      '/ADMIN/page',
      '//admin/page',
      '///admin//page',
      '/./admin/page',
      '/public/../admin/page',
      '/public/%2e%2e/admin/page',
      '/admin%2Fpage',
      '/admin/%70age',
      '/admin/page/',
      '/admin/page;x=1',
      '/admin/page%00',
      '/admin\\page',
      'http://www.example.com/admin/page',
      'http://user@elsewhere.example/admin/page',
    ])('is not reached by the spelling %s', async (path) => {
      expect((await ask({ port: site_.port, from: DENIED, path })).body).not.toContain('Secret');
    });
  });
});

/** Asks a site once, from the denied client and from the other. */
async function askBoth(
  site: Site,
  options: AnyOptions,
  headers: readonly string[] = [],
  decider: { decide: unknown } = policy,
) {
  const running = await start(site, { policy: decider as never, options }, '127.0.0.1');
  try {
    const denied = await ask({ port: running.port, from: DENIED, headers });
    const before = running.passed();
    const allowed = await ask({ port: running.port, headers });
    return { denied, allowed, passed: [before, running.passed()] as const };
  } finally {
    await running.close();
  }
}

describe.skipIf(!hasLoopbackNetwork).each(sites)('the options of $name', (site) => {
  test('client: a function of the request', async () => {
    const client = (request: never): string | undefined => site.headerOf(request, 'x-test-client');
    const from = (address: string) => askBoth(site, { client }, [`X-Test-Client: ${address}`]);
    expectForbidden((await from('203.0.113.9')).allowed);
    expect((await from('192.0.2.9')).denied.body).toBe('Welcome');
    expectForbidden((await from('nonsense')).allowed);
    expectForbidden((await askBoth(site, { client })).allowed);
  });

  test('client: a function that is asynchronous', async () => {
    const client = async (request: never): Promise<string | undefined> =>
      site.headerOf(request, 'x-test-client');
    expectForbidden((await askBoth(site, { client }, ['X-Test-Client: 203.0.113.9'])).allowed);
    expect((await askBoth(site, { client }, ['X-Test-Client: 192.0.2.9'])).denied.body).toBe('Welcome');
  });

  test('client: behind trusted proxies', async () => {
    const warn = vi.fn();
    const client = { trusted: '127.0.0.1', warn };
    const forged = await askBoth(site, { client }, ['X-Forwarded-For: 192.0.2.1, 203.0.113.9']);
    // The trusted peer vouches for a denied client; the header of the other is not read.
    expectForbidden(forged.allowed);
    expectForbidden(forged.denied);
    expect(warn.mock.calls.map(([{ code }]) => code)).toEqual(['proxy-allowed', 'untrusted-peer']);
    const honest = await askBoth(site, { client }, [
      'X-Forwarded-For: 203.0.113.9',
      'X-Forwarded-For: 192.0.2.1',
    ]);
    expect(honest.allowed.body).toBe('Welcome');
    expectForbidden(honest.denied);
    expectForbidden((await askBoth(site, { client }, ['X-Forwarded-For: unknown'])).allowed);
  });

  test('client: behind trusted proxies that write another header', async () => {
    const forwarded = { client: { trusted: '127.0.0.1', header: 'Forwarded', warn: () => {} } };
    expectForbidden((await askBoth(site, forwarded, ['Forwarded: for="203.0.113.9:80"'])).allowed);
    expect((await askBoth(site, forwarded, ['Forwarded: for=192.0.2.1'])).allowed.body).toBe('Welcome');
    const single = { client: { trusted: '127.0.0.1', header: 'X-Real-IP', warn: () => {} } };
    expectForbidden((await askBoth(site, single, ['X-Real-IP: 203.0.113.9'])).allowed);
    expectForbidden((await askBoth(site, single, ['X-Real-IP: 192.0.2.1', 'X-Real-IP: 192.0.2.1'])).allowed);
    expect((await askBoth(site, single, ['X-Real-IP: 192.0.2.1'])).allowed.body).toBe('Welcome');
    const peer = { client: { trusted: '10.0.0.0/8', peer: () => '10.0.0.1', warn: () => {} } };
    expectForbidden((await askBoth(site, peer, ['X-Forwarded-For: 203.0.113.9'])).allowed);
  });

  // Node's parser puts the first 1,000 lines into "headers" alone, and what the proxy writes comes last.
  test.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP'])(
    'client: %s is found after any number of other lines, or denied',
    async (header) => {
      const value = (address: string): string => (header === 'Forwarded' ? `for=${address}` : address);
      const warn = vi.fn();
      const options = { client: { trusted: '127.0.0.1', header, warn } };
      const running = await start(site, { policy, options }, '127.0.0.1');
      try {
        const askWith = (...headers: string[]): Promise<Answer> => ask({ port: running.port, headers });
        const denied = `${header.toUpperCase()}: ${value('203.0.113.9')}`;
        const allowed = `${header}: ${value('192.0.2.1')}`;
        for (const count of [990, 996, 997, 998, 999, 1000, 1022, 1023, 1024, 1500, 3000]) {
          const others = Array.from({ length: count }, () => 'a:');
          expectForbidden(await askWith(...others, denied));
          // One that the client wrote itself does not stand for that of its proxy.
          expectForbidden(await askWith(allowed, ...others, denied));
          expect((await askWith(...others, allowed)).status).toBe(count < 997 ? 200 : 403);
        }
        expect(warn.mock.calls.map(([{ code }]) => code)).toEqual(['proxy-allowed', 'malformed-header']);
        expectForbidden(await askWith(`${header.toLowerCase()}: ${value('203.0.113.9')}`));
      } finally {
        await running.close();
      }
    },
  );

  test('onDecision sees every decision with its request', async () => {
    const seen: unknown[] = [];
    const onDecision = (decision: Decision, request: never): void => {
      seen.push([
        decision.verdict,
        decision.reason,
        decision.entry?.note,
        site.headerOf(request, 'x-request-id'),
      ]);
    };
    const { allowed, passed } = await askBoth(site, { onDecision }, ['X-Request-ID: abc']);
    expect(seen).toEqual([
      ['deny', 'listed', 'A secret note', 'abc'],
      ['allow', 'not-listed', undefined, 'abc'],
    ]);
    expect(allowed.body).toBe('Welcome');
    expect(passed).toEqual([0, 1]);
  });

  test('respond gives the answer in its place', async () => {
    const seen: unknown[] = [];
    const respond = (decision: Decision, ...handed: never[]): unknown => {
      seen.push(decision.entry?.note);
      return site.respond(decision, ...handed);
    };
    const { denied, allowed } = await askBoth(site, { respond });
    expect([denied.status, denied.body, allowed.body]).toEqual([418, 'Teapot', 'Welcome']);
    expect(seen).toEqual(['A secret note']);
    const late = async (decision: Decision, ...handed: never[]): Promise<unknown> =>
      site.respond(decision, ...handed);
    expect((await askBoth(site, { respond: late })).denied.body).toBe('Teapot');
  });

  test('requestId is shown in the answer', async () => {
    const requestId = (request: never): string | undefined => site.headerOf(request, 'x-request-id');
    const text = await askBoth(site, { requestId }, ['X-Request-ID: 7f3a']);
    expect(text.denied.body).toBe('Forbidden\nRequest ID: 7f3a');
    expect(text.denied.headers['content-length'] ?? text.denied.body.length).toEqual(
      text.denied.headers['content-length'] === undefined ? 26 : '26',
    );
    const json = await askBoth(site, { requestId }, [
      'X-Request-ID: "7f3a"',
      'Accept: application/problem+json',
    ]);
    expect(JSON.parse(json.denied.body)).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      requestId: '"7f3a"',
    });
    expectForbidden((await askBoth(site, { requestId })).denied);
    const onError = vi.fn();
    expectForbidden(
      (await askBoth(site, { requestId, onError }, [`X-Request-ID: ${'x'.repeat(201)}`])).denied,
    );
    expectForbidden((await askBoth(site, { requestId, onError }, ['X-Request-ID: a b'])).denied);
    expect(onError).toHaveBeenCalledTimes(2);
  });

  const boom = new Error('boom');
  const throws = (): never => {
    throw boom;
  };
  const rejects = async (): Promise<never> => throws();
  type Hostile = readonly [name: string, options: AnyOptions, decider?: { decide: unknown }];
  const hostile: readonly Hostile[] = [
    ['client throws', { client: throws }],
    ['client is rejected', { client: rejects }],
    ['onDecision throws', { onDecision: throws }],
    ['onDecision is rejected', { onDecision: rejects }],
    ['peer throws', { client: { trusted: '127.0.0.0/8', peer: throws, required: true } }],
    ['the policy throws', {}, { decide: throws }],
    ['the policy is rejected', {}, { decide: rejects }],
    ['the policy gives nothing', {}, { decide: () => undefined }],
    ['the policy gives true', {}, { decide: () => true }],
    ['the policy gives another verdict', {}, { decide: () => ({ verdict: 'ALLOW' }) }],
    ['the policy gives a promise of nothing', {}, { decide: async () => undefined }],
    [
      'the verdict throws',
      {},
      {
        decide: () => ({
          get verdict() {
            return throws();
          },
        }),
      },
    ],
  ];

  test.each(hostile.map(([name, ...rest]) => [name, rest] as const))(
    '%s: denied, and reported',
    async (_, rest) => {
      const [options, decider = policy] = rest;
      const onError = vi.fn();
      const { allowed, denied, passed } = await askBoth(site, { ...options, onError }, [], decider);
      expectForbidden(allowed);
      expectForbidden(denied);
      expect(passed).toEqual([0, 0]);
      expect(onError).toHaveBeenCalled();
      expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(Error);
      expect(onError.mock.calls[0]?.[1]).toBeTypeOf('object');
    },
  );

  test('a warning that throws denies the request that gave it', async () => {
    const onError = vi.fn();
    const client = { trusted: '127.0.0.1', required: true, warn: throws };
    expectForbidden((await askBoth(site, { client, onError })).allowed);
    expect(onError.mock.calls.map(([error]) => error)).toEqual([boom]);
  });

  test('what throws in onError, or is rejected there, lets nobody in and ends nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      expectForbidden((await askBoth(site, { client: throws, onError: throws })).allowed);
      expectForbidden((await askBoth(site, { client: throws, onError: rejects })).allowed);
      // What was thrown first is not lost when onError throws, too.
      expect(error).toHaveBeenCalledTimes(8);
      expect(error.mock.calls[0]?.[0]).not.toMatch(/denied/);
      error.mockClear();
      expectForbidden((await askBoth(site, { onDecision: rejects })).allowed);
      expect(error.mock.calls[0]).toEqual([expect.stringContaining('ipverdict'), boom]);
      error.mockImplementation(throws);
      expectForbidden((await askBoth(site, { onDecision: throws })).allowed);
    } finally {
      error.mockRestore();
    }
  });

  test('peer: a promise is waited for, and one that is rejected denies', async () => {
    const peer = async (): Promise<string> => '10.0.0.1';
    const client = { trusted: '10.0.0.0/8', peer, warn: () => {} };
    expectForbidden((await askBoth(site, { client }, ['X-Forwarded-For: 203.0.113.9'])).allowed);
    expect((await askBoth(site, { client }, ['X-Forwarded-For: 192.0.2.1'])).denied.body).toBe('Welcome');
    const onError = vi.fn();
    const broken = { trusted: '10.0.0.0/8', peer: rejects, warn: () => {} };
    expectForbidden((await askBoth(site, { client: broken, onError })).allowed);
    expect(onError.mock.calls.map(([error]) => error)).toEqual([boom, boom]);
  });

  test('warn: a promise that is rejected is told, and ends nothing', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    try {
      const client = { trusted: '127.0.0.1', warn: rejects };
      expect((await askBoth(site, { client })).allowed.body).toBe('Welcome');
      // One when the guard is made, one about the request.
      expect(error.mock.calls.map(([, thrown]) => thrown)).toEqual([boom, boom]);
    } finally {
      error.mockRestore();
    }
  });

  test('requestId: a promise is an error, and the refusal holds without an id', async () => {
    const onError = vi.fn();
    expectForbidden((await askBoth(site, { requestId: rejects, onError })).denied);
    expectForbidden((await askBoth(site, { requestId: async () => '7f3a', onError })).denied);
    expect(onError.mock.calls.map(([error]) => (error as Error).message)).toEqual([
      'boom',
      'requestId must return the id itself, not a promise',
    ]);
  });

  test('what throws in respond gets the usual answer', async () => {
    const onError = vi.fn();
    for (const respond of [throws, rejects]) {
      const { denied, allowed } = await askBoth(site, { respond, onError });
      expectForbidden(denied);
      expect(allowed.body).toBe('Welcome');
    }
    expect(onError.mock.calls.map(([error]) => error)).toEqual([boom, boom]);
  });

  test('a policy may be anything that decides, and take its time', async () => {
    const decide = async (ip: string): Promise<unknown> => ({
      verdict: ip === '127.0.0.1' ? 'allow' : 'deny',
    });
    const { allowed, denied } = await askBoth(site, {}, [], { decide });
    expect(allowed.body).toBe('Welcome');
    expectForbidden(denied);
  });

  test.each<readonly [options: unknown, message: RegExp]>([
    [{ onDeny: () => {} }, /no option "onDeny", only client, onDecision, onError, respond, requestId/],
    [{ trusted: '@loopback' }, /no option "trusted"/],
    [{ client: 'x-forwarded-for' }, /client must be a function of the request, or \{ trusted, header \}/],
    [{ client: true }, /client must be a function/],
    [{ client: {} }, /a list is text/],
    [{ client: { trusted: '0.0.0.0/0' } }, /lets clients write their own/],
    [{ client: { trusted: '@loopback', hops: 1 } }, /no option "hops"/],
    [{ client: { trusted: '@loopback', header: 'a b' } }, /name of one header/],
    [{ client: { trusted: '@loopback', header: 5 } }, /name of one header/],
    [{ client: { trusted: '@loopback', warn: 1 } }, /warn must be a function/],
    [{ onDecision: 1 }, /onDecision must be a function/],
    [{ onError: 'log' }, /onError must be a function/],
    [{ respond: {} }, /respond must be a function/],
    [{ requestId: true }, /requestId must be a function/],
    [[], /the options must be an object/],
    [new Map([['client', '@loopback']]), /the options must be an object/],
    [{ client: [] }, /client must be a function of the request, or/],
    [{ client: new Map([['trusted', '@loopback']]) }, /client must be a function of the request, or/],
    [{ client: { trusted: '0.0.0.0/1\n128.0.0.0/1' } }, /together these entries cover every address/],
    ['@loopback', /the options must be an object/],
  ])('%j is refused when the guard is made', async (options, message) => {
    const error = await site
      .build({ policy, options: options as AnyOptions }, () => {})
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(ListError);
    expect((error as Error).message).toMatch(message);
  });

  test.each([undefined, null, 5, 'deny', {}, { deny: '127.0.0.1' }])('%j is not a policy', async (wrong) => {
    const error = await site.build({ policy: wrong as never }, () => {}).catch((caught) => caught);
    expect(error).toBeInstanceOf(ListError);
    expect((error as Error).message).toMatch(/takes a policy: write restrictTo\(createPolicy/);
  });
});

describe.skipIf(!hasLoopbackNetwork).each(sites)('rules in $name', (site) => {
  test('let in and keep out as they decide', async () => {
    const rules = [
      { name: 'Exceptions', deny: `${DENIED} # A secret note` },
      { name: 'Office', allow: '127.0.0.0/24', except: '127.0.0.70' },
    ];
    const running = await start(site, { policy: createRules({ rules, otherwise: 'deny' }) }, '127.0.0.1');
    onTestFinished(() => running.close());
    for (const from of [DENIED, '127.0.0.70', '127.0.1.1'])
      expectForbidden(await ask({ port: running.port, from }));
    expect(running.passed()).toBe(0);
    expect((await ask({ port: running.port, from: '127.0.0.71' })).status).toBe(200);
    expect(running.passed()).toBe(1);
  });
});
