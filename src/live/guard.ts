/**
 * What must hold before an update takes effect, and the error when it does not.
 */

import type { Policy } from '../policy/policy.ts';
import { labelRunsOf, requireLists } from '../policy/verdicts.ts';
import { anything, type Kind, type ValuesOf } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { RuleLists } from '../rules/lists.ts';
import type { FamilyRuns } from '../space/runs.ts';
import { combineSets, isEmptySet, isShareWithin, largerShare } from '../space/set.ts';

/** Which guard of an update does not hold. Each code has a heading in `docs/errors.md`. */
export type UpdateErrorCode = 'version-conflict' | 'too-much-lost' | 'would-be-empty';

/**
 * An update is not what it was meant to be, and has not happened: the live policy is as it was. What is wrong with a list
 * or an option, and clients that the new policy must allow or deny, are a `ListError`.
 *
 * @example
 * ```ts
 * import { createLivePolicy, UpdateError } from 'ipverdict/live';
 *
 * const live = createLivePolicy({ deny: '192.0.2.0/24' });
 * try {
 *   live.update({ deny: '192.0.2.7' }, { maxLoss: 0.5 });
 * } catch (error) {
 *   if (!(error instanceof UpdateError)) throw error;
 *   error.code; // 'too-much-lost'
 *   error.message; // '255 of 256 listed IPv4 addresses would cease to be listed, and maxLoss is 0.5'
 * }
 * live.allows('192.0.2.9'); // false
 * ```
 */
export class UpdateError extends Error {
  /** `'UpdateError'`. */
  override readonly name: string = 'UpdateError';
  /** The guard that does not hold, in kebab-case; see `docs/errors.md`. */
  readonly code: UpdateErrorCode;

  /** @internal */
  constructor(code: UpdateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What must hold for the new policy; otherwise the update throws, and the old one stays. */
export interface UpdateGuard {
  /** Clients that the new policy must allow. */
  readonly mustAllow?: Iterable<string> | undefined;
  /** Clients that the new policy must deny. */
  readonly mustDeny?: Iterable<string> | undefined;
  /** The version that the update is meant for, as one of {@link LivePolicy.version}; `version-conflict` when it is past. */
  readonly ifVersion?: number | undefined;
  /**
   * The largest share, from 0 to 1, of the listed addresses that may cease to be listed; `too-much-lost` beyond that. An
   * address is listed when an entry of the list decides about it. Each family counts for itself, and newcomers make up
   * for nothing. A list of the other mode loses everything.
   */
  readonly maxLoss?: number | undefined;
  /**
   * Whether the new list may have no entry, of whatever time; `true` when not given. Of rules, whether all lists together
   * may have none.
   */
  readonly mayBeEmpty?: boolean | undefined;
}

const versionKind: Kind<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? undefined
    : `must be a version: a whole number, got ${describeValue(value)}`;

/** An option that is a share. */
export const shareKind: Kind<number> = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1
    ? undefined
    : `must be a share from 0 to 1, got ${describeValue(value)}`;

/** An option that is true or false. */
export const truthKind: Kind<boolean> = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${describeType(value)}`;

/** A number itself says more than that it is one. */
export function describeValue(value: unknown): string {
  return typeof value === 'number' ? `${value}` : describeType(value);
}

export const guardKinds: {
  readonly mustAllow: Kind<unknown>;
  readonly mustDeny: Kind<unknown>;
  readonly ifVersion: Kind<number>;
  readonly maxLoss: Kind<number>;
  readonly mayBeEmpty: Kind<boolean>;
} = {
  mustAllow: anything,
  mustDeny: anything,
  ifVersion: versionKind,
  maxLoss: shareKind,
  mayBeEmpty: truthKind,
};

/**
 * Compares the new policy with the one that it would replace.
 *
 * @param version - that of the old one
 * @throws UpdateError for the first guard that does not hold
 */
export function checkUpdate(
  before: Policy,
  after: Policy,
  version: number,
  {
    ifVersion,
    mayBeEmpty,
    maxLoss,
  }: Pick<ValuesOf<typeof guardKinds>, 'ifVersion' | 'mayBeEmpty' | 'maxLoss'>,
): void {
  if (ifVersion !== undefined && ifVersion !== version) {
    const message = `the update is meant for version ${ifVersion}, and the policy is at version ${version}`;
    throw new UpdateError('version-conflict', message);
  }
  if (mayBeEmpty === false && after.size === 0)
    throw new UpdateError(
      'would-be-empty',
      `the new ${after.mode} list has no entries, and mayBeEmpty is false`,
    );
  if (maxLoss !== undefined) checkLoss(before, after, maxLoss);
}

function checkLoss(before: Policy, after: Policy, maxLoss: number): void {
  if (before.mode !== after.mode) {
    if (before.size === 0 || maxLoss === 1) return;
    const message = `${nameOf(after)} would replace ${nameOf(before)}, all of which counts as lost, and maxLoss is ${maxLoss}`;
    throw new UpdateError('too-much-lost', message);
  }
  const listed = listedRunsOf(before);
  const lost = combineSets(listed, listedRunsOf(after), (was, is) => was > is);
  if (isEmptySet(lost)) return;
  const share = largerShare(lost, listed);
  if (isShareWithin(share, maxLoss)) return;
  const { family, part, whole } = share;
  const message = `${part} of ${whole} listed IPv${family} addresses would cease to be listed, and maxLoss is ${maxLoss}`;
  throw new UpdateError('too-much-lost', message);
}

/** The other mode of rules is another verdict for those that no rule decides about. */
function nameOf(policy: Policy): string {
  return requireLists(policy, 'policy', 'update').active instanceof RuleLists
    ? `rules with otherwise "${policy.mode === 'allow' ? 'deny' : 'allow'}"`
    : `the ${policy.mode} list`;
}

/** The addresses about which an entry of the list decides, labelled 1. */
function listedRunsOf(policy: Policy): FamilyRuns {
  const lists = requireLists(policy, 'policy', 'update');
  const exemptions = lists.exempt.size;
  return labelRunsOf(lists, (label) => (label > exemptions ? 1 : 0));
}
