/**
 * Whether the tree of a policy decides as its entries say. They are swept as if the tree was to be built, and their runs are
 * those of the tree.
 */

import type { PolicyLists } from '../policy/policy.ts';
import { labelRunsOf } from '../policy/verdicts.ts';
import { unfold } from '../tree/unfold.ts';
import { settle } from './tree.ts';

/** Whether each address has the label of the entry that decides. */
export function agrees(lists: PolicyLists): boolean {
  const said = labelRunsOf(lists, itself);
  const found = unfold(settle(lists.radix), itself);
  return (['ipv4', 'ipv6'] as const).every(
    (family) =>
      areEqual(said[family].starts, found[family].starts) &&
      areEqual(said[family].labels, found[family].labels),
  );
}

const itself = (label: number): number => label;

function areEqual(one: Int32Array, other: Int32Array): boolean {
  let at = one.length === other.length ? 0 : -1;
  while (at >= 0 && at < one.length && one[at] === other[at]) at++;
  return at === one.length;
}
