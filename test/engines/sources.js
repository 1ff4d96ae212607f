/**
 * Runs in a network namespace in which every address is ours: reads a task from standard input, presents each client of
 * it to a server or a packet filter from the client's own address, and prints what came of it.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const WORKERS = 32;
const DATAGRAMS_AT_ONCE = 64;
/** A datagram that is lost by chance would look like one that is dropped. */
const ROUNDS = 3;
const WAIT_MILLISECONDS = 100;
const CONNECT_MILLISECONDS = 10_000;

const isIPv6 = (client) => client.includes(':');

/** The platform writes some addresses in another way than the kernel. */
const canonical = (client) => new URL(`http://${isIPv6(client) ? `[${client}]` : client}`).hostname;

/** The kernel takes another source for some addresses, such as 0.0.0.0: an answer would be about that one. */
function checkSource(client, source) {
  if (canonical(source) !== canonical(client)) throw new Error(`the kernel sends from ${source} instead`);
}

/** What comes back to one client. */
function connectFrom(client, { port, payload, until }) {
  return new Promise((resolve, reject) => {
    const host = isIPv6(client) ? '::1' : '127.0.0.1';
    const socket = connect({ port, host, localAddress: client });
    const pieces = [];
    socket.setTimeout(CONNECT_MILLISECONDS, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => {
      try {
        checkSource(client, socket.localAddress);
        socket.write(Buffer.from(payload, 'latin1'));
      } catch (error) {
        socket.destroy(error);
      }
    });
    socket.on('data', (bytes) => {
      pieces.push(bytes);
      if (until === 'first') socket.destroy();
    });
    socket.once('error', (error) => reject(new Error(`${client}: ${error.message}`)));
    socket.once('close', () => resolve(Buffer.concat(pieces).toString('latin1')));
  });
}

async function connectAll(task) {
  const results = new Array(task.clients.length);
  let next = 0;
  const work = async () => {
    while (next < task.clients.length) {
      const index = next++;
      results[index] = await connectFrom(task.clients[index], task);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return results;
}

async function receiver(kind, host, port, arrived) {
  const socket = createSocket({ type: kind, recvBufferSize: 1 << 20 });
  socket.on('message', (bytes) => arrived.add(Number(bytes.toString())));
  socket.bind(port, host);
  await once(socket, 'listening');
  return socket;
}

async function sendFrom(client, index, port) {
  const socket = createSocket(isIPv6(client) ? 'udp6' : 'udp4');
  try {
    socket.bind(0, client);
    await once(socket, 'listening');
    socket.connect(port, isIPv6(client) ? '::1' : '127.0.0.1');
    await once(socket, 'connect');
    checkSource(client, socket.address().address);
    // A filter may refuse the packet when it leaves, which is as good as not arriving.
    await new Promise((resolve) => socket.send(String(index), resolve));
  } catch (error) {
    throw new Error(`${client}: ${error.message}`);
  } finally {
    socket.close();
  }
}

async function arriveAll({ port, clients }) {
  const arrived = new Set();
  const receivers = [
    await receiver('udp4', '127.0.0.1', port, arrived),
    await receiver('udp6', '::1', port, arrived),
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const left = clients.map((_, index) => index).filter((index) => !arrived.has(index));
    for (let from = 0; from < left.length; from += DATAGRAMS_AT_ONCE) {
      const some = left.slice(from, from + DATAGRAMS_AT_ONCE);
      await Promise.all(some.map((index) => sendFrom(clients[index], index, port)));
      // Let what is in the buffer be received before more is sent.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
  }
  for (const socket of receivers) socket.close();
  return clients.map((_, index) => arrived.has(index));
}

try {
  const task = JSON.parse(await text(process.stdin));
  const results = task.kind === 'connect' ? await connectAll(task) : await arriveAll(task);
  process.stdout.write(JSON.stringify(results));
} catch (error) {
  process.stderr.write(error.message);
  process.exit(1);
}
