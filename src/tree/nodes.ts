/**
 * The nodes of one family: narrows a block down to where the labels differ, then compares, or divides it by the next
 * field. The layout of nodes is at the head of `radix.ts`.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { commonLength, decrement, hostMask } from '../address/words.ts';
import { Column, nothing } from '../space/column.ts';
import type { Runs } from '../space/runs.ts';
import { byteOf, chooseField, type Layout, usualLayout } from './layout.ts';
import { COMPARISON, edgeReference, isEdge, reference } from './radix.ts';

/**
 * So many runs are told apart by edges alone, once one of them needs an edge: a quarter of the words of a branch. More
 * would take more steps than an address has bytes left.
 */
const RUNS_OF_EDGES = 3;

/*
 * What the builder works with. Making an array costs more than filling it, so there is one of each; nothing in a build
 * runs code of a user that could start another.
 */

/** Pairs of a slot and the value that begins there: of the field that is being divided, after those of fields around it. */
const parts: Column = /* @__PURE__ */ new Column();
/** With more room than this, it is dropped after the root. */
const MAX_SPARE = 4096;
/** The first address of a block, and an address at the other edge of one. */
const base: Int32Array = /* @__PURE__ */ new Int32Array(4);
const edge: Int32Array = /* @__PURE__ */ new Int32Array(4);

/**
 * Builds the nodes of one family.
 *
 * A *block* is all addresses that share their first `length` bits. It is passed as numbers and never made as an object,
 * which would cost more than all other work on most of them: its length, the `label` of its first address, and the runs
 * that start inside, but not at that address, from `from` up to, but not including, `to`. Any of these runs has the
 * bits that the block shares, so the address of a block needs no place of its own. `spare` is what the bitmaps of wider
 * fields may still cost each run, in words.
 */
export class FamilyBuilder {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: FamilyBuilder = /* @__PURE__ */ new FamilyBuilder(
    parts,
    4,
    { count: 0, starts: nothing, labels: nothing },
    usualLayout,
  );

  readonly #data: Column;
  readonly #width: 1 | 4;
  readonly #starts: Int32Array;
  readonly #labels: Int32Array;
  readonly #layout: Layout;
  /** The block that was found inside another, and the value around it. Its address is in `base`. */
  #innerLength = 0;
  #innerLabel = 0;
  #innerFrom = 0;
  #innerTo = 0;
  #outside = 0;

  constructor(data: Column, family: Family, { starts, labels }: Runs, layout: Layout) {
    this.#data = data;
    this.#width = wordsOf(family);
    this.#starts = starts;
    this.#labels = labels;
    this.#layout = layout;
  }

  /** Fills the root at `root` for a block of `length` bits, which it divides by its next `bits` bits. */
  fillRoot(root: number, bits: number, length: number, from: number, to: number): void {
    const label = this.#labels[from - 1] as number;
    parts.length = 0;
    this.#divide(length, label, from, to, length, bits, this.#layout.wordsOfWider);
    let end = 1 << bits;
    for (let part = parts.length - 2; part >= 0; part -= 2) {
      const slot = parts.values[part] as number;
      this.#data.values.fill(parts.values[part + 1] as number, root + slot, root + end);
      end = slot;
    }
    // A wide root is rare, and its parts take half a megabyte.
    if (parts.values.length > MAX_SPARE) parts.values = new Int32Array(0);
    parts.length = 0;
  }

  /** Value of the whole address space. */
  buildAll(runs: number): number {
    return this.#build(0, this.#labels[0] as number, 1, runs, this.#layout.wordsOfWider);
  }

  /**
   * Value of a block: a label, a comparison where that is enough or skips a byte, an edge where one run starts at any
   * other address, otherwise a branch.
   */
  #build(length: number, label: number, from: number, to: number, spare: number): number {
    if (from === to) return label;
    const isRagged = label !== this.#labels[to - 1];
    if (isRagged) this.#narrowRagged(length, label, from, to);
    else this.#narrow(label, from, to, label);
    const skips = this.#innerFrom === this.#innerTo || this.#innerLength >= (length & ~7) + 8;
    if (isRagged && (!skips || this.#innerTo - this.#innerFrom === to - from)) {
      if (this.#isStuck(skips ? this.#innerLength : length, from, to)) {
        if (to - from <= RUNS_OF_EDGES) return this.#edges(label, from, to);
        this.#narrow(label, from, to, this.#edge(from, label, this.#labels[to - 1] as number));
        return this.#compare(length, spare);
      }
    }
    return skips ? this.#compare(length, spare) : this.#branch(length, label, from, to, spare);
  }

  /**
   * Whether a branch by the next byte would not separate the runs of a block whose labels on its two sides differ,
   * because all start inside one slot. Only ranges, and prefixes that form one set, have such blocks; there may be one
   * for every byte of an address.
   */
  #isStuck(length: number, from: number, to: number): boolean {
    if (to - from === 1) return true;
    const byte = length & ~7;
    if (this.#fieldOf(from, byte, 8) !== this.#fieldOf(to - 1, byte, 8)) return false;
    return this.#hasBitsAfter(byte + 8, from);
  }

  /** Edges for all runs of a block, searched from the middle. */
  #edges(label: number, from: number, to: number): number {
    if (from === to) return label;
    const middle = (from + to) >>> 1;
    const below = this.#edges(label, from, middle);
    return this.#edge(middle, below, this.#edges(this.#labels[middle] as number, middle + 1, to));
  }

  /** All addresses below the start of a run have one value, those from there on another. */
  #edge(run: number, below: number, above: number): number {
    const width = this.#width;
    const node = this.#data.extend(2 + width);
    const data = this.#data.values;
    data[node] = below;
    data[node + 1] = above;
    for (let word = 0; word < width; word++)
      data[node + 2 + word] = this.#starts[run * width + word] as number;
    return edgeReference(node);
  }

  /**
   * The smallest block that holds all differences of a block, but the one between the labels on its two sides; `outside`
   * is the value around it.
   */
  #narrow(label: number, from: number, to: number, outside: number): void {
    const width = this.#width;
    this.#load(from, base);
    this.#load(to - 1, edge);
    decrement(edge, width);
    const length = commonLength(base, edge, width);
    this.#rise(length, label, from, to);
    // The last run starts right after the block, or inside it.
    if (!this.#hasBitsAfter(length, to - 1)) this.#innerTo = to - 1;
    this.#outside = outside;
  }

  /**
   * The smallest block that holds all differences of a block whose labels on its two sides differ: from the first
   * run to its end, or from its start to the last run, whichever is smaller.
   */
  #narrowRagged(length: number, label: number, from: number, to: number): void {
    const width = this.#width;
    this.#load(from, base);
    for (let word = 0; word < width; word++) edge[word] = (base[word] as number) | hostMask(length, word);
    const rising = commonLength(base, edge, width);
    for (let word = 0; word < width; word++) base[word] = (base[word] as number) & ~hostMask(length, word);
    this.#load(to - 1, edge);
    decrement(edge, width);
    const falling = commonLength(base, edge, width);
    if (falling <= rising) {
      this.#outside = label;
      this.#load(from, base);
      this.#rise(rising, label, from, to);
      return;
    }
    this.#outside = this.#labels[to - 1] as number;
    this.#innerLength = falling;
    this.#innerLabel = label;
    this.#innerFrom = from;
    this.#innerTo = this.#hasBitsAfter(falling, to - 1) ? to : to - 1;
  }

  /** A block of `length` bits around the address in `base`, which is the start of its first run. */
  #rise(length: number, label: number, from: number, to: number): void {
    for (let word = 0; word < this.#width; word++)
      base[word] = (base[word] as number) & ~hostMask(length, word);
    const startsLater = this.#hasBitsAfter(length, from);
    this.#innerLength = length;
    this.#innerLabel = startsLater ? label : (this.#labels[from] as number);
    this.#innerFrom = startsLater ? from : from + 1;
    this.#innerTo = to;
  }

  #load(run: number, words: Int32Array): void {
    for (let word = 0; word < this.#width; word++)
      words[word] = this.#starts[run * this.#width + word] as number;
  }

  /** Whether the start of a run is not the first address of the block of `length` bits around it. */
  #hasBitsAfter(length: number, run: number): boolean {
    for (let word = length >>> 5; word < this.#width; word++) {
      if (((this.#starts[run * this.#width + word] as number) & hostMask(length, word)) !== 0) return true;
    }
    return false;
  }

  /**
   * Compares the word of IPv4, or up to two words of IPv6, of the block that was found, from bit `offset` on; the rest of
   * a longer prefix is another comparison inside.
   */
  #compare(offset: number, spare: number): number {
    const length = this.#innerLength;
    const a = offset >>> 5;
    const end = Math.min(length, (a + 2) * 32);
    const b = (end - 1) >>> 5;
    const ignored = (b + 1) * 32 - end;
    const isShort = this.#width === 1;
    const node = this.#data.extend(isShort ? 4 : 5);
    // All that the block was found with is written down here: building what is inside finds others.
    const data = this.#data.values;
    data[node + 1] = this.#outside;
    data[node + 2] = isShort ? ignored : a | (b << 2) | ((a === b ? ignored : 0) << 4) | (ignored << 9);
    data[node + 3] = base[a] as number;
    if (!isShort) data[node + 4] = base[b] as number;
    const value =
      end === length
        ? this.#build(length, this.#innerLabel, this.#innerFrom, this.#innerTo, spare)
        : this.#compare(end, spare);
    // Not `data`, as the column may have grown since.
    this.#data.values[node] = value;
    return reference(node, COMPARISON);
  }

  /** A node that decides by a field. */
  #branch(length: number, label: number, from: number, to: number, spare: number): number {
    const runs = to - from;
    const [bits, offset, kind, left] =
      this.#width === 1 ? byteOf(length, 0) : chooseField(this.#layout, length, runs, spare);
    const start = this.#data.length;
    const first = parts.length;
    this.#divide(length, label, from, to, offset, bits, left);
    const values = (parts.length - first) >>> 1;
    if (runs <= RUNS_OF_EDGES && this.#hasEdge(first)) {
      parts.length = first;
      this.#data.clear(start);
      return this.#edges(label, from, to);
    }
    const header = (1 << bits) >>> 4;
    const node = this.#data.extend(header + values);
    const data = this.#data.values;
    const found = parts.values;
    let part = 0;
    for (let pair = 0; pair < header; pair += 2) {
      data[node + pair + 1] = node + header + part - 1;
      let begun = 0;
      for (; part < values; part++) {
        const slot = found[first + 2 * part] as number;
        if (slot >>> 5 !== pair >>> 1) break;
        begun |= 1 << (slot & 31);
        data[node + header + part] = found[first + 2 * part + 1] as number;
      }
      data[node + pair] = begun;
    }
    parts.length = first;
    return reference(node, kind);
  }

  #hasEdge(first: number): boolean {
    for (let at = first + 1; at < parts.length; at += 2) if (isEdge(parts.values[at] as number)) return true;
    return false;
  }

  /**
   * Divides a block by the `bits` bits that start at bit `offset`, and leaves in `parts` the slots where a new value
   * begins, and those values.
   */
  #divide(
    length: number,
    labelAtStart: number,
    firstRun: number,
    to: number,
    offset: number,
    bits: number,
    spare: number,
  ): void {
    const first = parts.length;
    const after = offset + bits;
    const labels = this.#labels;
    let label = labelAtStart;
    let from = firstRun;
    // The field of the first address of the block.
    let slot = from === to ? 0 : this.#fieldOf(from, offset, bits) & -(1 << (after - length));
    const end = slot + (1 << (after - length));
    // Slots before the block cannot be reached, so the first value may begin at slot 0.
    let shown = 0;
    while (slot < end) {
      const next = from < to ? this.#fieldOf(from, offset, bits) : end;
      if (next > slot) {
        addPart(first, shown, label);
        slot = next;
        shown = next;
        continue;
      }
      if (!this.#hasBitsAfter(after, from)) label = labels[from++] as number;
      let inside = from;
      while (inside < to && this.#fieldOf(inside, offset, bits) === slot) inside++;
      addPart(first, shown, this.#build(after, label, from, inside, spare));
      if (inside > from) label = labels[inside - 1] as number;
      from = inside;
      slot++;
      shown = slot;
    }
  }

  /** The `bits` bits of the start of a run from bit `offset` on, which are in one word. */
  #fieldOf(run: number, offset: number, bits: number): number {
    const word = this.#starts[run * this.#width + (offset >>> 5)] as number;
    return (word << (offset & 31)) >>> (32 - bits);
  }
}

/** Adds to the parts of a field, which start at `first`; neighbours with one value become one. */
function addPart(first: number, slot: number, value: number): void {
  if (parts.length > first && parts.values[parts.length - 1] === value) return;
  parts.push(slot);
  parts.push(value);
}
