/**
 * Lines that go on after a backslash at their end, comments too: as Apache, PostgreSQL and tcp_wrappers read them. What
 * stands on a line after such a comment is part of the comment.
 */

import { indexOfSign } from '../list/grammar.ts';
import { locate } from '../space/locate.ts';

const BACKSLASH = 0x5c;
const FEED = 0x0a;
const RETURN = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;

/** A word of a line, without the quotation marks around it. */
export interface Word {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

/** A line, with the lines that it goes on in. Lines end with LF or CR LF here, and with nothing else. */
export class JoinedLine {
  /** The text without the ends of the lines that it goes on after. */
  readonly text: string;
  readonly #offsets: readonly number[];
  readonly #starts: readonly number[];

  /**
   * @param starts - where each part starts in the joined text
   * @param offsets - and in the file
   */
  constructor(text: string, starts: readonly number[], offsets: readonly number[]) {
    this.text = text;
    this.#starts = starts;
    this.#offsets = offsets;
  }

  /** Where a character of the joined text is in the file. */
  offsetOf(at: number): number {
    const starts = this.#starts;
    const part = Math.max(
      0,
      locate(starts.length, (index) => (starts[index] as number) <= at),
    );
    return (this.#offsets[part] as number) + at - (this.#starts[part] as number);
  }

  /** The place of the whole line in the file. */
  get place(): readonly [start: number, end: number] {
    const { text } = this;
    const from = text.length - text.trimStart().length;
    const to = Math.max(from, text.trimEnd().length);
    return [this.offsetOf(from), to === from ? this.offsetOf(from) : this.offsetOf(to - 1) + 1];
  }

  /** Whether the line is empty or a comment. */
  get isComment(): boolean {
    const trimmed = this.text.trimStart();
    return trimmed === '' || trimmed.startsWith('#');
  }

  /**
   * The words of the line, parted by blanks; a word that starts with a quotation mark goes on to the next one.
   *
   * @param comment - a sign that ends the line where a word could start, or none
   * @param quotes - the quotation marks
   */
  words(comment = '', quotes = '"'): readonly Word[] {
    const { text } = this;
    const words: Word[] = [];
    let at = 0;
    while (at < text.length) {
      if (isBlankOfLine(text.charCodeAt(at))) {
        at++;
        continue;
      }
      if (comment !== '' && text.startsWith(comment, at)) break;
      const quote = text.charAt(at);
      const isQuoted = quotes.includes(quote);
      const start = isQuoted ? at + 1 : at;
      let end = start;
      while (end < text.length && (isQuoted ? text.charAt(end) !== quote : !this.#endsWord(end, comment)))
        end++;
      words.push({
        value: text.slice(start, end),
        start: this.offsetOf(start),
        end: end > start ? this.offsetOf(end - 1) + 1 : this.offsetOf(start),
        isQuoted,
      });
      at = isQuoted ? end + 1 : end;
    }
    return words;
  }

  /** The text after the first sign that starts a comment, where there is one. */
  commentAfter(comment: string): string | undefined {
    let isQuoted = false;
    for (let at = 0; at < this.text.length; at++) {
      if (this.text.charAt(at) === '"') isQuoted = !isQuoted;
      if (!isQuoted && this.text.startsWith(comment, at)) return this.text.slice(at + comment.length);
    }
    return undefined;
  }

  #endsWord(at: number, comment: string): boolean {
    return isBlankOfLine(this.text.charCodeAt(at)) || (comment !== '' && this.text.startsWith(comment, at));
  }
}

/** What parts words: blanks, tabs, and the other controls that C takes for white space. */
function isBlankOfLine(code: number): boolean {
  return code === SPACE || (code >= TAB && code <= RETURN && code !== FEED);
}

/** Passes each line to `visit`, joined with those that it goes on in. Linear in the length of the text. */
export function eachJoinedLine(text: string, visit: (line: JoinedLine) => void): void {
  let at = 0;
  while (at < text.length) {
    const starts: number[] = [];
    const offsets: number[] = [];
    const parts: string[] = [];
    let length = 0;
    let goesOn = true;
    while (goesOn && at < text.length) {
      const lineEnd = indexOfSign(text, '\n', at);
      const hasReturn = lineEnd > at && lineEnd < text.length && text.charCodeAt(lineEnd - 1) === RETURN;
      const end = hasReturn ? lineEnd - 1 : lineEnd;
      goesOn = end > at && text.charCodeAt(end - 1) === BACKSLASH && text.charCodeAt(lineEnd) === FEED;
      const part = text.slice(at, goesOn ? end - 1 : end);
      starts.push(length);
      offsets.push(at);
      parts.push(part);
      length += part.length;
      at = lineEnd + 1;
    }
    visit(new JoinedLine(parts.join(''), starts, offsets));
  }
}
