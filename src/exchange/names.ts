/**
 * Names in the text of other programs: of sets, tables and objects, without quotation marks, and of hosts.
 */

import { DIGITS, isNumber, LETTERS, skip } from '../address/characters.ts';

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

/** Whether a word may be an address. If not, it may be the name of a host, which this package never looks up. */
export function mayBeAddress(word: string): boolean {
  return word.includes(':') || isNumber(word.charAt(0));
}
