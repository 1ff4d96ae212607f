/**
 * The entries of a snapshot, read from its bytes when they are asked for.
 */

import { readEntry } from '../address/entry.ts';
import { findNoteFault, isBlank, trimStart } from '../list/grammar.ts';
import { type Entry, EntryTable, type ListName, type Places } from '../list/table.ts';
import { isWithin, readTimes } from '../list/times.ts';
import { defineGetter } from '../problem/foreign.ts';
import { corrupt } from './error.ts';
import type { JoinedLines, TextLines } from './texts.ts';

/** No text of a list is longer in any engine. */
const MOST_CHARACTERS = 0x2000_0000;

/** All entries of a snapshot, in the order of its tables. */
export class EntryTexts {
  /** Whether each entry that is read must be written as `encodePolicy` writes it. */
  isStrict = false;
  readonly #texts: TextLines;
  readonly #notes: TextLines;
  /** For each entry the number of its note, from 1; 0 for none. */
  readonly #noteOf: Int32Array;
  #joined: JoinedLines | undefined = undefined;

  constructor(texts: TextLines, notes: TextLines, noteOf: Int32Array) {
    this.#texts = texts;
    this.#notes = notes;
    this.#noteOf = noteOf;
    this.#checkLength();
  }

  /** Whether it is known that no entry has times, as there are no blanks. */
  get arePlain(): boolean {
    return this.#texts.isPlain;
  }

  /** A note that many entries share is read for each of them, and a few bytes could become more than anyone can read. */
  #checkLength(): void {
    const { starts } = this.#notes;
    let length = this.#texts.bytes.length + this.#noteOf.length;
    for (const note of this.#noteOf) {
      if (note > 0) length += (starts[note] as number) - (starts[note - 1] as number);
    }
    if (length >= MOST_CHARACTERS) throw corrupt('its entries are longer than a text can be');
  }

  /** Whether a list may have each of the notes. */
  checkNotes(): void {
    if (this.#notes.isPlain) return;
    const { content, starts } = this.#notes.join();
    for (let note = 0; note < this.#notes.count; note++) {
      const [start, end] = [starts[note] as number, (starts[note + 1] as number) - 1];
      if (findNoteFault(content, start, end)) throw corrupt('a note has a character that no note may have');
    }
  }

  /** The line of one entry, with its note. */
  line(index: number): string {
    const note = this.#noteOf[index] ?? 0;
    const text = this.#texts.line(index);
    return note === 0 ? text : `${text}#${this.#notes.line(note - 1)}`;
  }

  /** All lines without their notes. They are kept. */
  join(): JoinedLines {
    this.#joined ??= this.#texts.join();
    return this.#joined;
  }

  /** After this, entries are read as they are, and the lines so far are no longer kept. */
  endChecks(): void {
    this.isStrict = false;
    this.#joined = undefined;
  }
}

/**
 * A table of entries. Those that decide are read one by one; those who ask for all of them read them from one text, which
 * has no notes, as many entries may share a long one.
 */
export class StoredTable extends EntryTable {
  /** Whether an entry that was read strictly has times. */
  hasTimes = false;
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

  override note(index: number): string | undefined {
    return this.#only(index).note(0);
  }

  override lineText(index: number): string {
    return this.#texts.line(this.#first + index);
  }

  override column(index: number): number {
    return this.#only(index).column(0);
  }

  override line(index: number): number {
    return this.#lines?.[index] ?? index + 1;
  }

  override read(index: number, visit: (isPartOfName: boolean) => void): void {
    if (this.#texts.isStrict) this.#readStrictly(index, visit);
    else super.read(index, visit);
  }

  protected override copyFor(instant: number): EntryTable {
    return new StoredTable(this.list, this.size, instant, this.#texts, this.#first, this.#lines);
  }

  /** Each text is one entry and its times to the letter, with blanks before it alone. */
  #readStrictly(index: number, visit: (isPartOfName: boolean) => void): void {
    const { content, starts } = this.#texts.join();
    const at = this.#first + index;
    const lineEnd = (starts[at + 1] as number) - 1;
    const start = trimStart(content, starts[at] as number, lineEnd);
    const times = this.instant === undefined ? undefined : readTimes(content, start, lineEnd);
    if (times !== undefined) this.hasTimes = true;
    const counts = times === undefined || isWithin(times, this.instant as number);
    const isWrong = times?.fault !== undefined || isBlank(content.charCodeAt(lineEnd - 1));
    if (isWrong || !readEntry(content, start, times?.end ?? lineEnd, counts ? visit : passOver))
      throw corrupt('a text is not that of an entry');
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
    const { content, starts } = this.#texts.join();
    return starts
      .slice(this.#first, this.#first + this.size)
      .map((start) => trimStart(content, start, content.length));
  }
}

const passOver = (): void => {};
