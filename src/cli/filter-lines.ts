/**
 * HOT. Bytes in, the lines that are wanted out: never a string, and never more in memory than one buffer.
 *
 * The wanted lines are moved together at the front of the buffer that they were read into, so that each is copied at most
 * once and all of them are written at once:
 *
 * ```
 * 1         kept            line                   end            size
 * | wanted  | done with     | part of a line       | room         |
 * ```
 *
 * The first byte is a line end, for the one that the last line of a file may lack.
 */

import type { Judge } from './filter-fields.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The client of a line has to be within this many bytes of it. Lines are as long as they like: a longer one is decided
 * about by its start, and the rest of it goes where the start went.
 */
export const DECIDED_WITHIN = 1 << 20;

/** Where lines begin in an empty buffer. */
const FIRST = 1;

/** What is wanted of lines. */
export interface Wishes {
  /** Whether a line is wanted, by the label of its client. */
  readonly isWanted: (label: number) => boolean;
  /** Called for each wanted line, right after its client was found. */
  readonly count: ((label: number) => void) | undefined;
  /** Whether the wanted lines come out. */
  readonly copies: boolean;
}

/** Filters lines of bytes, of one file after another. */
export class LineFilter {
  readonly #judge: Judge;
  readonly #wishes: Wishes;
  readonly #buffer: Buffer;
  /** The wanted lines end here. */
  #kept: number = FIRST;
  /** The line that is not complete begins here. */
  #line: number = FIRST;
  #end: number = FIRST;
  /** There is no line end between the start of that line and this place. */
  #searched: number = FIRST;
  /** What is done with the rest of a line whose start was decided about. */
  #rest: 'keep' | 'drop' | undefined;
  /** Whether the last line that came out has no line end. */
  #isOpen = false;
  /** The lines so far. */
  lines = 0;
  /** Those of them that were wanted. */
  found = 0;

  /** @param within - the client of a line has to be within this many bytes of it */
  constructor(judge: Judge, wishes: Wishes, within: number = DECIDED_WITHIN) {
    this.#judge = judge;
    this.#wishes = wishes;
    this.#buffer = Buffer.allocUnsafeSlow(FIRST + within);
    this.#buffer[0] = LINE_FEED;
  }

  /** Where to put the next bytes; never empty. What {@link take} gave is no longer there after this. */
  room(): Uint8Array {
    if (this.#line > FIRST) {
      this.#buffer.copyWithin(FIRST, this.#line, this.#end);
      this.#end -= this.#line - FIRST;
      this.#searched -= this.#line - FIRST;
      this.#line = FIRST;
    }
    this.#kept = FIRST;
    return this.#buffer.subarray(this.#end);
  }

  /** Takes so many bytes that were put into the room, and gives the lines among them that are wanted. */
  take(length: number): Uint8Array {
    this.#end += length;
    const bytes = this.#buffer.subarray(0, this.#end);
    if (this.#rest !== undefined) this.#passRest(bytes);
    this.#decideLines(bytes);
    if (this.#line === FIRST && this.#end === this.#buffer.length) this.#decideStart(bytes);
    return this.#takeOut();
  }

  /**
   * The file is at its end: gives the last line, if it has no line end and is wanted.
   *
   * @param isCut - the file could not be read any further, so the line may go on
   */
  finish(isCut = false): Uint8Array {
    this.room();
    const bytes = this.#buffer.subarray(0, this.#end);
    let isOpen = this.#rest === 'keep';
    this.#rest = undefined;
    const end = isCut ? this.#end : endOfContent(bytes, this.#line, this.#end);
    if (this.#line < this.#end && this.#isChosen(bytes, this.#line, end, isCut)) {
      this.#kept = move(bytes, this.#kept, this.#line, this.#end);
      isOpen = true;
    }
    const out = this.#takeOut();
    this.#isOpen ||= isOpen;
    this.#line = this.#end;
    this.#searched = this.#end;
    return out;
  }

  #takeOut(): Uint8Array {
    if (this.#kept === FIRST) return this.#buffer.subarray(0, 0);
    const out = this.#buffer.subarray(this.#isOpen ? 0 : FIRST, this.#kept);
    this.#isOpen = false;
    return out;
  }

  /** The loop over all lines. Lines that come one after another are moved together. */
  #decideLines(bytes: Buffer): void {
    const judge = this.#judge;
    const { isWanted, count, copies } = this.#wishes;
    let line = this.#line;
    let search = this.#searched;
    let from = line;
    let to = line;
    let lines = 0;
    let found = 0;
    for (;;) {
      const feed = bytes.indexOf(LINE_FEED, search);
      if (feed < 0) break;
      const end = endOfContent(bytes, line, feed);
      const label = judge.label(bytes, line, end, false);
      search = feed + 1;
      lines++;
      if (isWanted(label)) {
        found++;
        if (count !== undefined) count(label);
        if (copies) {
          if (to !== line) {
            this.#kept = move(bytes, this.#kept, from, to);
            from = line;
          }
          to = search;
        }
      }
      line = search;
    }
    this.#kept = move(bytes, this.#kept, from, to);
    this.#line = line;
    this.#searched = this.#end;
    this.lines += lines;
    this.found += found;
  }

  /** A line fills the buffer, and its end is not there yet. */
  #decideStart(bytes: Buffer): void {
    const isChosen = this.#isChosen(bytes, FIRST, this.#end, true);
    this.#rest = isChosen ? 'keep' : 'drop';
    if (isChosen) this.#kept = this.#end;
    this.#line = this.#end;
  }

  /** The same for a line that has no end; false as well where lines do not come out. */
  #isChosen(bytes: Buffer, start: number, end: number, isCut: boolean): boolean {
    const { isWanted, count, copies } = this.#wishes;
    const label = this.#judge.label(bytes, start, end, isCut);
    this.lines++;
    if (!isWanted(label)) return false;
    this.found++;
    count?.(label);
    return copies;
  }

  /** Up to its line end, a line goes where its start went. */
  #passRest(bytes: Buffer): void {
    const feed = bytes.indexOf(LINE_FEED, FIRST);
    this.#line = feed < 0 ? this.#end : feed + 1;
    this.#searched = this.#line;
    if (this.#rest === 'keep') this.#kept = this.#line;
    if (feed >= 0) this.#rest = undefined;
  }
}

/** The end of a line without its carriage return. */
function endOfContent(bytes: Buffer, line: number, end: number): number {
  return end > line && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
}

/** Moves bytes to the end of those that are kept, and gives the new end. */
function move(bytes: Buffer, kept: number, from: number, to: number): number {
  if (from !== kept) bytes.copyWithin(kept, from, to);
  return kept + to - from;
}
