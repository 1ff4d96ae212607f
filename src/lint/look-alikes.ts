/**
 * Notes that look the same and are not: a no-break space for a blank, a letter with its accent in one character or two,
 * several blanks in a row, characters that nobody sees. A form shows them as two groups.
 */

import { patternOf } from '../problem/say.ts';

/** Text in which each character looks like no other: printable ASCII without two blanks in a row. */
const plain = /^(?! )(?!.* {2})(?!.* $)[ -~]*$/;

/** Blanks of any width. */
const blanks = /* @__PURE__ */ patternOf('\\p{Zs}+', 'gu');

/** Characters that are never shown, such as U+200B and the soft hyphen; not those that shape what is around them. */
const unseen = /* @__PURE__ */ patternOf(
  '(?!\\u200c|\\u200d|[\\ufe00-\\ufe0f]|[\\u{e0020}-\\u{e007f}])\\p{Default_Ignorable_Code_Point}',
  'gu',
);

/** Joiners between characters that do not join. Between others, as in Arabic and emoji, they are seen by what they do. */
const idleJoiners = /* @__PURE__ */ patternOf(
  '(?<=^|[\\p{Script=Latin}\\p{N}\\p{Zs}!-~])(?:\\u200c|\\u200d)+',
  'gu',
);

/** A longer note looks like nothing else: a fix must not put a megabyte of what nobody sees on every line. */
const MAX_LENGTH = 1000;

/** What of a note can be seen: notes with the same look differ only in what no reader can tell apart. */
function lookOf(note: string): string {
  if (note.length > MAX_LENGTH || plain.test(note)) return note;
  const seen = note.normalize('NFC').replace(unseen(), '').replace(idleJoiners(), '');
  const look = seen.replace(blanks(), ' ').trim();
  // A note that cannot be seen at all must not look like no note.
  return look === '' ? note : look;
}

/** A visible character at the end of a note, but for those after which a directive may begin. */
const visibleEnd = /* @__PURE__ */ patternOf('(?![,;:(])[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}]$');

/** A spelling that is still read as it is when a directive comes after it; see silence.ts. */
function isSteady(note: string): boolean {
  return note.trim() === note && visibleEnd().test(note);
}

/**
 * Finds entries whose notes look like that of another entry, and gives all of them its number: that of the most frequent
 * spelling, where ties go to the first.
 *
 * @param numbers - number of the note of each entry, 0 for none; changed for the entries that were found
 * @param texts - the notes by number
 * @param isMeant - whether the spelling of an entry is meant: its number stays, and it does not count
 * @returns for each entry that was found, and each that is meant, the first entry with the most frequent spelling
 */
export function joinLookAlikes(
  numbers: Int32Array,
  texts: readonly string[],
  isMeant: (entry: number) => boolean,
): Map<number, number> {
  const found = new Map<number, number>();
  if (texts.every((text) => plain.test(text))) return found;
  const groups = new Map<string, number>();
  const groupOf = texts.map((text, number) => {
    const look = lookOf(text);
    const group = groups.get(look) ?? number;
    groups.set(look, group);
    return group;
  });
  const counts = new Int32Array(texts.length);
  const firsts = new Int32Array(texts.length).fill(-1);
  numbers.forEach((number, entry) => {
    if (isMeant(entry)) return;
    counts[number] = (counts[number] as number) + 1;
    if (firsts[number] === -1) firsts[number] = entry;
  });
  const favourites = new Int32Array(texts.length);
  texts.forEach((text, number) => {
    const group = groupOf[number] as number;
    const most = counts[favourites[group] as number] as number;
    const isMore = favourites[group] === 0 || (counts[number] as number) > most;
    if (number > 0 && (counts[number] as number) > 0 && isMore && isSteady(text)) favourites[group] = number;
  });
  numbers.forEach((number, entry) => {
    const favourite = favourites[groupOf[number] as number] as number;
    if (number === 0 || favourite === 0 || favourite === number) return;
    found.set(entry, firsts[favourite] as number);
    if (!isMeant(entry)) numbers[entry] = favourite;
  });
  return found;
}

/** Says where two notes differ, by the first character that does. */
export function describeDifference(note: string, other: string, name: (character: string) => string): string {
  let at = 0;
  // At the end of a text this is NaN, which equals nothing.
  while (note.charCodeAt(at) === other.charCodeAt(at)) at++;
  // Not in the middle of a character.
  const code = note.charCodeAt(at);
  if (at > 0 && code >= 0xdc00 && code < 0xe000) at--;
  const [here, there] = [note, other].map((text) => (at < text.length ? name(text.slice(at)) : 'nothing'));
  return `has ${here} where that one has ${there}`;
}
