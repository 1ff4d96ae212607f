/**
 * How a list comes in: as one text, or as the items of any iterable, which become one text with a line for each item.
 *
 * Each item is read once. Whatever it throws is reported as a problem of its line. Nothing of it is kept, so later
 * changes to an array do not reach the list.
 */

import { type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import { adviceForObject, eachItem, hasItems, messageOf, readField } from '../problem/foreign.ts';
import { describeType } from '../problem/say.ts';
import { endOfLine } from './grammar.ts';
import type { ListName } from './table.ts';

/** A list as text. Items that could not be read are blank lines in the text and problems beside it. */
interface GatheredSource {
  readonly text: string;
  /** Whether it was given as text. */
  readonly isText: boolean;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw, for the `cause` of the error. */
  readonly cause: unknown;
}

/** A list with this many items beyond twice its limit is treated as endless. */
const SPARE_ITEMS = 100_000;

/** A length that strings can have in every engine. */
export const MAX_TEXT_LENGTH: number = 2 ** 28;

/**
 * Turns a source into text.
 *
 * @param lines - the line to report for each item, if not its position
 */
export function gatherSource(
  source: unknown,
  list: ListName,
  maxEntries: number,
  lines?: readonly number[],
): GatheredSource {
  if (typeof source === 'string') return { text: source, isText: true, errors: [], cause: undefined };
  const texts: string[] = [];
  const errors: Problem[] = [];
  let length = 0;
  let cause: unknown;
  /** Notes a problem of the item that comes next. */
  const complain = (code: ProblemCode, message: string, column?: number, text?: string): void => {
    const line = texts.length + 1;
    errors.push(problemOf({ source: list, line: lines?.[line - 1] ?? line, column, text }, code, message));
  };
  /** Adds an item; answers whether there may be another. */
  const add = (item: unknown): boolean => {
    if (errors.length >= MAX_BAD_ITEMS) {
      complain('unreadable', `${MAX_BAD_ITEMS} items could not be read: fix those first`);
      return false;
    }
    const read = readItem(item);
    const isGood = typeof read === 'string';
    if (!isGood) complain(...read);
    const text = isGood ? read : '';
    length += text.length + 1;
    if (length >= MAX_TEXT_LENGTH) {
      complain('list-too-long', `a list has fewer than ${MAX_TEXT_LENGTH} characters: shorten its notes`);
      // So much text is not read; the problems so far are enough.
      texts.length = 0;
      return false;
    }
    texts.push(text);
    return true;
  };
  try {
    const most = countReadable(maxEntries);
    if (!hasItems(source)) {
      const message = `a list is text, or an array of lines or { address, note } items; this is ${describeType(source)}`;
      complain('not-a-string', message + adviceForList(source));
    } else if (!eachItem(source, most, add)) {
      const message = `more than ${most} items, and the limit is ${maxEntries} entries: raise the option maxEntries`;
      complain('too-many-entries', message);
    }
  } catch (thrown) {
    cause = thrown;
    complain('unreadable', `the list could not be read any further: ${messageOf(cause)}`);
  }
  // Even if the list could not be read to its end, the lines so far may have problems to report.
  return { text: texts.join('\n'), isText: false, errors, cause };
}

/** The most items read from a list with a limit; some of them may be comments. */
export function countReadable(maxEntries: number): number {
  return maxEntries * 2 + SPARE_ITEMS;
}

/** A long array full of holes, or an object that claims to be one, has more bad items than anyone reads. */
export const MAX_BAD_ITEMS = 10_000;

/** What is wrong with an item. */
type Complaint = [code: ProblemCode, message: string, column?: number, text?: string];

/** The line that an item stands for, `address # note`. */
function readItem(item: unknown): string | Complaint {
  if (typeof item === 'string') return requireOneLine(item);
  if (typeof item !== 'object' || item === null) {
    const message = `an item is a line of text or { address, note }; this is ${describeType(item)}`;
    return ['not-a-string', message];
  }
  const address = readField(item, 'address');
  const note = readField(item, 'note') ?? undefined;
  if (typeof address !== 'string') {
    const isEntry = typeof readField(item, 'canonical') === 'string';
    const message = isEntry
      ? 'this is an entry of a list: give the text that was parsed, or { address: text, note } for each entry'
      : `the address of an item is text; this is ${describeType(address)}`;
    return ['not-a-string', message];
  }
  if (note !== undefined && typeof note !== 'string')
    return ['not-a-string', `the note of an item is text; this is ${describeType(note)}`];
  const hash = address.indexOf('#');
  if (hash >= 0) return ['invalid-character', 'put the note into the field "note"', hash + 1, '#'];
  if (address.trim() === '') return ['empty', 'the item has no address', 1, address];
  return requireOneLine(note === undefined ? address : `${address} # ${note}`);
}

function requireOneLine(text: string): string | Complaint {
  const end = endOfLine(text, 0);
  if (end === text.length) return text;
  return ['line-break', 'an item is one line: give a whole list as text', end + 1, text.charAt(end)];
}

function adviceForList(value: unknown): string {
  const isManaged =
    typeof readField(value, 'mode') === 'string' && Array.isArray(readField(value, 'entries'));
  return isManaged
    ? ': give a managed list to createPolicy itself, or its text, String(list)'
    : adviceForObject(value);
}
