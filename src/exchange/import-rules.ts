/**
 * The rules that a file is, where it says what to do with its entries or the caller does.
 */

import { markIncomplete } from '../list/gather.ts';
import type { Mode } from '../list/table.ts';
import type { Rule } from '../rules/input.ts';
import type { Group, ImportedEntry, Importing } from './importing.ts';
import { cleanNote } from './notes.ts';

/** Why a list of this import is not to be used, in the words of a problem. */
export const why = {
  useless: 'the file could not be read as a list: see the problems of the import',
  missing: 'some lines of the file are missing here: see the problems of the import',
  exceptions:
    'the file has exceptions, which are in rules: give the import the option mode, and its rules to createRules',
  verdict:
    'the file does not say what becomes of its entries: give the import the option mode, or listed for a map',
  nothing:
    'the file has no entries, and an empty list would let everyone in: say so with an empty text, if that is meant',
} as const;

/**
 * Makes rules of what was read: one for each stretch of entries with one verdict, or, where the most specific entry
 * applies, one for each verdict. There are none when the verdict of an entry is not known.
 */
export function rulesOf({ groups, options, takesMode, order, trust }: Importing): Rule[] {
  const rules: Rule[] = [];
  const mode = takesMode ? options.mode : undefined;
  for (const group of groups) {
    const parts = order === 'first-match' ? stretchesOf(group, mode) : verdictsOf(group, mode);
    if (parts === undefined) return withoutVerdict();
    // Exceptions alone are still not meant, and have to be somewhere.
    if (parts.length === 0 && group.except.length > 0 && mode !== undefined)
      parts.push({ mode, entries: [], isFromFile: false });
    for (const { mode: verdict, entries, isFromFile } of parts) {
      // A list that denies and lacks a line still denies the others; among rules that depend on each other, or with an
      // exception missing, nobody knows what is left.
      if (trust === 'lines-missing')
        markIncomplete(entries, { in: isFromFile ? 'any' : 'allow', why: why.missing });
      if (trust === 'refused') markIncomplete(entries, { in: 'any', why: why.useless });
      rules.push(makeRule(group, verdict, entries, trust !== 'whole'));
    }
  }
  if (trust === 'refused') markIncomplete(rules, { in: 'any', why: why.useless });
  return rules;
}

/** No rules, although there are entries: without them, everyone would get what `otherwise` says. */
function withoutVerdict(): Rule[] {
  const rules: Rule[] = [];
  markIncomplete(rules, { in: 'any', why: why.verdict });
  return rules;
}

/** Entries that become one rule. */
interface Part {
  readonly mode: Mode;
  readonly entries: ImportedEntry[];
  /** Whether the file says what happens to one of them. */
  isFromFile: boolean;
}

function stretchesOf({ entries }: Group, mode: Mode | undefined): Part[] | undefined {
  const parts: Part[] = [];
  for (const entry of entries) {
    const verdict = entry.action ?? mode;
    if (verdict === undefined) return undefined;
    let part = parts.at(-1);
    if (part?.mode !== verdict) {
      part = { mode: verdict, entries: [], isFromFile: false };
      parts.push(part);
    }
    part.entries.push(entry);
    part.isFromFile ||= entry.action !== undefined;
  }
  return parts;
}

function verdictsOf(group: Group, mode: Mode | undefined): Part[] | undefined {
  const stretches = stretchesOf(group, mode);
  const parts = new Map<Mode, Part>();
  for (const stretch of stretches ?? []) {
    const part = parts.get(stretch.mode);
    if (part === undefined) parts.set(stretch.mode, stretch);
    else {
      for (const entry of stretch.entries) part.entries.push(entry);
      part.isFromFile ||= stretch.isFromFile;
    }
  }
  return stretches && [...parts.values()];
}

function makeRule(
  { name, except }: Group,
  mode: Mode,
  entries: ImportedEntry[],
  isIncomplete: boolean,
): Rule {
  const rule: { name?: string; except?: unknown } = { [mode]: Object.freeze(entries) };
  const cleaned = name === undefined ? '' : cleanNote(name);
  if (cleaned !== '') rule.name = cleaned;
  if (except.length > 0) {
    const exceptions = [...except];
    if (isIncomplete) markIncomplete(exceptions, { in: 'any', why: why.missing });
    rule.except = Object.freeze(exceptions);
  }
  return Object.freeze(rule) as unknown as Rule;
}
