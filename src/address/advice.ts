/**
 * What to write instead of a text that is not an address or entry.
 *
 * The text is rewritten in every way of `rewritings.ts`, and the first that the scanner accepts is advised, so that no
 * advice leads to the next error. What cannot be rewritten gets a sentence.
 */

import type { Broken } from '../problem/errors.ts';
import { isPrintable, quote, wordsOf } from '../problem/say.ts';
import { DIGITS, isNumber, LETTERS, seek, skip, WORD_ENDS } from './characters.ts';
import { describeDialect, describeFile } from './dialects.ts';
import { findCondition, isName, isNote } from './remainder.ts';
import {
  DASHES,
  holdsAddress,
  isEntry,
  lineRewritings,
  SIGNS,
  withoutWrapping,
  withoutZone,
  withPlainSigns,
  wordRewritings,
} from './rewritings.ts';
import { scanAddress } from './scanner.ts';

/** The text to write for a rewritten one; `undefined` when that is not what was asked for. */
export type Accept = (text: string) => string | undefined;

/** What is advised where a text stands. */
export interface Setting {
  readonly accept: Accept;
  /** What to say to somebody who means everyone. */
  readonly everyone: string;
  /** Whether only what is wrong is said, and not what to write instead. */
  readonly isBrief: boolean;
}

/** What to say, and the whole text to write, where there is one. */
export interface Advice {
  readonly sentence: string;
  readonly write: string | undefined;
}

/** What to write instead of a text that is not an address. */
export function adviseAddress(text: string, broken: Broken): Advice {
  const write = [withoutWrapping(text), withoutZone(text)].find(isAddress);
  return { sentence: write === undefined ? sayOfAddress(text, broken) : `write ${write}`, write };
}

function sayOfAddress(text: string, [code, start, , detail]: Broken): string {
  if (detail !== undefined) return detail;
  if (code === 'invalid-character') return sayOfWord(text);
  if (code !== 'trailing-text') return '';
  // In a header with several addresses, the client may have made up the first.
  return text[start] === ',' ? 'pass the one that your own proxy vouches for' : 'write the address alone';
}

function isAddress(text: string): boolean {
  return scanAddress(text, 0, text.length) !== 0;
}

/** What to write instead of a text that is not an entry. */
export function adviseEntry(given: string, broken: Broken, { accept, everyone, isBrief }: Setting): Advice {
  if (isBrief) return { sentence: '', write: undefined };
  const file = describeFile(given);
  const write = file === undefined ? rewriteEntry(given, accept) : undefined;
  // `broken[3]` would be taken from the prototype of a tuple of three.
  const [, , , detail] = broken;
  const sentence = file ?? detail ?? sayOfEntry(given, broken, everyone);
  return { sentence: write === undefined ? sentence : `write ${write}`, write };
}

/** The first rewriting of a text that is accepted. */
export function rewriteEntry(given: string, accept: Accept): string | undefined {
  const line = withPlainSigns(given);
  // A line this long is not an entry with a slip in it.
  if (line.length > LONG) return accept(line);
  const end = seek(line, 0, WORD_ENDS);
  const word = line.slice(0, end);
  const rest = line.slice(end);
  return [
    ...lineRewritings.map((rewrite) => rewrite(line)),
    ...wordRewritings.map((rewrite) => rewrite(word) + rest),
  ]
    .map(accept)
    .find((write) => write !== undefined);
}

const LONG = 1000;

/** Accepts a line of a list: an entry, or an entry and what can only be a note. */
export function acceptLine(line: string): string | undefined {
  if (isEntry(line)) return acceptEntry(line);
  const end = seek(line, 0, WORD_ENDS);
  // Without the minus sign, which comes last: what follows one may be an exception.
  const start = skip(line, end, `${WORD_ENDS}|-${DASHES.slice(0, -1)}`);
  // `10.0.0.1 -b` is half a range.
  if (`-${DASHES}`.includes(line[start - 1] as string) || !isEntry(line.slice(0, end))) return undefined;
  const note = line.startsWith('//', start) ? line.slice(start + 2).trim() : line.slice(start);
  return isNote(note) ? `${line.slice(0, end)} # ${note}` : undefined;
}

/** Accepts an entry alone. Only a range full of blanks is too long to be shown. */
export function acceptEntry(text: string): string | undefined {
  return text.length <= 100 && isEntry(text) ? text : undefined;
}

const EVERYONE = 'for everyone write 0.0.0.0/0 and ::/0';

/** Where a line of a list stands. */
export const inList: Setting = { accept: acceptLine, everyone: EVERYONE, isBrief: false };

/** Among so many mistakes that no more advice is worth its time: 30 µs for each line. */
export const among: Setting = { accept: () => undefined, everyone: '', isBrief: true };

/** Where an entry stands alone. */
export const alone: Setting = { accept: acceptEntry, everyone: EVERYONE, isBrief: false };

export function isDash(character: string): boolean {
  return DASHES.includes(character);
}

const ONE_A_LINE = 'write one entry per line';
const NOTE = 'a note starts with "#", and nothing else may follow an entry';
const LENGTH = 'a prefix length is written after "/"';

function sayOfEntry(given: string, [code, start]: Broken, everyone: string): string {
  const text = withPlainSigns(given);
  const isBlank = given[start] !== text[start];
  const entry = text.slice(0, start).trim();
  if (code === 'trailing-text' || (isBlank && isEntry(entry))) return sayOfRest(entry, text.slice(start));
  const word = text.slice(0, seek(text, 0, WORD_ENDS));
  const isAlone = skip(text, word.length, WORD_ENDS) === text.length;
  if (isAlone && ' * any all everyone anyone '.includes(` ${word.toLowerCase()} `)) return everyone;
  if (code === 'zone-not-allowed' && isNumber(text.slice(start + 1, start + 2))) return LENGTH;
  if (code !== 'invalid-character') return '';
  return (
    sayOfCharacter(given, start) ??
    describeDialect(text) ??
    sayOfOther(text) ??
    sayOfWord(word, 'an address or prefix such as 192.0.2.1 or 2001:db8::/32')
  );
}

/** What to do about a character beyond ASCII, or one that cannot be seen. */
function sayOfCharacter(given: string, start: number): string | undefined {
  const character = String.fromCodePoint(given.codePointAt(start) as number);
  if (character >= ' ' && character <= '~') return undefined;
  if ('\u000b\u000c\u0085\u2028\u2029'.includes(character)) return 'start a new line here';
  if (withPlainSigns(character) === ' ') return 'use plain blanks';
  if (isDash(character))
    return (
      findCondition(given.slice(start)) ?? 'write a range with the plain hyphen "-", and "#" before a note'
    );
  if (!isPrintable(character)) {
    // Deleting what stands between two addresses would join them.
    const isBetween = start + 1 < given.length && isEntry(given.slice(0, start));
    return isBetween ? ONE_A_LINE : 'it cannot be seen, delete it';
  }
  return 'use ASCII characters only';
}

/** What to do about the whole of a line. */
function sayOfOther(text: string): string | undefined {
  const condition = findCondition(text);
  if (condition !== undefined) return condition;
  if (text.toLowerCase() === 'uniquelocal') return 'write @unique-local, and @private for IPv4';
  const star = text.indexOf('::*');
  const network = text.slice(0, star + 2);
  if (star > 0 && star + 3 === text.length && isAddress(network)) {
    const length = network.split(':').length * 16 - 32;
    return `write ${network}/${length}, or ${network}/112 for the last group alone`;
  }
  const colon = text.indexOf(':');
  if (isEntry(text.slice(colon + 1).trim()) && isNote(text.slice(0, colon)))
    return 'write the entry first, and then "#" and the note';
  return undefined;
}

/** A word with a letter beyond the hexadecimal digits was meant as a name, if it has nothing that a name cannot have. */
function sayOfWord(word: string, example = 'an address such as 192.0.2.1 or 2001:db8::1'): string {
  const lower = word.toLowerCase();
  const host = lower.slice(lower.indexOf('://') < 0 ? 0 : lower.indexOf('://') + 3);
  const name = host.slice(host.startsWith('*.') ? 2 : 0, seek(host, 0, ':/?'));
  const hasLetter = seek(lower, 0, LETTERS.slice(6)) < word.length;
  const isHost =
    hasLetter && !isNumber(word[0] as string) && skip(name, 0, `${LETTERS}${DIGITS}-._`) === name.length;
  return `${isHost && !word.includes('::') ? 'host names are not looked up, ' : ''}write ${example}`;
}

/** What to do about the text after an entry. */
function sayOfRest(entry: string, given: string): string {
  const rest = given.slice(skip(given, 0, `${WORD_ENDS}${SIGNS}-${DASHES}`));
  const word = rest.slice(0, seek(rest, 0, WORD_ENDS));
  const condition = findCondition(rest);
  if (condition !== undefined) return condition;
  // No client has such an address.
  if (word.startsWith('255.') || word.startsWith('0.'))
    return 'write a prefix length such as /24 in place of a mask';
  const isSecond = isEntry(word) || isName(word) || holdsAddress(rest);
  if (isSecond || SIGNS.includes(given[0] as string)) return ONE_A_LINE;
  if (given.startsWith(':') && isNumber(word.slice(1))) return LENGTH;
  if (wordsOf(rest.slice(0, 1)).length > 0) return NOTE;
  return isEntry(entry) ? `an entry ends at ${quote(entry)}` : '';
}
