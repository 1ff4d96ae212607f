/**
 * For handlers of the Fetch standard, `(request) => response`, as used by Bun, Deno, Cloudflare Workers and many
 * frameworks.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import {
  andThen,
  createGuard,
  type GuardOptions,
  type PolicyChoice,
  recall,
  refuseFunction,
  requireWrapped,
} from './guard.ts';
import {
  cancelBody,
  cloudflareClientOf,
  denialResponse,
  type FetchRequest,
  type FetchResponse,
  forwardingHeaderOfHost,
  isClosingHost,
  isForwardedOfHost,
  isResponse,
  type PlatformRequest,
  peerOfHost,
  prepareNode,
  unstored,
} from './web.ts';

/** What hosts pass along with a request. Every host differs, and only those who use it have to name its type. */
// biome-ignore lint/suspicious/noExplicitAny: a function for a certain host does not accept an unknown host
export type AnyHost = readonly any[];

/** The options of {@link restrictTo}. `client` and `respond` also get what the host passes along with the request. */
export type RestrictOptions<
  Request extends FetchRequest = PlatformRequest,
  Host extends readonly unknown[] = AnyHost,
> = GuardOptions<readonly [request: Request, ...host: Host], readonly [request: Request, ...host: Host]>;

/**
 * A handler of requests, and of whatever its host passes along. Typed as a method, so that a handler of a narrower kind
 * of request, as frameworks make them, is accepted too.
 */
export type FetchHandler = {
  /** Responds to a request. */
  fetch(request: PlatformRequest, ...host: AnyHost): unknown;
}['fetch'];

/**
 * The guarded handler: it takes what the handler takes plus what `client` reads, and always returns a promise.
 *
 * @typeParam Given - the type of the handler
 */
export type Guarded<Given extends FetchHandler> = (
  request: Parameters<Given> extends readonly [infer Request, ...AnyHost] ? Request : PlatformRequest,
  ...host: AnyHost
) => Promise<Awaited<ReturnType<Given>>>;

/**
 * Wraps a handler.
 *
 * @typeParam Given - the type of the handler
 */
export type FetchGuard = <Given extends FetchHandler>(handler: Given) => Guarded<Given>;

/**
 * Makes a wrapper for a handler: denied requests get a 403 and never reach the handler.
 *
 * A `Request` does not say who sent it. Bun and Deno pass the address in the second argument, which is read when the
 * option `client` is not given. Every other host needs that option; without it, everyone is denied.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and a response of your own
 * @returns a function that wraps a handler
 * @throws ListError with `invalid-option`, and with every problem found in `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/fetch';
 *
 * const policy = createPolicy({ deny: '203.0.113.0/24 # Scanners' });
 * const client = (request: Request, host: { address: string }) => host.address;
 * const handler = restrictTo(policy, { client })(() => new Response('Welcome'));
 *
 * const request = new Request('https://www.example.com/');
 * const allowed = await handler(request, { address: '192.0.2.1' });
 * allowed.status; // 200
 * const denied = await handler(request, { address: '::ffff:203.0.113.9' });
 * denied.status; // 403
 * ```
 */
export function restrictTo<
  Request extends FetchRequest = PlatformRequest,
  Host extends readonly unknown[] = AnyHost,
>(
  policy: PolicyChoice<readonly [request: Request, ...host: Host]>,
  options?: RestrictOptions<Request, Host>,
): FetchGuard {
  refuseFunction(options, 'restrictTo(policy)(handler)');
  const guard = createGuard(policy, options, {
    peerOf: (request: Request, ...host: Host) => peerOfHost(host[0], request),
    peerInWords: '(request, host) => host.remoteAddr.hostname, or what else your host passes',
    headerOf: (name, request: Request, ...host: Host) => forwardingHeaderOfHost(host[0], request, name),
    isForwarded: (request: Request, ...host: Host) => isForwardedOfHost(host[0], request),
    isAnswer: isResponse,
    isClosing: (_request: Request, ...host: Host) => isClosingHost(host[0]),
  });
  return <Given extends FetchHandler>(handler: Given): Guarded<Given> => {
    requireWrapped(
      handler,
      'restrictTo of ipverdict/fetch wraps a handler: write restrictTo(policy)(handler); for app.use(…) import restrictTo from ipverdict/hono',
    );
    const guarded = async function (this: unknown, request: Request, ...host: Host): Promise<unknown> {
      return andThen(guard.judge(request, ...host), ({ denied: decision }): unknown => {
        if (decision === undefined) return Reflect.apply(handler, this, [request, ...host]);
        const refuse = (): FetchResponse => {
          if (!prepareNode(host[0])) cancelBody(request);
          return denialResponse(request, guard.requestIdOf(request));
        };
        const plain = (): FetchResponse => denialResponse(request, undefined);
        const prepare = (): void => void prepareNode(host[0]);
        return andThen(guard.deny(decision, [request, ...host], refuse, plain, prepare), unstored);
      });
    };
    return guarded as unknown as Guarded<Given>;
  };
}

/**
 * The client of a Worker on Cloudflare's network, for the option `client`: what the edge wrote into `CF-Connecting-IP`.
 *
 * Trusted only where the runtime shows, by a data centre in `request.cf`, that the request came through the edge.
 * Everywhere else the result is `undefined`, which is denied.
 *
 * @param request - the request that the Worker received
 * @returns the address, or `undefined`
 * @example
 * ```ts
 * import { cloudflareClient } from 'ipverdict/fetch';
 *
 * const request = new Request('https://www.example.com/', { headers: { 'CF-Connecting-IP': '203.0.113.9' } });
 * cloudflareClient(request); // undefined
 * cloudflareClient(Object.assign(request, { cf: { colo: 'AMS' } })); // '203.0.113.9'
 * ```
 */
export function cloudflareClient(request: FetchRequest): string | undefined {
  return cloudflareClientOf(request);
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param request - the request that a handler gets
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/fetch';
 *
 * const client = (request: Request, host: { address: string }) => host.address;
 * const guard = restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' }), { client });
 * const handler = guard((request) => new Response(clientOf(request)?.address));
 * const answer = await handler(new Request('https://www.example.com/'), { address: '::ffff:192.0.2.1' });
 * const text = await answer.text();
 * text; // '192.0.2.1'
 * ```
 */
export function clientOf(request: FetchRequest): Client | undefined {
  return recall(request);
}

export type { Client } from '../client/resolver.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { FetchRequest, FetchResponse, PlatformRequest } from './web.ts';
