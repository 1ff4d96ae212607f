/**
 * A list for each tenant, from rows as a database has them. The guard asks for the policy of each request: a tenant that
 * has none, or whose list is empty, is closed to everyone.
 *
 *     node examples/tenants.js
 */

import { createServer } from 'node:http';
import { createPolicy } from 'ipverdict';
import { restrictTo } from 'ipverdict/node';

const rows = [
  { tenant: 'red', mode: 'allow', list: '203.0.113.0/24 # Office' },
  { tenant: 'green', mode: 'allow', list: '' },
  { tenant: 'blue', mode: 'deny', list: '198.51.100.0/24 # Scanners' },
];
const policies = new Map(
  rows.map(({ tenant, mode, list }) => [tenant, createPolicy({ mode, list }, { whenEmpty: 'deny' })]),
);

/** The first part of the path names the tenant, here and in the handler. */
const tenantOf = (request) => request.url.split('/')[1];

const guard = restrictTo((request) => policies.get(tenantOf(request)));
const handler = guard((request, response) => response.end(`Welcome to ${tenantOf(request)}`));
const server = createServer(handler).listen(0, '127.0.0.1', async () => {
  for (const tenant of ['red', 'green', 'blue', 'violet']) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}/${tenant}`);
    console.log(`${tenant}: ${response.status} ${await response.text()}`);
  }
  server.close();
});
