/**
 * JSON of any length. A text of millions of prefixes would be longer than a string can be, so it is written item by item.
 */

import { isPrintable } from '../problem/say.ts';
import type { AddressSet } from '../set/address-set.ts';
import type { Answer } from './output.ts';

/** JSON in which every character that cannot be seen or could disturb a terminal is an escape. It reads as the same value. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/gu, (character) =>
    isPrintable(character) ? character : [...unitsOf(character)].join(''),
  );
}

function* unitsOf(character: string): Iterable<string> {
  for (let at = 0; at < character.length; at++)
    yield `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
}

/** Writes one document: an object whose first field says the version of its shape. */
export async function writeDocument(
  output: Answer,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  await writeValue(output, { schema: 1, ...fields }, '');
  await output.line();
}

/** The layout is that of `JSON.stringify` with two blanks. */
async function writeValue(output: Answer, value: unknown, indent: string): Promise<void> {
  if (typeof value !== 'object' || value === null) return output.write(safeJson(value ?? null));
  const isArray = Array.isArray(value);
  const inner = `${indent}  `;
  let separator = isArray ? '[' : '{';
  for (const [key, item] of isArray ? value.entries() : Object.entries(value)) {
    if (item === undefined && !isArray) continue;
    await output.write(`${separator}\n${inner}${isArray ? '' : `${safeJson(key)}: `}`);
    await writeValue(output, item, inner);
    separator = ',';
  }
  const isEmpty = separator !== ',';
  await output.write(isEmpty ? (isArray ? '[]' : '{}') : `\n${indent}${isArray ? ']' : '}'}`);
}

/** Writes one document on a line of its own, of several. */
export function writeLine(output: Answer, fields: object): Promise<void> {
  return output.line(safeJson({ schema: 1, ...fields }));
}

/** The size of a set. Counts of addresses are decimal text, as JSON has no numbers that large. */
export function countsAsData({ ipv4Count, ipv6Count, prefixes }: AddressSet) {
  return { ipv4Count: `${ipv4Count}`, ipv6Count: `${ipv6Count}`, prefixCount: prefixes.length };
}
