/**
 * Where IPv4 is in a tree of IPv6: below `::/96`, where it is written, and wherever else a record leads there.
 */

import { compareAt } from '../address/words.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import { combineRuns, type FamilyRuns, type Runs } from '../space/runs.ts';
import { emptySet } from '../space/set.ts';
import type { Labelled } from './labels.ts';
import { Nodes } from './nodes.ts';

/** Stands for the record that leads to the IPv4 networks: more than any label. */
export const TO_IPV4 = 0x7fff_ffff;

/** `::/96` and `::ffff:0:0/96`. */
const IPV4_BLOCKS: Runs = {
  count: 4,
  starts: /* @__PURE__ */ Int32Array.of(0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0xffff, 0, 0, 0, 0x1_0000, 0),
  labels: /* @__PURE__ */ Int32Array.of(1, 0, 1, 0),
};

/** `2002::/16`. */
const SIX_TO_FOUR: Runs = {
  count: 3,
  starts: /* @__PURE__ */ Int32Array.of(0, 0, 0, 0, 0x2002_0000, 0, 0, 0, 0x2003_0000, 0, 0, 0),
  labels: /* @__PURE__ */ Int32Array.of(0, 1, 0),
};

/** The tree, and the record that leads to its IPv4 networks. Labels are the numbers of values plus 1. */
export function layOut(
  { runs, numberOf }: Labelled,
  sixToFour: boolean,
): { readonly nodes: Nodes; readonly ipv4: number } {
  const blocks = sixToFour
    ? combineRuns(6, IPV4_BLOCKS, SIX_TO_FOUR, (left, right) => left + right > 0)
    : IPV4_BLOCKS;
  const nodes = new Nodes();
  const ipv6 = combineRuns(6, runs.ipv6, blocks, (label, isIPv4) =>
    isIPv4 === 1 ? TO_IPV4 : numberOf(label) + 1,
  );
  nodes.add(ipv6, 4);
  const ipv4 = combineRuns(4, runs.ipv4, emptySet.ipv4, (label) => numberOf(label) + 1);
  return { nodes, ipv4: nodes.add(ipv4, 1) };
}

/**
 * The labels of entries that say something about IPv6 addresses of `::/96` other than what is said about the IPv4 addresses
 * there; with each the last word of the first such address.
 */
export function lookedUpAsIPv4(
  { ipv4, ipv6 }: FamilyRuns,
  agree: (left: number, right: number) => boolean,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const own = within(ipv6);
  // As in most lists.
  if (own.labels.every((label) => label === 0)) return found;
  // The labels of both, run by run.
  const pairs: (readonly [number, number])[] = [];
  const both = combineRuns(4, own, ipv4, (left, right) => {
    pairs.push([left, right]);
    // Another one each time, so that none is joined with its neighbour.
    return pairs.length;
  });
  pairs.forEach(([left, right], run) => {
    if (left > 0 && !found.has(left) && !agree(left, right)) found.set(left, both.starts[run] as number);
  });
  return found;
}

/** The runs of `::/96`, as those of IPv4. */
function within({ starts, labels }: Runs): Runs {
  const count = lastAtOrBefore(starts, labels.length, [0, 0, 0, -1], 0, 4) + 1;
  const words = new Int32Array(count);
  for (let run = 0; run < count; run++) words[run] = starts[run * 4 + 3] as number;
  return { count, starts: words, labels: labels.subarray(0, count) };
}

/** Whether anything is said about addresses in `2002::/16` that is not said about those around it. */
export function ownSixToFour({ count, starts }: Runs): boolean {
  const [from, to] = [1, 2];
  const run = lastAtOrBefore(starts, count, SIX_TO_FOUR.starts, from, 4);
  const isStart = compareAt(starts, run, SIX_TO_FOUR.starts, from, 4) === 0;
  if (isStart) return true;
  return run + 1 < count && compareAt(starts, run + 1, SIX_TO_FOUR.starts, to, 4) < 0;
}
