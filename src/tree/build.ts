/**
 * Builds the tree of `radix.ts` from runs in ascending order: narrows a block down to where the labels differ, then
 * compares, or divides it by the next field.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { commonLength, compareAt, decrement, hostMask, lastOf } from '../address/words.ts';
import { Column } from '../space/column.ts';
import type { Intervals } from '../space/intervals.ts';
import { decideRuns, RunColumns, type Runs } from '../space/runs.ts';
import { COMPARISON, GLOBAL_UNICAST, GLOBAL_UNICAST_BITS, HALF, Radix, reference, TWELVE } from './radix.ts';

/** Choices that change the shape, size and speed of a tree, but never its answers. */
export interface Layout {
  /** Width of a family's root in bits for a number of runs: 1 to 16 for IPv4, 1 to 13 for IPv6. */
  readonly rootWidth: (runs: number, family: Family) => number;
  /** The number of runs at which a block is divided by a half word, or by twelve bits; IPv6 only. */
  readonly runsOfHalf: number;
  readonly runsOfTwelve: number;
}

/**
 * From here on, the 256 KB of the widest IPv4 root spare a list its branches, and with them half the branch
 * mispredictions.
 */
const RUNS_OF_WIDEST_ROOT = 512;

/**
 * The root of IPv4 has two to four values per run, that of IPv6, whose branches cost more, eight to sixteen. Where
 * hundreds of networks share their first 16 or 32 bits, as they do under the prefixes of the registries, a wider branch
 * saves a step; from these numbers on, its 16 KB or 1 KB are at most 32 bytes per run.
 */
export const usualLayout: Layout = {
  rootWidth: (runs, family) => {
    if (runs === 1) return 1;
    if (family === 6) return Math.min(13, 35 - Math.clz32(runs - 1));
    return runs < RUNS_OF_WIDEST_ROOT ? 33 - Math.clz32(runs - 1) : 16;
  },
  runsOfHalf: 512,
  runsOfTwelve: 32,
};

/**
 * The tree of a set: the label of an address is 1 if any interval holds it, else 0.
 * @internal
 */
export function compileSet([ipv4, ipv6]: readonly [Intervals, Intervals]): Radix {
  const label = (): number => 1;
  return buildRadix(decideRuns(ipv4, 0, label), decideRuns(ipv6, 0, label));
}

/** Builds the tree of both families' runs. Labels are from 0 to 2^31 − 1. Linear in runs times bytes. */
export function buildRadix(ipv4: Runs, ipv6: Runs, layout: Layout = usualLayout): Radix {
  const width4 = layout.rootWidth(ipv4.count, 4);
  const width6 = layout.rootWidth(ipv6.count, 6);
  // Enough for most trees.
  const data = new Column((1 << width4) + (1 << width6) + 4 * (ipv4.count + ipv6.count));
  const root4 = data.extend(1 << width4);
  const builder4 = new FamilyBuilder(data, 4, ipv4, layout);
  builder4.fillRoot(builder4.whole(), root4, width4);
  const root6 = data.extend(1 + (1 << width6)) + 1;
  const { inside, outside } = splitAtGlobalUnicast(ipv6);
  new FamilyBuilder(data, 6, ipv6, layout).fillRoot(inside, root6, width6);
  const others = new FamilyBuilder(data, 6, outside, layout);
  const value = others.build(others.whole());
  data.values[root6 - 1] = value;
  return new Radix(data.trim(), root6, 32 - width4, 32 - width6);
}

/** The block of global unicast, and the runs of all other addresses, as if that block were empty. */
function splitAtGlobalUnicast(runs: Runs): { inside: Block; outside: Runs } {
  const words = [GLOBAL_UNICAST << (32 - GLOBAL_UNICAST_BITS), 0, 0, 0];
  const next = [(GLOBAL_UNICAST + 1) << (32 - GLOBAL_UNICAST_BITS), 0, 0, 0];
  let from = 0;
  while (from < runs.count && compareAt(runs.starts, from, words, 0, 4) <= 0) from++;
  let to = from;
  while (to < runs.count && compareAt(runs.starts, to, next, 0, 4) < 0) to++;
  const label = runs.labels[from - 1] as number;
  const inside = { words, length: GLOBAL_UNICAST_BITS, label, from, to };
  if (from === to) return { inside, outside: runs };
  const outside = new RunColumns(4);
  for (let run = 0; run < from; run++) outside.start(runs.starts, run * 4, runs.labels[run] as number);
  outside.start(next, 0, runs.labels[to - 1] as number);
  for (let run = to; run < runs.count; run++) outside.start(runs.starts, run * 4, runs.labels[run] as number);
  return { inside, outside: outside.finish() };
}

/** All addresses that share their first `length` bits, and the runs that start after the first of them. */
interface Block {
  /** The first address. A plain array: making a typed array takes as long as all other work on a small block. */
  readonly words: readonly number[];
  readonly length: number;
  /** Label of the first address. */
  readonly label: number;
  /** The runs that start inside, but not at the first address: from `from` up to, but not including, `to`. */
  readonly from: number;
  readonly to: number;
}

/** The slots of a node where a new value begins, and those values. */
class Parts {
  readonly slots: number[] = [];
  readonly values: number[] = [];

  begin(slot: number, value: number): void {
    // Never read past the end of an array: a property that someone put on Object.prototype would be found there.
    if (this.values.length > 0 && value === this.values[this.values.length - 1]) return;
    this.slots.push(slot);
    this.values.push(value);
  }
}

class FamilyBuilder {
  readonly #data: Column;
  readonly #width: 1 | 4;
  readonly #runs: Runs;
  readonly #labels: Int32Array;
  readonly #layout: Layout;

  constructor(data: Column, family: Family, runs: Runs, layout: Layout) {
    this.#data = data;
    this.#width = wordsOf(family);
    this.#runs = runs;
    this.#labels = runs.labels;
    this.#layout = layout;
  }

  whole(): Block {
    const words = this.#width === 1 ? [0] : [0, 0, 0, 0];
    return { words, length: 0, label: this.#labels[0] as number, from: 1, to: this.#labels.length };
  }

  /** Fills the values of the root at `root`, which divides a block by its next `bits` bits. */
  fillRoot(block: Block, root: number, bits: number): void {
    const { slots, values } = this.#divide(block, block.length, bits);
    for (let part = 0; part < slots.length; part++) {
      const end = part + 1 < slots.length ? (slots[part + 1] as number) : 1 << bits;
      this.#data.values.fill(values[part] as number, root + (slots[part] as number), root + end);
    }
  }

  /** Value of a block: a label, a comparison where that is enough or skips a byte, otherwise a branch. */
  build(block: Block): number {
    if (block.from === block.to) return block.label;
    const { inside, outside } = this.#narrow(block);
    const isLabel = inside.from === inside.to;
    const nextByte = (block.length & ~7) + 8;
    if (isLabel || inside.length >= nextByte) return this.#compare(block, inside, outside);
    return this.#branch(block, ...this.#chooseField(block));
  }

  /** Width in bits of the field that divides a block, its first bit, and its kind. */
  #chooseField({ length, from, to }: Block): [bits: number, offset: number, kind: number] {
    const runs = to - from;
    const half = length >>> 4;
    if (this.#width === 4 && runs >= this.#layout.runsOfHalf) return [16, half * 16, HALF + half];
    const isTwelve = half >= 1 && half <= 3 && (length & 15) < 4;
    if (this.#width === 4 && isTwelve && runs >= this.#layout.runsOfTwelve) {
      return [12, half * 16, TWELVE + half - 1];
    }
    return [8, length & ~7, length >>> 3];
  }

  /** The smallest block inside that holds all the differences, and the one label around it. */
  #narrow(block: Block): { inside: Block; outside: number } {
    const { label, from, to } = block;
    const finalLabel = this.#labels[to - 1] as number;
    const beforeFinal = this.#startOf(to - 1);
    decrement(beforeFinal, this.#width);
    if (finalLabel === label) {
      return { inside: this.#blockAround(block, this.#startOf(from), beforeFinal), outside: label };
    }
    // The labels at the two edges differ: use the one that leaves the smaller block.
    const rising = this.#blockAround(block, this.#startOf(from), lastOfBlock(block));
    const falling = this.#blockAround(block, block.words, beforeFinal);
    return falling.length > rising.length
      ? { inside: falling, outside: finalLabel }
      : { inside: rising, outside: label };
  }

  /** The smallest block that holds all addresses from `low` to `high`, both in `outer`. */
  #blockAround(outer: Block, low: readonly number[], high: readonly number[]): Block {
    const length = commonLength(low, high, this.#width, outer.length >>> 5);
    const words = low.slice();
    for (let word = length >>> 5; word < this.#width; word++) {
      words[word] = (words[word] as number) & ~hostMask(length, word);
    }
    const { from, to, label } = outer;
    const startsHere = compareAt(this.#runs.starts, from, words, 0, this.#width) === 0;
    const block = {
      words,
      length,
      label: startsHere ? (this.#labels[from] as number) : label,
      from: startsHere ? from + 1 : from,
      to,
    };
    if (compareAt(this.#runs.starts, to - 1, lastOfBlock(block), 0, this.#width) > 0) block.to--;
    return block;
  }

  /**
   * Compares the one word of IPv4, or up to two words of IPv6; the rest of a longer prefix is another comparison
   * inside.
   */
  #compare(outer: Block, inside: Block, outside: number): number {
    const a = outer.length >>> 5;
    const last = (inside.length - 1) >>> 5;
    const isWhole = last <= a + 1;
    const b = isWhole ? last : a + 1;
    const ignored = isWhole ? (last + 1) * 32 - inside.length : 0;
    const node = this.#data.extend(this.#width === 1 ? 4 : 5);
    const rest = { ...inside, length: (b + 1) * 32 };
    const value = isWhole ? this.build(inside) : this.#compare(rest, inside, outside);
    const data = this.#data.values;
    data[node] = value;
    data[node + 1] = outside;
    data[node + 2] =
      this.#width === 1 ? ignored : a | (b << 2) | ((a === b ? ignored : 0) << 4) | (ignored << 9);
    data[node + 3] = inside.words[a] as number;
    if (this.#width === 4) data[node + 4] = inside.words[b] as number;
    return reference(node, COMPARISON);
  }

  /** A node that decides by the `bits` bits that start at bit `offset`. */
  #branch(block: Block, bits: number, offset: number, kind: number): number {
    const { slots, values } = this.#divide(block, offset, bits);
    const header = (1 << bits) >>> 4;
    const node = this.#data.extend(header + slots.length);
    const data = this.#data.values;
    data.fill(0, node, node + header);
    data.set(values, node + header);
    let part = 0;
    for (let pair = 0; pair < header; pair += 2) {
      data[node + pair + 1] = node + header + part - 1;
      for (; part < slots.length && (slots[part] as number) >>> 5 === pair >>> 1; part++) {
        data[node + pair] = (data[node + pair] as number) | (1 << ((slots[part] as number) & 31));
      }
    }
    return reference(node, kind);
  }

  /**
   * Divides a block by the `bits` bits that start at bit `offset`: the slots where a new value begins, and the values.
   */
  #divide(block: Block, offset: number, bits: number): Parts {
    const parts = new Parts();
    const word = offset >>> 5;
    let { label, from } = block;
    let slot = fieldOf(block.words[word] as number, offset, bits);
    const end = slot + (1 << (offset + bits - block.length));
    // Slots before the block cannot be reached, so the first value may begin at slot 0.
    let shown = 0;
    while (slot < end) {
      const next = from < block.to ? this.#fieldOf(from, offset, bits) : end;
      if (next > slot) {
        parts.begin(shown, label);
        slot = next;
        shown = next;
        continue;
      }
      const words = block.words.slice();
      words[word] = (words[word] as number) | (slot << (32 - bits - (offset & 31)));
      if (compareAt(this.#runs.starts, from, words, 0, this.#width) === 0)
        label = this.#labels[from++] as number;
      let to = from;
      while (to < block.to && this.#fieldOf(to, offset, bits) === slot) to++;
      parts.begin(shown, this.build({ words, length: offset + bits, label, from, to }));
      if (to > from) label = this.#labels[to - 1] as number;
      from = to;
      slot++;
      shown = slot;
    }
    return parts;
  }

  #startOf(run: number): number[] {
    const { starts } = this.#runs;
    const at = run * this.#width;
    const first = starts[at] as number;
    if (this.#width === 1) return [first];
    return [first, starts[at + 1] as number, starts[at + 2] as number, starts[at + 3] as number];
  }

  #fieldOf(run: number, offset: number, bits: number): number {
    return fieldOf(this.#runs.starts[run * this.#width + (offset >>> 5)] as number, offset, bits);
  }
}

/** The `bits` bits of an address that start at bit `offset`; `word` is the word they lie in, which they never leave. */
function fieldOf(word: number, offset: number, bits: number): number {
  return (word << (offset & 31)) >>> (32 - bits);
}

/** The last address of a block. */
function lastOfBlock({ words, length }: Block): number[] {
  const last: number[] = [];
  lastOf(words, length, words.length, last);
  return last;
}
