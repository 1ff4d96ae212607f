/**
 * IP sets of AWS WAF: what the API answers and takes. One set has addresses of one family.
 *
 * ```
 * { "Name": "offices", "Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": ["192.0.2.0/24", "198.51.100.7/32"] }
 * ```
 */

import { type Exporting, halves, type Item, withLength } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { entryOf, type JsonNode, other, readJson, Scalars, textOf } from '../syntax/json.ts';

/** IP sets of AWS WAF; those of WAF Classic are only read. */
export const awsWaf: Format = /* @__PURE__ */ defineFormat(
  { name: 'aws-waf', title: 'AWS WAF IP sets', extension: '.json' },
  { read: readSets, write: writeSets, takes: ['set'], options: ['set'] },
);

/** What is read of a set. A descriptor of WAF Classic has a type of its own. */
const NAME = 0;
const VERSION = 1;
const ADDRESS = 2;
const TYPE = 3;

/** What else is in a set, and in an answer that has one. */
const others = [
  'Id',
  'ARN',
  'Description',
  'Scope',
  'Tags',
  'IPSetId',
  'LockToken',
  'ChangeToken',
  'CreationTime',
];

function readSets(importing: Importing): void {
  const { set: wanted } = importing.options;
  let [sets, taken] = [0, 0];
  const node = setNode(importing, (name, take) => {
    sets++;
    if (wanted !== undefined && wanted !== name) return;
    taken++;
    importing.group(name);
    take();
  });
  const root: JsonNode = { ...node, elements: node };
  if (!readJson(importing, root)) return;
  if (sets === 0) importing.refuse(0, 0, 'syntax', 'expected an IP set with Addresses');
  else if (taken === 0) importing.refuse(0, 0, 'unselected', `there is no set named ${quote(wanted ?? '')}`);
}

/** Passes the name of a set to `visit`, with a function that takes its addresses. */
function setNode(
  importing: Importing,
  visit: (name: string | undefined, take: () => void) => void,
  isInside = false,
): JsonNode {
  const { text } = importing;
  const scalars = new Scalars();
  let isSet = false;
  let isAnswer = false;
  const found = (): void => {
    isSet = true;
  };
  const descriptor = descriptorNode(importing, scalars);
  const inside = isInside ? other : { ...setNode(importing, visit, true), found: () => (isAnswer = true) };
  const named: readonly (readonly [string, JsonNode])[] = [
    ['Name', { scalar: scalars.taker(NAME) }],
    ['IPAddressVersion', { scalar: scalars.taker(VERSION) }],
    ['Addresses', { elements: { scalar: scalars.taker(ADDRESS) }, found }],
    ['IPSetDescriptors', { elements: descriptor, found }],
    ['IPSet', inside],
    ...others.map((name) => [name, other] as const),
  ];
  const end = (start: number): void => {
    const at = scalars.find(NAME);
    const name = at < 0 ? undefined : textOf(text, scalars.starts[at] as number, scalars.ends[at] as number);
    const label = importing.options.set === undefined && name !== '' ? name : undefined;
    if (isSet) visit(name, () => takeAddresses(importing, scalars, label));
    else if (!isAnswer) importing.error(start, start + 1, 'syntax', 'expected an IP set with Addresses here');
    scalars.clear();
    isSet = false;
    isAnswer = false;
  };
  return { members: { named, end } };
}

/** One address of WAF Classic with its type, which is passed on before it. */
function descriptorNode(importing: Importing, into: Scalars): JsonNode {
  const scalars = new Scalars();
  const pass = (field: number): boolean => {
    const at = scalars.find(field);
    if (at >= 0) into.taker(field)(scalars.starts[at] as number, scalars.ends[at] as number);
    return at >= 0;
  };
  const end = (start: number): void => {
    pass(TYPE);
    if (!pass(ADDRESS)) importing.error(start, start + 1, 'syntax', 'this descriptor has no Value');
    scalars.clear();
  };
  const named = [
    ['Type', { scalar: scalars.taker(TYPE) }],
    ['Value', { scalar: scalars.taker(ADDRESS) }],
  ] as const;
  return { members: { named, end } };
}

function takeAddresses(importing: Importing, scalars: Scalars, label: string | undefined): void {
  const { text } = importing;
  const { count, fields, starts, ends } = scalars;
  const said = (at: number): string =>
    at < 0 ? '' : textOf(text, starts[at] as number, ends[at] as number).toUpperCase();
  const ofSet = said(scalars.find(VERSION));
  for (let at = 0; at < count; at++) {
    if (fields[at] !== ADDRESS) continue;
    const [start, end] = [starts[at] as number, ends[at] as number];
    const type = fields[at - 1] === TYPE ? said(at - 1) : ofSet;
    const family = text.slice(start, end).includes(':') ? 'IPV6' : 'IPV4';
    if (type !== '' && type !== family)
      importing.error(start, end, 'syntax', `an address of ${family} cannot be in a set of ${quote(type)}`);
    else entryOf(importing, start, end, label === undefined ? undefined : { label });
  }
}

/** What AWS takes in one set. */
const MOST_ADDRESSES = 10_000;

/** How long a name can be, with the family after it. */
const LONGEST_NAME = 128 - '-ipv4'.length;

/**
 * Writes two sets, one a family. One without addresses is written, too: it may have had some before, and a set matches
 * nobody when it is empty.
 */
function writeSets(exporting: Exporting): string {
  const items = exporting.listed({ nested: true });
  const name = nameOf(exporting);
  exporting.loseNotes(items, 'an address of an IP set has no note');
  const sets = ([4, 6] as const).map((family) => {
    const addresses = [...new Set(items.filter((item) => item.family === family).flatMap(cidrsOf))];
    if (addresses.length > MOST_ADDRESSES) {
      const message = `there are ${addresses.length} addresses of IPv${family}, and AWS takes no more than ${MOST_ADDRESSES} in a set`;
      exporting.lose('too-many-entries', message);
    }
    return {
      Name: `${name}-ipv${family}`,
      Scope: 'REGIONAL',
      IPAddressVersion: `IPV${family}`,
      Addresses: addresses,
    };
  });
  return `${JSON.stringify(sets, undefined, 2)}\n`;
}

/** AWS takes a prefix with its length, and every length but /0, which is written as its two halves. */
function cidrsOf(item: Item): readonly string[] {
  return item.length > 0 ? [withLength(item)] : halves[item.family];
}

function nameOf(exporting: Exporting): string {
  const { set: given = 'ipverdict' } = exporting.options;
  let name = '';
  for (const character of given.slice(0, LONGEST_NAME)) name += isWord(character) ? character : '-';
  if (name !== given) {
    const message = `the name ${quote(given)} is written as ${quote(name)}: AWS takes ASCII letters, digits, _ and -`;
    exporting.lose('name-changed', message);
  }
  return name === '' ? 'ipverdict' : name;
}

function isWord(character: string): boolean {
  const lower = character.toLowerCase();
  return (
    'abcdefghijklmnopqrstuvwxyz0123456789_-'.includes(lower) &&
    lower.length === 1 &&
    lower.charCodeAt(0) < 128
  );
}
