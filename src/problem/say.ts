/**
 * Words about foreign text: quoting it, and naming characters and types, so that no message can disturb a terminal or a
 * log.
 */

const QUOTED_LENGTH = 60;

/** Longer than a note that somebody has typed. */
const LONG = 1000;

/** Quotes text for a message: shortened, and with everything named that cannot be seen or could disturb a terminal. */
export function quote(text: string): string {
  const shown = text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}…` : text;
  return `"${show(shown, '"\\')}"`;
}

/** Text with a name such as `<U+200B>` in place of what cannot be seen, and a backslash before each of `escaped`. */
export function show(text: string, escaped = ''): string {
  let shown = '';
  let isLoose: boolean = true;
  for (const character of text) {
    // A mark with no letter before it would change what stands there: the quotation mark, or a name.
    const isVisible: boolean = isPrintable(character) && !(isLoose && isMark(character));
    if (!isVisible) shown += `<${codePointOf(character)}>`;
    else shown += escaped.includes(character) ? `\\${character}` : character;
    isLoose = !isVisible;
  }
  return shown;
}

/** How much of a line is shown before and after the start of a part. */
const BEFORE = 30;
const AFTER = 50;

/**
 * The part of a line from `start` to `end`, cut from a long line, with a mark on a second line below it.
 *
 * @param share - how much of the usual length, for a narrow window
 */
export function excerptOf(line: string, start: number, end: number, share = 1): string {
  const from = Math.max(0, start - Math.ceil(BEFORE * share));
  const to = Math.min(line.length, start + Math.ceil(AFTER * share));
  const before = (from > 0 ? '…' : '') + show(line.slice(from, start));
  const part = show(line.slice(start, Math.min(end, to)));
  const after = show(line.slice(Math.min(end, to), to)) + (to < line.length ? '…' : '');
  return `${before}${part}${after}\n${' '.repeat(before.length)}${'^'.repeat(part.length || 1)}`;
}

/**
 * A pattern with properties of Unicode, compiled when it is first needed. An engine checks each literal as it reads the
 * file, used or not, and for each property it looks up all characters: as literals, these patterns took half of the time
 * in which the package is read.
 */
export function patternOf(source: string, flags = 'u'): () => RegExp {
  let pattern: RegExp | undefined;
  return () => {
    pattern ??= new RegExp(source, flags);
    return pattern;
  };
}

/**
 * Letters, marks, numbers, punctuation, symbols and the blank, but for those that are drawn as nothing: visible, and
 * without effect on the text around them.
 */
const printable = /* @__PURE__ */ patternOf(
  '^(?:(?![\\p{Default_Ignorable_Code_Point}\\u2800\\u{16fe4}\\u{1d159}])[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ])*$',
);

/** Whether all of a text is visible and nothing in it affects the text around it. */
export function isPrintable(text: string): boolean {
  return printable().test(text);
}

const mark = /* @__PURE__ */ patternOf('^\\p{M}');

function isMark(character: string): boolean {
  return mark().test(character);
}

const label = /* @__PURE__ */ patternOf('^\\p{Lu}[\\p{Lu}\\p{Ll}]*( [\\p{Lu}\\p{Ll}]+)?$');

/**
 * Whether a text is a short label such as `Office` or `Build server`: one or two words of an alphabet with capital
 * letters, the first of which has one.
 */
export function isLabel(text: string): boolean {
  return text.length < 33 && label().test(text);
}

const letters = /* @__PURE__ */ patternOf('\\p{L}+', 'gu');

/** The words at the start of a text, in lower case. */
export function wordsOf(text: string): readonly string[] {
  return text.slice(0, LONG).toLowerCase().match(letters()) ?? [];
}

const blanks = /* @__PURE__ */ patternOf('[\\t\\p{Zs}]', 'gu');

/** A text with plain blanks in place of tabs and of the blanks of typesetters. */
export function withPlainBlanks(text: string): string {
  return text.replace(blanks(), ' ');
}

const joint = /* @__PURE__ */ patternOf('[\\da-f][\\p{Cf}\\p{Default_Ignorable_Code_Point}]+[\\da-f]', 'iu');
const hidden = /* @__PURE__ */ patternOf(
  '^[\\p{Cc}\\p{Zl}\\p{Zp}]+|[\\p{Cc}\\p{Zl}\\p{Zp}]+$|[\\p{Cf}\\p{Default_Ignorable_Code_Point}]',
  'gu',
);

/**
 * A text without what is drawn as nothing, unless two numbers would meet. Controls may be ends of lines, so they go from
 * the ends of the text only.
 */
export function withoutInvisible(text: string): string {
  return joint().test(text) ? text : text.replace(hidden(), '');
}

/** A sentence with `part` in place of its `%`, if it has one. */
export function fill(sentence: string, part: string): string {
  return sentence.split('%').join(part);
}

/** Names the first character of a text so that it can be found even when it is invisible: `"x"` or `U+200B`. */
export function nameCharacter(text: string): string {
  const code = text.codePointAt(0);
  if (code === undefined) return 'the end of the text';
  const character = String.fromCodePoint(code);
  const name = codePointOf(character);
  if (code > 0x20 && code < 0x7f) return quote(character);
  if (code === 0x09) return `a tab (${name})`;
  return isPrintable(character) && code !== 0x20 && !isMark(character)
    ? `${quote(character)} (${name})`
    : name;
}

export function codePointOf(character: string): string {
  return `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Says what a value is without running any method of the value. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : value === undefined ? 'nothing' : `a ${typeof value}`;
}
