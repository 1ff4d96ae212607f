/**
 * Bytes written and read one after another: numbers as varints, seven bits in each byte, the lowest first, with the high
 * bit set in all but the last (LEB128); and numbers that may be negative as 0, −1, 1, −2, …
 */

import { corrupt } from './error.ts';

/** The largest number: five bytes. */
const MOST = 2 ** 35;

/** Bytes that grow. */
export class ByteWriter {
  #bytes: Uint8Array = new Uint8Array(64);
  length = 0;

  writeBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Writes a whole number from 0 to 2^35 − 1. */
  write(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.length++] = rest;
  }

  writeSigned(value: number): void {
    this.write(fold(value));
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

/** Reads what {@link ByteWriter} wrote. Whatever it could not have written is a SnapshotError. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The number of bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  readBytes(count: number): Uint8Array {
    if (count > this.left) throw corrupt('a section is too short');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  /** Reads a number of at most `most`. */
  read(most: number = MOST - 1): number {
    let value = 0;
    for (let unit = 1; unit < MOST; unit *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw corrupt('a section is too short');
      value += (byte & 127) * unit;
      if (byte >= 128) continue;
      if ((byte === 0 && unit > 1) || value > most) break;
      return value;
    }
    throw corrupt('a number is out of range');
  }

  readSigned(): number {
    return unfold(this.read());
  }

  /** To be called when all has been read. */
  finish(): void {
    if (this.left > 0) throw corrupt('a section is too long');
  }
}

/** A whole number as one of 0 or more: 0, −1, 1, −2, … become 0, 1, 2, 3, … */
export function fold(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unfold(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
