/**
 * Entries: how they are given, and how a list that has been read keeps them.
 *
 * A list is kept as its text and the offset of each entry, four bytes per entry, and another four for its line where
 * there are lines without an entry. The {@link Entry} object is made on request, by reading that one line again.
 */

import { readEntry } from '../address/entry.ts';
import { tryNormalize } from '../address/prefix.ts';
import type { Place } from '../problem/errors.ts';
import { defineGetter } from '../problem/foreign.ts';
import type { Column } from '../space/column.ts';
import { BYTE_ORDER_MARK, endOfLine, HASH, isLineEnd, trimEnd, trimStart } from './grammar.ts';
import { isWithin, keyOfTimes, readTimes, type Times, timeNames } from './times.ts';

/** What an active list does with the clients that it covers. */
export type Mode = 'allow' | 'deny';

/** Which list of a policy an entry is in: the active one, the exemptions, or, of a rule, what it leaves out. */
export type ListName = Mode | 'exempt' | 'except';

/** An entry with its note in a separate field, as a form or a database holds it. */
export interface EntryItem {
  /** One address, prefix, range or `@name`, without a note. */
  readonly address: string;
  /** Any text without line breaks and control characters; blank means no note. */
  readonly note?: string | null | undefined;
  /** When the entry begins to count: a `Date`, or text such as `2026-12-31T18:00Z`; not given for ever since. */
  readonly from?: Date | string | null | undefined;
  /** When the entry ends: it counts before this instant; not given for no end. */
  readonly until?: Date | string | null | undefined;
}

/**
 * List text, or items, each of which is a line of list text, an address with its note, or an entry that was read from
 * another list. A plain object with any other field is the error `unknown-field`.
 */
export type EntrySource = string | Iterable<string | EntryItem | Entry>;

/** One entry of a list, as written and in canonical text. Plain frozen data. */
export interface Entry {
  /** As written, without the times, the note and the surrounding blanks. */
  readonly text: string;
  /** The canonical text, see `normalize`. */
  readonly canonical: string;
  /** The note after the `#`, or `undefined`. */
  readonly note: string | undefined;
  /** When the entry begins to count, or `undefined`; a fresh `Date` each time that it is read. */
  readonly from: Date | undefined;
  /** When the entry ends, or `undefined`; a fresh `Date` each time that it is read. */
  readonly until: Date | undefined;
  /** The list that the entry is in. */
  readonly list: ListName;
  /** Line in the text, or position of the item, from 1. */
  readonly line: number;
  /** The rule that the entry is in: its name, or `rules[2]`. Only entries of `createRules` have it; exemptions do not. */
  readonly rule?: string;
}

/** Longer than any entry without superfluous blanks. */
const LONG = 200;

/** Where each entry starts in the text, followed by the lines unless each entry is on the line of its own number. */
export type Places = Int32Array | readonly number[];

/** Up to so many numbers, an array takes less memory than a typed array with its buffer, which is 250 bytes before the first. */
const SHORT = 64;

/** The offsets, and the lines if any is not that of the entry's own number, as small as can be. */
export function joinPlaces(offsets: Column, lines: Column): Places {
  const size = offsets.length;
  let isNumbered = true;
  for (let index = 0; index < size && isNumbered; index++) isNumbered = lines.values[index] === index + 1;
  const count = isNumbered ? size : size * 2;
  const places = count > SHORT ? new Int32Array(count) : new Array<number>(count);
  for (let index = 0; index < size; index++) {
    places[index] = offsets.values[index] as number;
    if (!isNumbered) places[size + index] = lines.values[index] as number;
  }
  return places;
}

/** The entries of one list that has been read: the text, and where in it each entry starts. */
export class EntryTable {
  readonly list: ListName;
  readonly size: number;
  /** The text that the list was read from. */
  readonly content: string;
  /** The rule that its entries say they are in, set once they are read. */
  rule: string | undefined = undefined;
  /** The offsets, followed by the lines unless each entry is on the line of its own number. */
  readonly places: Places;
  /** The instant for which the list was read; `undefined` when no entry has times. */
  readonly instant: number | undefined;
  /** A range may contain a megabyte of blanks, and be quoted in the problem of every other line. Made when needed. */
  #longTexts: Map<number, string> | undefined = undefined;
  /** The times of each entry, kept once the list is moved to another instant, and shared by all that it is moved to. */
  #times: readonly (Times | undefined)[] | undefined = undefined;

  constructor(list: ListName, content: string, size: number, places: Places, instant?: number) {
    this.list = list;
    this.size = size;
    this.content = content;
    this.places = places;
    this.instant = instant;
  }

  /** The same entries at another instant. */
  at(instant: number): EntryTable {
    const moved = this.copyFor(instant);
    moved.rule = this.rule;
    // Reading instants is most of what it costs to move a list from one to the next.
    this.#times ??= Array.from({ length: this.size }, (_, index) => this.times(index));
    moved.#times = this.#times;
    return moved;
  }

  protected copyFor(instant: number): EntryTable {
    return new EntryTable(this.list, this.content, this.size, this.places, instant);
  }

  /** Makes the object of one entry, a new one for each call. */
  entry(index: number): Entry {
    const text = this.text(index);
    const entry: { rule?: string } & Entry = {
      text,
      // A snapshot may be overwritten while it is in use.
      canonical: tryNormalize(text) ?? text,
      note: this.note(index),
      from: undefined,
      until: undefined,
      list: this.list,
      line: this.line(index),
    };
    const times = this.times(index);
    for (const name of timeNames) {
      const time = times?.[name] ?? Number.NaN;
      if (!Number.isNaN(time)) defineGetter(entry, name, () => new Date(time));
    }
    if (this.rule !== undefined) entry.rule = this.rule;
    return Object.freeze(entry);
  }

  /** The text of an entry as written; cheaper than the whole entry. */
  text(index: number): string {
    const kept = this.#longTexts?.get(index);
    if (kept !== undefined) return kept;
    const text = this.#copy(this.#startOf(index), this.#endOf(index));
    if (text.length > LONG) {
      this.#longTexts ??= new Map();
      this.#longTexts.set(index, text);
    }
    return text;
  }

  /** The note of an entry. */
  note(index: number): string | undefined {
    const hash = endOfLine(this.content, this.#startOf(index), HASH);
    const end = endOfLine(this.content, hash);
    const start = trimStart(this.content, hash + 1, end);
    return start < end ? this.#copy(start, trimEnd(this.content, start, end)) : undefined;
  }

  /** When an entry counts; `undefined` for an entry without times. */
  times(index: number): Times | undefined {
    if (this.instant === undefined) return undefined;
    if (this.#times !== undefined) return this.#times[index];
    const start = this.#startOf(index);
    return readTimes(this.content, start, endOfLine(this.content, start, HASH));
  }

  /** Whether an entry that has the canonical text of an earlier one, which may be −1 for none, also has its times. */
  repeats(first: number, index: number): boolean {
    return first >= 0 && keyOfTimes(this.times(first)) === keyOfTimes(this.times(index));
  }

  /** The whole line that an entry is on, without its line end. Columns count from the start of this text. */
  lineText(index: number): string {
    const start = this.#startOf(index);
    return this.#copy(start - this.column(index) + 1, endOfLine(this.content, start));
  }

  /** Where an entry is, for a problem about it. */
  place(index: number): Place {
    return { source: this.list, line: this.line(index), column: this.column(index), text: this.text(index) };
  }

  line(index: number): number {
    const at = this.size + index;
    return at < this.places.length ? (this.places[at] as number) : index + 1;
  }

  /** Column of an entry, from 1. */
  column(index: number): number {
    const start = this.#startOf(index);
    let lineStart = start;
    while (lineStart > 0 && !isLineEnd(this.content.charCodeAt(lineStart - 1))) lineStart--;
    // A byte order mark at the start of the text is not part of the line.
    if (lineStart === 0 && this.content.charCodeAt(0) === BYTE_ORDER_MARK) lineStart = 1;
    return start - lineStart + 1;
  }

  /**
   * Reads the entry into `span` again and calls back; for a named network, once for each of its prefixes. An entry that
   * does not count at the instant of the list is passed over.
   */
  read(index: number, visit: (isPartOfName: boolean) => void): void {
    const times = this.times(index);
    if (times !== undefined && !isWithin(times, this.instant as number)) return;
    readEntry(this.content, this.#startOf(index), this.#endOf(index), visit);
  }

  #startOf(index: number): number {
    return this.places[index] as number;
  }

  #endOf(index: number): number {
    const start = this.#startOf(index);
    return this.times(index)?.end ?? trimEnd(this.content, start, endOfLine(this.content, start, HASH));
  }

  /** A slice of a long text keeps all of that text in memory; keeping an entry must not keep the list. */
  #copy(start: number, end: number): string {
    return ` ${this.content.slice(start, end)}`.slice(1);
  }
}

/** The table of every policy without exemptions. It also keeps the code compiled for its class, see {@link Column.kept}. */
export const noEntries: EntryTable = /* @__PURE__ */ new EntryTable('exempt', '', 0, []);
