/**
 * The options of an import. What a format does not know is an error and never ignored.
 */

import type { Mode } from '../list/table.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { attempt, isPlain, readField, readTexts, timeOf } from '../problem/foreign.ts';
import { aDate, anything, aText, oneOf, optionProblem, readOptions } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import { type Format, type FormatName, type FoundFormat, findFormat } from './format.ts';
import type { ImportValues } from './importing.ts';

/** The options of `importList`. */
export interface ImportOptions {
  /** The format: an object of `ipverdict/formats`, or its name. */
  readonly format: FormatName | Format;
  /**
   * Which entries to take, by what the file says of them, such as `{ service: 'S3', region: ['eu-west-1'] }`; which
   * columns to read. The keys are those of the format. An unknown key is an error.
   */
  readonly select?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Of several sets, chains, blocks or variables in a file, the one to read. Without it all are read. */
  readonly set?: string | undefined;
  /** The value of a map that means that an address is listed. */
  readonly listed?: string | undefined;
  /** The instant at which the file was made, for entries that live for some time from then on. */
  readonly now?: Date | undefined;
  /** The sign before a comment, in a file of plain entries: `#`, `;` or `//`. */
  readonly comment?: string | undefined;
  /** The texts of the files that a file includes, by the names it has for them. */
  readonly includes?: Readonly<Record<string, string>> | undefined;
  /** What the entries are for, where the format does not say: so the result has `rules`. */
  readonly mode?: Mode | undefined;
  /** The module `yaml`, for the formats that are written in it. */
  readonly yaml?: unknown;
}

/** An import without any option. */
export const noImportValues: ImportValues = {
  select: /* @__PURE__ */ new Map(),
  set: undefined,
  listed: undefined,
  now: undefined,
  comment: undefined,
  includes: /* @__PURE__ */ new Map(),
  mode: undefined,
  yaml: undefined,
};

const kinds = {
  format: anything,
  select: anything,
  set: aText,
  listed: aText,
  now: aDate,
  comment: /* @__PURE__ */ oneOf('#', ';', '//'),
  includes: anything,
  mode: /* @__PURE__ */ oneOf('allow', 'deny'),
  yaml: anything,
} as const;

/**
 * Checks the options of an import.
 *
 * @throws ListError with `invalid-option`
 */
export function checkImportOptions(given: unknown): {
  readonly found: FoundFormat;
  readonly values: ImportValues;
} {
  const { values, problems } = readOptions(given, kinds);
  if (problems.length > 0) throw new ListError(problems);
  const found = findFormat(values.format);
  const { format, implementation } = found;
  const { read, select: filters = [], parts = [], takes = [], needsYaml = false } = implementation;
  if (read === undefined) problems.push(optionProblem(`format "${format.name}" can only be written`));
  for (const name of ['set', 'listed', 'comment'] as const) {
    // Ignored, it would leave in what it was to leave out.
    if (values[name] !== undefined && !takes.includes(name))
      problems.push(optionProblem(`the format "${format.name}" has no use for ${name}: leave it out`));
  }
  const select = readSelect(values.select, [...filters, ...parts], format.name, problems);
  const includes = readIncludes(values.includes, problems);
  const isYaml = ['Composer', 'Lexer', 'Parser'].every(
    (name) => typeof readField(values.yaml, name) === 'function',
  );
  if (needsYaml && !isYaml) {
    const message = `yaml must be the module "yaml" of npm for the format "${format.name}": import * as yaml from 'yaml', and give it`;
    problems.push(optionProblem(message));
  }
  if (problems.length > 0) throw new ListError(problems);
  const { set, listed, comment, mode, yaml } = values;
  const now = values.now === undefined ? undefined : timeOf(values.now);
  return { found, values: { select, set, listed, now, comment, includes, mode, yaml } };
}

function readSelect(
  given: unknown,
  keys: readonly string[],
  format: FormatName,
  problems: Problem[],
): Map<string, readonly string[]> {
  const select = new Map<string, readonly string[]>();
  for (const [key, value] of fieldsOf('select', given, problems)) {
    const texts = attempt('options', 'the option select', () => readTexts(value));
    if (!keys.includes(key)) {
      const known = keys.length === 0 ? 'takes none' : `has only ${keys.join(', ')}`;
      problems.push(optionProblem(`select has no key ${quote(key)} here: the format "${format}" ${known}`));
    } else if (texts === undefined) {
      problems.push(
        optionProblem(
          `select.${key} must be text or an array of texts, got ${Array.isArray(value) ? 'another array' : describeType(value)}`,
        ),
      );
    } else select.set(key, texts);
  }
  return select;
}

function readIncludes(given: unknown, problems: Problem[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [name, text] of fieldsOf('includes', given, problems)) {
    if (typeof text === 'string') texts.set(name, text);
    else
      problems.push(
        optionProblem(`the text of the file ${quote(name)} must be text, got ${describeType(text)}`),
      );
  }
  return texts;
}

/** The fields of a plain object, each read once. */
function fieldsOf(
  option: string,
  given: unknown,
  problems: Problem[],
): readonly (readonly [string, unknown])[] {
  if (given === undefined) return [];
  return attempt('options', `the option ${option}`, () => {
    if (typeof given === 'object' && given !== null && !Array.isArray(given) && isPlain(given))
      return Object.entries(given);
    problems.push(optionProblem(`${option} must be an object, got ${describeType(given)}`));
    return [];
  });
}
