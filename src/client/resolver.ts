/**
 * Finds the client behind proxies, from the peer of the connection and one forwarding header.
 *
 * Each proxy appends the peer that it sees to the right end of the header. So the chain is the peer, then the elements
 * of the header from right to left, and each is believed because the one before it is a trusted proxy. The walk ends
 * at the first address that is not trusted: that is the client, and anything to the left of it was written by the
 * client or by someone unknown.
 *
 * There is no number of hops to trust, because a number cannot be checked: a client that reaches the server by a
 * shorter path writes the missing hops itself.
 */

import { canonicalClient } from '../address/address.ts';
import type { EntrySource } from '../list/table.ts';
import { ListError, type Problem } from '../problem/errors.ts';
import { anything, type Kind, optionProblem, readOptions, type ValuesOf } from '../problem/options.ts';
import { describeType } from '../problem/say.ts';
import { compileSet } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import { isToken, readForwarded } from './forwarded.ts';
import { isOptionalBlank, readElement, readForwardedNode } from './hop.ts';
import { type Families, readTrusted } from './trusted.ts';

/** Which proxies to trust, and which header they write. */
export interface ClientResolverOptions {
  /**
   * The networks of your proxies, written like any list: text with one entry per line, or an iterable of items. May
   * contain named networks such as `@loopback` and `@private`. At most 100,000 entries.
   */
  readonly trusted: EntrySource;
  /**
   * The name of the header that your proxies write, in upper or lower case; `x-forwarded-for` when not given.
   *
   * `forwarded` is read as RFC 7239 says. A header whose name ends in `forwarded-for` holds a list of addresses, and
   * each proxy appends one on the right. Any other header holds one address, such as `cf-connecting-ip` or `x-real-ip`.
   */
  readonly header?: string | undefined;
  /**
   * Whether a request from a trusted peer has to have the header; `false` when not given. A request without it then has
   * no client, with the problem `missing-header`.
   *
   * A client can make some proxies drop the header (`Connection: X-Forwarded-For`). Without this option the proxy itself
   * is then taken as the client.
   */
  readonly required?: boolean | undefined;
  /** The most characters that the header may have, all its lines together; 16,384 when not given. */
  readonly maxHeaderLength?: number | undefined;
}

/**
 * What was wrong or unexpected about a request.
 *
 * - `no-peer`: the peer is not an address, as on a Unix socket. The walk has no start, and finds no client.
 * - `untrusted-peer`: the peer sent a header and is not a trusted proxy. The header was not read: the peer is the client.
 * - `malformed-header`: the walk met something that is not an address, or the header is too long. The client is not known.
 * - `all-trusted`: every address of the chain is a trusted proxy. The one at the far end is the client.
 * - `missing-header`: with `required`, a trusted proxy sent no header, or one without elements. The client is not known.
 */
export type ClientProblem =
  | 'no-peer'
  | 'untrusted-peer'
  | 'malformed-header'
  | 'all-trusted'
  | 'missing-header';

/** The client of a request. Plain frozen data. */
export interface Client {
  /**
   * Canonical text of the client's address, without a zone, and IPv4 for an IPv4-mapped address; `undefined` when
   * nobody can vouch for one. A policy denies `undefined`.
   */
  readonly address: string | undefined;
  /** Whether the address is that of the peer, or was taken from the header. */
  readonly source: 'peer' | 'header';
  /** The trusted proxies on the way, nearest first, beginning with the peer if it is one. Canonical text; frozen. */
  readonly hops: readonly string[];
  /** What was wrong or unexpected; absent when nothing was. */
  readonly problem?: ClientProblem;
}

/**
 * Finds the client from the peer of a connection and a header of the request, or its several lines. Never throws.
 */
export type ClientResolver = (
  peer: string | null | undefined,
  header: string | readonly string[] | null | undefined,
) => Client;

/** Visits the addresses of a header from right to left; `undefined` stands for something that is not an address. */
type Walk = (lines: readonly string[], visit: (address: string | undefined) => boolean) => void;

const DEFAULT_HEADER = 'x-forwarded-for';
const DEFAULT_MAX_HEADER_LENGTH = 16_384;

const headerKind: Kind<string> = (value) =>
  typeof value === 'string' && isToken(value)
    ? undefined
    : 'must be the name of one header, such as "x-forwarded-for"';

const flagKind: Kind<boolean> = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${describeType(value)}`;

const lengthKind: Kind<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 1
    ? undefined
    : 'must be a whole number of characters, 1 or more';

/** What the options of a resolver may be. */
export const resolverKinds: {
  readonly trusted: Kind<unknown>;
  readonly header: Kind<string>;
  readonly required: Kind<boolean>;
  readonly maxHeaderLength: Kind<number>;
} = { trusted: anything, header: headerKind, required: flagKind, maxHeaderLength: lengthKind };

const COMMA = ',';

/**
 * Makes the function that finds the client of a request behind trusted proxies.
 *
 * - The walk starts at the peer, goes through the header from right to left, and stops at the first address that is not
 *   trusted: the client.
 * - If the peer is not trusted, the header is not read.
 * - Anything that is not an address ends the walk without a client. `v4:port`, `[v6]` and `[v6]:port` are addresses,
 *   with ports from 1 to 65535. An address with a zone is not one. Empty elements are skipped.
 * - Without a header, the client is the peer, or nobody with `required: true`. If all addresses are trusted, the client
 *   is the leftmost one.
 *
 * @param options - the trusted proxies, and the header that they write
 * @returns a function of the peer and the header
 * @throws ListError with every bad line of `trusted` and every bad option; with `covers-everything` for a list that
 *   trusts every address, because then clients could write their own
 * @remarks Linear in the length of the header, which is bounded; reads no further left than it has to. Allocates the
 *   result, its hops, and the text of each address that it reads. RFC 7239.
 * @example
 * ```ts
 * import { createPolicy } from 'ipverdict';
 * import { createClientResolver } from 'ipverdict/client';
 *
 * const trusted = '@loopback\n10.0.0.0/8 # Load balancers';
 * const resolve = createClientResolver({ trusted, required: true });
 * const client = resolve('::ffff:127.0.0.1', '192.0.2.66, 203.0.113.9, 10.1.2.3');
 * client; // { address: '203.0.113.9', source: 'header', hops: ['127.0.0.1', '10.1.2.3'] }
 * createPolicy({ deny: '203.0.113.0/24' }).decide(client.address).verdict; // 'deny'
 *
 * resolve('203.0.113.9', '192.0.2.66').address; // '203.0.113.9'
 * resolve('203.0.113.9', '192.0.2.66').problem; // 'untrusted-peer'
 * resolve('127.0.0.1', 'unknown').address; // undefined
 * resolve('127.0.0.1', undefined).problem; // 'missing-header'
 * ```
 */
export function createClientResolver(options: ClientResolverOptions): ClientResolver {
  if (typeof options !== 'object' || options === null) {
    const message = `expected options, got ${describeType(options)}: write { trusted: list } with the networks of your proxies`;
    throw new ListError([optionProblem(message)]);
  }
  const { values, problems } = readOptions(options, resolverKinds);
  const { resolve, errors, cause } = readProxies(values);
  if (problems.length > 0 || resolve === undefined) throw new ListError([...problems, ...errors], { cause });
  return resolve;
}

/** The result of reading a resolver's options. */
interface ProxyReading {
  /** `undefined` when there are errors. */
  readonly resolve: ClientResolver | undefined;
  /** The name of the header, in lower case. */
  readonly header: string;
  /** The trusted networks of each family. */
  readonly trusted: Families | undefined;
  readonly errors: readonly Problem[];
  /** What a foreign iterator threw. */
  readonly cause: unknown;
}

/** Makes a resolver from options that have been read. */
export function readProxies(values: ValuesOf<typeof resolverKinds>): ProxyReading {
  const { maxHeaderLength = DEFAULT_MAX_HEADER_LENGTH } = values;
  const header = (values.header ?? DEFAULT_HEADER).toLowerCase();
  const { families: trusted, errors, cause } = readTrusted(values.trusted);
  const resolve =
    trusted && makeResolver(compileSet(trusted), walkOf(header), maxHeaderLength, values.required === true);
  return { resolve, header, trusted, errors, cause };
}

/** The client where no proxy is trusted: the peer alone, whatever was given as its address. */
export function clientOfPeer(peer: unknown): Client {
  const address = canonicalClient(peer);
  return clientOf(address, 'peer', [], address === undefined ? 'no-peer' : undefined);
}

function makeResolver(
  trusted: Radix,
  walk: Walk,
  maxHeaderLength: number,
  isRequired: boolean,
): ClientResolver {
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
    if (hops.length === 1)
      return isRequired
        ? clientOf(undefined, 'header', hops, 'missing-header')
        : clientOf(from, 'peer', hops);
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

/** Whether there is a header. One that throws when it is read counts as given. */
function isGiven(header: unknown): boolean {
  if (header === undefined || header === null) return false;
  try {
    return !(Array.isArray(header) && header.length === 0);
  } catch {
    return true;
  }
}

/** The lines of a header, each read once; `undefined` when they are not text, or too long. */
function readLines(header: unknown, maxLength: number): readonly string[] | undefined {
  if (typeof header === 'string') return header.length > maxLength ? undefined : [header];
  try {
    if (!Array.isArray(header)) return undefined;
    const lines: string[] = [];
    const count = header.length;
    // The length as if the lines were joined with commas.
    let length = count - 1;
    for (let index = 0; index < count && length <= maxLength; index++) {
      // Not what other code may have put on a prototype.
      const line: unknown = Object.hasOwn(header, index) ? header[index] : undefined;
      if (typeof line !== 'string') return undefined;
      length += line.length;
      lines.push(line);
    }
    return length > maxLength ? undefined : lines;
  } catch {
    // A foreign array may throw; then the header cannot be read.
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
      // lastIndexOf treats a negative position as 0.
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

/** One address and nothing else: two lines, or two addresses on one line, are malformed. */
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
