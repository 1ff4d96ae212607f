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
import { scanClient } from '../address/scanner.ts';
import type { Reason, Verdict } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError, type ProblemCode, problemOf } from '../problem/errors.ts';
import { adviceForMap, adviceForObject, eachItem, isIterable, messageOf } from '../problem/foreign.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';

/** The limits of {@link impactOf}. */
export interface ImpactOptions {
  /** The most clients in the result; 10,000 when not given, 0 for the totals alone, `Infinity` for all. */
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
const MAX_REQUESTS = 100_000_000;

/**
 * Counts the requests of a log whose verdict would change under another policy, and names their clients.
 *
 * Reads an iterable of any length once, such as the client column of yesterday's access log, and keeps only the clients
 * whose verdict changes: at most twice `maxClients` while it counts. Anything that is not an address, or not even text,
 * is counted as `invalid` and not passed to the policies, as every policy denies it.
 *
 * @param before - a policy, or anything with `decide`
 * @param after - the policy that would replace it
 * @param clients - addresses of clients, one for each request, as `decide` takes them
 * @param options - how many clients to name, and how many requests to read
 * @returns exact totals, and the affected clients
 * @throws `ListError` with `invalid-option` when the clients are not an iterable, are a single string, or are more than
 *   `maxRequests`, and when an option is wrong; with `unreadable` when the iterable throws, with the error as `cause`
 * @throws TypeError when `before` or `after` has no `decide`, or decides neither `allow` nor `deny`
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
): Impact {
  const { maxClients = MAX_CLIENTS, maxRequests = MAX_REQUESTS } = requireOptions(options, {
    maxClients: countOf('clients'),
    maxRequests: countOf('requests'),
  });
  requireDecider(before, 'before');
  requireDecider(after, 'after');
  requireIterable(clients);
  const tally = new Tally(maxClients);
  let requests = 0;
  let invalid = 0;
  // An error of a policy is not the fault of the iterable.
  let isDeciding = false;
  let isRead: boolean;
  try {
    isRead = eachItem(clients, maxRequests, (item) => {
      const client = item as string;
      isDeciding = true;
      requests++;
      if (scanClient(client) === 0) invalid++;
      else tally.add(client, outcomeOf(before, client, 'before'), outcomeOf(after, client, 'after'));
      isDeciding = false;
    });
  } catch (cause) {
    if (isDeciding) throw cause;
    const message = `the clients could not be read any further: ${messageOf(cause)}`;
    throw refusal('unreadable', message, requests + 1, cause);
  }
  if (!isRead) {
    const message = `there are more than ${maxRequests} clients: raise the option maxRequests`;
    throw refusal('invalid-option', message, requests + 1);
  }
  const { newlyAllowed, newlyDenied } = tally;
  return Object.freeze({ requests, invalid, newlyAllowed, newlyDenied, ...tally.finish() });
}

function requireDecider(policy: unknown, name: string): void {
  const isObject = (typeof policy === 'object' || typeof policy === 'function') && policy !== null;
  if (isObject && typeof (policy as Partial<Policy>).decide === 'function') return;
  throw new TypeError(`"${name}" must be a policy or have a decide function, got ${describeType(policy)}`);
}

function requireIterable(clients: unknown): void {
  if (typeof clients === 'string') {
    throw refusal(
      'invalid-option',
      'the clients are a single string: split it into an array of addresses',
      1,
    );
  }
  let pairs = '';
  try {
    pairs = adviceForMap(clients);
    if (pairs === '' && isIterable(clients)) return;
  } catch {
    // A hostile object is not iterable.
  }
  const advice = 'pass an array, or read the log into one if it arrives asynchronously';
  const why = pairs === '' ? `, got ${describeType(clients)}: ${advice}` : pairs;
  throw refusal('invalid-option', `the clients must be an iterable of addresses${why}`, 1);
}

function refusal(code: ProblemCode, message: string, line: number, cause?: unknown): ListError {
  return new ListError([problemOf({ source: 'clients', line }, code, message)], { cause });
}

/** Reads each field once: a foreign decision could give something else the second time. */
function outcomeOf(policy: Pick<Policy, 'decide'>, client: string, name: string): Outcome {
  const decision = policy.decide(client);
  const verdict: unknown = decision?.verdict;
  if (verdict === 'allow' || verdict === 'deny') return { verdict, reason: decision.reason };
  const given = `${describeType(decision)}${adviceForObject(decision)}`;
  throw new TypeError(
    `"${name}" decides neither allow nor deny about ${quote(client)}, but returns ${given}`,
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
