/**
 * The text of a list as lines that are changed one by one, while every other line stays unchanged to the letter: its
 * spelling, its blanks, its line end. Comments and empty lines are lines like any other.
 *
 * Lines are separated by line ends, so a text that ends with a line end has an empty last line. Removing a line also
 * removes the line end after it, or, for the last line, the one before it.
 */

import { withPlainBlanks } from '../problem/say.ts';
import { MAX_TEXT_LENGTH } from './gather.ts';
import { afterLineEnd, BYTE_ORDER_MARK, eachLine, endOfLine, trimEnd, trimStart } from './grammar.ts';
import { readTimes } from './times.ts';

/** Turns a line into no line, one line, or several. */
export type LineEdit = (content: string) => readonly string[];

/**
 * Rewrites some lines of a text, by their numbers, and adds others at its end, before an empty last line. New lines get
 * the line end of the first line. Returns `undefined` when the text would be too long for a string.
 */
export function rewriteLines(
  text: string,
  edits: ReadonlyMap<number, LineEdit>,
  added: readonly string[] = [],
): string | undefined {
  const length = added.reduce((sum, line) => sum + line.length, text.length);
  if (length >= MAX_TEXT_LENGTH && added.length > 0) return undefined;
  const writer = new LineWriter(findLineEnd(text));
  if (text.charCodeAt(0) === BYTE_ORDER_MARK) writer.push(text.slice(0, 1));
  // Lines that stay are copied as one stretch, from keptFrom to keptTo; its last line end reaches to keptNext.
  let keptFrom = -1;
  let keptTo = 0;
  let keptNext = 0;
  const flush = (): void => {
    if (keptFrom >= 0) writer.write(text.slice(keptFrom, keptTo), text.slice(keptTo, keptNext));
    keptFrom = -1;
  };
  eachLine(text, (line, start, end, next) => {
    const isEmptyEnd = start === text.length;
    if (isEmptyEnd && added.length > 0) {
      flush();
      for (const content of added) writer.write(content, '');
      // A text without any line has no final line end to keep.
      if (line > 1) writer.write('', '');
      return;
    }
    const edit = edits.get(line);
    if (edit === undefined) {
      if (keptFrom < 0) keptFrom = start;
      keptTo = end;
      keptNext = next;
    } else {
      flush();
      const contents = edit(text.slice(start, end));
      contents.forEach((content, index) => {
        writer.write(content, index === contents.length - 1 ? text.slice(end, next) : '');
      });
    }
    if (end < text.length) return;
    flush();
    for (const content of added) writer.write(content, '');
  });
  return writer.finish();
}

/** The first line end in a text, or LF. */
function findLineEnd(text: string): string {
  const end = endOfLine(text, 0);
  return text.slice(end, afterLineEnd(text, end)) || '\n';
}

/** Joins lines. The end of a line is written only when another line follows. */
class LineWriter {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: LineWriter = /* @__PURE__ */ new LineWriter('');

  readonly #lineEnd: string;
  readonly #pieces: string[] = [];
  #length = 0;
  /** How the last line ended in its original text, or `''`; `undefined` before the first line. */
  #pending: string | undefined;

  constructor(lineEnd: string) {
    this.#lineEnd = lineEnd;
  }

  /** Adds a line, or a stretch of several. */
  write(content: string, lineEnd: string): void {
    if (this.#pending !== undefined) this.push(this.#pending || this.#lineEnd);
    this.push(content);
    this.#pending = lineEnd;
  }

  push(piece: string): void {
    if (piece === '') return;
    this.#length += piece.length;
    // A text that is too long is not kept at all.
    if (this.#length >= MAX_TEXT_LENGTH) return;
    const last = this.#pieces.at(-1) ?? '';
    // A CR and a LF that now meet were two line ends, and must not become one.
    if (piece.startsWith('\n') && last.endsWith('\r')) {
      this.#pieces[this.#pieces.length - 1] = `${last.slice(0, -1)}\n`;
    }
    this.#pieces.push(piece);
  }

  finish(): string | undefined {
    return this.#length < MAX_TEXT_LENGTH ? this.#pieces.join('') : undefined;
  }
}

/** Gives an entry's line another note, or none. The entry stays, as do the blanks around it and around the note. */
export function withNote(line: string, note: string | undefined): string {
  const hash = line.indexOf('#');
  const entryEnd = trimEnd(line, 0, hash < 0 ? line.length : hash);
  if (note === undefined) return line.slice(0, entryEnd);
  if (hash < 0) return `${line.slice(0, entryEnd)} # ${note}`;
  const start = trimStart(line, hash + 1, line.length);
  if (start === line.length) return `${line.slice(0, hash + 1)} ${note}`;
  return `${line.slice(0, start)}${note}${line.slice(trimEnd(line, start, line.length))}`;
}

/** Replaces the entry of a line. The times, the note and all blanks stay. */
export function withEntry(line: string, entry: string): string {
  const { start, entryEnd } = partsOf(line);
  return `${line.slice(0, start)}${entry}${line.slice(entryEnd)}`;
}

/** The times of an entry's line as written, `from INSTANT until INSTANT`; empty without any. */
export function timesIn(line: string): string {
  const { entryEnd, end } = partsOf(line);
  return trimBlanks(line.slice(entryEnd, end));
}

/** One of the times of an entry's line as written; empty when it has none. */
export function timeIn(line: string, name: 'from' | 'until'): string {
  const words = withPlainBlanks(timesIn(line)).split(' ');
  const at = words.indexOf(name);
  return at < 0 ? '' : (words.slice(at + 1).find((word) => word !== '') as string);
}

/** Times as they are written on a line; each may be empty. */
export function writeTimes(from: string, until: string): string {
  return trimBlanks(`${from && `from ${from}`} ${until && `until ${until}`}`);
}

/** Gives an entry's line other times, written as in {@link timesIn}, or none. */
export function withTimes(line: string, times: string): string {
  const { entryEnd, end } = partsOf(line);
  return `${line.slice(0, entryEnd)}${times === '' ? '' : ` ${times}`}${line.slice(end)}`;
}

/** Where the entry of a line starts and ends, and where its times end. */
function partsOf(line: string): { readonly start: number; readonly entryEnd: number; readonly end: number } {
  const hash = line.indexOf('#');
  const limit = hash < 0 ? line.length : hash;
  const start = trimStart(line, 0, limit);
  const end = trimEnd(line, start, limit);
  return { start, entryEnd: readTimes(line, start, end)?.end ?? end, end };
}

/** A text without the blanks around it. */
export function trimBlanks(text: string): string {
  const start = trimStart(text, 0, text.length);
  return text.slice(start, trimEnd(text, start, text.length));
}
