/**
 * Requests and responses of Node's HTTP servers, which Express, Fastify and Koa are built on. Only their shapes:
 * nothing is imported from Node.
 */

import { readField } from '../problem/foreign.ts';

/** The part of a connection that an adapter reads. */
export interface NodeConnection {
  /** The peer's address; `undefined` once the connection is closed. */
  readonly remoteAddress?: string | undefined;
  /** The server that accepted it; how many header lines its parser keeps is read from it. */
  readonly server?: unknown;
}

/** The part of a request of Node's HTTP server, HTTP/2 included, that an adapter reads. */
export interface NodeRequest {
  /** The connection. */
  readonly socket: NodeConnection;
  /** The headers by lower-case name. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Every header line as it was received: names and values in turn. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** The request method. */
  readonly method?: string | undefined;
  /** The request path with its query. */
  readonly url?: string | undefined;
}

/** The part of a response of Node's HTTP server that an adapter uses. */
export interface NodeResponse {
  /** The response status. */
  statusCode: number;
  /** Whether the headers have been sent. */
  readonly headersSent: boolean;
  /** Whether the response has been ended. */
  readonly writableEnded: boolean;
  /** The reason phrase of HTTP/1; the usual one of the status when empty. */
  statusMessage?: string | undefined;
  /** The stream of an HTTP/2 response. */
  readonly stream?: unknown;
  /** The names of the headers that are set. */
  getHeaderNames?(): string[];
  /** Whether the body is sent in chunks. */
  chunkedEncoding?: boolean | undefined;
  /** Sets a header. */
  setHeader(name: string, value: string | number): unknown;
  /** Removes a header. */
  removeHeader(name: string): void;
  /** Ends the response. */
  end(): unknown;
  /** Ends the response with a body. */
  end(body: string): unknown;
  /** Aborts the response. */
  destroy(): unknown;
}

/** The address of a request's peer. */
export function peerOf(request: NodeRequest): string | undefined {
  return addressOf(readField(request, 'socket'));
}

/** The address at the other end of a connection. */
export function addressOf(socket: unknown): string | undefined {
  return readField(socket, 'remoteAddress') as string | undefined;
}

/** How the option `client` says the same. */
export const PEER_IN_WORDS = '(request) => request.socket.remoteAddress';

/** A request header by its lower-case name. Node joins the lines of most headers with commas. */
export function headerOf(request: NodeRequest, name: string): string | readonly string[] | undefined {
  const headers = readField(request, 'headers');
  if (typeof headers !== 'object' || headers === null || !Object.hasOwn(headers, name)) return undefined;
  return (headers as NodeRequest['headers'])[name];
}

/** Stands for a header that may have lost lines: neither an address nor a list of addresses. */
export const UNREADABLE = '?';

/** How many pairs of name and value Node's parser keeps, doubled, when the server does not say. */
const DEFAULT_MAX_ITEMS = 2_000;

/**
 * The lines of a forwarding header, by its lower-case name, from the first to the last.
 *
 * They are read from all the lines received, because `headers` holds only the first 1,000, or `maxHeadersCount` of the
 * server, and joins the lines of one name: a client that sends that many would push out what its proxy writes, which
 * comes last. Past that number Node's parser drops lines even from `rawHeaders`, without a sign, so a request with that
 * many has no header to trust.
 */
export function forwardingHeaderOf(
  request: NodeRequest,
  name: string,
): string | readonly string[] | undefined {
  const rawHeaders = readField(request, 'rawHeaders');
  // Requests that no parser made may have only `headers`.
  if (!Array.isArray(rawHeaders) || rawHeaders.length === 0) return headerOf(request, name);
  if (mayBeCut(request)) return UNREADABLE;
  const lines: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const line: string = rawHeaders[at];
    if (line.length === name.length && line.toLowerCase() === name) lines.push(rawHeaders[at + 1]);
  }
  // Not sent by the client, so set by the program, if at all.
  return lines.length > 0 ? lines : headerOf(request, name);
}

/**
 * Whether the parser may have dropped lines. A connection's parser takes the number from the server when it connects, so
 * both are asked.
 */
export function mayBeCut(request: NodeRequest): boolean {
  const rawHeaders = readField(request, 'rawHeaders');
  // Requests that no parser made lost nothing.
  if (!Array.isArray(rawHeaders)) return false;
  const socket = readField(request, 'socket');
  const kept = readField(readField(socket, 'parser'), 'maxHeaderPairs');
  const count = readField(readField(socket, 'server'), 'maxHeadersCount');
  // As Node doubles it, in 32 bits: any number may become any other. 0 and below mean no limit.
  const limit = typeof count === 'number' ? count << 1 : DEFAULT_MAX_ITEMS;
  const isFull = (most: number): boolean => most > 0 && rawHeaders.length >= most;
  return isFull(limit) || (typeof kept === 'number' && isFull(kept));
}

/** The headers in which proxies say whom they forward. */
const forwardingHeaders: readonly string[] = ['x-forwarded-for', 'forwarded'];

/** Whether a request has a header that proxies write. Compares lengths first, as every request is asked. */
export function isForwarded(request: NodeRequest): boolean {
  const rawHeaders = readField(request, 'rawHeaders');
  if (!Array.isArray(rawHeaders) || rawHeaders.length === 0)
    return forwardingHeaders.some((name) => headerOf(request, name) !== undefined);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name: string = rawHeaders[at];
    if (forwardingHeaders.some((one) => one.length === name.length && one === name.toLowerCase()))
      return true;
  }
  return false;
}
