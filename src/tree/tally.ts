/**
 * How often each address came: two tables of words in flat arrays, so that millions of clients take megabytes.
 *
 * At most as many different addresses as it is told are remembered; the others are counted together, and said to be so.
 */

import { scanClientBytes, type TextOf } from '../address/bytes.ts';
import { type Family, scanClient, scanned, wordsOf } from '../address/scanner.ts';
import { formatWords } from '../address/words.ts';

/** A local name, see `find.ts`. */
const words = scanned;

/** So many places a table starts with. It grows before more than half of them are taken. */
const FIRST_PLACES = 1 << 12;

/** An address and how often it came. */
export interface Tallied {
  readonly address: string;
  readonly count: number;
}

/** Counts addresses. */
export class Tally {
  readonly #most: number;
  readonly #ipv4: AddressCounts;
  readonly #ipv6: AddressCounts;
  #others = 0;

  /** @param most - how many different addresses are remembered */
  constructor(most: number) {
    this.#most = most;
    // Clients choose their addresses, and must not be able to choose ones that meet in the table.
    const seed = Math.floor(Math.random() * 2 ** 32) | 0;
    this.#ipv4 = new AddressCounts(4, seed);
    this.#ipv6 = new AddressCounts(6, seed);
  }

  /** How many times an address came that is not remembered. */
  get others(): number {
    return this.#others;
  }

  /** Counts the client in bytes, read as `decide` reads it; false when it is not an address. */
  addBytes(bytes: Uint8Array, start: number, end: number, textOf: TextOf): boolean {
    return this.#add(scanClientBytes(bytes, start, end, textOf));
  }

  /** The same for the text of a client. */
  addText(text: string): boolean {
    return this.#add(scanClient(text));
  }

  #add(family: Family | 0): boolean {
    if (family === 0) return false;
    const isFull = this.#ipv4.size + this.#ipv6.size >= this.#most;
    if (!(family === 4 ? this.#ipv4 : this.#ipv6).add(isFull)) this.#others++;
    return true;
  }

  /** All that are remembered: the most frequent ones first, and of those that came as often IPv4 first, in their order. */
  *inOrder(): Generator<Tallied> {
    const [four, six] = [this.#ipv4.sorted(), this.#ipv6.sorted()];
    let [nextFour, nextSix] = [0, 0];
    while (nextFour < four.length || nextSix < six.length) {
      const ofFour = nextFour < four.length ? (this.#ipv4.counts[four[nextFour] as number] as number) : 0;
      const ofSix = nextSix < six.length ? (this.#ipv6.counts[six[nextSix] as number] as number) : 0;
      yield ofFour >= ofSix
        ? { address: this.#ipv4.text(four[nextFour++] as number), count: ofFour }
        : { address: this.#ipv6.text(six[nextSix++] as number), count: ofSix };
    }
  }
}

/** The addresses of one family. A place is free where its count is 0. */
class AddressCounts {
  readonly family: Family;
  readonly #width: 1 | 4;
  readonly #seed: number;
  #keys: Int32Array;
  counts: Float64Array;
  size = 0;

  constructor(family: Family, seed: number) {
    this.family = family;
    this.#width = wordsOf(family);
    this.#seed = seed;
    this.#keys = new Int32Array(FIRST_PLACES * this.#width);
    this.counts = new Float64Array(FIRST_PLACES);
  }

  /** Counts the address in the words of the scanner; false when it is new and the table may not grow. */
  add(isFull: boolean): boolean {
    const place = this.#find(words);
    const count = this.counts[place] as number;
    if (count === 0) {
      if (isFull) return false;
      this.#keys.set(words.subarray(0, this.#width), place * this.#width);
      this.size++;
    }
    this.counts[place] = count + 1;
    if (count === 0 && this.size * 2 > this.counts.length) this.#grow();
    return true;
  }

  /** The place of an address, or the free one where it belongs. */
  #find(address: Int32Array): number {
    const width = this.#width;
    const keys = this.#keys;
    const mask = this.counts.length - 1;
    let hash = this.#seed;
    for (let word = 0; word < width; word++) {
      hash = Math.imul(hash ^ (address[word] as number), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
      hash ^= hash >>> 13;
    }
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      if (this.counts[place] === 0) return place;
      let word = 0;
      while (word < width && keys[place * width + word] === address[word]) word++;
      if (word === width) return place;
    }
  }

  #grow(): void {
    const [keys, counts, width] = [this.#keys, this.counts, this.#width];
    this.#keys = new Int32Array(keys.length * 2);
    this.counts = new Float64Array(counts.length * 2);
    for (let from = 0; from < counts.length; from++) {
      if (counts[from] === 0) continue;
      const key = keys.subarray(from * width, (from + 1) * width);
      const place = this.#find(key);
      this.#keys.set(key, place * width);
      this.counts[place] = counts[from] as number;
    }
  }

  /** The taken places: the most frequent first, then in the order of addresses. */
  sorted(): Uint32Array {
    const places = new Uint32Array(this.size);
    let next = 0;
    for (let place = 0; place < this.counts.length; place++)
      if (this.counts[place] !== 0) places[next++] = place;
    const [counts, width] = [this.counts, this.#width];
    const keys = new Uint32Array(this.#keys.buffer);
    return places.sort((left, right) => {
      let difference = (counts[right] as number) - (counts[left] as number);
      for (let word = 0; difference === 0 && word < width; word++)
        difference = (keys[left * width + word] as number) - (keys[right * width + word] as number);
      return difference;
    });
  }

  text(place: number): string {
    return formatWords(this.family, this.#keys.subarray(place * this.#width, (place + 1) * this.#width));
  }
}
