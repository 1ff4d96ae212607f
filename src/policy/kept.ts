/**
 * The decisions that a policy has made, so that each is made once: a table of labels that grows with the entries that
 * clients meet, not with the list. Most policies of a process with many are never asked.
 */

import type { Decision } from './decision.ts';

/** The most decisions that one policy keeps; so many with their entries take 22 MB, and more with notes. */
const MAX_KEPT = 131_072;

/**
 * Pairs of a label and its decision, at twice the label modulo the number of cells, or the next free pair. At most half of
 * the pairs are taken. A label and its decision share a line of the processor's cache.
 */
interface Kept {
  /** Their number is a power of two. */
  readonly cells: (number | Decision | undefined)[];
  readonly count: number;
}

/** What every policy starts with. Never written to. */
export const NOTHING_KEPT: Kept = { cells: [undefined, undefined], count: 0 };

/** Keeps one more decision, in the same table, a larger one, or, when too many are kept, a new one. */
export function keepDecision(kept: Kept, label: number, decision: Decision): Kept {
  const { cells, count } = kept.count < MAX_KEPT ? kept : NOTHING_KEPT;
  const room = count * 4 < cells.length - 2 ? cells : grow(cells);
  put(room, label, decision);
  return { cells: room, count: count + 1 };
}

function grow(cells: Kept['cells']): Kept['cells'] {
  // Filled, as a hole would be looked up on a prototype, where other code may have put something.
  const larger: Kept['cells'] = new Array(Math.max(cells.length * 2, 8)).fill(undefined);
  for (let at = 0; at < cells.length; at += 2) {
    if (cells[at] !== undefined) put(larger, cells[at] as number, cells[at + 1] as Decision);
  }
  return larger;
}

function put(cells: Kept['cells'], label: number, decision: Decision): void {
  const mask = cells.length - 1;
  let at = (label * 2) & mask;
  while (cells[at] !== undefined) at = (at + 2) & mask;
  cells[at] = label;
  cells[at + 1] = decision;
}
