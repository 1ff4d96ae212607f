/** What an engine needs while it runs, and gives back whatever happens. */

import type { Engine } from './engine.ts';
import { Namespace } from './namespace.ts';
import { type Command, Folder, Server } from './process.ts';

/** Things that are released in the opposite order. */
export class Needed {
  readonly #releases: (() => void | Promise<void>)[] = [];

  /** Does something at the end. */
  later(release: () => void): void {
    this.#releases.push(release);
  }

  folder(): Folder {
    const folder = new Folder();
    this.#releases.push(() => folder.remove());
    return folder;
  }

  async namespace(): Promise<Namespace> {
    const namespace = await Namespace.open();
    this.#releases.push(() => namespace.close());
    return namespace;
  }

  /** Starts a server; see `Server.start`. `signal` ends it. */
  async server(
    command: Command,
    folder: Folder,
    isReady: Parameters<typeof Server.start>[2],
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<void> {
    const server = await Server.start(command, folder.path, isReady);
    this.#releases.push(() => server.stop(signal));
  }

  async release(): Promise<void> {
    const one = this.#releases.pop();
    if (one === undefined) return;
    try {
      await one();
    } finally {
      await this.release();
    }
  }
}

/** An engine of what `begin` starts and how it is asked. If it does not start, nothing of it is left. */
export async function startEngine(begin: (needed: Needed) => Promise<Engine['ask']>): Promise<Engine> {
  const needed = new Needed();
  try {
    const ask = await begin(needed);
    return { ask, stop: () => needed.release() };
  } catch (error) {
    await needed.release();
    throw error;
  }
}

/** Does some work with what it needs. */
export async function withNeeded<T>(work: (needed: Needed) => Promise<T>): Promise<T> {
  const needed = new Needed();
  try {
    return await work(needed);
  } finally {
    await needed.release();
  }
}
