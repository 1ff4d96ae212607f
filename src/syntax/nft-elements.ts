/**
 * Sets of nftables, and their elements with what is said of each.
 */

import type { NftWords } from './nft-words.ts';

/** One element as it is written. */
export interface NftElement {
  /** The address, prefix or range; `*` for all of them. */
  readonly value: string;
  /** Where it is in the text that was given; for an included text, where that is included. */
  readonly start: number;
  readonly end: number;
  note?: string;
  /** In milliseconds. */
  timeout?: number;
  /** What was left of it when the text was printed. */
  expires?: number;
  /** What else there is to it: a second part, a value. */
  condition?: string;
}

/** A set, a map or a definition. */
export interface NftSet {
  readonly name: string;
  /** Family, table and name, as in commands; the name alone for a definition. */
  readonly path: string;
  readonly kind: 'set' | 'map' | 'definition';
  readonly start: number;
  readonly end: number;
  /** The type of its elements as it is written; empty when the file does not say. */
  type: string;
  /** How long elements live that do not say so, in milliseconds. */
  timeout: number | undefined;
  elements: NftElement[];
  /** Whether something else in the file has its elements, too. */
  isUsed: boolean;
}

/** A set without elements. */
export function makeSet(
  kind: NftSet['kind'],
  path: string,
  name: string,
  start: number,
  end: number,
): NftSet {
  return { name, path, kind, start, end, type: '', timeout: undefined, elements: [], isUsed: false };
}

/** An element and what is said of it. */
export function readElement(words: NftWords, set: NftSet): void {
  const { tokens } = words;
  const [start] = words.place();
  let [, end] = words.place();
  let value = '';
  for (let isJoined = true; tokens.kind === 'word' || tokens.kind === 'quoted'; tokens.next()) {
    // A range may have blanks around its hyphen.
    if (!isJoined && !tokens.value.startsWith('-')) break;
    value += tokens.value;
    end = words.place()[1];
    isJoined = value.endsWith('-') && value !== '-';
  }
  if (value === '') words.unexpected('an element');
  const element: NftElement = { value, start, end };
  set.elements.push(element);
  for (;;) {
    // Line ends do not separate what is in braces; outside, they end a definition.
    if (set.kind !== 'definition' || !tokens.isOver) words.passLines();
    if (tokens.isOver || tokens.isSign(',') || tokens.isSign('}')) return;
    readOption(words, element);
  }
}

function readOption(words: NftWords, element: NftElement): void {
  const { tokens } = words;
  const word = tokens.kind === 'word' ? tokens.value : '';
  if (word === 'timeout' || word === 'expires') {
    tokens.next();
    element[word] = words.duration();
  } else if (word === 'comment') {
    tokens.next();
    if (tokens.kind !== 'word' && tokens.kind !== 'quoted') words.unexpected('a comment');
    element.note = tokens.value;
    tokens.next();
  } else if (['counter', 'packets', 'bytes', 'limit', 'quota', 'last', 'ct'].includes(word)) {
    tokens.next();
    while (tokens.kind === 'word' && !['timeout', 'expires', 'comment'].includes(tokens.value)) tokens.next();
    // A rate of packets lets in or keeps out some of them.
    if (word === 'limit' || word === 'quota' || word === 'ct') element.condition ??= word;
  } else if (word === '.' || word === ':' || word === '/' || tokens.isSign('&')) {
    element.condition ??= word === ':' ? 'the value of a map' : 'more than an address';
    tokens.next();
    while (!isEndOfElement(words)) tokens.next();
  } else words.unexpected('a comma');
}

function isEndOfElement({ tokens }: NftWords): boolean {
  if (tokens.isOver || tokens.isSign(',') || tokens.isSign('}')) return true;
  return tokens.kind === 'word' && ['timeout', 'expires', 'comment'].includes(tokens.value);
}
