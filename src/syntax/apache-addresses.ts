/**
 * Addresses as Apache has them: partial ones, which are prefixes, and netmasks.
 */

import { isNumber } from '../address/characters.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import type { Word } from './joined-lines.ts';
import { readNetmask } from './netmask.ts';

/** Where entries of Apache go. */
export type Take = (value: string, start: number, end: number, fields: EntryFields) => boolean;

/** Takes a word as an address of Apache. */
export function takeAddress(
  importing: Importing,
  { value, start, end }: Word,
  fields: EntryFields,
  take: Take,
): void {
  const partial = completePartial(value);
  if (partial !== undefined) {
    take(partial, start, end, fields);
    return;
  }
  if (value.includes('-')) {
    importing.error(start, end, 'syntax', 'Apache has no ranges: write prefixes');
    return;
  }
  const slash = value.indexOf('/');
  const netmask = slash < 0 ? undefined : readNetmask(value.slice(0, slash), value.slice(slash + 1));
  if (netmask?.inverse !== undefined) {
    importing.error(
      start,
      end,
      'wildcard-mask',
      `the mask is not that of a prefix: perhaps ${netmask.inverse} is meant`,
    );
    return;
  }
  take(netmask?.prefix ?? value, start, end, fields);
}

/** `192.0.2` and `192.0.2.` are 192.0.2.0/24, and `10` is 10.0.0.0/8; `undefined` for anything else. */
function completePartial(value: string): string | undefined {
  const octets = (value.endsWith('.') ? value.slice(0, -1) : value).split('.');
  if (octets.length > 3 || !octets.every((octet) => octet.length < 4 && isNumber(octet))) return undefined;
  const zeros = ['0', '0', '0', '0'].slice(octets.length);
  return `${[...octets, ...zeros].join('.')}/${octets.length * 8}`;
}
