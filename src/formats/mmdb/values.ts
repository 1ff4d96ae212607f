/**
 * From values to bytes: each different value is numbered, whatever objects it is in, and written once. Where it comes
 * again, a pointer leads to it if that is shorter.
 */

import { isPlain } from '../../problem/foreign.ts';
import { describeType, quote } from '../../problem/say.ts';
import { encodeText } from '../../snapshot/texts.ts';
import { fieldType, MOST_DEPTH, MOST_SIZE } from './field.ts';
import { bytesOfInteger } from './integers.ts';
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

/** The most fields of one value, those of the objects in it included. */
const MOST_FIELDS = 10_000_000;

/** Numbers the values of one database, and writes them. */
export class ValueWriter {
  readonly #numbers = new Map<string, number>();
  readonly #values: Numbered[] = [];
  /** Where each value is written, once it is. */
  readonly #offsets: (number | undefined)[] = [];
  readonly #sink = new ByteSink();
  /** Of the value that is being numbered: the objects that are known, and those that are not finished. */
  #objects = new Map<object, number>();
  readonly #open = new Set<object>();
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
    this.#objects = new Map();
    this.#open.clear();
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
        return this.#numberText(value);
      case 'boolean':
        return this.#add(`b${value}`, fieldType.boolean, value ? 1 : 0, nothing);
      case 'number':
        return this.#numberNumber(value);
      case 'bigint': {
        const bytes = bytesOfInteger(value);
        if (bytes === undefined) throw new BadValue('a whole number has up to 128 bits and is not negative');
        const type = bytes.length > 8 ? fieldType.uint128 : fieldType.uint64;
        return this.#add(`i${value}`, type, bytes.length, bytes);
      }
      case 'object':
        if (value !== null) return this.#numberObject(value, depth);
    }
    throw new BadValue(
      `it has ${describeType(value)} where text, a number, true, false, bytes, an array or an object can be`,
    );
  }

  #numberText(text: string): number {
    const known = this.#numbers.get(`t${text}`);
    if (known !== undefined) return known;
    const bytes = encodeText(text);
    if (bytes.length > MOST_SIZE) throw new BadValue(`it has a text of more than ${MOST_SIZE} bytes`);
    if (!isWellFormed(text)) this.brokenTexts++;
    return this.#add(`t${text}`, fieldType.text, bytes.length, bytes);
  }

  #numberNumber(value: number): number {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    if (isWhole && value >= 0) {
      const bytes = bytesOfInteger(value) as Uint8Array;
      return this.#add(
        `u${value}`,
        value < 2 ** 32 ? fieldType.uint32 : fieldType.uint64,
        bytes.length,
        bytes,
      );
    }
    if (isWhole && value >= -(2 ** 31)) {
      return this.#add(
        `u${value}`,
        fieldType.int32,
        4,
        Uint8Array.of(value >> 24, value >> 16, value >> 8, value),
      );
    }
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    const key = Object.is(value, -0) ? 'd-0' : `d${value}`;
    return this.#add(key, fieldType.double, 8, new Uint8Array(view.buffer));
  }

  #numberObject(object: object, depth: number): number {
    const known = this.#objects.get(object);
    if (known !== undefined) return known;
    if (this.#open.has(object)) throw new BadValue('it is part of itself');
    if (depth >= MOST_DEPTH) throw new BadValue(`its objects are nested more than ${MOST_DEPTH} deep`);
    this.#open.add(object);
    const number = this.#numberParts(object, depth);
    this.#open.delete(object);
    this.#objects.set(object, number);
    return number;
  }

  #numberParts(object: object, depth: number): number {
    if (object instanceof Uint8Array) {
      const bytes = object.slice();
      if (bytes.length > MOST_SIZE) throw new BadValue(`it has more than ${MOST_SIZE} bytes in one field`);
      return this.#add(`y${bytes.join()}`, fieldType.bytes, bytes.length, bytes);
    }
    if (Array.isArray(object)) {
      const { length } = object;
      if (length > MOST_FIELDS) throw new BadValue(`it has more than ${MOST_FIELDS} fields`);
      const parts: number[] = [];
      for (let index = 0; index < length; index++) parts.push(this.#number(object[index], depth + 1));
      return this.#add(`a${parts.join()}`, fieldType.array, length, nothing, parts);
    }
    if (!isPlain(object)) throw new BadValue('it has an object of a class where one written as { … } can be');
    const parts: number[] = [];
    for (const key of Object.keys(object)) {
      const value = (object as Record<string, unknown>)[key];
      if (value === null) this.nulls++;
      if (value === undefined || value === null) continue;
      if (!isWellFormed(key)) throw new BadValue(`the key ${quote(key)} has half of a character`);
      parts.push(this.#numberText(key), this.#number(value, depth + 1));
    }
    return this.#add(`m${parts.join()}`, fieldType.map, parts.length / 2, nothing, parts);
  }

  #add(key: string, type: number, size: number, bytes: Uint8Array, parts: readonly number[] = []): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#values.push({ type, size, bytes, parts });
    this.#numbers.set(key, number);
    return number;
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
