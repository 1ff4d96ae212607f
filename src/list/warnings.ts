/**
 * The warnings of a list that need no comparison of entries beyond equality. They are kept as numbers until somebody
 * reads them, because a list of a million lines may have a warning for each.
 */

import { tryNormalize } from '../address/prefix.ts';
import { type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { quote } from '../problem/say.ts';
import { Column } from '../space/column.ts';
import type { EntryTable } from './table.ts';

/** The codes of the warnings found while a list is read. */
export type WarningCode = Extract<
  ProblemCode,
  'host-bits-set' | 'duplicate' | 'covers-everything' | 'excludes-ipv4'
>;

/** Whether a code is one of the warnings found while a list is read. */
export function isWarningCode(code: string): boolean {
  return codes.includes(code as WarningCode);
}

/** Warnings as rows of three numbers: the code, the entry, and the other entry that the warning is about. */
export class WarningColumns {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: WarningColumns = /* @__PURE__ */ new WarningColumns();
  /** The same for problems, which are plain objects of two kinds. */
  static readonly problems: readonly Problem[] = [
    /* @__PURE__ */ problemOf('', 'duplicate', '', 'warning'),
    /* @__PURE__ */ problemOf({ source: '', suggestion: '' }, 'duplicate', '', 'warning'),
  ];

  readonly #rows: Column = new Column();

  /** The number of warnings. */
  get size(): number {
    return this.#rows.length / 3;
  }

  add(code: WarningCode, index: number, other: number = index): void {
    for (const value of [codes.indexOf(code), index, other]) this.#rows.push(value);
  }

  /** Calls back for each warning, in the order they were added. */
  forEach(visit: (code: WarningCode, index: number, other: number) => void): void {
    const rows = this.#rows.trim();
    for (let row = 0; row < rows.length; row += 3) {
      visit(codes[rows[row] as number] as WarningCode, rows[row + 1] as number, rows[row + 2] as number);
    }
  }

  /** The warnings as problems, in entry order. */
  toProblems(table: EntryTable): Problem[] {
    const found: { readonly index: number; readonly problem: Problem }[] = [];
    this.forEach((code, index, other) => {
      found.push({ index, problem: describeWarning(table, code, index, other) });
    });
    return found.sort((left, right) => left.index - right.index).map(({ problem }) => problem);
  }
}

/** The warning about an allow list without entries that lets everyone in. */
export function openListProblem(): Problem {
  const message = 'the list has no entries, so it lets everyone in: add an entry, or set whenEmpty to "deny"';
  return problemOf('allow', 'open-list', message, 'warning');
}

/** A warning as a problem. */
export function describeWarning(table: EntryTable, code: WarningCode, index: number, other: number): Problem {
  const message = sentences[code](table.text(index), table, other);
  const suggestion = code === 'host-bits-set' ? tryNormalize(table.text(index)) : undefined;
  return problemOf({ ...table.place(index), suggestion }, code, message, 'warning');
}

const sentences: Record<WarningCode, (text: string, table: EntryTable, other: number) => string> = {
  'host-bits-set': (text) => {
    const address = text.slice(0, text.indexOf('/'));
    return `bits are set after the prefix length: write the network ${tryNormalize(text)} or the address ${address}`;
  },
  duplicate: (_text, table, other) =>
    `the same as ${quote(table.text(other))} on line ${table.line(other)}, which is the one that counts`,
  'covers-everything': (text) =>
    `covers every ${tryNormalize(text)?.includes(':') ? 'IPv6' : 'IPv4'} address`,
  'excludes-ipv4': () =>
    'covers the IPv4-mapped block but no IPv4 client in any spelling: write 0.0.0.0/0 for those',
};

/** The codes of the warnings that are about one entry alone. */
export type WarningOfEntry = Exclude<WarningCode, 'duplicate'>;

/** What to say of an entry that was written like this. */
export function sayOfEntry(code: WarningOfEntry, text: string): string {
  return (sentences[code] as (text: string) => string)(text);
}

const codes = /* @__PURE__ */ Object.keys(sentences) as WarningCode[];
