/**
 * Which entries the clients of a log were in. The ends of the intervals cut the addresses of each family into pieces,
 * and a client marks the piece that it is in. So a log of any length takes no more memory than the list.
 */

import { compareAt, increment } from '../address/words.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { eachItem, messageOf } from '../problem/foreign.ts';
import type { Intervals } from '../space/intervals.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import { RunColumns, type Runs } from '../space/runs.ts';
import { buildRadix } from '../tree/build.ts';
import { findLabel, NO_ADDRESS } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import type { PlannedList } from './fixes.ts';
import type { Report } from './rules.ts';

/** The pieces of both families as a tree, and which of them had a client. */
class Pieces {
  readonly #families: readonly [ipv4: Intervals, ipv6: Intervals];
  readonly #runs: readonly [ipv4: Runs, ipv6: Runs];
  readonly #radix: Radix;
  /** 1 for each label whose piece had a client; pieces are labelled from 1 in order, IPv4 before IPv6. */
  readonly #hits: Int32Array;

  constructor(families: readonly [ipv4: Intervals, ipv6: Intervals]) {
    const ipv4 = cutAtEnds(families[0], 1);
    const ipv6 = cutAtEnds(families[1], 1 + lastLabel(ipv4));
    this.#families = families;
    this.#runs = [ipv4, ipv6];
    this.#radix = buildRadix(ipv4, ipv6);
    this.#hits = new Int32Array(1 + Math.max(lastLabel(ipv4), lastLabel(ipv6)));
  }

  /** Marks the piece of a client; returns whether it is an address. */
  mark(client: unknown): boolean {
    const label = findLabel(this.#radix, client);
    if (label > 0) this.#hits[label] = 1;
    return label !== NO_ADDRESS;
  }

  /** Marks the entries that a client was in. Call it once, after all clients. */
  markEntries(used: Uint8Array): void {
    const sums = this.#hits;
    for (let label = 1; label < sums.length; label++) {
      sums[label] = (sums[label] as number) + (sums[label - 1] as number);
    }
    this.#families.forEach(({ width, count, firsts, lasts, owners }, family) => {
      const { count: size, starts, labels } = this.#runs[family as 0 | 1];
      const labelAt = (words: Int32Array, at: number): number =>
        labels[lastAtOrBefore(starts, size, words, at, width)] as number;
      for (let at = 0; at < count; at++) {
        const before = sums[labelAt(firsts, at) - 1] as number;
        if ((sums[labelAt(lasts, at)] as number) > before) used[owners[at] as number] = 1;
      }
    });
  }
}

function lastLabel({ count, labels }: Runs): number {
  return labels[count - 1] as number;
}

/** Runs that start where an interval starts and where one has ended, each with a label of its own. */
function cutAtEnds({ width, count, firsts, lasts }: Intervals, label: number): Runs {
  const points = new Int32Array(count * 2 * width);
  points.set(firsts);
  let size = count;
  for (let at = 0; at < count; at++) {
    const next = lasts.slice(at * width, at * width + width);
    // Nothing starts after the last address of the family.
    if (!increment(next, width)) points.set(next, size++ * width);
  }
  const order = Int32Array.from({ length: size }, (_, at) => at);
  order.sort((left, right) => compareAt(points, left, points, right, width));
  const runs = new RunColumns(width);
  order.forEach((point, at) => {
    runs.start(points, point, label + at);
  });
  return runs.finish();
}

/** More clients than any log that lint is given; a longer iterable is treated as endless. */
const MAX_CLIENTS = 10_000_000;

/**
 * Finds entries that none of the clients was in, and returns whether they are known. They are not when the clients
 * could not be read to the end, which is added to the problems, or when none of them is an address.
 */
export function checkClients(
  { reading, families }: PlannedList,
  clients: Iterable<unknown> | undefined,
  report: Report,
  problems: Problem[],
): boolean {
  if (clients === undefined) return false;
  const pieces = new Pieces(families);
  let position = 0;
  let isAnybody = false;
  try {
    const isRead = eachItem(clients, MAX_CLIENTS, (client) => {
      position++;
      if (pieces.mark(client)) isAnybody = true;
    });
    if (!isRead) {
      position++;
      throw new RangeError(`more than ${MAX_CLIENTS} clients`);
    }
  } catch (cause) {
    const message = `the clients could not be read to the end, so no entry is reported as unused: ${messageOf(cause)}`;
    problems.push(problemOf({ source: 'clients', line: Math.max(position, 1) }, 'unreadable', message));
    return false;
  }
  if (!isAnybody) return false;
  const used = new Uint8Array(reading.table.size);
  pieces.markEntries(used);
  used.forEach((isUsed, entry) => {
    if (isUsed === 0) report('unused', entry, 'none of the clients came from there');
  });
  return true;
}
