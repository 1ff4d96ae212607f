/**
 * When entries begin and end: `entry [from INSTANT] [until INSTANT]`, where INSTANT is RFC 3339 with a zone. Seconds and
 * their fraction may be left out.
 *
 * Text is checked by position. All arithmetic is left to `Date`, which must give back what was written: so there is no
 * calendar here that could be wrong.
 */

import { isNumber } from '../address/characters.ts';
import { findCondition } from '../address/remainder.ts';
import { type Fault, fault } from '../problem/errors.ts';
import { timeOf } from '../problem/foreign.ts';
import { quote } from '../problem/say.ts';
import { isBlank, trimEnd, trimStart } from './grammar.ts';

/** When an entry counts, in milliseconds since 1970: at `from` and later, and before `until`. NaN where it has no such end. */
export interface Times {
  readonly from: number;
  readonly until: number;
  /** Offset after the entry itself. */
  readonly end: number;
  /** What is wrong with the text after that; the times are of no use then. */
  readonly fault: Fault | undefined;
}

export const timeNames = ['from', 'until'] as const;

/** For a list that is read with all its entries, whatever their times: not a number, so no time is before or after it. */
export const AT_ALL_TIMES: number = /* @__PURE__ */ timeOf(undefined);

/** Whether an entry counts at an instant. */
export function isWithin({ from, until }: Times, at: number): boolean {
  return !(at < from || at >= until);
}

/** The next of the times of an entry after an instant; Infinity when there is none. */
export function nextChange({ from, until }: Times, at: number): number {
  return from > at ? from : until > at ? until : Number.POSITIVE_INFINITY;
}

/**
 * Reads the times at the end of an entry, which is from `start` to `end` of a text; `undefined` when it has none. They
 * start with the first word after a blank that is `from` or `until` in any case, so that no mistake is taken for a note.
 */
export function readTimes(text: string, start: number, end: number): Times | undefined {
  let at = start;
  let word = '';
  /** Goes to the next word. */
  const next = (): void => {
    at = trimStart(text, at + word.length, end);
    let to = at;
    while (to < end && !isBlank(text.charCodeAt(to))) to++;
    word = text.slice(at, to);
  };
  next();
  do {
    next();
    if (word === '') return undefined;
  } while (!timeNames.includes(word.toLowerCase() as 'from'));
  const first = at;
  const times = { from: Number.NaN, until: Number.NaN, end: trimEnd(text, start, at), fault: noFault };
  for (const name of timeNames) {
    if (word !== name) continue;
    next();
    const instant = readInstant(word);
    if (typeof instant === 'string') {
      // A blank in place of the `T` is the likeliest slip of all.
      const isDay = typeof readInstant(`${word}T00:00Z`) === 'number';
      const isCut = isDay && at + 11 < end && isNumber(text.charAt(at + 11));
      const advice = isCut ? 'write T between the day and the time' : instant;
      times.fault = fault('instant-invalid', text, at, at + word.length, advice);
      return times;
    }
    times[name] = instant;
    next();
  }
  const isSwapped = word === 'from' && !Number.isNaN(times.until);
  if (times.from >= times.until || isSwapped)
    times.fault = fault('instant-order', text, first, end, isSwapped ? '' : 'it ends before it begins');
  else if (word !== '') times.fault = fault('trailing-text', text, at, end, findCondition('from'));
  return times;
}

const noFault: Fault | undefined = undefined;

/** What an instant is filled up with, where `0` stands for any digit. */
const ZEROS = '0000-00-00T00:00:00.000';

/** Reads an instant: milliseconds since 1970, or what to say about a text that is not an instant. */
export function readInstant(given: string): number | string {
  // A small `t` or `z` is read, too (RFC 3339 §5.6).
  const text = given.toUpperCase();
  let at = 0;
  const fits = (sign: string): boolean =>
    sign === '0' ? isNumber(text.charAt(at)) : sign === text.charAt(at);
  while (at < ZEROS.length && fits(ZEROS.charAt(at))) at++;
  const zone = text.slice(at);
  // After its day, its minutes, its seconds, and one to three digits of a fraction.
  if (![10, 16, 19, 21, 22, 23].includes(at)) return '';
  const whole = `${text.slice(0, at)}${ZEROS.slice(at)}Z`;
  const local = Date.parse(whole);
  const print = (time: number): string => new Date(time).toJSON();
  if (print(local) !== whole) return NO_SUCH_TIME;
  if (at === 10) {
    const next = local + 86_400_000;
    const last = next > LATEST ? '' : `, and its last is before ${print(next).slice(0, 16)}Z`;
    return zone === '' ? `its first instant is ${text}T00:00Z${last}` : '';
  }
  const isOffset = zone.length === 6 && '+-'.includes(zone.charAt(0));
  const offset = isOffset ? readInstant(`1970-01-01T${zone.slice(1)}Z`) : zone === 'Z' ? 0 : '';
  if (typeof offset === 'string')
    return `${zone === '' ? 'it has no zone: right after it add' : `${quote(zone)} is not`} Z or an offset such as +01:00`;
  const instant = local - (zone.startsWith('-') ? -offset : offset);
  // Years of four digits have texts of one length.
  return print(instant).length === whole.length ? instant : NO_SUCH_TIME;
}

const NO_SUCH_TIME = 'there is no such day or time, hours go to 23, minutes and seconds to 59';

/** The last millisecond that RFC 3339 can write. */
export const LATEST = 253_402_300_799_999;

/** The times of an entry as a key: equal for equal times. */
export function keyOfTimes(times: Times | undefined): string {
  return times === undefined ? '' : `${times.from} ${times.until}`;
}

/** Whether an entry counts whenever another one does. */
export function lastsAsLong(one: Times | undefined, other: Times | undefined): boolean {
  const isEarlier = !one || Number.isNaN(one.from) || one.from <= (other?.from ?? Number.NaN);
  return isEarlier && (!one || Number.isNaN(one.until) || one.until >= (other?.until ?? Number.NaN));
}

/** Whether an entry counts at an instant and at all later ones; without an instant, at all. */
export function lastsFrom(at: number | undefined, times: Times | undefined): boolean {
  if (times === undefined) return true;
  return Number.isNaN(times.until) && at !== undefined && !(at < times.from);
}

/** Whether an entry counts at an instant or at a later one; without an instant, at any. */
export function mayCount(at: number | undefined, times: Times | undefined): boolean {
  return times === undefined || at === undefined || !(at >= times.until);
}

/** The times of an entry that was read, as the same key. */
export function keyOfEntry({
  from,
  until,
}: {
  readonly from: Date | undefined;
  readonly until: Date | undefined;
}): string {
  const times = { from: timeOf(from), until: timeOf(until), end: 0, fault: noFault };
  return keyOfTimes((from ?? until) === undefined ? undefined : times);
}
