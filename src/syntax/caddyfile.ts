/**
 * The words of a Caddyfile, as Caddy splits its text: at blanks, with quotation marks and comments only where a word could
 * start, and with lines that a backslash joins.
 */

import { BYTE_ORDER_MARK, indexOfSign } from '../list/grammar.ts';

/** A word, and where it is in the text, without its quotation marks. */
export interface CaddyWord {
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** Whether it is the first one of its line, as Caddy counts lines. */
  readonly isFirst: boolean;
  readonly isQuoted: boolean;
  /** The comment after it, if no other word is in between. */
  note: string | undefined;
}

/** What is wrong with a text, and where. */
export interface CaddyFault {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** White space of Unicode: words end at any of it. A carriage return is nothing at all. */
const BLANKS =
  ' \t\n\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';

/** Splits a text into words. Linear: each character is looked at once. */
export function splitCaddyfile(text: string): readonly CaddyWord[] | CaddyFault {
  const words: CaddyWord[] = [];
  let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let isFirst = true;
  const add = (value: string, start: number, end: number, isQuoted: boolean): void => {
    words.push({ value, start, end, isFirst, isQuoted, note: undefined });
    isFirst = false;
  };
  while (at < text.length) {
    const sign = text.charAt(at);
    if (sign === '\n') isFirst = true;
    if (sign === '\r' || BLANKS.includes(sign)) at++;
    else if (sign === '#') {
      const end = indexOfSign(text, '\n', at);
      const comment = text.slice(at + 1, end);
      const last = words.at(-1);
      if (!isFirst && last !== undefined) {
        // With a backslash anywhere in it, the end of the line is not one.
        if (comment.includes('\\'))
          return {
            start: at,
            end,
            message: 'Caddy joins the next line with one that has a "\\" in its comment',
          };
        last.note = comment;
      }
      at = end;
    } else if (sign === '"' || sign === '`') {
      const end = endOfQuoted(text, at);
      if (end < 0) return { start: at, end: at + 1, message: 'this quotation mark is never closed' };
      const inner = text.slice(at + 1, end);
      add(sign === '"' ? inner.replaceAll('\\"', '"') : inner, at + 1, end, true);
      at = end + 1;
    } else if (sign === '\\' && isLineJoined(text, at)) at = indexOfSign(text, '\n', at) + 1;
    else {
      const end = endOfWord(text, at);
      const value = text.slice(at, end).replaceAll('\r', '');
      if (value.startsWith('<<') && value.length > 2)
        return {
          start: at,
          end,
          message: 'texts that begin with "<<" are not read: write them in quotation marks',
        };
      add(value, at, end, false);
      at = end;
    }
  }
  return words;
}

/** Whether a line end comes right after a backslash. */
function isLineJoined(text: string, at: number): boolean {
  let next = at + 1;
  while (text.charAt(next) === '\r') next++;
  return text.charAt(next) === '\n' || next >= text.length;
}

/** The offset of the closing mark, or −1. A backslash escapes the double one alone. */
function endOfQuoted(text: string, open: number): number {
  const mark = text.charAt(open);
  let at = open + 1;
  while (at < text.length && text.charAt(at) !== mark) at += mark === '"' && text.charAt(at) === '\\' ? 2 : 1;
  return at < text.length ? at : -1;
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !BLANKS.includes(text.charAt(at))) {
    if (text.charAt(at) === '\\' && isLineJoined(text, at)) break;
    at++;
  }
  while (at > from && text.charAt(at - 1) === '\r') at--;
  return at;
}
