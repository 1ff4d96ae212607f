/** Counts any number of decisions. Of the clients it keeps only one example for each reason. */

export class Tally {
  clients = 0;
  verdicts = { allow: 0, deny: 0 };
  /** Number of decisions by reason, in the order of first appearance. */
  reasons = new Map();
  /** The first client of each reason. */
  examples = new Map();
  /** Lines of the list whose entry decided about somebody. */
  lines = new Set();

  add(client, { verdict, reason, entry }) {
    this.clients++;
    this.verdicts[verdict]++;
    const before = this.reasons.get(reason) ?? 0;
    this.reasons.set(reason, before + 1);
    if (before === 0) this.examples.set(reason, client);
    if (reason === 'listed') this.lines.add(entry.line);
  }
}
