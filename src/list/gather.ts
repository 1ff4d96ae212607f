/**
 * How a list is handed over: one text, or items of any iterable, brought to one text with a line for each item.
 *
 * Each item is read once, whatever it throws is reported as a problem of its line, and nothing of it is kept: later
 * changes to an array do not reach the list.
 */

import { fault, type Place, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { adviceForObject, eachItem, isIterable, messageOf, readField } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import type { ListName } from './table.ts';

/** A list as text. Items that could not be read are blank lines in it and problems beside it. */
export interface GatheredSource {
  readonly text: string;
  /** Whether it was given as text. */
  readonly isText: boolean;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw, for the `cause` of the error. */
  readonly cause: unknown;
}

/** A list that goes on for this many items more than twice its limit is treated as endless. */
const SPARE_ITEMS = 100_000;

/** Less than the length of a string may be in any engine. */
export const MAX_TEXT_LENGTH: number = 2 ** 28;

/**
 * Brings a source to text.
 * @internal
 */
export function gatherSource(source: unknown, list: ListName, maxEntries: number): GatheredSource {
  if (typeof source === 'string') return { text: source, isText: true, errors: [], cause: undefined };
  const gatherer = new ItemGatherer(list);
  try {
    // Bytes are iterable too, but their items are numbers.
    if (!isIterable(source) || ArrayBuffer.isView(source)) {
      const message = `a list is text, or an array of lines or { address, note } items; this is ${describeType(source)}`;
      gatherer.complain('not-a-string', message + adviceForList(source));
      return gatherer.finish();
    }
    const most = countReadable(maxEntries);
    if (!eachItem(source, most, (item) => gatherer.add(item))) {
      const message = `more than ${most} items, and the limit is ${maxEntries} entries: raise the option maxEntries`;
      gatherer.complain('too-many-entries', message);
    }
    return gatherer.finish();
  } catch (cause) {
    gatherer.complain('unreadable', `the list could not be read any further: ${messageOf(cause)}`);
    return gatherer.finish(cause);
  }
}

/**
 * The most items that are read of a list with a limit: some of them may be comments.
 * @internal
 */
export function countReadable(maxEntries: number): number {
  return maxEntries * 2 + SPARE_ITEMS;
}

/** A long array with holes, and what says that it is one, has more bad items than anybody reads. */
export const MAX_BAD_ITEMS = 10_000;

/** The items of a list as lines. */
class ItemGatherer {
  readonly #list: ListName;
  readonly #lines: string[] = [];
  readonly #errors: Problem[] = [];
  /** Of the text that the lines become. */
  #length = 0;

  constructor(list: ListName) {
    this.#list = list;
  }

  /** The text of the lines so far; when the list could not be read to its end, they still have problems to find. */
  finish(cause?: unknown): GatheredSource {
    return { text: this.#lines.join('\n'), isText: false, errors: this.#errors, cause };
  }

  /** Notes a problem of the item that comes next. */
  complain(code: ProblemCode, message: string, part?: Pick<Place, 'column' | 'text'>): void {
    const place = { source: this.#list, line: this.#lines.length + 1, ...part };
    this.#errors.push(problemOf(place, code, message));
  }

  /** Adds an item, unless there are too many bad ones or too much text; answers whether there may be another. */
  add(item: unknown): boolean {
    const before = this.#errors.length;
    if (before >= MAX_BAD_ITEMS) {
      const message = `${MAX_BAD_ITEMS} items could not be read, and the others are not: mend those first`;
      this.complain('unreadable', message);
      return false;
    }
    const text = typeof item === 'string' ? item : this.#lineOf(item);
    this.#length += text.length + 1;
    if (this.#length >= MAX_TEXT_LENGTH) {
      const message = `the list would have ${MAX_TEXT_LENGTH} characters or more: shorten its notes`;
      this.complain('list-too-long', message);
      // Nothing is made of so much text; what was said about it before is enough.
      this.#lines.length = 0;
      return false;
    }
    const lineBreak = findLineBreak(text);
    if (lineBreak >= 0 && this.#errors.length === before) {
      const message = 'an item is one line: split it, or give the whole list as text';
      this.complain('line-break', message, { column: lineBreak + 1, text: text.charAt(lineBreak) });
    }
    this.#lines.push(this.#errors.length > before ? '' : text);
    return true;
  }

  /** `address # note`, the line that an item stands for. */
  #lineOf(item: unknown): string {
    if (typeof item !== 'object' || item === null) {
      const message = `an item is a line of text or { address, note }; this is ${describeType(item)}`;
      this.complain('not-a-string', message);
      return '';
    }
    const address = readField(item, 'address');
    const note = readField(item, 'note') ?? undefined;
    if (typeof address !== 'string') {
      this.complain('not-a-string', adviceForItem(item, address));
      return '';
    }
    if (note !== undefined && typeof note !== 'string') {
      this.complain('not-a-string', `the note of an item is text; this is ${describeType(note)}`);
      return '';
    }
    const hash = address.indexOf('#');
    if (hash >= 0) {
      const advice = 'put the note into the field "note"';
      const { message } = fault('invalid-character', address, hash, hash + 1, advice);
      this.complain('invalid-character', message, { column: hash + 1, text: '#' });
    } else if (address.trim() === '') {
      this.complain('empty', 'the item has no address', { text: address });
    }
    return note === undefined ? address : `${address} # ${note}`;
  }
}

function adviceForList(value: unknown): string {
  const isManaged =
    typeof readField(value, 'mode') === 'string' && Array.isArray(readField(value, 'entries'));
  return isManaged
    ? ': a managed list has its own type, so hand it over as it is, or give its text, String(list)'
    : adviceForObject(value);
}

function adviceForItem(item: unknown, address: unknown): string {
  if (typeof readField(item, 'canonical') === 'string') {
    const items = '.map(({ text, note }) => ({ address: text, note }))';
    return `this is an entry of a list: make items of entries with ${items}; or give the text that was parsed, in which no bad line is missing`;
  }
  return `an item has its address as text in the field "address"; there is ${describeType(address)}`;
}

function findLineBreak(text: string): number {
  // Much faster in a long note than to look at each character.
  const lineFeed = text.indexOf('\n');
  const carriageReturn = text.indexOf('\r');
  if (lineFeed < 0 || carriageReturn < 0) return Math.max(lineFeed, carriageReturn);
  return Math.min(lineFeed, carriageReturn);
}
