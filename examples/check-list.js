/**
 * A list before it is saved: `lintList` reports what is legal but probably a mistake, and `applyFixes` makes the safe
 * changes. The fixed list lets in exactly the same clients.
 *
 *     node examples/check-list.js
 */

import { createPolicy } from 'ipverdict';
import { applyFixes, lintList } from 'ipverdict/list';

const text = `# Offices
8.8.8.8/25        # North
8.8.8.128/25      # North
8.8.8.200
9.9.9.0           # South
9.9.9.255         # South
10.0.0.0/8        # Lab
1.1.1.1           # Kept for its note; lint-ignore unused`;

const options = {
  mode: 'allow',
  exempt: '192.0.2.250',
  clients: ['8.8.8.9', '9.9.9.0', '9.9.9.255', '10.1.2.3'],
};
const problems = lintList(text, options);

for (const { line, column, severity, code, message, fix } of problems) {
  console.log(`${line}:${column} ${severity} ${code}${fix ? ' (can be fixed)' : ''}\n  ${message}`);
}

const fixed = applyFixes(text, problems);
console.log(`\n${fixed}\n`);

const [before, after] = [text, fixed].map((allow) => createPolicy({ allow, whenEmpty: 'deny' }));
for (const client of ['8.8.8.7', '8.8.8.200', '9.9.9.9']) {
  console.log(`${client}: ${before.decide(client).verdict} before, ${after.decide(client).verdict} after`);
}
