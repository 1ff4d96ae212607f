/**
 * What a change means: every address whose verdict it changes.
 *
 * The lists of each policy are read again and cut into runs of addresses with one verdict, by the rows of the decision
 * table. Then the two sets of runs are laid over each other. The trees play no part.
 */

import { EntryTable } from '../list/table.ts';
import type { Verdict } from '../policy/decision.ts';
import { listsOf, type Policy, type PolicyLists } from '../policy/policy.ts';
import { describeType } from '../problem/say.ts';
import { ListIntervals } from '../space/intervals.ts';
import { combineRuns, decideRuns, type FamilyRuns, type Runs } from '../space/runs.ts';
import { type AddressSet, toAddressSet } from '../space/set.ts';

/** The addresses whose verdict a change of policy changes. Frozen; `JSON.stringify` takes it as it is. */
export interface AddressChange {
  /** Addresses that are now allowed and were denied. */
  readonly allowed: AddressSet;
  /** Addresses that are now denied and were allowed. */
  readonly denied: AddressSet;
}

const UNLISTED = 0;
const ALLOWED = 1;
const DENIED = 2;

/**
 * The verdict of every address: runs labelled UNLISTED, ALLOWED and DENIED, and the verdict that UNLISTED stands for.
 */
export interface VerdictRuns extends FamilyRuns {
  readonly unlisted: Verdict;
}

/**
 * Finds the addresses whose verdict changes, exactly and across both address spaces.
 *
 * The mode, the exemptions, the rule for the empty list and `whenEmpty` all count: the first entry of an allow list
 * denies everyone else, and switching the mode of a list is a change like any other. The spelling, order, splitting and
 * notes of entries change no verdict, and so do not count.
 *
 * No client has an address in the IPv4-mapped block `::ffff:0:0/96`, as an IPv4-mapped client is judged as IPv4. So two
 * policies never differ in that block alone. It is counted where it is part of a prefix of the result, such as `::/0`.
 *
 * @param before - a policy from `createPolicy` or `createRules`
 * @param after - a policy from `createPolicy` or `createRules`
 * @returns the newly allowed and the newly denied addresses, each as the fewest prefixes, with exact counts
 * @throws TypeError when either argument was not made by this package
 * @remarks Reads the entries of both policies once, in linear time apart from sorting. While it works, it allocates 8
 *   bytes for each run of IPv4 addresses and 20 for each run of IPv6 addresses, and then a text for each prefix of the
 *   result; no address becomes a BigInt. Nothing is kept.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { comparePolicies } from 'ipverdict/list';
 *
 * const before = createPolicy({ deny: '192.0.2.0/24' });
 * const after = createPolicy({ deny: '192.0.2.0/25\n198.51.100.7', exempt: '192.0.2.1' });
 * const { allowed, denied } = comparePolicies(before, after);
 * allowed.prefixes; // ['192.0.2.1', '192.0.2.128/25']
 * allowed.ipv4Count; // 129n
 * denied.prefixes; // ['198.51.100.7']
 * ```
 */
export function comparePolicies(before: Policy, after: Policy): AddressChange {
  const left = verdictRunsOf(requireLists(before, 'before', 'comparePolicies'));
  const right = verdictRunsOf(requireLists(after, 'after', 'comparePolicies'));
  const change = (from: Verdict, to: Verdict): AddressSet => {
    const picks = (leftLabel: number, rightLabel: number): boolean =>
      verdictOf(leftLabel, left) === from && verdictOf(rightLabel, right) === to;
    return toAddressSet({
      ipv4: combineRuns(4, left.ipv4, right.ipv4, picks),
      ipv6: combineRuns(6, left.ipv6, right.ipv6, picks),
    });
  };
  return Object.freeze({ allowed: change('deny', 'allow'), denied: change('allow', 'deny') });
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
export function verdictRunsOf({ allowing, unlisted, exempt, active }: PolicyLists): VerdictRuns {
  const relabel = (label: number): number => (label <= allowing ? ALLOWED : DENIED);
  if (!(active instanceof EntryTable)) return { unlisted: unlisted.verdict, ...active.decideRuns(relabel) };
  const intervals = new ListIntervals();
  const exemptions = exempt.size;
  let owner = 0;
  const add = (isPartOfName: boolean): void => intervals.add(owner, isPartOfName);
  for (let index = 0; index < exemptions; index++, owner++) exempt.read(index, add);
  for (let index = 0; index < active.size; index++, owner++) active.read(index, add);
  const [ipv4, ipv6] = intervals
    .sort()
    .map((family) => decideRuns(family, exemptions, (entry) => relabel(entry + 1))) as [Runs, Runs];
  return { unlisted: unlisted.verdict, ipv4, ipv6 };
}
