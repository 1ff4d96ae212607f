/**
 * Names of sets, tables and objects of other programs, which go into their text without quotation marks.
 */

import { DIGITS, LETTERS, skip } from '../address/characters.ts';

/**
 * Whether a text is a name of letters, digits and underscores, does not begin with a digit, and is not too long.
 *
 * @param inside - other characters that it may have after the first
 */
export function isName(text: string, longest: number, inside = ''): boolean {
  const isOfLetters = skip(text, 0, `${LETTERS}${LETTERS.toUpperCase()}${DIGITS}_${inside}`) === text.length;
  return (
    isOfLetters && text !== '' && text.length <= longest && !`${DIGITS}${inside}`.includes(text.charAt(0))
  );
}
