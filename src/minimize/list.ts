/**
 * The smallest list that keeps its notes, written with as few changes as that takes.
 */

import { type LineEdit, rewriteLines, timesIn, withNote, withTimes } from '../list/lines.ts';
import type { Entry } from '../list/table.ts';
import { keyOfEntry } from '../list/times.ts';
import { RestrictionList } from '../manage/restriction-list.ts';
import { ListError, problemOf } from '../problem/errors.ts';
import { messageOf } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import { minimizeEntries } from './notes.ts';

/**
 * Makes a list smaller without changing what it means, and keeps notes as far as they agree.
 *
 * - The addresses stay the same, and for every address the note that is reported stays the same. An address whose entry
 *   has no note may get the note of another entry that covers it. No note covers an address that it did not cover before.
 * - An entry that others cover goes when it has no note, or theirs. Halves of a prefix with the same note become the
 *   prefix. A range becomes one entry with what touches or overlaps it and has its note. Named networks never join, and
 *   an entry that begins or ends joins only those with the same times.
 * - There are never more entries than before, and doing it twice changes nothing more.
 * - Comments, empty lines and the lines of entries that stay are kept to the letter. A new entry replaces the first of
 *   those that it stands for.
 *
 * @param list - any list
 * @returns the smaller list, or the same one when there is nothing to do
 * @throws `ListError` with `one-list-required` for anything but a `RestrictionList`, with `unreadable` for an object that only looks
 *   like one
 * @remarks Linear in the list, but for sorting.
 * @example
 * ```ts
 * import { minimizeList, RestrictionList } from 'ipverdict/list';
 *
 * const list = RestrictionList.parse('deny', '10.0.0.0/9 # Lab\n10.128.0.0/9 # Lab\n10.1.2.3 # Printer\n10.1.2.4');
 * `${minimizeList(list)}`; // '10.0.0.0/8 # Lab\n10.1.2.3 # Printer'
 * ```
 */
export function minimizeList(list: RestrictionList): RestrictionList {
  if (!(list instanceof RestrictionList)) {
    const message = `minimizeList takes a RestrictionList, this is ${describeType(list)}: write RestrictionList.parse(mode, text)`;
    throw new ListError([problemOf('list', 'one-list-required', message)]);
  }
  const { text, entries } = read(list);
  const minimized = minimizeEntries(
    entries.map((entry) => ({ address: entry.canonical, note: entry.note, times: keyOfEntry(entry) })),
  );
  // What becomes of the line of each entry: nothing, unless something stands there afterwards.
  const edits = new Map(entries.map(({ line }) => [line, [] as LineEdit[]]));
  const lineOf = firstLines(entries);
  const countOf = new Map<string, number>();
  for (const { address } of minimized) countOf.set(address, (countOf.get(address) ?? 0) + 1);
  for (const { address, note, index } of minimized) {
    const entry = entries[index];
    if (entry === undefined) continue;
    // What is there already stays there. With two notes its lines have an order, and the first one counts.
    const isThere = entry.canonical === address && entry.note === note;
    const line = isThere || countOf.get(address) !== 1 ? undefined : lineOf(address, note, keyOfEntry(entry));
    if (isThere || line !== undefined) edits.delete(line ?? entry.line);
    else edits.get(entry.line)?.push((line) => [writeLine(address, timesIn(line), note)]);
  }
  if (edits.size === 0) return list;
  const lineEdits = new Map(
    [...edits].map(([line, lines]): [number, LineEdit] => [
      line,
      (old) => lines.flatMap((edit) => edit(old)),
    ]),
  );
  return list.edit(rewriteLines(text, lineEdits) ?? text);
}

function writeLine(address: string, times: string, note: string | undefined): string {
  return withNote(withTimes(address, times), note);
}

/** Text and entries of a list. What only looks like one, such as an object with its prototype, has no text. */
function read(list: RestrictionList): { text: string; entries: readonly Entry[] } {
  try {
    return { text: `${list}`, entries: list.entries };
  } catch (cause) {
    const message = `the list could not be read: ${messageOf(cause)}`;
    throw new ListError([problemOf('list', 'unreadable', message)], { cause });
  }
}

/** The line on which an entry is first, with its note. */
function firstLines(
  entries: readonly Entry[],
): (canonical: string, note: string | undefined, times: string) => number | undefined {
  const lines = new Map<string, number>();
  const keyOf = (canonical: string, note: string | undefined, times: string): string =>
    `${canonical} ${times}${note === undefined ? '' : `#${note}`}`;
  for (const entry of entries) {
    const key = keyOf(entry.canonical, entry.note, keyOfEntry(entry));
    if (!lines.has(key)) lines.set(key, entry.line);
  }
  return (canonical, note, times) => lines.get(keyOf(canonical, note, times));
}
