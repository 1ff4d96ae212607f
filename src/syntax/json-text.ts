/**
 * The parts of JSON text: blanks, strings and other tokens.
 */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
export const BRACE = 0x7b;
export const CLOSING_BRACE = 0x7d;

/** Whether JSON allows a character between its tokens. */
export function isJsonBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** Offset of the first character that is not blank, or the length of the text. */
export function afterBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && isJsonBlank(text.charCodeAt(at))) at++;
  return at;
}

/** Offset after the closing quotation mark of a string, or the length of the text where there is none. */
export function endOfString(text: string, start: number): number {
  for (let from = start + 1; ; ) {
    // Searched natively: a loop over the characters takes longer even where there are ten of them.
    const end = text.indexOf('"', from);
    if (end < 0) return text.length;
    // A mark after an odd number of backslashes is part of the string.
    let at = end;
    while (at > from && text.charCodeAt(at - 1) === BACKSLASH) at--;
    if ((end - at) % 2 === 0) return end + 1;
    from = end + 1;
  }
}

/** Offset after a string, a number or a word. */
export function endOfToken(text: string, start: number): number {
  if (text.charCodeAt(start) === QUOTE) return endOfString(text, start);
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === COMMA || code === CLOSING_BRACE || code === CLOSING_BRACKET || isJsonBlank(code)) break;
  }
  return at;
}
