/**
 * Files that a command writes: beside their place first, and then renamed, so that nobody ever finds half a file.
 */

import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';

/** Writes a file, through a symbolic link to its target. What was there stays until all of it is written. */
export function saveFile(file: string, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    const target = targetOf(file);
    if (target.isOther) writeTo(target.path, 'w', undefined, bytes);
    else replace(target.path, target.mode, bytes);
  } catch (error) {
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

/** The file to write, the permissions that it has, and whether it is a device or a pipe, which cannot be replaced. */
function targetOf(file: string): {
  readonly path: string;
  readonly mode: number | undefined;
  readonly isOther: boolean;
} {
  try {
    const path = realpathSync(file);
    const status = statSync(path);
    if (status.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return { path, mode: status.mode & 0o777, isOther: !status.isFile() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { path: file, mode: undefined, isOther: false };
  }
}

function replace(path: string, mode: number | undefined, bytes: Uint8Array): void {
  const beside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeTo(beside, 'wx', mode, bytes);
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

function writeTo(path: string, flags: 'w' | 'wx', mode: number | undefined, bytes: Uint8Array): void {
  // Nobody may read a secret file in the meantime.
  const fd = openSync(path, flags, mode === undefined ? 0o666 : 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (mode !== undefined) fchmodSync(fd, mode);
    if (flags === 'wx') fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
