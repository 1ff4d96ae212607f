/**
 * Makes misconfigured proxies visible: the first request that shows a mistake causes a warning, and later ones do not.
 */

import { readEntry } from '../address/entry.ts';
import { consoleOfRuntime, isThenable, reportOnConsole } from '../problem/foreign.ts';
import { callable, requireOptions } from '../problem/options.ts';
import { fill } from '../problem/say.ts';
import { ListIntervals } from '../space/intervals.ts';
import { compileSet } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import type { Client } from './resolver.ts';

/**
 * What a request showed about the proxies. Each code has a heading in `docs/guides/behind-a-proxy.md` and never changes
 * its meaning.
 */
export type ProxyWarningCode =
  | 'no-peer'
  | 'untrusted-peer'
  | 'malformed-header'
  | 'all-trusted'
  | 'private-client'
  | 'missing-header'
  | 'proxy-allowed'
  | 'proxy-unconfigured';

/** A warning about how proxies are set up. Plain frozen data, without any address. */
export interface ProxyWarning {
  /** What was seen, in kebab-case; stable. */
  readonly code: ProxyWarningCode;
  /** One English sentence: what it may mean, and what to check. */
  readonly message: string;
  /** Where it is documented: a file of the package, and an anchor in it. */
  readonly documentation: string;
}

/** Where the warnings go. */
export interface ProxyDiagnosticsOptions {
  /** Called with each warning, once per code; prints its text with `console.warn` when not given. */
  readonly warn?: ((warning: ProxyWarning) => unknown) | undefined;
}

/** Looks at a client and returns it; the first client that shows a mistake causes a warning. */
export type ProxyDiagnostics = (client: Client) => Client;

const sentences: Record<ProxyWarningCode, string> = {
  'no-peer': 'a connection had no peer address, as on a Unix socket, so its request has no client',
  'untrusted-peer':
    'a request with a forwarding header came from a peer that is not a trusted proxy: if that is your proxy, add its network to "trusted"; if clients can reach this server directly, all is well',
  'malformed-header':
    'a trusted proxy passed on a forwarding header that cannot be read as far as the client, so its request has no client: is the option "header" the one that your proxy writes?',
  'all-trusted':
    'every address of a request was a trusted proxy, so the one at the far end was taken as the client: is "trusted" wider than your proxies?',
  'private-client':
    'the client behind the proxies had a private address: if that is another proxy of yours, add its network to "trusted"',
  'missing-header':
    'a request from a trusted proxy had no forwarding header, so the proxy itself was taken as the client, or nobody where the header is required: does it write the header that the option "header" names?',
  'proxy-allowed':
    'the policy lets an address in "trusted" in: a client that makes a proxy drop the header, as "Connection: X-Forwarded-For" does with some, is taken for that proxy and gets in: write required: true beside "trusted", or make the policy deny the networks of your proxies',
  'proxy-unconfigured':
    'a request carried X-Forwarded-For or Forwarded, and no option "client" says who is asking, so the list is checked against the peer of the connection, and behind a proxy every client has the address of the proxy: write client: { trusted: list, required: true } with the networks of your proxies; if clients reach this server directly, say so with client: %',
};

const DOCUMENT = 'docs/guides/behind-a-proxy.md';

const privateNetworks = ['@loopback', '@private', '@unique-local', '@link-local', '@shared'] as const;

/**
 * Makes a function that looks at every client that a resolver finds, and warns once about each kind of mistake.
 *
 * It returns each client unchanged.
 *
 * @param options - where the warnings go
 * @returns a function that takes and returns a client
 * @throws ListError with `invalid-option`
 * @remarks Warns six times at most, once per code: `proxy-allowed` and `proxy-unconfigured` are warnings of the adapters. If `warn` throws, the error reaches the caller; if it returns a
 *   promise that rejects, the error goes to `console.error`. Keeps nothing about the clients.
 * @example
 * ```ts
 * import { createClientResolver, createProxyDiagnostics } from 'ipverdict/client';
 *
 * const seen: string[] = [];
 * const resolve = createClientResolver({ trusted: '10.0.0.0/8' });
 * const diagnose = createProxyDiagnostics({ warn: ({ code, documentation }) => seen.push(`${code} ${documentation}`) });
 *
 * diagnose(resolve('192.0.2.1', '203.0.113.9')).address; // '192.0.2.1'
 * diagnose(resolve('192.0.2.1', '203.0.113.9')).problem; // 'untrusted-peer'
 * seen; // ['untrusted-peer docs/guides/behind-a-proxy.md#untrusted-peer']
 * ```
 */
export function createProxyDiagnostics(options?: ProxyDiagnosticsOptions): ProxyDiagnostics {
  return diagnose(requireOptions(options, { warn: callable }).warn);
}

/** Makes the diagnostics from an option that has been read. */
export function diagnose(warn?: ((warning: ProxyWarning) => unknown) | undefined): ProxyDiagnostics {
  const privates = compilePrivate();
  const seen = new Set<ProxyWarningCode>();
  return (client) => {
    const code = codeOf(client, privates);
    if (code === undefined || seen.has(code)) return client;
    // Before the call, so that the function is called only once, whatever it does.
    seen.add(code);
    warnOf(code, warn);
    return client;
  };
}

/** Gives one warning; `part` fills its sentence. */
export function warnOf(
  code: ProxyWarningCode,
  warn: (warning: ProxyWarning) => unknown = warnOnConsole,
  part = '',
): void {
  const message = fill(sentences[code], part);
  const given = warn(Object.freeze({ code, message, documentation: `${DOCUMENT}#${code}` }));
  // Nobody waits for it, and a promise that rejects must not end the process.
  if (isThenable(given)) {
    Promise.resolve(given).then(undefined, (error) =>
      reportOnConsole('a warning about proxies was not delivered', error),
    );
  }
}

function compilePrivate(): Radix {
  const intervals = new ListIntervals();
  for (const name of privateNetworks) readEntry(name, 0, name.length, () => intervals.add(0, true));
  return compileSet(intervals.sort());
}

function codeOf(client: Client, privates: Radix): ProxyWarningCode | undefined {
  const { address, source, hops } = client;
  // Absent when nothing was wrong, and then nothing on a prototype stands for it.
  if (Object.hasOwn(client, 'problem')) return client.problem;
  if (source === 'header') return findLabel(privates, address) > 0 ? 'private-client' : undefined;
  return hops.length > 0 ? 'missing-header' : undefined;
}

function warnOnConsole({ code, message, documentation }: ProxyWarning): void {
  consoleOfRuntime().warn(`ipverdict: ${message} (${code}, see ${documentation})`);
}
