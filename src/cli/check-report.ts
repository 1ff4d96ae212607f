/**
 * The problems of several files: counted, written in the format that was asked for, and the exit code that they make.
 */

import { githubWriter } from './check-github.ts';
import { jsonWriter, ndjsonWriter } from './check-json.ts';
import { sarifWriter } from './check-sarif.ts';
import type { Counts, ProblemWriter, ReportedProblem, UnreadableFile } from './check-writer.ts';
import type { ValuesOf } from './command.ts';
import { CommandError, type Exit, exits, usageError } from './exit.ts';
import { locate } from './located.ts';
import type { reportOptions } from './options.ts';
import { renderProblems } from './problems.ts';
import type { Session } from './session.ts';
import { count, type Paint } from './style.ts';

/** What says how problems are written. */
type ReportValues = ValuesOf<typeof reportOptions>;

/** More problems than a person reads, and more than a window or the page of a job shows well. */
const SHOWN = 1000;

/** The lines of so many problems are looked up at once: more would fill the memory, and fewer would take longer. */
const PORTION = 50_000;

/** So many problems are written at once. */
const WRITTEN = 100;

/** Writes the problems of files as they are found. */
export class ProblemReport {
  readonly #session: Session;
  readonly #writer: ProblemWriter;
  readonly #failOn: 'error' | 'warning' | 'never';
  readonly #most: number;
  readonly #isSilent: boolean;
  readonly #unreadable: UnreadableFile[] = [];
  #files = 0;
  #errors = 0;
  #warnings = 0;
  #shown = 0;
  #isStarted = false;

  /** @param isSilent - whether problems are only counted, for the exit code */
  constructor(values: ReportValues, session: Session, isSilent = false) {
    const { format = 'text', strict, 'fail-on': failOn } = values;
    if (strict && failOn !== undefined)
      throw usageError('--strict is --fail-on warning: give only one of the two.');
    const isForPeople = format === 'text' || format === 'github';
    if (!isForPeople && values['max-problems'] !== undefined)
      throw usageError(`--format ${format} is always complete: leave out --max-problems.`);
    this.#session = session;
    this.#failOn = failOn ?? (strict ? 'warning' : 'error');
    this.#most = isForPeople ? (values['max-problems'] ?? SHOWN) : Number.POSITIVE_INFINITY;
    this.#writer = isSilent ? ndjsonWriter : writers[format](session.paint, session.output.columns);
    this.#isSilent = isSilent;
  }

  /** Checks one file. When it cannot be read, that is said, and the others are still checked. */
  async file(file: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
      this.#files++;
    } catch (error) {
      if (!(error instanceof CommandError) || error.isUsage) throw error;
      const unreadable = { file, message: error.message };
      this.#unreadable.push(unreadable);
      await this.#complain(error.message);
      await this.#write(this.#writer.unreadable(unreadable));
    }
  }

  /** Adds the problems of a file, in the order of its lines. */
  async add(file: string, text: string, problems: readonly ReportedProblem[]): Promise<void> {
    for (const { severity } of problems) {
      if (severity === 'error') this.#errors++;
      else this.#warnings++;
    }
    if (this.#isSilent) return;
    const shown = problems.slice(0, Math.max(0, this.#most - this.#shown));
    this.#shown += shown.length;
    for (let at = 0; at < shown.length; at += PORTION) {
      const portion = shown.slice(at, at + PORTION);
      const lines = this.#writer.hasLines ? text : '';
      const located = locate(file, lines, portion);
      for (let from = 0; from < located.length; from += WRITTEN) {
        const texts = located.slice(from, from + WRITTEN).map((one) => this.#writer.problem(one));
        await this.#write(texts.join(''));
      }
    }
  }

  /** Writes what comes last, and gives the exit code. */
  async finish(): Promise<Exit> {
    const counts: Counts = {
      files: this.#files,
      errors: this.#errors,
      warnings: this.#warnings,
      unreadable: this.#unreadable,
    };
    const rest = counts.errors + counts.warnings - this.#shown;
    if (rest > 0 && !this.#isSilent)
      await this.#complain(
        `${count(rest, 'more problem is', 'more problems are')} not shown: --max-problems none shows all.`,
      );
    await this.#write(this.#writer.finish(counts));
    if (this.#unreadable.length > 0) return exits.unusable;
    const serious = { error: this.#errors, warning: this.#errors + this.#warnings, never: 0 };
    return serious[this.#failOn] > 0 ? exits.no : exits.yes;
  }

  /** Says what was done, unless it is to be quiet. */
  async say(sentence: string): Promise<void> {
    if (!this.#session.notices.isQuiet) await this.#complain(sentence);
  }

  /** Says something after what was written so far. */
  async #complain(sentence: string): Promise<void> {
    const { output, notices } = this.#session;
    await output.flush();
    notices.complain(`ipverdict: ${sentence}`);
  }

  async #write(text: string): Promise<void> {
    const { output } = this.#session;
    if (!this.#isStarted) await output.write(this.#writer.start);
    this.#isStarted = true;
    await output.write(text);
  }
}

const writers = {
  text: textWriter,
  json: jsonWriter,
  ndjson: () => ndjsonWriter,
  github: () => githubWriter,
  sarif: sarifWriter,
} as const;

function textWriter(paint: Paint, columns: number): ProblemWriter {
  return {
    hasLines: true,
    start: '',
    problem: (located) => `${renderProblems([located], paint, columns).join('\n')}\n`,
    // Standard error has said it.
    unreadable: () => '',
    finish: (counts) => `${lastLine(counts, paint)}\n`,
  };
}

/** `2 errors, 1 warning in 3 files`. */
function lastLine({ files, errors, warnings, unreadable }: Counts, paint: Paint): string {
  const found = [
    ...(errors > 0 ? [paint('red', count(errors, 'error'))] : []),
    ...(warnings > 0 ? [paint('yellow', count(warnings, 'warning'))] : []),
  ];
  const what = found.length === 0 ? paint('green', 'no problems') : found.join(', ');
  const rest =
    unreadable.length === 0 ? [] : [paint('red', `${count(unreadable.length, 'file')} could not be checked`)];
  return [...(files === 0 ? [] : [`${what} in ${count(files, 'file')}`]), ...rest].join('; ');
}
