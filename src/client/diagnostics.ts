/**
 * Proxies that are not set up as they should be, made visible: the first request that shows a mistake gives one
 * warning, and no later one does.
 */

import { readEntry } from '../address/entry.ts';
import { consoleOfRuntime, isThenable, reportOnConsole } from '../problem/foreign.ts';
import { callable, requireOptions } from '../problem/options.ts';
import { ListIntervals } from '../space/intervals.ts';
import { compileSet } from '../tree/build.ts';
import { findLabel } from '../tree/find.ts';
import type { Radix } from '../tree/radix.ts';
import type { Client } from './resolver.ts';

/**
 * What a request showed about the proxies. Each has a heading in `docs/guides/behind-a-proxy.md`, and never changes its
 * meaning.
 */
export type ProxyWarningCode =
  | 'no-peer'
  | 'untrusted-peer'
  | 'malformed-header'
  | 'all-trusted'
  | 'private-client'
  | 'missing-header';

/** One warning about the set-up of proxies. Plain frozen data, without any address. */
export interface ProxyWarning {
  /** What was seen, in kebab-case; stable. */
  readonly code: ProxyWarningCode;
  /** What it may mean and what to look at, as one English sentence. */
  readonly message: string;
  /** The heading of the documentation about it: a file of the package, and an anchor in it. */
  readonly documentation: string;
}

/** Where the warnings go. */
export interface ProxyDiagnosticsOptions {
  /** Takes each warning, once; `console.warn` with its text when not given. */
  readonly warn?: ((warning: ProxyWarning) => unknown) | undefined;
}

/** Looks at a client and hands it back; the first client that shows a mistake gives a warning. */
export type ProxyDiagnostics = (client: Client) => Client;

const sentences: Record<ProxyWarningCode, string> = {
  'no-peer': 'a connection had no peer address, as on a Unix socket, so that its request has no client',
  'untrusted-peer':
    'a request with a forwarding header came from a peer that is no trusted proxy: if that is your proxy, add its network to "trusted"; if clients can reach this server directly, all is well',
  'malformed-header':
    'a trusted proxy handed on a forwarding header that cannot be read up to the client, so that its request has no client: is the option "header" the one that your proxy writes?',
  'all-trusted':
    'every address of a request was a trusted proxy, so that the one at the far end was taken for the client: is "trusted" wider than your proxies?',
  'private-client':
    'the client behind the proxies had a private address: if that is another proxy of yours, add its network to "trusted"',
  'missing-header':
    'a request from a trusted proxy had no forwarding header, so that the proxy itself was taken for the client: does it write the header that the option "header" names?',
};

const DOCUMENT = 'docs/guides/behind-a-proxy.md';

const privateNetworks = ['@loopback', '@private', '@unique-local', '@link-local', '@shared'] as const;

/**
 * Makes a function that looks at every client that a resolver finds, and warns once about each kind of mistake.
 *
 * It changes nothing: the client is handed back as it is.
 *
 * @param options - where the warnings go
 * @returns a function that takes and returns a client
 * @throws ListError with `invalid-option`
 * @remarks What `warn` throws reaches the caller, once; a promise of its that is rejected is told to `console.error`. Six warnings at most; holds nothing of the clients.
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

/**
 * The diagnostics, with the option as it was read.
 * @internal
 */
export function diagnose(warn: (warning: ProxyWarning) => unknown = warnOnConsole): ProxyDiagnostics {
  const privates = compilePrivate();
  const seen = new Set<ProxyWarningCode>();
  return (client) => {
    const code = codeOf(client, privates);
    if (code === undefined || seen.has(code)) return client;
    // First, so that whatever the function does, it does so once.
    seen.add(code);
    const given = warn(
      Object.freeze({ code, message: sentences[code], documentation: `${DOCUMENT}#${code}` }),
    );
    // The client is not kept waiting, and a promise that is rejected must not end the process.
    if (isThenable(given)) {
      Promise.resolve(given).then(undefined, (error) =>
        reportOnConsole('a warning about proxies was not taken', error),
      );
    }
    return client;
  };
}

function compilePrivate(): Radix {
  const intervals = new ListIntervals();
  for (const name of privateNetworks) readEntry(name, 0, name.length, () => intervals.add(0, true));
  return compileSet(intervals.sort());
}

function codeOf(client: Client, privates: Radix): ProxyWarningCode | undefined {
  const { address, source, hops, problem } = client;
  if (problem !== undefined) return problem;
  if (source === 'header') return findLabel(privates, address) > 0 ? 'private-client' : undefined;
  return hops.length > 0 ? 'missing-header' : undefined;
}

function warnOnConsole({ code, message, documentation }: ProxyWarning): void {
  consoleOfRuntime().warn(`ipverdict: ${message} (${code}, see ${documentation})`);
}
