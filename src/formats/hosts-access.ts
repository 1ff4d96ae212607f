/**
 * hosts.allow and hosts.deny of tcp_wrappers: clients of daemons, of which the first line that matches counts.
 *
 * ```
 * sshd : 192.0.2. EXCEPT 192.0.2.7
 * ALL : [2001:db8::]/32 : deny
 * ```
 */

import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { type Client, clientOf } from '../syntax/hosts-clients.ts';
import { eachHostsLine, type HostsLine, type Token } from '../syntax/hosts-lines.ts';

/** The files of tcp_wrappers. */
export const hostsAccess: Format = /* @__PURE__ */ defineFormat(
  { name: 'hosts-access', title: 'hosts.allow and hosts.deny', extension: '' },
  { read: (importing) => new HostsReader(importing).read(), takes: ['set'] },
);

class HostsReader {
  readonly #importing: Importing;
  #lines = 0;
  #wanted = 0;
  /** The daemons of the first line. */
  #daemons: string | undefined;
  #areSame = true;
  /** Whether the next entries are in a group of their own. */
  #needsGroup = true;

  constructor(importing: Importing) {
    this.#importing = importing;
  }

  read(): void {
    const importing = this.#importing;
    const { set } = importing.options;
    // An IPv4-mapped address is found by nobody.
    importing.findsMapped = false;
    eachHostsLine(importing, (line) => {
      this.#lines++;
      if (this.#isWanted(line)) this.#line(line);
    });
    if (set === undefined || this.#wanted > 0 || this.#lines === 0) return;
    importing.refuse(0, 0, 'unselected', `no line of the file is about the daemon ${quote(set)}`);
  }

  #isWanted({ daemons, start, end }: HostsLine): boolean {
    const importing = this.#importing;
    const { set } = importing.options;
    const words = daemons.map(({ value }) => value);
    const pattern = words.find(isPattern);
    if (pattern !== undefined) {
      importing.condition(start, end, `the daemons ${pattern}`);
      return false;
    }
    if (words.every((word) => word.startsWith('#'))) {
      const message = 'a comment begins in the first column: this line is about a daemon that is not there';
      importing.warn(start, end, 'skipped', message);
      return false;
    }
    if (set !== undefined) return isInList(words, set.toLowerCase());
    const name = words.join(' ').toLowerCase();
    this.#daemons ??= name;
    if (name !== this.#daemons && this.#areSame) {
      this.#areSame = false;
      const message = `the lines are about different daemons: name one in the option set, such as ${quote(words[0] ?? '')}`;
      importing.error(start, end, 'set-required', message);
    }
    return true;
  }

  #line({ daemons, clients, start, end, action }: HostsLine): void {
    const importing = this.#importing;
    const { set } = importing.options;
    this.#wanted++;
    const label = set === undefined ? daemons.map(({ value }) => value).join(' ') : undefined;
    const [wanted, exceptions, others] = partsOf(clients);
    if (others !== undefined) {
      importing.refuse(start, end, 'negated', 'an exception of an exception is not read: write two lines');
      return;
    }
    const last = importing.groups.at(-1);
    const isNew = this.#needsGroup || exceptions !== undefined || last?.name !== label;
    const group = isNew ? importing.group(label) : last;
    this.#needsGroup = exceptions !== undefined;
    const fields: EntryFields = { action, label };
    const isEveryone = wanted.filter((token) => this.#client(token, fields)).length > 0;
    if (group === undefined || group.entries.length === 0) return;
    for (const token of exceptions ?? []) this.#exception(token, fields);
    if (isEveryone && exceptions === undefined) importing.otherwise ??= action;
  }

  /** Takes a client, and says whether it is everyone. */
  #client(token: Token, fields: EntryFields): boolean {
    const { start, end } = token;
    const client = clientOf(token.value);
    if (client.kind === 'everyone') this.#importing.everyone(start, end, fields);
    else if (client.kind === 'address') this.#importing.entryOf(client.value, start, end, fields);
    else this.#report(token, client);
    return client.kind === 'everyone';
  }

  #exception(token: Token, fields: EntryFields): void {
    const importing = this.#importing;
    const { start, end } = token;
    const client = clientOf(token.value);
    if (client.kind === 'address') importing.exceptionOf(client.value, start, end, fields);
    else if (client.kind === 'everyone')
      for (const all of ['0.0.0.0/0', '::/0']) importing.exceptionOf(all, start, end, fields);
    else if (client.kind !== 'other' || (fields.action ?? importing.options.mode) === 'deny')
      this.#report(token, client);
    // Without the exception, it would be let in.
    else importing.refuse(start, end, 'negated', `an exception that is not an address: ${client.why}`);
  }

  #report({ value, start, end }: Token, client: Client): void {
    const importing = this.#importing;
    if (client.kind === 'include') {
      const message = `the clients in the file ${quote(value)} are not read`;
      importing.refuse(start, end, 'include', message);
    } else if (client.kind === 'other' && client.code === 'conditional')
      importing.condition(start, end, client.why);
    else if (client.kind === 'other' || (client.kind === 'fault' && client.code === 'host-bits-set'))
      importing.warn(start, end, client.code, client.why);
    else if (client.kind === 'fault') importing.error(start, end, client.code, client.why);
  }
}

/** The words before `EXCEPT`, between the first and the second, and after that. */
function partsOf<Word extends { readonly value: string }>(
  words: readonly Word[],
): readonly [Word[], Word[]?, Word[]?] {
  const parts: [Word[], Word[]?, Word[]?] = [[]];
  for (const word of words) {
    if (word.value.toUpperCase() === 'EXCEPT' && parts.length < 3) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** Whether a word is more than the name of a daemon: one of an address of this machine, or a pattern. */
function isPattern(word: string): boolean {
  const isPart = word.startsWith('.') || word.endsWith('.') || word.startsWith('/');
  return isPart || ['*', '?', '@'].some((sign) => word.includes(sign)) || word.toUpperCase() === 'KNOWN';
}

/** Whether a list of daemons has one: an exception of an exception is none. */
function isInList(words: readonly string[], daemon: string): boolean {
  const found = words.map((word) => word.toLowerCase());
  const end = found.indexOf('except');
  const own = end < 0 ? found : found.slice(0, end);
  if (!own.includes('all') && !own.includes(daemon)) return false;
  return end < 0 || !isInList(found.slice(end + 1), daemon);
}
