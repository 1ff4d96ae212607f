/**
 * ipset: sets as `ipset save` prints them. Written so that `ipset restore` replaces two sets, each in one step.
 *
 * ```
 * create denied_ipv4 hash:net family inet maxelem 65536 timeout 0 comment
 * add denied_ipv4 192.0.2.0/24 timeout 3600 comment "Scanner"
 * add denied_ipv4 192.0.2.7 nomatch
 * ```
 */

import { scanEntry } from '../address/entry.ts';
import type { Exporting, Item } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { lifetimeOf } from '../exchange/lifetime.ts';
import { quote } from '../problem/say.ts';
import { levelsOf } from '../syntax/alternations.ts';
import { addressTypes, type IpsetElement, type IpsetSet, readIpsets } from '../syntax/ipset-sets.ts';
import { isOfFamily } from '../syntax/kernel.ts';
import { setNameOf } from '../syntax/set-names.ts';

/** Sets of ipset. */
export const ipset: Format = /* @__PURE__ */ defineFormat(
  { name: 'ipset', title: 'ipset', extension: '.ipset' },
  { read: readIpset, write: writeIpset, takes: ['set'], options: ['set', 'now'] },
);

function readIpset(importing: Importing): void {
  const { options } = importing;
  const sets = readIpsets(importing);
  const wanted = sets.filter(({ name }) => options.set === undefined || name === options.set);
  if (wanted.length === 0 && options.set !== undefined) {
    const names = sets.map(({ name }) => quote(name)).slice(0, 20);
    const message = `there is no set ${quote(options.set)} in the file: there is ${names.join(', ') || 'none'}`;
    importing.refuse(0, 0, 'unselected', message);
  }
  for (const set of wanted) addSet(importing, set);
}

function addSet(importing: Importing, set: IpsetSet): void {
  const { name, type, start, end, elements } = set;
  if (type === 'list:set') {
    const message = `${quote(name)} is a list of sets: read each of them by its name`;
    if (importing.options.set === undefined) importing.warn(start, end, 'skipped', message);
    else importing.refuse(start, end, 'include', message);
  } else if (type !== '' && !addressTypes.includes(type) && !type.includes('ip') && !type.includes('net'))
    importing.warn(start, end, 'skipped', `${quote(name)} is not a set of addresses`);
  else if ((type !== '' && !addressTypes.includes(type)) || set.hasBitmask)
    importing.condition(start, end, `${quote(name)} looks at more than an address, or at a part of one`);
  else {
    const read = [...elements.values()].flatMap((element) => elementOf(importing, set, element));
    importing.group(name);
    if (read.some(({ isException }) => isException)) addLevels(importing, set, read);
    else
      for (const element of read)
        importing.entryOf(element.value, element.start, element.end, fieldsOf(importing, set, element));
  }
}

/** An element as an entry, or nothing where it is not one. */
function elementOf(importing: Importing, set: IpsetSet, element: IpsetElement): IpsetElement[] {
  const { value, start, end } = element;
  if (value.includes(',')) {
    importing.condition(start, end, 'more than an address');
    return [];
  }
  if (!isOfFamily(importing, set.family, element)) return [];
  if (value.endsWith('/0')) {
    importing.error(
      start,
      end,
      'syntax',
      'ipset refuses /0: it takes two halves, 0.0.0.0/1 and 128.0.0.0/1, or ::/1 and 8000::/1',
    );
    return [];
  }
  if (set.netmask === undefined) return [element];
  // Of an address, the set keeps its network.
  const isRange = value.includes('-') || value.includes('/');
  if (!isRange && !Number.isNaN(set.netmask)) return [{ ...element, value: `${value}/${set.netmask}` }];
  importing.error(
    start,
    end,
    'syntax',
    'in a set with a netmask, only addresses are read: write each network',
  );
  return [];
}

type Fields = NonNullable<Parameters<Importing['entryOf']>[3]>;

function fieldsOf({ options }: Importing, { name }: IpsetSet, { note, until }: IpsetElement): Fields {
  return { note, until, label: options.set === undefined ? name : undefined };
}

/** The most specific element that covers an address decides, so what is inside of an exception is a rule of its own. */
function addLevels(importing: Importing, set: IpsetSet, elements: readonly IpsetElement[]): void {
  // What cannot be read is reported.
  for (const { value, start, end } of elements) {
    if (!scanEntry(value, 0, value.length)) importing.entryOf(value, start, end);
  }
  levelsOf(elements).forEach(({ entries, exceptions }, level) => {
    if (level > 0) importing.group(set.name);
    for (const { text, of } of entries)
      importing.entryOf(text, of.start, of.end, fieldsOf(importing, set, of));
    for (const { text, of } of exceptions)
      importing.exceptionOf(text, of.start, of.end, fieldsOf(importing, set, of));
  });
}

function writeIpset(exporting: Exporting): string {
  const name = setNameOf(exporting, NAME_LIMIT);
  const { notes, now } = exporting.options;
  const items = exporting.lasting({ nested: true });
  const extensions = `${now === undefined ? '' : ' timeout 0'}${notes ? ' comment' : ''}`;
  const parts = ([4, 6] as const).map((family) => {
    const set = `${name}_ipv${family}`;
    const type = `hash:net family ${family === 4 ? 'inet' : 'inet6'} maxelem ${MOST_ELEMENTS}${extensions}`;
    const added = new Set<string>();
    const lines = items
      .filter((item) => item.family === family)
      .map((item) => linesOf(exporting, `${set}_new`, item, added));
    return `destroy ${set}_new -exist
create ${set}_new ${type}
${lines.join('')}create ${set} ${type} -exist
swap ${set}_new ${set}
destroy ${set}_new
`;
  });
  return parts.join('');
}

/** Names have up to 31 bytes, and these get an end. */
const NAME_LIMIT = 22;

/**
 * It costs nothing until it is used. And it must not depend on the list: a set that is there already has to have been created
 * with the same.
 */
const MOST_ELEMENTS = 4_294_967_295;

/** It refuses the prefix length 0, and what it has already. */
const halves: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ new Map([
  ['0.0.0.0/0', ['0.0.0.0/1', '128.0.0.0/1']],
  ['::/0', ['::/1', '8000::/1']],
]);

function linesOf(exporting: Exporting, set: string, item: Item, added: Set<string>): string {
  const seconds = lifetimeOf(exporting, item, { unit: 1000, most: 2_147_483_000 });
  if (seconds === 0) return '';
  // Nothing is escaped in quotation marks.
  const note = exporting.noteOf(item, { maxBytes: 255, forbidden: '"', instead: "'" });
  const end = `${seconds === undefined ? '' : ` timeout ${seconds}`}${note === '' ? '' : ` comment "${note}"`}`;
  const isNew = (text: string): boolean => !added.has(text) && added.add(text) !== undefined;
  const texts = (halves.get(item.text) ?? [item.text]).filter(isNew);
  return texts.map((text) => `add ${set} ${text}${end}\n`).join('');
}
