/**
 * What is to be written: every address with a label, and the value that each label stands for.
 */

import { type Loss, timesLossOf } from '../exchange/loss.ts';
import { type Entry, EntryTable } from '../list/table.ts';
import type { Policy, PolicyLists } from '../policy/policy.ts';
import { labelRunsOf } from '../policy/verdicts.ts';
import type { FamilyRuns } from '../space/runs.ts';
import { ValueWriter } from './values.ts';

/** Addresses with labels, and the values of these. */
export interface Labelled {
  /** Labels from 1 are those of an entry that decides; 0 stands for nobody. */
  readonly runs: FamilyRuns;
  readonly values: ValueWriter;
  /** The number of the value of a label, or −1 for none. */
  numberOf(label: number): number;
  /** Whether two labels say the same to those who ask. */
  agree(left: number, right: number): boolean;
  /** What the entry of a label is called in a loss, and the entry where it is one of a policy. */
  nameOf(label: number): readonly [name: string, entry: Entry | undefined];
  readonly losses: Loss[];
}

/** More than the labels of a policy without its entries. */
const FEW_LABELS = 8;

/** No number of a value, and not −1, which stands for none. */
const UNKNOWN = -2;

/** What a policy says about every address: a verdict, and the note of the entry that decides. */
export function labelPolicy(
  policy: Policy,
  lists: PolicyLists,
  { listedOnly, notes }: { readonly listedOnly: boolean; readonly notes: boolean },
): Labelled {
  const { exempt, active, allowing, unlisted } = lists;
  const values = new ValueWriter();
  // Without its entries, a policy has a few labels of its own.
  const numbers = new Int32Array(exempt.size + active.size + FEW_LABELS).fill(UNKNOWN);
  const byText = new Map<string, number>();
  const verdictOf = (label: number): string | undefined => {
    if (label === 0) return listedOnly ? undefined : unlisted.verdict;
    return label <= allowing ? 'allow' : 'deny';
  };
  const makeNumber = (label: number): number => {
    const verdict = verdictOf(label);
    if (verdict === undefined) return -1;
    const note = notes && label > 0 ? noteOf(lists, label) : undefined;
    // Many entries share a note or have none.
    const key = `${verdict} ${note ?? ''}`;
    const known = byText.get(key);
    if (known !== undefined) return known;
    const number = values.number(note === undefined ? { verdict } : { verdict, note });
    byText.set(key, number);
    return number;
  };
  const timesLoss = timesLossOf(policy, 'file');
  return {
    runs: labelRunsOf(lists, (label) => label),
    values,
    numberOf(label) {
      if (numbers[label] === UNKNOWN) numbers[label] = makeNumber(label);
      return numbers[label] as number;
    },
    agree: (left, right) => verdictOf(left) === verdictOf(right),
    nameOf(label) {
      const entry = label <= exempt.size ? exempt.entry(label - 1) : active.entry(label - exempt.size - 1);
      return [(entry as Entry | undefined)?.canonical ?? 'an entry', entry];
    },
    losses: timesLoss === undefined ? [] : [timesLoss],
  };
}

/** The note of the entry of a label; `undefined` also for a policy without its entries. */
function noteOf({ exempt, active }: PolicyLists, label: number): string | undefined {
  const isExempt = label <= exempt.size;
  const table = isExempt ? exempt : active;
  const index = isExempt ? label - 1 : label - exempt.size - 1;
  // Cheaper than the entry. A table without its entries has no places.
  if (table instanceof EntryTable && index < table.places.length) return table.note(index);
  return (table.entry(index) as Entry | undefined)?.note;
}
