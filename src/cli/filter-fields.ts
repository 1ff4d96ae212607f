/**
 * Where in a line the client is. A line is bytes, from `start` up to `end`, without its line end.
 */

import type { ByteDecider } from '../policy/bytes.ts';
import { NO_ADDRESS } from '../policy/bytes.ts';

/** Decides about clients; see `ByteDecider`. */
export type Labels = Pick<ByteDecider, 'label' | 'labelOfText'>;

/** Finds the client of a line and asks the policy about it. */
export interface Judge {
  /**
   * The label of the client, or NO_ADDRESS where there is none.
   *
   * @param isCut - the line is longer than these bytes: what reaches their end is not whole, and is not a client
   */
  label(bytes: Uint8Array, start: number, end: number, isCut: boolean): number;
}

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A field by its number: a run of bytes that are neither space nor tab. Blanks before the first one are skipped. */
export class FieldJudge implements Judge {
  readonly #labels: Labels;
  readonly #number: number;
  readonly #isQuoted: boolean;

  /** @param isQuoted - blanks between double quotes belong to a field, and the quotes around it do not */
  constructor(labels: Labels, number: number, isQuoted: boolean) {
    this.#labels = labels;
    this.#number = number;
    this.#isQuoted = isQuoted;
  }

  label(bytes: Uint8Array, start: number, end: number, isCut: boolean): number {
    let at = start;
    for (let left = this.#number; ; left--) {
      while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
      if (at === end) return NO_ADDRESS;
      const from = at;
      if (this.#isQuoted && bytes[at] === QUOTE) at = endOfQuoted(bytes, at + 1, end);
      while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
      if (left > 1) continue;
      if (isCut && at === end) return NO_ADDRESS;
      return this.#isQuoted
        ? labelOfQuoted(this.#labels, bytes, from, at)
        : this.#labels.label(bytes, from, at);
    }
  }
}

/** A field by its number: what is between two delimiters, all of it. */
export class DelimitedJudge implements Judge {
  readonly #labels: Labels;
  readonly #delimiter: number;
  readonly #number: number;
  readonly #isQuoted: boolean;

  /** @param isQuoted - delimiters between double quotes belong to a field, and the quotes around it do not (RFC 4180) */
  constructor(labels: Labels, delimiter: number, number: number, isQuoted: boolean) {
    this.#labels = labels;
    this.#delimiter = delimiter;
    this.#number = number;
    this.#isQuoted = isQuoted;
  }

  label(bytes: Uint8Array, start: number, end: number, isCut: boolean): number {
    const delimiter = this.#delimiter;
    let at = start;
    for (let left = this.#number; ; left--) {
      const from = at;
      if (this.#isQuoted && at < end && bytes[at] === QUOTE) at = endOfCell(bytes, at + 1, end);
      while (at < end && bytes[at] !== delimiter) at++;
      if (left === 1) {
        if (isCut && at === end) return NO_ADDRESS;
        return this.#isQuoted
          ? labelOfQuoted(this.#labels, bytes, from, at)
          : this.#labels.label(bytes, from, at);
      }
      if (at === end) return NO_ADDRESS;
      at++;
    }
  }
}

/** The place after the quote that closes, or the end. Servers write a quote as a backslash and a quote. */
function endOfQuoted(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] === BACKSLASH) at++;
  }
  return end;
}

/** The same in CSV, which writes a quote as two, and where a backslash is a character like any other. */
function endOfCell(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] !== QUOTE) continue;
    if (at + 1 === end || bytes[at + 1] !== QUOTE) return at + 1;
    at++;
  }
  return end;
}

/** The label of a field without the quotes around it. Other quotes stay, and no address has any. */
function labelOfQuoted(labels: Labels, bytes: Uint8Array, from: number, to: number): number {
  const isQuoted = to - from >= 2 && bytes[from] === QUOTE && bytes[to - 1] === QUOTE;
  return isQuoted ? labels.label(bytes, from + 1, to - 1) : labels.label(bytes, from, to);
}
