/**
 * Entries as stretches of one line of addresses: which lie in others, and which meet.
 *
 * Prefixes nest or are disjoint, ranges overlap as they like, and a named network is several stretches. Everything here
 * is done by sorting.
 */

import { AT_SIGN, coversMappedBlock, readEntry, span } from '../address/entry.ts';
import { normalize } from '../address/prefix.ts';
import { type Family, wordsOf } from '../address/scanner.ts';
import { bitsOf, formatNetwork } from '../address/words.ts';
import { eachPrefix } from '../space/prefixes.ts';
import { type Block, compareNumbers, IPV6_START } from './note-tree.ts';

/** An entry of a list: canonical text and note. */
export interface NotedEntry {
  /** Canonical text of an address, prefix, range or named network. */
  readonly address: string;
  readonly note: string | undefined;
}

/** A stretch that an entry stands for; a named network has several. */
export interface Stretch {
  readonly first: bigint;
  readonly last: bigint;
  readonly note: string | undefined;
}

/** An entry that has been read. */
export interface Item extends NotedEntry {
  /** Its place in the list. */
  readonly index: number;
  readonly kind: 'prefix' | 'range' | 'name';
  readonly stretches: readonly Stretch[];
  /** The prefixes that it is, none for a range. */
  readonly blocks: readonly Block[];
  readonly coversMapped: boolean;
}

/** Reads an entry; throws ParseError when it is none. */
export function readItem({ address, note, index }: NotedEntry & { readonly index: number }): Item {
  const stretches: Stretch[] = [];
  const blocks: Block[] = [];
  let isRange = false;
  let coversMapped = false;
  const isEntry = readEntry(address, 0, address.length, () => {
    const { family } = span;
    const width = wordsOf(family);
    const start = family === 4 ? 0n : IPV6_START;
    isRange = span.length < 0;
    coversMapped ||= coversMappedBlock();
    const first = start + toBigInt(span.first, width);
    stretches.push({ first, last: start + toBigInt(span.last, width), note });
    if (!isRange) blocks.push({ first, hostBits: bitsOf(family) - span.length });
  });
  // Throws with what is wrong.
  if (!isEntry) normalize(address);
  const kind = address.charCodeAt(0) === AT_SIGN ? 'name' : isRange ? 'range' : 'prefix';
  return { address, note, index, kind, stretches, blocks, coversMapped };
}

/** Cuts a stretch into the fewest prefixes. */
export function cut({ first, last }: Pick<Stretch, 'first' | 'last'>): Block[] {
  const family = familyOf(first);
  const start = family === 4 ? 0n : IPV6_START;
  span.family = family;
  span.length = -1;
  setWords(span.first, first, family);
  setWords(span.last, last, family);
  const blocks: Block[] = [];
  eachPrefix(span.first, span.last, wordsOf(family), (words, length) => {
    blocks.push({ first: start + toBigInt(words, wordsOf(family)), hostBits: bitsOf(family) - length });
  });
  return blocks;
}

/** Canonical text of a prefix on the line. */
export function formatBlock({ first, hostBits }: Block): string {
  const family = familyOf(first);
  const words = new Int32Array(wordsOf(family));
  setWords(words, first, family);
  return formatNetwork(family, words, bitsOf(family) - hostBits);
}

/** Canonical text of a stretch from the first to the last of some prefixes that touch. */
export function formatStretch(first: bigint, last: bigint): string {
  return normalize(`${formatBlock({ first, hostBits: 0 })}-${formatBlock({ first: last, hostBits: 0 })}`);
}

function familyOf(address: bigint): Family {
  return address < IPV6_START ? 4 : 6;
}

function setWords(words: Int32Array, address: bigint, family: Family): void {
  for (let word = wordsOf(family) - 1, rest = address; word >= 0; word--, rest >>= 32n) {
    words[word] = Number(rest & 0xffff_ffffn);
  }
}

/**
 * Visits every stretch by its first address, the longer one first. Those before start no later, so that one of them
 * holds a stretch when it ends no later than the farthest that they have reached: all of them, or all but names.
 */
export function eachInOrder(
  items: readonly Item[],
  visit: (item: Item, stretch: Stretch, reached: bigint, reachedByOthers: bigint) => void,
): void {
  // Of equals, a note is more than a name without one, and that is more than nothing.
  const rankOf = ({ kind, note }: Item): number => (note !== undefined ? 0 : kind === 'name' ? 1 : 2);
  const rows = items.flatMap((item) => item.stretches.map((stretch) => ({ item, stretch })));
  rows.sort(
    (one, other) =>
      compareNumbers(one.stretch.first, other.stretch.first) ||
      compareNumbers(other.stretch.last, one.stretch.last) ||
      rankOf(one.item) - rankOf(other.item) ||
      one.item.index - other.item.index,
  );
  let reached = -1n;
  let reachedByOthers = -1n;
  for (const { item, stretch } of rows) {
    visit(item, stretch, reached, reachedByOthers);
    const { last } = stretch;
    if (last > reached) reached = last;
    if (last > reachedByOthers && item.kind !== 'name') reachedByOthers = last;
  }
}

/** Counts the stretches that meet a given one and have another note. */
export class Meetings {
  readonly #all: Ends;
  readonly #byNote: Map<string | undefined, Ends> = new Map();

  constructor(items: Iterable<Item>) {
    const stretches = [...items].flatMap((item) => item.stretches);
    this.#all = new Ends(stretches);
    const groups = new Map<string | undefined, Stretch[]>();
    for (const stretch of stretches) {
      const group = groups.get(stretch.note);
      if (group === undefined) groups.set(stretch.note, [stretch]);
      else group.push(stretch);
    }
    for (const [note, group] of groups) this.#byNote.set(note, new Ends(group));
  }

  meetsAnotherNote({ stretches }: Item): boolean {
    return stretches.some((stretch) => {
      return this.#all.countMeeting(stretch) > (this.#byNote.get(stretch.note)?.countMeeting(stretch) ?? 0);
    });
  }

  meets({ stretches }: Item): boolean {
    return stretches.some((stretch) => this.#all.countMeeting(stretch) > 0);
  }

  /** Whether there is nothing but an entry itself, which is one of these, at it and beside it. */
  isAlone({ stretches }: Item): boolean {
    return stretches.every(({ first, last }) => {
      return this.#all.countMeeting({ first: first - 1n, last: last + 1n }) === 1;
    });
  }
}

/** The entries that share addresses with a stretch of another note, or of none, which is no narrower part of them. */
export function findRivalled(items: readonly Item[]): ReadonlySet<number> {
  const rivalled = new Set<number>();
  // What is no part of an entry holds its first address or its last one.
  addRivalled(items, rivalled);
  addRivalled(
    items.map((item) => ({ ...item, stretches: item.stretches.map(mirror) })),
    rivalled,
  );
  return rivalled;
}

/** Adds those whose first address it holds. Of what was seen, the two that reach farthest with different notes do. */
function addRivalled(items: readonly Item[], rivalled: Set<number>): void {
  let farthest: Stretch | undefined;
  let farthestOther: Stretch | undefined;
  let equals: { readonly index: number; readonly stretch: Stretch }[] = [];
  const finishEquals = (): void => {
    for (const { index, stretch } of equals) {
      const rival = farthest?.note === stretch.note ? farthestOther : farthest;
      if (rival !== undefined && rival.last >= stretch.first) rivalled.add(index);
    }
    equals = [];
  };
  eachInOrder(items, ({ index }, stretch) => {
    const [head] = equals;
    if (head?.stretch.first !== stretch.first || head.stretch.last !== stretch.last) finishEquals();
    // Equal ones are seen together: whichever goes, another would come to decide.
    equals.push({ index, stretch });
    if (farthest === undefined || farthest.note === stretch.note) {
      if (farthest === undefined || stretch.last > farthest.last) farthest = stretch;
    } else if (stretch.last > farthest.last) {
      farthestOther = farthest;
      farthest = stretch;
    } else if (farthestOther === undefined || stretch.last > farthestOther.last) {
      farthestOther = stretch;
    }
  });
  finishEquals();
}

/** With the line of addresses turned round. */
function mirror({ first, last, note }: Stretch): Stretch {
  return { first: -last, last: -first, note };
}

/** The first and the last addresses of some stretches, each sorted. */
class Ends {
  readonly #firsts: readonly bigint[];
  readonly #lasts: readonly bigint[];

  constructor(stretches: readonly Stretch[]) {
    this.#firsts = stretches.map(({ first }) => first).sort(compareNumbers);
    this.#lasts = stretches.map(({ last }) => last).sort(compareNumbers);
  }

  /** Those that have started by the end of a stretch, without those that have ended before its start. */
  countMeeting({ first, last }: Pick<Stretch, 'first' | 'last'>): number {
    return countBelow(this.#firsts, last + 1n) - countBelow(this.#lasts, first);
  }
}

function countBelow(sorted: readonly bigint[], limit: bigint): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as bigint) < limit) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The addresses of some entries taken together. */
export class Union {
  /** Ends of the longest stretches without a gap, each an index apart. */
  readonly #firsts: bigint[] = [];
  readonly #lasts: bigint[] = [];

  constructor(items: readonly Item[]) {
    eachInOrder(items, (_, { first, last }, reached) => {
      if (this.#firsts.length === 0 || first > reached + 1n) {
        this.#firsts.push(first);
        this.#lasts.push(last);
      } else if (last > reached) {
        this.#lasts[this.#lasts.length - 1] = last;
      }
    });
  }

  holds({ stretches }: Item): boolean {
    return stretches.every(({ first, last }) => {
      const at = countBelow(this.#firsts, first + 1n) - 1;
      return at >= 0 && last <= (this.#lasts[at] as bigint);
    });
  }
}

function toBigInt(words: Int32Array, count: number): bigint {
  let value = 0n;
  for (let word = 0; word < count; word++) value = (value << 32n) | BigInt((words[word] as number) >>> 0);
  return value;
}
