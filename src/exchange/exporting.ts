/**
 * What a policy says, in the forms that other programs take: one set of addresses, or lines of which the first match
 * counts. The frame of all writers: none of them sweeps entries, cuts a note or decides what an empty list means.
 */

import { span } from '../address/entry.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import {
  compareWords,
  formatInterval,
  formatNetwork,
  formatWords,
  isMapped,
  lastOf,
  NOT_A_PREFIX,
  prefixLengthOf,
} from '../address/words.ts';
import { type Entry, EntryTable, type Mode } from '../list/table.ts';
import type { Verdict } from '../policy/decision.ts';
import type { Policy, PolicyLists } from '../policy/policy.ts';
import { labelRunsOf, requireLists } from '../policy/verdicts.ts';
import { ListError } from '../problem/errors.ts';
import { optionProblem } from '../problem/options.ts';
import { RuleLists } from '../rules/lists.ts';
import { eachPrefix, eachRun } from '../space/prefixes.ts';
import type { FamilyRuns, Runs } from '../space/runs.ts';
import { hasLater, lastingRunsOf } from './lasting.ts';
import { type Loss, makeLoss, timesLossOf } from './loss.ts';
import { bytesOf, cleanNote, cutToBytes } from './notes.ts';

/** Addresses that are written together. */
export interface Item {
  readonly family: Family;
  /** Canonical text: an address, a prefix, or a range that is not a prefix. */
  readonly text: string;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Prefix length, or {@link NOT_A_PREFIX}. */
  readonly length: number;
  readonly verdict: Verdict;
  /** The entry that decides; `undefined` where none does, or where the policy has no entries to show. */
  readonly entry: Entry | undefined;
  /** When it ends, in milliseconds since 1970; only of items of `lasting`, and only if it does. */
  readonly until?: number | undefined;
}

/** A database that tables are written for. */
export type SqlDialect = 'clickhouse' | 'duckdb' | 'postgresql';

/** The options of an export, checked. */
export interface ExportValues {
  readonly set: string | undefined;
  readonly table?: string | undefined;
  readonly notes: boolean;
  /** In milliseconds since 1970. */
  readonly now: number | undefined;
  readonly dialect: SqlDialect | undefined;
  readonly rows: 'insert' | 'csv' | 'copy' | undefined;
  readonly method: string | undefined;
}

/** What a target can take. */
export interface Shape {
  /** Whether entries may lie within others; if not, all are disjoint. */
  readonly nested: boolean;
  /** The families whose ranges it takes; all others are cut into prefixes. */
  readonly ranges?: readonly Family[];
  /** Whether IPv6 entries leave out the IPv4-mapped block, as the target would match IPv4 clients with it. */
  readonly withoutMapped?: boolean;
}

/** How a target keeps notes. */
export interface NoteShape {
  /** The most bytes in UTF-8. */
  readonly maxBytes: number;
  /** Characters that it would read as something else, each replaced by the one at the same place of `instead`. */
  readonly forbidden?: string;
  readonly instead?: string;
  /** Whether a backslash at the end of a line joins the next one to it, even in a comment. */
  readonly isJoined?: boolean;
}

/** The address of an item with its prefix length, even if it is a single address. */
export function withLength({ family, first, length }: Item): string {
  return `${formatWords(family, first)}/${length}`;
}

/** The first and the last address of an item. */
export function endsOf({ family, first, last }: Item): readonly [first: string, last: string] {
  return [formatWords(family, first), formatWords(family, last)];
}

/** All addresses of a family in two halves, for targets that refuse the prefix length 0. */
export const halves: Readonly<Record<Family, readonly string[]>> = {
  4: ['0.0.0.0/1', '128.0.0.0/1'],
  6: ['::/1', '8000::/1'],
};

/** A policy on its way into a text. */
export class Exporting {
  readonly policy: Policy;
  readonly options: ExportValues;
  /** What a listed address gets. */
  readonly mode: Mode;
  /** What everyone else gets. */
  readonly otherwise: Verdict;
  readonly losses: Loss[] = [];
  readonly #lists: PolicyLists;

  constructor(policy: Policy, options: ExportValues) {
    this.policy = policy;
    this.options = options;
    this.#lists = requireLists(policy, 'policy', 'exportPolicy');
    this.mode = this.#lists.mode;
    this.otherwise = this.mode === 'allow' ? 'deny' : 'allow';
  }

  /** Refuses an option that the format cannot use. */
  refuseOption(message: string): never {
    throw new ListError([optionProblem(message)]);
  }

  /** Says what the target cannot. */
  lose(code: string, message: string, entry?: Entry): void {
    this.losses.push(makeLoss(code, message, entry));
  }

  /**
   * All addresses that get the verdict of the mode. As they were written, where the list can be taken like that; else the
   * fewest that say the same, in ascending order, IPv4 first.
   */
  listed(shape: Shape): Item[] {
    const { active, exempt, unlisted } = this.#lists;
    const isSimple = active instanceof EntryTable && exempt.size === 0 && unlisted.reason === 'not-listed';
    this.#loseTimes();
    if (isSimple && shape.nested) return this.#distinct(this.#written(active, this.mode, shape));
    return this.#resolved(shape).filter(({ verdict }) => verdict === this.mode);
  }

  /**
   * The same addresses with the instant at which each of them ends, for a target that keeps one, if the option `now` says
   * from when it counts. Where several entries cover an address, the one that ends last decides. What has ended by then is
   * left out.
   *
   * Rules and exemptions that end can list an address again that was not listed in between: those are a loss.
   */
  lasting(shape: Shape): Item[] {
    const { active, exempt, unlisted } = this.#lists;
    const { now } = this.options;
    const isOneList = active instanceof EntryTable && unlisted.reason === 'not-listed';
    if (now === undefined || this.policy.changesAt === undefined || !isOneList) return this.listed(shape);
    if (hasLater(active, 'from') || hasLater(exempt, 'from') || hasLater(exempt, 'until')) this.#loseTimes();
    const untilOf = (entry: Entry | undefined): number => entry?.until?.getTime() ?? Number.POSITIVE_INFINITY;
    const items =
      shape.nested && exempt.size === 0
        ? this.#distinct(
            this.#written(active, this.mode, shape).sort(
              (left, right) => untilOf(right.entry) - untilOf(left.entry) || 0,
            ),
          )
        : this.#piecesOf(lastingRunsOf(active, exempt), shape).filter(({ verdict }) => verdict === this.mode);
    return items.flatMap((item) => {
      const until = untilOf(item.entry);
      if (until === Number.POSITIVE_INFINITY) return [item];
      return until > now ? [{ ...item, until }] : [];
    });
  }

  /**
   * Lines of which the first that covers an address decides; `otherwise` decides about the rest. In the order of the
   * lists, where that is what they mean.
   */
  ordered(shape: Shape): Item[] {
    const { active, exempt, unlisted } = this.#lists;
    this.#loseTimes();
    if (unlisted.reason === 'not-listed' && active instanceof EntryTable)
      return [...this.#written(exempt, 'allow', shape), ...this.#written(active, this.mode, shape)];
    const isInOrder = active instanceof RuleLists && active.order === 'first-match';
    if (isInOrder && active.rules.every(({ except }) => except === undefined)) {
      const ofRules = active.rules.flatMap(({ table, mode }) => this.#written(table, mode, shape));
      return [...this.#written(exempt, 'allow', shape), ...ofRules];
    }
    return this.#resolved(shape).filter(({ verdict }) => verdict !== this.otherwise);
  }

  /** Every address with its verdict: disjoint, ascending, IPv4 first, each by the entry that decides. */
  everyone(shape: Pick<Shape, 'ranges'>): Item[] {
    this.#loseTimes();
    return this.#resolved({ nested: false, ...shape });
  }

  /** Refuses to write a list without entries, for a target that would let everyone in. */
  refuseOpen(): undefined {
    this.lose(
      'would-open',
      'the policy lets nobody in, and without an entry the target would let everyone in: nothing is written',
    );
    return undefined;
  }

  /** The note of an item as a target takes it; empty when there is none. */
  noteOf({ entry }: Item, { maxBytes, forbidden = '', instead = '', isJoined = false }: NoteShape): string {
    const { note } = entry ?? {};
    if (note === undefined || !this.options.notes) return '';
    let written = '';
    for (const character of note) {
      const at = forbidden.indexOf(character);
      written += at < 0 ? character : instead.charAt(at);
    }
    written = cleanNote(written);
    if (bytesOf(written) > maxBytes) {
      this.lose('note-cut', `the note is longer than ${maxBytes} bytes`, entry);
      written = cutToBytes(written, maxBytes);
    } else if (written !== note) this.#loseCharacters(entry);
    if (!isJoined || !written.endsWith('\\')) return written;
    this.#loseCharacters(entry);
    while (written.endsWith('\\')) written = written.slice(0, -1).trimEnd();
    return written;
  }

  /** Names the notes of items as lost, for a target that has no place for them. */
  loseNotes(items: readonly Item[], message: string): void {
    if (!this.options.notes) return;
    for (const { entry } of items) if (entry?.note !== undefined) this.lose('note-dropped', message, entry);
  }

  #loseCharacters(entry: Entry | undefined): void {
    this.lose('note-changed', 'the note has characters that the target cannot take', entry);
  }

  /** Entries that begin or end are written as they count at the instant of the policy. */
  #loseTimes(): void {
    const loss = timesLossOf(this.policy, 'text');
    if (loss !== undefined && !this.losses.some(({ code }) => code === loss.code)) this.losses.push(loss);
  }

  /** The entries of a list as they are written, but for ranges that the target does not take. */
  #written(table: EntryTable, verdict: Verdict, shape: Shape): Item[] {
    const items: Item[] = [];
    for (let index = 0; index < table.size; index++) {
      let entry: Entry | undefined;
      table.read(index, () => {
        // What the scanner has read is overwritten as soon as the entry is made.
        const { family, length } = span;
        const [first, last] = [span.first.slice(0, wordsOf(family)), span.last.slice(0, wordsOf(family))];
        entry ??= table.entry(index);
        addPieces(items, { family, first, last, length, verdict, entry }, shape);
      });
    }
    return items;
  }

  #distinct(items: readonly Item[]): Item[] {
    const seen = new Set<string>();
    return items.filter(({ text, entry }) => {
      if (!seen.has(text)) return seen.add(text);
      if (entry?.note !== undefined && this.options.notes)
        this.lose('duplicate', 'the same addresses are written only once, with the first note', entry);
      return false;
    });
  }

  #resolved(shape: Shape): Item[] {
    // Without notes, it does not matter which entry decides.
    const relabel = (label: number): number =>
      this.options.notes ? label : this.#verdictOf(label) === 'allow' ? ALLOWED : DENIED;
    return this.#piecesOf(labelRunsOf(this.#lists, relabel), shape);
  }

  #piecesOf({ ipv4, ipv6 }: FamilyRuns, shape: Shape): Item[] {
    const items: Item[] = [];
    const addRuns = (family: Family, runs: Runs): void =>
      eachRun(family, runs, (first, last, label) => {
        const verdict = label === ALLOWED ? 'allow' : label === DENIED ? 'deny' : this.#verdictOf(label);
        const entry = label > 0 ? this.#entryOf(label) : undefined;
        const length = prefixLengthOf(first, last, wordsOf(family));
        addPieces(items, { family, first, last, length, verdict, entry }, shape);
      });
    addRuns(4, ipv4);
    addRuns(6, ipv6);
    return items;
  }

  #verdictOf(label: number): Verdict {
    const { allowing, unlisted } = this.#lists;
    if (label === 0) return unlisted.verdict;
    return label <= allowing ? 'allow' : 'deny';
  }

  #entryOf(label: number): Entry | undefined {
    const { exempt, active } = this.#lists;
    const index = label - 1;
    return index < exempt.size ? exempt.entry(index) : active.entry(index - exempt.size);
  }
}

/** Stand for all entries of a verdict; the numbers of entries are positive. */
const ALLOWED = -1;
const DENIED = -2;

/** Adds addresses as one item, or as the fewest prefixes where the target does not take the range. */
function addPieces(items: Item[], run: Omit<Item, 'text'>, shape: Omit<Shape, 'nested'>): void {
  const { family, first, last, length, verdict, entry } = run;
  const { ranges = [], withoutMapped = false } = shape;
  if (
    withoutMapped &&
    family === 6 &&
    compareWords(first, BLOCK, 4) <= 0 &&
    compareWords(BLOCK_END, last, 4) <= 0
  ) {
    const rest = { ...run, length: NOT_A_PREFIX };
    if (compareWords(first, BLOCK, 4) < 0)
      addPieces(items, { ...rest, last: Int32Array.from(BEFORE_BLOCK) }, shape);
    if (compareWords(BLOCK_END, last, 4) < 0)
      addPieces(items, { ...rest, first: Int32Array.from(AFTER_BLOCK) }, shape);
    return;
  }
  if (length === NOT_A_PREFIX && ranges.includes(family)) {
    // The text of an address in the IPv4-mapped block means IPv4, and no client is in the block.
    if (family === 6 && isMapped(first)) first.set(AFTER_BLOCK);
    if (family === 6 && isMapped(last)) last.set(BEFORE_BLOCK);
    if (compareWords(first, last, wordsOf(family)) > 0) return;
    items.push({ ...run, text: formatInterval(family, first, last, length) });
    return;
  }
  const width = wordsOf(family);
  eachPrefix(first, last, width, (words, piece) => {
    if (family === 6 && piece >= 96 && isMapped(words)) return;
    const start = words.slice();
    const end = words.slice();
    lastOf(start, piece, width, end);
    const text = formatNetwork(family, start, piece);
    items.push({ family, text, first: start, last: end, length: piece, verdict, entry });
  });
}

const BEFORE_BLOCK = [0, 0, 0xfffe, -1];
const BLOCK = [0, 0, 0xffff, 0];
const BLOCK_END = [0, 0, 0xffff, -1];
const AFTER_BLOCK = [0, 0, 0x1_0000, 0];
