/**
 * Lines of standard input for `decide`: whole lines as soon as they are there, as text that is UTF-8 to the last byte.
 */

import { TextDecoder } from 'node:util';
import { CommandError } from './exit.ts';
import { fileError, longestText, notTextAt, STDIN } from './input.ts';

const LF = 0x0a;

/** A line longer than this is not an address, and a file of such lines is not a file of addresses. */
const MOST_BYTES = 1 << 20;

/** Gives the lines of each piece of input together, without their ends. A line that is not UTF-8 ends the command. */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let before: Uint8Array[] = [];
  let length = 0;
  let count = 0;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces = stream[Symbol.asyncIterator]();
  for (;;) {
    const { done, value: piece } = await nextOf(pieces);
    const end = done ? 0 : piece.lastIndexOf(LF) + 1;
    const isWhole = done || end > 0;
    if (isWhole) {
      const bytes = Buffer.concat(done ? before : [...before, piece.subarray(0, end)]);
      before = [];
      length = 0;
      const { lines, fault } = linesOf(bytes, decoder, count);
      if (lines.length > 0) yield lines;
      if (fault !== undefined) throw fault;
      count += lines.length;
    }
    if (done) return;
    before.push(piece.subarray(end));
    length += piece.length - end;
    if (length > MOST_BYTES)
      throw new CommandError(`Standard input, line ${count + 1}: the line is longer than 1 MB.`);
  }
}

async function nextOf(pieces: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array, undefined>> {
  try {
    return await pieces.next();
  } catch (error) {
    throw fileError(STDIN, error);
  }
}

interface Found {
  readonly lines: string[];
  readonly fault?: CommandError;
}

function linesOf(bytes: Uint8Array, decoder: TextDecoder, before: number): Found {
  const text = decode(bytes, decoder);
  if (text !== undefined) return { lines: split(text, before) };
  // The lines before the fault have their verdicts.
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const next = bytes.indexOf(LF, start);
    const end = next < 0 ? bytes.length : next + 1;
    const line = decode(bytes.subarray(start, end), decoder);
    if (line === undefined) {
      const column = longestText(bytes.subarray(start, end)).length + 1;
      return { lines, fault: notTextAt(STDIN, before + lines.length + 1, column) };
    }
    lines.push(...split(line, before + lines.length));
    start = end;
  }
  return { lines };
}

function decode(bytes: Uint8Array, decoder: TextDecoder): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function split(text: string, before: number): string[] {
  const lines = (before === 0 && text.startsWith('\ufeff') ? text.slice(1) : text).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}
