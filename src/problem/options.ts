/**
 * The one door for options: a table says what each option may be. Each is read once, as a getter could return something
 * else the second time, and everything wrong is found at once.
 *
 * An unknown name is an error, as a misspelt option would otherwise be silently ignored. That goes for every name that
 * the object has itself, even one that is not enumerable, but not for what its class has, as a class may have more to do
 * than to hold options. `null` counts as not given, except where an option closes something.
 */

import { ListError, type Problem, problemOf } from './errors.ts';
import { attempt, isIterable, isThenable, readField, timeOf } from './foreign.ts';
import { describeType, quote } from './say.ts';

/** Entries a list may have unless `maxEntries` says otherwise. */
export const DEFAULT_MAX_ENTRIES = 1000;

/** What an option may be: for any other value, the rest of a sentence that starts with the name of the option. */
export interface Kind<Value> {
  (value: unknown): string | undefined;
  /** Only for the compiler: the type of the good values. */
  readonly of?: Value;
}

/** The kind of each option, by name. */
type Kinds = Readonly<Record<string, Kind<unknown>>>;

/** The options; those that were not given, or are wrong, are `undefined`. */
export type ValuesOf<Table extends Kinds> = {
  readonly [name in keyof Table]: Table[name] extends Kind<infer Value> ? Value | undefined : never;
};

/** Fields by name, `undefined` when not given. */
export type Fields<Name extends string> = { [name in Name]: unknown };

/** A function whose parameters its caller knows. */
export type Callable = (...parameters: readonly unknown[]) => unknown;

/** An option that is checked where it is used. */
export const anything: Kind<unknown> = () => undefined;

/** An option that is called. */
export const callable: Kind<Callable> = (value) =>
  typeof value === 'function' ? undefined : `must be a function, got ${describeType(value)}`;

/** An option that is text. */
export const aText: Kind<string> = (value) =>
  typeof value === 'string' ? undefined : `must be text, got ${describeType(value)}`;

/** An option that is switched on or off. */
export const isYesOrNo: Kind<boolean> = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${describeType(value)}`;

/** An option that is an instant. */
export const aDate: Kind<Date> = (value) =>
  Number.isNaN(timeOf(value)) ? `must be a valid Date, got ${describeType(value)}` : undefined;

/** An option that is a whole number of something, or Infinity. */
export function countOf(what: string): Kind<number> {
  return (value) => {
    const isCount = typeof value === 'number' && value >= 0 && Math.floor(value) === value;
    return isCount ? undefined : `must be a whole number of ${what}, or Infinity`;
  };
}

/** An option that is one of a few words. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): Kind<Word> {
  return (value) =>
    words.includes(value as Word) ? undefined : `must be ${words.map((word) => `"${word}"`).join(' or ')}`;
}

/**
 * Reads options: the good ones, and everything wrong with the others.
 *
 * @throws ListError when reading them throws
 */
export function readOptions<Table extends Kinds>(
  given: unknown,
  kinds: Table,
): { readonly values: ValuesOf<Table>; readonly problems: Problem[] } {
  return attempt('options', 'the options', () => {
    const names = Object.keys(kinds);
    const problems = findOptionProblems(given, names);
    return { values: checkFields(readFields(given, names), kinds, problems), problems };
  });
}

/** Reads options, all of which must be right. */
export function requireOptions<Table extends Kinds>(given: unknown, kinds: Table): ValuesOf<Table> {
  const { values, problems } = readOptions(given, kinds);
  if (problems.length > 0) throw new ListError(problems);
  return values;
}

/**
 * The options that close something. `null` in their place may be what a database or a request did not have: taken for
 * absence, it would open what they close.
 */
const closing: readonly string[] = [
  'whenEmpty',
  'required',
  'ifRevision',
  'except',
  'mustAllow',
  'mustDeny',
  'ifVersion',
  'maxLoss',
  'mayBeEmpty',
];

/** Reads fields, each once. */
export function readFields<Name extends string>(given: unknown, names: readonly Name[]): Fields<Name> {
  const fields = Object.create(null);
  for (const name of names) {
    const value = readField(given, name);
    // An array, and many a class, has a method of this name.
    const isMethod = name === 'at' && typeof value === 'function';
    fields[name] = isMethod || (value === null && !closing.includes(name)) ? undefined : value;
  }
  return fields;
}

/** Checks fields. A wrong one is reported and becomes `undefined`. */
export function checkFields<Table extends Kinds>(
  fields: Fields<string & keyof Table>,
  kinds: Table,
  problems: Problem[],
): ValuesOf<Table> {
  for (const name of Object.keys(kinds) as (string & keyof Table)[]) {
    const wrong = fields[name] === undefined ? undefined : kinds[name]?.(fields[name]);
    if (wrong === undefined) continue;
    problems.push(optionProblem(`${name} ${wrong}`));
    fields[name] = undefined;
  }
  return fields as ValuesOf<Table>;
}

/** The problems of options that are not an object or have unknown names. */
export function findOptionProblems(given: unknown, known: readonly string[]): Problem[] {
  if (given === undefined || given === null) return [];
  if (typeof given !== 'object') {
    return [optionProblem(`the options must be an object, got ${describeType(given)}`)];
  }
  // None of the names would be found in an array, a Map or a promise, and a guard would be ignored in silence.
  if (isIterable(given) || isThenable(given)) {
    const found = isThenable(given) ? 'a promise' : Array.isArray(given) ? 'an array' : 'an iterable';
    return [optionProblem(`the options must be an object such as { ${known[0]} }, got ${found}`)];
  }
  const unknown = namesOf(given).filter((name) => !known.includes(name));
  const problems = unknown
    .slice(0, NAMED_OPTIONS)
    .map((name) => optionProblem(`there is no option ${quote(name)}, only ${known.join(', ')}`));
  const more = unknown.length - problems.length;
  if (more > 0) problems.push(optionProblem(`there are ${more} more unknown options`));
  return problems;
}

/**
 * The names that options have themselves, enumerable or not, and those of objects they were made from with
 * `Object.create`. The prototype of a class has a constructor, and its names are not looked at.
 */
function namesOf(given: object): string[] {
  const names = new Set<string>();
  // Bounded, as a proxy can be its own prototype.
  for (let at: object | null = given, depth = 0; at !== null && depth < MAX_PROTOTYPES; depth++) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    at = Object.getPrototypeOf(at) as object | null;
    if (at !== null && Object.hasOwn(at, 'constructor')) break;
  }
  return [...names];
}

const MAX_PROTOTYPES = 100;

/** Unknown options beyond these are counted, not named. */
const NAMED_OPTIONS = 10;

/** The problem of an option, which has no place in a text. */
export function optionProblem(message: string): Problem {
  return problemOf('options', 'invalid-option', message);
}
