/**
 * The slow, readable twins of matcher and policy: a loop over the entries, and the decision table read in order.
 */

import { type GoldenAddress, goldenClient } from './address.ts';
import { type GoldenNetwork, goldenEntry } from './entry.ts';

export interface GoldenEntry {
  readonly text: string;
  readonly networks: readonly GoldenNetwork[];
}

export function goldenList(lines: readonly string[]): GoldenEntry[] {
  return lines.map((text) => {
    const networks = goldenEntry(text);
    if (networks === undefined) throw new Error(`not an entry: ${text}`);
    return { text, networks };
  });
}

/** Indexes of the entries that cover an address, the smallest first; ties go to the first. */
export function goldenCovering(entries: readonly GoldenEntry[], address: GoldenAddress): number[] {
  const found: { index: number; size: bigint }[] = [];
  entries.forEach(({ networks }, index) => {
    const network = networks.find(
      ({ family, first, last }) =>
        family === address.family && first <= address.value && address.value <= last,
    );
    if (network !== undefined) found.push({ index, size: network.last - network.first });
  });
  found.sort((left, right) =>
    left.size < right.size ? -1 : left.size > right.size ? 1 : left.index - right.index,
  );
  return found.map(({ index }) => index);
}

export interface GoldenPolicy {
  readonly mode: 'allow' | 'deny';
  readonly entries: readonly GoldenEntry[];
  readonly exempt: readonly GoldenEntry[];
  readonly whenEmpty: 'allow' | 'deny';
}

export interface GoldenDecision {
  readonly verdict: 'allow' | 'deny';
  readonly reason: string;
  /** Index of the deciding entry in its list. */
  readonly index: number | undefined;
}

export function goldenDecide(policy: GoldenPolicy, client: unknown): GoldenDecision {
  const { mode, entries, exempt, whenEmpty } = policy;
  const address = goldenClient(client);
  if (address === undefined) return { verdict: 'deny', reason: 'invalid-address', index: undefined };
  const [exemption] = goldenCovering(exempt, address);
  if (exemption !== undefined) return { verdict: 'allow', reason: 'exempt', index: exemption };
  if (entries.length === 0) return { verdict: whenEmpty, reason: 'empty-list', index: undefined };
  const [listed] = goldenCovering(entries, address);
  if (listed !== undefined) return { verdict: mode, reason: 'listed', index: listed };
  return { verdict: mode === 'allow' ? 'deny' : 'allow', reason: 'not-listed', index: undefined };
}
