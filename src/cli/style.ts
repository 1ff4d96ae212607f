/**
 * What goes to a terminal: colours, widths, and never a control character of a file.
 */

import { styleText } from 'node:util';
import { patternOf, show } from '../problem/say.ts';

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Paints a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

/**
 * Whether to colour: never with `NO_COLOR` (https://no-color.org), always with `FORCE_COLOR`, otherwise on a terminal that
 * understands it.
 */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR: never, FORCE_COLOR: always, TERM: terminal } = process.env;
  if (never !== undefined && never !== '') return false;
  if (always !== undefined) return always !== '0' && always !== 'false';
  return stream.isTTY === true && terminal !== 'dumb';
}

/** A function that paints, for one stream. */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  if (!wantsColour(stream)) return (_, text) => text;
  return (colour, text) => (text === '' ? '' : styleText(colour, text, { validateStream: false }));
}

const plain = /^[\x20-\x7e]*$/;

/**
 * A text with `<U+001B>` and the like in place of what cannot be seen: a file may hold codes that move the cursor, change
 * the title of the window or turn the text around them. All text of files goes through here on its way to a person.
 */
export function printable(text: string): string {
  return plain.test(text) ? text : show(text);
}

/** Characters of two columns: the East Asian scripts, full-width forms and pictographs. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

const mark = patternOf('\\p{M}');

/** The number of columns that a text takes. */
export function widthOf(text: string): number {
  // Nearly all texts are of plain characters.
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) if (!mark().test(character)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** A text with blanks up to a width. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The start of a text, with `…` for the rest. Never cuts a character in half. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let columns = 1;
  for (const character of text) {
    columns += widthOf(character);
    if (columns > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/** What is in place of a missing option stays together. */
const breaks = /(?<!\(default:) /;

/** A paragraph as lines of at most so many columns. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(breaks)) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** `1,000`: digits in threes. Asking the runtime for the English form would take it longer than most commands work. */
export function grouped(whole: { toString(): string }): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 line`, `2 lines`, `1,000 lines`. Numbers of any kind and size. */
export function count(number: { toString(): string }, one: string, many = `${one}s`): string {
  const text = grouped(number);
  return `${text} ${text === '1' ? one : many}`;
}
