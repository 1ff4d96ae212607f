/**
 * The only arithmetic on the words of addresses, and their canonical text.
 */

import type { Family } from './scanner.ts';

/**
 * Canonical text of words, signed or unsigned.
 * @internal
 */
export function formatWords(family: Family, words: ArrayLike<number>): string {
  const first = words[0] as number;
  if (family === 4) return formatIPv4(first);
  const last = words[3] as number;
  if (first === 0 && words[1] === 0 && words[2] === 0xffff) return `::ffff:${formatIPv4(last)}`;
  const parts: number[] = [];
  for (let word = 0; word < 4; word++) {
    parts.push((words[word] as number) >>> 16, (words[word] as number) & 0xffff);
  }
  const [from, length] = longestZeroRun(parts);
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === from && length > 1) {
      text += '::';
      group += length - 1;
    } else {
      text += text === '' || text.endsWith(':') ? '' : ':';
      text += (parts[group] as number).toString(16);
    }
  }
  return text;
}

function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/** Start and length of the first longest run of zero groups. */
function longestZeroRun(parts: readonly number[]): readonly [from: number, length: number] {
  let best = -1;
  let bestLength = 0;
  let length = 0;
  for (let group = 0; group < 8; group++) {
    length = parts[group] === 0 ? length + 1 : 0;
    if (length > bestLength) {
      best = group - length + 1;
      bestLength = length;
    }
  }
  return [best, bestLength];
}

export const NOT_A_PREFIX = -1;

/** The bits of a word that lie behind a prefix length. Shifts of 32 do nothing in JavaScript, hence the two ends. */
export function hostMask(length: number, word: number): number {
  const kept = length - word * 32;
  if (kept <= 0) return -1;
  return kept >= 32 ? 0 : -1 >>> kept;
}

/** Length of the prefix that reaches exactly from `first` to `last`, or −1 when there is none. */
export function prefixLengthOf(first: Int32Array, last: Int32Array, count: number): number {
  let length = 0;
  for (let word = 0; word < count; word++) {
    const common = Math.clz32((first[word] as number) ^ (last[word] as number));
    length += common;
    if (common < 32) break;
  }
  for (let word = 0; word < count; word++) {
    const host = hostMask(length, word);
    if (((first[word] as number) & host) !== 0 || ((last[word] as number) | ~host) !== -1)
      return NOT_A_PREFIX;
  }
  return length;
}

/** Orders addresses at two places of two columns of words, as unsigned numbers: negative, 0 or positive. */
export function compareAt(
  left: ArrayLike<number>,
  leftAt: number,
  right: ArrayLike<number>,
  rightAt: number,
  width: number,
): number {
  for (let word = 0; word < width; word++) {
    const difference =
      ((left[leftAt * width + word] as number) >>> 0) - ((right[rightAt * width + word] as number) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Orders two addresses of `width` words as unsigned numbers: negative, 0 or positive. */
export function compareWords(left: ArrayLike<number>, right: ArrayLike<number>, width: number): number {
  return compareAt(left, 0, right, 0, width);
}

/**
 * Whether there are at least as many addresses from `first` to `last` as in a prefix of a length. `first` is not above
 * `last`, and the length is at most the bits of an address.
 */
export function isAsLargeAsPrefix(
  first: ArrayLike<number>,
  last: ArrayLike<number>,
  width: number,
  length: number,
): boolean {
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
export function countAddresses(first: ArrayLike<number>, last: ArrayLike<number>, width: number): number {
  let difference = 0;
  for (let word = 0; word < width; word++) {
    difference = difference * 2 ** 32 + (((last[word] as number) >>> 0) - ((first[word] as number) >>> 0));
  }
  return difference + 1;
}

/** Number of bits in an address of a family. */
export function bitsOf(family: Family): 32 | 128 {
  return family === 4 ? 32 : 128;
}

/**
 * An address as one number. Not for the path of a decision.
 * @internal
 */
export function toBigInt(words: Int32Array, count: number): bigint {
  let value = 0n;
  for (let word = 0; word < count; word++) value = (value << 32n) | BigInt((words[word] as number) >>> 0);
  return value;
}

export function trailingZeros(words: Int32Array, count: number): number {
  let zeros = 0;
  for (let word = count - 1; word >= 0; word--) {
    const value = words[word] as number;
    if (value !== 0) return zeros + 31 - Math.clz32(value & -value);
    zeros += 32;
  }
  return zeros;
}

/** Writes the last address of a network into `out`. */
export function lastOf(words: Int32Array, length: number, count: number, out: Int32Array): void {
  for (let word = 0; word < count; word++) out[word] = (words[word] as number) | hostMask(length, word);
}

/** Adds one; answers whether it wrapped around to zero. */
export function increment(words: Int32Array, count: number): boolean {
  for (let word = count - 1; word >= 0; word--) {
    const next = ((words[word] as number) + 1) | 0;
    words[word] = next;
    if (next !== 0) return false;
  }
  return true;
}
