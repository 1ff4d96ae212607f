/**
 * What goes to the thread that builds a policy, and what comes back. Everything here can be cloned into another thread:
 * text, numbers, problems and bytes.
 */

import type { CheckedInput } from '../policy/input.ts';
import type { Problem } from '../problem/errors.ts';
import type { CheckedRules } from '../rules/input.ts';
import type { GuardCopy, SourceEnd, SourceSetting } from './reading.ts';

/** A part of the text of a source, which come in order. */
export type Part = readonly [source: number, text: string];

/** The input, with a number in place of each source. It comes after all parts. */
export interface Job {
  readonly input: CheckedInput | CheckedRules;
  readonly ends: readonly SourceEnd[];
  readonly mustAllow: GuardCopy | number | undefined;
  readonly mustDeny: GuardCopy | number | undefined;
}

/** Asks for problems, from this one on. */
export type Request = number;

/** What the thread says. */
export type Answer =
  | { readonly kind: 'policy'; readonly bytes: Uint8Array }
  | { readonly kind: 'refusal'; readonly message: string; readonly count: number }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }
  | { readonly kind: 'failure'; readonly message: string };

/** Problems that cross at once, as each is made again on the other side. */
export const PROBLEMS_AT_ONCE = 2000;

/** An input with something else in place of each of its sources. */
export function replaceSources(
  input: CheckedInput | CheckedRules,
  replace: (source: unknown, setting: SourceSetting) => unknown,
): CheckedInput | CheckedRules {
  const { maxEntries, exempt } = input;
  if (!('rules' in input)) {
    const { source, mode, lines, maxExemptions } = input;
    return {
      ...input,
      exempt: replace(exempt, { list: 'exempt', maxEntries: maxExemptions }),
      source: replace(source, { list: mode, maxEntries, lines }),
    };
  }
  return {
    ...input,
    exempt: replace(exempt, { list: 'exempt', maxEntries }),
    rules: input.rules.map((rule) => {
      const { source, mode, lines, except } = rule;
      return {
        ...rule,
        source: replace(source, { list: mode, maxEntries: rule.maxEntries, lines }),
        except: except === undefined ? undefined : replace(except, { list: 'except', maxEntries }),
      };
    }),
  };
}
