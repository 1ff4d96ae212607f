/**
 * Who is asking: finds the client of a request by the option `client`, and remembers it for handlers further on.
 */

import { diagnose, type ProxyWarning, warnOf } from '../client/diagnostics.ts';
import {
  type Client,
  type ClientResolverOptions,
  clientOfPeer,
  readProxies,
  resolverKinds,
} from '../client/resolver.ts';
import { type Problem, problemOf } from '../problem/errors.ts';
import { isIterable, isThenable } from '../problem/foreign.ts';
import { type Callable, callable, type Kind, readOptions } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { letsProxyIn } from './proxies.ts';

/** Finds clients behind proxies, in a header that the proxies write; see `createClientResolver`. */
export interface TrustedProxies<Asked extends readonly unknown[]> extends ClientResolverOptions {
  /** Returns the peer to start from; the socket's peer when not given. */
  readonly peer?:
    | ((...asked: Asked) => string | null | undefined | PromiseLike<string | null | undefined>)
    | undefined;
  /** Called with each warning about misconfigured proxies, once per code; `console.warn` when not given. */
  readonly warn?: ((warning: ProxyWarning) => unknown) | undefined;
}

/** What a request says about who is asking. */
export interface Facts<Asked extends readonly unknown[]> {
  /** The address of the socket's peer. */
  peerOf(...asked: Asked): string | null | undefined;
  /** How the option `client` says the same, for a warning. */
  readonly peerInWords?: string;
  /** The value of a forwarding header, or the values of its lines. The name is in lower case. */
  headerOf(name: string, ...asked: Asked): string | readonly string[] | null | undefined;
  /** Whether a request has a header that proxies write. */
  isForwarded?(...asked: Asked): boolean;
  /** The object to remember the client of a request by; the request when not given. */
  keyOf?(request: Asked[0]): unknown;
}

/** A client that was found. Its address is as it was given, so that a policy gets what `client` returned. */
export interface Finding {
  readonly address: unknown;
  /** Made when it is read, as most requests need the address alone. */
  client: Client | undefined;
}

/** A function of the request, or the options of a resolver and its diagnostics. */
export const clientKind: Kind<Callable | object> = (value) =>
  typeof value === 'function' || (typeof value === 'object' && !isIterable(value))
    ? undefined
    : `must be a function of the request, or { trusted, header }, got ${describeType(value)}`;

const proxyKinds = { ...resolverKinds, peer: callable, warn: callable } as const;

interface Asker<Asked extends readonly unknown[]> {
  /** `undefined` when there are errors. */
  readonly find: ((...asked: Asked) => Finding | Promise<Finding>) | undefined;
  /** Warns of a policy that lets a proxy in that may be a client. */
  readonly checkPolicy: ((policy: unknown) => void) | undefined;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/** Chooses how clients are found: by the option itself, by a resolver for clients behind proxies, or as the peer. */
export function chooseAsker<Asked extends readonly unknown[]>(
  client: Callable | object | undefined,
  facts: Facts<Asked>,
): Asker<Asked> {
  const none = { checkPolicy: undefined, cause: undefined };
  if (client === undefined) return { ...none, find: findPeer(facts), errors: [] };
  if (typeof client === 'function') {
    const find = (...asked: Asked) => andThen((client as Callable)(...asked), toFinding);
    return { ...none, find, errors: [] };
  }
  const { values, problems } = readOptions(client, proxyKinds);
  const { resolve, header, trusted, errors, cause } = readProxies(values);
  problems.push(...errors);
  // In a resolver, an empty list trusts nobody. Here it is a variable that was not set, and the proxy would be the client.
  if (trusted?.every(({ count }) => count === 0)) {
    const advice = 'name the networks of your proxies, or leave the option client out where there is none';
    problems.push(problemOf('trusted', 'empty', `trusted names no network: ${advice}`));
  }
  if (problems.length > 0 || resolve === undefined || trusted === undefined)
    return { ...none, find: undefined, errors: problems, cause };
  const peerOf = values.peer ?? facts.peerOf;
  const look = diagnose(values.warn);
  const find = (...asked: Asked) =>
    andThen(peerOf(...asked), (peer): Finding => {
      const found = look(resolve(peer as string, facts.headerOf(header, ...asked)));
      return { address: found.address, client: found };
    });
  const checkPolicy = (policy: unknown): void => {
    if (values.required !== true && letsProxyIn(policy, trusted)) warnOf('proxy-allowed', values.warn);
  };
  return { find, checkPolicy, errors: problems, cause };
}

/** The peer, with one warning when the header of a proxy shows that it may not be the client. */
function findPeer<Asked extends readonly unknown[]>(facts: Facts<Asked>): (...asked: Asked) => Finding {
  let isWatching = facts.isForwarded !== undefined;
  return (...asked) => {
    if (isWatching && facts.isForwarded?.(...asked)) {
      isWatching = false;
      warnOf('proxy-unconfigured', undefined, facts.peerInWords);
    }
    return toFinding(facts.peerOf(...asked));
  };
}

function toFinding(address: unknown): Finding {
  return { address, client: undefined };
}

/** Nobody: the finding of a request for which none could be made. */
export function nobody(): Finding {
  return toFinding(undefined);
}

/** The client of a finding, as data. */
export function clientIn(finding: Finding): Client {
  finding.client ??= clientOfPeer(finding.address);
  return finding.client;
}

/** The client of each request that a guard has seen, by the object that {@link Facts.keyOf} chooses. */
const findings: WeakMap<object, Finding> = /* @__PURE__ */ new WeakMap();

/** Remembers the client of a request; that of a later guard replaces it. */
export function remember(key: unknown, finding: Finding): void {
  if ((typeof key === 'object' && key !== null) || typeof key === 'function') findings.set(key, finding);
}

/** The client of a request; `undefined` when no guard has seen it. */
export function recall(key: unknown): Client | undefined {
  const finding = findings.get(key as object);
  return finding && clientIn(finding);
}

/** Goes on with a value at once, or once its promise has resolved. */
export function andThen<Value, Next>(
  value: Value | PromiseLike<Value>,
  next: (value: Value) => Next,
): Next | Promise<Awaited<Next>> {
  return isThenable(value)
    ? (Promise.resolve(value as PromiseLike<Value>).then(next) as Promise<Awaited<Next>>)
    : next(value as Value);
}
