/**
 * Files that a command writes: beside their place first, and then renamed, so that nobody ever finds half a file.
 */

import {
  type BigIntStats,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';
import { computing } from './interrupt.ts';
import { printable } from './style.ts';

/**
 * Writes a file, through a symbolic link to its target. What was there stays until all of it is written.
 *
 * A name that ends in `.gz` gets gzip, as which it will be read.
 *
 * @param expected - the text that the file must still have, where it was made from that
 * @returns the number of bytes that were written
 */
export function saveFile(file: string, content: string | Uint8Array, expected?: string): number {
  const plain = typeof content === 'string' ? Buffer.from(content) : content;
  const bytes = file.endsWith('.gz') ? gzipSync(plain) : plain;
  try {
    const target = targetOf(file);
    if (expected !== undefined) {
      if (target.isOther)
        throw new CommandError(`${nameOf(file)} is not a regular file: nothing is written.`);
      replace(target, bytes, () => requireSame(file, target.path, expected));
    } else if (target.isOther) {
      // A pipe that nobody reads yet makes it wait.
      computing(() => writeTo(target.path, 'w', undefined, bytes));
    } else replace(target, bytes);
    return bytes.length;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    // The file is not at fault.
    if (code === undefined) throw error;
    throw new CommandError(
      `The file ${nameOf(file)} cannot be written: ${sentences[code] ?? printable(message)}.`,
    );
  }
}

/** Refuses to write over a list that was read: its comments, and often all of it, would be gone. */
export function refuseInput(file: string, inputs: readonly (string | undefined)[]): void {
  const target = statOf(file);
  if (target?.isFile() !== true) return;
  for (const input of inputs) {
    const found = input === undefined ? undefined : statOf(input);
    if (found?.dev === target.dev && found.ino === target.ino)
      throw new CommandError(`${nameOf(file)} is read, too: name another file with --output.`);
  }
}

function statOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true });
  } catch {
    return undefined;
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  ELOOP: 'its symbolic links go in a circle',
  ENAMETOOLONG: 'its name is too long',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EFBIG: 'it would be larger than a file may be here',
  EDQUOT: 'the quota of the disk is used up',
};

/** What is to be written to. */
interface Target {
  readonly path: string;
  /** The permissions and the owner that it has, if it is there. */
  readonly status: Pick<Stats, 'mode' | 'uid' | 'gid'> | undefined;
  /** Whether it is a device, a pipe or an open file without a name, which cannot be replaced. */
  readonly isOther: boolean;
}

function targetOf(file: string): Target {
  const status = statSync(file, { throwIfNoEntry: false });
  if (status === undefined) return { path: newPath(file), status, isOther: false };
  if (status.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
  const path = status.isFile() ? pathOf(file) : undefined;
  return { path: path ?? file, status, isOther: path === undefined };
}

/** Where symbolic links end; nowhere for what /dev/stdout leads to, though it can be written to. */
function pathOf(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Where a new file comes to be: at the end of a symbolic link to a file that is not there yet, the link stays. */
function newPath(file: string): string {
  const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? newPath(resolve(realpathSync(dirname(file)), readlinkSync(file))) : file;
}

/** Makes sure that nobody wrote to the file since it was read. */
function requireSame(file: string, path: string, expected: string): void {
  if (readFileSync(path).equals(Buffer.from(expected))) return;
  throw new CommandError(
    `The file ${nameOf(file)} was changed while it was read, so it is left as it is: run the command again.`,
  );
}

/** @param check - throws when the file must stay as it is; asked last of all */
function replace({ path, status }: Target, bytes: Uint8Array, check?: () => void): void {
  // In a container, all runs may have one process id, and one that was killed leaves its file.
  const run = `${process.pid}-${Date.now().toString(36)}`;
  const beside = join(dirname(path), `.${basename(path).slice(0, 50)}.${run}.tmp`);
  try {
    writeTo(beside, 'wx', status, bytes);
    check?.();
    renameSync(beside, path);
  } catch (error) {
    try {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') unlinkSync(beside);
    } catch {
      // It was not there yet.
    }
    throw error;
  }
}

function writeTo(path: string, flags: 'w' | 'wx', status: Target['status'], bytes: Uint8Array): void {
  // Nobody may read a secret file in the meantime.
  const fd = openSync(path, flags, status === undefined ? 0o666 : 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (status !== undefined) keepRights(fd, status);
    if (flags === 'wx') fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Gives a file the owner and the permissions of the one that it replaces, so that a server can still read its list. */
function keepRights(fd: number, { uid, gid, mode }: NonNullable<Target['status']>): void {
  try {
    const own = fstatSync(fd);
    if (own.uid !== uid || own.gid !== gid) fchownSync(fd, uid, gid);
  } catch {
    // Only the administrator may give a file away.
  }
  fchmodSync(fd, mode & 0o777);
}
