/**
 * The characters of list text: line ends, blanks, the sign that starts a note, and what a note may contain.
 */

import { type Fault, fault } from '../problem/errors.ts';

/** The special characters of list text. */
export const BYTE_ORDER_MARK = 0xfeff;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
export const HASH = 0x23;

/**
 * The blanks allowed around the parts of a line: the space, the tab, and the no-break space that web pages use instead.
 */
export function isBlank(code: number): boolean {
  // Nearly all characters are between these two.
  return (code <= 0x20 || code === 0xa0) && (code === 0x20 || code === 0x09 || code === 0xa0);
}

export function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}

/** Offset of the first character that is not blank, or `end`. */
export function trimStart(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Offset after the last character that is not blank, or `start`. */
export function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

/** Offset of the end of the line, without its line end, or of the first `stop` before it. */
export function endOfLine(text: string, start: number, stop?: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Nearly all characters are above both line ends and need no second look.
    if (code === stop || (code <= CARRIAGE_RETURN && isLineEnd(code))) break;
  }
  return at;
}

/** Offset of the first sign of a note at or after `start`, or the length of the text. */
export function indexOfHash(text: string, start: number): number {
  return indexOfSign(text, '#', start);
}

/** Offset of the first `sign` at or after `start`, or the length of the text. */
export function indexOfSign(text: string, sign: string, start: number): number {
  const at = text.indexOf(sign, start);
  return at < 0 ? text.length : at;
}

/** Offset after the line end at `end`. */
export function afterLineEnd(text: string, end: number): number {
  // A read past the end of a text makes V8 throw away the compiled code around it, once.
  if (end === text.length) return end;
  const isPair = text.charCodeAt(end) === CARRIAGE_RETURN && text.charCodeAt(end + 1) === LINE_FEED;
  return Math.min(end + (isPair ? 2 : 1), text.length);
}

/**
 * Calls back for each line of a text with its number from 1, the start and end of its content, and the end of its line
 * end. A byte order mark at the start of the text is not part of any line.
 */
export function eachLine(
  text: string,
  visit: (line: number, start: number, end: number, next: number) => void,
  from: number = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0,
): void {
  let start = from;
  let feed = -1;
  let carriage = -1;
  for (let line = 1; ; line++) {
    // Searched natively, each sign not again before it is passed: a loop over the characters takes four times as long.
    if (feed < start) feed = indexOfSign(text, '\n', start);
    if (carriage < start) carriage = indexOfSign(text, '\r', start);
    const end = Math.min(feed, carriage);
    const next = afterLineEnd(text, end);
    visit(line, start, end, next);
    if (end === text.length) return;
    start = next;
  }
}

/**
 * Whether a note may not contain a code point: controls, line separators, marks and overrides that reorder the text
 * around them (which can make one list look like another, Unicode TR 36), and unpaired surrogates.
 */
export function isForbiddenInNote(code: number): boolean {
  return (
    code < 0x20 ||
    (code >= 0x7f && code < 0xa0) ||
    code === 0x061c ||
    code === 0x200e ||
    code === 0x200f ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    (code >= 0xd800 && code <= 0xdfff)
  );
}

/** The first character that a note may not contain. */
export function findNoteFault(text: string, start: number, end: number): Fault | undefined {
  const from = trimStart(text, start, end);
  const to = trimEnd(text, from, end);
  for (let at = from; at < to; at++) {
    let code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f) continue;
    if (code >= 0xd800) code = text.codePointAt(at) as number;
    if (isForbiddenInNote(code)) {
      const isHalf = code >= 0xd800 && code <= 0xdfff;
      const advice = isHalf
        ? 'half of a character is missing, write the note again'
        : 'a note cannot contain control or direction characters';
      return fault('invalid-character', text, at, at + 1, advice);
    }
    if (code > 0xffff) at++;
  }
  return undefined;
}
