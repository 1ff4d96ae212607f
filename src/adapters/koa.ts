/**
 * For Koa 3: middleware that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { isClosing } from './closing.ts';
import { denialFor, FORBIDDEN } from './denial.ts';
import { andThen, createGuard, type GuardOptions, type PolicyChoice, recall } from './guard.ts';
import {
  forwardingHeaderOf,
  headerOf,
  isForwarded,
  type NodeRequest,
  type NodeResponse,
  peerOf,
} from './http.ts';
import { abort, prepareDenial, sendDenial } from './refusal.ts';
import { cancelBody } from './web.ts';

/** The part of a Koa context that the middleware uses. */
export interface KoaContext {
  /** Node's request. */
  readonly req: NodeRequest;
  /** Node's response. */
  readonly res: NodeResponse;
  /** Whether Koa responds at all; only `false` says that it does not. */
  respond?: boolean | undefined;
  /** The client according to Koa and its setting `proxy`. */
  readonly ip: string;
  /** The request method. */
  readonly method: string;
  /** The request path. */
  readonly path: string;
  /** The response status. */
  status: number;
  /** The response body. */
  body: unknown;
  /** Sets a response header. */
  set(name: string, value: string): unknown;
  /** A request header; `''` when there is none. */
  get(name: string): string;
}

/** Passes the request on. */
export type Next = () => Promise<unknown>;

/** The options of {@link restrictTo}. */
export type RestrictOptions<Context extends KoaContext = KoaContext> = GuardOptions<
  readonly [context: Context],
  readonly [context: Context, next: Next]
>;

/**
 * Makes middleware that answers denied requests with 403 and passes all others on untouched.
 *
 * Register it before everything it should guard, static files included. The client is the peer of the socket, whatever
 * `app.proxy` says. If you have configured `app.proxy`, pass `client: (context) => context.ip`.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and a response of your own
 * @returns middleware for an application, or for a mounted part of one
 * @throws ListError with `invalid-option`, and with every problem found in `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/koa';
 *
 * const app = new Koa();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.use((context) => {
 *   context.body = 'Welcome';
 * });
 * ```
 */
export function restrictTo<Context extends KoaContext = KoaContext>(
  policy: PolicyChoice<readonly [context: Context]>,
  options?: RestrictOptions<Context>,
): (context: Context, next: Next) => unknown {
  const guard = createGuard(policy, options, {
    peerOf: (context: Context) => peerOf(context.req),
    peerInWords: '(context) => context.req.socket.remoteAddress',
    headerOf: (name, context: Context) => forwardingHeaderOf(context.req, name),
    isForwarded: (context: Context) => isForwarded(context.req),
    // Node's own, which the contexts of all mounted applications have.
    keyOf: (context: Context) => context.req,
    isClosing: (context: Context) => isClosing(context.req),
  });
  const answer = (context: Context): void => {
    // Koa would write the denial after what has been sent.
    if (context.res.headersSent) {
      sendDenial(context.req, context.res, undefined);
      return;
    }
    const { contentType, body } = denialFor(headerOf(context.req, 'accept'), guard.requestIdOf(context));
    prepare(context);
    context.set('Content-Type', contentType);
    context.body = body;
  };
  return (context, next) =>
    andThen(guard.judge(context), ({ denied: decision }): unknown => {
      if (decision === undefined) return next();
      return guard.deny(
        decision,
        [context, next],
        () => answer(context),
        () => abort(context.res),
        () => prepare(context),
      );
    });
}

/** Takes back what earlier middleware prepared, and sets what is right for a denial. */
function prepare(context: KoaContext): void {
  prepareDenial(context.req, context.res);
  if (context.res.headersSent) return;
  const { body } = context;
  // Koa destroys the streams of Node, and leaves those of the Fetch standard to their owner.
  context.body = undefined;
  cancelBody({ body });
  cancelBody(body);
  context.status = FORBIDDEN;
  if (context.respond === false) context.respond = true;
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param context - the context of a handler, in a mounted application too
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import Koa from 'koa';
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/koa';
 *
 * const app = new Koa();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.use((context) => {
 *   context.body = clientOf(context)?.address;
 * });
 * ```
 */
export function clientOf(context: KoaContext): Client | undefined {
  return recall(context.req);
}

export type { Client } from '../client/resolver.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest, NodeResponse } from './http.ts';
