/**
 * A network of its own, without a way out. In it, every address is an address of this machine, so that a test connects from
 * any client that it names, and packet filters filter what no one else sees.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Command, run, Server } from './process.ts';

const sources = fileURLToPath(new URL('sources.js', import.meta.url));

/** The parameters of `unshare`: a user who is not root becomes root in a user namespace. */
const apart: Command = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
const enter: Command = process.getuid?.() === 0 ? ['-n'] : ['-U', '-n', '--preserve-credentials'];

/** The loopback interface has another name, so that rules about `lo`, which often come first, do not decide everything. */
const interfaceName = 'wire';
const setup = [
  'set -e',
  `ip link set lo name ${interfaceName}`,
  `ip link set ${interfaceName} up`,
  `ip route add local 0.0.0.0/0 dev ${interfaceName}`,
  `ip -6 route add local ::/0 dev ${interfaceName}`,
  'echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind',
].join('\n');

let isPossible: boolean | undefined;

/** Whether this machine lets us have one. */
export function canOpenNamespace(): boolean {
  isPossible ??= spawnSync('unshare', [...apart, 'sh', '-c', setup]).status === 0;
  return isPossible;
}

/** A connection that was made from an address, or a datagram that was sent. */
export interface Sent {
  readonly client: string;
  /** What came back before the end; undefined for a datagram that never arrived. */
  readonly received: string | undefined;
}

export class Namespace {
  readonly #holder: Server;

  private constructor(holder: Server) {
    this.#holder = holder;
  }

  static async open(): Promise<Namespace> {
    // It ends with our end of its input, however we end.
    const command = ['unshare', ...apart, 'sh', '-c', `${setup}\necho ready\nexec cat`];
    return new Namespace(await Server.start(command, '/', (said) => said.includes('ready')));
  }

  /** The command that runs another command in here. */
  within(command: Command): Command {
    return ['nsenter', '-t', String(this.#holder.pid), ...enter, '--', ...command];
  }

  run(command: Command, input: string | Uint8Array = ''): ReturnType<typeof run> {
    return run(this.within(command), input);
  }

  /**
   * Connects from each client to a port that listens on all addresses, sends `payload`, and gives what comes back: all of
   * it, or the `first` piece.
   */
  connect(
    port: number,
    clients: readonly string[],
    payload: string,
    until: 'first' | 'close',
  ): Promise<string[]> {
    return this.#send<string>({ kind: 'connect', port, clients, payload, until });
  }

  /** Sends a datagram from each client to the UDP port, and says which arrive. */
  arrive(port: number, clients: readonly string[]): Promise<boolean[]> {
    return this.#send<boolean>({ kind: 'arrive', port, clients });
  }

  async #send<T>(task: unknown): Promise<T[]> {
    const { code, output, errors } = await this.run([process.execPath, sources], JSON.stringify(task));
    if (code !== 0) throw new Error(errors);
    return JSON.parse(output) as T[];
  }

  close(): Promise<void> {
    return this.#holder.stop('SIGKILL');
  }
}
