/**
 * The warnings of a list that need no comparison of entries beyond equality, kept as numbers until somebody reads
 * them: a list of a million lines may have a warning for each.
 */

import { Column } from './column.ts';
import type { EntryTable } from './entries.ts';
import { makeProblem, type Problem, type ProblemCode, quote } from './errors.ts';
import { span } from './span.ts';

type WarningCode = Extract<
  ProblemCode,
  'host-bits-set' | 'duplicate' | 'covers-everything' | 'excludes-ipv4'
>;

const codes: readonly WarningCode[] = ['host-bits-set', 'duplicate', 'covers-everything', 'excludes-ipv4'];

/** Warnings as rows of three numbers: code, entry, and the other entry it is about. */
export class WarningColumns {
  readonly #rows: Column = new Column();

  add(code: WarningCode, index: number, other: number = index): void {
    const at = this.#rows.extend(3);
    this.#rows.values[at] = codes.indexOf(code);
    this.#rows.values[at + 1] = index;
    this.#rows.values[at + 2] = other;
  }

  /** The warnings as problems, in the order of the entries. */
  toProblems(table: EntryTable): Problem[] {
    const rows = this.#rows.trim();
    const order = Array.from({ length: rows.length / 3 }, (_, row) => row * 3);
    order.sort((left, right) => (rows[left + 1] as number) - (rows[right + 1] as number));
    return order.map((row) => {
      const [code, index, other] = rows.subarray(row, row + 3) as unknown as [number, number, number];
      return describeWarning(table, codes[code] as WarningCode, index, other);
    });
  }
}

function describeWarning(table: EntryTable, code: WarningCode, index: number, other: number): Problem {
  const entry = table.entry(index);
  const message = sentences[code](entry.text, entry.canonical, table, other);
  return makeProblem('warning', code, message, table.list, entry.line, table.column(index), entry.text);
}

type Sentence = (text: string, canonical: string, table: EntryTable, other: number) => string;

const sentences: Record<WarningCode, Sentence> = {
  'host-bits-set': (text, canonical) => {
    const address = text.slice(0, text.indexOf('/'));
    return `bits are set behind the prefix length: this is the network ${canonical}; for the one address write ${address}`;
  },
  duplicate: (_text, _canonical, table, other) =>
    `the same as ${quote(table.entry(other).text)} on line ${table.line(other)}, which is the one that counts`,
  'covers-everything': (_text, canonical) =>
    `covers every ${canonical.includes(':') ? 'IPv6' : 'IPv4'} address`,
  'excludes-ipv4': () =>
    'covers the IPv4-mapped block, but no IPv4 client: these are IPv4 in every spelling, write 0.0.0.0/0 to cover them',
};

/**
 * Whether the IPv6 entry in `span` covers all of ::ffff:0:0/96. An entry that is not mapped itself has both ends
 * outside that block, so it covers all of it or nothing.
 * @internal
 */
export function coversMappedBlock(): boolean {
  const { family, first, last } = span;
  if (family === 4 || first[0] !== 0 || first[1] !== 0 || (first[2] as number) >>> 0 > 0xffff) return false;
  return last[0] !== 0 || last[1] !== 0 || (last[2] as number) >>> 0 >= 0xffff;
}
