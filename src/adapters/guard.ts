/**
 * What all adapters share: the options, and the path from a request to the decision about it.
 *
 * Anything that throws on this path denies the request and is reported: the function that finds the client, the policy,
 * a hook. Promises are awaited, so one that rejects denies, too. The only way in is the verdict `allow`.
 */

import { type Client, clientOfPeer } from '../client/resolver.ts';
import { type Decision, decideWithoutEntry } from '../policy/decision.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { adviceForObject, isThenable, readField, reportOnConsole } from '../problem/foreign.ts';
import { type Callable, callable, optionProblem, readOptions } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import {
  andThen,
  chooseAsker,
  clientIn,
  clientKind,
  type Facts,
  type Finding,
  nobody,
  recall,
  remember,
  type TrustedProxies,
} from './asker.ts';
import { checkRequestId } from './denial.ts';

/** A policy, or anything else with `decide`. Any answer without the verdict `allow` denies. */
export interface Decider {
  /** Decides about one client: its address, or `undefined` when nobody can vouch for one. */
  decide(ip: string | null | undefined): Decision | PromiseLike<Decision>;
}

/**
 * A policy, or a function that chooses the policy of each request. If the function returns `undefined` or `null`, the
 * request is denied.
 */
export type PolicyChoice<Asked extends readonly unknown[]> =
  | Decider
  | ((...asked: Asked) => Decider | null | undefined | PromiseLike<Decider | null | undefined>);

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
  /**
   * Called with every decision before it takes effect, and with the client that was decided about, for logs and metrics.
   * If it throws, the request is denied.
   */
  readonly onDecision?: ((decision: Decision, request: Asked[0], client: Client) => unknown) | undefined;
  /** Called with whatever the policy or an option throws; errors let nobody in. `console.error` when not given. */
  readonly onError?: ((error: unknown, request: Asked[0]) => unknown) | undefined;
  /**
   * Answers a denied request in place of the usual answer; the client comes after what the framework passes. If it
   * throws, the usual answer is sent.
   */
  readonly respond?:
    | ((decision: Decision, ...handed: readonly [...Handed, client: Client]) => unknown)
    | undefined;
  /**
   * Returns the request id to show in the usual answer: 1 to 200 visible ASCII characters. Of several, the first is
   * shown. No id when not given.
   */
  readonly requestId?: ((request: Asked[0]) => string | readonly string[] | null | undefined) | undefined;
}

/** How an adapter reads its requests, and how it is called. */
export interface Shape<Asked extends readonly unknown[]> extends Facts<Asked> {
  /** The call that takes the options, for error messages; `restrictTo(policy)` when not given. */
  readonly call?: string;
  /** Whether the hooks are the only options. */
  readonly hasHooksAlone?: boolean;
  /** Whether `respond` returned an answer, where it has to return one. */
  isAnswer?(given: unknown): boolean;
  /** Whether the connection of a request is about to close, so that nothing more on it is served. */
  isClosing?(...asked: Asked): boolean;
}

/**
 * What becomes of a request: `denied` is the decision that denies it, or `undefined` to let it in. An object of ours around
 * a decision that may be foreign: a promise would wait for one with a method `then`, and could get anything in its place.
 */
export interface Ruling {
  readonly denied: Decision | undefined;
}

const LET_IN: Ruling = /* @__PURE__ */ Object.freeze({ denied: undefined });

/** A policy and its options, ready for requests. */
export interface Guard<Asked extends readonly unknown[], Handed extends readonly unknown[]> {
  /** The decision that denies a request, or `undefined` to let it in. Never throws, and never rejects. */
  judge(...asked: Asked): Ruling | Promise<Ruling>;
  /**
   * Answers a denied request: by `prepare` and `respond`, or by `answer` if there is no `respond` or it fails, or by
   * `abort` if that fails, too.
   */
  deny<Answer>(
    decision: Decision,
    handed: Handed,
    answer: () => Answer,
    abort: () => Answer,
    prepare?: () => void,
  ): Answer | Promise<Awaited<Answer>>;
  /** The id to show in the usual answer. */
  requestIdOf(request: Asked[0]): string | undefined;
  /** Hands an error to `onError`. Never throws. */
  report(error: unknown, request: Asked[0]): void;
}

/** The decision that `respond` gets when none could be made; `onDecision` does not get it. */
const UNDECIDED: Decision = /* @__PURE__ */ decideWithoutEntry('deny', 'invalid-address');

/** The decision about a request for which the function that chooses policies has none. */
const NO_POLICY: Decision = /* @__PURE__ */ decideWithoutEntry('deny', 'not-listed');

const hookKinds = { onDecision: callable, onError: callable } as const;

const guardKinds = { client: clientKind, ...hookKinds, respond: callable, requestId: callable } as const;

/** Reports an error about a request. */
type Report = (error: unknown, request: unknown) => void;

/** Checks a policy and its options once, and makes them ready for requests. */
export function createGuard<Asked extends readonly unknown[], Handed extends readonly unknown[]>(
  policy: PolicyChoice<Asked>,
  options: GuardOptions<Asked, Handed> | undefined,
  given: Shape<Asked>,
): Guard<Asked, Handed> {
  // Only its own fields: other code may have added to Object.prototype.
  const shape: Shape<Asked> = Object.assign(Object.create(null), given);
  // An option that is not among the kinds is never read, and stays undefined.
  const kinds = (shape.hasHooksAlone ? hookKinds : guardKinds) as typeof guardKinds;
  const { values, problems } = readOptions(options, kinds);
  // First, as a policy in the place of the options has many fields that are not options.
  if (!isDecider(policy) && typeof policy !== 'function') problems.unshift(problemOfPolicy(policy, shape));
  const { find, checkPolicy, errors, cause } = chooseAsker(values.client, shape);
  problems.push(...errors);
  if (problems.length > 0 || find === undefined) throw new ListError(problems, { cause });
  if (isDecider(policy)) checkPolicy?.(policy);
  const report = makeReport(values.onError);
  const keyOf = shape.keyOf ?? ((request: Asked[0]) => request);
  return {
    report,
    judge: makeJudge({
      decide: makeDecide(policy),
      find,
      keyOf,
      onDecision: values.onDecision,
      report,
      shape,
    }),
    deny: makeDeny<Handed>(values.respond, keyOf as (request: unknown) => unknown, shape.isAnswer, report),
    requestIdOf: makeRequestIdOf(values.requestId, report),
  };
}

function isDecider(policy: unknown): policy is Decider {
  return typeof (policy as Decider | null | undefined)?.decide === 'function';
}

function problemOfPolicy(
  policy: unknown,
  { call = 'restrictTo(policy)' }: { readonly call?: string },
): Problem {
  const name = call.slice(0, call.indexOf('('));
  const example = call.replace('policy', 'createPolicy({ deny: list })');
  const chooser = call.replace('policy', '(request) => policy');
  return optionProblem(`${name} takes a policy: write ${example}, or ${chooser}${adviceForObject(policy)}`);
}

/** Throws unless a value is a function, where a guard is a wrapper for one. */
export function requireWrapped(value: unknown, message: string): void {
  if (typeof value !== 'function')
    throw new ListError([optionProblem(`${message}, got ${describeType(value)}`)]);
}

/** Throws if the function to wrap was passed along with the policy. */
export function refuseFunction(options: unknown, call: string): void {
  if (typeof options !== 'function') return;
  throw new ListError([optionProblem(`the options must be an object, got a function: write ${call}`)]);
}

/** Decides about a client by a policy, or by the one that is chosen for the request. */
function makeDecide<Asked extends readonly unknown[]>(
  policy: PolicyChoice<Asked>,
): (address: string, asked: Asked) => unknown {
  if (isDecider(policy)) return (address) => policy.decide(address);
  return (address, asked) =>
    andThen(policy(...asked) as unknown, (chosen) => {
      if (chosen === undefined || chosen === null) return NO_POLICY;
      if (isDecider(chosen)) return chosen.decide(address);
      const message = `the function that chooses a policy must return one, or nothing to deny, got ${describeType(chosen)}`;
      throw new TypeError(message);
    });
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

interface Judging<Asked extends readonly unknown[]> {
  readonly decide: (address: string, asked: Asked) => unknown;
  readonly find: (...asked: Asked) => Finding | Promise<Finding>;
  readonly keyOf: (request: Asked[0]) => unknown;
  readonly onDecision: Callable | undefined;
  readonly report: Report;
  readonly shape: Shape<Asked>;
}

function makeJudge<Asked extends readonly unknown[]>({
  decide,
  find,
  keyOf,
  onDecision,
  report,
  shape,
}: Judging<Asked>): (...asked: Asked) => Ruling | Promise<Ruling> {
  return (...asked) => {
    const request = asked[0];
    let isFound = false;
    const refuse = (error: unknown): Ruling => {
      // What an earlier guard found is not the client that this one denies.
      if (!isFound) remember(keyOf(request), nobody());
      report(error, request);
      return { denied: UNDECIDED };
    };
    try {
      const outcome = andThen(find(...asked), (finding) => {
        isFound = true;
        remember(keyOf(request), finding);
        return andThen(decide(finding.address as string, asked), (decision) => {
          const isAllowed = readVerdict(decision) === 'allow';
          const seen = onDecision?.(decision, request, clientIn(finding));
          return andThen(seen, () => {
            if (!isAllowed) return { denied: decision as Decision };
            return shape.isClosing?.(...asked) ? { denied: UNDECIDED } : LET_IN;
          });
        });
      });
      return isThenable(outcome) ? Promise.resolve(outcome).then(undefined, refuse) : outcome;
    } catch (error) {
      return refuse(error);
    }
  };
}

function makeDeny<Handed extends readonly unknown[]>(
  respond: Callable | undefined,
  keyOf: (request: unknown) => unknown,
  isAnswer: ((given: unknown) => boolean) | undefined,
  report: Report,
): Guard<never, Handed>['deny'] {
  return <Answer>(
    decision: Decision,
    handed: Handed,
    answer: () => Answer,
    abort: () => Answer,
    prepare?: () => void,
  ) => {
    const refuse = (): Answer => {
      try {
        return answer();
      } catch (error) {
        // What other code put on the response can make any call throw.
        report(error, handed[0]);
        return abort();
      }
    };
    if (respond === undefined) return refuse();
    const fail = (error: unknown): Answer => {
      report(error, handed[0]);
      return refuse();
    };
    const check = (given: unknown): Answer => {
      if (isAnswer?.(given) === false)
        throw new TypeError('respond must return a Response that nobody has read');
      return given as Answer;
    };
    try {
      prepare?.();
      const given = respond(decision, ...handed, recall(keyOf(handed[0])) ?? clientOfPeer(undefined));
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
      if (!isThenable(id)) return checkRequestId(Array.isArray(id) ? id[0] : id);
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

/** Reads the verdict once. Anything but the two verdicts is an error, which denies. */
function readVerdict(decision: unknown): 'allow' | 'deny' {
  const verdict = readField(decision, 'verdict');
  if (verdict === 'allow' || verdict === 'deny') return verdict;
  throw new TypeError('the policy must return a decision with the verdict "allow" or "deny"');
}

export type { Facts, TrustedProxies } from './asker.ts';
export { andThen, recall } from './asker.ts';
