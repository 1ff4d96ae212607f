/**
 * Networks in order: sorting, nesting, and the question which of several covering entries decides.
 *
 * Entries are collected as prefixes (a range as several). Two prefixes either nest or are disjoint, so that in the
 * order of (address, length) each stands behind those that cover it, and one pass with a stack finds for every prefix
 * its parent (the nearest one that covers it) and its winner (the entry that decides in it). The same pass cuts the
 * address space into runs, stretches of addresses with the same innermost prefix, from which `radix.ts` builds.
 *
 * ```
 * owner 0  10.0.0.0/8      ├───────────────────────────────┤
 * owner 1  10.1.0.0/16          ├────────┤
 * owner 2  10.1.2.0/24             ├──┤
 * runs                 0   │ 1  │2 │3 │2 │       1         │ 0     label = position in the order + 1, 0 for none
 * ```
 */

import { span, spanSize } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import { bitsOf, compareAt, compareWords, increment, lastOf } from '../address/words.ts';
import { Column } from './column.ts';
import { eachPrefix } from './prefixes.ts';

/** The runs of both families. */
export interface FamilyRuns {
  readonly ipv4: Runs;
  readonly ipv6: Runs;
}

/**
 * The set of the addresses whose two labels are picked, in one sweep over the runs of both.
 * @internal
 */
export function combineRuns(
  family: Family,
  left: Runs,
  right: Runs,
  picks: (leftLabel: number, rightLabel: number) => boolean,
): Runs {
  const width = wordsOf(family);
  const starts = new Int32Array((left.count + right.count) * width);
  const labels = new Int32Array(left.count + right.count);
  let count = 0;
  let leftRun = 0;
  let rightRun = 0;
  let from: Int32Array = left.starts;
  let at = 0;
  for (;;) {
    const label = picks(left.labels[leftRun] as number, right.labels[rightRun] as number) ? 1 : 0;
    if (count === 0 || labels[count - 1] !== label) {
      for (let word = 0; word < width; word++) starts[count * width + word] = from[at + word] as number;
      labels[count++] = label;
    }
    const isLeftDone = leftRun + 1 === left.count;
    const isRightDone = rightRun + 1 === right.count;
    if (isLeftDone && isRightDone) break;
    const order = isLeftDone
      ? 1
      : isRightDone
        ? -1
        : compareAt(left.starts, leftRun + 1, right.starts, rightRun + 1, width);
    if (order <= 0) leftRun++;
    if (order >= 0) rightRun++;
    from = order <= 0 ? left.starts : right.starts;
    at = (order <= 0 ? leftRun : rightRun) * width;
  }
  return { count, starts: starts.slice(0, count * width), labels: labels.slice(0, count) };
}

/** Stretches of the address space: `labels[i]` holds from `starts[i]` up to the next start. The first starts at 0. */
export interface Runs {
  readonly count: number;
  /** First address of each run, 1 or 4 words. */
  readonly starts: Int32Array;
  readonly labels: Int32Array;
}

/** The prefixes of one family in order; all columns are by position in that order. */
export interface Nesting {
  readonly runs: Runs;
  readonly owners: Int32Array;
  /** Position of the nearest prefix that covers this one, or −1. */
  readonly parents: Int32Array;
  /** Position of the prefix that decides inside this one. */
  readonly winners: Int32Array;
  /** Orders the entries that the prefixes belong to by size, smallest first. */
  readonly ranks: Int32Array;
}

/** Up to here the 256 counters of each pass of the radix sort cost more than comparing. */
const FEW = 64;

const PLAIN = 0;

const PART_OF_NAME = -1;

/** The prefixes of one family, in the order in which they were added. */
export class NetworkColumns {
  readonly family: Family;
  readonly #width: 1 | 4;
  readonly #words: Column = new Column();
  readonly #lengths: Column = new Column();
  readonly #owners: Column = new Column();
  /** PLAIN, PART_OF_NAME, or the number of the range (from 1) that the prefix is a piece of. */
  readonly #kinds: Column = new Column();
  readonly #rangeSizes: bigint[] = [];
  #order: Int32Array | undefined;

  constructor(family: Family) {
    this.family = family;
    this.#width = wordsOf(family);
  }

  get size(): number {
    return this.#owners.length;
  }

  /** Adds the entry in `span`; owners must be added in ascending order. */
  add(owner: number, isPartOfName: boolean): void {
    const { length } = span;
    let kind = isPartOfName ? PART_OF_NAME : PLAIN;
    if (length < 0) kind = this.#rangeSizes.push(spanSize());
    eachPrefix((words, bits) => {
      const at = this.#words.extend(this.#width);
      for (let word = 0; word < this.#width; word++) this.#words.values[at + word] = words[word] as number;
      this.#lengths.push(bits);
      this.#owners.push(owner);
      this.#kinds.push(kind);
    });
  }

  /** Calls back for each plain prefix that an earlier owner of its kind (favoured or not) has too. */
  eachDuplicate(favoured: number, visit: (owner: number, first: number) => void): void {
    const order = this.#sort();
    let first = -1;
    for (let position = 0; position < order.length; position++) {
      const item = order[position] as number;
      if (this.#kinds.values[item] !== PLAIN) continue;
      const owner = this.#owners.values[item] as number;
      const firstOwner = first < 0 ? -1 : (this.#owners.values[first] as number);
      if (first >= 0 && owner < favoured === firstOwner < favoured && this.#isSame(first, item))
        visit(owner, firstOwner);
      else first = item;
    }
  }

  /** Sorts, nests and cuts into runs. Owners below `favoured` outrank all others (exemptions). */
  nest(favoured: number): Nesting {
    const order = this.#sort();
    const width = this.#width;
    const owners = new Int32Array(order.length);
    const parents = new Int32Array(order.length);
    const winners = new Int32Array(order.length);
    const ranks = new Int32Array(order.length);
    const rankOf = this.#rankSizes();
    const runs = new RunColumns(width);
    // The prefixes around the present address, widest first: their positions and last addresses.
    const open = new Int32Array(bitsOf(this.family) + 1);
    const ends: Int32Array[] = [];
    const words = new Int32Array(width);
    let depth = 0;
    const close = (): void => {
      depth--;
      const behind = ends[depth] as Int32Array;
      if (!increment(behind, width)) runs.start(behind, 0, depth > 0 ? (open[depth - 1] as number) + 1 : 0);
    };
    for (let position = 0; position < order.length; position++) {
      const item = order[position] as number;
      for (let word = 0; word < width; word++)
        words[word] = this.#words.values[item * width + word] as number;
      while (depth > 0 && compareWords(ends[depth - 1] as Int32Array, words, width) < 0) close();
      const parent = depth > 0 ? (open[depth - 1] as number) : -1;
      // Of the same prefix several times, each is the parent of the next, and the stack holds the last.
      if (parent >= 0 && this.#isSame(order[parent] as number, item)) depth--;
      const rival = parent < 0 ? -1 : (winners[parent] as number);
      const keeps = rival >= 0 && this.#outranks(order[rival] as number, item, favoured, rankOf);
      owners[position] = this.#owners.values[item] as number;
      parents[position] = parent;
      ranks[position] = rankOf(item);
      winners[position] = keeps ? rival : position;
      if (depth === ends.length) ends.push(new Int32Array(width));
      lastOf(words, this.#lengths.values[item] as number, width, ends[depth] as Int32Array);
      open[depth++] = position;
      runs.start(words, 0, position + 1);
    }
    while (depth > 0) close();
    return { runs: runs.finish(), owners, parents, winners, ranks };
  }

  /** Whether `left` decides where both cover: favoured owners first, then the smaller entry, then the earlier one. */
  #outranks(left: number, right: number, favoured: number, rankOf: (item: number) => number): boolean {
    const leftOwner = this.#owners.values[left] as number;
    const rightOwner = this.#owners.values[right] as number;
    if (leftOwner < favoured !== rightOwner < favoured) return leftOwner < favoured;
    const difference = rankOf(left) - rankOf(right);
    return difference === 0 ? leftOwner < rightOwner : difference < 0;
  }

  /** A small number for the size of the entry that a prefix belongs to: a smaller entry has a smaller one. */
  #rankSizes(): (item: number) => number {
    const bits = bitsOf(this.family);
    const ranges = this.#rangeSizes;
    if (ranges.length === 0) return (item) => bits - (this.#lengths.values[item] as number);
    const prefixes = Array.from({ length: bits + 1 }, (_, length) => 1n << BigInt(bits - length));
    const sizes = [...new Set([...prefixes, ...ranges])].sort((left, right) => (left < right ? -1 : 1));
    const ranks = new Map(sizes.map((size, rank) => [size, rank]));
    const rankOfPrefix = prefixes.map((size) => ranks.get(size) as number);
    const rankOfRange = ranges.map((size) => ranks.get(size) as number);
    return (item) => {
      const kind = this.#kinds.values[item] as number;
      return (
        kind > PLAIN ? rankOfRange[kind - 1] : rankOfPrefix[this.#lengths.values[item] as number]
      ) as number;
    };
  }

  #isSame(left: number, right: number): boolean {
    return this.#compare(left, right) === 0;
  }

  /** Orders by address, then by length. */
  #compare(left: number, right: number): number {
    const words = this.#words.values;
    for (let word = 0; word < this.#width; word++) {
      const leftWord = words[left * this.#width + word] as number;
      const rightWord = words[right * this.#width + word] as number;
      if (leftWord !== rightWord) return leftWord >>> 0 < rightWord >>> 0 ? -1 : 1;
    }
    return (this.#lengths.values[left] as number) - (this.#lengths.values[right] as number);
  }

  /** The items by address, then by length, equals as they were added; real lists often come in this order already. */
  #sort(): Int32Array {
    if (this.#order?.length === this.size) return this.#order;
    let order: Int32Array = new Int32Array(this.size);
    for (let item = 0; item < order.length; item++) order[item] = item;
    if (order.length <= FEW) {
      order.sort((left, right) => this.#compare(left, right) || left - right);
    } else if (!this.#isSorted()) {
      order = sortByByte(order, this.#lengths.values, 1, 0, 0);
      for (let word = this.#width - 1; word >= 0; word--) {
        for (let shift = 0; shift < 32; shift += 8) {
          order = sortByByte(order, this.#words.values, this.#width, word, shift);
        }
      }
    }
    this.#order = order;
    return order;
  }

  #isSorted(): boolean {
    for (let item = 1; item < this.size; item++) if (this.#compare(item - 1, item) > 0) return false;
    return true;
  }
}

/** The prefixes of a list, or of several lists with owners one after the other. */
export class Networks {
  readonly ipv4: NetworkColumns = new NetworkColumns(4);
  readonly ipv6: NetworkColumns = new NetworkColumns(6);

  /** Adds the entry in `span`; owners must be added in ascending order. */
  add(owner: number, isPartOfName: boolean): void {
    (span.family === 4 ? this.ipv4 : this.ipv6).add(owner, isPartOfName);
  }

  /** Calls back for each plain prefix that an earlier owner of its kind (favoured or not) has too. */
  eachDuplicate(favoured: number, visit: (owner: number, first: number) => void): void {
    this.ipv4.eachDuplicate(favoured, visit);
    this.ipv6.eachDuplicate(favoured, visit);
  }
}

/** One pass of a radix sort: stable, by one byte of one word of each item. */
function sortByByte(
  order: Int32Array,
  words: Int32Array,
  width: number,
  word: number,
  shift: number,
): Int32Array {
  const starts = new Int32Array(256);
  for (let at = 0; at < order.length; at++) {
    const byte = ((words[(order[at] as number) * width + word] as number) >>> shift) & 255;
    starts[byte] = (starts[byte] as number) + 1;
  }
  // All items have the same byte, as most bytes of IPv6 addresses and of short lists do.
  if (starts.includes(order.length)) return order;
  let start = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = starts[byte] as number;
    starts[byte] = start;
    start += count;
  }
  const sorted = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    const item = order[at] as number;
    const byte = ((words[item * width + word] as number) >>> shift) & 255;
    const place = starts[byte] as number;
    sorted[place] = item;
    starts[byte] = place + 1;
  }
  return sorted;
}

/** Runs under construction. A start at the same address replaces the one before, a start of the same label is none. */
export class RunColumns {
  readonly #width: number;
  readonly #starts: Column = new Column();
  readonly #labels: Column = new Column();

  constructor(width: number) {
    this.#width = width;
    this.#starts.extend(width);
    this.#labels.push(0);
  }

  /** Starts a run at the address whose words are in `words` from `at` on. */
  start(words: ArrayLike<number>, at: number, label: number): void {
    const width = this.#width;
    const last = this.#labels.length - 1;
    if (this.#isAt(last, words, at)) {
      this.#labels.values[last] = label;
      return;
    }
    if (this.#labels.values[last] === label) return;
    const start = this.#starts.extend(width);
    for (let word = 0; word < width; word++) this.#starts.values[start + word] = words[at + word] as number;
    this.#labels.push(label);
  }

  finish(): Runs {
    return { count: this.#labels.length, starts: this.#starts.trim(), labels: this.#labels.trim() };
  }

  #isAt(run: number, words: ArrayLike<number>, at: number): boolean {
    for (let word = 0; word < this.#width; word++) {
      if (this.#starts.values[run * this.#width + word] !== words[at + word]) return false;
    }
    return true;
  }
}

/** Orders the start of a run and an address, as unsigned numbers. */
export function compareStart(runs: Runs, run: number, words: readonly number[], width: 1 | 4): number {
  const { starts } = runs;
  for (let word = 0; word < width; word++) {
    const difference = ((starts[run * width + word] as number) >>> 0) - ((words[word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Gives runs new labels, by the position that the old one stands for, and merges neighbours that have become equal. */
export function relabel(family: Family, runs: Runs, labels: (position: number) => number): Runs {
  const width = wordsOf(family);
  const merged = new RunColumns(width);
  for (let run = 0; run < runs.count; run++) {
    const label = runs.labels[run] as number;
    merged.start(runs.starts, run * width, label === 0 ? 0 : labels(label - 1));
  }
  return merged.finish();
}
