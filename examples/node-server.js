/**
 * A plain Node server that asks the policy before it answers.
 *
 * The client is the peer of the connection. Behind a proxy that is the proxy, and a header such as X-Forwarded-For may
 * be written by anyone: take the client from it only when the peer is a proxy of your own.
 *
 *     node examples/node-server.js          serves until it is stopped
 *     node examples/node-server.js --once   asks itself twice, with and without an exemption, and stops
 */

import { createServer } from 'node:http';
import { createPolicy } from 'ipverdict';

const allow = '203.0.113.0/24 # Office';

/** Starts a server on a free port of this machine. */
function start(policy) {
  const server = createServer((request, response) => {
    const client = request.socket.remoteAddress;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    if (policy.allows(client)) {
      // What is for some clients only is nothing for a shared cache, which would hand it to all.
      response.setHeader('Cache-Control', 'private');
      response.end(`Welcome, ${client}\n`);
    } else {
      // Says nothing about the list, and no cache may hand the refusal to somebody who is allowed.
      response.writeHead(403, { 'Cache-Control': 'no-store' });
      response.end('Forbidden\n');
    }
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, url: `http://127.0.0.1:${server.address().port}/` }),
    );
  });
}

async function askOnce(policy) {
  const { server, url } = await start(policy);
  const response = await fetch(url);
  const body = (await response.text()).trim();
  console.log(`${response.status} ${body} (Cache-Control: ${response.headers.get('cache-control')})`);
  server.close();
  server.closeAllConnections();
}

const policy = createPolicy({ allow, exempt: '@loopback # This machine' });

if (process.argv.includes('--once')) {
  await askOnce(policy);
  await askOnce(createPolicy({ allow }));
} else {
  const { url } = await start(policy);
  console.log(`Serving at ${url}`);
}
