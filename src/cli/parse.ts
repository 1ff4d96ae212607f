/**
 * From the arguments of a command to its options and operands, by its row of the table.
 */

import { parseArgs } from 'node:util';
import type { Command, Operands, Option, Options, Request, ValuesOf } from './command.ts';
import { type CommandError, usageError } from './exit.ts';
import { commonOptions } from './options.ts';
import { printable } from './style.ts';

/** What the arguments of one command say. */
export interface Parsed {
  readonly request: Request;
  readonly isHelp: boolean;
  readonly isQuiet: boolean;
}

type Token = ReturnType<typeof tokensOf>[number];

/** Reads the arguments after the name of the command. */
export function parseCommand(command: Command, given: readonly string[]): Parsed {
  const options: Options = { ...command.options, ...commonOptions };
  const found = new Map<string, string[]>();
  const operands: string[] = [];
  for (const token of tokensOf(given, options)) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    // No option is called as what every object has.
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined) throw unknownOption(token.rawName, options, command.operands.most > 0);
    const values = found.get(token.name) ?? [];
    values.push(givenValue(token, option));
    // The last one would silently win, and the list before it would be forgotten.
    if (values.length > 1 && option.kind !== 'texts' && option.kind !== 'flag')
      throw usageError(`--${token.name} can be given only once.`);
    found.set(token.name, values);
  }
  const isHelp = found.has('help');
  const values = Object.create(null) as Record<string, unknown>;
  for (const [name, option] of Object.entries(command.options))
    values[name] = readValue(name, option, found.get(name) ?? []);
  if (!isHelp) checkOperands(command, operands, found);
  const request: Request = { values: values as ValuesOf<Options>, operands };
  return { request, isHelp, isQuiet: found.has('quiet') };
}

/** The arguments in the order in which they were given, unknown options among them. */
function tokensOf(given: readonly string[], options: Options) {
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { kind, short }]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  );
  return parseArgs({
    args: [...given],
    options: config,
    allowPositionals: true,
    strict: false,
    tokens: true,
  }).tokens;
}

/** The value of an option; empty for a flag. */
function givenValue(token: Token & { readonly kind: 'option' }, option: Option): string {
  const { name, rawName, value, inlineValue } = token;
  if (option.kind === 'flag') {
    if (value !== undefined) throw usageError(`${rawName} takes no value.`);
    return '';
  }
  // Without "=", the word after it is its value unless it is an option, too.
  const isMissing = value === undefined || (inlineValue === false && value.startsWith('-') && value !== '-');
  if (isMissing) {
    const example = 'value' in option ? option.value : option.kind === 'choice' ? option.words[0] : 'INSTANT';
    const dashed =
      value === undefined ? '' : `, or --${name}=${printable(value)} where the value begins with "-"`;
    throw usageError(`${rawName} needs a value: ${rawName} ${example}${dashed}`);
  }
  // Of `-o=FILE`, the value is "=FILE", which nobody means.
  if (inlineValue === true && !rawName.startsWith('--') && value.startsWith('='))
    throw usageError(`${rawName} takes no "=": write --${name}${printable(value)}`);
  if (value === '') throw usageError(`${rawName} has an empty value.`);
  return value;
}

function readValue(name: string, option: Option, given: readonly string[]): unknown {
  if (option.kind === 'flag') return given.length > 0;
  if (option.kind === 'texts') return given;
  const [text] = given;
  if (text === undefined) return undefined;
  if (option.kind === 'choice' && !option.words.includes(text)) {
    const words = option.words.join(', ');
    throw usageError(`--${name} is one of ${words}, not ${printable(text)}.`);
  }
  if (option.kind !== 'count') return text;
  if (option.none && text === 'none') return Number.POSITIVE_INFINITY;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  const least = option.least ?? 0;
  if (number >= least) return number;
  const none = option.none ? ', or "none"' : '';
  const from = least > 0 ? ` of at least ${least}` : '';
  throw usageError(`--${name} is a whole number${from}${none}, not ${printable(text)}.`);
}

function checkOperands(
  { name, operands: known, options }: Command,
  operands: readonly string[],
  found: ReadonlyMap<string, readonly string[]>,
): void {
  const { least, most } = known;
  if (most === 0 && operands.length > 0)
    throw usageError(`"${name}" takes options only, not ${printable(operands[0] as string)}.`);
  if (operands.length > most)
    throw usageError(`"${name}" takes ${mostOf(known)}, and ${operands.length} were given.`);
  if (operands.length < least) throw usageError(`"${name}" needs ${leastOf(known)}.`);
  const inputs = Object.keys(options).flatMap((option) =>
    (options[option] as { isInput?: boolean }).isInput ? (found.get(option) ?? []) : [],
  );
  const all = known.areInputs ? [...inputs, ...operands] : inputs;
  if (all.filter((input) => input === '-').length > 1)
    throw usageError('Standard input can be read only once: "-" is there twice.');
  if (known.areInputs && operands.includes('')) throw usageError('The name of a file is empty.');
}

/** `two files`. */
function mostOf({ most, areInputs, words }: Operands): string {
  const [one, many] = areInputs ? ['file', 'files'] : words ? ['word', 'words'] : ['address', 'addresses'];
  return most === 1 ? `one ${one}` : `${most === 2 ? 'two' : most} ${many}`;
}

/** `an address`; `one of bash, zsh, fish`. */
function leastOf({ areInputs, words }: Operands): string {
  if (words === undefined) return areInputs ? 'a file' : 'an address';
  return `one of ${words.join(', ')}${areInputs ? ' and a file' : ''}`;
}

function unknownOption(name: string, options: Options, hasOperands: boolean): CommandError {
  const known = Object.keys(options).map((option) => `--${option}`);
  const near = suggest(name, known);
  const other =
    hasOperands && near === '' ? '; what begins with "-" and is not an option comes after "--"' : near;
  return usageError(`There is no option ${printable(name)}${other}.`);
}

/** `; did you mean --deny?`, or nothing when no word is near. */
export function suggest(given: string, words: readonly string[]): string {
  const near = words
    .map((word) => ({ word, steps: stepsBetween(given, word) }))
    .sort((left, right) => left.steps - right.steps)[0];
  if (near === undefined || near.steps > Math.max(1, given.length / 4)) return '';
  return `; the nearest is ${near.word}`;
}

/** How many letters have to be put in, taken out or replaced to get from one word to the other. */
function stepsBetween(one: string, other: string): number {
  if (Math.max(one.length, other.length) > 40) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const replaced = (row[to - 1] as number) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] as number) + 1, (next[to - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
