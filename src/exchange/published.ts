/**
 * The reader of the JSON in which providers publish their networks. A provider is a row of paths: `prefixes[].ip_prefix`
 * is the member `ip_prefix` of each element of the array `prefixes`.
 */

import type { EntryFields, Importing } from './importing.ts';
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
  readonly #head: Scalars = new Scalars(['version', 'created', 'next']);
  /** What an item says: the values to choose it by, in the order of their keys, and its addresses. */
  readonly #keys: readonly string[];
  readonly #item: Scalars;
  /** The paths that have been found. */
  readonly #found: Set<string> = new Set();
  /** Whether the current item has a place for addresses. */
  #hasPlace = false;
  /** The number of addresses, also of those that are not chosen. */
  #seen = 0;
  /** The text of each label, cut out of the file only once. */
  readonly #labels: Map<string, string> = new Map();

  constructor(importing: Importing, provider: Provider) {
    this.#importing = importing;
    this.#provider = provider;
    this.#keys = Object.keys(provider.select ?? {});
    this.#item = new Scalars([...this.#keys, 'entry']);
    this.root = nodeOf(this.#draft());
  }

  #draft(): Draft {
    const { items, entries, select = {}, version, created, next, others } = this.#provider;
    const root: Draft = { members: new Map() };
    for (const [index, path] of [version, created?.[0], next].entries())
      if (path !== undefined) addScalar(draftAt(root, path), this.#head, index);
    for (const path of items) {
      this.#notice(root, path);
      const item = draftAt(root, path);
      item.end = (start) => this.#takeItem(start);
      for (const [index, key] of this.#keys.entries())
        addScalar(draftAt(item, select[key] as string), this.#item, index);
      for (const entry of entries) {
        this.#notice(item, entry);
        addScalar(draftAt(item, entry), this.#item, this.#keys.length);
      }
    }
    for (const path of others) draftAt(root, path).isOther = true;
    return root;
  }

  /** Notes that a path is in the file, if it is: the array itself where the path goes on to its elements. */
  #notice(from: Draft, path: string): void {
    if (path === '') return;
    draftAt(from, path.endsWith('[]') ? path.slice(0, -2) : path).found = () => {
      this.#found.add(path);
      this.#hasPlace = true;
    };
  }

  #takeItem(start: number): void {
    const { entries, label } = this.#provider;
    const [item, places] = [this.#item, this.#item.places[this.#keys.length] as number[]];
    if (!this.#hasPlace && !this.#isWhole())
      this.#importing.error(start, start + 1, 'syntax', `this object has no ${entries.join(' and no ')}`);
    this.#seen += places.length / 2;
    if (this.#isSelected()) {
      const labels = label === undefined ? [] : this.#valuesOf(this.#keys.indexOf(label));
      const joined = labels.length === 1 ? labels[0] : labels.join(', ');
      const fields: EntryFields | undefined = joined === '' ? undefined : { label: joined };
      for (let at = 0; at < places.length; at += 2)
        entryOf(this.#importing, places[at] as number, places[at + 1] as number, fields);
    }
    item.clear();
    this.#hasPlace = false;
  }

  #isSelected(): boolean {
    const { select } = this.#importing.options;
    if (select.size === 0) return true;
    // All keys, also after one that is not as wanted: the values that are nowhere in the file are reported.
    const answers = this.#keys.map((key, index) =>
      select.has(key) ? this.#importing.selects(key, this.#valuesOf(index)) : true,
    );
    return answers.every((isSelected) => isSelected);
  }

  #valuesOf(index: number): string[] {
    const values: string[] = [];
    const places = this.#item.places[index] as number[];
    for (let at = 0; at < places.length; at += 2)
      values.push(this.#textOf(places[at] as number, places[at + 1] as number));
    return values;
  }

  /** The text of a scalar. A part of the file as it is would keep the whole file in memory. */
  #textOf(start: number, end: number): string {
    const { text } = this.#importing;
    const written = text.slice(start, end);
    let label = this.#labels.get(written);
    if (label === undefined) {
      label = textOf(text, start, end);
      this.#labels.set(written, label);
    }
    return label;
  }

  #isWhole(): boolean {
    return this.#provider.items.includes('');
  }

  /** Judges the file as a whole. */
  finish(): void {
    const importing = this.#importing;
    const { items, entries, optional = [], created } = this.#provider;
    const paths = (this.#isWhole() ? entries : items).filter((path) => !optional.includes(path));
    const missing = paths.filter((path) => !this.#found.has(path));
    const [version, date, next] = this.#head.places.map(([start, end]) =>
      start === undefined ? undefined : textOf(importing.text, start, end as number),
    );
    if (version !== undefined && version !== 'null') importing.declared.version = version;
    const made = date === undefined ? undefined : created?.[1](date);
    if (made !== undefined) importing.declared.created = made;
    if (next !== undefined && next !== '' && next !== 'null') {
      const [start, end] = this.#head.places[2] as [number, number];
      importing.refuse(start, end, 'truncated', 'the list goes on at this address: read all parts of it');
    }
    if (missing.length === paths.length) {
      const expected = paths.join(' and ');
      importing.refuse(0, 0, 'syntax', `expected ${expected} in the JSON: this is a file of another kind`);
    } else if (this.#seen === 0)
      importing.refuse(0, 0, 'truncated', `there is not one address in ${paths.join(' and ')}`);
    else if (missing.length > 0)
      importing.warn(0, 0, 'syntax', `the file has no ${missing.join(' and no ')}, which such files have`);
    refuseIfAllBad(importing);
  }
}

/** Refuses a file of whose addresses none is one: a list without entries lets in whom it should not. */
export function refuseIfAllBad(importing: Importing): void {
  if (importing.trust !== 'lines-missing' || importing.groups.some(({ entries }) => entries.length > 0))
    return;
  importing.refuse(0, 0, 'syntax', 'not one of the addresses could be read');
}

function addScalar(draft: Draft, scalars: Scalars, index: number): void {
  const places = scalars.places[index] as number[];
  const before = draft.scalar;
  draft.scalar = (start, end) => {
    before?.(start, end);
    places.push(start, end);
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

function nodeOf({ members, elements, scalar, found, end, isOther }: Draft): JsonNode {
  const node: { -readonly [Name in keyof JsonNode]: JsonNode[Name] } = isOther === true ? { ...other } : {};
  const named = [...members].map(([name, member]) => [name, nodeOf(member)] as const);
  if (named.length > 0) node.members = end === undefined ? { named } : { named, end };
  if (elements !== undefined) node.elements = nodeOf(elements);
  if (scalar !== undefined) node.scalar = scalar;
  if (found !== undefined) node.found = found;
  return node;
}
