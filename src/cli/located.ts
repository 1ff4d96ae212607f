/**
 * Where the problems of a policy are: the library says which of its inputs, here are the files that these were read from.
 */

import { eachLine } from '../list/grammar.ts';
import type { Entry } from '../list/table.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { CommandError } from './exit.ts';
import { nameOf } from './input.ts';
import type { LocatedProblem, Notices } from './notices.ts';
import { inOwnWords } from './own-words.ts';
import { renderProblems } from './problems.ts';
import { count } from './style.ts';

/** A file that an input of the library was read from. */
interface Source {
  readonly file: string;
  readonly text: string;
  /** The line of each entry, where the input was a sequence of entries and not the text. */
  readonly lines: readonly number[] | undefined;
}

/** The lines of a text that are asked for. */
export function linesOf(text: string, wanted: Iterable<number>): Map<number, string> {
  const lines = new Map<number, string>();
  const numbers = new Set(wanted);
  if (numbers.size === 0) return lines;
  eachLine(text, (line, start, end) => {
    if (numbers.has(line)) lines.set(line, text.slice(start, end));
  });
  return lines;
}

/** Problems of one text with the lines that they are in. */
export function locate<Found extends Problem>(
  file: string,
  text: string,
  problems: readonly Found[],
): LocatedProblem<Found>[] {
  const lines = linesOf(
    text,
    problems.map(({ line }) => line),
  );
  return problems.map(inOwnWords).map((problem) => ({ file, problem, line: lines.get(problem.line) ?? '' }));
}

/** The files by the names that problems give to what was read from them. */
export class SourceTexts {
  readonly #sources = new Map<string, Source>();
  /** The file that says which lists there are. */
  #rulesFile = '';
  /** The places of rules by their names. */
  readonly #rules = new Map<string, string>();

  /**
   * @param source - what problems call it: `allow`, or `rules[2].deny`
   * @param lines - the line of each entry, for what is handed over as entries
   */
  add(source: string, file: string, text: string, lines?: readonly number[]): void {
    this.#sources.set(source, { file, text, lines });
  }

  /** Says what entries call a rule that has a name. Where several have it, nobody knows which of them is meant. */
  nameRule(name: unknown, place: string): void {
    if (typeof name === 'string') this.#rules.set(name.trim(), this.#rules.has(name.trim()) ? '' : place);
  }

  /** The file of an entry, and the line that it is on there; `undefined` where it is not known. */
  placeOf({ rule, list, line }: Entry): { readonly file: string; readonly line: number } | undefined {
    const found = this.#sources.get(rule === undefined ? list : `${this.#rules.get(rule) ?? rule}.${list}`);
    return found && { file: found.file, line: found.lines?.[line - 1] ?? line };
  }

  /** What is wrong with a rule, and not with a list of it, is in this file. */
  nameRulesFile(file: string): void {
    this.#rulesFile = file;
  }

  /** Places problems in their files. Those about an option have no file. */
  locate(problems: readonly Problem[]): LocatedProblem[] {
    const wanted = new Map<string, Set<number>>();
    const placed = problems.map((problem) => {
      const source = this.#sources.get(problem.source);
      const line = source?.lines?.[problem.line - 1] ?? problem.line;
      const numbers = wanted.get(problem.source) ?? new Set();
      wanted.set(problem.source, numbers.add(line));
      // The column of an entry is not that of its line.
      const moved = source?.lines === undefined ? problem : { ...problem, line, column: 1, endColumn: 1 };
      return { problem: moved, source };
    });
    const lines = new Map<string, Map<number, string>>();
    for (const [source, numbers] of wanted)
      lines.set(source, linesOf(this.#sources.get(source)?.text ?? '', numbers));
    return placed.map(({ problem, source }) => ({
      file: source?.file ?? (problem.source.startsWith('rules[') ? this.#rulesFile : ''),
      problem: inOwnWords(problem),
      line: lines.get(problem.source)?.get(problem.line) ?? '',
    }));
  }

  /** Runs what makes a policy. Its problems go to standard error, in their files. */
  async reporting<Result>(notices: Notices, run: () => Promise<Result>): Promise<Result> {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      throw refuse(this.locate(error.problems), notices);
    }
  }
}

/** More problems than a person reads. */
const SHOWN = 20;

/** Prints problems to standard error; what is thrown then ends the command. */
export function refuse(problems: readonly LocatedProblem[], notices: Notices): CommandError {
  const shown = problems.slice(0, SHOWN);
  notices.complain(renderProblems(shown, notices.paint).join('\n'));
  const more = problems.length - shown.length;
  const files = [...new Set(problems.map(({ file }) => file))].filter((file) => file !== '').map(nameOf);
  const where = files.length === 0 ? '' : ` of ${files.join(' and ')}`;
  const rest =
    more > 0 ? ` ${count(more, 'more is', 'more are')} not shown: "ipverdict check" shows all.` : '';
  return new CommandError(`The policy cannot be made until the errors${where} are mended.${rest}`);
}
