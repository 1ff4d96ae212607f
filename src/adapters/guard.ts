/**
 * What all adapters share: the options, and the path from a request to the decision about it.
 *
 * Anything that throws on this path denies the request and is reported: the function that finds the client, the policy,
 * a hook. Promises are awaited, so one that rejects denies, too. The only way in is the verdict `allow`.
 */

import { diagnose, type ProxyWarning } from '../client/diagnostics.ts';
import { type ClientResolverOptions, readProxies, resolverKinds } from '../client/resolver.ts';
import { type Decision, decideWithoutEntry } from '../policy/decision.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { isIterable, isThenable, reportOnConsole } from '../problem/foreign.ts';
import { type Callable, callable, type Kind, optionProblem, readOptions } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { checkRequestId } from './denial.ts';

/** A policy, or anything else with `decide`. Any answer without the verdict `allow` denies. */
export interface Decider {
  /** Decides about one client: its address, or `undefined` when nobody can vouch for one. */
  decide(ip: string | null | undefined): Decision | PromiseLike<Decision>;
}

/** Finds clients behind proxies, in a header that the proxies write; see `createClientResolver`. */
export interface TrustedProxies<Asked extends readonly unknown[]> extends ClientResolverOptions {
  /** Returns the peer to start from; the socket's peer when not given. */
  readonly peer?:
    | ((...asked: Asked) => string | null | undefined | PromiseLike<string | null | undefined>)
    | undefined;
  /** Called with each warning about misconfigured proxies, once per code; `console.warn` when not given. */
  readonly warn?: ((warning: ProxyWarning) => unknown) | undefined;
}

/** The options of every adapter. `client` gets the arguments `Asked`; `respond` gets `Handed` after the decision. */
export interface GuardOptions<Asked extends readonly unknown[], Handed extends readonly unknown[]> {
  /**
   * How to find the client: a function that returns its address, or `{ trusted, header }` for clients behind proxies.
   * The socket's peer when not given, and never a header.
   */
  readonly client?:
    | ((...asked: Asked) => string | null | undefined | PromiseLike<string | null | undefined>)
    | TrustedProxies<Asked>
    | undefined;
  /** Called with every decision before it takes effect, for logs and metrics. If it throws, the request is denied. */
  readonly onDecision?: ((decision: Decision, request: Asked[0]) => unknown) | undefined;
  /** Called with whatever the policy or an option throws; errors let nobody in. `console.error` when not given. */
  readonly onError?: ((error: unknown, request: Asked[0]) => unknown) | undefined;
  /** Answers a denied request in place of the usual answer. If it throws, the usual answer is sent. */
  readonly respond?: ((decision: Decision, ...handed: Handed) => unknown) | undefined;
  /** Returns the request id to show in the usual answer: 1 to 200 visible ASCII characters. No id when not given. */
  readonly requestId?: ((request: Asked[0]) => string | null | undefined) | undefined;
}

/** How an adapter reads its requests. */
export interface Facts<Asked extends readonly unknown[]> {
  /** The call that takes the options, for error messages; `restrictTo(policy)` when not given. */
  readonly call?: string;
  /** Whether the hooks are the only options. */
  readonly hasHooksAlone?: boolean;
  /** The address of the socket's peer. */
  peerOf(...asked: Asked): string | null | undefined;
  /** The value of a forwarding header, or the values of its lines. The name is in lower case. */
  headerOf(name: string, ...asked: Asked): string | readonly string[] | null | undefined;
  /** Whether `respond` returned an answer, where it has to return one. */
  isAnswer?(given: unknown): boolean;
}

/** A policy and its options, ready for requests. */
export interface Guard<Asked extends readonly unknown[], Handed extends readonly unknown[]> {
  /** The decision that denies a request, or `undefined` to let it in. Never throws, and never rejects. */
  judge(...asked: Asked): Decision | undefined | Promise<Decision | undefined>;
  /** Answers a denied request: by `prepare` and `respond`, or by `answer` if there is no `respond` or it fails. */
  deny<Answer>(
    decision: Decision,
    handed: Handed,
    answer: () => Answer,
    prepare?: () => void,
  ): Answer | Promise<Awaited<Answer>>;
  /** The id to show in the usual answer. */
  requestIdOf(request: Asked[0]): string | undefined;
  /** Hands an error to `onError`. Never throws. */
  report(error: unknown, request: Asked[0]): void;
}

/** The decision that `respond` gets when none could be made; `onDecision` does not get it. */
const UNDECIDED: Decision = /* @__PURE__ */ decideWithoutEntry('deny', 'invalid-address');

/** A function of the request, or the options of a resolver and its diagnostics. */
const clientKind: Kind<Callable | object> = (value) =>
  typeof value === 'function' || (typeof value === 'object' && !isIterable(value))
    ? undefined
    : `must be a function of the request, or { trusted, header }, got ${describeType(value)}`;

const hookKinds = { onDecision: callable, onError: callable } as const;

const guardKinds = { client: clientKind, ...hookKinds, respond: callable, requestId: callable } as const;

const proxyKinds = { ...resolverKinds, peer: callable, warn: callable } as const;

/** Reports an error about a request. */
type Report = (error: unknown, request: unknown) => void;

/** Checks a policy and its options once, and makes them ready for requests. */
export function createGuard<Asked extends readonly unknown[], Handed extends readonly unknown[]>(
  policy: Decider,
  options: GuardOptions<Asked, Handed> | undefined,
  facts: Facts<Asked>,
): Guard<Asked, Handed> {
  // An option that is not among the kinds is never read, and stays undefined.
  const kinds = (facts.hasHooksAlone ? hookKinds : guardKinds) as typeof guardKinds;
  const { values, problems } = readOptions(options, kinds);
  if (typeof (policy as Decider | undefined)?.decide !== 'function') {
    const call = facts.call ?? 'restrictTo(policy)';
    const name = call.slice(0, call.indexOf('('));
    const example = call.replace('policy', 'createPolicy({ deny: list })');
    problems.push(optionProblem(`${name} takes a policy: write ${example}`));
  }
  const { clientOf, errors, cause } = chooseClient(values.client, facts);
  problems.push(...errors);
  if (problems.length > 0 || clientOf === undefined) throw new ListError(problems, { cause });
  const report = makeReport(values.onError);
  return {
    report,
    judge: makeJudge(policy, clientOf, values.onDecision, report),
    deny: makeDeny<Handed>(values.respond, facts.isAnswer, report),
    requestIdOf: makeRequestIdOf(values.requestId, report),
  };
}

function makeReport(onError: Callable | undefined): Report {
  return (error, request) => {
    try {
      const given = onError === undefined ? complain(error) : onError(error, request);
      if (isThenable(given)) {
        Promise.resolve(given).then(undefined, (another) => {
          complain(another);
          complain(error);
        });
      }
    } catch (another) {
      complain(another);
      if (onError !== undefined) complain(error);
    }
  };
}

function complain(error: unknown): void {
  reportOnConsole('an error was thrown while a request was judged or refused', error);
}

function makeJudge<Asked extends readonly unknown[]>(
  policy: Decider,
  clientOf: (...asked: Asked) => unknown,
  onDecision: Callable | undefined,
  report: Report,
): (...asked: Asked) => Decision | undefined | Promise<Decision | undefined> {
  const refuse = (error: unknown, request: unknown): Decision => {
    report(error, request);
    return UNDECIDED;
  };
  return (...asked) => {
    const request = asked[0];
    try {
      const outcome = andThen(clientOf(...asked), (client) =>
        andThen(policy.decide(client as string), (decision) => {
          const isAllowed = readVerdict(decision) === 'allow';
          return andThen(onDecision?.(decision, request), () =>
            isAllowed ? undefined : (decision as Decision),
          );
        }),
      );
      return isThenable(outcome)
        ? Promise.resolve(outcome).then(undefined, (error) => refuse(error, request))
        : outcome;
    } catch (error) {
      return refuse(error, request);
    }
  };
}

function makeDeny<Handed extends readonly unknown[]>(
  respond: Callable | undefined,
  isAnswer: ((given: unknown) => boolean) | undefined,
  report: Report,
): Guard<never, Handed>['deny'] {
  return <Answer>(decision: Decision, handed: Handed, answer: () => Answer, prepare?: () => void) => {
    if (respond === undefined) return answer();
    const fail = (error: unknown): Answer => {
      report(error, handed[0]);
      return answer();
    };
    const check = (given: unknown): Answer => {
      if (isAnswer?.(given) === false) throw new TypeError('respond must return a Response');
      return given as Answer;
    };
    try {
      prepare?.();
      const given = respond(decision, ...handed);
      if (!isThenable(given)) return check(given);
      return Promise.resolve(given).then(check).catch(fail) as Promise<Awaited<Answer>>;
    } catch (error) {
      return fail(error);
    }
  };
}

function makeRequestIdOf(
  requestId: Callable | undefined,
  report: Report,
): (request: unknown) => string | undefined {
  return (request) => {
    if (requestId === undefined) return undefined;
    try {
      const id = requestId(request);
      if (!isThenable(id)) return checkRequestId(id);
      // The answer does not wait for it.
      const wrong = new TypeError('requestId must return the id itself, not a promise');
      Promise.resolve(id).then(
        () => report(wrong, request),
        (error) => report(error, request),
      );
    } catch (error) {
      // The request is denied without an id, too.
      report(error, request);
    }
    return undefined;
  };
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

/** Reads the verdict once. Anything but the two verdicts is an error, which denies. */
function readVerdict(decision: unknown): 'allow' | 'deny' {
  const verdict = (decision as Partial<Decision> | null | undefined)?.verdict;
  if (verdict === 'allow' || verdict === 'deny') return verdict;
  throw new TypeError('the policy must return a decision with the verdict "allow" or "deny"');
}

interface ClientReading<Asked extends readonly unknown[]> {
  /** `undefined` when there are errors. */
  readonly clientOf: ((...asked: Asked) => unknown) | undefined;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/** The function that finds the client: the option itself, a resolver for clients behind proxies, or the peer. */
function chooseClient<Asked extends readonly unknown[]>(
  client: Callable | object | undefined,
  facts: Facts<Asked>,
): ClientReading<Asked> {
  const clientOf = client ?? facts.peerOf;
  if (typeof clientOf === 'function') {
    return { clientOf: clientOf as (...asked: Asked) => unknown, errors: [], cause: undefined };
  }
  const { values, problems } = readOptions(client, proxyKinds);
  const { resolve, header, errors, cause } = readProxies(values);
  problems.push(...errors);
  if (resolve === undefined) return { clientOf: undefined, errors: problems, cause };
  const peerOf = values.peer ?? facts.peerOf;
  const look = diagnose(values.warn);
  const behindProxies = (...asked: Asked): unknown =>
    andThen(
      peerOf(...asked),
      (peer) => look(resolve(peer as string, facts.headerOf(header, ...asked))).address,
    );
  return { clientOf: behindProxies, errors: problems, cause };
}
