/**
 * For Fastify 5: a plugin that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { isThenable } from '../problem/foreign.ts';
import { isClosing } from './closing.ts';
import { denialFor, FORBIDDEN, prepareHeaders } from './denial.ts';
import { andThen, createGuard, type GuardOptions, type PolicyChoice, recall } from './guard.ts';
import {
  forwardingHeaderOf,
  headerOf,
  isForwarded,
  type NodeRequest,
  type NodeResponse,
  peerOf,
} from './http.ts';
import { abort, prepareDenial } from './refusal.ts';

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
  /** Whether the reply has been sent. */
  readonly sent: boolean;
  /** Sets the status. */
  code(status: number): unknown;
  /** Sets a header. */
  header(name: string, value: string): unknown;
  /** All headers that are set. */
  getHeaders(): object;
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
  });
  const prepare = (request: Request, reply: Reply): void => {
    // What was set on Node's response itself, where the reply does not reach it.
    prepareDenial(request.raw, reply.raw);
    prepareHeaders(
      Object.keys(reply.getHeaders()),
      (name) => reply.removeHeader(name),
      (name, value) => reply.header(name, value),
    );
    reply.code(FORBIDDEN);
  };
  const answer = (request: Request, reply: Reply): void => {
    try {
      if (reply.raw.headersSent) {
        abort(request.raw, reply.raw);
        return;
      }
      if (reply.sent) return;
      const { contentType, body } = denialFor(headerOf(request.raw, 'accept'), guard.requestIdOf(request));
      prepare(request, reply);
      reply.header('content-type', contentType);
      // Sent as bytes, because Fastify adds no character set to bytes and no serializer rewrites them.
      reply.send(Uint8Array.from(body, (character) => character.charCodeAt(0)));
    } catch (error) {
      guard.report(error, request);
      abort(request.raw, reply.raw);
    }
  };
  const hook = (request: Request, reply: Reply, done: (error?: unknown) => void): void => {
    if (isClosing(request.raw)) return;
    const outcome = andThen(guard.judge(request), (decision): unknown => {
      if (decision === undefined) return void done();
      // "done" is never called, so nothing after this hook runs.
      return guard.deny(
        decision,
        [request, reply],
        () => answer(request, reply),
        () => prepare(request, reply),
      );
    });
    // What later hooks throw reaches the error handler of the application, as it does without a promise.
    if (isThenable(outcome)) outcome.then(undefined, done);
  };
  return toPlugin(hook as never);
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
