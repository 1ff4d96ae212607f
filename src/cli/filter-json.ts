/**
 * The client of a line that is a JSON text.
 */

import { NO_ADDRESS } from '../policy/bytes.ts';
import type { Judge, Labels } from './filter-fields.ts';

/**
 * Decides by the text at the end of a path of keys. A line that is not JSON, that has no such path, or another value than
 * a text there, has no client. Of equal keys the last one counts, as everywhere in JavaScript.
 */
export class JsonJudge implements Judge {
  readonly #labels: Labels;
  readonly #keys: readonly string[];

  constructor(labels: Labels, keys: readonly string[]) {
    this.#labels = labels;
    this.#keys = keys;
  }

  label(bytes: Uint8Array, start: number, end: number, isCut: boolean): number {
    if (isCut) return NO_ADDRESS;
    let value: unknown;
    try {
      value = JSON.parse((bytes as Buffer).toString('utf8', start, end));
    } catch {
      return NO_ADDRESS;
    }
    for (const key of this.#keys) {
      // An own field: a log may have one called "__proto__", and one that it does not have is not found elsewhere.
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return NO_ADDRESS;
      value = (value as Record<string, unknown>)[key];
    }
    return typeof value === 'string' ? this.#labels.labelOfText(value) : NO_ADDRESS;
  }
}
