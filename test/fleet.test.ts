/**
 * `examples/fleet` in several processes on a real Redis: while Redis is killed, frozen and emptied, processes are killed,
 * and garbage and older versions are published, nobody gets in who may not, and all of them end up with the same list.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, RESP_TYPES } from 'redis';
import { afterAll, afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createPolicy } from '../src/public/index.ts';
import { encodePolicy } from '../src/public/snapshot.ts';
import { projectRoot } from './support/package.ts';
import { hasRedis, RedisServer } from './support/redis.ts';
import { ask, hasLoopbackNetwork } from './support/wire.ts';

const KEY = 'ipverdict:policy';
const CHANNEL = 'ipverdict:versions';
/** A client that no list here lets in. */
const STRANGER = '127.0.9.9';
/** A client that every list here lets in. */
const FRIEND = '127.0.0.1';

interface Line {
  readonly event: string;
  readonly port?: number;
  readonly version?: number | string;
  readonly error?: string;
}

const LONGEST_HOOK = 60_000;

/** Whether the test has ended, in whatever way. */
let isOver = false;

/** Waits until something holds; the time limit of the test is the only limit. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!isOver && !(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A process of the example, and the lines that it prints. */
class Program {
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  errors = '';

  constructor(script: string, words: readonly string[], url: string) {
    this.#child = spawn(process.execPath, [join(projectRoot, 'examples/fleet', script), ...words], {
      env: { ...process.env, REDIS_URL: url, EVERY: '300', PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
    const output = this.#child.stdout as NonNullable<ChildProcess['stdout']>;
    createInterface(output).on('line', (line) => this.lines.push(JSON.parse(line) as Line));
  }

  has(event: string, error?: RegExp): boolean {
    return this.lines.some((line) => line.event === event && (error?.test(line.error ?? '') ?? true));
  }

  all(event: string): Line[] {
    return this.lines.filter((line) => line.event === event);
  }

  last(event: string): Line | undefined {
    return this.all(event).at(-1);
  }

  get port(): number {
    return this.last('listening')?.port as number;
  }

  /** The status and the body for a client; undefined where the process does not answer. */
  async answer(from: string): Promise<{ status: number; body: string } | undefined> {
    return ask({ port: this.port, from }).catch(() => undefined);
  }

  /** How many loads in a row have failed. */
  async failures(): Promise<number> {
    const { body } = await ask({ port: this.port, from: FRIEND, path: '/status' });
    return (JSON.parse(body) as { failures: number }).failures;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close');
      child.kill(signal);
      child.kill('SIGCONT');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    }
    return child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** What stands before the address of Redis, by script. */
const users = new Map<string, string>();

const isPossible = hasRedis('examples/fleet') && hasLoopbackNetwork;
const folder = mkdtempSync(join(tmpdir(), 'ipverdict-fleet-'));
const file = join(folder, 'list.txt');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!isPossible)('a fleet on a real Redis', () => {
  let redis: RedisServer;
  let programs: Program[];
  let servers: Program[];
  let watching: Promise<string[]>;

  const start = (script: string, ...words: string[]): Program => {
    const program = new Program(script, words, redis.url.replace('//', `//${users.get(script) ?? ''}`));
    programs.push(program);
    return program;
  };

  const startServer = async (): Promise<Program> => {
    const server = start('server.js');
    await until(() => server.has('listening'));
    servers.push(server);
    return server;
  };

  /** Asks every server all the time for somebody who may never get in; gives what was not a denial. */
  const watch = async (): Promise<string[]> => {
    const letIn: string[] = [];
    while (!isOver) {
      for (const server of servers) {
        const answer = await server.answer(STRANGER);
        if (answer !== undefined && answer.status !== 403) letIn.push(`${answer.status} ${answer.body}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return letIn;
  };

  /** Writes a list that lets in the friend and one client more. */
  const write = (client: string): void => writeFileSync(file, `${FRIEND} # Friend\n${client}\n`);

  /** Waits until all servers let in exactly these. */
  const converge = (lets: readonly string[], not: readonly string[] = []): Promise<void> =>
    until(async () => {
      for (const server of servers) {
        for (const client of lets) if ((await server.answer(client))?.status !== 200) return false;
        for (const client of not) if ((await server.answer(client))?.status !== 403) return false;
      }
      return true;
    });

  const versions = async (): Promise<Set<string | undefined>> =>
    new Set(await Promise.all(servers.map(async (server) => (await server.answer(FRIEND))?.body)));

  /** A command of Redis, as somebody else may give it. */
  const command = async (...words: (string | Buffer)[]): Promise<unknown> => {
    const client = createClient({ url: redis.url });
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  };

  /** What is in the key now. */
  const stored = async (): Promise<{ version: string; bytes: Buffer }> => {
    const client = createClient({ url: redis.url });
    await client.connect();
    const [version, bytes] = await client
      .withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
      .hmGet(KEY, ['version', 'bytes']);
    client.destroy();
    return { version: String(version), bytes: bytes as unknown as Buffer };
  };

  /** Publishes the list once. */
  const publishOnce = async (): Promise<void> => {
    const publisher = start('publisher.js', 'allow', file, '--once');
    await until(() => publisher.has('published'));
  };

  const failures = (): Promise<number[]> => Promise.all(servers.map((server) => server.failures()));

  /** Does something, and waits until all servers have refused what was there after it. */
  const refusal = async (act: () => Promise<unknown>): Promise<(string | undefined)[]> => {
    await act();
    // The first may be of a load that had begun before.
    const least = (await failures()).map((count) => count + 2);
    await until(async () => (await failures()).every((count, at) => count >= (least[at] as number)));
    return servers.map((server) => server.last('kept')?.error);
  };

  beforeEach(async () => {
    redis = await RedisServer.start();
    programs = [];
    servers = [];
    isOver = false;
    for (let count = 0; count < 3; count++) await startServer();
    watching = watch();
  }, LONGEST_HOOK);

  afterEach(async () => {
    isOver = true;
    const wrong = await watching;
    const ends: object[] = [];
    // Those that were killed by the test have no status.
    for (const program of programs)
      ends.push({ status: (await program.end('SIGTERM')) ?? 0, errors: program.errors });
    await redis.remove();
    expect(wrong, 'a client that may never get in').toEqual([]);
    expect(ends).toEqual(programs.map(() => ({ status: 0, errors: '' })));
  }, LONGEST_HOOK);

  test('takes each list that is published, and keeps it when the next one is bad or empty', async () => {
    await converge([], [FRIEND, '127.0.0.2']);
    write('127.0.0.2');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    write('127.0.0.3');
    publisher.signal('SIGHUP');
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    writeFileSync(file, `${FRIEND}\n127.0.0.400\n`);
    publisher.signal('SIGHUP');
    await until(() => publisher.has('failed', /octet "400"/));
    writeFileSync(file, '');
    publisher.signal('SIGHUP');
    await until(() => publisher.has('failed', /has no entry/));
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    expect((await versions()).size).toBe(1);
  });

  test('keeps its list while Redis is down, and catches up when it comes back empty', async () => {
    write('127.0.0.2');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.2']);
    await redis.kill();
    await refusal(async () => {});
    await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    const late = await startServer();
    await until(() => late.has('kept'));
    expect((await late.answer(FRIEND))?.status).toBe(403);

    // The same list is put back, and the process that has none takes it.
    await redis.start();
    await until(() => publisher.has('restored'));
    await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    expect((await versions()).size).toBe(1);

    // A list that changes while Redis is down is published when it is back.
    await redis.kill();
    write('127.0.0.3');
    publisher.signal('SIGHUP');
    await refusal(async () => {});
    await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    await redis.start();
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    expect((await versions()).size).toBe(1);
  });

  test('decides while Redis hangs, and catches up after that', async () => {
    write('127.0.0.2');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.2']);
    redis.freeze();
    write('127.0.0.3');
    publisher.signal('SIGHUP');
    for (let count = 0; count < 10; count++) await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    redis.thaw();
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
  });

  test('takes up the list after a process was killed, of either side', async () => {
    write('127.0.0.2');
    const first = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.2']);
    await (servers.shift() as Program).end('SIGKILL');
    await first.end('SIGKILL');
    await startServer();
    await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    // One that was stopped hears of what it missed.
    servers[0]?.signal('SIGSTOP');
    write('127.0.0.3');
    start('publisher.js', 'allow', file);
    await until(async () => (await servers[1]?.answer('127.0.0.3'))?.status === 200);
    servers[0]?.signal('SIGCONT');
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    expect((await versions()).size).toBe(1);
  });

  test('takes no garbage, and the next good list after it', async () => {
    write('127.0.0.2');
    await publishOnce();
    await converge([FRIEND, '127.0.0.2']);
    const { bytes } = await stored();
    const later = (): string => String(Date.now() + 1_000);
    const flipped = Buffer.from(bytes);
    flipped[bytes.length >> 1] = (flipped[bytes.length >> 1] as number) ^ 1;
    const empty = encodePolicy(createPolicy({ allow: '' }));
    const garbage: readonly (readonly (string | Buffer)[])[] = [
      ['HSET', KEY, 'version', later(), 'bytes', ''],
      ['HSET', KEY, 'version', later(), 'bytes', 'allow everyone'],
      ['HSET', KEY, 'version', later(), 'bytes', '<html>Log in to the network</html>'],
      ['HSET', KEY, 'version', later(), 'bytes', bytes.subarray(0, bytes.length >> 1)],
      ['HSET', KEY, 'version', later(), 'bytes', Buffer.concat([bytes, bytes])],
      ['HSET', KEY, 'version', later(), 'bytes', flipped],
      ['HSET', KEY, 'version', later(), 'bytes', Buffer.from(empty)],
      ['HSET', KEY, 'version', 'new', 'bytes', bytes],
      ['HSET', KEY, 'version', '-1', 'bytes', bytes],
      ['HSET', KEY, 'version', '999999999999999', 'bytes', bytes],
      ['HSET', KEY, 'version', '9'.repeat(400), 'bytes', bytes],
      ['HDEL', KEY, 'version'],
      ['HDEL', KEY, 'bytes'],
      ['DEL', KEY],
      ['SET', KEY, 'garbage'],
    ];
    for (const words of garbage) {
      await refusal(async () => {
        await command(...words);
        await command('PUBLISH', CHANNEL, words[3] ?? 'garbage');
      });
      await converge([FRIEND, '127.0.0.2'], ['127.0.0.3']);
    }
    write('127.0.0.3');
    await publishOnce();
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);

    // After a number that is absurd, too.
    await refusal(() => command('HSET', KEY, 'version', '999999999999999', 'bytes', bytes));
    write('127.0.0.4');
    await publishOnce();
    await converge([FRIEND, '127.0.0.4'], ['127.0.0.3']);
    expect((await versions()).size).toBe(1);
  });

  test('takes no older version, and the publisher puts its own back', async () => {
    write('127.0.0.2');
    await publishOnce();
    await converge([FRIEND, '127.0.0.2']);
    const older = await stored();
    write('127.0.0.3');
    await publishOnce();
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    const open = Buffer.from(encodePolicy(createPolicy({ deny: '203.0.113.9' })));
    for (const bytes of [older.bytes, open]) {
      const errors = await refusal(() => command('HSET', KEY, 'version', older.version, 'bytes', bytes));
      for (const error of errors) expect(error).toContain(`${older.version}, which is older than `);
      await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    }

    write('127.0.0.4');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.4'], ['127.0.0.3']);
    await command('HSET', KEY, 'version', older.version, 'bytes', older.bytes);
    await until(() => publisher.has('restored'));
    await startServer();
    await converge([FRIEND, '127.0.0.4'], ['127.0.0.2', '127.0.0.3']);
    expect((await versions()).size).toBe(1);
  });

  test('goes on rising after Redis has lost its data, even where clocks differ', async () => {
    write('127.0.0.2');
    await publishOnce();
    await converge([FRIEND, '127.0.0.2']);
    // As by a publisher whose clock is an hour ahead.
    const { bytes } = await stored();
    const ahead = Date.now() + 3_600_000;
    await command('HSET', KEY, 'version', String(ahead), 'bytes', bytes);
    await until(async () => [...(await versions())].join() === `Welcome, version ${ahead}\n`);
    write('127.0.0.3');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    await command('DEL', KEY);
    write('127.0.0.4');
    publisher.signal('SIGHUP');
    await converge([FRIEND, '127.0.0.4'], ['127.0.0.3']);
    await until(() => publisher.last('published')?.version === ahead + 2);
  });

  test('needs no more rights in Redis than the guide gives it', async () => {
    const guide = readFileSync(join(projectRoot, 'docs/guides/many-processes.md'), 'utf8');
    const block = /^ *```text acl\n([\s\S]*?)^ *```/m.exec(guide)?.[1] as string;
    for (const line of block.trim().split('\n')) await command(...line.trim().split(' '));
    users.set('server.js', 'server:SECRET@').set('publisher.js', 'publisher:SECRET@');
    onTestFinished(() => users.clear());
    await startServer();
    write('127.0.0.2');
    const publisher = start('publisher.js', 'allow', file);
    await converge([FRIEND, '127.0.0.2']);
    await command('DEL', KEY);
    await until(() => publisher.has('restored'));
    write('127.0.0.3');
    publisher.signal('SIGHUP');
    await converge([FRIEND, '127.0.0.3'], ['127.0.0.2']);
    const server = createClient({ url: redis.url.replace('//', '//server:SECRET@') });
    await server.connect();
    await expect(server.hSet(KEY, 'version', '1')).rejects.toThrow('NOPERM');
    server.destroy();
  });
});
