/**
 * Logs: files, pipes and compressed files, as bytes, a buffer at a time.
 */

import { fstatSync, readSync, type Stats, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Gunzip } from 'node:zlib';
import { fileError, gzipError, openFile, STDIN } from './input.ts';

/** A log that is being read. */
export interface Log {
  /** Puts bytes at the start of `into`, and gives their number: 0 at the end. */
  read(into: Uint8Array): number | Promise<number>;
  /** How many bytes of the file were read, before they were unpacked. */
  readonly taken: number;
  /** Which file it is, whatever its name; `undefined` where it is not a file. */
  readonly identity: string | undefined;
  close(): Promise<void>;
}

/** Bytes that are read at a time. They stay in the cache of the processor until they are looked through. */
const AT_ONCE = 1 << 18;
/** So many reads in a row, then signals and timers have a turn. */
const READS_A_TURN = 32;

/** Opens a log, whatever it is. */
export async function openLog(file: string): Promise<Log> {
  const handle = file === STDIN ? undefined : await openFile(file);
  const fd = handle?.fd ?? 0;
  const stat = fstatSync(fd);
  const log = stat.isFile()
    ? new FileLog(file, fd, stat, handle)
    : new StreamLog(file, await openStream(fd, handle), handle);
  if (!file.endsWith('.gz')) return log;
  const { createGunzip } = await import('node:zlib');
  return new GzipLog(file, log, createGunzip({ chunkSize: 1 << 16 }));
}

/** What tells a file from every other one; `undefined` for what is not a file. */
export function identityOf(stat: Stats): string | undefined {
  return stat.isFile() ? `${stat.dev}:${stat.ino}` : undefined;
}

/** The bytes of all logs; `undefined` when one of them is not a file. */
export function sizeOfLogs(files: readonly string[]): number | undefined {
  let size = 0;
  for (const file of files) {
    try {
      const stat = file === STDIN ? fstatSync(0) : statSync(file);
      if (!stat.isFile()) return undefined;
      size += stat.size;
    } catch {
      // It will be said when it is opened.
    }
  }
  return size;
}

/** A stream for what a read may wait for: a pipe, a socket, a terminal, a device. */
async function openStream(fd: number, handle: FileHandle | undefined): Promise<AsyncIterable<Uint8Array>> {
  if (handle === undefined) return process.stdin;
  const stat = fstatSync(fd);
  if (!stat.isFIFO() && !stat.isSocket()) return handle.createReadStream({ autoClose: false });
  // A thread that waits in a read would keep the process from ending.
  const { Socket } = await import('node:net');
  return new Socket({ fd, readable: true, writable: false });
}

/** Reads a file that is on a disk. Nothing is faster than waiting for it. */
class FileLog implements Log {
  readonly #file: string;
  readonly #fd: number;
  readonly #handle: FileHandle | undefined;
  #reads = 0;
  taken = 0;
  readonly identity: string | undefined;

  constructor(file: string, fd: number, stat: Stats, handle: FileHandle | undefined) {
    this.#file = file;
    this.identity = identityOf(stat);
    this.#fd = fd;
    this.#handle = handle;
  }

  read(into: Uint8Array): number | Promise<number> {
    this.#reads++;
    if (this.#reads % READS_A_TURN !== 0) return this.#readNow(into);
    return new Promise((resolve) => {
      setImmediate(resolve);
    }).then(() => this.#readNow(into));
  }

  #readNow(into: Uint8Array): number {
    try {
      const length = readSync(this.#fd, into, 0, Math.min(into.length, AT_ONCE), null);
      this.taken += length;
      return length;
    } catch (error) {
      throw fileError(this.#file, error);
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** Reads a stream, each piece as soon as it is there. */
class StreamLog implements Log {
  readonly #file: string;
  readonly #pieces: AsyncIterator<Uint8Array>;
  readonly #handle: FileHandle | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  taken = 0;
  readonly identity = undefined;

  constructor(file: string, stream: AsyncIterable<Uint8Array>, handle: FileHandle | undefined) {
    this.#file = file;
    this.#pieces = stream[Symbol.asyncIterator]();
    this.#handle = handle;
  }

  async read(into: Uint8Array): Promise<number> {
    try {
      while (this.#piece.length === 0) {
        const next = await this.#pieces.next();
        if (next.done === true) return 0;
        this.#piece = next.value;
      }
    } catch (error) {
      throw fileError(this.#file, error);
    }
    const part = this.#piece.subarray(0, into.length);
    this.#piece = this.#piece.subarray(part.length);
    into.set(part);
    this.taken += part.length;
    return part.length;
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
    // A socket closes what it was given.
    await this.#handle?.close().catch(() => {});
  }
}

/** So many packed bytes at a time: they hold at most a thousand times as many, all of which wait here. */
const PACKED_AT_ONCE = 1 << 14;

/** Reads gzip of one part or several. What is before the damage in a file comes out before the error. */
class GzipLog implements Log {
  readonly #file: string;
  readonly #log: Log;
  readonly #gunzip: Gunzip;
  readonly #packed: Uint8Array = new Uint8Array(PACKED_AT_ONCE);
  #pieces: Uint8Array[] = [];
  #isAtEnd = false;
  /** The bytes that were given to be unpacked. */
  #given = 0;
  #failure: unknown;

  constructor(file: string, log: Log, gunzip: Gunzip) {
    this.#file = file;
    this.#log = log;
    this.#gunzip = gunzip;
    gunzip.on('data', (piece: Uint8Array) => this.#pieces.push(piece));
    gunzip.on('error', (error) => {
      this.#failure = error;
    });
  }

  get taken(): number {
    return this.#log.taken;
  }

  get identity(): string | undefined {
    return this.#log.identity;
  }

  async read(into: Uint8Array): Promise<number> {
    while (this.#pieces.length === 0) {
      if (this.#failure !== undefined) throw gzipError(this.#file, this.#failure);
      if (this.#isAtEnd) return this.#end();
      await this.#unpackMore();
    }
    const [piece] = this.#pieces as [Uint8Array];
    const part = piece.subarray(0, into.length);
    into.set(part);
    if (part.length < piece.length) this.#pieces[0] = piece.subarray(part.length);
    else this.#pieces.shift();
    return part.length;
  }

  /** Nothing may come after the last part: it would be left out in silence. */
  #end(): number {
    if (this.#gunzip.bytesWritten < this.#given)
      throw gzipError(this.#file, new Error('bytes after the end'));
    return 0;
  }

  async #unpackMore(): Promise<void> {
    const length = await this.#log.read(this.#packed);
    this.#given += length;
    const gunzip = this.#gunzip;
    await new Promise<void>((resolve) => {
      gunzip.once('close', resolve);
      if (length > 0) gunzip.write(this.#packed.subarray(0, length), () => resolve());
      else gunzip.end();
    });
    gunzip.removeAllListeners('close');
    this.#isAtEnd = length === 0;
  }

  async close(): Promise<void> {
    this.#gunzip.destroy();
    await this.#log.close();
  }
}
