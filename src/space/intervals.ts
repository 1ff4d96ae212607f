/**
 * The networks of a list as runs of addresses in order, and the sweeps over them that lint is made of.
 *
 * An entry is one interval, a named network several. In the order of (first address, widest first) an interval stands
 * behind all that cover it, so that one pass with the farthest end seen so far finds what is covered. Unlike prefixes,
 * ranges may overlap without nesting: here they are not cut, and cost no more than an address.
 */

import { span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import { compareAt } from '../address/words.ts';
import { Column } from './column.ts';

/** The intervals of one family in order; all columns are by position in that order. */
export interface Intervals {
  readonly family: Family;
  /** Number of words of an address. */
  readonly width: 1 | 4;
  readonly count: number;
  /** First and last addresses, `width` words each. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  /** The entry that each interval belongs to. */
  readonly owners: Int32Array;
  /** Prefix length, −1 for a range that is no prefix, −2 for a part of a named network. */
  readonly lengths: Int32Array;
}

/** The length of an interval that is part of a named network. */
export const PART_OF_NAME = -2;

/** The intervals of one family, in the order in which they were added. */
export class IntervalColumns {
  readonly family: Family;
  readonly #firsts: Column = new Column();
  readonly #lasts: Column = new Column();
  readonly #owners: Column = new Column();
  readonly #lengths: Column = new Column();

  constructor(family: Family) {
    this.family = family;
  }

  /** Adds the entry in `span`. */
  add(owner: number, isPartOfName: boolean): void {
    const width = wordsOf(this.family);
    const first = this.#firsts.extend(width);
    const last = this.#lasts.extend(width);
    for (let word = 0; word < width; word++) {
      this.#firsts.values[first + word] = span.first[word] as number;
      this.#lasts.values[last + word] = span.last[word] as number;
    }
    this.#owners.push(owner);
    this.#lengths.push(isPartOfName ? PART_OF_NAME : span.length);
  }

  sort(): Intervals {
    return sortIntervals({
      family: this.family,
      width: wordsOf(this.family),
      count: this.#owners.length,
      firsts: this.#firsts.trim(),
      lasts: this.#lasts.trim(),
      owners: this.#owners.trim(),
      lengths: this.#lengths.trim(),
    });
  }
}

/** The intervals of a list, by family. */
export class ListIntervals {
  readonly #ipv4: IntervalColumns = new IntervalColumns(4);
  readonly #ipv6: IntervalColumns = new IntervalColumns(6);

  /** Adds the entry in `span`. */
  add(owner: number, isPartOfName: boolean): void {
    (span.family === 4 ? this.#ipv4 : this.#ipv6).add(owner, isPartOfName);
  }

  sort(): readonly [ipv4: Intervals, ipv6: Intervals] {
    return [this.#ipv4.sort(), this.#ipv6.sort()];
  }
}

/** By first address, then the widest, then names before plain entries, then as in the list. */
export function sortIntervals(intervals: Intervals): Intervals {
  const { width, count, firsts, lasts, owners, lengths } = intervals;
  const compare = (left: number, right: number): number =>
    compareAt(firsts, left, firsts, right, width) ||
    compareAt(lasts, right, lasts, left, width) ||
    Number(lengths[right] === PART_OF_NAME) - Number(lengths[left] === PART_OF_NAME) ||
    (owners[left] as number) - (owners[right] as number);
  let isSorted = true;
  for (let at = 1; at < count && isSorted; at++) isSorted = compare(at - 1, at) < 0;
  if (isSorted) return intervals;
  const order = Int32Array.from({ length: count }, (_, at) => at).sort(compare);
  const pick = (column: Int32Array, size: number): Int32Array => {
    const picked = new Int32Array(column.length);
    for (let at = 0; at < count; at++) {
      const from = (order[at] as number) * size;
      for (let word = 0; word < size; word++) picked[at * size + word] = column[from + word] as number;
    }
    return picked;
  };
  return {
    ...intervals,
    firsts: pick(firsts, width),
    lasts: pick(lasts, width),
    owners: pick(owners, 1),
    lengths: pick(lengths, 1),
  };
}
