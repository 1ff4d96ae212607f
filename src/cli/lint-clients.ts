/**
 * The clients of a log: the first field of each line. The log may be of any length and in any encoding, so it is read as
 * bytes, and only the different clients are kept.
 */

import { scanClient } from '../address/scanner.ts';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';
import { openLog, sizeOfLogs } from './logs.ts';
import type { Notices } from './notices.ts';

const AT_ONCE = 1 << 18;

/** As many as lint takes. */
const MOST = 10_000_000;

/** Longer than an address with any zone that a system gives. */
const LONGEST = 256;

const FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

/** Reads the different clients of a log. */
export async function readClients(file: string, notices: Notices): Promise<Iterable<string>> {
  const fields = new FirstFields(file);
  const log = await openLog(file);
  const progress = notices.progress(sizeOfLogs([file]));
  const bytes = Buffer.alloc(AT_ONCE);
  try {
    for (;;) {
      const length = await log.read(bytes);
      if (length === 0) break;
      fields.take(bytes.subarray(0, length));
      progress.update(log.taken, fields.lines);
    }
  } finally {
    progress.clear();
    await log.close();
  }
  return fields.finish(notices);
}

/** Takes the first field of each line out of bytes that come in any portions. */
class FirstFields {
  readonly #file: string;
  readonly #clients: Set<string> = new Set();
  /** The start of the field that the last bytes ended in. */
  #rest: Buffer = Buffer.alloc(0);
  /** Whether what comes until the next line end is no longer of the first field. */
  #isPast = false;
  #isAnybody = false;
  lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(FEED); end >= 0; end = chunk.indexOf(FEED, start)) {
      this.#piece(chunk, start, end);
      this.#endLine();
      start = end + 1;
    }
    this.#piece(chunk, start, chunk.length);
  }

  /** Takes a part of a line. */
  #piece(chunk: Buffer, start: number, end: number): void {
    if (this.#isPast) return;
    let at = start;
    if (this.#rest.length === 0) while (at < end && isBlank(chunk[at])) at++;
    let to = at;
    while (to < end && !isBlank(chunk[to]) && to - at <= LONGEST) to++;
    if (to > at) this.#rest = Buffer.concat([this.#rest, chunk.subarray(at, to)]);
    this.#isPast = to < end || this.#rest.length > LONGEST;
  }

  #endLine(): void {
    this.lines++;
    let { length } = this.#rest;
    if (!this.#isPast && length > 0 && this.#rest[length - 1] === RETURN) length--;
    if (length > 0 && length <= LONGEST) this.#add(this.#rest.toString('latin1', 0, length));
    this.#rest = Buffer.alloc(0);
    this.#isPast = false;
  }

  #add(client: string): void {
    this.#clients.add(client);
    if (this.#clients.size > MOST)
      throw new CommandError(
        `${nameOf(this.#file)} has more than ${MOST.toLocaleString('en-US')} different clients.`,
      );
    this.#isAnybody ||= scanClient(client) > 0;
  }

  finish(notices: Notices): Iterable<string> {
    this.#endLine();
    if (!this.#isAnybody)
      notices.complain(
        `ipverdict: warning: no line of ${nameOf(this.#file)} starts with an address, so no entry is reported as unused.`,
      );
    return this.#clients;
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}
