/**
 * For Express 5 and 4: middleware that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { isThenable } from '../problem/foreign.ts';
import { isClosing } from './closing.ts';
import { andThen, createGuard, type GuardOptions, type PolicyChoice, recall } from './guard.ts';
import {
  forwardingHeaderOf,
  isForwarded,
  type NodeRequest,
  type NodeResponse,
  PEER_IN_WORDS,
  peerOf,
} from './http.ts';
import { abort, prepareDenial, sendDenial } from './refusal.ts';

/** The part of an Express request that the middleware reads. */
export interface ExpressRequest extends NodeRequest {
  /** The client according to Express and its setting `trust proxy`. */
  readonly ip?: string | undefined;
}

/** Passes the request on. */
export type Next = (error?: unknown) => void;

/** The options of {@link restrictTo}. */
export type RestrictOptions<
  Request extends ExpressRequest = ExpressRequest,
  Response extends NodeResponse = NodeResponse,
> = GuardOptions<readonly [request: Request], readonly [request: Request, response: Response, next: Next]>;

/**
 * Makes middleware that answers denied requests with 403 and passes all others on untouched.
 *
 * Register it before everything it should guard, static files included. The client is the peer of the socket, whatever
 * `trust proxy` says. If you have configured `trust proxy`, pass `client: (request) => request.ip`.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and a response of your own
 * @returns middleware for an application, a router or a route
 * @throws ListError with `invalid-option`, and with every problem found in `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import express from 'express';
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/express';
 *
 * const app = express();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', (request, response) => response.send('Welcome'));
 * ```
 */
export function restrictTo<
  Request extends ExpressRequest = ExpressRequest,
  Response extends NodeResponse = NodeResponse,
>(
  policy: PolicyChoice<readonly [request: Request]>,
  options?: RestrictOptions<Request, Response>,
): (request: Request, response: Response, next: Next) => void {
  const guard = createGuard(policy, options, {
    peerOf,
    peerInWords: PEER_IN_WORDS,
    headerOf: (name, request) => forwardingHeaderOf(request, name),
    isForwarded,
    isClosing,
  });
  return (request, response, next) => {
    const outcome = andThen(guard.judge(request), ({ denied: decision }): unknown => {
      if (decision === undefined) return void next();
      return guard.deny(
        decision,
        [request, response, next],
        () => sendDenial(request, response, guard.requestIdOf(request)),
        () => abort(response),
        () => prepareDenial(request, response),
      );
    });
    // What later middleware throws reaches the error handler of the application, as it does without a promise.
    if (isThenable(outcome)) {
      Promise.resolve(outcome)
        .then(undefined, next)
        .then(undefined, (error) => guard.report(error, request));
    }
  };
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param request - the request of a handler, in a nested router or application too
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import express from 'express';
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/express';
 *
 * const app = express();
 * app.use(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', (request, response) => response.send(clientOf(request)?.address));
 * ```
 */
export function clientOf(request: ExpressRequest): Client | undefined {
  return recall(request);
}

export type { Client } from '../client/resolver.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest, NodeResponse } from './http.ts';
