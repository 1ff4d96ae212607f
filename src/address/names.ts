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

/** The prefixes of each name in canonical text, IPv4 before IPv6. Policies need no more than this. */
const rows: readonly (readonly [name: string, ...prefixes: readonly string[]])[] = [
  ['loopback', '127.0.0.0/8', '::1/128'],
  ['private', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  ['unique-local', 'fc00::/7'],
  ['link-local', '169.254.0.0/16', 'fe80::/10'],
  ['shared', '100.64.0.0/10'],
  ['documentation', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
  ['multicast', '224.0.0.0/4', 'ff00::/8'],
  ['reserved', '240.0.0.0/4'],
];

/** The document of each row. */
const documents: readonly string[] = [
  'RFC 1122 §3.2.1.3, RFC 4291 §2.5.3',
  'RFC 1918 §3',
  'RFC 4193 §3.1',
  'RFC 3927 §2.1, RFC 4291 §2.5.6',
  'RFC 6598 §7',
  'RFC 5737 §3, RFC 3849 §4, RFC 9637 §3',
  'RFC 5771 §3, RFC 4291 §2.7',
  'RFC 1112 §4',
];

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
export const namedNetworks: readonly NamedNetwork[] = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ rows.map(([name, ...prefixes], index) =>
    Object.freeze({ name, prefixes: Object.freeze(prefixes), rfc: documents[index] as string }),
  ),
);

/** All names, without the `@`. */
export function networkNames(): readonly string[] {
  return rows.map(([name]) => name);
}

/** The prefixes that an entry such as `@private` names. */
export function findNetwork(entry: string): readonly string[] | undefined {
  return entry[0] === '@' ? rows.find(([name]) => entry === `@${name}`)?.slice(1) : undefined;
}
