/**
 * Rules: several lists in one policy.
 *
 * | # | when                        | verdict               | reason            |
 * |---|-----------------------------|-----------------------|-------------------|
 * | 1 | the client is not an address | deny                  | `invalid-address` |
 * | 2 | an exemption covers it      | allow                 | `exempt`          |
 * | 3 | a rule applies to it        | that rule's           | `listed`          |
 * | 4 | otherwise                   | what `otherwise` says | `not-listed`      |
 *
 * Rows 2 to 4 are settled while the policy is built, as those of a policy of one list are: `space.ts` flattens the rules,
 * and the policy is made of one tree. So a decision costs the same, however many rules there are.
 */

import { type Clock, type ListReading, readList, warnOfRepetitions } from '../list/reader.ts';
import { noEntries } from '../list/table.ts';
import { buildTree, makePolicy, type Policy, type PolicyLists, unlistedAnswers } from '../policy/policy.ts';
import { inSource, ListError, type Problem } from '../problem/errors.ts';
import { attempt } from '../problem/foreign.ts';
import { findRepetitions } from '../space/intervals.ts';
import { type CheckedRule, type CheckedRules, checkRules, type RulesInput } from './input.ts';
import { RuleLists, toRuleLists } from './lists.ts';
import { decideRules, RuleSpace, type SortedRules } from './space.ts';

/** A list as problems call it, such as `rules[2].deny`, and what was read. */
interface PlacedReading {
  readonly source: string;
  readonly reading: ListReading;
}

/** All lists, read. */
interface RulesReading {
  readonly exempt: PlacedReading;
  readonly rules: readonly {
    readonly checked: CheckedRule;
    readonly list: PlacedReading;
    readonly except: PlacedReading | undefined;
  }[];
  readonly space: RuleSpace;
}

/**
 * Compiles several lists that allow or deny into one policy.
 *
 * - A rule covers a client when an entry of its list does, and no entry of its `except`. Rules that do not cover it play
 *   no part.
 * - With `first-match`, the default, the first rule that covers the client applies, and the entry reported is the most
 *   specific one of that rule. With `most-specific` the most specific entry of all these rules applies; ties go to the
 *   first rule.
 * - When no rule covers the client, `otherwise` decides. A rule without entries covers nobody, so no list opens by
 *   becoming empty.
 * - Exemptions are allowed before all rules.
 *
 * Every bad line of every list is reported at once, and nothing is built. `source` says which list it is in, such as
 * `rules[2].deny`, `rules[2].except` or `exempt`.
 *
 * @param input - the rules, what happens to everyone else, and options
 * @returns an immutable policy, for everything that takes one. Its `mode` is `allow` when `otherwise` is `deny`, and `deny`
 *   when it is `allow`: what it takes to be listed. Its `size` is the number of entries in the lists of all rules
 * @throws `ListError` with every problem of every rule, list and option
 * @remarks Building is n log n in the entries of all lists together, however many rules there are. A decision costs what
 *   that of a policy of one list costs: one scan and one walk.
 * @example
 * ```ts
 * import { createRules } from 'ipverdict/rules';
 *
 * const policy = createRules({
 *   rules: [
 *     { name: 'Exceptions', deny: '10.0.5.5 # Kiosk' },
 *     { name: 'Office', allow: '10.0.0.0/16', except: '10.0.9.0/24 # Guests' },
 *   ],
 *   otherwise: 'deny',
 * });
 * policy.decide('10.0.1.1').entry?.rule; // 'Office'
 * policy.decide('10.0.9.1').reason; // 'not-listed'
 * policy.explain('10.0.5.5').message; // '10.0.5.5 is denied: line 1 (10.0.5.5, note "Kiosk") of the rule "Exceptions" covers it; the rule "Office" would allow it.'
 * ```
 */
export function createRules(input: RulesInput): Policy {
  return compileRules(attempt('options', 'the input', () => checkRules(input)));
}

/**
 * Makes the policy of an input that was checked, here or in another thread.
 *
 * @param clock - what time it is, for rules with times and without an instant
 */
export function compileRules(checked: CheckedRules, clock?: Clock): Policy {
  const reading = readRuleLists(checked, checked.at ?? clock);
  const all = listsOf(reading);
  const errors = [...checked.problems];
  for (const {
    source,
    reading: { errors: found },
  } of all)
    for (const problem of found) errors.push(inSource(problem, source));
  if (errors.length > 0) {
    const cause = checked.cause ?? all.find((list) => list.reading.cause !== undefined)?.reading.cause;
    throw new ListError(errors, { cause });
  }
  const { exempt } = reading;
  const exempted = exempt.reading.table.size === 0 ? noEntries : exempt.reading.table;
  const rules = new RuleLists(exempted, toRuleLists(reading.rules), checked.order);
  const sorted = reading.space.sort();
  const numbers = rules.number();
  warnOfAllRepetitions(reading, sorted, numbers.listOf);
  const labelOf = rules.labeller(numbers);
  const { otherwise } = checked;
  const lists: PolicyLists = {
    mode: otherwise === 'deny' ? 'allow' : 'deny',
    allowing: rules.allowing,
    radix: buildTree<0 | 1>([0, 1], (family) => decideRules(sorted, family, numbers, labelOf)),
    unlisted: unlistedAnswers['not-listed'][otherwise],
    exempt: exempted,
    active: rules,
  };
  let count = 0;
  let changesAt = Number.POSITIVE_INFINITY;
  for (const { reading: list } of all) {
    count += list.warnings.size;
    changesAt = Math.min(changesAt, list.changesAt);
  }
  return makePolicy(lists, checked, changesAt, count, describerOf(all));
}

/** Reads the exemptions and the lists of all rules, each with its entries numbered after those of the one before. */
function readRuleLists(
  { exempt, maxEntries, rules }: CheckedRules,
  at: number | Clock | undefined,
): RulesReading {
  const space = new RuleSpace();
  const exemptions = readList(exempt, { list: 'exempt', maxEntries, at, intervals: space.whole });
  let size = exemptions.table.size;
  const read = rules.map((checked) => {
    const { place, mode, source, lines } = checked;
    const hasExcept = checked.except !== undefined;
    const cut = hasExcept ? space.cut(size) : undefined;
    const list = readList(source, {
      list: mode,
      maxEntries: checked.maxEntries,
      at,
      lines,
      intervals: cut?.own ?? space.whole,
      firstOwner: cut === undefined ? size : 0,
    });
    size += list.table.size;
    const except = cut && readList(checked.except, { list: 'except', maxEntries, at, intervals: cut.except });
    return {
      checked,
      list: { source: `${place}.${mode}`, reading: list },
      except: except && { source: `${place}.except`, reading: except },
    };
  });
  return { exempt: { source: 'exempt', reading: exemptions }, rules: read, space };
}

/** All lists in the order of their problems: the rules, and then the exemptions. */
function listsOf({ rules, exempt }: RulesReading): PlacedReading[] {
  const all = rules.flatMap(({ list, except }) => (except === undefined ? [list] : [list, except]));
  return [...all, exempt];
}

/** Finds the entries that repeat another of their own list. */
function warnOfAllRepetitions(
  { exempt, rules }: RulesReading,
  sorted: SortedRules,
  listOf: Int32Array,
): void {
  const repetitions = findRepetitions(sorted.whole, listOf.length, (entry) => listOf[entry]);
  let start = 0;
  for (const { reading } of [exempt, ...rules.map(({ list }) => list)]) {
    warnOfRepetitions(reading, repetitions, start);
    start += reading.table.size;
  }
  const cut = rules.filter(({ except }) => except !== undefined);
  sorted.cut.forEach(({ own, except }, at) => {
    const rule = cut[at];
    if (rule?.except === undefined) return;
    for (const [{ reading }, families] of [
      [rule.list, own],
      [rule.except, except],
    ] as const)
      warnOfRepetitions(reading, findRepetitions(families, reading.table.size));
  });
}

/** A list as problems call it, and its warnings. */
interface WarnedList {
  readonly source: string;
  readonly reading: Pick<ListReading, 'table' | 'warnings'>;
}

/** Describes the warnings of all lists. Keeps nothing else of the readings. */
export function describerOf(all: readonly WarnedList[]): () => Problem[] {
  const found = all
    .filter(({ reading }) => reading.warnings.size > 0)
    .map(({ source, reading: { table, warnings } }) => ({ source, table, warnings }));
  return () =>
    found.flatMap(({ source, table, warnings }) =>
      warnings.toProblems(table).map((problem) => inSource(problem, source)),
    );
}
