/**
 * What a reader of a format finds, in the order of the file: entries, their verdicts and exceptions, and everything
 * wrong or doubtful with its place. The frame of all readers: none of them reads an address, counts lines or makes a
 * problem by itself.
 */

import { alone, among, type Setting } from '../address/advice.ts';
import { coversMappedBlock, formatSpan, scanEntry, span } from '../address/entry.ts';
import { entryFaultOf } from '../address/entry-fault.ts';
import { findNetwork } from '../address/names.ts';
import { NOT_A_PREFIX } from '../address/words.ts';
import { MAX_ADVISED } from '../list/reader.ts';
import type { Mode } from '../list/table.ts';
import { LATEST } from '../list/times.ts';
import { sayOfEntry, type WarningOfEntry } from '../list/warnings.ts';
import type { Verdict } from '../policy/decision.ts';
import { type Problem, type ProblemCode, problemOf, type Severity } from '../problem/errors.ts';
import { quote } from '../problem/say.ts';
import type { RuleOrder } from '../rules/input.ts';
import { fitNote } from './notes.ts';
import { LineStarts } from './position.ts';

/** An entry of a file of another format. It can be an item of any list as it is. Frozen. */
export interface ImportedEntry {
  /** The canonical text of the entry, see `normalize`. */
  readonly address: string;
  /** What the file says about it, as a note can be. */
  readonly note?: string;
  /** What the file files it under: a set, a service, the value of a map. */
  readonly label?: string;
  /** What the file does with it, where it says so. A list that does the other thing refuses the entry. */
  readonly action?: Verdict;
  /** When the entry begins, where it does. */
  readonly from?: Date;
  /** When the entry ends, where it does. */
  readonly until?: Date;
  /** The line of the text that it is on, from 1. */
  readonly line: number;
}

/** What a file says about itself. */
export interface Declared {
  /** How many entries there are. */
  readonly entries?: number;
  /** What tells this version of the file from others: a token, a number. */
  readonly version?: string;
  /** When it was made. */
  readonly created?: Date;
}

/** What a reader knows of an entry. Fields that are `undefined` are as if they were not there. */
export interface EntryFields {
  readonly note?: string | undefined;
  readonly label?: string | undefined;
  readonly action?: Verdict | undefined;
  /** In milliseconds since 1970. */
  readonly from?: number | undefined;
  /** In milliseconds since 1970. */
  readonly until?: number | undefined;
}

/** Entries that belong together, in the order of the file. */
export interface Group {
  readonly name: string | undefined;
  readonly entries: ImportedEntry[];
  /** What its entries do not mean, although they cover it. */
  readonly except: ImportedEntry[];
}

/** The options of an import, checked. */
export interface ImportValues {
  /** The accepted texts by key; only keys that the format knows. */
  readonly select: ReadonlyMap<string, readonly string[]>;
  readonly set: string | undefined;
  readonly listed: string | undefined;
  /** In milliseconds since 1970. */
  readonly now: number | undefined;
  readonly comment: string | undefined;
  readonly includes: ReadonlyMap<string, string>;
  readonly mode: Mode | undefined;
  readonly yaml: unknown;
}

/** How much of a list is left after something was wrong in it. */
export type Trust = 'whole' | 'lines-missing' | 'refused';

/** What has been read of a file so far. */
export class Importing {
  readonly text: string;
  readonly options: ImportValues;
  /** What the file says about itself; a reader fills it in. */
  declared: { entries?: number; version?: string; created?: Date } = {};
  /** What happens to clients that no entry covers, where the file says so. */
  otherwise: Verdict | undefined = undefined;
  order: RuleOrder = 'first-match';
  /** Whether the option `mode` says what becomes of entries without an action. */
  takesMode = true;
  /** Whether the program finds IPv4 clients with an IPv4-mapped address. Where it does not, one is an error. */
  findsMapped = true;
  /** Whether an IPv6 entry that covers the IPv4-mapped block means all IPv4 clients, too. */
  mapsClients = false;
  /** How many rules were left out because they have more conditions than an address. */
  conditional = 0;
  trust: Trust = 'whole';
  readonly problems: Problem[] = [];
  readonly groups: Group[] = [];
  readonly #selected: Set<string> = new Set();
  #hasAskedForNow = false;
  /** Whether IPv4 clients are meant with IPv6, and said so by an entry of their own. */
  #isEveryone = false;
  readonly #lines: LineStarts;

  constructor(text: string, options: ImportValues) {
    this.text = text;
    this.options = options;
    this.#lines = new LineStarts(text);
  }

  /** Which advice a bad entry gets: none once there are very many problems. */
  settingOf(usual: Setting): Setting {
    return this.problems.length < MAX_ADVISED ? usual : among;
  }

  /** From here on, entries belong to another group: another set, table or block of the file. */
  group(name?: string): Group {
    const group = { name, entries: [], except: [] };
    this.groups.push(group);
    return group;
  }

  /** Whether an entry that has these values for a key of `select` is wanted. */
  selects(key: string, values: readonly string[]): boolean {
    const wanted = this.options.select.get(key);
    if (wanted === undefined) return true;
    const found = values.filter((value) => wanted.includes(value));
    for (const value of found) this.#selected.add(`${key} ${value}`);
    return found.length > 0;
  }

  /** Whether some entry had a value that was asked for. */
  hasSelected(key: string, value: string): boolean {
    return this.#selected.has(`${key} ${value}`);
  }

  /**
   * Takes the part of the text from `start` to `end` as an entry. What is not one is an error at its place.
   *
   * @returns whether it is an entry
   */
  entry(start: number, end: number, fields?: EntryFields): boolean {
    if (this.tryEntry(start, end, fields)) return true;
    const fault = entryFaultOf(this.text, start, end, this.settingOf(alone));
    this.error(fault.start, fault.end, fault.code, fault.message);
    return false;
  }

  /** Takes a part of the text as an entry if it is one. */
  tryEntry(start: number, end: number, fields?: EntryFields): boolean {
    return this.#take(this.text, start, end, start, end, fields, this.#current().entries);
  }

  /** Takes `value` as an entry, for which the file has the text from `start` to `end`, escaped or in parts. */
  entryOf(value: string, start: number, end: number, fields?: EntryFields): boolean {
    return this.#takeValue(value, start, end, fields, this.#current().entries);
  }

  /** Takes `value` as an exception of the group: the entries before and after it do not mean what it covers. */
  exceptionOf(value: string, start: number, end: number, fields?: EntryFields): boolean {
    return this.#takeValue(value, start, end, fields, this.#current().except);
  }

  /** Takes the name of a network, as lists of this package have it, if it is one. */
  tryName(start: number, end: number, fields?: EntryFields): boolean {
    const name = this.text.slice(start, end);
    if (findNetwork(name) === undefined) return false;
    this.#current().entries.push(this.#makeEntry(name, start, end, fields));
    return true;
  }

  /** Takes a word that means everyone as the two entries that it stands for. */
  everyone(start: number, end: number, fields?: EntryFields): void {
    this.#isEveryone = true;
    for (const all of ['0.0.0.0/0', '::/0']) this.entryOf(all, start, end, fields);
    this.#isEveryone = false;
  }

  /** The instant so many milliseconds after the option `now`. Without the option, the first entry with an end is an error. */
  after(milliseconds: number, start: number, end: number): number | undefined {
    const { now } = this.options;
    // An end that no date can have is the last one that a list can write.
    if (now !== undefined) return Math.min(now + milliseconds, LATEST);
    if (!this.#hasAskedForNow) {
      this.#hasAskedForNow = true;
      const message =
        'lifetimes count from the instant at which the file was made: give it in the option now, such as new Date()';
      this.refuse(start, end, 'instant-required', message);
    }
    return undefined;
  }

  /** Reports a bad entry, which is left out: the list is not whole without it. */
  error(start: number, end: number, code: ProblemCode, message: string, suggestion?: string): void {
    if (this.trust === 'whole') this.trust = 'lines-missing';
    this.#report(start, end, code, message, 'error', suggestion);
  }

  /** Reports something that makes the rest of the file useless as a list, whatever else is in it. */
  refuse(start: number, end: number, code: ProblemCode, message: string): void {
    this.trust = 'refused';
    this.#report(start, end, code, message, 'error');
  }

  /** Reports something that the user should know. */
  warn(start: number, end: number, code: ProblemCode, message: string): void {
    this.#report(start, end, code, message, 'warning');
  }

  /** Leaves out a rule that does not apply to everyone at an address. As an entry, it would. */
  condition(start: number, end: number, what: string): void {
    this.conditional++;
    const message = `left out, as it applies only under a condition: ${what}`;
    this.warn(start, end, 'conditional', message);
  }

  /** The line of an offset, from 1. */
  lineOf(offset: number): number {
    return this.#lines.lineOf(offset);
  }

  #report(
    start: number,
    end: number,
    code: ProblemCode,
    message: string,
    severity: Severity,
    suggestion?: string,
  ): void {
    const line = this.lineOf(start);
    const place = {
      source: 'text',
      line,
      column: start - this.#lines.startOf(line) + 1,
      text: this.text.slice(start, Math.min(end, start + LONGEST_PART)),
      suggestion,
    };
    this.problems.push(problemOf(place, code, message, severity));
  }

  #current(): Group {
    return this.groups.at(-1) ?? this.group();
  }

  #takeValue(
    value: string,
    start: number,
    end: number,
    fields: EntryFields | undefined,
    into: ImportedEntry[],
  ): boolean {
    if (this.#take(value, 0, value.length, start, end, fields, into)) return true;
    const { code, message } = entryFaultOf(value, 0, value.length, this.settingOf(alone));
    this.error(start, end, code, message);
    return false;
  }

  #take(
    value: string,
    from: number,
    to: number,
    start: number,
    end: number,
    fields: EntryFields | undefined,
    into: ImportedEntry[],
  ): boolean {
    if (!scanEntry(value, from, to)) return false;
    const written = value.slice(from, to);
    const address = isCanonical(written) ? written : formatSpan();
    if (!this.findsMapped && !address.includes(':') && written.includes(':')) {
      const message = `the program does not find every IPv4 client with an IPv4-mapped address: write ${address}`;
      this.error(start, end, 'mapped-address', message, address);
      return true;
    }
    if (span.hostBits && value === this.text && to === value.length && isCut(written)) {
      const message = `the text ends within ${quote(written)}, which may be the start of a longer prefix length: fetch it again`;
      this.refuse(start, end, 'truncated', message);
      return true;
    }
    const isForIpv4 = this.mapsClients && coversMappedBlock();
    if (span.hostBits || span.length === 0 || coversMappedBlock()) this.#warnOf(written, start, end);
    into.push(this.#makeEntry(address, start, end, fields));
    if (isForIpv4) this.#take('0.0.0.0/0', 0, '0.0.0.0/0'.length, start, end, fields, into);
    return true;
  }

  #makeEntry(address: string, start: number, end: number, fields: EntryFields | undefined): ImportedEntry {
    const line = this.lineOf(start);
    if (fields === undefined) return Object.freeze({ address, line });
    const { note, label, action, from, until } = fields;
    const entry: { -readonly [Name in keyof ImportedEntry]: ImportedEntry[Name] } = { address, line };
    if (note !== undefined) {
      const cleaned = this.#noteOf(note, start, end);
      if (cleaned !== '') entry.note = cleaned;
    }
    if (label !== undefined) entry.label = label;
    if (action !== undefined) entry.action = action;
    if (from !== undefined) entry.from = new Date(from);
    if (until !== undefined) entry.until = new Date(until);
    return Object.freeze(entry);
  }

  #noteOf(note: string, start: number, end: number): string {
    const { fitting, isChanged } = fitNote(note);
    const message = 'the note has characters that a note cannot have: they are left out';
    if (isChanged) this.warn(start, end, 'note-changed', message);
    return fitting;
  }

  /** Warns of the entry in `span`, which the sentences overwrite. */
  #warnOf(written: string, start: number, end: number): void {
    const found: readonly (readonly [WarningOfEntry, boolean])[] = [
      ['host-bits-set', span.hostBits],
      ['covers-everything', span.length === 0],
      ['excludes-ipv4', coversMappedBlock() && !this.mapsClients && !this.#isEveryone],
    ];
    for (const [code, isSo] of found) if (isSo) this.warn(start, end, code, sayOfEntry(code, written));
  }
}

/** Whether a prefix with host bits, at the end of a text without a line end, has none with another digit. */
function isCut(written: string): boolean {
  for (let digit = 0; digit < 10; digit++)
    if (scanEntry(`${written}${digit}`, 0, written.length + 1) && !span.hostBits) return true;
  scanEntry(written, 0, written.length);
  return false;
}

/**
 * Whether the text that was read into `span` is its canonical text for certain: without a range and without IPv6, what is
 * accepted has no second spelling. A part of the file takes half the time and memory of a new text.
 */
function isCanonical(written: string): boolean {
  if (span.family !== 4 || span.hostBits || span.length === NOT_A_PREFIX) return false;
  const isBare = !written.includes('/');
  return isBare === (span.length === 32) && !written.includes(':') && !written.includes('-');
}

/** More of the text than this is not repeated in a problem. */
const LONGEST_PART = 200;
