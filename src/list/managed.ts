/**
 * A list that is managed elsewhere: its entries, or the text that they were read from.
 */

import { eachItem, readField } from '../problem/foreign.ts';
import { countReadable, findIncompleteness, MAX_BAD_ITEMS, markIncomplete } from './gather.ts';
import type { Entry, Mode } from './table.ts';

/** A list that is managed elsewhere: its mode, its entries with their lines, and its limit. */
export interface ManagedList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The entries. Their text is read again; their lines and notes are kept. */
  readonly entries: readonly Entry[];
  /** The most entries that the list may have; 1,000 when not given. */
  readonly maxEntries?: number;
}

/** The items of a list, and the line of each. */
export interface PlacedItems {
  readonly source: unknown;
  readonly lines: readonly number[] | undefined;
}

/** The texts that the entries of lists were read from. The list itself is the key, so no look-alike has a text. */
const texts: WeakMap<object, string> = /* @__PURE__ */ new WeakMap();

/**
 * Remembers the text that the entries of a managed list were read from, so that its problems have lines and columns.
 */
export function rememberText(list: ManagedList, text: string): void {
  texts.set(list, text);
}

/** Whether the text of a list is known, so that its entries need not be read, which may make an object of each. */
export function hasText(list: unknown): boolean {
  return texts.has(list as object);
}

/** What to read from a managed list: the text that its entries were read from, if known, or else the entries. */
export function sourceOf(list: object, entries: readonly unknown[], maxEntries: number): PlacedItems {
  const text = texts.get(list);
  return text === undefined ? itemsOf(entries, maxEntries) : { source: text, lines: undefined };
}

/** More entries than any list has, for lists without a limit; a longer one is treated as endless. */
const MAX_MANAGED = 5_000_000;

/**
 * The entries of a managed list as items. Their text is read again, never trusted, and only as far as items are read.
 *
 * @param maxEntries - the limit of the list, if the items are read with one
 * @throws RangeError when there is neither a limit nor an end
 */
export function itemsOf(entries: readonly unknown[], maxEntries?: number): PlacedItems {
  const source: unknown[] = [];
  const lines: number[] = [];
  // One more than the reader accepts is enough to be refused.
  const most = maxEntries === undefined ? MAX_MANAGED : countReadable(maxEntries) + 1;
  let missing = 0;
  const isRead = eachItem(entries, most, (entry) => {
    const line = readField(entry, 'line');
    const address = readField(entry, 'text');
    if (typeof address !== 'string') missing++;
    const [note, from, until] = ['note', 'from', 'until'].map((name) => readField(entry, name));
    source.push({ address, note, from, until });
    lines.push(typeof line === 'number' && line > 0 && (line | 0) === line ? line : source.length);
    return missing <= MAX_BAD_ITEMS;
  });
  const mark = findIncompleteness(entries);
  if (mark !== undefined) markIncomplete(source, mark);
  if (!isRead && maxEntries === undefined) throw new RangeError('the entries do not end');
  return { source, lines };
}
