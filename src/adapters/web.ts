/**
 * Requests and responses of the Fetch standard, and what the runtimes report about the connection. Only their shapes:
 * no DOM types are needed.
 */

import { isThenable, readField } from '../problem/foreign.ts';
import { isClosing } from './closing.ts';
import { denialFor, denialHeaders, FORBIDDEN } from './denial.ts';
import {
  forwardingHeaderOf,
  isForwarded,
  type NodeRequest,
  type NodeResponse,
  peerOf,
  UNREADABLE,
} from './http.ts';
import { clearResponse } from './refusal.ts';

/** The part of a `Request` that an adapter reads. */
export interface FetchRequest {
  /** The request method. */
  readonly method: string;
  /** The headers. */
  readonly headers: {
    /** A header by its name; several lines are joined with commas. */
    get(name: string): string | null;
  };
}

/** The platform's `Request` where its types are known; elsewhere, the part that an adapter reads. */
export type PlatformRequest =
  typeof globalThis extends Record<'Request', abstract new (...given: never) => infer Value>
    ? Value extends FetchRequest
      ? Value
      : FetchRequest
    : FetchRequest;

/** The platform's `Response` where its types are known; elsewhere, any object. */
export type FetchResponse =
  typeof globalThis extends Record<'Response', abstract new (...given: never) => infer Value>
    ? Value
    : object;

/** The part of the Fetch standard that every runtime has. */
interface Platform {
  readonly Response: new (
    body: string | null,
    init: { readonly status: number; readonly headers: Record<string, string> },
  ) => FetchResponse;
}

/** A request header. */
export function headerOf(request: FetchRequest, name: string): string | null {
  return request.headers.get(name);
}

/** A response that has only the status of a denial. */
export function emptyResponse(): FetchResponse {
  const { Response } = globalThis as unknown as Platform;
  return new Response(null, { status: FORBIDDEN, headers: {} });
}

/** The usual response: 403, with a body unless the method is HEAD. */
export function denialResponse(request: FetchRequest, requestId: string | undefined): FetchResponse {
  const { contentType, body } = denialFor(headerOf(request, 'accept'), requestId);
  const headers = { ...Object.fromEntries(denialHeaders), 'Content-Type': contentType };
  const { Response } = globalThis as unknown as Platform;
  return new Response(request.method === 'HEAD' ? null : body, { status: FORBIDDEN, headers });
}

/** Adds `no-store` to a 403 from `respond` that does not mention caching. Returns the same response, or a copy. */
export function unstored(answer: FetchResponse): FetchResponse {
  const { status } = answer as unknown as { readonly status: number };
  return status === FORBIDDEN ? withHeaders(answer, [['cache-control', 'no-store']]) : answer;
}

/** Adds headers that a response does not have. Returns the same response, or a copy. */
export function withHeaders(
  answer: FetchResponse,
  headers: readonly (readonly [name: string, value: string])[],
): FetchResponse {
  const own = (answer as unknown as { readonly headers: Partial<WritableHeaders> }).headers;
  const missing = headers.filter(([name]) => own.has?.(name) === false);
  const add = (response: FetchResponse): FetchResponse => {
    const written = (response as unknown as { readonly headers: WritableHeaders }).headers;
    // Several cookies are several headers.
    for (const [name, value] of missing) written.append(name, value);
    return response;
  };
  try {
    return add(answer);
  } catch {
    // The headers of a fetched response are read-only.
    const { Response } = globalThis as unknown as Platform;
    const { body } = answer as unknown as { readonly body: never };
    return add(new Response(body, answer as never));
  }
}

interface WritableHeaders {
  has(name: string): boolean;
  append(name: string, value: string): void;
}

/** `Response.error()` has the status 0, and cannot be sent. */
function isStatus(status: unknown): boolean {
  return typeof status === 'number' && status >= 200 && status <= 599;
}

/** Whether a value is a `Response`, of this realm or another, that can still be sent. */
export function isResponse(value: unknown): boolean {
  const headers = readField(value, 'headers');
  return (
    isStatus(readField(value, 'status')) &&
    typeof readField(headers, 'get') === 'function' &&
    readField(value, 'bodyUsed') !== true &&
    readField(readField(value, 'body'), 'locked') !== true
  );
}

/**
 * The peer's address, from what a runtime passes along with the request: Node (`{ incoming }`, from
 * `@hono/node-server`), Bun (its server) or Deno (its `info`), each directly or in a field `server`. A client can write
 * none of it. `undefined` when nothing of the kind was passed.
 */
export function peerOfHost(host: unknown, request: FetchRequest): string | undefined {
  const facts = factsOf(host);
  const incoming = readField(facts, 'incoming');
  if (isObject(incoming)) return peerOf(incoming as NodeRequest);
  const requestIP = readField(facts, 'requestIP');
  const [from, name] =
    typeof requestIP === 'function'
      ? [Reflect.apply(requestIP, facts, [request]), 'address']
      : [readField(facts, 'remoteAddr'), 'hostname'];
  return readField(from, name) as string | undefined;
}

/**
 * The lines of a forwarding header. On Node they come from its own request, which has every line. Elsewhere they come
 * from the `Request`, whose `Headers` join them with commas, so that a line may reach into the next: a quote that a
 * client leaves open in a line of `Forwarded` would end at a quote of its proxy. Such a header is not read.
 */
export function forwardingHeaderOfHost(
  host: unknown,
  request: FetchRequest,
  name: string,
): string | readonly string[] | null | undefined {
  const incoming = incomingOf(host);
  const lines = incoming && forwardingHeaderOf(incoming, name);
  if (lines !== undefined) return lines;
  const joined = headerOf(request, name);
  return name === 'forwarded' && joined !== null && mayBeJoinedInQuotes(joined) ? UNREADABLE : joined;
}

/** Whether a request has a header that proxies write. */
export function isForwardedOfHost(host: unknown, request: FetchRequest): boolean {
  const incoming = incomingOf(host);
  if (incoming !== undefined) return isForwarded(incoming);
  return typeof (headerOf(request, 'x-forwarded-for') ?? headerOf(request, 'forwarded')) === 'string';
}

/** Whether a quoted string holds what joins lines, so that it may have been two halves. */
function mayBeJoinedInQuotes(value: string): boolean {
  let isQuoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted && character === ',') return true;
    // A backslash at the end of a line would hide the comma after it.
    else if (isQuoted && character === '\\' && value[at + 1] !== ',') at++;
  }
  return false;
}

/** Node's own request, where there is one. */
function incomingOf(host: unknown): NodeRequest | undefined {
  const incoming = readField(factsOf(host), 'incoming');
  return isObject(readField(incoming, 'headers')) ? (incoming as NodeRequest) : undefined;
}

/** What a host passes is read as its own, or its class's: other code may have put anything on `Object.prototype`. */
function factsOf(host: unknown): object | undefined {
  const inner = readField(host, 'server');
  return isObject(inner) ? inner : isObject(host) ? host : undefined;
}

/**
 * Prepares Node's own response where the host is Node: what was set on it is taken back, and the connection closes after
 * the answer if the request has a body.
 *
 * @returns whether the host is Node; elsewhere the runtime owns the connection
 */
export function prepareNode(host: unknown): boolean {
  const incoming = incomingOf(host);
  const outgoing = readField(factsOf(host), 'outgoing');
  if (incoming === undefined || typeof readField(outgoing, 'setHeader') !== 'function') return false;
  clearResponse(incoming, outgoing as NodeResponse);
  return true;
}

/** Cancels the body of a `Request`, or of another object of the Fetch standard. Never throws. */
export function cancelBody(of: unknown): void {
  try {
    const body = readField(of, 'body');
    const cancel = readField(body, 'cancel');
    const outcome = typeof cancel === 'function' ? Reflect.apply(cancel, body, []) : undefined;
    // One that somebody is reading refuses.
    if (isThenable(outcome)) outcome.then(undefined, () => {});
  } catch {
    // A body that cannot be cancelled is the runtime's to drop.
  }
}

/** Whether a request came on a connection that is about to close, see `closing.ts`. */
export function isClosingHost(host: unknown): boolean {
  const incoming = incomingOf(host);
  return incoming !== undefined && isClosing(incoming);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/**
 * The client of a Worker on Cloudflare's network: what its edge wrote into `CF-Connecting-IP`.
 *
 * Trusted only where the runtime shows, by a data centre in `request.cf`, that the request came through that edge. On
 * any other server the client itself wrote the header.
 */
export function cloudflareClientOf(request: FetchRequest): string | undefined {
  if (typeof readField(readField(request, 'cf'), 'colo') !== 'string') return undefined;
  return headerOf(request, 'cf-connecting-ip') ?? undefined;
}
