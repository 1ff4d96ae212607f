/** Web servers that name the client whom they saw in each response. */

import type { Namespace } from './namespace.ts';
import { type Command, type Folder, freePort, isListening } from './process.ts';
import { type Response, Responses, request } from './requests.ts';
import type { Needed } from './starting.ts';

/**
 * How clients come to a web server: by a header, which is fast and can name any address, or by connections of their own
 * to a socket for both families, in a network namespace.
 */
export type Through = 'header' | 'connection';

/** The command that starts the server on a port. */
export interface Commands {
  onLoopback(port: number): Command;
  /** On all addresses, with one socket for both families. */
  onAll(port: number): Command;
}

const PORT = 8080;

async function isAnswering(namespace: Namespace, payload: string): Promise<boolean> {
  try {
    await namespace.connect(PORT, ['127.0.0.1'], payload, 'first');
    return true;
  } catch {
    return false;
  }
}

/** Starts a web server, and gives what asks it. */
export async function startWeb(
  needed: Needed,
  folder: Folder,
  commands: Commands,
  through: Through = 'header',
  path = '/',
): Promise<(clients: readonly string[]) => Promise<readonly Response[]>> {
  if (through === 'header') {
    const port = await freePort();
    await needed.server(commands.onLoopback(port), folder, () => isListening(port));
    return (clients) => request(port, clients, path);
  }
  const namespace = await needed.namespace();
  const payload = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
  const command = namespace.within(commands.onAll(PORT));
  await needed.server(command, folder, () => isAnswering(namespace, payload));
  return async (clients) => {
    const texts = await namespace.connect(PORT, clients, payload, 'close');
    return texts.map((text, index) => {
      const responses = new Responses();
      responses.add(Buffer.from(text, 'latin1'));
      const response = responses.nextFor(clients[index]);
      if (response === undefined) throw new Error(`the server answers ${clients[index]} with ${text}`);
      return response;
    });
  };
}
