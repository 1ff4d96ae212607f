/**
 * From a tree back to runs, for a policy whose lists are not at hand.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { compareWords, decrement, increment } from '../address/words.ts';
import { type FamilyRuns, RunColumns, type Runs } from '../space/runs.ts';
import { COMPARISON, edgeReference, GLOBAL_UNICAST_BITS, type Radix } from './radix.ts';
import { countBits, fields } from './shape.ts';

const EDGE: number = /* @__PURE__ */ edgeReference(0);

/**
 * The runs of a well-formed tree, in both families; `relabel` gives another label in place of each. Linear in the tree.
 */
export function unfold(radix: Radix, relabel: (label: number) => number): FamilyRuns {
  const { data, root6, shift4, shift6 } = radix;
  const ipv4 = new Unfolding(data, 4, relabel);
  ipv4.visitRoot(0, 32 - shift4, 0, 0);
  const ipv6 = new Unfolding(data, 6, relabel);
  const others = data[root6 - 1] as number;
  ipv6.visit(others, wordsFrom(0), wordsFrom(0x1fff_ffff, -1));
  ipv6.visitRoot(root6, 32 - shift6, 0x2000_0000, GLOBAL_UNICAST_BITS);
  ipv6.visit(others, wordsFrom(0x4000_0000), wordsFrom(-1, -1));
  return { ipv4: ipv4.finish(), ipv6: ipv6.finish() };
}

/** An address that has these first words, and goes on with the last one. */
function wordsFrom(first: number, others = 0): number[] {
  return [first, others, others, others];
}

class Unfolding {
  readonly #data: Int32Array;
  readonly #width: number;
  readonly #relabel: (label: number) => number;
  readonly #runs: RunColumns;

  constructor(data: Int32Array, family: Family, relabel: (label: number) => number) {
    this.#data = data;
    this.#width = wordsOf(family);
    this.#relabel = relabel;
    this.#runs = new RunColumns(this.#width);
  }

  finish(): Runs {
    return this.#runs.finish();
  }

  /** Visits the values of a root, for a block that starts with `length` bits of `start`. */
  visitRoot(root: number, bits: number, start: number, length: number): void {
    const shift = 32 - length - bits;
    for (let slot = 0; slot < 2 ** bits; slot++) {
      const first = start | (slot << shift);
      this.visit(
        this.#data[root + slot] as number,
        wordsFrom(first),
        wordsFrom(first | (2 ** shift - 1), -1),
      );
    }
  }

  /** Visits a value for the addresses from `first` to `last`; there may be none. */
  visit(value: number, first: number[], last: number[]): void {
    if (compareWords(first, last, this.#width) > 0) return;
    if (value >= EDGE) this.#visitEdge(value - EDGE, first, last);
    else if (value >= 0) this.#runs.start(first, 0, this.#relabel(value));
    else if ((~value & 31) === COMPARISON) this.#visitComparison(~value >>> 5, first, last);
    else this.#visitBranch(~value >>> 5, ~value & 31, first, last);
  }

  #visitEdge(node: number, first: number[], last: number[]): void {
    const width = this.#width;
    const above = [...this.#data.subarray(node + 2, node + 2 + width)];
    const [low, high] = [this.#data[node] as number, this.#data[node + 1] as number];
    if (compareWords(above, first, width) <= 0) {
      this.visit(high, first, last);
      return;
    }
    const below = [...above];
    decrement(below, width);
    this.visit(low, first, compareWords(below, last, width) < 0 ? below : last);
    this.visit(high, above, last);
  }

  /** The addresses inside are those of the block in which all words that are compared are those of the node. */
  #visitComparison(node: number, first: number[], last: number[]): void {
    const data = this.#data;
    const width = this.#width;
    const header = data[node + 2] as number;
    const from = [...first];
    const to = [...last];
    const limit = (word: number, value: number, ignored: number): void => {
      const mask = ignored === 0 ? -1 : -(2 ** ignored);
      from[word] = value & mask;
      to[word] = value | ~mask;
    };
    if (width === 1) limit(0, data[node + 3] as number, header);
    else {
      limit(header & 3, data[node + 3] as number, (header >>> 4) & 31);
      limit((header >>> 2) & 3, data[node + 4] as number, header >>> 9);
    }
    const outside = data[node + 1] as number;
    const start = compareWords(from, first, width) < 0 ? first : from;
    const end = compareWords(to, last, width) > 0 ? last : to;
    if (compareWords(start, end, width) > 0) {
      this.visit(outside, first, last);
      return;
    }
    if (compareWords(first, start, width) < 0) {
      const before = [...start];
      decrement(before, width);
      this.visit(outside, first, before);
    }
    this.visit(data[node] as number, start, end);
    if (compareWords(end, last, width) < 0) {
      const after = [...end];
      increment(after, width);
      this.visit(outside, after, last);
    }
  }

  #visitBranch(node: number, kind: number, first: number[], last: number[]): void {
    const data = this.#data;
    const field = fields[kind] as number;
    const word = field & 3;
    const shift = (field >>> 2) & 31;
    const mask = field >>> 7;
    const start = ((first[word] as number) >>> shift) & mask;
    const end = ((last[word] as number) >>> shift) & mask;
    for (let slot = start; slot <= end; slot++) {
      const pair = node + ((slot >>> 5) << 1);
      const begun = (data[pair] as number) << (31 - (slot & 31));
      const value = data[(data[pair + 1] as number) + countBits(begun)] as number;
      // The label of the slot before, whose run goes on.
      if (begun >= 0 && value >= 0 && value < EDGE && slot > start) continue;
      const from = [...first];
      const to = [...last];
      if (slot > start) from.fill(0, word);
      if (slot < end) to.fill(-1, word);
      from[word] = ((first[word] as number) & ~((mask << shift) | (2 ** shift - 1))) | (slot << shift);
      to[word] = from[word] | (2 ** shift - 1);
      if (slot === start) from[word] = first[word] as number;
      if (slot === end) to[word] = last[word] as number;
      this.visit(value, from, to);
    }
  }
}
