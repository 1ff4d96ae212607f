/**
 * What saving a list would do, shown before it is saved: the addresses that lose or gain access, and the clients of a log
 * that would notice.
 *
 *     node examples/preview-change.js
 */

import { createPolicy } from 'ipverdict';
import { comparePolicies, impactOf, minimize } from 'ipverdict/list';

const inForce = createPolicy({
  allow: `
    203.0.113.0/24     # Office
    198.51.100.0/25    # VPN
    198.51.100.128/25  # VPN
    2001:db8:40::/48   # Office
  `,
  exempt: '192.0.2.250 # Uptime probe',
  whenEmpty: 'deny',
});

const text = `
  203.0.113.0/25     # Office
  198.51.100.0/24    # VPN
  2001:db8:40::/47   # Office
`;
const proposed = createPolicy({ allow: text, exempt: '192.0.2.250 # Uptime probe', whenEmpty: 'deny' });

function show(what, { prefixes, ipv4Count, ipv6Count }) {
  console.log(`${what}: ${ipv4Count} IPv4 and ${ipv6Count} IPv6 addresses`);
  for (const prefix of prefixes) console.log(`  ${prefix}`);
}

const { allowed, denied } = comparePolicies(inForce, proposed);
show('Gain access', allowed);
show('Lose access', denied);

const log = ['203.0.113.9', '203.0.113.200', '::ffff:203.0.113.200', '198.51.100.130', '2001:db8:41::1', '-'];
const { requests, newlyAllowed, newlyDenied, clients } = impactOf(inForce, proposed, log);
console.log(`Of ${requests} requests, ${newlyDenied} would be denied and ${newlyAllowed} allowed:`);
for (const client of clients) {
  console.log(`  ${client.address} (${client.requests}): ${client.before.verdict} → ${client.after.verdict}`);
}

console.log(`The new list at its smallest: ${minimize(text).join(' ')}`);
