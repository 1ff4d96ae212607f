/**
 * Whether an array is a tree, for arrays that did not come from the builder.
 *
 * It is one if the builder could have made it: the block of addresses that each node divides is the one that leads to it,
 * and each root and node is in the one place where the builder puts it. So nothing is shared, no walk goes in circles, and
 * a walk over all addresses in order meets each node where a client meets it.
 */

import { hostMask } from '../address/words.ts';
import { COMPARISON, edgeReference, GLOBAL_UNICAST_BITS, HALF, type Radix, TWELVE } from './radix.ts';

/** More nodes than lie between a root and any label: two for each byte of an address, and a search among edges. */
export const MOST_STEPS = 40;

/** So many edges at most are one inside the other: the builder tells three runs apart by edges, from the middle. */
const MOST_EDGES_DEEP = 2;

const EDGE: number = /* @__PURE__ */ edgeReference(0);

/** The offset of no edge. */
const NOTHING = -1;

/** What is around a value that does not go on with a prefix; no word is so large. */
const NEW = 2 ** 31;

/**
 * Where the field of a branch is, by kind, as in `radix.ts`: `word | bits after it << 2 | mask << 7`. The mask is 0 where no
 * branch has that kind.
 */
export const fields: Int32Array = /* @__PURE__ */ (() =>
  Int32Array.from({ length: 32 }, (_, kind) => {
    const isTwelve = kind >= TWELVE;
    const half = isTwelve ? kind - TWELVE + 1 : kind - HALF;
    if (kind < COMPARISON) return (kind >>> 2) | ((24 - (kind & 3) * 8) << 2) | (0xff << 7);
    if (half < 0 || (isTwelve && half > 3)) return 0;
    const shift = (half & 1 ? 0 : 16) + (isTwelve ? 4 : 0);
    return (half >>> 1) | (shift << 2) | ((isTwelve ? 0xfff : 0xffff) << 7);
  }))();

/** The number of bits set in a word. */
export function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Whether the array of a tree with roots of 1 to 16 and 1 to 13 bits is one that the builder could have made, of labels that
 * are 0 or from `first` to `last`. Linear in the words, each of which is read once. Needs no memory.
 */
export function isTree({ data, root6, shift4, shift6 }: Radix, last: number, first = 1): boolean {
  const ipv4 = new Reading(data, 1, first, last, 0);
  if (!ipv4.isRoot(2 ** (32 - shift4), 0, 0) || ipv4.end !== root6 - 1) return false;
  // The value for all addresses outside global unicast comes before the root, and its nodes come last.
  const ipv6 = new Reading(data, 4, first, last, root6);
  if (!ipv6.isRoot(2 ** (32 - shift6), 0x2000_0000, GLOBAL_UNICAST_BITS)) return false;
  return ipv6.isBlock(data[root6 - 1] as number, 0, NEW) && ipv6.end === data.length;
}

/**
 * Reads the roots and nodes of one family in the order in which the builder puts them, each once, as the second time it is not
 * the next one. What is read outside the array is `undefined`, which nothing takes.
 */
class Reading {
  /** Keeps the code compiled for this class, see `Column.kept`. */
  static readonly kept: Reading = /* @__PURE__ */ new Reading(fields, 1, 1, 0, 0);

  /** Where the roots and nodes end that have been read, and the next one is. */
  end: number;
  readonly #data: Int32Array;
  readonly #width: 1 | 4;
  readonly #first: number;
  readonly #last: number;
  /** The first address of a block; what comes after the bits that the block shares may be anything. */
  readonly #block: Int32Array = new Int32Array(4);

  constructor(data: Int32Array, width: 1 | 4, first: number, last: number, start: number) {
    this.#data = data;
    this.#width = width;
    this.#first = first;
    this.#last = last;
    this.end = start;
  }

  /** Whether there is a root of so many values for a block, which starts with `length` bits of a word. */
  isRoot(size: number, word: number, length: number): boolean {
    const root = this.end;
    const after = length + 31 - Math.clz32(size);
    this.end += size;
    for (let slot = 0; slot < size; slot++) {
      this.#block[0] = word | (slot << (32 - after));
      if (!this.isBlock(this.#data[root + slot] as number, after, NEW)) return false;
    }
    return true;
  }

  /**
   * Whether a value is one of a block of `length` bits; `around` is what the comparison before has around it, if this may be
   * another one of the same prefix, else NEW.
   */
  isBlock(value: number, length: number, around: number): boolean {
    if (value >= 0) return this.#isLeaf(value, length, NOTHING, NOTHING, MOST_EDGES_DEEP);
    const node = ~value >>> 5;
    const kind = ~value & 31;
    return kind === COMPARISON
      ? this.#isComparison(node, length, around)
      : this.#isBranch(node, kind, length);
  }

  #isLabel(value: number): boolean {
    return value === 0 || (value >= this.#first && value <= this.#last);
  }

  /** Whether a value is a label, or an edge between two others, which are at these offsets. */
  #isLeaf(value: number, length: number, above: number, below: number, depth: number): boolean {
    return this.#isLabel(value) || (value >= EDGE && this.#isEdge(value - EDGE, length, above, below, depth));
  }

  #isEdge(node: number, length: number, above: number, below: number, depth: number): boolean {
    const data = this.#data;
    const after = node + 2 + this.#width;
    if (depth === 0) return false;
    let hasHostBits = false;
    for (let word = 0; word < this.#width; word++) {
      const own = data[node + 2 + word] as number;
      const mask = hostMask(length, word);
      if (((own ^ (this.#block[word] as number)) & ~mask) !== 0) return false;
      hasHostBits ||= (own & mask) !== 0;
    }
    if (!hasHostBits || !this.#isBelow(above, node) || !this.#isBelow(node, below)) return false;
    if (!this.#isLeaf(data[node] as number, length, above, node, depth - 1)) return false;
    if (!this.#isLeaf(data[node + 1] as number, length, node, below, depth - 1)) return false;
    return this.#takes(node, after);
  }

  /** Whether the address of one edge is below that of another. */
  #isBelow(left: number, right: number): boolean {
    if (left === NOTHING || right === NOTHING) return true;
    const data = this.#data;
    for (let word = 2; word < 2 + this.#width; word++) {
      const low = (data[left + word] as number) >>> 0;
      const high = (data[right + word] as number) >>> 0;
      if (low !== high) return low < high;
    }
    return false;
  }

  /** Takes the words of a node, which must come next. */
  #takes(node: number, after: number): boolean {
    if (node !== this.end) return false;
    this.end = after;
    return true;
  }

  #isComparison(node: number, length: number, around: number): boolean {
    const data = this.#data;
    const block = this.#block;
    const isShort = this.#width === 1;
    const outside = data[node + 1] as number;
    // A longer prefix takes several comparisons, all of which have the same around them.
    const goesOn = outside === around;
    if (!goesOn && !this.#isLeaf(outside, length, NOTHING, NOTHING, MOST_EDGES_DEEP)) return false;
    if (!this.#takes(node, node + (isShort ? 4 : 5))) return false;
    const header = data[node + 2] as number;
    const a = length >>> 5;
    const b = isShort ? 0 : (header >>> 2) & 3;
    const ignored = isShort ? header : header >>> 9;
    const end = (b + 1) * 32 - ignored;
    const expected = isShort ? ignored : a | (b << 2) | ((a === b ? ignored : 0) << 4) | (ignored << 9);
    if (header !== expected || ignored < 0 || ignored > 31 || b > a + 1 || end <= length) return false;
    const first = data[node + 3] as number;
    const second = data[node + (isShort ? 3 : 4)] as number;
    if (((first ^ (block[a] as number)) & ~hostMask(length, a)) !== 0) return false;
    if ((a === b && first !== second) || (second & hostMask(end, b)) !== 0) return false;
    block[a] = first;
    block[b] = second;
    const inside = data[node] as number;
    if (this.#isLabel(inside)) return true;
    // Otherwise it skips a byte, or the rest of one. So no walk is too long.
    return (goesOn || end > (length | 7)) && this.isBlock(inside, end, end === (a + 2) * 32 ? outside : NEW);
  }

  #isBranch(node: number, kind: number, length: number): boolean {
    const data = this.#data;
    const block = this.#block;
    const field = fields[kind] as number;
    const word = field & 3;
    const shift = (field >>> 2) & 31;
    const mask = field >>> 7;
    const after = word * 32 + 32 - shift;
    const header = node + ((mask + 1) >>> 4);
    const offset = after - 32 + Math.clz32(mask);
    if (length < offset || length >= after || (this.#width === 1 && kind > 3)) return false;
    if (((data[node] as number) & 1) === 0) return false;
    const bitsBefore = (block[word] as number) & ~(mask << shift);
    // The slots of the block; the first value begins at slot 0 all the same.
    const start = ((block[word] as number) >>> shift) & mask & -(1 << (after - length));
    const end = start + (1 << (after - length));
    let at = header;
    // No value is -1, as that would be a branch in the root of IPv4.
    let previous = -1;
    for (let pair = node; pair < header; pair += 2) {
      if (data[pair + 1] !== at - 1) return false;
      for (let rest = data[pair] as number; rest !== 0; rest &= rest - 1) {
        const begins = (pair - node) * 16 + 31 - Math.clz32(rest & -rest);
        const slot = at === header ? start : begins;
        const value = data[at++] as number;
        if ((slot <= start && at > header + 1) || slot >= end || value === previous) return false;
        previous = value;
        if (this.#isLabel(value)) continue;
        // A node is for one slot alone.
        const next = slot + 1;
        if (next < end && (((data[node + ((next >>> 5) << 1)] as number) >>> (next & 31)) & 1) === 0)
          return false;
        block[word] = bitsBefore | (slot << shift);
        if (!this.isBlock(value, after, NEW)) return false;
      }
    }
    return this.#takes(node, at);
  }
}
