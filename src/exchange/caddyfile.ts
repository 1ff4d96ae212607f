/**
 * The words of a Caddyfile, as Caddy reads them: a line goes on after `\` at its end, and after a comment with any `\` in
 * it; a comment begins with a word; quotes stand around words.
 */

import { BYTE_ORDER_MARK } from '../list/grammar.ts';

/** A word, without its quotes. */
export interface CaddyWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Whether the text has it like this; braces count only then. */
  readonly isLiteral: boolean;
}

/** The words of a line, and the comment after them. */
export interface CaddyLine {
  readonly words: CaddyWord[];
  note: string | undefined;
}

/** Imports deeper than this, or more than this, are left as they are: the lines import each other. */
const MOST_DEPTH = 10;
const MOST_IMPORTS = 1_000;

/** Replaces each import whose text was given by its lines, which stand where the name is. */
export function withImports(
  lines: readonly CaddyLine[],
  texts: ReadonlyMap<string, string>,
  budget: { left: number } = { left: MOST_IMPORTS },
  depth = 0,
): readonly CaddyLine[] {
  if (texts.size === 0 || depth === MOST_DEPTH) return lines;
  return lines.flatMap((line) => {
    const [first, file] = line.words;
    const text = first?.text === 'import' && file !== undefined ? texts.get(file.text) : undefined;
    const imported = text === undefined || budget.left <= 0 ? undefined : readCaddyLines(text);
    if (imported === undefined || file === undefined) return [line];
    budget.left--;
    const { start, end } = file;
    const placed = imported.map(({ words, note }) => ({
      words: words.map((word) => ({ ...word, start, end })),
      note,
    }));
    return withImports(placed, texts, budget, depth + 1);
  });
}

/** Reads all lines that have words; `undefined` where quotes have no end. */
export function readCaddyLines(text: string): readonly CaddyLine[] | undefined {
  const lines: CaddyLine[] = [];
  let line: CaddyLine | undefined;
  let isEscaped = false;
  for (let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0; at < text.length; ) {
    const sign = text[at] as string;
    if (isSpace(sign)) {
      if (sign === '\n' && !isEscaped) line = undefined;
      if (sign === '\n') isEscaped = false;
      at++;
    } else if (sign === '#') {
      const feed = text.indexOf('\n', at);
      const end = feed < 0 ? text.length : feed;
      const comment = text.slice(at + 1, text[end - 1] === '\r' ? end - 1 : end);
      if (line !== undefined) line.note = comment;
      isEscaped ||= comment.includes('\\');
      at = end;
    } else {
      const word = sign === '"' || sign === '`' ? readQuoted(text, at, sign) : readPlain(text, at);
      if (word === undefined) return undefined;
      at = word.end;
      isEscaped = word.isEscaped;
      if (word.text === '' && word.isEscaped) continue;
      if (line === undefined) {
        line = { words: [], note: undefined };
        lines.push(line);
      }
      line.words.push(word);
    }
  }
  return lines;
}

interface ReadWord extends CaddyWord {
  /** Whether it ends with a `\` that takes the end of the line away. */
  readonly isEscaped: boolean;
}

function readQuoted(text: string, start: number, sign: string): ReadWord | undefined {
  let word = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === sign) return { text: word, start, end: at + 1, isLiteral: false, isEscaped: false };
    const isEscape = sign === '"' && character === '\\';
    if (isEscape) at++;
    const escaped = text[at] ?? '';
    word += isEscape && escaped !== '"' ? `\\${escaped}` : escaped;
  }
  return undefined;
}

function readPlain(text: string, start: number): ReadWord {
  let word = '';
  let isEscaped = false;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at] as string;
    // Caddy passes over it, and the word goes on.
    if (character === '\r' && text[at + 1] !== '\n') continue;
    if (isSpace(character)) break;
    if (character === '\\' && !isEscaped) isEscaped = true;
    else {
      word += isEscaped ? `\\${character}` : character;
      isEscaped = false;
    }
  }
  const isLiteral = text.slice(start, at) === word;
  return {
    text: word,
    start,
    end: at,
    isLiteral,
    isEscaped: isEscaped && (word === '' || text[at] === '\n' || text[at] === '\r'),
  };
}

/** What Unicode calls white space. */
function isSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code !== 0xfeff && (code === 0x85 || character.trim() === '');
}
