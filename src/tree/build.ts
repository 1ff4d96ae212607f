/**
 * Builds the tree of `radix.ts` from runs in ascending order: a root for each family, and the nodes below it.
 *
 * Size: beyond the roots, a run costs at most 32 words of IPv4 and 62 of IPv6, 20 of them for wider fields; an entry is
 * at most two runs. A field divides a block only where that separates its runs, so there are fewer branches than runs.
 * `docs/algorithm.md` has the argument.
 */

import { Column } from '../space/column.ts';
import type { Intervals } from '../space/intervals.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import { coveredRuns, RunColumns, type Runs } from '../space/runs.ts';
import { type Layout, usualLayout } from './layout.ts';
import { FamilyBuilder } from './nodes.ts';
import { GLOBAL_UNICAST_BITS, Radix } from './radix.ts';

/** The tree of a set: the label of an address is 1 if any interval holds it, else 0. */
export function compileSet([ipv4, ipv6]: readonly [Intervals, Intervals]): Radix {
  return buildRadix(coveredRuns(ipv4), coveredRuns(ipv6));
}

/** Builds the tree of both families' runs. Labels are from 0 to 2^30 − 1. Linear in runs times bytes. */
export function buildRadix(ipv4: Runs, ipv6: Runs, layout: Layout = usualLayout): Radix {
  const width4 = layout.rootWidth(ipv4.count, 4);
  const width6 = layout.rootWidth(ipv6.count, 6);
  // Enough for most trees.
  const data = new Column((1 << width4) + (1 << width6) + 4 * (ipv4.count + ipv6.count));
  const root4 = data.extend(1 << width4);
  new FamilyBuilder(data, 4, ipv4, layout).fillRoot(root4, width4, 0, 1, ipv4.count);
  const root6 = data.extend(1 + (1 << width6)) + 1;
  const from = lastAtOrBefore(ipv6.starts, ipv6.count, globalFirst, 0, 4) + 1;
  const to = lastAtOrBefore(ipv6.starts, ipv6.count, globalLast, 0, 4) + 1;
  new FamilyBuilder(data, 6, ipv6, layout).fillRoot(root6, width6, GLOBAL_UNICAST_BITS, from, to);
  const others = withoutGlobal(from, to, ipv6);
  const value = new FamilyBuilder(data, 6, others, layout).buildAll(others.count);
  data.values[root6 - 1] = value;
  return new Radix(data.trim(), root6, 32 - width4, 32 - width6);
}

/** The first and the last address of global unicast, and the next one. Written out, as bundlers drop only constants. */
const globalFirst: Int32Array = /* @__PURE__ */ Int32Array.of(0x2000_0000, 0, 0, 0);
const globalLast: Int32Array = /* @__PURE__ */ Int32Array.of(0x3fff_ffff, -1, -1, -1);
const globalNext: Int32Array = /* @__PURE__ */ Int32Array.of(0x4000_0000, 0, 0, 0);

/**
 * The runs of all addresses outside global unicast, inside which those from `from` to `to` start. The label at its end
 * goes on after it.
 */
function withoutGlobal(from: number, to: number, { count, starts, labels }: Runs): Runs {
  const runs = new RunColumns(4);
  for (let run = 0; run < from; run++) runs.start(starts, run, labels[run] as number);
  if (to > from) runs.start(globalNext, 0, labels[to - 1] as number);
  for (let run = to; run < count; run++) runs.start(starts, run, labels[run] as number);
  return runs.finish();
}
