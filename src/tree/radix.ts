/**
 * HOT. The compiled radix tree: words in, label out; no text, no objects, no policy.
 *
 * A tree for both families is one `Int32Array`. `build.ts` builds it once, and it never changes. A lookup reads one
 * *value* after another from the array until a value is a label:
 *
 * | value  | means                                                                                              |
 * |--------|----------------------------------------------------------------------------------------------------|
 * | ≥ 0    | the label of the address: the search is over                                                       |
 * | ≥ 2^30 | `value − 2^30` is the offset of an edge                                                             |
 * | < 0    | `~value` is `offset << 5 | kind`: a node at `offset`; kind 16 is a comparison, all others a branch  |
 *
 * **Root**: `2^width` values, indexed by the first bits of the address. The root of IPv6 is for global unicast,
 * 2000::/3 (RFC 4291 §2.4), which holds nearly all clients and entries: it is indexed by the bits after those three,
 * and the value just before it is for all other addresses. The width follows the number of runs, so that a short list
 * costs little memory and a long one few steps.
 *
 * **Branch**: decides by one field of the address. The kind says which ({@link fields}): a byte, or, for IPv6, also a
 * half word or the first twelve bits of one. A branch has a pair of words for every 32 values of the field, followed by
 * the values of the node, in which equal neighbours are stored only once:
 *
 * ```
 * word 2i      bitmap: bit j is set where 32i + j begins a new value
 * word 2i + 1  base:   index in the array of the value before the first that begins in this bitmap
 *
 * value of field x = data[base + number of bits set in the bitmap up to and including bit x & 31]
 * ```
 *
 * **Comparison**: all addresses of the node have one label, except those of one longer prefix. It skips the bytes for
 * which one isolated network would otherwise need a branch each:
 *
 * ```
 * word 0  value of the addresses inside
 * word 1  value of the addresses outside the prefix
 * word 2  IPv4: number of trailing bits to ignore
 *         IPv6: which words to compare, a and b, and bits of each to ignore: a | b << 2 | bits << 4 | bits << 9
 * word 3  the prefix, or its word a
 * word 4  IPv6: its word b, which is the next one or a itself; a longer prefix takes several comparisons
 * ```
 *
 * **Edge**: the addresses below one address have one value, those from there on another: labels, or another edge. Without
 * edges, the end of a range could take a branch for each of its bytes. Ends of prefixes need none.
 *
 * ```
 * word 0     value of the addresses below
 * word 1     value of the others
 * words 2…   the first of the others: one word of IPv4, four of IPv6
 * ```
 *
 * Example: the list `10.0.0.0/8` (label 1), `10.1.2.0/24` (label 2), whose five runs get a root of 4 bits:
 *
 * ```
 * data[0…15]  root        [~(16 << 5 | 16), 0, 0, …]          0.0.0.0/4 is decided at offset 16, the rest has label 0
 * data[16…19] comparison  [~(20 << 5 | 16), 0, 24, 10.0.0.0]  inside 10.0.0.0/8 see offset 20, outside label 0
 * data[20…23] comparison  [2, 1, 8, 10.1.2.0]                 inside 10.1.2.0/24 label 2, outside label 1
 * ```
 *
 * Cost: a root value, then one node at a time, at most one for each byte of the address: 4 for IPv4 and 16 for IPv6,
 * fewer where comparisons skip. Nothing is allocated.
 */

import { scanned } from '../address/scanner.ts';
import { nothing } from '../space/column.ts';

/** A local name: an exported one is reloaded at each use, and then its array is looked up as well. */
const words = scanned;

export const COMPARISON = 16;
/** A branch by half word *h* has kind `HALF + h`, one by byte *b* has kind *b*. */
export const HALF = 17;
/** A branch by the first twelve bits of half word 1, 2 or 3 has kind `TWELVE`, `TWELVE + 1` or `TWELVE + 2`. */
export const TWELVE = 25;
const KIND_BITS = 5;
const KIND_MASK = (1 << KIND_BITS) - 1;
/** An offset and a kind share the 31 bits of a positive integer, which allows trees of up to 256 MiB. */
const MAX_OFFSET = 2 ** (31 - KIND_BITS) - 1;

/** Values from here on refer to edges. */
const EDGE = 2 ** 30;

/** The first bits of global unicast. */
const GLOBAL_UNICAST = 0b001;
export const GLOBAL_UNICAST_BITS = 3;

/**
 * Where the field of a branch is, by kind: `word | bits after it << 2 | mask << 7`. Looked up, because processors
 * mispredict a branch that chooses between bytes and half words.
 */
const fields: Int32Array = /* @__PURE__ */ (() => {
  const table = new Int32Array(1 << KIND_BITS);
  const set = (kind: number, bit: number, width: number): void => {
    table[kind] = (bit >>> 5) | ((32 - (bit & 31) - width) << 2) | (((1 << width) - 1) << 7);
  };
  for (let byte = 0; byte < 16; byte++) set(byte, byte * 8, 8);
  for (let half = 0; half < 8; half++) set(HALF + half, half * 16, 16);
  for (let half = 1; half < 4; half++) set(TWELVE + half - 1, half * 16, 12);
  return table;
})();

/** The value that refers to a node. */
export function reference(node: number, kind: number): number {
  checkOffset(node);
  return ~((node << KIND_BITS) | kind);
}

/** The value that refers to an edge. */
export function edgeReference(node: number): number {
  checkOffset(node);
  return EDGE + node;
}

/** Whether a value refers to an edge. */
export function isEdge(value: number): boolean {
  return value >= EDGE;
}

function checkOffset(node: number): void {
  if (node > MAX_OFFSET) throw new RangeError('the lists are too large for one tree');
}

/**
 * Masks that count the bits set in a word: in pairs, in fours, in bytes, and the sum of the bytes. JavaScript has no
 * instruction for it. Both loops do it in place: V8 inlines a function of this size only where it has seen it called
 * often, which depends on the first clients, and a call for each branch makes a decision 8 % slower.
 */
const PAIRS = 0x55555555;
const FOURS = 0x33333333;
const BYTES = 0x0f0f0f0f;
const ONES = 0x01010101;

/** A tree over both families. Plain fields: a private name costs a decision several nanoseconds on Node 20. */
export class Radix {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Radix = /* @__PURE__ */ new Radix(nothing, 1, 31, 31);

  readonly data: Int32Array;
  /** Where the IPv6 root starts; the IPv4 root starts at 0. */
  readonly root6: number;
  /** 32 minus the width of the root, for each family. */
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
        value = data[node + isNotZero(differs)] as number;
      } else {
        const byte = (word >>> (24 - kind * 8)) & 255;
        const pair = node + ((byte >>> 5) << 1);
        let bits = (data[pair] as number) << (31 - (byte & 31));
        bits -= (bits >>> 1) & PAIRS;
        bits = (bits & FOURS) + ((bits >>> 2) & FOURS);
        const begun = Math.imul((bits + (bits >>> 4)) & BYTES, ONES) >>> 24;
        value = data[(data[pair + 1] as number) + begun] as number;
      }
    }
    return value < EDGE ? value : labelByEdges(data, value, word, 1);
  }

  /** Label of the IPv6 address in `scanned`, 0 for none. The loop is that of `find4` over four words. */
  find6(): number {
    const data = this.data;
    const address = words;
    const places = fields;
    const first = address[0] as number;
    const isGlobal = first >>> (32 - GLOBAL_UNICAST_BITS) === GLOBAL_UNICAST;
    let value = data[
      isGlobal ? this.root6 + ((first << GLOBAL_UNICAST_BITS) >>> this.shift6) : this.root6 - 1
    ] as number;
    while (value < 0) {
      const kind = ~value & KIND_MASK;
      const node = ~value >>> KIND_BITS;
      if (kind === COMPARISON) {
        const header = data[node + 2] as number;
        const a = (address[header & 3] as number) ^ (data[node + 3] as number);
        const b = (address[(header >>> 2) & 3] as number) ^ (data[node + 4] as number);
        const differs = (a >>> ((header >>> 4) & 31)) | (b >>> (header >>> 9));
        value = data[node + isNotZero(differs)] as number;
      } else {
        const field = places[kind] as number;
        const part = ((address[field & 3] as number) >>> ((field >>> 2) & 31)) & (field >>> 7);
        const pair = node + ((part >>> 5) << 1);
        let bits = (data[pair] as number) << (31 - (part & 31));
        bits -= (bits >>> 1) & PAIRS;
        bits = (bits & FOURS) + ((bits >>> 2) & FOURS);
        const begun = Math.imul((bits + (bits >>> 4)) & BYTES, ONES) >>> 24;
        value = data[(data[pair + 1] as number) + begun] as number;
      }
    }
    return value < EDGE ? value : labelByEdges(data, value, first, 4);
  }
}

/** Label of an address among edges; `first` is its first word, and the others are those in `scanned`. */
function labelByEdges(data: Int32Array, edge: number, first: number, width: number): number {
  let value = edge;
  while (value >= EDGE) {
    const node = value - EDGE;
    let difference = (first >>> 0) - ((data[node + 2] as number) >>> 0);
    for (let word = 1; difference === 0 && word < width; word++) {
      difference = ((words[word] as number) >>> 0) - ((data[node + 2 + word] as number) >>> 0);
    }
    value = data[difference < 0 ? node : node + 1] as number;
  }
  return value;
}

/** 0 for zero and 1 for anything else, without a branch: no processor can predict whether a client is inside. */
function isNotZero(bits: number): number {
  return (bits | (0 - bits)) >>> 31;
}
