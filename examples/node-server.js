/**
 * A plain Node server that checks the policy before it answers.
 *
 * The client is the peer of the connection. Behind a proxy, the peer is the proxy: name it with the option
 * `client: { trusted: '…', required: true }`; see docs/guides/behind-a-proxy.md.
 *
 *     node examples/node-server.js          serves until it is stopped
 *     node examples/node-server.js --once   sends itself two requests, one of them to a list with this machine in it, and stops
 */

import { createServer } from 'node:http';
import { createPolicy } from 'ipverdict';
import { restrictTo } from 'ipverdict/node';

const deny = '203.0.113.0/24 # Scanners';

/** Starts a server on a free port of this machine. */
function start(policy) {
  const guard = restrictTo(policy, {
    onDecision: ({ verdict, reason }) => console.log(`${verdict} (${reason})`),
  });
  const server = createServer(
    guard((request, response) => {
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      // Not every client may see this page, and a shared cache would serve it to all.
      response.setHeader('Cache-Control', 'private');
      response.end(`Welcome, ${request.socket.remoteAddress}\n`);
    }),
  );
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

const policy = createPolicy({ deny });

if (process.argv.includes('--once')) {
  await askOnce(policy);
  await askOnce(createPolicy({ deny: `${deny}\n@loopback # This machine` }));
} else {
  const { url } = await start(policy);
  console.log(`Serving at ${url}`);
}
