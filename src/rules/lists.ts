/**
 * The lists of rules once they are read: which entry a label stands for, and everything that a policy is asked about
 * them later.
 */

import type { Entry, EntryTable } from '../list/table.ts';
import type { Decision } from '../policy/decision.ts';
import type { PlacedEntry } from '../policy/explanation.ts';
import type { JoinedTable } from '../policy/policy.ts';
import { locate } from '../space/locate.ts';
import type { FamilyRuns, Runs } from '../space/runs.ts';
import { type RuleList, whyOfRules } from './explanation.ts';
import type { CheckedRule, RuleOrder } from './input.ts';
import { decideRules, type RuleNumbers, RuleSpace } from './space.ts';

/**
 * Entries are numbered in the order of the lists, the exemptions first. Labels number them from 1, those of rules that
 * allow before those of rules that deny.
 */
export class RuleLists implements JoinedTable {
  readonly size: number;
  readonly exempt: EntryTable;
  readonly rules: readonly RuleList[];
  /** Labels up to this one allow. */
  readonly allowing: number;
  readonly order: RuleOrder;
  /** The rules in the order of their labels, and the index of the first entry of each. */
  readonly #sorted: readonly number[];
  readonly #starts: Int32Array;
  /** The index of the first entry of each rule, in the order of the rules. */
  readonly #startOf: Int32Array;

  constructor(exempt: EntryTable, rules: readonly RuleList[], order: RuleOrder) {
    this.exempt = exempt;
    this.rules = rules;
    this.order = order;
    const sorted = [...rules.keys()].sort(
      (left, right) => Number(rules[left]?.mode === 'deny') - Number(rules[right]?.mode === 'deny'),
    );
    this.#sorted = sorted;
    this.#starts = new Int32Array(rules.length);
    this.#startOf = new Int32Array(rules.length);
    let start = 0;
    let allowing = exempt.size;
    sorted.forEach((rule, at) => {
      const { mode, table } = rules[rule] as RuleList;
      this.#starts[at] = start;
      this.#startOf[rule] = start;
      start += table.size;
      if (mode === 'allow') allowing = exempt.size + start;
    });
    this.size = start;
    this.allowing = allowing;
  }

  entry(index: number): Entry {
    const [rule, entry] = this.locate(index);
    return (this.rules[rule] as RuleList).table.entry(entry);
  }

  /** The rule of an entry, by its position, and the index of the entry in its list. */
  locate(index: number): readonly [rule: number, entry: number] {
    const at = locate(this.#starts.length, (table) => (this.#starts[table] as number) <= index);
    return [this.#sorted[at] as number, index - (this.#starts[at] as number)];
  }

  *inOrder(): Iterable<number> {
    for (const [rule, { table }] of this.rules.entries()) {
      for (let index = 0; index < table.size; index++) yield (this.#startOf[rule] as number) + index;
    }
  }

  get tables(): readonly EntryTable[] {
    const ofRules = this.rules.flatMap(({ table, except }) =>
      except === undefined ? [table] : [table, except],
    );
    return [this.exempt, ...ofRules];
  }

  whyOf(decision: Decision, covering: readonly PlacedEntry[] = []): string {
    return whyOfRules(decision, this.rules, this.order, covering);
  }

  /** @param counts - whether an entry takes part, if not all of them do */
  decideRuns(
    relabel: (label: number) => number,
    counts: (table: EntryTable, index: number) => boolean = () => true,
  ): FamilyRuns {
    const space = new RuleSpace();
    let owner = 0;
    const addAll = (table: EntryTable, into: RuleSpace['whole']): void => {
      for (let index = 0; index < table.size; index++, owner++) {
        if (counts(table, index)) table.read(index, (isPartOfName) => into.add(owner, isPartOfName));
      }
    };
    addAll(this.exempt, space.whole);
    for (const { table, except } of this.rules) {
      if (except === undefined) {
        addAll(table, space.whole);
        continue;
      }
      const next = owner + table.size;
      const cut = space.cut(owner);
      for (const [list, into] of [
        [table, cut.own],
        [except, cut.except],
      ] as const) {
        owner = 0;
        addAll(list, into);
      }
      owner = next;
    }
    const numbers = this.number();
    const labelOf = this.labeller(numbers);
    const sorted = space.sort();
    const decide = (index: 0 | 1): Runs =>
      decideRules(sorted, index, numbers, (entry) => relabel(labelOf(entry)));
    return { ipv4: decide(0), ipv6: decide(1) };
  }

  /** How the entries are numbered. Not kept, as it takes four bytes for each. */
  number(): RuleNumbers {
    const exemptions = this.exempt.size;
    const listOf = new Int32Array(exemptions + this.size);
    let start = exemptions;
    this.rules.forEach(({ table }, rule) => {
      listOf.fill(rule + 1, start, start + table.size);
      start += table.size;
    });
    return { listOf, exemptions, order: this.order };
  }

  /** The label of each entry, by its number. */
  labeller({ listOf }: RuleNumbers): (entry: number) => number {
    const shifts = new Int32Array(this.rules.length + 1).fill(1);
    let start = 0;
    this.rules.forEach(({ table }, rule) => {
      shifts[rule + 1] = (this.#startOf[rule] as number) - start + 1;
      start += table.size;
    });
    return (entry) => entry + (shifts[listOf[entry] as number] as number);
  }
}

/** A list that has been read. */
interface PlacedTable {
  readonly reading: { readonly table: EntryTable };
}

/** Rules whose lists are read. From now on their entries say which rule they belong to. */
export function toRuleLists(
  rules: readonly {
    readonly checked: Pick<CheckedRule, 'place' | 'name' | 'mode'>;
    readonly list: PlacedTable;
    readonly except: PlacedTable | undefined;
  }[],
): RuleList[] {
  const counts = new Map<string, number>();
  for (const { checked } of rules) counts.set(labelOf(checked), (counts.get(labelOf(checked)) ?? 0) + 1);
  return rules.map(({ checked, list, except }) => {
    const { place, name, mode } = checked;
    const label = labelOf(checked);
    const tables = { table: list.reading.table, except: except?.reading.table };
    for (const table of [tables.table, tables.except]) if (table !== undefined) table.rule = label;
    return { place, name, isAmbiguous: (counts.get(label) as number) > 1, mode, ...tables };
  });
}

function labelOf({ name, place }: Pick<CheckedRule, 'place' | 'name'>): string {
  return name ?? place;
}
