import type { Words } from '../address/words.ts';

/** Many columns stay empty, and a typed array is expensive, so all of them start with this one. */
export const nothing: Int32Array = /* @__PURE__ */ new Int32Array(0);

/** A growable column of 32-bit integers, for data whose size is not known in advance. */
export class Column {
  /**
   * One instance that lives as long as the class. V8 throws away all code compiled for the fields of a class when a
   * collection finds none of its instances, and a class that lives during a call has none after it: the next call
   * would start in the interpreter. So every such class keeps one, made by its own constructor, in a field like this:
   * bundlers drop it with an unused class, and only then. A test finds those that are missing in a log of V8.
   */
  static readonly kept: Column = /* @__PURE__ */ new Column();

  values: Int32Array;
  length = 0;

  /** Makes a column with room for this many values before it has to grow. */
  constructor(room = 0) {
    this.values = room === 0 ? nothing : new Int32Array(room);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.#grow(this.length + 1);
    this.values[this.length++] = value;
  }

  /** Adds the address at a place of another column. */
  append(words: Words, at: number, width: number): void {
    const start = this.extend(width);
    for (let word = 0; word < width; word++) this.values[start + word] = words[at * width + word] as number;
  }

  /** Makes room for `count` more values and returns where they start. */
  extend(count: number): number {
    const start = this.length;
    if (start + count > this.values.length) this.#grow(start + count);
    this.length += count;
    return start;
  }

  /** Takes back all values from a place on; room for new ones is zero again. */
  clear(start: number): void {
    this.values.fill(0, start, this.length);
    this.length = start;
  }

  /** A copy of the values without spare room. */
  trim(): Int32Array {
    return this.length === 0 ? nothing : this.values.slice(0, this.length);
  }

  /** The values without a copy, for what is dropped with the column. Nothing may be added after this. */
  view(): Int32Array {
    return this.length === this.values.length ? this.values : this.values.subarray(0, this.length);
  }

  #grow(needed: number): void {
    // Making and copying typed arrays costs more than memory that is never touched.
    const { length } = this.values;
    const grown = new Int32Array(Math.max(needed, length < 2 ** 20 ? length * 4 : length * 2, 16));
    grown.set(this.values);
    this.values = grown;
  }
}
