/**
 * One process of the fleet: a server that asks a live policy about every request. Until it has loaded a policy, it lets
 * nobody in; after that it keeps the last good one, whatever happens to Redis.
 *
 *     node examples/fleet/server.js
 *
 * It prints one line of JSON for each thing that happens. Its settings are `REDIS_URL`, `PORT`, and `EVERY`, the
 * milliseconds between two looks at Redis.
 */

import { createServer } from 'node:http';
import { createLivePolicy } from 'ipverdict/live';
import { restrictTo } from 'ipverdict/node';
import { connect } from './connect.js';
import { followStore } from './follow-store.js';

const print = (event, details) => console.log(JSON.stringify({ event, ...details }));

const live = createLivePolicy({ allow: '', whenEmpty: 'deny' });
const client = connect();
const { follower, close } = followStore(live, client, {
  every: Number(process.env.EVERY || 5_000),
  onUpdate: ({ after }) => print('updated', { size: after.size }),
  onError: (error, { tag }) => print('kept', { version: tag, error: error.message }),
});
client.connect().catch(() => {});

const server = createServer(
  restrictTo(live)((request, response) => {
    response.setHeader('Cache-Control', 'private');
    // For those who watch the fleet: failures in a row, and the version in force.
    if (request.url === '/status') response.end(JSON.stringify(follower.status));
    else response.end(`Welcome, version ${follower.status.tag}\n`);
  }),
);
server.listen(Number(process.env.PORT || 0), '127.0.0.1', () => {
  print('listening', { port: server.address().port });
});

async function stop() {
  await close();
  client.destroy();
  server.close();
  server.closeAllConnections();
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
