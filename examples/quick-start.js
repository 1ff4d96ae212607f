/**
 * The quick start: one list, one question.
 *
 *     node examples/quick-start.js
 */

import { createPolicy } from 'ipverdict';

const policy = createPolicy({
  allow: `
    203.0.113.0/24     # Office
    2001:db8:40::/48   # Office
    198.51.100.7       # Build server
  `,
});

for (const client of ['203.0.113.9', '::ffff:198.51.100.7', '192.0.2.1', 'unknown']) {
  const { verdict, reason, entry } = policy.decide(client);
  console.log(client, verdict, reason, entry?.note ?? '');
}
