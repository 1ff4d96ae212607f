/**
 * The names of sets in the kernel, which are written twice: one for each family.
 */

import type { Exporting } from '../exchange/exporting.ts';
import { isName } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';

/**
 * The name of the set that is written: the option `set`, or what the policy does with its addresses.
 *
 * @throws ListError with `invalid-option` for a name that the target would not take as one
 */
export function setNameOf(exporting: Exporting, longest: number): string {
  const { options, mode } = exporting;
  const { set = mode === 'allow' ? 'allowed' : 'denied' } = options;
  if (isName(set, longest, '-.')) return set;
  return exporting.refuseOption(
    `set must be a name of up to ${longest} letters, digits, "_", "-" and ".", of which the first is a letter or "_", got ${quote(set)}`,
  );
}
