/** Counts any number of decisions. Of the clients it keeps only one example for each reason. */

import type { Decision, Reason, Verdict } from '../policy/decision.ts';

export class Tally {
  clients = 0;
  readonly verdicts: Record<Verdict, number> = { allow: 0, deny: 0 };
  /** Number of decisions by reason, in the order of first appearance. */
  readonly reasons: Map<Reason, number> = new Map();
  /** The first client of each reason. */
  readonly examples: Map<Reason, string> = new Map();
  /** Lines of the list whose entry decided about somebody. */
  readonly lines: Set<number> = new Set();

  add(client: string, { verdict, reason, entry }: Decision): void {
    this.clients++;
    this.verdicts[verdict]++;
    const before = this.reasons.get(reason) ?? 0;
    this.reasons.set(reason, before + 1);
    if (before === 0) this.examples.set(reason, client);
    if (reason === 'listed' && entry !== undefined) this.lines.add(entry.line);
  }
}
