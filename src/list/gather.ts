/**
 * How a list is handed over: one text, or items of any iterable, brought to one text with a line for each item.
 *
 * This is the door through which foreign objects come. Each is asked once, whatever it throws is reported as a problem
 * of its item, and nothing of it is kept: later changes to an array do not reach the list.
 */

import { fault, makeProblem, type Problem, type ProblemCode } from '../problem/errors.ts';
import { messageOf, readField } from '../problem/foreign.ts';
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

/** A list that goes on behind this many items more than twice the limit is taken for endless. */
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
  const refuse = (): GatheredSource => {
    const message = `a list is text, or an array of lines or { address, note } items; this is ${describeType(source)}`;
    gatherer.complain('not-a-string', `${message}${adviceForObject(source)}`, 1);
    return gatherer.finish();
  };
  // Bytes are iterable too, but their items are numbers.
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) return refuse();
  try {
    if (Array.isArray(source)) gatherAll(itemsByIndex(source), maxEntries, gatherer);
    else if (typeof (source as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function') {
      gatherAll(source as Iterable<unknown>, maxEntries, gatherer);
    } else {
      return refuse();
    }
    return gatherer.finish();
  } catch (cause) {
    const message = `the list could not be read any further: ${messageOf(cause)}`;
    gatherer.complain('unreadable', message, gatherer.count + 1);
    return gatherer.giveUp(cause);
  }
}

/** By index, not by its iterator, which may be another; a hole is an item that is missing. */
function* itemsByIndex(array: readonly unknown[]): Generator<unknown> {
  for (let index = 0; index < array.length; index++) {
    yield Object.hasOwn(array, index) ? array[index] : undefined;
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

function gatherAll(items: Iterable<unknown>, maxEntries: number, gatherer: ItemGatherer): void {
  const most = countReadable(maxEntries);
  for (const item of items) {
    const line = gatherer.count + 1;
    if (line > most) {
      const message = `more than ${most} items, and the limit is ${maxEntries} entries: raise the option maxEntries`;
      gatherer.complain('too-many-entries', message, line);
      return;
    }
    if (gatherer.badItems >= MAX_BAD_ITEMS) {
      const message = `${MAX_BAD_ITEMS} items could not be read, and the others are not: mend those first`;
      gatherer.complain('unreadable', message, line);
      return;
    }
    if (!gatherer.add(item)) return;
  }
}

class ItemGatherer {
  readonly #list: ListName;
  readonly #lines: string[] = [];
  readonly #errors: Problem[] = [];
  /** Of the text that the lines become. */
  #length = 0;

  constructor(list: ListName) {
    this.#list = list;
  }

  get count(): number {
    return this.#lines.length;
  }

  get badItems(): number {
    return this.#errors.length;
  }

  finish(): GatheredSource {
    return this.giveUp(undefined);
  }

  /** The lines that came before are read for their problems, and fit into one text. */
  giveUp(cause: unknown): GatheredSource {
    return { text: this.#lines.join('\n'), isText: false, errors: this.#errors, cause };
  }

  complain(code: ProblemCode, message: string, line: number, column = 1, text = ''): void {
    this.#errors.push(makeProblem('error', code, message, this.#list, line, column, text));
  }

  /** Adds an item, unless there would be more text than fits into one; answers whether there may be another. */
  add(item: unknown): boolean {
    const line = this.count + 1;
    const before = this.#errors.length;
    const text = typeof item === 'string' ? item : this.#lineOf(item, line);
    this.#length += text.length + 1;
    if (this.#length >= MAX_TEXT_LENGTH) {
      const message = `the list would have ${MAX_TEXT_LENGTH} characters or more: shorten its notes`;
      this.complain('list-too-long', message, line);
      // Nothing is made of so much text; what was said about it before is enough.
      this.#lines.length = 0;
      return false;
    }
    const lineBreak = findLineBreak(text);
    if (lineBreak >= 0 && this.#errors.length === before) {
      this.complain(
        'line-break',
        'an item is one line: split it, or give the whole list as text',
        line,
        lineBreak + 1,
        text[lineBreak],
      );
    }
    this.#lines.push(this.#errors.length > before ? '' : text);
    return true;
  }

  /** `address # note`, the line that an item stands for. */
  #lineOf(item: unknown, line: number): string {
    if (typeof item !== 'object' || item === null) {
      this.complain(
        'not-a-string',
        `an item is a line of text or { address, note }; this is ${describeType(item)}`,
        line,
      );
      return '';
    }
    const address = readField(item, 'address');
    const note = readField(item, 'note');
    if (typeof address !== 'string') {
      this.complain('not-a-string', adviceForItem(item, address), line);
      return '';
    }
    if (note !== undefined && note !== null && typeof note !== 'string') {
      this.complain('not-a-string', `the note of an item is text; this is ${describeType(note)}`, line);
      return '';
    }
    const hash = address.indexOf('#');
    if (hash >= 0) {
      const { message } = fault(
        'invalid-character',
        address,
        hash,
        hash + 1,
        'put the note into the field "note"',
      );
      this.complain('invalid-character', message, line, hash + 1, '#');
    } else if (address.trim() === '') {
      this.complain('empty', 'the item has no address', line, 1, address);
    }
    return note === undefined || note === null ? address : `${address} # ${note}`;
  }
}

/**
 * What is to be done first with an object that is no list.
 * @internal
 */
export function adviceForObject(value: unknown): string {
  if (ArrayBuffer.isView(value)) return ': decode the bytes to text, for instance with the encoding utf8';
  if (typeof readField(value, 'then') === 'function') return ': wait for the promise and give its value';
  const isManaged =
    typeof readField(value, 'mode') === 'string' && Array.isArray(readField(value, 'entries'));
  return isManaged
    ? ': of a managed list give its text, String(list); createPolicy takes the list itself, too: createPolicy(list)'
    : '';
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
