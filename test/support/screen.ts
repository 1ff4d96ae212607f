/** What a person sees of the bytes that a program wrote to a terminal: a screen of cells, made by xterm.js without a display. */

import xterm from '@xterm/headless';

/** The colours of a terminal that programs choose by number. */
const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

export type Colour = 'default' | `${'' | 'bright '}${(typeof names)[number]}` | `number ${number}`;

/** How a cell looks. */
export interface Look {
  readonly colour: Colour;
  readonly background: Colour;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isUnderlined: boolean;
  readonly isInverse: boolean;
}

/** Cells of one line that look the same. */
export interface Run extends Look {
  /** The first column, from 0. */
  readonly column: number;
  readonly text: string;
}

export interface Line {
  /** Without the blanks at its end. */
  readonly text: string;
  /** Whether it goes on where the line before had no more room. */
  readonly isWrapped: boolean;
  readonly runs: readonly Run[];
}

function colourOf(isDefault: boolean, isPalette: boolean, number: number): Colour {
  if (isDefault) return 'default';
  const name = names[number % 8];
  if (!isPalette || number > 15 || name === undefined) return `number ${number}`;
  return `${number > 7 ? 'bright ' : ''}${name}`;
}

type Buffer = InstanceType<typeof xterm.Terminal>['buffer']['active'];
type Cell = ReturnType<Buffer['getNullCell']>;

function lookOf(cell: Cell): Look {
  return {
    colour: colourOf(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor()),
    background: colourOf(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor()),
    isBold: cell.isBold() !== 0,
    isDim: cell.isDim() !== 0,
    isUnderlined: cell.isUnderline() !== 0,
    isInverse: cell.isInverse() !== 0,
  };
}

function isSameLook(one: Look, other: Look): boolean {
  return (Object.keys(one) as (keyof Look)[]).every((name) => one[name] === other[name]);
}

function readLine(buffer: Buffer, row: number): Line {
  const line = buffer.getLine(row);
  if (line === undefined) throw new RangeError(`The screen has no line ${row}.`);
  const text = line.translateToString(true);
  const runs: (Look & { column: number; text: string })[] = [];
  for (let column = 0; column < line.length; column++) {
    const cell = line.getCell(column);
    // The second half of a wide character is a cell without width.
    if (cell === undefined || cell.getWidth() === 0) continue;
    const look = lookOf(cell);
    const last = runs.at(-1);
    const character = cell.getChars() || ' ';
    if (last !== undefined && isSameLook(look, last)) last.text += character;
    else runs.push({ ...look, column, text: character });
  }
  const end = runs.at(-1);
  if (end !== undefined && end.background === 'default' && !end.isInverse) {
    end.text = end.text.trimEnd();
    if (end.text === '') runs.pop();
  }
  return { text, isWrapped: line.isWrapped, runs };
}

/** A terminal after a program has written to it, with what has scrolled out of its window. */
export class Screen {
  /** Every line that was written, the ones above the window first; without blank lines at the end. */
  readonly lines: readonly Line[];
  readonly isCursorHidden: boolean;
  /** The title that a program gave to the window. */
  readonly title: string;

  private constructor(lines: readonly Line[], isCursorHidden: boolean, title: string) {
    this.lines = lines;
    this.isCursorHidden = isCursorHidden;
    this.title = title;
  }

  static async of(bytes: Uint8Array | string, columns: number, rows: number): Promise<Screen> {
    const terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: 100_000,
      allowProposedApi: true,
    });
    let isCursorHidden = false;
    let title = '';
    const note =
      (isHidden: boolean) =>
      (numbers: readonly (number | number[])[]): boolean => {
        if (numbers.includes(25)) isCursorHidden = isHidden;
        return false;
      };
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, note(true));
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, note(false));
    terminal.onTitleChange((given) => {
      title = given;
    });
    await new Promise<void>((resolve) => terminal.write(bytes, resolve));
    const buffer = terminal.buffer.active;
    const lines = Array.from({ length: buffer.length }, (_, row) => readLine(buffer, row));
    while (lines.at(-1)?.text === '') lines.pop();
    terminal.dispose();
    return new Screen(lines, isCursorHidden, title);
  }

  /** What can be read, line by line. */
  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  /** What a program wrote as one line, in the parts that fit into the width of the window. */
  get paragraphs(): readonly (readonly string[])[] {
    const paragraphs: string[][] = [];
    for (const { text, isWrapped } of this.lines) {
      if (isWrapped) paragraphs.at(-1)?.push(text);
      else paragraphs.push([text]);
    }
    return paragraphs;
  }

  /** Lines that did not fit into the width of the window. */
  get wrapped(): readonly string[] {
    return this.lines.filter(({ isWrapped }) => isWrapped).map(({ text }) => text);
  }

  /** How the first place of a text looks. Fails where the text is not on the screen, or changes its look midway. */
  lookOf(text: string): Look {
    for (const { runs } of this.lines) {
      const run = runs.find((one) => one.text.includes(text));
      if (run !== undefined) {
        const { column: _, text: __, ...look } = run;
        return look;
      }
    }
    throw new Error(`"${text}" is not on the screen in one look:\n${this.text}`);
  }
}
