/**
 * A decision by rules, explained in one sentence: which rule decided, and what the others would have said.
 */

import type { Entry, EntryTable, Mode } from '../list/table.ts';
import type { Decision } from '../policy/decision.ts';
import { nameEntry, type PlacedEntry } from '../policy/explanation.ts';
import { quote } from '../problem/say.ts';
import type { RuleOrder } from './input.ts';

/** A rule, read. */
export interface RuleList {
  /** Where it is: `rules[2]`. */
  readonly place: string;
  readonly name: string | undefined;
  /** Whether an entry of another rule would say that it is of the same. */
  readonly isAmbiguous: boolean;
  readonly mode: Mode;
  readonly table: EntryTable;
  readonly except: EntryTable | undefined;
}

/** What a rule says about a client that its list covers. */
interface Opinion {
  readonly rule: RuleList;
  /** The most specific entry of its `except` that takes the client out, if there is one. */
  readonly except: PlacedEntry | undefined;
}

/**
 * Says why rules decide as they do.
 *
 * @param covering - the entries that cover the client, most specific first; or none, to leave out what the others would say
 */
export function whyOfRules(
  decision: Decision,
  rules: readonly RuleList[],
  order: RuleOrder,
  covering: readonly PlacedEntry[],
): string {
  const opinions = opinionsOf(rules, covering);
  const holding = opinions.filter(({ except }) => except === undefined).map(({ rule }) => rule);
  const decider = decision.reason === 'listed' ? findDecider(holding, order, covering) : undefined;
  const others = holding.filter((rule) => rule !== decider);
  const clauses = [nameReason(decision, rules, decider)];
  const opposite = decision.verdict === 'allow' ? 'deny' : 'allow';
  for (const mode of [opposite, decision.verdict] as const) {
    const alike = others.filter((rule) => rule.mode === mode);
    const too = mode === decision.verdict ? ', too' : '';
    if (alike.length > 0) clauses.push(`${nameRules(alike)} would ${mode} it${too}`);
  }
  return [...clauses, ...exceptClauses(opinions)].join('; ');
}

/** Of the rules that cover the client, the first one, or the one with the first covering entry. */
function findDecider(
  holding: readonly RuleList[],
  order: RuleOrder,
  covering: readonly PlacedEntry[],
): RuleList | undefined {
  if (order === 'first-match') return holding.at(0);
  const byTable = new Map(holding.map((rule) => [rule.table, rule]));
  const found = covering.find(({ table }) => byTable.has(table));
  return found && byTable.get(found.table);
}

function opinionsOf(rules: readonly RuleList[], covering: readonly PlacedEntry[]): Opinion[] {
  const firstOf = new Map<EntryTable, PlacedEntry>();
  for (const found of covering) if (!firstOf.has(found.table)) firstOf.set(found.table, found);
  return rules
    .filter(({ table }) => firstOf.has(table))
    .map((rule) => ({ rule, except: rule.except && firstOf.get(rule.except) }));
}

function nameReason(decision: Decision, rules: readonly RuleList[], decider: RuleList | undefined): string {
  switch (decision.reason) {
    case 'exempt':
      return `${nameEntry(decision.entry)} of the exemptions covers it, whatever the rules say`;
    case 'listed': {
      const rule = decider === undefined ? nameByEntry(decision.entry, rules) : nameRule(decider);
      return `${nameEntry(decision.entry)} of ${rule} covers it`;
    }
    default: {
      const others = `otherwise clients are ${decision.verdict === 'allow' ? 'allowed' : 'denied'}`;
      return rules.length === 0 ? `there are no rules, and ${others}` : `no rule covers it, and ${others}`;
    }
  }
}

/** More rules than these are counted, not named. */
const NAMED_RULES = 4;

/** What the rules would say whose `except` takes the client out. */
function exceptClauses(opinions: readonly Opinion[]): string[] {
  const left = opinions.filter(({ except }) => except !== undefined);
  const clauses = left.slice(0, NAMED_RULES).map(({ rule, except }) => {
    const { table, index } = except as PlacedEntry;
    return `${nameRule(rule)} would ${rule.mode} it but for ${nameEntry(table.entry(index))} of its except`;
  });
  const more = left.length - clauses.length;
  if (more > 0) clauses.push(`the except of ${more} more ${more === 1 ? 'rule' : 'rules'} takes it out`);
  return clauses;
}

/** Names several rules. */
export function nameRules(rules: readonly RuleList[]): string {
  const names = rules.slice(0, NAMED_RULES).map(nameRule);
  const more = rules.length - names.length;
  if (more > 0) names.push(`${more} more`);
  const last = names.pop() as string;
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}

/** Names a rule, by its place as well where others have its name. */
export function nameRule({ place, name, isAmbiguous }: RuleList): string {
  if (name === undefined) return place;
  return `the rule ${quote(name)}${isAmbiguous ? ` (${place})` : ''}`;
}

/** Names the rule of an entry that says which it is. */
function nameByEntry({ rule }: Entry, rules: readonly RuleList[]): string {
  const found = rules.find(({ place, name }) => (name ?? place) === rule);
  return found === undefined || found.isAmbiguous ? `the rule ${quote(rule ?? '')}` : nameRule(found);
}
