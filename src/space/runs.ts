/**
 * Runs: the address space cut wherever another entry decides, or wherever a label changes.
 *
 * {@link decideRuns} is the only sweep in the project. Among the entries that cover an address, favoured ones outrank
 * the rest; then the one with the fewest addresses decides, and ties go to the first. Rules may have another ranking.
 * Ranges may overlap in any way.
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

/** Whether the interval at one position decides where both that and the one at another position could. */
export type Outranks = (left: number, right: number) => boolean;

/** The usual ranking: owners below `favoured`, then the fewest addresses, then the first owner. */
export function bySize(
  { owners, firsts, lasts, width }: Pick<Intervals, 'owners' | 'firsts' | 'lasts' | 'width'>,
  favoured: number,
): Outranks {
  return (left, right) => {
    const leftOwner = owners[left] as number;
    const rightOwner = owners[right] as number;
    if (leftOwner < favoured !== rightOwner < favoured) return leftOwner < favoured;
    const difference = compareSizes(firsts, lasts, left, right, width);
    return difference === 0 ? leftOwner < rightOwner : difference < 0;
  };
}

/**
 * Cuts the address space wherever another owner decides. n log n for intervals that overlap without nesting, else
 * linear.
 *
 * @param favoured - owners below this number outrank all others, as exemptions do
 * @param labelOf - the label of an owner, and of its interval at a position: 1 or more; 0 stands for nobody
 * @param outranks - the ranking, if it is not the usual one
 */
export function decideRuns(
  intervals: Intervals,
  favoured: number,
  labelOf: (owner: number, at: number) => number,
  outranks: Outranks = bySize(intervals, favoured),
): Runs {
  const { width, count, firsts, lasts, owners } = intervals;
  const runs = new RunColumns(width);
  const open = new OpenIntervals(intervals, outranks);
  const next = new Int32Array(width);
  for (let at = 0; at <= count; at++) {
    for (let ended = open.decider; ended >= 0; ended = open.decider) {
      if (at < count && compareAt(lasts, ended, firsts, at, width) >= 0) break;
      for (let word = 0; word < width; word++) next[word] = lasts[ended * width + word] as number;
      open.closeUpTo(ended);
      const { decider } = open;
      const isLastAddress = increment(next, width);
      if (!isLastAddress) runs.start(next, 0, decider < 0 ? 0 : labelOf(owners[decider] as number, decider));
    }
    if (at < count && open.add(at)) runs.start(firsts, at, labelOf(owners[at] as number, at));
  }
  return runs.finish();
}

/** Each node of the heap is three numbers: the nodes on its left and right, and its depth. Node 0 is none. */
const LEFT = 0;
const RIGHT = 1;
/** How many nodes there are on the way down the right, which is never deeper than the left. */
const DEPTH = 2;

/**
 * The intervals around the address that the sweep has reached, in a leftist heap: node n is the interval at position
 * n − 1, and outranks all nodes below it. Nested intervals are a chain that costs nothing to order, all others take
 * log n. Below the top, some may have ended already.
 */
class OpenIntervals {
  readonly #intervals: Intervals;
  readonly #outranks: Outranks;
  readonly #nodes: Int32Array;
  #top = 0;

  constructor(intervals: Intervals, outranks: Outranks) {
    this.#intervals = intervals;
    this.#outranks = outranks;
    this.#nodes = new Int32Array((intervals.count + 1) * 3);
  }

  /** Position of the interval that decides, or −1. */
  get decider(): number {
    return this.#top - 1;
  }

  /** Adds the next interval in order; returns whether it decides from here on. */
  add(at: number): boolean {
    const { width, lasts } = this.#intervals;
    const node = at + 1;
    const top = this.#top;
    this.#nodes[node * 3 + DEPTH] = 1;
    if (top === 0 || this.#outranks(at, top - 1)) {
      this.#nodes[node * 3 + LEFT] = top;
      this.#top = node;
      return true;
    }
    // An interval that ends no later than one that outranks it never decides.
    if (compareAt(lasts, at, lasts, top - 1, width) > 0) this.#top = this.#merge(top, node);
    return false;
  }

  /** Drops intervals that end no later than one that has ended, until another decides. */
  closeUpTo(ended: number): void {
    const { width, lasts } = this.#intervals;
    const nodes = this.#nodes;
    let top = this.#top;
    while (top !== 0 && compareAt(lasts, top - 1, lasts, ended, width) <= 0) {
      top = this.#merge(nodes[top * 3 + LEFT] as number, nodes[top * 3 + RIGHT] as number);
    }
    this.#top = top;
  }

  #merge(one: number, other: number): number {
    if (one === 0 || other === 0) return one + other;
    const nodes = this.#nodes;
    const [top, below] = this.#outranks(one - 1, other - 1) ? [one, other] : [other, one];
    const left = nodes[top * 3 + LEFT] as number;
    const right = this.#merge(nodes[top * 3 + RIGHT] as number, below);
    const isDeeper = (nodes[left * 3 + DEPTH] as number) < (nodes[right * 3 + DEPTH] as number);
    nodes[top * 3 + LEFT] = isDeeper ? right : left;
    nodes[top * 3 + RIGHT] = isDeeper ? left : right;
    nodes[top * 3 + DEPTH] = (nodes[(isDeeper ? left : right) * 3 + DEPTH] as number) + 1;
    return top;
  }
}

/**
 * Lays runs over each other, in one sweep over both: the label of each pair of labels, or 1 for those that are picked and
 * 0 for the others.
 */
export function combineRuns(
  family: Family,
  left: Runs,
  right: Runs,
  picks: (leftLabel: number, rightLabel: number) => boolean | number,
): Runs {
  const width = wordsOf(family);
  const runs = new RunColumns(width);
  let [leftRun, rightRun] = [0, 0];
  let { starts } = left;
  let at = 0;
  for (;;) {
    const picked = picks(left.labels[leftRun] as number, right.labels[rightRun] as number);
    runs.start(starts, at, Number(picked));
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
