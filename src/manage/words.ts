/**
 * Sentences about a list: what it does, and what is not in it.
 */

import { scanEntry, span } from '../address/entry.ts';
import { wordsOf } from '../address/scanner.ts';
import { compareWords } from '../address/words.ts';
import type { EntryTable, Mode } from '../list/table.ts';
import { quote } from '../problem/say.ts';

/** Says in one sentence what a list does. */
export function describeList(mode: Mode, size: number, groups: number): string {
  if (size === 0) return 'No addresses have been added and everyone has access.';
  const entries = `${size} ${size === 1 ? 'entry' : 'entries'}${groups > 1 ? ` (in ${groups} groups)` : ''}`;
  if (mode === 'allow') return `Only ${entries} ${size === 1 ? 'has' : 'have'} access.`;
  return `${entries} ${size === 1 ? 'is' : 'are'} denied, everyone else has access.`;
}

/** What a console shows for a list. */
export function printList(mode: Mode, size: number): string {
  return `RestrictionList (${mode}, ${size} ${size === 1 ? 'entry' : 'entries'})`;
}

const SHOWN_GROUPS = 5;

/** Says that a list has no group with a note, and which groups it has. */
export function describeMissingGroup(table: EntryTable, note: string | undefined): string {
  const missing =
    note === undefined ? 'there is no entry without a note' : `no entry has the note ${quote(note)}`;
  const notes = new Set<string>();
  for (let index = 0; index < table.size; index++) {
    const other = table.note(index);
    if (other !== undefined) notes.add(other);
  }
  if (notes.size === 0) return missing;
  const shown = [...notes].slice(0, SHOWN_GROUPS).map(quote);
  if (notes.size > shown.length) shown.push(`and ${notes.size - shown.length} more`);
  return `${missing}: the groups are ${shown.join(', ')}`;
}

/** Says that an entry is not in a list, and which entry covers it, if any. */
export function describeAbsence(table: EntryTable, canonical: string): string {
  const missing = `${canonical} is not in the list`;
  if (!scanEntry(canonical, 0, canonical.length)) return missing;
  const { family } = span;
  const width = wordsOf(family);
  const first = span.first.slice();
  const last = span.last.slice();
  for (let index = 0; index < table.size; index++) {
    let covers = false;
    table.read(index, () => {
      if (span.family !== family || compareWords(span.first, first, width) > 0) return;
      if (compareWords(last, span.last, width) <= 0) covers = true;
    });
    if (covers)
      return `${missing}, but is covered by line ${table.line(index)} (${table.text(index)}): edit that one`;
  }
  return missing;
}
