/**
 * The tree of a MaxMind database: its networks in the order of their addresses, IPv4 first.
 *
 * In a tree with IPv6 networks, those of IPv4 lie below `::/96`. They are there once and can be reached from other
 * places as well: from `::ffff:0:0/96`, where IPv4-mapped addresses are, from `2002::/16` (6to4) and from `2001::/32`
 * (Teredo). Those ways are not taken. Any other way to a node that has been visited is damage: followed, a tree of a few
 * nodes could have more networks than there are atoms.
 */

import type { Family } from '../address/scanner.ts';
import { formatNetwork } from '../address/words.ts';
import { Damage, type DamageReport } from './damage.ts';
import type { MmdbMetadata } from './metadata.ts';

/** Receives a network; the words are reused for the next one. `at` is the byte of the file that says so. */
type NetworkVisitor = (family: Family, words: Int32Array, length: number, value: number, at: number) => void;

/** Where IPv4 begins in a tree with IPv6 networks. */
const IPV4_DEPTH = 96;

/** Words of the blocks that may lead to the IPv4 networks, and how many bits of them count. */
const ALIASES: readonly (readonly [first: number, third: number, length: number])[] = [
  [0, 0xffff, 96],
  [0x2001_0000, 0, 32],
  [0x2002_0000, 0, 16],
];

/** Visits the networks of the tree that have data. Linear in the nodes. */
export function eachNetwork(
  bytes: Uint8Array,
  metadata: MmdbMetadata,
  report: DamageReport,
  visit: NetworkVisitor,
): void {
  new TreeWalk(bytes, metadata, report, visit).walk();
}

class TreeWalk {
  readonly #bytes: Uint8Array;
  readonly #nodeCount: number;
  readonly #recordSize: number;
  /** Bits of an address. */
  readonly #bits: 32 | 128;
  readonly #report: DamageReport;
  readonly #visit: NetworkVisitor;
  /** A bit for each node. */
  readonly #visited: Uint8Array;
  /** The address of the record that is looked at; bits after it are zero. */
  readonly #words = new Int32Array(4);
  readonly #ipv4Words = new Int32Array(1);
  /** The record that IPv4 begins with. */
  readonly #ipv4: number;

  constructor(bytes: Uint8Array, metadata: MmdbMetadata, report: DamageReport, visit: NetworkVisitor) {
    this.#bytes = bytes;
    this.#nodeCount = metadata.nodeCount;
    this.#recordSize = metadata.recordSize;
    this.#bits = metadata.ipVersion === 4 ? 32 : 128;
    this.#report = report;
    this.#visit = visit;
    this.#visited = new Uint8Array(Math.ceil(this.#nodeCount / 8));
    let [record, depth] = [0, 0];
    for (; this.#bits === 128 && depth < IPV4_DEPTH && record < this.#nodeCount; depth++) {
      record = this.#record(record, 0);
    }
    this.#ipv4 = record;
  }

  walk(): void {
    const nodes = new Float64Array(this.#bits);
    const sides = new Uint8Array(this.#bits);
    this.#isFirstVisit(0);
    for (let depth = 0; depth >= 0; ) {
      const side = sides[depth] as number;
      this.#setBit(depth, side);
      if (side === 2) {
        depth--;
        continue;
      }
      sides[depth] = side + 1;
      const node = nodes[depth] as number;
      const value = this.#record(node, side);
      if (value > this.#nodeCount) this.#take(depth + 1, value, this.#offsetOf(node, side));
      if (value >= this.#nodeCount || !this.#mayEnter(depth + 1, value, this.#offsetOf(node, side))) continue;
      depth++;
      nodes[depth] = value;
      sides[depth] = 0;
    }
  }

  /** Sets the bit after `depth` others to 0 or 1, and to 0 again after both sides. */
  #setBit(depth: number, side: number): void {
    const bit = 1 << (31 - (depth & 31));
    const word = this.#words[depth >>> 5] as number;
    this.#words[depth >>> 5] = side === 1 ? word | bit : word & ~bit;
  }

  /** Whether the networks below a node are to be visited. */
  #mayEnter(length: number, node: number, at: number): boolean {
    if (node === this.#ipv4 && this.#bits === 128 && this.#isAlias(length)) return false;
    if (length === this.#bits) {
      this.#report.add(new Damage('mmdb-tree', at, `the tree goes on below ${this.#name(length)}`));
      return false;
    }
    if (this.#isMapped(length)) {
      this.#report.add(mappedNetworks(at));
      return false;
    }
    if (this.#isFirstVisit(node)) return true;
    const message = `the tree has a second way to node ${node}, from ${this.#name(length)}`;
    this.#report.add(new Damage('mmdb-tree', at, message));
    return false;
  }

  #isFirstVisit(node: number): boolean {
    const byte = this.#visited[node >>> 3] as number;
    const bit = 1 << (node & 7);
    this.#visited[node >>> 3] = byte | bit;
    return (byte & bit) === 0;
  }

  #take(length: number, value: number, at: number): void {
    const words = this.#words;
    if (this.#bits === 32) {
      this.#visit(4, words, length, value, at);
      return;
    }
    const isIPv4 = words[0] === 0 && words[1] === 0 && words[2] === 0;
    if (isIPv4 && (length >= IPV4_DEPTH || words[3] === 0)) this.#takeIPv4(length, value, at);
    if (isIPv4 && length >= IPV4_DEPTH) return;
    if (!this.#isMapped(length)) this.#visit(6, words, length, value, at);
    else if (length !== IPV4_DEPTH || value !== this.#ipv4) this.#report.add(mappedNetworks(at));
  }

  /** A network below `::/96`, or one that holds all of it and so all IPv4 addresses. */
  #takeIPv4(length: number, value: number, at: number): void {
    this.#ipv4Words[0] = this.#words[3] as number;
    this.#visit(4, this.#ipv4Words, Math.max(length - IPV4_DEPTH, 0), value, at);
  }

  #isAlias(length: number): boolean {
    const [first, second, third, fourth] = this.#words;
    return (
      second === 0 &&
      fourth === 0 &&
      ALIASES.some((block) => block[2] === length && (block[0] | 0) === first && block[1] === third)
    );
  }

  /** Whether the record is of addresses in the IPv4-mapped block alone. */
  #isMapped(length: number): boolean {
    const [first, second, third] = this.#words;
    return this.#bits === 128 && length >= IPV4_DEPTH && first === 0 && second === 0 && third === 0xffff;
  }

  #name(length: number): string {
    if (this.#bits === 32) return formatNetwork(4, this.#words, length);
    return formatNetwork(6, this.#words, length);
  }

  #offsetOf(node: number, side: number): number {
    return (node * this.#recordSize) / 4 + (side === 0 ? 0 : this.#recordSize >>> 3);
  }

  /** One of the two records of a node. */
  #record(node: number, side: number): number {
    const bytes = this.#bytes;
    const start = (node * this.#recordSize) / 4;
    if (this.#recordSize === 28) {
      const middle = bytes[start + 3] as number;
      const at = start + side * 4;
      return (side === 0 ? middle >>> 4 : middle & 15) * 0x100_0000 + this.#take24(at);
    }
    if (this.#recordSize === 24) return this.#take24(start + side * 3);
    const at = start + side * 4;
    return (bytes[at] as number) * 0x100_0000 + this.#take24(at + 1);
  }

  #take24(at: number): number {
    const bytes = this.#bytes;
    return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  }
}

/**
 * A client with an IPv4-mapped address is the IPv4 client, and programs that read these databases look that one up. So
 * what is only there counts for some programs and not for others.
 */
function mappedNetworks(at: number): Damage {
  const message =
    'networks below ::ffff:0:0/96 are not those below ::/96, where IPv4 clients are looked up, and are left out';
  return new Damage('mmdb-tree', at, message);
}
