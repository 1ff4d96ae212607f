/**
 * Files of other programs, by the option `--from`: how one is read, and what is said about it.
 *
 * A file that was read only in part never becomes a list. What it has and a list cannot say is named, quiet or not.
 */

import { type FormatName, findFormat } from '../exchange/format.ts';
import { type ImportedList, importList } from '../exchange/import.ts';
import type { ImportOptions } from '../exchange/import-options.ts';
import { detectFormat } from '../formats/detect.ts';
import { formats } from '../formats/table.ts';
import type { Mode } from '../list/table.ts';
import { readInstant } from '../list/times.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import type { ValuesOf } from './command.ts';
import { CommandError, usageError } from './exit.ts';
import { MMDB, readableFormats, unknownFormat } from './format-names.ts';
import { readIncludes } from './imports-includes.ts';
import { partsOfMmdb, readMmdb } from './imports-mmdb.ts';
import { nameOf, readBytes, readText } from './input.ts';
import { computing } from './interrupt.ts';
import { locate, refuse } from './located.ts';
import type { Notices } from './notices.ts';
import type { importOptions } from './options.ts';
import { inOwnWords } from './own-words.ts';
import { renderProblems } from './problems.ts';
import { count, grouped, printable } from './style.ts';

/** What says how a file of another program is read. */
export type ImportValues = ValuesOf<typeof importOptions>;

/** What was read of a file of another program. */
export type Found = Omit<ImportedList, 'format'> & { readonly format: FormatName | 'mmdb' };

/** A file of another program, and what was taken of it. */
export type Imported = Found & {
  /** How many of its warnings are about who gets in. */
  readonly doubts: number;
};

/** What is in a file: text, or the bytes of a database. */
export async function readContent(file: string, values: ImportValues): Promise<string | Uint8Array> {
  const { from } = values;
  const isDatabase = from === MMDB || (from === 'auto' && withoutGz(file).endsWith('.mmdb'));
  return isDatabase ? readBytes(file) : readText(file);
}

function withoutGz(file: string): string {
  return file.endsWith('.gz') ? file.slice(0, -3) : file;
}

/** The format of a file: the one that was named, or what the text looks like. */
export function chooseFormat(file: string, text: string, from: string, notices: Notices): FormatName {
  if (from !== 'auto') {
    const known = formats.find(({ name, reads }) => reads && name === from);
    if (known !== undefined) return known.name;
    throw unknownFormat(from, 'read');
  }
  const found = detectFormat(text, withoutGz(file));
  if (found === undefined)
    throw new CommandError(
      `${nameOf(file)} looks like no format that is known. Name it with --from: ${readableFormats().join(', ')}.`,
    );
  notices.say(`ipverdict: ${nameOf(file)} is read as ${found}.`);
  return found;
}

/** Reads a file of another program, or a database, whatever is wrong with it. */
async function readAny(
  file: string,
  content: string | Uint8Array,
  values: ImportValues,
  notices: Notices,
  mode?: Mode,
): Promise<Found> {
  if (typeof content === 'string') return readFormat(file, content, values, notices, mode);
  if (values.from === 'auto') notices.say(`ipverdict: ${nameOf(file)} is read as ${MMDB}.`);
  return orUsage(() => readMmdb(file, content, readSelect(values.select, partsOfMmdb), values, mode));
}

/** The same with problems that name the options of the command. */
export async function readWithProblems(
  file: string,
  content: string | Uint8Array,
  values: ImportValues,
  notices: Notices,
): Promise<Found> {
  const found = await readAny(file, content, values, notices);
  return { ...found, problems: found.problems.map(inOwnWords) };
}

/**
 * Reads a file of another program. Its errors end the command, its warnings are shown.
 *
 * @param content - of the file, as {@link readContent} reads it
 * @param mode - what its entries are for, where the file does not say
 */
export async function readImport(
  file: string,
  content: string | Uint8Array,
  values: ImportValues,
  notices: Notices,
  mode?: Mode,
): Promise<Imported> {
  const imported = await readAny(file, content, values, notices, mode);
  const text = typeof content === 'string' ? content : '';
  const { problems, trust } = imported;
  // A misspelt value leaves out what it was to choose, and a list that denies would let it in.
  const unselected = problems.filter(({ code }) => code === 'unselected');
  if (unselected.length > 0) throw refuse(locate(file, text, unselected), notices);
  if (trust !== 'whole') {
    const errors = problems.filter(({ severity }) => severity === 'error');
    throw refuse(locate(file, text, errors.length > 0 ? errors : problems), notices);
  }
  showWarnings(file, text, problems, notices);
  const { conditional } = imported;
  const are = conditional === 1 ? 'is' : 'are';
  if (conditional > 0)
    notices.complain(
      `ipverdict: warning: ${count(conditional, 'rule')} of ${nameOf(file)} ${are} left out, because of conditions beside the address. Whom they deny may be let in here.`,
    );
  return { ...imported, doubts: problems.filter(isDoubt).length };
}

/** Reads a text of another program, with whatever is wrong with it. Where that names an option, it is one of the command. */
export async function readFormat(
  file: string,
  text: string,
  values: ImportValues,
  notices: Notices,
  mode?: Mode,
): Promise<ImportedList> {
  const format = chooseFormat(file, text, values.from ?? 'auto', notices);
  const { needsYaml, parts } = findFormat(format).implementation;
  const yaml = needsYaml ? await loadYaml(format) : undefined;
  const { set, listed, comment, includes: folder } = values;
  const select = readSelect(values.select, parts);
  const options: ImportOptions = { format, select, set, listed, comment, now: madeAt(values), mode, yaml };
  const read = (given: ImportOptions): ImportedList => orUsage(() => importList(text, given));
  let imported = read(options);
  if (folder !== undefined)
    imported = read({ ...options, includes: await readIncludes(folder, text, options, notices) });
  return { ...imported, problems: imported.problems.map(inOwnWords) };
}

/** Runs what checks options first: what is wrong with them is a matter of the arguments. */
function orUsage<Result>(run: () => Result): Result {
  try {
    return computing(run);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    throw usageError(error.problems.map(({ message }) => `${printable(message)}.`).join('\n'));
  }
}

/** Warnings that change nothing about who gets in. */
const harmless: readonly string[] = ['note-changed', 'count-differs', 'duplicate', 'ipv4-look-alike'];

function isDoubt({ code }: Problem): boolean {
  return !harmless.includes(code);
}

/** Warnings of one file that are shown. */
const SHOWN = 20;

/** Shows warnings: those about who gets in first, and always. */
function showWarnings(file: string, text: string, problems: readonly Problem[], notices: Notices): void {
  const doubts = problems.filter(isDoubt);
  const wanted = notices.isQuiet ? doubts : [...doubts, ...problems.filter((problem) => !isDoubt(problem))];
  if (wanted.length === 0) return;
  const shown = wanted.slice(0, SHOWN);
  notices.complain(renderProblems(locate(file, text, shown), notices.paint).join('\n'));
  const hidden = wanted.slice(SHOWN);
  if (hidden.length === 0) return;
  const codes = [...new Set(hidden.map(({ code }) => code))];
  const counts = codes.map((code) => {
    const number = hidden.filter((problem) => problem.code === code).length;
    return `${grouped(number)} ${code}`;
  });
  notices.complain(`ipverdict: more warnings of ${nameOf(file)} are not shown: ${counts.join(', ')}.`);
}

/** The instant at which a file was made. */
function madeAt({ 'made-at': given }: ImportValues): Date | undefined {
  if (given === undefined) return undefined;
  const instant = given === 'now' ? Date.now() : readInstant(given);
  if (typeof instant === 'number') return new Date(instant);
  const advice = instant === '' ? '' : `: ${instant}`;
  throw usageError(
    `--made-at ${printable(given)} is neither an instant such as 2026-12-31T18:00Z nor "now"${advice}.`,
  );
}

/** The package that the formats in YAML need; it is not part of this one. */
async function loadYaml(format: FormatName): Promise<unknown> {
  try {
    return await import('yaml');
  } catch {
    throw new CommandError(
      `The format ${format} needs the package "yaml" beside this one: npm install yaml, or npx -p ipverdict -p yaml ipverdict`,
    );
  }
}

/** `region=eu-west-1`, several times: values of one key together. Keys that name parts of an entry have one. */
function readSelect(
  given: readonly string[],
  parts: readonly string[] = [],
): Readonly<Record<string, readonly string[]>> | undefined {
  if (given.length === 0) return undefined;
  const keys = new Map<string, string[]>();
  for (const pair of given) {
    const at = pair.indexOf('=');
    if (at < 1)
      throw usageError(`--select is a key and a value such as region=eu-west-1, not ${printable(pair)}.`);
    const key = pair.slice(0, at);
    const others = keys.get(key) ?? [];
    if (others.length > 0 && parts.includes(key))
      throw usageError(
        `--select ${printable(key)}=… names one part of an entry, and can be given only once.`,
      );
    keys.set(key, [...others, pair.slice(at + 1)]);
  }
  return Object.fromEntries(keys);
}
