/** Programs that a test runs: to their end, or as a server that never outlives the test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A command as one list: the program, then its parameters. */
export type Command = readonly string[];

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

const RUN_MILLISECONDS = 60_000;
const START_MILLISECONDS = 20_000;
const STOP_MILLISECONDS = 3_000;

/** What is not yet released: of a test that failed in between, and what tests share. */
const left = new Set<() => void>();

/** Ends every program that still runs, and removes every folder that is still there. */
export function releaseEverything(): void {
  for (const release of left) release();
}

/** The kernel ends the program when ours ends, even if ours is killed. */
const withParent: Command = existsSync('/usr/bin/setpriv')
  ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--']
  : [];

function start(command: Command, folder?: string): ChildProcess {
  const [program = '', ...parameters] = [...withParent, ...command];
  const child = spawn(program, parameters, { cwd: folder, env: { ...process.env, LC_ALL: 'C' } });
  const kill = (): void => void child.kill('SIGKILL');
  left.add(kill);
  child.once('exit', () => left.delete(kill));
  return child;
}

/** Runs a command to its end. A code that is not 0 is no error here: many of them mean an answer. */
export async function run(
  command: Command,
  input: string | Uint8Array = '',
  folder?: string,
): Promise<Ended> {
  const child = start(command, folder);
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (bytes: Buffer) => output.push(bytes));
  child.stderr?.on('data', (bytes: Buffer) => errors.push(bytes));
  // A program that refuses early closes its end while we still write.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  const clock = setTimeout(() => child.kill('SIGKILL'), RUN_MILLISECONDS);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (signal === 'SIGKILL') throw new Error(`${command.join(' ')} did not end within a minute`);
    return { code, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() };
  } finally {
    clearTimeout(clock);
  }
}

/** A program that runs until it is stopped. */
export class Server {
  readonly #child: ChildProcess;
  readonly #command: Command;
  #said = '';

  private constructor(command: Command, folder: string) {
    this.#command = command;
    this.#child = start(command, folder);
    const listen = (bytes: Buffer): void => {
      this.#said = (this.#said + bytes.toString()).slice(-20_000);
    };
    this.#child.stdout?.on('data', listen);
    this.#child.stderr?.on('data', listen);
    this.#child.once('error', (error) => listen(Buffer.from(error.message)));
  }

  /** Starts one, and waits until `isReady` says so; throws with the program's own words if it ends before. */
  static async start(
    command: Command,
    folder: string,
    isReady: (said: string) => boolean | Promise<boolean>,
  ): Promise<Server> {
    const server = new Server(command, folder);
    const end = Date.now() + START_MILLISECONDS;
    while (!(await isReady(server.#said))) {
      const hasEnded = server.#child.exitCode !== null || server.#child.signalCode !== null;
      if (hasEnded || Date.now() > end) {
        await server.stop();
        throw new Error(`${server.#command.join(' ')} did not start: ${server.#said}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Asks it to end, and makes it end if it takes its time. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const clock = setTimeout(() => child.kill('SIGKILL'), STOP_MILLISECONDS);
    await ended;
    clearTimeout(clock);
  }
}

/** What the temporary folders of this process are called. */
export const folderPrefix: string = `ipverdict-engine-${process.pid}-`;

/** A temporary folder with files in it. */
export class Folder {
  readonly path: string = mkdtempSync(join(tmpdir(), folderPrefix));

  isRemoved = false;

  constructor() {
    left.add(this.remove);
  }

  /** Writes a file, and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  readonly remove: () => void = () => {
    left.delete(this.remove);
    this.isRemoved = true;
    rmSync(this.path, { recursive: true, force: true });
  };
}

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Whether somebody listens on a port of loopback. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
}
