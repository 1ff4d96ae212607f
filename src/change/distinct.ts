/**
 * How many different clients each of many entries has, in bounded memory.
 *
 * Up to a limit all clients are remembered, and every count is exact. Beyond it, each entry that a client comes to gets a
 * sketch (HyperLogLog, by Flajolet and others): a client is hashed, some bits of the hash choose a register, and the
 * register keeps the longest run of zeros that the other bits have started with. Many registers with long runs mean many
 * clients. What was remembered goes into the sketches first, so that nobody is counted twice.
 *
 * The hash has no secret and no randomness: the same log always gives the same counts.
 */

import { canonicalClient, clientWords } from '../address/address.ts';
import { mixBits } from '../manage/revision.ts';

/** A Map holds few more than this. */
const MOST_REMEMBERED = 16_000_000;

/** All sketches together have at most about this many registers, of a byte each. */
const MOST_REGISTERS = 2 ** 24;
const FEWEST_EACH = 16;
const MOST_EACH = 1024;

/** Counts the different clients of each entry. */
export class DistinctClients {
  readonly #most: number;
  /** The entry of each client; `undefined` when there were too many. A client has one entry only. */
  #entries: Map<string, number> | undefined = new Map();
  /** Exact up to where the sketches begin. */
  readonly #counts: Float64Array;
  readonly #registers: number;
  readonly #sketches: Map<number, Uint8Array> = new Map();
  /** Requests of each entry since then, above which no estimate can be right. */
  readonly #requestsSince: Float64Array;

  constructor(entries: number, most: number) {
    this.#most = Math.min(most, MOST_REMEMBERED);
    this.#counts = new Float64Array(entries);
    this.#requestsSince = new Float64Array(entries);
    let registers = MOST_EACH;
    while (registers > FEWEST_EACH && registers * entries > MOST_REGISTERS) registers /= 2;
    this.#registers = registers;
  }

  /** Takes a request of a client, which is an address, that an entry decides about. */
  add(client: string, entry: number): void {
    const entries = this.#entries;
    if (entries === undefined) {
      this.#requestsSince[entry] = (this.#requestsSince[entry] as number) + 1;
      this.#sketch(client, entry);
      return;
    }
    const address = canonicalClient(client) as string;
    if (entries.has(address)) return;
    if (entries.size < this.#most) {
      entries.set(address, entry);
      this.#counts[entry] = (this.#counts[entry] as number) + 1;
      return;
    }
    this.#entries = undefined;
    for (const [remembered, owner] of entries) this.#sketch(remembered, owner);
    this.add(client, entry);
  }

  /** The typical error of a count, as a part of it; 0 when all counts are exact. */
  get error(): number {
    return this.#entries === undefined ? 1.04 / Math.sqrt(this.#registers) : 0;
  }

  /** Number of different clients of an entry: an estimate within what is certain. */
  count(entry: number): number {
    const sure = this.#counts[entry] as number;
    const sketch = this.#sketches.get(entry);
    const since = this.#requestsSince[entry] as number;
    if (sketch === undefined || since === 0) return sure;
    return Math.min(Math.max(Math.round(estimate(sketch)), sure, 1), sure + since);
  }

  #sketch(client: string, entry: number): void {
    let sketch = this.#sketches.get(entry);
    if (sketch === undefined) {
      sketch = new Uint8Array(this.#registers);
      this.#sketches.set(entry, sketch);
    }
    const words = clientWords(client) as Int32Array;
    const register = hash(words, 1) & (this.#registers - 1);
    const run = Math.clz32(hash(words, 2)) + 1;
    if (run > (sketch[register] as number)) sketch[register] = run;
  }
}

/** Mixes words so that similar addresses have hashes without similarity (MurmurHash3). */
function hash(words: Int32Array, seed: number): number {
  let mixed = seed;
  for (const word of words) {
    const part = Math.imul(word, 0xcc9e2d51);
    mixed ^= Math.imul((part << 15) | (part >>> 17), 0x1b873593);
    mixed = (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
  }
  return mixBits(mixed ^ words.length);
}

/** The estimate of a sketch; while few registers are in use, how many are empty says more. */
function estimate(sketch: Uint8Array): number {
  const size = sketch.length;
  let sum = 0;
  let empty = 0;
  for (const run of sketch) {
    sum += 2 ** -run;
    if (run === 0) empty++;
  }
  const bias = size === 16 ? 0.673 : size === 32 ? 0.697 : size === 64 ? 0.709 : 0.7213 / (1 + 1.079 / size);
  const raw = (bias * size * size) / sum;
  return raw <= 2.5 * size && empty > 0 ? size * Math.log(size / empty) : raw;
}
