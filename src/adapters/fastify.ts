/**
 * For Fastify 5: a plugin that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { isThenable } from '../problem/foreign.ts';
import { isClosing } from './closing.ts';
import { denialHeaders, FORBIDDEN, isStale } from './denial.ts';
import { andThen, createGuard, type GuardOptions, type PolicyChoice, recall } from './guard.ts';
import { forwardingHeaderOf, isForwarded, type NodeRequest, type NodeResponse, peerOf } from './http.ts';
import { abort, clearResponse, sendDenial } from './refusal.ts';

/** The part of a Fastify request that the plugin reads. */
export interface FastifyRequest {
  /** Node's request. */
  readonly raw: NodeRequest;
  /** The client according to Fastify and its setting `trustProxy`. */
  readonly ip: string;
  /** The request id. */
  readonly id: string;
  /** The request method. */
  readonly method: string;
  /** The request path with its query. */
  readonly url: string;
}

/** The part of a Fastify reply that the plugin uses. */
export interface FastifyReply {
  /** Node's response. */
  readonly raw: NodeResponse;
  /** Sets the status. */
  code(status: number): unknown;
  /** Sets a header. */
  header(name: string, value: string): unknown;
  /** All headers that are set. */
  getHeaders(): object;
  /** Takes the response out of Fastify's hands. */
  hijack(): unknown;
  /** Removes a header. */
  removeHeader(name: string): unknown;
  /** Sends the reply. */
  send(body?: unknown): unknown;
}

/** The part of a Fastify instance that the plugin uses when it is registered. */
export interface FastifyInstance {
  /** Adds a hook. */
  addHook(name: 'onRequest', hook: never): unknown;
}

/** The options of {@link restrictTo}. */
export type RestrictOptions<
  Request extends FastifyRequest = FastifyRequest,
  Reply extends FastifyReply = FastifyReply,
> = GuardOptions<readonly [request: Request], readonly [request: Request, reply: Reply]>;

/** A plugin for `app.register`. */
export type Plugin = (instance: FastifyInstance, options: object, done: () => void) => void;

/**
 * Makes a plugin that answers denied requests with 403 in the hook `onRequest`, before a body is read.
 *
 * It guards the instance it is registered with and everything inside: a whole application, its "not found" responses
 * included, or one encapsulated part. The client is the peer of the socket, whatever `trustProxy` says. If you have
 * configured `trustProxy`, pass `client: (request) => request.ip`.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and a response of your own
 * @returns a plugin for `app.register`
 * @throws ListError with `invalid-option`, and with every problem found in `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import { fastify } from 'fastify';
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/fastify';
 *
 * const app = fastify();
 * app.register(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', async () => 'Welcome');
 * ```
 */
export function restrictTo<
  Request extends FastifyRequest = FastifyRequest,
  Reply extends FastifyReply = FastifyReply,
>(policy: PolicyChoice<readonly [request: Request]>, options?: RestrictOptions<Request, Reply>): Plugin {
  const guard = createGuard(policy, options, {
    peerOf: (request: Request) => peerOf(request.raw),
    peerInWords: '(request) => request.socket.remoteAddress',
    headerOf: (name, request: Request) => forwardingHeaderOf(request.raw, name),
    isForwarded: (request: Request) => isForwarded(request.raw),
    // Node's own, which every wrapper of the request has.
    keyOf: (request: Request) => request.raw,
    isClosing: (request: Request) => isClosing(request.raw),
  });
  const hook = (request: Request, reply: Reply, done: (error?: unknown) => void): void => {
    const outcome = andThen(guard.judge(request), ({ denied: decision }): unknown => {
      if (decision === undefined) return void done();
      let isSent = false;
      // "done" is never called, so nothing after this hook runs.
      return guard.deny(
        decision,
        [request, reply],
        () => {
          if (!isSent) refuse(request, reply, guard.requestIdOf(request));
        },
        () => abort(reply.raw),
        () => {
          prepare(request, reply);
          const { send } = reply;
          // An answer may wait for asynchronous hooks, and Fastify does not say so.
          reply.send = (...given: unknown[]): unknown => {
            isSent = true;
            try {
              return Reflect.apply(send, reply, given);
            } catch (error) {
              // Nothing was sent, so the usual answer still has to be.
              isSent = false;
              throw error;
            }
          };
        },
      );
    });
    if (!isThenable(outcome)) return;
    // What later hooks throw reaches the error handler of the application, as it does without a promise.
    Promise.resolve(outcome)
      .then(undefined, done)
      .then(undefined, (error) => guard.report(error, request));
  };
  return toPlugin(hook as never);
}

/** Takes back what earlier hooks prepared, and sets what is right for a denial. */
function prepare(request: FastifyRequest, reply: FastifyReply): void {
  // What was set on Node's response itself, where the reply does not reach it.
  clearResponse(request.raw, reply.raw);
  for (const name of Object.keys(reply.getHeaders())) if (isStale(name)) reply.removeHeader(name);
  for (const [name, value] of denialHeaders) reply.header(name, value);
  reply.code(FORBIDDEN);
}

/**
 * Responds past Fastify, whose serializers, trailers and `onSend` hooks would rewrite the answer. `onResponse` hooks still
 * run.
 */
function refuse({ raw }: FastifyRequest, reply: FastifyReply, requestId: string | undefined): void {
  // Fastify counts what somebody took out of its hands as sent, though perhaps nobody answers it.
  if (reply.raw.writableEnded) return;
  if (!reply.raw.headersSent) copyHeaders(reply);
  reply.hijack();
  sendDenial(raw, reply.raw, requestId);
}

/** Gives the headers that earlier hooks set to Node's response, for those that a denial keeps. */
function copyHeaders(reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    try {
      reply.raw.setHeader(name, value as string);
    } catch {
      // One that Node would not send is left out.
    }
  }
}

/** As fastify-plugin does: the hook belongs to the instance itself, not to a child of it, where it would guard nothing. */
function toPlugin(hook: never): Plugin {
  const plugin: Plugin = (instance, _, done) => {
    instance.addHook('onRequest', hook);
    done();
  };
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'ipverdict',
    [Symbol.for('plugin-meta')]: { name: 'ipverdict', fastify: '5.x' },
  });
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param request - the request of a handler or hook
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import { fastify } from 'fastify';
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/fastify';
 *
 * const app = fastify();
 * app.register(restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' })));
 * app.get('/', async (request) => clientOf(request));
 * ```
 */
export function clientOf(request: FastifyRequest): Client | undefined {
  return recall(request.raw);
}

export type { Client } from '../client/resolver.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest, NodeResponse } from './http.ts';
