/** Many columns stay empty, and a typed array is dear: all of them start with this one. */
const nothing = new Int32Array(0);

/** A column of 32-bit integers that grows: what a list is read into before its size is known. */
export class Column {
  values: Int32Array;
  length = 0;

  /** A column with room for so many values before it grows. */
  constructor(room = 0) {
    this.values = room === 0 ? nothing : new Int32Array(room);
  }

  push(value: number): void {
    if (this.length === this.values.length) this.#grow(this.length + 1);
    this.values[this.length++] = value;
  }

  /** Makes room for `count` more values, and answers where they start. */
  extend(count: number): number {
    const start = this.length;
    if (start + count > this.values.length) this.#grow(start + count);
    this.length += count;
    return start;
  }

  /** The values alone, as they are now: shares its memory with the column, which may not grow any more. */
  view(): Int32Array {
    return this.length === this.values.length ? this.values : this.values.subarray(0, this.length);
  }

  /** A copy of the values alone, without the room to grow. */
  trim(): Int32Array {
    return this.length === 0 ? nothing : this.values.slice(0, this.length);
  }

  #grow(needed: number): void {
    // Short columns grow faster: making a typed array is dearer than filling one of a few thousand values.
    const { length } = this.values;
    const grown = new Int32Array(Math.max(needed, length < 4096 ? length * 4 : length * 2, 16));
    grown.set(this.values);
    this.values = grown;
  }
}
