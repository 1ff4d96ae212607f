/**
 * The slow reference that every contestant is checked against: split the text, convert with BigInt, look in one map
 * for each prefix length, the longest first. It shares no code with `src`.
 */

/**
 * @typedef {4 | 6} Family
 * @typedef {{ family: Family, value: bigint }} Address
 * @typedef {Address & { length: number }} Network
 */

const octet = /^(0|[1-9][0-9]{0,2})$/;
const group = /^[0-9a-fA-F]{1,4}$/;
const MAPPED_PREFIX = 0xffffn;

/** @param {Family} family */
export function bitsOf(family) {
  return family === 4 ? 32 : 128;
}

/**
 * Reads one address and nothing else; `undefined` for any other text.
 * @param {string} text
 * @returns {Address | undefined}
 */
export function readAddress(text) {
  const ipv4 = readIPv4(text);
  if (ipv4 !== undefined) return { family: 4, value: ipv4 };
  const ipv6 = readIPv6(text);
  return ipv6 === undefined ? undefined : { family: 6, value: ipv6 };
}

/** @param {string} text */
function readIPv4(text) {
  const octets = text.split('.');
  if (octets.length !== 4) return undefined;
  if (!octets.every((part) => octet.test(part) && Number(part) <= 255)) return undefined;
  return octets.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/** @param {string} text */
function readIPv6(text) {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const last = back ?? front;
  const tail = last.at(-1);
  if (tail?.includes('.')) {
    const ipv4 = readIPv4(tail);
    if (ipv4 === undefined) return undefined;
    last.splice(-1, 1, (ipv4 >> 16n).toString(16), (ipv4 & 0xffffn).toString(16));
  }
  const missing = 8 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = back === undefined ? front : [...front, ...Array(missing).fill('0'), ...back];
  if (!groups.every((part) => group.test(part))) return undefined;
  return BigInt(`0x${groups.map((part) => part.padStart(4, '0')).join('')}`);
}

/**
 * Reads a client: an IPv4-mapped address is the IPv4 address.
 * @param {string} text
 * @returns {Address | undefined}
 */
export function readClient(text) {
  const address = readAddress(text);
  if (address?.family !== 6 || address.value >> 32n !== MAPPED_PREFIX) return address;
  return { family: 4, value: address.value & 0xffffffffn };
}

/**
 * Reads an entry of a benchmark list, which is an address or a prefix.
 * @param {string} text
 * @returns {Network}
 */
export function readNetwork(text) {
  const [addressText, lengthText] = text.split('/');
  const address = readAddress(addressText);
  if (address === undefined) throw new Error(`not an entry: ${text}`);
  const bits = bitsOf(address.family);
  const length = lengthText === undefined ? bits : Number(lengthText);
  const host = BigInt(bits - length);
  return { family: address.family, value: (address.value >> host) << host, length };
}

/** @param {bigint} value */
export function writeIPv4(value) {
  const word = Number(value);
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/**
 * All eight groups with all their zeros, 39 characters.
 * @param {bigint} value
 */
export function writeFullIPv6(value) {
  return /** @type {string[]} */ (value.toString(16).padStart(32, '0').match(/.{4}/g)).join(':');
}

/**
 * The canonical text (RFC 5952).
 * @param {bigint} value
 */
export function writeShortIPv6(value) {
  const text = writeFullIPv6(value).replace(/\b0{1,3}/g, '');
  const runs = [...text.matchAll(/\b0(:0)+\b/g)];
  const longest = Math.max(...runs.map(([run]) => run.length));
  const run = runs.find(([zeros]) => zeros.length === longest);
  if (run === undefined) return text;
  const front = text.slice(0, run.index).replace(/:$/, '');
  const back = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `${front}::${back}`;
}

/**
 * The canonical text of an address.
 * @param {Address} address
 */
export function writeAddress({ family, value }) {
  return family === 4 ? writeIPv4(value) : writeShortIPv6(value);
}

/**
 * A prefix as text, without host bits.
 * @param {Network} network
 */
export function writePrefix({ family, value, length }) {
  const host = BigInt(bitsOf(family) - length);
  return `${writeAddress({ family, value: (value >> host) << host })}/${length}`;
}

/** A list that answers which entry covers an address, the most specific first. */
export class ReferenceList {
  /** @type {Record<Family, Map<bigint, number>[]>} Index of an entry by prefix length and by the bits of the prefix. */
  #indexes = { 4: [], 6: [] };

  /** @param {readonly string[]} entries */
  constructor(entries) {
    this.entries = entries;
    this.networks = entries.map(readNetwork);
    this.networks.forEach(({ family, value, length }, index) => {
      const byLength = this.#indexes[family];
      const byPrefix = byLength[length] ?? new Map();
      byLength[length] = byPrefix;
      // The bits of the prefix alone: a Map hashes a BigInt by its low 64 bits, which most IPv6 prefixes have in common.
      const prefix = value >> BigInt(bitsOf(family) - length);
      if (!byPrefix.has(prefix)) byPrefix.set(prefix, index);
    });
  }

  /**
   * Index of the most specific entry that covers the address, or −1.
   * @param {Address} address
   */
  cover({ family, value }) {
    const bits = bitsOf(family);
    for (let length = bits; length >= 0; length--) {
      const index = this.#indexes[family][length]?.get(value >> BigInt(bits - length));
      if (index !== undefined) return index;
    }
    return -1;
  }

  /**
   * What a deny list of these entries says about a client.
   * @param {string} client
   * @returns {{ verdict: 'allow' | 'deny', entry: string }} the entry is '' where none decides
   */
  deny(client) {
    const address = readClient(client);
    if (address === undefined) return { verdict: 'deny', entry: '' };
    const index = this.cover(address);
    return index < 0 ? { verdict: 'allow', entry: '' } : { verdict: 'deny', entry: this.entries[index] };
  }
}
