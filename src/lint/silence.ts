/**
 * Silence: `lint-ignore code` at the end of a note says that a warning on that line is intended.
 *
 * `192.0.2.0/24 # Office, on purpose; lint-ignore covered, special-purpose`. Everything after the word is codes, with
 * commas or blanks between them. Only warnings can be silenced.
 */

import type { EntryTable, Mode } from '../list/table.ts';
import { type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { quote } from '../problem/say.ts';
import { joinLookAlikes } from './look-alikes.ts';

/** The warnings that a line can silence. */
const silenceable: ReadonlySet<string> = /* @__PURE__ */ new Set<ProblemCode>([
  'host-bits-set',
  'duplicate',
  'covers-everything',
  'excludes-ipv4',
  'covered',
  'mergeable',
  'notes-differ',
  'range-on-two-lines',
  'missing-twin',
  'very-wide',
  'exempted',
  'partly-exempted',
  'denies-loopback',
  'special-purpose',
  'partly-special-purpose',
  'ipv4-look-alike',
  'look-alike-note',
  'expired',
  'not-yet',
  'unused',
  'shadowed',
  'idle-except',
]);

const DIRECTIVE = 'lint-ignore';

/** The directive as a word of its own, which it is not in `no-lint-ignore` and `lint-ignored`. */
const directivePattern = /(?<![^\s,;.:(])lint-ignore(?![^\s,:])/;

/** What the end of a note silences. Offsets count from the start of the note. */
interface Directive {
  readonly offset: number;
  /** The codes, each with the offset where it first stands. */
  readonly codes: ReadonlyMap<string, number>;
}

/** The notes of a list. Lint compares them without their directives. */
export interface Notes {
  /** Number of the note of each entry: notes that are equal or look the same have equal numbers, and 0 means none. */
  readonly numbers: Int32Array;
  /** The notes by number; of those that look the same, the most frequent one. */
  readonly texts: readonly string[];
  /** The entries whose notes only look like another, and the first entry with that one. */
  readonly lookAlikes: ReadonlyMap<number, number>;
  /** The directives by entry. */
  readonly directives: ReadonlyMap<number, Directive>;
}

/** Reads each note of a list once. */
export function readNotes(table: EntryTable): Notes {
  const known = new Map([['', 0]]);
  const numbers = new Int32Array(table.size);
  const directives = new Map<number, Directive>();
  for (let entry = 0; entry < table.size; entry++) {
    const written = table.note(entry) ?? '';
    const offset = written.search(directivePattern);
    if (offset >= 0) directives.set(entry, { offset, codes: readCodes(written, offset + DIRECTIVE.length) });
    const note = offset >= 0 ? withoutDirective(written) : written;
    const number = known.get(note) ?? known.size;
    known.set(note, number);
    numbers[entry] = number;
  }
  const texts = [...known.keys()];
  const isMeant = (entry: number): boolean => directives.get(entry)?.codes.has('look-alike-note') ?? false;
  return { numbers, texts, lookAlikes: joinLookAlikes(numbers, texts, isMeant), directives };
}

/** A note without its directive, as lint compares it. */
export function withoutDirective(note: string): string {
  const offset = note.search(directivePattern);
  if (offset < 0) return note;
  const words = note.slice(0, offset).trim();
  return /[,;:(]$/.test(words) ? words.slice(0, -1).trim() : words;
}

function readCodes(note: string, start: number): Map<string, number> {
  const codes = new Map<string, number>();
  for (const { 0: code, index } of note.slice(start).matchAll(/[^\s,:]+/g)) {
    if (!codes.has(code)) codes.set(code, start + index);
  }
  return codes;
}

/** A problem and the entry that it is about. */
export interface Finding {
  readonly entry: number;
  readonly problem: Problem;
}

/** Drops what the lines silence, and reports idle silence: codes that silence nothing although their rules have run. */
export function silence(
  findings: readonly Finding[],
  table: EntryTable,
  { directives }: Notes,
  hasRun: (code: string) => boolean,
): Problem[] {
  const silenced = new Set<string>();
  const left: Problem[] = [];
  for (const { entry, problem } of findings) {
    const isSilent = directives.get(entry)?.codes.has(problem.code) && silenceable.has(problem.code);
    if (isSilent) silenced.add(`${entry} ${problem.code}`);
    else left.push(problem);
  }
  for (const [entry, directive] of directives) {
    const isIdle = (code: string): boolean => hasRun(code) && !silenced.has(`${entry} ${code}`);
    left.push(...findIdle(table, entry, directive, isIdle));
  }
  return left;
}

/** What only `lintRules` finds. */
export const acrossRules: readonly ProblemCode[] = ['shadowed', 'idle-except'];

/** The rules that had nothing to check: a line that silences them may be needed in another run. */
export function findIdleRules(
  {
    mode,
    isInternet,
    at,
  }: { readonly mode: Mode; readonly isInternet: boolean; readonly at: number | undefined },
  hasExemptions: boolean,
  isUsedKnown: boolean,
): ReadonlySet<string> {
  const idle = new Set<ProblemCode>(acrossRules);
  if (!isUsedKnown) idle.add('unused');
  if (at === undefined) idle.add('expired').add('not-yet');
  if (!isInternet) idle.add('special-purpose');
  if (!isInternet || mode === 'allow') idle.add('partly-special-purpose');
  if (!hasExemptions) idle.add('exempted');
  if (!hasExemptions || mode === 'allow') idle.add('partly-exempted');
  idle.add(mode === 'allow' ? 'denies-loopback' : 'very-wide');
  return idle;
}

/** Reports at most one problem of each code for a line, as everywhere, at the first word that it is about. */
function findIdle(
  table: EntryTable,
  entry: number,
  { offset, codes }: Directive,
  isIdle: (code: string) => boolean,
): Problem[] {
  const start = table.lineText(entry).lastIndexOf(table.note(entry) as string) + 1;
  const problems: Problem[] = [];
  const warn = (code: ProblemCode, message: string, text: string): void => {
    const place = { ...table.place(entry), column: start + (codes.get(text) ?? offset), text };
    problems.push(problemOf(place, code, message, 'warning'));
  };
  const unknown = [...codes.keys()].filter((code) => !silenceable.has(code));
  const idle = [...codes.keys()].filter((code) => silenceable.has(code) && isIdle(code));
  // Not by index: of an empty array that would be a field of Object.prototype.
  const [firstUnknown, firstIdle] = [unknown.at(0), idle.at(0)];
  if (firstUnknown !== undefined) {
    const message = `${DIRECTIVE} cannot silence ${nameCodes(unknown)}: write the codes of warnings after it`;
    warn('lint-ignore-unknown', message, firstUnknown);
  }
  if (firstIdle !== undefined) {
    const advice = `remove ${idle.length === 1 ? 'the code' : 'these codes'}`;
    warn('lint-ignore-unused', `this line has no ${nameCodes(idle)} to silence: ${advice}`, firstIdle);
  } else if (codes.size === 0) {
    const message = `no code follows ${DIRECTIVE}: write the code of the warning after it`;
    warn('lint-ignore-unused', message, DIRECTIVE);
  }
  return problems;
}

const NAMED_CODES = 5;

function nameCodes(codes: readonly string[]): string {
  const names = codes.slice(0, NAMED_CODES).map(quote).join(' or ');
  return codes.length > NAMED_CODES ? `${names} …` : names;
}
