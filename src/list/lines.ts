/**
 * The text of a list as lines that are changed one by one, while every other line stays exactly as it is: its spelling,
 * its blanks, its line end. Comments and empty lines are lines like the others.
 *
 * Lines are what lies between line ends, so a text that ends with a line end has an empty last line. Removing a line
 * removes the line end after it, too, or the one before it when it was the last line.
 */

import { MAX_TEXT_LENGTH } from './gather.ts';
import { BYTE_ORDER_MARK, CARRIAGE_RETURN, isLineEnd, LINE_FEED, trimEnd, trimStart } from './grammar.ts';

/** What becomes of a line: no line, one line, or several. */
export type LineEdit = (content: string) => readonly string[];

/**
 * Calls back for each line of a text: its number from 1, where its content starts and ends, and where its line end ends.
 * The byte order mark at the very start is not part of a line.
 * @internal
 */
export function eachLine(
  text: string,
  visit: (line: number, start: number, end: number, next: number) => void,
): void {
  let start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  for (let line = 1; ; line++) {
    let end = start;
    while (end < text.length && !isLineEnd(text.charCodeAt(end))) end++;
    const next = afterLineEnd(text, end);
    visit(line, start, end, next);
    if (end === text.length) return;
    start = next;
  }
}

function afterLineEnd(text: string, at: number): number {
  if (at === text.length) return at;
  const isPair = text.charCodeAt(at) === CARRIAGE_RETURN && text.charCodeAt(at + 1) === LINE_FEED;
  return at + (isPair ? 2 : 1);
}

/**
 * Rewrites some lines of a text, by their numbers, and adds others at its end, before a last line that is empty. New
 * lines end as the first line of the text does. Returns `undefined` when the text would be too long for a string.
 * @internal
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
  // Lines that stay are copied together: they start here, and the last of them is this one.
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
      // A text without any line has no line end to keep.
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

/** The line end that a text uses first, or LF. */
function findLineEnd(text: string): string {
  let at = 0;
  while (at < text.length && !isLineEnd(text.charCodeAt(at))) at++;
  return text.slice(at, afterLineEnd(text, at)) || '\n';
}

/** Puts lines together. The line end of a line is written when another line follows. */
class LineWriter {
  readonly #lineEnd: string;
  readonly #pieces: string[] = [];
  #length = 0;
  /** How the last line ended in the text that it came from, or `''`; `undefined` before the first line. */
  #pending: string | undefined;

  constructor(lineEnd: string) {
    this.#lineEnd = lineEnd;
  }

  /** Adds a line, or several that stay together. */
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
    // A CR and an LF that come together were two line ends, and must not become one.
    if (piece.startsWith('\n') && last.endsWith('\r')) {
      this.#pieces[this.#pieces.length - 1] = `${last.slice(0, -1)}\n`;
    }
    this.#pieces.push(piece);
  }

  finish(): string | undefined {
    return this.#length < MAX_TEXT_LENGTH ? this.#pieces.join('') : undefined;
  }
}

/**
 * The line of an entry with another note, or with none. The entry and the blanks around it and around the note stay.
 * @internal
 */
export function withNote(line: string, note: string | undefined): string {
  const hash = line.indexOf('#');
  const entryEnd = trimEnd(line, 0, hash < 0 ? line.length : hash);
  if (note === undefined) return line.slice(0, entryEnd);
  if (hash < 0) return `${line.slice(0, entryEnd)} # ${note}`;
  const start = trimStart(line, hash + 1, line.length);
  if (start === line.length) return `${line.slice(0, hash + 1)} ${note}`;
  return `${line.slice(0, start)}${note}${line.slice(trimEnd(line, start, line.length))}`;
}

/**
 * The line of an entry with another entry in its place. The note and all blanks stay.
 * @internal
 */
export function withEntry(line: string, entry: string): string {
  const hash = line.indexOf('#');
  const limit = hash < 0 ? line.length : hash;
  const start = trimStart(line, 0, limit);
  return `${line.slice(0, start)}${entry}${line.slice(trimEnd(line, start, limit))}`;
}

/**
 * A text without the blanks around it.
 * @internal
 */
export function trimBlanks(text: string): string {
  const start = trimStart(text, 0, text.length);
  return text.slice(start, trimEnd(text, start, text.length));
}
