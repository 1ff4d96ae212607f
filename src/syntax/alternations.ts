/**
 * Entries and exceptions of which the most specific one that covers an address decides: an exception may have entries inside
 * of it, which may have exceptions again.
 */

import { scanEntry, span } from '../address/entry.ts';
import { wordsOf } from '../address/scanner.ts';
import { formatNetwork } from '../address/words.ts';
import { eachPrefix } from '../space/prefixes.ts';

/** An entry or an exception as it is written. */
export interface Alternative {
  readonly value: string;
  readonly isException: boolean;
  /** When it ends, if it does. */
  readonly until: number | undefined;
}

/** A prefix of an alternative. */
export interface Piece<T> {
  readonly text: string;
  readonly of: T;
}

/** Entries, and what they do not mean although they cover it. */
export interface Level<T> {
  readonly entries: Piece<T>[];
  readonly exceptions: Piece<T>[];
}

/**
 * Parts alternatives into levels, each of which can be a rule of its own: an entry is on the level of the number of
 * exceptions that it lies in. Linear: at most 129 levels, and as many lengths that an exception around a prefix can have.
 *
 * @param alternatives - entries that can be read; others are passed over
 */
export function levelsOf<T extends Alternative>(alternatives: readonly T[]): Level<T>[] {
  const levels: Level<T>[] = [];
  const levelAt = (depth: number): Level<T> => {
    while (levels.length <= depth) levels.push({ entries: [], exceptions: [] });
    return levels[depth] as Level<T>;
  };
  const around = new Exceptions();
  for (const { value, isException } of alternatives) {
    if (isException) eachPiece(value, (text, width, length) => around.add(text, width, length));
  }
  // When an exception ends, those inside of it are all that is left.
  const isTimed = alternatives.some(({ until }) => until !== undefined);
  for (const of of alternatives) {
    eachPiece(of.value, (text, width, length, words) => {
      const depth = around.count(words, width, length);
      if (!of.isException) levelAt(depth).entries.push({ text, of });
      else for (let to = depth; to >= (isTimed ? 0 : depth); to--) levelAt(to).exceptions.push({ text, of });
    });
  }
  return levels;
}

/** The prefixes of exceptions, found by their text. */
class Exceptions {
  readonly #texts: Set<string> = new Set();
  readonly #lengths: Set<number>[] = [new Set(), new Set()];

  add(text: string, width: number, length: number): void {
    this.#texts.add(text);
    this.#lengths[width === 1 ? 0 : 1]?.add(length);
  }

  /** How many exceptions are around a prefix. */
  count(words: Int32Array, width: number, length: number): number {
    let count = 0;
    for (const shorter of this.#lengths[width === 1 ? 0 : 1] as Set<number>) {
      if (shorter >= length) continue;
      const text = formatNetwork(width === 1 ? 4 : 6, maskOf(words, shorter), shorter);
      if (this.#texts.has(text)) count++;
    }
    return count;
  }
}

function maskOf(words: Int32Array, length: number): Int32Array {
  return words.map((word, at) => {
    const kept = Math.max(0, Math.min(32, length - at * 32));
    return kept === 0 ? 0 : word & (-1 << (32 - kept));
  });
}

type PieceVisitor = (text: string, width: number, length: number, words: Int32Array) => void;

function eachPiece(value: string, visit: PieceVisitor): void {
  if (!scanEntry(value, 0, value.length)) return;
  const { family } = span;
  const width = wordsOf(family);
  const [first, last] = [span.first.slice(0, width), span.last.slice(0, width)];
  eachPrefix(first, last, width, (words, length) =>
    visit(formatNetwork(family, words, length), width, length, words),
  );
}
