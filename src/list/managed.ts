/**
 * A list that is managed elsewhere, as its entries or as the text that they were read from.
 */

import { eachItem, readField } from '../problem/foreign.ts';
import { countReadable, MAX_BAD_ITEMS } from './gather.ts';
import type { Entry, Mode } from './table.ts';

/** A list that is managed elsewhere: its type, its entries with their lines, and its limit. */
export interface ManagedList {
  /** Whether the list allows or denies. */
  readonly mode: Mode;
  /** The entries; their text is read again, and their lines and notes are kept. */
  readonly entries: readonly Entry[];
  /** The most entries the list may have, 1,000 when not given. */
  readonly maxEntries?: number;
}

/** Items of a list, and the line that each is said to be on. */
export interface PlacedItems {
  readonly source: unknown;
  readonly lines: readonly number[] | undefined;
}

/** Texts of lists whose entries were read from them; the list itself is the key, so that no look-alike has a text. */
const texts: WeakMap<object, string> = /* @__PURE__ */ new WeakMap();

/**
 * Remembers the text that the entries of a managed list were read from, for the lines and columns of its problems.
 * @internal
 */
export function rememberText(list: ManagedList, text: string): void {
  texts.set(list, text);
}

/**
 * What to read of a managed list: the text that its entries were read from, where it is known, or else the entries.
 * @internal
 */
export function sourceOf(list: object, entries: readonly unknown[], maxEntries: number): PlacedItems {
  const text = texts.get(list);
  return text === undefined ? itemsOf(entries, maxEntries) : { source: text, lines: undefined };
}

/** More entries than a list has, where no limit is known; what goes on after it is treated as endless. */
const MAX_MANAGED = 5_000_000;

/**
 * The entries of a managed list as items; their text is read again, never trusted, and only as far as items are read.
 *
 * @param maxEntries - the limit of the list, where the items are read with it
 * @throws RangeError when there is no limit, and no end
 * @internal
 */
export function itemsOf(entries: readonly unknown[], maxEntries?: number): PlacedItems {
  const source: unknown[] = [];
  const lines: number[] = [];
  // One more than are read as items is enough to be refused.
  const most = maxEntries === undefined ? MAX_MANAGED : countReadable(maxEntries) + 1;
  let missing = 0;
  const isRead = eachItem(entries, most, (entry) => {
    const line = readField(entry, 'line');
    const address = readField(entry, 'text');
    if (typeof address !== 'string') missing++;
    source.push({ address, note: readField(entry, 'note') });
    lines.push(typeof line === 'number' && line > 0 && (line | 0) === line ? line : source.length);
    return missing <= MAX_BAD_ITEMS;
  });
  if (!isRead && maxEntries === undefined) throw new RangeError('there is no end of entries');
  return { source, lines };
}
