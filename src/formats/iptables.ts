/**
 * iptables: the rules about sources in one chain, as `iptables-save` and `ip6tables-save` print them.
 *
 * ```
 * *filter
 * :INPUT DROP [0:0]
 * -A INPUT -s 192.0.2.7/32 -j DROP
 * -A INPUT -s 192.0.2.0/24 -m comment --comment "Office" -j ACCEPT
 * COMMIT
 * ```
 */

import { scanEntry, span } from '../address/entry.ts';
import type { Family } from '../address/scanner.ts';
import { defineFormat, type Format } from '../exchange/format.ts';
import type { EntryFields, Importing } from '../exchange/importing.ts';
import { quote } from '../problem/say.ts';
import { partsOf } from '../syntax/iptables-rules.ts';
import { type IptablesChain, type IptablesRule, readFilterTable } from '../syntax/iptables-save.ts';
import { isOfFamily, type Placed } from '../syntax/kernel.ts';
import { readNetmask } from '../syntax/netmask.ts';

/** The source rules of a chain of iptables. */
export const iptables: Format = /* @__PURE__ */ defineFormat(
  { name: 'iptables', title: 'iptables-save', extension: '.rules' },
  { read: readIptables, takes: ['set'] },
);

function readIptables(importing: Importing): void {
  const { chains, family } = readFilterTable(importing);
  const { set: name = 'INPUT' } = importing.options;
  const chain = chains.get(name);
  if (chain === undefined) {
    // What is not of the format at all has been refused.
    if (importing.trust !== 'whole') return;
    const names = [...chains.keys()].map(quote).slice(0, 20);
    const message = `there is no chain ${quote(name)} in the table filter: there is ${names.join(', ') || 'none'}`;
    importing.refuse(0, 0, 'unselected', message);
    return;
  }
  importing.group(name);
  new ChainReader(importing, family).read(chain);
}

/** What a rule is about: an address, or everyone of the family. */
interface Source extends Placed {
  readonly isEveryone: boolean;
}

class ChainReader {
  readonly #importing: Importing;
  #family: Family | 0;
  /** The rule that decides about everyone who comes as far. */
  #closing: { readonly verdict: 'allow' | 'deny'; readonly rule: IptablesRule } | undefined;

  constructor(importing: Importing, family: Family | 0) {
    this.#importing = importing;
    this.#family = family;
  }

  read({ rules, policy }: IptablesChain): void {
    const importing = this.#importing;
    for (const rule of rules) {
      if (this.#closing === undefined) this.#rule(rule);
      else importing.warn(rule.start, rule.end, 'skipped', 'no packet comes as far as this rule');
    }
    const closing = this.#closing;
    const fromPolicy = policy && (policy.value === 'ACCEPT' ? 'allow' : 'deny');
    importing.otherwise = closing?.verdict ?? fromPolicy;
    if (importing.otherwise !== 'allow') return;
    const { start, end } = closing?.rule ?? policy ?? { start: 0, end: 0 };
    const message =
      'the file is about one family, and clients of the other would be let in, too: join its rules with those of the other file';
    importing.warn(start, end, 'one-family', message);
  }

  #rule(rule: IptablesRule): void {
    const importing = this.#importing;
    const { start, end } = rule;
    const parts = partsOf(rule);
    if (parts === undefined) {
      importing.warn(start, end, 'skipped', 'decides nothing: the next rule is asked, too');
      return;
    }
    const { condition, isNegated, sources, verdict, note } = parts;
    const [source] = sources;
    if (condition !== undefined || verdict === undefined) importing.condition(start, end, condition ?? '');
    else if (isNegated) {
      const message = 'the rule is about everyone but a source, which no entry can say';
      importing.refuse(start, end, 'negated', message);
    } else if (source === undefined) this.#closing = { verdict, rule };
    else {
      const found = partsOfList(source).flatMap((part) => this.#sourceOf(part));
      const everyone = found.find(({ isEveryone }) => isEveryone);
      if (everyone !== undefined) this.#closing = { verdict, rule };
      const fields: EntryFields = { action: verdict, note };
      // What else stands in a rule about everyone is part of it.
      if (everyone === undefined)
        for (const { value, start: from, end: to } of found) importing.entryOf(value, from, to, fields);
    }
  }

  /** A source with a prefix length, or nothing where it is not one. */
  #sourceOf(source: Placed): Source[] {
    const importing = this.#importing;
    const { value, start, end } = source;
    const slash = value.indexOf('/');
    const netmask = slash < 0 ? undefined : readNetmask(value.slice(0, slash), value.slice(slash + 1));
    if (netmask?.inverse !== undefined) {
      const message = `the mask is not that of a prefix: perhaps ${netmask.inverse} is meant`;
      importing.error(start, end, 'wildcard-mask', message);
      return [];
    }
    const placed = { value: netmask?.prefix ?? value, start, end };
    if (this.#family === 0 && scanEntry(placed.value, 0, placed.value.length))
      this.#family = placed.value.includes(':') ? 6 : 4;
    if (!isOfFamily(importing, this.#family, placed)) return [];
    const isEveryone = scanEntry(placed.value, 0, placed.value.length) && span.length === 0;
    return [{ ...placed, isEveryone }];
  }
}

/** Several sources with commas between them are as many rules. */
function partsOfList({ value, start, end }: Placed): Placed[] {
  const isLiteral = value.length === end - start;
  const parts: Placed[] = [];
  let from = 0;
  for (const part of value.split(',')) {
    parts.push(
      isLiteral
        ? { value: part, start: start + from, end: start + from + part.length }
        : { value: part, start, end },
    );
    from += part.length + 1;
  }
  return parts;
}
