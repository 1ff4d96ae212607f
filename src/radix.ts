/**
 * HOT. The compiled radix tree: words in, label out; no text, no objects, no policy.
 *
 * A tree for both families is one `Int32Array`. It is built once, from runs in ascending order, and never changed.
 * Looking an address up takes one *value* after the other out of the array until a value is a label:
 *
 * | value | means                                                                                                |
 * |-------|------------------------------------------------------------------------------------------------------|
 * | ≥ 0   | the label of the address: the search is over                                                         |
 * | < 0   | `~value` is `offset << 5 | kind`: a node at `offset`; kind 0–15 branch, 16 comparison, 17–24 wide branch |
 *
 * **Root** of a family: `2^bits` values, indexed by the first bits of the address. Its width follows the number of
 * runs, so that a short list costs little memory and a long one few steps.
 *
 * **Branch** of kind *b*: decides by byte *b* of the address. Sixteen words, a pair for each 32 values of the byte,
 * then the values of the node, where equal neighbours stand only once:
 *
 * ```
 * word 2i      bitmap: bit j is set where byte 32i + j begins a new value
 * word 2i + 1  base:   index in the array of the value before the first that begins in this bitmap
 *
 * value of byte x = data[base + number of bits set in the bitmap up to and including bit x & 31]
 * ```
 *
 * **Wide branch** of kind *17 + h*, IPv6 only: the same over half word *h* of the address, in 4,096 words. Where hundreds
 * of networks share their first 16 or 32 bits, as they do under the prefixes of the registries, it saves a step.
 *
 * **Comparison**: all addresses of the node have one label, except those of one longer prefix. Skips the bytes that
 * one isolated network would otherwise spend a branch each on:
 *
 * ```
 * word 0   value of the addresses outside the prefix
 * word 1   value of the addresses inside
 * word 2   first word of the address to compare << 8 | last word << 5 | bits of the last word that do not count
 * word 3…  the prefix, from that first word to that last
 * ```
 *
 * Example: the list `10.0.0.0/8` (label 1), `10.1.2.0/24` (label 2), whose five runs get a root of 4 bits:
 *
 * ```
 * data[0…15]  root        [~(16 << 5 | 16), 0, 0, …]      0.0.0.0/4 is decided at offset 16, the rest has label 0
 * data[16…19] comparison  [0, ~(20 << 5 | 16), 24, 10.0.0.0]  outside 10.0.0.0/8 label 0, inside see offset 20
 * data[20…23] comparison  [1, 2, 8, 10.1.2.0]             outside 10.1.2.0/24 label 1, inside label 2
 * ```
 *
 * Cost: a root value, then one node at a time, at most 4 for IPv4 and 16 for IPv6 branches, fewer where comparisons
 * skip. Nothing is allocated.
 */

import { Column } from './column.ts';
import type { Runs } from './nesting.ts';
import { type Family, wordsOf } from './scanner.ts';
import { compareWords, hostMask } from './span.ts';

const COMPARISON = 16;
const WIDE_BRANCH = 17;
const KIND_BITS = 5;
const KIND_MASK = (1 << KIND_BITS) - 1;
/** An offset and a kind fit into the 31 bits of a positive integer: trees of up to 256 MiB. */
const MAX_OFFSET = 2 ** (31 - KIND_BITS) - 1;

/** A tree over both families. Plain fields: a private name costs a decision several nanoseconds on Node 20. */
export class Radix {
  readonly data: Int32Array;
  /** Where the IPv6 root starts; the IPv4 root starts at 0. */
  readonly root6: number;
  /** 32 less the width of the root, of either family. */
  readonly shift4: number;
  readonly shift6: number;

  constructor(data: Int32Array, root6: number, shift4: number, shift6: number) {
    this.data = data;
    this.root6 = root6;
    this.shift4 = shift4;
    this.shift6 = shift6;
  }

  /** Label of an IPv4 address, 0 for none. */
  find4(word: number): number {
    const data = this.data;
    let value = data[word >>> this.shift4] as number;
    while (value < 0) {
      const kind = ~value & KIND_MASK;
      const node = ~value >>> KIND_BITS;
      if (kind === COMPARISON) {
        const differs = (word ^ (data[node + 3] as number)) >>> ((data[node + 2] as number) & 31);
        value = data[differs === 0 ? node + 1 : node] as number;
      } else {
        const byte = (word >>> (24 - kind * 8)) & 255;
        const pair = node + ((byte >>> 5) << 1);
        value = data[
          (data[pair + 1] as number) + countBits((data[pair] as number) << (31 - (byte & 31)))
        ] as number;
      }
    }
    return value;
  }

  /** Label of an IPv6 address of four words, 0 for none. The loop is that of `find4` over four words. */
  find6(words: Int32Array): number {
    const data = this.data;
    let value = data[this.root6 + ((words[0] as number) >>> this.shift6)] as number;
    while (value < 0) {
      const kind = ~value & KIND_MASK;
      const node = ~value >>> KIND_BITS;
      if (kind === COMPARISON) {
        const header = data[node + 2] as number;
        const last = (header >>> 5) & 7;
        let expected = node + 3;
        let word = header >>> 8;
        while (word < last && words[word] === data[expected]) {
          word++;
          expected++;
        }
        const differs =
          ((words[word] as number) ^ (data[expected] as number)) >>> (word === last ? header & 31 : 0);
        value = data[differs === 0 ? node + 1 : node] as number;
      } else {
        const part = kind < COMPARISON ? byteOf(words, kind) : halfOf(words, kind - WIDE_BRANCH);
        const pair = node + ((part >>> 5) << 1);
        value = data[
          (data[pair + 1] as number) + countBits((data[pair] as number) << (31 - (part & 31)))
        ] as number;
      }
    }
    return value;
  }
}

function byteOf(words: Int32Array, byte: number): number {
  return ((words[byte >>> 2] as number) >>> (24 - (byte & 3) * 8)) & 0xff;
}

function halfOf(words: Int32Array, half: number): number {
  return ((words[half >>> 1] as number) >>> (16 - (half & 1) * 16)) & 0xffff;
}

/** Number of bits set in 32; JavaScript has no instruction for it. */
function countBits(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Builds the tree of the runs of both families. Labels are from 0 to 2^31 − 1; linear in runs times bytes. */
export function buildRadix(ipv4: Runs, ipv6: Runs): Radix {
  const data = new Column();
  const width4 = rootWidth(ipv4.count);
  const width6 = rootWidth(ipv6.count);
  new FamilyBuilder(data, 4, ipv4).buildRoot(width4);
  const root6 = data.length;
  new FamilyBuilder(data, 6, ipv6).buildRoot(width6);
  return new Radix(data.trim(), root6, 32 - width4, 32 - width6);
}

/** From here on the 16 KB of a wide branch are at most 32 bytes a run. */
const RUNS_OF_WIDE_BRANCH = 512;

/** Two to four root values a run, from 2 to 2^16. */
function rootWidth(runs: number): number {
  return Math.min(16, 33 - Math.clz32(runs - 1));
}

/** All addresses that share their first `length` bits, and the runs that start behind the first of them. */
interface Block {
  readonly words: Int32Array;
  readonly length: number;
  /** Label of the first address. */
  readonly label: number;
  /** The runs that start inside, but not at the first address: `from` up to but without `to`. */
  readonly from: number;
  readonly to: number;
}

class FamilyBuilder {
  readonly #data: Column;
  readonly #width: 1 | 4;
  readonly #starts: Int32Array;
  readonly #labels: Int32Array;

  constructor(data: Column, family: Family, runs: Runs) {
    this.#data = data;
    this.#width = wordsOf(family);
    this.#starts = runs.starts;
    this.#labels = runs.labels;
  }

  buildRoot(bits: number): void {
    const root = this.#data.extend(1 << bits);
    const words = new Int32Array(this.#width);
    const whole = { words, length: 0, label: this.#labels[0] as number, from: 1, to: this.#labels.length };
    const { slots, values } = this.#divide(whole, 0, bits);
    for (let part = 0; part < slots.length; part++) {
      const end = part + 1 < slots.length ? (slots[part + 1] as number) : 1 << bits;
      this.#data.values.fill(values[part] as number, root + (slots[part] as number), root + end);
    }
  }

  /** Value of a block: a label, a comparison where that is enough or skips a byte, else a branch. */
  #build(block: Block): number {
    if (block.from === block.to) return block.label;
    const { inside, outside } = this.#narrow(block);
    const isLabel = inside.from === inside.to;
    const nextByte = (block.length & ~7) + 8;
    if (isLabel || inside.length >= nextByte) return this.#compare(block, inside, outside);
    const isWide = this.#width === 4 && block.to - block.from >= RUNS_OF_WIDE_BRANCH;
    return isWide ? this.#branch(block, 16, WIDE_BRANCH) : this.#branch(block, 8, 0);
  }

  /** The smallest block inside with all the differences, and the one label around it. */
  #narrow(block: Block): { inside: Block; outside: number } {
    const { label, from, to } = block;
    const finalLabel = this.#labels[to - 1] as number;
    const end = block.words.map((word, index) => word | hostMask(block.length, index));
    const beforeFinal = this.#startOf(to - 1);
    decrement(beforeFinal);
    const rising = this.#blockAround(block, this.#startOf(from), finalLabel === label ? beforeFinal : end);
    if (finalLabel === label) return { inside: rising, outside: label };
    // Two labels at the edges: either the first or the last reaches farther.
    const falling = this.#blockAround(block, block.words, beforeFinal);
    return falling.length > rising.length
      ? { inside: falling, outside: finalLabel }
      : { inside: rising, outside: label };
  }

  /** The smallest block that holds the addresses from `low` to `high`, both in `outer`. */
  #blockAround(outer: Block, low: Int32Array, high: Int32Array): Block {
    let length = 0;
    for (let word = 0; word < this.#width && length === word * 32; word++) {
      length += Math.clz32((low[word] as number) ^ (high[word] as number));
    }
    const words = low.map((word, index) => word & ~hostMask(length, index));
    const last = words.map((word, index) => word | hostMask(length, index));
    const startsHere = compareWords(this.#startOf(outer.from), words, this.#width) === 0;
    const holdsFinal = compareWords(this.#startOf(outer.to - 1), last, this.#width) <= 0;
    return {
      words,
      length,
      label: startsHere ? (this.#labels[outer.from] as number) : outer.label,
      from: startsHere ? outer.from + 1 : outer.from,
      to: holdsFinal ? outer.to : outer.to - 1,
    };
  }

  #compare(outer: Block, inside: Block, outside: number): number {
    const first = outer.length >>> 5;
    const last = (inside.length - 1) >>> 5;
    const node = this.#data.extend(3 + last - first + 1);
    const value = this.#build(inside);
    const data = this.#data.values;
    data[node] = outside;
    data[node + 1] = value;
    data[node + 2] = (first << 8) | (last << 5) | ((last + 1) * 32 - inside.length);
    for (let word = first; word <= last; word++) data[node + 3 + word - first] = inside.words[word] as number;
    return reference(node, COMPARISON);
  }

  /** A node that decides by the next `bits` bits, 8 or 16; `firstKind` is the kind of the one over the first of these. */
  #branch(block: Block, bits: number, firstKind: number): number {
    const index = Math.floor(block.length / bits);
    const { slots, values } = this.#divide(block, index * bits, bits);
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
    return reference(node, firstKind + index);
  }

  /** Divides a block by `bits` bits from `offset` on: the slots where a new value begins, and the values. */
  #divide(block: Block, offset: number, bits: number): { slots: number[]; values: number[] } {
    const slots: number[] = [];
    const values: number[] = [];
    const begin = (slot: number, value: number): void => {
      // Never read beside an array: what others have put on Object.prototype would be there.
      if (values.length > 0 && value === values[values.length - 1]) return;
      slots.push(slot);
      values.push(value);
    };
    let { label, from } = block;
    let slot = field(block.words, 0, offset, bits);
    const end = slot + (1 << (offset + bits - block.length));
    // Slots before the block cannot be reached; the first value may as well begin at slot 0.
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
      words[offset >>> 5] = (words[offset >>> 5] as number) | (slot << (32 - bits - (offset & 31)));
      if (compareWords(this.#startOf(from), words, this.#width) === 0) label = this.#labels[from++] as number;
      let to = from;
      while (to < block.to && this.#fieldOf(to, offset, bits) === slot) to++;
      begin(shown, this.#build({ words, length: offset + bits, label, from, to }));
      if (to > from) label = this.#labels[to - 1] as number;
      from = to;
      slot++;
      shown = slot;
    }
    return { slots, values };
  }

  #startOf(run: number): Int32Array {
    return this.#starts.slice(run * this.#width, (run + 1) * this.#width);
  }

  #fieldOf(run: number, offset: number, bits: number): number {
    return field(this.#starts, run * this.#width, offset, bits);
  }
}

/** `bits` bits of an address from bit `offset` on; they never cross a word. */
function field(words: Int32Array, at: number, offset: number, bits: number): number {
  return ((words[at + (offset >>> 5)] as number) << (offset & 31)) >>> (32 - bits);
}

function reference(node: number, kind: number): number {
  if (node > MAX_OFFSET) throw new RangeError('the lists are too large for one tree');
  return ~((node << KIND_BITS) | kind);
}

/** Subtracts one from an address that is not zero. */
function decrement(words: Int32Array): void {
  for (let word = words.length - 1; word >= 0; word--) {
    const value = words[word] as number;
    words[word] = value - 1;
    if (value !== 0) return;
  }
}
