/**
 * Whether an array is a tree, for arrays that did not come from the builder: each value leads to a label or to a node of
 * its family inside the array, each word belongs to exactly one root or node, and no walk is longer than any tree needs.
 */

import type { Family } from '../address/scanner.ts';
import { nothing } from '../space/column.ts';
import { COMPARISON, edgeReference, HALF, type Radix, TWELVE } from './radix.ts';

/** More nodes than lie between a root and any label: two for each byte of an address, and a search among edges. */
export const MOST_STEPS = 40;

const EDGE: number = /* @__PURE__ */ edgeReference(0);

/** What no value outside a comparison is. */
const NOTHING = -1;

/** Width in bits and first bit of the field of a branch of this kind; a width of 0 when there is no such branch. */
export function fieldOf(kind: number): readonly [bits: number, offset: number] {
  if (kind < COMPARISON) return [8, kind * 8];
  if (kind >= TWELVE) return kind < TWELVE + 3 ? [12, (kind - TWELVE + 1) * 16] : [0, 0];
  return kind >= HALF ? [16, (kind - HALF) * 16] : [0, 0];
}

/** The number of bits set in a word. */
export function countBits(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Whether the array of a tree is well-formed, and has no label above `last`. Linear; one byte of memory for each word. */
export function isTree({ data, root6, shift4, shift6 }: Radix, last: number): boolean {
  const isWidth = (shift: number, most: number): boolean => shift >= 32 - most && shift <= 31;
  if (!isWidth(shift4, 16) || !isWidth(shift6, 13)) return false;
  const shape = new Shape(data, last);
  return (
    shape.hasRoot(0, 2 ** (32 - shift4), 4) &&
    shape.hasRoot(root6 - 1, 1 + 2 ** (32 - shift6), 6) &&
    shape.claimed === data.length
  );
}

class Shape {
  /** Keeps the code compiled for this class, see `Column.kept`. */
  static readonly kept: Shape = /* @__PURE__ */ new Shape(nothing, 0);

  /** Words that belong to roots and nodes. */
  claimed = 0;
  readonly #data: Int32Array;
  readonly #last: number;
  /** 1 for each of them. */
  readonly #owned: Uint8Array;
  #family: Family = 4;

  constructor(data: Int32Array, last: number) {
    this.#data = data;
    this.#last = last;
    this.#owned = new Uint8Array(data.length);
  }

  /** Whether there is a root at a place, all of whose values lead to labels. */
  hasRoot(root: number, size: number, family: Family): boolean {
    this.#family = family;
    if (!this.#claim(root, size)) return false;
    let previous = NOTHING;
    for (let at = root; at < root + size; at++) {
      const value = this.#data[at] as number;
      const isSame = value === previous && value >= 0 && value < EDGE;
      if (!isSame && !this.#leads(value, MOST_STEPS, NOTHING)) return false;
      previous = value;
    }
    return true;
  }

  /** @param outside - the value around this one that was checked, as a longer prefix takes several comparisons */
  #leads(value: number, steps: number, outside: number): boolean {
    if (value >= 0) return this.#leadsByEdges(value, steps);
    if (steps === 0) return false;
    const kind = ~value & 31;
    const node = ~value >>> 5;
    return kind === COMPARISON
      ? this.#isComparison(node, steps - 1, outside)
      : this.#isBranch(node, kind, steps - 1);
  }

  #leadsByEdges(value: number, steps: number): boolean {
    if (value < EDGE) return value >= 0 && value <= this.#last;
    const node = value - EDGE;
    if (steps === 0 || !this.#claim(node, this.#family === 4 ? 3 : 6)) return false;
    return (
      this.#leadsByEdges(this.#data[node] as number, steps - 1) &&
      this.#leadsByEdges(this.#data[node + 1] as number, steps - 1)
    );
  }

  #isComparison(node: number, steps: number, outside: number): boolean {
    const isShort = this.#family === 4;
    if (!this.#claim(node, isShort ? 4 : 5)) return false;
    const header = this.#data[node + 2] as number;
    if (header < 0 || header >= (isShort ? 32 : 2 ** 14)) return false;
    const around = this.#data[node + 1] as number;
    if (around !== outside && !this.#leadsByEdges(around, steps)) return false;
    return this.#leads(this.#data[node] as number, steps, around);
  }

  #isBranch(node: number, kind: number, steps: number): boolean {
    const data = this.#data;
    const [bits] = fieldOf(kind);
    if (bits === 0 || (this.#family === 4 && kind > 3)) return false;
    const header = 2 ** bits / 16;
    // The value of the first part of the field begins at its start.
    if (node + header > data.length || ((data[node] as number) & 1) === 0) return false;
    let values = 0;
    for (let pair = node; pair < node + header; pair += 2) {
      if (data[pair + 1] !== node + header + values - 1) return false;
      values += countBits(data[pair] as number);
    }
    if (!this.#claim(node, header + values)) return false;
    for (let at = node + header; at < node + header + values; at++) {
      if (!this.#leads(data[at] as number, steps, NOTHING)) return false;
    }
    return true;
  }

  /** Takes words for a root or a node; `false` when they are outside the array or another's. */
  #claim(start: number, size: number): boolean {
    const owned = this.#owned;
    if (start < 0 || start + size > owned.length) return false;
    for (let at = start; at < start + size; at++) {
      if (owned[at] !== 0) return false;
      owned[at] = 1;
    }
    this.claimed += size;
    return true;
  }
}
