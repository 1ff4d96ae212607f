/**
 * The texts of entries and notes: UTF-8, one on each line. They stay bytes until somebody reads them, and then only the
 * lines that are asked for, as a list may have a million.
 */

import { endOfLine } from '../list/grammar.ts';
import { corrupt } from './error.ts';

const LINE_FEED = 0x0a;

/** What every runtime has to convert text. */
interface Runtime {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly TextDecoder: new (
    label: string,
    options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
  ) => { decode(bytes: Uint8Array): string };
}

const runtime = (): Runtime => globalThis as unknown as Runtime;

export function encodeText(text: string): Uint8Array {
  return new (runtime().TextEncoder)().encode(text);
}

/** Decodes a copy, as the memory may be shared, and change meanwhile. */
export function decodeText(bytes: Uint8Array, isStrict = false): string {
  const decoder = new (runtime().TextDecoder)('utf-8', { fatal: isStrict, ignoreBOM: true });
  return decoder.decode(bytes.slice());
}

/** Decodes text that must be UTF-8. */
export function decodeStrictly(bytes: Uint8Array): string {
  try {
    return decodeText(bytes, true);
  } catch {
    throw corrupt('a text is not UTF-8');
  }
}

/** All lines as one text, and where each starts. */
export interface JoinedLines {
  readonly content: string;
  /** Where each line starts, and the end of the last. */
  readonly starts: Int32Array;
}

/**
 * Lines of text, each with a line feed at its end. The bytes may be others at any time after they were checked: then the
 * lines are other ones, but none is longer than the longest one was, and all of them not longer than the bytes.
 */
export class TextLines {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where each line starts, and the end of the last. */
  readonly starts: Int32Array;
  /** Whether all characters are of ASCII, and none below the lowest one, or known to be. */
  readonly isPlain: boolean;
  /** The length of the longest line in bytes. */
  readonly #longest: number;

  /**
   * @param starts - where the lines start, if that is known
   * @param isChecked - whether to check that lines end there, and that the bytes are UTF-8, if the starts are known
   * @param lowest - the lowest character to be expected
   */
  constructor(
    bytes: Uint8Array,
    count: number,
    starts: Int32Array | undefined,
    isChecked: boolean,
    lowest: number,
  ) {
    this.bytes = bytes;
    this.count = count;
    // Each line takes a byte at least.
    if (count > bytes.length || (starts !== undefined && starts.length !== count + 1)) throw misplaced();
    this.starts = starts ?? this.#findStarts();
    this.#longest = this.#measure(isChecked);
    const isRead = starts === undefined || isChecked;
    this.isPlain = isRead && countLow(bytes, lowest) === count;
    if (isRead && !this.isPlain) decodeStrictly(bytes);
  }

  /** One line without its end. */
  line(index: number): string {
    const start = this.starts[index] as number;
    const end = Math.min(this.starts[index + 1] as number, start + this.#longest);
    const text = decodeText(this.bytes.subarray(start, end));
    return text.slice(0, endOfLine(text, 0));
  }

  /** All lines. What is missing is empty. */
  join(): JoinedLines {
    const content = decodeText(this.bytes);
    // As many characters as bytes: each is one.
    const isKnown = content.length === this.bytes.length;
    const starts = new Int32Array(this.count + 1);
    for (let line = 1, at = 0; line <= this.count; line++) {
      const next = isKnown ? (this.starts[line] as number) : 0;
      if (next > at && content.charCodeAt(next - 1) === LINE_FEED) at = next;
      else at = content.indexOf('\n', at) + 1 || content.length;
      starts[line] = at;
    }
    return { content, starts };
  }

  #findStarts(): Int32Array {
    const { bytes, count } = this;
    const starts = new Int32Array(count + 1);
    let line = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
      if (line === count) throw misplaced();
      starts[++line] = at + 1;
    }
    return starts;
  }

  /** The length of the longest line. They come one after another, up to the end. */
  #measure(isChecked: boolean): number {
    const { bytes, count, starts } = this;
    let longest = 0;
    let previous = 0;
    if (starts[0] !== 0 || starts[count] !== bytes.length) throw misplaced();
    for (let line = 1; line <= count; line++) {
      const start = starts[line] as number;
      if (start <= previous || (isChecked && bytes[start - 1] !== LINE_FEED)) throw misplaced();
      longest = Math.max(longest, start - previous);
      previous = start;
    }
    return longest;
  }
}

/**
 * The number of bytes below the lowest one to be expected, from 1 to 128, or −1 when one is not ASCII, or DEL: four at a
 * time, if they are aligned.
 */
function countLow(bytes: Uint8Array, lowest: number): number {
  const { buffer, byteOffset, length } = bytes;
  const words = byteOffset % 4 === 0 ? length >>> 2 : 0;
  const fours = new Int32Array(buffer, byteOffset - (byteOffset % 4), words);
  // What a byte is subtracted from, so that its highest bit stays where it is below the lowest one. No byte borrows from the next.
  const most = Math.imul(127 + lowest, 0x01010101);
  let count = 0;
  let seen = 0;
  for (let at = 0; at < words; at++) {
    const word = fours[at] as number;
    const low = word & 0x7f7f7f7f;
    seen |= word | (low + 0x01010101);
    count += Math.imul((((most - low) & ~word) >>> 7) & 0x01010101, 0x01010101) >>> 24;
  }
  seen &= 0x80808080;
  for (let at = words * 4; at < length; at++) {
    const byte = bytes[at] as number;
    if (byte < lowest) count++;
    seen |= byte >= 127 ? 1 : 0;
  }
  return seen === 0 ? count : -1;
}

function misplaced(): Error {
  return corrupt('a text has a line end where there should be none, or none where there should be one');
}
