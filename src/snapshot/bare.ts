/**
 * A policy without its entries: the verdicts and reasons of all clients are in its tree.
 *
 * Labels are 1 for what the exemptions allow, and after that one for the lists that allow, if there are any, and one for
 * those that deny.
 */

import { type Entry, EntryTable, type Mode } from '../list/table.ts';
import type { Decision } from '../policy/decision.ts';
import { whyOfList } from '../policy/explanation.ts';
import type { JoinedTable, PolicyLists } from '../policy/policy.ts';
import { labelRunsOf } from '../policy/verdicts.ts';
import type { FamilyRuns } from '../space/runs.ts';
import type { Radix } from '../tree/radix.ts';
import { unfold } from '../tree/unfold.ts';
import { settle } from './tree.ts';

/** The label of every client that an exemption allows. */
const EXEMPT = 1;

/** Exemptions without their entries: one label stands for all of them. */
export class BareTable extends EntryTable {
  /** The number of entries. */
  readonly exemptions: number;

  constructor(exemptions: number) {
    super('exempt', '', EXEMPT, []);
    this.exemptions = exemptions;
  }

  override entry(): Entry {
    return noEntry;
  }

  override read(): void {}
}

/** What decides has no entry to show. */
const noEntry = undefined as unknown as Entry;

/** Lists without their entries. */
export class BareLists implements JoinedTable {
  readonly size: number;
  readonly mode: Mode;
  /** Whether they are those of rules. */
  readonly isRules: boolean;
  readonly tables: readonly EntryTable[] = [];
  /** There are none to look at. */
  readonly rules: readonly [] = [];
  readonly #radix: Radix;

  constructor(size: number, mode: Mode, isRules: boolean, radix: Radix) {
    this.size = size;
    this.mode = mode;
    this.isRules = isRules;
    this.#radix = radix;
  }

  entry(): Entry {
    return noEntry;
  }

  inOrder(): Iterable<number> {
    return [];
  }

  whyOf(decision: Decision): string {
    const { reason, verdict } = decision;
    const whose = this.isRules ? 'the rules say' : `the ${this.mode} list says`;
    const without = '; which one is not known, as the policy was stored without its entries';
    if (reason === 'exempt') return `an exemption covers it, whatever ${whose}${without}`;
    if (reason === 'listed')
      return `an entry of ${this.isRules ? 'a rule' : `the ${this.mode} list`} covers it${without}`;
    if (!this.isRules) return whyOfList(decision, this.mode);
    return `no rule covers it, and otherwise clients are ${verdict === 'allow' ? 'allowed' : 'denied'}`;
  }

  decideRuns(relabel: (label: number) => number): FamilyRuns {
    return unfold(settle(this.#radix), (label) => (label === 0 ? 0 : relabel(label)));
  }
}

/** The same verdicts and reasons without entries: the runs of the whole space, and the label up to which they allow. */
export function withoutEntries(lists: PolicyLists): { readonly runs: FamilyRuns; readonly allowing: number } {
  const { exempt, allowing } = lists;
  const ofLists = allowingLabel(allowing > exempt.size);
  const runs = labelRunsOf(lists, (label) => {
    if (label <= exempt.size) return EXEMPT;
    return label <= allowing ? EXEMPT + 1 : ofLists + 1;
  });
  return { runs, allowing: ofLists };
}

/** The label up to which they allow. */
export function allowingLabel(allows: boolean): number {
  return allows ? EXEMPT + 1 : EXEMPT;
}

/**
 * The smallest and the largest label besides 0: that of the exemptions, if there are any, and that of one list, or that of
 * the rules that deny after those that allow, if these have entries.
 */
export function labelsOf(
  exemptions: number,
  size: number,
  isRules: boolean,
  allows: boolean,
): readonly [number, number] {
  const ofLists = isRules && allows ? 2 : 1;
  return [exemptions > 0 ? EXEMPT : EXEMPT + 1, EXEMPT + (size > 0 ? ofLists : 0)];
}
