/**
 * The slow, readable twin of rules: for each client, all rules are read in order.
 */

import { type GoldenAddress, goldenClient } from './address.ts';
import { type GoldenEntry, goldenCovering } from './policy.ts';

export interface GoldenRule {
  readonly mode: 'allow' | 'deny';
  readonly entries: readonly GoldenEntry[];
  readonly except: readonly GoldenEntry[];
}

export interface GoldenRules {
  readonly rules: readonly GoldenRule[];
  readonly otherwise: 'allow' | 'deny';
  readonly order: 'first-match' | 'most-specific';
  readonly exempt: readonly GoldenEntry[];
}

export interface GoldenRuling {
  readonly verdict: 'allow' | 'deny';
  readonly reason: string;
  readonly rule: number | undefined;
  /** Index of the deciding entry in its list. */
  readonly index: number | undefined;
}

/** The number of addresses of the smallest network of an entry that covers an address. */
function sizeAround({ networks }: GoldenEntry, { family, value }: GoldenAddress): bigint {
  const around = networks.find(
    (network) => network.family === family && network.first <= value && value <= network.last,
  );
  if (around === undefined) throw new Error('the entry does not cover the address');
  return around.last - around.first;
}

/** The rules that cover an address, with the entry of each. */
function covering(
  { rules }: GoldenRules,
  address: GoldenAddress,
): { readonly rule: number; readonly index: number; readonly size: bigint }[] {
  return rules.flatMap(({ entries, except }, rule) => {
    const [index] = goldenCovering(entries, address);
    if (index === undefined || goldenCovering(except, address).length > 0) return [];
    return [{ rule, index, size: sizeAround(entries[index] as GoldenEntry, address) }];
  });
}

export function goldenRule(policy: GoldenRules, address: GoldenAddress): GoldenRuling {
  const [exemption] = goldenCovering(policy.exempt, address);
  if (exemption !== undefined)
    return { verdict: 'allow', reason: 'exempt', rule: undefined, index: exemption };
  const found = covering(policy, address);
  let best = found[0];
  if (policy.order === 'most-specific') {
    for (const one of found) if (best !== undefined && one.size < best.size) best = one;
  }
  if (best === undefined)
    return { verdict: policy.otherwise, reason: 'not-listed', rule: undefined, index: undefined };
  const { rule, index } = best;
  return { verdict: policy.rules[rule]?.mode as 'allow' | 'deny', reason: 'listed', rule, index };
}

export function goldenRuling(policy: GoldenRules, client: unknown): GoldenRuling {
  const address = goldenClient(client);
  if (address !== undefined) return goldenRule(policy, address);
  return { verdict: 'deny', reason: 'invalid-address', rule: undefined, index: undefined };
}
