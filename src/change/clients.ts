/**
 * Whom a change meets: the clients of a log whose verdict is another one, most frequent first.
 *
 * The log is read once, client by client, and only clients whose verdict changes are counted by themselves. Their number
 * is bounded by the algorithm of Misra and Gries in batches: when twice as many are counted as are wanted, the count
 * behind the last wanted place is taken off all counts, and those that have nothing left are dropped. So no count is
 * ever too high, none is too low by more than all that was taken off, and whoever comes often enough is never dropped.
 */

import { identify } from '../address/address.ts';
import { scanClient } from '../address/scanner.ts';
import type { Reason, Verdict } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { ListError, type ProblemCode, problemOf } from '../problem/errors.ts';
import { adviceForMap, adviceForObject, eachItem, isIterable, messageOf } from '../problem/foreign.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { describeType, quote } from '../problem/say.ts';

/** How {@link impactOf} counts. */
export interface ImpactOptions {
  /** The most clients in the answer, 10,000 when not given; 0 for the totals alone, `Infinity` for all. */
  readonly maxClients?: number | undefined;
  /** The most requests that are read, 100,000,000 when not given; `Infinity` for no limit. */
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
  /** Canonical text of the client, without zone, IPv4 for a mapped one: all spellings of a client are one client. */
  readonly address: string;
  /** Its requests; too low by at most {@link Impact.undercount}. */
  readonly requests: number;
  /** What was decided, at the first of these requests. */
  readonly before: Outcome;
  /** What is decided now, at the first of these requests. */
  readonly after: Outcome;
}

/** What a change of policy does to the clients of a log. Plain frozen data. */
export interface Impact {
  /** Requests that were read. */
  readonly requests: number;
  /** Requests whose client is not an address; every policy denies them, so that they are not affected. */
  readonly invalid: number;
  /** Requests that are allowed now and were denied. Exact. */
  readonly newlyAllowed: number;
  /** Requests that are denied now and were allowed. Exact. */
  readonly newlyDenied: number;
  /** The clients of these requests, most frequent first, of equals the one that came first. */
  readonly clients: readonly AffectedClient[];
  /**
   * 0: `clients` are all clients affected, and their counts are exact. Otherwise there were more than `maxClients`:
   * a count may be too low by up to this number, and a client with more requests than this is in `clients` for certain.
   * It is never above (`newlyAllowed` + `newlyDenied`) / (`maxClients` + 1).
   */
  readonly undercount: number;
}

const MAX_CLIENTS = 10_000;

const MAX_REQUESTS = 100_000_000;

/**
 * Answers how many requests of a log, and which clients, get another verdict by a change of policy.
 *
 * Reads any iterable once, of any length, such as the client column of yesterday's access log, and keeps nothing of it
 * but the clients whose verdict changes: at most twice `maxClients` while it counts. What is not an address, or not
 * even text, is counted as `invalid` and not asked about, as every policy denies it.
 *
 * @param before - a policy, or anything with `decide`
 * @param after - the policy that may take its place
 * @param clients - addresses of clients, one for each request, as `decide` takes them
 * @param options - how many clients to name, and how many requests to read
 * @returns totals, which are exact, and the clients affected
 * @throws `ListError` with `invalid-option` when the clients are no iterable, are one text, or are more than
 *   `maxRequests`, and when an option is wrong; with `unreadable` when the iterable threw, which is the `cause`
 * @throws TypeError when `before` or `after` cannot decide, or decides neither `allow` nor `deny`
 * @remarks Two decisions for each request, and about one comparison more for each whose verdict changes, times log
 *   `maxClients`.
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
  // What the deciders throw is not the fault of the iterable.
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
    const message = `the clients are more than ${maxRequests}: raise the option maxRequests`;
    throw refusal('invalid-option', message, requests + 1);
  }
  const { newlyAllowed, newlyDenied } = tally;
  return Object.freeze({ requests, invalid, newlyAllowed, newlyDenied, ...tally.finish() });
}

function requireDecider(policy: unknown, name: string): void {
  const isObject = (typeof policy === 'object' || typeof policy === 'function') && policy !== null;
  if (isObject && typeof (policy as Partial<Policy>).decide === 'function') return;
  throw new TypeError(`"${name}" is a policy, or has its function decide; this is ${describeType(policy)}`);
}

function requireIterable(clients: unknown): void {
  if (typeof clients === 'string') {
    throw refusal('invalid-option', 'the clients are one text: split it into an array of addresses', 1);
  }
  let pairs = '';
  try {
    pairs = adviceForMap(clients);
    if (pairs === '' && isIterable(clients)) return;
  } catch {
    // A hostile object is not iterable.
  }
  const advice = 'give an array, or read the log into one when it comes asynchronously';
  const why = pairs === '' ? `; this is ${describeType(clients)}: ${advice}` : pairs;
  throw refusal('invalid-option', `the clients are an iterable of addresses${why}`, 1);
}

function refusal(code: ProblemCode, message: string, line: number, cause?: unknown): ListError {
  return new ListError([problemOf({ source: 'clients', line }, code, message)], { cause });
}

/** Each field is read once: a foreign decision could answer something else the second time. */
function outcomeOf(policy: Pick<Policy, 'decide'>, client: string, name: string): Outcome {
  const decision = policy.decide(client);
  const verdict: unknown = decision?.verdict;
  if (verdict === 'allow' || verdict === 'deny') return { verdict, reason: decision.reason };
  const given = `${describeType(decision)}${adviceForObject(decision)}`;
  throw new TypeError(`"${name}" decides neither allow nor deny about ${quote(client)}, but gives ${given}`);
}

interface Count {
  requests: number;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** The counts of the clients affected, in the order of their first requests. */
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
    // Twice as many, so that the work of taking off is paid for by as many clients as it drops.
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
