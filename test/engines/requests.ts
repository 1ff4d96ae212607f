/**
 * Requests that name their client in a header, thousands of them over a few connections, for the servers that take a
 * client's address from a header as they take it from a connection.
 */

import { connect, type Socket } from 'node:net';
import { platformText } from './engine.ts';

/** The header that names the client. */
export const clientHeader = 'X-Client';
/**
 * The header in which the server says which client it saw. Its name is ours alone: a server that another process has
 * started on the same port in the same moment is not taken for this one.
 */
export const seenHeader: string = `X-Seen-${process.pid}`;

const CONNECTIONS = 4;
/** How many requests are under way on one connection. */
const AT_ONCE = 64;
const WAIT_MILLISECONDS = 20_000;

export interface Response {
  readonly status: number;
  readonly body: string;
}

/** Reads responses from the bytes of one connection, each of which has a length. */
export class Responses {
  #bytes = Buffer.alloc(0);

  add(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  /** The next complete response. Throws if it is not about this client. */
  nextFor(client: string | undefined): Response | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    const head = this.#bytes.subarray(0, end).toString('latin1');
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}: *(.*?)\r?$`, 'im').exec(head)?.[1];
    const length = field('content-length');
    if (length === undefined) throw new Error(`a response without a length: ${head}`);
    const start = end + 4;
    if (this.#bytes.length < start + Number(length)) return undefined;
    const body = this.#bytes.subarray(start, start + Number(length)).toString();
    this.#bytes = this.#bytes.subarray(start + Number(length));
    const status = Number(head.split(' ')[1]);
    const seen = field(seenHeader) ?? '';
    if (client === undefined || seen === '' || platformText(seen) !== platformText(client))
      throw new Error(`the server took ${client} for ${seen || 'something else'} (status ${status})`);
    return { status, body };
  }
}

/** Asks about some clients on one connection, in order. */
function askSome(port: number, path: string, clients: readonly string[]): Promise<Response[]> {
  return new Promise((resolve, reject) => {
    const responses = new Responses();
    const done: Response[] = [];
    let sent = 0;
    const socket: Socket = connect(port, '127.0.0.1');
    const send = (): void => {
      const some = clients.slice(sent, sent + AT_ONCE);
      sent += some.length;
      const texts = some.map(
        (client) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${clientHeader}: ${client}\r\n\r\n`,
      );
      socket.write(texts.join(''));
    };
    const read = (bytes: Buffer): void => {
      responses.add(bytes);
      const next = (): Response | undefined => responses.nextFor(clients[done.length]);
      for (let one = next(); one !== undefined; one = next()) done.push(one);
      if (done.length === clients.length) socket.end(() => resolve(done));
      else if (done.length === sent) send();
    };
    socket.setTimeout(WAIT_MILLISECONDS, () => socket.destroy(new Error('the server does not answer')));
    socket.once('connect', send);
    socket.on('data', (bytes) => {
      try {
        read(bytes);
      } catch (error) {
        socket.destroy(error as Error);
      }
    });
    socket.once('error', reject);
    socket.once('close', () =>
      reject(new Error(`the server closed after ${done.length} of ${clients.length}`)),
    );
  });
}

/** What the server answers each client, in their order. Each answer says which client it is about, and is checked. */
export async function request(port: number, clients: readonly string[], path = '/'): Promise<Response[]> {
  const size = Math.max(1, Math.ceil(clients.length / CONNECTIONS));
  const parts: Promise<Response[]>[] = [];
  for (let from = 0; from < clients.length; from += size)
    parts.push(askSome(port, path, clients.slice(from, from + size)));
  return (await Promise.all(parts)).flat();
}

/** `allow` for a page, `deny` for a refusal. */
export function answerOfStatus({ status }: Response): 'allow' | 'deny' {
  if (status === 200) return 'allow';
  if (status === 403) return 'deny';
  throw new Error(`the server answers with ${status}`);
}
