/**
 * Who is affected by a change: the clients of a log whose verdict changes, most frequent first.
 *
 * The log is read once, client by client, and only clients whose verdict changes get a count each. Their number is
 * bounded by the algorithm of Misra and Gries in batches: when more than twice as many are counted as are wanted, the
 * first count after the wanted places is subtracted from all counts, and clients with nothing left are dropped. So no
 * count is ever too high, none is too low by more than the sum of what was subtracted, and a client that comes often
 * enough is never dropped.
 */

import { identify } from '../address/address.ts';
import { currentOf } from '../policy/current.ts';
import type { Reason, Verdict } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { adviceForObject, messageOf } from '../problem/foreign.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';
import { type LogReader, MAX_REQUESTS, readLog } from './log.ts';

/** The limits of {@link impactOf}. */
export interface ImpactOptions {
  /**
   * The most clients in the result; 10,000 when not given, 0 for the totals alone, `Infinity` for all, up to 8,000,000.
   */
  readonly maxClients?: number | undefined;
  /** The most requests to read; 100,000,000 when not given, `Infinity` for no limit. */
  readonly maxRequests?: number | undefined;
}

/** What one of the two policies says about a client. */
export interface Outcome {
  /** What happens to the client. */
  readonly verdict: Verdict;
  /** Which row of the decision table applied. */
  readonly reason: Reason;
}

/** A client whose verdict changes. */
export interface AffectedClient {
  /** Canonical text without a zone, IPv4 for an IPv4-mapped address: all spellings of a client count as one. */
  readonly address: string;
  /** The number of its requests; too low by at most {@link Impact.undercount}. */
  readonly requests: number;
  /** What the policy `before` decided about the first of these requests. */
  readonly before: Outcome;
  /** What the policy `after` decided about the first of these requests. */
  readonly after: Outcome;
}

/** What a change of policy does to the clients of a log. Plain frozen data. */
export interface Impact {
  /** The number of requests that were read. */
  readonly requests: number;
  /** Requests whose client is not an address. Every policy denies them, so they are not affected. */
  readonly invalid: number;
  /** Requests that were denied and are now allowed. Exact. */
  readonly newlyAllowed: number;
  /** Requests that were allowed and are now denied. Exact. */
  readonly newlyDenied: number;
  /** The clients of these requests, most frequent first; ties go to the one that came first. */
  readonly clients: readonly AffectedClient[];
  /**
   * If 0, `clients` has every affected client, with an exact count. Otherwise there were more than `maxClients`: a
   * count may be too low by up to this number, and every affected client with more requests than this is in `clients`.
   * Never above (`newlyAllowed` + `newlyDenied`) / (`maxClients` + 1).
   */
  readonly undercount: number;
}

const MAX_CLIENTS = 10_000;
/** A Map holds little more than twice as many. */
const MOST_CLIENTS = 8_000_000;

/**
 * Counts the requests of a log whose verdict would change under another policy, and names their clients.
 *
 * Reads an iterable of any length once, such as the client column of yesterday's access log, and keeps only the clients
 * whose verdict changes: at most twice `maxClients` while it counts. Anything that is not an address, or not even text,
 * is counted as `invalid` and not passed to the policies, as every policy denies it.
 *
 * An asynchronous iterable, such as the lines of a stream, gives a promise, and every error rejects it. What is iterable
 * both ways is read at once. An iterator is closed when reading ends early.
 *
 * @param before - a policy, or anything with `decide`
 * @param after - the policy that would replace it
 * @param clients - addresses of clients, one for each request, as `decide` takes them
 * @param options - how many clients to name, and how many requests to read
 * @returns exact totals, and the affected clients; a promise of them for an asynchronous iterable
 * @throws `ListError` with `invalid-option` when the clients are not an iterable, are a single string, or are more than
 *   `maxRequests`, and when an option is wrong; with `unreadable` when the iterable throws, with the error as `cause`
 * @throws TypeError when `before` or `after` has no `decide`, decides neither `allow` nor `deny`, or gives a decision
 *   that cannot be read, with what that threw as `cause`; what `decide` itself throws passes through
 * @remarks Two decisions for each request, plus about log `maxClients` comparisons for each request whose verdict
 *   changes.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { impactOf } from 'ipverdict/list';
 *
 * const before = createPolicy({ deny: '203.0.113.0/24' });
 * const after = createPolicy({ deny: '203.0.113.0/25\n198.51.100.7' });
 * const log = ['203.0.113.200', '198.51.100.7', '::ffff:198.51.100.7', '192.0.2.1', '-'];
 * const { requests, newlyAllowed, newlyDenied, clients } = impactOf(before, after, log);
 * [requests, newlyAllowed, newlyDenied]; // [5, 1, 2]
 * clients.map(({ address, requests, after }) => `${address} ${requests} ${after.verdict}`); // ['198.51.100.7 2 deny', '203.0.113.200 1 allow']
 * ```
 */
export function impactOf(
  before: Pick<Policy, 'decide'>,
  after: Pick<Policy, 'decide'>,
  clients: Iterable<string>,
  options?: ImpactOptions,
): Impact;
export function impactOf(
  before: Pick<Policy, 'decide'>,
  after: Pick<Policy, 'decide'>,
  clients: AsyncIterable<string>,
  options?: ImpactOptions,
): Promise<Impact>;
export function impactOf(
  before: Pick<Policy, 'decide'>,
  after: Pick<Policy, 'decide'>,
  clients: Iterable<string> | AsyncIterable<string>,
  options?: ImpactOptions,
): Impact | Promise<Impact>;
export function impactOf(
  before: Pick<Policy, 'decide'>,
  after: Pick<Policy, 'decide'>,
  clients: unknown,
  options?: ImpactOptions,
): Impact | Promise<Impact> {
  return readLog(clients, (): LogReader<Impact> => {
    const { maxClients = MAX_CLIENTS, maxRequests = MAX_REQUESTS } = requireOptions(options, {
      maxClients: countOf('clients'),
      maxRequests: countOf('requests'),
    });
    const decideBefore = requireDecider(before, 'before');
    const decideAfter = requireDecider(after, 'after');
    const tally = new Tally(Math.min(maxClients, MOST_CLIENTS));
    return {
      maxRequests,
      add: (client) => tally.add(client, decideBefore(client), decideAfter(client)),
      finish: (requests, invalid) => {
        const { newlyAllowed, newlyDenied } = tally;
        return Object.freeze({ requests, invalid, newlyAllowed, newlyDenied, ...tally.finish() });
      },
    };
  });
}

type Decider = (client: string) => Outcome;

function requireDecider(given: unknown, name: string): Decider {
  const policy = currentOf(given);
  const isObject = (typeof policy === 'object' || typeof policy === 'function') && policy !== null;
  let decide: unknown;
  try {
    decide = isObject ? (policy as Partial<Policy>).decide : undefined;
  } catch (cause) {
    throw new TypeError(`the decide function of "${name}" could not be read: ${messageOf(cause)}`, { cause });
  }
  if (typeof decide !== 'function') {
    throw new TypeError(`"${name}" must be a policy or have a decide function, got ${describeType(policy)}`);
  }
  return (client) => outcomeOf(Reflect.apply(decide, policy, [client]), client, name);
}

/** Reads each field once: a foreign decision could give something else the second time. */
function outcomeOf(decision: Outcome | undefined, client: string, name: string): Outcome {
  let advice: string;
  try {
    const verdict: unknown = decision?.verdict;
    if (verdict === 'allow' || verdict === 'deny') return { verdict, reason: (decision as Outcome).reason };
    advice = adviceForObject(decision);
  } catch (cause) {
    const message = `what "${name}" decides about ${quote(client)} could not be read: ${messageOf(cause)}`;
    throw new TypeError(message, { cause });
  }
  throw new TypeError(
    `"${name}" decides neither allow nor deny about ${quote(client)}, but returns ${describeType(decision)}${advice}`,
  );
}

interface Count {
  requests: number;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** The counts of the affected clients, in the order of their first requests. */
class Tally {
  newlyAllowed = 0;
  newlyDenied = 0;
  readonly #maxClients: number;
  readonly #counts: Map<string, Count> = new Map();
  #takenOff = 0;

  constructor(maxClients: number) {
    this.#maxClients = maxClients;
  }

  add(client: string, before: Outcome, after: Outcome): void {
    if (before.verdict === after.verdict) return;
    if (after.verdict === 'allow') this.newlyAllowed++;
    else this.newlyDenied++;
    const address = identify(client).address as string;
    const count = this.#counts.get(address);
    if (count !== undefined) {
      count.requests++;
      return;
    }
    this.#counts.set(address, { requests: 1, before: Object.freeze(before), after: Object.freeze(after) });
    // Only past twice as many, so that each pass over the counts drops at least half of them.
    if (this.#counts.size > 2 * this.#maxClients) this.#takeOff();
  }

  finish(): Pick<Impact, 'clients' | 'undercount'> {
    const ranked = [...this.#counts].sort(([, left], [, right]) => right.requests - left.requests);
    const leftOut = ranked[this.#maxClients]?.[1].requests ?? 0;
    const clients = ranked
      .slice(0, this.#maxClients)
      .map(([address, { requests, before, after }]) => Object.freeze({ address, requests, before, after }));
    return { clients: Object.freeze(clients), undercount: this.#takenOff + leftOut };
  }

  #takeOff(): void {
    const requests = Float64Array.from(this.#counts.values(), (count) => count.requests).sort();
    const least = requests[requests.length - 1 - this.#maxClients] as number;
    this.#takenOff += least;
    for (const [address, count] of this.#counts) {
      count.requests -= least;
      if (count.requests <= 0) this.#counts.delete(address);
    }
  }
}
