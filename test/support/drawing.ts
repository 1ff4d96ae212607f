/**
 * A session at a terminal as one SVG: what was typed appears letter by letter, what was printed appears at once. It plays
 * once. Where motion is not wanted, or not possible, everything is there from the start. The same session is always the
 * same bytes.
 */

import type { Line, Run } from './screen.ts';

/** One command of a session. */
export interface Step {
  readonly typed: string;
  readonly printed: readonly Line[];
}

/** What a screen reader says, since it sees a picture. */
export interface Caption {
  readonly title: string;
  readonly description: string;
}

const FONT_SIZE = 14;
/** The width of a character of nearly every monospaced font; `textLength` makes the others fit. */
const ADVANCE = 8.4;
const LINE_HEIGHT = 20;
const MARGIN = 18;
const PROMPT = '$ ';

/** Seconds: of one letter, before the first letter, between Enter and the answer, and to read one line of it. */
const LETTER = 0.04;
const PAUSE = 0.7;
const ANSWER = 0.25;
const READING = 0.45;

/** Colours by their names on a terminal; each on its ground with a contrast of at least 4.5. */
const palettes = {
  light: {
    ground: '#f6f8fa',
    border: '#d1d9e0',
    text: '#1f2328',
    dim: '#59636e',
    red: '#b3261e',
    green: '#116329',
    yellow: '#7d4e00',
    blue: '#0550ae',
    magenta: '#8250df',
    cyan: '#0a5a66',
  },
  dark: {
    ground: '#0d1117',
    border: '#3d444d',
    text: '#e6edf3',
    dim: '#9198a1',
    red: '#ff8a80',
    green: '#56d364',
    yellow: '#e3b341',
    blue: '#79c0ff',
    magenta: '#d2a8ff',
    cyan: '#56d4dd',
  },
};
type Palette = typeof palettes.light;

const painted = ['dim', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan'] as const;

function rulesOf(palette: Palette): string {
  const colours = painted.map((name) => `.${name}{fill:${palette[name]}}`).join('');
  return `text,.cursor{fill:${palette.text}}.ground,.cover{fill:${palette.ground}}.ground{stroke:${palette.border}}${colours}`;
}

const style = [
  `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre}`,
  '.bold{font-weight:700}.cover,.cursor{opacity:0;pointer-events:none}',
  rulesOf(palettes.light),
  `@media(prefers-color-scheme:dark){${rulesOf(palettes.dark)}}`,
  '@media(prefers-reduced-motion:no-preference){',
  '.shown{animation:shown 1ms backwards}.cover{animation:typed both;transform-box:fill-box;transform-origin:right}.cursor{animation:moved}}',
  '@keyframes shown{from{opacity:0}}',
  '@keyframes typed{from{opacity:1}to{opacity:1;transform:scaleX(0)}}',
  '@keyframes moved{from{opacity:1}to{opacity:1;transform:translateX(var(--way))}}',
].join('\n');

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A number of pixels or seconds, the same on every machine. */
function short(number: number): string {
  return String(Math.round(number * 100) / 100);
}

function classOf({ colour, isBold, isDim }: Run): string {
  const name = colour.replace('bright ', '');
  const classes =
    isDim || colour === 'bright black' ? ['dim'] : painted.includes(name as 'red') ? [name] : [];
  if (isBold) classes.push('bold');
  return classes.join(' ');
}

/** The runs of a line, those that look the same joined; blanks belong to the run before them. */
function spansOf(runs: readonly Run[]): string {
  return runs
    .map((run) => {
      const name = classOf(run);
      const text = inXml(run.text);
      return name === '' || run.text.trim() === '' ? text : `<tspan class="${name}">${text}</tspan>`;
    })
    .join('');
}

/** The text of a line, as wide as its characters are whatever the font is. */
function textAt(row: number, length: number, content: string): string {
  const y = MARGIN + row * LINE_HEIGHT + FONT_SIZE;
  return `<text x="${MARGIN}" y="${y}" textLength="${short(length * ADVANCE)}">${content}</text>`;
}

function delay(seconds: number): string {
  return `animation-delay:${short(seconds)}s`;
}

/** The line that is typed, from `start` on. */
function drawTyped(typed: string, row: number, start: number): string {
  const top = MARGIN + row * LINE_HEIGHT;
  const x = short(MARGIN + PROMPT.length * ADVANCE);
  const way = short(typed.length * ADVANCE);
  const timing = `animation-duration:${short(typed.length * LETTER)}s;animation-timing-function:steps(${typed.length});${delay(start)}`;
  const text = textAt(
    row,
    PROMPT.length + typed.length,
    `<tspan class="dim">${PROMPT}</tspan><tspan class="bold">${inXml(typed)}</tspan>`,
  );
  return [
    `<g class="shown" style="${delay(start)}">${text}</g>`,
    `<rect class="cover" x="${x}" y="${top}" width="${way}" height="${LINE_HEIGHT}" style="${timing}"/>`,
    `<rect class="cursor" x="${x}" y="${top + 1}" width="${ADVANCE}" height="${FONT_SIZE + 3}" style="--way:${way}px;${timing}"/>`,
  ].join('\n');
}

/** Draws a session in a window of that many columns. */
export function drawSession(steps: readonly Step[], columns: number, caption: Caption): string {
  const parts: string[] = [];
  let row = 0;
  let now = 0.4;
  for (const { typed, printed } of steps) {
    if (row > 0) row++;
    parts.push(drawTyped(typed, row++, now));
    now += typed.length * LETTER + ANSWER;
    const lines = printed.map(({ text, runs }, index) =>
      text === '' ? '' : textAt(row + index, text.length, spansOf(runs)),
    );
    const filled = lines.filter((line) => line !== '');
    if (filled.length > 0) {
      parts.push(`<g class="shown" style="${delay(now)}">\n${filled.join('\n')}\n</g>`);
    }
    row += printed.length;
    now += PAUSE + printed.length * READING;
  }
  const width = Math.ceil(columns * ADVANCE) + 2 * MARGIN;
  const height = row * LINE_HEIGHT + 2 * MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" xml:space="preserve">
<title id="title">${inXml(caption.title)}</title>
<desc id="description">${inXml(caption.description)}</desc>
<style>
${style}
</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${parts.join('\n')}
</svg>
`;
}
