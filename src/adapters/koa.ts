/**
 * For Koa 3: middleware that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import { denialFor, FORBIDDEN, prepareHeaders } from './denial.ts';
import { andThen, createGuard, type Decider, type GuardOptions } from './guard.ts';
import { forwardingHeaderOf, headerOf, type NodeRequest, peerOf } from './http.ts';

/** What is needed of a context of Koa. */
export interface KoaContext {
  /** The request of Node. */
  readonly req: NodeRequest;
  /** What Koa takes for the client, by its own setting `proxy`. */
  readonly ip: string;
  /** The method of the request. */
  readonly method: string;
  /** The path of the request. */
  readonly path: string;
  /** The status of the answer. */
  status: number;
  /** The body of the answer. */
  body: unknown;
  /** Sets a header of the answer. */
  set(name: string, value: string): unknown;
  /** Takes a header of the answer back. */
  remove(name: string): void;
}

/** Hands the request on. */
export type Next = () => Promise<unknown>;

/** The options of {@link restrictTo}. */
export type RestrictOptions<Context extends KoaContext = KoaContext> = GuardOptions<
  readonly [context: Context],
  readonly [context: Context, next: Next]
>;

/**
 * Makes middleware that answers denied requests with 403 and hands all others on, untouched.
 *
 * Use it before everything that it is to guard, static files too. The client is the peer of the socket, whatever
 * `app.proxy` says; who has set that says `client: (context) => context.ip`.
 *
 * @param policy - a policy, or anything with `decide`
 * @param options - who is asking, hooks, and another answer
 * @returns middleware for an application, or for a part of one that is mounted
 * @throws ListError with `invalid-option`, and all that is wrong with `client`
 * @remarks Costs one decision a request, and a few functions. What throws denies.
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
  policy: Decider,
  options?: RestrictOptions<Context>,
): (context: Context, next: Next) => unknown {
  const guard = createGuard(policy, options, {
    peerOf: (context: Context) => peerOf(context.req),
    headerOf: (name, context: Context) => forwardingHeaderOf(context.req, name),
  });
  const prepare = (context: Context): void => {
    prepareHeaders(
      (name) => context.remove(name),
      (name, value) => context.set(name, value),
    );
    context.status = FORBIDDEN;
  };
  return (context, next) =>
    andThen(guard.judge(context), (decision): unknown => {
      if (decision === undefined) return next();
      const answer = (): void => {
        const { contentType, body } = denialFor(headerOf(context.req, 'accept'), guard.requestIdOf(context));
        prepare(context);
        context.set('Content-Type', contentType);
        context.body = body;
      };
      return guard.deny(decision, [context, next], answer, () => prepare(context));
    });
}

export type { Decider, GuardOptions, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest } from './http.ts';
