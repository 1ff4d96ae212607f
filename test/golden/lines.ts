/**
 * The slow, readable twin of the text of a managed list: an array of lines, each with the line end after it.
 */

export interface GoldenLine {
  readonly content: string;
  /** `''` for the last line. */
  readonly lineEnd: string;
}

export interface GoldenText {
  readonly mark: string;
  readonly lines: readonly GoldenLine[];
}

export function goldenLines(text: string): GoldenText {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : '';
  const parts = text.slice(mark.length).split(/(\r\n|\n|\r)/);
  const lines: GoldenLine[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    lines.push({ content: parts[at] as string, lineEnd: parts[at + 1] ?? '' });
  }
  return { mark, lines };
}

/** Writes lines; the line end of the last one is left out, and a new line (without one) ends as the text does. */
export function goldenText({ mark, lines }: GoldenText, usual: string): string {
  let text = mark;
  lines.forEach(({ content, lineEnd }, index) => {
    text += content;
    if (index === lines.length - 1) return;
    // Two line ends must stay two, although CR and LF side by side are one.
    const next = lines[index + 1] as GoldenLine;
    const isFollowedByLineFeed =
      next.content === '' && index + 1 < lines.length - 1 && (next.lineEnd || usual) === '\n';
    text += (lineEnd || usual) === '\r' && isFollowedByLineFeed ? '\n' : lineEnd || usual;
  });
  return text;
}

/** The line end that a text uses first. */
export function goldenLineEnd(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

/** The entry and the note of a line; `undefined` for a comment and an empty line. */
export function goldenEntryLine(content: string): { entry: string; note: string | undefined } | undefined {
  const [front, ...rest] = content.split('#');
  const trim = (text: string): string => text.replace(/^[ \t\u00a0]+|[ \t\u00a0]+$/g, '');
  const entry = trim(front as string);
  return entry === '' ? undefined : { entry, note: trim(rest.join('#')) || undefined };
}
