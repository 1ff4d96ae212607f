/** Where the client of a line is, found slowly with strings and patterns. Shares no code with the command. */

import { parseAddress } from '../../src/public/index.ts';

/** The content of quotes around a whole text. */
function unquote(text: string): string {
  return /^".*"$/s.test(text) && text.length >= 2 ? text.slice(1, -1) : text;
}

/** A field between blanks. */
export function fieldOf(line: string, number: number, isQuoted: boolean): string | undefined {
  if (!isQuoted) return line.split(/[ \t]+/).filter((field) => field !== '')[number - 1];
  const fields = line.match(/"(?:[^"\\]|\\.|\\$)*"?[^ \t]*|[^ \t]+/gs) ?? [];
  const field = fields[number - 1];
  return field === undefined ? undefined : unquote(field);
}

/** A field between delimiters. */
export function cellOf(
  line: string,
  delimiter: string,
  number: number,
  isQuoted: boolean,
): string | undefined {
  if (!isQuoted) return line.split(delimiter)[number - 1];
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const [cell = ''] = rest.match(/^"(?:[^"]|"")*(?:"[^,]*)?|^[^,]*/s) ?? [];
    cells.push(unquote(cell));
    if (cell.length === rest.length) return cells[number - 1];
    rest = rest.slice(cell.length + 1);
  }
}

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

/** The first address in the line. */
export function anyOf(line: string): string | undefined {
  for (const run of line.match(/[0-9A-Za-z.:]+/g) ?? []) {
    if (!/[0-9a-f]/i.test(run)) continue;
    const word = run.replace(/^(?:\.|:(?!:(?!:)))+/, '').replace(/(?:\.|(?<!(?<!:):):)+$/, '');
    const named = word.replace(/^.*[g-z][^:]*:/i, '');
    const found = [word, named, ...word.split(':')].find(isAddress);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The text at a path of keys. */
export function jsonOf(line: string, keys: readonly string[]): string | undefined {
  try {
    let value = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
    for (const key of keys) value = Object.entries(value).find(([name]) => name === key)?.[1];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
