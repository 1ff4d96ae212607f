/**
 * Data: the named networks that a list can contain as `@name`, each with its source.
 *
 * Taken from the IANA special-purpose address registries (RFC 6890, RFC 8190) and the multicast registries. A release
 * may only add rows; changing a row changes verdicts, which takes a major version.
 */

/** A network that a list can name: `@private` stands for its three prefixes. */
export interface NamedNetwork {
  /** The name without the `@`. */
  readonly name: string;
  /** Its prefixes in canonical text, IPv4 before IPv6. */
  readonly prefixes: readonly string[];
  /** The document that reserves the prefixes. */
  readonly rfc: string;
}

// Without this note a bundler keeps the whole table, as a call might do anything.
/* @__NO_SIDE_EFFECTS__ */
const row = (name: string, rfc: string, ...prefixes: string[]): NamedNetwork =>
  Object.freeze({ name, prefixes: Object.freeze(prefixes), rfc });

/**
 * The named networks, in a fixed order. Frozen.
 *
 * @example
 * ```ts
 * import { namedNetworks } from 'ipverdict';
 *
 * namedNetworks.find(({ name }) => name === 'shared')?.prefixes; // ['100.64.0.0/10']
 * ```
 */
export const namedNetworks: readonly NamedNetwork[] = /* @__PURE__ */ Object.freeze([
  row('loopback', 'RFC 1122 §3.2.1.3, RFC 4291 §2.5.3', '127.0.0.0/8', '::1/128'),
  row('private', 'RFC 1918 §3', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'),
  row('unique-local', 'RFC 4193 §3.1', 'fc00::/7'),
  row('link-local', 'RFC 3927 §2.1, RFC 4291 §2.5.6', '169.254.0.0/16', 'fe80::/10'),
  row('shared', 'RFC 6598 §7', '100.64.0.0/10'),
  row(
    'documentation',
    'RFC 5737 §3, RFC 3849 §4, RFC 9637 §3',
    '192.0.2.0/24',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '2001:db8::/32',
    '3fff::/20',
  ),
  row('multicast', 'RFC 5771 §3, RFC 4291 §2.7', '224.0.0.0/4', 'ff00::/8'),
  row('reserved', 'RFC 1112 §4', '240.0.0.0/4'),
]);

/** Finds a network by the text of an entry, `@` included. */
export function findNetwork(entry: string): NamedNetwork | undefined {
  if (entry[0] !== '@') return undefined;
  return namedNetworks.find(({ name }) => entry === `@${name}`);
}
