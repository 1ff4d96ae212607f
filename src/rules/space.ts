/**
 * Rules flattened: which entry of which rule decides where. The sweep is that of `space/runs.ts`, with another ranking.
 *
 * The entries of all lists are numbered in order: the exemptions, then the list of each rule. An entry of a rule with an
 * `except` takes part in pieces: what its own rule would decide by it, without what the `except` takes out. There are at
 * most twice as many pieces as entries of the rule and its `except` together, however they overlap, and a piece ranks as
 * the whole entry.
 */

import { decrement } from '../address/words.ts';
import { Column } from '../space/column.ts';
import { type Intervals, ListIntervals, sortIntervals } from '../space/intervals.ts';
import { bySize, combineRuns, decideRuns, type FamilyRuns, type Outranks, type Runs } from '../space/runs.ts';
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

/** Cuts both address spaces wherever another entry decides. n log n in all entries together. */
export function decideRules(
  rules: SortedRules,
  numbers: RuleNumbers,
  labelOf: (entry: number) => number,
): FamilyRuns {
  const [ipv4, ipv6] = rules.whole.map((whole, index) => {
    const pieces = new Pieces(whole.width);
    for (const { first, own, except } of rules.cut)
      pieces.add(first, own[index] as Intervals, except[index] as Intervals);
    const { intervals, sizes } = pieces.join(whole, numbers.listOf.length);
    return decideRuns(intervals, 0, labelOf, rankingOf(intervals, sizes, numbers));
  });
  return { ipv4, ipv6 } as FamilyRuns;
}

/** Exemptions first; then the first rule, if that is the order; then the fewest addresses, and the first entry. */
function rankingOf(
  { owners }: Intervals,
  sizes: Intervals,
  { listOf, exemptions, order }: RuleNumbers,
): Outranks {
  const outranks = bySize(sizes, exemptions);
  if (order === 'most-specific') return outranks;
  return (left, right) => {
    const difference =
      (listOf[owners[left] as number] as number) - (listOf[owners[right] as number] as number);
    return difference === 0 ? outranks(left, right) : difference < 0;
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
    const decided = decideRuns(own, 0, (_, at) => at + 1);
    const taken = decideRuns(except, 0, () => 1);
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
      this.#firsts.append(starts, run, width);
      this.#lasts.append(last, 0, width);
      this.#entries.push(start + (own.owners[at] as number));
      this.#wholeFirsts.append(own.firsts, at, width);
      this.#wholeLasts.append(own.lasts, at, width);
    }
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

function concatenate(head: Int32Array, tail: Column): Int32Array {
  const joined = new Int32Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail.values.subarray(0, tail.length), head.length);
  return joined;
}
