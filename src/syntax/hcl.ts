/**
 * The variables of Terraform: in files of values, in `locals`, and as defaults of `variable`. Of their values only lists of
 * text are read.
 */

import { endOfLineFrom, type HclFault, HclTokens } from './hcl-tokens.ts';

/** A part of the text. */
export interface HclText {
  readonly start: number;
  readonly end: number;
}

/** A variable with its value. */
export interface HclVariable {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** The texts of a list, without their quotation marks; `undefined` for any other value. */
  readonly items: readonly HclText[] | undefined;
  /** Whether it is one text, number or word, which cannot have a list in it. */
  readonly isSimple: boolean;
  /** Where the value is something else than a list of text. */
  readonly other: HclText;
}

/** The variables of a text, or why it is not read. */
export interface HclFile {
  readonly variables: readonly HclVariable[];
  readonly fault: HclFault | undefined;
}

/** Reads the variables of a text. Linear in the text. */
export function readHcl(text: string): HclFile {
  const reader = new HclReader(text);
  const isWhole = reader.read();
  const fault = reader.tokens.fault ?? (isWhole ? undefined : reader.faultHere());
  return { variables: reader.variables, fault };
}

/** What the names in a block are: of variables, of the settings of one variable, or of anything. */
interface Block {
  readonly kind: 'variables' | 'variable' | 'other';
  readonly name: string;
}

const closers: Readonly<Record<string, string>> = { '[': ']', '{': '}', '(': ')' };

class HclReader {
  readonly tokens: HclTokens;
  readonly variables: HclVariable[] = [];
  readonly #blocks: Block[] = [{ kind: 'variables', name: '' }];

  constructor(text: string) {
    this.tokens = new HclTokens(text);
  }

  faultHere(): HclFault {
    const { kind, start, end } = this.tokens;
    if (kind === 'end')
      return { code: 'truncated', start, end, message: 'the text ends inside of a block or a value' };
    return { code: 'syntax', start, end, message: 'expected a name with a value, or a block' };
  }

  /** Reads everything; says whether all of it is HCL, as far as it matters here. */
  read(): boolean {
    const { tokens } = this;
    for (;;) {
      while (tokens.kind === 'line') tokens.next();
      if (tokens.kind === 'end') return this.#blocks.length === 1 && tokens.fault === undefined;
      if (tokens.isSign('}') && this.#blocks.length > 1) {
        this.#blocks.pop();
        tokens.next();
        if (!this.#isOver()) return false;
      } else if (!this.#readItem()) return false;
    }
  }

  /** Whether an item may end here. */
  #isOver(): boolean {
    const { tokens } = this;
    return tokens.kind === 'line' || tokens.kind === 'end' || (tokens.isSign('}') && this.#blocks.length > 1);
  }

  #readItem(): boolean {
    const { tokens } = this;
    if (tokens.kind !== 'word') return false;
    const { value: name, start, end } = tokens;
    tokens.next();
    if (tokens.isSign('=')) {
      tokens.next();
      return this.#readValue(name, start, end) && this.#isOver();
    }
    const labels: string[] = [];
    while (tokens.kind === 'word' || tokens.kind === 'quoted') {
      labels.push(tokens.value);
      tokens.next();
    }
    if (!tokens.isSign('{')) return false;
    const [label = '', second] = labels;
    const isOuter = this.#blocks.length === 1 && second === undefined;
    if (isOuter && name === 'locals' && labels.length === 0)
      this.#blocks.push({ kind: 'variables', name: '' });
    else if (isOuter && name === 'variable') this.#blocks.push({ kind: 'variable', name: label });
    else this.#blocks.push({ kind: 'other', name: '' });
    tokens.next();
    return true;
  }

  #readValue(written: string, start: number, end: number): boolean {
    const { tokens } = this;
    if (tokens.kind === 'line' || tokens.kind === 'end') return false;
    const block = this.#blocks.at(-1) as Block;
    const isVariable = block.kind === 'variables' || (block.kind === 'variable' && written === 'default');
    if (!isVariable) return this.#skipValue([]);
    const name = block.kind === 'variable' ? block.name : written;
    let isSimple = tokens.kind === 'quoted' || tokens.kind === 'word';
    let other = { start: tokens.start, end: tokens.end };
    let items: readonly HclText[] | undefined;
    const open: string[] = [];
    if (tokens.isSign('[')) {
      items = this.#readItems();
      if (items === undefined) open.push(']');
    } else if (isSimple) tokens.next();
    // More may come after what looks like the whole value, and make something else of it.
    if (open.length > 0 || !this.#isOver()) {
      if (!isSimple) other = { start: tokens.start, end: tokens.end };
      items = undefined;
      isSimple = false;
      if (!this.#skipValue(open)) return false;
    }
    this.variables.push({ name, start, end, items, isSimple, other });
    return true;
  }

  /** Reads a list of text to its end; `undefined` at the first token that is something else. */
  #readItems(): readonly HclText[] | undefined {
    const { tokens } = this;
    const items: HclText[] = [];
    tokens.nextInLines();
    while (!tokens.isSign(']')) {
      if (tokens.kind !== 'quoted') return undefined;
      items.push({ start: tokens.start, end: tokens.end });
      tokens.nextInLines();
      if (tokens.isSign(',')) tokens.nextInLines();
      else if (!tokens.isSign(']')) return undefined;
    }
    tokens.next();
    return items;
  }

  /** Goes on to the end of a value, with brackets that are open. Says whether all of them are closed. */
  #skipValue(open: string[]): boolean {
    const { tokens } = this;
    for (;;) {
      if (tokens.kind === 'end' || (open.length === 0 && this.#isOver())) return open.length === 0;
      if (tokens.kind === 'sign') {
        const sign = tokens.value;
        const closer = closers[sign];
        if (closer !== undefined) open.push(closer);
        else if (')]}'.includes(sign) && open.pop() !== sign) return false;
      }
      tokens.next();
    }
  }
}

/** The comment after an item, on its line. */
export function hclNoteAfter(text: string, { end }: HclText): string | undefined {
  let at = afterBlanks(text, end + 1);
  if (text.charAt(at) === ',') at = afterBlanks(text, at + 1);
  const mark = ['#', '//'].find((sign) => text.startsWith(sign, at));
  return mark === undefined ? undefined : text.slice(at + mark.length, endOfLineFrom(text, at)).trimEnd();
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (text.charAt(at) === ' ' || text.charAt(at) === '\t') at++;
  return at;
}
