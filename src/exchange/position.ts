/**
 * From offsets to lines and columns. Line ends are those of a list: LF, CR LF and CR.
 */

import { eachLine } from '../list/grammar.ts';
import { Column } from '../space/column.ts';
import { locate } from '../space/locate.ts';

/** Where the lines of a text start. */
export class LineStarts {
  readonly #starts: Column = new Column();
  /** The line that was asked for last, from 0: most questions are about it or about one of the next. */
  #last = 0;

  constructor(text: string) {
    eachLine(text, (_line, start) => this.#starts.push(start), 0);
  }

  /** The line of an offset, from 1. */
  lineOf(offset: number): number {
    const { values, length } = this.#starts;
    for (let line = this.#last; line <= this.#last + NEAR && line < length; line++) {
      const next = line + 1 < length ? (values[line + 1] as number) : Number.POSITIVE_INFINITY;
      if (offset >= (values[line] as number) && offset < next) {
        this.#last = line;
        return line + 1;
      }
    }
    this.#last = Math.max(
      0,
      locate(length, (line) => (values[line] as number) <= offset),
    );
    return this.#last + 1;
  }

  /** The offset at which a line starts, which is numbered from 1. */
  startOf(line: number): number {
    return this.#starts.values[line - 1] as number;
  }
}

/** So many lines are looked at one after another: the next value of JSON is often some lines on. */
const NEAR = 16;
