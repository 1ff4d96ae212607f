/**
 * Walks runs of addresses, and cuts them into the fewest prefixes.
 *
 * Runs stand for clients, and no client has an address in the IPv4-mapped block `::ffff:0:0/96`. So the block is free: it
 * is included where that gives fewer prefixes, and left out everywhere else. By itself it could only be written as text
 * that means all of IPv4.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import {
  compareAt,
  compareWords,
  decrement,
  increment,
  lastOf,
  trailingZeros,
  type Words,
} from '../address/words.ts';
import { lastAtOrBefore } from './locate.ts';
import { combineRuns, type Runs } from './runs.ts';

/** Receives a prefix; the words are reused for the next one. */
type PrefixVisitor = (words: Int32Array, length: number) => void;

/**
 * Visits the fewest prefixes that hold the addresses from `first` to `last`, in ascending order; `last` is not below
 * `first`.
 */
export function eachPrefix(first: Words, last: Words, width: number, visit: PrefixVisitor): void {
  const start = new Int32Array(width);
  for (let word = 0; word < width; word++) start[word] = first[word] as number;
  const stop = new Int32Array(width);
  for (;;) {
    // The widest prefix that starts here: as wide as its trailing zeros allow, but not past the end.
    let length = width * 32 - trailingZeros(start, width);
    lastOf(start, length, width, stop);
    while (compareWords(stop, last, width) > 0) lastOf(start, ++length, width, stop);
    visit(start, length);
    if (compareWords(stop, last, width) === 0) return;
    start.set(stop);
    increment(start, width);
  }
}

/** Visits the first and last address of all runs except those labelled 0, in ascending order. */
export function eachRunOf(
  family: Family,
  runs: Runs,
  visit: (first: Int32Array, last: Int32Array) => void,
): void {
  eachRun(family, runs, visit, 0);
}

/** Visits the first and last address of all runs, in ascending order, with their labels; but for those with one label. */
export function eachRun(
  family: Family,
  { count, starts, labels }: Runs,
  visit: (first: Int32Array, last: Int32Array, label: number) => void,
  passedOver?: number,
): void {
  const width = wordsOf(family);
  for (let run = 0; run < count; run++) {
    const label = labels[run] as number;
    if (label === passedOver) continue;
    const first = starts.slice(run * width, (run + 1) * width);
    const last = new Int32Array(width).fill(-1);
    if (run + 1 < count) {
      last.set(starts.subarray((run + 1) * width, (run + 2) * width));
      decrement(last, width);
    }
    visit(first, last, label);
  }
}

/** The IPv4-mapped block is labelled 1. */
export const MAPPED_BLOCK: Runs = {
  count: 3,
  starts: /* @__PURE__ */ Int32Array.of(0, 0, 0, 0, 0, 0, 0xffff, 0, 0, 0, 0x1_0000, 0),
  labels: /* @__PURE__ */ Int32Array.of(0, 1, 0),
};
const BLOCK_START = 1;
const BLOCK_END = 2;

/**
 * `::fffc:0:0`, the start of `::fffc:0:0/94`, whose last quarter is the block: the smallest prefix that is one prefix with
 * the block and more without it. Half of it, `::fffe:0:0/95`, is one prefix either way.
 */
const ROOM_START = [0, 0, 0xfffc, 0];

/** Whether a set is written with the IPv4-mapped block. Depends only on what is outside the block. */
export function includesBlock({ count, starts, labels }: Runs): boolean {
  const run = lastAtOrBefore(starts, count, ROOM_START, 0, 4);
  if (labels[run] === 0) return false;
  return run + 1 === count || compareAt(starts, run + 1, MAPPED_BLOCK.starts, BLOCK_START, 4) >= 0;
}

/**
 * Adds the IPv4-mapped block to a set of IPv6 addresses or takes it out, whichever gives fewer prefixes. All runs of the
 * set are labelled 1, the others 0. Returns the argument itself when it is right already.
 */
export function settleBlock(runs: Runs): Runs {
  const { count, starts, labels } = runs;
  const label = includesBlock(runs) ? 1 : 0;
  const run = lastAtOrBefore(starts, count, MAPPED_BLOCK.starts, BLOCK_START, 4);
  const isWhole = run + 1 === count || compareAt(starts, run + 1, MAPPED_BLOCK.starts, BLOCK_END, 4) >= 0;
  if (isWhole && labels[run] === label) return runs;
  return combineRuns(6, runs, MAPPED_BLOCK, (own, block) => (block === 1 ? label : own) === 1);
}

/**
 * Visits the fewest prefixes of a set, in ascending order: of all runs labelled 1, where the others are labelled 0.
 */
export function eachPrefixOf(family: Family, given: Runs, visit: PrefixVisitor): void {
  const width = wordsOf(family);
  const runs = family === 6 ? settleBlock(given) : given;
  eachRunOf(family, runs, (first, last) => eachPrefix(first, last, width, visit));
}
