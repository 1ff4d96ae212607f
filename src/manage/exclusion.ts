/**
 * Takes addresses out of a list: what is left of each entry, as entries again.
 *
 * A network becomes the fewest prefixes without the addresses, and a range becomes shorter ranges. The pieces are
 * smaller than the entry that they come from, so one of them could outrank an entry that decided before, and addresses
 * would get another note. Such a piece is cut to the addresses that its entry decided, which is often nothing:
 *
 * ```
 * line 1  10.0.0.0/8 # Lab        without 10.1.2.3: its prefixes outside of 10.1.0.0/16, as those inside are line 2's
 * line 2  10.1.0.0/16 # Printers  without 10.1.2.3: its prefixes
 * ```
 *
 * An entry that decides somewhere keeps at least those addresses, so nothing else leaves the list.
 */

import { readEntry } from '../address/entry.ts';
import {
  compareAt,
  compareSizes,
  formatNetwork,
  formatWords,
  increment,
  lastOf,
  NOT_A_PREFIX,
  prefixLengthOf,
  type Words,
} from '../address/words.ts';
import type { EntryTable } from '../list/table.ts';
import { Coverage } from '../space/coverage.ts';
import { areEqual, type Intervals, ListIntervals } from '../space/intervals.ts';
import { eachPrefixOf, eachRunOf } from '../space/prefixes.ts';
import { combineRuns, decideRuns, RunColumns, type Runs } from '../space/runs.ts';

/**
 * What is left of the entries that an exclusion touches: for the index of each its pieces in canonical text, none where
 * nothing is left. Empty when the list has none of the addresses.
 *
 * @param excluded - the text of an entry, without blanks around it
 */
export function findRemainders(table: EntryTable, excluded: string): ReadonlyMap<number, readonly string[]> {
  const taken = new ListIntervals();
  readEntry(excluded, 0, excluded.length, (isPartOfName) => taken.add(0, isPartOfName));
  const present = new ListIntervals();
  for (let index = 0; index < table.size; index++) {
    table.read(index, (isPartOfName) => present.add(index, isPartOfName));
  }
  const without = taken.sort();
  const cuts = present.sort().map((intervals, family) => new Cut(intervals, without[family] as Intervals));
  const remainders = new Map<number, string[]>();
  for (const cut of cuts) for (const owner of cut.findTouched()) remainders.set(owner, []);
  // The parts of a name are in both families, and those that are not touched are written out as well.
  for (const cut of cuts) cut.collect(remainders);
  return remainders;
}

/** The label of the addresses inside of something. */
const INSIDE = 1;

/** Receives the ends of a run of addresses. */
type RunVisitor = (first: Int32Array, last: Int32Array) => void;

/** The intervals of one family, and what is taken out of them. */
class Cut {
  readonly #intervals: Intervals;
  readonly #taken: Runs;
  readonly #coverage: Coverage;
  /** The owner that decides, plus 1. Few lists need this. */
  #decided: Runs | undefined;

  constructor(intervals: Intervals, taken: Intervals) {
    this.#intervals = intervals;
    this.#taken = decideRuns(taken, 0, () => INSIDE);
    this.#coverage = new Coverage(taken);
  }

  /** Owners of the intervals of which something is taken. */
  findTouched(): number[] {
    const { owners } = this.#intervals;
    return Array.from(owners).filter(
      (_, at) => this.#coverage.findOverlap(this.#firstOf(at), this.#lastOf(at)) >= 0,
    );
  }

  /** Adds what is left of each interval to its owner, if that one is there. */
  collect(remainders: ReadonlyMap<number, string[]>): void {
    const { count, owners } = this.#intervals;
    for (let at = 0; at < count; at++) {
      const texts = remainders.get(owners[at] as number);
      if (texts !== undefined)
        this.#eachPiece(at, (first, last) => void texts.push(this.#textOf(first, last)));
    }
  }

  #eachPiece(at: number, visit: RunVisitor): void {
    const { family, owners, lengths } = this.#intervals;
    const [first, last] = [this.#firstOf(at), this.#lastOf(at)];
    // A wide exclusion takes out many entries, and there is no need to look for their rivals.
    if (this.#coverage.covers(first, last)) return;
    const isRange = lengths[at] === NOT_A_PREFIX;
    const rivals = this.#findRivals(at);
    const rest = combineRuns(
      family,
      this.#runsOf(first, last),
      this.#taken,
      (own, taken) => own === INSIDE && taken !== INSIDE,
    );
    this.#eachEntry(rest, isRange, (from, to) => {
      if (!rivals.some((rival) => this.#wouldYield(rival, from, to))) {
        visit(from, to);
        return;
      }
      this.#decided ??= decideRuns(this.#intervals, 0, (owner) => owner + 1);
      const mine = (owners[at] as number) + 1;
      const decided = combineRuns(
        family,
        this.#runsOf(from, to),
        this.#decided,
        (own, decider) => own === INSIDE && decider === mine,
      );
      this.#eachEntry(decided, isRange, visit);
    });
  }

  /**
   * Positions of the intervals that outrank one somewhere. An equal one on an earlier line is not among them, as it is
   * cut into the same pieces.
   */
  #findRivals(at: number): number[] {
    const { width, count, firsts, lasts, owners } = this.#intervals;
    const rivals: number[] = [];
    for (let other = 0; other < count; other++) {
      const order = compareSizes(firsts, lasts, other, at, width);
      const outranks = order < 0 || (order === 0 && (owners[other] as number) < (owners[at] as number));
      if (!outranks || areEqual(this.#intervals, other, at)) continue;
      if (this.#meets(other, this.#firstOf(at), this.#lastOf(at))) rivals.push(other);
    }
    return rivals;
  }

  /** Whether an interval meets a piece and, having no fewer addresses, could be outranked by it. */
  #wouldYield(rival: number, first: Int32Array, last: Int32Array): boolean {
    if (!this.#meets(rival, first, last)) return false;
    const firsts = [...this.#firstOf(rival), ...first];
    const lasts = [...this.#lastOf(rival), ...last];
    return compareSizes(firsts, lasts, 0, 1, this.#intervals.width) >= 0;
  }

  #meets(at: number, first: Int32Array, last: Int32Array): boolean {
    const { width, firsts, lasts } = this.#intervals;
    return compareAt(firsts, at, last, 0, width) <= 0 && compareAt(lasts, at, first, 0, width) >= 0;
  }

  /** Visits runs as entries: each as it is, or as the fewest prefixes. */
  #eachEntry(runs: Runs, isRange: boolean, visit: RunVisitor): void {
    const { family, width } = this.#intervals;
    if (isRange) eachRunOf(family, runs, (first, last) => this.#eachWritable(first, last, visit));
    else
      eachPrefixOf(family, runs, (words, length) => {
        const last = new Int32Array(width);
        lastOf(words, length, width, last);
        this.#eachWritable(words.slice(), last, visit);
      });
  }

  /**
   * Visits the part of a run that the text of an entry can say. An end inside the IPv4-mapped block would be read as
   * IPv4, and no client has an address there, so the block is left out.
   */
  #eachWritable(first: Int32Array, last: Int32Array, visit: RunVisitor): void {
    const { family } = this.#intervals;
    if (family === 4 || (!isMapped(first) && !isMapped(last))) {
      visit(first, last);
      return;
    }
    const block = this.#runsOf(MAPPED_FIRST, MAPPED_LAST);
    const isLeft = (own: number, mapped: number): boolean => own === INSIDE && mapped !== INSIDE;
    eachRunOf(family, combineRuns(family, this.#runsOf(first, last), block, isLeft), visit);
  }

  #runsOf(first: Words, last: Words): Runs {
    const { width } = this.#intervals;
    const runs = new RunColumns(width);
    runs.start(first, 0, INSIDE);
    const next = Array.from(last);
    if (!increment(next, width)) runs.start(next, 0, 0);
    return runs.finish();
  }

  #textOf(first: Int32Array, last: Int32Array): string {
    const { family, width } = this.#intervals;
    const length = prefixLengthOf(first, last, width);
    if (length !== NOT_A_PREFIX) return formatNetwork(family, first, length);
    return `${formatWords(family, first)}-${formatWords(family, last)}`;
  }

  #firstOf(at: number): Int32Array {
    const { width, firsts } = this.#intervals;
    return firsts.subarray(at * width, (at + 1) * width);
  }

  #lastOf(at: number): Int32Array {
    const { width, lasts } = this.#intervals;
    return lasts.subarray(at * width, (at + 1) * width);
  }
}

const MAPPED_FIRST: Words = [0, 0, 0xffff, 0];
const MAPPED_LAST: Words = [0, 0, 0xffff, -1];

function isMapped(words: Int32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}
