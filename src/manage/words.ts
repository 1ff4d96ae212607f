/**
 * Sentences about a list: what it does, and what is not in it; and notes that only look the same.
 */

import { scanEntry, span } from '../address/entry.ts';
import { wordsOf } from '../address/scanner.ts';
import { compareWords } from '../address/words.ts';
import type { EntryTable, Mode } from '../list/table.ts';
import type { Verdict } from '../policy/decision.ts';
import { codePointOf, isPrintable, quote } from '../problem/say.ts';

/**
 * Says in a sentence what a list does.
 *
 * @param now - how many of its entries count
 * @param groups - how many groups those are in
 * @param timed - how many begin or end, where nobody has said for which instant
 */
export function describeList(
  mode: Mode,
  size: number,
  now: number,
  groups: number,
  whenEmpty: Verdict,
  timed: number,
): string {
  if (size === 0) {
    return `No addresses have been added and ${whenEmpty === 'deny' ? 'nobody' : 'everyone'} has access.`;
  }
  const some = `${countEntries(timed)} ${timed === 1 ? 'counts' : 'count'} only from or until an instant.`;
  const others =
    timed > 0
      ? ` ${some}`
      : now === size
        ? ''
        : ` ${countEntries(size - now)} ${size - now === 1 ? 'does' : 'do'} not count now.`;
  // A list whose entries have all ended does not open.
  if (now === 0) return `${mode === 'allow' ? 'Nobody' : 'Everyone'} has access.${others}`;
  const entries = `${countEntries(now)}${groups > 1 ? ` (in ${groups} groups)` : ''}`;
  if (mode === 'allow') return `Only ${entries} ${now === 1 ? 'has' : 'have'} access.${others}`;
  return `${entries} ${now === 1 ? 'is' : 'are'} denied, everyone else has access.${others}`;
}

function countEntries(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}

/** What a console shows for a list. */
export function printList(mode: Mode, size: number): string {
  return `RestrictionList (${mode}, ${countEntries(size)})`;
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
  const likeness = note === undefined ? undefined : [...notes].find((other) => areLookAlikes(note, other));
  if (note !== undefined && likeness !== undefined) {
    const [wanted, present] = quoteApart(note, likeness);
    return `no entry has the note ${wanted}, but one has ${present}, which looks the same and is spelt differently: take the note from the groups of the list`;
  }
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
      return `${missing}, but is covered by line ${table.line(index)} (${table.text(index)}): edit that one, or take this out of it with exclude`;
  }
  return missing;
}

/** Quotes two texts so that they do not look the same: if they would, everything beyond ASCII is escaped. */
export function quoteApart(one: string, other: string): readonly [one: string, other: string] {
  const write = areLookAlikes(one, other) ? quoteAscii : quote;
  return [write(one), write(other)];
}

/** Whether two texts differ only in what people do not see: invisible characters, kinds of blanks, how accents are composed. */
function areLookAlikes(one: string, other: string): boolean {
  return one !== other && visibleOf(one) === visibleOf(other);
}

function visibleOf(text: string): string {
  return [...text.normalize('NFKC')].filter(isPrintable).join('');
}

function quoteAscii(text: string): string {
  let quoted = '';
  for (const character of quote(text)) {
    const code = character.codePointAt(0) as number;
    quoted += code < 0x7f || character === '…' ? character : `<${codePointOf(character)}>`;
  }
  return quoted;
}
