/**
 * How prefixes nest. Two of them are nested or disjoint, so a stack of those around the current one is enough.
 */

import { compareAt } from '../address/words.ts';
import { areEqual, type Intervals, PART_OF_NAME } from './intervals.ts';

/**
 * How the prefixes of a list nest, those of names included. All columns are by position. Equal prefixes form a group, which
 * is known by its first position.
 */
export interface Nest {
  /** For the first of a group the first of the next wider group, or −1. */
  readonly parents: Int32Array;
  /** First positions of the groups, by the number of groups around them. */
  readonly levels: readonly number[][];
  /** For the first of a group the position after its last; 0 for all others. */
  readonly ends: Int32Array;
  /** The next prefix that covers this one: of equal ones the next in the list, then those of the next wider group; or −1. */
  readonly nexts: Int32Array;
}

export function nest(intervals: Intervals): Nest {
  const { width, count, firsts, lasts, owners, lengths } = intervals;
  const parents = new Int32Array(count).fill(-1);
  const ends = new Int32Array(count);
  const nexts = new Int32Array(count).fill(-1);
  const levels: number[][] = [];
  const open: { readonly head: number; readonly first: number }[] = [];
  for (let head = 0, end = 1; head < count; head = end++) {
    if (lengths[head] === -1) continue;
    while (end < count && areEqual(intervals, head, end)) end++;
    while (open.length > 0 && compareAt(lasts, open.at(-1)?.head as number, firsts, head, width) < 0)
      open.pop();
    const parent = open.at(-1);
    const group = Array.from({ length: end - head }, (_, index) => head + index);
    // Names come first, wherever they are in the list.
    if (lengths[head] === PART_OF_NAME)
      group.sort((left, right) => (owners[left] as number) - (owners[right] as number));
    group.forEach((at, index) => {
      // Not by index: what comes after the end of an array could be on a prototype.
      nexts[at] = group.at(index + 1) ?? parent?.first ?? -1;
    });
    parents[head] = parent?.head ?? -1;
    ends[head] = end;
    const level = levels.at(open.length);
    if (level === undefined) levels.push([head]);
    else level.push(head);
    open.push({ head, first: group[0] as number });
  }
  return { parents, levels, ends, nexts };
}
