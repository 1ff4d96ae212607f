/**
 * Which entries the clients of a log were in. The ends of the intervals cut the addresses of each family into pieces,
 * and a client marks the piece that it is in. So a log of any length takes no more memory than the list.
 */

import { scanClient, scanned } from '../address/scanner.ts';
import { compareAt, increment } from '../address/words.ts';
import { makeProblem, type Problem } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import type { Intervals } from '../space/intervals.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import type { PlannedList } from './fixes.ts';
import type { Report } from './rules.ts';

/** The pieces of one family, and which of them had a client. */
class Pieces {
  readonly #intervals: Intervals;
  /** First addresses of the pieces, in order. Where several are equal, only the last of the pieces has addresses. */
  readonly #starts: Int32Array;
  readonly #count: number;
  /** 1 for each piece that had a client, after one for the addresses before the first piece. */
  readonly #hits: Int32Array;

  constructor(intervals: Intervals) {
    const { width, count, firsts, lasts } = intervals;
    const points = new Int32Array(count * 2 * width);
    points.set(firsts);
    let size = count;
    for (let at = 0; at < count; at++) {
      const next = lasts.slice(at * width, at * width + width);
      // No piece starts after the last address of the family.
      if (!increment(next, width)) points.set(next, size++ * width);
    }
    const order = Int32Array.from({ length: size }, (_, at) => at);
    order.sort((left, right) => compareAt(points, left, points, right, width));
    this.#intervals = intervals;
    this.#starts = new Int32Array(size * width);
    this.#count = size;
    this.#hits = new Int32Array(size + 1);
    order.forEach((from, at) => {
      this.#starts.set(points.subarray(from * width, from * width + width), at * width);
    });
  }

  /** Marks the piece of the address in `scanned`. */
  mark(): void {
    this.#hits[this.#locate(scanned, 0) + 1] = 1;
  }

  /** Marks the entries that a client was in. To be called once, after all clients. */
  markEntries(used: Uint8Array): void {
    const { count, firsts, lasts, owners } = this.#intervals;
    const sums = this.#hits;
    for (let piece = 0; piece < this.#count; piece++) {
      sums[piece + 1] = (sums[piece + 1] as number) + (sums[piece] as number);
    }
    for (let at = 0; at < count; at++) {
      const before = sums[this.#locate(firsts, at)] as number;
      const after = sums[this.#locate(lasts, at) + 1] as number;
      if (after > before) used[owners[at] as number] = 1;
    }
  }

  #locate(words: ArrayLike<number>, at: number): number {
    return lastAtOrBefore(this.#starts, this.#count, words, at, this.#intervals.width);
  }
}

/** More clients than any log given to lint has; a longer iterable is treated as endless. */
const MAX_CLIENTS = 10_000_000;

/**
 * Finds entries that none of the clients was in, and returns whether that is known: it is not when the clients could not
 * be read to the end, which is added to the problems, or when none of them is an address.
 * @internal
 */
export function checkClients(
  { reading, families }: PlannedList,
  clients: Iterable<unknown> | undefined,
  report: Report,
  problems: Problem[],
): boolean {
  if (clients === undefined) return false;
  const [ipv4, ipv6] = [new Pieces(families[0]), new Pieces(families[1])];
  let position = 0;
  let isAnybody = false;
  try {
    for (const client of clients) {
      if (++position > MAX_CLIENTS) throw new RangeError(`more than ${MAX_CLIENTS} clients`);
      const family = scanClient(client);
      if (family === 0) continue;
      isAnybody = true;
      (family === 4 ? ipv4 : ipv6).mark();
    }
  } catch (cause) {
    const message = `the clients could not be read to the end, so no entry is reported as unused: ${messageOf(cause)}`;
    problems.push(makeProblem('error', 'unreadable', message, 'clients', Math.max(position, 1), 1, ''));
    return false;
  }
  if (!isAnybody) return false;
  const used = new Uint8Array(reading.table.size);
  ipv4.markEntries(used);
  ipv6.markEntries(used);
  used.forEach((isUsed, entry) => {
    if (isUsed === 0) report('unused', entry, 'none of the clients came from there');
  });
  return true;
}
