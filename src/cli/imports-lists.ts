/**
 * What a file of another program is: one list, or rules.
 *
 * A file that says itself whom it allows is never taken as something else. Where the file says nothing, the option under
 * which it was given does.
 */

import { findFormat } from '../exchange/format.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import type { Rule, RulesInput } from '../rules/input.ts';
import { CommandError } from './exit.ts';
import { MMDB } from './format-names.ts';
import { type Imported, type ImportValues, readContent, readImport } from './imports.ts';
import { nameOf } from './input.ts';
import type { SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import { printable } from './style.ts';

/** One list, or several with what happens to everyone else. */
export type ImportedSource =
  | { readonly list: EntrySource; readonly mode: Mode | undefined; readonly doubts: number }
  | { readonly rules: RulesInput; readonly doubts: number };

/** What is known while a file becomes a list. */
interface Reading {
  readonly file: string;
  readonly values: ImportValues;
  readonly texts: SourceTexts;
  readonly notices: Notices;
}

/**
 * Reads a file of another program as what it is.
 *
 * @param wanted - what its entries are for, by the option under which the file was given; `rules` for a file that has to
 *   say so itself; `undefined` when nothing was said
 * @throws CommandError when the file says something else
 */
export async function importSource(
  wanted: Mode | 'rules' | undefined,
  reading: Reading,
): Promise<ImportedSource> {
  const { file, values, notices } = reading;
  const content = await readContent(file, values);
  const mode = wanted === 'rules' ? undefined : wanted;
  const imported = await readImport(file, content, values, notices, mode);
  const text = typeof content === 'string' ? content : '';
  const { entries, rules, doubts } = imported;
  const source =
    mode === undefined
      ? sourceByItself(imported, wanted === 'rules', reading)
      : sourceFor(mode, imported, reading);
  if ('rules' in source) addRules(text, rules, reading);
  else {
    addList(source.mode ?? 'allow', text, imported, reading);
    if (entries.length === 0) warnOfNothing(source.mode, file, notices);
  }
  return { ...source, doubts };
}

/** A feed without entries may be right, or the wrong file; as a list that allows, it would let everyone in. */
function warnOfNothing(mode: Mode | undefined, file: string, notices: Notices): void {
  if (mode === 'allow')
    throw new CommandError(
      `${nameOf(file)} has no entries, and a list without entries would let everyone in: it is not taken.`,
    );
  const so = mode === undefined ? '' : ': it denies nobody';
  notices.complain(`ipverdict: warning: ${nameOf(file)} has no entries${so}.`);
}

type Source =
  | { readonly list: EntrySource; readonly mode: Mode | undefined }
  | { readonly rules: RulesInput };

/** The file was given as a list of this mode. */
function sourceFor(mode: Mode, imported: Imported, { file, values }: Reading): Source {
  const { entries, rules, otherwise, order, format } = imported;
  const opposite = mode === 'allow' ? 'deny' : 'allow';
  // With the value of a map, the verdicts of the entries come from the option, too.
  const isMap = values.listed !== undefined;
  const isAsked = isMap || entries.some(({ action }) => action === undefined);
  const isOther = otherwise === mode || rules.some((rule) => modeOf(rule) !== mode);
  if (isOther && (!isAsked || (otherwise === mode && !isMap)))
    throw new CommandError(
      `${nameOf(file)} says itself whom it allows and denies: give it as --rules ${printable(file)} --from ${format}.`,
    );
  if (rules.length === 0 && entries.length > 0) throw withoutVerdict(file, imported);
  if (!isOther && !rules.some(({ except }) => except !== undefined)) return { list: entries, mode };
  // Exceptions, and networks with another value inside of others, do not fit into a list.
  return { rules: { rules, otherwise: otherwise ?? opposite, order } };
}

/** Nothing was said about the file but what is in it. */
function sourceByItself(imported: Imported, asRules: boolean, { file, notices }: Reading): Source {
  const { entries, rules, otherwise, order, problems } = imported;
  const modes = [...new Set(rules.map(modeOf))];
  const [mode] = modes;
  const isClear = modes.length === 1 && otherwise !== mode;
  const hasExceptions = rules.some(({ except }) => except !== undefined);
  if (rules.length === 0 && (entries.length > 0 || otherwise === undefined)) {
    const isMore = problems.some(({ code }) => code === 'has-exceptions' || code === 'verdict-required');
    if (asRules || isMore || otherwise !== undefined) throw withoutVerdict(file, imported);
    return { list: entries, mode: undefined };
  }
  if (isClear && !hasExceptions && !(asRules && otherwise !== undefined)) {
    if (asRules)
      throw new CommandError(
        `${nameOf(file)} does not say what happens to everyone else: give it as --${mode} ${printable(file)}.`,
      );
    return { list: entries, mode };
  }
  if (otherwise === undefined && isClear && !asRules)
    return { rules: { rules, otherwise: mode === 'allow' ? 'deny' : 'allow', order } };
  if (otherwise === undefined)
    notices.complain(
      `ipverdict: warning: ${nameOf(file)} does not say what happens to everyone else: they are denied.`,
    );
  if (rules.length === 0 && otherwise === 'allow')
    notices.complain(`ipverdict: warning: ${nameOf(file)} denies nobody, and lets everyone in.`);
  return { rules: { rules, otherwise: otherwise ?? 'deny', order } };
}

function withoutVerdict(file: string, { format }: Imported): CommandError {
  const name = nameOf(file);
  if (format !== MMDB && findFormat(format).implementation.takes?.includes('listed'))
    return new CommandError(
      `${name} has values, and does not say which of them means that an address is listed: say it with --listed VALUE, and whether these are to be allowed or denied.`,
    );
  return new CommandError(
    `${name} does not say whom it allows or denies, as a file of ${format} has only entries: say whether they are to be allowed or denied.`,
  );
}

/** A list for a command that takes no rules. */
export async function importedList(list: Mode, reading: Reading): Promise<EntrySource> {
  const source = await importSource(list, reading);
  if ('list' in source) return source.list;
  throw new CommandError(
    `${nameOf(reading.file)} has exceptions, or says itself whom it allows and denies: that is not one list. Convert it first.`,
  );
}

function addList(list: Mode, text: string, { entries }: Imported, { file, texts }: Reading): void {
  texts.add(
    list,
    file,
    text,
    entries.map(({ line }) => line),
  );
}

function addRules(text: string, rules: readonly Rule[], { file, texts }: Reading): void {
  for (const [index, rule] of rules.entries()) {
    texts.nameRule(rule.name, `rules[${index}]`);
    for (const [field, items] of Object.entries(rule))
      if (Array.isArray(items))
        texts.add(
          `rules[${index}].${field}`,
          file,
          text,
          items.map(({ line }: { line: number }) => line),
        );
  }
}

/** Rules of an import have their list under the name of their mode. */
function modeOf(rule: Rule): Mode {
  return 'allow' in rule ? 'allow' : 'deny';
}
