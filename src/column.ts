/** Many columns stay empty, and a typed array is dear: all of them start with this one. */
const nothing = new Int32Array(0);

/** A column of 32-bit integers that grows: what a list is read into before its size is known. */
export class Column {
  values: Int32Array = nothing;
  length = 0;

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

  /** The values alone, without the room to grow. */
  trim(): Int32Array {
    return this.length === 0 ? nothing : this.values.slice(0, this.length);
  }

  #grow(needed: number): void {
    const grown = new Int32Array(Math.max(needed, this.values.length * 2, 16));
    grown.set(this.values);
    this.values = grown;
  }
}
