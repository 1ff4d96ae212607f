/**
 * What lint has found about the entries of a list, in the order in which it was found.
 */

import { indexOfHash } from '../list/grammar.ts';
import { type EntryTable, noEntries } from '../list/table.ts';
import { describeWarning, type WarningCode } from '../list/warnings.ts';
import { type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import type { LintFix } from './fix.ts';
import type { Finding } from './silence.ts';

/** Everything found about the entries of a list, with fixes. */
export class Findings {
  /** Keeps the code compiled for this class, see {@link Column.kept}. */
  static readonly kept: Findings = /* @__PURE__ */ new Findings(noEntries);

  readonly all: Finding[] = [];
  readonly #table: EntryTable;

  constructor(table: EntryTable) {
    this.#table = table;
  }

  /** What has ended is as a comment: nothing else is said about it. */
  isEnded: (entry: number) => boolean = () => false;

  /** Adds a problem about an entry. */
  readonly add = (code: ProblemCode, entry: number, message: string, fix?: LintFix): void => {
    this.#push(entry, problemOf(this.#table.place(entry), code, message, 'warning'), fix);
  };

  /** Adds a problem about the times of an entry, which are part of what it complains about. */
  readonly addTimed = (code: ProblemCode, entry: number, message: string, fix?: LintFix): void => {
    const line = this.#table.lineText(entry).slice(this.#table.column(entry) - 1);
    const text = line.slice(0, indexOfHash(line, 0)).trimEnd();
    this.#push(entry, problemOf({ ...this.#table.place(entry), text }, code, message, 'warning'), fix);
  };

  /** Adds a warning of the reader. */
  addWarning(code: WarningCode, entry: number, other: number, fix?: LintFix): void {
    this.#push(entry, describeWarning(this.#table, code, entry, other), fix);
  }

  #push(entry: number, problem: Problem, fix: LintFix | undefined): void {
    if (this.isEnded(entry)) return;
    this.all.push({ entry, problem: fix === undefined ? problem : Object.freeze({ ...problem, fix }) });
  }
}
