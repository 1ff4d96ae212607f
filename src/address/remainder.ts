/**
 * What stands on a line beside an entry: a note without its sign, or text that limits the entry, which must never be
 * advised to become a note.
 */

import { isLabel, wordsOf } from '../problem/say.ts';
import { findNamed } from './rewritings.ts';

/**
 * Words that limit an entry beside them, in English and some of other languages. Those of five letters and more are the
 * beginnings of words.
 */
const rows: readonly (readonly [sentence: string, words: string])[] = [
  [
    'an entry has no exceptions, write the ranges on both sides of what is left out, or exempt it from a deny list',
    'not no but non nor minus save never omit excl except exclu exempt without unless half odd even some nicht kein keine ohne außer ausser sauf sans pas sin salvo menos tranne esclu niet behalve',
  ],
  [
    'an entry has no action, write what is allowed and what is denied in lists of their own',
    'deny denie denyi allow block permit reject drop drops dropp ban banned accept disab inactive off forbid blackl suspend retir revok remov delet',
  ],
  [
    'after an entry write from INSTANT, until INSTANT, in lower case, such as until 2026-12-31T18:00Z',
    'until from till til since before after thru ttl timeout expir ends start begin tempor limit today tomor unitl untli utnil ab von bis vanaf tot desde hasta depuis fino gültig befrist monday tuesda wednes thursd friday saturd sunday montag diens mittwo donner freita samsta sonnta',
  ],
  [
    'write one entry per line, and nothing else beside it',
    'only if and or to plus via through between mask netmask nur',
  ],
];

/** What limits an entry, in one sentence; `undefined` when the text has no such word. */
export function findCondition(text: string): string | undefined {
  if (text.includes('!')) return rows[0]?.[0];
  const words = wordsOf(text);
  const isIn = (row: string): boolean =>
    row
      .split(' ')
      .some((word) => words.some((one) => (word.length > 4 ? one.startsWith(word) : one === word)));
  return rows.find(([, row]) => isIn(row))?.[0];
}

/**
 * Whether text can only be a note. As no list of words knows all that may limit an entry, it must also look like the
 * label of a place or a machine.
 */
export function isNote(text: string): boolean {
  return isLabel(text) && !text.split(' ').some(isName) && findCondition(text) === undefined;
}

/** Whether a word is the name of a network or of a host, and may be a second entry. */
export function isName(word: string): boolean {
  const lower = word.toLowerCase();
  return lower === 'localhost' || findNamed(lower) !== undefined || word.slice(0, -1).includes('.');
}
