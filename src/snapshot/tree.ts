/**
 * A tree as bytes: as it is in memory, for large trees, which are used where they are; or packed, because the roots of a
 * small tree are most of it, and are nearly empty.
 */

import { BoundedRadix } from '../tree/bounded.ts';
import { Radix } from '../tree/radix.ts';
import { isTree } from '../tree/shape.ts';
import { corrupt } from './error.ts';
import { ByteReader, ByteWriter, fold, unfold } from './varint.ts';

/** Trees of more words than these are stored as they are. Unpacking so many takes a few milliseconds. */
const MOST_PACKED = 2 ** 18;

/** The widths of the roots, where that of IPv6 starts, and the number of words. */
const HEADER = 16;

/** Whether a machine keeps the lowest byte of a number first, as a snapshot does. */
const isLittleEndian: boolean = /* @__PURE__ */ (() =>
  new Uint8Array(/* @__PURE__ */ Uint16Array.of(1).buffer)[0] === 1)();

/** Whether a tree is stored as it is. */
export function isLarge({ data }: Radix): boolean {
  return data.length > MOST_PACKED;
}

/** The same tree in memory of its own, for one in memory that others can write to: only a copy can be checked. */
export function settle(radix: Radix): Radix {
  if (!(radix instanceof BoundedRadix)) return radix;
  const { data, root6, shift4, shift6, last } = radix;
  const settled = new Radix(data.slice(), root6, shift4, shift6);
  if (!isTree(settled, last)) throw corrupt('its bytes have changed since it was loaded');
  return settled;
}

export function encodeTree(radix: Radix): Uint8Array {
  const { data, root6, shift4, shift6 } = radix;
  const writer = new ByteWriter();
  writer.writeBytes(bytesOfWords([32 - shift4, 32 - shift6, root6, data.length]));
  if (isLarge(radix)) writer.writeBytes(bytesOfWords(data));
  else pack(writer, radix);
  return writer.view();
}

/**
 * @param labels - the smallest label that leads to an answer of its own, and the largest
 * @param isChecked - whether to check all of a tree that is stored as it is
 */
export function decodeTree(
  bytes: Uint8Array,
  large: boolean,
  [first, last]: readonly [number, number],
  isChecked: boolean,
): Radix {
  if (bytes.length < HEADER) throw corrupt('its tree is too short');
  const [width4, width6, root6, length] = wordsOfBytes(bytes.subarray(0, HEADER)) as unknown as [
    number,
    number,
    number,
    number,
  ];
  if (width4 < 1 || width4 > 16 || width6 < 1 || width6 > 13) throw corrupt('its tree has no roots');
  const roots = [2 ** width4, 2 ** width6] as const;
  const rest = bytes.subarray(HEADER);
  // Each word outside the roots takes a byte at least.
  const isLength = large ? length * 4 === rest.length : length <= roots[0] + roots[1] + 1 + rest.length;
  if (length > MOST_PACKED !== large || !isLength) throw corrupt('its tree has not the size that it says');
  if (root6 < roots[0] + 1 || root6 + roots[1] > length) throw corrupt('its tree has no roots');
  const data = large ? wordsOfBytes(rest) : unpack(rest, length, root6, roots);
  const radix = new Radix(data, root6, 32 - width4, 32 - width6);
  if ((!large || isChecked) && !isTree(radix, last, first)) throw corrupt('its tree is not one');
  // What is packed is unpacked into memory that nobody else has.
  return large ? new BoundedRadix(data, root6, 32 - width4, 32 - width6, last) : radix;
}

/** Calls back for each stretch of the array: a root, or the nodes between or after the roots. */
function eachStretch(
  length: number,
  root6: number,
  [size4, size6]: readonly [number, number],
  visit: (from: number, to: number, isRoot: boolean) => void,
): void {
  visit(0, size4, true);
  visit(size4, root6 - 1, false);
  visit(root6 - 1, root6 + size6, true);
  visit(root6 + size6, length, false);
}

/**
 * Words as numbers, three times this and one of 0, 1 and 2 more, which nearly always are small:
 *
 * 0. a word of 0 or more, such as a label;
 * 1. a word below 0: 32 times the distance from the node that the one before refers to, and the kind of the node;
 * 2. a word of 0 or more that is near its own place, as the base of a branch is: the distance from there.
 *
 * Distances are written as 0, −1, 1, −2, …
 */
class Codec {
  readonly #length: number;
  #previous = 0;

  constructor(length: number) {
    this.#length = length;
  }

  toNumber(word: number, at: number): number {
    if (word >= 0) return Math.min(word * 3, fold(word - at) * 3 + 2);
    const offset = ~word >>> 5;
    const distance = offset - this.#previous;
    this.#pass(offset);
    return (fold(distance) * 32 + (~word & 31)) * 3 + 1;
  }

  toWord(value: number, at: number): number {
    const third = Math.floor(value / 3);
    if (value % 3 !== 1) {
      const word = value % 3 === 0 ? third : at + unfold(third);
      // Of the two ways to write it, the other may be the shorter one.
      return word === (word | 0) && word >= 0 && this.toNumber(word, at) === value ? word : outOfRange();
    }
    const offset = this.#previous + unfold(Math.floor(third / 32));
    if (offset < 0 || offset >= 2 ** 26) return outOfRange();
    this.#pass(offset);
    return ~(offset * 32 + (third % 32));
  }

  /** Words that are no references may look like some to nodes that are far away. */
  #pass(offset: number): void {
    if (offset < this.#length) this.#previous = offset;
  }
}

function outOfRange(): never {
  throw corrupt('a word of its tree is out of range');
}

/** A root is written as pairs of a number of equal values and the value, all other words one by one. */
function pack(writer: ByteWriter, { data, root6, shift4, shift6 }: Radix): void {
  const codec = new Codec(data.length);
  eachStretch(data.length, root6, [2 ** (32 - shift4), 2 ** (32 - shift6)], (from, to, isRoot) => {
    for (let at = from, next = at; at < to; at = next) {
      const word = data[at] as number;
      next = at + 1;
      if (isRoot) {
        while (next < to && data[next] === word) next++;
        writer.write(next - at);
      }
      writer.write(codec.toNumber(word, at));
    }
  });
}

function unpack(
  bytes: Uint8Array,
  length: number,
  root6: number,
  roots: readonly [number, number],
): Int32Array {
  const reader = new ByteReader(bytes);
  const codec = new Codec(length);
  const data = new Int32Array(length);
  eachStretch(length, root6, roots, (from, to, isRoot) => {
    for (let at = from, next = at; at < to; at = next) {
      const count = isRoot ? reader.read(to - at) : 1;
      const word = codec.toWord(reader.read(), at);
      if (isRoot && (count === 0 || (at > from && data[at - 1] === word)))
        throw corrupt('a root of its tree has a stretch of nothing, or two of one value');
      next = at + count;
      data.fill(word, at, next);
    }
  });
  reader.finish();
  return data;
}

/** Words of a section: where they are, on a machine of the same byte order, if they are aligned; else a copy. */
export function wordsOfBytes(bytes: Uint8Array): Int32Array {
  const { buffer, byteOffset, length } = bytes;
  if (length % 4 !== 0) throw corrupt('a section has part of a number');
  if (isLittleEndian && byteOffset % 4 === 0) return new Int32Array(buffer, byteOffset, length / 4);
  const view = new DataView(buffer, byteOffset, length);
  return Int32Array.from({ length: length / 4 }, (_, at) => view.getInt32(4 * at, true));
}

export function bytesOfWords(words: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < words.length; at++) view.setInt32(4 * at, words[at] as number, true);
  return bytes;
}
