/**
 * How a connection ends on Node after a denied request with a body. Node would read the rest of the body, however long
 * it is, and throw it away.
 *
 * On HTTP/1 the only way to stop it is to close the connection (RFC 9112 §9.6), by halves: a client that is sent a reset
 * while it uploads may lose the answer. So the server ends its own half with the answer, reads a little more, stops
 * reading, and drops the connection when the client has closed it or has had time to read. HTTP/2 resets the stream alone.
 */

import { readField } from '../problem/foreign.ts';
import { headerOf, mayBeCut, type NodeRequest } from './http.ts';

/** How many bytes of a body are read after the answer: enough for a small one to end in peace. */
const MAX_BYTES = 65_536;

/** How many milliseconds a client has to read the answer and to close the connection. */
const PATIENCE = 1_000;

/** The HTTP/2 error code that asks a client to stop sending, and to keep the response (RFC 9113 §8.1). */
const NO_ERROR = 0;

/** What a callback of Node's parser returns for a message after which nothing is read as HTTP. */
const IS_LAST = 2;

/** A stream whose bytes are dropped. */
interface Source {
  on(event: 'data', listener: (chunk: { readonly length: number }) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

interface Socket extends Source {
  destroySoon: unknown;
  end(): unknown;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

interface Http2Stream {
  once(event: 'finish', listener: () => void): unknown;
  close(code: number): unknown;
}

interface Upload extends Source {
  read(size: number): unknown;
}

interface Answer {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  prependListener(event: 'finish', listener: () => void): unknown;
}

/** The sockets of HTTP/1 and the streams of HTTP/2 that close after their answer. */
const closing: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/** Whether a request came on a connection that is about to close, and must not be served. */
export function isClosing(request: NodeRequest): boolean {
  return closing.has(readField(request, 'socket') as object);
}

/**
 * Makes an answer the last of its connection if the request has a body. Call it before the answer is sent; a second call
 * does nothing.
 */
export function closeAfterBody(request: NodeRequest, response: object): void {
  // An application may have put a stream of its own on a response of HTTP/1.
  const isHttp2 = readField(request, 'httpVersionMajor') === 2;
  const stream = readField(response, 'stream') as Http2Stream | undefined;
  if (isHttp2 && typeof readField(stream, 'close') === 'function') resetAfterAnswer(stream as Http2Stream);
  else if (hasBody(request)) closeAfterAnswer(request, response as Answer);
}

function resetAfterAnswer(stream: Http2Stream): void {
  if (readField(stream, 'endAfterHeaders') === true || closing.has(stream)) return;
  closing.add(stream);
  stream.once('finish', () => stream.close(NO_ERROR));
}

/** Whether a request came with a body (RFC 9112 §6), or may have lost the header that says so. */
function hasBody(request: NodeRequest): boolean {
  if (mayBeCut(request)) return true;
  const length = headerOf(request, 'content-length');
  return headerOf(request, 'transfer-encoding') !== undefined || (length !== undefined && length !== '0');
}

function closeAfterAnswer(request: NodeRequest, response: Answer): void {
  // Set, not left to Node: an application may have asked to keep the connection.
  if (!response.headersSent) response.setHeader('Connection', 'close');
  const socket = readField(request, 'socket') as Socket;
  // Only a real socket: requests of tests are not sent over one.
  if (typeof readField(socket, 'destroySoon') !== 'function' || closing.has(socket)) return;
  closing.add(socket);
  serveNoMore(socket);
  const upload = request as object as Upload;
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    // Node would read a body that nobody has begun to read to its end, past every listener.
    upload.read(0);
    socket.end();
    linger(socket, upload);
  };
  // Node calls it after the last answer of a connection, and would send a reset while the client uploads.
  socket.destroySoon = close;
  // Before Node's own listener.
  response.prependListener('finish', close);
}

/** Keeps what the client has already sent after its body from being served. */
function serveNoMore(socket: Socket): void {
  const parser = readField(socket, 'parser') as { onIncoming: unknown } | undefined;
  if (typeof readField(parser, 'onIncoming') !== 'function') return;
  (parser as { onIncoming: unknown }).onIncoming = (request: { upgrade: unknown }): number => {
    // It must not reach the listeners for upgrades either.
    request.upgrade = false;
    socket.pause();
    return IS_LAST;
  };
}

/** Waits, within limits, for the other end to close a connection whose own half is closed. */
export function linger(given: object, from: object = given): void {
  const socket = given as Socket;
  const source = from as Source;
  let left = MAX_BYTES;
  source.on('data', ({ length }) => {
    left -= length;
    // Again after each chunk, as others may resume it.
    if (left <= 0) source.pause();
  });
  source.resume();
  const { setTimeout, clearTimeout } = globalThis as unknown as Timers;
  const timer = setTimeout(() => socket.destroy(), PATIENCE);
  // Node's timers would keep a process alive.
  timer.unref?.();
  socket.once('close', () => clearTimeout(timer));
}

/** What every runtime has of timers. */
interface Timers {
  setTimeout(run: () => void, milliseconds: number): { unref?(): unknown };
  clearTimeout(timer: unknown): void;
}
