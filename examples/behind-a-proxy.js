/**
 * Who is asking when there are proxies in between: the chain is read from the right, only as far as trusted proxies
 * vouch for it.
 *
 *     node examples/behind-a-proxy.js
 */

import { createPolicy } from 'ipverdict';
import { createClientResolver, createProxyDiagnostics } from 'ipverdict/client';

const policy = createPolicy({ deny: '203.0.113.0/24 # Scanners' });
const resolve = createClientResolver({ trusted: '10.0.0.0/24 # Load balancers', required: true });
const diagnose = createProxyDiagnostics({
  warn: ({ code, message }) => console.log(`Warning (${code}): ${message}`),
});

/** The peer of the connection, and the value of X-Forwarded-For. */
const requests = [
  ['10.0.0.5', '203.0.113.9'],
  ['10.0.0.5', '192.0.2.66, 203.0.113.9, 10.0.0.7'],
  ['203.0.113.9', '192.0.2.66'],
  ['10.0.0.5', '203.0.113.9, 198.51.100.7:51324'],
  ['10.0.0.5', 'unknown'],
  ['10.0.0.5', undefined],
];

for (const [peer, header] of requests) {
  const { address, hops, source } = diagnose(resolve(peer, header));
  const verdict = policy.decide(address).verdict;
  console.log(
    `${peer} with ${header === undefined ? 'no header' : `"${header}"`}: ${address ?? 'nobody'} by the ${source}, past ${hops.length}: ${verdict}`,
  );
}
