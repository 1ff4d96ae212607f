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
  const kind = attempt('options', 'the input', () => kindOf(given));
  if (kind === 'look-alike') {
    const message =
      'this decides, but was not made by createPolicy or createRules of this package: give such a policy itself, not a copy, or its list';
    throw new ListError([problemOf('options', 'one-list-required', message)]);
  }
  if (kind === 'rules')
    return compileRules(
      attempt('options', 'the input', () => checkRules(given)),
      clock,
    );
  return compileList(
    attempt('options', 'the input', () => checkInput(given, undefined)),
    clock,
  );
}

/** What was given, by the names of its fields: they are read once, by the function that they are for. */
function kindOf(given: unknown): 'list' | 'rules' | 'look-alike' {
  // A class of managed lists may have more fields.
  if (hasField(given, 'entries')) return 'list';
  // What another package or a copy decides cannot be compared.
  if (typeof readField(given, 'decide') === 'function') return 'look-alike';
  return hasField(given, 'rules') || hasField(given, 'otherwise') ? 'rules' : 'list';
}
