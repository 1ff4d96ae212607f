/**
 * For Node servers: `restrictTo` for handlers of `node:http`, `node:https` and `node:http2`, `restrictUpgrade` for
 * upgrades such as WebSocket, and `guardServer` for whole servers, including those of `node:net` and `node:tls`. And for
 * what a server does with files and threads: `watchList` and `compileInWorker`.
 *
 * @packageDocumentation
 */

import type { Client } from '../client/resolver.ts';
import { ListError } from '../problem/errors.ts';
import { consoleOfRuntime, readField } from '../problem/foreign.ts';
import { type Callable, optionProblem } from '../problem/options.ts';
import { isClosing, linger } from './closing.ts';
import { type Denial, denialFor, denialHeaders, FORBIDDEN } from './denial.ts';
import {
  andThen,
  createGuard,
  type GuardOptions,
  type PolicyChoice,
  type Ruling,
  recall,
  refuseFunction,
  requireWrapped,
} from './guard.ts';
import {
  addressOf,
  forwardingHeaderOf,
  headerOf,
  isForwarded,
  type NodeConnection,
  type NodeRequest,
  type NodeResponse,
  PEER_IN_WORDS,
  peerOf,
} from './http.ts';
import { abort, prepareDenial, sendDenial } from './refusal.ts';

/** The options of {@link restrictTo}. */
export type RestrictOptions<
  Request extends NodeRequest = NodeRequest,
  Response extends NodeResponse = NodeResponse,
> = GuardOptions<readonly [request: Request], readonly [request: Request, response: Response]>;

/** A request handler, as `createServer` takes it. */
// biome-ignore lint/suspicious/noExplicitAny: the parameters of a handler are between it and its server
export type Handler = (request: any, response: any) => unknown;

/**
 * Makes a wrapper for request handlers: denied requests get 403 and never reach the handler.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - how to find the client, hooks, and another answer
 * @returns a function that wraps a handler
 * @throws ListError with `invalid-option`, and all that is wrong with `client`
 * @remarks Costs one decision and a few function calls per request. If anything throws, the request is denied.
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createPolicy } from 'ipverdict';
 * import { restrictTo } from 'ipverdict/node';
 *
 * const policy = createPolicy({ deny: '203.0.113.0/24 # Scanners' });
 * const server = createServer(restrictTo(policy)((request, response) => response.end('Welcome')));
 * server.listenerCount('request'); // 1
 * ```
 */
export function restrictTo<
  Request extends NodeRequest = NodeRequest,
  Response extends NodeResponse = NodeResponse,
>(
  policy: PolicyChoice<readonly [request: Request]>,
  options?: RestrictOptions<Request, Response>,
): <Given extends Handler>(handler: Given) => Given & Handler {
  refuseFunction(options, 'restrictTo(policy)(handler)');
  const guard = createGuard(policy, options, requestShape);
  return <Given extends Handler>(handler: Given): Given & Handler => {
    requireWrapped(handler, NOT_A_HANDLER);
    // Not an arrow function, because a server calls its handler with itself as "this".
    const guarded = function (this: unknown, request: Request, response: Response): unknown {
      warnOfUnguarded(this);
      return andThen(guard.judge(request), ({ denied: decision }): unknown => {
        if (decision === undefined) return Reflect.apply(handler, this, [request, response]);
        return guard.deny(
          decision,
          [request, response],
          () => sendDenial(request, response, guard.requestIdOf(request)),
          () => abort(response),
          () => prepareDenial(request, response),
        );
      });
    };
    guardedListeners.add(guarded);
    return guarded as Given & Handler;
  };
}

/** Handlers that stand after a guard. */
const guardedListeners: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/** The servers whose listeners were looked at. */
const watched: WeakSet<object> = /* @__PURE__ */ new WeakSet();

/**
 * Warns once of a server that hands requests with `Expect` to a listener without a guard. Only a warning, as such a
 * listener may pass them on to a guarded one, and nothing tells whether it does.
 */
function warnOfUnguarded(server: unknown): void {
  if (typeof server !== 'object' || server === null || watched.has(server)) return;
  watched.add(server);
  try {
    const listeners = readField(server, 'listeners') as Callable;
    const isUnguarded = (event: string): boolean =>
      (Reflect.apply(listeners, server, [event]) as object[]).some((found) => !guardedListeners.has(found));
    const event = ['checkContinue', 'checkExpectation'].find(isUnguarded);
    if (event !== undefined) consoleOfRuntime().warn(unguarded(event));
  } catch {
    // What is not a server has no listeners, and a console that throws must not break a request.
  }
}

function unguarded(event: string): string {
  return `ipverdict: requests with Expect go to a listener for "${event}" without a guard, which may serve denied clients: wrap it with restrictTo(policy), too`;
}

const requestShape = {
  peerOf,
  peerInWords: PEER_IN_WORDS,
  headerOf: (name: string, request: NodeRequest) => forwardingHeaderOf(request, name),
  isForwarded,
  isClosing,
} as const;

/** Express and the others call what they take for middleware with a request. */
const NOT_A_HANDLER =
  'restrictTo of ipverdict/node wraps a request handler: write createServer(restrictTo(policy)(handler)); for app.use(…) and app.register(…) import restrictTo from ipverdict/express, ipverdict/koa or ipverdict/fastify';

/** What is needed of the socket of an upgrade or a connection. */
export interface NodeSocket extends NodeConnection {
  /** Sends the last bytes, and calls back once they are sent. */
  end(text: string, callback: () => void): unknown;
  /** Drops the connection. */
  destroy(): unknown;
  /** Whether the connection is gone. */
  readonly destroyed?: boolean | undefined;
  /** Adds a listener for errors, so that they do not end the process. */
  on(event: 'error', listener: () => void): unknown;
  /** Removes a listener. */
  off(event: 'error', listener: () => void): unknown;
}

/** The options of {@link restrictUpgrade}. */
export type RestrictUpgradeOptions<
  Request extends NodeRequest = NodeRequest,
  Socket extends NodeSocket = NodeSocket,
> = GuardOptions<readonly [request: Request], readonly [request: Request, socket: Socket]>;

/** A listener for `upgrade` or `connect`. */
// biome-ignore lint/suspicious/noExplicitAny: the parameters of a listener are between it and its server
export type UpgradeListener = (request: any, socket: any, head: any) => unknown;

/**
 * Makes a wrapper for `upgrade` (or `connect`) listeners: a denied request gets 403, its socket is closed, and the
 * listener never sees it. `restrictTo` does not see upgrades, because Node passes them to a listener of their own. For
 * `connect`, `node:http2` passes a response in place of the socket; there a denied request gets the status 403.
 *
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - as for {@link restrictTo}; `respond` gets the request and the socket
 * @returns a function that wraps a listener
 * @throws ListError with `invalid-option`, and all that is wrong with `client`
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createPolicy } from 'ipverdict';
 * import { restrictUpgrade } from 'ipverdict/node';
 *
 * const policy = createPolicy({ allow: '203.0.113.0/24 # Office' });
 * const server = createServer();
 * server.on('upgrade', restrictUpgrade(policy)((request, socket) => socket.end('HTTP/1.1 501 Not Implemented\r\n\r\n')));
 * server.listenerCount('upgrade'); // 1
 * ```
 */
export function restrictUpgrade<
  Request extends NodeRequest = NodeRequest,
  Socket extends NodeSocket = NodeSocket,
>(
  policy: PolicyChoice<readonly [request: Request]>,
  options?: RestrictUpgradeOptions<Request, Socket>,
): <Given extends UpgradeListener>(listener: Given) => Given & UpgradeListener {
  refuseFunction(options, 'restrictUpgrade(policy)(listener)');
  const guard = createGuard(policy, options, { ...requestShape, call: 'restrictUpgrade(policy)' });
  return <Given extends UpgradeListener>(listener: Given): Given & UpgradeListener => {
    requireWrapped(
      listener,
      "restrictUpgrade wraps a listener: write server.on('upgrade', restrictUpgrade(policy)(listener))",
    );
    const guarded = function (this: unknown, request: Request, socket: Socket, head: unknown): unknown {
      return whileSafe(socket, guard.judge(request), ({ denied: decision }): unknown => {
        if (decision === undefined) return Reflect.apply(listener, this, [request, socket, head]);
        socket.on('error', ignore);
        return guard.deny<unknown>(
          decision,
          [request, socket],
          () => {
            // An HTTP/2 CONNECT comes with a response, not with a socket that could be written to.
            if (isResponse(socket)) return sendDenial(request, socket, guard.requestIdOf(request));
            const denial = denialFor(headerOf(request, 'accept'), guard.requestIdOf(request));
            // Closes the half that the client keeps open, too, once it has had time to read.
            return socket.end(rawDenial(denial), () => linger(socket));
          },
          () => socket.destroy(),
          () => {
            if (isResponse(socket)) prepareDenial(request, socket);
          },
        );
      });
    };
    return guarded as Given & UpgradeListener;
  };
}

/** The usual answer as it is written to a socket. */
function rawDenial({ contentType, body }: Denial): string {
  const headers = denialHeaders.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const entity = `Content-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n`;
  return `HTTP/1.1 ${FORBIDDEN} Forbidden\r\n${headers}${entity}Connection: close\r\n\r\n${body}`;
}

/** What is needed of a server: its event for each connection. */
export interface NodeServer {
  /** Calls the listeners for an event. */
  emit(event: string | symbol, ...values: never[]): boolean;
}

/** The options of {@link guardServer}. */
export type GuardServerOptions<Socket extends NodeSocket = NodeSocket> = Pick<
  GuardOptions<readonly [socket: Socket], readonly []>,
  'onDecision' | 'onError'
>;

/**
 * Makes a server drop connections from denied peers before it reads a byte: no listener of the server sees them. For
 * servers of `node:net`, `node:tls` (before the handshake), `node:http`, `node:https` and `node:http2`.
 *
 * It decides once, about the peer of the connection. Behind a proxy, that is the proxy. A connection that stays open is
 * not checked again.
 *
 * @param server - the server, listening or not
 * @param policy - a policy, anything with `decide`, or a function of the request that chooses one; none denies
 * @param options - hooks, which get the socket
 * @returns the server
 * @throws ListError with `invalid-option`
 * @example
 * ```ts
 * import { createServer } from 'node:net';
 * import { createPolicy } from 'ipverdict';
 * import { guardServer } from 'ipverdict/node';
 *
 * const policy = createPolicy({ allow: '203.0.113.0/24 # Office' });
 * const server = guardServer(createServer((socket) => socket.end('Welcome\n')), policy);
 * server.listening; // false
 * ```
 */
export function guardServer<Server extends NodeServer, Socket extends NodeSocket = NodeSocket>(
  server: Server,
  policy: PolicyChoice<readonly [socket: Socket]>,
  options?: GuardServerOptions<Socket>,
): Server {
  if (typeof (server as NodeServer | undefined)?.emit !== 'function') {
    throw new ListError([optionProblem('guardServer takes a Node server')]);
  }
  const guard = createGuard<readonly [Socket], readonly []>(policy, options, {
    call: 'guardServer(server, policy)',
    hasHooksAlone: true,
    peerOf: addressOf,
    headerOf: () => undefined,
  });
  const emit = server.emit;
  // One more listener could not keep the connection from the other listeners.
  server.emit = function (this: Server, event: string | symbol, ...values: never[]): boolean {
    const goOn = (): boolean => Reflect.apply(emit, this, [event, ...values]);
    if (event !== 'connection') return goOn();
    const socket = values[0] as unknown as Socket;
    const outcome = whileSafe(socket, guard.judge(socket), ({ denied: decision }): unknown => {
      if (decision === undefined) return goOn();
      socket.on('error', ignore);
      return socket.destroy();
    });
    return typeof outcome === 'boolean' ? outcome : true;
  };
  return server;
}

function isResponse(socket: object): socket is NodeResponse {
  return typeof (socket as Partial<NodeResponse>).setHeader === 'function';
}

function ignore(): void {}

/**
 * Goes on once the decision is made. Until then nobody else listens for errors of the socket, and a client that resets
 * the connection must not end the process. A connection that is let in but already gone reaches no listener.
 */
function whileSafe(
  socket: NodeSocket,
  outcome: Ruling | Promise<Ruling>,
  goOn: (ruling: Ruling) => unknown,
): unknown {
  if (!(outcome instanceof Promise)) return goOn(outcome);
  socket.on('error', ignore);
  return outcome.then((ruling) => {
    if (ruling.denied === undefined && socket.destroyed === true) return undefined;
    const answer = goOn(ruling);
    // Only after the server's listeners have added their own: a later error is theirs.
    socket.off('error', ignore);
    return answer;
  });
}

/**
 * The client of a request, as the guard found it: for handlers after the guard, and for hooks.
 *
 * @param request - the request that a handler or listener gets; for {@link guardServer}, the socket
 * @returns the client, that of the last guard if there were several; `undefined` when no guard has seen the request
 * @remarks Made when it is first read. Kept as long as the request is.
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { createPolicy } from 'ipverdict';
 * import { clientOf, restrictTo } from 'ipverdict/node';
 *
 * const guard = restrictTo(createPolicy({ deny: '203.0.113.0/24 # Scanners' }));
 * const server = createServer(guard((request, response) => response.end(clientOf(request)?.address)));
 * server.listenerCount('request'); // 1
 * ```
 */
export function clientOf(request: NodeRequest | NodeConnection): Client | undefined {
  return recall(request);
}

export type { Client } from '../client/resolver.ts';
export { type CompileOptions, compileInWorker } from '../host/compile.ts';
export { type ListWatcher, type WatchOptions, watchList } from '../host/watch.ts';
export type { Decider, GuardOptions, PolicyChoice, TrustedProxies } from './guard.ts';
export type { NodeConnection, NodeRequest, NodeResponse } from './http.ts';
