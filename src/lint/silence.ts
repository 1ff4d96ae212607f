/**
 * Silence: `lint-ignore code` at the end of the note of a line says that a warning there is meant.
 *
 * `192.0.2.0/24 # Office, on purpose; lint-ignore covered, special-purpose`. Everything behind the word is codes, with
 * commas or blanks between them. Only warnings can be silenced.
 */

import type { EntryTable, Mode } from '../list/table.ts';
import { makeProblem, type Problem, type ProblemCode } from '../problem/errors.ts';
import { quote } from '../problem/say.ts';

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
  'unused',
]);

const DIRECTIVE = 'lint-ignore';

/** A directive: what is to be silenced, and the note without it. */
export interface Directive {
  /** The codes, each at its offset in the note. */
  readonly codes: readonly { readonly code: string; readonly offset: number }[];
  /** Offset of the directive in the note. */
  readonly offset: number;
  /** Without the sign in front of the directive; `''` when nothing is left. */
  readonly rest: string;
}

/**
 * Reads the directive of a note.
 * @internal
 */
export function readDirective(note: string | undefined): Directive | undefined {
  const at = note === undefined ? -1 : findDirective(note);
  if (note === undefined || at < 0) return undefined;
  const end = at + DIRECTIVE.length;
  const codes: { code: string; offset: number }[] = [];
  let offset = end;
  for (const part of note.slice(end).split(/[\s,:]/)) {
    if (part !== '') codes.push({ code: part, offset });
    offset += part.length + 1;
  }
  const before = note.slice(0, at).trim();
  const rest = /[,;:(]$/.test(before) ? before.slice(0, -1).trim() : before;
  return { codes, offset: at, rest };
}

/** Offset of the directive as a word of its own, which it is not in `no-lint-ignore` and `lint-ignored`; else −1. */
function findDirective(note: string): number {
  for (let at = note.indexOf(DIRECTIVE); at >= 0; at = note.indexOf(DIRECTIVE, at + 1)) {
    if (/[\s,;.:(]|^$/.test(note.charAt(at - 1)) && /[\s,:]|^$/.test(note.charAt(at + DIRECTIVE.length)))
      return at;
  }
  return -1;
}

/**
 * What a note says besides its directive, by which notes are compared; `undefined` for nothing.
 * @internal
 */
export function withoutDirective(note: string | undefined): string | undefined {
  const directive = readDirective(note);
  return directive === undefined ? note : directive.rest || undefined;
}

/** A problem and the entry that it is about. */
export interface Finding<P extends Problem = Problem> {
  readonly entry: number;
  readonly problem: P;
}

/**
 * Takes out what the lines silence, and says which silence is idle: of the codes whose rules have run.
 * @internal
 */
export function silence<P extends Problem>(
  findings: readonly Finding<P>[],
  table: EntryTable,
  hasRun: (code: string) => boolean,
): (P | Problem)[] {
  const silences = new Map<number, Silence>();
  for (let entry = 0; entry < table.size; entry++) {
    const directive = readDirective(table.note(entry));
    if (directive === undefined) continue;
    silences.set(entry, {
      directive,
      asked: new Set(directive.codes.map(({ code }) => code)),
      used: new Set(),
    });
  }
  const left: (P | Problem)[] = [];
  for (const { entry, problem } of findings) {
    const line = silences.get(entry);
    if (line?.asked.has(problem.code) && silenceable.has(problem.code)) line.used.add(problem.code);
    else left.push(problem);
  }
  for (const [entry, line] of silences) left.push(...findIdle(table, entry, line, hasRun));
  return left;
}

/**
 * The rules that have nothing to go by: a line that is silent about them may have its reason elsewhere.
 * @internal
 */
export function findIdleRules(
  { mode, isInternet }: { readonly mode: Mode; readonly isInternet: boolean },
  hasExemptions: boolean,
  isUsedKnown: boolean,
): ReadonlySet<string> {
  const idle = new Set<ProblemCode>();
  if (!isUsedKnown) idle.add('unused');
  if (!isInternet) idle.add('special-purpose');
  if (!hasExemptions) idle.add('exempted');
  if (!hasExemptions || mode === 'allow') idle.add('partly-exempted');
  idle.add(mode === 'allow' ? 'denies-loopback' : 'very-wide');
  return idle;
}

interface Silence {
  readonly directive: Directive;
  readonly asked: ReadonlySet<string>;
  readonly used: Set<string>;
}

/** One problem for each of the two codes, and a line, as everywhere; it stands at the first word that it is about. */
function findIdle(
  table: EntryTable,
  entry: number,
  { directive, used }: Silence,
  hasRun: (code: string) => boolean,
): Problem[] {
  const start = table.lineText(entry).lastIndexOf(table.note(entry) as string) + 1;
  const warn = (code: ProblemCode, message: string, offset: number, text: string): Problem =>
    makeProblem('warning', code, message, table.list, table.line(entry), start + offset, text);
  const problems: Problem[] = [];
  const { codes, offset } = directive;
  const unknown = codes.filter(({ code }) => !silenceable.has(code));
  const idle = codes.filter(({ code }) => silenceable.has(code) && !used.has(code) && hasRun(code));
  if (unknown[0] !== undefined) {
    const message = `a line can silence no problem ${listOf(unknown)}: only codes of warnings follow ${DIRECTIVE}`;
    problems.push(warn('lint-ignore-unknown', message, unknown[0].offset, unknown[0].code));
  }
  if (idle[0] !== undefined) {
    const message = `there is no ${listOf(idle)} on this line to be silent about: take it out`;
    problems.push(warn('lint-ignore-unused', message, idle[0].offset, idle[0].code));
  } else if (codes.length === 0) {
    const message = `no code follows ${DIRECTIVE}: write the code of the warning behind it`;
    problems.push(warn('lint-ignore-unused', message, offset, DIRECTIVE));
  }
  return problems;
}

const SHOWN = 5;

function listOf(codes: Directive['codes']): string {
  const names = [...new Set(codes.map(({ code }) => code))];
  const shown = names.slice(0, SHOWN).map(quote).join(' or ');
  return names.length > SHOWN ? `${shown} …` : shown;
}
