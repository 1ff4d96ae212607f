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
  formatNetwork,
  formatWords,
  increment,
  lastOf,
  NOT_A_PREFIX,
  prefixLengthOf,
  type Words,
} from '../address/words.ts';
import { type LineEdit, withEntry } from '../list/lines.ts';
import type { EntryTable } from '../list/table.ts';
import { Coverage } from '../space/coverage.ts';
import { type Intervals, ListIntervals } from '../space/intervals.ts';
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
  const cuts = present
    .sort()
    .map(
      (intervals, family) => new Cut(intervals, without[family] as Intervals, (index) => table.note(index)),
    );
  // The parts of a name are in both families, and those that are not touched are written out as well.
  const touched = new Set(cuts.flatMap((cut) => cut.findTouched()));
  const pieces = cuts.flatMap((cut) => cut.cutOwners(touched));
  const edits = new Map<number, LineEdit>();
  const byPlace = new Map<number, Piece[]>([...touched].map((index) => [index, []]));
  for (const piece of pieces) {
    const there = byPlace.get(piece.place);
    if (there === undefined) byPlace.set(piece.place, [piece]);
    else there.push(piece);
  }
  for (const [index, lines] of byPlace) {
    const written = lines.map(
      ({ owner, text }) =>
        () =>
          withEntry(table.lineText(owner), text),
    );
    const isKept = !touched.has(index);
    edits.set(table.line(index), (line) => [...(isKept ? [line] : []), ...written.map((write) => write())]);
  }
  return { edits, size: table.size - touched.size + pieces.length };
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

/** The label of the addresses inside of something. */
const INSIDE = 1;

/** The intervals of one family, and what is taken out of them. */
class Cut {
  readonly #intervals: Intervals;
  readonly #taken: Runs;
  readonly #coverage: Coverage;
  readonly #noteOf: (owner: number) => string | undefined;
  /** By position, for the intervals that have been cut. */
  readonly #pieces: Map<number, readonly Piece[]> = new Map();
  /** The owner that decides, plus 1. Few lists need this. */
  #decided: Runs | undefined;

  constructor(intervals: Intervals, taken: Intervals, noteOf: (owner: number) => string | undefined) {
    this.#intervals = intervals;
    this.#taken = decideRuns(taken, 0, () => INSIDE);
    this.#coverage = new Coverage(taken);
    this.#noteOf = noteOf;
  }

  /** Owners of the intervals of which something is taken. */
  findTouched(): number[] {
    const { owners } = this.#intervals;
    return Array.from(owners).filter((_, at) => {
      const { first, last } = this.#runAt(at);
      return this.#coverage.findOverlap(first, last) >= 0;
    });
  }

  /** Cuts all intervals of some owners. Pieces that stand in one place are ordered as they should stand there. */
  cutOwners(touched: ReadonlySet<number>): Piece[] {
    const { width, owners, firsts, lasts } = this.#intervals;
    const positions = Array.from(owners.keys()).filter((at) => touched.has(owners[at] as number));
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
    const run = this.#runAt(at);
    // A wide exclusion takes out many entries, and there is no need to look for their rivals.
    if (this.#coverage.covers(run.first, run.last)) return [];
    const owner = owners[at] as number;
    const rivals = this.#findRivals(at);
    const isLeft = (own: number, taken: number): boolean => own === INSIDE && taken !== INSIDE;
    const rest = combineRuns(family, this.#toRuns(run), this.#taken, isLeft);
    const toPiece = (part: Run, place: number): Piece => ({
      ...part,
      owner,
      place,
      text: this.#textOf(part),
    });
    const toPieces = (parts: readonly Run[]): Piece[] | undefined => {
      const pieces = parts.map((part) => toPiece(part, this.#findPlace(part, owner, rivals)));
      if (pieces.some(({ place }) => place === OUTRANKING)) return undefined;
      return pieces.filter(({ place }) => place !== REPEATED);
    };
    return this.#toEntries(rest, true).flatMap((stretch): Piece[] => {
      const runs = this.#toRuns(stretch);
      const prefixes = lengths[at] === NOT_A_PREFIX ? undefined : toPieces(this.#toEntries(runs, false));
      const pieces = prefixes ?? toPieces([stretch]);
      if (pieces !== undefined) return pieces;
      this.#decided ??= decideRuns(this.#intervals, 0, (decider) => decider + 1);
      const isOwn = (own: number, decider: number): boolean => own === INSIDE && decider === owner + 1;
      const decided = combineRuns(family, runs, this.#decided, isOwn);
      return this.#toEntries(decided, true).map((part) => toPiece(part, owner));
    });
  }

  /** Positions of the intervals that outrank one somewhere. */
  #findRivals(at: number): number[] {
    const { width, count, firsts, lasts, owners } = this.#intervals;
    const run = this.#runAt(at);
    const rivals: number[] = [];
    for (let other = 0; other < count; other++) {
      const order = compareSizes(firsts, lasts, other, at, width);
      const outranks = order < 0 || (order === 0 && (owners[other] as number) < (owners[at] as number));
      if (outranks && this.#meets(this.#runAt(other), run)) rivals.push(other);
    }
    return rivals;
  }

  /** Where a piece can stand without outranking what it should not: an index, or one of the two below 0. */
  #findPlace(part: Run, owner: number, rivals: readonly number[]): number {
    const { width, owners } = this.#intervals;
    let place = owner;
    for (const rival of rivals) {
      const other = owners[rival] as number;
      for (const piece of this.#pieces.get(rival) ?? [this.#runAt(rival)]) {
        if (!this.#meets(piece, part)) continue;
        const [firsts, lasts] = [
          [...piece.first, ...part.first],
          [...piece.last, ...part.last],
        ];
        if (compareSizes(firsts, lasts, 0, 1, width) < 0) continue;
        const isEqual =
          compareAt(firsts, 0, firsts, 1, width) === 0 && compareAt(lasts, 0, lasts, 1, width) === 0;
        if (!isEqual) return OUTRANKING;
        // The same line once more: no change could tell them apart.
        if (this.#noteOf(other) === this.#noteOf(owner)) return REPEATED;
        place = Math.max(place, other);
      }
    }
    return place;
  }

  #meets(left: Run, right: Run): boolean {
    const { width } = this.#intervals;
    return (
      compareWords(left.first, right.last, width) <= 0 && compareWords(left.last, right.first, width) >= 0
    );
  }

  /** Runs as entries: each as it is, or as the fewest prefixes. */
  #toEntries(runs: Runs, isRange: boolean): Run[] {
    const { family, width } = this.#intervals;
    const entries: Run[] = [];
    const add = (first: Int32Array, last: Int32Array): void => {
      // An end inside the IPv4-mapped block would be read as IPv4. No client has an address there, so it is left out.
      if (family === 4 || (!isMapped(first) && !isMapped(last))) entries.push({ first, last });
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
    const isLeft = (own: number, mapped: number): boolean => own === INSIDE && mapped !== INSIDE;
    return combineRuns(this.#intervals.family, this.#toRuns(run), block, isLeft);
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
    const length = prefixLengthOf(first, last, width);
    if (length !== NOT_A_PREFIX) return formatNetwork(family, first, length);
    return `${formatWords(family, first)}-${formatWords(family, last)}`;
  }

  #runAt(at: number): Run {
    const { width, firsts, lasts } = this.#intervals;
    const [start, end] = [at * width, (at + 1) * width];
    return { first: firsts.subarray(start, end), last: lasts.subarray(start, end) };
  }
}

/** The piece is there already. */
const REPEATED = -1;
/** Wherever it stood, the piece would outrank another. */
const OUTRANKING = -2;

const MAPPED_FIRST: Words = [0, 0, 0xffff, 0];
const MAPPED_LAST: Words = [0, 0, 0xffff, -1];

function isMapped(words: Int32Array): boolean {
  return words[0] === 0 && words[1] === 0 && words[2] === 0xffff;
}
