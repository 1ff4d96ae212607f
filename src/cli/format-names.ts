/**
 * The names of the formats that the command reads and writes: those of the library, and databases of MaxMind.
 */

import { formats } from '../formats/table.ts';
import { type CommandError, usageError } from './exit.ts';
import { suggest } from './parse.ts';
import { printable } from './style.ts';

/** Databases are bytes, and are not in the table of formats, which are text. */
export const MMDB = 'mmdb';

/** The formats that `--from` takes, without `auto`. */
export function readableFormats(): string[] {
  return [...formats.filter(({ reads }) => reads).map(({ name }) => name), MMDB];
}

/** The formats that `--to` takes. */
export function writableFormats(): string[] {
  return [...formats.filter(({ writes }) => writes).map(({ name }) => name), MMDB];
}

/** Says that a format is not there, or goes only the other way. */
export function unknownFormat(given: string, way: 'read' | 'write'): CommandError {
  const names = way === 'read' ? readableFormats() : writableFormats();
  const isKnown = given === MMDB || formats.some(({ name }) => name === given);
  if (!isKnown) {
    const advice = suggest(given, names) || `: it is one of ${names.join(', ')}`;
    return usageError(`There is no format ${printable(given)} to ${way}${advice}.`);
  }
  const only = way === 'read' ? 'written' : 'read';
  return usageError(`The format ${given} can only be ${only}. Those to ${way} are ${names.join(', ')}.`);
}
