/**
 * Notes as comments of YAML.
 */

import type { Exporting, Item } from '../exchange/exporting.ts';

/** Characters that not every program takes in YAML, even in comments. */
const REFUSED = '\ufeff\ufffe\uffff';
const INSTEAD = '???';

/** The note of an item as a comment to put after it; empty without a note. */
export function writeComment(
  exporting: Exporting,
  item: Item,
  { forbidden, instead }: { readonly forbidden: string; readonly instead: string } = {
    forbidden: '',
    instead: '',
  },
): string {
  const note = exporting.noteOf(item, {
    maxBytes: Number.POSITIVE_INFINITY,
    forbidden: REFUSED + forbidden,
    instead: INSTEAD + instead,
  });
  return note === '' ? '' : ` # ${note}`;
}
