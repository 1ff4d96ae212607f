/**
 * What a policy is asked to be: the input types, and the check that exactly one list and only known options are given.
 *
 * A misspelt option that was quietly ignored would be a policy that nobody wrote, so unknown names are errors.
 */

import { adviceForObject } from '../list/gather.ts';
import { isPlain, itemsOf, type ManagedList, texts } from '../list/managed.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import type { Problem, ProblemCode } from '../problem/errors.ts';
import { readField } from '../problem/foreign.ts';
import {
  DEFAULT_MAX_ENTRIES,
  findLimitProblems,
  findOptionProblems,
  optionProblem,
} from '../problem/options.ts';
import type { Verdict } from './decision.ts';

/** What may be said beside the list. */
export interface PolicyOptions {
  /** Clients that are always allowed, whatever the list says. */
  readonly exempt?: EntrySource | undefined;
  /** The verdict about everybody while the list has no entries; `allow` when not given. */
  readonly whenEmpty?: Verdict | undefined;
  /**
   * The most entries in each list, `Infinity` for no limit. When not given, 1,000; a managed list has its own limit, which
   * is not one of the exemptions.
   */
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
  /** A managed list brings a limit for itself alone. */
  readonly maxExemptions: number;
  readonly mustAllow: unknown;
  readonly mustDeny: unknown;
  readonly problems: readonly Problem[];
}

const optionNames = ['exempt', 'whenEmpty', 'maxEntries', 'mustAllow', 'mustDeny'] as const;

const listNames = ['allow', 'deny'] as const;

const managedNames = ['mode', 'entries'] as const;

/**
 * Checks the two arguments of `createPolicy`.
 * @internal
 */
export function checkInput(input: unknown, options: unknown): CheckedInput {
  const problems: Problem[] = [];
  const complain = (message: string, code: ProblemCode = 'invalid-option'): void => {
    problems.push({ ...optionProblem(message), code });
  };
  const list = readFields(input);
  const extra = readFields(options ?? {});
  const chosen = chooseList(input, list, extra.maxEntries ?? list.maxEntries ?? DEFAULT_MAX_ENTRIES);
  if (typeof chosen === 'string') complain(chosen, 'one-list-required');
  const isManaged = typeof list.entries === 'object';
  // A managed list of a class of its own has more to it than is asked here; what is no object has been complained about.
  // What has a mode and no list is said to be no list, and that is enough.
  const isListless = list.mode !== undefined && list.allow === undefined && list.deny === undefined;
  const isChecked =
    typeof input === 'object' && !Array.isArray(input) && (isManaged ? isPlain(input) : !isListless);
  if (isChecked) {
    problems.push(...findOptionProblems(input, [...(isManaged ? managedNames : listNames), ...optionNames]));
  }
  problems.push(...findOptionProblems(options, optionNames));
  const option = (name: (typeof optionNames)[number]): unknown => {
    // A managed list brings its own limit, which may be raised beside it.
    const isTwice =
      list[name] !== undefined && extra[name] !== undefined && !(isManaged && name === 'maxEntries');
    if (isTwice) complain(`the option ${name} is given twice`);
    return extra[name] ?? list[name];
  };
  const maxEntries = option('maxEntries') ?? DEFAULT_MAX_ENTRIES;
  const maxExemptions = extra.maxEntries ?? (isManaged ? undefined : list.maxEntries) ?? DEFAULT_MAX_ENTRIES;
  const limitProblems = findLimitProblems(maxEntries);
  problems.push(...limitProblems);
  const whenEmpty = option('whenEmpty') ?? 'allow';
  if (whenEmpty !== 'allow' && whenEmpty !== 'deny') complain('whenEmpty is "allow" or "deny"');
  return {
    ...(typeof chosen === 'string' ? { mode: 'allow', source: '', lines: undefined } : chosen),
    exempt: option('exempt') ?? '',
    whenEmpty: whenEmpty as Verdict,
    maxEntries: limitProblems.length === 0 ? (maxEntries as number) : DEFAULT_MAX_ENTRIES,
    maxExemptions: limitProblems.length === 0 ? (maxExemptions as number) : DEFAULT_MAX_ENTRIES,
    mustAllow: option('mustAllow') ?? [],
    mustDeny: option('mustDeny') ?? [],
    problems,
  };
}

type Fields = { readonly [name in FieldName]?: unknown };

type FieldName = (typeof listNames)[number] | (typeof managedNames)[number] | (typeof optionNames)[number];

/** Every field that can be meant, each read once: a getter could answer something else the second time. */
function readFields(value: unknown): Fields {
  const fields: Partial<Record<FieldName, unknown>> = Object.create(null);
  for (const name of [...listNames, ...managedNames, ...optionNames])
    fields[name] = readField(value, name) ?? undefined;
  return fields;
}

/** The one list that is given, or the sentence that says what is wrong. */
function chooseList(
  input: unknown,
  list: Fields,
  maxEntries: unknown,
): Pick<CheckedInput, 'mode' | 'source' | 'lines'> | string {
  const { allow, deny, mode, entries } = list;
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return 'a policy is made of an object: write { allow: list } or { deny: list }';
  }
  // A map has a method of the name "entries".
  if (entries !== undefined && typeof entries !== 'function') {
    if (allow !== undefined || deny !== undefined)
      return 'a managed list has its own type: leave allow and deny out';
    if (mode !== 'allow' && mode !== 'deny') return 'a managed list has the mode "allow" or "deny"';
    if (!Array.isArray(entries)) return 'a managed list has an array of entries';
    const text = texts.get(input);
    // A limit that is none has been complained about, or will be.
    const limit = findLimitProblems(maxEntries).length === 0 ? (maxEntries as number) : DEFAULT_MAX_ENTRIES;
    return { mode, ...(text === undefined ? itemsOf(entries, limit) : { source: text, lines: undefined }) };
  }
  if (allow !== undefined && deny !== undefined)
    return 'one list type is active at a time: give allow or deny, not both';
  if (allow !== undefined) return { mode: 'allow', source: allow, lines: undefined };
  if (deny !== undefined) return { mode: 'deny', source: deny, lines: undefined };
  if (mode === 'allow' || mode === 'deny') {
    // What is stored of a list, and what is copied of one, as its entries are made when they are asked for.
    const advice =
      typeof readField(input, 'text') === 'string'
        ? 'this is a stored list: write RestrictionList.parse(mode, text, { maxEntries }) first'
        : 'this has a mode, but no entries, as a copy of a list by { ...list }: hand over the list itself';
    return `a policy needs one list: ${advice}`;
  }
  return `a policy needs one list: write { allow: list } or { deny: list }${adviceForObject(input)}`;
}
