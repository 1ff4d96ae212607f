/**
 * The directives of nginx configuration, in blocks, as nginx reads them: words end at blanks, `;` and `{`, quotes stand
 * around a word and not inside of it, a comment ends at its line, and `\` escapes the next character.
 *
 * ```
 * location /admin {
 *   allow "192.0.2.0/24"; # a note
 * }
 * ```
 */

import { skip } from '../address/characters.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { BYTE_ORDER_MARK, indexOfSign } from '../list/grammar.ts';
import { quote } from '../problem/say.ts';

/** A word of a directive, without its quotes. */
export interface Word {
  readonly text: string;
  /** Where it stands in the text that is imported; in an included file, where the name of the file stands. */
  readonly start: number;
  readonly end: number;
  /** Whether the text has it like this. */
  readonly isLiteral: boolean;
}

/** A block of directives; the text itself is one, without words. */
export interface Block {
  /** The words before its brace: `location`, `/admin`. */
  readonly words: readonly string[];
  /** Its words with blanks between them. */
  readonly name: string;
  /** In how many blocks it is. */
  readonly depth: number;
  readonly parent: Block | undefined;
  readonly start: number;
  readonly end: number;
}

/** Is told what there is, in the order of the text. */
export interface DirectiveVisitor {
  directive(words: readonly [Word, ...Word[]], block: Block): void;
  /** A comment that comes after the last directive on the same line. */
  note(text: string): void;
}

/** An include of a file whose text was not given. */
export interface Include {
  readonly block: Block;
  readonly file: Word;
}

/** What a text is made of. */
export interface Configuration {
  readonly root: Block;
  /** All blocks but the root, in order. */
  readonly blocks: readonly Block[];
  readonly missing: readonly Include[];
}

/** Includes deeper than this, or more than this, are those of files that include each other. */
const MOST_DEPTH = 10;
const MOST_INCLUDES = 1_000;
/** Characters of all includes together. */
const MOST_INCLUDED = 50_000_000;

/** More blocks in each other than anyone writes. */
const MOST_BLOCKS = 100;

/** Takes a word as an entry. */
export function takeWord(importing: Importing, word: Word, fields: EntryFields): boolean {
  const { text, start, end, isLiteral } = word;
  return isLiteral ? importing.entry(start, end, fields) : importing.entryOf(text, start, end, fields);
}

/**
 * Reads all directives of a text and of the files that it includes. Where nginx would read something else, or nothing,
 * the import is refused and the result is `undefined`.
 */
export function readDirectives(importing: Importing, visitor: DirectiveVisitor): Configuration | undefined {
  const root: Block = { words: [], name: '', depth: 0, parent: undefined, start: 0, end: 0 };
  const found: Found = { importing, visitor, root, blocks: [], missing: [], includes: 0, length: 0 };
  return new FileReader(found, importing.text, root, undefined, 0).read() ? found : undefined;
}

/** What has been found so far in all files. */
interface Found {
  readonly importing: Importing;
  readonly visitor: DirectiveVisitor;
  readonly root: Block;
  readonly blocks: Block[];
  readonly missing: Include[];
  includes: number;
  /** How many characters they have together, each as often as it is included. */
  length: number;
}

/** Reads one file, whose blocks have to end in it. */
class FileReader {
  readonly #found: Found;
  readonly #text: string;
  readonly #outermost: Block;
  /** The word that names the file where it is included. */
  readonly #file: Word | undefined;
  readonly #depth: number;
  #block: Block;
  #words: Word[] = [];
  #isAfterDirective = false;

  constructor(found: Found, text: string, outermost: Block, file: Word | undefined, depth: number) {
    this.#found = found;
    this.#text = text;
    this.#outermost = outermost;
    this.#block = outermost;
    this.#file = file;
    this.#depth = depth;
  }

  /** Reads it to its end. Says whether nginx would. */
  read(): boolean {
    const text = this.#text;
    for (let at = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0; at < text.length; ) {
      const sign = text[at] as string;
      if (BLANKS.includes(sign)) {
        if (sign === '\n') this.#isAfterDirective = false;
        at++;
      } else if (sign === '#') at = this.#readComment(at);
      else if (sign === ';' || sign === '{' || sign === '}') {
        if (!(sign === '}' ? this.#close(at) : this.#end(sign, at))) return false;
        this.#isAfterDirective = sign === ';';
        this.#words = [];
        at++;
      } else {
        const end = this.#readWord(sign, at);
        if (end === undefined) return false;
        at = end;
      }
    }
    const [first] = this.#words;
    const { start, end } = first ?? this.#block;
    if (first !== undefined) return this.#fail(start, text.length, CUT_OFF, 'truncated');
    return this.#block === this.#outermost || this.#fail(start, end, OPEN, 'truncated');
  }

  #fail(from: number, to: number, message: string, code: 'syntax' | 'truncated' = 'syntax'): false {
    const file = this.#file;
    const { start, end } = file ?? { start: from, end: to };
    const where = file === undefined ? '' : ` (in ${quote(file.text)})`;
    this.#found.importing.refuse(start, end, code, `${message}${where}`);
    return false;
  }

  #readComment(at: number): number {
    const text = this.#text;
    const end = indexOfSign(text, '\n', at);
    if (this.#isAfterDirective && this.#words.length === 0)
      this.#found.visitor.note(text.slice(at + 1, text[end - 1] === '\r' ? end - 1 : end));
    return end;
  }

  #readWord(sign: string, at: number): number | undefined {
    const text = this.#text;
    const end = endOfWord(text, at);
    if (end > text.length) {
      this.#fail(this.#words[0]?.start ?? at, text.length, CUT_OFF, 'truncated');
      return undefined;
    }
    this.#words.push(readWord(text, at, end, this.#file));
    const isQuoted = sign === '"' || sign === "'";
    if (!isQuoted || end === text.length || AFTER_QUOTES.includes(text[end] as string)) return end;
    this.#fail(end, end + 1, `unexpected ${quote(text[end] as string)} after the quotes`);
    return undefined;
  }

  #close(at: number): boolean {
    if (this.#words.length > 0 || this.#block === this.#outermost)
      return this.#fail(at, at + 1, 'unexpected "}"');
    this.#block = this.#block.parent as Block;
    return true;
  }

  /** The words up to here are a directive, or begin a block. */
  #end(sign: string, at: number): boolean {
    const [first, ...others] = this.#words;
    if (first === undefined) return this.#fail(at, at + 1, `unexpected ${quote(sign)}`);
    if (sign === ';') return this.#directive([first, ...others]);
    const { text, start, end } = first;
    if (text.endsWith('_by_lua_block')) return this.#fail(start, end, LUA);
    const parent = this.#block;
    const depth = parent.depth + 1;
    if (depth > MOST_BLOCKS) return this.#fail(start, end, `blocks are nested more than ${MOST_BLOCKS} deep`);
    const names = this.#words.map((word) => word.text);
    this.#block = { words: names, name: names.join(' '), depth, parent, start, end };
    this.#found.blocks.push(this.#block);
    return true;
  }

  #directive(words: readonly [Word, ...Word[]]): boolean {
    const found = this.#found;
    const [{ text: name }, file] = words;
    if (name !== 'include' || file === undefined) {
      found.visitor.directive(words, this.#block);
      return true;
    }
    const included = found.importing.options.includes.get(file.text);
    if (included === undefined) {
      found.missing.push({ block: this.#block, file });
      return true;
    }
    found.includes++;
    found.length += included.length;
    const isBounded = found.includes <= MOST_INCLUDES && found.length <= MOST_INCLUDED;
    if (this.#depth < MOST_DEPTH && isBounded)
      return new FileReader(found, included, this.#block, file, this.#depth + 1).read();
    const message = 'there are too many includes, or they are too long: does a file include itself?';
    found.importing.refuse(file.start, file.end, 'include', message);
    return false;
  }
}

const OPEN = 'the "}" of the block is missing: the text may be cut off';
const LUA = 'a program in Lua is not read: take the block out';
const CUT_OFF = 'the directive does not end with ";": the text may be cut off';

const BLANKS = ' \t\r\n';
const AFTER_QUOTES = ' \t\r\n;{)';

const DOUBLE_QUOTE = 0x22;
const DOLLAR = 0x24;
const SINGLE_QUOTE = 0x27;
const BLANK = 0x20;
const SEMICOLON = 0x3b;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;

function isEndOfWord(code: number): boolean {
  const isBlank = code === BLANK || code === 0x09 || code === 0x0d || code === 0x0a;
  return isBlank || code === SEMICOLON || code === BRACE;
}

/** The offset after a word and its quotes; more than the length of the text when it has no end. */
function endOfWord(text: string, start: number): number {
  const sign = text.charCodeAt(start);
  const isQuoted = sign === DOUBLE_QUOTE || sign === SINGLE_QUOTE;
  for (let at = isQuoted ? start + 1 : start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (isQuoted && code === sign) return at + 1;
    else if (!isQuoted && isEndOfWord(code)) return at;
    // The braces around the name of a variable, as in ${name}x.
    else if (code === DOLLAR) at = skip(text, at + 1, '{') - 1;
  }
  return text.length + 1;
}

function readWord(text: string, from: number, to: number, file: Word | undefined): Word {
  const isQuoted = text[from] === '"' || text[from] === "'";
  const raw = isQuoted ? text.slice(from + 1, to - 1) : text.slice(from, to);
  const isEscaped = raw.includes('\\');
  const place = file ?? { start: from, end: to };
  const isLiteral = !isQuoted && !isEscaped && file === undefined;
  return { text: isEscaped ? unescapeWord(raw) : raw, start: place.start, end: place.end, isLiteral };
}

function unescapeWord(raw: string): string {
  let text = '';
  for (let at = 0; at < raw.length; at++) {
    const character = raw[at] as string;
    const next = raw[at + 1] ?? '';
    const place = character === '\\' && next !== '' ? ESCAPED.indexOf(next) : -1;
    text += place < 0 ? character : UNESCAPED[place];
    if (place >= 0) at++;
  }
  return text;
}

const ESCAPED = '"\'\\trn';
const UNESCAPED = '"\'\\\t\r\n';
