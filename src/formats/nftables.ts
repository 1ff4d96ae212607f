/**
 * nftables: named sets and definitions. Written as one transaction, which replaces the elements of two sets.
 *
 * ```
 * table inet filter {
 * 	set denied_ipv4 {
 * 		type ipv4_addr
 * 		flags interval
 * 		elements = { 192.0.2.0/24 timeout 1d comment "Scanner" }
 * 	}
 * }
 * ```
 */

import type { Family } from '../address/scanner.ts';
import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { lifetimeOf } from '../exchange/lifetime.ts';
import { isName } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';
import { writeDuration } from '../syntax/durations.ts';
import { isOfFamily } from '../syntax/kernel.ts';
import type { NftElement, NftSet } from '../syntax/nft-elements.ts';
import { readNftSets } from '../syntax/nft-sets.ts';
import { setNameOf } from '../syntax/set-names.ts';

/** Named sets and definitions of nftables. */
export const nftables: Format = /* @__PURE__ */ defineFormat(
  { name: 'nftables', title: 'nftables set', extension: '.nft' },
  { read: readNftables, write: writeNftables, takes: ['set'], options: ['set', 'table', 'now'] },
);

function readNftables(importing: Importing): void {
  const { text, options } = importing;
  const sets = readNftSets(text, {
    includes: options.includes,
    refuse: (start, end, code, message) => importing.refuse(start, end, code, message),
    rule: (start, end) => {
      if (options.set !== undefined) return;
      const message = 'the addresses of rules are not read, only those of sets and definitions';
      importing.warn(start, end, 'skipped', message);
    },
  });
  const wanted = sets.filter(({ name, path, kind, isUsed }) => {
    if (options.set === undefined) return kind !== 'definition' || !isUsed;
    return [name, path, path.slice(path.indexOf(' ') + 1)].includes(options.set);
  });
  if (wanted.length === 0 && options.set !== undefined) {
    const names = sets
      .map(({ name }) => quote(name))
      .slice(0, 20)
      .join(', ');
    const message = `there is no set ${quote(options.set)} in the file: there is ${names || 'none'}`;
    importing.refuse(0, 0, 'unselected', message);
  }
  const twin =
    options.set === undefined
      ? undefined
      : wanted.find((set, at) => wanted.slice(0, at).some((other) => familyOf(other) === familyOf(set)));
  if (twin !== undefined) {
    const paths = wanted
      .map(({ path }) => quote(path))
      .slice(0, 5)
      .join(', ');
    importing.refuse(
      twin.start,
      twin.end,
      'set-required',
      `there are several sets of this name: choose one with the option set, such as ${paths}`,
    );
    return;
  }
  for (const set of wanted.sort((left, right) => left.start - right.start)) addSet(importing, set);
}

/** The family of a type; 0 when the file does not say, `undefined` when it is not one of addresses alone. */
function familyOf({ type }: NftSet): Family | 0 | undefined {
  if (type === '') return 0;
  if (type === 'ipv4_addr' || type === 'ip saddr' || type === 'ip daddr') return 4;
  return type === 'ipv6_addr' || type === 'ip6 saddr' || type === 'ip6 daddr' ? 6 : undefined;
}

function addSet(importing: Importing, set: NftSet): void {
  const { name, start, end, kind, type } = set;
  const family = familyOf(set);
  const isOfAddresses = type.includes('ip') && type.includes('addr');
  if (kind === 'map') importing.condition(start, end, `${quote(name)} is a map, not a set`);
  else if (family === undefined && isOfAddresses)
    importing.condition(start, end, `elements of ${quote(name)} have more parts than an address`);
  else if (family === undefined || (family === 0 && !hasAddress(set))) {
    // Definitions of ports and interfaces are in every file.
    if (kind === 'set' || importing.options.set !== undefined)
      importing.warn(start, end, 'skipped', `${quote(name)} is not a set of addresses`);
  } else {
    importing.group(name);
    for (const element of set.elements) addElement(importing, set, family, element);
  }
}

/** Whether a definition, or a set whose type is elsewhere, is one of addresses. */
function hasAddress({ elements }: NftSet): boolean {
  return elements.some(({ value }) => {
    const isNumber = value >= '0' && value < ':';
    return value.includes(':') || value === '*' || (isNumber && value.includes('.'));
  });
}

function addElement(importing: Importing, set: NftSet, family: Family | 0, element: NftElement): void {
  const { value, start, end, condition } = element;
  if (condition !== undefined) importing.condition(start, end, condition);
  else if (value === '*') {
    const fields = fieldsOf(importing, set, element);
    if (family !== 6) importing.entryOf('0.0.0.0/0', start, end, fields);
    if (family !== 4) importing.entryOf('::/0', start, end, fields);
  } else if (isOfFamily(importing, family, element))
    importing.entryOf(value, start, end, fieldsOf(importing, set, element));
}

function fieldsOf(importing: Importing, set: NftSet, element: NftElement): EntryFields {
  const { note, start, end } = element;
  // An element that says 0 lives as long as the set says, or for ever.
  const lifetime = element.expires ?? (element.timeout || set.timeout);
  return {
    note,
    label: importing.options.set === undefined && set.name !== '' ? set.name : undefined,
    until: lifetime === undefined ? undefined : importing.after(lifetime, start, end),
  };
}

function writeNftables(exporting: Exporting): string {
  const { now } = exporting.options;
  const table = tableOf(exporting);
  const name = setNameOf(exporting, NAME_LIMIT);
  const items = exporting.lasting({ nested: false, ranges: [4, 6] });
  const flags = now === undefined ? 'interval' : 'interval,timeout';
  const parts = ([4, 6] as const).map((family) => {
    const set = `${table} ${name}_ipv${family}`;
    const elements = items.filter((item) => item.family === family);
    const lines = elements.map(
      (item) => `\t${item.text}${timeoutOf(exporting, item)}${noteOf(exporting, item)}`,
    );
    const created = `add set ${set} { type ipv${family}_addr; flags ${flags}; }\nflush set ${set}\n`;
    return lines.length === 0 ? created : `${created}add element ${set} {\n${lines.join(',\n')}\n}\n`;
  });
  return `add table ${table}\n${parts.join('')}`;
}

/** The kernel takes names of up to 255 bytes, and these get an end. */
const NAME_LIMIT = 200;

/** The family and the name of the table. */
function tableOf(exporting: Exporting): string {
  const { table = 'inet filter' } = exporting.options;
  // In a table of one family, no rule could look for addresses of the other.
  const [family = '', name = ''] = table.split(' ');
  const isOfBoth = family === 'inet' || family === 'bridge' || family === 'netdev';
  if (isOfBoth && isName(name, NAME_LIMIT, '-.') && table === `${family} ${name}`) return table;
  return exporting.refuseOption(
    `table must be inet, bridge or netdev and a name, such as "inet filter", got ${quote(table)}`,
  );
}

/** The kernel counts nanoseconds in 64 bits. */
const LONGEST = 18_446_744_073_708;

function timeoutOf(exporting: Exporting, item: Item): string {
  const lifetime = lifetimeOf(exporting, item, { unit: 1, most: LONGEST });
  return lifetime === undefined ? '' : ` timeout ${writeDuration(lifetime)}`;
}

function noteOf(exporting: Exporting, item: Item): string {
  // There is no way to write a quotation mark inside of two.
  const note = exporting.noteOf(item, { maxBytes: 128, forbidden: '"', instead: "'" });
  return note === '' ? '' : ` comment "${note}"`;
}
