/**
 * What can be read of a list: its entries, groups and warnings, its revision, and what it does in words.
 */

import type { ManagedList } from '../list/managed.ts';
import { type ParsedList, parseList } from '../list/reader.ts';
import type { Entry, EntryTable, Mode } from '../list/table.ts';
import type { Verdict } from '../policy/decision.ts';
import type { Problem } from '../problem/errors.ts';
import { timeOf } from '../problem/foreign.ts';
import { aDate, oneOf, requireOptions } from '../problem/options.ts';
import type { StoredList } from './given.ts';
import { type EntryGroup, groupEntries } from './groups.ts';
import { revisionOf } from './revision.ts';
import { describeList, printList } from './words.ts';

/** A list that has been read. */
export interface ListState {
  readonly mode: Mode;
  readonly maxEntries: number;
  readonly text: string;
  readonly table: EntryTable;
}

/** What a description of a list should take into account. */
export interface DescribeOptions {
  /** The verdict of the policy for everyone while the list has no entries; `allow` when not given. */
  readonly whenEmpty?: Verdict | undefined;
  /** The instant to describe: entries that do not count then are told apart. Without it all entries are described. */
  readonly at?: Date | undefined;
}

/** The method that Node, Deno and Bun call before they print an object. */
const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/** A list as far as it is read; its changes are in {@link RestrictionList}. */
export class ReadableList implements ManagedList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The most entries that the list may ever have, whatever change is made. */
  readonly maxEntries: number;
  readonly #text: string;
  readonly #size: number;
  #parsed: ParsedList | undefined;
  #groups: readonly EntryGroup[] | undefined;
  #revision: string | undefined;

  /** @internal */
  protected constructor({ mode, maxEntries, text, table }: ListState) {
    this.mode = mode;
    this.maxEntries = maxEntries;
    this.#text = text;
    this.#size = table.size;
    const value = (): string => printList(mode, table.size);
    Object.defineProperty(this, inspect, Object.assign(Object.create(null), { value }));
  }

  /** The entries in line order. Frozen. */
  get entries(): readonly Entry[] {
    return this.#read().entries;
  }

  /** The warnings about the list, by line and column. Frozen. A warning never stops a change. */
  get problems(): readonly Problem[] {
    return this.#read().problems;
  }

  /**
   * The entries by note, in order of appearance. Entries that share a note are a group; those without one are the group
   * whose note is `undefined`. Frozen.
   */
  get groups(): readonly EntryGroup[] {
    this.#groups ??= groupEntries(this.entries);
    return this.#groups;
  }

  /**
   * A hash of mode and text: 32 hexadecimal digits, the same on every runtime and in every version. Pass it to a change
   * as `ifRevision`, and the change is refused when somebody else has saved another list in between.
   *
   * @remarks MurmurHash3 (x86, 128 bits) of `mode`, a line feed and the text as UTF-16LE. It is not cryptographic: it
   *   notices a change, and proves nothing. Linear in the text on first read, then kept.
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '10.0.0.1');
   * list.revision; // '475eda0c770d81a65d268a0672e780c7'
   * list.add('10.0.0.2').remove('10.0.0.2').revision === list.revision; // true
   * ```
   */
  get revision(): string {
    this.#revision ??= revisionOf(this.mode, this.#text);
    return this.#revision;
  }

  #read(): ParsedList {
    this.#parsed ??= parseList(this.#text, { list: this.mode, maxEntries: this.maxEntries });
    return this.#parsed;
  }

  /**
   * Says in one English sentence what the list does now. Entries are counted as written, duplicates included.
   *
   * `whenEmpty` belongs to the policy, not to the list: pass the one that the policy has, as the sentence about an empty
   * list depends on it. Exemptions are not mentioned. With `at`, only the entries that count at that instant have access
   * or are denied, and the others are counted.
   *
   * @param options - what the policy of the list says
   * @throws `ListError` with `invalid-option`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * RestrictionList.empty('allow').describe(); // 'No addresses have been added and everyone has access.'
   * RestrictionList.empty('allow').describe({ whenEmpty: 'deny' }); // 'No addresses have been added and nobody has access.'
   * RestrictionList.parse('deny', '192.0.2.1').describe(); // '1 entry is denied, everyone else has access.'
   * ```
   */
  describe(options?: DescribeOptions): string {
    const kinds = { whenEmpty: oneOf('allow', 'deny'), at: aDate };
    const { whenEmpty = 'allow', at } = requireOptions(options, kinds);
    const [instant, entries] = [timeOf(at), this.entries];
    const now = entries.filter(({ from, until }) => !(instant < timeOf(from) || instant >= timeOf(until)));
    const groups = now.length === entries.length ? this.groups : groupEntries(now);
    const timed = at === undefined ? entries.filter(({ from, until }) => (from ?? until) !== undefined) : [];
    return describeList(this.mode, this.#size, now.length, groups.length, whenEmpty, timed.length);
  }

  /** The text of the list. It parses back to the same list; lines never edited are unchanged to the letter. */
  toString(): string {
    return this.#text;
  }

  /**
   * What `JSON.stringify` stores: mode, limit and text. {@link RestrictionList.parse} makes the list from them again.
   */
  toJSON(): StoredList {
    // JSON has no Infinity. This number serves as well, because no text has so many lines.
    const maxEntries = Math.min(this.maxEntries, Number.MAX_SAFE_INTEGER);
    return { mode: this.mode, maxEntries, text: this.#text };
  }
}
