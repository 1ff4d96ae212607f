/**
 * How options are read: each once, and a name that is not known is an error.
 */

import { makeProblem, type Problem } from './errors.ts';
import { describeType, quote } from './say.ts';

/** Entries a list may have unless `maxEntries` says otherwise. */
export const DEFAULT_MAX_ENTRIES = 1000;

/**
 * The problem of a `maxEntries` that is no number of entries.
 * @internal
 */
export function findLimitProblems(maxEntries: unknown): Problem[] {
  return isCount(maxEntries) ? [] : [optionProblem('maxEntries is a whole number of entries, or Infinity')];
}

/**
 * Whether a value is a whole number, or Infinity.
 * @internal
 */
export function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && Math.floor(value) === value;
}

/**
 * The problems of options that are no object, or have a name that is not known.
 * @internal
 */
export function findOptionProblems(options: unknown, known: readonly string[]): Problem[] {
  if (options === undefined || options === null) return [];
  if (typeof options !== 'object') {
    return [optionProblem(`the options are an object; this is ${describeType(options)}`)];
  }
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  return unknown.map((name) => optionProblem(`there is no option ${quote(name)}, only ${known.join(', ')}`));
}

/**
 * The problem of an option: it has no place in a text.
 * @internal
 */
export function optionProblem(message: string): Problem {
  return makeProblem('error', 'invalid-option', message, 'options', 1, 1, '');
}
