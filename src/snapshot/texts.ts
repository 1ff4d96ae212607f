/**
 * The texts of entries and notes: UTF-8, one on each line. They stay bytes until somebody reads them, and then only the
 * lines that are asked for, as a list may have a million.
 */

import { trimStart } from '../list/grammar.ts';
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

/** Lines of text, each with a line feed at its end. */
export class TextLines {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** Where each line starts, and the end of the last. */
  readonly starts: Int32Array;

  /**
   * @param starts - where the lines start, if that is known
   * @param isChecked - whether to check them if they are, and that the bytes are UTF-8
   */
  constructor(bytes: Uint8Array, count: number, starts: Int32Array | undefined, isChecked: boolean) {
    this.bytes = bytes;
    this.count = count;
    // Each line takes a byte at least.
    if (count > bytes.length || (starts !== undefined && starts.length !== count + 1)) throw misplaced();
    this.starts = starts ?? this.#findStarts();
    if (starts !== undefined && isChecked) this.#checkStarts();
    if ((starts === undefined || isChecked) && !isAscii(bytes)) decodeStrictly(bytes);
  }

  /** One line without its end. Bytes that have changed meanwhile may give any text, but of one line. */
  line(index: number): string {
    const text = decodeText(this.bytes.subarray(this.starts[index], this.starts[index + 1]));
    const end = text.indexOf('\n');
    return end < 0 ? text : text.slice(0, end);
  }

  /** All lines. */
  all(): readonly string[] {
    const text = decodeText(this.bytes);
    // As many characters as bytes: each is one.
    if (text.length !== this.bytes.length) return this.#linesOf(text);
    return Array.from({ length: this.count }, (_, line) =>
      text.slice(this.starts[line], (this.starts[line + 1] as number) - 1),
    );
  }

  /** All lines as one text and where each starts, if each character is a byte. */
  asText(): { readonly content: string; readonly starts: Int32Array } | undefined {
    const content = decodeText(this.bytes);
    if (content.length !== this.bytes.length) return undefined;
    // Copied, as the memory may be shared; and kept inside the text.
    const starts = this.starts.slice(0, this.count);
    for (let line = 0; line < this.count; line++) {
      let at = starts[line] as number;
      if (at < 0 || at > content.length) at = content.length;
      starts[line] = trimStart(content, at, content.length);
    }
    return { content, starts };
  }

  #linesOf(text: string): string[] {
    const lines = text.split('\n', this.count);
    while (lines.length < this.count) lines.push('');
    return lines;
  }

  #findStarts(): Int32Array {
    const { bytes, count } = this;
    const starts = new Int32Array(count + 1);
    let line = 0;
    for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
      if (line === count) throw misplaced();
      starts[++line] = at + 1;
    }
    if (line !== count || starts[count] !== bytes.length) throw misplaced();
    return starts;
  }

  #checkStarts(): void {
    const { bytes, count, starts } = this;
    let previous = 0;
    if (starts[0] !== 0 || starts[count] !== bytes.length) throw misplaced();
    for (let line = 1; line <= count; line++) {
      const start = starts[line] as number;
      if (start <= previous || bytes[start - 1] !== LINE_FEED) throw misplaced();
      previous = start;
    }
  }
}

/** Whether all bytes are below 128: four at a time, if they are aligned. */
function isAscii(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, length } = bytes;
  const words = byteOffset % 4 === 0 ? length >>> 2 : 0;
  const fours = new Int32Array(buffer, byteOffset - (byteOffset % 4), words);
  let seen = 0;
  for (let at = 0; at < words; at++) seen |= fours[at] as number;
  seen &= 0x80808080;
  for (let at = words * 4; at < length; at++) seen |= (bytes[at] as number) & 0x80;
  return seen === 0;
}

function misplaced(): Error {
  return corrupt('a text has a line end where there should be none, or none where there should be one');
}
