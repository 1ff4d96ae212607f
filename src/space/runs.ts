/**
 * Runs: the address space cut wherever another entry decides, or wherever a label changes.
 *
 * {@link decideRuns} is the only sweep in the project. Among the entries that cover an address, favoured ones outrank
 * the rest; then the one with the fewest addresses decides, and ties go to the first. Rules may rank them otherwise.
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

/** The first address of all; a typed array like most columns, so that the code for them stays the same. */
const zero: Int32Array = /* @__PURE__ */ new Int32Array(4);

/** Builds runs in ascending order. A start at the same address replaces the previous one. */
export class RunColumns {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: RunColumns = /* @__PURE__ */ new RunColumns(1);

  readonly #width: number;
  readonly #starts: Column;
  readonly #labels: Column;

  /** Makes columns with room for this many runs before they have to grow. */
  constructor(width: number, room = 0) {
    this.#width = width;
    this.#starts = new Column(room * width);
    this.#labels = new Column(room);
    this.start(zero, 0, 0);
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
 * Owners below a number come first, then the fewest addresses, then the first owner. Or a function: whether the interval at the
 * left position outranks the one at the right.
 */
export type Ranking = number | ((left: number, right: number) => boolean);

/** Each node of the heap is three numbers: the nodes on its left and right, and its depth. Node 0 is none. */
const LEFT = 0;
const RIGHT = 1;
/** How many nodes there are on the way down the right, which is never deeper than the left. */
const DEPTH = 2;

/**
 * Cuts the address space wherever another owner decides. n log n for intervals that overlap without nesting, else
 * linear.
 *
 * The intervals around the address that the sweep has reached are in a leftist heap, whose `top` outranks the others:
 * node n is the interval at position n − 1, and outranks all nodes below it. Nested intervals are a chain that costs
 * nothing to order, all others take log n. Below the top, some may have ended already.
 *
 * @param ranking - owners below this number outrank all others, as exemptions do; or another ranking
 * @param labelOf - the label of an owner, and of its interval at a position: 1 or more; 0 stands for nobody
 */
export function decideRuns(
  intervals: Intervals,
  ranking: Ranking,
  labelOf: (owner: number, at: number) => number,
): Runs {
  const { width, count, firsts, lasts, owners } = intervals;
  // An interval starts one run and ends one.
  const runs = new RunColumns(width, 2 * count + 1);
  const nodes = new Int32Array((count + 1) * 3);
  const next = new Int32Array(width);
  let top = 0;
  for (let at = 0; at <= count; at++) {
    while (top !== 0) {
      const ended = top - 1;
      if (at < count && compareAt(lasts, ended, firsts, at, width) >= 0) break;
      for (let word = 0; word < width; word++) next[word] = lasts[ended * width + word] as number;
      // Drops intervals that end no later than this one, until another decides.
      do {
        const right = nodes[top * 3 + RIGHT] as number;
        const left = nodes[top * 3 + LEFT] as number;
        top = right === 0 ? left : merge(nodes, intervals, ranking, left, right);
      } while (top !== 0 && compareAt(lasts, top - 1, lasts, ended, width) <= 0);
      const isLastAddress = increment(next, width);
      if (!isLastAddress) runs.start(next, 0, top === 0 ? 0 : labelOf(owners[top - 1] as number, top - 1));
    }
    if (at === count) break;
    const node = at + 1;
    const order = top === 0 ? -1 : compareAt(lasts, at, lasts, top - 1, width);
    nodes[node * 3 + DEPTH] = 1;
    if (top === 0 || outranksTop(intervals, ranking, at, top - 1, order)) {
      nodes[node * 3 + LEFT] = top;
      top = node;
      runs.start(firsts, at, labelOf(owners[at] as number, at));
    } else if (order > 0) {
      // One that ends no later than an interval that outranks it never decides.
      top = merge(nodes, intervals, ranking, top, node);
    }
  }
  return runs.finish();
}

/** Cuts the address space wherever intervals begin or cease to cover it: label 1 inside, 0 outside. */
export function coveredRuns(intervals: Intervals): Runs {
  return decideRuns(intervals, 0, () => 1);
}

/** Whether the next interval in order outranks the top, where `order` compares their last addresses. */
function outranksTop(
  intervals: Intervals,
  ranking: Ranking,
  at: number,
  top: number,
  order: number,
): boolean {
  const { owners } = intervals;
  // It starts no earlier, so if it ends before, it is smaller.
  if (typeof ranking === 'number' && order < 0) {
    if ((owners[top] as number) >= ranking || (owners[at] as number) < ranking) return true;
  }
  return outranks(intervals, ranking, at, top);
}

export function outranks(intervals: Intervals, ranking: Ranking, left: number, right: number): boolean {
  if (typeof ranking !== 'number') return ranking(left, right);
  const { owners, firsts, lasts, width } = intervals;
  const leftOwner = owners[left] as number;
  const rightOwner = owners[right] as number;
  if (leftOwner < ranking !== rightOwner < ranking) return leftOwner < ranking;
  const difference = compareSizes(firsts, lasts, left, right, width);
  return difference === 0 ? leftOwner < rightOwner : difference < 0;
}

/** Merges two heaps into one, and returns its top. */
function merge(
  nodes: Int32Array,
  intervals: Intervals,
  ranking: Ranking,
  one: number,
  other: number,
): number {
  if (one === 0 || other === 0) return one + other;
  const isFirst = outranks(intervals, ranking, one - 1, other - 1);
  const top = isFirst ? one : other;
  const below = isFirst ? other : one;
  const left = nodes[top * 3 + LEFT] as number;
  const right = merge(nodes, intervals, ranking, nodes[top * 3 + RIGHT] as number, below);
  const isDeeper = (nodes[left * 3 + DEPTH] as number) < (nodes[right * 3 + DEPTH] as number);
  nodes[top * 3 + LEFT] = isDeeper ? right : left;
  nodes[top * 3 + RIGHT] = isDeeper ? left : right;
  nodes[top * 3 + DEPTH] = (nodes[(isDeeper ? left : right) * 3 + DEPTH] as number) + 1;
  return top;
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
