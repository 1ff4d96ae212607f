/**
 * The policy before a change and the one after it, for `diff` and `impact`.
 *
 * Options without `before-` or `after-` are for both. One that no side can use is an error, as the person who wrote it
 * expects it to count.
 */

import type { Policy } from '../policy/policy.ts';
import type { ValuesOf } from './command.ts';
import { type CommandError, usageError } from './exit.ts';
import type { ImportValues } from './imports.ts';
import type { Notices } from './notices.ts';
import { type changeOptions, policyKinds, type Side } from './options.ts';
import { type PolicyValues, readPolicy, refuseStray } from './policies.ts';

/** What says which policies are meant. */
export type ChangeValues = ValuesOf<typeof changeOptions>;

/** Something before the change, and the same after it. */
export interface Sides<Value> {
  readonly before: Value;
  readonly after: Value;
}

export const sideNames = ['before', 'after'] as const satisfies readonly Side[];

/** Reads both policies. */
export async function readSides(values: ChangeValues, notices: Notices): Promise<Sides<Policy>> {
  const [before, after] = [valuesOf(values, 'before'), valuesOf(values, 'after')];
  if (isNowhere(before) && isNowhere(after))
    throw usageError('Name the policy before and the one after, such as --before-allow A --after-allow B.');
  requireUse(values, { before, after });
  const sides = {
    before: await readPolicy(before, notices, 'before-'),
    after: await readPolicy(after, notices, 'after-'),
  };
  sayWhatIsLater(sides, notices);
  return sides;
}

/** An entry that begins tomorrow changes nothing now, and everything then. */
function sayWhatIsLater({ before, after }: Sides<Policy>, notices: Notices): void {
  const changes = [before.changesAt, after.changesAt].filter((at) => at !== undefined);
  if (changes.length === 0) return;
  const next = new Date(Math.min(...changes.map(Number))).toJSON();
  notices.say(`ipverdict: Entries begin or end later, next at ${next}: --at ${next} compares for then.`);
}

function isNowhere(side: PolicyValues): boolean {
  return policyKinds.every((kind) => side[kind] === undefined);
}

/** The options of one side, without the names of the side, and with those for both that it can use. */
export function valuesOf(values: ChangeValues, side: Side): PolicyValues {
  for (const name of ['exempt', 'when-empty', 'from'] as const) {
    if (values[name] !== undefined && values[`${side}-${name}`] !== undefined)
      throw usageError(`--${name} is for both sides, so it cannot be given beside --${side}-${name}.`);
  }
  const policy = values[`${side}-policy`];
  const rules = values[`${side}-rules`];
  const isSnapshot = policy !== undefined;
  const isList = !isSnapshot && rules === undefined;
  const from = values[`${side}-from`] ?? (isSnapshot ? undefined : values.from);
  // What is about files of other programs is for the side that has one.
  const ofImport = <Value>(value: Value): Value | undefined => (from === undefined ? undefined : value);
  if (isSnapshot && values.exempt !== undefined)
    throw usageError(`--exempt is for both sides, but --${side}-policy is a snapshot, which is complete.`);
  return {
    allow: values[`${side}-allow`],
    deny: values[`${side}-deny`],
    rules,
    policy,
    exempt: values[`${side}-exempt`] ?? values.exempt,
    'when-empty': values[`${side}-when-empty`] ?? (isList ? values['when-empty'] : undefined),
    'max-entries': isSnapshot ? undefined : values['max-entries'],
    at: values.at,
    from,
    select: from === undefined ? [] : values.select,
    set: ofImport(values.set),
    listed: ofImport(values.listed),
    'made-at': ofImport(values['made-at']),
    comment: ofImport(values.comment),
    includes: ofImport(values.includes),
  };
}

/** Refuses an option for both sides that neither of them can use. */
function requireUse(values: ChangeValues, { before, after }: Sides<PolicyValues>): void {
  for (const name of ['when-empty', 'max-entries', 'from'] as const) {
    if (values[name] !== undefined && before[name] === undefined && after[name] === undefined)
      throw useless(name, name === 'when-empty' ? 'no side is a list' : 'both sides are snapshots');
  }
  requireImport(values, [before, after]);
}

/** Refuses options about files of other programs where no file is one. */
export function requireImport(values: ImportValues, lists: readonly Pick<ImportValues, 'from'>[]): void {
  if (lists.every(({ from }) => from === undefined)) refuseStray({ ...values, from: undefined });
}

function useless(name: string, why: string): CommandError {
  return usageError(`--${name} means nothing here, as ${why}: leave it out.`);
}
