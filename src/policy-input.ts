/**
 * What a policy is asked to be: the input types, and the check that exactly one list and only known options are given.
 *
 * A misspelt option that was quietly ignored would be a policy that nobody wrote, so unknown names are errors.
 */

import type { Verdict } from './decision.ts';
import type { Entry, EntrySource, Mode } from './entries.ts';
import { describeType, makeProblem, type Problem, type ProblemCode, quote } from './errors.ts';
import { DEFAULT_MAX_ENTRIES, findLimitProblem } from './list.ts';
import { adviceForObject, readField } from './source.ts';

/** A list that is managed elsewhere: its type, its entries with their lines, and its limit. */
export interface ManagedList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The entries; their text is read again, and their lines and notes are kept. */
  readonly entries: readonly Entry[];
  /** The most entries the list may have, 1,000 when not given. */
  readonly maxEntries?: number;
}

/** What may be said beside the list. */
export interface PolicyOptions {
  /** Clients that are always allowed, whatever the list says. */
  readonly exempt?: EntrySource | undefined;
  /** The verdict about everybody while the list has no entries; `allow` when not given. */
  readonly whenEmpty?: Verdict | undefined;
  /** The most entries in each list, 1,000 when not given; `Infinity` for no limit. */
  readonly maxEntries?: number | undefined;
  /** Clients that the finished policy has to allow, or it is not built. */
  readonly mustAllow?: Iterable<string> | undefined;
  /** Clients that the finished policy has to deny, or it is not built. */
  readonly mustDeny?: Iterable<string> | undefined;
}

/** The active list as one that allows. */
export interface AllowInput {
  /** The clients that are allowed; everybody else is denied, once there is an entry. */
  readonly allow: EntrySource;
  /** One list type is active at a time. */
  readonly deny?: undefined;
}

/** The active list as one that denies. */
export interface DenyInput {
  /** The clients that are denied; everybody else is allowed. */
  readonly deny: EntrySource;
  /** One list type is active at a time. */
  readonly allow?: undefined;
}

/** One list, which allows or denies, and the options. */
export type PolicyInput = (AllowInput | DenyInput | ManagedList) & PolicyOptions;

/** The input with everything decided. */
export interface CheckedInput {
  readonly mode: Mode;
  readonly source: unknown;
  /** The lines that the items of a managed list have. */
  readonly lines: readonly number[] | undefined;
  readonly exempt: unknown;
  readonly whenEmpty: Verdict;
  readonly maxEntries: number;
  readonly mustAllow: unknown;
  readonly mustDeny: unknown;
  readonly problems: readonly Problem[];
}

const optionNames = ['exempt', 'whenEmpty', 'maxEntries', 'mustAllow', 'mustDeny'] as const;
const listNames = ['allow', 'deny'] as const;
const managedNames = ['mode', 'entries'] as const;

type Fields = Record<string, unknown>;

/**
 * Checks the two arguments of `createPolicy`.
 * @internal
 */
export function checkInput(input: unknown, options: unknown): CheckedInput {
  const problems: Problem[] = [];
  const complain = (code: ProblemCode, message: string): void => {
    problems.push(makeProblem('error', code, message, 'options', 1, 1, ''));
  };
  const list = fieldsOf(input);
  const extra = options === undefined ? {} : fieldsOf(options);
  if (extra === undefined)
    complain('invalid-option', `the options are an object; this is ${describeType(options)}`);
  const chosen = chooseList(list);
  if (typeof chosen === 'string') complain('one-list-required', chosen);
  const isManaged = list !== undefined && isManagedList(list);
  const refuseUnknown = (fields: Fields | undefined, known: readonly string[]): void => {
    for (const name of Object.keys(fields ?? {})) {
      if (!known.includes(name))
        complain('invalid-option', `there is no option ${quote(name)}, only ${known.join(', ')}`);
    }
  };
  // A managed list of a class of its own has more to it than is asked here.
  const isOwnKind = isManaged && Object.getPrototypeOf(list) !== Object.prototype;
  if (!isOwnKind && !Array.isArray(list))
    refuseUnknown(list, [...(isManaged ? managedNames : listNames), ...optionNames]);
  refuseUnknown(extra, optionNames);
  const option = (name: (typeof optionNames)[number]): unknown => {
    const own = readField(list, name);
    const other = readField(extra, name);
    // A managed list brings its own limit, which may be raised here.
    const isTwice = own !== undefined && other !== undefined && !(isManaged && name === 'maxEntries');
    if (isTwice) complain('invalid-option', `the option ${name} is given twice`);
    return other ?? own;
  };
  const maxEntries = option('maxEntries') ?? DEFAULT_MAX_ENTRIES;
  const limitProblem = findLimitProblem(maxEntries);
  if (limitProblem !== undefined) problems.push(limitProblem);
  const whenEmpty = option('whenEmpty') ?? 'allow';
  if (whenEmpty !== 'allow' && whenEmpty !== 'deny')
    complain('invalid-option', 'whenEmpty is "allow" or "deny"');
  return {
    ...(typeof chosen === 'string' ? { mode: 'allow', source: '', lines: undefined } : chosen),
    exempt: option('exempt') ?? '',
    whenEmpty: whenEmpty as Verdict,
    maxEntries: limitProblem === undefined ? (maxEntries as number) : Number.POSITIVE_INFINITY,
    mustAllow: option('mustAllow') ?? [],
    mustDeny: option('mustDeny') ?? [],
    problems,
  };
}

/** The one list that is given, or the sentence that says what is wrong. */
function chooseList(list: Fields | undefined): Pick<CheckedInput, 'mode' | 'source' | 'lines'> | string {
  if (list === undefined || Array.isArray(list))
    return 'a policy is made of an object: write { allow: list } or { deny: list }';
  const given = listNames.filter((name) => isGiven(list, name));
  if (isManagedList(list)) {
    const mode = readField(list, 'mode');
    const entries = readField(list, 'entries');
    if (given.length > 0) return 'a managed list has its own type: leave allow and deny out';
    if (mode !== 'allow' && mode !== 'deny') return 'a managed list has the mode "allow" or "deny"';
    if (!Array.isArray(entries)) return 'a managed list has an array of entries';
    return { mode, ...itemsOf(entries) };
  }
  if (given.length === 2) return 'one list type is active at a time: give allow or deny, not both';
  const [mode] = given;
  if (mode === undefined)
    return `a policy needs one list: write { allow: list } or { deny: list }${adviceForObject(list)}`;
  return { mode, source: readField(list, mode), lines: undefined };
}

/** The entries of a managed list as items; their text is read again, never trusted. */
function itemsOf(entries: readonly unknown[]): Pick<CheckedInput, 'source' | 'lines'> {
  const source: unknown[] = [];
  const lines: number[] = [];
  for (const entry of entries) {
    const line = readField(entry, 'line');
    source.push({ address: readField(entry, 'text'), note: readField(entry, 'note') });
    lines.push(typeof line === 'number' && Number.isInteger(line) && line > 0 ? line : source.length);
  }
  return { source, lines };
}

/** An array has a method of that name, and is a list that somebody forgot to name. */
function isManagedList(list: Fields): boolean {
  return isGiven(list, 'entries') && typeof readField(list, 'entries') !== 'function';
}

function isGiven(fields: Fields, name: string): boolean {
  return (readField(fields, name) ?? null) !== null;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}
