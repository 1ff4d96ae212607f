/**
 * Where a text stops being JSON (RFC 8259), and why. Engines tell it in messages of their own, mostly without a place.
 */

import { quote } from '../problem/say.ts';
import {
  afterBlanks,
  BACKSLASH,
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  COMMA,
  endOfToken,
  QUOTE,
} from './json-text.ts';

/** What is wrong with a text that is not JSON. */
export interface JsonFault {
  readonly at: number;
  readonly end: number;
  readonly code: 'syntax' | 'truncated';
  readonly message: string;
}

/** How many objects and arrays may lie within each other. Engines differ in how many they read. */
export const MOST_LEVELS = 1000;

export const TOO_DEEP: string = `more than ${MOST_LEVELS} objects and arrays lie within each other`;

/** The first place at which a text is not JSON, for a text that the platform has refused. */
export function findJsonFault(text: string, from: number): JsonFault {
  const open: number[] = [];
  let at = afterBlanks(text, from);
  if (at === text.length) return faultAt(at, at, 'truncated', 'expected JSON, but the text is empty');
  if (text[at] === '<') return faultAt(at, at + 1, 'syntax', WEB_PAGE);
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === BRACE || code === BRACKET) {
      if (open.push(code) > MOST_LEVELS) return faultAt(at, at + 1, 'syntax', TOO_DEEP);
      at = afterBlanks(text, at + 1);
      if (text.charCodeAt(at) !== closingOf(code)) {
        const next = startOfNext(text, at, code);
        if (typeof next !== 'number') return next;
        at = next;
        continue;
      }
    } else {
      const fault = findTokenFault(text, at);
      if (fault !== undefined) return fault;
      at = afterBlanks(text, endOfToken(text, at));
    }
    while (open.length > 0 && text.charCodeAt(at) === closingOf(open.at(-1))) {
      open.pop();
      at = afterBlanks(text, at + 1);
    }
    const inside = open.at(-1);
    if (inside === undefined) return faultAfterEnd(text, at);
    if (text.charCodeAt(at) !== COMMA)
      return unexpected(text, at, 'expected a comma here, or the end of the list');
    const next = startOfNext(text, afterBlanks(text, at + 1), inside);
    if (typeof next !== 'number') return next;
    at = next;
  }
}

const WEB_PAGE = 'this is a web page and not JSON: its URL may lead to a login page or an error page';

function faultAt(at: number, end: number, code: JsonFault['code'], message: string): JsonFault {
  return { at, end, code, message };
}

function closingOf(code: number | undefined): number {
  return code === BRACE ? CLOSING_BRACE : CLOSING_BRACKET;
}

/** Something other than what was expected, or nothing, as the rest is missing. */
function unexpected(text: string, at: number, message: string): JsonFault {
  if (at >= text.length)
    return faultAt(
      text.length,
      text.length,
      'truncated',
      'the JSON ends in the middle: a part of it is missing',
    );
  return faultAt(at, at + 1, 'syntax', `${message}, got ${quote(text.charAt(at))}`);
}

function faultAfterEnd(text: string, at: number): JsonFault {
  if (at < text.length) return unexpected(text, at, 'expected nothing after the end of the JSON');
  return faultAt(at, at, 'syntax', 'the text could not be read as JSON here');
}

/** Where the next value of an object or array starts, which in an object has a name before it. */
function startOfNext(text: string, at: number, inside: number): number | JsonFault {
  if (inside !== BRACE) return at;
  if (text.charCodeAt(at) !== QUOTE) return unexpected(text, at, 'expected a name in quotation marks here');
  const fault = findTokenFault(text, at);
  if (fault !== undefined) return fault;
  const colon = afterBlanks(text, endOfToken(text, at));
  if (text.charCodeAt(colon) !== COLON) return unexpected(text, colon, 'expected a colon here');
  return afterBlanks(text, colon + 1);
}

/** What is wrong with a string, a number or a word: the platform says whether it is one. */
function findTokenFault(text: string, start: number): JsonFault | undefined {
  const end = endOfToken(text, start);
  if (end === start) return unexpected(text, start, 'expected a value here');
  const token = text.slice(start, end);
  try {
    JSON.parse(token);
    return undefined;
  } catch {
    const isAtEnd = end === text.length;
    if (text.charCodeAt(start) === QUOTE) {
      const fault = findStringFault(text, start + 1, end);
      return fault !== undefined && fault.end < text.length ? fault : unexpected(text, text.length, '');
    }
    if (isAtEnd && isCutOff(token)) return unexpected(text, end, '');
    return faultAt(start, end, 'syntax', `expected a value here, got ${quote(token)}`);
  }
}

/** Whether a word or number at the end of a text can be the start of one that is whole. */
function isCutOff(token: string): boolean {
  const isWord = ['true', 'false', 'null'].some((word) => word.startsWith(token));
  return (
    isWord || ('-0123456789'.includes(token.charAt(0)) && '-+.eE'.includes(token.charAt(token.length - 1)))
  );
}

function findStringFault(text: string, start: number, end: number): JsonFault | undefined {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20)
      return faultAt(
        at,
        at + 1,
        'syntax',
        'a line break or control character cannot stand in a string of JSON',
      );
    if (code !== BACKSLASH) continue;
    if (!isEscape(text, at)) {
      const to = Math.min(at + (text.charAt(at + 1) === 'u' ? 6 : 2), end);
      return faultAt(at, to, 'syntax', `${quote(text.slice(at, to))} is not an escape of JSON`);
    }
    at++;
  }
  return undefined;
}

function isEscape(text: string, at: number): boolean {
  if (text.charAt(at + 1) !== 'u') return '"\\/bfnrt'.includes(text.charAt(at + 1) || ' ');
  const digits = text.slice(at + 2, at + 6);
  return digits.length === 4 && [...digits].every((digit) => '0123456789abcdefABCDEF'.includes(digit));
}
