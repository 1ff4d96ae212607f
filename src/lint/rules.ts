/**
 * The rules about entries, except for superfluous ones. Each rule looks at the intervals of an entry and reports a
 * sentence.
 */

import { span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import {
  bitsOf,
  compareWords,
  countAddresses,
  formatWords,
  isAsLargeAsPrefix,
  prefixLengthOf,
} from '../address/words.ts';
import type { EntryTable, Mode } from '../list/table.ts';
import type { ProblemCode } from '../problem/errors.ts';
import { nameCharacter, quote } from '../problem/say.ts';
import { Coverage, findCoverers } from '../space/coverage.ts';
import { type Intervals, PART_OF_NAME } from '../space/intervals.ts';
import type { LintFix } from './fix.ts';
import { type PlannedList, readSorted, respellingOf, type SortedList } from './fixes.ts';
import { describeDifference } from './look-alikes.ts';
import { findUnreachable, findUnreachableParts, type SpecialPurposeNetwork } from './registry.ts';
import { withoutDirective } from './silence.ts';

/** Called with each thing that a rule finds. */
export type Report = (code: ProblemCode, entry: number, message: string, fix?: LintFix) => void;

/** What the rules know besides the list. */
interface RuleOptions {
  readonly mode: Mode;
  /** Whether the clients come over the Internet. */
  readonly isInternet: boolean;
  /** An allow entry as large as a prefix of such a length, or larger, is very wide. */
  readonly wide: readonly [ipv4: number, ipv6: number];
  readonly exempt: SortedList;
}

/** What is true of some addresses of an entry: bits of its state. */
const SOME_CAN_ARRIVE = 1;
const SOME_ARE_NOT_EXEMPT = 2;
const SOME_ARE_LOOPBACK = 4;

/** What the rules know about the entries, and what their sentences name, taken from the first interval that has it. */
interface Facts {
  /** State of each entry. */
  readonly states: Uint8Array;
  /** The special-purpose network around an entry. */
  readonly purposes: ReadonlyMap<number, SpecialPurposeNetwork>;
  /** The special-purpose networks that a deny entry reaches into without being one. */
  readonly parts: ReadonlyMap<number, readonly SpecialPurposeNetwork[]>;
  /** An exemption that overlaps an entry. */
  readonly exemptions: ReadonlyMap<number, number>;
  /** Sizes of the very wide entries, in words. */
  readonly sizes: ReadonlyMap<number, string>;
}

/** Applies the rules that look at one entry and the exemptions. */
export function checkEntries(planned: PlannedList, options: RuleOptions, report: Report): void {
  const { mode, isInternet } = options;
  const exempt = options.exempt.reading.table;
  const { states, purposes, parts, exemptions, sizes } = gatherFacts(planned, options);
  states.forEach((state, entry) => {
    const isSpecial = (state & SOME_CAN_ARRIVE) === 0;
    if (isInternet && isSpecial) {
      const { name, rfc } = purposes.get(entry) as SpecialPurposeNetwork;
      report('special-purpose', entry, `no client comes from there over the Internet (${name}, ${rfc})`);
    }
    const part = parts.get(entry);
    if (part !== undefined) report('partly-special-purpose', entry, describeParts(part));
    const size = sizes.get(entry);
    if (size !== undefined && !isSpecial)
      report('very-wide', entry, `lets in ${size} addresses: is that intended?`);
    if ((state & SOME_ARE_LOOPBACK) !== 0) {
      const clients = 'clients on the machine itself, such as health checks';
      report('denies-loopback', entry, `denies ${clients}: if no proxy runs there, exempt @loopback`);
    }
    const exemption = exemptions.get(entry);
    if (exemption === undefined) return;
    const name = `${nameEntry(exempt, exemption)} of the exemptions`;
    if ((state & SOME_ARE_NOT_EXEMPT) === 0) {
      report('exempted', entry, `decides nothing: all clients there are exempt, see ${name}`);
    } else if (mode === 'deny') {
      report('partly-exempted', entry, `denies only some clients there: others are exempt, see ${name}`);
    }
  });
}

/** More networks than this are counted, not named. */
const NAMED_PARTS = 3;

function describeParts(networks: readonly SpecialPurposeNetwork[]): string {
  const names = networks.slice(0, NAMED_PARTS).map(({ prefix, name }) => `${prefix} (${name})`);
  const more = networks.length - names.length;
  const all = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `also denies addresses that no client has over the Internet, of ${all}: list only the networks around them`;
}

function gatherFacts({ reading, families }: PlannedList, options: RuleOptions): Facts {
  const { mode, isInternet, wide, exempt } = options;
  const states = new Uint8Array(reading.table.size);
  const parts = new Map<number, readonly SpecialPurposeNetwork[]>();
  const purposes = new Map<number, SpecialPurposeNetwork>();
  const exemptions = new Map<number, number>();
  const sizes = new Map<number, string>();
  const loopback = readSorted('@loopback', 'exempt', 1).families;
  families.forEach(({ family, width, count, firsts, lasts, owners, lengths }) => {
    const index = family === 4 ? 0 : 1;
    const exempted = new Coverage(exempt.families[index]);
    for (let at = 0; at < count; at++) {
      const owner = owners[at] as number;
      const first = firsts.subarray(at * width, (at + 1) * width);
      const last = lasts.subarray(at * width, (at + 1) * width);
      let state = states[owner] as number;
      const purpose = findUnreachable(family, first, last);
      if (purpose === undefined) {
        state |= SOME_CAN_ARRIVE;
        // All addresses of a family are another problem.
        if (mode === 'deny' && isInternet && lengths[at] !== 0) {
          const found = findUnreachableParts(family, first, last, (from, to) => !exempted.covers(from, to));
          if (found.length > 0) parts.set(owner, found);
        }
      }
      if (purpose !== undefined && !purposes.has(owner)) purposes.set(owner, purpose);
      const exemption = exempted.findOverlap(first, last);
      if (exemption >= 0 && !exemptions.has(owner)) exemptions.set(owner, exemption);
      if (!exempted.covers(first, last)) state |= SOME_ARE_NOT_EXEMPT;
      if (mode === 'deny' && deniesLoopback(loopback[index], first, last, exempted))
        state |= SOME_ARE_LOOPBACK;
      states[owner] = state;
      // The author did not write the parts of a name, and all addresses of a family are another problem.
      const isPlain = lengths[at] !== PART_OF_NAME && lengths[at] !== 0;
      if (mode === 'allow' && isPlain && isAsLargeAsPrefix(first, last, width, wide[index]))
        sizes.set(owner, describeSize(family, countAddresses(first, last, width)));
    }
  });
  return { states, purposes, parts, exemptions, sizes };
}

function describeSize(family: Family, count: number): string {
  return family === 4 ? count.toLocaleString('en-US') : `about 2^${Math.round(Math.log2(count))}`;
}

/** Whether some addresses of the loopback network, of which each family has one, are in an interval and not exempt. */
function deniesLoopback(
  { width, firsts, lasts }: Intervals,
  first: Int32Array,
  last: Int32Array,
  exempted: Coverage,
): boolean {
  const from = compareWords(first, firsts, width) > 0 ? first : firsts;
  const to = compareWords(last, lasts, width) < 0 ? last : lasts;
  return compareWords(from, to, width) <= 0 && !exempted.covers(from, to);
}

/** Finds entries for a whole family in a list that does not cover the whole of the other. */
export function checkTwins({ families }: PlannedList, mode: Mode, report: Report): void {
  const isEverything = families.map((intervals) => new Coverage(intervals).isEverything);
  families.forEach(({ family, count, lengths, owners }, index) => {
    if (isEverything[1 - index]) return;
    const [own, other, twin] = family === 4 ? ['IPv4', 'IPv6', '::/0'] : ['IPv6', 'IPv4', '0.0.0.0/0'];
    const verb = mode === 'allow' ? 'lets in' : 'denies';
    for (let at = 0; at < count && lengths[at] === 0; at++) {
      const message = `covers every ${own} client, but ${verb} no ${other} client: add ${twin} if you mean all clients`;
      report('missing-twin', owners[at] as number, message);
    }
  });
}

/** Names an entry for a sentence. */
export function nameEntry(table: EntryTable, entry: number): string {
  return `${quote(table.text(entry))} on line ${table.line(entry)}`;
}

/** More lines than this are counted, not named. */
const NAMED_LINES = 5;

/** Names the lines of entries for a sentence. */
export function nameLines(table: EntryTable, entries: readonly number[]): string {
  const lines = entries.slice(0, NAMED_LINES).map((entry) => table.line(entry));
  const more = entries.length > NAMED_LINES ? ` and ${entries.length - NAMED_LINES} more` : '';
  return `${entries.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more}`;
}

/** Finds entries that cover a whole family together, where no single one does. */
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

/** Finds notes that differ between entries with the same canonical text. */
export function checkNotes({ reading, plan, notes }: PlannedList, report: Report): void {
  const { numbers, texts } = notes;
  plan.firstOfSame.forEach((first, entry) => {
    if (first < 0 || numbers[entry] === 0 || numbers[first] === 0 || numbers[entry] === numbers[first])
      return;
    const [note, other] = [entry, first].map((at) => quote(texts[numbers[at] as number] as string));
    const message = `has the note ${note} here and ${other} on line ${reading.table.line(first)}: the first one counts`;
    report('notes-differ', entry, message);
  });
}

/** Finds notes that look like another one and are not the same, so that a form shows two groups. */
export function checkLooks(planned: PlannedList, canEdit: boolean, report: Report): void {
  const { table } = planned.reading;
  const { numbers, texts, lookAlikes } = planned.notes;
  for (const [entry, like] of lookAlikes) {
    const note = withoutDirective(table.note(entry) as string);
    const other = texts[numbers[like] as number] as string;
    const difference = describeDifference(note, other, nameCharacter);
    const message = `has a note that looks like the one on line ${table.line(like)}, but ${difference}: spell both alike`;
    report('look-alike-note', entry, message, canEdit ? respellingOf(planned, entry) : undefined);
  }
}

/** Two addresses with fewer host bits between them are more likely two addresses than the ends of a network. */
const MIN_HOST_BITS = 4;

/** The first and last hosts, such as .1 and .254, look less like the ends of a network. */
const MIN_HOST_BITS_OF_HOSTS = 8;

/**
 * Finds pairs of lines, one right after the other, with the first and the last address of one network, or with its first
 * and last host address in IPv4.
 */
export function checkTwoLines({ reading, notes }: PlannedList, report: Report): void {
  const { table } = reading;
  const { numbers } = notes;
  const before = { line: -1, family: 4 as Family, words: new Int32Array(4) };
  for (let entry = 0; entry < table.size; entry++) {
    const line = table.line(entry);
    let isAddress = false;
    table.read(entry, (isPartOfName) => {
      isAddress = !isPartOfName && span.length === bitsOf(span.family);
    });
    const { family, first } = span;
    const isPair =
      isAddress &&
      before.line === line - 1 &&
      before.family === family &&
      numbers[entry] === numbers[entry - 1];
    const length = isPair ? lengthOfNetwork(family, before.words, first) : -1;
    if (length >= 0) {
      const range = `${formatWords(family, before.words)}-${formatWords(family, first)}`;
      const network = `the first and the last address of a /${length} network`;
      const advice = `write ${range} on one line if you mean the addresses between them, too`;
      report('range-on-two-lines', entry - 1, `this line and the next have ${network}: ${advice}`);
    }
    // The last address of one pair is not the first of another.
    before.line = isAddress && length < 0 ? line : -1;
    before.family = family;
    before.words.set(first);
  }
}

/** Length of the prefix that two addresses are the ends of, or whose hosts they are the ends of; else −1. */
function lengthOfNetwork(family: Family, first: Int32Array, last: Int32Array): number {
  const length = prefixLengthOf(first, last, wordsOf(family));
  if (length >= 0) return length <= bitsOf(family) - MIN_HOST_BITS ? length : -1;
  if (family === 6) return -1;
  // The hosts from .1 to .254 are .0 to .255 with the last bit flipped.
  const [low, high] = [first, last].map((words) => Int32Array.of((words[0] as number) ^ 1));
  const hosts = prefixLengthOf(low as Int32Array, high as Int32Array, 1);
  return hosts <= 32 - MIN_HOST_BITS_OF_HOSTS ? hosts : -1;
}
