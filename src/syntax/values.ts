/**
 * Networks with values, of which the most specific one that covers a client gives its value. What a value means, only
 * the caller knows.
 */

import type { EntryFields, Group, ImportedEntry, Importing } from '../exchange/importing.ts';
import type { Verdict } from '../policy/decision.ts';
import { quote } from '../problem/say.ts';

/** Where something stands in the text that is imported. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** Takes an entry with these fields, and says whether it is one. */
export type Take = (fields: EntryFields) => boolean;

/** The networks of a map while they are read. */
export class ValueReader {
  readonly #importing: Importing;
  readonly #group: Group;
  /** Which of two equal networks the program takes. */
  readonly #winner: 'first' | 'last';
  /** The index of each network that counts, by its canonical text. */
  readonly #indexes: Map<string, number> = new Map();
  /** The indexes of networks that do not count. */
  readonly #dropped: Set<number> = new Set();
  /** IPv6 networks that decide about IPv4 clients, too, where no IPv4 network does. */
  readonly #widened: Widened[] = [];

  constructor(importing: Importing, winner: 'first' | 'last', name?: string) {
    importing.order = 'most-specific';
    importing.takesMode = false;
    this.#importing = importing;
    this.#group = importing.group(name);
    this.#winner = winner;
  }

  /** Takes a network with its value. */
  add(label: string, note: string | undefined, { start, end }: Place, take: Take): void {
    const { entries } = this.#group;
    const index = entries.length;
    if (!take({ label, note, action: this.#verdictOf(label) })) return;
    const entry = entries[index];
    if (entry === undefined) return;
    const { address } = entry;
    const ipv4 = index + 1 < entries.length ? entries.pop() : undefined;
    const other = this.#indexes.get(address);
    if (other !== undefined) {
      const { line } = entries[other] as ImportedEntry;
      const message = `the same as the one on line ${line}: the ${this.#winner} one counts`;
      this.#importing.warn(start, end, 'duplicate', message);
      this.#dropped.add(this.#winner === 'first' ? index : other);
      if (this.#winner === 'first') return;
    }
    this.#indexes.set(address, index);
    if (ipv4 !== undefined) this.#widened.push({ start, end, ipv4, length: lengthOf(address) });
  }

  /** Takes a network out again, by its canonical text. Says whether it was there. */
  remove(address: string): boolean {
    const index = this.#indexes.get(address);
    if (index !== undefined) this.#dropped.add(index);
    return this.#indexes.delete(address);
  }

  /** The networks that count, in the order of the text. */
  get entries(): readonly ImportedEntry[] {
    const { entries } = this.#group;
    return this.#dropped.size === 0 ? [...entries] : entries.filter((_, index) => !this.#dropped.has(index));
  }

  /**
   * Leaves the networks that count.
   *
   * @param otherwise - the value of everyone else, where the text has one
   */
  finish(otherwise?: string): void {
    this.#settleWidened();
    const { entries } = this;
    const { options } = this.#importing;
    const { listed } = options;
    this.#group.entries.length = 0;
    for (const entry of entries) this.#group.entries.push(entry);
    if (listed === undefined || options.mode === undefined) {
      const message =
        'the text does not say what its values mean: give the option listed, which is the value of a listed address, and the option mode';
      if (entries.length > 0) this.#importing.warn(0, 0, 'verdict-required', message);
      return;
    }
    const values = new Set(entries.map(({ label }) => label).filter((label) => label !== listed));
    if (otherwise !== undefined && otherwise !== listed) values.add(otherwise);
    if (values.size > 1)
      this.#importing.warn(
        0,
        0,
        'skipped',
        `there are ${values.size} values beside ${quote(listed)}, and addresses with one of these count as not listed`,
      );
    if (otherwise !== undefined) this.#importing.otherwise = this.#verdictOf(otherwise);
    if (otherwise === listed || entries.length === 0 || entries.some(({ label }) => label === listed)) return;
    const message = `no address has the value ${quote(listed)}, which the option listed names: nothing would be listed`;
    this.#importing.refuse(0, 0, 'unselected', message);
  }

  /** A socket for both families asks the IPv6 networks first, one for IPv4 asks them last. */
  #settleWidened(): void {
    const [first, ...others] = this.#widened;
    if (first === undefined) return;
    const { start, end, ipv4 } = others.reduce(
      (most, next) => (next.length > most.length ? next : most),
      first,
    );
    const isSame = ({ address, label }: ImportedEntry): boolean =>
      address.includes(':') || label === ipv4.label;
    if (!this.entries.every(isSame)) {
      const message =
        'covers the IPv4-mapped block, and it depends on the socket whether this or an IPv4 network decides about an IPv4 client';
      this.#importing.error(start, end, 'mapped-address', message);
    } else if (!this.#indexes.has(ipv4.address)) {
      this.#indexes.set(ipv4.address, this.#group.entries.length);
      this.#group.entries.push(ipv4);
    }
  }

  #verdictOf(label: string): Verdict | undefined {
    const { listed, mode } = this.#importing.options;
    if (listed === undefined || mode === undefined) return undefined;
    return (label === listed) === (mode === 'allow') ? 'allow' : 'deny';
  }
}

/** An IPv6 network that covers the IPv4-mapped block. */
interface Widened extends Place {
  readonly length: number;
  /** What it means for IPv4 clients. */
  readonly ipv4: ImportedEntry;
}

function lengthOf(address: string): number {
  return Number(address.slice(address.indexOf('/') + 1));
}
