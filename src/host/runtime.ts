/**
 * What the runtime itself offers to programs on a server: files and threads, each known by its shape. Node, Bun
 * and Deno have them.
 *
 * They are asked for when they are used, and not imported. So this entry point can be imported where they do not exist,
 * a bundle for any platform can hold it, and a program that uses none of them carries nothing of them.
 */

import type { StopSignal } from '../live/runtime.ts';

/** What tells one state of a file from another. */
interface FileStatus {
  readonly dev: unknown;
  readonly ino: unknown;
  readonly size: unknown;
  readonly birthtimeNs: unknown;
  readonly mtimeNs: unknown;
  readonly ctimeNs: unknown;
  isFile(): boolean;
}

/** A watch on a directory. */
export interface DirectoryWatcher {
  on(event: 'error', listener: () => void): unknown;
  /** Not in every runtime. */
  unref?(): unknown;
  close(): void;
}

/** A thread, from outside. */
export interface Thread {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error' | 'messageerror', listener: (error: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
}

/** The other thread, from inside of one. */
export interface ParentPort {
  postMessage(message: unknown, moved?: readonly unknown[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

interface Modules {
  readonly 'node:fs': {
    readonly promises: {
      stat(path: string, options: { readonly bigint: true }): Promise<FileStatus>;
      readFile(path: string, options: { readonly signal: StopSignal }): Promise<Uint8Array>;
      realpath(path: string): Promise<string>;
    };
    watch(
      path: string,
      options: { readonly persistent: false },
      listener: (event: unknown, name: unknown) => void,
    ): DirectoryWatcher;
  };
  readonly 'node:path': { resolve(path: string): string; dirname(path: string): string };
  readonly 'node:url': { fileURLToPath(url: unknown): string };
  readonly 'node:util': {
    readonly TextDecoder: new (
      encoding: 'utf-8',
      options: { readonly fatal?: boolean; readonly ignoreBOM: boolean },
    ) => { decode(bytes: Uint8Array): string };
  };
  readonly 'node:timers': { setImmediate(run: () => void): unknown };
  readonly 'node:worker_threads': {
    readonly Worker: new (file: unknown, options: Readonly<Record<string, unknown>>) => Thread;
    readonly parentPort: ParentPort | null;
  };
}

/** A module of the runtime. */
export function moduleOfRuntime<Name extends keyof Modules>(name: Name): Modules[Name] {
  const { process: host } = globalThis as unknown as {
    readonly process?: { getBuiltinModule?(name: string): unknown };
  };
  const found = host?.getBuiltinModule?.(name);
  if (found === undefined) throw new Error(`ipverdict: this runtime has no module "${name}"`);
  return found as Modules[Name];
}
