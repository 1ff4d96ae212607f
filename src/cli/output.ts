/**
 * Standard output.
 *
 * A write may take less than it is given when a disk fills up, and none of it while a pipe is full. Both are seen to here:
 * what a command prints is there to the last byte, or the command fails.
 */

import { fstatSync, writeSync } from 'node:fs';
import { exits } from './exit.ts';

const STDOUT = 1;

/** So many characters are gathered before they are written. */
const GATHERED = 65_536;

/** What text is written to. */
export interface Answer {
  /** Wait for it in a loop, so that a slow reader does not fill the memory. */
  write(text: string): Promise<void>;
  /** Writes a line. */
  line(text?: string): Promise<void>;
}

/** An answer that is to be a file: all of it, or nothing. */
export class GatheredAnswer implements Answer {
  readonly #texts: string[] = [];

  async write(text: string): Promise<void> {
    this.#texts.push(text);
  }

  async line(text = ''): Promise<void> {
    this.#texts.push(`${text}\n`);
  }

  get text(): string {
    return this.#texts.join('');
  }
}

/** Where a command writes its answer. */
export class Output implements Answer {
  readonly #stream: NodeJS.WriteStream = process.stdout;
  readonly #isFile: boolean = isRegular(STDOUT);
  #texts: string[] = [];
  #length = 0;

  constructor() {
    this.#stream.on('error', endAfterFailure);
  }

  /** Whether a person reads it. */
  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** The number of columns; Infinity where it is not a terminal. */
  get columns(): number {
    return this.isTerminal ? this.#stream.columns || 80 : Number.POSITIVE_INFINITY;
  }

  get stream(): NodeJS.WriteStream {
    return this.#stream;
  }

  /** Writes text, at the latest at the end. Wait for it in a loop, so that a slow reader does not fill the memory. */
  async write(text: string): Promise<void> {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length >= GATHERED) await this.flush();
  }

  /** Writes a line. */
  async line(text = ''): Promise<void> {
    await this.write(`${text}\n`);
  }

  /** Writes bytes as they are. */
  async bytes(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await this.#send(bytes);
  }

  /** Writes what was gathered. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const text = this.#texts.join('');
    this.#texts = [];
    this.#length = 0;
    await this.#send(Buffer.from(text));
  }

  #send(bytes: Uint8Array): Promise<void> {
    if (this.#isFile) return writeWhole(bytes);
    return new Promise((resolve) => {
      this.#stream.write(bytes, () => resolve());
    });
  }
}

function isRegular(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

async function writeWhole(bytes: Uint8Array): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
  } catch (error) {
    endAfterFailure(error as NodeJS.ErrnoException);
  }
}

/** Nobody reads any more: that is how `head` ends a command, and nothing went wrong. Everything else did. */
function endAfterFailure(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(exits.yes);
  const why = sentences[error.code ?? ''] ?? error.message;
  process.stderr.write(`ipverdict: The output cannot be written: ${why}.\n`);
  process.exit(exits.unusable);
}

const sentences: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EFBIG: 'it would be larger than a file may be here',
  EDQUOT: 'the quota of the disk is used up',
  EIO: 'the device failed',
  EBADF: 'it is closed',
};
