/**
 * pg_hba.conf of PostgreSQL: who may connect, of which the first line that matches counts.
 *
 * ```
 * host all all 192.0.2.0/24 reject # Lab
 * host all all all scram-sha-256
 * ```
 */

import { type Exporting, type Item, withLength } from '../exchange/exporting.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { mayBeAddress } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';
import { eachJoinedLine, type JoinedLine, type Word } from '../syntax/joined-lines.ts';
import { readNetmask } from '../syntax/netmask.ts';

/** The rules of PostgreSQL for hosts. */
export const pgHba: Format = /* @__PURE__ */ defineFormat(
  { name: 'pg-hba', title: 'PostgreSQL pg_hba.conf', extension: '.conf' },
  { read: readHba, write: writeHba, options: ['method'] },
);

/** The kinds of connections that a line can be about. */
const kinds: readonly string[] = ['host', 'hostssl', 'hostnossl', 'hostgssenc', 'hostnogssenc'];

/** How PostgreSQL authenticates who is not rejected, up to version 18. */
const methods: readonly string[] = [
  'reject',
  'trust',
  'scram-sha-256',
  'md5',
  'password',
  'gss',
  'sspi',
  'ident',
  'peer',
  'ldap',
  'radius',
  'cert',
  'pam',
  'bsd',
  'oauth',
];

const includes: readonly string[] = ['include', 'include_if_exists', 'include_dir'];

/** A line about everyone, which is what happens to all others if no line about some comes after it. */
interface Closing {
  readonly word: Word;
  readonly fields: EntryFields;
}

function readHba(importing: Importing): void {
  // PostgreSQL takes an IPv4-mapped network for one of IPv6, and finds no client with it.
  importing.findsMapped = false;
  let count = 0;
  let closing: Closing | undefined;
  eachJoinedLine(importing.text, (line) => {
    const words = line.words('#');
    if (words.length === 0) return;
    count++;
    const rule = readLine(importing, line, words);
    if (rule === undefined) return;
    if (closing !== undefined) importing.everyone(closing.word.start, closing.word.end, closing.fields);
    closing = rule.value === 'all' ? { word: rule.address, fields: rule.fields } : undefined;
    if (closing === undefined) importing.entryOf(rule.value, rule.address.start, rule.end, rule.fields);
  });
  // Who matches no line is refused.
  if (count > 0) importing.otherwise = closing?.fields.action ?? 'deny';
}

/** A line that is about all connections from somewhere. */
interface HbaRule {
  readonly value: string;
  readonly address: Word;
  readonly end: number;
  readonly fields: EntryFields;
}

function readLine(importing: Importing, line: JoinedLine, words: readonly Word[]): HbaRule | undefined {
  const [kind, database, user, address, ...rest] = words;
  const [start, end] = line.place;
  const name = kind?.value ?? '';
  if (includes.includes(name) || words.some(({ value, isQuoted }) => !isQuoted && value.startsWith('@'))) {
    importing.refuse(
      start,
      end,
      'include',
      'the line takes rules or names from another file, which is not read',
    );
    return undefined;
  }
  // A socket of the same machine has no address.
  if (name === 'local') return undefined;
  if (!kinds.includes(name)) {
    importing.refuse(start, end, 'syntax', `a line must start with host or local, got ${quote(name)}`);
    return undefined;
  }
  if (database === undefined || user === undefined || address === undefined) {
    importing.refuse(start, end, 'syntax', 'a line has a database, a user, an address and a method');
    return undefined;
  }
  const network = readNetwork(importing, address, rest);
  if (network === undefined) return undefined;
  const [method] = network.rest;
  if (method === undefined) {
    importing.refuse(start, end, 'syntax', 'the line has no method');
    return undefined;
  }
  if (!methods.includes(method.value)) {
    importing.refuse(
      method.start,
      method.end,
      'syntax',
      `PostgreSQL has no method ${quote(method.value)}, and refuses the file`,
    );
    return undefined;
  }
  const condition = conditionOf(kind as Word, database, user);
  if (condition !== undefined) {
    importing.condition(start, end, condition);
    return undefined;
  }
  const action = method.value === 'reject' ? 'deny' : 'allow';
  const fields = { action, note: line.commentAfter('#'), label: method.value } as const;
  return { value: network.value, address, end: network.end, fields };
}

/** The address of a line, where it is one, and the words after it. */
interface Network {
  readonly value: string;
  readonly end: number;
  readonly rest: readonly Word[];
}

function readNetwork(importing: Importing, address: Word, rest: readonly Word[]): Network | undefined {
  const { value, start, end, isQuoted } = address;
  // In quotation marks it would be a host of this name.
  if (value === 'all' && !isQuoted) return { value, end, rest };
  if (value.includes('/')) return { value, end, rest };
  const [mask, ...others] = rest;
  const isAddress = mayBeAddress(value);
  if (!isAddress) {
    importing.warn(start, end, 'skipped', `${quote(value)} is a name, which is not looked up`);
    return undefined;
  }
  const netmask = mask && readNetmask(value, mask.value);
  if (netmask?.prefix !== undefined) return { value: netmask.prefix, end: mask?.end ?? end, rest: others };
  const message =
    netmask === undefined
      ? 'an address has a prefix length here, or a netmask in the next column: without one, PostgreSQL refuses the file'
      : `the mask is not that of a prefix: perhaps ${netmask.inverse} is meant`;
  importing.error(
    start,
    mask?.end ?? end,
    netmask === undefined ? 'prefix-length-missing' : 'wildcard-mask',
    message,
  );
  return undefined;
}

/** What a line is about, if it is not about all connections to all databases. */
function conditionOf(kind: Word, database: Word, user: Word): string | undefined {
  if (kind.value !== 'host') return `connections of the kind ${quote(kind.value)}`;
  if (!hasAll(database)) return `the database ${quote(database.value)}`;
  return hasAll(user) ? undefined : `the user ${quote(user.value)}`;
}

/** In quotation marks, `all` is a name like any other. */
function hasAll({ value, isQuoted }: Word): boolean {
  return !isQuoted && value.split(',').includes('all');
}

function writeHba(exporting: Exporting): string | undefined {
  const { method = 'scram-sha-256' } = exporting.options;
  if (!methods.includes(method) || method === 'reject')
    return exporting.refuseOption(
      `method must be one that lets in, such as "scram-sha-256", got ${quote(method)}`,
    );
  const wordOf = (verdict: string): string => (verdict === 'allow' ? method : 'reject');
  const line = (item: Item): string => {
    const note = exporting.noteOf(item, { maxBytes: LONGEST_NOTE, isJoined: true });
    const rule = `host all all ${withLength(item)} ${wordOf(item.verdict)}`;
    return note === '' ? `${rule}\n` : `${rule} # ${note}\n`;
  };
  const lines = exporting.ordered({ nested: true }).map(line);
  return `${lines.join('')}host all all all ${wordOf(exporting.otherwise)}\n`;
}

/** Far below what a line of the file can have. */
const LONGEST_NOTE = 500;
