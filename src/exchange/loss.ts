/**
 * What cannot be written of a policy.
 */

import type { Entry } from '../list/table.ts';
import type { Policy } from '../policy/policy.ts';

/** What a format cannot say of a policy. Plain frozen data. */
export interface Loss {
  /** What kind of loss it is, in kebab-case; see `docs/formats.md`. */
  readonly code: string;
  /** What is lost, as one English sentence. */
  readonly message: string;
  /** The entry that it is about, where it is about one. */
  readonly entry?: Entry;
}

export function makeLoss(code: string, message: string, entry?: Entry): Loss {
  return Object.freeze(entry === undefined ? { code, message } : { code, message, entry });
}

/**
 * The loss of a policy whose entries begin or end, where a target keeps no times; `undefined` where nothing changes.
 *
 * @param target - what is written: `text` or `file`
 */
export function timesLossOf({ changesAt }: Policy, target: string): Loss | undefined {
  if (changesAt === undefined) return undefined;
  const message = `entries begin or end, next at ${changesAt.toJSON()}: the ${target} says what counts before that instant`;
  return makeLoss('times-dropped', message);
}
