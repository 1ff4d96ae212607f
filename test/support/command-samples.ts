/** The files that the examples of the commands name. */

import { gzipSync } from 'node:zlib';
import { createPolicy } from '../../src/policy/policy.ts';
import { encodePolicy } from '../../src/snapshot/encode.ts';

const office = `# Who may open the administration
203.0.113.0/24    # Office
192.0.2.10-192.0.2.40
2001:db8:12::/48  # Office
203.0.113.0/24    # Office
`;

const bad = `198.51.100.0/24   # Scanners
203.0.113.66
2001:db8:bad::/48
`;

const log = [
  ['203.0.113.9', '/'],
  ['198.51.100.7', '/wp-login.php'],
  ['203.0.113.66', '/admin'],
  ['192.0.2.77', '/'],
  ['2001:db8:12::1', '/'],
  ['198.51.100.7', '/xmlrpc.php'],
]
  .map(([client, path]) => `${client} - - [29/Nov/2026:08:00:00 +0000] "GET ${path} HTTP/1.1" 200 512\n`)
  .join('');

/** By the names that the examples give them. */
export const commandSamples: Readonly<Record<string, string | Uint8Array>> = {
  'office.txt': office,
  'office-new.txt': office.replace('192.0.2.10-192.0.2.40', '192.0.2.10-192.0.2.99'),
  'guests.txt': '192.0.2.0/26  # Guests\n192.0.2.7\n',
  'bad.txt': bad,
  'health.txt': '10.0.0.5  # Health checks of the load balancer\n',
  'access.log': log,
  'app.log': log,
  'app.log.gz': gzipSync(log),
  'app.ndjson': '{"client":{"address":"198.51.100.7"}}\n{"client":{"address":"192.0.2.77"}}\n',
  'clients.txt': '203.0.113.9\n198.51.100.7\n203.0.113.9\n',
  'clients.csv': 'time,user,address\n08:00,ada,203.0.113.66\n08:01,bob,192.0.2.77\n',
  'rules.json': JSON.stringify({
    otherwise: 'deny',
    exempt: 'health.txt',
    rules: [{ deny: 'bad.txt' }, { allow: ['10.0.0.0/8 # Private network'] }, { allow: 'office.txt' }],
  }),
  'bad.ipv': encodePolicy(createPolicy({ deny: bad })),
  'nginx.conf': 'allow 203.0.113.0/24;\nallow 2001:db8:12::/48;\ndeny all;\n',
};
