/**
 * From values to bytes: each different value is numbered, whatever objects it is in, and written once. Where it comes
 * again, a pointer leads to it if that is shorter.
 */

import { isPlain } from '../problem/foreign.ts';
import { describeType, quote } from '../problem/say.ts';
import { encodeText } from '../snapshot/texts.ts';
import { fieldType, MOST_DEPTH, MOST_SIZE } from './field.ts';
import { type BigInteger, bytesOfInteger } from './integers.ts';
import { ByteSink, lengthOfPointer } from './sink.ts';

/** A value as it is written. */
interface Numbered {
  readonly type: number;
  /** Bytes, items or pairs. */
  readonly size: number;
  readonly bytes: Uint8Array;
  /** The numbers of the items, or of keys and values in turn. */
  readonly parts: readonly number[];
}

/** Why a value cannot be written. */
export class BadValue {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
const noParts: readonly number[] = [];

/** The key of −0, a double. */
const NEGATIVE_ZERO = /* @__PURE__ */ Symbol('-0');

/** Stands for the number of an object whose parts are being numbered. */
const UNFINISHED = -1;

/** The most fields of one value, those of the objects in it included. */
const MOST_FIELDS = 10_000_000;

/** Numbers the values of one database, and writes them. */
export class ValueWriter {
  /** Of text, numbers and truth values, each of which is its own key. */
  readonly #scalars = new Map<unknown, number>();
  /** Of all others, by the numbers of their parts. */
  readonly #containers = new Map<string, number>();
  readonly #values: Numbered[] = [];
  /** Where each value is written, once it is. */
  readonly #offsets: (number | undefined)[] = [];
  readonly #sink = new ByteSink();
  /** The objects of the value that is being numbered. */
  readonly #objects = new Map<object, number>();
  #fields = 0;
  /** How often text had half of a character, and how many fields were `null`, since somebody asked. */
  brokenTexts = 0;
  nulls = 0;

  /**
   * Numbers a value; equal ones have the same number.
   *
   * @throws BadValue when it has something that the format does not have, and whatever its objects throw
   */
  number(value: unknown): number {
    // An object may be another one the next time it is handed over.
    if (this.#objects.size > 0) this.#objects.clear();
    this.#fields = 0;
    return this.#number(value, 0);
  }

  /** The offset of a value, which is written now unless it has been. */
  offsetOf(number: number): number {
    const known = this.#offsets[number];
    if (known !== undefined) return known;
    const offset = this.#sink.length;
    this.#write(number);
    return offset;
  }

  /** All that was written. */
  view(): Uint8Array {
    return this.#sink.view();
  }

  #number(value: unknown, depth: number): number {
    if (++this.#fields > MOST_FIELDS) throw new BadValue(`it has more than ${MOST_FIELDS} fields`);
    switch (typeof value) {
      case 'string':
        return this.#scalars.get(value) ?? this.#addText(value);
      case 'boolean':
        return this.#scalars.get(value) ?? this.#addScalar(value, fieldType.boolean, nothing, value ? 1 : 0);
      case 'number':
        // As a key, it would be 0.
        if (Object.is(value, -0)) return this.#scalars.get(NEGATIVE_ZERO) ?? this.#addNumber(value);
        return this.#scalars.get(value) ?? this.#addNumber(value);
      case 'bigint':
        return this.#scalars.get(value) ?? this.#addInteger(value, fieldType.uint64);
      case 'object':
        if (value !== null) return this.#numberObject(value, depth);
    }
    throw new BadValue(
      `it has ${describeType(value)} where text, a number, true, false, bytes, an array or an object can be`,
    );
  }

  #addText(text: string): number {
    const bytes = encodeText(text);
    if (bytes.length > MOST_SIZE) throw new BadValue(`it has a text of more than ${MOST_SIZE} bytes`);
    if (!isWellFormed(text)) this.brokenTexts++;
    return this.#addScalar(text, fieldType.text, bytes);
  }

  #addNumber(value: number): number {
    const isNegativeZero = Object.is(value, -0);
    const isWhole = Number.isSafeInteger(value) && !isNegativeZero;
    if (isWhole && value >= 0) {
      return this.#addInteger(value, value < 2 ** 32 ? fieldType.uint32 : fieldType.uint64);
    }
    const view = new DataView(new ArrayBuffer(8));
    if (isWhole && value >= -(2 ** 31)) {
      view.setInt32(0, value);
      return this.#addScalar(value, fieldType.int32, new Uint8Array(view.buffer, 0, 4));
    }
    view.setFloat64(0, value);
    const key = isNegativeZero ? NEGATIVE_ZERO : value;
    return this.#addScalar(key, fieldType.double, new Uint8Array(view.buffer));
  }

  #addInteger(value: number | BigInteger, type: number): number {
    const bytes = bytesOfInteger(value);
    if (bytes === undefined) throw new BadValue('a whole number has up to 128 bits and is not negative');
    return this.#addScalar(value, bytes.length > 8 ? fieldType.uint128 : type, bytes);
  }

  #addScalar(key: unknown, type: number, bytes: Uint8Array, size = bytes.length): number {
    this.#scalars.set(key, this.#values.length);
    return this.#values.push({ type, size, bytes, parts: noParts }) - 1;
  }

  #numberObject(object: object, depth: number): number {
    const known = this.#objects.get(object);
    if (known === UNFINISHED) throw new BadValue('it is part of itself');
    if (known !== undefined) return known;
    if (depth >= MOST_DEPTH) throw new BadValue(`its objects are nested more than ${MOST_DEPTH} deep`);
    this.#objects.set(object, UNFINISHED);
    const number = this.#numberParts(object, depth);
    this.#objects.set(object, number);
    return number;
  }

  #numberParts(object: object, depth: number): number {
    if (object instanceof Uint8Array) {
      const bytes = object.slice();
      if (bytes.length > MOST_SIZE) throw new BadValue(`it has more than ${MOST_SIZE} bytes in one field`);
      return this.#add(`y${bytes.join()}`, fieldType.bytes, bytes.length, bytes, noParts);
    }
    const parts: number[] = [];
    if (Array.isArray(object)) {
      const { length } = object;
      // That of a proxy can be anything.
      if (!(length >= 0 && length <= MOST_FIELDS)) throw new BadValue('it has an array of no usable length');
      for (let index = 0; index < length; index++) parts.push(this.#number(object[index], depth + 1));
      return this.#add(`a${parts.join()}`, fieldType.array, length, nothing, parts);
    }
    if (!isPlain(object)) throw new BadValue('it has an object of a class where one written as { … } can be');
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[key];
      if (value === null) this.nulls++;
      if (value === undefined || value === null) continue;
      if (!isWellFormed(key)) throw new BadValue(`the key ${quote(key)} has half of a character`);
      parts.push(this.#number(key, depth + 1), this.#number(value, depth + 1));
    }
    return this.#add(`m${parts.join()}`, fieldType.map, parts.length / 2, nothing, parts);
  }

  #add(key: string, type: number, size: number, bytes: Uint8Array, parts: readonly number[]): number {
    const known = this.#containers.get(key);
    if (known !== undefined) return known;
    this.#containers.set(key, this.#values.length);
    return this.#values.push({ type, size, bytes, parts }) - 1;
  }

  #write(number: number): void {
    const { type, size, bytes, parts } = this.#values[number] as Numbered;
    this.#offsets[number] = this.#sink.length;
    this.#sink.addHead(type, size);
    this.#sink.add(bytes);
    for (const part of parts) {
      const target = this.#offsets[part];
      if (target !== undefined && lengthOfPointer(target) < this.#lengthOf(part))
        this.#sink.addPointer(target);
      else this.#write(part);
    }
  }

  /** The bytes that a value takes, or at least more than any pointer. */
  #lengthOf(number: number): number {
    const { size, bytes, parts } = this.#values[number] as Numbered;
    return parts.length > 0 ? Number.POSITIVE_INFINITY : 1 + (size === bytes.length ? size : 0);
  }
}

/** Whether a text has no half of a character: an unpaired surrogate, in whose place bytes have U+FFFD. */
function isWellFormed(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xd800 && code <= 0xdfff) return false;
  }
  return true;
}
