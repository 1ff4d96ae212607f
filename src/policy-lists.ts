/**
 * The lists that a policy was built from, for those who ask about all addresses at once rather than about one client.
 *
 * A policy has no public way back to its lists. They are remembered beside it instead, by the policy itself as the key,
 * so that nobody outside can reach them, no look-alike is taken for a policy, and they go when the policy goes.
 */

import type { Verdict } from './decision.ts';
import type { EntryTable, Mode } from './entries.ts';

/** What a policy says, short of its tree. */
export interface PolicyLists {
  readonly mode: Mode;
  /** The answer where no entry decides. */
  readonly unlisted: { readonly verdict: Verdict };
  readonly exempt: { readonly table: EntryTable };
  readonly active: { readonly table: EntryTable };
}

const remembered: WeakMap<object, PolicyLists> = /* @__PURE__ */ new WeakMap();

/**
 * Remembers the lists of a policy; one reference more than the policy keeps anyway.
 * @internal
 */
export function rememberLists(policy: object, lists: PolicyLists): void {
  remembered.set(policy, lists);
}

/**
 * The lists of a policy, or `undefined` for everything that is none.
 * @internal
 */
export function listsOf(policy: unknown): PolicyLists | undefined {
  return remembered.get(policy as object);
}
