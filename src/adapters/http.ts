/**
 * Requests and answers of Node's HTTP servers, which Express, Fastify and Koa are built on. Only the shapes: nothing of
 * Node is imported.
 */

import { type Denial, denialFor, FORBIDDEN, prepareHeaders } from './denial.ts';

/** What an adapter needs of a connection. */
export interface NodeConnection {
  /** The address of the peer; gone once the connection is closed. */
  readonly remoteAddress?: string | undefined;
  /** The server that it came to. */
  readonly server?: unknown;
}

/** What an adapter needs of the request of an HTTP server of Node, HTTP/2 included. */
export interface NodeRequest {
  /** The connection. */
  readonly socket: NodeConnection;
  /** The headers by name in lower case. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** All lines of the head as they were received: names and values in turn. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** The method of the request. */
  readonly method?: string | undefined;
  /** The path of the request, with its query. */
  readonly url?: string | undefined;
}

/** What an adapter needs of the answer of an HTTP server of Node. */
export interface NodeResponse {
  /** The status of the answer. */
  statusCode: number;
  /** Whether the head of the answer is on its way. */
  readonly headersSent: boolean;
  /** Whether the answer is complete. */
  readonly writableEnded: boolean;
  /** Sets a header. */
  setHeader(name: string, value: string | number): unknown;
  /** Takes a header back. */
  removeHeader(name: string): void;
  /** Ends the answer. */
  end(): unknown;
  /** Ends the answer with a body. */
  end(body: string): unknown;
  /** Breaks the answer off. */
  destroy(): unknown;
}

/** The address of the peer of a request. */
export function peerOf(request: NodeRequest): string | undefined {
  return request.socket.remoteAddress;
}

/** A header of a request, by its name in lower case. Node joins the lines of most headers by commas. */
export function headerOf(request: NodeRequest, name: string): string | readonly string[] | undefined {
  return Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
}

/** No address and no list of any: what stands for a header of which lines may be missing. */
const UNREADABLE = '?';

/** The lines that Node's parser takes when the server does not say. */
const DEFAULT_MAX_LINES = 1_000;

/**
 * The lines of a forwarding header, by its name in lower case, joined by commas.
 *
 * Read from all lines that were received: `headers` has only the first 1,000 of them, or `maxHeadersCount` of the
 * server. A client that fills these would push out what its proxy writes, which comes last. Behind that number Node's
 * parser drops lines unseen even here, so that a request with as many has no header that could be believed.
 */
export function forwardingHeaderOf(
  request: NodeRequest,
  name: string,
): string | readonly string[] | undefined {
  const { rawHeaders } = request;
  // Requests that no parser made may have headers alone.
  if (!Array.isArray(rawHeaders) || rawHeaders.length === 0) return headerOf(request, name);
  const mayBeCut = rawHeaders.length >= 2 * maxLinesOf(request);
  if (mayBeCut) return UNREADABLE;
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const line: string = rawHeaders[at];
    if (line.length !== name.length || line.toLowerCase() !== name) continue;
    value = value === undefined ? rawHeaders[at + 1] : `${value}, ${rawHeaders[at + 1]}`;
  }
  // What no client sent was set by the program.
  return value ?? headerOf(request, name);
}

/** How many lines the parser takes; 0 of the server means all. */
function maxLinesOf({ socket }: NodeRequest): number {
  const server = socket?.server as { readonly maxHeadersCount?: unknown } | null | undefined;
  const count = server?.maxHeadersCount;
  if (typeof count !== 'number') return DEFAULT_MAX_LINES;
  return count > 0 ? count : Number.POSITIVE_INFINITY;
}

/** Prepares an answer for `respond`, so that what it does not say is right. */
export function prepareDenial(response: NodeResponse): void {
  if (response.headersSent) return;
  prepareHeaders(
    (name) => response.removeHeader(name),
    (name, value) => response.setHeader(name, value),
  );
  response.statusCode = FORBIDDEN;
}

/** Answers 403, with a body unless the method is HEAD. An answer that was begun is broken off. */
export function sendDenial(
  request: NodeRequest,
  response: NodeResponse,
  requestId: string | undefined,
): void {
  if (response.headersSent) {
    if (!response.writableEnded) response.destroy();
    return;
  }
  const { contentType, body }: Denial = denialFor(headerOf(request, 'accept'), requestId);
  prepareDenial(response);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', body.length);
  if (request.method === 'HEAD') response.end();
  else response.end(body);
}
