/**
 * What a change means: every address whose verdict it changes.
 *
 * Each policy is cut into runs of addresses with one verdict, and the two cuts are laid over each other.
 */

import type { Verdict } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { requireLists, verdictOf, verdictRunsOf } from '../policy/verdicts.ts';
import { type AddressSet, toAddressSet } from '../set/address-set.ts';
import { combineSets } from '../space/set.ts';

/**
 * The addresses whose verdict a change of policy changes: two sets, with the operations of `ipverdict/set`. Frozen;
 * `JSON.stringify` takes it as it is.
 */
export interface AddressChange {
  /** Addresses that are now allowed and were denied. */
  readonly allowed: AddressSet;
  /** Addresses that are now denied and were allowed. */
  readonly denied: AddressSet;
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
 * @returns the newly allowed and the newly denied addresses, two sets
 * @throws TypeError when either argument was not made by this package
 * @remarks Reads the entries of both policies once, in linear time apart from sorting. While it works, it allocates 8
 *   bytes for each run of IPv4 addresses and 20 for each run of IPv6 addresses; the sets keep their own runs alone. The
 *   prefixes of a large set are made when they are first read. No address becomes a BigInt.
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
 * denied.has('::ffff:198.51.100.7'); // true
 * ```
 */
export function comparePolicies(before: Policy, after: Policy): AddressChange {
  const left = verdictRunsOf(requireLists(before, 'before', 'comparePolicies'));
  const right = verdictRunsOf(requireLists(after, 'after', 'comparePolicies'));
  const change = (from: Verdict, to: Verdict): AddressSet => {
    const picks = (leftLabel: number, rightLabel: number): boolean =>
      verdictOf(leftLabel, left) === from && verdictOf(rightLabel, right) === to;
    return toAddressSet(combineSets(left, right, picks));
  };
  return Object.freeze({ allowed: change('deny', 'allow'), denied: change('allow', 'deny') });
}
