/**
 * The entries of a snapshot, read from its bytes when they are asked for.
 */

import { trimStart } from '../list/grammar.ts';
import { type Entry, EntryTable, type ListName, type Places } from '../list/table.ts';
import { defineGetter } from '../problem/foreign.ts';
import { corrupt } from './error.ts';
import type { TextLines } from './texts.ts';

/** No text of a list is longer in any engine. */
const MOST_CHARACTERS = 0x2000_0000;

/** All entries of a snapshot, in the order of its tables. */
export class EntryTexts {
  readonly #texts: TextLines;
  readonly #notes: TextLines;
  /** For each entry the number of its note, from 1; 0 for none. */
  readonly #noteOf: Int32Array;
  #joined: { readonly content: string; readonly starts: Int32Array } | undefined = undefined;

  constructor(texts: TextLines, notes: TextLines, noteOf: Int32Array) {
    this.#texts = texts;
    this.#notes = notes;
    this.#noteOf = noteOf;
    this.#checkLength();
  }

  /** A note that many entries share is written out for each of them, and a few bytes could become more than there is room for. */
  #checkLength(): void {
    const { starts } = this.#notes;
    let length = this.#texts.bytes.length + this.#noteOf.length;
    for (const note of this.#noteOf) {
      if (note > 0) length += Math.max((starts[note] ?? 0) - (starts[note - 1] ?? 0), 0);
    }
    if (length >= MOST_CHARACTERS) throw corrupt('its entries are longer than a text can be');
  }

  /** The line of one entry, with its note. */
  line(index: number): string {
    const note = this.#noteOf[index] ?? 0;
    const text = this.#texts.line(index);
    return note === 0 ? text : `${text}#${this.#notes.line(note - 1)}`;
  }

  /** All lines as one text, and where each starts. They are kept. */
  join(): { readonly content: string; readonly starts: Int32Array } {
    this.#joined ??= this.#join();
    return this.#joined;
  }

  #join(): { readonly content: string; readonly starts: Int32Array } {
    const asText = this.#notes.count === 0 ? this.#texts.asText() : undefined;
    if (asText !== undefined) return asText;
    const notes = this.#notes.all();
    const starts = new Int32Array(this.#texts.count);
    let at = 0;
    const lines = this.#texts.all().map((text, index) => {
      const note = notes[(this.#noteOf[index] ?? 0) - 1];
      const line = note === undefined ? text : `${text}#${note}`;
      starts[index] = at + trimStart(line, 0, line.length);
      at += line.length + 1;
      return line;
    });
    return { content: lines.join('\n'), starts };
  }
}

/**
 * A table of entries. Those that decide are read one by one; reading all of them makes it a table like any other,
 * with a text of its own.
 */
export class StoredTable extends EntryTable {
  readonly #texts: EntryTexts;
  readonly #first: number;
  readonly #lines: Int32Array | undefined;

  /**
   * @param first - the number of its first entry among all of the snapshot
   * @param lines - the line of each entry, unless each is on the line of its own number
   */
  constructor(
    list: ListName,
    size: number,
    instant: number | undefined,
    texts: EntryTexts,
    first: number,
    lines: Int32Array | undefined,
  ) {
    super(list, '', size, [], instant);
    this.#texts = texts;
    this.#first = first;
    this.#lines = lines;
    let places: Places | undefined;
    defineGetter(this, 'content', () => texts.join().content);
    defineGetter(this, 'places', () => {
      places ??= this.#place();
      return places;
    });
  }

  override entry(index: number): Entry {
    return this.#only(index).entry(0);
  }

  override text(index: number): string {
    return this.#only(index).text(0);
  }

  override column(index: number): number {
    return this.#only(index).column(0);
  }

  override line(index: number): number {
    return this.#lines?.[index] ?? index + 1;
  }

  /** A table of one entry. */
  #only(index: number): EntryTable {
    const line = this.#texts.line(this.#first + index);
    const places = [trimStart(line, 0, line.length), this.line(index)];
    const only = new EntryTable(this.list, line, 1, places, this.instant);
    only.rule = this.rule;
    return only;
  }

  #place(): Int32Array {
    const { size } = this;
    const starts = this.#texts.join().starts.subarray(this.#first, this.#first + size);
    if (this.#lines === undefined) return starts;
    const places = new Int32Array(size * 2);
    places.set(starts);
    places.set(this.#lines.subarray(0, size), size);
    return places;
  }
}
