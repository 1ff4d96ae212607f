/**
 * Files of objects: of several documents, in lists of Kubernetes, each with a name by which one is chosen.
 */

import { scanEntry, span } from '../address/entry.ts';
import { wordsOf } from '../address/scanner.ts';
import { compareWords } from '../address/words.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { commentAfter, type YamlField, type YamlMap, type YamlText, type YamlValue } from './yaml.ts';

/** An object that has entries. */
export interface NamedObject {
  readonly name: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly value: YamlMap;
}

/** The objects of all documents, those of lists in their places. */
export function objectsOf(documents: readonly YamlValue[]): readonly YamlMap[] {
  const objects: YamlMap[] = [];
  for (const root of documents) {
    if (root.kind !== 'map') continue;
    const items = fieldOf(root, 'items')?.value;
    const isList = textOf(root, 'kind')?.endsWith('List') === true;
    if (!isList || items?.kind !== 'list') objects.push(root);
    else for (const item of items.items) if (item.kind === 'map') objects.push(item);
  }
  return objects;
}

/** A field by its exact name. */
export function fieldOf(map: YamlMap | undefined, name: string): YamlField | undefined {
  return map?.fields.get(name);
}

/** A field that is text. */
export function textOf(map: YamlMap | undefined, name: string): string | undefined {
  const value = fieldOf(map, name)?.value;
  return value?.kind === 'text' ? value.value : undefined;
}

/** A field that is a map. */
export function mapOf(map: YamlMap | undefined, name: string): YamlMap | undefined {
  const value = fieldOf(map, name)?.value;
  return value?.kind === 'map' ? value : undefined;
}

/**
 * The one object that is meant: the one that the option `set` names, or the only one.
 *
 * @param what - what the objects are called, for messages
 */
export function chooseObject(
  importing: Importing,
  found: readonly NamedObject[],
  what: string,
): NamedObject | undefined {
  const { set } = importing.options;
  const named = set === undefined ? found : found.filter(({ name }) => name === set);
  const [first, second] = named;
  if (importing.trust === 'refused') return undefined;
  if (first === undefined) {
    if (set === undefined)
      importing.refuse(0, 0, 'syntax', `the text has no ${what} with a list of addresses`);
    else
      importing.refuse(0, 0, 'unselected', `the text has no ${what} ${quote(set)} with a list of addresses`);
  }
  if (second === undefined) return first;
  const some = found.slice(0, 5).map(({ name }) => quote(name ?? ''));
  const message =
    set === undefined
      ? `one ${what} of several decides about a client: choose with the option set, such as ${some.join(', ')}`
      : `there is more than one ${what} ${quote(set)}: give the text of one of them alone`;
  importing.refuse(second.start, second.end, 'set-required', message);
  return undefined;
}

/** Reports a value that is not text. */
function refuseValue(importing: Importing, { start, end }: YamlValue): void {
  const message = 'an address must be text, without a tag: put it in quotation marks';
  importing.error(start, end, 'syntax', message);
}

/** How networks are written somewhere. */
export interface NetworkShape {
  /** Whether a single address needs its prefix length, too. */
  readonly needsLength?: boolean;
  /** Whether it is an exception of the group. */
  readonly isException?: boolean;
}

/**
 * Takes text as an address or a prefix, and the comment after it as its note. Ranges are errors: the programs that read
 * these files have none.
 *
 * @returns the text, if it has been taken
 */
export function takeNetworkText(
  importing: Importing,
  value: YamlValue,
  fields: EntryFields,
  { needsLength = false, isException = false }: NetworkShape = {},
): YamlText | undefined {
  if (value.kind !== 'text') {
    refuseValue(importing, value);
    return undefined;
  }
  const { start, end, value: text } = value;
  if (refuseShape(importing, text, start, end, needsLength)) return undefined;
  const described = { ...fields, note: commentAfter(importing.text, end) };
  const isTaken = isException
    ? importing.exceptionOf(text, start, end, described)
    : importing.entryOf(text, start, end, described);
  return isTaken ? value : undefined;
}

/** Reports what an entry can be and a network cannot. */
export function refuseShape(
  importing: Importing,
  text: string,
  start: number,
  end: number,
  needsLength = false,
): boolean {
  if (!scanEntry(text, 0, text.length)) return false;
  if (text.includes('-')) {
    importing.error(start, end, 'syntax', 'ranges are not taken here: write prefixes');
    return true;
  }
  if (!needsLength || text.includes('/')) return false;
  const written = `${text}/${text.includes(':') ? 128 : 32}`;
  const message = `a prefix length is required here: for one address, write ${written}`;
  importing.error(start, end, 'prefix-length-missing', message, written);
  return true;
}

/** Whether all addresses of a prefix are in another one, which has more. */
export function isStrictlyInside(inner: string, outer: string): boolean {
  if (!scanEntry(outer, 0, outer.length)) return false;
  const { family, length } = span;
  const [first, last] = [span.first.slice(), span.last.slice()];
  if (!scanEntry(inner, 0, inner.length) || span.family !== family || span.length <= length) return false;
  const width = wordsOf(family);
  return compareWords(first, span.first, width) <= 0 && compareWords(span.last, last, width) <= 0;
}

/** Whether a text is the name of an object of Kubernetes: that of a subdomain, RFC 1123. */
export function isObjectName(name: string): boolean {
  const signs = [...name];
  const isInner = (sign: string): boolean => isLetterOrDigit(sign) || sign === '-' || sign === '.';
  return (
    name.length <= 253 && signs.every(isInner) && isLetterOrDigit(signs[0]) && isLetterOrDigit(signs.at(-1))
  );
}

function isLetterOrDigit(sign: string | undefined): boolean {
  return sign !== undefined && ((sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9'));
}
