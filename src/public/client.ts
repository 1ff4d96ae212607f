/**
 * Finds the client behind proxies: from the peer of a connection and a forwarding header to the client's address.
 *
 * To read the code: `client/resolver.ts` walks the chain of proxies; `client/trusted.ts` reads their networks;
 * `client/forwarded.ts` has the grammar of RFC 7239; `client/hop.ts` reads one address in it; `client/diagnostics.ts`
 * warns about misconfigured proxies.
 *
 * @packageDocumentation
 */

export type {
  ProxyDiagnostics,
  ProxyDiagnosticsOptions,
  ProxyWarning,
  ProxyWarningCode,
} from '../client/diagnostics.ts';
export { createProxyDiagnostics } from '../client/diagnostics.ts';
export type { Client, ClientProblem, ClientResolver, ClientResolverOptions } from '../client/resolver.ts';
export { createClientResolver } from '../client/resolver.ts';
