/**
 * Which entries the clients of a log have been in: the addresses of each family are cut at the ends of the intervals,
 * and a client marks the piece that it is in. So a log of any length takes no more memory than the list.
 */

import { scanClient, scanned } from '../address/scanner.ts';
import { compareAt, increment } from '../address/words.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { eachItem, messageOf } from '../problem/foreign.ts';
import type { Intervals } from '../space/intervals.ts';
import type { PlannedList } from './fixes.ts';
import type { Report } from './rules.ts';

/** The pieces of one family, and which of them have had a client. */
class Pieces {
  readonly #width: number;
  /** First addresses of the pieces, in order; what lies before the first one is in no interval. */
  readonly #starts: Int32Array;
  readonly #count: number;
  /** Whether a client was in the piece; and, once all have been seen, how many pieces up to here had one. */
  readonly #hits: Uint8Array;
  #sums: Int32Array | undefined;

  constructor({ width, count, firsts, lasts }: Intervals) {
    const points = new Int32Array(count * 2 * width);
    points.set(firsts);
    let size = count;
    for (let at = 0; at < count; at++) {
      const behind = lasts.slice(at * width, at * width + width);
      // Behind the last address there is none.
      if (!increment(behind, width)) points.set(behind, size++ * width);
    }
    const order = Int32Array.from({ length: size }, (_, at) => at);
    order.sort((left, right) => compareAt(points, left, points, right, width));
    this.#width = width;
    this.#starts = new Int32Array(size * width);
    this.#count = size;
    order.forEach((from, at) => {
      this.#starts.set(points.subarray(from * width, from * width + width), at * width);
    });
    this.#hits = new Uint8Array(size);
  }

  /** Marks the piece of the address in `scanned`; answers whether it is the first client there. */
  mark(): boolean {
    const piece = this.#locate(scanned, 0);
    if (piece < 0 || this.#hits[piece] === 1) return false;
    this.#hits[piece] = 1;
    return true;
  }

  /** Whether a client was in an interval. */
  isHit({ firsts, lasts }: Intervals, at: number): boolean {
    this.#sums ??= sumUp(this.#hits);
    const before = this.#sums[this.#locateFirst(firsts, at)] as number;
    return (this.#sums[this.#locate(lasts, at) + 1] as number) > before;
  }

  /** Index of the last piece that starts at an address or before it; of several empty ones the last, which has it. */
  #locate(words: Int32Array, at: number): number {
    let below = -1;
    for (let above = this.#count; above - below > 1; ) {
      const middle = (below + above) >>> 1;
      if (compareAt(this.#starts, middle, words, at, this.#width) <= 0) below = middle;
      else above = middle;
    }
    return below;
  }

  /** Index of the first piece that starts at an address that is a start. */
  #locateFirst(words: Int32Array, at: number): number {
    let below = -1;
    for (let above = this.#count; above - below > 1; ) {
      const middle = (below + above) >>> 1;
      if (compareAt(this.#starts, middle, words, at, this.#width) < 0) below = middle;
      else above = middle;
    }
    return below + 1;
  }
}

function sumUp(hits: Uint8Array): Int32Array {
  const sums = new Int32Array(hits.length + 1);
  for (let piece = 0; piece < hits.length; piece++) {
    sums[piece + 1] = (sums[piece] as number) + (hits[piece] as number);
  }
  return sums;
}

/** The clients of a log could not be read to their end. */
interface UnreadClients {
  /** The position that could not be read, from 1. */
  readonly position: number;
  readonly cause: unknown;
}

/** More than a log that is linted has lines; what goes on after it is treated as endless. */
const MAX_CLIENTS = 10_000_000;

/**
 * Reads clients, and answers which entries they were in; nothing can be said when there was no client at all.
 *
 * @param clients - any iterable; what is no address is nobody
 * @param families - the intervals of the list
 * @param size - number of entries
 * @returns 1 for each entry that a client was in, or why that is not known; `undefined` when nobody came
 * @internal
 */
export function findUsed(
  clients: Iterable<unknown>,
  families: readonly [Intervals, Intervals],
  size: number,
): Uint8Array | UnreadClients | undefined {
  const pieces = [new Pieces(families[0]), new Pieces(families[1])] as const;
  let position = 0;
  let isAnybody = false;
  try {
    const isRead = eachItem(clients, MAX_CLIENTS, (client) => {
      position++;
      const family = scanClient(client);
      if (family === 0) return;
      isAnybody = true;
      pieces[family === 4 ? 0 : 1].mark();
    });
    if (!isRead) return { position: position + 1, cause: new RangeError(`more than ${MAX_CLIENTS} clients`) };
  } catch (cause) {
    return { position: Math.max(position, 1), cause };
  }
  if (!isAnybody) return undefined;
  const used = new Uint8Array(size);
  families.forEach((intervals, family) => {
    for (let at = 0; at < intervals.count; at++) {
      if (pieces[family as 0 | 1].isHit(intervals, at)) used[intervals.owners[at] as number] = 1;
    }
  });
  return used;
}

/**
 * Finds entries that none of the clients was in, and answers whether that could be said of any.
 * @internal
 */
export function checkClients(
  { reading, families }: PlannedList,
  clients: Iterable<unknown> | undefined,
  report: Report,
  problems: Problem[],
): boolean {
  if (clients === undefined) return false;
  const used = findUsed(clients, families, reading.table.size);
  if (used === undefined) return false;
  if (!(used instanceof Uint8Array)) {
    const message = `the clients could not be read any further, so that no entry is said to be unused: ${messageOf(used.cause)}`;
    problems.push(problemOf({ source: 'clients', line: used.position }, 'unreadable', message));
    return false;
  }
  used.forEach((isUsed, entry) => {
    if (isUsed === 0) report('unused', entry, 'none of the clients has come from there');
  });
  return true;
}
