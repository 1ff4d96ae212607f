/**
 * What reads a single address: ipverdict, `net.isIP` of Node, and the packages in `rivals/`.
 */

import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import { tryParseAddress } from '../../dist/index.js';

/**
 * @typedef {import('../input/reference.js').Address} Address
 *
 * @typedef {object} Parser
 * @property {string} name
 * @property {string} [from] the package in `rivals/`; absent for ipverdict and Node
 * @property {boolean} [isOurs]
 * @property {boolean} [onlyValidates] whether the answer is only the family
 * @property {() => {
 *   parse: (text: string) => unknown,
 *   read: (answer: any) => { family: number, value?: bigint },
 * }} load loads the code; `parse` is timed, `read` brings its answer into one form
 */

const requireRival = createRequire(new URL('../rivals/package.json', import.meta.url));

/** @type {Parser[]} */
export const parsers = [
  {
    name: 'ipverdict tryParseAddress',
    isOurs: true,
    load: () => ({
      parse: tryParseAddress,
      read: ({ family, words }) => ({ family, value: joinParts(words, 32) }),
    }),
  },
  {
    name: 'net.isIP',
    onlyValidates: true,
    load: () => ({ parse: isIP, read: (family) => ({ family }) }),
  },
  {
    name: 'ipaddr.js parse',
    from: 'ipaddr.js',
    load: () => {
      const ipaddr = requireRival('ipaddr.js');
      return {
        parse: (text) => ipaddr.parse(text),
        read: (address) => ({
          family: address.kind() === 'ipv4' ? 4 : 6,
          value: joinParts(address.toByteArray(), 8),
        }),
      };
    },
  },
  {
    name: 'ip-address',
    from: 'ip-address',
    load: () => {
      const { Address4, Address6 } = requireRival('ip-address');
      return readWith(Address4, Address6, (address) => address.bigInt());
    },
  },
  {
    name: 'ip-num',
    from: 'ip-num',
    load: () => {
      const { IPv4, IPv6 } = requireRival('ip-num');
      return readWith(IPv4, IPv6, (address) => address.getValue());
    },
  },
];

/**
 * For rivals with a class for each family.
 * @param {new (text: string) => any} IPv4
 * @param {new (text: string) => any} IPv6
 * @param {(address: any) => bigint} numberOf
 * @returns {ReturnType<Parser['load']>}
 */
function readWith(IPv4, IPv6, numberOf) {
  return {
    parse: (text) => (text.includes(':') ? new IPv6(text) : new IPv4(text)),
    read: (address) => ({ family: address instanceof IPv4 ? 4 : 6, value: numberOf(address) }),
  };
}

/**
 * @param {readonly number[]} parts
 * @param {number} bits
 */
function joinParts(parts, bits) {
  return parts.reduce((value, part) => (value << BigInt(bits)) | BigInt(part), 0n);
}
