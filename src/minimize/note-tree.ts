/**
 * Prefixes with notes, made fewer without a change to the note that decides for any address.
 *
 * Addresses are numbers on one line, IPv4 from 0 and IPv6 from 2^128, so that both families are done at once: a prefix
 * never reaches from one to the other, as nothing lies between them. Prefixes nest or are disjoint; the innermost one
 * decides, and of the notes at one prefix the first.
 *
 * Three steps, in this order, leave nothing more to do:
 *
 * 1. {@link NoteTree.dropCovered}: a prefix whose next wider one says the same goes.
 * 2. {@link NoteTree.dropFilled}: a prefix without a note goes when others with notes fill it.
 * 3. {@link NoteTree.joinSiblings}: two halves that say the same become the whole, unless more is said about that.
 */

/** A prefix: 2^hostBits addresses from `first`. */
export interface Block {
  readonly first: bigint;
  readonly hostBits: number;
}

/** One entry that says something about a prefix. */
export interface Saying {
  readonly note: string | undefined;
  /** Place of the entry in its list. */
  readonly index: number;
  /** Whether it is a part of a named network, which cannot be dropped or joined by itself. */
  readonly isPartOfName: boolean;
}

/** Where a prefix comes from. */
export interface Origin {
  /** Whether it has to stay as it is. */
  readonly isFixed?: boolean;
  /** Whether a range was cut into this. */
  readonly isOfRange?: boolean;
}

/** All that is said about one prefix. */
export interface NoteNode extends Block {
  /** In the order of the list. */
  readonly sayings: readonly Saying[];
  /** What it says, for comparing. */
  readonly label: string;
  /** Whether it has to stay as it is. */
  readonly isFixed: boolean;
  /** Whether a range was cut into this. */
  readonly isOfRange: boolean;
}

/** What is being said about one prefix, while entries are added: an entry a note, the first. */
interface Gathered extends Block {
  readonly sayings: Map<string, Saying>;
  isFixed: boolean;
  isOfRange: boolean;
}

/** First address of IPv6 on the line. */
export const IPV6_START: bigint = 1n << 128n;

const MOST_HOST_BITS = 128;

/** Last address of a prefix. */
export function endOf({ first, hostBits }: Block): bigint {
  return first + (1n << BigInt(hostBits)) - 1n;
}

/** Orders addresses. */
export function compareNumbers(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Notes have no line breaks. */
function labelOf(sayings: readonly Saying[]): string {
  return [...new Set(sayings.map(({ note }) => toLabel(note)))].join('\n');
}

function toLabel(note: string | undefined): string {
  return note === undefined ? '' : `#${note}`;
}

/** Nothing is said but that there is an entry. */
const NO_NOTE = '';

/** As text: a Map finds equal BigInts by their low 64 bits only, which IPv6 prefixes share. */
function keyOf(first: bigint, hostBits: number): string {
  return `${first.toString(36)}/${hostBits}`;
}

function siblingOf(first: bigint, hostBits: number): bigint {
  return first ^ (1n << BigInt(hostBits));
}

function parentOf(first: bigint, hostBits: number): bigint {
  const bits = BigInt(hostBits + 1);
  return (first >> bits) << bits;
}

function halvesOf({ first, hostBits }: Block): Block[] {
  if (hostBits === 0) return [];
  const half = { first, hostBits: hostBits - 1 };
  return [half, { ...half, first: siblingOf(first, half.hostBits) }];
}

/** What the entries of a list say, prefix by prefix. */
export class NoteGatherer {
  readonly #gathered: Map<string, Gathered> = new Map();

  /** Adds what one entry says about a prefix. */
  add(block: Block, saying: Saying, { isFixed = false, isOfRange = false }: Origin): void {
    const { first, hostBits } = block;
    const key = keyOf(first, hostBits);
    let gathered = this.#gathered.get(key);
    if (gathered === undefined) {
      gathered = { first, hostBits, sayings: new Map(), isFixed: false, isOfRange: false };
      this.#gathered.set(key, gathered);
    }
    gathered.isFixed ||= isFixed || saying.isPartOfName;
    gathered.isOfRange ||= isOfRange;
    const name = `${saying.isPartOfName ? '@' : ''}${toLabel(saying.note)}`;
    const known = gathered.sayings.get(name);
    if (known === undefined || saying.index < known.index) gathered.sayings.set(name, saying);
  }

  finish(): NoteTree {
    const nodes = new Map<string, NoteNode>();
    for (const [key, { sayings, ...node }] of this.#gathered) {
      const sorted = [...sayings.values()].sort((one, other) => one.index - other.index);
      nodes.set(key, { ...node, sayings: sorted, label: labelOf(sorted) });
    }
    return new NoteTree(nodes);
  }
}

/** The prefixes of a list with what is said about them. */
export class NoteTree {
  readonly #nodes: Map<string, NoteNode>;

  constructor(nodes: Map<string, NoteNode>) {
    this.#nodes = nodes;
  }

  /** Whether the next wider prefix says the same as a prefix that has been added. */
  isCovered({ first, hostBits }: Block): boolean {
    const node = this.#nodes.get(keyOf(first, hostBits)) as NoteNode;
    const parent = this.#parentOf(first, hostBits);
    return parent !== undefined && node.label === parent.label;
  }

  #parentOf(first: bigint, hostBits: number): NoteNode | undefined {
    for (let bits = hostBits; bits < MOST_HOST_BITS; bits++) {
      const parent = this.#nodes.get(keyOf(parentOf(first, bits), bits + 1));
      if (parent !== undefined) return parent;
    }
    return undefined;
  }

  /** All prefixes by address, the wider one first. */
  sorted(): NoteNode[] {
    return [...this.#nodes.values()].sort(
      (left, right) => compareNumbers(left.first, right.first) || right.hostBits - left.hostBits,
    );
  }

  dropCovered(): void {
    const open: NoteNode[] = [];
    for (const node of this.sorted()) {
      while (open.length > 0 && endOf(open.at(-1) as NoteNode) < node.first) open.pop();
      const parent = open.at(-1);
      if (parent !== undefined && !node.isFixed && node.label === parent.label) this.#delete(node);
      else open.push(node);
    }
  }

  dropFilled(): void {
    const filled = new Set<string>();
    const levels: bigint[][] = Array.from({ length: MOST_HOST_BITS + 1 }, () => []);
    const fill = (first: bigint, hostBits: number): void => {
      const key = keyOf(first, hostBits);
      if (filled.has(key)) return;
      filled.add(key);
      levels[hostBits]?.push(first);
    };
    for (const node of this.#nodes.values()) if (node.label !== NO_NOTE) fill(node.first, node.hostBits);
    // Without notes, or with nothing else, there is nothing to be filled.
    if (filled.size === 0 || filled.size === this.#nodes.size) return;
    for (let hostBits = 0; hostBits < MOST_HOST_BITS; hostBits++) {
      for (const first of levels[hostBits] as bigint[]) {
        if (!filled.has(keyOf(siblingOf(first, hostBits), hostBits))) continue;
        const parent = parentOf(first, hostBits);
        const node = this.#nodes.get(keyOf(parent, hostBits + 1));
        if (node !== undefined && !node.isFixed && node.label === NO_NOTE) this.#delete(node);
        fill(parent, hostBits + 1);
      }
    }
  }

  joinSiblings(): void {
    const waiting: Block[] = [];
    for (const { first, hostBits } of this.#nodes.values()) {
      waiting.push({ first: parentOf(first, hostBits), hostBits: hostBits + 1 });
    }
    for (let whole = waiting.pop(); whole !== undefined; whole = waiting.pop()) {
      if (!this.#join(whole)) continue;
      const { first, hostBits } = whole;
      // The new prefix may be half of another one, and its halves have made room for halves of their own.
      waiting.push({ first: parentOf(first, hostBits), hostBits: hostBits + 1 });
      waiting.push(...halvesOf(whole));
    }
  }

  /** Joins two halves into a prefix of which nothing is said yet. */
  #join({ first, hostBits }: Block): boolean {
    const key = keyOf(first, hostBits);
    const [left, right] = halvesOf({ first, hostBits }).map((half) => {
      return this.#nodes.get(keyOf(half.first, half.hostBits));
    });
    if (left === undefined || right === undefined || this.#nodes.has(key)) return false;
    if (left.isFixed || right.isFixed || left.label !== right.label) return false;
    this.#delete(left);
    this.#delete(right);
    const sayings = joinSayings(left, right);
    const isOfRange = left.isOfRange || right.isOfRange;
    this.#nodes.set(key, { first, hostBits, sayings, label: left.label, isFixed: false, isOfRange });
    return true;
  }

  #delete({ first, hostBits }: Block): void {
    this.#nodes.delete(keyOf(first, hostBits));
  }
}

/** Each note once, at the place where it stood first. */
function joinSayings(left: NoteNode, right: NoteNode): Saying[] {
  const joined = new Map<string | undefined, Saying>();
  for (const saying of [...left.sayings, ...right.sayings]) {
    const known = joined.get(saying.note);
    if (known === undefined || saying.index < known.index) joined.set(saying.note, saying);
  }
  return [...joined.values()].sort((one, other) => one.index - other.index);
}
