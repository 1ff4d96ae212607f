/**
 * The one door for foreign objects: each field is read once, each iterable only up to a limit, and nothing that they
 * throw is trusted.
 */

import { ListError, type Place, problemOf } from './errors.ts';
import { describeType, quote } from './say.ts';

/**
 * Reads a field of a foreign object or of its class, but not of `Object.prototype`, where other code may have put it.
 */
export function readField(value: unknown, name: string): unknown {
  return hasField(value, name) ? value[name] : undefined;
}

/** Whether {@link readField} would read a field, even if its value is `undefined`. */
export function hasField(value: unknown, name: string): value is Record<string, unknown> {
  // Bounded, as a proxy can be its own prototype.
  for (let at = value, depth = 0; depth < MAX_CLASSES; depth++) {
    if (typeof at !== 'object' || at === null || at === Object.prototype) return false;
    if (Object.hasOwn(at, name)) return depth === 0 || !isRoot(at);
    at = Object.getPrototypeOf(at);
  }
  return false;
}

const MAX_CLASSES = 100;

/** Whether a prototype is `Object.prototype` of any realm. */
function isRoot(prototype: object): boolean {
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'hasOwnProperty');
}

/** Whether an object was written as `{ … }`, in this realm or another, and is not an instance of a class. */
export function isPlain(value: unknown): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The milliseconds of a Date of any realm, and NaN for anything else. None of its methods is run. */
export function timeOf(value: unknown): number {
  try {
    return Date.prototype.getTime.call(value);
  } catch {
    return Number.NaN;
  }
}

/** Defines a getter in place of a field of an object, which keeps its place among the others. */
export function defineGetter(target: object, name: string, get: () => unknown): void {
  // A descriptor without a prototype, where other code may have put something.
  Object.defineProperty(target, name, Object.assign(Object.create(null), { get }));
}

/**
 * Whether `await` would wait for a value. It does so only for objects and functions, whatever was put on the prototypes
 * of text and numbers.
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as Partial<PromiseLike<unknown>>).then === 'function';
}

/** Whether a value is an object with items. Text is not, as its items would be its characters. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

/** Whether a value is an object whose items can be lines or clients: those of bytes are numbers, those of a Map are pairs. */
export function hasItems(value: unknown): value is Iterable<unknown> {
  return isIterable(value) && !ArrayBuffer.isView(value) && adviceForMap(value) === '';
}

/**
 * Passes each item to `visit` until it returns `false`. Reads at most `most` items, as there may be no end. Whatever the
 * iterable or `visit` throws passes through, and the iterable is closed.
 *
 * @returns `false` when there were more items than that
 */
export function eachItem(items: Iterable<unknown>, most: number, visit: (item: unknown) => unknown): boolean {
  if (Array.isArray(items)) return eachItemOfArray(items, most, visit);
  let count = 0;
  for (const item of items) {
    if (count++ >= most) return false;
    if (visit(item) === false) break;
  }
  return true;
}

/** The items as {@link eachItem} reads them, for a reader that pauses between two of them. */
export function* inTurn(items: Iterable<unknown>): Generator<unknown> {
  if (!Array.isArray(items)) yield* items;
  else for (let index = 0, length = lengthOf(items); index < length; index++) yield itemAt(items, index);
}

/** By index, as an array may have an iterator of its own; a hole is an item that is missing. */
function eachItemOfArray(
  items: readonly unknown[],
  most: number,
  visit: (item: unknown) => unknown,
): boolean {
  const length = lengthOf(items);
  for (let index = 0; index < length; index++) {
    if (index >= most) return false;
    if (visit(itemAt(items, index)) === false) break;
  }
  return true;
}

/** That of a proxy can be anything, and a list must not seem empty by it. */
function lengthOf({ length }: readonly unknown[]): number {
  if (!(length >= 0)) throw new RangeError('the array has no length');
  return length;
}

function itemAt(items: readonly unknown[], index: number): unknown {
  return Object.hasOwn(items, index) ? items[index] : undefined;
}

/** Texts beyond these may have no end. */
const MOST_TEXTS = 100_000;

/** A text alone, or those of an array, each read once; `undefined` for anything else, and for an empty array. */
export function readTexts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  const texts: string[] = [];
  let areTexts = true;
  const isWhole = eachItem(value, MOST_TEXTS, (text) => {
    areTexts = typeof text === 'string';
    if (areTexts) texts.push(text as string);
    return areTexts;
  });
  return isWhole && areTexts && texts.length > 0 ? texts : undefined;
}

/** Runs code that reads foreign objects. Whatever they throw becomes a problem: `what` could not be read. */
export function attempt<T>(place: Place | string, what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    const message = `${what} could not be read: ${messageOf(cause)}`;
    throw new ListError([problemOf(place, 'unreadable', message)], { cause });
  }
}

/** The message of whatever was thrown, without trusting it to be an Error or to have a usable `toString`. */
export function messageOf(cause: unknown): string {
  try {
    if (cause instanceof Error && typeof cause.message === 'string') return quote(cause.message);
  } catch {
    // A thrown proxy may throw again.
  }
  return `${describeType(cause)} was thrown`;
}

/** Advice about an object that was not expected: bytes and promises hold the value. */
export function adviceForObject(value: unknown): string {
  if (ArrayBuffer.isView(value)) return ': decode the bytes to text first';
  return typeof readField(value, 'then') === 'function' ? ': wait for the promise and give its value' : '';
}

/** Advice about a Map and its like: they would be read as pairs although clients are texts. */
export function adviceForMap(value: unknown): string {
  // Also one of another realm.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  if (tag === 'Map') return '; a Map gives pairs: pass map.keys() or map.values()';
  return pairKinds.includes(tag) ? `; ${tag} gives pairs: pass its keys() or its values()` : '';
}

const pairKinds: readonly string[] = ['Headers', 'URLSearchParams', 'FormData'];

/**
 * Whether a value is an iterator, such as a generator. It can be read once. When it has no items, it may have been read
 * before, and then what it stands for is not empty.
 */
export function isIterator(value: unknown): boolean {
  return typeof readField(value, 'next') === 'function';
}

/** What every runtime has of the console. */
interface Console {
  warn(text: string): void;
  error(...parameters: readonly unknown[]): void;
}

/** The console of the runtime, as it is now. */
export function consoleOfRuntime(): Console {
  return (globalThis as unknown as { console: Console }).console;
}

/** Reports an error that nobody else can handle on the console. Never throws. */
export function reportOnConsole(message: string, error: unknown): void {
  try {
    consoleOfRuntime().error(`ipverdict: ${message}:`, error);
  } catch {
    // A console that throws cannot be reported, and must not let anyone in.
  }
}
