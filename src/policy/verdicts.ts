/**
 * The decision table for every address at once: what a policy says, as runs of addresses with one verdict.
 *
 * The lists of the policy are read again. The tree plays no part, as it does not know where the runs begin.
 */

import { EntryTable } from '../list/table.ts';
import { describeType } from '../problem/say.ts';
import { ListIntervals } from '../space/intervals.ts';
import { decideRuns, type FamilyRuns, type Runs } from '../space/runs.ts';
import type { Verdict } from './decision.ts';
import { listsOf, type PolicyLists } from './policy.ts';

const UNLISTED = 0;
const ALLOWED = 1;
const DENIED = 2;

/**
 * The verdict of every address: runs labelled UNLISTED, ALLOWED and DENIED, and the verdict that UNLISTED stands for.
 */
export interface VerdictRuns extends FamilyRuns {
  readonly unlisted: Verdict;
}

/** The lists of a policy; a TypeError for anything that this package did not make. */
export function requireLists(policy: unknown, name: string, caller: string): PolicyLists {
  const lists = listsOf(policy);
  if (lists !== undefined) return lists;
  throw new TypeError(
    `${caller} takes policies made by createPolicy or createRules of this package; "${name}" is not one, but ${describeType(policy)}`,
  );
}

/** The verdict that a label of these runs stands for. */
export function verdictOf(label: number, { unlisted }: VerdictRuns): Verdict {
  if (label === UNLISTED) return unlisted;
  return label === ALLOWED ? 'allow' : 'deny';
}

/** All rows of the decision table but the first, for every address. */
export function verdictRunsOf(lists: PolicyLists): VerdictRuns {
  const { allowing, unlisted } = lists;
  const { ipv4, ipv6 } = labelRunsOf(lists, (label) => (label <= allowing ? ALLOWED : DENIED));
  // Each field by name, as a spread would be of a hidden class of its own, see Column.kept.
  return { unlisted: unlisted.verdict, ipv4, ipv6 };
}

/** Reads the exemptions and the lists again and sweeps them: another label in place of each, 0 where no entry decides. */
export function labelRunsOf(
  { exempt, active }: Pick<PolicyLists, 'exempt' | 'active'>,
  relabel: (label: number) => number,
): FamilyRuns {
  if (!(active instanceof EntryTable)) return active.decideRuns(relabel);
  const intervals = new ListIntervals();
  const exemptions = exempt.size;
  let owner = 0;
  const add = (isPartOfName: boolean): void => intervals.add(owner, isPartOfName);
  for (let index = 0; index < exemptions; index++, owner++) exempt.read(index, add);
  for (let index = 0; index < active.size; index++, owner++) active.read(index, add);
  const [ipv4, ipv6] = intervals
    .sort()
    .map((family) => decideRuns(family, exemptions, (entry) => relabel(entry + 1))) as [Runs, Runs];
  return { ipv4, ipv6 };
}
