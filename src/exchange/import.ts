/**
 * Lists of other programs and of feeds: their text in, entries, rules and problems out.
 */

import { type Incompleteness, markIncomplete } from '../list/gather.ts';
import { byPosition } from '../list/reader.ts';
import type { Verdict } from '../policy/decision.ts';
import type { Problem } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { quote } from '../problem/say.ts';
import type { Rule, RuleOrder } from '../rules/input.ts';
import type { FormatName, FoundFormat } from './format.ts';
import { checkImportOptions, type ImportOptions } from './import-options.ts';
import { rulesOf, why } from './import-rules.ts';
import { type Declared, type ImportedEntry, Importing, type Trust } from './importing.ts';

/** What has been read of a text of another format. Frozen. */
export interface ImportedList {
  /** The format that it was read as. */
  readonly format: FormatName;
  /**
   * The entries in the order of the file. After a bad line, lists that allow refuse this array. When the file was refused,
   * or has exceptions, which are in `rules`, every list refuses it.
   */
  readonly entries: readonly ImportedEntry[];
  /** For `createRules`, where the file or the option `mode` says what to do with the entries; else empty. */
  readonly rules: readonly Rule[];
  /** What happens to clients that no rule covers, where the file says so. */
  readonly otherwise: Verdict | undefined;
  /** Which of the rules that cover a client applies. */
  readonly order: RuleOrder;
  /** Everything wrong or doubtful, at its line and column, in the order of the text; `source` is `text`. */
  readonly problems: readonly Problem[];
  /** How many rules were left out because they have more conditions than an address. */
  readonly conditional: number;
  /**
   * How much of the list could be read: `whole`; `lines-missing` when bad lines were left out, so that the entries may deny
   * and must not allow; or `refused` when the file cannot be used as a list, whatever entries there are.
   */
  readonly trust: Trust;
  /** What the file says about itself. */
  readonly declared: Declared;
}

/**
 * Reads a list in the format of another program or of a feed.
 *
 * - A rule with more conditions than an address is left out with a warning and counted. An exception is in `rules`. An
 *   include and a negated source are errors.
 * - Nothing is dropped without a problem at its place, and what could only be guessed is an error.
 *
 * @param text - the text of the file
 * @param options - the format and what to take of it
 * @returns frozen entries, rules and problems. It never throws because of what the text is.
 * @throws `ListError` with `invalid-option` for an option that is wrong or that the format does not have
 * @throws TypeError when `text` is not text
 * @remarks Linear in the length of the text; an object for each entry and problem.
 * @example
 * ```ts
 * import { createRules } from 'ipverdict/rules';
 * import { importList } from 'ipverdict/formats';
 * import { nginx } from 'ipverdict/formats/nginx';
 *
 * const { rules, otherwise = 'deny', order } = importList('deny 192.0.2.7;\nallow 192.0.2.0/24;\ndeny all;', {
 *   format: nginx,
 * });
 * const policy = createRules({ rules, otherwise, order });
 * policy.allows('192.0.2.8'); // true
 * policy.allows('192.0.2.7'); // false
 * ```
 */
export function importList(text: string, options: ImportOptions): ImportedList {
  const { found, values } = checkImportOptions(options);
  if (typeof text !== 'string')
    throw new TypeError('importList takes the text of a file: decode its bytes first');
  const importing = new Importing(text, values);
  try {
    found.implementation.read?.(importing);
  } catch (thrown) {
    // Nothing that a text says should come to this, but what was read up to here is not the list.
    importing.refuse(0, 0, 'unreadable', `the text could not be read: ${messageOf(thrown)}`);
  }
  return finish(importing, found);
}

function finish(importing: Importing, { format, implementation }: FoundFormat): ImportedList {
  const { groups, order, conditional, declared } = importing;
  warnOfUnselected(importing, implementation.select ?? []);
  // One group is the whole, and need not be copied.
  const [only] = groups;
  const entries =
    groups.length === 1 ? (only?.entries ?? []) : inFileOrder(groups.flatMap((group) => group.entries));
  // With bad lines only, it is another kind of file.
  if (entries.length === 0 && importing.trust === 'lines-missing') importing.trust = 'refused';
  const { trust } = importing;
  const rules = rulesOf(importing);
  const hasExceptions = groups.some(({ except }) => except.length > 0);
  if (hasExceptions && rules.length === 0) importing.warn(0, 0, 'has-exceptions', why.exceptions);
  const mark: Incompleteness | undefined =
    trust === 'refused'
      ? { in: 'any', why: why.useless }
      : hasExceptions
        ? { in: 'any', why: why.exceptions }
        : trust === 'lines-missing'
          ? { in: 'allow', why: why.missing }
          : undefined;
  // Entries of their own, as another array of them is not the whole list either, and those of the rules have exceptions.
  const given = mark === undefined ? entries : entries.map((entry) => Object.freeze({ ...entry }));
  if (mark !== undefined) for (const part of [given, ...given]) markIncomplete(part, mark);
  else if (entries.length === 0) markIncomplete(given, { in: 'allow', why: why.nothing });
  const problems = importing.problems.sort(byPosition);
  return Object.freeze({
    format: format.name,
    entries: Object.freeze(given),
    rules: Object.freeze(rules),
    // What happens to everyone else is not known either when something is missing.
    otherwise: trust === 'whole' ? importing.otherwise : undefined,
    order,
    problems: Object.freeze(problems),
    conditional,
    trust,
    declared: Object.freeze(declared),
  });
}

/** Groups may be in the order in which they count. */
function inFileOrder(entries: ImportedEntry[]): ImportedEntry[] {
  return entries.sort((left, right) => left.line - right.line);
}

/** Warns of each value of a filter that no entry has: it may be misspelt. */
function warnOfUnselected(importing: Importing, keys: readonly string[]): void {
  for (const key of keys) {
    for (const value of importing.options.select.get(key) ?? []) {
      if (!importing.hasSelected(key, value))
        importing.warn(0, 0, 'unselected', `nothing in the file has the ${key} ${quote(value)}`);
    }
  }
}
