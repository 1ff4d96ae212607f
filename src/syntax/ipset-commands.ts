/**
 * The commands of a file of `ipset restore`, as ipset takes them apart: quotation marks keep blanks together, nothing is
 * escaped, and a comment is a line of its own.
 */

import { BYTE_ORDER_MARK, indexOfSign } from '../list/grammar.ts';

/** A word, and where it is. */
export interface Word {
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Passes the words of each command to `visit`. Linear.
 *
 * @param onUnclosed - is told of a quotation mark that its line does not close
 */
export function eachCommand(
  text: string,
  visit: (words: readonly Word[]) => void,
  onUnclosed: (start: number, end: number) => void,
): void {
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  while (at < text.length) {
    const end = indexOfSign(text, '\n', at);
    const { words, unclosed } = wordsOf(text, at, end);
    if (unclosed >= 0) onUnclosed(unclosed, end);
    else if (words.length > 0) visit(words);
    at = end + 1;
  }
}

function wordsOf(text: string, from: number, to: number): { words: Word[]; unclosed: number } {
  const words: Word[] = [];
  for (let at = from; at < to; at++) {
    if (isBlank(text.charCodeAt(at))) continue;
    // A comment may have a single quotation mark.
    if (words.length === 0 && text.charAt(at) === '#') break;
    const start = at;
    let value = '';
    let part = at;
    for (; at < to && !isBlank(text.charCodeAt(at)); at++) {
      if (text.charAt(at) !== '"') continue;
      let close = at + 1;
      while (close < to && text.charAt(close) !== '"') close++;
      if (close === to) return { words, unclosed: at };
      value += text.slice(part, at) + text.slice(at + 1, close);
      part = close + 1;
      at = close;
    }
    words.push({ value: value + text.slice(part, at), start, end: at });
  }
  return { words, unclosed: -1 };
}

/** A carriage return before a line end is one, too. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
