/**
 * Policies that stand for another one, which changes. The policy itself is the key, so no look-alike passes for one.
 */

const currents: WeakMap<object, () => object> = /* @__PURE__ */ new WeakMap();

/** Makes a policy stand for the one that `current` gives, at the moment of each question. */
export function standFor<Policy extends object>(policy: Policy, current: () => Policy): void {
  currents.set(policy, current);
}

/** Whether a value is a policy that stands for another one. */
export function standsForAnother(value: unknown): boolean {
  return currents.has(value as object);
}

/** The policy to ask where a question takes more than one decision: a live one may change in between. */
export function currentOf<Policy>(policy: Policy): Policy {
  return (currents.get(policy as object)?.() as Policy | undefined) ?? policy;
}
