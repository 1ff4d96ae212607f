/**
 * The only arithmetic on the words of addresses, and their canonical text.
 *
 * An address is `width` words of 32 bits in network byte order, 1 for IPv4 and 4 for IPv6. Words may be signed or
 * unsigned: every function treats them as bits. A column holds many addresses one after another; a place in it counts
 * addresses, not words. None of this is on the path of a decision, and nothing here allocates except the functions that
 * return text.
 */

import type { Family } from './scanner.ts';

/** Words of an address, or a column of them. */
export type Words = Int32Array | readonly number[];
type MutableWords = Int32Array | number[];

/** Stands for the prefix length of a range that is not a prefix. */
export const NOT_A_PREFIX = -1;

/** Number of bits in an address of a family. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * The bits of word number `word` that come after a prefix length. A shift by 32 does nothing in JavaScript, so both
 * ends are handled first.
 */
export function hostMask(length: number, word: number): number {
  const kept = length - word * 32;
  if (kept <= 0) return -1;
  return kept >= 32 ? 0 : -1 >>> kept;
}

/** Orders addresses at two places of two columns: negative, 0 or positive. */
export function compareAt(left: Words, leftAt: number, right: Words, rightAt: number, width: number): number {
  for (let word = 0; word < width; word++) {
    const difference =
      ((left[leftAt * width + word] as number) >>> 0) - ((right[rightAt * width + word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Orders two addresses: negative, 0 or positive. */
export function compareWords(left: Words, right: Words, width: number): number {
  return compareAt(left, 0, right, 0, width);
}

/**
 * Compares the sizes, in addresses, of the intervals at two places of a column of first and a column of last addresses.
 * No first address is above its last one.
 */
export function compareSizes(
  firsts: Words,
  lasts: Words,
  left: number,
  right: number,
  width: number,
): number {
  let order = 0;
  let leftBorrow = 0;
  let rightBorrow = 0;
  // From the last word to the first, which counts most.
  for (let word = width - 1; word >= 0; word--) {
    const [l, r] = [left * width + word, right * width + word];
    const leftSize = ((lasts[l] as number) >>> 0) - ((firsts[l] as number) >>> 0) - leftBorrow;
    const rightSize = ((lasts[r] as number) >>> 0) - ((firsts[r] as number) >>> 0) - rightBorrow;
    leftBorrow = leftSize < 0 ? 1 : 0;
    rightBorrow = rightSize < 0 ? 1 : 0;
    const difference = (leftSize >>> 0) - (rightSize >>> 0);
    if (difference !== 0) order = difference;
  }
  return order;
}

/**
 * Whether there are at least as many addresses from `first` to `last` as in a prefix of a length. `first` is not above
 * `last`, and the length is at most the bits of an address.
 */
export function isAsLargeAsPrefix(first: Words, last: Words, width: number, length: number): boolean {
  // As many addresses from `first` on end here; when the sum wraps, the address space ends before them.
  const end = new Int32Array(width);
  let carry = 0;
  for (let word = width - 1; word >= 0; word--) {
    const sum = ((first[word] as number) >>> 0) + (hostMask(length, word) >>> 0) + carry;
    end[word] = sum;
    carry = sum > 0xffff_ffff ? 1 : 0;
  }
  return carry === 0 && compareWords(end, last, width) <= 0;
}

/** Number of addresses from `first` to `last`, which is not below it: exact up to 2^53, and rounded above that. */
export function countAddresses(first: Words, last: Words, width: number): number {
  let difference = 0;
  for (let word = 0; word < width; word++) {
    difference = difference * 2 ** 32 + (((last[word] as number) >>> 0) - ((first[word] as number) >>> 0));
  }
  return difference + 1;
}

/** Adds one; returns whether the result wrapped around to zero. */
export function increment(words: MutableWords, width: number): boolean {
  for (let word = width - 1; word >= 0; word--) {
    const next = ((words[word] as number) + 1) | 0;
    words[word] = next;
    if (next !== 0) return false;
  }
  return true;
}

/** Subtracts one from an address that is not zero. */
export function decrement(words: MutableWords, width: number): void {
  for (let word = width - 1; word >= 0; word--) {
    const value = words[word] as number;
    words[word] = (value - 1) | 0;
    if (value !== 0) return;
  }
}

/** Whether the address at one place of a column comes right after the one at a place of another column. */
export function isNextAt(
  before: Words,
  beforeAt: number,
  after: Words,
  afterAt: number,
  width: number,
): boolean {
  let carry = 1;
  for (let word = width - 1; word >= 0; word--) {
    const next = ((before[beforeAt * width + word] as number) + carry) | 0;
    if (next !== ((after[afterAt * width + word] as number) | 0)) return false;
    carry = carry === 1 && next === 0 ? 1 : 0;
  }
  // Nothing comes after the last address of all.
  return carry === 0;
}

/** Number of leading bits that two addresses share. */
export function commonLength(left: Words, right: Words, width: number): number {
  for (let word = 0; word < width; word++) {
    const common = Math.clz32((left[word] as number) ^ (right[word] as number));
    if (common < 32) return word * 32 + common;
  }
  return width * 32;
}

/** Length of the prefix that spans exactly `first` to `last`, or NOT_A_PREFIX when there is none. */
export function prefixLengthOf(first: Words, last: Words, width: number): number {
  const length = commonLength(first, last, width);
  for (let word = length >>> 5; word < width; word++) {
    const host = hostMask(length, word);
    if (((first[word] as number) & host) !== 0 || ((last[word] as number) | ~host) !== -1)
      return NOT_A_PREFIX;
  }
  return length;
}

/** Number of trailing zero bits of an address; all of its bits when it is zero. */
export function trailingZeros(words: Words, width: number): number {
  for (let word = width - 1; word >= 0; word--) {
    const value = words[word] as number;
    if (value !== 0) return (width - word) * 32 - 1 - Math.clz32(value & -value);
  }
  return width * 32;
}

/** Writes the last address of a network into `out`, which may be `words` itself. */
export function lastOf(words: Words, length: number, width: number, out: MutableWords): void {
  for (let word = 0; word < width; word++) out[word] = (words[word] as number) | hostMask(length, word);
}

/** Whether an IPv6 address is in the IPv4-mapped block, `::ffff:0:0/96`. */
export function isMapped(words: ArrayLike<number>): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}

/** Canonical text of an address (RFC 5952). */
export function formatWords(family: Family, words: ArrayLike<number>): string {
  if (family === 4) return formatIPv4(words[0] as number);
  if (isMapped(words)) return `::ffff:${formatIPv4(words[3] as number)}`;
  let text = ':';
  for (let group = 0; group < 8; group++) {
    const word = words[group >> 1] as number;
    text += `${(group % 2 === 0 ? word >>> 16 : word & 0xffff).toString(16)}:`;
  }
  // The longest run of zero groups is left out; ties go to the first.
  for (let zeros = ':0:0:0:0:0:0:0:0:'; zeros.length > 3; zeros = zeros.slice(2)) {
    const at = text.indexOf(zeros);
    if (at >= 0) return `${text.slice(1, at)}::${text.slice(at + zeros.length, -1)}`;
  }
  return text.slice(1, -1);
}

function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** Canonical text of a network, written as an entry: a single address is bare. */
export function formatNetwork(family: Family, words: ArrayLike<number>, length: number): string {
  const text = formatWords(family, words);
  return length === bitsOf(family) ? text : `${text}/${length}`;
}

/** Canonical text of an interval, written as an entry: a network, or a range for a length of NOT_A_PREFIX. */
export function formatInterval(
  family: Family,
  first: ArrayLike<number>,
  last: ArrayLike<number>,
  length: number,
): string {
  if (length !== NOT_A_PREFIX) return formatNetwork(family, first, length);
  return `${formatWords(family, first)}-${formatWords(family, last)}`;
}
