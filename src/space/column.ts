import type { Words } from '../address/words.ts';

/** Many columns stay empty, and a typed array is expensive, so all of them start with this one. */
const nothing = /* @__PURE__ */ new Int32Array(0);

/** A growable column of 32-bit integers, for data whose size is not known in advance. */
export class Column {
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
    for (let word = at * width; word < (at + 1) * width; word++) this.push(words[word] as number);
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

  #grow(needed: number): void {
    // Short columns grow faster: making a typed array costs more than filling one of a few thousand values.
    const { length } = this.values;
    const grown = new Int32Array(Math.max(needed, length < 4096 ? length * 4 : length * 2, 16));
    grown.set(this.values);
    this.values = grown;
  }
}
