/**
 * The input of `createRules`: rules, each of which is one list with a verdict, and what happens to everyone else.
 */

import { findIncompleteness } from '../list/gather.ts';
import { findNoteFault } from '../list/grammar.ts';
import type { ManagedList } from '../list/managed.ts';
import type { EntrySource } from '../list/table.ts';
import type { Verdict } from '../policy/decision.ts';
import {
  type AllowInput,
  type ChosenList,
  chooseList,
  type DenyInput,
  type ModeInput,
  type PolicyOptions,
  readListFields,
} from '../policy/input.ts';
import { inSource, type Problem, problemOf } from '../problem/errors.ts';
import {
  adviceForMap,
  adviceForObject,
  eachItem,
  hasItems,
  isIterator,
  isPlain,
  messageOf,
  timeOf,
} from '../problem/foreign.ts';
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
import { describeType, withoutInvisible } from '../problem/say.ts';

/** What a rule may have beside its list. */
export interface RuleOptions {
  /**
   * Clients that the rule does not cover, although its list does. This allows and denies nobody: the other rules and
   * `otherwise` decide about them.
   */
  readonly except?: EntrySource | undefined;
  /** What the rule is called in entries and explanations: one line. `rules[2]` when not given. Names may repeat. */
  readonly name?: string | undefined;
}

/** One list with a verdict. A list without entries covers nobody. */
export type Rule = (AllowInput | DenyInput | ModeInput | ManagedList) & RuleOptions;

/** Which of the rules that cover a client applies. */
export type RuleOrder = 'first-match' | 'most-specific';

/** The rules and the options of {@link createRules}. */
export interface RulesInput extends Omit<PolicyOptions, 'whenEmpty'> {
  /** The rules, in order; there may be none. */
  readonly rules: Iterable<Rule>;
  /** The verdict for clients that no rule covers. */
  readonly otherwise: Verdict;
  /**
   * Which of the rules that cover a client applies: with `first-match`, the default, the first one; with
   * `most-specific` the one whose entry is the most specific, and ties go to the first rule.
   */
  readonly order?: RuleOrder | undefined;
}

/** A rule with every default filled in. */
export interface CheckedRule extends ChosenList {
  /** What problems call it: `rules[2]`. */
  readonly place: string;
  readonly maxEntries: number;
  /** What the rule leaves out; `undefined` when not given. */
  readonly except: unknown;
  readonly name: string | undefined;
}

/** The input with every default filled in. */
export interface CheckedRules {
  readonly rules: readonly CheckedRule[];
  readonly otherwise: Verdict;
  readonly order: RuleOrder;
  readonly exempt: unknown;
  readonly maxEntries: number;
  readonly mustAllow: unknown;
  readonly mustDeny: unknown;
  /** In milliseconds since 1970. */
  readonly at: number | undefined;
  readonly problems: readonly Problem[];
  /** What the iterable of rules threw. */
  readonly cause: unknown;
}

/** More rules than anyone writes; a longer iterable is treated as endless. */
const MAX_RULES = 100_000;

/** After so many rules that cannot be read, reading stops. */
const MAX_BAD_RULES = 1_000;

const rulesKind: Kind<Iterable<unknown>> = (value) => {
  if (hasItems(value)) return undefined;
  const isAsync =
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] === 'function';
  const advice = isAsync ? ': gather its rules in an array first' : adviceForObject(value);
  return `must be an array or another iterable of rules, got ${describeType(value)}${advice}${adviceForMap(value)}`;
};

const optionKinds = {
  rules: rulesKind,
  otherwise: /* @__PURE__ */ oneOf('allow', 'deny'),
  order: /* @__PURE__ */ oneOf('first-match', 'most-specific'),
  exempt: anything,
  maxEntries: /* @__PURE__ */ countOf('entries'),
  mustAllow: anything,
  mustDeny: anything,
  at: aDate,
} as const;

const optionNames = /* @__PURE__ */ Object.keys(optionKinds) as (keyof typeof optionKinds)[];

const nameKind: Kind<string> = (value) => {
  if (typeof value !== 'string') return `must be text, got ${describeType(value)}`;
  if (findNoteFault(value, 0, value.length) !== undefined)
    return 'must be one line, without control or direction characters';
  return withoutInvisible(value).trim() === '' ? 'must not be blank: leave it out' : undefined;
};

const ruleKinds = { maxEntries: optionKinds.maxEntries, name: nameKind, except: anything } as const;

const ruleNames = ['except', 'name', 'maxEntries'] as const;

/** Checks the argument of `createRules`. */
export function checkRules(input: unknown): CheckedRules {
  const problems = findOptionProblems(input, optionNames);
  const fields = readFields(input, optionNames);
  if (fields.rules === undefined)
    problems.push(optionProblem('rules is required: give an array of rules, which may be empty'));
  if (fields.otherwise === undefined) {
    const message = 'otherwise is required: "allow" or "deny" for the clients that no rule covers';
    problems.push(optionProblem(message));
  }
  // A wrong instant is one problem, and not also the lack of one.
  const isTimed = fields.at !== undefined;
  const {
    rules = [],
    otherwise = 'deny',
    order = 'first-match',
    exempt = '',
    maxEntries = DEFAULT_MAX_ENTRIES,
    mustAllow,
    mustDeny,
    at,
  } = checkFields(fields, optionKinds, problems);
  const { checked, cause } = readRules(rules, maxEntries, problems);
  const guards = { mustAllow, mustDeny };
  const instant = isTimed ? timeOf(at) : undefined;
  return { rules: checked, otherwise, order, exempt, maxEntries, ...guards, at: instant, problems, cause };
}

/** Reads each rule once, and each of its fields. */
function readRules(
  rules: Iterable<unknown>,
  maxEntries: number,
  problems: Problem[],
): { readonly checked: readonly CheckedRule[]; readonly cause: unknown } {
  const checked: CheckedRule[] = [];
  let count = 0;
  let bad = 0;
  let cause: unknown;
  const placeNext = (): string => `rules[${count}]`;
  const mark = findIncompleteness(rules);
  if (mark !== undefined) problems.push(problemOf('rules', 'incomplete-list', mark.why));
  try {
    const isRead = eachItem(rules, MAX_RULES, (rule) => {
      const found: Problem[] = [];
      try {
        const read = checkRule(rule, placeNext(), maxEntries, found);
        if (read !== undefined) checked.push(read);
      } catch (thrown) {
        cause ??= thrown;
        found.push(unreadable(placeNext(), 'the rule', thrown));
      }
      for (const problem of found) problems.push(problem);
      if (found.length > 0) bad++;
      count++;
      return bad < MAX_BAD_RULES;
    });
    if (!isRead) problems.push(optionProblem(`rules has more than ${MAX_RULES} rules, or no end`));
    if (bad >= MAX_BAD_RULES)
      problems.push(optionProblem(`${MAX_BAD_RULES} rules could not be read: fix those first`));
    if (count === 0 && isIterator(rules)) {
      const message = 'the iterator gave no rules: it may have been read before, so give an array';
      problems.push(problemOf('rules', 'unreadable', message));
    }
  } catch (thrown) {
    cause ??= thrown;
    problems.push(unreadable(placeNext(), 'the rules', thrown));
  }
  return { checked, cause };
}

function unreadable(place: string, what: string, thrown: unknown): Problem {
  return problemOf(place, 'unreadable', `${what} could not be read: ${messageOf(thrown)}`);
}

/** A rule, or `undefined` when it has not exactly one list. */
function checkRule(
  rule: unknown,
  place: string,
  maxEntries: number,
  problems: Problem[],
): CheckedRule | undefined {
  const { fields, isManaged, problems: found } = readListFields(rule, ruleNames);
  // What a class of managed lists has under these names belongs beside the rules.
  if (isManaged && !isPlain(rule)) found.push(...findMisplaced(rule));
  const values = checkFields(fields, ruleKinds, found);
  if (!isManaged && values.maxEntries !== undefined)
    found.push(
      optionProblem('maxEntries is for a managed list here: give that of all lists beside the rules'),
    );
  const limit = (isManaged ? values.maxEntries : undefined) ?? maxEntries;
  const chosen = chooseList(rule, fields, limit, place);
  if (typeof chosen === 'string') problems.push(problemOf(place, 'one-list-required', chosen));
  for (const problem of found) problems.push(inSource(problem, place));
  if (typeof chosen === 'string') return undefined;
  return { ...chosen, place, maxEntries: limit, except: values.except, name: values.name?.trim() };
}

const misplacedNames = ['exempt', 'whenEmpty'] as const;

function findMisplaced(rule: unknown): Problem[] {
  const fields = readFields(rule, misplacedNames);
  return misplacedNames
    .filter((name) => fields[name] !== undefined && typeof fields[name] !== 'function')
    .map((name) => optionProblem(`a rule has no ${name}`));
}
