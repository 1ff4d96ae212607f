/**
 * Builds the tree of `radix.ts` from runs in ascending order: narrows a block down to where the labels differ, then
 * compares, or divides it by the next field.
 *
 * Size: beyond the roots, a run costs at most 32 words of IPv4 and 62 of IPv6, 20 of them for wider fields; an entry is
 * at most two runs. A field divides a block only where that separates its runs, so there are fewer branches than runs.
 * `docs/algorithm.md` has the argument.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { commonLength, compareAt, decrement, hostMask } from '../address/words.ts';
import { Column } from '../space/column.ts';
import type { Intervals } from '../space/intervals.ts';
import { decideRuns, RunColumns, type Runs } from '../space/runs.ts';
import { byteOf, chooseField, type Layout, usualLayout } from './layout.ts';
import {
  COMPARISON,
  edgeReference,
  GLOBAL_UNICAST,
  GLOBAL_UNICAST_BITS,
  isEdge,
  Radix,
  reference,
} from './radix.ts';

/**
 * So many runs are told apart by edges alone, once one of them needs an edge: a quarter of the words of a branch. More
 * would take more steps than an address has bytes left.
 */
const RUNS_OF_EDGES = 3;

/** The tree of a set: the label of an address is 1 if any interval holds it, else 0. */
export function compileSet([ipv4, ipv6]: readonly [Intervals, Intervals]): Radix {
  const label = (): number => 1;
  return buildRadix(decideRuns(ipv4, 0, label), decideRuns(ipv6, 0, label));
}

/** Builds the tree of both families' runs. Labels are from 0 to 2^30 − 1. Linear in runs times bytes. */
export function buildRadix(ipv4: Runs, ipv6: Runs, layout: Layout = usualLayout): Radix {
  const width4 = layout.rootWidth(ipv4.count, 4);
  const width6 = layout.rootWidth(ipv6.count, 6);
  // Enough for most trees.
  const data = new Column((1 << width4) + (1 << width6) + 4 * (ipv4.count + ipv6.count));
  const root4 = data.extend(1 << width4);
  const builder4 = new FamilyBuilder(data, 4, ipv4, layout);
  builder4.fillRoot(builder4.blockOf([0], 0), root4, width4);
  const root6 = data.extend(1 + (1 << width6)) + 1;
  const builder6 = new FamilyBuilder(data, 6, ipv6, layout);
  const global = builder6.blockOf(
    [GLOBAL_UNICAST << (32 - GLOBAL_UNICAST_BITS), 0, 0, 0],
    GLOBAL_UNICAST_BITS,
  );
  builder6.fillRoot(global, root6, width6);
  const next = [(GLOBAL_UNICAST + 1) << (32 - GLOBAL_UNICAST_BITS), 0, 0, 0];
  const others = new FamilyBuilder(data, 6, withoutBlock(global, next, ipv6), layout);
  const value = others.build(others.blockOf([0, 0, 0, 0], 0));
  data.values[root6 - 1] = value;
  return new Radix(data.trim(), root6, 32 - width4, 32 - width6);
}

/** The runs of all addresses outside a block, which ends before `next`. The label at its end goes on until then. */
function withoutBlock({ from, to }: Block, next: readonly number[], { count, starts, labels }: Runs): Runs {
  const runs = new RunColumns(next.length);
  for (let run = 0; run < count; run++) {
    const label = labels[run] as number;
    if (run < from || run >= to) runs.start(starts, run, label);
    else if (run === to - 1) runs.start(next, 0, label);
  }
  return runs.finish();
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
  /** What the bitmaps of wider fields may still cost each run, in words. */
  readonly spare: number;
}

/** The slots of a node where a new value begins, and those values. */
type Parts = readonly [slots: number[], values: number[]];

class FamilyBuilder {
  readonly #data: Column;
  readonly #width: 1 | 4;
  readonly #starts: Int32Array;
  readonly #labels: Int32Array;
  readonly #layout: Layout;

  constructor(data: Column, family: Family, { starts, labels }: Runs, layout: Layout) {
    this.#data = data;
    this.#width = wordsOf(family);
    this.#starts = starts;
    this.#labels = labels;
    this.#layout = layout;
  }

  /** The block of `length` bits at an address. */
  blockOf(words: readonly number[], length: number): Block {
    const last = lastOf(words, length);
    let from = 1;
    while (from < this.#labels.length && this.#compareStart(from, words) <= 0) from++;
    let to = from;
    while (to < this.#labels.length && this.#compareStart(to, last) <= 0) to++;
    const label = this.#labels[from - 1] as number;
    return { words, length, label, from, to, spare: this.#layout.wordsOfWider };
  }

  /** Fills the values of the root at `root`, which divides a block by its next `bits` bits. */
  fillRoot(block: Block, root: number, bits: number): void {
    const [slots, values] = this.#divide(block, block.length, bits, block.spare);
    slots.push(1 << bits);
    values.forEach((value, part) => {
      this.#data.values.fill(value, root + (slots[part] as number), root + (slots[part + 1] as number));
    });
  }

  /**
   * Value of a block: a label, a comparison where that is enough or skips a byte, an edge where one run starts at any
   * other address, otherwise a branch.
   */
  build(block: Block): number {
    const { length, label, from, to } = block;
    if (from === to) return label;
    const [inside, outside] = this.#narrow(block);
    const skips = inside.from === inside.to || inside.length >= (length & ~7) + 8;
    const rest = skips ? inside : block;
    const isRagged = label !== this.#labels[to - 1] && rest.to - rest.from === to - from;
    if (isRagged && this.#isStuck(rest)) {
      if (to - from <= RUNS_OF_EDGES) return this.#edges(block);
      const edge = this.#edge(from, label, this.#labels[to - 1] as number);
      return this.#compare(length, this.#core(block), edge);
    }
    return skips ? this.#compare(length, inside, outside) : this.#branch(block);
  }

  /**
   * Whether a branch by the next byte would not separate the runs of a block whose labels on its two sides differ,
   * because all start inside one slot. Only ranges, and prefixes that form one set, have such blocks; there may be one
   * for every byte of an address.
   */
  #isStuck({ length, from, to }: Block): boolean {
    if (to - from === 1) return true;
    const byte = length & ~7;
    if (this.#fieldOf(from, byte, 8) !== this.#fieldOf(to - 1, byte, 8)) return false;
    return this.#startOf(from).some((value, word) => (value & hostMask(byte + 8, word)) !== 0);
  }

  /** The smallest block that holds all differences but the one between the labels on its two sides. */
  #core(block: Block): Block {
    const beforeFinal = this.#startOf(block.to - 1);
    decrement(beforeFinal, this.#width);
    return this.#blockAround(block, this.#startOf(block.from), beforeFinal);
  }

  /** Edges for all runs of a block, searched from the middle. */
  #edges({ label, from, to }: Pick<Block, 'label' | 'from' | 'to'>): number {
    if (from === to) return label;
    const middle = (from + to) >>> 1;
    const labelAtMiddle = this.#labels[middle] as number;
    const below = this.#edges({ label, from, to: middle });
    return this.#edge(middle, below, this.#edges({ label: labelAtMiddle, from: middle + 1, to }));
  }

  /** All addresses below the start of a run have one value, those from there on another. */
  #edge(run: number, below: number, above: number): number {
    const node = this.#data.extend(2 + this.#width);
    this.#data.values.set([below, above, ...this.#startOf(run)], node);
    return edgeReference(node);
  }

  /** The smallest block inside that holds all the differences, and the one label around it. */
  #narrow(block: Block): [inside: Block, outside: number] {
    const { label, from, to } = block;
    const finalLabel = this.#labels[to - 1] as number;
    const first = this.#startOf(from);
    const beforeFinal = this.#startOf(to - 1);
    decrement(beforeFinal, this.#width);
    if (finalLabel === label) return [this.#blockAround(block, first, beforeFinal), label];
    // The labels at the two edges differ: use the one that leaves the smaller block.
    const rising = this.#blockAround(block, first, lastOf(block.words, block.length));
    const falling = this.#blockAround(block, block.words, beforeFinal);
    return falling.length > rising.length ? [falling, finalLabel] : [rising, label];
  }

  /** The smallest block that holds all addresses from `low` to `high`, both in `outer`. */
  #blockAround(outer: Block, low: readonly number[], high: readonly number[]): Block {
    const length = commonLength(low, high, this.#width);
    const words = low.map((value, word) => value & ~hostMask(length, word));
    let { from, to, label } = outer;
    if (this.#compareStart(from, words) === 0) label = this.#labels[from++] as number;
    if (this.#compareStart(to - 1, lastOf(words, length)) > 0) to--;
    return { words, length, label, from, to, spare: outer.spare };
  }

  /**
   * Compares the word of IPv4, or up to two words of IPv6, from bit `offset` on; the rest of a longer prefix is another
   * comparison inside.
   */
  #compare(offset: number, inside: Block, outside: number): number {
    const a = offset >>> 5;
    const end = Math.min(inside.length, (a + 2) * 32);
    const b = (end - 1) >>> 5;
    const ignored = (b + 1) * 32 - end;
    const node = this.#data.extend(this.#width === 1 ? 4 : 5);
    const value = end === inside.length ? this.build(inside) : this.#compare(end, inside, outside);
    const data = this.#data.values;
    data[node] = value;
    data[node + 1] = outside;
    data[node + 2] =
      this.#width === 1 ? ignored : a | (b << 2) | ((a === b ? ignored : 0) << 4) | (ignored << 9);
    data[node + 3] = inside.words[a] as number;
    if (this.#width === 4) data[node + 4] = inside.words[b] as number;
    return reference(node, COMPARISON);
  }

  /** A node that decides by a field. */
  #branch(block: Block): number {
    const runs = block.to - block.from;
    const [bits, offset, kind, spare] =
      this.#width === 1
        ? byteOf(block.length, 0)
        : chooseField(this.#layout, block.length, runs, block.spare);
    const start = this.#data.length;
    const [slots, values] = this.#divide(block, offset, bits, spare);
    if (runs <= RUNS_OF_EDGES && values.some(isEdge)) {
      this.#data.clear(start);
      return this.#edges(block);
    }
    const header = (1 << bits) >>> 4;
    const node = this.#data.extend(header + slots.length);
    const data = this.#data.values;
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
  #divide(block: Block, offset: number, bits: number, spare: number): Parts {
    const slots: number[] = [];
    const values: number[] = [];
    const begin = (at: number, value: number): void => {
      // Never read past the end of an array: a property that someone put on Object.prototype would be found there.
      if (values.length > 0 && value === values[values.length - 1]) return;
      slots.push(at);
      values.push(value);
    };
    const word = offset >>> 5;
    let { label, from } = block;
    let slot = fieldOf(block.words[word] as number, offset, bits);
    const end = slot + (1 << (offset + bits - block.length));
    // Slots before the block cannot be reached, so the first value may begin at slot 0.
    let shown = 0;
    while (slot < end) {
      const next = from < block.to ? this.#fieldOf(from, offset, bits) : end;
      if (next > slot) {
        begin(shown, label);
        slot = next;
        shown = next;
        continue;
      }
      const words = block.words.slice();
      words[word] = (words[word] as number) | (slot << (32 - bits - (offset & 31)));
      if (this.#compareStart(from, words) === 0) label = this.#labels[from++] as number;
      let to = from;
      while (to < block.to && this.#fieldOf(to, offset, bits) === slot) to++;
      begin(shown, this.build({ words, length: offset + bits, label, from, to, spare }));
      if (to > from) label = this.#labels[to - 1] as number;
      from = to;
      slot++;
      shown = slot;
    }
    return [slots, values];
  }

  #fieldOf(run: number, offset: number, bits: number): number {
    return fieldOf(this.#starts[run * this.#width + (offset >>> 5)] as number, offset, bits);
  }

  #startOf(run: number): number[] {
    const at = run * this.#width;
    const first = this.#starts[at] as number;
    if (this.#width === 1) return [first];
    return [
      first,
      this.#starts[at + 1] as number,
      this.#starts[at + 2] as number,
      this.#starts[at + 3] as number,
    ];
  }

  /** Orders the first address of a run and an address. */
  #compareStart(run: number, words: readonly number[]): number {
    return compareAt(this.#starts, run, words, 0, this.#width);
  }
}

/** The last address of a block. */
function lastOf(words: readonly number[], length: number): number[] {
  return words.map((value, word) => value | hostMask(length, word));
}

/** The `bits` bits of an address that start at bit `offset`; `word` is the word they lie in, which they never leave. */
function fieldOf(word: number, offset: number, bits: number): number {
  return (word << (offset & 31)) >>> (32 - bits);
}
