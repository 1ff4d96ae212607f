/**
 * Takes addresses out of a list: each line that has any of them becomes the lines of what is left of its entry.
 *
 * A network becomes the fewest prefixes without the addresses, and a range becomes shorter ranges. Every line is cut by
 * itself, so that each note still covers what it covered, and nothing opens or closes when a group is removed later.
 *
 * But pieces are smaller than the entry that they come from, and could outrank an entry that decided before. So entries
 * are cut in the order of their rank, and a piece that is equal to one of a higher rank follows the line of that one:
 *
 * ```
 * line 1  10.0.0.0/30 # Lab        without 10.0.0.1:  10.0.0.0 follows line 2; 10.0.0.2/31 stays
 * line 2  10.0.0.0/31 # Printers   without 10.0.0.1:  10.0.0.0 stays
 * ```
 *
 * Beside ranges, prefixes of a network can be smaller than what should outrank them: the network becomes ranges, too.
 * Where entries overlap without nesting, even those can be, and are cut to the addresses that their entry decided.
 */

import { readEntry } from '../address/entry.ts';
import {
  compareAt,
  compareSizes,
  compareWords,
  formatInterval,
  increment,
  isMapped,
  lastOf,
  NOT_A_PREFIX,
  prefixLengthOf,
  type Words,
} from '../address/words.ts';
import { type LineEdit, withEntry } from '../list/lines.ts';
import type { EntryTable } from '../list/table.ts';
import { keyOfTimes, lastsAsLong } from '../list/times.ts';
import { Coverage } from '../space/coverage.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';
import { locate } from '../space/locate.ts';
import { filter } from '../space/pick.ts';
import { eachPrefixOf, eachRunOf } from '../space/prefixes.ts';
import { combineRuns, decideRuns, RunColumns, type Runs } from '../space/runs.ts';

/** A list without some addresses, as edits of its lines. */
interface Exclusion {
  /** Empty when the list has none of the addresses. */
  readonly edits: ReadonlyMap<number, LineEdit>;
  /** How many entries the list has then. */
  readonly size: number;
}

/**
 * Takes the addresses of an entry out of a list.
 *
 * @param excluded - the text of an entry, without blanks around it
 */
export function excludeAddresses(table: EntryTable, excluded: string): Exclusion {
  const taken = new ListIntervals();
  readEntry(excluded, 0, excluded.length, (isPartOfName) => taken.add(0, isPartOfName));
  const present = new ListIntervals();
  for (let index = 0; index < table.size; index++) {
    table.read(index, (isPartOfName) => present.add(index, isPartOfName));
  }
  const without = taken.sort();
  const families = present.sort();
  // The parts of a name are in both families, and those that are not touched are written out as well.
  const touched = new Set(
    families.flatMap((intervals, at) => findTouched(intervals, without[at] as Intervals)),
  );
  const pieces = families.flatMap((intervals, at) =>
    new Cut(intervals, without[at] as Intervals, touched, table).cutAll(),
  );
  const edits = new Map<number, LineEdit>();
  const byPlace = new Map<number, Piece[]>([...touched].map((index) => [index, []]));
  for (const piece of pieces) {
    const there = byPlace.get(piece.place);
    if (there === undefined) byPlace.set(piece.place, [piece]);
    else there.push(piece);
  }
  for (const [index, lines] of byPlace) {
    edits.set(table.line(index), (line) => [
      ...(touched.has(index) ? [] : [line]),
      ...lines.map(({ owner, text }) => withEntry(table.lineText(owner), text)),
    ]);
  }
  return { edits, size: table.size - touched.size + pieces.length };
}

/** Owners of the intervals of which something is taken. */
function findTouched(intervals: Intervals, taken: Intervals): number[] {
  const coverage = new Coverage(taken);
  return Array.from(intervals.owners).filter((_, at) => {
    const { first, last } = runAt(intervals, at);
    return coverage.findOverlap(first, last) >= 0;
  });
}

/** A run of addresses. */
interface Run {
  readonly first: Int32Array;
  readonly last: Int32Array;
}

/** A part of what is left of an entry. */
interface Piece extends Run {
  readonly owner: number;
  /** The entry in whose place it stands, or whose line it follows: its own one, unless that would outrank another. */
  readonly place: number;
  readonly text: string;
}

/** The label of addresses that are in a set. */
const INSIDE = 1;

/** Of two sets, picks what is in the first and not in the second. */
function isLeft(own: number, taken: number): boolean {
  return own === INSIDE && taken !== INSIDE;
}

/** Entries that are equal to a piece and of a higher rank. */
interface Standing {
  /** The last of them. */
  place: number;
  /** Their notes and times. */
  readonly notes: Set<string>;
}

/** The intervals of one family, and what is taken out of them. */
class Cut {
  readonly #intervals: Intervals;
  readonly #taken: Runs;
  readonly #coverage: Coverage;
  readonly #touched: ReadonlySet<number>;
  readonly #table: EntryTable;
  /** By position, for the intervals that have been cut. */
  readonly #pieces: Map<number, readonly Piece[]> = new Map();
  /** By the text of a piece. */
  readonly #standings: Map<string, Standing> = new Map();
  /** Networks that became ranges. */
  readonly #ranges: Set<number> = new Set();
  /** By the times of an entry, the owner that decides among those that count whenever it does, plus 1. Few lists need this. */
  readonly #decided: Map<string, Runs> = new Map();

  constructor(intervals: Intervals, taken: Intervals, touched: ReadonlySet<number>, table: EntryTable) {
    this.#intervals = intervals;
    this.#taken = decideRuns(taken, 0, () => INSIDE);
    this.#coverage = new Coverage(taken);
    this.#touched = touched;
    this.#table = table;
  }

  /** Cuts the intervals of all touched entries. Pieces in one place are in the order in which they stand there. */
  cutAll(): Piece[] {
    const { width, owners, firsts, lasts } = this.#intervals;
    const positions = Array.from(owners.keys()).filter((at) => this.#touched.has(owners[at] as number));
    const ranked = [...positions].sort(
      (left, right) =>
        compareSizes(firsts, lasts, left, right, width) ||
        (owners[left] as number) - (owners[right] as number),
    );
    for (const at of ranked) this.#pieces.set(at, this.#cut(at));
    const piecesOf = (order: readonly number[]): Piece[] => order.flatMap((at) => this.#pieces.get(at) ?? []);
    // In their own place they ascend; elsewhere they follow by rank.
    return [
      ...piecesOf(positions).filter(({ owner, place }) => owner === place),
      ...piecesOf(ranked).filter(({ owner, place }) => owner !== place),
    ];
  }

  /** What is left of an interval. All of a higher rank have been cut before. */
  #cut(at: number): Piece[] {
    const { family, owners, lengths } = this.#intervals;
    const run = runAt(this.#intervals, at);
    // A wide exclusion takes out many entries, and there is no need to look for their rivals.
    if (this.#coverage.covers(run.first, run.last)) return [];
    const owner = owners[at] as number;
    const { ranges, crossing } = this.#findRivals(at);
    const rest = combineRuns(family, this.#toRuns(run), this.#taken, isLeft);
    const stretches: Runs[] = [];
    eachRunOf(family, rest, (first, last) => stretches.push(this.#toRuns({ first, last })));
    return stretches.flatMap((stretch): Piece[] => {
      if (lengths[at] !== NOT_A_PREFIX) {
        const prefixes = this.#toEntries(stretch, false);
        if (!prefixes.some((part) => this.#outranks(part, ranges))) return this.#place(prefixes, owner);
        this.#ranges.add(at);
      }
      const whole = this.#toEntries(stretch, true);
      if (!whole.some((part) => this.#outranks(part, crossing))) return this.#place(whole, owner);
      const isOwn = (own: number, decider: number): boolean => own === INSIDE && decider === owner + 1;
      const decided = combineRuns(family, stretch, this.#decidedBeside(owner), isOwn);
      return this.#place(this.#toEntries(decided, true), owner);
    });
  }

  /**
   * Positions of intervals that outrank one somewhere, of which a piece might outrank parts: of prefixes those that are
   * ranges, and of a whole stretch those that reach beyond the interval, or over the IPv4-mapped block, where a stretch
   * may be cut. Everything else lies inside a part, or is equal to it.
   */
  #findRivals(at: number): { readonly ranges: readonly number[]; readonly crossing: readonly number[] } {
    const { family, width, count, firsts, lasts, owners, lengths } = this.#intervals;
    const ranges: number[] = [];
    const crossing: number[] = [];
    for (let other = 0; other < count; other++) {
      if (compareAt(firsts, other, lasts, at, width) > 0) break;
      const isRange = lengths[other] === NOT_A_PREFIX || this.#ranges.has(other);
      const coversMapped =
        family === 6 &&
        compareAt(firsts, other, MAPPED_FIRST, 0, width) <= 0 &&
        compareAt(lasts, other, MAPPED_LAST, 0, width) >= 0;
      if (other === at || (!isRange && !coversMapped && lengths[at] !== NOT_A_PREFIX)) continue;
      if (compareAt(lasts, other, firsts, at, width) < 0) continue;
      const order = compareSizes(firsts, lasts, other, at, width);
      if (order > 0 || (order === 0 && (owners[other] as number) > (owners[at] as number))) continue;
      if (isRange) ranges.push(other);
      const isInside =
        compareAt(firsts, other, firsts, at, width) >= 0 && compareAt(lasts, other, lasts, at, width) <= 0;
      if (!isInside || coversMapped) crossing.push(other);
    }
    return { ranges, crossing };
  }

  /** Whether a part has no more addresses than a piece that it meets, of one of some rivals, and is not equal to it. */
  #outranks(part: Run, rivals: readonly number[]): boolean {
    const { width } = this.#intervals;
    return rivals.some((rival) =>
      (this.#pieces.get(rival) ?? [runAt(this.#intervals, rival)]).some((piece) => {
        if (compareWords(piece.first, part.last, width) > 0) return false;
        if (compareWords(piece.last, part.first, width) < 0) return false;
        const [firsts, lasts] = [
          [...piece.first, ...part.first],
          [...piece.last, ...part.last],
        ];
        const isEqual =
          compareAt(firsts, 0, firsts, 1, width) === 0 && compareAt(lasts, 0, lasts, 1, width) === 0;
        return !isEqual && compareSizes(firsts, lasts, 0, 1, width) >= 0;
      }),
    );
  }

  /** Who decides where an entry is, of the entries that count whenever it does. */
  #decidedBeside(owner: number): Runs {
    const times = this.#table.times(owner);
    const key = keyOfTimes(times);
    const known = this.#decided.get(key);
    if (known !== undefined) return known;
    const beside = filter(this.#intervals, (at) => {
      const other = this.#table.times(this.#intervals.owners[at] as number);
      return lastsAsLong(other, times);
    });
    const decided = decideRuns(beside, 0, (decider) => decider + 1);
    this.#decided.set(key, decided);
    return decided;
  }

  /** Gives each part a place after all that are equal to it. With the same note it would be the same line once more. */
  #place(parts: readonly Run[], owner: number): Piece[] {
    const note = this.#noteOf(owner);
    return parts.flatMap((part): Piece[] => {
      const text = this.#textOf(part);
      const standing = this.#standings.get(text) ?? this.#findEqual(part);
      this.#standings.set(text, standing);
      if (standing.notes.has(note)) return [];
      standing.notes.add(note);
      standing.place = Math.max(standing.place, owner);
      return [{ ...part, owner, place: standing.place, text }];
    });
  }

  /** The note and the times of an entry. */
  #noteOf(owner: number): string {
    return `${keyOfTimes(this.#table.times(owner))}#${this.#table.note(owner) ?? ''}`;
  }

  /** The entries that are equal to a part and stay as they are. */
  #findEqual({ first, last }: Run): Standing {
    const { width, count, firsts, lasts, owners } = this.#intervals;
    const standing: Standing = { place: -1, notes: new Set() };
    const compare = (at: number): number =>
      compareAt(firsts, at, first, 0, width) || compareAt(last, 0, lasts, at, width);
    for (let at = locate(count, (index) => compare(index) < 0) + 1; at < count && compare(at) === 0; at++) {
      const owner = owners[at] as number;
      if (this.#touched.has(owner)) continue;
      standing.place = Math.max(standing.place, owner);
      standing.notes.add(this.#noteOf(owner));
    }
    return standing;
  }

  /** Runs as entries: each as it is, or as the fewest prefixes. */
  #toEntries(runs: Runs, isRange: boolean): Run[] {
    const { family, width } = this.#intervals;
    const entries: Run[] = [];
    const add = (first: Int32Array, last: Int32Array): void => {
      // What begins or ends inside the IPv4-mapped block would be read as IPv4. No client has an address there, so it is
      // left out. A prefix such as ::/80 ends there, too, but its text does not say so.
      const isPrefix = prefixLengthOf(first, last, width) !== NOT_A_PREFIX;
      if (family === 4 || !(isMapped(first) || (isMapped(last) && !isPrefix))) entries.push({ first, last });
      else
        eachRunOf(family, this.#withoutMapped({ first, last }), (from, to) =>
          entries.push({ first: from, last: to }),
        );
    };
    if (isRange) eachRunOf(family, runs, add);
    else
      eachPrefixOf(family, runs, (words, length) => {
        const last = new Int32Array(width);
        lastOf(words, length, width, last);
        add(words.slice(), last);
      });
    return entries;
  }

  #withoutMapped(run: Run): Runs {
    const block = this.#toRuns({ first: MAPPED_FIRST, last: MAPPED_LAST });
    return combineRuns(6, this.#toRuns(run), block, isLeft);
  }

  #toRuns({ first, last }: { readonly first: Words; readonly last: Words }): Runs {
    const { width } = this.#intervals;
    const runs = new RunColumns(width);
    runs.start(first, 0, INSIDE);
    const next = Array.from(last);
    if (!increment(next, width)) runs.start(next, 0, 0);
    return runs.finish();
  }

  #textOf({ first, last }: Run): string {
    const { family, width } = this.#intervals;
    return formatInterval(family, first, last, prefixLengthOf(first, last, width));
  }
}

function runAt({ width, firsts, lasts }: Intervals, at: number): Run {
  const [start, end] = [at * width, (at + 1) * width];
  return { first: firsts.subarray(start, end), last: lasts.subarray(start, end) };
}

const MAPPED_FIRST: Words = [0, 0, 0xffff, 0];
const MAPPED_LAST: Words = [0, 0, 0xffff, -1];
