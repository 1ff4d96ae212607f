/**
 * Files that a command writes: beside their place first, and then renamed, so that nobody ever finds half a file.
 */

import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';

/**
 * Writes a file, through a symbolic link to its target. What was there stays until all of it is written.
 *
 * @param expected - the text that the file must still have, where it was made from that
 */
export function saveFile(file: string, content: string | Uint8Array, expected?: string): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    const target = targetOf(file);
    if (expected !== undefined) {
      if (target.isOther)
        throw new CommandError(`${nameOf(file)} is not a regular file: nothing is written.`);
      replace(target, bytes, () => requireSame(file, target.path, expected));
    } else if (target.isOther) writeTo(target.path, 'w', undefined, bytes);
    else replace(target, bytes);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `The file ${nameOf(file)} cannot be written: ${sentences[code ?? ''] ?? message}.`,
    );
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'a part of its path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission was denied',
  EPERM: 'permission was denied',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
};

/** What is to be written to. */
interface Target {
  readonly path: string;
  /** The permissions and the owner that it has, if it is there. */
  readonly status: Pick<Stats, 'mode' | 'uid' | 'gid'> | undefined;
  /** Whether it is a device or a pipe, which cannot be replaced. */
  readonly isOther: boolean;
}

function targetOf(file: string): Target {
  try {
    const path = realpathSync(file);
    const status = statSync(path);
    if (status.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return { path, status, isOther: !status.isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path: file, status: undefined, isOther: false };
  }
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
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
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
