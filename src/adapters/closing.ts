/**
 * How a connection ends on Node after a request with a body was denied.
 *
 * Node would read the rest of the body, however long it is, and throw it away. So the connection is closed instead
 * (RFC 9112 §9.6). To close it at once would not do: where unread bytes arrive, the system resets the connection, and
 * the client may lose the answer. So our half is closed after the answer, at most 64 KB more are read, and a second
 * later the socket is destroyed. On HTTP/2, the stream is reset without an error (RFC 9113 §8.1).
 */

import { readField } from '../problem/foreign.ts';
import { headerOf, type NodeRequest } from './http.ts';

/** How many bytes of a denied body are read after the answer. */
const MAX_BYTES = 65_536;

/** How many milliseconds a client has to read the answer. */
const PATIENCE = 1_000;

/** The sockets that close. A request that was pipelined after the denied one must not be served. */
const closing: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/** What is needed of a socket of `node:http` to close it. */
interface ClosingSocket {
  destroySoon?(): void;
  destroy(): unknown;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  on(event: string, listener: (chunk: { readonly length: number }) => void): unknown;
  removeAllListeners(event: string): unknown;
}

/** The response of a denied request. */
interface ClosingResponse {
  shouldKeepAlive?: boolean;
  readonly headersSent?: boolean;
  setHeader?(name: string, value: string): unknown;
  once?(event: 'finish', listener: () => void): unknown;
}

/** Whether a request came on a connection that is about to close. */
export function isClosing(request: NodeRequest): boolean {
  return closing.has(request.socket);
}

/** Makes the connection close after the answer if the denied request has a body. Never throws. */
export function closeAfterBody(request: NodeRequest, response: object | undefined): void {
  try {
    if (hasBody(request)) prepareToClose(request, response);
  } catch {
    // A request that no server of Node made: its host does what it does.
  }
}

function prepareToClose(request: NodeRequest, response: object | undefined): void {
  const answer = (response ?? {}) as ClosingResponse;
  const stream = readField(answer, 'stream') as { close(code: number): void } | undefined;
  if (stream !== undefined) {
    // 0 is NO_ERROR.
    answer.once?.('finish', () => stream.close(0));
    return;
  }
  const socket = request.socket as object as ClosingSocket;
  if (typeof readField(socket, 'destroySoon') !== 'function' || closing.has(socket)) return;
  closing.add(socket);
  // Set, not left to Node: an application may have asked to keep the connection, or removed the header.
  if (answer.headersSent !== true) answer.setHeader?.('Connection', 'close');
  answer.shouldKeepAlive = false;
  // Node calls this once the answer is sent.
  socket.destroySoon = () => closeSlowly(socket);
}

/** Whether a body was announced (RFC 9112 §6.3), or sent, on HTTP/2, in frames after the headers. */
function hasBody(request: NodeRequest): boolean {
  const length = headerOf(request, 'content-length');
  if (length !== undefined) return length !== '0';
  const stream = readField(request, 'stream');
  return stream === undefined
    ? headerOf(request, 'transfer-encoding') !== undefined
    : readField(stream, 'endAfterHeaders') === false;
}

/** Closes our half of a connection, reads a little more, and destroys it. */
function closeSlowly(socket: ClosingSocket): void {
  // From here on, it is the method of its class again.
  delete socket.destroySoon;
  const destroy = (): void => void socket.destroy();
  const timer = startTimer(destroy);
  let bytes = 0;
  const count = ({ length }: { readonly length: number }): void => {
    bytes += length;
    // Unread, what the client sends fills its buffers and stops it.
    if (bytes >= MAX_BYTES) socket.pause();
  };
  // The first listener takes the bytes away from Node's parser, the second line from its own listener.
  socket.on('data', count);
  for (const event of ['data', 'end']) socket.removeAllListeners(event);
  socket.on('data', count);
  socket.on('end', destroy);
  socket.on('close', () => timer.stop());
  socket.end();
  socket.resume();
}

/** A timer that does not keep the process alive. */
function startTimer(run: () => void): { stop(): void } {
  const { setTimeout, clearTimeout } = globalThis as unknown as {
    setTimeout(run: () => void, milliseconds: number): { unref?(): void };
    clearTimeout(timer: unknown): void;
  };
  const timer = setTimeout(run, PATIENCE);
  timer.unref?.();
  return { stop: () => clearTimeout(timer) };
}
