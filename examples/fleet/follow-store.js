/** Keeps a live policy in step with Redis. */

import { follow } from 'ipverdict/live';
import { channel, loadFrom } from './store.js';

/**
 * Follows the store: a message makes it load at once, and so does every new connection, since messages that were sent
 * while there was none are lost. Asking at intervals is for what neither notices, such as a connection that is dead
 * without being closed.
 */
export function followStore(live, client, { every = 5_000, ...hooks } = {}) {
  const follower = follow(live, loadFrom(client), { every, timeout: 5_000, maxBackoff: every, ...hooks });

  // What goes wrong in a load goes to the hook `onError`.
  const refresh = () => follower.refresh().catch(() => {});
  const announce = async (message) => {
    await refresh();
    // That may have joined a load that had begun before the message.
    if (Number(message) > Number(follower.status.tag ?? 0)) await refresh();
  };

  const subscriber = client.duplicate();
  subscriber.on('error', () => {});
  subscriber.on('ready', () => subscriber.subscribe(channel, announce).then(refresh, () => {}));
  client.on('ready', refresh);
  subscriber.connect().catch(() => {});

  return {
    follower,
    async close() {
      client.off('ready', refresh);
      subscriber.destroy();
      await follower.close();
    },
  };
}
