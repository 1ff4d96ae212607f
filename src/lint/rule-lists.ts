/**
 * Lint across rules: everything that `createRules` would report, the usual lint of each list, and what only the rules
 * together show.
 */

import { byPosition, findExcess, timesProblem } from '../list/reader.ts';
import type { EntryTable } from '../list/table.ts';
import { lastsFrom, mayCount } from '../list/times.ts';
import { inSource, ListError, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { attempt } from '../problem/foreign.ts';
import { findOptionProblems } from '../problem/options.ts';
import { nameRules, type RuleList } from '../rules/explanation.ts';
import {
  type CheckedRule,
  type CheckedRules,
  checkRules,
  type RuleOrder,
  type RulesInput,
} from '../rules/input.ts';
import { toRuleLists } from '../rules/lists.ts';
import { Coverage } from '../space/coverage.ts';
import { coveredRuns, type FamilyRuns } from '../space/runs.ts';
import type { Findings } from './findings.ts';
import type { LintProblem } from './fix.ts';
import { type PlannedList, planList, readExemptions, readSorted, type SortedList } from './fixes.ts';
import { type CheckedOptions, checkExempt, checkOptions, findAll, type LintOptions } from './lint.ts';
import {
  areDisjoint,
  type Conflict,
  type Deciders,
  describeConflicts,
  describeDeciders,
  EXEMPTIONS,
  Rulings,
} from './rulings.ts';
import { acrossRules, findIdleRules, silence } from './silence.ts';
import { hasChanging, hasEnded, isChanging } from './times.ts';

/** What {@link lintRules} has to know beside the rules. */
export interface LintRulesOptions extends Pick<LintOptions, 'reach' | 'wide'> {}

const optionNames = ['reach', 'wide'] as const;

/** A list of a rule, and what is found about it. */
interface LintedList {
  /** `rules[2].deny`. */
  readonly source: string;
  readonly list: PlannedList;
  readonly maxEntries: number;
  readonly findings: Findings;
}

/** A rule with its lists. */
interface LintedRule {
  readonly checked: CheckedRule;
  readonly list: LintedList;
  readonly except: LintedList | undefined;
  /** What is wrong with the rule as a whole. */
  readonly problems: Problem[];
}

/** What is looked at across the rules. */
interface Across {
  readonly checked: CheckedRules;
  readonly linted: readonly LintedRule[];
  readonly rules: readonly RuleList[];
  /** By all entries that have not ended. */
  readonly rulings: Rulings;
  /** By those that will not end. */
  readonly lasting: Rulings;
  /** What each rule would decide alone, by all that have not ended. */
  readonly alone: readonly FamilyRuns[];
}

/**
 * Checks rules: reports everything that `createRules` would but failing guards, the usual lint of each list, and what only
 * the rules together show.
 *
 * - `shadowed`: an entry that decides nothing, as other rules decide about all of its clients; which ones.
 * - `idle-rule`: a rule that decides nothing.
 * - `idle-except`: an entry of an `except` that takes nothing out of its list.
 * - `mergeable-rules`: neighbours that could be one rule.
 * - `order-matters`: a rule that means something else if it changes places with an earlier one.
 *
 * All of these compare addresses, not texts. `source` says which list a problem is in, such as `rules[2].deny`; a rule as a
 * whole is `rules[2]`. Fixes are edits of that list: give `applyFixes` its text and its problems. With the order
 * `most-specific` no fix removes or merges entries, as how specific they are counts.
 *
 * @param input - what `createRules` takes
 * @param options - where clients come from, and what counts as very wide, as for `lintList`
 * @returns frozen problems, in the order of the rules; then those of the exemptions
 * @throws `ListError` with `invalid-option` when an option of lint is unknown or has a value that it cannot have, and with
 *   `unreadable` when the input cannot be read
 * @remarks n log n in the entries of all lists together, which are swept twice, and linear in the text.
 * @example
 * ```ts
 * import { lintRules } from 'ipverdict/list';
 *
 * const rules = [{ allow: '10.0.0.0/16' }, { deny: '10.0.5.5\n192.0.2.1' }];
 * const problems = lintRules({ rules, otherwise: 'deny' }, { reach: 'private' });
 * problems.map(({ source, code }) => `${source} ${code}`); // ['rules[1] order-matters', 'rules[1].deny shadowed']
 * problems[1]?.message; // 'decides nothing: rules[0] covers all of its clients first'
 * ```
 */
export function lintRules(input: RulesInput, options?: LintRulesOptions): readonly LintProblem[] {
  const unknown = findOptionProblems(options, optionNames);
  if (unknown.length > 0) throw new ListError(unknown);
  const checked = attempt('options', 'the input', () => checkRules(input));
  const setting = { ...checkOptions('', options), at: checked.at };
  const { at } = checked;
  const exempt = readExemptions(checked.exempt, checked.maxEntries, at);
  const linted = checked.rules.map((rule) => lintRule(rule, checked.maxEntries, setting, exempt));
  const read = linted.map(({ checked: rule, list, except }) => ({
    checked: rule,
    list: list.list,
    except: except?.list,
  }));
  const rules = toRuleLists(read);
  const empty = readSorted('', 'exempt', 0).reading.table;
  const exemptions = exempt.reading.table;
  const rulings = new Rulings(exemptions, rules, checked.order, empty, (table, index) =>
    mayCount(at, table.times(index)),
  );
  // What begins or ends covers nothing for certain; what is excepted for a while is not covered for a while.
  const lasting = new Rulings(exemptions, rules, checked.order, empty, (table, index) =>
    (table.list === 'except' ? mayCount : lastsFrom)(at, table.times(index)),
  );
  const alone = rules.map((_, rule) => rulings.runsAlone(rule));
  findAcross({ checked, linted, rules, rulings, lasting, alone });
  const context: Context = {
    at,
    isInternet: setting.isInternet,
    hasExemptions: exempt.reading.table.size > 0,
    order: checked.order,
    deniesLoopback: rulings.denies(4, [0x7f00_0001]) || rulings.denies(6, [0, 0, 0, 1]),
  };
  const found: Problem[] = [...checked.problems];
  for (const rule of linted) {
    found.push(...rule.problems);
    for (const list of rule.except === undefined ? [rule.list] : [rule.list, rule.except])
      for (const problem of problemsOf(list, rule.checked.mode, context)) found.push(problem);
  }
  return Object.freeze([...found, ...checkExempt(exempt)]);
}

/** Reads the lists of a rule, and looks at each by itself. */
function lintRule(
  checked: CheckedRule,
  maxEntries: number,
  setting: CheckedOptions,
  exempt: SortedList,
): LintedRule {
  const { place, mode, source, lines, except } = checked;
  const lint = (list: PlannedList, field: string, limit: number, places?: readonly number[]): LintedList => {
    const findings = findAll(list, { ...setting, mode, lines: places }, exempt, true);
    return { source: `${place}.${field}`, list, maxEntries: limit, findings };
  };
  return {
    checked,
    list: lint(planList(source, mode, lines), mode, checked.maxEntries, lines),
    except: except === undefined ? undefined : lint(planList(except, 'except'), 'except', maxEntries),
    problems: [],
  };
}

/** With this order, what an entry decides depends on how specific it is, so that none of them can take in another. */
const bySpecificity: readonly ProblemCode[] = ['covered', 'mergeable'];

/** What is only looked for in lists that allow or deny. */
const notInExcept: readonly ProblemCode[] = [
  'missing-twin',
  'very-wide',
  'exempted',
  'partly-exempted',
  'denies-loopback',
  'special-purpose',
  'partly-special-purpose',
  'shadowed',
];

/** What decides which problems a list can have. */
interface Context {
  /** The instant, in milliseconds since 1970. */
  readonly at: number | undefined;
  readonly isInternet: boolean;
  readonly hasExemptions: boolean;
  readonly order: RuleOrder;
  /** Whether a rule denies clients on the machine itself, and none lets them in before it. */
  readonly deniesLoopback: boolean;
}

/** The problems of a list, without those that its lines silence. */
function problemsOf(
  { source, list, maxEntries, findings }: LintedList,
  mode: RuleList['mode'],
  { at, isInternet, hasExemptions, order, deniesLoopback }: Context,
): Problem[] {
  const { table, errors } = list.reading;
  const isExcept = table.list === 'except';
  const idle = new Set<string>(findIdleRules({ mode, isInternet, at }, hasExemptions, false));
  for (const code of acrossRules) idle.delete(code);
  if (isExcept) for (const code of notInExcept) idle.add(code);
  else idle.add('idle-except');
  const unfit: ProblemCode[] = deniesLoopback ? [] : ['denies-loopback'];
  if (order === 'most-specific' && !isExcept) unfit.push(...bySpecificity);
  for (const code of unfit) idle.add(code);
  const kept = findings.all.filter(({ problem }) => !unfit.includes(problem.code));
  const warnings = silence(kept, table, list.notes, (code) => !idle.has(code));
  const all = [...errors, ...findExcess(table, maxEntries), ...warnings];
  if (at === undefined) all.push(...findTimes(table));
  all.sort(byPosition);
  return all.map((problem) => inSource(problem, source));
}

/** The error about a list with times for which there is no instant, at the first of them. */
function findTimes(table: EntryTable): Problem[] {
  for (let entry = 0; entry < table.size; entry++) {
    if (table.times(entry) === undefined) continue;
    return [timesProblem(table, entry)];
  }
  return [];
}

/** Finds what only the rules together show. */
function findAcross(across: Across): void {
  const { linted, rules, rulings, lasting, checked } = across;
  const conflicts = new Map<number, Conflict[]>();
  const add = (conflict: Conflict): void => {
    const known = conflicts.get(conflict.later);
    if (known === undefined) conflicts.set(conflict.later, [conflict]);
    else known.push(conflict);
  };
  const isIdle = rules.map((list, rule) => !lasting.isDeciding(rule) && !isChanging(list, checked.at));
  linted.forEach((one, rule) => {
    findShadowed(across, rule, isIdle[rule] === true);
    if (one.except !== undefined) findIdleExcept(one.list, one.except);
    if (checked.order === 'first-match' && isIdle[rule] === false)
      for (const conflict of rulings.findConflicts(rule, across.alone[rule] as FamilyRuns)) add(conflict);
  });
  if (checked.order === 'most-specific') for (const conflict of rulings.findTies()) add(conflict);
  for (const [later, found] of conflicts)
    warn(across, later, 'order-matters', describeConflicts(rules, found));
  // If a rule could not be read, those around it only look like neighbours.
  if (checked.problems.length === 0) findNeighbours(across, isIdle);
}

function warn({ linted, rules }: Across, rule: number, code: ProblemCode, message: string): void {
  const { place } = rules[rule] as RuleList;
  linted[rule]?.problems.push(problemOf(place, code, message, 'warning'));
}

/** Finds the entries of a rule that decide nothing, or the whole rule. */
function findShadowed(across: Across, rule: number, isIdle: boolean): void {
  const { linted, rules, lasting, checked } = across;
  const { list } = linted[rule] as LintedRule;
  const { table, errors } = list.list.reading;
  const { at } = checked;
  const { except } = rules[rule] as RuleList;
  // What it excepts for a while, it decides later.
  if (except !== undefined && hasChanging(except, at)) return;
  const shadowed = lasting.findShadowed(rule, lasting.runsAlone(rule));
  const before = (deciders: Deciders): string => describeDeciders(rules, deciders, checked.order);
  if (!isIdle) {
    for (const [entry, deciders] of shadowed) {
      // Where all of them are exempt, that is another problem.
      if (deciders.rules.size > 1 || !deciders.rules.has(EXEMPTIONS))
        list.findings.add('shadowed', entry, `decides nothing: ${before(deciders)}`);
    }
  } else if (table.size === 0) {
    if (errors.length === 0) warn(across, rule, 'idle-rule', 'covers nobody: its list has no entries');
  } else if (hasEnded(table, at)) {
    warn(across, rule, 'idle-rule', 'covers nobody: all of its entries have ended');
  } else if (shadowed.size === 0) {
    warn(across, rule, 'idle-rule', 'covers nobody: its except takes out all of its list');
  } else {
    const all: Deciders = { rules: new Set(), isPartial: false };
    for (const { rules: some, isPartial } of shadowed.values()) {
      for (const decider of some) all.rules.add(decider);
      all.isPartial ||= isPartial;
    }
    warn(across, rule, 'idle-rule', `decides nothing: ${before(all)}`);
  }
}

/** Finds the entries of an `except` that are not in the list. */
function findIdleExcept({ list }: LintedList, { list: except, findings }: LintedList): void {
  const isTaking = new Uint8Array(except.reading.table.size);
  except.families.forEach(({ width, count, firsts, lasts, owners }, index) => {
    const coverage = new Coverage(list.families[index as 0 | 1]);
    for (let at = 0; at < count; at++) {
      const [first, last] = [firsts, lasts].map((words) => words.subarray(at * width, (at + 1) * width));
      if (coverage.findOverlap(first as Int32Array, last as Int32Array) >= 0)
        isTaking[owners[at] as number] = 1;
    }
  });
  isTaking.forEach((isOne, entry) => {
    if (isOne === 0) findings.add('idle-except', entry, 'takes nothing out: no entry of the list is there');
  });
}

/** Finds rules that come one after the other and could be one. */
function findNeighbours(across: Across, isIdle: readonly boolean[]): void {
  const { rules, checked } = across;
  for (let first = 0, next = 1; first < rules.length; first = next, next = first + 1) {
    if (isIdle[first] === true) continue;
    let size = (rules[first] as RuleList).table.size;
    for (; next < rules.length && isIdle[next] === false; next++) {
      const added = rules[next] as RuleList;
      size += added.table.size;
      if (size > checked.maxEntries || !canJoin(across, first, next)) break;
    }
    const joined = rules.slice(first, next);
    if (joined.length < 2) continue;
    const [{ mode, name }, ...others] = joined as [RuleList, ...RuleList[]];
    const advice = others.every((rule) => rule.name === name)
      ? 'join their lists'
      : 'their names differ, so decide whether one name is enough';
    const message = `could be one rule with ${nameRules(others)}, as they all ${mode} and no other comes between: ${advice}`;
    warn(across, first, 'mergeable-rules', message);
  }
}

/** Whether the rules up to one can take in its lists, too. With what one of them excepts, only two neighbours are joined. */
function canJoin({ rules, linted, alone, checked }: Across, first: number, next: number): boolean {
  if (rules[first]?.mode !== rules[next]?.mode) return false;
  const joined = linted.slice(first, next + 1);
  if (joined.every(({ except }) => except === undefined)) return true;
  const [left, right] = joined as [LintedRule, LintedRule];
  if (joined.length > 2) return false;
  const isLeft = (rule: number, { list }: LintedRule, except: LintedList | undefined): boolean => {
    if (except === undefined) return true;
    // What is excepted for a while comes back.
    const isLasting = !isChanging(rules[rule] as RuleList, checked.at);
    return areDisjoint(isLasting ? (alone[rule] as FamilyRuns) : coverageOf(list), coverageOf(except));
  };
  return isLeft(first, left, right.except) && isLeft(next, right, left.except);
}

function coverageOf({ list }: LintedList): FamilyRuns {
  const [ipv4, ipv6] = list.families;
  return { ipv4: coveredRuns(ipv4), ipv6: coveredRuns(ipv6) };
}
