/**
 * The input of a policy, and the check that there is exactly one list and no unknown option.
 *
 * Quietly ignoring a misspelt option would make a policy that nobody wrote, so unknown names are errors.
 */

import { hasText, type ManagedList, type PlacedItems, sourceOf } from '../list/managed.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { adviceForObject, hasField, isPlain, readField, timeOf } from '../problem/foreign.ts';
import {
  aDate,
  anything,
  checkFields,
  countOf,
  DEFAULT_MAX_ENTRIES,
  type Fields,
  findOptionProblems,
  oneOf,
  optionProblem,
  readFields,
} from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import type { Verdict } from './decision.ts';

/** The options beside the list. */
export interface PolicyOptions {
  /** Clients that are always allowed, whatever the list says. */
  readonly exempt?: EntrySource | undefined;
  /** The verdict for everyone while the list has no entries; `allow` when not given. */
  readonly whenEmpty?: Verdict | undefined;
  /**
   * The most entries in each list, `Infinity` for no limit; 1,000 when not given. The limit of a managed list does not
   * apply to the exemptions.
   */
  readonly maxEntries?: number | undefined;
  /** Clients that the finished policy must allow; otherwise it is not built. */
  readonly mustAllow?: Iterable<string> | undefined;
  /** Clients that the finished policy must deny; otherwise it is not built. */
  readonly mustDeny?: Iterable<string> | undefined;
  /** The instant for which the policy is made: entries with `from` or `until` count or not. Lists with such need it. */
  readonly at?: Date | undefined;
}

/** An active list that allows. */
export interface AllowInput {
  /** The clients that are allowed; once there is an entry, everyone else is denied. */
  readonly allow: EntrySource;
  /** Only one list is active at a time. */
  readonly deny?: undefined;
}

/** An active list that denies. */
export interface DenyInput {
  /** The clients that are denied; everyone else is allowed. */
  readonly deny: EntrySource;
  /** Only one list is active at a time. */
  readonly allow?: undefined;
}

/** An active list with its mode in a field, as a database row has it. */
export interface ModeInput {
  /** `allow` or `deny`; any `string` compiles, so that a row needs no cast. Anything else is an error. */
  readonly mode: Mode | (string & {});
  /** The clients that are allowed or denied. */
  readonly list: EntrySource;
  /** Only one list is active at a time. */
  readonly allow?: undefined;
  /** Only one list is active at a time. */
  readonly deny?: undefined;
}

/** One list, which allows or denies, and the options. */
export type PolicyInput = (AllowInput | DenyInput | ModeInput | ManagedList) & PolicyOptions;

/** The active list, in whichever way it was given. */
export interface ChosenList extends PlacedItems {
  readonly mode: Mode;
}

/** The input with every default filled in. */
export interface CheckedInput extends ChosenList {
  readonly exempt: unknown;
  readonly whenEmpty: Verdict;
  readonly maxEntries: number;
  /** The limit that a managed list brings is for itself alone. */
  readonly maxExemptions: number;
  /** Undefined when not given, as are those to deny. */
  readonly mustAllow: unknown;
  readonly mustDeny: unknown;
  /** In milliseconds since 1970. */
  readonly at: number | undefined;
  readonly problems: readonly Problem[];
}

const optionKinds = {
  exempt: anything,
  whenEmpty: /* @__PURE__ */ oneOf('allow', 'deny'),
  maxEntries: /* @__PURE__ */ countOf('entries'),
  mustAllow: anything,
  mustDeny: anything,
  at: aDate,
} as const;

const optionNames = /* @__PURE__ */ Object.keys(optionKinds) as (keyof typeof optionKinds)[];

/** The fields of a list that say what it does. */
const listNames = ['allow', 'deny'] as const;

/** The fields of a list with its mode in a field. */
const modeNames = ['mode', 'list'] as const;

const managedNames = ['mode', 'entries'] as const;

/** A list and what was given with it, each field read once. */
interface ListFields<Name extends string> {
  readonly fields: Fields<
    (typeof listNames)[number] | (typeof modeNames)[number] | (typeof managedNames)[number] | Name
  >;
  readonly isManaged: boolean;
  /** What is wrong with the names of the fields. */
  readonly problems: Problem[];
}

/**
 * Reads an object that has a list.
 *
 * @param names - the other fields that it may have
 */
export function readListFields<Name extends string>(
  input: unknown,
  names: readonly Name[],
): ListFields<Name> {
  const list = readFields(input, [...listNames, 'list', 'mode', ...names]) as ListFields<Name>['fields'];
  list.entries = hasText(input) ? [] : readFields(input, ['entries']).entries;
  // A class of managed lists may have a field of this name for something else.
  if (!isGiven(list.entries)) list.entries = undefined;
  if (list.entries !== undefined || !isGiven(list.list)) list.list = undefined;
  const isManaged = list.entries !== undefined;
  const hasMode = list.list !== undefined;
  const problems: Problem[] = [];
  // An object with a mode and no list is told so, and that is enough; a class of managed lists may have more fields.
  const isListless =
    list.mode !== undefined && list.allow === undefined && list.deny === undefined && !hasMode;
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  if (isObject && (isManaged ? isPlain(input) : !isListless)) {
    const own = isManaged ? managedNames : hasMode ? modeNames : listNames;
    problems.push(...findOptionProblems(input, [...own, ...names]));
  }
  return { fields: list, isManaged, problems };
}

/** Checks the two arguments of `createPolicy`. */
export function checkInput(input: unknown, options: unknown): CheckedInput {
  const { fields: list, isManaged, problems } = readListFields(input, optionNames);
  const extra = readFields(options, optionNames);
  problems.push(...findOptionProblems(options, optionNames));
  // A managed list brings a limit for itself alone, and a second one may raise it.
  const ownLimit = isManaged && extra.maxEntries === undefined;
  for (const name of optionNames) {
    const isRaised = isManaged && name === 'maxEntries';
    if (list[name] !== undefined && extra[name] !== undefined && !isRaised)
      problems.push(optionProblem(`the option ${name} is given twice`));
    if (extra[name] !== undefined) list[name] = extra[name];
  }
  // A wrong instant is one problem, and not also the lack of one.
  const isTimed = list.at !== undefined;
  const {
    exempt = '',
    whenEmpty = 'allow',
    maxEntries = DEFAULT_MAX_ENTRIES,
    mustAllow,
    mustDeny,
    at,
  } = checkFields(list, optionKinds, problems);
  const chosen = chooseList(input, list, maxEntries, 'a policy');
  const isChosen = typeof chosen !== 'string';
  if (!isChosen) problems.unshift(problemOf('options', 'one-list-required', chosen));
  const { mode, source, lines }: ChosenList = isChosen
    ? chosen
    : { mode: 'allow', source: '', lines: undefined };
  // Field by field: to spread an object into a longer one takes three microseconds.
  return {
    mode,
    source,
    lines,
    exempt,
    whenEmpty,
    maxEntries,
    maxExemptions: ownLimit ? DEFAULT_MAX_ENTRIES : maxEntries,
    mustAllow,
    mustDeny,
    at: isTimed ? timeOf(at) : undefined,
    problems,
  };
}

/** Whether a field holds a list. A Map has a method named `entries`, and a class may have one named `list`. */
function isGiven(field: unknown): boolean {
  return field !== undefined && typeof field !== 'function';
}

/** The one list that is given to `taker`, or the sentence that says what is wrong. */
export function chooseList(
  input: unknown,
  list: ListFields<never>['fields'],
  maxEntries: number,
  taker: string,
): ChosenList | string {
  const { allow, deny, mode, entries } = list;
  const given = [allow, deny, entries, list.list];
  if (given.filter((one) => one !== undefined).length > 1)
    return `${taker} takes one list: give allow, deny, { mode, list } or a managed list`;
  if (allow !== undefined) return { mode: 'allow', source: allow, lines: undefined };
  if (deny !== undefined) return { mode: 'deny', source: deny, lines: undefined };
  const isMode = mode === 'allow' || mode === 'deny';
  if (list.list !== undefined) {
    return isMode
      ? { mode, source: list.list, lines: undefined }
      : `the mode of a list must be "allow" or "deny", got ${typeof mode === 'string' ? quote(mode) : describeType(mode)}`;
  }
  if (entries !== undefined) {
    return isMode && Array.isArray(entries)
      ? { mode, ...sourceOf(input as object, entries, maxEntries) }
      : 'a managed list has the mode "allow" or "deny", and an array of entries';
  }
  let advice = `write { allow: list }, { deny: list } or { mode, list }${adviceForObject(input)}`;
  if (isMode) {
    // What is stored of a list, a policy, a row without its column, or a copy made by spreading a list, which leaves the
    // getters of its class behind.
    if (typeof readField(input, 'text') === 'string')
      advice = 'read this stored one with RestrictionList.parse(mode, text, { maxEntries })';
    else if (typeof readField(input, 'decide') === 'function') advice = 'this is a policy already';
    else if (readField(input, 'maxEntries') === undefined) advice = 'write { mode, list }';
    else advice = 'write { mode, list }, or give a managed list itself, as a copy of it has no entries';
  }
  const missing = [...listNames, 'list'].find((name) => hasField(input, name));
  if (missing !== undefined)
    advice = `${missing} is ${readField(input, missing) === null ? null : undefined}`;
  return `${taker} needs one list: ${advice}`;
}
