/**
 * Notes on their way in and out: other programs allow other characters in them, and cut them elsewhere.
 */

import { findNoteFault, isForbiddenInNote, trimEnd, trimStart } from '../list/grammar.ts';

/** A note without the characters that the note of a list cannot have. Line ends and other controls become blanks. */
export function cleanNote(note: string): string {
  let cleaned = '';
  let wasBlank = true;
  for (const character of note) {
    const code = character.codePointAt(0) as number;
    const isForbidden = isForbiddenInNote(code);
    if (isForbidden && code >= 0xa0 && code !== LINE_SEPARATOR && code !== PARAGRAPH_SEPARATOR) continue;
    const isBlank = isForbidden || character === ' ';
    if (!isBlank) cleaned += character;
    else if (!wasBlank) cleaned += ' ';
    wasBlank = isBlank;
  }
  return cleaned.trimEnd();
}

/** The note that a list can have in place of a text, and whether characters had to be left out for it. */
export function fitNote(text: string): { readonly fitting: string; readonly isChanged: boolean } {
  const trimmed = text.slice(trimStart(text, 0, text.length), trimEnd(text, 0, text.length));
  const isChanged = findNoteFault(trimmed, 0, trimmed.length) !== undefined;
  return { fitting: isChanged ? cleanNote(trimmed) : trimmed, isChanged };
}

const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;

/** The number of bytes of a text in UTF-8, where half of a pair takes three, as a replacement character does. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += bytesOfCharacter(character);
  return bytes;
}

function bytesOfCharacter(character: string): number {
  const code = character.codePointAt(0) as number;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code > 0xffff ? 4 : 3;
}

/** The longest start of a text that has no more than some bytes in UTF-8 and cuts no character in two. */
export function cutToBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += bytesOfCharacter(character);
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end).trimEnd();
}
