/**
 * Clients as tcp_wrappers has them: partial addresses with a dot at their end, netmasks, IPv6 in brackets, and names.
 */

import { DIGITS, HEX_DIGITS, isNumber, skip } from '../address/characters.ts';
import { scanEntry, span } from '../address/entry.ts';
import type { ProblemCode } from '../problem/errors.ts';
import { readNetmask } from './netmask.ts';

/** What a word in a list of clients means. */
export type Client =
  | { readonly kind: 'everyone' }
  /** Text for an entry, which may turn out to be none. */
  | { readonly kind: 'address'; readonly value: string }
  /** Something else than an address: a name, a user, a group. */
  | { readonly kind: 'other'; readonly code: 'skipped' | 'conditional'; readonly why: string }
  /** Other clients are in another file. */
  | { readonly kind: 'include' }
  /** It matches nobody, or what it matches is not an entry. */
  | { readonly kind: 'fault'; readonly code: ProblemCode; readonly why: string };

const names: readonly string[] = ['KNOWN', 'UNKNOWN', 'LOCAL', 'PARANOID'];

/** What a word means. */
export function clientOf(word: string): Client {
  const upper = word.toUpperCase();
  if (upper === 'ALL') return { kind: 'everyone' };
  if (word.startsWith('/')) return { kind: 'include' };
  if (word.startsWith('#'))
    return other(
      'skipped',
      'only at the start of a line does "#" begin a comment: the words here are clients',
    );
  if (word.startsWith('@')) return other('conditional', `the netgroup ${word}`);
  if (word.includes('@')) return other('conditional', `the user ${word}`);
  if (names.includes(upper)) return other('skipped', `"${word}" is about names, which are not looked up`);
  if (word.includes('*') || word.includes('?')) {
    if (isOf(word, `${HEX_DIGITS}:.*?[]/`)) return fault('syntax', 'a pattern of addresses is not read');
    return nameOf(word);
  }
  if (word.startsWith('.')) {
    if (isOf(word, `${DIGITS}.`))
      return fault('syntax', 'every address that ends so is meant, which is not a list');
    return nameOf(word);
  }
  if (word.startsWith('[')) return ipv6Of(word);
  if (!isNumber(word.charAt(0))) return nameOf(word);
  if (word.includes('/')) return networkOf(word);
  if (word.endsWith('.')) return partialOf(word);
  if (word.includes('-') && scanEntry(word, 0, word.length))
    return fault('syntax', 'a range matches nobody: write prefixes');
  return isOf(word, `${DIGITS}.`) ? { kind: 'address', value: word } : nameOf(word);
}

function other(code: 'skipped' | 'conditional', why: string): Client {
  return { kind: 'other', code, why };
}

function fault(code: ProblemCode, why: string): Client {
  return { kind: 'fault', code, why };
}

function nameOf(word: string): Client {
  return other('skipped', `"${word}" is a name, which is not looked up`);
}

function isOf(word: string, characters: string): boolean {
  return skip(word, 0, characters) === word.length;
}

/** `[2001:db8::]/32`, whose bits after the prefix do not matter. */
function ipv6Of(word: string): Client {
  const close = word.indexOf(']');
  const address = word.slice(1, close);
  const rest = word.slice(close + 1);
  const isRead = close > 0 && address.includes(':') && (rest === '' || isNumber(rest.slice(1)));
  if (!isRead || (rest !== '' && !rest.startsWith('/')))
    return fault('syntax', 'in brackets is an IPv6 address, and a prefix length after them: [2001:db8::]/32');
  return { kind: 'address', value: `${address}${rest}` };
}

function networkOf(word: string): Client {
  const slash = word.indexOf('/');
  const [address, mask] = [word.slice(0, slash), word.slice(slash + 1)];
  const netmask = readNetmask(address, mask);
  if (netmask?.inverse !== undefined)
    return fault('wildcard-mask', `the mask is not that of a prefix: perhaps ${netmask.inverse} is meant`);
  const value = netmask?.prefix ?? word;
  // What is not a prefix at all is reported as such.
  if (!scanEntry(value, 0, value.length)) return { kind: 'address', value };
  if (span.hostBits)
    return fault('host-bits-set', 'with bits after its prefix, it matches nobody: the line has never worked');
  if (mask === '0') return fault('syntax', 'a length of 0 matches nobody: write ALL for everyone');
  if (mask === '255.255.255.255') return fault('syntax', `the mask matches nobody: write ${address} alone`);
  return { kind: 'address', value };
}

/** `192.0.2.` is 192.0.2.0/24; without the dot it would match nobody. */
function partialOf(word: string): Client {
  const octets = word.slice(0, -1).split('.');
  if (octets.length > 3) return fault('syntax', 'an address with a dot at its end matches nobody');
  const zeros = ['0', '0', '0'].slice(octets.length - 1);
  return { kind: 'address', value: `${[...octets, ...zeros].join('.')}/${octets.length * 8}` };
}
