/**
 * The reader of the JSON in which providers publish their networks. A provider is a row of paths: `prefixes[].ip_prefix`
 * is the member `ip_prefix` of each element of the array `prefixes`.
 */

import type { EntryFields, Importing } from '../exchange/importing.ts';
import { entryOf, type JsonNode, other, readJson, Scalars, textOf } from './json.ts';

/** Where in the file of a provider is what. */
export interface Provider {
  /** The objects that have addresses, and of which the same is said of all: paths, or the whole file, which is `''`. */
  readonly items: readonly string[];
  /** Where in an item its addresses are. An item has one of these paths at least. */
  readonly entries: readonly string[];
  /** Those of the paths that are only there if they were asked for. */
  readonly optional?: readonly string[];
  /** The keys of the option `select`, with the paths of their values in an item. */
  readonly select?: Readonly<Record<string, string>>;
  /** The key whose value becomes the label. */
  readonly label?: string;
  /** What tells this version of the file from others. */
  readonly version?: string;
  /** When the file was made, and how that is written. */
  readonly created?: readonly [path: string, read: (text: string) => Date | undefined];
  /** Where the rest of the list is, if there is one. */
  readonly next?: string;
  /** What else is known to be in the file, by paths from its root. */
  readonly others: readonly string[];
}

/** Reads the file of a provider. */
export function readPublished(importing: Importing, provider: Provider): void {
  const file = new PublishedFile(importing, provider);
  if (readJson(importing, file.root)) file.finish();
}

/** A node that is still being put together. */
interface Draft {
  members: Map<string, Draft>;
  elements?: Draft;
  scalar?: (start: number, end: number) => void;
  found?: (start: number) => void;
  end?: (start: number, end: number) => void;
  isOther?: boolean;
}

class PublishedFile {
  readonly root: JsonNode;
  readonly #importing: Importing;
  readonly #provider: Provider;
  /** What the file says about itself. */
  readonly #head: Scalars = new Scalars();
  readonly #keys: readonly string[];
  /** What an item says: the values of each key, and its addresses, which have the number after those of the keys. */
  readonly #item: Scalars = new Scalars();
  /** The paths that are in the file. */
  readonly #found: Set<string> = new Set();
  /** Whether the current item has a place for addresses. */
  #hasPlace = false;
  /** The number of addresses, also of those that are not chosen. */
  #seen = 0;
  /** The texts of scalars, each cut out of the file only once: what was written, and what it says. */
  readonly #texts: Map<string, string> = new Map();
  /** What is said of the addresses of the item before, which is often said of those of the next, too. */
  #fields: EntryFields | undefined;
  #lastWritten = '';
  #lastText = '';

  constructor(importing: Importing, provider: Provider) {
    this.#importing = importing;
    this.#provider = provider;
    this.#keys = Object.keys(provider.select ?? {});
    this.root = nodeOf(this.#draft());
  }

  #draft(): Draft {
    const { items, entries, select = {}, label, version, created, next, others } = this.#provider;
    const root: Draft = { members: new Map() };
    for (const [field, path] of [version, created?.[0], next].entries())
      if (path !== undefined) addScalar(draftAt(root, path), this.#head.taker(field));
    for (const path of items) {
      this.#notice(root, path);
      const item = draftAt(root, path);
      item.end = (start) => this.#takeItem(start);
      for (const [index, key] of this.#keys.entries()) {
        const draft = draftAt(item, select[key] as string);
        // What is not asked for need not be kept.
        if (key === label || this.#importing.options.select.has(key))
          addScalar(draft, this.#item.taker(index));
        else draft.isOther = true;
      }
      for (const entry of entries) {
        this.#notice(item, entry);
        addScalar(draftAt(item, entry), this.#item.taker(this.#keys.length));
      }
    }
    for (const path of others) draftAt(root, path).isOther = true;
    return root;
  }

  /** Notes that a path is in the file, if it is: the array itself where the path goes on to its elements. */
  #notice(from: Draft, path: string): void {
    if (path === '') return;
    let isNew = true;
    draftAt(from, path.endsWith('[]') ? path.slice(0, -2) : path).found = () => {
      this.#hasPlace = true;
      if (isNew) this.#found.add(path);
      isNew = false;
    };
  }

  #takeItem(start: number): void {
    const { entries, label } = this.#provider;
    const item = this.#item;
    if (!this.#hasPlace && !this.#isWhole())
      this.#importing.error(start, start + 1, 'syntax', `this object has no ${entries.join(' and no ')}`);
    const isSelected = this.#isSelected(start);
    const text = isSelected && label !== undefined ? this.#labelOf(this.#keys.indexOf(label)) : '';
    if (text !== this.#fields?.label) this.#fields = text === '' ? undefined : { label: text };
    const fields = this.#fields;
    for (let at = 0; at < item.count; at++) {
      if (item.fields[at] !== this.#keys.length) continue;
      this.#seen++;
      if (isSelected) entryOf(this.#importing, item.starts[at] as number, item.ends[at] as number, fields);
    }
    item.clear();
    this.#hasPlace = false;
  }

  /** The values of a key with commas between them. */
  #labelOf(field: number): string {
    const { count, fields, starts, ends } = this.#item;
    let label = '';
    for (let at = 0; at < count; at++) {
      if (fields[at] !== field) continue;
      const value = this.#textOf(starts[at] as number, ends[at] as number);
      label = label === '' ? value : `${label}, ${value}`;
    }
    return label;
  }

  #isSelected(start: number): boolean {
    const { options } = this.#importing;
    if (options.select.size === 0) return true;
    let isSelected = true;
    // All keys, also after one that is not as wanted: the values that are nowhere in the file are reported.
    for (const [field, key] of this.#keys.entries()) {
      if (!options.select.has(key)) continue;
      const values = this.#valuesOf(field);
      const isList = this.#provider.select?.[key]?.endsWith('[]') === true;
      if (values.length === 0 && !isList) {
        const message = `this object has no ${key}, so it is not known whether it is among those that select wants`;
        this.#importing.error(start, start + 1, 'syntax', message);
      }
      if (!this.#importing.selects(key, values)) isSelected = false;
    }
    return isSelected;
  }

  #valuesOf(field: number): string[] {
    const values: string[] = [];
    const { count, fields, starts, ends } = this.#item;
    for (let at = 0; at < count; at++)
      if (fields[at] === field) values.push(this.#textOf(starts[at] as number, ends[at] as number));
    return values;
  }

  /** The text of a scalar. A part of the file as it is would keep the whole file in memory. */
  #textOf(start: number, end: number): string {
    const { text } = this.#importing;
    // Often the same as before.
    if (this.#lastWritten.length === end - start && text.startsWith(this.#lastWritten, start))
      return this.#lastText;
    const written = text.slice(start, end);
    let said = this.#texts.get(written);
    if (said === undefined) {
      said = textOf(text, start, end);
      this.#texts.set(written, said);
    }
    this.#lastWritten = written;
    this.#lastText = said;
    return said;
  }

  #isWhole(): boolean {
    return this.#provider.items.includes('');
  }

  /** What the file says about itself, if it does. */
  #headOf(field: number): string | undefined {
    const at = this.#head.find(field);
    if (at < 0) return undefined;
    const written = textOf(
      this.#importing.text,
      this.#head.starts[at] as number,
      this.#head.ends[at] as number,
    );
    return written === '' || written === 'null' ? undefined : written;
  }

  /** Judges the file as a whole. */
  finish(): void {
    const importing = this.#importing;
    const { items, entries, optional = [], created } = this.#provider;
    const paths = (this.#isWhole() ? entries : items).filter((path) => !optional.includes(path));
    const missing = paths.filter((path) => !this.#found.has(path));
    const version = this.#headOf(VERSION);
    if (version !== undefined) importing.declared.version = version;
    const made = created?.[1](this.#headOf(CREATED) ?? '');
    if (made !== undefined) importing.declared.created = made;
    if (this.#headOf(NEXT) !== undefined) {
      const at = this.#head.find(NEXT);
      const [start, end] = [this.#head.starts[at] as number, this.#head.ends[at] as number];
      importing.refuse(start, end, 'truncated', 'the list goes on at this URL: read all parts of it');
    }
    if (missing.length === paths.length) {
      const expected = paths.join(' and ');
      importing.refuse(0, 0, 'syntax', `expected ${expected} in the JSON: this is a file of another kind`);
    } else if (this.#seen === 0)
      importing.refuse(0, 0, 'truncated', `there is not one address in ${paths.join(' and ')}`);
    else if (missing.length > 0)
      importing.warn(0, 0, 'syntax', `the file has no ${missing.join(' and no ')}, which such files have`);
  }
}

/** The fields of the head of a file. */
const VERSION = 0;
const CREATED = 1;
const NEXT = 2;

function addScalar(draft: Draft, take: (start: number, end: number) => void): void {
  const { scalar } = draft;
  draft.scalar =
    scalar === undefined
      ? take
      : (start, end) => {
          scalar(start, end);
          take(start, end);
        };
}

/** The draft at a path, made if it is not there. */
function draftAt(from: Draft, path: string): Draft {
  let draft = from;
  for (const step of path === '' ? [] : path.split('.')) {
    const isArray = step.endsWith('[]');
    const name = isArray ? step.slice(0, -2) : step;
    let member = draft.members.get(name);
    if (member === undefined) {
      member = { members: new Map() };
      draft.members.set(name, member);
    }
    draft = member;
    if (isArray) {
      draft.elements ??= { members: new Map() };
      draft = draft.elements;
    }
  }
  return draft;
}

/** Nodes with all fields in one order: the engine takes them for objects of one kind, and finds their fields faster. */
function nodeOf({ members, elements, scalar, found, end, isOther }: Draft): JsonNode {
  const named = [...members].map(([name, member]) => [name, nodeOf(member)] as const);
  return {
    members: named.length > 0 ? { named, end } : undefined,
    elements: elements && nodeOf(elements),
    scalar,
    any: isOther === true ? other.any : undefined,
    found,
  };
}
