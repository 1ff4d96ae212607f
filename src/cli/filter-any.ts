/**
 * The first address anywhere in a line.
 *
 * A word is a run of ASCII letters, digits, dots and colons, as long as it can be, so that `203.0.113.9.example.com`,
 * `1.2.3.4.5` and `v1.2.3.4` hold no address. Dots and colons around it are those of a sentence, except two colons, and a
 * word without a digit is not an address: `::` is often a mark between parts of a line. The first word that has an address
 * decides:
 *
 * | word                         | what is read                                                                |
 * |------------------------------|-----------------------------------------------------------------------------|
 * | `203.0.113.9`, `2001:db8::1` | the address                                                                 |
 * | `client:2001:db8::1`         | what comes after the last name that has a letter beyond F, and its colon    |
 * | `203.0.113.9:443`            | the first IPv4 address between colons                                       |
 */

import { NO_ADDRESS } from '../policy/bytes.ts';
import type { Judge, Labels } from './filter-fields.ts';

const OTHER = 0;
const DIGIT = 1;
const LETTER = 2;
const DOT = 4;
const COLON = 8;

const DOT_SIGN = 0x2e;
const COLON_SIGN = 0x3a;

/** The part of a character in a word, by its code; DIGIT for hexadecimal ones. */
const kinds: Uint8Array = /* @__PURE__ */ (() => {
  const table = new Uint8Array(256).fill(OTHER);
  const mark = (characters: string, kind: number): void => {
    for (let at = 0; at < characters.length; at++) table[characters.charCodeAt(at)] = kind;
  };
  mark('ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ', LETTER);
  mark('0123456789abcdefABCDEF', DIGIT);
  mark('.', DOT);
  mark(':', COLON);
  return table;
})();

/** An IPv4 address has three dots; an IPv6 address has them, or seven colons, or two of them in a row. */
const DOTS = 3;
const COLONS = 7;

/** Decides by the first address in a line. */
export class AnyJudge implements Judge {
  readonly #labels: Labels;

  constructor(labels: Labels) {
    this.#labels = labels;
  }

  label(bytes: Uint8Array, start: number, end: number, isCut: boolean): number {
    const table = kinds;
    let at = start;
    while (at < end) {
      while (at < end && table[bytes[at] as number] === OTHER) at++;
      const from = at;
      let dots = 0;
      let colons = 0;
      let isShort = false;
      let seen = 0;
      for (; at < end; at++) {
        const kind = table[bytes[at] as number] as number;
        if (kind === OTHER) break;
        seen |= kind;
        if (kind === DOT) dots++;
        else if (kind === COLON) {
          colons++;
          if (at > from && bytes[at - 1] === COLON_SIGN) isShort = true;
        }
      }
      if ((dots < DOTS && colons < COLONS && !isShort) || (seen & DIGIT) === 0) continue;
      if (isCut && at === end) return NO_ADDRESS;
      const label = this.#labelOfWord(
        bytes,
        startOfWord(bytes, from, at),
        endOfWord(bytes, from, at),
        colons,
      );
      if (label !== NO_ADDRESS) return label;
    }
    return NO_ADDRESS;
  }

  #labelOfWord(bytes: Uint8Array, from: number, to: number, colons: number): number {
    const labels = this.#labels;
    const whole = labels.label(bytes, from, to);
    if (whole !== NO_ADDRESS || colons === 0) return whole;
    const named = startAfterNames(bytes, from, to);
    const rest = named > from ? labels.label(bytes, named, to) : NO_ADDRESS;
    if (rest !== NO_ADDRESS) return rest;
    for (let start = from; start < to; ) {
      let stop = start;
      while (stop < to && bytes[stop] !== COLON_SIGN) stop++;
      const label = labels.label(bytes, start, stop);
      if (label !== NO_ADDRESS) return label;
      start = stop + 1;
    }
    return NO_ADDRESS;
  }
}

/** Without dots and colons before it; `::` may be part of an address, and is followed by another character. */
function startOfWord(bytes: Uint8Array, from: number, to: number): number {
  let start = from;
  for (; start < to; start++) {
    if (bytes[start] === DOT_SIGN) continue;
    if (bytes[start] !== COLON_SIGN) break;
    if (bytes[start + 1] === COLON_SIGN && bytes[start + 2] !== COLON_SIGN) break;
  }
  return start;
}

/** Without dots and colons after it. */
function endOfWord(bytes: Uint8Array, from: number, to: number): number {
  let end = to;
  for (; end > from; end--) {
    if (bytes[end - 1] === DOT_SIGN) continue;
    if (bytes[end - 1] !== COLON_SIGN) break;
    if (bytes[end - 2] === COLON_SIGN && bytes[end - 3] !== COLON_SIGN) break;
  }
  return end;
}

/** The place after the last part of a word that has a letter beyond F, and the colon after it. */
function startAfterNames(bytes: Uint8Array, from: number, to: number): number {
  let start = from;
  let isName = false;
  for (let at = from; at < to; at++) {
    const kind = kinds[bytes[at] as number];
    if (kind === LETTER) isName = true;
    if (kind !== COLON || !isName) continue;
    start = at + 1;
    isName = false;
  }
  return start;
}
