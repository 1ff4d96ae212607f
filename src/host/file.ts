/**
 * A file that others write while it is read: a whole state of it, or none.
 *
 * Nothing tells that a writer is done. So a state counts only once the file has looked the same for a while, before and
 * after it was read. Two writes in quick succession are one change, and the moment between the removal of a file and its
 * next creation is none.
 */

import { MAX_TEXT_LENGTH } from '../list/gather.ts';
import { reasonOf, runLater, type StopSignal } from '../live/runtime.ts';
import { moduleOfRuntime } from './runtime.ts';

/**
 * How long a file has to look the same, in milliseconds: longer than several ticks of the clock by which a file system
 * stamps its files, which are up to 10 ms, and than a writer pauses who is not done.
 */
export const SETTLING = 100;

/** A look at a file, without its content. */
export interface Look {
  /** Equal for two looks at the same state; of a file that cannot be looked at, the reason. */
  readonly stamp: string;
  /** Equal for two looks at the same file, or directory; `undefined` when there is none. */
  readonly identity: string | undefined;
  /** Why there is nothing to read, which is a state as any other. */
  readonly error: unknown;
}

/** A whole state of a file. */
export interface FileState extends Look {
  /** Nothing when there is nothing to read. */
  readonly bytes: Uint8Array | undefined;
}

/** Looks at a file, or at what a link leads to. Never rejects. */
export async function lookAt(path: string): Promise<Look> {
  try {
    const status = await moduleOfRuntime('node:fs').promises.stat(path, { bigint: true });
    const { dev, ino, size, birthtimeNs, mtimeNs, ctimeNs } = status;
    // Without the time of its birth, another file or directory with a number that is free again would be the same.
    const identity = `${dev}:${ino}:${birthtimeNs}`;
    const stamp = [identity, size, mtimeNs, ctimeNs].join(':');
    let message: string | undefined;
    if (!status.isFile()) message = 'is not a file';
    else if ((size as number) >= MAX_TEXT_LENGTH)
      message = `is too long: a list has fewer than ${MAX_TEXT_LENGTH} characters`;
    return { stamp, identity, error: message && new Error(`${path} ${message}`) };
  } catch (error) {
    return { stamp: String(error), identity: undefined, error };
  }
}

/**
 * Reads a file that looks like this. Its state has another stamp if it was changed meanwhile. Rejects when it cannot be
 * read: that says nothing of the file, as the next attempt may succeed.
 */
export async function readFile(path: string, look: Look, signal: StopSignal): Promise<FileState> {
  const bytes =
    look.error === undefined
      ? await moduleOfRuntime('node:fs').promises.readFile(path, { signal })
      : undefined;
  const { stamp, identity } = await lookAt(path);
  return { stamp, identity, error: look.error, bytes };
}

/** Reads a file once it has settled, however long that takes; rejects with the reason of the signal when it is aborted. */
export async function readSettled(
  path: string,
  first: Look,
  signal: StopSignal,
  onChange: () => void,
): Promise<FileState> {
  for (let look = first; ; ) {
    await pause(SETTLING, signal);
    const again = await lookAt(path);
    if (again.stamp === look.stamp) {
      const state = await readFile(path, again, signal);
      if (state.stamp === again.stamp) return state;
    }
    onChange();
    look = again;
  }
}

/** Waits. Rejects as soon as the signal is aborted. */
export function pause(milliseconds: number, signal: StopSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      cancel();
      reject(reasonOf(signal));
    };
    const { cancel } = runLater(
      () => {
        signal.removeEventListener('abort', stop);
        resolve();
      },
      milliseconds,
      false,
    );
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
}
