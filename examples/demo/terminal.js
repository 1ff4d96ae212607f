/** What goes to the terminal: colours and widths, but never control codes from a file. */

const colourCodes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/**
 * Whether to colour: never with NO_COLOR (https://no-color.org), always with FORCE_COLOR, otherwise on a terminal that
 * supports it.
 */
export function wantsColour(environment, stream) {
  if (environment.NO_COLOR) return false;
  const { FORCE_COLOR: forced } = environment;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

/** One function for each colour. Without colours they return the text unchanged. */
export function makeColours(isOn) {
  const paint = (code) => (text) => (isOn ? `\u001b[${code}m${text}\u001b[0m` : text);
  return Object.fromEntries(Object.entries(colourCodes).map(([name, code]) => [name, paint(code)]));
}

/**
 * Escapes every invisible character, as in `\u{1b}`: a file may contain codes that move the cursor, change the window
 * title, or reorder the text around them. All text from a file goes through here on its way to the screen.
 */
export function printable(text) {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u00a0]/gu,
    (character) => `\\u{${character.codePointAt(0).toString(16)}}`,
  );
}

/** Characters that take two columns: the East Asian scripts, full-width forms and pictographs. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** How many columns a text takes on the screen. */
export function widthOf(text) {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width += wide.test(character) ? 2 : 1;
  }
  return width;
}

/** The text padded with blanks to a width. */
export function pad(text, width) {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The first characters of a text, with an ellipsis for the rest. Never cuts a character in half. */
export function cut(text, length) {
  if (text.length <= length) return text;
  return `${Array.from(text.slice(0, length * 2))
    .slice(0, length - 1)
    .join('')}…`;
}

/** The last characters of a text, with an ellipsis for what comes before. */
export function cutStart(text, length) {
  if (text.length <= length) return text;
  return `…${Array.from(text.slice(-length * 2))
    .slice(1 - length)
    .join('')}`;
}

/** `1 line`, `2 lines`, `1,000 lines`. */
export function count(number, singular, plural = `${singular}s`) {
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`;
}
