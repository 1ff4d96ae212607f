/**
 * HOT. A tree in memory that others can write to: the bytes of a snapshot, in which other threads may change a word while
 * a client is looked up.
 *
 * Nothing that is read there can be trusted, not even what was checked before. So each walk ends after a number of steps
 * that no tree needs, an offset outside the array reads as `undefined`, which is not a label, and a label that the tree
 * does not have is not an answer: the client is denied as if it had no address.
 */

import { scanned } from '../address/scanner.ts';
import { nothing } from '../space/column.ts';
import { NO_ADDRESS } from './find.ts';
import { COMPARISON, edgeReference, GLOBAL_UNICAST_BITS, Radix } from './radix.ts';
import { fields, MOST_STEPS } from './shape.ts';

/** A local name, see `radix.ts`. */
const words = scanned;

const EDGE: number = /* @__PURE__ */ edgeReference(0);

/** The same. */
const fieldsOfKinds = fields;

const PAIRS = 0x55555555;
const FOURS = 0x33333333;
const BYTES = 0x0f0f0f0f;
const ONES = 0x01010101;

/** The loops are those of {@link Radix}, with a bound. */
export class BoundedRadix extends Radix {
  /** Keeps the code compiled for this class, see `Column.kept`. */
  static override readonly kept: BoundedRadix = /* @__PURE__ */ new BoundedRadix(nothing, 1, 31, 31, 0);

  /** The largest label. */
  readonly last: number;

  constructor(data: Int32Array, root6: number, shift4: number, shift6: number, last: number) {
    super(data, root6, shift4, shift6);
    this.last = last;
  }

  override find4(word: number): number {
    const data = this.data;
    let value = data[word >>> this.shift4] as number;
    for (let steps = MOST_STEPS; value < 0; steps--) {
      if (steps === 0) return NO_ADDRESS;
      const kind = ~value & 31;
      const node = ~value >>> 5;
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
    return value <= this.last ? value : this.labelByEdges(value, word, 1);
  }

  override find6(): number {
    const data = this.data;
    const address = words;
    const places = fieldsOfKinds;
    const first = address[0] as number;
    const isGlobal = first >>> (32 - GLOBAL_UNICAST_BITS) === 1;
    let value = data[
      isGlobal ? this.root6 + ((first << GLOBAL_UNICAST_BITS) >>> this.shift6) : this.root6 - 1
    ] as number;
    for (let steps = MOST_STEPS; value < 0; steps--) {
      if (steps === 0) return NO_ADDRESS;
      const kind = ~value & 31;
      const node = ~value >>> 5;
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
    return value <= this.last ? value : this.labelByEdges(value, first, 4);
  }

  /** The label of an address among edges, or NO_ADDRESS. */
  labelByEdges(edge: number, first: number, width: number): number {
    const data = this.data;
    let value = edge;
    for (let steps = MOST_STEPS; value >= EDGE && steps > 0; steps--) {
      const node = value - EDGE;
      let difference = (first >>> 0) - ((data[node + 2] as number) >>> 0);
      for (let word = 1; difference === 0 && word < width; word++) {
        difference = ((words[word] as number) >>> 0) - ((data[node + 2 + word] as number) >>> 0);
      }
      value = data[difference < 0 ? node : node + 1] as number;
    }
    return value >= 0 && value <= this.last ? value : NO_ADDRESS;
  }
}

function isNotZero(bits: number): number {
  return (bits | (0 - bits)) >>> 31;
}
