/**
 * JSON with places: the platform says whether a text is JSON, and one walk over the valid text says where the values are
 * that a format reads. Nothing else of the text becomes an object.
 */

import type { EntryFields, Importing } from '../exchange/importing.ts';
import { BYTE_ORDER_MARK } from '../list/grammar.ts';
import { quote } from '../problem/say.ts';
import { findJsonFault, MOST_LEVELS, TOO_DEEP } from './json-fault.ts';
import {
  afterBlanks,
  BRACE,
  BRACKET,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COMMA,
  endOfString,
  endOfToken,
  QUOTE,
} from './json-text.ts';

/** What may stand at a place of a document. A value of a kind that is not named here is an error at its place. */
export interface JsonNode {
  readonly members?: JsonMembers | undefined;
  /** What the elements of an array are. */
  readonly elements?: JsonNode | undefined;
  /** Told of text, a number, `true`, `false` or `null`: where it starts, with its quotation mark, and where it ends. */
  readonly scalar?: ((start: number, end: number) => void) | undefined;
  /** Told of a value of any other kind, which is not looked into. */
  readonly any?: ((start: number, end: number) => void) | undefined;
  /** Told of a value of any kind before what is in it. */
  readonly found?: ((start: number) => void) | undefined;
}

/** The members of an object. A name that is there twice is an error, as programs differ in which of the two counts. */
export interface JsonMembers {
  /** What is read, and {@link other} for what is known to be something else: at most 31 names. */
  readonly named: readonly (readonly [name: string, node: JsonNode])[];
  /** What a member is that has none of these names; without it, it is left out with a warning. */
  readonly unnamed?: (name: string) => JsonNode | undefined;
  /** Told of the object when all of its members have been read. */
  readonly end?: ((start: number, end: number) => void) | undefined;
}

/** A value of any kind that a format has no use for. */
export const other: JsonNode = { any: () => {} };

/**
 * Reads a text as JSON and passes what is in it to the nodes. A text that is not JSON is refused at the place where it is
 * not; whatever was cut off is refused as `truncated`.
 *
 * @returns whether the text is JSON
 */
export function readJson(importing: Importing, root: JsonNode): boolean {
  const { text } = importing;
  const from = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  let isJson = true;
  try {
    JSON.parse(from === 0 ? text : text.slice(from));
  } catch {
    // What it says, and whether it says where, depends on the engine.
    isJson = false;
  }
  if (isJson) new Walk(importing).value(root, afterBlanks(text, from));
  else {
    const { at, end, code, message } = findJsonFault(text, from);
    importing.refuse(at, end, code, message);
  }
  return isJson;
}

/** What a scalar says: the text without its escapes, or the number or word as it is written. */
export function textOf(text: string, start: number, end: number): string {
  const written = text.slice(start, end);
  return text.charCodeAt(start) === QUOTE ? (JSON.parse(written) as string) : written;
}

/** Takes a scalar as an entry. What is not text is an error. */
export function entryOf(importing: Importing, start: number, end: number, fields?: EntryFields): boolean {
  const { text } = importing;
  if (text.charCodeAt(start) !== QUOTE) {
    const found = quote(text.slice(start, end));
    importing.error(start, end, 'syntax', `expected an address in quotation marks, got ${found}`);
    return false;
  }
  if (importing.tryEntry(start + 1, end - 1, fields)) return true;
  const value = textOf(text, start, end);
  // Without escapes, the place of a fault is one of the text.
  return value.length === end - start - 2
    ? importing.entry(start + 1, end - 1, fields)
    : importing.entryOf(value, start + 1, end - 1, fields);
}

/**
 * The scalars that have been found in an object, in their order: the number of the field that each is of, and where it
 * starts and ends. For objects that are read again and again: what is forgotten is written over.
 */
export class Scalars {
  count = 0;
  readonly fields: number[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  /** Takes the scalars of a place in the document as values of a field. */
  taker(field: number): (start: number, end: number) => void {
    return (start, end) => {
      const at = this.count++;
      this.fields[at] = field;
      this.starts[at] = start;
      this.ends[at] = end;
    };
  }

  /** The position of the first value of a field, or -1. */
  find(field: number): number {
    for (let at = 0; at < this.count; at++) if (this.fields[at] === field) return at;
    return -1;
  }

  /** Forgets all values, before the next object. */
  clear(): void {
    this.count = 0;
  }
}

/** A walk over a text that is known to be JSON. It goes no deeper into itself than the nodes do. */
class Walk {
  readonly #importing: Importing;
  readonly #text: string;
  /** The names of the members of each kind of object. */
  readonly #names: Map<JsonMembers, Names> = new Map();
  /** The unknown names that have been reported, each once for a shape. */
  readonly #reported: Map<JsonMembers, Set<string>> = new Map();

  constructor(importing: Importing) {
    this.#importing = importing;
    this.#text = importing.text;
  }

  /** Reads the value that starts at an offset, and returns where it ends. */
  value(node: JsonNode, start: number): number {
    const code = this.#text.charCodeAt(start);
    node.found?.(start);
    if (code === BRACE && node.members !== undefined) return this.#object(node.members, start);
    if (code === BRACKET && node.elements !== undefined) return this.#array(node.elements, start);
    const isScalar = code !== BRACE && code !== BRACKET;
    const end = isScalar ? endOfToken(this.#text, start) : this.#skip(start);
    const take = (isScalar ? node.scalar : undefined) ?? node.any;
    if (take === undefined) this.#refuse(node, start, end);
    else take(start, end);
    return end;
  }

  #array(elements: JsonNode, start: number): number {
    const text = this.#text;
    let at = afterBlanks(text, start + 1);
    if (text.charCodeAt(at) === CLOSING_BRACKET) return at + 1;
    for (;;) {
      at = afterBlanks(text, this.value(elements, at));
      if (text.charCodeAt(at) !== COMMA) return at + 1;
      at = afterBlanks(text, at + 1);
    }
  }

  #object(members: JsonMembers, start: number): number {
    const text = this.#text;
    const { named, unnamed } = members;
    const names = this.#namesOf(members);
    let seen = 0;
    let others: Set<string> | undefined;
    let at = afterBlanks(text, start + 1);
    let before = -1;
    while (text.charCodeAt(at) !== CLOSING_BRACE) {
      const nameEnd = endOfString(text, at);
      let index = names.find(text, at, nameEnd, before);
      const name = index < 0 ? textOf(text, at, nameEnd) : '';
      if (index < 0) index = named.findIndex(([known]) => known === name);
      const isTwice = index < 0 ? others?.has(name) === true : (seen & (1 << index)) !== 0;
      if (isTwice) this.#refuseTwice(at, nameEnd);
      const valueStart = afterBlanks(text, text.indexOf(':', nameEnd) + 1);
      if (index >= 0) {
        seen |= 1 << index;
        before = index;
        at = this.value((named[index] as readonly [string, JsonNode])[1], valueStart);
      } else {
        const node = unnamed?.(name);
        // Only names that mean something can mean two things.
        if (node === undefined) this.#skipUnknown(members, name, at, nameEnd);
        else {
          others ??= new Set();
          others.add(name);
        }
        at = this.value(node ?? other, valueStart);
      }
      at = afterBlanks(text, at);
      // Valid JSON has a name after a comma. Native searches take less time than steps over its blanks.
      if (text.charCodeAt(at) === COMMA) at = text.indexOf('"', at);
    }
    members.end?.(start, at + 1);
    return at + 1;
  }

  #namesOf(members: JsonMembers): Names {
    let names = this.#names.get(members);
    if (names === undefined) {
      names = new Names(members);
      this.#names.set(members, names);
    }
    return names;
  }

  /** The end of an object or array that nothing in is read. */
  #skip(start: number): number {
    const text = this.#text;
    let depth = 0;
    let at = start;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        at = endOfString(text, at);
        continue;
      }
      at++;
      if (code === BRACE || code === BRACKET) {
        depth++;
        // Some engines refuse this as JSON, and then all of them have to.
        if (depth === MOST_LEVELS) this.#importing.refuse(at - 1, at, 'syntax', TOO_DEEP);
      } else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) {
        depth--;
        if (depth === 0) return at;
      }
    }
  }

  #skipUnknown(members: JsonMembers, name: string, start: number, end: number): void {
    let reported = this.#reported.get(members);
    if (reported === undefined) {
      reported = new Set();
      this.#reported.set(members, reported);
    }
    if (reported.has(name)) return;
    reported.add(name);
    const message = `left out, here and wherever else it is: files of this format are not known to have ${quote(name)}`;
    this.#importing.warn(start, end, 'skipped', message);
  }

  #refuseTwice(start: number, end: number): void {
    const message =
      'the name is there twice in one object, and programs differ in which of the two values counts: leave one out';
    this.#importing.refuse(start, end, 'syntax', message);
  }

  #refuse(node: JsonNode, start: number, end: number): void {
    const kinds = [
      node.members === undefined ? '' : 'an object',
      node.elements === undefined ? '' : 'an array',
      node.scalar === undefined ? '' : 'text or a number',
    ];
    const expected = kinds.filter((kind) => kind !== '').join(' or ');
    const got = quote(this.#text.slice(start, end));
    this.#importing.error(start, end, 'syntax', `expected ${expected} here, got ${got}`);
  }
}

/** The names of the members of a kind of object, as they are in the text with their quotation marks. */
class Names {
  readonly #quoted: readonly string[];
  /** For each name, the one that has come after it: objects of a kind mostly have their members in one order. */
  readonly #next: number[];

  constructor({ named }: JsonMembers) {
    this.#quoted = named.map(([name]) => `"${name}"`);
    this.#next = [0, ...named.map((_, index) => index + 1)];
  }

  /** The number of the name that stands at an offset, after the one that stood before it; -1 if it is not known. */
  find(text: string, start: number, end: number, before: number): number {
    const written = text.slice(start, end);
    const guess = this.#next[before + 1] as number;
    if (written === this.#quoted[guess]) return guess;
    const index = this.#quoted.indexOf(written);
    if (index >= 0) this.#next[before + 1] = index;
    return index;
  }
}
