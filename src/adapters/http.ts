/**
 * Requests and responses of Node's HTTP servers, which Express, Fastify and Koa are built on. Only their shapes:
 * nothing is imported from Node.
 */

/** The part of a connection that an adapter reads. */
export interface NodeConnection {
  /** The peer's address; `undefined` once the connection is closed. */
  readonly remoteAddress?: string | undefined;
  /** The server that accepted it. */
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
  return request.socket.remoteAddress;
}

/** A request header by its lower-case name. Node joins the lines of most headers with commas. */
export function headerOf(request: NodeRequest, name: string): string | readonly string[] | undefined {
  return Object.hasOwn(request.headers, name) ? request.headers[name] : undefined;
}

/** Stands for a header that may have lost lines: neither an address nor a list of addresses. */
const UNREADABLE = '?';

/** How many lines Node's parser accepts when the server does not say. */
const DEFAULT_MAX_LINES = 1_000;

/**
 * The lines of a forwarding header, by its lower-case name, joined with commas.
 *
 * They are read from all the lines received, because `headers` holds only the first 1,000, or `maxHeadersCount` of the
 * server: a client that sends that many would push out what its proxy writes, which comes last. Past that number Node's
 * parser drops lines even from `rawHeaders`, without a sign, so a request with that many has no header to trust.
 */
export function forwardingHeaderOf(
  request: NodeRequest,
  name: string,
): string | readonly string[] | undefined {
  const { rawHeaders } = request;
  // Requests that no parser made may have only `headers`.
  if (!Array.isArray(rawHeaders) || rawHeaders.length === 0) return headerOf(request, name);
  const mayBeCut = rawHeaders.length >= 2 * maxLinesOf(request);
  if (mayBeCut) return UNREADABLE;
  let value: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const line: string = rawHeaders[at];
    if (line.length !== name.length || line.toLowerCase() !== name) continue;
    value = value === undefined ? rawHeaders[at + 1] : `${value}, ${rawHeaders[at + 1]}`;
  }
  // Not sent by the client, so set by the program, if at all.
  return value ?? headerOf(request, name);
}

/** How many lines the parser accepts. A server's 0 means no limit. */
function maxLinesOf({ socket }: NodeRequest): number {
  const server = socket?.server as { readonly maxHeadersCount?: unknown } | null | undefined;
  const count = server?.maxHeadersCount;
  if (typeof count !== 'number') return DEFAULT_MAX_LINES;
  return count > 0 ? count : Number.POSITIVE_INFINITY;
}
