/**
 * How a list comes in: as one text, or as the items of any iterable, which become one text with a line for each item.
 *
 * Each item is read once. Whatever it throws is reported as a problem of its line. Nothing of it is kept, so later
 * changes to an array do not reach the list.
 */

import { fault, type Problem, type ProblemCode, problemOf } from '../problem/errors.ts';
import {
  adviceForMap,
  adviceForObject,
  eachItem,
  hasItems,
  isIterator,
  isPlain,
  messageOf,
  readField,
  timeOf,
} from '../problem/foreign.ts';
import { describeType, quote } from '../problem/say.ts';
import { endOfLine } from './grammar.ts';
import type { ListName } from './table.ts';
import { readInstant, readTimes, timeNames } from './times.ts';

/** A list as text. Items that could not be read are blank lines in the text and problems beside it. */
export interface GatheredSource {
  readonly text: string;
  /** Whether it was given as text. */
  readonly isText: boolean;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw, for the `cause` of the error. */
  readonly cause: unknown;
}

/** What is missing in an array of entries. */
export interface Incompleteness {
  /** The lists that it must not be: any, or only one that allows, where an entry that is missing can open the list. */
  readonly in: 'any' | 'allow';
  /** Why, and what to give instead. */
  readonly why: string;
}

/** Arrays that lack entries of the text or the file that they were read from. */
const incomplete: WeakMap<object, Incompleteness> = /* @__PURE__ */ new WeakMap();

const ONLY_GOOD: Incompleteness = {
  in: 'any',
  why: 'these are only the good lines of a text with errors: give the text itself',
};

/** Remembers that entries or rules lack something, or that an entry lacks others, so that they are not taken for the whole list. */
export function markIncomplete(entries: object, mark: Incompleteness = ONLY_GOOD): void {
  incomplete.set(entries, mark);
}

/** What is missing in entries or rules, or beside an entry. */
export function findIncompleteness(entries: unknown): Incompleteness | undefined {
  return incomplete.get(entries as object);
}

/** A list with this many items beyond twice its limit is treated as endless. */
const SPARE_ITEMS = 100_000;

/** A length that strings can have in every engine. */
export const MAX_TEXT_LENGTH = 0x1000_0000;

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
  const known = gathered.get(source as object);
  if (known !== undefined) return known;
  const gathering = startGathering(list, maxEntries, lines);
  const { texts, errors } = gathering;
  try {
    if (gathering.takes(source)) gathering.end(source, eachItem(source, gathering.most, gathering.add));
  } catch (thrown) {
    gathering.fail(thrown);
  }
  // Even if the list could not be read to its end, the lines so far may have problems to report.
  return { text: texts.join('\n'), isText: false, errors, cause: gathering.cause };
}

/** What was gathered elsewhere, by the object that stands for the source. */
const gathered: WeakMap<object, GatheredSource> = /* @__PURE__ */ new WeakMap();

/** Makes a source of what was gathered elsewhere, as in another thread. */
export function sourceOfGathered(source: GatheredSource): object {
  const standIn = Object.freeze({});
  gathered.set(standIn, source);
  return standIn;
}

/** Items on their way into a text. They are handed over one after the other, in one turn or in several. */
export interface Gathering {
  /** The lines so far. May be emptied between two items, once they have been passed on. */
  readonly texts: string[];
  readonly errors: Problem[];
  /** What a foreign iterator threw. */
  cause: unknown;
  /** The most items to hand over. */
  readonly most: number;
  /** Whether too much text came in, so that none of it counts. */
  isTooLong: boolean;
  /** Whether a source, which is not text, has items to hand over. If not, that is a problem by now. */
  takes(source: unknown): source is Iterable<unknown>;
  /** Adds an item; answers whether there may be another. */
  add(this: void, item: unknown): boolean;
  /** After the last item, or when there were more than `most`. */
  end(source: unknown, isWhole: boolean): void;
  /** When the source throws. */
  fail(thrown: unknown): void;
}

/** Starts to gather the items of a source. */
export function startGathering(list: ListName, maxEntries: number, lines?: readonly number[]): Gathering {
  const texts: string[] = [];
  const errors: Problem[] = [];
  const most = countReadable(maxEntries);
  let count = 0;
  let length = 0;
  /** Notes a problem of the item that comes next. */
  const complain = (code: ProblemCode, message: string, column?: number, text?: string): void => {
    errors.push(problemOf({ source: list, line: lines?.[count] ?? count + 1, column, text }, code, message));
  };
  const add = (item: unknown): boolean => {
    if (errors.length >= MAX_BAD_ITEMS) {
      complain('unreadable', `${MAX_BAD_ITEMS} items could not be read: fix those first`);
      return false;
    }
    const read = readItem(item, list);
    if (typeof read !== 'string') complain(...read);
    const text = typeof read === 'string' ? read : '';
    // An endless row of blank items would need more room than an array has, long before its text is too long.
    length += Math.max(text.length + 1, 8);
    if (length >= MAX_TEXT_LENGTH) {
      complain('list-too-long', `a list has fewer than ${MAX_TEXT_LENGTH} characters: shorten its notes`);
      // So much text is not read; the problems so far are enough.
      texts.length = 0;
      gathering.isTooLong = true;
      return false;
    }
    texts.push(text);
    count++;
    return true;
  };
  const gathering: Gathering = {
    texts,
    errors,
    cause: undefined,
    most,
    isTooLong: false,
    takes(source): source is Iterable<unknown> {
      const refusal = refuseSource(source, list);
      if (refusal !== undefined) complain(...refusal);
      return refusal === undefined;
    },
    add,
    end(source, isWhole) {
      if (!isWhole) {
        const message = `more than ${most} items, and the limit is ${maxEntries} entries: raise the option maxEntries`;
        complain('too-many-entries', message);
      } else if (count === 0 && errors.length === 0 && isIterator(source)) {
        const message =
          'the iterator gave no items: it may have been read before, so give an array or a text';
        complain('unreadable', message);
      }
    },
    fail(thrown) {
      gathering.cause = thrown;
      complain('unreadable', `the list could not be read any further: ${messageOf(thrown)}`);
    },
  };
  return gathering;
}

/** What is wrong with a source that has no items, or not all of them. */
function refuseSource(source: unknown, list: ListName): Complaint | undefined {
  if (!hasItems(source)) {
    const message = `a list is text, or an array of lines or { address, note } items; this is ${describeType(source)}`;
    return ['not-a-string', message + adviceForList(source)];
  }
  const mark = findIncompleteness(source);
  return mark !== undefined && isMissed(mark, list) ? ['incomplete-list', mark.why] : undefined;
}

function isMissed({ in: lists }: Incompleteness, list: ListName): boolean {
  return lists === 'any' || list === 'allow';
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
function readItem(item: unknown, list: ListName): string | Complaint {
  if (typeof item === 'string') return requireOneLine(item);
  if (typeof item !== 'object' || item === null) {
    const message = `an item is a line of text or { address, note }; this is ${describeType(item)}`;
    return ['not-a-string', message];
  }
  // An entry of a list that was read has its address in the field `text`.
  const given = readField(item, 'address');
  const isEntry = given === undefined && typeof readField(item, 'canonical') === 'string';
  // An entry that was read from another format has what that says of it, too.
  const isImported = !isEntry && typeof readField(item, 'line') === 'number';
  const unknown = findUnknownField(item, isEntry ? entryFields : isImported ? importedFields : itemFields);
  if (unknown !== undefined) return ['unknown-field', unknown];
  const mark = isImported ? findIncompleteness(item) : undefined;
  if (mark !== undefined && isMissed(mark, list)) return ['incomplete-list', mark.why];
  const action = isImported ? readField(item, 'action') : undefined;
  if (action !== undefined && action !== (doing[list] ?? action))
    return [
      'action-differs',
      'its action is not what this list does: give the rules of the import to createRules',
    ];
  const address = isEntry ? readField(item, 'text') : given;
  const note = readField(item, 'note') ?? undefined;
  if (typeof address !== 'string')
    return [
      'not-a-string',
      `the address of an item is text; this is ${describeType(address)}${adviceForItem(item)}`,
    ];
  if (note !== undefined && typeof note !== 'string')
    return ['not-a-string', `the note of an item is text; this is ${describeType(note)}`];
  const hash = address.indexOf('#');
  if (hash >= 0) return ['invalid-character', 'put the note into the field "note"', hash + 1, '#'];
  if (address.trim() === '') return ['empty', 'the item has no address', 1, address];
  if (readTimes(address, 0, address.length) !== undefined)
    return ['trailing-text', 'times are fields of their own', 1, address];
  let line = address;
  for (const name of timeNames) {
    const time = readField(item, name) ?? undefined;
    if (time === undefined) continue;
    const written = typeof time === 'string' ? time : printTime(time);
    if (written === undefined)
      return ['instant-invalid', `${name} must be a valid Date or text, got ${describeType(time)}`];
    const read = readInstant(written);
    if (typeof read === 'string') {
      const { message } = fault('instant-invalid', written, 0, written.length, read);
      return ['instant-invalid', `${name} ${message}`];
    }
    line += ` ${name} ${written}`;
  }
  return requireOneLine(note === undefined ? line : `${line} # ${note}`);
}

/** The text of a Date; nothing for any other value. */
function printTime(value: unknown): string | undefined {
  return new Date(timeOf(value)).toJSON() ?? undefined;
}

/** Advice about a pair, as a Map or `Object.entries` has them. */
function adviceForItem(item: object): string {
  return Array.isArray(item) ? ': write { address, note }' : '';
}

const itemFields = ['address', 'note', 'from', 'until'];

const importedFields = ['address', 'note', 'label', 'action', 'from', 'until', 'line', 'value'];

/** What the entries of a list do, where they do something. */
const doing: Partial<Record<ListName, string>> = { allow: 'allow', deny: 'deny', exempt: 'allow' };

const entryFields = ['text', 'canonical', 'list', 'line', 'rule', 'note', 'from', 'until'];

/**
 * What is wrong with the fields of an item: dropping one that is not known would make a list that nobody wrote. A class
 * may have fields of its own.
 */
function findUnknownField(item: object, known: readonly string[]): string | undefined {
  if (!isPlain(item)) return undefined;
  const name = Object.keys(item).find((key) => !known.includes(key));
  if (name === undefined) return undefined;
  const advice = fieldAdvice.find(([names]) => names.includes(name.toLowerCase()))?.[1];
  return `an item has only the fields address, note, from and until, got ${quote(name)}${advice === undefined ? '' : `: ${advice}`}`;
}

/** What to write in place of the fields that items of other systems have. */
const fieldAdvice: readonly (readonly [names: readonly string[], advice: string])[] = [
  [['ip', 'cidr', 'network', 'value'], 'write it as address'],
  [
    ['prefix', 'prefixlength', 'prefix_len', 'netmask', 'mask', 'bits'],
    'write one text, such as 192.0.2.0/24',
  ],
  [['notes', 'comment', 'description', 'label', 'name'], 'write it as note'],
];

function requireOneLine(text: string): string | Complaint {
  const end = endOfLine(text, 0);
  if (end === text.length) return text;
  return [
    'line-break',
    'there is a line break in one item: write an item for each line, or all lines as one text',
    end + 1,
    text.charAt(end),
  ];
}

function adviceForList(value: unknown): string {
  const isManaged =
    typeof readField(value, 'mode') === 'string' && Array.isArray(readField(value, 'entries'));
  return isManaged
    ? ': give a managed list to createPolicy itself, or its text, String(list)'
    : adviceForObject(value) + adviceForMap(value);
}
