/**
 * What can be wrong with a text, as data: codes, a sentence for each code, and the two errors that carry them.
 *
 * Readers in other files return a {@link Fault}: which rule is broken, and where. `ParseError` shows one fault of one
 * text; `ListError` shows every problem of the lists that a policy was to be built from. All of this is cold: no
 * message is built until something has failed.
 */

import type { ParseErrorCode, ProblemCode } from './codes.ts';
import { excerptOf, fill, nameCharacter, quote } from './say.ts';

export type { ParseErrorCode, ProblemCode } from './codes.ts';

/** Where a text breaks which rule; offsets are UTF-16 code units into the text that was read. */
export interface Fault {
  readonly code: ParseErrorCode;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  /** What to write, where the message says so. */
  readonly mend?: Mend | undefined;
}

/** A part of a text, which contains the faulty part, and what to write in its place. */
interface Mend {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The rule that a text breaks, where the broken part starts and ends, and any detail that only its reader knows.
 * Readers see only their own text and count from its start.
 */
export type Broken = readonly [code: ParseErrorCode, start: number, end: number, detail?: string | undefined];

/** One sentence for each code; `%` stands for the offending part, quoted. */
const sentences: Record<ParseErrorCode, string> = {
  'not-a-string': 'expected text',
  empty: 'there is no address here',
  'too-long': 'longer than the 45 characters of an address',
  'invalid-character': '% is not allowed here',
  'octet-count': 'an IPv4 address has exactly four octets, such as 192.0.2.1',
  'octet-range': 'octet % is above 255',
  'octet-leading-zero': 'octet % has a leading zero, which may mean octal',
  'group-count': 'an IPv6 address has exactly eight groups, or fewer and one "::"',
  'group-length': 'group % has more than four hexadecimal digits',
  'multiple-ellipses': 'an IPv6 address has "::" only once',
  'zone-not-allowed': 'the zone % is not part of an address',
  'prefix-length-missing': 'the prefix length after "/" is missing',
  'prefix-length-invalid': 'prefix length % is not a plain decimal number',
  'prefix-length-range': 'prefix length % is too large',
  'mapped-prefix-too-short': 'an IPv4-mapped prefix shorter than /96 reaches beyond IPv4',
  'range-reversed': 'the range ends before it starts',
  'range-families': 'the ends of a range must be of one family',
  'unknown-network': 'there is no network named %',
  'trailing-text': 'unexpected %',
  'instant-invalid': '% is not an instant such as 2026-12-31T18:00Z',
  'instant-order': 'from must come before until',
  'instant-required': 'times need a policy with the option at',
};

/** Makes a fault of `text` from `start` to `end`; `advice` says what to write instead. */
export function fault(
  code: ParseErrorCode,
  text: string,
  start: number,
  end: number,
  advice = '',
  mend?: Mend,
): Fault {
  const part = text.slice(start, end);
  const sentence = fill(sentences[code], code === 'invalid-character' ? nameCharacter(part) : quote(part));
  return { code, start, end, message: advice === '' ? sentence : `${sentence}: ${advice}`, mend };
}

/**
 * The text is not an address, prefix or entry.
 *
 * @example
 * ```ts
 * import { ParseError, parseAddress } from 'ipverdict';
 *
 * try {
 *   parseAddress('192.0.2.256');
 * } catch (error) {
 *   if (!(error instanceof ParseError)) throw error;
 *   error.code; // 'octet-range'
 *   error.offset; // 8
 * }
 * ```
 */
export class ParseError extends Error {
  /** `'ParseError'`. */
  override readonly name: string = 'ParseError';
  /** The rule that was broken, in kebab-case; see `docs/errors.md`. */
  readonly code: ParseErrorCode;
  /** The whole text as it was given, or `''` when it was not text. */
  readonly input: string;
  /** Where in `input` the rule is broken, in UTF-16 code units from 0. */
  readonly offset: number;

  /** @internal */
  constructor(input: string, found: Fault) {
    super(`${quote(input)}: ${found.message} (${found.code} at offset ${found.start})`);
    this.code = found.code;
    this.input = input;
    this.offset = found.start;
  }
}

/** Whether a problem stops a policy from being built (`error`) or is only worth knowing (`warning`). */
export type Severity = 'error' | 'warning';

/**
 * Something wrong or doubtful in a list: what it is, and exactly where. Plain frozen data.
 */
export interface Problem {
  /** An error stops the policy from being built; a warning does not. */
  readonly severity: Severity;
  /** The rule that was broken, in kebab-case; stable, with a heading in `docs/errors.md`. */
  readonly code: ProblemCode;
  /** What is wrong and what to write instead, as one English sentence without the position. */
  readonly message: string;
  /**
   * Which input it is in: `allow`, `deny`, `exempt`, `mustAllow`, `mustDeny`, `options`, `entries` of a matcher or a set,
   * `rules[2]`, `rules[2].deny` or `rules[2].except`, `trusted`, or the argument of a function for lists: `addresses`,
   * `address`, `change.address`, `note`, `group`, `before`, `after`, `list`, `text`, `fixes`, `clients`.
   */
  readonly source: string;
  /** Line of the text, or position of the item, from 1. */
  readonly line: number;
  /** First column of the part complained about, in UTF-16 code units from 1. */
  readonly column: number;
  /** The column after the part complained about. */
  readonly endColumn: number;
  /** The part complained about. */
  readonly text: string;
  /**
   * The text to put in place of `column` to `endColumn`, where there is one that the part can only have meant; absent
   * elsewhere. The line is then read without this problem and without any error. It may be empty.
   */
  readonly suggestion?: string;
}

/** Where a problem is. Without more, it is on the first line of its input and about no particular text. */
export interface Place {
  readonly source: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly text?: string | undefined;
  /** What to put in place of the text. */
  readonly suggestion?: string | undefined;
}

/**
 * Makes a problem: an error, unless `severity` says otherwise.
 *
 * @param place - the place, or just the name of the input
 */
export function problemOf(
  place: Place | string,
  code: ProblemCode,
  message: string,
  severity: Severity = 'error',
): Problem {
  const given: Place = typeof place === 'string' ? { source: place } : place;
  // A field that is not given must not be taken from Object.prototype, where other code may have put it.
  const own = <Name extends keyof Place>(name: Name): Place[Name] | undefined =>
    Object.hasOwn(given, name) ? given[name] : undefined;
  const { source } = given;
  const line = own('line') ?? 1;
  const column = own('column') ?? 1;
  const text = own('text') ?? '';
  const suggestion = own('suggestion');
  return Object.freeze({
    severity,
    code,
    message,
    source,
    line,
    column,
    endColumn: column + text.length,
    text,
    // Absent, unless other code has put one on Object.prototype, where a form would find it and offer it.
    ...(suggestion === ({} as Place).suggestion ? undefined : { suggestion: suggestion as string }),
  });
}

/**
 * Makes the problem of a fault in a line that starts at `lineStart` of a text. What is marked is the part that the
 * suggestion replaces, if there is one.
 */
export function problemOfFault(
  text: string,
  found: Fault,
  source: string,
  line: number,
  lineStart = 0,
): Problem {
  const { start, end } = found.mend ?? found;
  const part = text.slice(start, end);
  const place = { source, line, column: start - lineStart + 1, text: part, suggestion: found.mend?.text };
  return problemOf(place, found.code, found.message);
}

/** The lines that problems are in, as they are shown in the message of a {@link ListError}. */
const excerpts: WeakMap<Problem, string> = /* @__PURE__ */ new WeakMap();

/** Keeps a little of the line that a problem is in. */
export function rememberLine(problem: Problem, line: string): void {
  excerpts.set(problem, excerptOf(line, problem.column - 1, problem.endColumn - 1));
}

/** The same place with another problem. */
export function changeProblem(problem: Problem, change: Partial<Problem>): Problem {
  const changed = Object.freeze({ ...problem, ...change });
  const excerpt = excerpts.get(problem);
  if (excerpt !== undefined) excerpts.set(changed, excerpt);
  return changed;
}

/** The same problem with another input as its source. */
export function inSource(problem: Problem, source: string): Problem {
  return changeProblem(problem, { source });
}

/** How many problems the message of a {@link ListError} has. */
export const PROBLEMS_IN_MESSAGE = 3;

/**
 * The lists cannot be used, and nothing has been built. Carries every problem of every list and quotes the first few in
 * its message.
 *
 * @example
 * ```ts
 * import { createPolicy, ListError } from 'ipverdict';
 *
 * try {
 *   createPolicy({ allow: '192.0.2.0/24\n10.0.0.0/33\n10.0.0.*' });
 * } catch (error) {
 *   if (!(error instanceof ListError)) throw error;
 *   error.problems.map(({ line, column }) => [line, column]); // [[2, 10], [3, 8]]
 *   error.problems[0]?.code; // 'prefix-length-range'
 * }
 * ```
 */
export class ListError extends Error {
  /** `'ListError'`. */
  override readonly name: string = 'ListError';
  /** Every error, in the order of the lists and lines; frozen. Warnings are not among them. */
  readonly problems: readonly Problem[];

  /**
   * @param from - what foreign code threw, if it did; a `cause` of `undefined` counts as none
   * @internal
   */
  constructor(problems: readonly Problem[], from?: { readonly cause: unknown }) {
    const shown = problems.slice(0, PROBLEMS_IN_MESSAGE).map(describeProblem);
    const rest = problems.length - shown.length;
    if (rest > 0) shown.push(`… and ${rest} more in the property problems`);
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`${count}:\n  ${shown.join('\n  ')}`, from?.cause === undefined ? undefined : from);
    this.problems = Object.freeze([...problems]);
  }
}

function describeProblem(problem: Problem): string {
  const { source, line, column, code, message, text } = problem;
  const place = source === 'options' ? source : `${source}, line ${line}, column ${column}`;
  const excerpt = excerpts.get(problem);
  const part = text === '' || excerpt !== undefined ? '' : ` — in ${quote(text)}`;
  const below = excerpt === undefined ? '' : `\n${excerpt}`.replaceAll('\n', '\n    ');
  return `${place}: ${message}${part} (${code})${below}`;
}
