/**
 * The entries of a list as sorted intervals. Every question of which entry covers or decides an address starts here.
 *
 * An entry is one interval; a named network is several. Sorted by first address, widest first, an interval comes after
 * all that cover it, so one pass answers most questions. Unlike prefixes, ranges may overlap without nesting; they are
 * not cut, and cost no more than an address.
 */

import { span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import { compareAt } from '../address/words.ts';
import { Column, nothing } from './column.ts';

/** The sorted intervals of one family; every column is indexed by position in that order. */
export interface Intervals {
  readonly family: Family;
  /** Number of words in an address. */
  readonly width: 1 | 4;
  readonly count: number;
  /** First and last addresses, `width` words each. */
  readonly firsts: Int32Array;
  readonly lasts: Int32Array;
  /** The entry that each interval belongs to. */
  readonly owners: Int32Array;
  /** Prefix length, −1 for a range that is not a prefix, −2 for a part of a named network. */
  readonly lengths: Int32Array;
}

/** No intervals, of IPv4. */
export const noIntervals: Intervals = {
  family: 4,
  width: 1,
  count: 0,
  firsts: nothing,
  lasts: nothing,
  owners: nothing,
  lengths: nothing,
};

/** The length recorded for a part of a named network. */
export const PART_OF_NAME = -2;

/** The intervals of one family, in the order they were added. */
class FamilyIntervals {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: FamilyIntervals = /* @__PURE__ */ new FamilyIntervals();

  readonly #firsts: Column = new Column();
  readonly #lasts: Column = new Column();
  readonly #owners: Column = new Column();
  readonly #lengths: Column = new Column();

  /** Adds the entry in `span`. */
  add(owner: number, isPartOfName: boolean): void {
    const { first, last } = span;
    const width = wordsOf(span.family);
    const at = this.#firsts.extend(width);
    this.#lasts.extend(width);
    const firsts = this.#firsts.values;
    const lasts = this.#lasts.values;
    firsts[at] = first[0] as number;
    lasts[at] = last[0] as number;
    for (let word = 1; word < width; word++) {
      firsts[at + word] = first[word] as number;
      lasts[at + word] = last[word] as number;
    }
    this.#owners.push(owner);
    this.#lengths.push(isPartOfName ? PART_OF_NAME : span.length);
  }

  sort(family: Family): Intervals {
    return sortIntervals({
      family,
      width: wordsOf(family),
      count: this.#owners.length,
      firsts: this.#firsts.view(),
      lasts: this.#lasts.view(),
      owners: this.#owners.view(),
      lengths: this.#lengths.view(),
    });
  }
}

/** The intervals by family of one list, or of several lists whose owners are numbered one after the other. */
export class ListIntervals {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: ListIntervals = /* @__PURE__ */ new ListIntervals();

  readonly #ipv4: FamilyIntervals = new FamilyIntervals();
  readonly #ipv6: FamilyIntervals = new FamilyIntervals();

  /** Adds the entry in `span`. Nothing may be added after sorting. */
  add(owner: number, isPartOfName: boolean): void {
    (span.family === 4 ? this.#ipv4 : this.#ipv6).add(owner, isPartOfName);
  }

  sort(): readonly [ipv4: Intervals, ipv6: Intervals] {
    return [this.#ipv4.sort(4), this.#ipv6.sort(6)];
  }
}

/** Up to here, the 256 counters of each pass of a radix sort cost more than comparing. */
const FEW = 64;

/**
 * Sorts intervals by first address, then widest first, then parts of named networks before other entries, then in the
 * order they were added. Real lists are often in this order already; then the argument itself is returned.
 */
export function sortIntervals(intervals: Intervals): Intervals {
  const { width, count, firsts, lasts, owners, lengths } = intervals;
  const compare = (left: number, right: number): number =>
    compareAt(firsts, left, firsts, right, width) ||
    compareAt(lasts, right, lasts, left, width) ||
    Number(lengths[right] === PART_OF_NAME) - Number(lengths[left] === PART_OF_NAME) ||
    (owners[left] as number) - (owners[right] as number) ||
    left - right;
  let sorted = 1;
  while (sorted < count && compare(sorted - 1, sorted) < 0) sorted++;
  if (sorted >= count) return intervals;
  const order = new Int32Array(count);
  for (let at = 0; at < count; at++) order[at] = at;
  const ordered = count <= FEW ? order.sort(compare) : sortMany(order, intervals, compare);
  // Each field by name, as a spread would be of a hidden class of its own, see Column.kept.
  return {
    family: intervals.family,
    width,
    count,
    firsts: pickRows(firsts, ordered, width),
    lasts: pickRows(lasts, ordered, width),
    owners: pickRows(owners, ordered, 1),
    lengths: pickRows(lengths, ordered, 1),
  };
}

/** The rows of a column in a new order, or some of them. */
export function pickRows(column: Int32Array, order: ArrayLike<number>, width: number): Int32Array {
  const picked = new Int32Array(order.length * width);
  for (let at = 0; at < order.length; at++) {
    const from = (order[at] as number) * width;
    for (let word = 0; word < width; word++) picked[at * width + word] = column[from + word] as number;
  }
  return picked;
}

type Compare = (left: number, right: number) => number;

/** How many items have each value, for each of the four bytes of a word. Made once, as nothing runs in between. */
const counters: Int32Array = /* @__PURE__ */ new Int32Array(1024);

/** A radix sort by first address, byte by byte. Few intervals share a first address; those are sorted by comparison. */
function sortMany(unsorted: Int32Array, { width, count, firsts }: Intervals, compare: Compare): Int32Array {
  let order: Int32Array = unsorted;
  let spare: Int32Array = new Int32Array(count);
  for (let word = width - 1; word >= 0; word--) {
    counters.fill(0);
    for (let at = word; at < count * width; at += width) countBytes(firsts[at] as number);
    for (let byte = 0; byte < 4; byte++) {
      const shift = byte * 8;
      // All items share this byte, as is usual for most bytes of IPv6 addresses and in short lists.
      if (counters[byte * 256 + (((firsts[word] as number) >>> shift) & 255)] === count) continue;
      sortByByte(order, spare, firsts, width, word, shift);
      const sorted = spare;
      spare = order;
      order = sorted;
    }
  }
  for (let from = 0, to = 1; from < count; from = to++) {
    const head = order[from] as number;
    while (to < count && compareAt(firsts, head, firsts, order[to] as number, width) === 0) to++;
    if (to - from > 1) sortStretch(order, from, to, compare);
  }
  return order;
}

function countBytes(value: number): void {
  for (let byte = 0; byte < 4; byte++) {
    const at = byte * 256 + ((value >>> (byte * 8)) & 255);
    counters[at] = (counters[at] as number) + 1;
  }
}

/**
 * Sorts part of an order in place: by insertion while the items are few or nearly sorted, as they almost always are.
 */
function sortStretch(order: Int32Array, from: number, to: number, compare: Compare): void {
  let moves = 0;
  for (let next = from + 1; next < to; next++) {
    const item = order[next] as number;
    let at = next;
    for (; at > from && compare(order[at - 1] as number, item) > 0; at--) order[at] = order[at - 1] as number;
    order[at] = item;
    moves += next - at;
    if (moves > FEW * FEW) {
      order.subarray(from, to).sort(compare);
      return;
    }
  }
}

/** One pass of a radix sort, stable, by a byte that has been counted, of one word of each item. */
function sortByByte(
  order: Int32Array,
  sorted: Int32Array,
  words: Int32Array,
  width: number,
  word: number,
  shift: number,
): void {
  const counted = shift * 32;
  let start = 0;
  for (let at = counted; at < counted + 256; at++) {
    const count = counters[at] as number;
    counters[at] = start;
    start += count;
  }
  for (let at = 0; at < order.length; at++) {
    const item = order[at] as number;
    const byte = ((words[item * width + word] as number) >>> shift) & 255;
    const place = counters[counted + byte] as number;
    sorted[place] = item;
    counters[counted + byte] = place + 1;
  }
}

/** Whether two intervals hold the same addresses. */
export function areEqual({ width, firsts, lasts }: Intervals, left: number, right: number): boolean {
  return (
    compareAt(firsts, left, firsts, right, width) === 0 && compareAt(lasts, left, lasts, right, width) === 0
  );
}

/**
 * For each entry, the first one of the same list with the same canonical text, or −1. Equal intervals are neighbours, in
 * list order; named networks share no prefix, so two that are equal in one part have the same name.
 *
 * @param listOf - the list of an entry, if they are not all of one
 */
export function findRepetitions(
  families: readonly Intervals[],
  size: number,
  listOf: (owner: number) => unknown = () => 0,
): Int32Array {
  const firstOfSame = new Int32Array(size).fill(-1);
  for (const intervals of families) {
    const { count, owners, lengths } = intervals;
    for (let head = 0, at = 1; at < count; at++) {
      const first = owners[head] as number;
      const owner = owners[at] as number;
      const isComparable = lengths[head] === lengths[at] && listOf(first) === listOf(owner);
      if (isComparable && areEqual(intervals, head, at)) firstOfSame[owner] = first;
      else head = at;
    }
  }
  return firstOfSame;
}
