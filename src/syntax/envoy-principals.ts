/**
 * Who a policy of Envoy is about: principals, of which one has to match, made of others by `and_ids`, `or_ids` and
 * `not_id`.
 */

import type { Importing } from '../exchange/importing.ts';
import type { Verdict } from '../policy/decision.ts';
import { quote } from '../problem/say.ts';
import { commentAfter, type YamlField, type YamlValue } from './yaml.ts';

/** A field of a message by its name as Envoy has it, `direct_remote_ip`, or as JSON of it has, `directRemoteIp`. */
export type Fields = ReadonlyMap<string, YamlField>;

/** Refuses the whole text: what it says of clients is not known. */
export function refuse(
  importing: Importing,
  { start, end }: YamlValue | YamlField,
  message: string,
): undefined {
  importing.refuse(start, end, 'syntax', message);
  return undefined;
}

/** The fields of a message that are set; `undefined` when it is not one, or has one twice or one that is not known. */
export function fieldsOf(
  importing: Importing,
  value: YamlValue,
  known?: readonly string[],
): Fields | undefined {
  if (value.kind !== 'map') return refuse(importing, value, 'expected a map here');
  const fields = new Map<string, YamlField>();
  for (const field of value.fields.values()) {
    const name = nameOf(field.name);
    if (fields.has(name)) return refuse(importing, field, `${quote(field.name)} is written twice`);
    if (known !== undefined && !known.includes(name))
      return refuse(importing, field, `Envoy has no field ${quote(field.name)} here`);
    fields.set(name, field);
  }
  for (const [name, { value: inner }] of fields) if (inner.kind === 'nothing') fields.delete(name);
  return fields;
}

function nameOf(written: string): string {
  let name = '';
  for (const sign of written) name += sign >= 'A' && sign <= 'Z' ? `_${sign.toLowerCase()}` : sign;
  return name;
}

/** The items of a list that must have one. */
export function itemsOf(
  importing: Importing,
  fields: Fields,
  name: string,
  owner: YamlValue | YamlField,
): readonly YamlValue[] | undefined {
  const field = fields.get(name);
  const items = field?.value.kind === 'list' ? field.value.items : [];
  if (items.length > 0) return items;
  return refuse(importing, field ?? owner, `${quote(name)} must be a list with one item or more`);
}

/** The one field of a message that has one of several. */
export function onlyField(importing: Importing, value: YamlValue): readonly [string, YamlField] | undefined {
  const fields = fieldsOf(importing, value);
  const [only, second] = fields ?? [];
  if (fields === undefined) return undefined;
  if (only !== undefined && second === undefined) return only;
  return refuse(importing, value, 'expected one field here, which says what has to match');
}

/** Whether a field `any` is `true`, the only value that Envoy takes. */
export function isAny(importing: Importing, { value }: YamlField): true | undefined {
  if (value.kind === 'other' && value.written === 'true') return true;
  return refuse(importing, value, 'Envoy takes only "any: true"');
}

/** A network as the text has it. */
interface Network {
  readonly text: string;
  readonly note: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** Whom a principal matches: everyone or some networks, but for exceptions. */
interface Clients {
  readonly kind: 'clients';
  readonly isEveryone: boolean;
  readonly networks: readonly Network[];
  readonly except: readonly Network[];
  readonly start: number;
  readonly end: number;
}

/** A principal that is about something else than an address. */
interface Condition {
  readonly kind: 'condition';
  readonly what: string;
  readonly start: number;
  readonly end: number;
}

/** A principal matches whom one of these is. */
type Matches = readonly (Clients | Condition)[];

const nobody = { kind: 'clients', isEveryone: false, networks: [], except: [] } as const;

/** The fields with an address. The last one is an old name. */
const addressFields = ['direct_remote_ip', 'remote_ip', 'source_ip'];

/** Everything else that can be in a principal. */
const otherFields = [
  'authenticated',
  'header',
  'url_path',
  'metadata',
  'sourced_metadata',
  'filter_state',
  'custom',
];

const ADDRESS_SIGNS = '0123456789abcdefABCDEF.:';
const DIGITS = '0123456789';

/** Reads the principals of policies into the entries of rules. */
export class PrincipalReader {
  readonly #importing: Importing;
  readonly #action: Verdict;
  /** The field that the first address was in: another one can be another address of the same client. */
  #addressField: string | undefined;

  constructor(importing: Importing, action: Verdict) {
    this.#importing = importing;
    this.#action = action;
  }

  /** Takes the clients that one of the principals of a policy matches. */
  read(name: string, principals: readonly YamlValue[]): void {
    const importing = this.#importing;
    importing.group(name);
    for (const principal of principals) {
      for (const match of this.#matchesOf(principal) ?? []) {
        if (match.kind === 'condition') importing.condition(match.start, match.end, match.what);
        else this.#take(name, match);
      }
    }
  }

  #take(name: string, { isEveryone, networks, except, start, end }: Clients): void {
    const importing = this.#importing;
    // Exceptions are those of the entries of a group.
    if (except.length > 0 || importing.groups.at(-1)?.except.length !== 0) importing.group(name);
    const fields = { action: this.#action, label: name };
    if (isEveryone) importing.everyone(start, end, fields);
    for (const network of networks)
      importing.entryOf(network.text, network.start, network.end, { ...fields, note: network.note });
    for (const network of except)
      importing.exceptionOf(network.text, network.start, network.end, { note: network.note });
  }

  /** `undefined` when the text has been refused. */
  #matchesOf(principal: YamlValue): Matches | undefined {
    const importing = this.#importing;
    const only = onlyField(importing, principal);
    if (only === undefined) return undefined;
    const [name, field] = only;
    const { start, end, value } = field;
    if (addressFields.includes(name)) return this.#addressOf(name, field);
    if (name === 'any') return isAny(importing, field) && [{ ...nobody, isEveryone: true, start, end }];
    if (name === 'not_id') return this.#negated(field, this.#matchesOf(value));
    if (otherFields.includes(name))
      return [conditionOf(field, `${quote(field.name)} is not about an address`)];
    if (name !== 'or_ids' && name !== 'and_ids')
      return refuse(importing, field, `Envoy has no principal ${quote(field.name)}`);
    const parts = this.#partsOf(field);
    if (parts === undefined) return undefined;
    return name === 'or_ids' ? united(parts.flat()) : this.#common(field, parts);
  }

  #partsOf(field: YamlField): readonly Matches[] | undefined {
    const importing = this.#importing;
    const set = fieldsOf(importing, field.value, ['ids']);
    const items = set && itemsOf(importing, set, 'ids', field);
    const parts: Matches[] = [];
    for (const item of items ?? []) {
      const part = this.#matchesOf(item);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return items && parts;
  }

  #addressOf(name: string, field: YamlField): Matches | undefined {
    const network = this.#networkOf(field);
    if (network === undefined) return undefined;
    this.#addressField ??= name;
    if (name !== this.#addressField) {
      const what = `${quote(field.name)} can be another address of a client than ${quote(this.#addressField)}, which is written before`;
      return [conditionOf(field, what)];
    }
    return [{ ...nobody, networks: [network], start: field.start, end: field.end }];
  }

  #networkOf({ value }: YamlField): Network | undefined {
    const importing = this.#importing;
    const fields = fieldsOf(importing, value, ['address_prefix', 'prefix_len']);
    if (fields === undefined) return undefined;
    const address = fields.get('address_prefix')?.value;
    const length = fields.get('prefix_len')?.value;
    if (address?.kind !== 'text' || !hasOnly(address.value, ADDRESS_SIGNS))
      return refuse(importing, address ?? value, 'address_prefix must be an address alone, as text');
    // Without a length, Envoy takes it for 0.
    const digits = length === undefined ? '0' : wordOf(length);
    if (!hasOnly(digits, DIGITS))
      return refuse(importing, length ?? value, 'prefix_len must be a whole number');
    const { start, end } = address;
    const note = noteAfter(importing.text, value, length === undefined ? address : length);
    return { text: `${address.value}/${digits}`, note, start, end };
  }

  /** Everyone but those who match. */
  #negated(field: YamlField, matches: Matches | undefined): Matches | undefined {
    if (matches === undefined) return undefined;
    const condition = matches.find(isCondition);
    if (condition !== undefined) return [conditionOf(field, condition.what)];
    const clients = matches.filter(isClients);
    const [only] = clients;
    const place = { start: field.start, end: field.end };
    // Everyone but some, negated, are those some.
    if (clients.length === 1 && only?.isEveryone === true && only.except.length > 0)
      return [{ ...nobody, networks: only.except, ...place }];
    if (clients.some(({ isEveryone, except }) => isEveryone || except.length > 0))
      return refuse(this.#importing, field, 'a negation is read only of addresses, or of another negation');
    return [{ ...nobody, isEveryone: true, except: clients.flatMap(({ networks }) => networks), ...place }];
  }

  /** Those whom all parts match. */
  #common(field: YamlField, parts: readonly Matches[]): Matches | undefined {
    // A part of what has a condition would apply without it.
    const condition = parts.flat().find(isCondition);
    if (condition !== undefined) return [conditionOf(field, condition.what)];
    const clients = parts.map((part) => part.filter(isClients));
    const except = clients.flatMap((part) => (isEveryoneBut(part) ? (part[0]?.except ?? []) : []));
    const [some = [], others] = clients.filter((part) => !isEveryoneBut(part));
    if (others !== undefined || (some.length > 1 && except.length > 0)) {
      const message =
        'and_ids is read only of addresses in one or_ids or alone, and of not_id, which is an exception';
      return refuse(this.#importing, field, message);
    }
    const [first] = some;
    if (some.length > 1) return some;
    const from = first ?? { ...nobody, isEveryone: true, start: field.start, end: field.end };
    return [{ ...from, except: [...from.except, ...except] }];
  }
}

function isClients(match: Clients | Condition): match is Clients {
  return match.kind === 'clients';
}

function isCondition(match: Clients | Condition): match is Condition {
  return match.kind === 'condition';
}

function conditionOf({ start, end }: YamlField, what: string): Condition {
  return { kind: 'condition', what, start, end };
}

function isEveryoneBut(part: readonly Clients[]): boolean {
  return part.length === 1 && part[0]?.isEveryone === true;
}

/** The same clients, with all networks that have no exceptions together. */
function united(matches: Matches): Matches {
  const plain: Clients[] = [];
  const others: (Clients | Condition)[] = [];
  for (const match of matches) {
    if (isClients(match) && !match.isEveryone && match.except.length === 0) plain.push(match);
    else others.push(match);
  }
  const [first] = plain;
  if (first === undefined) return others;
  return [{ ...first, networks: plain.flatMap(({ networks }) => networks) }, ...others];
}

function hasOnly(word: string, signs: string): boolean {
  return word !== '' && [...word].every((sign) => signs.includes(sign));
}

/** A number, which JSON of a message may have as text, too. */
function wordOf(value: YamlValue): string {
  if (value.kind === 'text') return value.value;
  return value.kind === 'other' ? value.written : '';
}

/** The comment after a network, on the line on which it ends. */
function noteAfter(text: string, network: YamlValue, last: YamlValue): string | undefined {
  return commentAfter(text, text.charAt(network.end - 1) === '}' ? network.end : last.end);
}
