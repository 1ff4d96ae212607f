/**
 * For Fastify 5: a plugin that answers denied requests with 403.
 *
 * @packageDocumentation
 */

import { denialFor, FORBIDDEN, prepareHeaders } from './denial.ts';
import { andThen, createGuard, type Decider, type GuardOptions } from './guard.ts';
import { forwardingHeaderOf, headerOf, type NodeRequest, peerOf } from './http.ts';

/** What is needed of a request of Fastify. */
export interface FastifyRequest {
  /** The request of Node. */
  readonly raw: NodeRequest;
  /** What Fastify takes for the client, by its own setting `trustProxy`. */
  readonly ip: string;
  /** The id of the request. */
  readonly id: string;
  /** The method of the request. */
  readonly method: string;
  /** The path of the request, with its query. */
  readonly url: string;
}

/** What is needed of a reply of Fastify. */
export interface FastifyReply {
  /** Whether the reply was sent. */
  readonly sent: boolean;
  /** Sets the status. */
  code(status: number): unknown;
  /** Sets a header. */
  header(name: string, value: string): unknown;
  /** Takes a header back. */
  removeHeader(name: string): unknown;
  /** Sends the reply. */
  send(body?: unknown): unknown;
}

/** What is needed of the instance that the plugin is registered with. */
export interface FastifyInstance {
  /** Adds a hook. */
  addHook(name: 'onRequest', hook: never): unknown;
}

/** The options of {@link restrictTo}. */
export type RestrictOptions<
  Request extends FastifyRequest = FastifyRequest,
  Reply extends FastifyReply = FastifyReply,
> = GuardOptions<readonly [request: Request], readonly [request: Request, reply: Reply]>;

/** A plugin: what `app.register` takes. */
export type Plugin = (instance: FastifyInstance, options: object, done: () => void) => void;

/**
 * Makes a plugin that answers denied requests with 403 in the hook `onRequest`, before a body is read.
 *
 * It guards the instance that it is registered with, and everything in it: all of an application, its "not found" too,
 * or one encapsulated part. The client is the peer of the socket, whatever `trustProxy` says; who has set that says
 * `client: (request) => request.ip`.
 *
 * @param policy - a policy, or anything with `decide`
 * @param options - who is asking, hooks, and another answer
 * @returns a plugin for `app.register`
 * @throws ListError with `invalid-option`, and all that is wrong with `client`
 * @remarks Costs one decision a request, and a few functions. What throws denies.
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
>(policy: Decider, options?: RestrictOptions<Request, Reply>): Plugin {
  const guard = createGuard(policy, options, {
    peerOf: (request: Request) => peerOf(request.raw),
    headerOf: (name, request: Request) => forwardingHeaderOf(request.raw, name),
  });
  const prepare = (reply: Reply): void => {
    prepareHeaders(
      (name) => reply.removeHeader(name),
      (name, value) => reply.header(name, value),
    );
    reply.code(FORBIDDEN);
  };
  const hook = (request: Request, reply: Reply, done: () => void): void => {
    andThen(guard.judge(request), (decision): unknown => {
      if (decision === undefined) return done();
      const answer = (): void => {
        if (reply.sent) return;
        const { contentType, body } = denialFor(headerOf(request.raw, 'accept'), guard.requestIdOf(request));
        prepare(reply);
        reply.header('content-type', contentType);
        // As bytes, to which Fastify adds no character set, and which no serializer writes anew.
        reply.send(Uint8Array.from(body, (character) => character.charCodeAt(0)));
      };
      // The hook never calls "done": what comes behind it does not run.
      return guard.deny(decision, [request, reply], answer, () => prepare(reply));
    });
  };
  const plugin: Plugin = (instance, _, done) => {
    instance.addHook('onRequest', hook as never);
    done();
  };
  // What fastify-plugin does: the hook belongs to the instance itself, not to a child of it that guards nothing.
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'ipverdict',
    [Symbol.for('plugin-meta')]: { name: 'ipverdict', fastify: '5.x' },
  });
}

export type { Decider, GuardOptions, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest } from './http.ts';
