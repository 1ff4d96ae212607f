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

/**
 * An open interval, which outranks all below it. `depth` is the number of nodes on the way down the right, which is
 * never deeper than the left.
 */
interface Open {
  /** Its position. */
  readonly at: number;
  left: Open | undefined;
  right: Open | undefined;
  depth: number;
}

/**
 * The intervals around the address that the sweep has reached, in a leftist heap: nested ones are a chain that costs
 * nothing to order, all others take log n. Below the top, some may have ended already.
 */
class OpenIntervals {
  readonly #intervals: Intervals;
  readonly #favoured: number;
  #top: Open | undefined;

  constructor(intervals: Intervals, favoured: number) {
    this.#intervals = intervals;
    this.#favoured = favoured;
  }

  /** Position of the interval that decides, or −1. */
  get decider(): number {
    return this.#top?.at ?? -1;
  }

  /** Adds the next interval in order; returns whether it decides from here on. */
  add(at: number): boolean {
    const { width, lasts } = this.#intervals;
    const top = this.#top;
    const added: Open = { at, left: undefined, right: undefined, depth: 1 };
    if (top === undefined || this.#outranks(at, top.at)) {
      added.left = top;
      this.#top = added;
      return true;
    }
    // An interval that ends no later than one that outranks it never decides.
    if (compareAt(lasts, at, lasts, top.at, width) > 0) this.#top = this.#merge(top, added);
    return false;
  }

  /** Drops intervals that end no later than one that has ended, until another decides. */
  closeUpTo(ended: number): void {
    const { width, lasts } = this.#intervals;
    let top = this.#top;
    while (top !== undefined && compareAt(lasts, top.at, lasts, ended, width) <= 0) {
      top = this.#merge(top.left, top.right);
    }
    this.#top = top;
  }

  #merge(one: Open | undefined, other: Open | undefined): Open | undefined {
    if (one === undefined || other === undefined) return one ?? other;
    const [top, below] = this.#outranks(one.at, other.at) ? [one, other] : [other, one];
    const { left } = top;
    const right = this.#merge(top.right, below) as Open;
    const isDeeper = (left?.depth ?? 0) < right.depth;
    top.left = isDeeper ? right : left;
    top.right = isDeeper ? left : right;
    top.depth = (top.right?.depth ?? 0) + 1;
    return top;
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
