/**
 * The words of HCL, in which Terraform is written. Comments are nothing: from `#` or `//` to the end of the line, even
 * after a backslash, and between the signs of C.
 */

import { DIGITS, LETTERS } from '../address/characters.ts';
import { BYTE_ORDER_MARK } from '../list/grammar.ts';

/** What a token is. A sign is one character. */
export type HclToken = 'word' | 'quoted' | 'sign' | 'line' | 'end';

const BLANKS = ' \t\r';
const SIGNS = '[]{}(),=:.?!<>+-*/%&|';

/** A place at which a text is not read, and why. */
export interface HclFault {
  readonly code: 'syntax' | 'truncated';
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** A text as tokens, of which one is looked at. Linear: each character is passed once. */
export class HclTokens {
  readonly text: string;
  kind: HclToken = 'line';
  /** Where the token is; of a quoted one, what is between the marks. */
  start: number;
  end: number;
  /** What the text has that is not read: nothing comes after it. */
  fault: HclFault | undefined = undefined;
  #next: number;

  constructor(text: string) {
    this.text = text;
    this.#next = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    this.start = this.#next;
    this.end = this.#next;
    this.next();
  }

  /** The text of the token. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Whether the token is this sign. */
  isSign(sign: string): boolean {
    return this.kind === 'sign' && this.text.charAt(this.start) === sign;
  }

  /** Goes on to the next token. */
  next(): void {
    const { text } = this;
    const at = this.#skipBlanks(this.#next);
    const sign = text.charAt(at);
    this.start = at;
    this.end = at + 1;
    this.#next = at + 1;
    if (at >= text.length || this.fault !== undefined) this.#finish();
    else if (sign === '\n') this.kind = 'line';
    else if (sign === '"') this.#readQuoted(at);
    else if (sign === "'" || sign === '`') this.#refuse(at, 'text must be in double quotation marks');
    else if (text.startsWith('<<', at))
      this.#refuse(at, 'text in lines of its own is not read: write a list');
    else if (SIGNS.includes(sign)) this.kind = 'sign';
    else this.#readWord(at);
  }

  /** Goes on to the next token that is not the end of a line. */
  nextInLines(): void {
    do this.next();
    while (this.kind === 'line');
  }

  #finish(): void {
    this.kind = 'end';
    this.start = this.text.length;
    this.end = this.start;
    this.#next = this.start;
  }

  #refuse(start: number, message: string): void {
    this.fault ??= { code: 'syntax', start, end: start + 1, message };
    this.#finish();
  }

  #readWord(at: number): void {
    const { text } = this;
    let end = at;
    while (end < text.length && isWordSign(text.charAt(end))) end++;
    if (end === at) {
      this.#refuse(at, 'this character has no meaning here');
      return;
    }
    this.kind = 'word';
    this.end = end;
    this.#next = end;
  }

  #readQuoted(open: number): void {
    const { text } = this;
    for (let at = open + 1; at < text.length; at++) {
      const sign = text.charAt(at);
      if (sign === '"') {
        this.kind = 'quoted';
        this.start = open + 1;
        this.end = at;
        this.#next = at + 1;
        return;
      }
      if (sign === '\n') break;
      if (sign === '\\') at++;
      // What is in it can have quotation marks, too.
      else if ((sign === '$' || sign === '%') && text.charAt(at + 1) === '{') {
        this.#refuse(at, 'what is filled in here is not known: write the text itself');
        return;
      }
    }
    this.#refuse(open, 'this quotation mark is never closed on its line');
  }

  /** Goes over blanks and comments; a carriage return is a blank only before the end of a line. */
  #skipBlanks(from: number): number {
    const { text } = this;
    let at = from;
    while (at < text.length && this.fault === undefined) {
      const sign = text.charAt(at);
      if (sign === '\r' && text.charAt(at + 1) !== '\n')
        this.#refuse(at, 'a carriage return alone is not the end of a line');
      else if (BLANKS.includes(sign)) at++;
      else if (sign === '#' || text.startsWith('//', at)) at = endOfLineFrom(text, at);
      else if (text.startsWith('/*', at)) {
        const close = text.indexOf('*/', at + 2);
        if (close < 0) this.#refuse(at, 'this comment is never closed');
        else at = close + 2;
      } else return at;
    }
    return at;
  }
}

const WORD_SIGNS = `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}_-`;

/** Whether a character can be in a name or a number; names have letters of all scripts. */
function isWordSign(sign: string): boolean {
  return WORD_SIGNS.includes(sign) || sign >= '\u00a1';
}

/** Where a comment of one line ends. */
export function endOfLineFrom(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
