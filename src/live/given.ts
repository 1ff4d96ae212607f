/**
 * What a live policy may be given: a policy, or what `createPolicy` or `createRules` takes.
 */

import type { Clock } from '../list/reader.ts';
import { currentOf } from '../policy/current.ts';
import { checkInput, type PolicyInput } from '../policy/input.ts';
import { compileList, listsOf, type Policy } from '../policy/policy.ts';
import { ListError, problemOf } from '../problem/errors.ts';
import { attempt, hasField, readField } from '../problem/foreign.ts';
import { checkRules, type RulesInput } from '../rules/input.ts';
import { compileRules } from '../rules/rules.ts';

/**
 * A policy, a list or rules.
 *
 * @param clock - what time it is, for a list with times and without an instant
 * @returns the very policy that was given, or that a live one stands for now; or one made of the list or the rules
 * @throws ListError with all that is wrong
 */
export function toPolicy(given: Policy | PolicyInput | RulesInput, clock: Clock): Policy {
  const policy = currentOf(given);
  if (listsOf(policy) !== undefined) return policy as Policy;
  const isLookAlike = attempt('options', 'the input', () => !hasField(given, 'entries') && decides(given));
  if (isLookAlike) refuseLookAlike();
  const checked = attempt('options', 'the input', () => {
    // Asked without reading: that is done once, by the one that it is for.
    const isRules = (hasField(given, 'rules') || hasField(given, 'otherwise')) && !hasField(given, 'entries');
    return isRules
      ? ({ kind: 'rules', input: checkRules(given) } as const)
      : ({ kind: 'list', input: checkInput(given, undefined) } as const);
  });
  return checked.kind === 'rules' ? compileRules(checked.input, clock) : compileList(checked.input, clock);
}

function decides(given: unknown): boolean {
  return typeof readField(given, 'decide') === 'function';
}

/** Throws for something that decides, as a policy of another package or a copy does. What it means cannot be compared. */
function refuseLookAlike(): never {
  const message =
    'this decides, but was not made by createPolicy or createRules of this package: give such a policy itself, not a copy, or its list';
  throw new ListError([problemOf('options', 'one-list-required', message)]);
}
