/**
 * When entries begin and end: `entry [from INSTANT] [until INSTANT]`, where INSTANT is RFC 3339 with a zone. Seconds and
 * their fraction may be left out.
 *
 * Text is checked by position. All arithmetic is left to `Date`, which must give back what was written: so there is no
 * calendar here that could be wrong.
 */

import { isNumber } from '../address/characters.ts';
import { type Fault, fault } from '../problem/errors.ts';
import { timeOf } from '../problem/foreign.ts';
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

/** For a list that is read with all its entries, whatever their times. */
export const AT_ALL_TIMES: number = Number.NaN;

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
  do {
    at = trimStart(text, at + wordAt(text, at, end).length, end);
    if (at === end) return undefined;
  } while (!isTimeName(wordAt(text, at, end).toLowerCase()));
  const times = { from: Number.NaN, until: Number.NaN, end: trimEnd(text, start, at) };
  const first = at;
  for (const name of timeNames) {
    if (wordAt(text, at, end) !== name) continue;
    const from = trimStart(text, at + name.length, end);
    const to = from + wordAt(text, from, end).length;
    const read = readInstant(text.slice(from, to));
    if (typeof read === 'string') return { ...times, fault: fault('instant-invalid', text, from, to, read) };
    times[name] = read;
    at = trimStart(text, to, end);
  }
  if (times.from >= times.until || wordAt(text, at, end) === 'from')
    return { ...times, fault: fault('instant-order', text, first, end) };
  const advice =
    'after an entry write from INSTANT, until INSTANT and "#" with the note, in this order and in lower case';
  return { ...times, fault: at < end ? fault('trailing-text', text, at, end, advice) : undefined };
}

function isTimeName(word: string): boolean {
  return timeNames.includes(word as 'from');
}

/** The text from an offset up to the next blank. */
function wordAt(text: string, at: number, end: number): string {
  let to = at;
  while (to < end && !isBlank(text.charCodeAt(to))) to++;
  return text.slice(at, to);
}

/** What an instant is filled up with, where `0` stands for any digit. */
const ZEROS = '0000-00-00T00:00:00.000';

/** Where an instant may end before its zone: after its minutes, its seconds, and one to three digits of a fraction. */
const stops: readonly number[] = [16, 19, 21, 22, 23];

/** The last millisecond that RFC 3339 can write. */
const LATEST = 253_402_300_799_999;

/** Reads an instant: milliseconds since 1970, or what to say about a text that is none. */
export function readInstant(given: string): number | string {
  // A small `t` or `z` is read, too (RFC 3339 §5.6).
  const text = given.toUpperCase();
  let at = 0;
  while (at < ZEROS.length && fits(text.charAt(at), ZEROS.charAt(at))) at++;
  const zone = text.slice(at);
  const isDate = at === 10 && zone === '';
  if (!isDate && !stops.includes(at)) return '';
  const whole = `${text.slice(0, at)}${ZEROS.slice(at)}Z`;
  const local = Date.parse(whole);
  if (new Date(local).toJSON() !== whole)
    return 'there is no such day or time, hours end at 23, and minutes and seconds at 59';
  if (isDate) {
    const next = new Date(Math.min(local + 86_400_000, LATEST)).toJSON().slice(0, 16);
    return `the day begins at ${text}T00:00Z, and its last instant is before ${next}Z`;
  }
  const isOffset = zone.length === 6 && '+-'.includes(zone.charAt(0));
  const offset = isOffset ? readInstant(`1970-01-01T${zone.slice(1)}Z`) : zone === 'Z' ? 0 : '';
  if (typeof offset === 'string')
    return isNumber(zone.charAt(0))
      ? 'a fraction has at most three digits'
      : 'the zone is Z or an offset such as +01:00';
  const instant = zone.startsWith('-') ? local + offset : local - offset;
  return new Date(instant).toJSON().length === 24 ? instant : 'in UTC, the year is 0000 to 9999';
}

function fits(character: string, sign: string): boolean {
  return sign === '0' ? isNumber(character) : character === sign;
}

/** The times of an entry as a key: equal for equal times, and empty without any. */
export function keyOfTimes(times: Times | undefined): string {
  return times === undefined ? '' : `${times.from} ${times.until}`;
}

/** Whether an entry counts whenever another one does. */
export function lastsAsLong(one: Times | undefined, other: Times | undefined): boolean {
  const isEarlier = !one || Number.isNaN(one.from) || one.from <= (other?.from ?? Number.NaN);
  return isEarlier && (!one || Number.isNaN(one.until) || one.until >= (other?.until ?? Number.NaN));
}

/** The times of an entry that was read, as the same key. */
export function keyOfEntry({
  from,
  until,
}: {
  readonly from: Date | undefined;
  readonly until: Date | undefined;
}): string {
  const [begin, end] = [from, until].map(timeOf);
  return (from ?? until) === undefined ? '' : `${begin} ${end}`;
}

/**
 * Calls back for each entry that repeats an earlier one with its times, and that one.
 *
 * @param firstOfSame - for each entry the first one with the same canonical text, or −1
 */
export function eachDuplicate(
  firstOfSame: Int32Array,
  timesOf: (entry: number) => Times | undefined,
  visit: (entry: number, first: number) => void,
): void {
  const others = new Map<string, number>();
  firstOfSame.forEach((first, entry) => {
    if (first < 0) return;
    const times = keyOfTimes(timesOf(entry));
    if (times === keyOfTimes(timesOf(first))) {
      visit(entry, first);
      return;
    }
    const key = `${first} ${times}`;
    const other = others.get(key);
    if (other === undefined) others.set(key, entry);
    else visit(entry, other);
  });
}
