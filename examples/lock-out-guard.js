/**
 * The guard against locking yourself out: the finished policy allows the clients in `mustAllow`, or it is not built.
 * People who save a list put their own address there. If the new policy throws, the old one stays in force.
 *
 *     node examples/lock-out-guard.js
 */

import { createPolicy, ListError } from 'ipverdict';

const administrator = '203.0.113.9';
let policy = createPolicy({ allow: '203.0.113.0/24 # Office' });

/** Puts a new list in force, unless it would lock out the person who saves it. */
function save(list) {
  try {
    policy = createPolicy({ allow: list, whenEmpty: 'deny', mustAllow: [administrator] });
    console.log('Saved.');
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    for (const { code, message } of error.problems) console.log(`Not saved (${code}): ${message}`);
  }
  console.log(`  ${administrator}: ${policy.decide(administrator).verdict}\n`);
}

save('198.51.100.0/24 # VPN');
save('198.51.100.0/24 # VPN\n203.0.113.0/28 # Office');
