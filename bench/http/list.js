/** The list of bench/http.js: 1,000 entries, half of them IPv6, seeded, that deny one address of this machine. */

import { mulberry32 } from '../input/random.js';

export const DENIED = '127.0.0.66';
/** The peer of all requests, as a trusted proxy. */
export const PROXY = '127.0.0.1';
/** What that proxy writes, with a client that no entry covers. */
export const FORWARDED_FOR = '198.18.0.1, 192.0.2.9';

const ENTRIES = 1_000;

/** @returns {string[]} */
export function makeList() {
  const random = mulberry32(7);
  const byte = () => Math.floor(random() * 256);
  const group = () => Math.floor(random() * 65_536).toString(16);
  const list = [DENIED];
  while (list.length < ENTRIES) {
    // From 11.0.0.0 up and far from the peer; every fourth entry is one address.
    const isOne = list.length % 4 === 0;
    if (list.length % 2 === 0)
      list.push(`${11 + (byte() % 100)}.${byte()}.${byte()}.${isOne ? byte() : '0/24'}`);
    else list.push(`2001:${group()}:${group()}::${isOne ? group() : '/48'}`);
  }
  return list;
}
