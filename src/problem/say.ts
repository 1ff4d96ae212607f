/**
 * Words about foreign text: quoting it, and naming characters and types, so that no message can disturb a terminal or a
 * log.
 */

const QUOTED_LENGTH = 60;

/** Quotes text for a message: shortened, and with everything escaped that could disturb a terminal or a log. */
export function quote(text: string): string {
  const shown = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text;
  let quoted = '"';
  for (const character of shown) {
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (printable.test(character)) quoted += character;
    else quoted += `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
  }
  return `${quoted}"`;
}

/** Letters, marks, numbers, punctuation, symbols and the blank: visible, and without effect on the text around them. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/** Whether all of a text is visible and nothing in it affects the text around it. */
export function isPrintable(text: string): boolean {
  return printable.test(text);
}

/** Whether a text is words: it starts with a letter, perhaps in quotes or a bracket, and has no digits beyond ASCII. */
export function isProse(text: string): boolean {
  return /^["'(\u2018\u201c\u00ab]?\p{L}/u.test(text) && !/(?![0-9])\p{N}/u.test(text);
}

/** A sentence with `part` in place of its `%`, if it has one. */
export function fill(sentence: string, part: string): string {
  return sentence.split('%').join(part);
}

/** Names the first character of a text so that it can be found even when it is invisible: `"x"` or `U+200B`. */
export function nameCharacter(text: string): string {
  const code = text.codePointAt(0);
  if (code === undefined) return 'the end of the text';
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const character = String.fromCodePoint(code);
  if (code > 0x20 && code < 0x7f) return quote(character);
  if (code === 0x09) return `a tab (${name})`;
  return printable.test(character) && code !== 0x20 ? `${quote(character)} (${name})` : name;
}

/** Says what a value is without running any method of the value. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : value === undefined ? 'nothing' : `a ${typeof value}`;
}
