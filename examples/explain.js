/**
 * Why was this client let in, or not? `explain` gives one sentence for a support ticket, and every entry that covers the
 * client, smallest first.
 *
 *     node examples/explain.js
 */

import { createPolicy } from 'ipverdict';

const policy = createPolicy({
  deny: `
    198.51.100.0/24                   # Hosting network
    198.51.100.64 - 198.51.100.127    # Scanners
    2001:db8:bad::/48                 # Scanners
  `,
  exempt: '198.51.100.99 # Uptime probe',
});

for (const client of ['198.51.100.70', '::ffff:c633:6463', '192.0.2.1', 'fe80::1%eth0', '198.51.100.7:443']) {
  const { message, covering } = policy.explain(client);
  console.log(message);
  for (const { list, line, text, note } of covering) console.log(`  ${list} line ${line}: ${text} (${note})`);
}
