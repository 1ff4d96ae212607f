/**
 * Lifetimes as programs count them: from the moment at which a text is loaded.
 */

import type { Exporting, Item } from './exporting.ts';

/** How a target counts lifetimes, in milliseconds. */
export interface LifetimeShape {
  readonly unit: number;
  readonly most: number;
}

/**
 * How many units an item lives from the option `now` on; `undefined` for ever. What the target cannot say to the letter is
 * a loss, and never lets somebody in: who is denied is denied for longer, and who is allowed for less, 0 for not at all.
 */
export function lifetimeOf(
  exporting: Exporting,
  item: Item,
  { unit, most }: LifetimeShape,
): number | undefined {
  const { until, verdict, entry } = item;
  if (until === undefined) return undefined;
  const lifetime = until - (exporting.options.now ?? 0);
  const units = verdict === 'allow' ? Math.floor(lifetime / unit) : Math.ceil(lifetime / unit);
  const limit = Math.floor(most / unit);
  if (units * unit === lifetime && units <= limit) return units;
  const isTooLong = units > limit;
  const why = isTooLong ? `no more than ${Math.floor(most / 86_400_000)} days` : 'whole seconds only';
  exporting.lose('until-changed', `the target counts a lifetime of ${why}`, entry);
  if (isTooLong) return verdict === 'allow' ? limit : undefined;
  return units;
}
