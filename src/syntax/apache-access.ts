/**
 * `Order`, `Allow from` and `Deny from` of Apache 2.2 as rules: with `Order allow,deny`, only clients that are
 * allowed and not denied get in; with `Order deny,allow`, all clients that are allowed or not denied.
 */

import type { Importing } from '../exchange/importing.ts';
import { mayBeAddress } from '../exchange/names.ts';
import { quote } from '../problem/say.ts';
import { takeAddress } from './apache-addresses.ts';
import type { AccessBlock, Directive } from './apache-blocks.ts';

export function readAccess(importing: Importing, { access }: AccessBlock): void {
  const orders = access.filter(({ name }) => name === 'order');
  const order =
    orders
      .at(-1)
      ?.words.map(({ value }) => value.toLowerCase())
      .join('') ?? 'deny,allow';
  const satisfy = access.find(
    ({ name, words }) => name === 'satisfy' && words[0]?.value.toLowerCase() !== 'all',
  );
  if (satisfy !== undefined) {
    importing.refuse(
      satisfy.start,
      satisfy.end,
      'syntax',
      '"Satisfy any" also lets in clients with a password: that is not a list',
    );
    return;
  }
  if (order !== 'deny,allow' && order !== 'allow,deny' && order !== 'mutual-failure') {
    const { start, end } = orders.at(-1) as Directive;
    importing.refuse(start, end, 'syntax', 'the order must be "allow,deny" or "deny,allow"');
    return;
  }
  // Mutual-failure is allow,deny by another name.
  const isAllowLast = order === 'deny,allow';
  importing.otherwise = isAllowLast ? 'allow' : 'deny';
  // What outranks the other comes first, and the file has them in any order.
  const [first, last] = isAllowLast ? (['allow', 'deny'] as const) : (['deny', 'allow'] as const);
  for (const name of [first, last]) {
    const directives = access.filter((directive) => directive.name === name);
    // The second group decides about everyone whom the first does not.
    if (name === last && directives.some(isAboutAll)) importing.otherwise = name;
    else if (directives.length > 0) {
      importing.group();
      for (const directive of directives) readDirective(importing, directive, name);
    }
  }
}

function isAboutAll({ words }: Directive): boolean {
  return words.slice(1).some(({ value }) => value.toLowerCase() === 'all');
}

function readDirective(
  importing: Importing,
  { words, start, end }: Directive,
  action: 'allow' | 'deny',
): void {
  const [from, ...addresses] = words;
  if (from?.value.toLowerCase() !== 'from' || addresses.length === 0) {
    importing.refuse(start, end, 'syntax', `write "${action} from" and then addresses`);
    return;
  }
  for (const word of addresses) {
    const { value } = word;
    if (value.toLowerCase() === 'all') importing.everyone(word.start, word.end, { action });
    else if (value.toLowerCase().startsWith('env=')) importing.condition(word.start, word.end, quote(value));
    else if (!mayBeAddress(value))
      importing.condition(word.start, word.end, `the host ${quote(value)}, which is not looked up`);
    else
      takeAddress(importing, word, { action }, (text, at, to, fields) =>
        importing.entryOf(text, at, to, fields),
      );
  }
}
