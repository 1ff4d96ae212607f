/**
 * Which entries of a list are in use: the requests of a log by the entry that decides about them.
 */

import { type Entry, EntryTable } from '../list/table.ts';
import type { Policy } from '../policy/policy.ts';
import { requireLists } from '../policy/verdicts.ts';
import { countOf, requireOptions } from '../problem/options.ts';
import { findLabel } from '../tree/find.ts';
import { DistinctClients } from './distinct.ts';
import { type LogReader, MAX_REQUESTS, readLog } from './log.ts';

/** The limits of {@link usageOf}. */
export interface UsageOptions {
  /** The most clients to tell apart exactly; 100,000 when not given, `Infinity` for all, up to 16,000,000. */
  readonly maxClients?: number | undefined;
  /** The most requests to read; 100,000,000 when not given, `Infinity` for no limit. */
  readonly maxRequests?: number | undefined;
}

/** What a log asked of an entry. */
export interface EntryUsage {
  /** An entry of the active list or of the exemptions. */
  readonly entry: Entry;
  /** The requests that it decides, exactly; 0 for one that decides none. */
  readonly requests: number;
  /** The different clients of these requests; all spellings of a client count as one. See {@link Usage.clientsError}. */
  readonly clients: number;
}

/** The requests of a log by entry. Plain frozen data. */
export interface Usage {
  /** The number of requests that were read: those of all entries, `invalid` and `unlisted` together. */
  readonly requests: number;
  /** Requests whose client is not an address. */
  readonly invalid: number;
  /** Requests that no entry decides, with the reasons `not-listed` and `empty-list`. */
  readonly unlisted: number;
  /**
   * Every entry of the active list, or of all rules, and of the exemptions, most requests first. Ties keep the order of
   * the lists, in which the exemptions are the last.
   */
  readonly entries: readonly EntryUsage[];
  /**
   * If 0, the `clients` of every entry are exact. Otherwise there were more than `maxClients`, and they are estimates:
   * this is their typical error as a part of each, such as 0.03.
   */
  readonly clientsError: number;
}

const MAX_CLIENTS = 100_000;

/**
 * Counts the requests of a log by the entry that decides about them, also for entries that decide about none.
 *
 * Of the entries that cover a client, the most specific one decides, and ties go to the first. So an entry without
 * requests is not always superfluous. An exemption comes before all entries of the active list.
 *
 * Reads an iterable of any length once. An asynchronous one gives a promise, and every error rejects it. What is iterable
 * both ways is read at once. An iterator is closed when reading ends early.
 *
 * @param policy - a policy from `createPolicy` or `createRules`
 * @param clients - addresses of clients, one for each request, as `decide` takes them
 * @param options - how many clients to tell apart exactly, and how many requests to read
 * @returns every entry with its requests and clients; a promise of them for an asynchronous iterable
 * @throws `ListError` with `invalid-option` when the clients are not an iterable, are a single string, or are more than
 *   `maxRequests`, and when an option is wrong; with `unreadable` when the iterable throws, with the error as `cause`
 * @throws TypeError when the policy was not made by this package
 * @remarks A decision and a lookup for each request. Memory for `maxClients` texts, and beyond that for at most 1,024
 *   bytes an entry, about 16 MiB in all, or 16 bytes an entry for lists of a million and more.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { usageOf } from 'ipverdict/list';
 *
 * const policy = createPolicy({ deny: '203.0.113.0/24 # Scanners\n198.51.100.7 # 2019' });
 * const { entries, unlisted } = usageOf(policy, ['203.0.113.9', '203.0.113.9', '203.0.113.8', '192.0.2.1']);
 * entries.map(({ entry, requests, clients }) => `${entry.note}: ${requests} of ${clients}`); // ['Scanners: 3 of 2', '2019: 0 of 0']
 * unlisted; // 1
 * ```
 */
export function usageOf(policy: Policy, clients: Iterable<string>, options?: UsageOptions): Usage;
export function usageOf(
  policy: Policy,
  clients: AsyncIterable<string>,
  options?: UsageOptions,
): Promise<Usage>;
export function usageOf(
  policy: Policy,
  clients: Iterable<string> | AsyncIterable<string>,
  options?: UsageOptions,
): Usage | Promise<Usage>;
export function usageOf(policy: Policy, clients: unknown, options?: UsageOptions): Usage | Promise<Usage> {
  return readLog(clients, (): LogReader<Usage> => {
    const { maxClients = MAX_CLIENTS, maxRequests = MAX_REQUESTS } = requireOptions(options, {
      maxClients: countOf('clients'),
      maxRequests: countOf('requests'),
    });
    const { radix, exempt, active } = requireLists(policy, 'policy', 'usageOf');
    // Without its entries, a policy has none to count for, however many it says that it was made of.
    const hasEntries = active instanceof EntryTable || active.tables.length > 0;
    const size = hasEntries ? exempt.size + active.size : 0;
    const hits = new Float64Array(size);
    const distinct = new DistinctClients(size, maxClients);
    let unlisted = 0;
    return {
      maxRequests,
      add(client) {
        // Labels count from 1, the exemptions first.
        const at = findLabel(radix, client) - 1;
        if (at < 0) {
          unlisted++;
          return;
        }
        hits[at] = (hits[at] as number) + 1;
        distinct.add(client, at);
      },
      finish(requests, invalid) {
        const exemptions = exempt.size;
        const entries: EntryUsage[] = [];
        const push = (table: Pick<EntryTable, 'entry'>, index: number, before: number): void => {
          const entry = table.entry(index);
          // A policy that was stored without its entries has none to show.
          if (entry === undefined) return;
          const at = before + index;
          entries.push(Object.freeze({ entry, requests: hits[at] as number, clients: distinct.count(at) }));
        };
        const inOrder = active instanceof EntryTable ? Array(active.size).keys() : active.inOrder();
        for (const index of inOrder) push(active, index, exemptions);
        for (let index = 0; index < exemptions; index++) push(exempt, index, 0);
        entries.sort((left, right) => right.requests - left.requests);
        const clientsError = distinct.error;
        return Object.freeze({ requests, invalid, unlisted, entries: Object.freeze(entries), clientsError });
      },
    };
  });
}
