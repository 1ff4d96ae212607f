/** The clients of an access log: the first column of each line, of a file of any size. */

import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileError, gzipError, openFile, STDIN } from './input.ts';

/** Far longer than any address: of an endless line, only the start is kept in memory. */
const LONGEST_LINE = 4096;

const lineEnds = /[\r\n]+/;
const blank = /\s/;

/** A log that has been opened, so that a wrong name is said before anything is printed. */
export class ClientLog {
  readonly #file: string;
  readonly #handle: FileHandle | undefined;
  /** The number of bytes, where it is known. */
  readonly size: number | undefined;
  /** How many bytes have been read. */
  read = 0;

  private constructor(file: string, handle: FileHandle | undefined, size: number | undefined) {
    this.#file = file;
    this.#handle = handle;
    this.size = size;
  }

  static async open(file: string): Promise<ClientLog> {
    if (file === STDIN) return new ClientLog(file, undefined, undefined);
    const handle = await openFile(file);
    return new ClientLog(file, handle, (await handle.stat()).size || undefined);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }

  /** The first column of each line that is neither blank nor a comment. */
  async *clients(): AsyncGenerator<string> {
    for await (const line of this.#lines()) {
      // `trimStart` also drops a byte order mark at the very start of a file.
      const [client = ''] = line.trimStart().split(blank, 1);
      if (client !== '' && !client.startsWith('#')) yield client;
    }
  }

  /** The starts of the lines. A byte that is not text makes a client that is not an address. */
  async *#lines(): AsyncGenerator<string> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of this.#chunks()) {
      const lines = decoder.decode(chunk, { stream: true }).split(lineEnds);
      lines[0] = rest + (lines[0] as string);
      rest = (lines.pop() as string).slice(0, LONGEST_LINE);
      yield* lines;
    }
    yield rest + decoder.decode();
  }

  async *#chunks(): AsyncGenerator<Uint8Array> {
    const chunks = this.#file.endsWith('.gz')
      ? pipeline(this.#bytes(), createGunzip(), () => {})
      : this.#bytes();
    try {
      for await (const chunk of chunks) yield chunk as Uint8Array;
    } catch (error) {
      const isOfGzip = (error as NodeJS.ErrnoException).code?.startsWith('Z_') === true;
      throw isOfGzip ? gzipError(this.#file, error) : fileError(this.#file, error);
    }
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#handle?.createReadStream() ?? process.stdin) {
      this.read += (chunk as Uint8Array).length;
      yield chunk as Uint8Array;
    }
  }
}
