/**
 * A bell that rings when something happens in the directories of a file.
 *
 * It only makes things faster: a file system of the network tells nothing, and a system may have no watch to spare. So
 * nothing that fails here matters, and the one who hears the bell looks at the file.
 *
 * Directories are watched, not the file: a file that takes its place by being renamed is another file.
 */

import { runLater } from '../live/runtime.ts';
import { lookAt } from './file.ts';
import { type DirectoryWatcher, moduleOfRuntime } from './runtime.ts';

/** How long the bell collects what happens before it rings, in milliseconds. */
const COLLECTING = 20;

/** A bell for one file. */
export interface Bell {
  /** Looks for the directories of the file again: that of its path, and that of the file which a link leads to. */
  hang(): Promise<void>;
  /** It never rings again. */
  remove(): void;
}

export function createBell(path: string, listener: () => void): Bell {
  const watchers = new Map<string, { readonly identity: string; readonly watcher: DirectoryWatcher }>();
  let stop: (() => void) | undefined;
  let isRemoved = false;

  const ring = (): void => {
    if (isRemoved || stop !== undefined) return;
    const run = (): void => {
      stop = undefined;
      // Deno does not heed `persistent`, and forgets this with each event.
      for (const { watcher } of watchers.values()) watcher.unref?.();
      listener();
    };
    stop = runLater(run, COLLECTING, false).cancel;
  };

  const forget = (directory: string): void => {
    const found = watchers.get(directory);
    watchers.delete(directory);
    found?.watcher.close();
  };

  const hangIn = async (directory: string): Promise<void> => {
    // One that was made again under its name is another one, and the watch on the first hears nothing of it.
    const { identity } = await lookAt(directory);
    if (isRemoved || watchers.get(directory)?.identity === identity) return;
    forget(directory);
    if (identity === undefined) return;
    const hear = (_: unknown, name: unknown): void => {
      // One that is removed says so by its own name. The next one may have its number.
      if (`${name}` !== '' && baseNameOf(directory) === `${name}`) forget(directory);
      ring();
    };
    try {
      watchers.set(directory, {
        identity,
        watcher: watchDirectory(directory, hear, () => forget(directory)),
      });
    } catch {
      // It is looked at from time to time anyway.
    }
  };

  return {
    async hang() {
      const wanted = await directoriesOf(path);
      for (const directory of watchers.keys()) if (!wanted.has(directory)) forget(directory);
      for (const directory of wanted) await hangIn(directory);
    },
    remove() {
      isRemoved = true;
      stop?.();
      for (const directory of watchers.keys()) forget(directory);
    },
  };
}

async function directoriesOf(path: string): Promise<ReadonlySet<string>> {
  const { dirname } = moduleOfRuntime('node:path');
  const directories = new Set([dirname(path)]);
  try {
    directories.add(dirname(await moduleOfRuntime('node:fs').promises.realpath(path)));
  } catch {
    // There may be no file yet.
  }
  return directories;
}

function watchDirectory(
  directory: string,
  hear: (event: unknown, name: unknown) => void,
  fail: () => void,
): DirectoryWatcher {
  const watcher = moduleOfRuntime('node:fs').watch(directory, { persistent: false }, hear);
  watcher.unref?.();
  watcher.on('error', fail);
  return watcher;
}

/** The last name of a path, on any system. */
function baseNameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
