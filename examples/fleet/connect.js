/** A connection that comes back by itself. */

import { createClient } from 'redis';

/** Connects to Redis at `REDIS_URL`; as long as there is none, it goes on trying. */
export function connect(onError = () => {}) {
  const client = createClient({
    url: process.env.REDIS_URL || 'redis://127.0.0.1:6379',
    // Without a connection a command fails at once, so that its caller learns that Redis is down.
    disableOfflineQueue: true,
    socket: {
      reconnectStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2_000) * (0.5 + Math.random() / 2),
    },
  });
  client.on('error', onError);
  return client;
}
