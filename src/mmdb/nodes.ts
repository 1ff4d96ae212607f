/**
 * From runs to the tree of a MaxMind database: a node for every bit at which addresses part, and no other.
 *
 * The starts of the runs come in ascending order. A start parts the networks before it from those after it at its last
 * bit that is set, so there are nodes down to that bit. Those that it shares with the start before are there; in a new
 * one, all addresses are of the run before, and those after the start of its own run, until the next start says more.
 */

import { commonLength, trailingZeros } from '../address/words.ts';
import { Column } from '../space/column.ts';
import type { Runs } from '../space/runs.ts';

/** The nodes of a tree: two records for each, a label or, below zero, the number of another node as `~number`. */
export class Nodes {
  readonly records: Column = new Column(1024);

  get count(): number {
    return this.records.length / 2;
  }

  /** Adds the nodes of runs, of addresses of so many words, and returns the record that leads to all of them. */
  add({ count, starts, labels }: Runs, width: 1 | 4): number {
    if (count === 1) return labels[0] as number;
    const path = new Int32Array(width * 32);
    const root = this.#addNode(labels[0] as number);
    path[0] = root;
    /** Down to this depth, the nodes of the path are those of the start before. */
    let kept = 0;
    for (let run = 1; run < count; run++) {
      const start = starts.subarray(run * width, (run + 1) * width);
      const depth = width * 32 - 1 - trailingZeros(start, width);
      if (run > 1)
        kept = Math.min(kept, commonLength(starts.subarray((run - 1) * width, run * width), start, width));
      this.#addPath(path, start, kept, depth, labels[run - 1] as number, labels[run] as number);
      kept = depth;
    }
    return ~root;
  }

  /** Goes down the bits of a start to the one at `depth`, which is its last. */
  #addPath(
    path: Int32Array,
    start: Int32Array,
    kept: number,
    depth: number,
    before: number,
    after: number,
  ): void {
    for (let at = 0; at <= depth; at++) {
      const bit = ((start[at >>> 5] as number) >>> (31 - (at & 31))) & 1;
      const record = (path[at] as number) * 2;
      // All that comes after the start.
      if (bit === 0) this.records.values[record + 1] = after;
      if (at === depth) this.records.values[record + 1] = after;
      else if (at >= kept) {
        const node = this.#addNode(before);
        // The records may have moved.
        this.records.values[record + bit] = ~node;
        path[at + 1] = node;
      }
    }
  }

  #addNode(label: number): number {
    const node = this.count;
    this.records.push(label);
    this.records.push(label);
    return node;
  }
}
