/**
 * What rules make of each other: which of their entries decide nothing, and where their order counts. Exact, by address
 * space: the rules are swept as for a policy, each rule is swept alone, and the runs are laid over each other.
 */

import { type Family, wordsOf } from '../address/scanner.ts';
import { compareAt } from '../address/words.ts';
import type { EntryTable } from '../list/table.ts';
import { nameRules, type RuleList } from '../rules/explanation.ts';
import type { RuleOrder } from '../rules/input.ts';
import { RuleLists } from '../rules/lists.ts';
import { lastAtOrBefore } from '../space/locate.ts';
import { MAPPED_BLOCK } from '../space/prefixes.ts';
import { combineRuns, type FamilyRuns, type Runs } from '../space/runs.ts';

/** How many runs are looked at to name what decides in place of an entry, or before a rule. */
const MOST_LOOKED_AT = 1_000;

/** The rules that decide in place of an entry, by position; −1 stands for the exemptions. */
export interface Deciders {
  readonly rules: Set<number>;
  /** Whether there may be more of them. */
  isPartial: boolean;
}

/** Two rules with different verdicts that cover some client, and whose order decides about it. */
export interface Conflict {
  readonly earlier: number;
  readonly later: number;
  /** An entry of the earlier one by which it does so. */
  readonly entry: number;
  /** Whether there may be more earlier rules. */
  readonly isPartial: boolean;
}

/** Rules, and which of their entries decide. */
export class Rulings {
  readonly #lists: RuleLists;
  readonly #order: RuleOrder;
  readonly #empty: EntryTable;
  readonly #counts: Counts;
  readonly #decided: FamilyRuns;
  /** For each rule, whether an entry decides about any client. */
  readonly #hits: readonly Uint8Array[];

  /**
   * @param empty - a table without entries
   * @param counts - whether an entry takes part
   */
  constructor(
    exempt: EntryTable,
    rules: readonly RuleList[],
    order: RuleOrder,
    empty: EntryTable,
    counts: Counts,
  ) {
    this.#counts = counts;
    this.#lists = new RuleLists(exempt, rules, order);
    this.#order = order;
    this.#empty = empty;
    this.#decided = decideClients(this.#lists, counts);
    this.#hits = rules.map(({ table }) => new Uint8Array(table.size));
    for (const { labels } of [this.#decided.ipv4, this.#decided.ipv6]) {
      for (const label of labels) {
        const [rule, entry] = this.#placeOf(label);
        if (rule >= 0) (this.#hits[rule] as Uint8Array)[entry] = 1;
      }
    }
  }

  /** Whether any entry of a rule decides about any client. */
  isDeciding(rule: number): boolean {
    return (this.#hits[rule] as Uint8Array).includes(1);
  }

  /** What a rule would decide alone, labelled by its entries from 1. */
  runsAlone(rule: number): FamilyRuns {
    const alone = new RuleLists(this.#empty, [this.#lists.rules[rule] as RuleList], this.#order);
    return decideClients(alone, this.#counts);
  }

  /**
   * The entries of a rule that decide nothing, although they would if the rule were alone, and what decides in place of
   * each.
   */
  findShadowed(rule: number, alone: FamilyRuns): ReadonlyMap<number, Deciders> {
    const hits = this.#hits[rule] as Uint8Array;
    const found = new Map<number, Deciders>();
    const counts = new Map<number, number>();
    eachOverlap(alone, this.#decided, (own, label) => {
      const entry = own - 1;
      if (hits[entry] === 1) return false;
      const deciders = found.get(entry) ?? { rules: new Set(), isPartial: false };
      found.set(entry, deciders);
      const count = (counts.get(entry) ?? 0) + 1;
      counts.set(entry, count);
      deciders.isPartial ||= count > MOST_LOOKED_AT;
      if (!deciders.isPartial) deciders.rules.add(this.#placeOf(label)[0]);
      return !deciders.isPartial;
    });
    return found;
  }

  /** Where the first rule that covers a client applies: the conflicts of a rule with those before it. */
  *findConflicts(later: number, alone: FamilyRuns): Iterable<Conflict> {
    const { mode } = this.#lists.rules[later] as RuleList;
    const entries = new Map<number, number>();
    let left = MOST_LOOKED_AT;
    eachOverlap(alone, this.#opposing(mode), (_own, label) => {
      if (label !== 0) {
        const [rule, entry] = this.#placeOf(label);
        if (!entries.has(rule)) entries.set(rule, entry);
        left--;
      }
      return left > 0;
    });
    for (const [earlier, entry] of entries) yield { earlier, later, entry, isPartial: left <= 0 };
  }

  /**
   * Where the most specific entry applies: the conflicts between entries that are equally specific. Found by letting all
   * rules that allow win their ties, and then all that deny.
   */
  findTies(): Iterable<Conflict> {
    const { rules, exempt } = this.#lists;
    const found = new Map<string, Conflict>();
    const [allowFirst, denyFirst] = (['allow', 'deny'] as const).map((mode) => {
      const places = [...rules.keys()];
      const isFirst = (rule: number): number => (rules[rule]?.mode === mode ? 0 : 1);
      places.sort((left, right) => isFirst(left) - isFirst(right));
      const sorted = places.map((place) => rules[place] as RuleList);
      const lists = new RuleLists(exempt, sorted, this.#order);
      const placeOf = (label: number): readonly [number, number] => {
        const [rule, entry] = lists.locate(label - exempt.size - 1);
        return [places[rule] as number, entry];
      };
      return { runs: decideClients(lists, this.#counts), placeOf };
    }) as [Ranked, Ranked];
    const look = (left: number, right: number): boolean => {
      if (left <= exempt.size || right <= exempt.size || found.size >= MOST_LOOKED_AT) return false;
      const [one, other] = [allowFirst.placeOf(left), denyFirst.placeOf(right)];
      if (rules[one[0]]?.mode === rules[other[0]]?.mode) return false;
      const [earlier, later] = one[0] < other[0] ? [one, other] : [other, one];
      const key = `${earlier[0]} ${later[0]}`;
      if (!found.has(key))
        found.set(key, { earlier: earlier[0], later: later[0], entry: earlier[1], isPartial: true });
      return false;
    };
    combineRuns(4, allowFirst.runs.ipv4, denyFirst.runs.ipv4, look);
    combineRuns(6, allowFirst.runs.ipv6, denyFirst.runs.ipv6, look);
    return found.values();
  }

  /** Whether a rule that denies decides about an address. */
  denies(family: Family, words: readonly number[]): boolean {
    const runs = family === 4 ? this.#decided.ipv4 : this.#decided.ipv6;
    const at = lastAtOrBefore(runs.starts, runs.count, words, 0, wordsOf(family));
    return (runs.labels[at] as number) > this.#lists.allowing;
  }

  /** The rule and the entry of a label; −1 for an exemption or nobody. */
  #placeOf(label: number): readonly [rule: number, entry: number] {
    const index = label - this.#lists.exempt.size - 1;
    return index < 0 ? [-1, index] : this.#lists.locate(index);
  }

  /** What rules with another verdict decide; all else is labelled 0. */
  #opposing(mode: RuleList['mode']): FamilyRuns {
    const { allowing, exempt } = this.#lists;
    const isOpposing = (label: number): boolean =>
      label > exempt.size && (mode === 'allow' ? label > allowing : label <= allowing);
    const opposing = (family: Family, runs: Runs): Runs =>
      combineRuns(family, runs, NOTHING, (label) => (isOpposing(label) ? label : 0));
    this.#opposed[mode] ??= { ipv4: opposing(4, this.#decided.ipv4), ipv6: opposing(6, this.#decided.ipv6) };
    return this.#opposed[mode];
  }

  readonly #opposed: { allow?: FamilyRuns; deny?: FamilyRuns } = Object.create(null);
}

/** Whether an entry of a list takes part. */
export type Counts = (table: EntryTable, index: number) => boolean;

interface Ranked {
  readonly runs: FamilyRuns;
  readonly placeOf: (label: number) => readonly [rule: number, entry: number];
}

/** Runs in which nobody decides. */
const NOTHING: Runs = { count: 1, starts: new Int32Array(4), labels: new Int32Array(1) };

/** What lists decide about clients, none of which has an address in the IPv4-mapped block. */
function decideClients(lists: RuleLists, counts: Counts): FamilyRuns {
  const { ipv4, ipv6 } = lists.decideRuns((label) => label, counts);
  return { ipv4, ipv6: combineRuns(6, ipv6, MAPPED_BLOCK, (label, block) => (block === 1 ? 0 : label)) };
}

/** Whether no address has a label in both. */
export function areDisjoint(left: FamilyRuns, right: FamilyRuns): boolean {
  let isDisjoint = true;
  eachOverlap(left, right, (_, label) => {
    if (label !== 0) isDisjoint = false;
    return isDisjoint;
  });
  return isDisjoint;
}

/** Visits the labels of what lies over each run that is not labelled 0, until `visit` returns `false`: then the next run. */
function eachOverlap(
  own: FamilyRuns,
  other: FamilyRuns,
  visit: (ownLabel: number, label: number) => boolean,
): void {
  eachOverlapIn(wordsOf(4), own.ipv4, other.ipv4, visit);
  eachOverlapIn(wordsOf(6), own.ipv6, other.ipv6, visit);
}

function eachOverlapIn(
  width: number,
  own: Runs,
  other: Runs,
  visit: (ownLabel: number, label: number) => boolean,
): void {
  for (let run = 0; run < own.count; run++) {
    const label = own.labels[run] as number;
    if (label === 0) continue;
    let at = lastAtOrBefore(other.starts, other.count, own.starts, run, width);
    while (visit(label, other.labels[at] as number)) {
      at++;
      if (at >= other.count) break;
      if (run + 1 < own.count && compareAt(other.starts, at, own.starts, run + 1, width) >= 0) break;
    }
  }
}

/** The position that stands for the exemptions. */
export const EXEMPTIONS = -1;

/** Says which rules decide in place of an entry. */
export function describeDeciders(
  rules: readonly RuleList[],
  { rules: deciders, isPartial }: Deciders,
  order: RuleOrder,
): string {
  const sorted = [...deciders].filter((rule) => rule !== EXEMPTIONS).sort((left, right) => left - right);
  const names = sorted.length === 0 ? [] : [nameRules(sorted.map((rule) => rules[rule] as RuleList))];
  if (deciders.has(EXEMPTIONS)) names.unshift('the exemptions');
  if (isPartial) names.push('others');
  const all = names.join(' and ');
  if (order === 'most-specific')
    return `entries of ${all} that are as specific, or more so, decide about all of its clients`;
  const isOne = names.length === 1 && sorted.length === 1;
  return `${all} ${isOne ? 'covers' : 'cover'} all of its clients first`;
}

/** Says which rules come first, with one of the entries by which they do. */
export function describeConflicts(rules: readonly RuleList[], conflicts: readonly Conflict[]): string {
  const sorted = [...conflicts].sort((left, right) => left.earlier - right.earlier);
  const [{ earlier, entry }] = sorted as [Conflict];
  const { table, mode } = rules[earlier] as RuleList;
  const isPartial = conflicts.some((conflict) => conflict.isPartial);
  const names = nameRules(sorted.map((conflict) => rules[conflict.earlier] as RuleList));
  const others = isPartial ? ' and others' : '';
  const verb = sorted.length === 1 && !isPartial ? (mode === 'allow' ? 'allows' : 'denies') : mode;
  const example = `such as those of line ${table.line(entry)} (${table.text(entry)})`;
  return `its place counts: ${names}${others} ${verb} some of its clients first, ${example}`;
}
