/**
 * Requests and answers of the Fetch standard, and what the runtimes tell beside a request about its connection. Only
 * the shapes: no type of the DOM is needed.
 */

import { denialFor, denialHeaders, FORBIDDEN } from './denial.ts';
import { forwardingHeaderOf, type NodeRequest } from './http.ts';

/** What an adapter needs of a `Request`. */
export interface FetchRequest {
  /** The method of the request. */
  readonly method: string;
  /** The headers. */
  readonly headers: {
    /** A header by its name; several lines are joined by commas. */
    get(name: string): string | null;
  };
}

/** The `Request` of the platform, where its types are known; elsewhere what an adapter needs of one. */
export type PlatformRequest =
  typeof globalThis extends Record<'Request', abstract new (...given: never) => infer Value>
    ? Value extends FetchRequest
      ? Value
      : FetchRequest
    : FetchRequest;

/** The `Response` of the platform, where its types are known; elsewhere any object. */
export type FetchResponse =
  typeof globalThis extends Record<'Response', abstract new (...given: never) => infer Value>
    ? Value
    : object;

/** What there is of the Fetch standard in every runtime. */
interface Platform {
  readonly Response: new (
    body: string | null,
    init: { readonly status: number; readonly headers: Record<string, string> },
  ) => FetchResponse;
}

/** A header of a request. */
export function headerOf(request: FetchRequest, name: string): string | null {
  return request.headers.get(name);
}

/** The usual answer: 403, with a body unless the method is HEAD. */
export function denialResponse(request: FetchRequest, requestId: string | undefined): FetchResponse {
  const { contentType, body } = denialFor(headerOf(request, 'accept'), requestId);
  const headers = { ...Object.fromEntries(denialHeaders), 'Content-Type': contentType };
  const { Response } = globalThis as unknown as Platform;
  return new Response(request.method === 'HEAD' ? null : body, { status: FORBIDDEN, headers });
}

/** An answer of `respond` with status 403 that says nothing of caches, with `no-store`: as it is, or a copy. */
export function unstored(answer: FetchResponse): FetchResponse {
  const { status, headers, body } = answer as unknown as {
    readonly status: number;
    readonly headers: { has?(name: string): boolean; set(name: string, value: string): void };
    readonly body: never;
  };
  if (status !== FORBIDDEN || headers.has?.('cache-control') !== false) return answer;
  try {
    headers.set('Cache-Control', 'no-store');
    return answer;
  } catch {
    // The headers of an answer that was fetched cannot be written to.
    const { Response } = globalThis as unknown as Platform;
    const copy = new Response(body, answer as never);
    (copy as unknown as { readonly headers: typeof headers }).headers.set('Cache-Control', 'no-store');
    return copy;
  }
}

/** Whether a value is a `Response`, of this realm or another. */
export function isResponse(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers } = value as { status?: unknown; headers?: { get?: unknown } };
  return typeof status === 'number' && typeof headers?.get === 'function';
}

/**
 * The address of the peer, from what a runtime hands over beside the request: Node (`{ incoming }`, of
 * `@hono/node-server`), Bun (its server), Deno (its `info`), each as it is or in a field `server`. None of it can be
 * written by a client. `undefined` when there is nothing of the kind.
 */
export function peerOfHost(host: unknown, request: FetchRequest): string | undefined {
  const facts = factsOf(host);
  if (facts === undefined) return undefined;
  if (isObject(facts.incoming)) return facts.incoming.socket?.remoteAddress;
  if (typeof facts.requestIP === 'function') return facts.requestIP(request)?.address;
  return isObject(facts.remoteAddr) ? facts.remoteAddr.hostname : undefined;
}

/**
 * The lines of a forwarding header: on Node out of its own request, of which all lines are known; elsewhere out of the
 * `Request`.
 */
export function forwardingHeaderOfHost(
  host: unknown,
  request: FetchRequest,
  name: string,
): string | readonly string[] | null | undefined {
  const incoming = factsOf(host)?.incoming;
  if (!isObject(incoming) || !isObject(incoming.headers)) return headerOf(request, name);
  return forwardingHeaderOf(incoming as NodeRequest, name) ?? headerOf(request, name);
}

function factsOf(host: unknown): HostFacts | undefined {
  const inner = isObject(host) ? (host as { readonly server?: unknown }).server : undefined;
  return isObject(inner) ? inner : isObject(host) ? host : undefined;
}

interface HostFacts {
  readonly incoming?: Partial<NodeRequest>;
  requestIP?(request: unknown): { readonly address: string } | null;
  readonly remoteAddr?: { readonly hostname?: string };
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/**
 * The client of a Worker that runs in the network of Cloudflare: what its edge wrote into `CF-Connecting-IP`.
 *
 * Believed only where the runtime says with `request.cf` that the request came through that edge, which names its data
 * centre there. On any other server the header is the client's own.
 */
export function cloudflareClientOf(request: FetchRequest): string | undefined {
  const { cf } = request as { readonly cf?: { readonly colo?: unknown } | null };
  if (typeof cf?.colo !== 'string') return undefined;
  return headerOf(request, 'cf-connecting-ip') ?? undefined;
}
