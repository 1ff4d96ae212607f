/**
 * Files and standard input, as bytes or as text.
 *
 * Names that end in `.gz` are read as gzip, `-` is standard input, and text is UTF-8: bytes that are not are an error with
 * their place, and never replaced.
 */

import { type BigIntStats, fstatSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { startsAsSnapshot } from '../snapshot/header.ts';
import { CommandError } from './exit.ts';
import { waiting } from './interrupt.ts';
import { printable } from './style.ts';

export const STDIN = '-';

/** The name of an input for people. */
export function nameOf(file: string): string {
  return file === STDIN ? 'standard input' : printable(file);
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist: a part of its path is not a directory',
  EISDIR: 'is a directory, not a file',
  EACCES: 'cannot be read: permission was denied',
  EPERM: 'cannot be read: permission was denied',
  ELOOP: 'cannot be read: its symbolic links go in a circle',
  ENAMETOOLONG: 'cannot be read: its name is too long',
  EMFILE: 'cannot be read: too many files are open',
  ERR_FS_FILE_TOO_LARGE: 'is larger than a list can be',
};

/** The failure of a file in one sentence, from what the system threw. */
export function fileError(file: string, thrown: unknown): CommandError {
  if (thrown instanceof CommandError) return thrown;
  const { code } = thrown as NodeJS.ErrnoException;
  // The file is not at fault.
  if (code === undefined) throw thrown;
  const why = sentences[code] ?? `cannot be read: ${code}`;
  return new CommandError(file === STDIN ? `Standard input ${why}.` : `The file ${nameOf(file)} ${why}.`);
}

/** Opens a file, which is not a directory. */
export async function openFile(file: string): Promise<FileHandle> {
  try {
    // A pipe is opened when somebody writes to it, and not before.
    const handle = await waiting(() => open(file));
    if (!(await handle.stat()).isDirectory()) return handle;
    await handle.close();
  } catch (error) {
    throw fileError(file, error);
  }
  throw fileError(file, { code: 'EISDIR' });
}

/** More than the longest list and nearly every snapshot. What grows beyond it while it is read is an attack. */
const MOST_BYTES = 0x4000_0000;

/**
 * Whether a file is standard input that gives nothing: closed, or a device such as /dev/null. In place of a closed one,
 * Node opens that device, and other programs open it in the same way, so the two cannot be told apart.
 */
export function isNoInput(file: string): boolean {
  return file === STDIN && !process.stdin.isTTY && fstatSync(0).isCharacterDevice();
}

/** All bytes of a file or of standard input. */
export async function readBytes(file: string): Promise<Uint8Array> {
  await readPipeOnce(file);
  const bytes = file === STDIN ? await readStandardInput() : await readWhole(file);
  return file.endsWith('.gz') ? inflate(file, bytes) : bytes;
}

/** Pipes that were read, by their device and number. A second time there would be nothing in them, or no end. */
const emptied = new Set<string>();

/** Refuses to read a pipe twice, under whatever name: its second content would pass for an empty list. */
async function readPipeOnce(file: string): Promise<void> {
  const found = await (file === STDIN ? statOf(0) : stat(file, { bigint: true })).catch(() => undefined);
  if (found?.isFIFO() !== true) return;
  const key = `${found.dev}:${found.ino}`;
  if (emptied.has(key))
    throw new CommandError(
      `${nameOf(file)} is a pipe, which can be read only once: save it as a file first.`,
    );
  emptied.add(key);
}

async function statOf(fd: number): Promise<BigIntStats> {
  return fstatSync(fd, { bigint: true });
}

async function readWhole(file: string): Promise<Uint8Array> {
  const handle = await openFile(file);
  try {
    const before = await handle.stat({ bigint: true });
    if (before.isFile()) return await readUnchanged(file, handle, before);
    return await waiting(() => gather(handle.createReadStream({ autoClose: false })));
  } catch (error) {
    throw fileError(file, error);
  } finally {
    await handle.close();
  }
}

/** Reads a file that nobody writes to in the meantime: a part of a list would let in those whom the rest denies. */
async function readUnchanged(file: string, handle: FileHandle, before: BigIntStats): Promise<Uint8Array> {
  const bytes = await handle.readFile();
  const after = await handle.stat({ bigint: true });
  // What the system makes up as it is read, as in /proc, has no size.
  const isWhole = Number(after.size) === bytes.length || Number(before.size) === 0;
  if (isWhole && before.mtimeNs === after.mtimeNs) return bytes;
  throw new CommandError(`The file ${nameOf(file)} was changed while it was read: run the command again.`);
}

async function readStandardInput(): Promise<Uint8Array> {
  try {
    return await gather(process.stdin);
  } catch (error) {
    throw fileError(STDIN, error);
  }
}

/** All bytes of a pipe or a device, which may be endless. */
async function gather(stream: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk as unknown as Uint8Array);
    length += chunk.length;
    if (length > MOST_BYTES) throw Object.assign(new Error(), { code: 'ERR_FS_FILE_TOO_LARGE' });
  }
  return Buffer.concat(chunks, length);
}

interface Inflated {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

async function inflate(file: string, bytes: Uint8Array): Promise<Uint8Array> {
  try {
    const options = { maxOutputLength: MOST_BYTES, info: true };
    // With that option, what was read and how much of it; the types do not know.
    const { buffer, engine } = (await promisify(gunzip)(bytes, options)) as unknown as Inflated;
    // Whatever is after zero bytes would be left out in silence. They may only fill the end of the file.
    if (bytes.subarray(engine.bytesWritten).some((byte) => byte !== 0))
      throw new Error('bytes after the end');
    return buffer;
  } catch (error) {
    throw gzipError(file, error);
  }
}

/** The sentence for a compressed file that cannot be read. */
export function gzipError(file: string, thrown: unknown): CommandError {
  const { code } = thrown as NodeJS.ErrnoException;
  const why =
    code === 'Z_BUF_ERROR'
      ? 'ends too early: it was cut off'
      : code === 'ERR_BUFFER_TOO_LARGE'
        ? 'holds more than 1 GB'
        : 'is not gzip, or is damaged';
  return new CommandError(`The file ${nameOf(file)} ${why}.`);
}

/** Whether bytes begin as gzip does (RFC 1952 §2.3.1). */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** The text of a file or of standard input. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw fileError(file, { code: 'ERR_FS_FILE_TOO_LARGE' });
    throw notText(file, bytes);
  }
}

function notText(file: string, bytes: Uint8Array): CommandError {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return new CommandError(`${startOf(file)} is UTF-16: save it as UTF-8.`);
  if (isGzip(bytes)) return packedError(file);
  if (startsAsSnapshot(bytes))
    return new CommandError(`${startOf(file)} is a snapshot: give it with --policy.`);
  const lines = longestText(bytes).split(/\r\n|[\r\n]/);
  return notTextAt(file, lines.length, (lines.at(-1) as string).length + 1);
}

/** The sentence for gzip in place of text. */
export function packedError(file: string): CommandError {
  const advice = file === STDIN ? 'unpack it with zcat first' : 'give it a name that ends in .gz';
  return new CommandError(`${startOf(file)} is gzip: ${advice}.`);
}

/** The sentence for bytes that are not UTF-8. */
export function notTextAt(file: string, line: number, column: number): CommandError {
  return new CommandError(
    `${startOf(file)} is not UTF-8: the bytes at line ${line}, column ${column} are not a character. Save it as UTF-8.`,
  );
}

function startOf(file: string): string {
  return file === STDIN ? 'Standard input' : `The file ${nameOf(file)}`;
}

/** The text before the first byte that is not UTF-8. */
export function longestText(bytes: Uint8Array): string {
  const isText = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = good + Math.floor((bad - good) / 2);
    if (isText(middle)) good = middle;
    else bad = middle;
  }
  return new TextDecoder('utf-8').decode(bytes.subarray(0, good), { stream: true });
}
