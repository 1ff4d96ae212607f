/**
 * The clients to decide about: texts of several spellings, inside entries, just outside entries, and anywhere. Each
 * comes with the answer of the reference.
 */

import { mulberry32, pick, randomBits } from './random.js';
import { bitsOf, readAddress, writeFullIPv6, writeIPv4, writeShortIPv6 } from './reference.js';

/**
 * @typedef {import('./reference.js').ReferenceList} ReferenceList
 * @typedef {import('./reference.js').Network} Network
 * @typedef {'ipv4' | 'ipv6-full' | 'ipv6-short' | 'mapped'} Spelling
 * @typedef {'hit' | 'outside' | 'spread'} Placement
 * @typedef {{ text: string, verdict: 'allow' | 'deny', entry: string }} Client the entry is '' where none decides
 */

/** @type {readonly Spelling[]} */
export const spellings = ['ipv4', 'ipv6-full', 'ipv6-short', 'mapped'];
/** @type {readonly Placement[]} */
export const placements = ['hit', 'outside', 'spread'];

/** @type {Record<Spelling, (value: bigint) => string>} */
const writers = {
  ipv4: writeIPv4,
  'ipv6-full': writeFullIPv6,
  'ipv6-short': writeShortIPv6,
  mapped: (value) => `::ffff:${writeIPv4(value)}`,
};

/** Bits at the end of a short IPv6 address that are not zero. */
const SHORT_HOST_BITS = 16;

/**
 * Makes clients with their answers from a deny list.
 *
 * - `hit`: in a random entry, the bits after the prefix random;
 * - `outside`: the address before the first or after the last of a random entry, where no other entry covers it;
 * - `spread`: any IPv4 address, or any in 2000::/3, whether an entry covers it or not.
 *
 * @param {ReferenceList} reference
 * @param {Spelling} spelling
 * @param {Placement} placement
 * @param {{ count: number, seed: number }} options
 * @returns {Client[]}
 */
export function makeClients(reference, spelling, placement, { count, seed }) {
  const random = mulberry32(seed);
  const family = spelling === 'ipv4' || spelling === 'mapped' ? 4 : 6;
  const isShort = spelling === 'ipv6-short';
  const networks = reference.networks.filter((network) => network.family === family);
  /** @type {Client[]} */
  const clients = [];
  while (clients.length < count) {
    const value = placed[placement](random, pick(random, networks), isShort);
    const isOutside = value >= 0n && reference.cover({ family, value }) < 0;
    if (placement === 'outside' && !isOutside) continue;
    const text = writers[spelling](value);
    clients.push({ text, ...reference.deny(text) });
  }
  return clients;
}

/** @type {Record<Placement, (random: () => number, network: Network, isShort: boolean) => bigint>} */
const placed = {
  hit: (random, { family, value, length }, isShort) => {
    const free = bitsOf(family) - length;
    return value | randomBits(random, isShort ? Math.min(free, SHORT_HOST_BITS) : free);
  },
  // The address before a prefix ends in ones, which is never short.
  outside: (random, { family, value, length }, isShort) => {
    const bits = bitsOf(family);
    const after = value + (1n << BigInt(bits - length));
    if (isShort || random() < 0.5) return after >> BigInt(bits) === 0n ? after : -1n;
    return value - 1n;
  },
  spread: (random, { family }, isShort) => {
    if (family === 4) return randomBits(random, 32);
    const value = (1n << 125n) | randomBits(random, 125);
    return isShort ? (value & ~((1n << 96n) - 1n)) | (value & 0xffffn) : value;
  },
};

/**
 * What arrives in place of an address: ports, brackets, spaces, lists, short forms, and typing errors.
 * @type {readonly ((random: () => number, ipv4: string, ipv6: string) => string)[]}
 */
const breakages = [
  (random, ipv4) => `${ipv4}:${1024 + Math.floor(random() * 60000)}`,
  (random, _ipv4, ipv6) => `[${ipv6}]:${1024 + Math.floor(random() * 60000)}`,
  (_random, _ipv4, ipv6) => `[${ipv6}]`,
  (_random, ipv4) => ` ${ipv4}`,
  (_random, ipv4) => `${ipv4}\t`,
  (_random, ipv4, ipv6) => `${ipv4}, ${ipv6}`,
  (_random, ipv4) => ipv4.slice(0, ipv4.lastIndexOf('.')),
  (_random, ipv4) => `${ipv4}.`,
  (_random, ipv4) => `0${ipv4}`,
  (random, ipv4) => `${256 + Math.floor(random() * 700)}${ipv4.slice(ipv4.indexOf('.'))}`,
  (_random, ipv4) => `0x${ipv4}`,
  (random) => String(Math.floor(random() * 2 ** 32)),
  (_random, ipv4) => `${ipv4}/32`,
  (_random, _ipv4, ipv6) => ipv6.slice(0, ipv6.lastIndexOf(':')),
  (_random, _ipv4, ipv6) => `${ipv6}:1`,
  (_random, _ipv4, ipv6) => ipv6.replace(':', ':0'),
  (_random, _ipv4, ipv6) => ipv6.replace(':', 'g:'),
  (random) => `unknown-${Math.floor(random() * 1000)}`,
];

/**
 * Makes clients that are not addresses, all of which a policy must deny.
 * @param {{ count: number, seed: number }} options
 * @returns {Client[]}
 */
export function makeInvalidClients({ count, seed }) {
  const random = mulberry32(seed);
  /** @type {Client[]} */
  const clients = [];
  while (clients.length < count) {
    const ipv4 = writeIPv4(randomBits(random, 32));
    const ipv6 = writeFullIPv6((1n << 125n) | randomBits(random, 125));
    const text = pick(random, breakages)(random, ipv4, ipv6);
    if (readAddress(text) === undefined) clients.push({ text, verdict: 'deny', entry: '' });
  }
  return clients;
}
