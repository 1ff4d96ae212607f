/**
 * Whether an array is a tree, for arrays that did not come from the builder: each value leads to a label or to a node of
 * its family inside the array, each word belongs to exactly one root or node, and no walk is longer than any tree needs.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
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

/**
 * Whether the array of a tree is well-formed, and has no label above `last`. Linear, with one byte of memory for each word.
 * It is one loop and not a function that calls itself, as nearly always it runs once, before it is compiled.
 */
export function isTree({ data, root6, shift4, shift6 }: Radix, last: number): boolean {
  const isWidth = (shift: number, most: number): boolean => shift >= 32 - most && shift <= 31;
  if (!isWidth(shift4, 16) || !isWidth(shift6, 13)) return false;
  const claims = new Claims(data.length);
  return (
    leadsToLabels(data, last, 0, 2 ** (32 - shift4), 4, claims) &&
    leadsToLabels(data, last, root6 - 1, 1 + 2 ** (32 - shift6), 6, claims) &&
    claims.count === data.length
  );
}

/** Which words belong to roots and nodes. */
class Claims {
  /** Keeps the code compiled for this class, see `Column.kept`. */
  static readonly kept: Claims = /* @__PURE__ */ new Claims(0);

  count = 0;
  readonly words: Uint8Array;

  constructor(size: number) {
    this.words = new Uint8Array(size);
  }

  /** Takes words for a root or a node; `false` when they are outside the array or another's. */
  take(start: number, size: number): boolean {
    const { words } = this;
    if (start < 0 || start + size > words.length) return false;
    for (let at = start; at < start + size; at++) {
      if (words[at] !== 0) return false;
      words[at] = 1;
    }
    this.count += size;
    return true;
  }
}

/** Whether there is a root at a place, all of whose values lead to labels. */
function leadsToLabels(
  data: Int32Array,
  last: number,
  root: number,
  size: number,
  family: Family,
  claims: Claims,
): boolean {
  const width = wordsOf(family);
  // For the root and each node on the way down: the next value and their end, and the value around the node.
  const next = new Int32Array(MOST_STEPS + 1);
  const ends = new Int32Array(MOST_STEPS + 1);
  const around = new Int32Array(MOST_STEPS + 1).fill(NOTHING);
  if (!claims.take(root, size)) return false;
  let depth = 0;
  next[0] = root;
  ends[0] = root + size;
  while (depth >= 0) {
    const at = next[depth] as number;
    if (at === ends[depth]) {
      depth--;
      continue;
    }
    next[depth] = at + 1;
    const value = data[at] as number;
    if (value >= 0) {
      if (value > last && !leadsByEdges(data, value, last, width, claims, MOST_STEPS)) return false;
      continue;
    }
    const outside = around[depth] as number;
    if (++depth > MOST_STEPS) return false;
    const kind = ~value & 31;
    const node = ~value >>> 5;
    if (kind === COMPARISON) {
      if (!claims.take(node, width === 1 ? 4 : 5)) return false;
      const header = data[node + 2] as number;
      const value = data[node + 1] as number;
      if (header < 0 || header >= (width === 1 ? 32 : 2 ** 14) || value < 0) return false;
      // A longer prefix takes several comparisons, all of which have the same around them.
      const isKnown = value <= last || value === outside;
      if (!isKnown && !leadsByEdges(data, value, last, width, claims, MOST_STEPS)) return false;
      next[depth] = node;
      ends[depth] = node + 1;
      around[depth] = value;
      continue;
    }
    const header = headers[kind] as number;
    const values = countValues(data, node, kind, width);
    if (values === 0 || !claims.take(node, header + values)) return false;
    next[depth] = node + header;
    ends[depth] = node + header + values;
    around[depth] = NOTHING;
  }
  return true;
}

function leadsByEdges(
  data: Int32Array,
  value: number,
  last: number,
  width: number,
  claims: Claims,
  steps: number,
): boolean {
  if (value < EDGE) return value >= 0 && value <= last;
  const node = value - EDGE;
  return (
    steps > 0 &&
    claims.take(node, 2 + width) &&
    leadsByEdges(data, data[node] as number, last, width, claims, steps - 1) &&
    leadsByEdges(data, data[node + 1] as number, last, width, claims, steps - 1)
  );
}

/** Words before the values of a branch, by kind. */
const headers: Int32Array = /* @__PURE__ */ (() =>
  Int32Array.from({ length: 32 }, (_, kind) => 2 ** fieldOf(kind)[0] / 16))();

/** The number of values of a branch, or 0 when it cannot be one. */
function countValues(data: Int32Array, node: number, kind: number, width: number): number {
  const header = headers[kind] as number;
  if (header < 2 || (width === 1 && kind > 3) || node + header > data.length) return 0;
  // The first value begins at the start of the field.
  if (((data[node] as number) & 1) === 0) return 0;
  let values = 0;
  for (let pair = node; pair < node + header; pair += 2) {
    if (data[pair + 1] !== node + header + values - 1) return 0;
    values += countBits(data[pair] as number);
  }
  return values;
}
