/**
 * Requests and answers of Node's HTTP servers, which Express, Fastify and Koa are built on. Only the shapes: nothing of
 * Node is imported.
 */

import { type Denial, denialFor, denialHeaders, FORBIDDEN, staleHeaders } from './denial.ts';

/** What an adapter needs of a connection. */
export interface NodeConnection {
  /** The address of the peer; gone once the connection is closed. */
  readonly remoteAddress?: string | undefined;
}

/** What an adapter needs of the request of an HTTP server of Node, HTTP/2 included. */
export interface NodeRequest {
  /** The connection. */
  readonly socket: NodeConnection;
  /** The headers by name in lower case. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
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

/** Prepares an answer for `respond`, so that what it does not say is right. */
export function prepareDenial(response: NodeResponse): void {
  if (response.headersSent) return;
  for (const name of staleHeaders) response.removeHeader(name);
  for (const [name, value] of denialHeaders) response.setHeader(name, value);
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
