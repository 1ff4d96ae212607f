/**
 * Whether a policy lets in an address that is trusted to be a proxy. A client that makes its proxy drop the forwarding
 * header is taken for that proxy, and what is denied to the client may be allowed to the proxy.
 */

import { formatWords } from '../address/words.ts';
import type { Families } from '../client/trusted.ts';
import { listsOf, type PolicyLists } from '../policy/policy.ts';
import { verdictOf, verdictRunsOf } from '../policy/verdicts.ts';
import { isThenable, readField } from '../problem/foreign.ts';
import { combineRuns, coveredRuns } from '../space/runs.ts';

/** How many networks a policy of another kind is asked about. */
const MOST_ASKED = 1_000;

/**
 * Whether a policy allows a trusted address while it denies another. A policy of `createPolicy` or `createRules` is
 * examined exactly; any other is asked about the first and last address of each network. One that answers with
 * promises, or throws, has said nothing.
 */
export function letsProxyIn(policy: unknown, trusted: Families): boolean {
  const lists = listsOf(policy);
  if (lists !== undefined) return allowsSomeDeniesSome(lists, trusted);
  const decider = policy as { decide(ip: string): unknown };
  return trusted.some(({ family, width, count, firsts, lasts }) => {
    for (let at = 0; at < Math.min(count, MOST_ASKED); at++) {
      for (const words of [firsts, lasts]) {
        const address = formatWords(family, words.subarray(at * width, (at + 1) * width));
        if (isAllowed(decider, address)) return true;
      }
    }
    return false;
  });
}

/** Whether the lists allow one of the addresses, and deny any address at all. */
function allowsSomeDeniesSome(lists: PolicyLists, trusted: Families): boolean {
  const verdicts = verdictRunsOf(lists);
  const { ipv4, ipv6 } = verdicts;
  const isDenied = (label: number): boolean => verdictOf(label, verdicts) === 'deny';
  if (!ipv4.labels.some(isDenied) && !ipv6.labels.some(isDenied)) return false;
  return trusted.some((intervals, index) => {
    const proxies = coveredRuns(intervals);
    const picks = (isProxy: number, label: number): boolean => isProxy === 1 && !isDenied(label);
    return combineRuns(intervals.family, proxies, index === 0 ? ipv4 : ipv6, picks).labels.includes(1);
  });
}

function isAllowed(decider: { decide(ip: string): unknown }, address: string): boolean {
  try {
    const decision = decider.decide(address);
    if (!isThenable(decision)) return readField(decision, 'verdict') === 'allow';
    Promise.resolve(decision).then(undefined, () => {});
  } catch {
    // It will throw for a request as well, and be reported then.
  }
  return false;
}
