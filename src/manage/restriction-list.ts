/**
 * The list as people manage it: a text with notes that they add to, edit group by group or as a whole, and switch
 * between the two modes.
 *
 * A list is its text. Every change makes a new text, in which only the affected lines differ, and reads it as any list
 * is read. So a list can never hold what could not be typed into it.
 */

import { rewriteLines } from '../list/lines.ts';
import { rememberText } from '../list/managed.ts';
import { readList } from '../list/reader.ts';
import type { EntrySource, Mode } from '../list/table.ts';
import { AT_ALL_TIMES } from '../list/times.ts';
import {
  type LinePlan,
  planAddition,
  planEntryChange,
  planExclusion,
  planGroupChange,
  planGroupRemoval,
  planRemoval,
} from './changes.ts';
import {
  type AdditionOptions,
  type ChangeOptions,
  type EntryChange,
  type GroupChange,
  type RestrictionListOptions,
  readAdditionOptions,
  readListOptions,
  readSource,
  readText,
  refuse,
  requireRevision,
  tooLong,
} from './given.ts';
import { type ListState, ReadableList } from './readable-list.ts';

/** The result of {@link RestrictionList.switchTo}. Frozen. */
export interface SwitchedList {
  /** The list to continue with: an empty one, unless the list already had the mode. */
  readonly list: RestrictionList;
  /** The text of the old list, which can be pasted in again; `''` when nothing was discarded. */
  readonly discarded: string;
}

/** Only the functions in this file can make lists, so that every list has been read and checked. */
const maker: unique symbol = Symbol('RestrictionList');

/**
 * An allow or deny list with notes, as an administrator manages it. Immutable: every change returns a new list, or
 * throws a `ListError` with every problem and leaves the list as it was.
 *
 * - Entries that share a note are a group. Entries without a note are one group, too.
 * - Comments, empty lines, order, line ends and the author's spelling survive every change; only edited parts differ.
 * - Two entries are the same when their canonical text is. Adding one again gives the warning `duplicate`.
 * - It is a managed list: `createPolicy(list, { exempt })` decides by it, and keeps its lines and notes.
 *
 * @remarks A list keeps its text and four to 16 bytes per entry; the objects for entries, groups and problems are made when
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
export class RestrictionList extends ReadableList {
  readonly #state: ListState;

  private constructor(key: typeof maker, mode: Mode, maxEntries: number, text: string) {
    if (key !== maker)
      throw new TypeError('use RestrictionList.empty(mode) or RestrictionList.parse(mode, text)');
    const { table, errors } = readList(text, { list: mode, maxEntries, at: AT_ALL_TIMES });
    refuse(errors);
    const state = { mode, maxEntries, text, table };
    super(state);
    this.#state = state;
    rememberText(this, text);
    Object.freeze(this);
  }

  /**
   * Makes a list without entries, which gives everyone access, whatever its mode; `deny` when not given.
   *
   * @throws `ListError` with `invalid-option`
   */
  static empty(mode: Mode = 'deny', options?: RestrictionListOptions): RestrictionList {
    return make(readListOptions(mode ?? 'deny', options), '');
  }

  /**
   * Reads the text of a list. This refuses text with bad lines; to preview such text, use `parseList`.
   *
   * @param mode - whether the list allows or denies
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
    const checked = readListOptions(mode, options);
    refuse(readText(text, checked.mode));
    return make(checked, text);
  }

  /**
   * Makes a list of what a database, a form or a feed holds: its mode as any text, its entries as text or items. Each item
   * becomes a line. Text is kept exactly as written.
   *
   * @param mode - `allow` or `deny`; other text is refused when it is read
   * @param list - list text, or items, each of which is a line of list text or an address with its note
   * @param options - the list's limit
   * @throws `ListError` with every bad line or item, `unreadable`, `too-many-entries`, `not-a-string` or `invalid-option`
   * @remarks Linear in the length of the text.
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const row: { mode: string; entries: { address: string; note: string | null }[] } = JSON.parse(
   *   '{ "mode": "deny", "entries": [{ "address": "192.0.2.1", "note": "Bots" }, { "address": "::1", "note": null }] }',
   * );
   * RestrictionList.of(row.mode, row.entries).toString(); // '192.0.2.1 # Bots\n::1'
   * ```
   */
  static of(
    mode: Mode | (string & {}),
    list: EntrySource,
    options?: RestrictionListOptions,
  ): RestrictionList {
    const checked = readListOptions(mode, options);
    return make(checked, readSource(list, checked.mode, checked.maxEntries));
  }

  /**
   * Adds addresses at the end of the list with one note for all of them: a new group, or more of an existing one.
   *
   * - Addresses are given as text, one per line, or as items, one each. Comments among them are added, too.
   * - A line may have a note and times of its own when none are given for all. When both are given and differ, the line
   *   is refused, because the intended ones cannot be known.
   * - Input without any address is refused: an allow list to which nothing was added would still be open.
   *
   * @param addresses - one address, prefix, range or `@name` per line
   * @param note - the note for all of them; blank for none
   * @param options - when they begin and end, `{ from, until }`, and the revision that the change is meant for
   * @returns the new list
   * @throws `ListError` with every bad line by its place in `addresses`, a bad note or time, `note-conflict`, `empty`,
   *   `invalid-option` for an address with times of its own beside those for all, `too-many-entries`, `list-too-long` or `revision-conflict`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.empty().add('192.0.2.1\n192.0.2.7', 'Scanners').add(['::ffff:192.0.2.1']);
   * list.toString(); // '192.0.2.1 # Scanners\n192.0.2.7 # Scanners\n::ffff:192.0.2.1'
   * list.problems.map(({ line, code }) => `${line} ${code}`); // ['3 duplicate']
   * ```
   */
  add(addresses: EntrySource, note?: string, options?: AdditionOptions): RestrictionList {
    const times = readAdditionOptions(options, this);
    return this.#rewrite((state) => planAddition(state, addresses, note, times));
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
   * @param options - the revision that the change is meant for
   * @returns the new list
   * @throws `ListError` with `no-such-group`, every bad line by its place in the given addresses, a bad note,
   *   `note-conflict`, `empty`, `too-many-entries`, `list-too-long`, `invalid-option` or `revision-conflict`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('allow', '192.0.2.1 # Office\n# Home\n192.0.2.7\n192.0.2.2 # Office');
   * const edited = list.editGroup('Office', { addresses: '192.0.2.2\n192.0.2.3', note: 'Head office' });
   * edited.toString(); // '# Home\n192.0.2.7\n192.0.2.2 # Head office\n192.0.2.3 # Head office'
   * ```
   */
  editGroup(note: string | undefined, change: GroupChange, options?: ChangeOptions): RestrictionList {
    return this.#change(options, (state) => planGroupChange(state, note, change));
  }

  /**
   * Removes a group: every line that has its note. Comments stay.
   *
   * @param note - the note of the group; `undefined` or blank for the entries without one
   * @throws `ListError` with `no-such-group` or `revision-conflict`
   */
  removeGroup(note: string | undefined, options?: ChangeOptions): RestrictionList {
    return this.#change(options, (state) => planGroupRemoval(state, note));
  }

  /**
   * Changes one entry in its place: its address, its note, its times, or several of these. Every line that has the entry changes, however it is
   * spelled; its blanks stay, and so does every other line.
   *
   * - A `note`, `from` or `until` of `undefined` removes it. Leave the field out to keep it.
   * - An address that is in the list already gives the warning `duplicate`.
   *
   * @param address - the entry, without a note
   * @param change - what it will be
   * @param options - the revision that the change is meant for
   * @returns the new list
   * @throws `ListError` with `not-in-list`, with what is wrong with a text or the note, `list-too-long`,
   *   `invalid-option` or `revision-conflict`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('allow', '192.0.2.1   # Office\n2001:DB8::/32 # Lab');
   * const moved = list.editEntry('::ffff:192.0.2.1', { address: '192.0.2.7' });
   * moved.toString(); // '192.0.2.7   # Office\n2001:DB8::/32 # Lab'
   * moved.editEntry('2001:db8::/32', { note: undefined }).toString(); // '192.0.2.7   # Office\n2001:DB8::/32'
   * ```
   */
  editEntry(address: string, change: EntryChange, options?: ChangeOptions): RestrictionList {
    return this.#change(options, (state) => planEntryChange(state, address, change));
  }

  /**
   * Removes an entry: every line that has it, however it is spelled.
   *
   * @param address - the entry, without a note
   * @param options - the revision that the change is meant for
   * @returns the new list
   * @throws `ListError` with `not-in-list`, with what is wrong with the text, or `revision-conflict`. An address that
   *   only a wider entry covers is not in the list; the message then names that entry
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '2001:DB8::/32 # Lab\n192.0.2.1 # Lab');
   * list.remove('2001:db8:0:0::/32').toString(); // '192.0.2.1 # Lab'
   * ```
   */
  remove(address: string, options?: ChangeOptions): RestrictionList {
    return this.#change(options, (state) => planRemoval(state, address));
  }

  /**
   * Takes an address out of the list, or a prefix, range or `@name`: afterwards no entry covers any of it, and every
   * other address is covered as before and has its note.
   *
   * - A network is split into the fewest prefixes without it, a range into ranges, a name into its prefixes. They stand in
   *   the place of the line, with its note; one that is equal to a piece of a smaller entry follows that one.
   * - An entry that is wholly taken out goes. The last one of an allow list does not: the list would let everyone in.
   *
   * @param address - what to take out, without a note
   * @param options - the revision that the change is meant for
   * @returns the new list
   * @throws `ListError` with `not-in-list` when no entry has any of it, `open-list` when an allow list would be left
   *   empty, `too-many-entries`, `list-too-long`, with what is wrong with the text, or `revision-conflict`
   * @remarks Linear in the list for each entry that is split. Without one address, an IPv4 network of length n becomes
   *   32 − n prefixes, and an IPv6 network 128 − n.
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('allow', '192.0.2.0/29 # Office\n198.51.100.7');
   * list.exclude('192.0.2.1').toString(); // '192.0.2.0 # Office\n192.0.2.2/31 # Office\n192.0.2.4/30 # Office\n198.51.100.7'
   * ```
   */
  exclude(address: string, options?: ChangeOptions): RestrictionList {
    return this.#change(options, (state) => planExclusion(state, address));
  }

  /**
   * Replaces the whole text, as an editor for the whole list does. Mode and limit stay.
   *
   * @throws `ListError` as {@link RestrictionList.parse} does, or with `revision-conflict`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const list = RestrictionList.parse('deny', '192.0.2.1 # Lab');
   * list.edit(`${list}\n192.0.2.2 # Lab`).entries.length; // 2
   * ```
   */
  edit(text: string, options?: ChangeOptions): RestrictionList {
    requireRevision(options, this);
    refuse(readText(text, this.mode));
    return make(this.#state, text);
  }

  /**
   * Switches to a mode. Only one mode is active at a time, so the other one starts empty, and the old text is returned
   * for the administrator to keep. Switching to the mode that the list already has discards nothing.
   *
   * @param mode - the mode to switch to
   * @param options - the revision that the change is meant for
   * @returns the list to continue with, and the discarded text
   * @throws `ListError` with `invalid-option` or `revision-conflict`
   * @example
   * ```ts
   * import { RestrictionList } from 'ipverdict/list';
   *
   * const { list, discarded } = RestrictionList.parse('deny', '192.0.2.1 # Lab').switchTo('allow');
   * list.describe(); // 'No addresses have been added and everyone has access.'
   * discarded; // '192.0.2.1 # Lab'
   * ```
   */
  switchTo(mode: Mode, options?: ChangeOptions): SwitchedList {
    requireRevision(options, this);
    const { maxEntries, text } = this.#state;
    const list = make(readListOptions(mode, { maxEntries }), '');
    if (mode === this.mode) return Object.freeze({ list: this, discarded: '' });
    return Object.freeze({ list, discarded: text });
  }

  /** The revision comes first, as the list that the change was made for may have entries that this one lacks. */
  #change(options: unknown, plan: (state: ListState) => LinePlan): RestrictionList {
    requireRevision(options, this);
    return this.#rewrite(plan);
  }

  #rewrite(plan: (state: ListState) => LinePlan): RestrictionList {
    const { edits, added } = plan(this.#state);
    const text = rewriteLines(this.#state.text, edits, added);
    if (text === undefined) throw tooLong(this.mode);
    return make(this.#state, text);
  }
}

/** The class does not refer to itself by name: a bundler would then rename it. */
function make(kept: { readonly mode: Mode; readonly maxEntries: number }, text: string): RestrictionList {
  type Maker = new (key: typeof maker, mode: Mode, maxEntries: number, text: string) => RestrictionList;
  return new (RestrictionList as unknown as Maker)(maker, kept.mode, kept.maxEntries, text);
}
