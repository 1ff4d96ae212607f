/**
 * The recipes of the guide, run as they stand against the real thing: a file, an HTTP server that also lies, PostgreSQL and
 * Redis.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import ts from 'typescript';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Follower, LivePolicy } from '../../src/public/live.ts';
import { projectRoot } from '../support/package.ts';

/** A program in JavaScript, of which nothing but the types is gone. */
function withoutTypes(code: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(code, { compilerOptions }).outputText.replace(/^export \{\};$/m, '');
}

const guide = readFileSync(join(projectRoot, 'docs/guides/lists-that-change.md'), 'utf8');
const recipes = new Map(
  [...guide.matchAll(/^```[jt]s (\w+)\n([\s\S]*?)^```/gm)].map(([, name, code]) => [
    name as string,
    withoutTypes(code as string),
  ]),
);

interface Running {
  readonly live: LivePolicy;
  readonly follower: Follower;
}

/** Runs a recipe with other texts in place of some, and with what it is handed. */
async function run(
  name: string,
  replaced: readonly (readonly [from: string, to: string])[],
  handed: Readonly<Record<string, unknown>> = {},
): Promise<Running> {
  let code = recipes.get(name) ?? '';
  for (const [from, to] of replaced) {
    expect(code).toContain(from);
    code = code.replace(from, () => to);
  }
  const body = code.replace(/^import \{([^}]+)\} from '([^']+)';$/gm, "const {$1} = await __load('$2');");
  const AsyncFunction = (async () => {}).constructor as new (
    ...parameters: string[]
  ) => (...given: unknown[]) => Promise<Running>;
  const load = (from: string): Promise<unknown> =>
    from.startsWith('ipverdict')
      ? import(/* @vite-ignore */ new URL(`../../dist/${from.split('/')[1]}.js`, import.meta.url).href)
      : import(/* @vite-ignore */ from);
  const program = new AsyncFunction('__load', ...Object.keys(handed), `${body}\nreturn { live, follower };`);
  const running = await program(load, ...Object.values(handed));
  onTestFinished(() => running.follower.close());
  return running;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What failures say that a recipe reports, as no recipe has an `onError`. */
let reported: string[] = [];
beforeEach(() => {
  reported = [];
  const mock = vi.spyOn(console, 'error').mockImplementation((_, error: Error) => {
    reported.push(error.message);
  });
  onTestFinished(() => mock.mockRestore());
});

test('the guide has these recipes', () => {
  expect([...recipes.keys()]).toEqual(['notification', 'file', 'http', 'postgres', 'redis']);
});

/** What the guide says to call for each notification. */
const reload = new Function(`${recipes.get('notification')}\nreturn reload;`)() as (
  follower: Follower,
) => Promise<void>;

/** A function that answers as another does, but late where it is told: what it has read may be old by then. */
function holdable<Given extends unknown[], Answer>(
  ask: (...given: Given) => Promise<Answer>,
): { ask(...given: Given): Promise<Answer>; hold(): { readonly hasRead: Promise<void>; release(): void } } {
  let held: { read(): void; readonly isFree: Promise<void> } | undefined;
  return {
    async ask(...given) {
      const now = held;
      held = undefined;
      const answer = await ask(...given);
      now?.read();
      await now?.isFree;
      return answer;
    },
    hold() {
      let [read, release] = [(): void => {}, (): void => {}];
      const hasRead = new Promise<void>((resolve) => {
        read = resolve;
      });
      const isFree = new Promise<void>((resolve) => {
        release = resolve;
      });
      held = { read, isFree };
      return { hasRead, release };
    },
  };
}

describe('a file', () => {
  test('is followed, and the last good list survives whatever becomes of it', async () => {
    const path = join(temporaryFolder(), 'allow.txt');
    writeFileSync(path, '192.0.2.0/24 # Office\n');
    const { live, follower } = await run('file', [["'allow.txt'", JSON.stringify(path)]]);
    expect(live.allows('192.0.2.1')).toBe(false);
    await follower.ready;
    expect([live.version, live.allows('192.0.2.1')]).toEqual([2, true]);
    expect(await follower.refresh()).toBe(undefined);

    const { current } = live;
    for (const text of ['', '192.0.2.300', '# nothing', '192.0.2.0/26']) {
      writeFileSync(path, text);
      await expect(follower.refresh()).rejects.toThrow();
      expect(live.current).toBe(current);
    }
    rmSync(path);
    await expect(follower.refresh()).rejects.toThrow('ENOENT');
    expect([live.current === current, reported.length]).toEqual([true, 5]);

    writeFileSync(`${path}.new`, '192.0.2.0/24\n198.51.100.7');
    renameSync(`${path}.new`, path);
    expect((await follower.refresh())?.changes.allowed.prefixes).toEqual(['198.51.100.7']);
  });
});

describe('a feed over HTTP', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;

  const plain = { 'Content-Type': 'text/plain; charset=utf-8' };
  const good: Answer = ({ headers }, response) => {
    if (headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else response.writeHead(200, { ...plain, ETag: '"v1"' }).end('192.0.2.0/24\n198.51.100.0/24\n');
  };
  const longer: Answer = (_, response) =>
    response.writeHead(200, { ...plain, ETag: '"v2"' }).end('192.0.2.0/24\n198.51.100.0/24\n203.0.113.7\n');

  /** A server that answers as it is told. */
  async function serve(first: Answer): Promise<{ url: string; answer: Answer; requests: IncomingMessage[] }> {
    const served = { url: '', answer: first, requests: [] as IncomingMessage[] };
    const server = createServer((request, response) => {
      served.requests.push(request);
      served.answer(request, response);
    }).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/deny.txt`;
    return served;
  }

  const runHttp = (url: string): Promise<Running> =>
    run('http', [["'https://feed.example.com/deny.txt'", `'${url}'`]]);

  test('costs a short answer while nothing has changed, and is taken when it has', async () => {
    const served = await serve(good);
    const { live, follower } = await runHttp(served.url);
    await follower.ready;
    expect([live.allows('192.0.2.1'), follower.status.tag]).toEqual([false, '"v1"']);
    expect(await follower.refresh()).toBe(undefined);
    served.answer = longer;
    expect((await follower.refresh())?.changes.denied.prefixes).toEqual(['203.0.113.7']);
    expect(served.requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      '"v1"',
      '"v1"',
    ]);
  });

  const body = '192.0.2.0/24\n198.51.100.0/24\n203.0.113.7\n';
  const portal = '<!DOCTYPE html>\n<html><body>Log in to the wireless network</body></html>';
  test.each<[string, Answer, RegExp]>([
    ['500', (_, response) => response.writeHead(500, plain).end(body), /answers 500/],
    ['404 with a list', (_, response) => response.writeHead(404, plain).end(body), /answers 404/],
    ['a part of it', (_, response) => response.writeHead(206, plain).end('192.0.2.0/24'), /answers 206/],
    ['no content', (_, response) => response.writeHead(204, plain).end(), /answers 204/],
    [
      'half a body',
      (_, response) => {
        response.writeHead(200, { ...plain, 'Content-Length': 400, ETag: '"bad"' });
        response.write(body, () => response.destroy());
      },
      /terminated/,
    ],
    [
      'half a body in chunks',
      (_, response) => {
        response.writeHead(200, { ...plain, ETag: '"bad"' });
        response.write(body, () => response.destroy());
      },
      /terminated/,
    ],
    [
      'a body without a length that is cut off',
      (_, response) => {
        response.socket?.end(
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: "bad"\r\nConnection: close\r\n\r\n192.0.2.0/24\n198.5',
        );
      },
      /ipv4|octet/i,
    ],
    [
      'a body that is cut off after a line',
      (_, response) => {
        response.socket?.end(
          'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n192.0.2.0/24\n',
        );
      },
      /256 of 512 listed IPv4 addresses would cease to be listed/,
    ],
    [
      'an empty 200',
      (_, response) => response.writeHead(200, { ...plain, ETag: '"bad"' }).end(),
      /has no entries/,
    ],
    [
      'a portal',
      (_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(portal),
      /sends text\/html/,
    ],
    [
      'a portal that says it is text',
      (_, response) => response.writeHead(200, plain).end(portal),
      /HTML|html/,
    ],
    [
      'a redirect to a portal',
      (_, response) => response.writeHead(302, { Location: '/login' }).end(),
      /fetch failed/,
    ],
    ['JSON', (_, response) => response.writeHead(200, plain).end('{"error":"rate limit"}'), /JSON/],
    [
      'something that is not HTTP',
      (_, response) => response.socket?.end('SSH-2.0-OpenSSH\r\n'),
      /fetch failed/,
    ],
    ['nothing', (_, response) => response.destroy(), /fetch failed/],
    [
      'bytes that are not UTF-8',
      (_, response) => response.writeHead(200, plain).end(Buffer.from(`${body}# B\xfcro\n`, 'latin1')),
      /utf-8/,
    ],
  ])('keeps the last good list when the server answers with %s', async (_, answer, message) => {
    const served = await serve(good);
    const { live, follower } = await runHttp(served.url);
    await follower.ready;
    const { current } = live;
    served.answer = answer;
    for (let times = 0; times < 2; times++) {
      await expect(follower.refresh()).rejects.toThrow(message);
      expect([live.current === current, follower.status.tag]).toEqual([true, '"v1"']);
    }
    expect(reported).toEqual([expect.stringMatching(message)]);
    served.answer = longer;
    expect((await follower.refresh())?.version).toBe(3);
  });

  test('is taken without an ETag, and makes a version only when the text is another one', async () => {
    let text = '192.0.2.0/24\n198.51.100.0/24\n';
    const served = await serve((_, response) => response.writeHead(200, plain).end(text));
    const { live, follower } = await runHttp(served.url);
    await follower.ready;
    expect(await follower.refresh()).toBe(undefined);
    text += '203.0.113.7\n';
    expect((await follower.refresh())?.version).toBe(3);
    expect([await follower.refresh(), live.version]).toEqual([undefined, 3]);
  });

  test('is given up, and its connection closed, when the body is too long', async () => {
    const served = await serve(good);
    const { live, follower } = await runHttp(served.url);
    await follower.ready;
    const { current } = live;
    let isOpen = true;
    served.answer = (_, response) => {
      response.writeHead(200, plain).on('close', () => {
        isOpen = false;
      });
      const write = (): void => {
        if (isOpen) response.write('# without an end\n'.repeat(10_000), write);
      };
      write();
    };
    await expect(follower.refresh()).rejects.toThrow('more than 10000000 characters');
    await vi.waitFor(() => expect(isOpen).toBe(false));
    expect(live.current).toBe(current);
  });

  test('is not ready when the first answer is a lie', async () => {
    const served = await serve((_, response) => response.writeHead(304).end());
    const { live, follower } = await runHttp(served.url);
    await expect(follower.refresh()).rejects.toThrow('answers 304');
    expect([live.version, follower.status.lastSuccess]).toEqual([1, undefined]);
  });

  test('is given up when the follower is closed', async () => {
    const served = await serve(() => {});
    const { follower } = await runHttp(served.url);
    await vi.waitFor(() => expect(served.requests).toHaveLength(1));
    const { socket } = served.requests[0] as IncomingMessage;
    const isClosed = once(socket, 'close');
    await follower.close();
    await isClosed;
    expect(reported).toEqual([]);
  });
});

describe('a row in PostgreSQL', () => {
  test('is followed', { timeout: 60_000 }, async () => {
    const db = await PGlite.create();
    onTestFinished(() => db.close());
    await db.exec('CREATE TABLE lists (name text PRIMARY KEY, version integer NOT NULL, list text NOT NULL)');
    const { live, follower } = await run('postgres', [], { db });
    await expect(follower.refresh()).rejects.toThrow('the list "admin" is missing');
    expect(live.allows('192.0.2.1')).toBe(false);

    await db.query('INSERT INTO lists VALUES ($1, 1, $2)', ['admin', '192.0.2.0/24 # Office']);
    await follower.refresh();
    expect([live.decide('192.0.2.1').entry?.note, follower.status.tag]).toEqual(['Office', '1']);
    expect(await follower.refresh()).toBe(undefined);

    const { current } = live;
    const change = (list: string): Promise<unknown> =>
      db.query('UPDATE lists SET version = version + 1, list = $1', [list]);
    for (const list of ['', '192.0.2.0/33', '192.0.2.1']) {
      await change(list);
      await expect(follower.refresh()).rejects.toThrow();
      expect(live.current).toBe(current);
    }
    await db.exec('ALTER TABLE lists RENAME TO gone');
    await expect(follower.refresh()).rejects.toThrow('does not exist');
    await db.exec('ALTER TABLE gone RENAME TO lists');
    await change('192.0.2.0/24\n198.51.100.7');
    expect((await follower.refresh())?.changes.allowed.prefixes).toEqual(['198.51.100.7']);
  });

  test('is loaded at a notification, also one that comes while the old row is loaded', async () => {
    const real = await PGlite.create();
    onTestFinished(() => real.close());
    await real.exec(
      "CREATE TABLE lists (name text, version integer, list text); INSERT INTO lists VALUES ('admin', 1, '192.0.2.0/24')",
    );
    const { ask, hold } = holdable((text: string, values: unknown[]) => real.query(text, values));
    const { live, follower } = await run('postgres', [], { db: { query: ask } });
    await follower.ready;
    const reloads: Promise<void>[] = [];
    await real.listen('lists', () => void reloads.push(reload(follower)));

    const { hasRead, release } = hold();
    const old = follower.refresh();
    await hasRead;
    await real.exec("UPDATE lists SET version = 2, list = '192.0.2.0/25'; NOTIFY lists");
    await vi.waitFor(() => expect(reloads).toHaveLength(1));
    release();
    expect(await old).toBe(undefined);
    await reloads[0];
    expect([live.allows('192.0.2.200'), follower.status.tag]).toEqual([false, '2']);
  });
});

/** The least of a client of Redis: one command at a time. */
class RedisClient {
  readonly #socket: Socket;

  constructor(path: string) {
    this.#socket = connect(path);
  }

  async send(...words: string[]): Promise<string | null> {
    const command = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    this.#socket.write(`*${words.length}\r\n${command}`);
    const [reply] = await once(this.#socket, 'data');
    const text = String(reply);
    if (text.startsWith('-')) throw new Error(text.slice(1).trim());
    return text === '$-1\r\n' ? null : text.slice(text.indexOf('\r\n') + 2, -2);
  }

  get(key: string): Promise<string | null> {
    return this.send('GET', key);
  }

  /** The next message of a channel that was subscribed to. */
  async message(): Promise<void> {
    await once(this.#socket, 'data');
  }

  close(): void {
    this.#socket.destroy();
  }
}

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe(hasRedis ? 'a key in Redis' : 'a key in Redis (redis-server is not installed)', () => {
  async function startRedis(): Promise<string> {
    const path = join(temporaryFolder(), 'redis.sock');
    const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no'];
    const server: ChildProcess = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => {
      server.kill('SIGKILL');
    });
    let log = '';
    for await (const chunk of server.stdout as AsyncIterable<Buffer>) {
      log += chunk;
      if (/ready to accept connections/i.test(log)) return path;
    }
    throw new Error(`redis-server has ended: ${log}`);
  }

  test.skipIf(!hasRedis)('is followed', { timeout: 30_000 }, async () => {
    const redis = new RedisClient(await startRedis());
    onTestFinished(() => redis.close());
    const { live, follower } = await run('redis', [], { redis });
    await expect(follower.refresh()).rejects.toThrow('the key lists:deny is missing');

    const write = (value: unknown): Promise<unknown> =>
      redis.send('SET', 'lists:deny', typeof value === 'string' ? value : JSON.stringify(value));
    await write({ version: 'a', deny: '192.0.2.0/24 # Scanners' });
    await follower.refresh();
    expect([live.decide('192.0.2.1').entry?.note, follower.status.tag]).toEqual(['Scanners', 'a']);
    expect(await follower.refresh()).toBe(undefined);

    const { current } = live;
    for (const value of [
      '',
      '{"version":"b","deny":"192',
      { version: 'b', deny: '' },
      { version: 'b', deny: ['x'] },
      { deny: '192.0.2.0/24' },
      { version: 'b' },
      { version: 'b', deny: '192.0.2.0/26' },
    ]) {
      await write(value);
      await expect(follower.refresh()).rejects.toThrow();
      expect([live.current === current, follower.status.tag]).toEqual([true, 'a']);
    }
    await write({ version: 'c', deny: '192.0.2.0/24\n198.51.100.7' });
    expect((await follower.refresh())?.changes.denied.prefixes).toEqual(['198.51.100.7']);
  });

  test.skipIf(!hasRedis)(
    'is loaded at a message, also one that comes while the old one is loaded',
    async () => {
      const path = await startRedis();
      const [redis, subscriber] = [new RedisClient(path), new RedisClient(path)];
      onTestFinished(() => {
        redis.close();
        subscriber.close();
      });
      await redis.send('SET', 'lists:deny', '{"version":"a","deny":"192.0.2.0/24"}');
      const { ask, hold } = holdable((key: string) => redis.get(key));
      const { live, follower } = await run('redis', [], { redis: { get: ask } });
      await follower.ready;
      await subscriber.send('SUBSCRIBE', 'lists');
      const message = subscriber.message();

      const { hasRead, release } = hold();
      const old = follower.refresh();
      await hasRead;
      await redis.send('SET', 'lists:deny', '{"version":"b","deny":"192.0.2.0/24\\n198.51.100.7"}');
      await redis.send('PUBLISH', 'lists', 'b');
      await message;
      const isReloaded = reload(follower);
      release();
      expect(await old).toBe(undefined);
      await isReloaded;
      expect([live.allows('198.51.100.7'), follower.status.tag]).toEqual([false, 'b']);
    },
  );
});
