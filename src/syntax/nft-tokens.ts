/**
 * The words of nftables: `nft -f` takes a text apart like this, whatever it means.
 *
 * A comment ends at its line, even after a backslash. Nothing is escaped in quotation marks. Elsewhere a backslash joins
 * two lines.
 */

import { BYTE_ORDER_MARK, indexOfSign } from '../list/grammar.ts';

/** A sign is one character; a line end separates statements as a semicolon does. */
export type NftToken = 'word' | 'quoted' | 'sign' | 'line' | 'end';

const WORD = 0;
const BLANK = 1;
const LINE = 2;
const SIGN = 3;
const QUOTE = 4;
const HASH = 5;
const JOIN = 6;

/** What each character of ASCII is; all others are parts of words. */
const kinds: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(128);
  const groups: readonly (readonly [string, number])[] = [
    [' \t\r\f', BLANK],
    ['\n', LINE],
    ['{},;=$!<>()@&|^~', SIGN],
    ['"', QUOTE],
    ['#', HASH],
    ['\\', JOIN],
  ];
  for (const [signs, kind] of groups)
    for (let at = 0; at < signs.length; at++) table[signs.charCodeAt(at)] = kind;
  return table;
})();

/** A text as tokens, of which one is looked at. Linear: each character is passed once. */
export class NftTokens {
  readonly text: string;
  kind: NftToken = 'line';
  /** Where the token is; of a quoted one, what is between the marks. */
  start: number;
  end: number;
  /** Whether the text ends inside quotation marks. */
  isCut = false;
  #next: number;

  constructor(text: string) {
    this.text = text;
    this.#next = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    this.start = this.#next;
    this.end = this.#next;
  }

  /** The text of the token. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Whether the token is this sign. */
  isSign(sign: string): boolean {
    return this.kind === 'sign' && this.text.charAt(this.start) === sign;
  }

  /** Whether the token is this word. */
  isWord(word: string): boolean {
    return (
      this.kind === 'word' && this.end - this.start === word.length && this.text.startsWith(word, this.start)
    );
  }

  /** Whether a statement ends here. */
  get isOver(): boolean {
    return this.kind === 'line' || this.kind === 'end' || this.isSign(';');
  }

  /** Goes on to the next token. */
  next(): void {
    const { text } = this;
    let at = this.#skipBlanks(this.#next);
    this.start = at;
    const kind = at < text.length ? kindAt(text, at) : -1;
    if (kind < 0) this.kind = 'end';
    else if (kind === LINE || kind === SIGN) {
      this.kind = kind === LINE ? 'line' : 'sign';
      at++;
    } else if (kind === QUOTE) {
      const close = text.indexOf('"', at + 1);
      this.kind = close < 0 ? 'end' : 'quoted';
      this.isCut ||= close < 0;
      this.start = at + 1;
      this.end = close < 0 ? text.length : close;
      this.#next = this.end + 1;
      return;
    } else {
      this.kind = 'word';
      while (at < text.length && kindAt(text, at) === WORD) at++;
      // A backslash that joins nothing.
      if (at === this.start) at++;
    }
    this.end = at;
    this.#next = at;
  }

  /** Goes on to the next token that is not the end of a line. */
  nextInLines(): void {
    do this.next();
    while (this.kind === 'line');
  }

  #skipBlanks(from: number): number {
    const { text } = this;
    for (let at = from; at < text.length; at++) {
      const kind = kindAt(text, at);
      if (kind === HASH) return indexOfSign(text, '\n', at);
      if (kind === JOIN && text.charAt(at + 1) === '\n') at++;
      else if (kind !== BLANK) return at;
    }
    return text.length;
  }
}

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 128 ? (kinds[code] as number) : WORD;
}
