/**
 * Lists in the formats of other programs, by the option `--from`.
 */

import { type FormatName, findFormat } from '../exchange/format.ts';
import { type ImportedList, importList } from '../exchange/import.ts';
import { detectFormat } from '../formats/detect.ts';
import { formats } from '../formats/table.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import { ListError } from '../problem/errors.ts';
import type { RulesInput } from '../rules/input.ts';
import type { ValuesOf } from './command.ts';
import { CommandError, usageError } from './exit.ts';
import { nameOf } from './input.ts';
import { computing } from './interrupt.ts';
import { locate, refuse, type SourceTexts } from './located.ts';
import type { Notices } from './notices.ts';
import type { importOptions } from './options.ts';
import { suggest } from './parse.ts';
import { renderProblems } from './problems.ts';
import { printable } from './style.ts';

/** What says how a file of another program is read. */
export type ImportValues = ValuesOf<typeof importOptions>;

/** Warnings of one file that are shown. */
const SHOWN = 20;

/** The format of a file: the one that was named, or what the text looks like. */
export function chooseFormat(file: string, text: string, from: string, notices: Notices): FormatName {
  if (from !== 'auto') {
    const readable = formats.filter(({ reads }) => reads).map(({ name }) => name);
    const known = readable.find((name) => name === from);
    if (known !== undefined) return known;
    const advice = suggest(from, readable) || `: it is one of ${readable.join(', ')}, or auto`;
    throw usageError(`There is no format ${printable(from)} to read${advice}.`);
  }
  const found = detectFormat(text, file.endsWith('.gz') ? file.slice(0, -3) : file);
  if (found === undefined)
    throw new CommandError(`${nameOf(file)} looks like no format that is known: name it with --from.`);
  notices.say(`ipverdict: ${nameOf(file)} is read as ${found}.`);
  return found;
}

/** Reads a file of another program, whatever is wrong with it. */
export async function readWithProblems(
  file: string,
  text: string,
  values: ImportValues,
  notices: Notices,
  mode?: Mode,
): Promise<ImportedList> {
  const format = chooseFormat(file, text, values.from ?? 'auto', notices);
  const yaml = findFormat(format).implementation.needsYaml ? await loadYaml(format) : undefined;
  const { set, listed } = values;
  const select = readSelect(values.select);
  try {
    return computing(() => importList(text, { format, select, set, listed, mode, yaml }));
  } catch (error) {
    if (error instanceof ListError)
      throw usageError(error.problems.map(({ message }) => printable(message)).join('\n'));
    throw error;
  }
}

/** Reads a file of another program. Its errors end the command, its warnings are shown. */
export async function readImport(
  file: string,
  text: string,
  values: ImportValues,
  notices: Notices,
  mode?: Mode,
): Promise<ImportedList> {
  const imported = await readWithProblems(file, text, values, notices, mode);
  const { problems, trust } = imported;
  if (trust !== 'whole') {
    const errors = problems.filter(({ severity }) => severity === 'error');
    throw refuse(locate(file, text, errors.length > 0 ? errors : problems), notices);
  }
  if (problems.length > 0) {
    const shown = locate(file, text, problems.slice(0, SHOWN));
    const more = problems.length - shown.length;
    notices.say(renderProblems(shown, notices.paint).join('\n'));
    if (more > 0) notices.say(`ipverdict: ${more.toLocaleString('en-US')} more warnings are not shown.`);
  }
  return imported;
}

/** The package that the formats in YAML need; it is not part of this one. */
async function loadYaml(format: FormatName): Promise<unknown> {
  try {
    return await import('yaml');
  } catch {
    throw new CommandError(`The format ${format} needs the package "yaml": npm install yaml`);
  }
}

/** `region=eu-west-1`, several times: values of one key together. */
function readSelect(given: readonly string[]): Readonly<Record<string, readonly string[]>> | undefined {
  if (given.length === 0) return undefined;
  const keys = new Map<string, string[]>();
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw usageError(`--select is a key and a value such as region=eu-west-1, not ${printable(pair)}.`);
    const key = pair.slice(0, at);
    keys.set(key, [...(keys.get(key) ?? []), pair.slice(at + 1)]);
  }
  return Object.fromEntries(keys);
}

/** The entries of a file as one list. A file that says itself whom it allows must agree. */
export async function importedList(
  file: string,
  text: string,
  values: ImportValues,
  list: Mode | 'exempt',
  texts: SourceTexts,
  notices: Notices,
): Promise<EntrySource> {
  const imported = await readImport(file, text, values, notices);
  const wanted = list === 'exempt' ? 'allow' : list;
  const { rules, otherwise, entries, format } = imported;
  if (rules.some((rule) => modeOf(rule) !== wanted) || otherwise === wanted) {
    const advice =
      list === 'exempt'
        ? 'write the exemptions as a list'
        : `give it as --rules ${nameOf(file)} --from ${format}`;
    throw new CommandError(`${nameOf(file)} says itself whom it allows and denies: ${advice}.`);
  }
  texts.add(
    list,
    file,
    text,
    entries.map(({ line }) => line),
  );
  return entries;
}

function modeOf(rule: { readonly allow?: unknown; readonly mode?: unknown }): unknown {
  return rule.mode ?? (rule.allow === undefined ? 'deny' : 'allow');
}

/** The rules of a file that says itself whom it allows. */
export async function importedRules(
  file: string,
  text: string,
  values: ImportValues,
  notices: Notices,
): Promise<RulesInput> {
  const { rules, otherwise, order, format } = await readImport(file, text, values, notices);
  if (rules.length === 0)
    throw new CommandError(
      `${nameOf(file)} does not say whom it allows or denies, as a file of ${format} has only entries: give it as --allow or --deny.`,
    );
  if (otherwise === undefined)
    notices.complain(
      `ipverdict: warning: ${nameOf(file)} does not say what happens to everyone else: they are denied.`,
    );
  return { rules, otherwise: otherwise ?? 'deny', order };
}
