/**
 * YAML, read by the module `yaml` that the caller hands in, as values with their places.
 *
 * Aliases and merge keys are resolved, without copies. What one program reads in another way than the next is refused:
 * keys that are written twice, line ends that only some take for one.
 */

import type { Importing } from '../exchange/importing.ts';
import { endOfLine } from '../list/grammar.ts';
import { quote } from '../problem/say.ts';

/** Where a value is in the text. */
interface Placed {
  readonly start: number;
  readonly end: number;
  /** How many values there are in it, counted again for each alias. */
  readonly size: number;
  readonly depth: number;
}

/** Text, and nothing that only looks like it: `192.0` is a number. The place is without quotation marks. */
export interface YamlText extends Placed {
  readonly kind: 'text';
  readonly value: string;
}

export interface YamlList extends Placed {
  readonly kind: 'list';
  readonly items: readonly YamlValue[];
}

export interface YamlMap extends Placed {
  readonly kind: 'map';
  readonly fields: ReadonlyMap<string, YamlField>;
}

/** A number, a truth value, or something with a tag of its own. */
export interface YamlOther extends Placed {
  readonly kind: 'other';
  /** As it is written. */
  readonly written: string;
}

/** Nothing: `null`, `~` or no value at all. */
export interface YamlNothing extends Placed {
  readonly kind: 'nothing';
}

export type YamlValue = YamlText | YamlList | YamlMap | YamlOther | YamlNothing;

/** A key with its value. */
export interface YamlField {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly value: YamlValue;
}

/** What is used of the module `yaml`. */
interface YamlModule {
  readonly Lexer: new () => { lex(text: string): Iterable<string> };
  readonly Parser: new () => {
    readonly stack: readonly unknown[];
    next(lexeme: string): Iterable<unknown>;
    end(): Iterable<unknown>;
  };
  readonly Composer: new (
    options: object,
  ) => {
    next(token: unknown): Iterable<ComposedDocument>;
    end(forceDocument: boolean, endOffset: number): Iterable<ComposedDocument>;
  };
  isAlias(node: unknown): boolean;
  isMap(node: unknown): boolean;
}

interface ComposedDocument {
  readonly errors: readonly { readonly message: string; readonly pos: readonly [number, number] }[];
  readonly contents: unknown;
}

/** What is used of its nodes. */
interface Node {
  readonly range?: readonly [start: number, valueEnd: number, nodeEnd: number];
  readonly tag?: string;
  readonly anchor?: string;
  readonly items?: readonly unknown[];
  readonly source?: string;
  readonly value?: unknown;
  readonly type?: string;
}

/** Programs that people write nest less; a reader of deep texts would run out of stack. */
const MAX_DEPTH = 200;

/** What a text is refused for, at its place. */
class Refusal {
  readonly start: number;
  readonly end: number;
  readonly message: string;

  constructor(start: number, end: number, message: string) {
    this.start = start;
    this.end = end;
    this.message = message;
  }
}

/**
 * Reads the documents of a text. Linear in the text.
 *
 * @returns the values of the documents; `undefined` when the text has been refused
 */
export function readYaml(importing: Importing): readonly YamlValue[] | undefined {
  const { text } = importing;
  try {
    refuseLineEnds(text);
    const module = importing.options.yaml as YamlModule;
    const documents = compose(text, module);
    return documents.map((composed) => {
      const [error] = composed.errors;
      if (error !== undefined)
        throw new Refusal(error.pos[0], error.pos[1], `this is not YAML: ${quote(error.message)}`);
      return new Resolver(text, module).read(composed.contents);
    });
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    importing.refuse(thrown.start, thrown.end, 'syntax', thrown.message);
    return undefined;
  }
}

/** Line ends of YAML 1.1, or of none: to some programs, what comes after one is still a comment, and to others an entry. */
function refuseLineEnds(text: string): void {
  for (const sign of ['\0', '\u0085', '\u2028', '\u2029']) {
    const at = text.indexOf(sign);
    if (at >= 0) throw new Refusal(at, at + 1, 'programs disagree about this character in YAML: take it out');
  }
  for (let at = text.indexOf('\r'); at >= 0; at = text.indexOf('\r', at + 1)) {
    if (text.charAt(at + 1) === '\n') continue;
    throw new Refusal(
      at,
      at + 1,
      'a carriage return alone is a line end for some programs only: take it out',
    );
  }
}

function compose(text: string, { Lexer, Parser, Composer }: YamlModule): readonly ComposedDocument[] {
  const parser = new Parser();
  const tokens: unknown[] = [];
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    offset += lexeme.length;
    // Composing is recursive.
    if (parser.stack.length > MAX_DEPTH)
      throw new Refusal(
        Math.min(offset, text.length),
        text.length,
        `values nest more than ${MAX_DEPTH} deep`,
      );
  }
  for (const token of parser.end()) tokens.push(token);
  const composer = new Composer({
    // The keys are compared here: the module takes quadratic time for it.
    uniqueKeys: false,
    merge: false,
    schema: 'core',
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents: ComposedDocument[] = [];
  for (const token of tokens) documents.push(...composer.next(token));
  documents.push(...composer.end(false, text.length));
  return documents;
}

/** Makes values of the nodes of one document. */
class Resolver {
  readonly #text: string;
  readonly #module: YamlModule;
  /** The values of anchors so far; `undefined` inside of the value itself. */
  readonly #anchors: Map<string, YamlValue | undefined> = new Map();
  /** More values than this come from aliases of aliases, which would fill any memory. */
  readonly #most: number;
  #merged = 0;

  constructor(text: string, module: YamlModule) {
    this.#text = text;
    this.#module = module;
    this.#most = 100_000 + 10 * text.length;
  }

  read(given: unknown): YamlValue {
    const node = (given ?? {}) as Node;
    const [start = 0, end = start] = node.range ?? [];
    if (this.#module.isAlias(given)) return this.#aliased(node.source ?? '', start, end);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const value = this.#valueOf(node, start, end);
    if (value.size > this.#most) throw new Refusal(start, end, 'aliases repeat too many values');
    if (value.depth > MAX_DEPTH) throw new Refusal(start, end, `values nest more than ${MAX_DEPTH} deep`);
    if (anchor !== undefined) this.#anchors.set(anchor, value);
    return value;
  }

  #aliased(name: string, start: number, end: number): YamlValue {
    const value = this.#anchors.get(name);
    if (value !== undefined) return value;
    const what = this.#anchors.has(name)
      ? 'is inside the value that it repeats'
      : 'repeats nothing before it';
    throw new Refusal(start, end, `the alias ${quote(`*${name}`)} ${what}`);
  }

  #valueOf(node: Node, start: number, end: number): YamlValue {
    const { items, tag, value } = node;
    const place = { start, end, size: 1, depth: 1 };
    const written = this.#text.slice(start, end);
    if (tag !== undefined && !isUsualTag(tag)) {
      if (items === undefined) return { kind: 'other', written, ...place };
      throw new Refusal(
        start,
        end,
        `the tag ${quote(tag)} is not read: what it makes of a value is not known`,
      );
    }
    if (items === undefined) {
      if (typeof value === 'string')
        return { kind: 'text', value, ...place, ...withoutMarks(node, start, end) };
      return value === null || value === undefined
        ? { kind: 'nothing', ...place }
        : { kind: 'other', written, ...place };
    }
    if (this.#module.isMap(node)) return this.#mapOf(items as readonly Pair[], place);
    const values = items.map((item) => this.read(item));
    return { kind: 'list', items: values, ...measured(place, values) };
  }

  #mapOf(pairs: readonly Pair[], place: Placed): YamlMap {
    const fields = new Map<string, YamlField>();
    const own = new Set<string>();
    for (const pair of pairs) {
      const key = (pair.key ?? {}) as Node;
      const [start = place.start, end = start] = key.range ?? [];
      const name = this.#nameOf(pair.key, start, end);
      const value = this.read(pair.value);
      if (own.has(name)) throw new Refusal(start, end, `the key ${quote(name)} is written twice`);
      own.add(name);
      if (name === '<<' && key.type === 'PLAIN') this.#merge(value, fields, own);
      else fields.set(name, { name, start, end, value });
    }
    return {
      kind: 'map',
      fields,
      ...measured(
        place,
        [...fields.values()].map(({ value }) => value),
      ),
    };
  }

  #nameOf(key: unknown, start: number, end: number): string {
    const node = this.read(key);
    if (node.kind === 'text') return node.value;
    if (node.kind === 'other' && node.depth === 1) return node.written;
    throw new Refusal(start, end, 'a key must be text: is this a template that has to be filled in first?');
  }

  /** Adds the fields of maps; those of the map itself, and of the maps before, count more. */
  #merge(value: YamlValue, fields: Map<string, YamlField>, own: ReadonlySet<string>): void {
    for (const map of value.kind === 'list' ? value.items : [value]) {
      if (map.kind !== 'map') throw new Refusal(value.start, value.end, '"<<" takes maps');
      this.#merged += map.fields.size;
      if (this.#merged > this.#most)
        throw new Refusal(value.start, value.end, 'aliases repeat too many values');
      for (const [name, field] of map.fields) {
        if (own.has(name))
          throw new Refusal(
            value.start,
            value.end,
            `programs disagree about ${quote(name)}, which is before "<<" and in it: write it after "<<"`,
          );
        if (!fields.has(name)) fields.set(name, field);
      }
    }
  }
}

/** A key with its value, as the module has them. */
interface Pair {
  readonly key: unknown;
  readonly value: unknown;
}

function isUsualTag(tag: string): boolean {
  return ['str', 'map', 'seq'].some((name) => tag === `tag:yaml.org,2002:${name}`);
}

/** The place of a text without its quotation marks. */
function withoutMarks({ type = '' }: Node, start: number, end: number): Pick<Placed, 'start' | 'end'> {
  return type.startsWith('QUOTE') ? { start: start + 1, end: end - 1 } : { start, end };
}

function measured(place: Placed, values: readonly YamlValue[]): Placed {
  let { size, depth } = place;
  for (const value of values) {
    size += value.size;
    depth = Math.max(depth, value.depth + 1);
  }
  return { ...place, size, depth };
}

/** The comment that stands after a value on its line. */
export function commentAfter(text: string, end: number): string | undefined {
  let at = end;
  const mark = text.charAt(at);
  if (mark === '"' || mark === "'") at++;
  const from = at;
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++;
  return at > from && text.charAt(at) === '#' ? text.slice(at + 1, endOfLine(text, at)) : undefined;
}
