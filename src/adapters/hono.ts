/**
 * For Hono 4, on Node, Bun, Deno and Cloudflare Workers: middleware that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import { FORBIDDEN, prepareHeaders } from './denial.ts';
import { andThen, createGuard, type Decider, type GuardOptions } from './guard.ts';
import {
  cloudflareClientOf,
  denialResponse,
  type FetchRequest,
  type FetchResponse,
  forwardingHeaderOfHost,
  isResponse,
  peerOfHost,
  unstored,
} from './web.ts';

/** What is needed of a request of Hono. */
export interface HonoRequest {
  /** The request of the platform. */
  readonly raw: FetchRequest;
  /** The method of the request. */
  readonly method: string;
  /** The path of the request. */
  readonly path: string;
}

/** What is needed of a context of Hono. */
export interface HonoContext {
  /** The request. */
  readonly req: HonoRequest;
  /** What the runtime handed over beside the request. */
  readonly env: unknown;
  /** Sets the status of the answers that the context makes. */
  status(status: 403): void;
  /** Sets a header of the answers that the context makes, or takes it back. */
  header(name: string, value?: string): void;
}

/** Hands the request on. */
export type Next = () => Promise<void>;

/** The options of {@link restrictTo}. */
export type RestrictOptions<Context extends HonoContext = HonoContext> = GuardOptions<
  readonly [context: Context],
  readonly [context: Context, next: Next]
>;

/**
 * Makes middleware that answers denied requests with 403 and hands all others on, untouched.
 *
 * Use it before everything that it is to guard. The client is the peer of the connection, as Node
 * (`@hono/node-server`), Bun and Deno tell it. Elsewhere nobody tells it: without the option `client` everyone is
 * denied. For Cloudflare Workers that is `client: cloudflareClient`.
 *
 * @param policy - a policy, or anything with `decide`
 * @param options - who is asking, hooks, and another answer
 * @returns middleware for an application or a route
 * @throws ListError with `invalid-option`, and all that is wrong with `client`
 * @remarks Costs one decision a request, and a few functions. What throws denies.
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
  policy: Decider,
  options?: RestrictOptions<Context>,
): (context: Context, next: Next) => Promise<FetchResponse | undefined> {
  const guard = createGuard(policy, options, {
    peerOf: (context: Context) => peerOfHost(context.env, context.req.raw),
    headerOf: (name, context: Context) => forwardingHeaderOfHost(context.env, context.req.raw, name),
    isAnswer: isResponse,
  });
  // Not asynchronous itself: a promise more is most of what the guard would cost.
  return (context, next) => {
    const answer = andThen(guard.judge(context), (decision): unknown => {
      if (decision === undefined) return next();
      // What earlier middleware set on the context, Hono puts over every answer: the usual one, too.
      const prepare = (): void => {
        const set = (name: string, value?: string): void => context.header(name, value);
        prepareHeaders(set, set);
        context.status(FORBIDDEN);
      };
      const refuse = (): FetchResponse => {
        prepare();
        return denialResponse(context.req.raw, guard.requestIdOf(context));
      };
      // A promise in every case, as the types of Hono want it of middleware.
      return Promise.resolve(guard.deny(decision, [context, next], refuse, prepare)).then(unstored);
    });
    return answer as Promise<FetchResponse | undefined>;
  };
}

/**
 * The client of a Worker in the network of Cloudflare, for the option `client`: what the edge wrote into
 * `CF-Connecting-IP`.
 *
 * Believed only where the runtime says that the request came through the edge, with the data centre in `request.cf`;
 * `undefined` everywhere else, which is denied.
 *
 * @param context - the context of Hono
 * @returns the address, or `undefined`
 */
export function cloudflareClient(context: HonoContext): string | undefined {
  return cloudflareClientOf(context.req.raw);
}

export type { Decider, GuardOptions, TrustedProxies } from './guard.ts';
export type { FetchRequest, FetchResponse } from './web.ts';
