/**
 * Runs: the address space cut wherever another entry decides, or wherever a label changes.
 *
 * {@link decideRuns} is the only sweep in the project. Among the entries that cover an address, favoured ones outrank
 * the rest; then the one with the fewest addresses decides, and ties go to the first. Ranges may overlap in any way.
 *
 * ```
 * owner 0  10.0.0.0/8      ├───────────────────────────────┤
 * owner 1  10.1.0.0/16          ├────────┤
 * owner 2  10.1.2.0/24             ├──┤
 * label                0   │ 1  │2 │3 │2 │       1         │ 0     owner + 1 here, 0 for nobody
 * ```
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { compareAt, compareSizes, increment, type Words } from '../address/words.ts';
import { Column } from './column.ts';
import type { Intervals } from './intervals.ts';

/** Stretches of the address space: `labels[i]` applies from `starts[i]` up to the next start. The first starts at 0. */
export interface Runs {
  readonly count: number;
  /** First address of each run, 1 or 4 words. */
  readonly starts: Int32Array;
  readonly labels: Int32Array;
}

/** The runs of both families. */
export interface FamilyRuns {
  readonly ipv4: Runs;
  readonly ipv6: Runs;
}

/** Builds runs in ascending order. A start at the same address replaces the previous one. */
export class RunColumns {
  readonly #width: number;
  readonly #starts: Column = new Column();
  readonly #labels: Column = new Column();

  constructor(width: number) {
    this.#width = width;
    this.start([0, 0, 0, 0], 0, 0);
  }

  /** Starts a run at the address at a place of a column; neighbours with one label become one run. */
  start(words: Words, at: number, label: number): void {
    const width = this.#width;
    const starts = this.#starts;
    const labels = this.#labels;
    if (labels.length > 0 && compareAt(starts.values, labels.length - 1, words, at, width) === 0) {
      labels.length--;
      starts.length -= width;
    }
    if (labels.length > 0 && labels.values[labels.length - 1] === label) return;
    starts.append(words, at, width);
    labels.push(label);
  }

  finish(): Runs {
    return { count: this.#labels.length, starts: this.#starts.trim(), labels: this.#labels.trim() };
  }
}

/**
 * Cuts the address space wherever another owner decides. n log n for intervals that overlap without nesting, else
 * linear.
 *
 * @param favoured - owners below this number outrank all others, as exemptions do
 * @param labelOf - the label of an owner, 1 or more; 0 stands for nobody
 */
export function decideRuns(intervals: Intervals, favoured: number, labelOf: (owner: number) => number): Runs {
  const { width, count, firsts, lasts, owners } = intervals;
  const runs = new RunColumns(width);
  const open = new OpenIntervals(intervals, favoured);
  const next = new Int32Array(width);
  for (let at = 0; at <= count; at++) {
    for (let ended = open.decider; ended >= 0; ended = open.decider) {
      if (at < count && compareAt(lasts, ended, firsts, at, width) >= 0) break;
      for (let word = 0; word < width; word++) next[word] = lasts[ended * width + word] as number;
      open.closeUpTo(ended);
      const { decider } = open;
      const isLastAddress = increment(next, width);
      if (!isLastAddress) runs.start(next, 0, decider < 0 ? 0 : labelOf(owners[decider] as number));
    }
    if (at < count && open.add(at)) runs.start(firsts, at, labelOf(owners[at] as number));
  }
  return runs.finish();
}

/** The intervals around the address that the sweep has reached: a heap with the one that outranks all others on top. */
class OpenIntervals {
  readonly #intervals: Intervals;
  readonly #favoured: number;
  /** Positions. Below the top, some may have ended already. */
  readonly #heap: number[] = [];

  constructor(intervals: Intervals, favoured: number) {
    this.#intervals = intervals;
    this.#favoured = favoured;
  }

  /** Position of the interval that decides, or −1. */
  get decider(): number {
    return this.#heap.length === 0 ? -1 : (this.#heap[0] as number);
  }

  /** Adds the next interval in order; returns whether it decides from here on. */
  add(added: number): boolean {
    const { width, lasts } = this.#intervals;
    const { decider } = this;
    const decides = decider < 0 || this.#outranks(added, decider);
    // An interval that ends no later than one that outranks it never decides.
    if (!decides && compareAt(lasts, added, lasts, decider, width) <= 0) return false;
    const heap = this.#heap;
    let at = heap.push(added) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!decides && !this.#outranks(added, heap[parent] as number)) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = added;
    return decides;
  }

  /** Drops intervals that end no later than one that has ended, until another decides. */
  closeUpTo(ended: number): void {
    const { width, lasts } = this.#intervals;
    while (this.decider >= 0 && compareAt(lasts, this.decider, lasts, ended, width) <= 0) this.#pop();
  }

  #pop(): void {
    const heap = this.#heap;
    const moved = heap.pop() as number;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = at * 2 + 1) {
      if (child + 1 < heap.length && this.#outranks(heap[child + 1] as number, heap[child] as number))
        child++;
      if (!this.#outranks(heap[child] as number, moved)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = moved;
  }

  #outranks(left: number, right: number): boolean {
    const { owners, firsts, lasts, width } = this.#intervals;
    const leftOwner = owners[left] as number;
    const rightOwner = owners[right] as number;
    if (leftOwner < this.#favoured !== rightOwner < this.#favoured) return leftOwner < this.#favoured;
    const difference = compareSizes(firsts, lasts, left, right, width);
    return difference === 0 ? leftOwner < rightOwner : difference < 0;
  }
}

/**
 * The set of addresses whose two labels are picked, in one sweep over both runs: 1 inside, 0 outside.
 * @internal
 */
export function combineRuns(
  family: Family,
  left: Runs,
  right: Runs,
  picks: (leftLabel: number, rightLabel: number) => boolean,
): Runs {
  const width = wordsOf(family);
  const runs = new RunColumns(width);
  let [leftRun, rightRun] = [0, 0];
  let { starts } = left;
  let at = 0;
  for (;;) {
    const isPicked = picks(left.labels[leftRun] as number, right.labels[rightRun] as number);
    runs.start(starts, at, isPicked ? 1 : 0);
    const isLeftDone = leftRun + 1 === left.count;
    const isRightDone = rightRun + 1 === right.count;
    if (isLeftDone && isRightDone) return runs.finish();
    let order = isLeftDone ? 1 : -1;
    if (!isLeftDone && !isRightDone)
      order = compareAt(left.starts, leftRun + 1, right.starts, rightRun + 1, width);
    if (order <= 0) leftRun++;
    if (order >= 0) rightRun++;
    starts = order <= 0 ? left.starts : right.starts;
    at = order <= 0 ? leftRun : rightRun;
  }
}
