/**
 * The rules about what the entries of a list are, other than superfluous: each looks at the intervals of an entry and
 * answers with a sentence.
 */

import { scanEntry, span } from '../address/entry.ts';
import { namedNetworks } from '../address/names.ts';
import { bitsOf, compareAt, formatWords, hostMask } from '../address/words.ts';
import type { EntryTable, Mode } from '../list/table.ts';
import type { ProblemCode } from '../problem/errors.ts';
import { quote } from '../problem/say.ts';
import { Coverage, findCoverers } from '../space/coverage.ts';
import { type Intervals, PART_OF_NAME } from '../space/intervals.ts';
import type { PlannedList } from './fixes.ts';
import { findUnreachable } from './registry.ts';
import { withoutDirective } from './silence.ts';

/** Called with each thing that a rule finds. */
export type Report = (code: ProblemCode, entry: number, message: string) => void;

/** What the rules ask about besides the list. */
export interface RuleOptions {
  readonly mode: Mode;
  /** Whether the clients come over the Internet. */
  readonly isInternet: boolean;
  /** Prefix lengths from which on an allow entry is very wide. */
  readonly wide: readonly [ipv4: number, ipv6: number];
  readonly exempt: { readonly table: EntryTable; readonly families: readonly [Intervals, Intervals] };
}

/** Bits of what is true of an entry; those with "not" of some of it. */
const WIDE = 1;

const NOT_SPECIAL = 2;

const TOUCHES_EXEMPT = 4;

const NOT_EXEMPT = 8;

const DENIES_LOOPBACK = 16;

/**
 * Applies the rules that look at one entry and the exemptions.
 * @internal
 */
export function checkEntries({ reading, families }: PlannedList, options: RuleOptions, report: Report): void {
  const { table } = reading;
  const { mode, exempt } = options;
  const states = new Uint8Array(table.size);
  // The exemption and the special-purpose row that the sentences name: those of the first interval.
  const exemptions = new Int32Array(table.size).fill(-1);
  const purposes = new Map<number, string>();
  families.forEach((intervals, family) => {
    const { width, firsts, lasts, owners } = intervals;
    const exempted = new Coverage(exempt.families[family] as Intervals);
    const loopback = readLoopback(intervals.family);
    const first = new Int32Array(width);
    const last = new Int32Array(width);
    for (let at = 0; at < intervals.count; at++) {
      const owner = owners[at] as number;
      for (let word = 0; word < width; word++) {
        first[word] = firsts[at * width + word] as number;
        last[word] = lasts[at * width + word] as number;
      }
      let state = states[owner] as number;
      const row = findUnreachable(intervals.family, first, last);
      if (row === undefined) state |= NOT_SPECIAL;
      else if (!purposes.has(owner)) purposes.set(owner, `${row.name}, ${row.rfc}`);
      if (isWide(intervals, at, options.wide[family] as number)) state |= WIDE;
      const exemption = exempted.findOverlap(first, last);
      if (exemption >= 0) state |= TOUCHES_EXEMPT;
      if (exemption >= 0 && exemptions[owner] === -1) exemptions[owner] = exemption;
      if (!exempted.covers(first, last)) state |= NOT_EXEMPT;
      if (mode === 'deny' && deniesAny(loopback, first, last, exempted)) state |= DENIES_LOOPBACK;
      states[owner] = state;
    }
  });
  for (let entry = 0; entry < table.size; entry++) {
    const state = states[entry] as number;
    const isSpecial = (state & NOT_SPECIAL) === 0;
    if (options.isInternet && isSpecial) {
      const purpose = purposes.get(entry) as string;
      report('special-purpose', entry, `no client comes from there over the Internet (${purpose})`);
    }
    if (mode === 'allow' && (state & WIDE) !== 0 && !isSpecial) {
      report('very-wide', entry, `lets in ${countOf(table, entry)} addresses: is that meant?`);
    }
    if ((state & DENIES_LOOPBACK) !== 0) {
      const advice = 'the exemption @loopback lets them in';
      report(
        'denies-loopback',
        entry,
        `denies clients on the machine itself, such as health checks: ${advice}`,
      );
    }
    if ((state & TOUCHES_EXEMPT) === 0) continue;
    const other = exemptions[entry] as number;
    const name = `${quote(exempt.table.text(other))} on line ${exempt.table.line(other)} of the exemptions`;
    if ((state & NOT_EXEMPT) === 0) {
      report('exempted', entry, `decides nothing: all clients there are exempt, see ${name}`);
    } else if (mode === 'deny') {
      report('partly-exempted', entry, `does not deny all of it: some clients there are exempt, see ${name}`);
    }
  }
}

/** The network of the machine itself, of one family. */
interface Loopback {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

function readLoopback(family: Intervals['family']): readonly Loopback[] {
  const found: Loopback[] = [];
  for (const prefix of namedNetworks.find(({ name }) => name === 'loopback')?.prefixes ?? []) {
    scanEntry(prefix, 0, prefix.length);
    if (span.family === family) found.push({ first: span.first.slice(), last: span.last.slice() });
  }
  return found;
}

/** Whether some of the loopback addresses are in an interval and in no exemption. */
function deniesAny(
  loopback: readonly Loopback[],
  first: Int32Array,
  last: Int32Array,
  exempted: Coverage,
): boolean {
  const { length: width } = first;
  return loopback.some((network) => {
    const from = compareAt(first, 0, network.first, 0, width) > 0 ? first : network.first;
    const to = compareAt(last, 0, network.last, 0, width) < 0 ? last : network.last;
    return compareAt(from, 0, to, 0, width) <= 0 && !exempted.covers(from, to);
  });
}

/** Whether an interval has at least as many addresses as a prefix of some length; all of them is another problem. */
function isWide({ family, width, firsts, lasts, lengths }: Intervals, at: number, widest: number): boolean {
  const length = lengths[at] as number;
  if (length >= 0) return length > 0 && length <= widest;
  if (length === PART_OF_NAME) return false;
  // last − first is the number of addresses less one: it is to have all bits behind the length set, or any before it.
  let borrow = 0;
  let isAllSet = true;
  for (let word = width - 1; word >= 0; word--) {
    const difference =
      ((lasts[at * width + word] as number) >>> 0) - ((firsts[at * width + word] as number) >>> 0) - borrow;
    borrow = difference < 0 ? 1 : 0;
    const host = hostMask(widest, word);
    if ((difference & ~host) !== 0) return true;
    isAllSet &&= (difference & host) === host;
  }
  return isAllSet && widest <= bitsOf(family);
}

/** Number of addresses of an entry, for a sentence. */
function countOf(table: EntryTable, entry: number): string {
  let [first, last] = [0, 0];
  let family = 4;
  table.read(entry, () => {
    family = span.family;
    [first, last] = [span.first, span.last].map((words) => {
      let value = 0;
      for (let word = 0; word < (family === 4 ? 1 : 4); word++)
        value = value * 2 ** 32 + ((words[word] as number) >>> 0);
      return value;
    }) as [number, number];
  });
  const count = last - first + 1;
  return family === 4 ? count.toLocaleString('en-US') : `about 2^${Math.round(Math.log2(count))}`;
}

/**
 * Finds entries for a whole family in a list that does not cover the whole of the other.
 * @internal
 */
export function checkTwins({ families }: PlannedList, mode: Mode, report: Report): void {
  const isEverything = families.map((intervals) => new Coverage(intervals).isEverything);
  families.forEach(({ family, count, lengths, owners }, index) => {
    if (isEverything[1 - index]) return;
    const [own, other, twin] = family === 4 ? ['IPv4', 'IPv6', '::/0'] : ['IPv6', 'IPv4', '0.0.0.0/0'];
    const left = mode === 'allow' ? 'are not let in by it' : 'are not denied by it';
    for (let at = 0; at < count && lengths[at] === 0; at++) {
      const message = `covers every ${own} client, and ${other} clients ${left}: write ${twin} beside it, if all are meant`;
      report('missing-twin', owners[at] as number, message);
    }
  });
}

/** More lines than this are counted, not named. */
const NAMED_LINES = 5;

/**
 * Names the lines of entries for a sentence.
 * @internal
 */
export function nameLines(table: EntryTable, entries: readonly number[]): string {
  const lines = entries.slice(0, NAMED_LINES).map((entry) => table.line(entry));
  const more = entries.length > NAMED_LINES ? ` and ${entries.length - NAMED_LINES} more` : '';
  return `${entries.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more}`;
}

/**
 * Finds entries that cover a whole family together, where no single one does.
 * @internal
 */
export function checkTogether({ reading, families }: PlannedList, report: Report): void {
  const found = new Map<number, { names: string[]; others: Set<number> }>();
  for (const intervals of families) {
    const coverers = findCoverers(intervals);
    // A single entry for everything would be the first of all.
    if (intervals.lengths[0] === 0 || !new Coverage(intervals, coverers).isEverything) continue;
    const owners = intervals.owners.filter((_, at) => coverers[at] === -1).sort();
    const first = owners[0] as number;
    const { names, others } = found.get(first) ?? { names: [], others: new Set() };
    names.push(intervals.family === 4 ? 'IPv4' : 'IPv6');
    for (const owner of owners) if (owner !== first) others.add(owner);
    found.set(first, { names, others });
  }
  for (const [entry, { names, others }] of found) {
    const lines = nameLines(
      reading.table,
      [...others].sort((left, right) => left - right),
    );
    const everything = names.map((name) => `every ${name} address`).join(' and ');
    report('covers-everything', entry, `covers ${everything} together with ${lines}`);
  }
}

/**
 * Finds notes that differ between entries with the same canonical text.
 * @internal
 */
export function checkNotes({ reading, plan, notes }: PlannedList, report: Report): void {
  const { table } = reading;
  const noteOf = (entry: number): string | undefined => withoutDirective(table.note(entry));
  // The first of many is read once.
  const firsts = new Map<number, string | undefined>();
  for (let entry = 0; entry < table.size; entry++) {
    const first = plan.firstOfSame[entry] as number;
    if (first < 0 || notes[entry] === 0 || notes[first] === 0 || notes[entry] === notes[first]) continue;
    if (!firsts.has(first)) firsts.set(first, noteOf(first));
    const [note, other] = [noteOf(entry), firsts.get(first)];
    if (note === undefined || other === undefined || note === other) continue;
    const message = `has the note ${quote(note)} here and ${quote(other)} on line ${table.line(first)}, which is the one that counts`;
    report('notes-differ', entry, message);
  }
}

/** Two addresses that are this many apart or nearer are more likely two addresses than the ends of something. */
const MIN_HOST_BITS = 4;

/** The ends of the hosts, such as .1 and .254, look less like ends. */
const MIN_HOST_BITS_OF_HOSTS = 8;

/**
 * Finds pairs of lines, one right behind the other, that are the first and the last address of one network, or the first
 * and the last that its hosts can have in IPv4.
 * @internal
 */
export function checkTwoLines({ reading, notes }: PlannedList, report: Report): void {
  const { table } = reading;
  const before = { line: -1, family: 4 as Intervals['family'], words: new Int32Array(4) };
  for (let entry = 0; entry < table.size; entry++) {
    const line = table.line(entry);
    let isAddress = false;
    table.read(entry, (isPartOfName) => {
      isAddress = !isPartOfName && span.length === bitsOf(span.family);
    });
    if (!isAddress) {
      before.line = -1;
      continue;
    }
    const isPair =
      before.line === line - 1 && before.family === span.family && notes[entry] === notes[entry - 1];
    const length = isPair ? lengthOfNetwork(span.family, before.words, span.first) : -1;
    if (length >= 0) {
      const [first, last] = [formatWords(span.family, before.words), formatWords(span.family, span.first)];
      const network = `the first and the last address of a network of /${length}`;
      const advice = `write ${first}-${last} on one line, if the addresses between them are meant`;
      report('range-on-two-lines', entry - 1, `this line and the next have ${network}: ${advice}`);
      // The last address of one pair is not the first of another.
      before.line = -1;
      continue;
    }
    before.line = line;
    before.family = span.family;
    before.words.set(span.first);
  }
}

/** Length of the prefix that two addresses are the ends of, or whose hosts they are the ends of; else −1. */
function lengthOfNetwork(family: Intervals['family'], first: Int32Array, last: Int32Array): number {
  const width = family === 4 ? 1 : 4;
  let length = 0;
  for (let word = 0; word < width; word++) {
    const common = Math.clz32((first[word] as number) ^ (last[word] as number));
    length += common;
    if (common < 32) break;
  }
  if (length > bitsOf(family) - MIN_HOST_BITS) return -1;
  const isFromTo = (shift: number): boolean => {
    for (let word = 0; word < width; word++) {
      const host = hostMask(length, word);
      const spare = word === width - 1 ? shift : 0;
      if (((first[word] as number) & host) !== spare || ((last[word] as number) & host) !== (host ^ spare))
        return false;
    }
    return true;
  };
  if (isFromTo(0)) return length;
  return family === 4 && length <= 32 - MIN_HOST_BITS_OF_HOSTS && isFromTo(1) ? length : -1;
}
