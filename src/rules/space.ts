/**
 * Rules flattened: which entry of which rule decides where. The sweep is that of `space/runs.ts`, with another ranking.
 *
 * The entries of all lists are numbered in order: the exemptions, then the list of each rule. Where the `except` of a rule
 * takes something out of an entry, the entry takes part in pieces: what its own rule would decide by it, of all entries
 * that something is taken out of, and what is left of that. There are at most twice as many pieces as entries of the rule
 * and its `except` together, however they overlap. A piece ranks as the whole entry.
 */

import { compareAt, decrement } from '../address/words.ts';
import { Column } from '../space/column.ts';
import { type Intervals, ListIntervals, sortIntervals } from '../space/intervals.ts';
import { filter } from '../space/pick.ts';
import { combineRuns, coveredRuns, decideRuns, outranks, type Ranking, type Runs } from '../space/runs.ts';
import type { RuleOrder } from './input.ts';

/** A rule whose entries are cut before they take part. */
interface CutRule<Lists> {
  /** The number of its first entry. In both of its lists they are numbered from 0. */
  readonly first: number;
  readonly own: Lists;
  readonly except: Lists;
}

/** Both families, sorted. */
type Families = readonly [ipv4: Intervals, ipv6: Intervals];

/** The entries of all rules, as they come in. */
export class RuleSpace {
  /** The exemptions, and the rules that nothing is cut out of. */
  readonly whole: ListIntervals = new ListIntervals();
  readonly #cut: CutRule<ListIntervals>[] = [];

  /** Adds a rule with an `except`, whose first entry has this number. */
  cut(first: number): CutRule<ListIntervals> {
    const rule = { first, own: new ListIntervals(), except: new ListIntervals() };
    this.#cut.push(rule);
    return rule;
  }

  sort(): SortedRules {
    const cut = this.#cut.map(({ first, own, except }) => ({
      first,
      own: own.sort(),
      except: except.sort(),
    }));
    return { whole: this.whole.sort(), cut };
  }
}

/** The entries of all rules in order. */
export interface SortedRules {
  readonly whole: Families;
  readonly cut: readonly CutRule<Families>[];
}

/** How the entries are numbered, and which of them decides. */
export interface RuleNumbers {
  /** The list of each entry: 0 for the exemptions, then the rules from 1. */
  readonly listOf: Int32Array;
  readonly exemptions: number;
  readonly order: RuleOrder;
}

/** Cuts the address space of a family wherever another entry decides. n log n in all entries together. */
export function decideRules(
  rules: SortedRules,
  index: 0 | 1,
  numbers: RuleNumbers,
  labelOf: (entry: number) => number,
): Runs {
  const whole = rules.whole[index];
  const pieces = new Pieces(whole.width);
  for (const { first, own, except } of rules.cut) pieces.add(first, own[index], except[index]);
  const { intervals, sizes } = pieces.join(whole, numbers.listOf.length);
  return decideRuns(intervals, rankingOf(intervals, sizes, numbers), labelOf);
}

/** Exemptions first; then the first rule, if that is the order; then the fewest addresses, and the first entry. */
function rankingOf(
  { owners }: Intervals,
  sizes: Intervals,
  { listOf, exemptions, order }: RuleNumbers,
): Ranking {
  return (left, right) => {
    const difference =
      order === 'most-specific'
        ? 0
        : (listOf[owners[left] as number] as number) - (listOf[owners[right] as number] as number);
    return difference === 0 ? outranks(sizes, exemptions, left, right) : difference < 0;
  };
}

/** What is left of the entries of rules with an `except`. */
class Pieces {
  readonly #width: number;
  readonly #firsts: Column = new Column();
  readonly #lasts: Column = new Column();
  /** The entry of each piece, and the interval that it was cut from. */
  readonly #entries: Column = new Column();
  readonly #wholeFirsts: Column = new Column();
  readonly #wholeLasts: Column = new Column();

  constructor(width: number) {
    this.#width = width;
  }

  /** Adds the entries of a rule, the first of which has the number `start`. */
  add(start: number, own: Intervals, except: Intervals): void {
    const width = this.#width;
    const taken = coveredRuns(except);
    const isTouched = findTouched(own, taken);
    for (let at = 0; at < own.count; at++) {
      if (isTouched[at] === 0) this.#add(start, own, at, own.firsts, own.lasts, at);
    }
    if (!isTouched.includes(1)) return;
    const touched = filter(own, (at) => isTouched[at] === 1);
    const decided = decideRuns(touched, 0, (_, at) => at + 1);
    const isLeft = (label: number, isTaken: number): number => (isTaken === 0 ? label : 0);
    const { count, starts, labels }: Runs = combineRuns(own.family, decided, taken, isLeft);
    const last = new Int32Array(width);
    for (let run = 0; run < count; run++) {
      const at = (labels[run] as number) - 1;
      if (at < 0) continue;
      last.fill(-1);
      if (run + 1 < count) {
        for (let word = 0; word < width; word++) last[word] = starts[(run + 1) * width + word] as number;
        decrement(last, width);
      }
      this.#add(start, touched, at, starts.subarray(run * width), last, 0);
    }
  }

  /** Adds a piece of the interval at a position. */
  #add(
    start: number,
    whole: Intervals,
    at: number,
    first: Int32Array,
    last: Int32Array,
    place: number,
  ): void {
    const width = this.#width;
    this.#firsts.append(first, place, width);
    this.#lasts.append(last, place, width);
    this.#entries.push(start + (whole.owners[at] as number));
    this.#wholeFirsts.append(whole.firsts, at, width);
    this.#wholeLasts.append(whole.lasts, at, width);
  }

  /** The pieces and whole intervals in one order, by entry; and the same intervals as they were before they were cut. */
  join(whole: Intervals, size: number): { readonly intervals: Intervals; readonly sizes: Intervals } {
    const width = this.#width;
    const added = this.#entries.length;
    if (added === 0) return { intervals: whole, sizes: whole };
    const joined = sortIntervals({
      ...whole,
      count: whole.count + added,
      firsts: concatenate(whole.firsts, this.#firsts),
      lasts: concatenate(whole.lasts, this.#lasts),
      // Each piece by a number of its own, to be found again in the new order.
      owners: concatenate(whole.owners, this.#entries).map((entry, at) =>
        at < whole.count ? entry : size + at - whole.count,
      ),
      // Any number that is not that of a part of a named network: nobody reads these lengths once they are sorted.
      lengths: concatenate(whole.lengths, this.#entries),
    });
    const { firsts, lasts, owners } = joined;
    const intervals = { ...joined, owners: owners.slice() };
    const sizes = { ...intervals, firsts: firsts.slice(), lasts: lasts.slice() };
    for (let at = 0; at < joined.count; at++) {
      const piece = (owners[at] as number) - size;
      if (piece < 0) continue;
      intervals.owners[at] = this.#entries.values[piece] as number;
      for (let word = 0; word < width; word++) {
        sizes.firsts[at * width + word] = this.#wholeFirsts.values[piece * width + word] as number;
        sizes.lasts[at * width + word] = this.#wholeLasts.values[piece * width + word] as number;
      }
    }
    return { intervals, sizes };
  }
}

/** For each interval 1 if runs that are labelled 1 take something out of it, else 0. */
function findTouched({ count, width, firsts, lasts }: Intervals, taken: Runs): Uint8Array {
  const { starts, labels } = taken;
  const isTouched = new Uint8Array(count);
  let run = 0;
  for (let at = 0; at < count; at++) {
    while (run + 1 < taken.count && compareAt(starts, run + 1, firsts, at, width) <= 0) run++;
    // The next run has the other label.
    const reachesNext = run + 1 < taken.count && compareAt(starts, run + 1, lasts, at, width) <= 0;
    isTouched[at] = labels[run] === 1 || reachesNext ? 1 : 0;
  }
  return isTouched;
}

function concatenate(head: Int32Array, tail: Column): Int32Array {
  const joined = new Int32Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail.values.subarray(0, tail.length), head.length);
  return joined;
}
