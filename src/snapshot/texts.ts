/**
 * The texts of entries and notes: UTF-8, one on each line. They stay bytes until somebody reads them, and then only the
 * lines that are asked for, as a list may have a million.
 */

import { corrupt } from './error.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

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
   * @param isChecked - whether to check the bytes and the starts if they are
   */
  constructor(bytes: Uint8Array, count: number, starts: Int32Array | undefined, isChecked: boolean) {
    this.bytes = bytes;
    this.count = count;
    // Each line takes a byte at least.
    if (count > bytes.length || (starts !== undefined && starts.length !== count + 1))
      throw corrupt('a text has not as many lines as it should');
    this.starts = starts ?? new Int32Array(count + 1);
    if (starts === undefined)
      this.#scan((line, at) => {
        this.starts[line] = at;
        return true;
      });
    else if (isChecked) this.#scan((line, at) => starts[line] === at);
  }

  /** One line without its end. Bytes that have changed meanwhile may give any text, but of one line. */
  line(index: number): string {
    const text = decodeText(this.bytes.subarray(this.starts[index], this.starts[index + 1]));
    const end = text.indexOf('\n');
    return end < 0 ? text : text.slice(0, end);
  }

  /** All lines, and none more than there should be. */
  all(): readonly string[] {
    const lines = decodeText(this.bytes).split('\n', this.count);
    while (lines.length < this.count) lines.push('');
    return lines;
  }

  /** Calls back with the start of each line, and checks that each line ends, and that all is UTF-8. */
  #scan(visit: (line: number, start: number) => boolean): void {
    const { bytes, count } = this;
    let line = 0;
    let seen = 0;
    if (!visit(0, 0)) throw misplaced();
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      seen |= byte;
      if (byte > CARRIAGE_RETURN) continue;
      if (byte === CARRIAGE_RETURN) throw misplaced();
      if (byte === LINE_FEED && (line === count || !visit(++line, at + 1))) throw misplaced();
    }
    if (line !== count || (bytes.length > 0 && bytes[bytes.length - 1] !== LINE_FEED)) throw misplaced();
    if (seen >= 128) decodeStrictly(bytes);
  }
}

function misplaced(): Error {
  return corrupt('a text has a line end where there should be none, or none where there should be one');
}
