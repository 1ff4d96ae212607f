/**
 * Lint: it is legal, but is it intended? Reads a list as `createPolicy` does, and reports what is wrong with it and what
 * looks like a slip, each at its line and column, with a fix where one is certain.
 *
 * Here the parts come together: `plan.ts` knows what is superfluous, `rules.ts` what the entries are, `clients.ts` who
 * comes, `fixes.ts` what to do about it, and `silence.ts` what not to mention.
 */

import { itemsOf, type ManagedList } from '../list/managed.ts';
import { byPosition, findExcess } from '../list/reader.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import { isWarningCode } from '../list/warnings.ts';
import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { adviceForMap, attempt, isIterable, isPlain, readField, timeOf } from '../problem/foreign.ts';
import {
  aDate,
  anything,
  checkFields,
  countOf,
  DEFAULT_MAX_ENTRIES,
  findOptionProblems,
  type Kind,
  oneOf,
  optionProblem,
  readFields,
} from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { findRepetitions } from '../space/intervals.ts';
import { checkClients } from './clients.ts';
import { checkEmbedded } from './embedded.ts';
import { Findings } from './findings.ts';
import type { LintProblem } from './fix.ts';
import {
  clearingOf,
  mergingOf,
  type PlannedList,
  planList,
  readExemptions,
  removalOf,
  type SortedList,
  textOfMerge,
} from './fixes.ts';
import {
  checkEntries,
  checkLooks,
  checkNotes,
  checkTogether,
  checkTwins,
  checkTwoLines,
  nameEntry,
  nameLines,
} from './rules.ts';
import { findIdleRules, readNotes, silence } from './silence.ts';
import { checkTimes, withoutEntries } from './times.ts';

/** Prefix lengths, in bits: an entry with as many addresses as such a prefix, or more, is very wide. */
export interface WideLengths {
  /** For IPv4; 8 when not given, 0 for never. */
  readonly ipv4?: number | undefined;
  /** For IPv6; 16 when not given, 0 for never. */
  readonly ipv6?: number | undefined;
}

/** What {@link lintList} has to know about the list. */
export interface LintOptions {
  /** Whether a text allows or denies; `deny` when not given. A managed list says so itself. */
  readonly mode?: Mode | undefined;
  /** The exemptions that the policy will have. */
  readonly exempt?: EntrySource | undefined;
  /** The most entries of the list and of the exemptions; when not given 1,000, or the list's own limit. */
  readonly maxEntries?: number | undefined;
  /** Clients that came, such as those of a log: entries that contain none of them are reported as `unused`. */
  readonly clients?: Iterable<string> | undefined;
  /**
   * Where clients come from; `internet` when not given. With `private`, special-purpose networks and what reaches into
   * them are fine. A deny list that others will load is for the Internet.
   */
  readonly reach?: 'internet' | 'private' | undefined;
  /** An allow entry as large as a prefix of these lengths, or larger, is very wide; 8 and 16 when not given. */
  readonly wide?: WideLengths | undefined;
  /** The instant for which the list is linted. Without it no entry is `expired` or `not-yet`. */
  readonly at?: Date | undefined;
}

const clientsKind: Kind<Iterable<unknown>> = (value) => {
  const advice = adviceForMap(value);
  const isRight = isIterable(value) && advice === '';
  return isRight ? undefined : `must be an array or another iterable of addresses${advice}`;
};

function lengthUpTo(bits: number): Kind<number> {
  return (value) => {
    const isLength = typeof value === 'number' && value >= 0 && value <= bits && Number.isInteger(value);
    return isLength ? undefined : `must be a prefix length from 0 to ${bits}`;
  };
}

const optionKinds = {
  mode: /* @__PURE__ */ oneOf('allow', 'deny'),
  exempt: anything,
  maxEntries: /* @__PURE__ */ countOf('entries'),
  clients: clientsKind,
  reach: /* @__PURE__ */ oneOf('internet', 'private'),
  wide: anything,
  at: aDate,
} as const;

const optionNames = /* @__PURE__ */ Object.keys(optionKinds) as (keyof typeof optionKinds)[];

const wideNames = ['ipv4', 'ipv6'] as const;

const wideKinds = {
  'wide.ipv4': /* @__PURE__ */ lengthUpTo(32),
  'wide.ipv6': /* @__PURE__ */ lengthUpTo(128),
} as const;

/**
 * Checks a list: reports everything that `createPolicy` would, and what is legal but probably not intended.
 *
 * - Never throws on content: errors are problems, and the good lines are still linted.
 * - At most one problem of each code for an entry; in the order of the list, then the exemptions, then the clients.
 * - `# lint-ignore code` at the end of a note silences warnings about that line.
 * - A list object with a `toString` of its own is linted as that text; another managed list by its entries.
 *
 * @param list - the text of a list, or a managed list
 * @param options - what else is known about the list
 * @returns frozen problems; where a fix is certain, with line edits for {@link applyFixes}
 * @throws `ListError` with `invalid-option` when an option is unknown or has a value that it cannot have
 * @remarks n log n in the number of entries, which are sorted, and linear in the text; allocates an object for each
 *   problem. Reads `clients` once, at most 10,000,000 of them, and keeps none.
 * @example
 * ```ts
 * import { lintList } from 'ipverdict/list';
 *
 * const problems = lintList('203.0.113.0/24 # Office\n203.0.113.7', { mode: 'allow', reach: 'private' });
 * problems[0]?.code; // 'covered'
 * problems[0]?.message; // 'covered by "203.0.113.0/24" on line 1: remove this line'
 * problems[0]?.fix; // { edits: [{ line: 2, text: null }] }
 * ```
 */
export function lintList(list: ManagedList | string, options?: LintOptions): readonly LintProblem[] {
  const checked = checkOptions(list, options);
  if (checked.source === undefined) return Object.freeze([noList(list, checked.mode)]);
  const { mode, source, lines, maxEntries } = checked;
  const exempt = readExemptions(checked.exempt, checked.maxExemptions, checked.at);
  const planned = planList(source, mode, lines);
  const { table, errors } = planned.reading;
  const problems = [...errors, ...findExcess(table, maxEntries)];
  const findings = findAll(planned, checked, exempt);
  const unread: Problem[] = [];
  const isUsedKnown = checkClients(planned, checked.clients, findings.add, unread);
  const idle = findIdleRules(checked, exempt.reading.table.size > 0, isUsedKnown);
  const warnings = silence(findings.all, table, planned.notes, (code) => !idle.has(code));
  if (mode === 'allow' && table.size === 0 && problems.length === 0) {
    const message =
      'the list has no entries, so it lets everyone in unless whenEmpty is "deny": the first entry closes it';
    warnings.push(problemOf('allow', 'open-list', message, 'warning'));
  }
  const own = [...problems, ...warnings].sort(byPosition);
  return Object.freeze([...own, ...checkExempt(exempt), ...unread]);
}

function noList(list: unknown, mode: Mode): Problem {
  const wanted = 'expected the text of a list, or an object with mode and entries';
  return problemOf(mode, 'not-a-string', `${wanted}, got ${describeType(list)}`);
}

export interface CheckedOptions {
  readonly mode: Mode;
  readonly source: unknown;
  readonly lines: readonly number[] | undefined;
  readonly exempt: unknown;
  readonly maxEntries: number;
  /** The limit of a managed list does not apply to the exemptions. */
  readonly maxExemptions: number;
  readonly clients: Iterable<unknown> | undefined;
  readonly isInternet: boolean;
  readonly wide: readonly [ipv4: number, ipv6: number];
  /** In milliseconds since 1970. */
  readonly at: number | undefined;
}

export function checkOptions(list: unknown, options: unknown): CheckedOptions {
  const { checked, problems } = attempt('options', 'the list or the options', () =>
    readListAndOptions(list, options),
  );
  if (problems.length > 0) throw new ListError(problems);
  return checked;
}

function readListAndOptions(
  list: unknown,
  options: unknown,
): { readonly checked: CheckedOptions; readonly problems: readonly Problem[] } {
  const problems = findOptionProblems(options, optionNames);
  const given = readFields(options, optionNames);
  const managed = readManaged(list);
  const mode = managed?.mode ?? given.mode;
  if (given.mode !== undefined && given.mode !== mode)
    problems.push(optionProblem('a managed list has its own mode: leave the option out'));
  const fields = { ...given, mode, maxEntries: given.maxEntries ?? managed?.maxEntries };
  const values = checkFields(fields, optionKinds, problems);
  const { exempt = '', maxEntries = DEFAULT_MAX_ENTRIES, clients, reach } = values;
  problems.push(...findOptionProblems(values.wide, wideNames));
  const { ipv4, ipv6 } = readFields(values.wide, wideNames);
  const wide = checkFields({ 'wide.ipv4': ipv4, 'wide.ipv6': ipv6 }, wideKinds, problems);
  const checked = {
    mode: values.mode ?? 'deny',
    source: typeof list === 'string' ? list : managed?.source,
    lines: managed?.lines,
    exempt,
    maxEntries,
    maxExemptions: given.maxEntries === undefined ? DEFAULT_MAX_ENTRIES : maxEntries,
    clients,
    isInternet: reach !== 'private',
    wide: [wide['wide.ipv4'] ?? 8, wide['wide.ipv6'] ?? 16],
    at: values.at && timeOf(values.at),
  } as const;
  return { checked, problems };
}

interface Managed {
  readonly mode: unknown;
  readonly maxEntries: unknown;
  readonly source: unknown;
  readonly lines: readonly number[] | undefined;
}

/** A managed list as its text, when it has one, or else as items. */
function readManaged(list: unknown): Managed | undefined {
  const { mode, entries, maxEntries } = readFields(list, ['mode', 'entries', 'maxEntries']);
  if (!Array.isArray(entries)) return undefined;
  const print = hasOwnText(list as object) ? readField(list, 'toString') : undefined;
  const text: unknown = typeof print === 'function' ? Reflect.apply(print, list, []) : undefined;
  if (typeof text === 'string') return { mode, maxEntries, source: text, lines: undefined };
  return { mode, maxEntries, ...itemsOf(entries) };
}

/** Whether an object is of a class of its own or has a method of its own: all others would print `[object Object]`. */
function hasOwnText(list: object): boolean {
  return !isPlain(list) || Object.hasOwn(list, 'toString');
}

/** The warnings of the reader, with their fixes, and those of the rules. */
export function findAll(
  planned: PlannedList,
  options: CheckedOptions,
  exempt: SortedList,
  isOfRule = false,
): Findings {
  const { table, warnings } = planned.reading;
  const findings = new Findings(table);
  // Where two entries are on one line, an edit of the line would be an edit of both.
  const canEdit = options.lines === undefined || new Set(options.lines).size === options.lines.length;
  findings.isEnded = checkTimes(table, options.at, canEdit, isOfRule, findings.addTimed);
  const current = withoutEntries(planned, findings.isEnded);
  warnings.forEach((code, entry, other) => {
    const fix = canEdit && code === 'host-bits-set' ? clearingOf(table, entry) : undefined;
    findings.addWarning(code, entry, other, fix);
  });
  checkTogether(current, findings.add);
  findSuperfluous(planned, canEdit, findings);
  findMergeable(planned, canEdit, findings);
  checkNotes(planned, findings.add);
  checkLooks(planned, canEdit, findings.add);
  checkTwoLines(planned, findings.add);
  checkEmbedded(planned, findings.add);
  // What a rule leaves out is neither let in nor denied.
  if (table.list === 'except') return findings;
  checkTwins(current, options.mode, findings.add);
  checkEntries(planned, { ...options, exempt }, findings.add);
  return findings;
}

function findSuperfluous({ reading, plan }: PlannedList, canEdit: boolean, findings: Findings): void {
  const { table } = reading;
  for (let entry = 0; entry < table.size; entry++) {
    if (!plan.isSuperfluous(entry)) continue;
    const canGo = plan.canGo(entry);
    const fix = canEdit && canGo ? removalOf(table, entry) : undefined;
    const first = plan.firstOfSame[entry] as number;
    if (first >= 0) {
      findings.addWarning('duplicate', entry, first, fix);
      continue;
    }
    const names = plan.coverersOf(entry).map((other) => nameEntry(table, other));
    const advice = canGo ? 'remove this line' : 'removing it would lose a note, so decide which entry stays';
    findings.add('covered', entry, `covered by ${names.join(' and ')}: ${advice}`, fix);
  }
}

function findMergeable({ reading, plan }: PlannedList, canEdit: boolean, { add }: Findings): void {
  const { table } = reading;
  for (const merge of plan.merges) {
    const [first, ...rest] = merge.members as [number, ...number[]];
    const message = `fills ${textOfMerge(merge)} together with ${nameLines(table, rest)}: write that instead`;
    add('mergeable', first, message, canEdit ? mergingOf(table, merge) : undefined);
  }
  for (const { entries, silent, hasOtherNote } of plan.siblings) {
    const [first, second] = entries;
    const advice = hasOtherNote
      ? 'their notes differ: decide whether one note is enough'
      : 'an entry with another note overlaps them';
    // Reported on a line that silences it, too, or the silence would count as idle.
    for (const entry of silent.length === 0 ? [first] : silent) {
      const line = table.line(entry === first ? second : first);
      add('mergeable', entry, `fills one prefix together with line ${line}, but ${advice}`);
    }
  }
}

/** What the reader says about the exemptions, without fixes, which would be edits of another text. */
export function checkExempt({ reading, families }: SortedList): Problem[] {
  const { table, errors, warnings } = reading;
  const findings = new Findings(table);
  warnings.forEach((code, entry, other) => {
    findings.addWarning(code, entry, other);
  });
  findRepetitions(families, table.size).forEach((first, entry) => {
    if (first >= 0) findings.addWarning('duplicate', entry, first);
  });
  const left = silence(findings.all, table, readNotes(table), isWarningCode);
  return [...errors, ...left].sort(byPosition);
}
