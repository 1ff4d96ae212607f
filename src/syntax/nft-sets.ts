/**
 * The sets and definitions of a file of nftables, as they are once all its statements have run.
 *
 * A file is read as `nft -f` runs it: what it flushes or deletes is gone, what it adds twice is there once, a definition is
 * replaced by what it stands for. Rules are passed over, as they are no lists.
 */

import { quote } from '../problem/say.ts';
import { makeSet, type NftSet, readElement } from './nft-elements.ts';
import { NftTokens } from './nft-tokens.ts';
import { type NftListener, NftWords, Refused } from './nft-words.ts';

const families: readonly string[] = ['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'];

/** Files that include files that include files. */
const MOST_INCLUDED = 16;

/** Reads a file. */
export function readNftSets(text: string, listener: NftListener): NftSet[] {
  const reader = new NftReader(text, listener);
  try {
    reader.statements();
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
  }
  return [...reader.sets.values(), ...reader.definitions.values()];
}

class NftReader extends NftWords {
  readonly sets: Map<string, NftSet> = new Map();
  /** The sets of each table. */
  readonly #tables: Map<string, string[]> = new Map();
  readonly definitions: Map<string, NftSet> = new Map();
  #depth = 0;
  /** How many more elements definitions may stand for: more than a file is long are there to make it grow. */
  #room: number;

  constructor(text: string, listener: NftListener) {
    super(new NftTokens(text), listener);
    this.#room = 1000 + text.length;
  }

  /** Reads the statements of a file. */
  statements(): void {
    const tokens = this.tokens;
    for (;;) {
      while (tokens.isOver) {
        if (tokens.kind === 'end') {
          this.endOfText();
          return;
        }
        tokens.next();
      }
      if (!this.#common()) this.#command();
      this.over();
    }
  }

  /** The words that are read everywhere. Returns whether there is one. */
  #common(): boolean {
    const tokens = this.tokens;
    if (tokens.isWord('include')) this.#include();
    else if (tokens.isWord('define') || tokens.isWord('redefine')) this.#define();
    else if (tokens.isWord('undefine')) {
      tokens.next();
      this.definitions.delete(this.word('the name of a definition'));
    } else return false;
    return true;
  }

  #command(): void {
    const tokens = this.tokens;
    const isCommand = ['add', 'create', 'flush', 'delete', 'destroy'].find((word) => tokens.isWord(word));
    const [start, end] = [tokens.start, tokens.end];
    const command = isCommand ?? 'add';
    if (isCommand !== undefined) tokens.next();
    const object = this.word('a command of nft');
    if (command === 'add' || command === 'create') this.#add(object, start, end);
    else if (object === 'element')
      this.refuse(
        'negated',
        start,
        end,
        `${command} element takes something out of a set: only nft knows what is left`,
      );
    else if (object === 'set' || object === 'map') {
      const { path } = this.#path();
      if (command !== 'flush') this.sets.delete(path);
      else if (this.sets.has(path)) (this.sets.get(path) as NftSet).elements = [];
    } else if (object === 'ruleset') {
      const family = families.find((name) => tokens.isWord(name));
      if (family !== undefined) tokens.next();
      this.#forget(family === undefined ? '' : `${family} `);
    } else if (object === 'table' && command !== 'flush') this.#forget(`${this.#tablePath()} `);
    else this.skip();
  }

  #add(object: string, start: number, end: number): void {
    const tokens = this.tokens;
    if (object === 'table') {
      const table = this.#tablePath();
      if (tokens.isSign('{')) this.#table(table);
    } else if (object === 'set' || object === 'map') this.#set(object, this.#path());
    else if (object === 'element') {
      const { path, name, start: from, end: to } = this.#path();
      this.#elements(this.#setOf('set', path, name, from, to));
    } else if (object === 'elements') {
      // The body of a set, cut out of its file.
      this.sign('=');
      this.#elements(this.#setOf('set', '', '', start, end));
    } else if (['chain', 'rule', 'insert', 'replace'].includes(object)) this.rules();
    else if (
      [
        'flowtable',
        'counter',
        'quota',
        'limit',
        'ct',
        'secmark',
        'synproxy',
        'list',
        'reset',
        'rename',
      ].includes(object)
    )
      this.skip();
    else
      this.refuse(
        'syntax',
        start,
        end,
        `${quote(object)} is not a command of nft: this is the text that nft -f reads`,
      );
  }

  /** A table with all that is in it. */
  #table(table: string): void {
    this.#block(() => {
      const tokens = this.tokens;
      const isSet = tokens.isWord('set') || tokens.isWord('map');
      if (tokens.isWord('chain')) this.rules();
      else if (isSet) {
        const kind = tokens.isWord('set') ? 'set' : 'map';
        tokens.next();
        const [start, end] = [tokens.start, tokens.end];
        const name = this.word('the name of a set');
        this.#set(kind, { path: `${table} ${name}`, name, start, end });
      } else this.skip();
    });
  }

  #set(kind: 'set' | 'map', { path, name, start, end }: Named): void {
    const set = this.#setOf(kind, path, name, start, end);
    const tokens = this.tokens;
    if (!tokens.isSign('{')) return;
    this.#block(() => {
      const what = tokens.value;
      const isWord = tokens.kind === 'word';
      const from = tokens.start;
      const to = tokens.end;
      tokens.next();
      if (!isWord) this.refuse('syntax', from, to, 'a statement of a set begins with a word');
      if (what === 'type' || what === 'typeof') set.type = this.restOf();
      else if (what === 'timeout') set.timeout = this.duration();
      else if (what === 'elements') {
        this.sign('=');
        this.#elements(set);
      } else this.skip();
    });
  }

  #define(): void {
    const tokens = this.tokens;
    tokens.next();
    const [start, end] = this.place();
    const name = this.word('the name of a definition');
    this.sign('=');
    const set = makeSet('definition', name, name, start, end);
    if (tokens.isSign('{') || tokens.isSign('$')) this.#elements(set);
    else readElement(this, set);
    this.definitions.set(name, set);
  }

  /** Elements in braces, or a definition that stands for them. */
  #elements(set: NftSet): void {
    const tokens = this.tokens;
    if (tokens.isSign('$')) {
      this.#reference(set);
      return;
    }
    const [start, end] = this.place();
    if (!tokens.isSign('{')) this.refuse('syntax', start, end, 'elements are in braces: { 192.0.2.1 }');
    tokens.nextInLines();
    while (!tokens.isSign('}')) {
      if (tokens.isSign('$')) this.#reference(set);
      else readElement(this, set);
      this.passLines();
      if (tokens.isSign(',')) tokens.nextInLines();
      else if (!tokens.isSign('}')) this.unexpected('a comma or a closing brace');
    }
    tokens.next();
  }

  #reference(set: NftSet): void {
    const tokens = this.tokens;
    const [start] = this.place();
    tokens.next();
    const [, end] = this.place();
    const name = this.word('the name of a definition');
    const definition = this.definitions.get(name);
    if (definition === undefined)
      this.refuse('syntax', start, end, `nothing is defined as ${quote(name)} here`);
    definition.isUsed = true;
    this.#room -= definition.elements.length;
    if (this.#room < 0)
      this.refuse(
        'too-many-entries',
        start,
        end,
        'definitions stand for more elements than the file is long',
      );
    for (const element of definition.elements) set.elements.push(element);
  }

  #include(): void {
    const tokens = this.tokens;
    const [start] = this.place();
    tokens.next();
    const [, end] = this.place();
    const name = tokens.value;
    const text = this.listener.includes.get(name);
    if (text === undefined)
      this.refuse(
        'include',
        start,
        end,
        `the file includes ${quote(name)}: give its text in the option includes`,
      );
    tokens.next();
    if (++this.#depth > MOST_INCLUDED)
      this.refuse('include', start, end, 'the files include each other without end');
    const [outer, place] = [this.tokens, this.included];
    this.#room += text.length;
    this.included = place ?? [start, end];
    this.tokens = new NftTokens(text);
    this.statements();
    this.tokens = outer;
    this.included = place;
    this.#depth--;
  }

  /** Reads what is between braces, a statement at a time. */
  #block(statement: () => void): void {
    const tokens = this.tokens;
    tokens.next();
    for (;;) {
      while (tokens.kind === 'line' || tokens.isSign(';')) tokens.next();
      if (tokens.kind === 'end') this.unexpected('a closing brace');
      if (tokens.isSign('}')) break;
      if (!this.#common()) statement();
      if (!tokens.isSign('}')) this.over();
    }
    tokens.next();
  }

  #forget(start: string): void {
    // A table by its name, or all of a family, or all.
    const found = start.trim().includes(' ')
      ? [start]
      : [...this.#tables.keys()].filter((table) => table.startsWith(start));
    for (const table of found) {
      for (const path of this.#tables.get(table) ?? []) this.sets.delete(path);
      this.#tables.delete(table);
    }
  }

  /** Family, table and name of a set. */
  #path(): Named {
    const table = this.#tablePath();
    const [start, end] = this.place();
    const name = this.word('the name of a set');
    return { path: `${table} ${name}`, name, start, end };
  }

  #tablePath(): string {
    const family = families.find((name) => this.tokens.isWord(name));
    if (family !== undefined) this.tokens.next();
    return `${family ?? 'ip'} ${this.word('the name of a table')}`;
  }

  #setOf(kind: 'set' | 'map', path: string, name: string, start: number, end: number): NftSet {
    const known = this.sets.get(path);
    if (known !== undefined) return known;
    const set = makeSet(kind, path, name, start, end);
    this.sets.set(path, set);
    const table = path.slice(0, path.lastIndexOf(' ') + 1);
    const paths = this.#tables.get(table) ?? [];
    paths.push(path);
    this.#tables.set(table, paths);
    return set;
  }
}

interface Named {
  readonly path: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
}
