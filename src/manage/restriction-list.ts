/**
 * The list as people manage it: a text with notes that they add to, edit group by group or as a whole, and switch
 * between the two types.
 *
 * A list is its text. Every change makes a new text, in which only the affected lines differ, and reads it as any list
 * is read. So a list can never hold what could not be typed into it.
 */

import { tryNormalize } from '../address/prefix.ts';
import { type LineEdit, rewriteLines } from '../list/lines.ts';
import { type ManagedList, rememberText } from '../list/managed.ts';
import { type ParsedList, parseList, readList } from '../list/reader.ts';
import type { Entry, EntrySource, EntryTable, Mode } from '../list/table.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import {
  findExcess,
  findNoteConflicts,
  type GroupChange,
  linesOf,
  type RestrictionListOptions,
  readAddress,
  readAddresses,
  readGroupChange,
  readListOptions,
  readNote,
  readText,
  refuse,
  type StoredList,
  tooLong,
} from './given.ts';
import { type EntryGroup, findEntries, findGroup, groupEntries, planGroupEdit } from './groups.ts';
import { describeAbsence, describeList, printList } from './words.ts';

/** The result of a switch to the other type. Frozen. */
export interface SwitchedList {
  /** The list of the other type, which is empty. */
  readonly list: RestrictionList;
  /** The text of the old list, which can be pasted in again; `''` when nothing was discarded. */
  readonly discarded: string;
}

/** Only the functions in this file can make lists, so that every list has been read and checked. */
const maker: unique symbol = Symbol('RestrictionList');

/** The method that Node, Deno and Bun call before they print an object. */
const inspect: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;

/**
 * An allow or deny list with notes, as an administrator manages it. Immutable: every change returns a new list, or
 * throws a `ListError` with every problem and leaves the list as it was.
 *
 * - Entries that share a note are a group. Entries without a note are one group, too.
 * - Comments, empty lines, order, line ends and the author's spelling survive every change; only edited parts differ.
 * - Two entries are the same when their canonical text is. Adding one again gives the warning `duplicate`.
 * - It is a managed list: `createPolicy(list, { exempt })` decides by it, and keeps its lines and notes.
 *
 * @remarks A list keeps its text and eight bytes per entry; the objects for entries, groups and problems are made when
 *   they are first read, and kept. Every change is linear in the text.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { RestrictionList } from 'ipverdict/list';
 *
 * const list = RestrictionList.empty('allow')
 *   .add('203.0.113.0/24\n2001:db8:12::/48', 'Office')
 *   .add('198.51.100.7', 'Build server')
 *   .remove('2001:DB8:12:0::/48');
 * list.toString(); // '203.0.113.0/24 # Office\n198.51.100.7 # Build server'
 * list.describe(); // 'Only 2 entries (in 2 groups) have access.'
 * createPolicy(list, { whenEmpty: 'deny' }).decide('203.0.113.9').entry?.note; // 'Office'
 * ```
 */
export class RestrictionList implements ManagedList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The most entries that the list may ever have, whatever change is made. */
  readonly maxEntries: number;
  readonly #text: string;
  readonly #table: EntryTable;
  #parsed: ParsedList | undefined;
  #groups: readonly EntryGroup[] | undefined;

  private constructor(key: typeof maker, mode: Mode, maxEntries: number, text: string) {
    if (key !== maker)
      throw new TypeError('use RestrictionList.empty(mode) or RestrictionList.parse(mode, text)');
    const reading = readList(text, { list: mode, maxEntries });
    refuse(reading.errors);
    this.mode = mode;
    this.maxEntries = maxEntries;
    this.#text = text;
    this.#table = reading.table;
    Object.defineProperty(this, inspect, { value: () => printList(mode, reading.table.size) });
    rememberText(this, text);
    Object.freeze(this);
  }

  /**
   * Makes a list without entries, which gives everyone access, whatever its type.
   *
   * @param mode - the type, `deny` when not given
   * @param options - the list's limit
   * @throws `ListError` with `invalid-option`
   */
  static empty(mode: Mode = 'deny', options?: RestrictionListOptions): RestrictionList {
    return make(mode ?? 'deny', readListOptions(mode ?? 'deny', options), '');
  }

  /**
   * Reads the text of a list. This refuses text with bad lines; to preview such text, use `parseList`.
   *
   * @param mode - the type
   * @param text - lines of `entry # note`, comments and empty lines
   * @param options - the list's limit
   * @throws `ListError` with every bad line, `too-many-entries`, `not-a-string`, or `invalid-option`
   * @remarks Linear in the length of the text.
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '# Seen in the logs\n192.0.2.0/24   # Scanner\n');
   * list.entries[0]?.line; // 2
   * list.toString(); // '# Seen in the logs\n192.0.2.0/24   # Scanner\n'
   * ```
   */
  static parse(mode: Mode, text: string, options?: RestrictionListOptions): RestrictionList {
    const maxEntries = readListOptions(mode, options);
    refuse(readText(text, mode));
    return make(mode, maxEntries, text);
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

  #read(): ParsedList {
    this.#parsed ??= parseList(this.#text, { list: this.mode, maxEntries: this.maxEntries });
    return this.#parsed;
  }

  /**
   * Adds addresses at the end of the list with one note for all of them: a new group, or more of an existing one.
   *
   * - Addresses are given as text, one per line, or as items, one each. Comments among them are added, too; blanks
   *   around a line are not.
   * - A line may have its own note, `entry # note`, when no note is given for all. When both are given and differ, the
   *   line is refused, because the intended one cannot be known.
   * - Input without any address is refused: an allow list to which nothing was added would still be open.
   *
   * @param addresses - one address, prefix, range or `@name` per line
   * @param note - the note for all of them; blank for none
   * @returns the new list
   * @throws `ListError` with every bad line by its place in `addresses`, a bad note, `note-conflict`, `empty`,
   *   `too-many-entries` or `list-too-long`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.empty().add('192.0.2.1\n192.0.2.7', 'Scanners').add(['::ffff:192.0.2.1']);
   * list.toString(); // '192.0.2.1 # Scanners\n192.0.2.7 # Scanners\n::ffff:192.0.2.1'
   * list.problems.map(({ line, code }) => `${line} ${code}`); // ['3 duplicate']
   * ```
   */
  add(addresses: EntrySource, note?: string): RestrictionList {
    const given = readAddresses(addresses, this.mode, this.maxEntries);
    const { note: noteForAll, errors } = readNote(note);
    refuse([...given.errors, ...errors], given.cause);
    if (noteForAll !== undefined) refuse(findNoteConflicts(given, noteForAll));
    refuse(findExcess(given, given.entries, this.#table.size, this.maxEntries));
    return this.#rewrite(new Map(), linesOf(given, noteForAll));
  }

  /**
   * Replaces the addresses of a group, its note, or both.
   *
   * - Lines with addresses that the group keeps stay where they are; the other lines of the group are removed; new
   *   lines follow the last line of the group. Empty lines and comments among the given addresses are dropped.
   * - If the new note is that of another group, the two become one.
   *
   * @param note - the note of the group; `undefined` or blank for the entries without one
   * @param change - all the addresses that the group should have, and the note that it should have
   * @returns the new list
   * @throws `ListError` with `no-such-group`, every bad line by its place in the given addresses, a bad note,
   *   `note-conflict`, `empty`, `too-many-entries`, `list-too-long` or `invalid-option`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('allow', '192.0.2.1 # Office\n# Home\n192.0.2.7\n192.0.2.2 # Office');
   * const edited = list.editGroup('Office', { addresses: '192.0.2.2\n192.0.2.3', note: 'Head office' });
   * edited.toString(); // '# Home\n192.0.2.7\n192.0.2.2 # Head office\n192.0.2.3 # Head office'
   * ```
   */
  editGroup(note: string | undefined, change: GroupChange): RestrictionList {
    const group = findGroup(this.#table, note);
    const wanted = readGroupChange(change, this.mode, this.maxEntries);
    refuse([...group.problems, ...wanted.errors], wanted.cause);
    const newNote = wanted.hasNote ? wanted.note : group.note;
    const { given } = wanted;
    if (given !== undefined) refuse(findNoteConflicts(given, newNote));
    const plan = planGroupEdit(this.#table, group.indices, given, newNote);
    if (given !== undefined) {
      refuse(findExcess(given, plan.added, this.#table.size - plan.removed, this.maxEntries));
    }
    return this.#rewrite(plan.edits);
  }

  /**
   * Removes a group: every line that has its note. Comments stay.
   *
   * @param note - the note of the group; `undefined` or blank for the entries without one
   * @returns the new list
   * @throws `ListError` with `no-such-group`
   */
  removeGroup(note: string | undefined): RestrictionList {
    const group = findGroup(this.#table, note);
    refuse(group.problems);
    return this.#removeLines(group.indices);
  }

  /**
   * Removes an entry: every line that has it, however it is spelled.
   *
   * @param address - the entry, without a note
   * @returns the new list
   * @throws `ListError` with `not-in-list`, or with what is wrong with the text. An address that only a wider entry
   *   covers is not in the list; the message then names that entry
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '2001:DB8::/32 # Lab\n192.0.2.1 # Lab');
   * list.remove('2001:db8:0:0::/32').toString(); // '192.0.2.1 # Lab'
   * ```
   */
  remove(address: string): RestrictionList {
    const { canonical, errors } = readAddress(address);
    refuse(errors);
    const indices = findEntries(this.#table, (index) => tryNormalize(this.#table.text(index)) === canonical);
    if (indices.length === 0) {
      const message = describeAbsence(this.#table, canonical);
      refuse([problemOf({ source: 'address', text: address }, 'not-in-list', message)]);
    }
    return this.#removeLines(indices);
  }

  /**
   * Replaces the whole text, as an editor for the whole list does. Type and limit stay.
   *
   * @param text - the new text
   * @returns the new list
   * @throws `ListError` as {@link RestrictionList.parse} does
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '192.0.2.1 # Lab');
   * list.edit(`${list}\n192.0.2.2 # Lab`).entries.length; // 2
   * ```
   */
  edit(text: string): RestrictionList {
    refuse(readText(text, this.mode));
    return make(this.mode, this.maxEntries, text);
  }

  /**
   * Switches to a type. Only one type is active at a time, so the other one starts empty, and the old text is returned
   * for the administrator to keep. Switching to the type that the list already has discards nothing.
   *
   * @param mode - the type to switch to
   * @returns the list to continue with, and the discarded text
   * @throws `ListError` with `invalid-option`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const { list, discarded } = RestrictionList.parse('deny', '192.0.2.1 # Lab').switchTo('allow');
   * list.describe(); // 'No addresses have been added and everyone has access.'
   * discarded; // '192.0.2.1 # Lab'
   * ```
   */
  switchTo(mode: Mode): SwitchedList {
    const list = make(mode, readListOptions(mode, { maxEntries: this.maxEntries }), '');
    if (mode === this.mode) return Object.freeze({ list: this, discarded: '' });
    return Object.freeze({ list, discarded: this.#text });
  }

  /**
   * Says in one English sentence what the list does now. Entries are counted as written, duplicates included.
   * Exemptions and `whenEmpty` belong to the policy, not to the list, so the sentence does not mention them.
   *
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * RestrictionList.empty('allow').describe(); // 'No addresses have been added and everyone has access.'
   * RestrictionList.parse('deny', '192.0.2.1').describe(); // '1 entry is denied, everyone else has access.'
   * ```
   */
  describe(): string {
    return describeList(this.mode, this.#table.size, this.groups.length);
  }

  /** The text of the list. It parses back to the same list; lines never edited are unchanged to the letter. */
  toString(): string {
    return this.#text;
  }

  /**
   * What `JSON.stringify` stores: type, limit and text. {@link RestrictionList.parse} makes the list from them again.
   */
  toJSON(): StoredList {
    // JSON has no Infinity. This number serves as well, because no text has so many lines.
    const maxEntries = Math.min(this.maxEntries, Number.MAX_SAFE_INTEGER);
    return { mode: this.mode, maxEntries, text: this.#text };
  }

  #removeLines(indices: readonly number[]): RestrictionList {
    return this.#rewrite(new Map(indices.map((index) => [this.#table.line(index), () => []])));
  }

  #rewrite(edits: ReadonlyMap<number, LineEdit>, added?: readonly string[]): RestrictionList {
    const text = rewriteLines(this.#text, edits, added);
    if (text === undefined) throw tooLong(this.mode);
    return make(this.mode, this.maxEntries, text);
  }
}

/** The class does not refer to itself by name: a bundler would then rename it. */
function make(mode: Mode, maxEntries: number, text: string): RestrictionList {
  type Maker = new (key: typeof maker, mode: Mode, maxEntries: number, text: string) => RestrictionList;
  return new (RestrictionList as unknown as Maker)(maker, mode, maxEntries, text);
}
