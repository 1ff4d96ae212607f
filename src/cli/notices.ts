/**
 * Standard error: everything that is not the answer of a command.
 */

import type { Problem } from '../problem/errors.ts';
import type { Output } from './output.ts';
import { Progress } from './progress.ts';
import { type Paint, paintFor } from './style.ts';

/** Writes for the person at the terminal, or for the log of a job. */
export class Notices {
  readonly #stream: NodeJS.WriteStream = process.stderr;
  /** Whether progress and summaries are left out. */
  readonly isQuiet: boolean;
  readonly paint: Paint = paintFor(process.stderr);

  readonly #output: Output;

  /** @param output - the answer, of which what comes before a notice is printed before it */
  constructor(isQuiet: boolean, output: Output) {
    this.isQuiet = isQuiet;
    this.#output = output;
    // Whether anyone hears of it or not, the work is done.
    this.#stream.on('error', () => {});
  }

  /** Says what is wrong, quiet or not. */
  complain(text: string): void {
    // On a terminal, both are on one screen.
    void this.#output.flush();
    this.#stream.write(`${text}\n`);
  }

  /** Says what a person may want to know, unless it is to be quiet. */
  say(text: string): void {
    if (!this.isQuiet) this.complain(text);
  }

  /** Starts to show how far a work has come, where somebody sees it. */
  progress(total?: number): Progress {
    return new Progress(this.#stream, !this.isQuiet, total);
  }
}

/** A problem, and the file and the line that it is in. */
export interface LocatedProblem<Found extends Problem = Problem> {
  /** The name of the file, as it was given. */
  readonly file: string;
  readonly problem: Found;
  /** The content of the line; empty for what is about no line. */
  readonly line: string;
}
