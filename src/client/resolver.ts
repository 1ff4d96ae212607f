/**
 * Who is asking, behind proxies: from the peer of the connection and one forwarding header to the client.
 *
 * Each proxy writes the peer that it sees to the right end of the header. So the chain is the peer, then the elements
 * of the header from right to left, and each is believed because the one before it is a trusted proxy. The walk ends
 * at the first address that is not trusted: that one is the client, and whatever stands to the left of it was written
 * by the client or by nobody known.
 *
 * There is no number of hops to trust, because a number cannot be checked: a client that reaches the server on a
 * shorter way writes the missing hops itself.
 */

import { canonicalClient } from '../address/address.ts';
import { readList } from '../list/reader.ts';
import type { EntrySource } from '../list/table.ts';
import { ListError, type Problem, problemOf } from '../problem/errors.ts';
import { anything, type Kind, optionProblem, readOptions, type ValuesOf } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { Coverage } from '../space/coverage.ts';
import { ListIntervals } from '../space/intervals.ts';
import { compileSet } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import { isToken, readForwarded } from './forwarded.ts';
import { isOptionalBlank, readElement, readForwardedNode } from './hop.ts';

/** Whom to believe, and where it is written. */
export interface ClientResolverOptions {
  /**
   * The networks of your proxies, written as a list is: text of many lines, or items. Named networks such as
   * `@loopback` and `@private` may stand in it. At most 100,000 entries.
   */
  readonly trusted: EntrySource;
  /**
   * The header that your proxies write, in any case; `x-forwarded-for` when not given.
   *
   * `forwarded` is read as RFC 7239 says. Headers whose name ends in `forwarded-for` hold a list of addresses, each
   * proxy adding one at the right. Every other header holds one address, such as `cf-connecting-ip` or `x-real-ip`.
   */
  readonly header?: string | undefined;
  /** The most characters that the header may have, all of its lines together; 16,384 when not given. */
  readonly maxHeaderLength?: number | undefined;
}

/**
 * What was not as it should be with a request.
 *
 * - `no-peer`: the peer is no address, as on a Unix socket. Nobody is there to start from.
 * - `untrusted-peer`: there is a header, and the peer is no trusted proxy. It was not read: the peer is the client.
 * - `malformed-header`: the walk came to something that is no address, or the header is too long. There is no client.
 * - `all-trusted`: every address of the chain is a trusted proxy. The one at the far end is the client.
 */
export type ClientProblem = 'no-peer' | 'untrusted-peer' | 'malformed-header' | 'all-trusted';

/** The client of a request. Plain frozen data. */
export interface Client {
  /**
   * Canonical text of the client's address, IPv4 for an IPv4-mapped one and without zone; `undefined` when nobody can
   * vouch for one. A policy denies `undefined`.
   */
  readonly address: string | undefined;
  /** Whether the address is that of the peer, or was taken from the header. */
  readonly source: 'peer' | 'header';
  /** The trusted proxies that were passed, nearest first: the peer itself when it is one. Canonical text; frozen. */
  readonly hops: readonly string[];
  /** What was not as it should be; absent when nothing was. */
  readonly problem?: ClientProblem;
}

/**
 * From the peer of a connection, and the header of a request or its several lines, to the client. Never throws.
 */
export type ClientResolver = (
  peer: string | null | undefined,
  header: string | readonly string[] | null | undefined,
) => Client;

/** What reads the addresses of a header: from the right end to the left. Answers `undefined` for what is none. */
type Walk = (lines: readonly string[], visit: (address: string | undefined) => boolean) => void;

const DEFAULT_HEADER = 'x-forwarded-for';

const DEFAULT_MAX_HEADER_LENGTH = 16_384;

/** Far more than the largest of the clouds has prefixes. */
const MAX_TRUSTED = 100_000;

const headerKind: Kind<string> = (value) =>
  typeof value === 'string' && isToken(value)
    ? undefined
    : 'is the name of one header, such as "x-forwarded-for"';

const lengthKind: Kind<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1
    ? undefined
    : 'is a whole number of characters, 1 or more';

/**
 * What the options of a resolver may be.
 * @internal
 */
export const resolverKinds: {
  readonly trusted: Kind<unknown>;
  readonly header: Kind<string>;
  readonly maxHeaderLength: Kind<number>;
} = { trusted: anything, header: headerKind, maxHeaderLength: lengthKind };

const COMMA = ',';

/**
 * Makes the function that finds the client of a request behind trusted proxies.
 *
 * - The walk starts at the peer and goes from right to left; it stops at the first address that is not trusted.
 * - A header from a peer that is not trusted is not read.
 * - What is no address ends the walk without a client. `v4:port`, `[v6]` and `[v6]:port` are addresses, with ports from
 *   1 to 65535. Empty elements are skipped.
 * - Without a header the client is the peer; when all are trusted, it is the left-most.
 *
 * @param options - the trusted proxies, and the header that they write
 * @returns a function of the peer and the header
 * @throws ListError with every bad line of `trusted` and every bad option; `covers-everything` for a list that
 *   trusts everyone, so that a client could write its own address
 * @remarks Linear in the length of the header, which is bounded; reads no further left than it has to. Allocates the
 *   result, its hops, and the text of each address that it reads. RFC 7239.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { createClientResolver } from 'ipverdict/client';
 *
 * const resolve = createClientResolver({ trusted: '@loopback\n10.0.0.0/8 # Load balancers' });
 * const client = resolve('::ffff:127.0.0.1', '192.0.2.66, 203.0.113.9, 10.1.2.3');
 * client; // { address: '203.0.113.9', source: 'header', hops: ['127.0.0.1', '10.1.2.3'] }
 * createPolicy({ deny: '203.0.113.0/24' }).decide(client.address).verdict; // 'deny'
 *
 * resolve('203.0.113.9', '192.0.2.66').address; // '203.0.113.9'
 * resolve('203.0.113.9', '192.0.2.66').problem; // 'untrusted-peer'
 * resolve('127.0.0.1', 'unknown').address; // undefined
 * ```
 */
export function createClientResolver(options: ClientResolverOptions): ClientResolver {
  if (typeof options !== 'object' || options === null) {
    const message = `write { trusted: list } with the networks of your proxies; this is ${describeType(options)}`;
    throw new ListError([optionProblem(message)]);
  }
  const { values, problems } = readOptions(options, resolverKinds);
  const { resolve, errors, cause } = readProxies(values);
  if (problems.length > 0 || resolve === undefined) throw new ListError([...problems, ...errors], { cause });
  return resolve;
}

/** What the options of a resolver have become. */
export interface ProxyReading {
  /** `undefined` when there are errors. */
  readonly resolve: ClientResolver | undefined;
  /** The name of the header, in lower case. */
  readonly header: string;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/**
 * The resolver, with the options as they were read.
 * @internal
 */
export function readProxies(values: ValuesOf<typeof resolverKinds>): ProxyReading {
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH } = values;
  const header = (values.header ?? DEFAULT_HEADER).toLowerCase();
  const { set, errors, cause } = readTrusted(values.trusted);
  const resolve = set && makeResolver(set, walkOf(header), maxHeaderLength);
  return { resolve, header, errors, cause };
}

function makeResolver(trusted: Radix, walk: Walk, maxHeaderLength: number): ClientResolver {
  return (peer, given) => {
    const from = canonicalClient(peer);
    if (from === undefined) return clientOf(undefined, 'peer', [], 'no-peer');
    if (findLabel(trusted, from) <= 0)
      return clientOf(from, 'peer', [], isGiven(given) ? 'untrusted-peer' : undefined);
    const hops = [from];
    const lines = isGiven(given) ? readLines(given, maxHeaderLength) : [];
    if (lines === undefined) return clientOf(undefined, 'header', hops, 'malformed-header');
    let found: Client | undefined;
    walk(lines, (address) => {
      if (address === undefined) found = clientOf(undefined, 'header', hops, 'malformed-header');
      else if (findLabel(trusted, address) > 0) hops.push(address);
      else found = clientOf(address, 'header', hops);
      return found === undefined;
    });
    if (found !== undefined) return found;
    if (hops.length === 1) return clientOf(from, 'peer', hops);
    return clientOf(hops.pop(), 'header', hops, 'all-trusted');
  };
}

function clientOf(
  address: string | undefined,
  source: Client['source'],
  hops: readonly string[],
  problem?: ClientProblem,
): Client {
  Object.freeze(hops);
  return Object.freeze(
    problem === undefined ? { address, source, hops } : { address, source, hops, problem },
  );
}

/** Whether there is a header; one that cannot be asked is there. */
function isGiven(header: unknown): boolean {
  if (header === undefined || header === null) return false;
  try {
    return !(Array.isArray(header) && header.length === 0);
  } catch {
    return true;
  }
}

/** The lines of a header, each read once; `undefined` when they are no text, or too long. */
function readLines(header: unknown, maxLength: number): readonly string[] | undefined {
  if (typeof header === 'string') return header.length > maxLength ? undefined : [header];
  try {
    if (!Array.isArray(header)) return undefined;
    const lines: string[] = [];
    const count = header.length;
    // As if the lines were joined by commas.
    let length = count - 1;
    for (let index = 0; index < count && length <= maxLength; index++) {
      const line: unknown = header[index];
      if (typeof line !== 'string') return undefined;
      length += line.length;
      lines.push(line);
    }
    return length > maxLength ? undefined : lines;
  } catch {
    // A foreign array may throw; a header that cannot be read says nothing.
    return undefined;
  }
}

/** How a header is read, by its name. */
function walkOf(header: string): Walk {
  if (header === 'forwarded') return walkForwarded;
  return header.endsWith('forwarded-for') ? walkList : walkSingle;
}

const walkList: Walk = (lines, visit) => {
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index] as string;
    for (let end = line.length; end >= 0; ) {
      // lastIndexOf takes a negative place for 0.
      const comma = end === 0 ? -1 : line.lastIndexOf(COMMA, end - 1);
      const element = trim(line, comma + 1, end);
      if (element !== '' && !visit(readElement(element))) return;
      end = comma;
    }
  }
};

const walkForwarded: Walk = (lines, visit) => {
  for (let index = lines.length - 1; index >= 0; index--) {
    const nodes = readForwarded(lines[index] as string);
    if (nodes === undefined) {
      visit(undefined);
      return;
    }
    for (let at = nodes.length - 1; at >= 0; at--) if (!visit(readForwardedNode(nodes[at] as string))) return;
  }
};

/** One address and nothing else: two lines, or two addresses in one, are none. */
const walkSingle: Walk = (lines, visit) => {
  const values = lines.map((line) => trim(line, 0, line.length)).filter((value) => value !== '');
  if (values.length > 0) visit(values.length === 1 ? readElement(values[0] as string) : undefined);
};

function trim(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isOptionalBlank(text.charCodeAt(start))) start++;
  while (end > start && isOptionalBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

interface TrustedReading {
  readonly set: Radix | undefined;
  readonly errors: readonly Problem[];
  readonly cause: unknown;
}

function readTrusted(source: unknown): TrustedReading {
  if (typeof source === 'boolean' || typeof source === 'number') {
    const message = `trusted is the list of your proxies' networks, not ${describeType(source)}: that everyone is a proxy, or so many are, cannot be checked`;
    return { set: undefined, errors: [optionProblem(message)], cause: undefined };
  }
  const intervals = new ListIntervals();
  const reading = readList(source, { list: 'exempt', maxEntries: MAX_TRUSTED, intervals });
  const { table, errors, warnings, cause } = reading;
  const found: Problem[] = errors.map((problem) => {
    const isLimit = problem.code === 'too-many-entries';
    const message = isLimit
      ? `trusted has at most ${MAX_TRUSTED} entries: write wider networks`
      : problem.message;
    return Object.freeze({ ...problem, source: 'trusted', message });
  });
  const why = 'who trusts every address lets clients write their own: name the networks of your proxies';
  warnings.forEach((code, index) => {
    if (code !== 'covers-everything') return;
    found.push(problemOf({ ...table.place(index), source: 'trusted' }, code, why));
  });
  // Halves, or ranges that touch, are a whole together.
  const families = intervals.sort();
  if (found.length === 0 && families.some((family) => new Coverage(family).isEverything)) {
    const message = `together these entries are all addresses: ${why}`;
    found.push(problemOf('trusted', 'covers-everything', message));
  }
  if (found.length > 0) return { set: undefined, errors: found, cause };
  return { set: compileSet(families), errors: found, cause };
}
