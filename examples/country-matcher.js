/**
 * Longest-prefix match with values: `createMatcher` finds the country of an address, or any other value stored by
 * network. The most specific entry wins, whatever the order.
 *
 * These are documentation networks, and their countries are made up.
 *
 *     node examples/country-matcher.js
 */

import { createMatcher } from 'ipverdict';

const countries = createMatcher([
  ['203.0.113.0/24', 'NZ'],
  ['203.0.113.128/25', 'AU'],
  ['198.51.100.0-198.51.100.99', 'DE'],
  ['2001:db8::/32', 'FR'],
  ['2001:db8:40::/48', 'BE'],
]);

const served = new Set(['NZ', 'DE', 'BE']);

for (const client of [
  '203.0.113.9',
  '::ffff:203.0.113.200',
  '198.51.100.99',
  '2001:db8:40::17',
  '192.0.2.1',
]) {
  const match = countries.match(client);
  // A client from an unknown network is not served: a missing match is not a reason to let anyone in.
  const isServed = match !== undefined && served.has(match.value);
  const place = match === undefined ? 'no known network' : `${match.value} by ${match.prefix}`;
  console.log(`${client}: ${place}, ${isServed ? 'served' : 'not served'}`);
}

const all = countries.matchAll('2001:db8:40::17').map(({ prefix, value }) => `${value} ${prefix}`);
console.log(`2001:db8:40::17 is covered by ${all.join(', then ')}`);
