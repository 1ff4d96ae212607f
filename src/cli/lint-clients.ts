/**
 * The clients of a log: the first field of each line. The log may be of any length and in any encoding, so it is read as
 * bytes, and only the different clients are kept.
 */

import { scanClient } from '../address/scanner.ts';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';
import { openLog, sizeOfLogs } from './logs.ts';
import type { Notices } from './notices.ts';
import { grouped } from './style.ts';

const AT_ONCE = 1 << 18;

/** As many as lint takes. */
const MOST = 10_000_000;

/** Longer than an address with any zone that a system gives. */
const LONGEST = 256;

const FEED = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;

const NOTHING = Buffer.alloc(0);

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
  #rest: Buffer = NOTHING;
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
      if (this.#rest.length === 0 && !this.#isPast) this.#takeWhole(chunk, start, end);
      else {
        this.#takePart(chunk, start, end);
        this.#endLine();
      }
      this.lines++;
      start = end + 1;
    }
    this.#takePart(chunk, start, chunk.length);
  }

  /** Takes the field of a line, or of the rest of one that has begun with blanks. Nearly all lines come this way. */
  #takeWhole(chunk: Buffer, start: number, end: number): void {
    const last = end > start && chunk[end - 1] === RETURN ? end - 1 : end;
    let from = start;
    while (from < last && isBlank(chunk[from])) from++;
    let to = from;
    while (to < last && !isBlank(chunk[to]) && to - from <= LONGEST) to++;
    if (to > from && to - from <= LONGEST) this.#add(chunk.toString('latin1', from, to));
  }

  /** Keeps what there is of the field of a line that goes on. */
  #takePart(chunk: Buffer, start: number, end: number): void {
    if (this.#isPast) return;
    let from = start;
    if (this.#rest.length === 0) while (from < end && isBlank(chunk[from])) from++;
    let to = from;
    while (to < end && !isBlank(chunk[to]) && to - from <= LONGEST) to++;
    if (to > from) this.#rest = Buffer.concat([this.#rest, chunk.subarray(from, to)]);
    this.#isPast = to < end || this.#rest.length > LONGEST;
  }

  /** Takes what was kept. */
  #endLine(): void {
    const { length } = this.#rest;
    if (!this.#isPast) this.#takeWhole(this.#rest, 0, length);
    else if (length > 0 && length <= LONGEST) this.#add(this.#rest.toString('latin1'));
    this.#rest = NOTHING;
    this.#isPast = false;
  }

  #add(client: string): void {
    this.#clients.add(client);
    if (this.#clients.size > MOST)
      throw new CommandError(`${nameOf(this.#file)} has more than ${grouped(MOST)} different clients.`);
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
