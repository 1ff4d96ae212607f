/**
 * Walking along text by the characters that are there: all that the slow readers of this folder need.
 */

export const DIGITS = '0123456789';
export const HEX_DIGITS = '0123456789abcdefABCDEF';
export const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** What ends the first word of a line: the blank, and the signs that people put between entries. */
export const WORD_ENDS = ' ,;';

/** The first offset from `at` whose character is not one of `set`, or the length of the text. */
export function skip(text: string, at: number, set: string, isIn = true): number {
  let to = at;
  while (to < text.length && set.includes(text[to] as string) === isIn) to++;
  return to;
}

/** The first offset from `at` whose character is one of `set`, or the length of the text. */
export function seek(text: string, at: number, set: string): number {
  return skip(text, at, set, false);
}

export function isNumber(text: string): boolean {
  return text !== '' && skip(text, 0, DIGITS) === text.length;
}
