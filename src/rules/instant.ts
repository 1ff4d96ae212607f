/**
 * A policy at another instant: the same lists, with the entries that count then.
 *
 * Nothing is parsed again but the entries themselves, and nothing is asked of those who gave the lists: a policy keeps all
 * of its entries, those that have ended and those that have not begun among them.
 */

import { warnOfEntry, warnOfRepetitions } from '../list/reader.ts';
import { EntryTable } from '../list/table.ts';
import { nextChange } from '../list/times.ts';
import { openListProblem, WarningColumns } from '../list/warnings.ts';
import { buildTree, makePolicy, type Policy, type PolicyLists } from '../policy/policy.ts';
import { labelRunsOf, requireLists } from '../policy/verdicts.ts';
import { findRepetitions, ListIntervals } from '../space/intervals.ts';
import type { Runs } from '../space/runs.ts';
import { RuleLists } from './lists.ts';
import { describerOf } from './rules.ts';

/** The lists of a policy, by the names that problems call them. */
export type PlacedTables = readonly (readonly [source: string, table: EntryTable])[];

/**
 * Makes a policy for another instant, which decides as one that `createPolicy` or `createRules` would make of the same
 * lists with the option `at`. A policy without times is for all instants, and is returned itself.
 *
 * Guards are not tested again, as they have let in these lists. An allow list whose entries have all ended denies
 * everybody.
 *
 * @param policy - made by this package
 * @param at - milliseconds since 1970
 * @throws ListError with `too-many-entries` when the tree would be too large
 */
export function policyAt(policy: Policy, at: number): Policy {
  const lists = requireLists(policy, 'policy', 'policyAt');
  if (!hasTimes(lists)) return policy;
  const exempt = tableAt(lists.exempt, at);
  const active =
    lists.active instanceof EntryTable
      ? tableAt(lists.active, at)
      : rulesAt(lists.active as RuleLists, exempt, at);
  const runs = labelRunsOf({ exempt, active }, (label) => label);
  const moved: PolicyLists = {
    mode: lists.mode,
    allowing: lists.allowing,
    radix: buildTree<Runs>([runs.ipv4, runs.ipv6], (family) => family),
    unlisted: lists.unlisted,
    exempt,
    active,
  };
  const tables = tablesOf(moved);
  const isOpen = moved.unlisted.reason === 'empty-list' && moved.unlisted.verdict === 'allow';
  const first = isOpen && moved.mode === 'allow' ? [openListProblem()] : [];
  const read = tables.map(([source, table]) => ({ source, reading: { table, warnings: warningsOf(table) } }));
  let count = first.length;
  for (const { reading } of read) count += reading.warnings.size;
  const describe = describerOf(read);
  const noGuards = { mustAllow: undefined, mustDeny: undefined };
  return makePolicy(moved, noGuards, changeAfter(tables, at), count, () => [...first, ...describe()]);
}

/** The instant for which a policy was made, in milliseconds since 1970; `undefined` when nothing in it begins or ends. */
export function instantOf(policy: Policy): number | undefined {
  const tables = tablesOf(requireLists(policy, 'policy', 'instantOf'));
  return tables.find(([, table]) => table.instant !== undefined)?.[1].instant;
}

/** Whether an entry begins or ends. */
export function hasTimes(lists: PolicyLists): boolean {
  return tablesOf(lists).some(([, table]) => table.instant !== undefined);
}

/** All lists of a policy: the active one or those of the rules, and then the exemptions. */
export function tablesOf({ exempt, active }: PolicyLists): PlacedTables {
  const last = ['exempt', exempt] as const;
  if (active instanceof EntryTable) return [[active.list, active], last];
  const ofRules = (active as RuleLists).rules.flatMap(({ place, mode, table, except }) => {
    const own = [`${place}.${mode}`, table] as const;
    return except === undefined ? [own] : [own, [`${place}.except`, except] as const];
  });
  return [...ofRules, last];
}

/** The same entries at another instant. A table without times is for all instants. */
function tableAt(table: EntryTable, at: number): EntryTable {
  return table.instant === undefined ? table : table.at(at);
}

function rulesAt(active: RuleLists, exempt: EntryTable, at: number): RuleLists {
  const rules = active.rules.map((rule) => ({
    ...rule,
    table: tableAt(rule.table, at),
    except: rule.except && tableAt(rule.except, at),
  }));
  return new RuleLists(exempt, rules, active.order);
}

/** The warnings of the entries that count at the instant of their table. */
export function warningsOf(table: EntryTable): WarningColumns {
  const warnings = new WarningColumns();
  const intervals = new ListIntervals();
  for (let index = 0; index < table.size; index++) {
    table.read(index, (isPartOfName) => {
      intervals.add(index, isPartOfName);
      warnOfEntry(warnings, index);
    });
  }
  warnOfRepetitions({ table, warnings }, findRepetitions(intervals.sort(), table.size));
  return warnings;
}

/** The next instant at which an entry begins or ends; Infinity when there is none. */
export function changeAfter(tables: PlacedTables, at: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const [, table] of tables) {
    if (table.instant === undefined) continue;
    for (let index = 0; index < table.size; index++) {
      const times = table.times(index);
      if (times !== undefined) next = Math.min(next, nextChange(times, at));
    }
  }
  return next;
}
