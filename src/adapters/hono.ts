/**
 * For Hono 4, on Node, Bun, Deno and Cloudflare Workers: middleware that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { denialHeaders, FORBIDDEN, isStale } from './denial.ts';
import { andThen, createGuard, type GuardOptions, type PolicyChoice, recall } from './guard.ts';
import {
  cancelBody,
  cloudflareClientOf,
  denialResponse,
  emptyResponse,
  type FetchRequest,
  type FetchResponse,
  forwardingHeaderOfHost,
  isClosingHost,
  isForwardedOfHost,
  isResponse,
  peerOfHost,
  prepareNode,
  unstored,
  withHeaders,
} from './web.ts';

/** The part of a Hono request that the middleware reads. */
export interface HonoRequest {
  /** The platform's own request. */
  readonly raw: FetchRequest;
  /** The request method. */
  readonly method: string;
  /** The request path. */
  readonly path: string;
  /** A header by its name. */
  header(name: string): string | undefined;
}

/** The part of a Hono context that the middleware uses. */
export interface HonoContext {
  /** The request. */
  readonly req: HonoRequest;
  /** What the runtime passed along with the request. */
  readonly env: unknown;
  /** Sets the status of the responses that the context makes. */
  status(status: 403): void;
  /** Sets a header of the responses that the context makes; without a value, removes it. */
  header(name: string, value?: string): void;
  /** The response. */
  res: unknown;
}

/** Passes the request on. */
export type Next = () => Promise<void>;

/** The options of {@link restrictTo}. */
export type RestrictOptions<Context extends HonoContext = HonoContext> = GuardOptions<
  readonly [context: Context],
  readonly [context: Context, next: Next]
>;

/**
 * Makes middleware that answers denied requests with 403 and passes all others on untouched.
 *
 * Register it before everything it should guard. The client is the peer of the connection, as reported by Node
 * (`@hono/node-server`), Bun and Deno. Other platforms do not report it: there, without the option `client`, everyone
 * is denied. On Cloudflare Workers pass `client: cloudflareClient`.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and a response of your own
 * @returns middleware for an application or a route
 * @throws ListError with `invalid-option`, and with every problem found in `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import { Hono } from 'hono';
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/hono';
 *
 * const app = new Hono();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', (context) => context.text('Welcome'));
 * ```
 */
export function restrictTo<Context extends HonoContext = HonoContext>(
  policy: PolicyChoice<readonly [context: Context]>,
  options?: RestrictOptions<Context>,
): (context: Context, next: Next) => Promise<FetchResponse | undefined> {
  const guard = createGuard(policy, options, {
    peerOf: (context: Context) => peerOfHost(context.env, context.req.raw),
    peerInWords: '(context) => context.env.incoming.socket.remoteAddress, or what else your runtime passes',
    headerOf: (name, context: Context) => forwardingHeaderOfHost(context.env, context.req.raw, name),
    isForwarded: (context: Context) => isForwardedOfHost(context.env, context.req.raw),
    // Middleware may replace the request; an application that is mounted has a context of its own.
    keyOf: (context: Context) => context,
    isAnswer: isResponse,
    isClosing: (context: Context) => isClosingHost(context.env),
  });
  // Not an async function: one more promise would be most of what the guard costs.
  return (context, next) => {
    const answer = andThen(guard.judge(context), ({ denied: decision }): unknown => {
      if (decision === undefined) return next();
      const refuse = (): FetchResponse => {
        if (!prepare(context)) cancelBody(context.req.raw);
        return denialResponse(context.req.raw, guard.requestIdOf(context));
      };
      const plain = (): FetchResponse => denialResponse(context.req.raw, undefined);
      // Always a promise, because Hono's types expect one from middleware.
      return Promise.resolve(
        guard.deny(decision, [context, next], refuse, plain, () => void prepare(context)),
      ).then((response) => replace(context, response));
    });
    return answer as Promise<FetchResponse | undefined>;
  };
}

/** A response of earlier code. */
interface Earlier {
  readonly headers: Iterable<readonly [string, string]>;
}

/** The headers of the context's response that a denial keeps. Reading `res` makes one of those that were set. */
function lasting({ res }: HonoContext): (readonly [string, string])[] {
  return [...(res as Earlier).headers].filter(([name]) => !isStale(name));
}

/**
 * Takes back what earlier middleware prepared, and sets what is right for a denial. Hono applies what is set on the
 * context to every response that it makes.
 *
 * @returns whether the host is Node
 */
function prepare(context: HonoContext): boolean {
  const isNode = prepareNode(context.env);
  const { res } = context;
  // A new one, as the headers of a fetched response are read-only, and one that was read cannot be copied.
  put(context, withHeaders(emptyResponse(), lasting(context)));
  cancelBody(res);
  for (const [name, value] of denialHeaders) context.header(name, value);
  context.status(FORBIDDEN);
  return isNode;
}

/**
 * Makes an answer the response of the context, with the headers of earlier code that it does not have itself. Hono ignores
 * what middleware returns once the context has a response.
 */
function replace(context: HonoContext, given: FetchResponse): FetchResponse {
  if (context.res === given) return given;
  const answer = withHeaders(unstored(given), lasting(context));
  put(context, answer);
  return answer;
}

/** Hono would merge a response into the one that is there. */
function put(context: HonoContext, response: FetchResponse): void {
  context.res = undefined;
  context.res = response;
}

/**
 * The client of a Worker on Cloudflare's network, for the option `client`: what the edge wrote into `CF-Connecting-IP`.
 *
 * Trusted only where the runtime shows, by a data centre in `request.cf`, that the request came through the edge.
 * Everywhere else the result is `undefined`, which is denied.
 *
 * @param context - the Hono context
 * @returns the address, or `undefined`
 */
export function cloudflareClient(context: HonoContext): string | undefined {
  return cloudflareClientOf(context.req.raw);
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param context - the context of a handler, in an application that is routed to as well
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import { Hono } from 'hono';
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/hono';
 *
 * const app = new Hono();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', (context) => context.json(clientOf(context)));
 * ```
 */
export function clientOf(context: HonoContext): Client | undefined {
  // A guard of `ipverdict/fetch` around the application knows the request alone.
  return recall(context) ?? recall(context.req.raw);
}

export type { Client } from '../client/resolver.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { FetchRequest, FetchResponse } from './web.ts';
