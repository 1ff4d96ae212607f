/**
 * The preview of a change as the answer of an HTTP API. Results survive `JSON.stringify`: sets of addresses become their
 * prefixes and counts, decisions and entries are plain data.
 *
 *     node examples/json-preview.js
 */

import { createPolicy, ListError } from 'ipverdict';
import { comparePolicies, impactOf } from 'ipverdict/list';

const options = { whenEmpty: 'deny' };
const inForce = createPolicy({ allow: '203.0.113.0/24 # Office\n198.51.100.7 # Build server' }, options);
const recentClients = ['203.0.113.200', '203.0.113.9', '203.0.113.200', '198.51.100.7'];

/** The body of the answer, as text. */
function preview(text) {
  try {
    const proposed = createPolicy({ allow: text }, options);
    const changes = comparePolicies(inForce, proposed);
    const impact = impactOf(inForce, proposed, recentClients);
    return JSON.stringify({ changes, impact }, undefined, 2);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    return JSON.stringify({ problems: error.problems }, undefined, 2);
  }
}

console.log(preview('203.0.113.0/25 # Office\n198.51.100.7 # Build server'));
console.log(preview('203.0.113.*'));
