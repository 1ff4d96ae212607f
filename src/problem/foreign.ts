/**
 * How foreign objects are read: each field once, and nothing they throw is trusted.
 */

import { describeType, quote } from './say.ts';

/**
 * What is to be done first with a Map, which would be read as pairs: clients are texts.
 * @internal
 */
export function adviceForMap(value: unknown): string {
  // Also a Map of another realm.
  const isMap = Object.prototype.toString.call(value) === '[object Map]';
  return isMap ? '; a Map gives pairs: hand over map.keys() or map.values()' : '';
}

/**
 * Reads a field of a foreign object, its own or its class's: what others have put on `Object.prototype` is not meant.
 * @internal
 */
export function readField(value: unknown, name: string): unknown {
  // Bounded, as a proxy can be its own prototype.
  for (let at = value, depth = 0; depth < MAX_CLASSES; depth++) {
    if (typeof at !== 'object' || at === null || at === Object.prototype) return undefined;
    if (Object.hasOwn(at, name)) return (value as Record<string, unknown>)[name];
    at = Object.getPrototypeOf(at);
  }
  return undefined;
}

const MAX_CLASSES = 100;

/**
 * The message of whatever was thrown, without trusting it to be an Error or to have a decent `toString`.
 * @internal
 */
export function messageOf(cause: unknown): string {
  try {
    if (cause instanceof Error && typeof cause.message === 'string') return quote(cause.message);
  } catch {
    // A thrown proxy may throw again.
  }
  return `${describeType(cause)} was thrown`;
}
