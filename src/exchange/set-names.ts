/**
 * The names of sets that are written: they stand among the words of another program.
 */

import { DIGITS, LETTERS, skip } from '../address/characters.ts';
import { ListError } from '../problem/errors.ts';
import { optionProblem } from '../problem/options.ts';
import { quote } from '../problem/say.ts';
import type { Exporting } from './exporting.ts';

/**
 * The name of the set that is written: the option `set`, or what the policy does with its addresses.
 *
 * @throws ListError with `invalid-option` for a name that the target would not take as one
 */
export function setNameOf({ options, mode }: Exporting, mostBytes: number): string {
  const { set = mode === 'allow' ? 'allowed' : 'denied' } = options;
  if (isName(set) && set.length <= mostBytes) return set;
  const message = `set must be a name of up to ${mostBytes} letters, digits, "_", "-" and ".", of which the first is a letter, got ${quote(set)}`;
  throw new ListError([optionProblem(message)]);
}

/** Whether a text is a letter or an underscore, and then letters, digits, `_`, `-` and `.`. */
export function isName(text: string): boolean {
  const letters = `${LETTERS}${LETTERS.toUpperCase()}_`;
  return (
    text !== '' && letters.includes(text.charAt(0)) && skip(text, 0, `${letters}${DIGITS}-.`) === text.length
  );
}
