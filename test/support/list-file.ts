/** List files in a folder of their own, written in the ways in which programs write files; and what is heard of them. */

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder, which is removed when the test is finished. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ipverdict-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

let count = 0;

/** Replaces a file as it should be done: at once. */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${process.pid}.${count++}`;
  writeFileSync(next, text);
  renameSync(next, path);
}

/** Writes a file as a mounted ConfigMap: a folder for each version, and a link to it that is swapped. */
export function writeVersion(folder: string, name: string, text: string): void {
  const version = `..version-${count++}`;
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, name), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

/** What comes in, for the one who waits for it. */
export class Inbox<T> {
  readonly all: T[] = [];
  #waiting: (() => void)[] = [];

  push(item: T): void {
    this.all.push(item);
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Waits until one of those that have come in, or come in later, is the right one. */
  async find(isRight: (item: T) => boolean): Promise<T> {
    for (;;) {
      const found = this.all.find(isRight);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until so many have come in, and answers the last of them. */
  async at(index: number): Promise<T> {
    while (this.all.length <= index) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.all[index] as T;
  }
}
