/**
 * From bytes to values: the fields of a section of a MaxMind database, which may come from an attacker.
 *
 * A field that pointers lead to is read once, and its value shared. So a value is no larger in memory than its bytes, but
 * printed it could be larger than any memory: pointers to a map of pointers to a map double it with each step. The size
 * in print and the depth of each value are therefore limited, and so is all work together, as any byte may be the start
 * of a field and fields may overlap.
 */

import { decodeText } from '../snapshot/texts.ts';
import { Damage } from './damage.ts';
import {
  fieldType,
  LAST_SHORT_TYPE,
  type MmdbValue,
  MOST_DEPTH,
  POINTER_STEPS,
  SIZE_STEPS,
} from './field.ts';
import { readInteger } from './integers.ts';

/** A value, and how large it is with all that its pointers lead to. */
interface Decoded {
  readonly value: MmdbValue;
  readonly depth: number;
  /** Fields and bytes of text in print. */
  readonly weight: number;
}

/** The largest value in print, which is twice the longest text that a field can hold. */
const MOST_WEIGHT = 2 ** 25;

/** Fields are read as often as pointers lead into a larger one: seldom more than once or twice in any real database. */
const STEPS_FOR_BYTE = 16;
const SPARE_STEPS = 65_536;

/** Text of so few bytes is read faster without the decoder of the runtime. */
const SHORT_TEXT = 40;

/** Stands for a value that is being read: a pointer to it would never end. */
const UNFINISHED = null;

/** Reads the fields of one section. Offsets count from its start. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  /** What pointers and callers have asked for, by offset. */
  readonly #known = new Map<number, Decoded | Damage | typeof UNFINISHED>();
  /** Where the next byte is read, in the file. */
  #at = 0;
  /** The depth and weight of the value that was read last. */
  #depth = 0;
  #weight = 0;
  /** Fields, items and bytes of text that have been read. */
  steps = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  /** The number of bytes in the section. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** The most steps that the section is worth. */
  get mostSteps(): number {
    return this.length * STEPS_FOR_BYTE + SPARE_STEPS;
  }

  /**
   * The value at an offset inside the section; of a pointer, what it leads to.
   *
   * @throws Damage when it cannot be read
   */
  valueAt(offset: number): MmdbValue {
    const at = this.#start + offset;
    if ((this.#bytes[at] as number) >>> 5 !== fieldType.pointer) return this.#decodeAt(offset, at, 0).value;
    this.#at = at;
    return this.#read(0);
  }

  /** Counts work, also that of callers with the values. */
  spend(count: number, at: number): void {
    this.steps += count;
    if (this.steps > this.mostSteps) throw damage(at, 'the data would take more work than its size is worth');
  }

  /** Reads what is at an offset, unless it is known. Afterwards, `#at` is anywhere. */
  #decodeAt(offset: number, from: number, depth: number): Decoded {
    const known = this.#known.get(offset);
    if (known === UNFINISHED) throw damage(from, 'a pointer leads to a field that it is part of');
    if (known instanceof Damage) throw known;
    if (known !== undefined) {
      if (depth + known.depth > MOST_DEPTH) throw tooDeep(from);
      return known;
    }
    this.#known.set(offset, UNFINISHED);
    this.#at = this.#start + offset;
    try {
      const decoded = { value: this.#read(depth), depth: this.#depth, weight: this.#weight };
      this.#known.set(offset, decoded);
      return decoded;
    } catch (thrown) {
      // What is too deep here may not be too deep elsewhere, but nobody writes such data by accident.
      if (thrown instanceof Damage) this.#known.set(offset, thrown);
      throw thrown;
    }
  }

  /** Reads the field at `#at`, and leaves `#at` after it. */
  #read(depth: number): MmdbValue {
    const from = this.#at;
    this.spend(1, from);
    const control = this.#take(1);
    let type = control >>> 5;
    if (type === fieldType.pointer) return this.#follow(this.#takePointer(control), from, depth);
    if (type === fieldType.extended) {
      type = this.#take(1) + LAST_SHORT_TYPE;
      if (type <= LAST_SHORT_TYPE) throw damage(from, 'a field has an extended type that is not one');
    }
    const size = this.#takeSize(control & 31);
    this.#depth = 0;
    this.#weight = 1;
    if (type === fieldType.map) return this.#readMap(size, from, depth + 1);
    if (type === fieldType.array) return this.#readArray(size, from, depth + 1);
    if (type === fieldType.boolean) {
      if (size > 1) throw damage(from, 'a truth value is neither 0 nor 1');
      return size === 1;
    }
    if (size > this.#end - this.#at) throw beyond(from);
    const start = this.#at;
    this.#at += size;
    return this.#readScalar(type, start, from);
  }

  /** Reads a value that has its bytes from `start` to `#at`. */
  #readScalar(type: number, start: number, from: number): MmdbValue {
    const end = this.#at;
    const size = end - start;
    switch (type) {
      case fieldType.text:
        this.spend(size, from);
        this.#weight += size;
        return this.#readText(start, end, from);
      case fieldType.bytes:
        this.spend(size, from);
        this.#weight += size;
        return this.#bytes.slice(start, end);
      case fieldType.double:
      case fieldType.float: {
        if (size !== (type === fieldType.double ? 8 : 4)) throw badSize(from);
        const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, size);
        return size === 8 ? view.getFloat64(0) : view.getFloat32(0);
      }
      case fieldType.uint16:
      case fieldType.uint32:
      case fieldType.uint64:
      case fieldType.uint128:
        if (size > sizeOfInteger[type]) throw badSize(from);
        return readInteger(this.#bytes, start, end);
      case fieldType.int32: {
        if (size > 4) throw badSize(from);
        // With fewer than four bytes, the sign is not among them.
        return (readInteger(this.#bytes, start, end) as number) | 0;
      }
      default:
        throw damage(from, `a field has the type ${type}, which no value has`);
    }
  }

  #readText(start: number, end: number, from: number): string {
    if (end - start <= SHORT_TEXT) {
      let text = '';
      let at = start;
      for (; at < end && (this.#bytes[at] as number) < 0x80; at++) {
        text += String.fromCharCode(this.#bytes[at] as number);
      }
      if (at === end) return text;
    }
    try {
      return decodeText(this.#bytes.subarray(start, end), true);
    } catch {
      throw damage(from, 'a text is not UTF-8');
    }
  }

  #readMap(size: number, from: number, depth: number): MmdbValue {
    this.#enter(size * 2, from, depth);
    const pairs: [string, MmdbValue][] = [];
    let [deepest, weight] = [0, 1];
    for (let pair = 0; pair < size; pair++) {
      const keyAt = this.#at;
      const key = this.#read(depth);
      if (typeof key !== 'string') throw damage(keyAt, 'the key of a map is not text');
      weight += this.#weight;
      const value = this.#read(depth);
      deepest = Math.max(deepest, this.#depth);
      weight += this.#weight;
      if (weight > MOST_WEIGHT) throw tooLarge(from);
      pairs.push([key, value]);
    }
    this.#depth = deepest + 1;
    this.#weight = weight;
    // Keys become fields of their own, even `__proto__` and those that other code has put on Object.prototype.
    const map = Object.fromEntries(pairs);
    // Readers of the format differ about which of the two counts.
    if (Object.keys(map).length !== size) throw damage(from, 'a map has the same key twice');
    return Object.freeze(map);
  }

  #readArray(size: number, from: number, depth: number): MmdbValue {
    this.#enter(size, from, depth);
    const items: MmdbValue[] = [];
    let [deepest, weight] = [0, 1];
    for (let item = 0; item < size; item++) {
      items.push(this.#read(depth));
      deepest = Math.max(deepest, this.#depth);
      weight += this.#weight;
      if (weight > MOST_WEIGHT) throw tooLarge(from);
    }
    this.#depth = deepest + 1;
    this.#weight = weight;
    return Object.freeze(items);
  }

  /** Each item takes a byte at least. */
  #enter(items: number, from: number, depth: number): void {
    if (items > this.#end - this.#at) throw beyond(from);
    if (depth > MOST_DEPTH) throw tooDeep(from);
  }

  #follow(target: number, from: number, depth: number): MmdbValue {
    if (target >= this.length) throw damage(from, `a pointer leads to ${target}, after the end of the data`);
    if ((this.#bytes[this.#start + target] as number) >>> 5 === fieldType.pointer)
      throw damage(from, 'a pointer leads to another pointer');
    const after = this.#at;
    const decoded = this.#decodeAt(target, from, depth);
    this.#at = after;
    this.#depth = decoded.depth;
    this.#weight = decoded.weight;
    return decoded.value;
  }

  #takePointer(control: number): number {
    const step = (control >>> 3) & 3;
    if (step === 3) return this.#take(4);
    return (control & 7) * 256 ** (step + 1) + this.#take(step + 1) + (POINTER_STEPS[step] as number);
  }

  #takeSize(bits: number): number {
    const step = bits - SIZE_STEPS[0];
    return step < 0 ? bits : (SIZE_STEPS[step] as number) + this.#take(step + 1);
  }

  /** Reads a number of one to four bytes. */
  #take(count: number): number {
    if (count > this.#end - this.#at) throw beyond(this.#at);
    let value = 0;
    for (let byte = 0; byte < count; byte++) value = value * 256 + (this.#bytes[this.#at++] as number);
    return value;
  }
}

/** The most bytes of each type. */
const sizeOfInteger = {
  [fieldType.uint16]: 2,
  [fieldType.uint32]: 4,
  [fieldType.uint64]: 8,
  [fieldType.uint128]: 16,
} as const;

function damage(at: number, message: string): Damage {
  return new Damage('mmdb-data', at, message);
}

const beyond = (at: number): Damage => damage(at, 'a field does not end before the data does');
const badSize = (at: number): Damage => damage(at, 'a number has a size that its type cannot have');
const tooDeep = (at: number): Damage => damage(at, `maps and arrays are nested more than ${MOST_DEPTH} deep`);
const tooLarge = (at: number): Damage => damage(at, 'a value would be too large if it were printed');
