/**
 * Bytes written one after the other, the highest byte of a number first; and the control bytes of fields.
 */

import { fieldType, LAST_SHORT_TYPE, POINTER_STEPS, SIZE_STEPS } from './field.ts';

/** Bytes that grow. */
export class ByteSink {
  #bytes: Uint8Array = new Uint8Array(256);
  length = 0;

  add(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes a number of so many bytes, at most six. */
  addNumber(value: number, count: number): void {
    this.#reserve(count);
    let rest = value;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.length += count;
  }

  /** Writes what a field begins with: its type and size. */
  addHead(type: number, size: number): void {
    const step = SIZE_STEPS.filter((start) => size >= start).length;
    const bits = step === 0 ? size : SIZE_STEPS[0] + step - 1;
    if (type > LAST_SHORT_TYPE) {
      this.addNumber(bits, 1);
      this.addNumber(type - LAST_SHORT_TYPE, 1);
    } else this.addNumber(type * 32 + bits, 1);
    if (step > 0) this.addNumber(size - (SIZE_STEPS[step - 1] as number), step);
  }

  addPointer(target: number): void {
    const step = lengthOfPointer(target) - 2;
    const control = fieldType.pointer * 32 + step * 8;
    if (step === 3) {
      this.addNumber(control, 1);
      this.addNumber(target, 4);
      return;
    }
    const rest = target - (POINTER_STEPS[step] as number);
    const above = 256 ** (step + 1);
    this.addNumber(control + Math.floor(rest / above), 1);
    this.addNumber(rest % above, step + 1);
  }

  /** What was written, without a copy. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(count: number): void {
    if (this.length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.length + count, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** The bytes that a pointer takes. */
export function lengthOfPointer(target: number): number {
  let length = 2;
  while (length < 5 && target >= (POINTER_STEPS[length - 1] as number)) length++;
  return length;
}
